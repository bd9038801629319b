//! Ports that somebody else has.

use std::net::{Ipv4Addr, TcpListener};

use mpctl_provider::FaultKind;

use crate::runner::Test;
use crate::sandbox::{Sandbox, free_port, get, is_alive, kill, pid, wait_until};

pub(crate) const TESTS: &[Test] = &[
    ("a_taken_port_is_an_error_before_anything_starts", a_taken_port_on_create),
    ("a_taken_port_is_an_error_before_anything_stops", a_taken_port_on_update),
    ("a_service_may_take_over_a_port_of_another", a_service_may_take_over_a_port),
];

fn a_taken_port_on_create() {
    let sandbox = Sandbox::new();
    let taken = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let fault = sandbox.try_apply(None, &sandbox.web("web-0", port), "key").unwrap_err();
    assert_eq!(fault.kind, FaultKind::Permanent);
    let me = std::process::id();
    let start = format!("port {port} (http) is in use by service-");
    assert!(fault.summary.starts_with(&start), "{}", fault.summary);
    assert!(fault.summary.ends_with(&format!("(process {me})")), "{}", fault.summary);
    assert_eq!(fault.attribute.unwrap().to_string(), "ports.http");
    assert!(!sandbox.folder("web-0").exists());
}

fn a_taken_port_on_update() {
    let sandbox = Sandbox::new();
    let object = sandbox.create(&sandbox.web("web-0", free_port()));
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let fault = sandbox.update(&object, &sandbox.web("web-0", port)).unwrap_err();
    assert!(fault.summary.contains("is in use by"), "{}", fault.summary);
    assert!(is_alive(pid(&object)));
    assert_eq!(sandbox.read(&object), Some(object));
}

/// As in a plan that gives a port of one service to another: the new holder waits for the old one.
fn a_service_may_take_over_a_port() {
    let sandbox = Sandbox::new();
    let port = free_port();
    let old = sandbox.create(&sandbox.web("old-0", port));
    let supervisor = sandbox.supervisor("old-0");
    let waiting = format!("waiting for port {port}, still held by service dev/old-0");
    let said = sandbox.said.clone();
    let ender = std::thread::spawn(move || {
        wait_until("the new one waits", || said.lock().unwrap().contains(&waiting));
        kill(supervisor, "TERM");
    });
    let new = sandbox.create(&sandbox.web("new-0", port));
    ender.join().unwrap();
    assert!(!is_alive(pid(&old)) && is_alive(pid(&new)));
    assert_eq!(get(port, "/"), "hello");
}
