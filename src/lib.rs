//! rpcctl: see what an RPC server offers, call anything on it, find out why it won't answer.
//!
//! # The map of the house
//!
//! One pipeline with replaceable ends. Every verb walks the same way and differs only in where the
//! schema comes from, where the messages come from and where the events go.
//!
//! ```text
//! argv ──clap──▶ Args             words the user typed; syntax checked, nothing opened   commands/, args/
//!      ──plan──▶ plan + style     a plain value; the environment is already in it        args/, session::plan
//!      ──open──▶ Session          Target ▶ Connection (lazy) · Source ▶ Schema           session/, transport/, schema/
//!    ┌ ──find──▶ Method           or "no such method", with the nearest names            schema/
//!    │ ─encode─▶ Stream<Bytes>    how many messages a method takes is checked here       message/
//!    └ ──call──▶ Event, Event, …  one path for all four shapes and every protocol        wire/, netrpc/
//!      ─print──▶ bytes            decoded at this edge: data → stdout, talk → stderr     output/
//!      ──exit──▶ 0 │ 64 + code    a refused call is an answer, not a failure             failure.rs, main.rs
//! ```
//!
//! Rooms lower in the list never use rooms higher in it: [`commands`] and [`args`] know the command line,
//! [`output`] writes, [`session`] is the spine, [`message`], [`schema`] and [`wire`] do the work for gRPC, gRPC-Web and Connect,
//! [`netrpc`] does it for Go's net/rpc, whose values come with their types and need no schema, and [`transport`]
//! moves bytes and knows no RPC; [`config`] reads the files that stand under what was typed; [`completion`] says how a
//! word may go on, from what a schema offers and a shell asks for while a line is typed; [`chars`] and [`secrets`] are
//! leaves for all who print, [`bounded`] is one for all who read files, [`compression`] and [`envelope`] for all whose
//! messages come compressed, or behind their size, [`media`] for who names or reads their content types, and [`http2`]
//! for who has to see frames. [`channelz`] asks servers about
//! their own connections. [`mod@bench`] makes calls in numbers, and keeps of them what adds up, is told, and is compared. [`demo`] is the server side of both, and
//! [`failure`] is where every error becomes a kind, a cause chain and hints. `tests/it/layers/mod.rs` holds the rules as data.

pub mod args;
pub mod bench;
pub mod bounded;
pub mod channelz;
pub mod chars;
pub mod commands;
pub mod completion;
pub mod compression;
pub mod config;
pub mod demo;
pub mod envelope;
pub mod failure;
pub mod http2;
pub mod media;
pub mod message;
pub mod netrpc;
pub mod output;
pub mod schema;
pub mod secrets;
pub mod session;
pub mod transport;
pub mod wire;
