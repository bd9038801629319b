//! The first hour: the quickstart is applied, looked at, changed and destroyed.

use std::time::Duration;

use insta::assert_snapshot;
use mpctl_testkit::{Sandbox, eventually, http, ports};

use crate::{recorded, sandbox, verdicts};

/// The quickstart on ports that are free here, with room for three instances of the API.
fn quickstart() -> (Sandbox, [String; 2]) {
    let mut sandbox = sandbox();
    sandbox.copy(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/quickstart"));
    // The API is ten above the page.
    let port = ports::free_run(13);
    sandbox.redact(&port.to_string(), "[PORT]");
    (sandbox, ["--var".into(), format!("port={port}")])
}

#[test]
fn a_page_and_an_api_come_up_change_and_go_away() {
    let (sandbox, variables) = quickstart();
    let files_before = sandbox.files();

    let applied = sandbox.mpctl(["apply", "--auto-approve"]).arguments(&variables).run().succeeds();
    assert_snapshot!(applied.out().split_once("Plan: ").unwrap().1, @r#"
    2 to add, 0 to change, 0 to destroy.
    Order: 2 waves; first default/workload.api/process_service.api[0], last default/workload.web/process_service.web[0].
    Rollback: all 2 steps are reversible.

    Changes to Outputs:
      + url = "http://127.0.0.1:[PORT]"

    Apply complete! Resources: 2 added, 0 changed, 0 destroyed.

    Outputs:

    url = "http://127.0.0.1:[PORT]"
    "#);

    let url = sandbox.run(["output", "--raw", "url"]).succeeds().stdout;
    let (status, page) = http::get(url.trim()).unwrap();
    assert_eq!(status, 200);
    assert!(page.contains("<title>"), "{page}");

    sandbox.mpctl(["plan", "--detailed-exitcode"]).arguments(&variables).run().succeeds();

    let untouched = sandbox.service("default", "web-0");
    sandbox.edit("shop.yaml", "replicas: 1", "replicas: 2");
    let plan = sandbox.outside().join("scale.mpplan");
    let plan = plan.to_str().unwrap();
    sandbox.mpctl(["plan", "--out", plan]).arguments(&variables).run().succeeds();
    let shown = sandbox.run(["show", "--json", plan]).succeeds().json();
    assert_snapshot!(verdicts(&shown), @"create default/workload.api/process_service.api[1]");
    sandbox.run(["apply", plan]).succeeds().says("1 added, 0 changed, 0 destroyed");
    assert_eq!(sandbox.service("default", "web-0"), untouched);
    assert_eq!(
        recorded(&sandbox),
        [
            "default/workload.api/process_service.api[0]",
            "default/workload.api/process_service.api[1]",
            "default/workload.web/process_service.web[0]",
        ]
    );

    sandbox
        .mpctl(["destroy", "--auto-approve"])
        .arguments(&variables)
        .run()
        .succeeds()
        .says("Destroy complete! Resources: 3 destroyed.");
    assert!(http::get(url.trim()).is_err(), "the page still answers");
    assert_eq!(sandbox.processes(), [], "destroy left processes");
    assert_eq!(sandbox.files(), files_before, "destroy left files");
    assert_eq!(recorded(&sandbox), [""; 0]);
}

#[test]
fn an_apply_that_is_piped_into_something_lets_the_pipe_end() {
    let (sandbox, variables) = quickstart();
    // The kit itself reads both streams to their end, and fails where a process holds one open.
    sandbox.mpctl(["apply", "--auto-approve"]).arguments(&variables).run().succeeds();
    assert_eq!(sandbox.processes().len(), 4, "two services and their supervisors");
}

#[test]
fn each_instance_answers_on_a_port_of_its_own() {
    let (sandbox, variables) = quickstart();
    sandbox.edit("shop.yaml", "replicas: 1", "replicas: 3");
    sandbox.mpctl(["apply", "--auto-approve"]).arguments(&variables).run().succeeds();
    let first: u16 = variables[1].split_once('=').unwrap().1.parse().unwrap();
    let first = first + 10;
    for port in first..first + 3 {
        let url = format!("http://127.0.0.1:{port}/products.json");
        let (status, body) = eventually(&url, Duration::from_secs(5), || http::get(&url).ok());
        assert_eq!(status, 200);
        assert!(serde_json::from_str::<serde_json::Value>(&body).is_ok(), "{body}");
    }
}
