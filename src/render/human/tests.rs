//! States and outputs as people see them.

use std::sync::Arc;

use insta::assert_snapshot;
use mpctl_provider::contract::Object;
use serde_json::{Value as Json, json};

use super::{output_value, outputs, state, state_record};
use crate::address::LocalAddress;
use crate::render::fixture::{database_schema, value};
use crate::render::{Options, Schemas};
use crate::state::{Deposed, OutputRecord, Record, ResourceRecord, State, Status};

fn record(resource_type: &str, of: Json) -> ResourceRecord {
    ResourceRecord {
        resource_type: resource_type.into(),
        provider: "cloud".into(),
        provider_source: "builtin".into(),
        schema_version: 0,
        object: Some(Object::new(value(of))),
        status: Status::Ready,
        dependencies: vec![],
        create_before_destroy: false,
        retain_on_destroy: false,
        deposed: vec![],
    }
}

fn recorded() -> State {
    let old = Deposed { key: "1a2b".into(), object: Object::new(value(json!({"id": "0"}))) };
    let web = ResourceRecord {
        status: Status::Tainted,
        deposed: vec![old],
        ..record(
            "mpctl_data",
            json!({"id": "1", "input": {"list": [1, {"a": {"$secret": "tok"}}], "text": "a\nb\n"}, "triggers_replace": null}),
        )
    };
    let database = record("cloud_database", json!({"engine": "p", "password": "tok"}));
    let image = record("local_file", json!({"filename": "x"}));
    let output = |of: Json| Record::Output(OutputRecord { value: value(of) });
    let resource = |of: ResourceRecord| Record::Resource(Arc::new(of));
    State {
        basis: None,
        records: [
            ("data.image".parse().unwrap(), resource(image)),
            ("resource.db".parse().unwrap(), resource(database)),
            ("resource.web[\"eu\"]".parse().unwrap(), resource(web)),
            ("output.api_key".parse().unwrap(), output(json!({"$secret": "tok"}))),
            ("output.url".parse().unwrap(), output(json!("http://a"))),
        ]
        .into(),
    }
}

#[test]
fn a_state_shows_every_object_and_output() {
    let schema = database_schema();
    let schemas = Schemas::from([("cloud_database", &schema)]);
    let text = state(&"dev".into(), &recorded(), &schemas, &Options::default());
    assert!(!text.contains("tok"), "{text}");
    assert_snapshot!(text, @r#"
# dev/data.image:
data "local_file" "image" {
    filename = "x"
}

# dev/resource.db:
resource "cloud_database" "db" {
    engine   = "p"
    password = (sensitive value)
}

# dev/resource.web["eu"] (tainted: its creation failed half way):
resource "mpctl_data" "web" {
    id    = "1"
    input = {
        list = [
            1,
            {
                a = (sensitive value)
            },
        ]
        text = <<-EOT
            a
            b
        EOT
    }
}

# dev/resource.web["eu"] (deposed object 1a2b):
resource "mpctl_data" "web" {
    id = "0"
}

Outputs:

api_key = (sensitive value)
url = "http://a"
"#);
}

#[test]
fn one_record_is_shown_by_itself() {
    let recorded = recorded();
    let show = |address: &str| {
        let local: LocalAddress = address.parse().unwrap();
        let record = &recorded.records[&local];
        state_record(&"dev".into(), &local, record, &Schemas::new(), &Options::default())
    };
    assert_snapshot!(show("data.image"), @r#"
# dev/data.image:
data "local_file" "image" {
    filename = "x"
}
"#);
    assert_snapshot!(show("output.url"), @r#"
url = "http://a"
"#);
}

#[test]
fn an_empty_state_says_so() {
    let text = state(&"dev".into(), &State::default(), &Schemas::new(), &Options::default());
    assert_snapshot!(text, @"The state is empty: no object is recorded.");
}

#[test]
fn outputs_read_as_expressions_and_sensitive_ones_are_hidden() {
    let values = [
        ("url".into(), value(json!("http://a"))),
        ("api_key".into(), value(json!({"$secret": "tok"}))),
        ("ports".into(), value(json!({"http": 80, "more": [1, []], "names": {"$set": ["a"]}}))),
        ("text".into(), value(json!("one\n\ttwo\n"))),
        ("text_without_end".into(), value(json!("one\ntwo"))),
    ];
    let named = values.iter().map(|(name, value): &(Arc<str>, _)| (name, value));
    assert_snapshot!(outputs(named, &Options::default()), @r#"
url = "http://a"
api_key = (sensitive value)
ports = {
  "http" = 80
  "more" = [
    1,
    [],
  ]
  "names" = toset([
    "a",
  ])
}
text = <<EOT
one
	two
EOT
text_without_end = "one\ntwo"
"#);
}

#[test]
fn one_output_is_shown_in_clear() {
    let show = |of: Json| output_value(&value(of), &Options::default());
    assert_snapshot!(show(json!({"$secret": "tok"})), @r#"
"tok"
"#);
    assert_snapshot!(show(json!({"a": [1, {"$secret": "x"}]})), @r#"
{
  "a" = [
    1,
    "x",
  ]
}
"#);
}
