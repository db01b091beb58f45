//! What wakes a task at a moment, more exactly than the runtime's own timers, which are in milliseconds.

use std::io;
use std::time::Duration;

#[cfg(target_os = "linux")]
use tokio::net::unix::pipe;

#[cfg(target_os = "linux")]
use crate::bench::system;

/// Wakes a task at a moment.
pub(super) struct Timer {
    /// It is no pipe, but read like one.
    #[cfg(target_os = "linux")]
    fd: pipe::Receiver,
}

impl Timer {
    /// One of the present runtime.
    pub(super) fn new() -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        return Ok(Self { fd: pipe::Receiver::from_owned_fd_unchecked(system::timer()?)? });
        #[cfg(not(target_os = "linux"))]
        Ok(Self {})
    }

    /// Done after this time; others have their turn in any case.
    pub(super) async fn wait(&self, time: Duration) {
        if time.is_zero() {
            return tokio::task::yield_now().await;
        }
        #[cfg(target_os = "linux")]
        if time < Duration::from_secs(1) && system::set_timer(&self.fd, time).is_ok() {
            // How often it has rung since it was set: there is nothing to be read before it has.
            let mut rung = [0; 8];
            while self.fd.readable().await.is_ok() {
                match self.fd.try_read(&mut rung) {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    _ => return,
                }
            }
        }
        tokio::time::sleep(time).await;
    }
}
