//! A supervisor is nobody's burden: no terminal, no descriptor, little memory.

use std::fs::{self, File};
use std::path::PathBuf;

use crate::runner::Test;
use crate::sandbox::{Sandbox, free_port};

pub(crate) const TESTS: &[Test] = &[
    ("a_supervisor_holds_no_descriptor_of_its_starter", no_descriptor_is_inherited),
    ("a_supervisor_leads_a_session_of_its_own", a_session_of_its_own),
    ("a_supervisor_is_small", a_supervisor_is_small),
];

fn descriptors(pid: i32) -> Vec<PathBuf> {
    let entries = fs::read_dir(format!("/proc/{pid}/fd")).unwrap().flatten();
    entries.filter_map(|entry| fs::read_link(entry.path()).ok()).collect()
}

/// What makes `apply | cat` end: nobody but `apply` has the pipe.
fn no_descriptor_is_inherited() {
    let sandbox = Sandbox::new();
    // As left open by a shell: it survives an exec.
    let leaked = File::create(sandbox.root.path().join("leaked")).unwrap();
    rustix::io::fcntl_setfd(&leaked, rustix::io::FdFlags::empty()).unwrap();
    let object = sandbox.create(&sandbox.web("web-0", free_port()));
    let supervisor = sandbox.supervisor("web-0");
    let folder = fs::canonicalize(sandbox.folder("web-0")).unwrap();
    for pid in [supervisor, crate::sandbox::pid(&object)] {
        for target in descriptors(pid) {
            let own = target.starts_with(&folder)
                || target == std::path::Path::new("/dev/null")
                || target.to_string_lossy().starts_with("anon_inode:")
                || target.to_string_lossy().starts_with("socket:")
                || target.ends_with("logs/dev/web-0.log");
            assert!(own, "process {pid} has {} open", target.display());
        }
    }
}

fn a_session_of_its_own() {
    let sandbox = Sandbox::new();
    sandbox.create(&sandbox.web("web-0", free_port()));
    let supervisor = sandbox.supervisor("web-0");
    let session = rustix::process::getsid(rustix::process::Pid::from_raw(supervisor)).unwrap();
    assert_eq!(session.as_raw_nonzero().get(), supervisor);
}

fn a_supervisor_is_small() {
    let sandbox = Sandbox::new();
    sandbox.create(&sandbox.web("web-0", free_port()));
    let text = fs::read_to_string(format!("/proc/{}/status", sandbox.supervisor("web-0"))).unwrap();
    let figure = |name: &str| -> u64 {
        let line = text.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    // Its own memory; pages of the program are shared among all supervisors.
    assert!(figure("RssAnon:") < 6 << 10, "{} KiB", figure("RssAnon:"));
}
