//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Parser;

use crate::faults::Faults;

/// A gRPC server that does as little as one can: any method is answered with the same message.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    /// Where to listen: HOST:PORT, port 0 being a free one, or unix:PATH.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    pub(crate) listen: Place,
    /// Serve TLS, with a certificate for localhost that is made now.
    #[arg(long)]
    pub(crate) tls: bool,
    /// Where to write the certificate.
    #[arg(long, value_name = "FILE", requires = "tls")]
    pub(crate) cert: Option<PathBuf>,
    /// How many bytes the message of an answer has: a HelloReply.
    #[arg(long, value_name = "BYTES", default_value_t = 13, value_parser = message_size)]
    pub(crate) answer_size: usize,
    /// Print what was answered, as one line of JSON, when SIGTERM or SIGINT ends it.
    #[arg(long)]
    pub(crate) count: bool,
    #[command(flatten)]
    pub(crate) faults: Faults,
}

/// An address to listen on.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.strip_prefix("unix:") {
            Some("") => Err("unix: names no path".to_owned()),
            Some(path) => Ok(Self::Unix(path.into())),
            None => text.parse().map(Self::Tcp).map_err(|_| "neither IP:PORT nor unix:PATH".to_owned()),
        }
    }
}

/// No message is of one byte, and none is longer than gRPC takes by default.
fn message_size(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(size @ (0 | 2..=4_194_304)) => Ok(size),
        _ => Err("0, or from 2 to 4194304".to_owned()),
    }
}
