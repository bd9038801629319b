//! Which ports are taken, and by whom.
//!
//! A port counts as taken when something listens on it on a loopback or wildcard address: a service that
//! listens on either would then fail to start.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};

use crate::procfs::{self, Holder};

/// A declared port that is not free.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Taken {
    /// The port's name.
    pub(crate) name: String,
    /// The port.
    pub(crate) port: u16,
    /// Who listens on it, where that can be seen.
    pub(crate) holder: Option<Holder>,
}

/// A listening socket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Listener {
    port: u16,
    inode: u64,
}

/// Those of `ports` that are taken.
pub(crate) fn taken(ports: &BTreeMap<String, u16>) -> Vec<Taken> {
    if ports.is_empty() {
        return Vec::new();
    }
    let Some(listeners) = listeners() else {
        let unseen = ports.iter().filter(|(_, port)| !can_bind(**port));
        let taken = unseen.map(|(name, port)| (name.clone(), *port));
        return taken.map(|(name, port)| Taken { name, port, holder: None }).collect();
    };
    let wanted: Vec<(&String, Listener)> = listeners
        .into_iter()
        .filter_map(|listener| {
            let named = ports.iter().find(|(_, port)| **port == listener.port)?;
            Some((named.0, listener))
        })
        .collect();
    if wanted.is_empty() {
        return Vec::new();
    }
    let inodes: Vec<u64> = wanted.iter().map(|(_, listener)| listener.inode).collect();
    let holders = procfs::holders(&inodes);
    let taken = wanted.into_iter().map(|(name, listener)| Taken {
        name: name.clone(),
        port: listener.port,
        holder: holders.get(&listener.inode).cloned(),
    });
    taken.collect()
}

/// Whether nothing listens on the port.
pub(crate) fn is_free(port: u16) -> bool {
    can_bind(port)
}

/// Whether the port can be listened on at the loopback address; a privileged port that only refuses us counts
/// as free.
fn can_bind(port: u16) -> bool {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => true,
        Err(error) => error.kind() == ErrorKind::PermissionDenied,
    }
}

/// All listening sockets on loopback and wildcard addresses; `None` where the kernel does not show them.
fn listeners() -> Option<Vec<Listener>> {
    let v4 = fs::read_to_string("/proc/net/tcp").ok()?;
    let v6 = fs::read_to_string("/proc/net/tcp6").unwrap_or_default();
    Some(v4.lines().chain(v6.lines()).skip(1).filter_map(parse_listener).collect())
}

/// One line of `/proc/net/tcp` or `/proc/net/tcp6`: number, local address, remote address, state, queues,
/// timer, retransmits, user, time-out, inode. Addresses are hexadecimal words in the machine's byte order.
fn parse_listener(line: &str) -> Option<Listener> {
    const LISTEN: &str = "0A";
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let (address, port) = fields.get(1)?.split_once(':')?;
    if *fields.get(3)? != LISTEN || !is_local(address) {
        return None;
    }
    Some(Listener {
        port: u16::from_str_radix(port, 16).ok()?,
        inode: fields.get(9)?.parse().ok()?,
    })
}

fn is_local(address: &str) -> bool {
    let word = |at: usize| address.get(at..at + 8).and_then(|w| u32::from_str_radix(w, 16).ok());
    let is_loopback = |word: u32| in_network_order(word) >> 24 == 127;
    match address.len() {
        8 => word(0).is_some_and(|word| word == 0 || is_loopback(word)),
        32 => {
            let words = [word(0), word(8), word(16), word(24)];
            match words.map(|word| word.map(in_network_order)) {
                [Some(0), Some(0), Some(0), Some(0 | 1)] => true,
                // An IPv4 address in IPv6 clothes.
                [Some(0), Some(0), Some(0xffff), Some(v4)] => v4 == 0 || v4 >> 24 == 127,
                _ => false,
            }
        }
        _ => false,
    }
}

/// Words of addresses are printed as the machine holds them, while their bytes are in network order.
fn in_network_order(word: u32) -> u32 {
    u32::from_be_bytes(word.to_ne_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000 \
                        0 123456 1 0000000000000000 100 0 0 10 0";

    #[test]
    fn a_listener_is_recognised_by_state_and_address() {
        assert_eq!(parse_listener(LINE), Some(Listener { port: 8080, inode: 123_456 }));
        assert_eq!(parse_listener(&LINE.replace(" 0A ", " 01 ")), None);
        assert_eq!(parse_listener(&LINE.replace("0100007F", "0200000A")), None);
        assert!(parse_listener(&LINE.replace("0100007F", "00000000")).is_some());
        assert_eq!(parse_listener("  sl  local_address rem_address   st"), None);
    }

    #[test]
    fn ipv6_addresses_of_this_machine_count() {
        for local in [
            "00000000000000000000000000000000",
            "00000000000000000000000001000000",
            "0000000000000000FFFF00000100007F",
        ] {
            assert!(is_local(local), "{local}");
        }
        assert!(!is_local("000080FE00000000FF005450B6AD1DFE"));
    }

    #[test]
    fn a_port_that_is_listened_on_is_taken_and_names_its_holder() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let found = taken(&BTreeMap::from([("http".to_owned(), port)]));
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].name.as_str(), found[0].port), ("http", port));
        assert_eq!(found[0].holder.as_ref().unwrap().pid, std::process::id().cast_signed());
        assert!(!is_free(port));
        drop(listener);
        assert!(is_free(port));
    }
}
