//! What the operating system has to be asked for: CPU time, room for sockets, and timers finer than a poll's.

#[cfg(target_os = "linux")]
use std::io;
#[cfg(target_os = "linux")]
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

/// CPU time, where the system tells.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Cpu {
    /// That of the calling thread.
    pub(super) thread: Option<Duration>,
    /// That of the process.
    pub(super) process: Option<Duration>,
}

impl Cpu {
    /// All that was used so far.
    #[cold]
    pub(super) fn now() -> Self {
        #[cfg(unix)]
        return Self {
            thread: cpu(rustix::time::ClockId::ThreadCPUTime),
            process: cpu(rustix::time::ClockId::ProcessCPUTime),
        };
        #[cfg(not(unix))]
        Self::default()
    }

    /// What was used since then.
    pub(super) fn since(self, before: Self) -> Self {
        let between =
            |after: Option<Duration>, before: Option<Duration>| Some(after?.saturating_sub(before?));
        Self { thread: between(self.thread, before.thread), process: between(self.process, before.process) }
    }
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

/// Makes room for so many sockets and some files beside them, as far as the system lets a process do that. If not for all of
/// them, tells for how many there is.
pub(super) fn make_room(sockets: usize) -> Result<(), usize> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

        let wanted = u64::try_from(sockets).unwrap_or(u64::MAX).saturating_add(256);
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        if current.is_some_and(|current| current < wanted) {
            let current = Some(maximum.map_or(wanted, |maximum| wanted.min(maximum)));
            // Where it can't be, it stays what it was.
            let _ = setrlimit(Resource::Nofile, Rlimit { current, maximum });
        }
        let limit =
            getrlimit(Resource::Nofile).current.map_or(u64::MAX, |limit| limit.saturating_sub(BESIDE));
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        if sockets > most {
            return Err(most);
        }
    }
    #[cfg(not(unix))]
    let _ = sockets;
    Ok(())
}

/// How many files a process has open beside sockets, at the least.
#[cfg(unix)]
const BESIDE: u64 = 16;

/// A timer that is waited for like a socket: Linux's are exact to microseconds, where a poll's own timeout is in
/// milliseconds.
#[cfg(target_os = "linux")]
pub(super) fn timer() -> io::Result<OwnedFd> {
    use rustix::time::{TimerfdClockId, TimerfdFlags, timerfd_create};

    Ok(timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?)
}

/// Has it ready after this time, and not before.
#[cfg(target_os = "linux")]
pub(super) fn set_timer(timer: impl AsFd, after: Duration) -> io::Result<()> {
    use rustix::time::{Itimerspec, TimerfdTimerFlags, Timespec, timerfd_settime};

    let never = Timespec { tv_sec: 0, tv_nsec: 0 };
    let once = Timespec {
        tv_sec: i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
        // None at all would be never.
        tv_nsec: i64::from(if after.is_zero() { 1 } else { after.subsec_nanos() }),
    };
    let set = Itimerspec { it_interval: never, it_value: once };
    timerfd_settime(timer, TimerfdTimerFlags::empty(), &set)?;
    Ok(())
}
