//! The proto3 JSON mapping, both ways.
//!
//! Printing is our own ([`Printer`]): it never fails, keeps declaration order and sorts map keys. Reading is
//! prost-reflect's, with errors that name the field, the line and what was expected ([`read`]).

mod any;
mod names;
mod number;
mod path;
mod plan;
mod print;
mod read;
mod salvage;
mod string;
mod time;
mod wkt;
mod writer;

pub use print::{Missing, Printer, Style, Types};
pub use read::{Problem, ReadError, any_types, read};

pub(super) use any::is_full_name;
pub(super) use number::{double, float};
pub(super) use string::is_invisible;

#[cfg(test)]
mod read_tests;
#[cfg(test)]
mod tests;
