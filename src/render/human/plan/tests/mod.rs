//! A plan that has everything, and what it looks like.

mod folding;
mod values;
mod wording;

use insta::assert_snapshot;
use serde_json::json;

use super::plan;
use crate::plan::{Action, PlanBody, Reason, ReplaceOrder, ReversibilityClass};
use crate::render::fixture::*;
use crate::render::{Options, Schemas};

fn text(body: &PlanBody) -> String {
    plan(body, &Schemas::new(), &Options { compact: true, ..Options::default() })
}

fn everything() -> PlanBody {
    use Action::{Create, Delete, Forget, NoOp, Read, Replace, Update};
    let mut body = body(vec![
        change("dev/data.image", "local_file", Read, json!(null), json!({"filename": "?", "content": "?"}))
            .reason(Reason::ReadBecauseConfigUnknown).wave(2),
        change("dev/resource.a", "mpctl_data", Update,
            json!({"id": "a1", "input": {"n": 1, "list": ["x", "y"], "name": "n", "deep": [{"k": 1}, {"k": 2}], "same": true}, "output": {"n": 1}}),
            json!({"id": "a1", "input": {"n": 2, "list": ["x", "z", "y"], "name": "n", "deep": [{"k": 1}, {"k": 3}], "same": true, "extra": 1.5}, "output": "?"}))
            .because(config("input", "{ n = var.n }", "main.hcl", 12)).because(variable("environment dev", "dev.hcl", 3)),
        change("dev/resource.b", "mpctl_data", Replace(ReplaceOrder::DeleteThenCreate),
            json!({"id": "b1", "input": "v", "triggers_replace": ["x"]}), json!({"id": "?", "input": "v", "triggers_replace": ["y"]}))
            .replaces("triggers_replace").reason(Reason::ReplaceBecauseCannotUpdate)
            .because(config("triggers_replace", "[var.x]", "main.hcl", 20))
            .undo(ReversibilityClass::Lossy, &["a new id"]),
        change("dev/resource.db", "cloud_database", Delete,
            json!({"id": "db-1", "engine": "postgres", "password": {"$secret": "hunter2"}}), json!(null))
            .reason(Reason::DeleteBecauseNoResourceConfig).undo(ReversibilityClass::Irreversible, &["the data that it holds"]),
        change("dev/resource.f", "mpctl_data", Forget, json!({"id": "f1", "input": "x"}), json!(null)),
        change("dev/resource.m", "mpctl_data", NoOp, json!({"id": "m1", "input": "x"}), json!({"id": "m1", "input": "x"}))
            .moved_from("dev/resource.old"),
        change("dev/resource.n[0]", "mpctl_data", Create, json!(null), json!({"id": "?", "input": "same", "output": "?", "triggers_replace": null})),
        change("dev/resource.n[1]", "mpctl_data", Create, json!(null), json!({"id": "?", "input": "same", "output": "?", "triggers_replace": null})),
        change("dev/resource.n[2]", "mpctl_data", Create, json!(null), json!({"id": "?", "input": "same", "output": "?", "triggers_replace": null})),
        change("dev/resource.n[3]", "mpctl_data", Create, json!(null), json!({"id": "?", "input": "same", "output": "?", "triggers_replace": null})),
        change("dev/resource.o[\"eu\"]", "mpctl_data", Delete, json!({"id": "o1", "input": ["p", {"q": 1}]}), json!(null))
            .reason(Reason::DeleteBecauseEachKey).wave(2),
        change("dev/workload.api/process_service.api[0]", "process_service", Update,
            json!({"id": "api-0", "command": ["serve", "8080"], "env": {"$map": {"MODE": "dev"}}, "pid": 41}),
            json!({"id": "api-0", "command": ["serve", "--fast", "8080"], "env": {"$map": {"MODE": "dev"}}, "pid": "?"}))
            .effect("restarts the process").wave(3),
        change("dev/workload.api/process_service.api[1]", "process_service", Update,
            json!({"id": "api-1", "command": ["serve", "8080"], "env": {"$map": {"MODE": "dev"}}, "pid": 41}),
            json!({"id": "api-1", "command": ["serve", "--fast", "8080"], "env": {"$map": {"MODE": "dev"}}, "pid": "?"}))
            .effect("restarts the process").wave(3),
    ]);
    body.drift = vec![
        drift(
            "dev/resource.a",
            "mpctl_data",
            json!({"id": "a1", "input": "x"}),
            json!({"id": "a1", "input": "y"}),
        ),
        drift("dev/resource.quiet", "local_file", json!({"content": "a"}), json!({"content": "b"})),
    ];
    body.outputs = vec![
        output("dev/output.gone", json!("x"), json!(null)),
        output("dev/output.secret", json!(null), json!({"$secret": "swordfish"})),
        output("dev/output.same", json!(1), json!(1)),
        output("dev/output.url", json!("http://a"), json!("?")),
    ];
    body.left_out = Some(
        (0..12).map(|n| format!("dev/resource.left[{n}]").parse().expect("an address")).collect(),
    );
    body
}

#[test]
fn every_action_is_shown_with_sign_reason_cause_and_cost() {
    let text = plan(&everything(), &Schemas::new(), &Options::default());
    assert_snapshot!(text, @r#"
Objects have changed outside of mpctl since they were last recorded:

  # dev/resource.a has changed
  ~ resource "mpctl_data" "a" {
        id    = "a1"
      ~ input = "x" -> "y"
    }

1 object has changed outside of mpctl without effect on this plan: dev/resource.quiet (shown with --expand).

Actions are marked with these symbols:
  + create
  ~ update in-place
  - destroy
-/+ destroy and then create replacement
 <= read (data, during apply)
  . stop managing, leave as it is

mpctl will perform the following actions:

  # dev/data.image will be read during apply
  # (its configuration is not known before apply)
  # wave 2 of 3
 <= data "local_file" "image" {
      + content  = (known after apply)
      + filename = (known after apply)
    }

  # dev/resource.a will be updated in-place
  # because input = { n = var.n }, set by environment dev (dev.hcl:3); wave 1 of 3
  ~ resource "mpctl_data" "a" {
        id     = "a1"
      ~ input  = {
          ~ deep  = [
                {
                    k = 1
                },
              ~ {
                  ~ k = 2 -> 3
                },
            ]
          + extra = 1.5
          ~ list  = [
                "x",
              + "z",
                "y",
            ]
          ~ n     = 1 -> 2
            name  = "n"
            # (1 unchanged attribute hidden)
        }
      ~ output = {
          - n = 1
        } -> (known after apply)
    }

  # dev/resource.b must be replaced
  # because triggers_replace = [var.x] (main.hcl:20); wave 1 of 3
  # ! lossy to undo: a new id
-/+ resource "mpctl_data" "b" {
      ~ id               = "b1" -> (known after apply)
      ~ triggers_replace = [ # forces replacement
          ~ "x" -> "y",
        ]
        # (1 unchanged attribute hidden)
    }

  # dev/resource.db will be destroyed
  # (because resource.db is not declared any more)
  # wave 1 of 3
  # ! irreversible: the data that it holds
  - resource "cloud_database" "db" {
      - engine   = "postgres" -> null
      - id       = "db-1" -> null
      - password = (sensitive value) -> null
    }

  # dev/resource.f will no longer be managed by mpctl, but will not be destroyed
  # wave 1 of 3
  . resource "mpctl_data" "f" {
        id = "f1"
        # (1 unchanged attribute hidden)
    }

  # dev/resource.old has moved to dev/resource.m
    resource "mpctl_data" "m" {
        id = "m1"
        # (1 unchanged attribute hidden)
    }

  # 4 × mpctl_data: dev/resource.n[0], [1], [2] and 1 more will be created
  # wave 1 of 3
  + resource "mpctl_data" "n" {
      + id     = (known after apply)
      + input  = "same"
      + output = (known after apply)
    }

  # dev/resource.o["eu"] will be destroyed
  # (because key ["eu"] is not in for_each any more)
  # wave 2 of 3
  - resource "mpctl_data" "o" {
      - id    = "o1" -> null
      - input = [
          - "p",
          - {
              - q = 1
            },
        ] -> null
    }

  Workload api: 2 to update

  # 2 × process_service: dev/workload.api/process_service.api[0], [1] will be updated in-place
  # wave 3 of 3
  # restarts the process
  ~ resource "process_service" "api" {
      ~ command = [
            "serve",
          + "--fast",
            "8080",
        ]
      ~ pid     = 41 -> (known after apply)
        # (2 unchanged attributes hidden)
    }

Plan: 5 to add, 3 to change, 3 to destroy, 1 to forget.
Objects: 4 to create, 3 to update, 1 to replace, 2 to destroy, 1 to forget, 1 to move, 1 to read.
Order: 3 waves; first dev/resource.a, dev/resource.b, dev/resource.db and 5 more, last dev/workload.api/process_service.api[0], dev/workload.api/process_service.api[1].
Rollback: 9 of 11 steps reversible, 1 lossy, 1 irreversible.

This plan is partial: it leaves out 12 objects: dev/resource.left[0], dev/resource.left[1], dev/resource.left[2], dev/resource.left[3], dev/resource.left[4], dev/resource.left[5], dev/resource.left[6], dev/resource.left[7], dev/resource.left[8], dev/resource.left[9] and 2 more.

Changes to Outputs:
  - gone   = "x" -> null
  + secret = (sensitive value)
  ~ url    = "http://a" -> (known after apply)
"#);
}

#[test]
fn concise_is_one_line_a_change_with_the_summary_whole() {
    let options = Options { concise: true, ..Options::default() };
    assert_snapshot!(plan(&everything(), &Schemas::new(), &options), @r#"
Objects have changed outside of mpctl since they were last recorded:

  ~ dev/resource.a has changed

1 object has changed outside of mpctl without effect on this plan: dev/resource.quiet (shown with --expand).

 <= dev/data.image  its configuration is not known before apply
  ~ dev/resource.a  because input = { n = var.n }, set by environment dev (dev.hcl:3)
-/+ dev/resource.b  because triggers_replace = [var.x] (main.hcl:20)  [lossy]
  - dev/resource.db  because it is not declared any more  [irreversible]
  . dev/resource.f
  ~ dev/resource.m (moved from dev/resource.old)
  + 4 × mpctl_data: dev/resource.n[0], [1], [2] and 1 more
  - dev/resource.o["eu"]  because its key is not in for_each any more

  Workload api: 2 to update

  ~ 2 × process_service: dev/workload.api/process_service.api[0], [1]

Plan: 5 to add, 3 to change, 3 to destroy, 1 to forget.
Objects: 4 to create, 3 to update, 1 to replace, 2 to destroy, 1 to forget, 1 to move, 1 to read.
Order: 3 waves; first dev/resource.a, dev/resource.b, dev/resource.db and 5 more, last dev/workload.api/process_service.api[0], dev/workload.api/process_service.api[1].
Rollback: 9 of 11 steps reversible, 1 lossy, 1 irreversible.

This plan is partial: it leaves out 12 objects: dev/resource.left[0], dev/resource.left[1], dev/resource.left[2], dev/resource.left[3], dev/resource.left[4], dev/resource.left[5], dev/resource.left[6], dev/resource.left[7], dev/resource.left[8], dev/resource.left[9] and 2 more.

Changes to Outputs:
  - gone   = "x" -> null
  + secret = (sensitive value)
  ~ url    = "http://a" -> (known after apply)
"#);
}

#[test]
fn why_shows_every_link_of_the_chain() {
    let mut body = everything();
    body.changes.retain(|change| change.address.to_string() == "dev/resource.a");
    body.drift.clear();
    body.outputs.clear();
    body.left_out = None;
    let options = Options { why: true, ..Options::default() };
    assert_snapshot!(plan(&body, &Schemas::new(), &options), @r#"
Actions are marked with these symbols:
  ~ update in-place

mpctl will perform the following actions:

  # dev/resource.a will be updated in-place
  # because input = { n = var.n }, set by environment dev (dev.hcl:3)
  #   config: input = { n = var.n } (main.hcl:12:3)
  #   variable: environment dev (dev.hcl:3:3)
  ~ resource "mpctl_data" "a" {
        id     = "a1"
      ~ input  = {
          ~ deep  = [
                {
                    k = 1
                },
              ~ {
                  ~ k = 2 -> 3
                },
            ]
          + extra = 1.5
          ~ list  = [
                "x",
              + "z",
                "y",
            ]
          ~ n     = 1 -> 2
            name  = "n"
            # (1 unchanged attribute hidden)
        }
      ~ output = {
          - n = 1
        } -> (known after apply)
    }

Plan: 0 to add, 1 to change, 0 to destroy.
Rollback: the one step is reversible.
"#);
}

#[test]
fn colour_adds_nothing_but_colour() {
    let escapes = regex::Regex::new("\u{1b}\\[[0-9]+m").expect("a pattern");
    for concise in [false, true] {
        let plain = Options { concise, why: true, ..Options::default() };
        let coloured = plan(&everything(), &Schemas::new(), &Options { colour: true, ..plain });
        assert!(escapes.is_match(&coloured));
        let stripped = escapes.replace_all(&coloured, "");
        assert_eq!(stripped, plan(&everything(), &Schemas::new(), &plain));
    }
}

#[test]
fn nothing_sensitive_is_shown_unless_asked_for() {
    for concise in [false, true] {
        let options = Options { concise, expand: true, why: true, ..Options::default() };
        let text = plan(&everything(), &Schemas::new(), &options);
        assert!(!text.contains("hunter2") && !text.contains("swordfish"), "{text}");
    }
    let options = Options { reveal: true, ..Options::default() };
    let text = plan(&everything(), &Schemas::new(), &options);
    assert!(text.contains("hunter2") && text.contains("swordfish"), "{text}");
}

/// How long ten thousand creates take, for those who want to know: `cargo test --release ten_thousand -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn ten_thousand_creates() {
    let one = |n: u32| {
        change(&format!("dev/resource.r{n}"), "mpctl_data", Action::Create, json!(null), json!({"id": "?", "input": format!("value-{n}"), "output": "?", "triggers_replace": null}))
        .because(config("input", "\"value\"", "main.hcl", n))
    };
    let body = body((0..10_000).map(one).collect());
    let start = std::time::Instant::now();
    let text = plan(&body, &Schemas::new(), &Options::default());
    println!("{} bytes of text in {:?}", text.len(), start.elapsed());
    let plan = crate::plan::Plan { id: "".into(), created_at: "".into(), body };
    let start = std::time::Instant::now();
    let mut out = Vec::new();
    crate::render::json::plan(&mut out, &plan, &Schemas::new(), false).expect("a Vec takes all");
    println!("{} bytes of JSON in {:?}", out.len(), start.elapsed());
}
