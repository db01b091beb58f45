//! An input becomes commands: which bytes are copied, and which are written as they are.

use super::command::{Command, Recent};
use super::matches::{NICE, Places};

/// How many bytes a meta-block may have: six nibbles say how many (RFC 7932 §9.2).
const LARGEST: usize = 1 << 24;
/// How many literals and commands a meta-block has: so many that to describe its prefix codes is little beside them, so few
/// that the codes fit.
pub(super) const SYMBOLS: usize = 1 << 16;
/// How many bits a copy from the next place has to gain beyond one from here, to be taken instead, behind a literal.
const WAIT: usize = 4;
/// After so many literals without a copy, one place more is passed over each time: there may be nothing to be found.
const PATIENCE: usize = 256;
/// Of a copy this long not every place is kept, but one of so many: what copies from there misses no more than so many bytes.
const LONG: usize = 1 << 12;
const SPARSE: usize = 16;

/// What is known of an input from what was read of it.
#[derive(Debug)]
pub(super) struct Parser<'a> {
    pub(super) input: &'a [u8],
    pub(super) places: Places<'a>,
    pub(super) recent: Recent,
}

impl Parser<'_> {
    /// The commands of the meta-block that begins here, and where it ends.
    pub(super) fn commands(&mut self, start: usize) -> (Vec<Command>, usize) {
        let end = self.input.len().min(start + LARGEST);
        let mut commands = Vec::new();
        let mut symbols = 0;
        // Where the literals begin that are not in a command yet.
        let mut literals = start;
        let mut at = start;
        while at < end && symbols + (at - literals) < SYMBOLS {
            let Some(mut found) = self.places.best(at, end, &self.recent) else {
                self.places.pass(at);
                at += 1 + (at - literals) / PATIENCE;
                continue;
            };
            self.places.pass(at);
            while found.length < NICE
                && let Some(next) = self.places.best(at + 1, end, &self.recent)
                && next.gain > found.gain + WAIT
            {
                at += 1;
                self.places.pass(at);
                found = next;
            }
            commands.push(Command::copy(at - literals, found.length, self.recent.code(found.distance)));
            symbols += at - literals + 1;
            let step = if found.length < LONG { 1 } else { SPARSE };
            (at + 1..at + found.length).step_by(step).for_each(|passed| self.places.pass(passed));
            at += found.length;
            literals = at;
        }
        let at = at.min(end);
        if literals < at {
            commands.push(Command::end(at - literals));
        }
        (commands, at)
    }
}
