//! What wakes a poll at a moment.

use std::io;
use std::time::Duration;

use mio::{Registry, Token};

#[cfg(target_os = "linux")]
use crate::bench::system;

/// Wakes a poll at a moment: its own timeout is in milliseconds, and an open loop has calls between them.
#[derive(Debug)]
pub(super) struct Timer {
    #[cfg(target_os = "linux")]
    fd: std::os::fd::OwnedFd,
}

impl Timer {
    pub(super) fn new(registry: &Registry, token: Token) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        {
            use std::os::fd::AsRawFd as _;

            let fd = system::timer()?;
            registry.register(&mut mio::unix::SourceFd(&fd.as_raw_fd()), token, mio::Interest::READABLE)?;
            Ok(Self { fd })
        }
        #[cfg(not(target_os = "linux"))]
        {
            let _ = (registry, token);
            Ok(Self {})
        }
    }

    /// Sees to it that the next poll wakes after this time, and gives the timeout that it is to be given.
    pub(super) fn set(&mut self, after: Duration) -> Option<Duration> {
        // Whole milliseconds are as well waited for by the poll itself.
        #[cfg(target_os = "linux")]
        if after < Duration::from_secs(1) && system::set_timer(&self.fd, after).is_ok() {
            return None;
        }
        Some(after)
    }
}
