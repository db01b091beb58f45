//! The server's side of TLS: certificates from files, or one made in memory.

use std::fs;
use std::path::Path;

use super::error::Error;
use super::plan::{Endpoint, Identity, Tls};
use crate::transport::{self, Acceptor};

/// Certificates and keys in PEM.
pub(super) struct Pems {
    chain: Vec<u8>,
    key: Vec<u8>,
    client_ca: Option<Vec<u8>>,
    /// The certificate, if it was made here, for clients to trust.
    pub(super) made: Option<String>,
    /// The names that the certificate is for, where it is from a file.
    pub(super) names: Option<Vec<String>>,
}

impl Pems {
    /// Reads the files, or makes a certificate for where the server listens.
    pub(super) fn new(tls: &Tls, listen: &[Endpoint]) -> Result<Self, Error> {
        let (chain, key, made, names) = match &tls.identity {
            Identity::SelfSigned => {
                let (cert, key) = self_signed(listen).map_err(Error::SelfSign)?;
                (cert.clone().into_bytes(), key.into_bytes(), Some(cert), None)
            }
            Identity::Files { cert, key } => {
                let (chain, pem_key) = (read(cert)?, read(key)?);
                let identity =
                    transport::Identity { cert: cert.clone(), key: Some(key.clone()), password: None };
                let names = identity.check_for_server().map_err(Error::Identity)?;
                (chain, pem_key, None, Some(names))
            }
        };
        let client_ca = tls.client_ca.as_deref().map(read).transpose()?;
        Ok(Self { chain, key, client_ca, made, names })
    }

    /// What shakes hands for a listener that speaks one of these protocols.
    pub(super) fn acceptor(&self, protocols: &[&str]) -> Result<Acceptor, Error> {
        Acceptor::new(&self.chain, &self.key, self.client_ca.as_deref(), protocols).map_err(Error::Tls)
    }
}

/// A certificate and its key for `localhost`, both loopback addresses and every other address listened on.
fn self_signed(listen: &[Endpoint]) -> Result<(String, String), rcgen::Error> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    for endpoint in listen {
        if let Endpoint::Tcp(address) = endpoint {
            let name = address.ip().to_string();
            if !address.ip().is_unspecified() && !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let made = rcgen::generate_simple_self_signed(names)?;
    Ok((made.cert.pem(), made.signing_key.serialize_pem()))
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|source| Error::TlsFile { path: path.to_owned(), source })
}
