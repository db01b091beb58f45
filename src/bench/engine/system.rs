//! What the operating system has to be asked for: timers finer than a poll's, CPU time, and room for sockets.

use std::io;
use std::time::Duration;

use mio::{Registry, Token};

/// CPU time that the calling thread has used; none where the system does not tell.
pub(super) fn thread_cpu() -> Option<Duration> {
    #[cfg(unix)]
    return cpu(rustix::time::ClockId::ThreadCPUTime);
    #[cfg(not(unix))]
    None
}

/// CPU time that the process has used.
pub(super) fn process_cpu() -> Option<Duration> {
    #[cfg(unix)]
    return cpu(rustix::time::ClockId::ProcessCPUTime);
    #[cfg(not(unix))]
    None
}

#[cfg(unix)]
fn cpu(clock: rustix::time::ClockId) -> Option<Duration> {
    let time = rustix::time::clock_gettime(clock);
    Some(Duration::new(u64::try_from(time.tv_sec).ok()?, u32::try_from(time.tv_nsec).ok()?))
}

/// The machine that calls are made on, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// Its name.
    pub host: Option<String>,
    /// Its system, and the version of that.
    pub os: Option<String>,
    /// How many CPUs there are for this process.
    pub cpus: Option<u64>,
}

/// The machine that calls are made on.
pub fn machine() -> Machine {
    let cpus = std::thread::available_parallelism().ok();
    let cpus = cpus.and_then(|cpus| u64::try_from(cpus.get()).ok());
    #[cfg(unix)]
    {
        let name = rustix::system::uname();
        let text = |text: &std::ffi::CStr| text.to_string_lossy().into_owned();
        let os = format!("{} {}", text(name.sysname()), text(name.release()));
        Machine { host: Some(text(name.nodename())), os: Some(os), cpus }
    }
    #[cfg(not(unix))]
    Machine { host: None, os: None, cpus }
}

/// Makes room for so many sockets and some files beside them, as far as the system lets a process do that.
pub(super) fn make_room(sockets: usize) {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

        let wanted = u64::try_from(sockets).unwrap_or(u64::MAX).saturating_add(256);
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        if current.is_some_and(|current| current < wanted) {
            let current = Some(maximum.map_or(wanted, |maximum| wanted.min(maximum)));
            // Where it can't be, the sockets that there is no room for say so.
            let _ = setrlimit(Resource::Nofile, Rlimit { current, maximum });
        }
    }
    #[cfg(not(unix))]
    let _ = sockets;
}

/// Wakes a poll at a moment.
///
/// A poll's own timeout is in milliseconds, and an open loop has calls between them. Linux's timers are exact to
/// microseconds, and wake a poll like a socket does.
#[derive(Debug)]
pub(super) struct Timer {
    #[cfg(target_os = "linux")]
    fd: rustix::fd::OwnedFd,
}

impl Timer {
    pub(super) fn new(registry: &Registry, token: Token) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        {
            use std::os::fd::AsRawFd as _;

            use rustix::time::{TimerfdClockId, TimerfdFlags, timerfd_create};

            let fd =
                timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
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
        #[cfg(target_os = "linux")]
        {
            use rustix::time::{Itimerspec, TimerfdTimerFlags, Timespec, timerfd_settime};

            // Whole milliseconds are as well waited for by the poll itself.
            if after >= Duration::from_secs(1) {
                return Some(after);
            }
            let once = Timespec { tv_sec: 0, tv_nsec: i64::from(after.subsec_nanos().max(1)) };
            let never = Timespec { tv_sec: 0, tv_nsec: 0 };
            let set = Itimerspec { it_interval: never, it_value: once };
            match timerfd_settime(&self.fd, TimerfdTimerFlags::empty(), &set) {
                Ok(_) => None,
                Err(_) => Some(after),
            }
        }
        #[cfg(not(target_os = "linux"))]
        Some(after)
    }
}
