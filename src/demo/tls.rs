//! The server's side of TLS: certificates from files, or one made in memory.

use std::fs;
use std::path::Path;

use tonic::transport::{Certificate, Identity as Pem, ServerTlsConfig};

use super::error::Error;
use super::plan::{Endpoint, Identity, Tls};

/// What tonic needs, and the certificate in PEM if it was made here, for clients to trust.
pub(super) fn configure(tls: &Tls, listen: &[Endpoint]) -> Result<(ServerTlsConfig, Option<String>), Error> {
    let (identity, made) = match &tls.identity {
        Identity::SelfSigned => {
            let (cert, key) = self_signed(listen).map_err(Error::SelfSign)?;
            (Pem::from_pem(&cert, key), Some(cert))
        }
        Identity::Files { cert, key } => (Pem::from_pem(read(cert)?, read(key)?), None),
    };
    let mut config = ServerTlsConfig::new().identity(identity);
    if let Some(path) = &tls.client_ca {
        config = config.client_ca_root(Certificate::from_pem(read(path)?));
    }
    Ok((config, made))
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
