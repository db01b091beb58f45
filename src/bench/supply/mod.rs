//! What each call sends: made ahead where it is the same again and again, and else from call to call.
//!
//! ```text
//! data ──cut──▶ documents ──parse──▶ constant: encoded once
//!                                    with placeholders ──cast──▶ mold: values between bytes that stay
//!                                                                else JSON, read for each call
//! ```
//!
//! A [`Stock`] is read and checked once, with every row and both ends of what chance may draw; each thread takes its
//! calls from a [`Supply`] of it. Call `n` of a run is the same whichever thread makes it, but for what chance draws.

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

pub use error::SupplyError;
pub use stock::{Order, Stock, Wanted, named_types};
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
pub struct Supply(Kind);

#[derive(Debug)]
enum Kind {
    /// The same few by turns: where in them it is, and how far it goes each time.
    ByTurns(Arc<[Made]>, usize, usize),
    /// One of the same few, by chance.
    AtRandom(Arc<[Made]>, Rng),
    /// Made from call to call.
    Drawn(Box<Drawn>),
}

impl Supply {
    /// The same few calls by turns, from the first on.
    pub fn by_turns(calls: Arc<[Made]>) -> Self {
        Self::shared(calls, 0, 1)
    }

    /// The same for one thread of several, which take turns, too.
    fn shared(calls: Arc<[Made]>, thread: usize, threads: usize) -> Self {
        let count = calls.len().max(1);
        Self(Kind::ByTurns(calls, thread % count, threads % count))
    }

    /// The next call; none only where there are no calls at all.
    #[inline]
    pub fn take(&mut self) -> Option<&Made> {
        match &mut self.0 {
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
            Kind::Drawn(drawn) => Some(drawn.take()),
        }
    }
}

/// Makes one call after another.
struct Drawn {
    drafts: Arc<Drafts>,
    desk: Desk,
    next: u64,
    step: u64,
}

/// Where a thread makes its calls.
struct Desk {
    /// One for each thread: it remembers types behind a lock.
    reader: Reader,
    values: Values,
    scratch: Scratch,
    /// A message on its way.
    message: Vec<u8>,
    /// What calls are written into, one behind the other: there is one for many of them.
    buffer: BytesMut,
    made: Made,
}

/// How many bytes calls are written into at a time.
const BUFFER: usize = 64 << 10;

impl Drawn {
    fn new(drafts: Arc<Drafts>, thread: usize, threads: usize, random: Rng) -> Self {
        let desk = Desk::new(&drafts, thread, random);
        Self { drafts, desk, next: thread as u64, step: threads.max(1) as u64 }
    }

    /// The next call. One whose values make no message is sent with those of the call before it: of what was checked
    /// ahead, none is left.
    fn take(&mut self) -> &Made {
        let call = self.next;
        self.next = self.next.wrapping_add(self.step);
        self.desk.values.begin(call);
        self.drafts.make(&mut self.desk, call);
        &self.desk.made
    }
}

impl Desk {
    fn new(drafts: &Drafts, thread: usize, random: Rng) -> Self {
        Self {
            reader: Reader::default(),
            values: Values::new(thread, drafts.table(), random),
            scratch: Scratch::default(),
            message: Vec::new(),
            buffer: BytesMut::with_capacity(BUFFER),
            made: Made { fields: drafts.fields(), ..Made::default() },
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
        f.debug_struct("Drawn").field("next", &self.next).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
