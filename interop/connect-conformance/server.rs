//! What Connect's conformance suite calls: its service where the demo server has its own, so that what is tested is what
//! stands between a connection and the demo's handlers.
//!
//! Its one argument is a descriptor set with the suite's service. How to serve comes on stdin, and where that is done goes to
//! stdout, each behind its length in four bytes, big-endian (`connectrpc/conformance/v1/server_compat.proto`).

mod service;

use std::error::Error;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use prost::Message as _;
use rpcctl::demo::{Dialects, Endpoint, Identity, Methods, Plan, Server, Tls};
use tonic::service::Routes;

use service::ConformanceService;

type Failure = Box<dyn Error + Send + Sync>;

/// Larger than any message of the suite.
const NO_LIMIT: usize = 64 << 20;

#[derive(Clone, PartialEq, prost::Message)]
struct Order {
    #[prost(bool, tag = "4")]
    use_tls: bool,
    #[prost(bytes = "vec", tag = "5")]
    client_tls_cert: Vec<u8>,
    #[prost(uint32, tag = "6")]
    message_receive_limit: u32,
    #[prost(message, optional, tag = "7")]
    server_creds: Option<Credentials>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Credentials {
    #[prost(bytes = "vec", tag = "1")]
    cert: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    key: Vec<u8>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Place {
    #[prost(string, tag = "1")]
    host: String,
    #[prost(uint32, tag = "2")]
    port: u32,
    #[prost(bytes = "vec", tag = "3")]
    pem_cert: Vec<u8>,
}

fn main() -> Result<(), Failure> {
    let set = std::env::args_os().nth(1).ok_or("name a descriptor set")?;
    let methods = Methods::new(vec![std::fs::read(set)?.into()]);
    let mut stdin = io::stdin().lock();
    let mut length = [0; 4];
    stdin.read_exact(&mut length)?;
    let mut order = vec![0; u32::from_be_bytes(length) as usize];
    stdin.read_exact(&mut order)?;
    let order = Order::decode(order.as_slice())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(serve(order, methods))
}

/// Serves until the runner ends it.
async fn serve(order: Order, methods: Methods) -> Result<(), Failure> {
    let files = tempfile::tempdir()?;
    let plan = Plan {
        listen: vec![Endpoint::Tcp(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))],
        tls: tls(&order, files.path())?,
        ..Plan::default()
    };
    let server = Server::bind(plan).await?;
    let Some(Endpoint::Tcp(address)) = server.endpoints().first().cloned() else {
        return Err("it listens nowhere".into());
    };
    let pem_cert = order.server_creds.filter(|_| order.use_tls).map(|own| own.cert).unwrap_or_default();
    let place = Place { host: address.ip().to_string(), port: address.port().into(), pem_cert };
    let place = place.encode_to_vec();
    let mut stdout = io::stdout().lock();
    stdout.write_all(&u32::try_from(place.len())?.to_be_bytes())?;
    stdout.write_all(&place)?;
    stdout.flush()?;
    let limit = order.message_receive_limit as usize;
    let limit = if limit == 0 { NO_LIMIT } else { limit };
    let services = Routes::new(ConformanceService { limit });
    let serving = server.serve_these(
        services,
        Dialects::new(methods, limit),
        Box::new(io::sink()),
        std::future::pending(),
    );
    Ok(serving.await?)
}

fn tls(order: &Order, files: &Path) -> io::Result<Option<Tls>> {
    let Some(own) = order.server_creds.as_ref().filter(|_| order.use_tls) else { return Ok(None) };
    let write = |name: &str, bytes: &[u8]| {
        let path = files.join(name);
        std::fs::write(&path, bytes).map(|()| path)
    };
    let identity = Identity::Files { cert: write("own.pem", &own.cert)?, key: write("own.key", &own.key)? };
    let client_ca = match order.client_tls_cert.as_slice() {
        [] => None,
        authority => Some(write("clients.pem", authority)?),
    };
    Ok(Some(Tls { identity, client_ca }))
}
