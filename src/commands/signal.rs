//! The signals that ask a verb to end.

#[cfg(unix)]
use std::sync::atomic::{AtomicBool, Ordering};
#[cfg(unix)]
use std::sync::{Arc, LazyLock};

/// Whether ^C and SIGTERM end the process where [`forget`] has let go of them: nobody waits for them now. Signals are the
/// process's, and so is this.
#[cfg(unix)]
static END: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// Lets a signal that was caught end the process as one does that never was: a handler that was installed stays.
#[cfg(unix)]
pub(super) fn forget(signal: i32) -> std::io::Result<()> {
    use signal_hook::consts::{SIGINT, SIGTERM};
    END.store(true, Ordering::Relaxed);
    let ends = match signal {
        SIGINT | SIGTERM => Arc::clone(&END),
        // Nobody ever waits for another.
        _ => Arc::new(AtomicBool::new(true)),
    };
    signal_hook::flag::register_conditional_default(signal, ends).map(drop)
}

/// The exit code of the first ^C or SIGTERM. They are caught from this call on, not from the first poll, so that none
/// slips by between announcing a server and serving. Must be called within a tokio runtime.
#[cfg(unix)]
pub(super) fn signal() -> impl Future<Output = u8> {
    use tokio::signal::unix::{SignalKind, signal};
    END.store(false, Ordering::Relaxed);
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
