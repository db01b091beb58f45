//! Servers that break what can be broken: none of it crashes the program, hangs it, fills its memory, floods a terminal,
//! or hides what can be known.
//!
//! `descriptors` hurts by what reflection says; all others by frames, which they write themselves.

mod bombs;
mod codes;
mod descriptors;
mod envelopes;
mod flood;
mod frames;
mod goaway;
mod headers;
mod http;
mod raw;
mod reset;
mod stall;
mod text;
