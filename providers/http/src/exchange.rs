//! One request and its answer, over a connection of its own. Blocks.

use std::net::IpAddr;
use std::time::Duration;

use mpctl_provider::value::Entries;
use mpctl_provider::{Fault, Path, Value};
use ureq::http::{HeaderMap, Response, Uri};
use ureq::{Agent, Body, Error};

use crate::retry::whole;

/// A larger answer is refused: it is kept in memory and in the state.
const LARGEST: u64 = 16 << 20;
/// How long one try may take where nothing else is said.
const TIMEOUT_MS: u64 = 60_000;

/// What is sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Request {
    url: String,
    method: Method,
    headers: Vec<(String, String)>,
    body: Option<String>,
    timeout: Duration,
}

/// The methods that look and do not change.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Method {
    Get,
    Head,
    /// For servers that want a question in the body.
    Post,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// How long the server asked to wait.
    pub(crate) retry_after: Option<Duration>,
}

impl Request {
    /// The request that a configuration asks for; what is not known is taken to be left out.
    pub(crate) fn of(config: &Value) -> Result<Request, Fault> {
        let text = |name: &str| config.get(name).and_then(Value::as_str);
        let at = Path::attribute;
        let url = text("url").unwrap_or_default();
        let web = url.starts_with("http://") || url.starts_with("https://");
        if !web && config.get("url").is_none_or(|url| !url.is_unknown()) {
            return Err(Fault::permanent(format!(
                "`url` is {url:?}, which is no http or https URL"
            ))
            .attribute(at("url")));
        }
        let method = match text("method").unwrap_or("GET") {
            "GET" => Method::Get,
            "HEAD" => Method::Head,
            "POST" => Method::Post,
            other => {
                return Err(Fault::permanent(format!("`method` is {other:?}"))
                    .hint("data is read with GET, HEAD or POST; nothing is changed by reading")
                    .attribute(at("method")));
            }
        };
        let headers = config.get("request_headers").and_then(Value::as_entries);
        let headers = headers.into_iter().flat_map(Entries::iter);
        let timeout = match config.get("request_timeout_ms") {
            Some(value) => whole(value, TIMEOUT_MS, || at("request_timeout_ms"))?,
            None => TIMEOUT_MS,
        };
        Ok(Request {
            url: url.into(),
            method,
            headers: headers
                .filter_map(|(name, value)| Some((name.to_string(), value.as_str()?.to_owned())))
                .collect(),
            body: text("request_body").map(str::to_owned),
            timeout: Duration::from_millis(timeout.max(1)),
        })
    }

    /// Sends it and waits for the whole answer.
    pub(crate) fn send(&self) -> Result<Answer, Fault> {
        let settings = Agent::config_builder();
        let settings = if self.is_loopback() { settings.proxy(None) } else { settings };
        let agent: Agent = settings
            .timeout_global(Some(self.timeout))
            .http_status_as_error(false)
            .user_agent(concat!("mpctl/", env!("CARGO_PKG_VERSION")))
            .build()
            .into();
        let response = self.call(&agent).map_err(|error| self.fault(&error))?;
        let status = response.status().as_u16();
        let headers = headers(response.headers());
        let retry_after = response
            .headers()
            .get("retry-after")
            .and_then(|value| value.to_str().ok()?.trim().parse().ok().map(Duration::from_secs));
        let mut body = response.into_body();
        let body = body.with_config().limit(LARGEST).read_to_vec();
        let body = body.map_err(|error| self.fault(&error))?;
        Ok(Answer { status, headers, body, retry_after })
    }

    /// Whether it goes to this machine, where no proxy is of use.
    fn is_loopback(&self) -> bool {
        let uri: Option<Uri> = self.url.parse().ok();
        let host = uri.as_ref().and_then(Uri::host).unwrap_or_default();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || bare.parse().is_ok_and(|address: IpAddr| address.is_loopback())
    }

    fn call(&self, agent: &Agent) -> Result<Response<Body>, Error> {
        macro_rules! prepared {
            ($builder:expr) => {
                self.headers.iter().fold($builder, |b, (name, value)| b.header(name, value))
            };
        }
        match (self.method, &self.body) {
            (Method::Get, None) => prepared!(agent.get(&self.url)).call(),
            (Method::Head, None) => prepared!(agent.head(&self.url)).call(),
            (Method::Post, None) => prepared!(agent.post(&self.url)).send_empty(),
            (Method::Get, Some(body)) => {
                prepared!(agent.get(&self.url).force_send_body()).send(body)
            }
            (Method::Head, Some(body)) => {
                prepared!(agent.head(&self.url).force_send_body()).send(body)
            }
            (Method::Post, Some(body)) => prepared!(agent.post(&self.url)).send(body),
        }
    }

    fn fault(&self, error: &Error) -> Fault {
        let fault = match error {
            Error::BodyExceedsLimit(_) => {
                Fault::permanent(format!("{} answers with more than 16 MiB", self.url))
            }
            Error::Timeout(_) => {
                let limit = self.timeout.as_millis();
                Fault::retryable(format!("{} did not answer within {limit} ms", self.url))
                    .hint("`request_timeout_ms` allows it longer")
            }
            Error::Io(_) | Error::ConnectionFailed | Error::HostNotFound | Error::Protocol(_) => {
                Fault::retryable(format!("cannot read {}: {error}", self.url))
            }
            _ => Fault::permanent(format!("cannot read {}: {error}", self.url)),
        };
        fault.attribute(Path::attribute("url"))
    }
}

/// Headers by name, as people write the names; equal ones joined.
fn headers(map: &HeaderMap) -> Vec<(String, String)> {
    let mut names: Vec<_> = map.keys().collect();
    names.sort_by_key(|name| name.as_str());
    let all = |name| {
        let values = map.get_all(name).into_iter();
        values
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .collect::<Vec<_>>()
    };
    names.into_iter().map(|name| (canonical(name.as_str()), all(name).join(", "))).collect()
}

/// `content-type` as `Content-Type`.
fn canonical(name: &str) -> String {
    let word = |word: &str| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_ascii_uppercase() + rest
    };
    name.split('-').map(word).collect::<Vec<_>>().join("-")
}
