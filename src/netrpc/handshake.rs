//! How gob gets through HTTP: a CONNECT that the server answers with a line of its own.
//!
//! Go's server writes `HTTP/1.0 200 Connected to Go RPC` and two bare line feeds, which is less than HTTP asks for; so
//! this reads lines as Go writes them, and as HTTP does.

use std::io;
use std::time::Duration;

use bytes::{Buf as _, BytesMut};
use http::HeaderMap;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use crate::transport::Stream;

/// The path at which Go's `rpc.HandleHTTP` serves.
pub const DEFAULT_PATH: &str = "/_goRPC_";
/// The page that `rpc.HandleHTTP` serves for people.
pub const DEBUG_PATH: &str = "/debug/rpc";
/// What stands behind the version in the answer of a server that speaks gob from there on.
pub(super) const CONNECTED: &str = "200 Connected to Go RPC";
/// The longest head of a request or an answer that is read.
pub(super) const MAX_HEAD: usize = 16 << 10;
/// How long a refusal may take to say more than its status.
const LAST_WORD: Duration = Duration::from_millis(250);
/// How much of a refusal's body is read and shown.
const MAX_BODY: usize = 512;

/// A CONNECT to a Go server.
#[derive(Debug, Clone)]
pub struct Connect {
    /// The path.
    pub path: String,
    /// The value of `Host`.
    pub authority: String,
    /// Headers for what stands before the server, such as a proxy that wants a token.
    pub headers: HeaderMap,
}

/// Why a CONNECT came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum HandshakeError {
    /// The server answered, and not as Go's net/rpc does.
    #[error("the server does not speak net/rpc at {path}: it answered {answer:?}")]
    Refused {
        /// The path.
        path: String,
        /// The status line, and the body where it says more.
        answer: String,
    },
    /// The server sent no line that ends.
    #[error("the server does not speak net/rpc over HTTP: {0}")]
    Foreign(&'static str),
    /// The connection failed.
    #[error("the connection was lost during the CONNECT")]
    Lost(#[source] io::Error),
}

impl Connect {
    /// The request, as it is written.
    pub fn request(&self) -> Vec<u8> {
        // HTTP/1.0 is what Go's own client says; a host and line ends as HTTP has them are for what stands between.
        let mut request =
            format!("CONNECT {} HTTP/1.0\r\nHost: {}\r\n", self.path, self.authority).into_bytes();
        for (name, value) in &self.headers {
            request.extend_from_slice(name.as_str().as_bytes());
            request.extend_from_slice(b": ");
            request.extend_from_slice(value.as_bytes());
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"\r\n");
        request
    }

    /// Sends the request and reads the answer. What is read beyond it stays in `buffer`.
    pub async fn perform(
        &self,
        stream: &mut dyn Stream,
        buffer: &mut BytesMut,
    ) -> Result<(), HandshakeError> {
        stream.write_all(&self.request()).await.map_err(HandshakeError::Lost)?;
        stream.flush().await.map_err(HandshakeError::Lost)?;
        let head = loop {
            if let Some(length) = head_length(buffer) {
                break buffer.split_to(length);
            }
            if buffer.len() > MAX_HEAD {
                return Err(HandshakeError::Foreign("the head of its answer does not end"));
            }
            if buffer.first().is_some_and(|&byte| byte != b'H') {
                return Err(HandshakeError::Foreign("its answer is no HTTP"));
            }
            if stream.read_buf(buffer).await.map_err(HandshakeError::Lost)? == 0 {
                return Err(HandshakeError::Foreign("it closed the connection"));
            }
        };
        let status = status_of(&head);
        if status.as_deref() == Some(CONNECTED) {
            return Ok(());
        }
        // What a refusal says is only shown: there may be no more of it, and the connection may stay open.
        let _ = timeout(LAST_WORD, async {
            while buffer.len() < MAX_BODY && stream.read_buf(buffer).await.is_ok_and(|count| count > 0) {}
        })
        .await;
        let first = String::from_utf8_lossy(&head).lines().next().unwrap_or_default().to_owned();
        let body =
            String::from_utf8_lossy(&buffer.copy_to_bytes(buffer.len().min(MAX_BODY))).trim().to_owned();
        let answer = if body.is_empty() { first } else { format!("{first}: {body}") };
        Err(HandshakeError::Refused { path: self.path.clone(), answer })
    }
}

/// What stands behind the version in a status line.
fn status_of(head: &[u8]) -> Option<String> {
    let line = head.split(|&byte| byte == b'\n').next()?;
    let (version, status) = std::str::from_utf8(line).ok()?.trim_end().split_once(' ')?;
    version.starts_with("HTTP/").then(|| status.to_owned())
}

/// How long the head of a request or an answer is, its empty line included.
pub(super) fn head_length(buffer: &[u8]) -> Option<usize> {
    let mut line = 0;
    for (index, &byte) in buffer.iter().enumerate() {
        if byte == b'\n' {
            if matches!(buffer.get(line..index), Some(b"" | b"\r")) && line > 0 {
                return Some(index + 1);
            }
            line = index + 1;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn answered(answer: &[u8]) -> (Result<(), HandshakeError>, Vec<u8>, Vec<u8>) {
        let (mut ours, mut theirs) = tokio::io::duplex(64 << 10);
        theirs.write_all(answer).await.unwrap();
        theirs.shutdown().await.unwrap();
        let connect = Connect {
            path: DEFAULT_PATH.to_owned(),
            authority: "localhost:1234".to_owned(),
            headers: HeaderMap::new(),
        };
        let mut buffer = BytesMut::new();
        let result = connect.perform(&mut ours, &mut buffer).await;
        drop(ours);
        let mut asked = Vec::new();
        theirs.read_to_end(&mut asked).await.unwrap();
        (result, buffer.to_vec(), asked)
    }

    #[tokio::test]
    async fn what_follows_go_s_answer_is_kept() {
        let (result, rest, asked) = answered(b"HTTP/1.0 200 Connected to Go RPC\n\ngob").await;
        result.unwrap();
        assert_eq!(rest, b"gob");
        assert_eq!(asked, b"CONNECT /_goRPC_ HTTP/1.0\r\nHost: localhost:1234\r\n\r\n");
        let (result, rest, _) = answered(b"HTTP/1.1 200 Connected to Go RPC\r\nVia: x\r\n\r\n\x01").await;
        result.unwrap();
        assert_eq!(rest, b"\x01");
    }

    #[tokio::test]
    async fn a_refusal_is_shown_with_what_it_says() {
        let (result, ..) = answered(b"HTTP/1.1 405 Method Not Allowed\r\n\r\n405 must CONNECT\n").await;
        assert_eq!(
            result.unwrap_err().to_string(),
            "the server does not speak net/rpc at /_goRPC_: it answered \
             \"HTTP/1.1 405 Method Not Allowed: 405 must CONNECT\""
        );
    }

    #[tokio::test]
    async fn what_is_no_answer_is_an_error() {
        for (answer, says) in [
            (&b"\x00\x00\x12\x04"[..], "its answer is no HTTP"),
            (b"HTTP/1.0 200 Connected to Go RPC\n", "it closed the connection"),
            (b"", "it closed the connection"),
            (&vec![b'H'; 20 << 10], "the head of its answer does not end"),
        ] {
            let (result, ..) = answered(answer).await;
            assert!(result.unwrap_err().to_string().ends_with(says));
        }
    }
}
