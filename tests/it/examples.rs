//! The example projects do what their pages say. The quickstart has a module of its own.

use insta::assert_snapshot;
use mpctl_testkit::{Sandbox, http, ports};
use serde_json::Value as Json;

use crate::{change, sandbox, verdicts};

/// A copy of an example.
fn example(name: &str) -> Sandbox {
    let sandbox = sandbox();
    sandbox.copy(format!("{}/examples/{name}", env!("CARGO_MANIFEST_DIR")));
    sandbox
}

/// Takes out what two spellings of one project may differ in: when and from which text a plan was made.
fn without_origins(json: &mut Json) {
    match json {
        Json::Object(members) => {
            let origins = ["timestamp", "range", "expression", "snippet", "spec_digest", "digest"];
            members.retain(|key, _| !origins.contains(&key.as_str()));
            members.values_mut().for_each(without_origins);
        }
        Json::Array(items) => items.iter_mut().for_each(without_origins),
        _ => {}
    }
}

#[test]
fn one_project_in_two_spellings_has_one_plan() {
    let (yaml, hcl) = (example("environments"), example("environments-hcl"));
    for selection in ["dev", "staging", "prod", "*"] {
        let plan = |sandbox: &Sandbox| {
            let mut plan = sandbox.plan_json(["-e", selection]);
            without_origins(&mut plan);
            serde_json::to_string_pretty(&plan).unwrap()
        };
        let (yaml, hcl) = (plan(&yaml), plan(&hcl));
        assert!(yaml.len() > 5_000, "the plan says next to nothing: {yaml}");
        if yaml != hcl {
            let different =
                yaml.lines().zip(hcl.lines()).enumerate().find(|(_, (yaml, hcl))| yaml != hcl);
            panic!("the plans of {selection} differ: {different:#?}");
        }
    }
}

#[test]
fn one_project_in_two_spellings_behaves_the_same() {
    for (name, port) in
        [("environments", ports::free_run(4)), ("environments-hcl", ports::free_run(4))]
    {
        let sandbox = example(name);
        let port = format!("port={port}");
        sandbox.run(["apply", "--auto-approve", "-e", "dev", "--var", &port]).succeeds();
        let url = sandbox.run(["output", "--raw", "-e", "dev", "url"]).succeeds().stdout;
        assert_eq!(http::get(url.trim()).unwrap().0, 200, "{name}");
        sandbox.run(["plan", "--detailed-exitcode", "-e", "dev", "--var", &port]).succeeds();
        sandbox.run(["destroy", "--auto-approve", "-e", "dev", "--var", &port]).succeeds();
        assert_eq!(sandbox.processes(), []);
    }
}

#[test]
fn environments_differ_in_what_they_say_they_do() {
    let sandbox = example("environments");
    let plan = sandbox.plan_json(["-e", "*"]);
    let of = |environment: &str| {
        let all = verdicts(&plan);
        let here = all.lines().filter(|line| line.contains(&format!(" {environment}/")));
        here.map(str::to_owned).collect::<Vec<_>>().join("\n")
    };
    assert_snapshot!(of("dev"), @r#"
    create dev/resource.folder
    create dev/resource.page["en"]
    create dev/resource.release
    create dev/resource.worker[0]
    create dev/workload.site/process_service.site[0]
    "#);
    assert_snapshot!(of("prod"), @r#"
    create prod/resource.audit
    create prod/resource.folder
    create prod/resource.page["de"]
    create prod/resource.page["en"]
    create prod/resource.page["fr"]
    create prod/resource.release
    create prod/resource.worker[0]
    create prod/resource.worker[1]
    create prod/resource.worker[2]
    create prod/workload.site/process_service.site[0]
    create prod/workload.site/process_service.site[1]
    "#);
}

#[test]
fn a_tree_of_files_is_made_edited_put_right_and_taken_away() {
    let sandbox = example("files");
    let before = sandbox.files();
    sandbox.apply();
    sandbox.run(["plan", "--detailed-exitcode"]).succeeds();
    let blog = sandbox.read("conf/sites/blog.conf");
    sandbox.write("conf/sites/blog.conf", format!("{blog}# by hand\n"));
    assert_snapshot!(verdicts(&sandbox.plan_json([])), @r#"update default/resource.site["blog"] (update_because_drift)"#);
    sandbox.apply();
    assert_eq!(sandbox.read("conf/sites/blog.conf"), blog);
    sandbox.destroy();
    assert_eq!(sandbox.files(), before);
}

#[test]
fn a_script_keeps_the_records_of_a_name_server() {
    let sandbox = example("exec");
    sandbox.apply();
    sandbox.run(["plan", "--detailed-exitcode"]).succeeds();
    let before = sandbox.read("zone/www");
    let plan = sandbox.plan_json(["--var", "ttl=60"]);
    let record = &change(&plan, "default/resource.record[\"www\"]")["change"];
    assert_eq!(record["actions"], serde_json::json!(["update"]));
    sandbox.write("zone/www", "www 5 IN A 10.9.9.9\n");
    let plan = sandbox.run(["plan", "--detailed-exitcode"]);
    plan.exits(2).says("-> \"www 5 IN A 10.9.9.9\"");
    sandbox.run(["apply", "--auto-approve", "--var", "ttl=60"]).succeeds();
    assert_ne!(sandbox.read("zone/www"), before);
    sandbox.destroy();
    assert!(!sandbox.exists("zone/www"));
}

#[test]
fn every_example_is_in_the_canonical_layout() {
    for name in ["quickstart", "environments", "environments-hcl", "files", "exec"] {
        let sandbox = example(name);
        sandbox.run(["fmt", "--check"]).succeeds();
        sandbox.run(["validate"]).succeeds();
    }
}
