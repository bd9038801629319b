//! Starting processes from one thread that never ends.
//!
//! The parent-death signal of a process follows the *thread* that started it, and the threads of an
//! asynchronous runtime come and go. So every command is started by a thread of our own.

use std::io;
use std::sync::OnceLock;
use std::sync::mpsc;

use tokio::process::{Child, Command};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

struct Request {
    command: Command,
    /// The runtime that is to look after the child.
    runtime: Handle,
    reply: oneshot::Sender<io::Result<Child>>,
}

static SPAWNER: OnceLock<Option<mpsc::Sender<Request>>> = OnceLock::new();

/// Starts a command as a child of this process, never of a thread that may end before it.
pub(crate) async fn spawn(command: Command) -> io::Result<Child> {
    let gone = || io::Error::other("the thread that starts commands is gone");
    let (reply, child) = oneshot::channel();
    let request = Request { command, runtime: Handle::current(), reply };
    let spawner = SPAWNER.get_or_init(start).as_ref().ok_or_else(gone)?;
    spawner.send(request).map_err(|_| gone())?;
    child.await.map_err(|_| gone())?
}

fn start() -> Option<mpsc::Sender<Request>> {
    let (sender, requests) = mpsc::channel::<Request>();
    let thread = std::thread::Builder::new().name("exec-spawn".into()).spawn(move || {
        for mut request in requests {
            let _entered = request.runtime.enter();
            // Where nobody waits any more, dropping the child kills it.
            let _ = request.reply.send(request.command.spawn());
        }
    });
    thread.ok().map(|_| sender)
}
