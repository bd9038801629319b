//! What folds and what does not.

use insta::assert_snapshot;
use serde_json::json;

use super::{plan, text};
use crate::plan::{Action, Reason, ReversibilityClass};
use crate::render::fixture::*;
use crate::render::{Options, Schemas};

#[test]
fn equal_changes_fold_over_what_is_each_ones_own() {
    let schema = database_schema();
    let schemas = Schemas::from([("cloud_database", &schema)]);
    let one = |n: u32| {
        let address = format!("dev/resource.db[{n}]");
        change(
            &address,
            "cloud_database",
            Action::Delete,
            json!({"engine": "p", "id": format!("id-{n}"), "endpoint": format!("host-{n}")}),
            json!(null),
        )
        .reason(Reason::DeleteBecauseCountIndex)
    };
    let body = body((0..5).map(one).collect());
    let options = Options { compact: true, ..Options::default() };
    assert_snapshot!(plan(&body, &schemas, &options), @r#"
  # 5 × cloud_database: dev/resource.db[0], [1], [2] and 2 more will be destroyed
  # (because its index is out of range for count)
  - resource "cloud_database" "db" {
      - endpoint = (each its own) -> null
      - engine   = "p" -> null
      - id       = (each its own) -> null
    }

Plan: 0 to add, 0 to change, 5 to destroy.
Rollback: all 5 steps are reversible.
"#);
    let expanded = plan(&body, &schemas, &Options { expand: true, ..options });
    assert_eq!(expanded.matches("will be destroyed").count(), 5);
    assert!(expanded.contains("(because index [4] is out of range for count)"), "{expanded}");
    assert!(expanded.contains("\"host-4\""), "{expanded}");
}

#[test]
fn changes_that_differ_anywhere_do_not_fold() {
    let base = || {
        change(
            "dev/resource.a[0]",
            "mpctl_data",
            Action::Update,
            json!({"id": "1", "n": 1, "s": {"x": "a"}}),
            json!({"id": "1", "n": 2, "s": {"x": "b"}}),
        )
        .because(config("n", "var.n", "main.hcl", 1))
    };
    let other = |f: &dyn Fn(crate::plan::Change) -> crate::plan::Change| {
        let mut second = f(base());
        second.address = "dev/resource.a[1]".parse().expect("an address");
        let text = text(&body(vec![base(), second]));
        text.contains("2 ×")
    };
    assert!(other(&|c| c));
    assert!(other(&|mut c| {
        c.before = c.before.map(|mut o| {
            o.value = value(json!({"id": "2", "n": 1, "s": {"x": "a"}}));
            o
        });
        c.after = Some(value(json!({"id": "2", "n": 2, "s": {"x": "b"}})));
        c
    }));
    assert!(!other(&|mut c| {
        c.after = Some(value(json!({"id": "1", "n": 3, "s": {"x": "b"}})));
        c
    }));
    assert!(!other(&|mut c| {
        c.after = Some(value(json!({"id": "1", "n": 2, "s": {"x": "c"}})));
        c
    }));
    assert!(!other(&|mut c| {
        c.after = Some(value(json!({"id": "1", "n": 2, "s": {"x": "b"}, "extra": 1})));
        c
    }));
    assert!(!other(&|c| c.effect("restarts the process")));
    assert!(!other(&|c| c.undo(ReversibilityClass::Lossy, &["a new id"])));
    assert!(!other(&|c| c.reason(Reason::UpdateBecauseDrift)));
    assert!(!other(&|c| c.replaces("n")));
    assert!(!other(&|mut c| {
        c.cause.clear();
        c.because(config("n", "var.n", "main.hcl", 2))
    }));
    assert!(!other(&|mut c| {
        c.resource_type = "local_file".into();
        c
    }));
}

#[test]
fn what_is_lost_folds_over_the_id_that_it_names() {
    let one = |n: u32| {
        change(
            &format!("dev/resource.a[{n}]"),
            "mpctl_data",
            Action::Delete,
            json!({"id": format!("id-{n}")}),
            json!(null),
        )
        .undo(ReversibilityClass::Lossy, &[&format!("its identity (id id-{n})")])
    };
    let text = text(&body((0..3).map(one).collect()));
    assert!(text.contains("3 × mpctl_data"), "{text}");
    assert!(text.contains("# ! lossy to undo: its identity (id each its own)"), "{text}");
}
