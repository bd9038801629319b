//! The words around the values.

use insta::assert_snapshot;
use serde_json::json;

use super::{plan, text};
use crate::plan::{Action, EnvironmentPlan, Mode, Reason, ReplaceOrder, ReversibilityClass};
use crate::render::fixture::*;
use crate::render::{Options, Schemas};

#[test]
fn several_environments_have_headings_and_one_has_none() {
    let mut body = body(vec![
        change("dev/resource.a", "mpctl_data", Action::Create, json!(null), json!({"input": "x"})),
        change("prod/resource.a", "mpctl_data", Action::Delete, json!({"input": "x"}), json!(null)),
    ]);
    body.environments
        .insert("prod".into(), EnvironmentPlan { protect: true, ..EnvironmentPlan::default() });
    body.outputs = vec![output("prod/output.url", json!("a"), json!("b"))];
    assert_snapshot!(text(&body), @r#"
Environment dev

  # dev/resource.a will be created
  + resource "mpctl_data" "a" {
      + input = "x"
    }

Environment prod

  # prod/resource.a will be destroyed
  - resource "mpctl_data" "a" {
      - input = "x" -> null
    }

Plan: 1 to add, 0 to change, 1 to destroy.
Environments touched: dev, prod.
Rollback: all 2 steps are reversible.
Environment prod is protected, and objects in it are destroyed or replaced: this needs --approve prod.

Changes to Outputs:
  ~ prod/url = "a" -> "b"
"#);
}

#[test]
fn every_reason_has_words() {
    use Reason::*;
    let reasons = [
        (ReplaceBecauseCannotUpdate, "cannot change in place"),
        (ReplaceBecauseTainted, "is tainted, so must be replaced"),
        (ReplaceByRequest, "will be replaced, as requested"),
        (ReplaceByTriggers, "replace_triggered_by"),
        (DeleteBecauseNoResourceConfig, "resource.a is not declared"),
        (DeleteBecauseWrongRepetition, "count or for_each was"),
        (DeleteBecauseCountIndex, "index [3] is out of range"),
        (DeleteBecauseEachKey, "key [3] is not in for_each"),
        (DeleteBecauseDisabled, "is disabled or not in"),
        (DeleteBecauseNoEnvironment, "environment dev is not declared"),
        (DeleteBecauseDestroy, "everything is to be destroyed"),
        (DeleteBecauseDeposed, "a replacement left it behind"),
        (ReadBecauseConfigUnknown, "not known before apply"),
        (ReadBecauseDependencyPending, "depends on changes in this plan"),
        (CreateBecauseGone, "it is gone"),
        (UpdateBecauseDrift, "changed outside of mpctl"),
    ];
    for (reason, words) in reasons {
        let name = format!("{reason:?}");
        let action = match name.as_bytes()[0] {
            b'D' => Action::Delete,
            b'C' => Action::Create,
            b'U' => Action::Update,
            _ if name.starts_with("Replace") => Action::Replace(ReplaceOrder::CreateThenDelete),
            _ => Action::Read,
        };
        let one =
            change("dev/resource.a[3]", "mpctl_data", action, json!({"n": 1}), json!({"n": 2}))
                .reason(reason);
        let text = text(&body(vec![one]));
        assert!(text.contains(words), "{reason:?} lacks {words:?}:\n{text}");
    }
}

#[test]
fn a_deposed_object_is_named_as_such_and_never_folded_away() {
    let gone = |key: &str| {
        change("dev/resource.a", "mpctl_data", Action::Delete, json!({"id": "1"}), json!(null))
            .reason(Reason::DeleteBecauseDeposed)
            .deposed(key)
    };
    let text = text(&body(vec![gone("1a2b"), gone("3c4d")]));
    assert_eq!(text.matches("(deposed object ").count(), 2, "{text}");
}

#[test]
fn a_move_with_a_change_says_both() {
    let text = text(&body(vec![
        change("dev/resource.b", "mpctl_data", Action::Update, json!({"n": 1}), json!({"n": 2}))
            .moved_from("dev/resource.a"),
    ]));
    assert!(
        text.contains("# dev/resource.b will be updated in-place\n  # (moved from dev/resource.a)"),
        "{text}"
    );
}

#[test]
fn a_plan_without_changes_says_so_in_one_sentence() {
    let same =
        || change("dev/resource.a", "mpctl_data", Action::NoOp, json!({"n": 1}), json!({"n": 1}));
    let mut nothing = body(vec![same()]);
    assert_snapshot!(text(&nothing), @"No changes. Everything is as the spec says.");
    nothing.mode = Mode::Destroy;
    assert_snapshot!(text(&nothing), @"No changes. There is nothing to destroy.");
    nothing.mode = Mode::RefreshOnly;
    assert_snapshot!(text(&nothing), @"No changes. Everything is still as the state records it.");
    nothing.drift = vec![
        drift("dev/resource.a", "mpctl_data", json!({"n": 1}), json!({"n": 2})),
        drift("dev/resource.b", "mpctl_data", json!({"n": 1}), json!(null)),
    ];
    assert_snapshot!(text(&nothing), @r#"
Objects have changed outside of mpctl since they were last recorded:

  # dev/resource.a has changed
  ~ resource "mpctl_data" "a" {
      ~ n = 1 -> 2
    }

  # dev/resource.b has been deleted
  - resource "mpctl_data" "b" {
      - n = 1 -> null
    }

Applying this plan takes over into the state what was found outside, and touches no object.
"#);
    nothing.mode = Mode::Apply;
    assert_snapshot!(text(&nothing), @r#"
2 objects have changed outside of mpctl without effect on this plan: dev/resource.a, dev/resource.b (shown with --expand).

No changes. Everything is as the spec says.
"#);
    nothing.drift.clear();
    nothing.outputs = vec![output("dev/output.n", json!(1), json!(2))];
    assert_snapshot!(text(&nothing), @r#"
Only outputs change: applying this plan records their new values, and touches no object.

Changes to Outputs:
  ~ n = 1 -> 2
"#);
}

#[test]
fn nothing_that_steers_a_terminal_comes_from_data() {
    let bad = "x\u{1b}[31m\u{7}\u{9b}\u{202e}";
    let mut body = body(vec![
        change(
            "dev/resource.a",
            "mpctl_data",
            Action::Update,
            json!({bad: bad, "t": "a\nb"}),
            json!({bad: [bad], "t": format!("a\n{bad}\r")}),
        )
        .because(config(bad, bad, bad, 1))
        .effect(bad)
        .undo(ReversibilityClass::Lossy, &[bad]),
        change(
            "dev/resource.b",
            bad,
            Action::Create,
            json!(null),
            json!({"t": {bad: {"$map": {bad: bad}}}}),
        )
        .deposed(bad),
    ]);
    body.outputs = vec![output("dev/output.n", json!(bad), json!(format!("{bad}\n{bad}")))];
    body.drift = vec![drift("dev/resource.a", bad, json!({"n": bad}), json!({"n": [bad]}))];
    for concise in [false, true] {
        let text =
            plan(&body, &Schemas::new(), &Options { why: true, concise, ..Options::default() });
        let harmful = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!text.contains(harmful), "{text:?}");
    }
}

#[test]
fn concise_lines_shorten_the_expression_to_the_width_and_keep_place_and_mark() {
    let one = change("dev/resource.a", "mpctl_data", Action::Delete, json!({"n": 1}), json!(null))
        .because(config("some.long.path", "var.also_a_long_name", "folder/main.hcl", 123))
        .undo(ReversibilityClass::Irreversible, &["its data"]);
    for (width, shown) in [
        (103, "because some.long.path = var.also_a_long_name"),
        (102, "because some.long.path = var.also_a_long_na…"),
        (100, "because some.long.path = var.also_a_long_…"),
        (90, "because some.long.path = var.al…"),
        (60, "because some.long.p…"),
    ] {
        for colour in [false, true] {
            let options = Options { concise: true, width, colour, ..Options::default() };
            let text = plan(&body(vec![one.clone()]), &Schemas::new(), &options);
            assert!(
                text.contains(&format!("  {shown} (folder/main.hcl:123)  [irreversible]\n")),
                "{width}: {text}"
            );
        }
    }
}
