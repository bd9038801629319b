//! Reading real servers on loopback.
#![allow(clippy::unwrap_used, missing_docs)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Redirect;
use axum::routing::{any, get};
use mpctl_provider::conformance::complete;
use mpctl_provider::contract::DataRequest;
use mpctl_provider::{Fault, FaultKind, Type, Value};

/// A server that answers in several ways, until the test ends.
async fn server() -> SocketAddr {
    let tries = Arc::new(AtomicU32::new(0));
    let echo = |method: Method, headers: HeaderMap, body: Bytes| async move {
        let named = headers.get("x-name").map(|name| name.to_str().unwrap().to_owned());
        let agent = headers.get("user-agent").unwrap().to_str().unwrap().to_owned();
        let agent = agent.split('/').next().unwrap_or_default().to_owned();
        format!("{method} {named:?} {agent} {}", String::from_utf8_lossy(&body))
    };
    let flaky = move || {
        let tries = tries.clone();
        async move {
            match tries.fetch_add(1, Ordering::Relaxed) {
                0 => (StatusCode::SERVICE_UNAVAILABLE, "not yet".to_owned()),
                n => (StatusCode::OK, format!("at try {}", n + 1)),
            }
        }
    };
    let router = Router::new()
        .route("/echo", any(echo))
        .route("/flaky", get(flaky))
        .route("/missing", get(|| async { (StatusCode::NOT_FOUND, "no such page") }))
        .route("/bytes", get(|| async { ([("x-two", "a"), ("x-two", "b")], vec![0_u8, 255]) }))
        .route("/moved", get(|| async { Redirect::temporary("/echo") }))
        .route("/huge", get(|| async { vec![b'x'; (16 << 20) + 1] }))
        .route("/slow", get(|| async { tokio::time::sleep(Duration::from_secs(20)).await }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn read(config: Value) -> Result<Value, Fault> {
    let provider = mpctl_provider_http::provider();
    let block = &provider.schema().data_sources["http"];
    let request = DataRequest { source_type: "http".into(), config: complete(block, &config) };
    provider.read_data(vec![request]).await.remove(0)
}

fn url(server: SocketAddr, path: &str) -> (&'static str, Value) {
    ("url", Value::string(format!("http://{server}{path}")))
}

fn shown(data: &Value, names: &[&str]) -> String {
    let all = names.iter().map(|name| format!("{name}={:?}", data.get(name).unwrap()));
    all.collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn an_answer_is_read_with_its_status_and_headers() {
    let server = server().await;
    let data = read(Value::object([url(server, "/echo")])).await.unwrap();
    insta::assert_snapshot!(
        shown(&data, &["status_code", "response_body", "body", "response_body_base64"]),
        @r#"status_code=200 response_body="GET None mpctl " body="GET None mpctl " response_body_base64="R0VUIE5vbmUgbXBjdGwg""#
    );
    let headers = data.get("response_headers").unwrap();
    assert_eq!(headers.get("Content-Type"), Some(&Value::string("text/plain; charset=utf-8")));
    assert_eq!(data.get("id"), data.get("url"));
    assert_eq!(headers.ty(), Type::map(Type::String));
}

#[tokio::test]
async fn a_question_is_sent_with_its_method_headers_and_body() {
    let server = server().await;
    let mut seen = Vec::new();
    for method in ["GET", "POST", "HEAD"] {
        let data = read(Value::object([
            url(server, "/echo"),
            ("method", Value::string(method)),
            ("request_headers", Value::object([("X-Name", Value::string("shop"))])),
            ("request_body", Value::string("question")),
        ]));
        seen.push(shown(&data.await.unwrap(), &["response_body"]));
    }
    insta::assert_snapshot!(seen.join("\n"), @r#"
    response_body="GET Some(\"shop\") mpctl question"
    response_body="POST Some(\"shop\") mpctl question"
    response_body=""
    "#);
}

#[tokio::test]
async fn any_status_is_an_answer_and_redirects_are_followed() {
    let server = server().await;
    let missing = read(Value::object([url(server, "/missing")])).await.unwrap();
    insta::assert_snapshot!(shown(&missing, &["status_code", "response_body"]), @r#"status_code=404 response_body="no such page""#);
    let moved = read(Value::object([url(server, "/moved")])).await.unwrap();
    insta::assert_snapshot!(shown(&moved, &["status_code", "response_body"]), @r#"status_code=200 response_body="GET None mpctl ""#);
}

#[tokio::test]
async fn an_answer_that_is_no_text_is_there_in_base64() {
    let server = server().await;
    let data = read(Value::object([url(server, "/bytes")])).await.unwrap();
    insta::assert_snapshot!(shown(&data, &["response_body", "response_body_base64"]), @r#"response_body=null response_body_base64="AP8=""#);
}

#[tokio::test]
async fn a_server_that_is_not_ready_is_asked_again_where_the_configuration_says_so() {
    let server = server().await;
    let retry = Value::object([
        ("attempts", Value::int(2)),
        ("min_delay_ms", Value::int(10)),
        ("max_delay_ms", Value::Null(Type::Number)),
    ]);
    let data = read(Value::object([url(server, "/flaky"), ("retry", retry)])).await.unwrap();
    insta::assert_snapshot!(shown(&data, &["status_code", "response_body"]), @r#"status_code=200 response_body="at try 2""#);
}

#[tokio::test]
async fn a_server_that_is_not_ready_is_asked_once_otherwise() {
    let server = server().await;
    let data = read(Value::object([url(server, "/flaky")])).await.unwrap();
    insta::assert_snapshot!(shown(&data, &["status_code", "response_body"]), @r#"status_code=503 response_body="not yet""#);
}

#[tokio::test]
async fn what_is_too_slow_too_large_or_not_there_is_a_clear_fault() {
    let server = server().await;
    let nobody = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let slow = read(Value::object([url(server, "/slow"), ("request_timeout_ms", Value::int(200))]));
    let huge = read(Value::object([url(server, "/huge")]));
    let absent = read(Value::object([url(nobody, "/")]));
    let mut seen = Vec::new();
    for fault in [slow.await, huge.await, absent.await] {
        let fault = fault.unwrap_err();
        let text = format!("{:?}: {fault}", fault.kind);
        let text = text.split(" (os error").next().unwrap_or_default();
        seen.push(
            text.replace(&server.to_string(), "SERVER").replace(&nobody.to_string(), "NOBODY"),
        );
    }
    insta::assert_snapshot!(seen.join("\n"), @"
    Retryable { after: None }: http://SERVER/slow did not answer within 200 ms
    Permanent: http://SERVER/huge answers with more than 16 MiB
    Retryable { after: None }: cannot read http://NOBODY/: io: Connection refused
    ");
}

#[tokio::test]
async fn mistakes_are_named_with_what_to_do() {
    let mut seen = Vec::new();
    for config in [
        Value::object([("url", Value::string("ftp://example.org"))]),
        Value::object([
            ("url", Value::string("http://127.0.0.1:1/")),
            ("method", Value::string("DELETE")),
        ]),
        Value::object([
            ("url", Value::string("http://127.0.0.1:1/")),
            ("request_timeout_ms", Value::int(-5)),
        ]),
    ] {
        let fault = read(config).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::Permanent);
        seen.push(format!("{fault} [{}]", fault.attribute.as_ref().unwrap()));
    }
    insta::assert_snapshot!(seen.join("\n"), @r#"
    `url` is "ftp://example.org", which is no http or https URL [url]
    `method` is "DELETE" [method]
    `request_timeout_ms` is -5, not a whole number from 0 on [request_timeout_ms]
    "#);
}

#[tokio::test]
async fn what_was_sent_in_secret_is_not_told() {
    let server = server().await;
    let token = Value::object([("X-Name", Value::string("t0k3n").sensitive())]);
    let data = read(Value::object([url(server, "/echo"), ("request_headers", token)])).await;
    insta::assert_snapshot!(shown(&data.unwrap(), &["status_code", "response_body", "response_headers"]), @"status_code=200 response_body=(sensitive) response_headers=(sensitive)");
    let secret_url = Value::string("http://127.0.0.1:1/?key=hunter2").sensitive();
    let fault = read(Value::object([("url", secret_url)])).await.unwrap_err();
    assert!(!format!("{fault:?}").contains("hunter2"), "{fault:?}");
}

#[tokio::test]
async fn many_are_read_at_once_and_answered_in_order() {
    let server = server().await;
    let provider = mpctl_provider_http::provider();
    let block = &provider.schema().data_sources["http"];
    let requests = (0..20).map(|index| {
        let name = Value::object([("X-Name", Value::string(format!("n{index}")))]);
        let config = Value::object([url(server, "/echo"), ("request_headers", name)]);
        DataRequest { source_type: "http".into(), config: complete(block, &config) }
    });
    let replies = provider.read_data(requests.collect()).await;
    for (index, reply) in replies.into_iter().enumerate() {
        let body = reply.unwrap().get("response_body").unwrap().as_str().unwrap().to_owned();
        assert!(body.contains(&format!("\"n{index}\"")), "{index}: {body}");
    }
}

#[test]
fn this_machine_is_read_without_the_proxy_that_the_environment_names() {
    let dead = "http://127.0.0.1:1";
    let status = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "an_answer_is_read_with_its_status_and_headers"])
        .envs(["HTTP_PROXY", "http_proxy", "ALL_PROXY"].map(|name| (name, dead)))
        .stdout(std::process::Stdio::null())
        .status();
    assert!(status.unwrap().success());
}
