//! Why a server's reflection gives no schema.

use thiserror::Error;

use super::budget::{LONGEST, MOST_STREAMS};
use super::{PATIENCE, Version};
use crate::transport;
use crate::wire::Status;

/// Why a server's reflection could not be asked.
#[derive(Debug, Error)]
pub enum ReflectionError {
    /// There is no connection.
    #[error(transparent)]
    Connection(transport::Error),
    /// The request can't be written, such as with an authority that is none.
    #[error("cannot make a request for the server")]
    Request(#[source] http::Error),
    /// The server has no reflection service of any version asked for.
    #[error("the server does not offer reflection{}", shown(.0))]
    Unavailable(Status),
    /// The server has reflection, and not in the version asked for.
    #[error("the server offers reflection {offered} and not {asked}")]
    OtherVersion {
        /// The version asked for.
        asked: Version,
        /// The version that it answered in.
        offered: Version,
    },
    /// The server ended the questions with this status.
    #[error("the server refused reflection{}", shown(.0))]
    Refused(Status),
    /// The user's deadline passed.
    #[error("{} ({}, on this side): {}", .0.code, .0.code.0, .0.message)]
    Deadline(Status),
    /// The server has gone silent.
    #[error("the server has not answered reflection for {}", humantime::format_duration(PATIENCE))]
    Silent,
    /// The server answers, and does not come to an end.
    #[error(
        "the server has been answering reflection for {} and is not done",
        humantime::format_duration(LONGEST)
    )]
    Slow,
    /// The server ends one stream after the other.
    #[error("the server has ended {MOST_STREAMS} streams of reflection, and questions are left")]
    TooOften,
    /// The server sends more than any schema is.
    #[error("the server's descriptors pass the limit of {0}")]
    TooMuch(&'static str),
    /// The server has reflection and no list of its services.
    #[error("the server does not list its services: {0}")]
    NoList(String),
    /// The system has no thread to put a large schema together on.
    #[error("there is no thread to put the schema together on")]
    NoThread,
    /// The server's answer can't be read.
    #[error("the server's reflection answer is malformed")]
    Malformed(#[source] prost::DecodeError),
}

fn shown(status: &Status) -> String {
    let separator = if status.message.is_empty() { "" } else { ": " };
    format!(" ({}{separator}{})", status.code, status.message)
}
