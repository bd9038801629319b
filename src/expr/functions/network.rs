//! Functions of IP address prefixes.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use mpctl_provider::{Type, Value};

use super::signature::{Fault, Function, Kind, Parameter, Returns, quoted, text, whole};
use crate::expr::EvalContext;

const PREFIX: Parameter = Parameter::new("prefix", Kind::String);
const STRING: Returns = Returns::Kind(Kind::String);

type Outcome = Result<Value, Fault>;

/// Every function of this family.
pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        name: "cidrhost",
        parameters: &[PREFIX, Parameter::new("hostnum", Kind::Number)],
        variadic: None,
        returns: STRING,
        body: host,
    },
    Function {
        name: "cidrnetmask",
        parameters: &[PREFIX],
        variadic: None,
        returns: STRING,
        body: netmask,
    },
    Function {
        name: "cidrsubnet",
        parameters: &[
            PREFIX,
            Parameter::new("newbits", Kind::Number),
            Parameter::new("netnum", Kind::Number),
        ],
        variadic: None,
        returns: STRING,
        body: subnet,
    },
    Function {
        name: "cidrsubnets",
        parameters: &[PREFIX],
        variadic: Some(Parameter::new("newbits", Kind::Number)),
        returns: Returns::Kind(Kind::List(&Kind::String)),
        body: subnets,
    },
];

/// An address prefix: its bits, aligned to the right, and how many of them count.
#[derive(Clone, Copy)]
struct Prefix {
    bits: u128,
    length: u32,
    width: u32,
}

impl Prefix {
    fn read(arguments: &[Value]) -> Result<Prefix, Fault> {
        let written = text(arguments, 0);
        let wrong = || {
            quoted(0, "", written, " is no address prefix")
                .hint("write it as 10.0.0.0/8 or fd00::/48")
        };
        let (address, length) = written.split_once('/').ok_or_else(wrong)?;
        let (bits, width) = match without_leading_zeros(address).parse().map_err(|_| wrong())? {
            IpAddr::V4(address) => (u128::from(address.to_bits()), 32),
            IpAddr::V6(address) => (address.to_bits(), 128),
        };
        let is_number = length.bytes().all(|b| b.is_ascii_digit()) && length.len() <= 3;
        let length = length.parse().ok().filter(|length| is_number && *length <= width);
        let length = length.ok_or_else(wrong)?;
        Ok(Prefix { bits, length, width }.network())
    }

    /// A mask of so many low bits.
    fn low(count: u32) -> u128 {
        1u128.checked_shl(count).map_or(u128::MAX, |bit| bit - 1)
    }

    /// The same with the bits after the prefix cleared.
    fn network(self) -> Prefix {
        Prefix { bits: self.bits & !Prefix::low(self.width - self.length), ..self }
    }

    fn address(self, bits: u128) -> IpAddr {
        match self.width {
            32 => IpAddr::V4(Ipv4Addr::from_bits(bits as u32)),
            _ => IpAddr::V6(Ipv6Addr::from_bits(bits)),
        }
    }

    fn show(self) -> Value {
        Value::string(format!("{}/{}", self.address(self.bits), self.length))
    }

    /// The prefix made longer by so many bits, which are those of a number.
    fn extended(self, bits: i64, number: i64) -> Result<Prefix, Fault> {
        let longer = u32::try_from(bits).ok().and_then(|bits| self.length.checked_add(bits));
        let length = longer.filter(|length| *length <= self.width).ok_or_else(|| {
            Fault::of(1, format!("a prefix of {} bits cannot be extended by {bits}", self.length))
        })?;
        let fits = |number: &u128| *number <= Prefix::low(length - self.length);
        let number = u128::try_from(number).ok().filter(fits).ok_or_else(|| {
            Fault::of(2, format!("{bits} more bits hold no subnet numbered {number}"))
        })?;
        let shifted = number.checked_shl(self.width - length).unwrap_or(0);
        Ok(Prefix { bits: self.bits | shifted, length, ..self })
    }
}

/// Parts of an IPv4 address may have leading zeros, which have no meaning.
fn without_leading_zeros(address: &str) -> String {
    if address.contains(':') {
        return address.to_owned();
    }
    let trim = |part: &str| match part.trim_start_matches('0') {
        "" if !part.is_empty() => "0".to_owned(),
        rest => rest.to_owned(),
    };
    address.split('.').map(trim).collect::<Vec<_>>().join(".")
}

fn host(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let prefix = Prefix::read(arguments)?;
    let number = whole(arguments, 1)?;
    let hosts = Prefix::low(prefix.width - prefix.length);
    let from_start = match number < 0 {
        false => Some(number.unsigned_abs().into()),
        // -1 is the last.
        true => (hosts + u128::from(hosts != u128::MAX)).checked_sub(number.unsigned_abs().into()),
    };
    let offset = from_start.filter(|offset| *offset <= hosts).ok_or_else(|| {
        Fault::of(1, format!("a prefix of {} bits has no host numbered {number}", prefix.length))
    })?;
    Ok(Value::string(prefix.address(prefix.bits | offset).to_string()))
}

fn netmask(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let prefix = Prefix::read(arguments)?;
    if prefix.width != 32 {
        return Err(Fault::of(0, "an IPv6 prefix has no netmask"));
    }
    let mask = Prefix { bits: u128::from(u32::MAX), ..prefix }.network();
    Ok(Value::string(mask.address(mask.bits).to_string()))
}

fn subnet(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let prefix = Prefix::read(arguments)?;
    prefix.extended(whole(arguments, 1)?, whole(arguments, 2)?).map(Prefix::show)
}

fn subnets(arguments: &[Value], _: &EvalContext<'_>) -> Outcome {
    let prefix = Prefix::read(arguments)?;
    let mut next = Some(prefix.bits);
    let mut found = Vec::with_capacity(arguments.len() - 1);
    for at in 1..arguments.len() {
        let bits = whole(arguments, at)?;
        if bits < 1 {
            return Err(Fault::of(at, "the prefix has to become longer by at least one bit"));
        }
        let length =
            prefix.extended(bits, 0).map_err(|fault| Fault { argument: Some(at), ..fault })?.length;
        let size = Prefix::low(prefix.width - length);
        let full = || Fault::of(at, "no address space is left for this subnet");
        // The start is rounded up to where a subnet of this size may begin.
        let start = next.and_then(|next| next.checked_add(size)).map(|next| next & !size);
        let start = start.ok_or_else(full)?;
        let last = start | size;
        if last > prefix.bits | Prefix::low(prefix.width - prefix.length) {
            return Err(full());
        }
        found.push(Prefix { bits: start, length, ..prefix }.show());
        next = last.checked_add(1);
    }
    Ok(Value::list(Type::String, found))
}
