//! Reading URLs as data, some at a time.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mpctl_provider::contract::DataRequest;
use mpctl_provider::secrets::Secrets;
use mpctl_provider::value::{Entries, Type};
use mpctl_provider::{Fault, FaultKind, Value};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::exchange::{Answer, Request};
use crate::retry::{Retry, may_pass};
use crate::schema::HTTP;

/// So many requests are under way at once.
const AT_ONCE: usize = 8;

/// Answers every request, in order.
pub(crate) async fn read(requests: Vec<DataRequest>) -> Vec<Result<Value, Fault>> {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut running = JoinSet::new();
    let mut replies = Vec::with_capacity(requests.len());
    for (at, request) in requests.into_iter().enumerate() {
        replies.push(Err(Fault::retryable("the http provider gave no answer")));
        let places = places.clone();
        running.spawn(async move {
            let _place = places.acquire_owned().await;
            (at, read_one(request).await)
        });
    }
    while let Some(done) = running.join_next().await {
        if let Ok((at, reply)) = done {
            replies[at] = reply;
        }
    }
    replies
}

async fn read_one(request: DataRequest) -> Result<Value, Fault> {
    if request.source_type.as_ref() != HTTP {
        let what = &request.source_type;
        return Err(Fault::permanent(format!("the http provider has no data source {what:?}")));
    }
    let config = request.config;
    let read = async {
        let (request, retry) = (Request::of(&config)?, Retry::of(&config)?);
        exchange(Arc::new(request), &retry).await
    };
    match read.await {
        Ok(answer) => Ok(describe(&config, &answer)),
        Err(fault) => Err(Secrets::of([&config]).redact_fault(fault)),
    }
}

/// Sends the request until there is an answer that will not pass, or no try is left.
async fn exchange(request: Arc<Request>, retry: &Retry) -> Result<Answer, Fault> {
    let mut again = 0;
    loop {
        let sending = request.clone();
        let outcome = tokio::task::spawn_blocking(move || sending.send()).await;
        let outcome = outcome.unwrap_or_else(|error| Err(Fault::permanent(error.to_string())));
        let asked = match &outcome {
            Ok(answer) if may_pass(answer.status) => answer.retry_after,
            Err(fault) if matches!(fault.kind, FaultKind::Retryable { .. }) => None,
            _ => return outcome,
        };
        if again >= retry.attempts {
            return outcome;
        }
        again += 1;
        tokio::time::sleep(retry.delay(again, asked)).await;
    }
}

fn describe(config: &Value, answer: &Answer) -> Value {
    // A server may repeat anything that it was sent.
    let sent = ["url", "request_headers", "request_body"].iter();
    let sensitive = sent.filter_map(|name| config.get(name)).any(Value::contains_sensitive);
    let text = std::str::from_utf8(&answer.body).map_or(Value::Null(Type::String), Value::string);
    let headers: Entries = answer
        .headers
        .iter()
        .map(|(name, value)| (Arc::from(name.as_str()), Value::string(value.as_str())))
        .collect();
    let mut entries = config.as_entries().cloned().unwrap_or_default();
    let url = config.get("url").cloned().unwrap_or(Value::Null(Type::String));
    for (name, value) in [
        ("id", url),
        ("status_code", Value::int(answer.status.into())),
        ("response_headers", Value::map(Type::String, headers).sensitive_if(sensitive)),
        ("response_body", text.clone().sensitive_if(sensitive)),
        (
            "response_body_base64",
            Value::string(STANDARD.encode(&answer.body)).sensitive_if(sensitive),
        ),
        ("body", text.sensitive_if(sensitive)),
    ] {
        entries.insert(name.into(), value);
    }
    Value::Object(Arc::new(entries))
}
