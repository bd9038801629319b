//! From attributes to a [`Service`]: every mistake is found, each with the attribute it is about.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use mpctl_provider::Fault;
use mpctl_provider::value::{Path, PathStep, Value};

use super::part::{Mistakes, Part};
use super::{Health, Limits, Restart, Service, StopSignal};
use crate::place::is_name;

/// What reading a configuration gave.
pub(crate) struct Reading {
    /// The service, unless something was wrong or not known yet.
    pub(crate) service: Option<Service>,
    /// The mistakes.
    pub(crate) faults: Vec<Fault>,
}

impl Reading {
    /// The service, or the first mistake; what is not known by now is one too.
    pub(crate) fn into_service(self) -> Result<Service, Fault> {
        if let Some(fault) = self.faults.into_iter().next() {
            return Err(fault);
        }
        self.service.ok_or_else(|| Fault::permanent("the service is not wholly known yet"))
    }
}

/// Reads the attributes of a `process_service`.
pub(crate) fn read(config: &Value) -> Reading {
    let mut mistakes = Mistakes::default();
    let whole = Part::whole(config);
    let service = read_service(&whole, &mut mistakes);
    let complete = mistakes.faults.is_empty() && !mistakes.unknown;
    Reading { service: service.filter(|_| complete), faults: mistakes.faults }
}

fn read_service(whole: &Part<'_>, mistakes: &mut Mistakes) -> Option<Service> {
    read_name(&whole.get("name"), mistakes);
    let command = read_command(&whole.get("command"), mistakes);
    let env = read_env(&whole.get("env"), mistakes);
    let ports = read_ports(&whole.get("ports"), mistakes);
    let health = whole.get("health");
    let health_declared = health.is_present();
    let health = Health::read(&health, ports.as_ref(), mistakes);
    let seconds = Duration::from_secs;
    let mut duration =
        |key: &str, default: Duration| whole.get(key).duration(mistakes).unwrap_or(default);
    let restart_delay = duration("restart_delay", Duration::from_millis(500));
    let restart_delay_max = duration("restart_delay_max", seconds(30)).max(restart_delay);
    let stop_grace = duration("stop_grace", seconds(10));
    let restart = read_restart(&whole.get("restart"), mistakes);
    let stop_signal = read_signal(&whole.get("stop_signal"), mistakes);
    let limits = Limits::read(&whole.get("limits"), mistakes);
    let files = read_files(&whole.get("files"), mistakes);
    let working_directory = read_path(&whole.get("working_directory"), mistakes);
    let log_file = read_path(&whole.get("log_file"), mistakes);
    if health_declared && health.is_none() {
        return None;
    }
    Some(Service {
        command: command?,
        env: env?,
        working_directory,
        ports: ports?,
        health,
        restart,
        restart_delay,
        restart_delay_max,
        stop_signal,
        stop_grace,
        log_file,
        limits,
        files: files?,
    })
}

fn read_name(part: &Part<'_>, mistakes: &mut Mistakes) {
    let Some(name) = part.text(mistakes) else { return };
    if !is_name(&name) {
        let quoted = part.quoted(&name);
        part.wrong(
            mistakes,
            format_args!(
                "{quoted} cannot be the name of a service; use letters, digits, `_`, `-` and `.`, \
                 at most 80 of them"
            ),
        );
    }
}

fn read_command(part: &Part<'_>, mistakes: &mut Mistakes) -> Option<Vec<String>> {
    if !part.is_present() {
        part.wrong(mistakes, "is needed: the program and its arguments, as a list");
        return None;
    }
    let items = part.items(mistakes)?;
    let texts: Vec<Option<String>> = items.iter().map(|item| read_text(item, mistakes)).collect();
    let command: Option<Vec<String>> = texts.into_iter().collect();
    if command.as_ref().is_some_and(|command| command.first().is_none_or(String::is_empty)) {
        part.wrong(mistakes, "names no program");
        return None;
    }
    command
}

/// Text that can be handed to another process: without a zero byte.
fn read_text(part: &Part<'_>, mistakes: &mut Mistakes) -> Option<String> {
    if !part.is_present() {
        part.wrong(mistakes, "is null");
        return None;
    }
    let text = part.text(mistakes)?;
    if text.contains('\0') {
        part.wrong(mistakes, "holds a zero byte, which no process can be given");
        return None;
    }
    Some(text)
}

fn read_env(part: &Part<'_>, mistakes: &mut Mistakes) -> Option<BTreeMap<String, String>> {
    if !part.is_present() {
        return Some(BTreeMap::new());
    }
    let mut env = BTreeMap::new();
    for (name, value) in part.entries(mistakes)? {
        if name.is_empty() || name.contains(['=', '\0']) {
            value.wrong(mistakes, "this cannot be the name of an environment variable");
        }
        // A null leaves the variable out, as everywhere in the language.
        if value.is_present() {
            env.insert(name, read_text(&value, mistakes).unwrap_or_default());
        }
    }
    Some(env)
}

fn read_ports(part: &Part<'_>, mistakes: &mut Mistakes) -> Option<BTreeMap<String, u16>> {
    if !part.is_present() {
        return Some(BTreeMap::new());
    }
    let mut ports: BTreeMap<String, u16> = BTreeMap::new();
    let mut complete = true;
    for (name, value) in part.entries(mistakes)? {
        let Some(number) = value.whole_number(mistakes) else {
            complete = false;
            continue;
        };
        match u16::try_from(number) {
            Ok(0) => mistakes.faults.push(
                value
                    .fault("port 0 leaves the choice open, and only a workload can make it")
                    .hint("give a number from 1 to 65535, or declare a workload"),
            ),
            Ok(port) => match ports.iter().find(|(_, other)| **other == port) {
                Some((other, _)) => {
                    value.wrong(mistakes, format_args!("{port} is the port {other:?} already"));
                }
                None => {
                    ports.insert(name, port);
                }
            },
            Err(_) => {
                value.wrong(mistakes, format_args!("{number} is no port; ports are 1 to 65535"));
            }
        }
    }
    complete.then_some(ports)
}

fn read_restart(part: &Part<'_>, mistakes: &mut Mistakes) -> Restart {
    let Some(text) = part.text(mistakes) else { return Restart::Always };
    Restart::parse(&text).unwrap_or_else(|| {
        let quoted = part.quoted(&text);
        let names = Restart::NAMES.join(", ");
        part.wrong(mistakes, format_args!("{quoted} is none of {names}"));
        Restart::Always
    })
}

fn read_signal(part: &Part<'_>, mistakes: &mut Mistakes) -> StopSignal {
    let Some(text) = part.text(mistakes) else { return StopSignal::TERM };
    StopSignal::parse(&text).unwrap_or_else(|| {
        let quoted = part.quoted(&text);
        let names: Vec<&str> = StopSignal::names().collect();
        let fault = part.fault(format_args!("{quoted} is no signal that ends a process"));
        mistakes.faults.push(fault.hint(format!("known are: {}", names.join(", "))));
        StopSignal::TERM
    })
}

fn read_path(part: &Part<'_>, mistakes: &mut Mistakes) -> Option<PathBuf> {
    let text = part.text(mistakes)?;
    if text.is_empty() || text.contains('\0') {
        part.wrong(mistakes, "is no path");
        return None;
    }
    Some(PathBuf::from(text))
}

/// Paths of files are taken below the service's own folder, whatever they begin with; none may leave it.
fn read_files(part: &Part<'_>, mistakes: &mut Mistakes) -> Option<BTreeMap<String, String>> {
    if !part.is_present() {
        return Some(BTreeMap::new());
    }
    let mut files = BTreeMap::new();
    for (path, content) in part.entries(mistakes)? {
        let steps: Vec<&str> = path.split('/').filter(|step| !matches!(*step, "" | ".")).collect();
        if steps.is_empty() || steps.contains(&"..") || path.contains('\0') {
            content.wrong(mistakes, "this path does not name a file of the service");
            continue;
        }
        if let Some(text) = content.text(mistakes) {
            files.insert(steps.join("/"), text);
        }
    }
    Some(files)
}

/// The texts within `config` that must not be shown: everything under a sensitive mark.
pub(crate) fn sensitive_texts(config: &Value) -> Vec<String> {
    let mut texts = Vec::new();
    collect(config, false, &mut texts);
    texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
    texts.dedup();
    texts
}

fn collect(value: &Value, sensitive: bool, texts: &mut Vec<String>) {
    match value {
        Value::Sensitive(inner) => collect(inner, true, texts),
        Value::String(text) if sensitive && !text.is_empty() => texts.push(text.to_string()),
        Value::Number(number) if sensitive => texts.push(number.to_string()),
        _ => {
            let items = value.as_items().into_iter().flatten();
            let entries = value.as_entries().into_iter().flat_map(|e| e.iter().map(|(_, v)| v));
            items.chain(entries).for_each(|part| collect(part, sensitive, texts));
        }
    }
}

/// The path to the port named `name`.
pub(crate) fn port_path(name: &str) -> Path {
    Path::attribute("ports").then(PathStep::Key(name.into()))
}
