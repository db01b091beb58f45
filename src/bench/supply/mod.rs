//! What each call sends: made ahead where it is the same again and again, and else from call to call.
//!
//! ```text
//! data ──cut──▶ documents ──parse──▶ constant: encoded once
//!                                    with placeholders ──cast──▶ mold: values between bytes that stay
//!                                                                else JSON, read for each call
//! ```
//!
//! A [`Stock`] is read and checked once, with every row, both ends of the numbers that chance may draw and samples of what
//! else it may; each thread takes its calls from a [`Supply`] of it. Call `n` is the same whichever thread makes it, but for
//! what chance draws.

mod callee;
mod document;
mod drafts;
mod error;
mod several;
mod stock;
mod table;
#[cfg(test)]
mod testing;
mod values;
mod words;
mod writing;

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use fastrand::Rng;

use self::document::Scratch;
use self::drafts::Drafts;
use self::values::Values;
use crate::envelope::PREFIX;
use crate::message::Reader;

pub use callee::Callee;
pub use error::{SupplyError, Unmade};
pub use stock::{Order, Run, Stock, Wanted, named_types};
pub use table::{Table, TableError};
pub use words::WordError;
pub use writing::Writing;

/// A call, as it is to be sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Made {
    /// Header fields that other calls do not have, or have with other values.
    pub fields: Vec<(Bytes, Bytes)>,
    /// Its messages, each in its envelope.
    pub body: Bytes,
    /// How many those are.
    pub messages: u32,
}

impl Made {
    /// Its messages without their envelopes, as they are where [`Writing`] does not compress.
    pub fn payloads(&self) -> impl Iterator<Item = Bytes> + use<> {
        let mut rest = self.body.clone();
        std::iter::from_fn(move || {
            let [_, a, b, c, d] = rest.first_chunk::<PREFIX>()?;
            let length = usize::try_from(u32::from_be_bytes([*a, *b, *c, *d])).ok()?;
            let whole = PREFIX.checked_add(length).filter(|whole| *whole <= rest.len())?;
            Some(rest.split_to(whole).slice(PREFIX..))
        })
    }
}

/// Where a thread takes its calls from.
#[derive(Debug)]
pub struct Supply {
    kind: Kind,
    taken: u64,
}

#[derive(Debug)]
enum Kind {
    /// The same few by turns: where in them it is, and how far it goes each time.
    ByTurns(Arc<[Made]>, usize, usize),
    /// One of the same few, by chance.
    AtRandom(Arc<[Made]>, Rng),
    /// Made from call to call.
    Drawn(Box<Drawn>),
}

/// The numbers of a thread's calls.
#[derive(Debug, Clone, Copy)]
struct Numbers {
    next: u64,
    step: u64,
}

impl Supply {
    /// The same few calls by turns.
    fn by_turns(calls: Arc<[Made]>, Numbers { next, step }: Numbers) -> Self {
        let count = calls.len().max(1) as u64;
        // It is below how many there are.
        let place = |number: u64| usize::try_from(number % count).unwrap_or_default();
        Self::of(Kind::ByTurns(calls, place(next), place(step)))
    }

    fn at_random(calls: Arc<[Made]>, random: Rng) -> Self {
        Self::of(Kind::AtRandom(calls, random))
    }

    fn drawn(drawn: Drawn) -> Self {
        Self::of(Kind::Drawn(Box::new(drawn)))
    }

    fn of(kind: Kind) -> Self {
        Self { kind, taken: 0 }
    }

    /// How many calls were taken.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// Why no more calls can be taken, where one could not be made.
    pub fn unmade(self) -> Option<Unmade> {
        match self.kind {
            Kind::Drawn(drawn) => drawn.workspace.unmade,
            Kind::ByTurns(..) | Kind::AtRandom(..) => None,
        }
    }

    /// The next call; none once one could not be made.
    #[inline]
    pub fn take(&mut self) -> Option<&Made> {
        self.taken += 1;
        match &mut self.kind {
            Kind::ByTurns(calls, at, step) => {
                let call = calls.get(*at);
                *at += *step;
                if *at >= calls.len() {
                    *at -= calls.len();
                }
                call
            }
            Kind::AtRandom(calls, random) => {
                let at = if calls.len() > 1 { random.usize(..calls.len()) } else { 0 };
                calls.get(at)
            }
            Kind::Drawn(drawn) => drawn.take(),
        }
    }
}

/// Makes one call after another.
struct Drawn {
    drafts: Arc<Drafts>,
    workspace: Workspace,
    numbers: Numbers,
}

/// Where a thread makes its calls.
struct Workspace {
    /// One for each thread: it remembers types behind a lock.
    reader: Reader,
    values: Values,
    scratch: Scratch,
    /// A message on its way.
    message: Vec<u8>,
    /// What calls are written into, one behind the other: there is one for many of them.
    buffer: BytesMut,
    made: Made,
    /// Why the last one could not be made, if so.
    unmade: Option<Unmade>,
}

/// How many bytes calls are written into at a time.
const BUFFER: usize = 64 << 10;

impl Drawn {
    fn new(drafts: Arc<Drafts>, thread: usize, numbers: Numbers, random: Rng) -> Self {
        let workspace = Workspace::new(&drafts, thread, random);
        Self { drafts, workspace, numbers }
    }

    /// The next call. Where its values make no message there is none, and none after it.
    fn take(&mut self) -> Option<&Made> {
        let Self { drafts, workspace, numbers: Numbers { next, step } } = self;
        if workspace.unmade.is_none() {
            let call = *next;
            *next = next.wrapping_add(*step);
            workspace.values.begin(call);
            drafts.make(workspace, call);
        }
        workspace.unmade.is_none().then_some(&workspace.made)
    }
}

impl Workspace {
    fn new(drafts: &Drafts, thread: usize, random: Rng) -> Self {
        Self {
            reader: Reader::default(),
            values: Values::new(thread, drafts.table(), random),
            scratch: Scratch::default(),
            message: Vec::new(),
            buffer: BytesMut::with_capacity(BUFFER),
            made: Made { fields: drafts.fields(), ..Made::default() },
            unmade: None,
        }
    }

    /// Room for so many bytes more.
    fn reserve(&mut self, more: usize) {
        if self.buffer.capacity() < more {
            self.buffer.reserve(more.max(BUFFER));
        }
    }
}

impl std::fmt::Debug for Drawn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Drawn").field("numbers", &self.numbers).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
