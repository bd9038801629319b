//! An apply, as told line by line.

use std::time::Duration;

use insta::assert_snapshot;
use mpctl_provider::{Fault, Value};
use serde_json::{Value as Json_, json};

use super::*;
use crate::plan::{Action, Reason, ReplaceOrder, StepId};
use crate::render::Options;
use crate::render::fixture::*;
use crate::render::json::EventWriter;

fn event(step: u32, address: &str, kind: StepKind, seconds: u64, what: EventKind) -> Event {
    Event {
        step: StepId(step),
        address: address.parse().unwrap(),
        resource_type: "process_service".into(),
        kind,
        elapsed: Duration::from_secs(seconds),
        what,
    }
}

/// Tells `progress` of an apply of half a minute.
fn tell(progress: &mut dyn Progress, ending: &Ending<'_>) {
    let start = Instant::now();
    let at = |seconds| start + Duration::from_secs(seconds);
    let web = "dev/workload.web/process_service.web[0]";
    let old = "dev/resource.old";
    progress.event(&event(0, old, StepKind::Delete, 0, EventKind::Started), at(0));
    progress.event(&event(1, web, StepKind::Create, 0, EventKind::Started), at(0));
    progress.event(&event(0, old, StepKind::Delete, 1, EventKind::Succeeded { id: None }), at(1));
    progress.event(
        &event(1, web, StepKind::Create, 2, EventKind::Log("listening\u{1b}[2J\ton 8080".into())),
        at(2),
    );
    progress.event(
        &event(1, web, StepKind::Create, 3, EventKind::Progress("waiting for health".into())),
        at(3),
    );
    let retry = EventKind::Retry {
        attempt: 2,
        after: Duration::from_secs(4),
        fault: Fault::retryable("port is taken"),
    };
    progress.event(&event(1, web, StepKind::Create, 4, retry), at(4));
    for seconds in 5..=27 {
        progress.tick(at(seconds));
    }
    progress.event(
        &event(1, web, StepKind::Create, 28, EventKind::Succeeded { id: Some("web-1".into()) }),
        at(28),
    );
    progress.event(&event(2, "dev/resource.a", StepKind::Update, 0, EventKind::Started), at(28));
    progress.event(
        &event(
            2,
            "dev/resource.a",
            StepKind::Update,
            0,
            EventKind::Failed(Fault::permanent("no such file")),
        ),
        at(28),
    );
    progress.event(&event(3, "dev/resource.a", StepKind::Join, 0, EventKind::Started), at(28));
    progress.finish(ending);
}

#[test]
fn plain_lines_say_what_begins_goes_on_and_ends() {
    let (mut lines, mut results) = (Vec::new(), Vec::new());
    let counts = Counts { added: 1, destroyed: 1, ..Counts::default() };
    let ending = Ending {
        operation: OperationWord::Apply,
        outcome: Outcome::Failed,
        counts,
        outputs: vec![],
    };
    tell(&mut Plain::new(&mut lines, &mut results, Options::default()), &ending);
    assert_snapshot!(String::from_utf8(lines).unwrap(), @r#"
dev/resource.old: Destroying...
dev/workload.web/process_service.web[0]: Creating...
dev/resource.old: Destruction complete after 1s
dev/workload.web/process_service.web[0]: listening\u001b[2J	on 8080
dev/workload.web/process_service.web[0]: waiting for health
dev/workload.web/process_service.web[0]: port is taken; trying again in 4s (try 2)
dev/workload.web/process_service.web[0]: Still creating... [10s elapsed]
dev/workload.web/process_service.web[0]: Still creating... [20s elapsed]
dev/workload.web/process_service.web[0]: Creation complete after 28s [id=web-1]
dev/resource.a: Modifying...
dev/resource.a: Modifications failed after 0s: no such file
"#);
    assert_snapshot!(String::from_utf8(results).unwrap(), @r#"

Apply failed. Done before that, and recorded: Resources: 1 added, 0 changed, 1 destroyed.
"#);
}

#[test]
fn quiet_says_the_last_words_only() {
    let mut results = Vec::new();
    let url: Arc<str> = "url".into();
    let key: Arc<str> = "secret_key".into();
    let values = (Value::string("http://127.0.0.1:8080"), value(json!({"$secret": "tok"})));
    let ending = Ending {
        operation: OperationWord::Apply,
        outcome: Outcome::Succeeded,
        counts: Counts { added: 2, ..Counts::default() },
        outputs: vec![(&url, &values.0), (&key, &values.1)],
    };
    tell(&mut Quiet::new(&mut results, Options::default()), &ending);
    assert_snapshot!(String::from_utf8(results).unwrap(), @r#"
Apply complete! Resources: 2 added, 0 changed, 0 destroyed.

Outputs:

url = "http://127.0.0.1:8080"
secret_key = (sensitive value)
"#);
}

#[test]
fn every_ending_has_its_words() {
    let counts = Counts { destroyed: 3, ..Counts::default() };
    let mut text = String::new();
    for operation in [
        OperationWord::Apply,
        OperationWord::Destroy,
        OperationWord::Refresh,
        OperationWord::Rollback,
    ] {
        let ending = Ending { operation, outcome: Outcome::Succeeded, counts, outputs: vec![] };
        text.push_str(&ending_text(&ending, &Options::default()));
    }
    for outcome in [Outcome::Failed, Outcome::Cancelled, Outcome::RolledBack, Outcome::InDoubt] {
        let ending = Ending {
            operation: OperationWord::Apply,
            outcome,
            counts: Counts::default(),
            outputs: vec![],
        };
        text.push_str(&ending_text(&ending, &Options::default()));
    }
    assert_snapshot!(text, @r#"
Apply complete! Resources: 0 added, 0 changed, 3 destroyed.
Destroy complete! Resources: 3 destroyed.
Refresh complete! Resources: 0 added, 0 changed, 3 destroyed.
Rollback complete! Resources: 0 added, 0 changed, 3 destroyed.
Apply failed. Done before that, and recorded: Resources: 0 added, 0 changed, 0 destroyed.
Apply cancelled. Done before that, and recorded: Resources: 0 added, 0 changed, 0 destroyed. `mpctl resume` goes on, `mpctl rollback` undoes it.
Apply failed and was rolled back.
Apply stopped: it is not known whether a step was done. Done before that, and recorded: Resources: 0 added, 0 changed, 0 destroyed. `mpctl resume` or `mpctl rollback` settles it.
"#);
}

#[test]
fn events_have_the_shape_of_terraform_s() {
    let mut out = Vec::new();
    let mut events = EventWriter::new(&mut out, Box::new(|| "2026-01-02T03:04:05Z".to_owned()));
    events.version().unwrap();
    let mut body = body(vec![
        change(
            "dev/resource.b",
            "mpctl_data",
            Action::Replace(ReplaceOrder::DeleteThenCreate),
            json!({"n": 1}),
            json!({"n": 2}),
        )
        .reason(Reason::ReplaceBecauseCannotUpdate),
        change("dev/resource.m[1]", "mpctl_data", Action::NoOp, json!({"n": 1}), json!({"n": 1}))
            .moved_from("dev/resource.old"),
        change("dev/resource.same", "mpctl_data", Action::NoOp, json!({"n": 1}), json!({"n": 1})),
    ]);
    body.drift = vec![drift("dev/resource.b", "mpctl_data", json!({"n": 0}), json!({"n": 1}))];
    body.outputs = vec![
        output("dev/output.n", json!(1), json!(1)),
        output("dev/output.key", json!(null), json!({"$secret": "tok"})),
    ];
    events.plan(&body).unwrap();
    events.diagnostic(false, "unused variable", &json!({"severity": "warning"})).unwrap();
    let url: Arc<str> = "key".into();
    let secret = value(json!({"$secret": "tok"}));
    let counts = Counts { added: 1, destroyed: 1, ..Counts::default() };
    let ending = Ending {
        operation: OperationWord::Apply,
        outcome: Outcome::Succeeded,
        counts,
        outputs: vec![(&url, &secret)],
    };
    tell(&mut Json::new(events), &ending);
    let text = String::from_utf8(out).unwrap();
    assert!(!text.contains("\"tok\""), "{text}");
    for line in text.lines() {
        let event: Json_ = serde_json::from_str(line).unwrap();
        for key in ["@level", "@message", "@module", "@timestamp", "type"] {
            assert!(event[key].is_string(), "{key} is missing in {line}");
        }
    }
    assert_snapshot!(text.replace("\"@module\":\"mpctl.ui\",\"@timestamp\":\"2026-01-02T03:04:05Z\",", ""), @r#"
{"@level":"info","@message":"mpctl 0.1.0","mpctl":"0.1.0","ui":"1.2","type":"version"}
{"@level":"info","@message":"dev/resource.b: Drift detected (update)","change":{"resource":{"addr":"dev/resource.b","module":"","resource":"dev/resource.b","implied_provider":"mpctl","resource_type":"mpctl_data","resource_name":"b","resource_key":null,"environment":"dev"},"action":"update"},"type":"resource_drift"}
{"@level":"info","@message":"dev/resource.b: Plan to replace","change":{"resource":{"addr":"dev/resource.b","module":"","resource":"dev/resource.b","implied_provider":"mpctl","resource_type":"mpctl_data","resource_name":"b","resource_key":null,"environment":"dev"},"action":"replace","reason":"cannot_update"},"type":"planned_change"}
{"@level":"info","@message":"dev/resource.m[1]: Plan to move","change":{"resource":{"addr":"dev/resource.m[1]","module":"","resource":"dev/resource.m[1]","implied_provider":"mpctl","resource_type":"mpctl_data","resource_name":"m","resource_key":1,"environment":"dev"},"previous_resource":{"addr":"dev/resource.old","module":"","resource":"dev/resource.old","implied_provider":"mpctl","resource_type":"mpctl_data","resource_name":"old","resource_key":null,"environment":"dev"},"action":"move"},"type":"planned_change"}
{"@level":"info","@message":"Plan: 1 to add, 0 to change, 1 to destroy.","changes":{"add":1,"change":0,"import":0,"remove":1,"replace":1,"forget":0,"move":1,"read":0,"operation":"plan"},"type":"change_summary"}
{"@level":"info","@message":"Outputs: 2","outputs":{"key":{"sensitive":true,"action":"create"},"n":{"sensitive":false,"action":"noop"}},"type":"outputs"}
{"@level":"warn","@message":"Warning: unused variable","diagnostic":{"severity":"warning"},"type":"diagnostic"}
{"@level":"info","@message":"dev/resource.old: Destroying...","hook":{"resource":{"addr":"dev/resource.old","module":"","resource":"dev/resource.old","implied_provider":"process","resource_type":"process_service","resource_name":"old","resource_key":null,"environment":"dev"},"action":"delete"},"type":"apply_start"}
{"@level":"info","@message":"dev/workload.web/process_service.web[0]: Creating...","hook":{"resource":{"addr":"dev/workload.web/process_service.web[0]","module":"","resource":"dev/workload.web/process_service.web[0]","implied_provider":"process","resource_type":"process_service","resource_name":"web","resource_key":0,"environment":"dev"},"action":"create"},"type":"apply_start"}
{"@level":"info","@message":"dev/resource.old: Destruction complete after 1s","hook":{"resource":{"addr":"dev/resource.old","module":"","resource":"dev/resource.old","implied_provider":"process","resource_type":"process_service","resource_name":"old","resource_key":null,"environment":"dev"},"action":"delete","elapsed_seconds":1},"type":"apply_complete"}
{"@level":"info","@message":"dev/workload.web/process_service.web[0]: listening\u001b[2J\ton 8080","hook":{"resource":{"addr":"dev/workload.web/process_service.web[0]","module":"","resource":"dev/workload.web/process_service.web[0]","implied_provider":"process","resource_type":"process_service","resource_name":"web","resource_key":0,"environment":"dev"},"action":"create","line":"listening\u001b[2J\ton 8080"},"type":"apply_log"}
{"@level":"info","@message":"dev/workload.web/process_service.web[0]: waiting for health","hook":{"resource":{"addr":"dev/workload.web/process_service.web[0]","module":"","resource":"dev/workload.web/process_service.web[0]","implied_provider":"process","resource_type":"process_service","resource_name":"web","resource_key":0,"environment":"dev"},"action":"create","elapsed_seconds":3,"line":"waiting for health"},"type":"apply_progress"}
{"@level":"warn","@message":"dev/workload.web/process_service.web[0]: port is taken; trying again (try 2)","hook":{"resource":{"addr":"dev/workload.web/process_service.web[0]","module":"","resource":"dev/workload.web/process_service.web[0]","implied_provider":"process","resource_type":"process_service","resource_name":"web","resource_key":0,"environment":"dev"},"action":"create","line":"port is taken","attempt":2,"after_seconds":4.0},"type":"apply_retry"}
{"@level":"info","@message":"dev/workload.web/process_service.web[0]: Still creating... [10s elapsed]","hook":{"resource":{"addr":"dev/workload.web/process_service.web[0]","module":"","resource":"dev/workload.web/process_service.web[0]","implied_provider":"process","resource_type":"process_service","resource_name":"web","resource_key":0,"environment":"dev"},"action":"create","elapsed_seconds":10},"type":"apply_progress"}
{"@level":"info","@message":"dev/workload.web/process_service.web[0]: Still creating... [20s elapsed]","hook":{"resource":{"addr":"dev/workload.web/process_service.web[0]","module":"","resource":"dev/workload.web/process_service.web[0]","implied_provider":"process","resource_type":"process_service","resource_name":"web","resource_key":0,"environment":"dev"},"action":"create","elapsed_seconds":20},"type":"apply_progress"}
{"@level":"info","@message":"dev/workload.web/process_service.web[0]: Creation complete after 28s [id=web-1]","hook":{"resource":{"addr":"dev/workload.web/process_service.web[0]","module":"","resource":"dev/workload.web/process_service.web[0]","implied_provider":"process","resource_type":"process_service","resource_name":"web","resource_key":0,"environment":"dev"},"action":"create","id_key":"id","id_value":"web-1","elapsed_seconds":28},"type":"apply_complete"}
{"@level":"info","@message":"dev/resource.a: Modifying...","hook":{"resource":{"addr":"dev/resource.a","module":"","resource":"dev/resource.a","implied_provider":"process","resource_type":"process_service","resource_name":"a","resource_key":null,"environment":"dev"},"action":"update"},"type":"apply_start"}
{"@level":"error","@message":"dev/resource.a: Modifications errored after 0s","hook":{"resource":{"addr":"dev/resource.a","module":"","resource":"dev/resource.a","implied_provider":"process","resource_type":"process_service","resource_name":"a","resource_key":null,"environment":"dev"},"action":"update","elapsed_seconds":0,"line":"no such file"},"type":"apply_errored"}
{"@level":"info","@message":"Apply complete! Resources: 1 added, 0 changed, 1 destroyed.","changes":{"add":1,"change":0,"import":0,"remove":1,"replace":0,"forget":0,"move":0,"read":0,"operation":"apply"},"type":"change_summary"}
{"@level":"info","@message":"Outputs: 1","outputs":{"key":{"sensitive":true,"type":"string","value":null}},"type":"outputs"}
"#);
}
