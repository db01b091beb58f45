//! What a server offers, as far as it says so.

use http::{HeaderMap, StatusCode, Uri};

use super::client::Client;
use super::debug::{self, Service};
use super::handshake::DEBUG_PATH;
use crate::transport::{self, Facts};

/// The largest page that is read, in bytes.
const MAX_PAGE: usize = 16 << 20;

/// Why it can't be said what a server offers.
#[derive(Debug, thiserror::Error)]
pub enum DiscoverError {
    /// Gob and JSON-RPC alone have no way to ask.
    #[error("net/rpc has no way to ask a server what it offers, except over HTTP")]
    NoWay,
    /// There is no answer.
    #[error(transparent)]
    Connection(transport::Error),
    /// The server has HTTP and not that page.
    #[error("the server has no page of its services at {DEBUG_PATH}: it answered {0}")]
    NoPage(StatusCode),
    /// There is a page, and it is another.
    #[error("what the server has at {DEBUG_PATH} is not the page of net/rpc's services")]
    OtherPage,
}

/// Reads the page at `/debug/rpc` (`rpc.DefaultDebugPath`), which Go's `HandleHTTP` serves beside the CONNECT, and says
/// how the connection to it came about.
pub async fn discover(client: &Client) -> Result<(Vec<Service>, Facts), DiscoverError> {
    let connect = client.connect.as_ref().ok_or(DiscoverError::NoWay)?;
    let headers: &HeaderMap = &connect.headers;
    let path = Uri::from_static(DEBUG_PATH);
    let page = transport::get(&client.dialer, &path, headers, MAX_PAGE).await;
    let page = page.map_err(DiscoverError::Connection)?;
    if page.status != StatusCode::OK {
        return Err(DiscoverError::NoPage(page.status));
    }
    let services = debug::read(&String::from_utf8_lossy(&page.body)).ok_or(DiscoverError::OtherPage)?;
    Ok((services, page.facts))
}
