//! Values and a writer in, bytes out.

pub mod sanitize;
pub mod schema;
