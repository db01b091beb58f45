//! A password, asked for on the terminal without being shown there.
//!
//! While it is typed the terminal does not show what is typed, and a process that is ended would leave it so. So signals
//! are caught meanwhile, and the terminal is put back before they do what they would have done.

use std::io;

use crate::secrets::Secret;

/// Asks.
#[cfg(unix)]
pub(super) fn ask(question: &str) -> io::Result<Secret> {
    use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    use signal_hook::iterator::Signals;
    use signal_hook::low_level::emulate_default_handler;

    const ENDING: [i32; 4] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM];

    let terminal = std::fs::File::options().read(true).write(true).open("/dev/tty")?;
    let before = tcgetattr(&terminal)?;
    let mut signals = Signals::new(ENDING)?;
    let caught = signals.handle();
    let watch = std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        if let Some(signal) = signals.forever().next() {
            // It is to end whether that can be done or not.
            let _ = tcsetattr(&terminal, OptionalActions::Now, &before);
            let _ = emulate_default_handler(signal);
        }
    })?;
    let answer = rpassword::prompt_password(question);
    // ^C is a key like any other while none is shown, and becomes a signal: that is about to end the process.
    if !matches!(&answer, Err(error) if error.kind() == io::ErrorKind::Interrupted) {
        ENDING.into_iter().try_for_each(super::signal::forget)?;
        caught.close();
    }
    let _ = watch.join();
    answer.map(Secret::new)
}

/// Asks.
#[cfg(not(unix))]
pub(super) fn ask(question: &str) -> io::Result<Secret> {
    rpassword::prompt_password(question).map(Secret::new)
}
