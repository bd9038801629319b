//! Addresses: the stable identity of everything that is planned and recorded.
//!
//! `dev/resource.web["eu"]`, `dev/data.image`, `dev/workload.api`, `dev/workload.api/process_service.api[1]`,
//! `dev/output.url`. Text and value convert into each other without loss; the order of addresses is the order
//! in which plans list things: by environment, kind, name, then key, numbers by size.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use thiserror::Error;

/// An address with its environment.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Address {
    /// The environment.
    pub environment: Arc<str>,
    /// What it is within the environment.
    pub local: LocalAddress,
}

/// An address within an environment: what state records are keyed by.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LocalAddress {
    /// The declaration.
    pub subject: Subject,
    /// Which of its instances.
    pub key: Key,
}

/// What an address names, before its instance key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Subject {
    /// `data.NAME`
    Data(Arc<str>),
    /// `resource.NAME`
    Resource(Arc<str>),
    /// `workload.NAME`
    Workload(Arc<str>),
    /// `workload.NAME/TYPE.NAME`
    Lowered {
        /// The workload.
        workload: Arc<str>,
        /// The resource type.
        resource_type: Arc<str>,
        /// The resource's name within the workload.
        name: Arc<str>,
    },
    /// `output.NAME`
    Output(Arc<str>),
}

/// Which instance of a declaration.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Key {
    /// The only one.
    None,
    /// One of `count`, or of what a runtime lowered.
    Index(u64),
    /// One of `for_each`.
    Name(Arc<str>),
}

/// Why a text is no address.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[error("{text:?} is not an address: {reason}")]
pub struct AddressError {
    /// The text.
    pub text: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl Subject {
    /// The name of the declaration.
    pub fn name(&self) -> &Arc<str> {
        match self {
            Subject::Data(name)
            | Subject::Resource(name)
            | Subject::Workload(name)
            | Subject::Output(name) => name,
            Subject::Lowered { name, .. } => name,
        }
    }

    /// The declaration that references name: the workload of what was lowered, otherwise itself.
    pub fn owner(&self) -> Subject {
        match self {
            Subject::Lowered { workload, .. } => Subject::Workload(workload.clone()),
            other => other.clone(),
        }
    }

    /// The workload that it is or belongs to.
    pub fn workload(&self) -> Option<&Arc<str>> {
        match self {
            Subject::Workload(name) | Subject::Lowered { workload: name, .. } => Some(name),
            _ => None,
        }
    }
}

impl LocalAddress {
    /// An address without instance key.
    pub fn new(subject: Subject) -> LocalAddress {
        LocalAddress { subject, key: Key::None }
    }

    /// The same in an environment.
    pub fn within(&self, environment: &Arc<str>) -> Address {
        Address { environment: environment.clone(), local: self.clone() }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Subject::Data(name) => write!(f, "data.{name}"),
            Subject::Resource(name) => write!(f, "resource.{name}"),
            Subject::Workload(name) => write!(f, "workload.{name}"),
            Subject::Lowered { workload, resource_type, name } => {
                write!(f, "workload.{workload}/{resource_type}.{name}")
            }
            Subject::Output(name) => write!(f, "output.{name}"),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::None => Ok(()),
            Key::Index(index) => write!(f, "[{index}]"),
            Key::Name(name) => {
                f.write_str("[\"")?;
                for c in name.chars() {
                    match c {
                        '"' | '\\' => write!(f, "\\{c}")?,
                        '\n' => f.write_str("\\n")?,
                        '\r' => f.write_str("\\r")?,
                        '\t' => f.write_str("\\t")?,
                        c if c.is_control() => write!(f, "\\u{:04x}", c as u32)?,
                        c => write!(f, "{c}")?,
                    }
                }
                f.write_str("\"]")
            }
        }
    }
}

impl fmt::Display for LocalAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.subject, self.key)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.environment, self.local)
    }
}

/// Whether the text may be the name of a declaration: `[A-Za-z_][A-Za-z0-9_-]{0,62}`.
pub fn is_name(text: &str) -> bool {
    let head = text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    head && text.len() <= 63
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

impl FromStr for LocalAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<LocalAddress, AddressError> {
        let fail = |reason| AddressError { text: text.to_owned(), reason };
        let (head, key) = match text.find('[') {
            Some(at) => (
                &text[..at],
                parse_key(&text[at..]).ok_or_else(|| fail("the part in brackets is malformed"))?,
            ),
            None => (text, Key::None),
        };
        let (owner, lowered) = match head.split_once('/') {
            Some((owner, lowered)) => (owner, Some(lowered)),
            None => (head, None),
        };
        let (kind, name) = owner
            .split_once('.')
            .ok_or_else(|| fail("expected KIND.NAME, such as resource.web"))?;
        if !is_name(name) {
            return Err(fail("the name is not of letters, digits, `_` and `-`"));
        }
        let name: Arc<str> = name.into();
        let subject = match (kind, lowered) {
            ("data", None) => Subject::Data(name),
            ("resource", None) => Subject::Resource(name),
            ("workload", None) => Subject::Workload(name),
            ("output", None) => Subject::Output(name),
            ("workload", Some(lowered)) => {
                let (resource_type, lowered_name) = lowered
                    .split_once('.')
                    .ok_or_else(|| fail("expected TYPE.NAME after the `/`"))?;
                if !is_name(resource_type) || !is_name(lowered_name) {
                    return Err(fail("expected TYPE.NAME after the `/`"));
                }
                Subject::Lowered {
                    workload: name,
                    resource_type: resource_type.into(),
                    name: lowered_name.into(),
                }
            }
            _ => return Err(fail("it begins with none of resource, data, workload, output")),
        };
        Ok(LocalAddress { subject, key })
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Address, AddressError> {
        let fail = |reason| AddressError { text: text.to_owned(), reason };
        let (environment, local) =
            text.split_once('/').ok_or_else(|| fail("it does not begin with ENVIRONMENT/"))?;
        if !is_name(environment) {
            return Err(fail("it does not begin with ENVIRONMENT/"));
        }
        Ok(Address { environment: environment.into(), local: local.parse()? })
    }
}

/// `[3]` or `["name"]`, the quoted form with JSON's escapes.
fn parse_key(text: &str) -> Option<Key> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    if inner.starts_with('"') {
        let name: String = serde_json::from_str(inner).ok()?;
        return Some(Key::Name(name.into()));
    }
    inner.parse().ok().map(Key::Index)
}

/// Addresses are stored as their text.
macro_rules! stored_as_text {
    ($type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
stored_as_text!(Address);
stored_as_text!(LocalAddress);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_read_back_from_their_text() {
        let texts = [
            "dev/resource.web",
            "dev/resource.web[10]",
            r#"dev/resource.web["eu \"west\"\n\u0007"]"#,
            "dev/data.image",
            "dev/workload.api",
            "dev/workload.api/process_service.api[1]",
            "dev/output.url",
        ];
        for text in texts {
            assert_eq!(text.parse::<Address>().map(|a| a.to_string()), Ok(text.to_owned()));
        }
    }

    #[test]
    fn malformed_addresses_say_what_is_wrong() {
        for text in [
            "resource.web",
            "dev/web",
            "dev/resource.1",
            "dev/resource.web[",
            "dev/thing.web",
            "dev/data.x/y.z",
        ] {
            let error = text.parse::<Address>().expect_err(text);
            assert!(error.to_string().contains("is not an address"), "{error}");
        }
    }

    #[test]
    fn instances_sort_by_number_not_by_digit() {
        let mut keys = vec![Key::Index(10), Key::Name("a".into()), Key::Index(2), Key::None];
        keys.sort();
        assert_eq!(keys, [Key::None, Key::Index(2), Key::Index(10), Key::Name("a".into())]);
    }
}
