//! A folder in which commands run, and short ways to write configurations.
#![allow(clippy::unwrap_used, dead_code)]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mpctl_provider::conformance::{Setting, Subject};
use mpctl_provider::value::{Entries, Type};
use mpctl_provider::{Fault, Value};

/// The program whose subcommand the shim is.
pub(crate) const SHIM: &str = env!("CARGO_BIN_EXE_mpctl-exec-shim");

pub(crate) struct Folder {
    pub(crate) root: PathBuf,
    pub(crate) subject: Subject,
}

pub(crate) fn setting() -> Setting {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_owned();
    fs::write(root.join("thing.sh"), include_str!("../thing.sh")).unwrap();
    fs::create_dir(root.join("things")).unwrap();
    Setting::new(mpctl_provider_exec::provider(), &root, SHIM.as_ref(), folder)
}

pub(crate) async fn folder() -> Folder {
    let setting = setting();
    let root = setting.project.root.to_path_buf();
    Folder { root, subject: Subject::of(setting, "exec_command").await.unwrap() }
}

/// A configuration in which each named command is a line of shell.
pub(crate) fn shell<const N: usize>(lines: [(&str, &str); N]) -> Value {
    Value::object(lines.map(|(name, line)| (name, argv(&["/bin/sh", "-c", line]))))
}

pub(crate) fn argv(words: &[&str]) -> Value {
    Value::list(Type::String, words.iter().copied().map(Value::string).collect())
}

/// The thing of `thing.sh`, with these commands and this input.
pub(crate) fn thing(commands: &[&str], input: &str) -> Value {
    let commands = commands.iter().map(|name| (*name, argv(&["/bin/sh", "thing.sh"])));
    Value::object(commands.chain([("input", Value::string(input))]))
}

pub(crate) fn with<const N: usize>(config: &Value, more: [(&str, Value); N]) -> Value {
    let mut entries: Entries = config.as_entries().cloned().unwrap_or_default();
    for (name, value) in more {
        entries.insert(name.into(), value);
    }
    Value::object(entries)
}

/// A fault in one line, the folder written as `.`.
pub(crate) fn told(fault: &Fault, root: &Path) -> String {
    let detail = fault.detail.as_deref().unwrap_or_default();
    let text = format!("{:?}: {fault} | {detail}", fault.kind);
    text.replace(&root.display().to_string(), ".")
}

/// Waits until `condition` holds, for a few seconds.
pub(crate) async fn until(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_secs(10), "not within 10 s: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
