//! How values and their differences are written.

use insta::assert_snapshot;
use serde_json::json;

use super::{plan, text};
use crate::plan::{Action, ReplaceOrder};
use crate::render::fixture::*;
use crate::render::{Options, Schemas};

fn update(before: serde_json::Value, after: serde_json::Value) -> String {
    text(&body(vec![change("dev/resource.a", "mpctl_data", Action::Update, before, after)]))
}

#[test]
fn sensitive_parts_stay_hidden_on_both_sides_even_where_only_one_side_is_marked() {
    let text = update(
        json!({"a": "tok-1", "b": {"$secret": "tok-2"}, "c": ["tok-3"], "d": {"$secret": "tok-4"}, "e": {"x": "tok-5"}, "f": {"y": "tok-7"}}),
        json!({"a": {"$secret": "tok-1"}, "b": "tok-2b", "c": ["new", {"$secret": "tok-3"}], "d": "?", "e": {"x": {"$secret": "tok-6"}}, "f": [{"$secret": "tok-7"}]}),
    );
    assert!(!text.contains("tok-"), "{text}");
    assert_snapshot!(text, @r#"
  # dev/resource.a will be updated in-place
  ~ resource "mpctl_data" "a" {
      ~ a = (sensitive value) # will be sensitive; the value itself stays
      ~ b = (sensitive value) # will no longer be sensitive
      ~ c = (sensitive value)
      ~ d = (sensitive value) -> (known after apply)
      ~ e = {
          ~ x = (sensitive value) # will be sensitive
        }
      ~ f = (sensitive value)
    }

Plan: 0 to add, 1 to change, 0 to destroy.
Rollback: the one step is reversible.
"#);
}

#[test]
fn what_the_schema_calls_sensitive_needs_no_mark() {
    let schema = database_schema();
    let schemas = Schemas::from([("cloud_database", &schema)]);
    let body = body(vec![
        change(
            "dev/resource.new",
            "cloud_database",
            Action::Create,
            json!(null),
            json!({"engine": "p", "password": "tok-1", "id": "?"}),
        ),
        change(
            "dev/resource.old",
            "cloud_database",
            Action::Delete,
            json!({"engine": "p", "password": "tok-2", "id": "x"}),
            json!(null),
        ),
        change(
            "dev/resource.one",
            "cloud_database",
            Action::Update,
            json!({"engine": "p", "password": "tok-3", "id": "x"}),
            json!({"engine": "p", "password": "tok-4", "id": "x"}),
        ),
    ]);
    let text = plan(&body, &schemas, &Options { compact: true, ..Options::default() });
    assert!(!text.contains("tok-"), "{text}");
    assert_snapshot!(text, @r#"
  # dev/resource.new will be created
  + resource "cloud_database" "new" {
      + engine   = "p"
      + id       = (known after apply)
      + password = (sensitive value)
    }

  # dev/resource.old will be destroyed
  - resource "cloud_database" "old" {
      - engine   = "p" -> null
      - id       = "x" -> null
      - password = (sensitive value) -> null
    }

  # dev/resource.one will be updated in-place
  ~ resource "cloud_database" "one" {
        id       = "x"
      ~ password = (sensitive value)
        # (1 unchanged attribute hidden)
    }

Plan: 1 to add, 1 to change, 1 to destroy.
Rollback: all 3 steps are reversible.
"#);
}

#[test]
fn texts_are_compared_line_by_line_and_json_by_structure() {
    let text = update(
        json!({"id": "c", "lines": "a\nb\nc\nd\ne\nf\ng\nh\ni\n", "end": "a\n", "json": "{\"a\":1,\"b\":[1,2,{\"c\":\"x\"}],\"key with space\":\"v\"}", "layout": "[1,2]"}),
        json!({"id": "c", "lines": "a\nb\nc\nd\ne\nF\ng\nh\ni\nj\n", "end": "a\nb", "json": "{\"a\":2,\"b\":[1,2,{\"c\":\"y\"}],\"key with space\":\"v\"}", "layout": "[1, 2]"}),
    );
    assert_snapshot!(text, @r#"
  # dev/resource.a will be updated in-place
  ~ resource "mpctl_data" "a" {
      ~ end    = <<-EOT # the newline at the end is removed
            a
          + b
        EOT
        id     = "c"
      ~ json   = jsonencode(
          ~ {
              ~ a = 1 -> 2
              ~ b = [
                    # (1 unchanged element hidden)
                    2,
                  ~ {
                      ~ c = "x" -> "y"
                    },
                ]
                # (1 unchanged attribute hidden)
            }
        )
      ~ layout = jsonencode(
            # (only the layout of the JSON text changes)
        )
      ~ lines  = <<-EOT
            # (2 unchanged lines hidden)
            c
            d
            e
          - f
          + F
            g
            h
            i
          + j
        EOT
    }

Plan: 0 to add, 1 to change, 0 to destroy.
Rollback: the one step is reversible.
"#);
}

#[test]
fn new_texts_are_shown_line_by_line_too() {
    let body = body(vec![change(
        "dev/resource.a",
        "mpctl_data",
        Action::Create,
        json!(null),
        json!({"text": "one\n\n\ttwo\r\nthree", "json": "{\"a\":[true,null]}", "empty": [[], {}, ""], "number": 9007199254740993_u64}),
    )]);
    assert_snapshot!(text(&body), @r#"
  # dev/resource.a will be created
  + resource "mpctl_data" "a" {
      + empty  = [
          + [],
          + {},
          + "",
        ]
      + json   = jsonencode(
            {
              + a = [
                  + true,
                  + null,
                ]
            }
        )
      + number = 9007199254740993
      + text   = <<-EOT # without a newline at the end
            one

            	two\r
            three
        EOT
    }

Plan: 1 to add, 0 to change, 0 to destroy.
Rollback: the one step is reversible.
"#);
}

#[test]
fn collections_show_what_changes_and_count_the_rest() {
    let text = update(
        json!({"list": [1, 2, 3, 4, 5, 6, 7, 8], "set": {"$set": ["p", "q", "r"]}, "map": {"$map": {"A": "1", "B": "2", "C": "3"}}, "kind": "text", "null": "x", "nested": {"a": {"b": [{"c": 1, "d": 2}]}}}),
        json!({"list": [1, 2, 3, 4, 9, 6, 7, 8], "set": {"$set": ["p", "r", "s"]}, "map": {"$map": {"A": "1", "B": "3", "D": "4"}}, "kind": ["text"], "null": null, "nested": {"a": {"b": [{"c": 1, "d": 3}, {"c": "?", "d": 0}]}}}),
    );
    assert_snapshot!(text, @r#"
  # dev/resource.a will be updated in-place
  ~ resource "mpctl_data" "a" {
      ~ kind   = "text" -> [
          + "text",
        ]
      ~ list   = [
            # (3 unchanged elements hidden)
            4,
          ~ 5 -> 9,
            6,
            # (2 unchanged elements hidden)
        ]
      ~ map    = {
          ~ "B" = "2" -> "3"
          - "C" = "3" -> null
          + "D" = "4"
            # (1 unchanged element hidden)
        }
      ~ nested = {
          ~ a = {
              ~ b = [
                  ~ {
                      ~ d = 2 -> 3
                        # (1 unchanged attribute hidden)
                    },
                  + {
                      + c = (known after apply)
                      + d = 0
                    },
                ]
            }
        }
      - null   = "x" -> null
      ~ set    = [
          - "q",
          + "s",
            # (2 unchanged elements hidden)
        ]
    }

Plan: 0 to add, 1 to change, 0 to destroy.
Rollback: the one step is reversible.
"#);
}

#[test]
fn a_list_that_was_a_tuple_reads_the_same_and_is_no_change() {
    let mut body = body(vec![change(
        "dev/resource.a",
        "mpctl_data",
        Action::Update,
        json!({"input": ["x"], "n": 1}),
        json!({"input": null, "n": 2}),
    )]);
    let list = mpctl_provider::Value::list(mpctl_provider::Type::String, vec![value(json!("x"))]);
    body.changes[0].after =
        Some(mpctl_provider::Value::object([("input", list), ("n", value(json!(2)))]));
    let text = text(&body);
    assert!(text.contains("# (1 unchanged attribute hidden)"), "{text}");
}

#[test]
fn a_part_of_an_attribute_can_force_the_replacement() {
    let mut one = change(
        "dev/resource.a",
        "mpctl_data",
        Action::Replace(ReplaceOrder::CreateThenDelete),
        json!({"id": "1", "disk": [{"size": 1}, {"size": 2}], "zone": "a"}),
        json!({"id": "?", "disk": [{"size": 1}, {"size": 3}], "zone": "b"}),
    )
    .replaces("zone");
    one.replace_paths.push(serde_json::from_value(json!(["disk", 1, "size"])).expect("a path"));
    assert_snapshot!(text(&body(vec![one])), @r#"
  # dev/resource.a must be replaced
+/- resource "mpctl_data" "a" {
      ~ disk = [
            {
                size = 1
            },
          ~ {
              ~ size = 2 -> 3 # forces replacement
            },
        ]
      ~ id   = "1" -> (known after apply)
      ~ zone = "a" -> "b" # forces replacement
    }

Plan: 1 to add, 0 to change, 1 to destroy.
Objects: 1 to replace.
Rollback: the one step is reversible.
"#);
}

#[test]
fn yaml_is_compared_by_what_it_says() {
    let text = update(
        json!({
            "compose": "# web\nservices:\n  web:\n    image: web:1\n    ports: [80, 443]\n    on: yes\nversion: \"3\"\n",
            "rules": "- allow: a\n- allow: b\n",
            "script": "cert: |\n  one\n  two\nmode: 0o644\n",
        }),
        json!({
            "compose": "services:\n  web: {image: 'web:2', ports: [80, 8443], on: no, tty: true}\nversion: \"3\"\n",
            "rules": "- allow: a\n- deny: c\n- allow: b\n",
            "script": "cert: |\n  one\n  2\nmode: 0o644\n",
        }),
    );
    assert_snapshot!(text, @r#"
  # dev/resource.a will be updated in-place
  ~ resource "mpctl_data" "a" {
      ~ compose = yamlencode(
          ~ {
              ~ services = {
                  ~ web = {
                      ~ image = "web:1" -> "web:2"
                      ~ on    = "yes" -> "no"
                      ~ ports = [
                            80,
                          ~ 443 -> 8443,
                        ]
                      + tty   = true
                    }
                }
                # (1 unchanged attribute hidden)
            }
        )
      ~ rules   = yamlencode(
          ~ [
                {
                    allow = "a"
                },
              + {
                  + deny = "c"
                },
                {
                    allow = "b"
                },
            ]
        )
      ~ script  = yamlencode(
          ~ {
              ~ cert = <<-EOT
                    one
                  - two
                  + 2
                EOT
                # (1 unchanged attribute hidden)
            }
        )
    }

Plan: 0 to add, 1 to change, 0 to destroy.
Rollback: the one step is reversible.
"#);
}

#[test]
fn yaml_is_compared_by_lines_where_those_say_more() {
    let long =
        |end: &str| format!("{}end: {end}\n", "key: value\n".replace("key", &"k".repeat(70_000)));
    let text = update(
        json!({
            "comment": "# old\na: 1\n",
            "layout": "a: [1, 2]\nb: x\n",
            "null": "a: 1\nb:\n",
            "prose": "Dear all: hello\nYours: me\n",
            "script": "#!/bin/sh\nrun: x\n",
            "scalar": "one\ntwo\n",
            "several": "a: 1\n---\nb: 1\n",
        }),
        json!({
            "comment": "# new\na: 1\n",
            "layout": "a:\n- 1\n- 2\nb: x\n",
            "null": "a: 1\n",
            "prose": "Dear all: hi\nYours: me\n",
            "script": "#!/bin/sh\nrun: y\n",
            "scalar": "one\n2\n",
            "several": "a: 1\n---\nb: 2\n",
        }),
    );
    assert!(!text.contains("yamlencode"), "{text}");
    assert!(text.contains("- # old") && text.contains("+ # new"), "{text}");
    assert!(text.contains("- b:\n"), "a null that goes is shown: {text}");
    let text = update(json!({"long": long("1")}), json!({"long": long("2")}));
    assert!(!text.contains("yamlencode"), "{}", text.len());
}
