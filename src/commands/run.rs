//! Runs a verb: the runtime it lives on, the writers it is given, and an end that waits for neither.

use std::io;

use super::surroundings::{Colors, destination};
use super::writers::BestEffort;
use super::{Exit, Failed, Writers};
use crate::failure::{Failure, Kind};
use crate::output::Outlet;
use crate::output::color::Painted;

/// Runs a verb that writes to stdout and stderr.
pub(super) fn to_the_end(
    colors: Colors,
    verb: impl AsyncFnOnce(&mut Writers<'_>) -> Result<Exit, Failed>,
) -> Result<Exit, Failed> {
    // Room for events is set aside and touched at once, and few sockets have news at a time.
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().max_io_events_per_tick(128).build();
    let runtime = runtime.map_err(|error| Failure::new(Kind::Failed, error))?;
    let mut out = Outlet::new(destination(), io::stdout());
    let mut talk = BestEffort(Painted::new(io::LineWriter::new(io::stderr()), colors.stderr));
    let mut writers = Writers { out: &mut out, talk: &mut talk };
    let result = runtime.block_on(verb(&mut writers));
    // A thread may still be reading standard input, and nobody knows for how long. Nor is there anything to gain in
    // taking apart what the end of the process takes apart faster.
    std::mem::forget(runtime);
    result
}
