//! A message as its bytes: no tree of values is built on the way in or out.
//!
//! What is read from JSON or text is written to the wire at once (`sink`), and what is printed is looked up in the
//! bytes that came (`record`, `contents`). So nothing that came is lost on the way: what is unknown, misplaced or
//! broken stands where it stood. What both ways need of a type is worked out once (`layout`).
//!
//! The rules are those of <https://protobuf.dev/programming-guides/encoding/>.

mod contents;
mod layout;
mod noted;
mod record;
mod rewrite;
mod sink;

pub(super) use contents::{
    Contents, Elements, Entries, Key, Parts, Value, elements, entries, holds_nothing, int32, value,
};
pub(super) use layout::{
    Enumeration, Field, Kind, Layout, Layouts, Link, Named, Names, Scalar, Shape, Slot, printed_name,
};
pub(super) use noted::Noted;
pub(super) use record::{Broken, Opened, Raw, Record, Records};
pub(super) use sink::Sink;

pub use record::Malformed;
pub use rewrite::Rewriter;

/// How many messages may be nested in one: what the readers of the wire format allow.
pub(super) const DEPTH: usize = 100;
