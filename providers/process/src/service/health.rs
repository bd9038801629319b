//! How to tell whether a service is well: what is asked, how often, and how patient one is.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::part::{Mistakes, Part, unknown_key};

/// A health check.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Health {
    /// What is asked.
    pub(crate) probe: Probe,
    /// The pause between two probes of a healthy service; a starting one is asked more often.
    pub(crate) interval: Duration,
    /// How long one probe may take.
    pub(crate) attempt_timeout: Duration,
    /// How long the service may take to become healthy, after the start period.
    pub(crate) timeout: Duration,
    /// Time after the start that does not count towards `timeout`.
    pub(crate) start_period: Duration,
    /// So many failed probes in a row make a healthy service an unhealthy one.
    pub(crate) retries: u32,
}

/// What is asked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Probe {
    /// An HTTP GET on the loopback address answers with a status from 200 to 399.
    Http {
        /// The port.
        port: u16,
        /// The path, beginning with `/`.
        path: String,
    },
    /// The port accepts connections.
    Tcp {
        /// The port.
        port: u16,
    },
    /// A command, run where and as the service is, exits with 0.
    Command {
        /// The program and its arguments; never empty.
        command: Vec<String>,
    },
}

const KINDS: [&str; 3] = ["http", "tcp", "command"];
const KEYS: [&str; 9] = [
    "http",
    "tcp",
    "command",
    "interval",
    "timeout",
    "attempt_timeout",
    "start_period",
    "retries",
    "failures",
];

impl Health {
    /// How long after its start a service that is not healthy counts as failed.
    pub(crate) fn allowance(&self) -> Duration {
        self.start_period + self.timeout
    }

    /// Reads a health check; ports may be given by their name in `ports`. `None` where there is none, or where
    /// it cannot be read (yet).
    pub(crate) fn read(
        part: &Part<'_>,
        ports: Option<&BTreeMap<String, u16>>,
        mistakes: &mut Mistakes,
    ) -> Option<Health> {
        let health = part.object(mistakes)?;
        health.only_keys(mistakes, &KEYS);
        let probe = read_probe(&health, ports, mistakes);
        let mut duration = |key: &str, default: Duration| {
            health.get_either(key).duration(mistakes).unwrap_or(default)
        };
        let interval = duration("interval", Duration::from_secs(10));
        let attempt_timeout = duration("attempt_timeout", Duration::from_secs(2));
        let timeout = duration("timeout", Duration::from_secs(30));
        let start_period = duration("start_period", Duration::ZERO);
        for (key, given) in [("interval", interval), ("attempt_timeout", attempt_timeout)] {
            if given < Duration::from_millis(10) {
                health.get_either(key).wrong(mistakes, "must be 10ms or more");
            }
        }
        let retries = read_retries(&health, mistakes);
        Some(Health { probe: probe?, interval, attempt_timeout, timeout, start_period, retries })
    }
}

fn read_retries(health: &Part<'_>, mistakes: &mut Mistakes) -> u32 {
    let mut retries = health.get("retries");
    let failures = health.get("failures");
    if failures.is_present() {
        if retries.is_present() {
            failures.wrong(mistakes, "is another word for `retries`; give one of them");
        }
        retries = failures;
    }
    match retries.whole_number(mistakes) {
        None => 3,
        Some(number @ 1..=1000) => number as u32,
        Some(_) => {
            retries.wrong(mistakes, "must lie between 1 and 1000");
            3
        }
    }
}

fn read_probe(
    health: &Part<'_>,
    ports: Option<&BTreeMap<String, u16>>,
    mistakes: &mut Mistakes,
) -> Option<Probe> {
    let given: Vec<&str> = KINDS.into_iter().filter(|kind| health.get(kind).is_present()).collect();
    match given[..] {
        ["http"] => {
            let http = health.get("http").object(mistakes)?;
            http.only_keys(mistakes, &["path", "port"]);
            let path = http.get("path");
            let text = path.text(mistakes).unwrap_or_else(|| "/".into());
            let fits = text.starts_with('/') && text.bytes().all(|byte| byte.is_ascii_graphic());
            if !fits {
                let quoted = path.quoted(&text);
                path.wrong(
                    mistakes,
                    format_args!(
                        "{quoted} is no path of a URL; it begins with \"/\", without spaces"
                    ),
                );
            }
            let port = read_port(&http, ports, mistakes)?;
            fits.then_some(Probe::Http { port, path: text })
        }
        ["tcp"] => {
            let tcp = health.get("tcp").object(mistakes)?;
            tcp.only_keys(mistakes, &["port"]);
            Some(Probe::Tcp { port: read_port(&tcp, ports, mistakes)? })
        }
        ["command"] => {
            let part = health.get("command");
            let items = part.items(mistakes)?;
            if items.is_empty() {
                part.wrong(mistakes, "names no program");
                return None;
            }
            let texts: Option<Vec<String>> = items.iter().map(|item| item.text(mistakes)).collect();
            Some(Probe::Command { command: texts? })
        }
        _ => {
            health.wrong(
                mistakes,
                if given.is_empty() {
                    "says nothing to check; give one of `http`, `tcp` and `command`".to_owned()
                } else {
                    format!("checks {}; give only one of them", given.join(" and "))
                },
            );
            None
        }
    }
}

/// The port of a probe: a number, the name of a declared port, or, left out, the port named `http` or the first.
fn read_port(
    probe: &Part<'_>,
    ports: Option<&BTreeMap<String, u16>>,
    mistakes: &mut Mistakes,
) -> Option<u16> {
    let part = probe.get("port");
    if !part.is_present() {
        let ports = ports?;
        let port = ports.get("http").or_else(|| ports.values().next());
        if port.is_none() {
            part.wrong(mistakes, "is needed, as the service declares no ports");
        }
        return port.copied();
    }
    let text = part.text(mistakes)?;
    if let Ok(number) = text.parse::<u64>() {
        let port = u16::try_from(number).ok().filter(|port| *port > 0);
        if port.is_none() {
            part.wrong(mistakes, format_args!("{number} is no port; ports are 1 to 65535"));
        }
        return port;
    }
    let ports = ports?;
    let port = ports.get(&text).copied();
    if port.is_none() {
        let names: Vec<&str> = ports.keys().map(String::as_str).collect();
        let hint = if names.is_empty() {
            "the service declares no ports".to_owned()
        } else {
            unknown_key(part.path(), &text, &names).hint.unwrap_or_default()
        };
        let quoted = part.quoted(&text);
        mistakes
            .faults
            .push(part.fault(format_args!("there is no port named {quoted}")).hint(hint));
    }
    port
}
