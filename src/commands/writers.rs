//! Where a verb writes: what was asked for, and what is said about it.

use std::io::{self, Write};
use std::pin::pin;

use crate::args::TargetPlan;
use crate::output::Outlet;

/// Where a verb writes.
pub struct Writers<'w> {
    /// What was asked for.
    pub out: &'w mut Outlet,
    /// What is said about it.
    pub talk: &'w mut dyn Write,
}

impl Writers<'_> {
    /// What comes next, when it has come: what was printed by then is written meanwhile, and a reader that is slow is
    /// waited for first.
    pub(super) async fn next<T>(&mut self, coming: impl Future<Output = T>) -> io::Result<T> {
        if self.out.is_full() {
            self.out.room().await?;
        }
        let mut coming = pin!(coming);
        tokio::select! {
            biased;
            come = &mut coming => return Ok(come),
            () = std::future::ready(()) => {}
        }
        while let Some(due) = self.out.pause()? {
            tokio::select! {
                biased;
                come = &mut coming => return Ok(come),
                () = tokio::time::sleep_until(due.into()) => self.out.flush()?,
            }
        }
        Ok(coming.await)
    }

    /// Warns of a server that nobody vouches for, and of credentials that anyone can read.
    pub(super) fn warn(&mut self, target: &TargetPlan) -> io::Result<()> {
        let server = &target.place.text;
        if target.unverified {
            writeln!(self.talk, "warning: --insecure: nothing verifies that this is {server}")?;
        }
        if !target.exposed.is_empty() {
            let names = target.exposed.join(" and ");
            writeln!(
                self.talk,
                "warning: {names}: sent to {server} in plaintext, for all on the way to read"
            )?;
        }
        Ok(())
    }
}

/// What is said on the side never decides how a command ends: where it can't be written, it is not.
pub(super) struct BestEffort<W>(pub(super) W);

impl<W: Write> Write for BestEffort<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.0.write_all(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let _ = self.0.flush();
        Ok(())
    }
}
