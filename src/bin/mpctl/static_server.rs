//! `mpctl static-server`: a small web server for the files of one folder, so that examples and first steps need
//! nothing but this program.
//!
//! Not a product: it serves files and `/healthz`, logs each request to standard output, and ends when asked to.
//! What begins with a dot is not served, so that a project's folder does not give away its `.mpctl`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Instant;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tower_http::services::ServeDir;

/// Serves the files of a folder over HTTP.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct StaticServerArgs {
    /// The folder; `index.html` stands for a folder in it
    #[arg(long, value_name = "DIR", default_value = ".")]
    directory: PathBuf,
    /// The address to listen on
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// A header to add to every answer, such as "Access-Control-Allow-Origin: *"; may be repeated
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = parse_header)]
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// Why the server does not serve.
#[derive(Debug, Error)]
pub(crate) enum StaticServerError {
    /// There is no such folder.
    #[error("there is no folder {}", .0.display())]
    NoFolder(PathBuf),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// Serving or waiting for signals failed.
    #[error("cannot serve: {0}")]
    Serve(#[from] std::io::Error),
}

/// Serves until SIGTERM or SIGINT, then finishes the requests that are under way.
pub(crate) async fn run(args: StaticServerArgs) -> Result<(), StaticServerError> {
    if !args.directory.is_dir() {
        return Err(StaticServerError::NoFolder(args.directory));
    }
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let address = args.listen;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|source| StaticServerError::Listen { address, source })?;
    println!("serving {} on http://{}", args.directory.display(), listener.local_addr()?);
    let asked_to_end = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    axum::serve(listener, router(&args.directory, args.headers))
        .with_graceful_shutdown(asked_to_end)
        .await?;
    Ok(())
}

fn router(directory: &Path, headers: Vec<(HeaderName, HeaderValue)>) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .fallback_service(ServeDir::new(directory))
        .layer(middleware::from_fn(hide_dots))
        .layer(middleware::from_fn_with_state(headers, add_headers))
        .layer(middleware::from_fn(log))
}

async fn hide_dots(request: Request, next: Next) -> Response {
    // `%2e` is a dot, too.
    let hidden = |step: &str| step.starts_with('.') || step.to_ascii_lowercase().starts_with("%2e");
    if request.uri().path().split('/').any(hidden) {
        return StatusCode::NOT_FOUND.into_response();
    }
    next.run(request).await
}

async fn add_headers(
    State(headers): State<Vec<(HeaderName, HeaderValue)>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().extend(headers);
    response
}

/// One line a request. A request's target holds visible ASCII only, so it can go to a terminal as it is.
async fn log(request: Request, next: Next) -> Response {
    let line = format!("{} {}", request.method(), request.uri());
    let start = Instant::now();
    let response = next.run(request).await;
    println!("{line} {} {} ms", response.status().as_u16(), start.elapsed().as_millis());
    response
}

fn parse_header(text: &str) -> Result<(HeaderName, HeaderValue), String> {
    let (name, value) = text.split_once(':').ok_or("a header is written \"NAME: VALUE\"")?;
    let name = name.trim().parse().map_err(|_| format!("{:?} is no name of a header", name.trim()));
    let value = value.trim().parse().map_err(|_| format!("{:?} is no value", value.trim()));
    Ok((name?, value?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::io::{Read, Write};
    use std::net::TcpStream;

    use super::*;

    /// Serves a folder and answers with the raw answers to `GET path`.
    fn answers(paths: &[&str]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("index.html"), "<h1>shop</h1>").unwrap();
        std::fs::write(folder.path().join("hello.json"), r#"{"hello":"world"}"#).unwrap();
        std::fs::write(folder.path().join(".secret"), "secret").unwrap();
        let headers = vec![parse_header("Access-Control-Allow-Origin: *").unwrap()];
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let server = axum::serve(listener, router(folder.path(), headers));
        let _serving = runtime.spawn(async move { server.await });
        let ask = |path: &&str| {
            let mut stream = TcpStream::connect(address).unwrap();
            write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        };
        paths.iter().map(ask).collect()
    }

    #[test]
    fn it_serves_pages_and_json_and_says_that_it_is_well() {
        let answers = answers(&["/", "/hello.json", "/healthz", "/nothing"]);
        assert!(answers[0].ends_with("<h1>shop</h1>"));
        assert!(answers[1].contains("content-type: application/json"));
        assert!(answers[1].contains("access-control-allow-origin: *"));
        assert!(answers[2].ends_with("ok\n"));
        assert!(answers[3].starts_with("HTTP/1.1 404"));
    }

    #[test]
    fn hidden_files_and_other_folders_are_not_served() {
        for answer in answers(&["/.secret", "/%2esecret", "/../Cargo.toml", "/x/../.secret"]) {
            assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
        }
    }

    #[test]
    fn headers_are_name_and_value() {
        assert!(parse_header("Cache-Control: no-store").is_ok());
        for bad in ["none", "a b: c", "x: \u{7}"] {
            assert!(parse_header(bad).is_err(), "{bad}");
        }
    }
}
