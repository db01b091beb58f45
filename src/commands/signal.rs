//! The signals that ask a verb to end.

/// The exit code of the first ^C or SIGTERM. They are caught from this call on, not from the first poll, so that none
/// slips by between announcing a server and serving. Must be called within a tokio runtime.
#[cfg(unix)]
pub(super) fn signal() -> impl Future<Output = u8> {
    use tokio::signal::unix::{SignalKind, signal};
    let handlers =
        signal(SignalKind::interrupt()).and_then(|int| Ok((int, signal(SignalKind::terminate())?)));
    async {
        // Without handlers, a signal ends the process by itself.
        let Ok((mut interrupt, mut terminate)) = handlers else { return std::future::pending().await };
        tokio::select! {
            _ = interrupt.recv() => 130,
            _ = terminate.recv() => 143,
        }
    }
}

/// The exit code of the first ^C.
#[cfg(not(unix))]
pub(super) async fn signal() -> u8 {
    match tokio::signal::ctrl_c().await {
        Ok(()) => 130,
        Err(_) => std::future::pending().await,
    }
}
