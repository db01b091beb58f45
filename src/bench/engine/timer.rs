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
    /// The moment that it is set to.
    #[cfg(target_os = "linux")]
    set: u64,
}

impl Timer {
    pub(super) fn new(registry: &Registry, token: Token) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        {
            use std::os::fd::AsRawFd as _;

            let fd = system::timer()?;
            registry.register(&mut mio::unix::SourceFd(&fd.as_raw_fd()), token, mio::Interest::READABLE)?;
            Ok(Self { fd, set: 0 })
        }
        #[cfg(not(target_os = "linux"))]
        {
            let _ = (registry, token);
            Ok(Self {})
        }
    }

    /// Sees to it that the next poll wakes at this moment, or where that can't be, tells how long it may wait at most.
    pub(super) fn set(&mut self, at: u64, now: u64) -> Option<Duration> {
        let after = Duration::from_nanos(at.saturating_sub(now));
        #[cfg(target_os = "linux")]
        {
            // It wakes once, and then no more until it is set again.
            if self.set == at || system::set_timer(&self.fd, after).is_ok() {
                self.set = at;
                return None;
            }
        }
        Some(after)
    }
}
