//! A gRPC server that is as cheap as one can be, for load generators to be measured against: it answers all requests that
//! one read brought with one write, whatever their method, with the same message. See benches/load.
//!
//! It speaks HTTP/2 as others do, with a table of headers that fills up, and windows, and does nothing beside. With the
//! flags for it some requests fail, are refused or come too late, and at the end it tells how many of each there were.

mod answers;
mod connection;
mod faults;
mod link;
mod options;
mod serve;
mod streams;

use std::error::Error;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;

use clap::Parser as _;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;

use answers::Message;
use connection::Desk;
use faults::Ledger;
use options::Options;
use serve::Server;

type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let options = Options::parse();
    let tls = if options.tls { Some(tls(options.cert.as_deref())?) } else { None };
    let mut server = Server::bind(&options.listen, tls)?;
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "listening on {}", server.place()?)?;
    let message = Message::new(options.answer_size);
    let mut desk = Desk { message, ledger: Ledger::new(options.faults) };
    server.run(&mut desk)?;
    if options.count {
        writeln!(stdout, "{}", serde_json::to_string(desk.ledger.counts())?)?;
    }
    Ok(())
}

/// Makes a certificate, and writes it for clients to trust.
fn tls(cert: Option<&Path>) -> Result<Arc<ServerConfig>, Failure> {
    let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let made = rcgen::generate_simple_self_signed(names)?;
    if let Some(path) = cert {
        std::fs::write(path, made.cert.pem())?;
    }
    let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(Arc::new(config))
}
