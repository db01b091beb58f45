//! Values and a writer in, bytes out: data goes to one writer, talk about it to another.

pub mod call;
mod outlet;
pub mod sanitize;
pub mod schema;
pub mod talk;

pub use outlet::Outlet;
