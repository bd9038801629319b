//! `mpctl_data` against the laws of the contract.
#![allow(clippy::unwrap_used, missing_docs)]

use mpctl_provider::Value;
use mpctl_provider::conformance::{Scenario, Setting, check};

fn setting() -> Setting {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_owned();
    Setting::new(mpctl_provider_mpctl::provider(), &root, "/bin/false".as_ref(), folder)
}

#[tokio::test]
async fn mpctl_data_keeps_the_laws() {
    let given = |input: &str, trigger: i64| {
        Value::object([("input", Value::string(input)), ("triggers_replace", Value::int(trigger))])
    };
    let scenario = Scenario {
        update: Some(given("1.4.3", 1)),
        replace: Some(given("1.4.2", 2)),
        in_memory: true,
        ..Scenario::new("mpctl_data", given("1.4.2", 1))
    };
    assert_eq!(check(setting, &scenario).await, []);
}

#[tokio::test]
async fn an_mpctl_data_of_nothing_keeps_the_laws() {
    let scenario = Scenario {
        update: Some(Value::object([("input", Value::int(1))])),
        in_memory: true,
        ..Scenario::new("mpctl_data", Value::object::<&str>([]))
    };
    assert_eq!(check(setting, &scenario).await, []);
}
