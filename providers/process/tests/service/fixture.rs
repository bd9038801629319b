//! The services of the tests: a web server of a few lines.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::process::ExitCode;
use std::time::Duration;

/// The subcommand: `serve PORT [DELAY_MS]`.
pub(crate) const SERVE: &str = "serve";

/// Serves until killed. `/crash` ends it with status 3, `/sick` makes `/` answer 503 from then on, `/env/NAME`
/// answers with a variable.
pub(crate) fn serve(arguments: &[OsString]) -> ExitCode {
    let number = |at: usize| arguments.get(at)?.to_str()?.parse::<u16>().ok();
    let port = number(0).unwrap();
    println!("about to listen on {port}");
    std::thread::sleep(Duration::from_millis(number(1).unwrap_or(0).into()));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
    let mut status = "200 OK";
    for stream in listener.incoming() {
        let Ok(mut stream) = stream else { continue };
        let mut line = String::new();
        let _ = BufReader::new(&stream).read_line(&mut line);
        let path = line.split(' ').nth(1).unwrap_or_default();
        let body = match path {
            "/crash" => std::process::exit(3),
            "/sick" => {
                status = "503 Service Unavailable";
                String::new()
            }
            _ => match path.strip_prefix("/env/") {
                Some(name) => std::env::var(name).unwrap_or_else(|_| "(unset)".into()),
                None => "hello".into(),
            },
        };
        let length = body.len();
        let _ = write!(
            stream,
            "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        );
    }
    ExitCode::SUCCESS
}
