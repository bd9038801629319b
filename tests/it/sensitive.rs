//! A sensitive value is used, and never shown or kept in clear where nobody asked for it by name.

use std::fs;
use std::path::Path;

use mpctl_testkit::{Output, Sandbox};
use serde_json::Value as Json;

use crate::{change, project};

const SECRET: &str = "correct-horse-battery-staple";

const SPEC: &str = r#"
variable "password" {
  type      = string
  sensitive = true
}
secret "token" {
  env = "SHOP_TOKEN"
}
resource "mpctl_data" "account" {
  input = {
    user     = "ada"
    password = var.password
    url      = "https://ada:${var.password}@shop.test/"
    token    = secret.token
  }
}
resource "local_file" "config" {
  filename = "out/account.conf"
  content  = "password=${resource.account.output.password}\ntoken=${resource.account.output.token}\n"
}
output "url" {
  value     = resource.account.output.url
  sensitive = true
}
"#;

const TOKEN: &str = "tok-7fe3a9b1c2d4";

fn sandbox() -> Sandbox {
    let mut sandbox = project(SPEC);
    sandbox.set("MPCTL_VAR_password", SECRET);
    sandbox.set("SHOP_TOKEN", TOKEN);
    sandbox
}

#[track_caller]
fn keeps_quiet(output: Output) -> Output {
    output.never_says(SECRET).never_says(TOKEN)
}

/// The files below a folder that hold a text.
fn files_with(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, text));
        } else if fs::read(&path).unwrap().windows(text.len()).any(|part| part == text.as_bytes()) {
            found.push(path.display().to_string());
        }
    }
    found
}

#[test]
fn it_arrives_where_it_is_used_and_is_shown_and_kept_nowhere_else() {
    let sandbox = sandbox();
    let plan = keeps_quiet(sandbox.run(["plan", "--out", "shop.mpplan"]).succeeds());
    plan.says("(sensitive value)");
    keeps_quiet(sandbox.run(["show", "shop.mpplan"]).succeeds());
    keeps_quiet(sandbox.run(["show", "--json", "shop.mpplan"]).succeeds());
    keeps_quiet(sandbox.run(["plan", "--json"]).succeeds());
    keeps_quiet(sandbox.run(["plan", "--why", "--expand"]).succeeds());
    keeps_quiet(sandbox.run(["apply", "shop.mpplan"]).succeeds());

    assert_eq!(sandbox.read("out/account.conf"), format!("password={SECRET}\ntoken={TOKEN}\n"));

    keeps_quiet(sandbox.run(["plan", "--detailed-exitcode"]).succeeds());
    keeps_quiet(sandbox.run(["show"]).succeeds());
    keeps_quiet(sandbox.run(["show", "--json"]).succeeds());
    keeps_quiet(sandbox.run(["state", "show", "resource.account"]).succeeds());
    keeps_quiet(sandbox.run(["state", "list", "--json"]).succeeds());
    keeps_quiet(sandbox.run(["graph"]).succeeds());
    keeps_quiet(
        sandbox.mpctl(["plan", "--var", "password=another"]).env("MPCTL_LOG", "trace").run(),
    );

    for secret in [SECRET, TOKEN] {
        assert_eq!(files_with(&sandbox.path(".mpctl"), secret), [""; 0]);
        let plan = fs::read(sandbox.path("shop.mpplan")).unwrap();
        assert!(!plan.windows(secret.len()).any(|part| part == secret.as_bytes()));
    }

    keeps_quiet(sandbox.run(["destroy", "--auto-approve"]).succeeds());
    assert_eq!(files_with(&sandbox.path(".mpctl"), SECRET), [""; 0]);
}

#[test]
fn it_is_shown_where_it_is_asked_for_by_name() {
    let sandbox = sandbox();
    keeps_quiet(sandbox.apply());
    keeps_quiet(sandbox.run(["output"]).succeeds()).says("(sensitive value)");
    sandbox.run(["output", "--raw", "url"]).succeeds().says(SECRET);
    sandbox.run(["output", "--json"]).succeeds().says(SECRET);
    sandbox.run(["show", "--json", "--reveal"]).succeeds().says(SECRET);
}

#[test]
fn json_has_null_in_its_place_and_says_where() {
    let sandbox = sandbox();
    let plan = sandbox.plan_json([]);
    let account = &change(&plan, "default/resource.account")["change"];
    assert_eq!(account["after"]["input"]["user"], "ada");
    assert_eq!(account["after"]["input"]["password"], Json::Null);
    assert_eq!(account["after_sensitive"]["input"]["password"], true);
    assert_eq!(account["after_sensitive"]["input"]["url"], true);
    assert_ne!(account["after_sensitive"]["input"]["user"], true);
    assert_eq!(plan["output_changes"]["url"]["after_sensitive"], true);
}

#[test]
fn a_change_of_it_is_seen_without_being_shown() {
    let sandbox = sandbox();
    sandbox.apply();
    let plan =
        sandbox.mpctl(["plan"]).env("MPCTL_VAR_password", "hunter2-hunter2").run().succeeds();
    keeps_quiet(plan).never_says("hunter2").says("default/resource.account will be updated");
}

#[test]
fn an_output_made_of_it_must_say_so() {
    let sandbox = sandbox();
    sandbox.edit(
        "main.hcl",
        "  value     = resource.account.output.url\n  sensitive = true",
        "  value = resource.account.output.url",
    );
    keeps_quiet(sandbox.run(["plan"]).exits(1)).says("MP0208").says("main.hcl:");
}

#[test]
fn an_error_about_it_does_not_quote_it() {
    let sandbox = sandbox();
    sandbox.edit("main.hcl", "user     = \"ada\"", "user     = tonumber(var.password)");
    keeps_quiet(sandbox.run(["plan"]).exits(1)).says("main.hcl:");
    sandbox.edit("main.hcl", "tonumber(var.password)", "{}[var.password]");
    keeps_quiet(sandbox.run(["plan"]).exits(1)).says("main.hcl:");
}

#[test]
fn the_key_that_seals_it_is_made_once_and_is_the_users_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = sandbox();
    let first = sandbox.apply();
    assert!(first.stderr.contains(".mpctl/key"), "{}", first.stderr);
    let mode = fs::metadata(sandbox.path(".mpctl/key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    sandbox.run(["plan", "--out", "again.mpplan"]).succeeds().never_says(".mpctl/key");
    fs::rename(sandbox.path(".mpctl/key"), sandbox.path("elsewhere.key")).unwrap();
    keeps_quiet(sandbox.run(["plan"]).exits(1)).says("key");
    sandbox.run(["state", "list"]).succeeds().says("default/resource.account");
}
