//! What a server says of its own channels, servers and sockets: gRPC's channelz, proposal A14.
//!
//! A [`Client`] asks, page by page, and gives a [`Snapshot`]: plain values, with addresses as text and times as times.
//! How they look is `output::channelz`'s business.

mod ask;
pub mod proto;
mod read;
mod values;

pub use ask::{Client, Error, Wanted};
pub use values::{
    Additional, Calls, Channel, Event, Holder, Kind, Security, Server, Snapshot, Socket, SocketOption, Trace,
};
