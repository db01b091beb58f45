//! What channelz tells: tables to read, one thing at length, and JSON for programs.
//!
//! The JSON form is stable: members may be added, none is renamed or removed.

mod cells;
mod detail;
mod json;
mod tables;

use std::io::{self, Write};

use super::color::Paint;
use crate::channelz::{Snapshot, Wanted};

/// What is shown of a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown<'w> {
    /// What was asked for: tables of it, or, where things were named by their numbers, each at length.
    pub wanted: &'w Wanted,
    /// Whether it is one of a row of snapshots: each says when it was taken, and counters how far they went since the
    /// last.
    pub watched: bool,
}

impl Shown<'_> {
    fn at_length(self) -> bool {
        !self.wanted.ids.is_empty()
    }
}

/// A snapshot to read; `before` is the one before it, if there was one.
pub fn text(
    out: &mut dyn Write,
    snapshot: &Snapshot,
    before: Option<&Snapshot>,
    shown: Shown<'_>,
    paint: Paint,
) -> io::Result<()> {
    if shown.watched {
        if before.is_some() {
            writeln!(out)?;
        }
        writeln!(out, "{}", humantime::format_rfc3339_seconds(snapshot.taken))?;
    }
    if shown.at_length() {
        detail::all(out, snapshot, before, paint)
    } else {
        tables::all(out, snapshot, before, shown, paint)
    }
}

/// A snapshot for programs, in the same terms.
pub fn json(
    out: &mut dyn Write,
    snapshot: &Snapshot,
    before: Option<&Snapshot>,
    shown: Shown<'_>,
    paint: Paint,
) -> io::Result<()> {
    super::write_json(out, &json::document(snapshot, before, shown), paint)
}
