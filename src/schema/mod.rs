//! What types exist and where that is known from.

pub mod fields;
pub mod name;
pub mod print;
pub mod symbol;
#[cfg(test)]
pub(crate) mod testing;
