//! Signals: the first asks for an orderly end, the second for a quick one.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// What signals set.
#[derive(Clone, Debug, Default)]
pub(crate) struct Signals {
    /// Start nothing new.
    pub(crate) stop: CancellationToken,
    /// Give up what runs.
    pub(crate) cancel: CancellationToken,
}

/// Listens for SIGINT, SIGTERM and SIGHUP from now on.
pub(crate) fn listen() -> std::io::Result<Signals> {
    let signals = Signals::default();
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    let told = signals.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
            if told.stop.is_cancelled() {
                eprintln!("Asking the providers to give up…");
                told.cancel.cancel();
            } else {
                eprintln!(
                    "Stopping: what runs is finished, nothing new is started. Once more to give up on that too."
                );
                told.stop.cancel();
            }
        }
    });
    Ok(signals)
}
