//! The proto3 JSON mapping, both ways.
//!
//! Printing ([`Printer`]) never fails, keeps declaration order and sorts map keys. Reading ([`Reader`]) loses nothing
//! in silence, and its errors name the field, the place and what was expected.

mod any;
mod number;
mod place;
mod print;
mod read;
mod time;
mod wkt;
mod writer;

pub use print::{Missing, Printer, Style, Types};
pub(super) use read::{
    Distinct, Fields, Given, Grammar, Misfit, Outline, Step, by_short_name, duration_of, is_number,
    number_of, outline, shortened, timestamp_of, unknown_field, unknown_json_field, unknown_value,
};
pub use read::{Open, Problem, ReadError, Reader, any_types, any_types_in_yaml, from_yaml, pretty, to_yaml};
pub use writer::Writer;

pub(super) use any::{any_layout, is_full_name};
pub(super) use number::{double, float};
pub(super) use place::{Place, type_name};
pub(super) use wkt::{WellKnown, fault};

/// Seconds since 1970, and nanoseconds beyond them, of a point in time as JSON has it.
pub fn moment(text: &str) -> Option<(i64, i32)> {
    timestamp_of(text)
}

/// A point in time as JSON has it, quoted; none beyond the years that it has.
pub(super) fn timestamp(seconds: i64, nanos: i32) -> Option<String> {
    let mut out = Vec::new();
    time::timestamp(&mut out, seconds, nanos).ok()?;
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests;
