//! Files and directories against the laws of the contract.
#![allow(clippy::unwrap_used, missing_docs)]

use mpctl_provider::Value;
use mpctl_provider::conformance::{DataScenario, Scenario, Setting, check, check_data};

fn setting() -> Setting {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_owned();
    std::fs::write(root.join("logo-a.svg"), "<svg><circle/></svg>").unwrap();
    std::fs::write(root.join("logo-b.svg"), "<svg><rect/></svg>").unwrap();
    Setting::new(mpctl_provider_local::provider(), &root, "/bin/false".as_ref(), folder)
}

fn text<const N: usize>(attributes: [(&str, &str); N]) -> Value {
    Value::object(attributes.map(|(name, text)| (name, Value::string(text))))
}

#[tokio::test]
async fn a_file_of_text_keeps_the_laws() {
    let scenario = Scenario {
        update: Some(text([("filename", "api.toml"), ("content", "port = 8081\n")])),
        replace: Some(text([("filename", "web.toml"), ("content", "port = 8080\n")])),
        failing: Some(Value::object([
            ("filename", Value::string("logo-a.svg/s3cret.toml").sensitive()),
            ("content", Value::string("hunter2").sensitive()),
        ])),
        ..Scenario::new(
            "local_file",
            text([
                ("filename", "api.toml"),
                ("content", "port = 8080\n"),
                ("file_permission", "0640"),
            ]),
        )
    };
    assert_eq!(check(setting, &scenario).await, []);
}

#[tokio::test]
async fn a_file_of_bytes_keeps_the_laws() {
    let scenario = Scenario {
        update: Some(text([("filename", "key.bin"), ("content_base64", "/v8A")])),
        ..Scenario::new("local_file", text([("filename", "key.bin"), ("content_base64", "AP/+")]))
    };
    assert_eq!(check(setting, &scenario).await, []);
}

#[tokio::test]
async fn a_copied_file_keeps_the_laws() {
    let scenario = Scenario {
        update: Some(text([("filename", "logo.svg"), ("source", "logo-b.svg")])),
        ..Scenario::new("local_file", text([("filename", "logo.svg"), ("source", "logo-a.svg")]))
    };
    assert_eq!(check(setting, &scenario).await, []);
}

#[tokio::test]
async fn a_directory_keeps_the_laws() {
    let scenario = Scenario {
        update: Some(text([("path", "data"), ("permission", "0700")])),
        replace: Some(text([("path", "elsewhere"), ("permission", "0750")])),
        failing: Some(Value::object([(
            "path",
            Value::string("logo-a.svg/s3cret-folder").sensitive(),
        )])),
        ..Scenario::new("local_directory", text([("path", "data"), ("permission", "0750")]))
    };
    assert_eq!(check(setting, &scenario).await, []);
}

#[tokio::test]
async fn a_file_read_as_data_keeps_the_laws() {
    let scenario = DataScenario {
        source_type: "local_file",
        good: text([("filename", "logo-a.svg")]),
        failing: Some(Value::object([("filename", Value::string("s3cret-file").sensitive())])),
    };
    assert_eq!(check_data(setting, &scenario).await, []);
}
