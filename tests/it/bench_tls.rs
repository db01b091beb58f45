//! What `bench`'s engine of frames says to a server of TLS at the end.

use std::sync::{Arc, mpsc};
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::TlsAcceptor;

use crate::common::{Peer, rpcctl};

/// A server that answers no call, what it tells of the end of each connection, and whom to trust.
fn serving() -> (Peer, mpsc::Receiver<String>, String) {
    let certified =
        rcgen::generate_simple_self_signed(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let (tell, told) = mpsc::channel();
    let peer = Peer::tcp(move |stream| {
        let (acceptor, tell) = (acceptor.clone(), tell.clone());
        async move {
            let end = match acceptor.accept(stream).await {
                Err(error) => error.to_string(),
                Ok(mut stream) => {
                    // SETTINGS, of nothing.
                    stream.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0]).await.unwrap();
                    loop {
                        match stream.read(&mut [0; 1 << 12]).await {
                            Ok(0) => break "close_notify".to_owned(),
                            Ok(_) => {}
                            Err(error) => break error.to_string(),
                        }
                    }
                }
            };
            tell.send(end).unwrap_or_default();
        }
    });
    (peer, told, certified.cert.pem())
}

#[test]
fn the_server_hears_how_a_connection_ends() {
    let (peer, told, certificate) = serving();
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, certificate).unwrap();
    let run = |flags: &str| {
        let words = "hello.HelloService/SayHello --proto proto/hello/hello.proto --engine frames -q -n 1 --timeout 50ms";
        rpcctl("bench").arg(&peer.address).args(words).args(flags).run();
        told.recv_timeout(Duration::from_secs(20)).expect("a connection was made")
    };
    assert_eq!(run(&format!("--cacert {}", ca.display())), "close_notify");
    let end = run("--tls");
    assert!(end.contains("received fatal alert"), "{end}");
}
