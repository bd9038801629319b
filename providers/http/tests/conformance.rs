//! Data `http` against the laws of data, with a real server.
#![allow(clippy::unwrap_used, missing_docs)]

use axum::Router;
use axum::routing::get;
use mpctl_provider::Value;
use mpctl_provider::conformance::{DataScenario, Setting, check_data};

fn setting() -> Setting {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().to_owned();
    Setting::new(mpctl_provider_http::provider(), &root, "/bin/false".as_ref(), folder)
}

#[tokio::test]
async fn a_url_keeps_the_laws() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let page = format!("http://{}/", listener.local_addr().unwrap());
    // A date would differ between two reads.
    let router = Router::new()
        .route("/", get(|| async { ([("date", "Thu, 01 Jan 1970 00:00:00 GMT")], "hello") }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let scenario = DataScenario {
        source_type: "http",
        good: Value::object([
            ("url", Value::string(page)),
            ("request_headers", Value::object([("Accept", Value::string("text/plain"))])),
        ]),
        failing: Some(Value::object([(
            "url",
            Value::string("http://127.0.0.1:1/?key=hunter2").sensitive(),
        )])),
    };
    assert_eq!(check_data(setting, &scenario).await, []);
}
