//! One page over HTTP/1.1, on a connection of its own.

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::time::timeout;

use super::error::Error;
use super::establish::{Dialer, Established, Facts};

/// An answer over HTTP/1.1.
#[derive(Debug, Clone)]
pub struct Page {
    /// The status.
    pub status: StatusCode,
    /// The body, or as much of it as was to be read.
    pub body: Bytes,
    /// How the connection came about.
    pub facts: Facts,
}

/// Gets `path` from the target, with these headers, reading at most `limit` bytes of the body. All of it may take as
/// long as connecting may.
pub async fn get(dialer: &Dialer, path: &Uri, headers: &HeaderMap, limit: usize) -> Result<Page, Error> {
    let target = &dialer.target;
    let page = fetch(dialer, path, headers, limit);
    timeout(target.connect_timeout, page).await.map_err(|_| Error::Timeout {
        target: target.endpoint.to_string(),
        phase: "answer over HTTP/1.1",
        limit: target.connect_timeout,
    })?
}

async fn fetch(dialer: &Dialer, path: &Uri, headers: &HeaderMap, limit: usize) -> Result<Page, Error> {
    let target = &dialer.target;
    let failed = |source| Error::Http1 { target: target.endpoint.to_string(), source };
    let Established { stream, facts, .. } = Established::open(dialer).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
    let connection = tokio::spawn(connection);
    let mut request = Request::new(Empty::<Bytes>::new());
    *request.uri_mut() = path.clone();
    *request.headers_mut() = headers.clone();
    if let Ok(host) = target.endpoint.authority().parse() {
        request.headers_mut().entry("host").or_insert(host);
    }
    let response = sender.send_request(request).await.map_err(failed)?;
    let status = response.status();
    let mut incoming = response.into_body();
    let mut body = BytesMut::new();
    while body.len() < limit
        && let Some(frame) = incoming.frame().await
    {
        if let Ok(data) = frame.map_err(failed)?.into_data() {
            body.extend_from_slice(&data);
        }
    }
    connection.abort();
    body.truncate(limit);
    Ok(Page { status, body: body.freeze(), facts })
}
