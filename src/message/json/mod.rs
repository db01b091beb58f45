//! The proto3 JSON mapping, both ways.
//!
//! Printing ([`Printer`]) never fails, keeps declaration order and sorts map keys. Reading ([`read`]) loses nothing
//! in silence, and its errors name the field, the place and what was expected.

mod any;
mod number;
mod path;
mod plan;
mod print;
mod read;
mod salvage;
mod time;
mod wkt;
mod writer;

pub use print::{Missing, Printer, Style, Types};
pub(super) use read::unknown_field;
pub use read::{Open, Problem, ReadError, any_types, read};

pub(super) use any::is_full_name;
pub(super) use number::{double, float};

#[cfg(test)]
mod tests;
