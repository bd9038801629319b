//! Asking a service whether it is well. The answer of a service that is not comes in words for its users.

use std::io::ErrorKind;
use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// What a probe found: nothing wrong, or what.
pub(super) type Answer = Result<(), String>;

/// Asks for `path` over HTTP on the loopback address.
pub(super) async fn http(port: u16, path: String, patience: Duration) -> Answer {
    let asked = spawn_blocking(move || ask(port, &path, patience)).await;
    asked.unwrap_or_else(|_| Err("the probe failed".into()))
}

fn ask(port: u16, path: &str, patience: Duration) -> Answer {
    let agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .proxy(None)
        .timeout_global(Some(patience))
        .user_agent("mpctl-health")
        .build()
        .new_agent();
    match agent.get(format!("http://127.0.0.1:{port}{path}")).call() {
        Ok(response) if (200..400).contains(&response.status().as_u16()) => Ok(()),
        Ok(response) => Err(format!("{path} answered {}", response.status())),
        Err(ureq::Error::Io(error)) => Err(in_words(error.kind(), &error)),
        Err(ureq::Error::Timeout(_)) => Err(no_answer(patience)),
        Err(error) => Err(error.to_string()),
    }
}

/// Connects to the port on the loopback address.
pub(super) async fn tcp(port: u16, patience: Duration) -> Answer {
    match timeout(patience, TcpStream::connect((Ipv4Addr::LOCALHOST, port))).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(in_words(error.kind(), &error)),
        Err(_) => Err(no_answer(patience)),
    }
}

/// That nothing came back in time.
pub(super) fn no_answer(patience: Duration) -> String {
    format!("no answer within {}", crate::service::shown_duration(patience))
}

fn in_words(kind: ErrorKind, error: &std::io::Error) -> String {
    match kind {
        ErrorKind::ConnectionRefused => "connection refused".into(),
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => "connection reset".into(),
        ErrorKind::TimedOut | ErrorKind::WouldBlock => "no answer in time".into(),
        ErrorKind::UnexpectedEof => "the connection was closed without an answer".into(),
        _ => error.to_string(),
    }
}
