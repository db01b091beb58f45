//! HTTP/2 as bytes: frames (RFC 9113 §4 and §6) and the compression of headers (RFC 7541), without I/O.
//!
//! Nothing here waits, and nothing is allocated but what a caller hands in or a limit bounds: a [`Reader`] lends frames
//! out of the bytes that have come, an [`Assembly`] joins the pieces of a header block, and [`hpack`] reads and writes
//! blocks. It is for who has to see or to say on a connection what an HTTP library keeps to itself or never would say.

mod assembly;
mod error;
mod frame;
pub mod hpack;
mod reader;
mod settings;

pub use assembly::Assembly;
pub use error::{Error, ErrorCode, Scope};
pub use frame::{Block, Data, Frame, Head, Headers, Priority, flag, kind, write_block, write_data};
pub use reader::Reader;
pub use settings::{Setting, Settings, setting};

/// What a client says first (RFC 9113 §3.4); a SETTINGS frame follows it.
pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// The longest payload that is taken without having been asked for (RFC 9113 §6.5.2).
pub const DEFAULT_MAX_FRAME_SIZE: u32 = 1 << 14;
/// The longest payload that a frame can have.
pub const MAX_FRAME_SIZE: u32 = (1 << 24) - 1;
/// The largest flow-control window (RFC 9113 §6.9.1).
pub const MAX_WINDOW: u32 = (1 << 31) - 1;
