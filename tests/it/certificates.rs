//! Certificates: who is believed and who is not, version 1 of X.509, which `openssl x509 -req` makes unless told
//! otherwise, and the files, which are read before anybody is connected to.

use std::path::Path;
use std::sync::Arc;

use insta::assert_snapshot;
use rcgen::SigningKey as _;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ServerConfig, SupportedProtocolVersion};
use x509_cert::der::asn1::{Any, BitString};
use x509_cert::der::{Decode as _, Encode as _};

use crate::common::{Demo, Output, Peer, rpcctl};

/// A CA named so, and what signs with it.
fn authority(name: &str) -> (rcgen::Certificate, rcgen::Issuer<'static, rcgen::KeyPair>) {
    let mut params = rcgen::CertificateParams::default();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    (certificate, rcgen::Issuer::new(params, key))
}

/// A demo server whose certificate is `ca`'s and as `change` makes it. What it serves and whom to trust is in the
/// directory: server.pem, server.key, ca.pem.
pub(crate) fn certified(directory: &Path, change: impl FnOnce(&mut rcgen::CertificateParams)) -> Demo {
    let (certificate, issuer) = authority("Test CA");
    let mut params = rcgen::CertificateParams::new(["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    change(&mut params);
    let key = rcgen::KeyPair::generate().unwrap();
    let server = params.signed_by(&key, &issuer).unwrap();
    std::fs::write(directory.join("ca.pem"), certificate.pem()).unwrap();
    std::fs::write(directory.join("server.pem"), server.pem()).unwrap();
    std::fs::write(directory.join("server.key"), key.serialize_pem()).unwrap();
    let serve = rpcctl("serve-demo --listen 127.0.0.1:0 --cert server.pem --key server.key");
    Demo::start(serve.within(directory))
}

#[test]
fn a_certificate_of_a_ca_that_is_not_trusted() {
    let directory = tempfile::tempdir().unwrap();
    let demo = certified(directory.path(), |_| {});
    std::fs::write(directory.path().join("other.pem"), authority("Other CA").0.pem()).unwrap();
    let list = |flags: &str| demo.rpcctl("list", flags).within(directory.path()).run();
    assert_eq!(list("--cacert ca.pem").code, Some(0));
    assert_snapshot!(list("--tls"), @r#"
    ------- stderr -------
    error: TLS handshake with 127.0.0.1:PORT failed
      caused by: its certificate is signed by "Test CA", and no CA that is trusted here vouches for that
    hint: --cacert FILE trusts another CA, or the certificate itself; --insecure goes on unverified
    [exit 1]
    "#);
    assert_snapshot!(list("--cacert other.pem"), @r#"
    ------- stderr -------
    error: TLS handshake with 127.0.0.1:PORT failed
      caused by: its certificate is signed by "Test CA", and no CA that is trusted here vouches for that
    hint: other.pem, given with --cacert, did not sign it: give the CA that did, or the server's own certificate
    [exit 1]
    "#);
}

#[test]
fn certificates_have_their_time() {
    let directory = tempfile::tempdir().unwrap();
    let list = |demo: &Demo| demo.rpcctl("list", "--cacert ca.pem").within(directory.path()).run();
    let expired = certified(directory.path(), |params| params.not_after = rcgen::date_time_ymd(2001, 2, 3));
    assert_snapshot!(list(&expired), @"
    ------- stderr -------
    error: TLS handshake with 127.0.0.1:PORT failed
      caused by: its certificate expired on 2001-02-03T00:00:00Z
    hint: look at both clocks; --insecure goes on regardless
    [exit 1]
    ");
    let early = certified(directory.path(), |params| params.not_before = rcgen::date_time_ymd(3001, 2, 3));
    assert_snapshot!(list(&early), @"
    ------- stderr -------
    error: TLS handshake with 127.0.0.1:PORT failed
      caused by: its certificate is not valid before 3001-02-03T00:00:00Z
    hint: look at both clocks; --insecure goes on regardless
    [exit 1]
    ");
}

#[test]
fn a_ca_that_serves_with_its_own_certificate() {
    let directory = tempfile::tempdir().unwrap();
    let demo = certified(directory.path(), |params| {
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    });
    let list = |flags: &str| demo.rpcctl("list", flags).within(directory.path()).run();
    assert_snapshot!(list("--cacert ca.pem"), @"
    ------- stderr -------
    error: TLS handshake with 127.0.0.1:PORT failed
      caused by: its certificate is one that a CA signs others with, and is not trusted as a server's own
    hint: ca.pem, given with --cacert, is not that certificate: give it, and it is trusted
    [exit 1]
    ");
    assert_eq!(list("--cacert server.pem").code, Some(0));
}

#[test]
fn a_key_that_is_not_the_certificates() {
    let directory = tempfile::tempdir().unwrap();
    let demo = certified(directory.path(), |_| {});
    let other = rcgen::KeyPair::generate().unwrap();
    std::fs::write(directory.path().join("other.key"), other.serialize_pem()).unwrap();
    std::fs::write(
        directory.path().join("locked.key"),
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
    )
    .unwrap();
    let list = |flags: &str| {
        demo.rpcctl("list", "--cacert ca.pem --cert server.pem").args(flags).within(directory.path()).run()
    };
    assert_snapshot!(list("--key other.key"), @"
    ------- stderr -------
    error: cannot use private key other.key: it is not the key of the certificate server.pem
    [exit 1]
    ");
    assert_snapshot!(list("--key locked.key"), @"
    ------- stderr -------
    error: cannot use private key locked.key: it is encrypted: give its password with --key-password @FILE
    [exit 1]
    ");
    assert_snapshot!(list("--key ca.pem"), @"
    ------- stderr -------
    error: cannot use private key ca.pem: no PEM private key in it
    [exit 1]
    ");
}

#[test]
fn a_certificate_file_that_is_none() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("empty.pem"), "").unwrap();
    let demo = Demo::with("--tls");
    let list = |flags: &str| demo.rpcctl("list", flags).within(directory.path()).run();
    assert_snapshot!(list("--cacert missing.pem"), @"
    ------- stderr -------
    error: cannot use CA certificate missing.pem: No such file or directory
    [exit 1]
    ");
    assert_snapshot!(list("--cacert empty.pem"), @"
    ------- stderr -------
    error: cannot use CA certificate empty.pem: no PEM certificate in it
    [exit 1]
    ");
    assert_snapshot!(list("--cert empty.pem --key empty.pem --insecure"), @"
    ------- stderr -------
    warning: --insecure: nothing verifies that this is 127.0.0.1:PORT
    error: cannot use client certificate empty.pem: no PEM certificate in it
    [exit 1]
    ");
}

/// What a certificate with this key says, as version 1 says it: without its version, without its extensions.
fn version1(params: &rcgen::CertificateParams, key: &rcgen::KeyPair) -> Vec<u8> {
    let certificate = params.self_signed(key).unwrap();
    let parts = Vec::<Any>::from_der(certificate.der()).unwrap();
    let said = parts[0].decode_as::<Vec<Any>>().unwrap();
    let said = said[1..said.len() - 1].to_vec().to_der().unwrap();
    let signature = BitString::from_bytes(&key.sign(&said).unwrap()).unwrap();
    let parts = vec![Any::from_der(&said).unwrap(), parts[1].clone(), Any::encode_from(&signature).unwrap()];
    parts.to_der().unwrap()
}

fn pem(der: &[u8]) -> String {
    use base64::Engine as _;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
}

/// A certificate of X.509 version 1 and its key: v1.pem and v1.key in the directory.
fn certificate(directory: &Path, change: impl FnOnce(&mut rcgen::CertificateParams)) -> CertifiedKey {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
    change(&mut params);
    let der = version1(&params, &key);
    std::fs::write(directory.join("v1.pem"), pem(&der)).unwrap();
    std::fs::write(directory.join("v1.key"), key.serialize_pem()).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let key = default_provider().key_provider.load_private_key(key).unwrap();
    CertifiedKey::new(vec![CertificateDer::from(der)], key)
}

/// TLS of one version, as a server.
fn config(certified: CertifiedKey, tls: &'static SupportedProtocolVersion) -> ServerConfig {
    ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[tls])
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)))
}

/// A demo server behind TLS.
fn serving(certified: CertifiedKey, tls: &'static SupportedProtocolVersion) -> (Peer, Demo) {
    let mut config = config(certified, tls);
    config.alpn_protocols = vec![b"h2".to_vec()];
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let demo = Demo::plain();
    let behind = demo.address.clone();
    let peer = Peer::tcp(move |stream| {
        let (acceptor, behind) = (acceptor.clone(), behind.clone());
        async move {
            let mut behind = tokio::net::TcpStream::connect(behind).await.unwrap();
            if let Ok(mut stream) = acceptor.accept(stream).await {
                drop(tokio::io::copy_bidirectional(&mut stream, &mut behind).await);
            }
        }
    });
    (peer, demo)
}

#[test]
fn a_certificate_of_version_1_is_believed_by_its_key() {
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let directory = tempfile::tempdir().unwrap();
        let (peer, _demo) = serving(certificate(directory.path(), |_| {}), version);
        let list = |flags: &str| -> Output {
            rpcctl("list hello.HelloService -a").arg(&peer.address).args(flags).within(directory.path()).run()
        };
        insta::allow_duplicates! {
            assert_snapshot!(list("--cacert v1.pem"), @"
            hello.HelloService/SayHello
            [exit 0]
            ");
            assert_snapshot!(list("--insecure --cert v1.pem --key v1.key"), @"
            hello.HelloService/SayHello
            ------- stderr -------
            warning: --insecure: nothing verifies that this is 127.0.0.1:PORT
            [exit 0]
            ");
            assert_snapshot!(list("--tls"), @"
            ------- stderr -------
            error: TLS handshake with 127.0.0.1:PORT failed
              caused by: its certificate is of X.509 version 1, which names no host, and no CA's word makes up for that
            hint: --cacert FILE with that very certificate trusts it, and `openssl x509 -req -extfile FILE` makes one of version 3; --insecure goes on unverified
            [exit 1]
            ");
        }
    }
}

#[test]
fn a_certificate_of_version_1_has_its_time_too() {
    let directory = tempfile::tempdir().unwrap();
    let expired = certificate(directory.path(), |params| params.not_after = rcgen::date_time_ymd(2001, 2, 3));
    let (peer, _demo) = serving(expired, &rustls::version::TLS13);
    let list = rpcctl("list --cacert v1.pem").arg(&peer.address).within(directory.path());
    assert_snapshot!(list.run(), @"
    ------- stderr -------
    error: TLS handshake with 127.0.0.1:PORT failed
      caused by: its certificate expired on 2001-02-03T00:00:00Z
    hint: look at both clocks; --insecure goes on regardless
    [exit 1]
    ");
}

/// Whoever shows somebody else's certificate has to have its key.
#[test]
fn a_certificate_of_version_1_without_its_key_is_nobody() {
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let directory = tempfile::tempdir().unwrap();
        let other = certificate(directory.path(), |_| {});
        let mut certified = certificate(directory.path(), |_| {});
        certified.key = other.key;
        let (peer, _demo) = serving(certified, version);
        let list = rpcctl("list --cacert v1.pem").arg(&peer.address).within(directory.path());
        let output = list.run();
        assert_eq!(output.code, Some(1), "{output}");
        assert!(output.talk().contains("TLS handshake with"), "{output}");
    }
}

/// Servers judge the client's certificate, and many read none of version 1.
#[test]
fn a_clients_certificate_of_version_1_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    certificate(directory.path(), |_| {});
    std::fs::write(directory.path().join("other.pem"), authority("Other CA").0.pem()).unwrap();
    let serve = rpcctl("serve-demo --listen 127.0.0.1:0 --tls --write-cert demo.pem --client-ca other.pem");
    let demo = Demo::start(serve.within(directory.path()));
    let flags = "--cacert demo.pem --cert v1.pem --key v1.key";
    assert_snapshot!(demo.rpcctl("list", flags).within(directory.path()).run(), @"
    ------- stderr -------
    error: TLS handshake with 127.0.0.1:PORT failed
      caused by: it refused the client certificate: it is not acceptable there
    hint: v1.pem, given with --cert, is of X.509 version 1, which servers may refuse: `openssl x509 -req -extfile FILE` makes one of version 3
    [exit 1]
    ");
    let doctor = demo.rpcctl("doctor", flags).within(directory.path()).run();
    let fix = doctor.text().lines().find(|line| line.contains("fix: ")).map(str::to_owned);
    assert_snapshot!(fix.unwrap().trim(), @"fix: it is of X.509 version 1, and `openssl x509 -req -extfile FILE` makes one of version 3: rpcctl doctor 127.0.0.1:PORT --cacert demo.pem --cert FILE --key FILE");
}

/// What is to be tried works, whatever the certificate is for.
#[test]
fn a_server_is_called_by_the_name_of_its_certificate() {
    for (names, said) in [
        (&["localhost"][..], "localhost:PORT --cacert server.pem"),
        (&["server.example"], "127.0.0.1:PORT --cacert server.pem --server-name server.example"),
        (&["*.server.example"], "127.0.0.1:PORT --cacert server.pem --server-name demo.server.example"),
        (&["127.0.0.1", "server.example"], "127.0.0.1:PORT --cacert server.pem"),
        (&[], "127.0.0.1:PORT --insecure"),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let names = rcgen::CertificateParams::new(names).unwrap().subject_alt_names;
        let demo = certified(directory.path(), |params| params.subject_alt_names = names);
        let list = format!("list {} ", said.replace("PORT", demo.port()));
        let tried = rpcctl(&list).within(directory.path()).run();
        assert_eq!(tried.code, Some(0), "{tried}");
        let served = demo.terminate();
        assert!(served.text().contains(&format!("  rpcctl list {said}\n")), "{served}");
    }
}

#[test]
fn a_server_needs_version_3() {
    let directory = tempfile::tempdir().unwrap();
    certificate(directory.path(), |_| {});
    let serve = rpcctl("serve-demo --listen 127.0.0.1:0 --cert v1.pem --key v1.key");
    assert_snapshot!(serve.within(directory.path()).run(), @"
    ------- stderr -------
    error: cannot use certificate v1.pem: it is of X.509 version 1; `openssl x509 -req -extfile FILE` makes one of version 3
    [exit 1]
    ");
}

#[test]
fn files_are_read_before_anybody_is_connected_to() {
    for words in ["list https://127.0.0.1:1", "call netrpc+tls://127.0.0.1:1 A.B"] {
        let output = rpcctl(words).args("--cacert missing.pem").run();
        insta::allow_duplicates! {
            assert_snapshot!(output, @"
            ------- stderr -------
            error: cannot use CA certificate missing.pem: No such file or directory
            [exit 1]
            ");
        }
    }
    assert_snapshot!(rpcctl("list https://127.0.0.1:1 --cert missing.pem").run(), @"
    ------- stderr -------
    error: cannot use client certificate missing.pem: No such file or directory
    [exit 1]
    ");
}

#[test]
fn a_server_of_tls_that_agrees_to_nothing_and_is_silent() {
    let directory = tempfile::tempdir().unwrap();
    let config = config(certificate(directory.path(), |_| {}), &rustls::version::TLS13);
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let peer = Peer::tcp(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            let _open = acceptor.accept(stream).await;
            std::future::pending::<()>().await;
        }
    });
    let list = rpcctl("list --insecure --connect-timeout 500ms").arg(&peer.address);
    assert_snapshot!(list.run(), @"
    ------- stderr -------
    warning: --insecure: nothing verifies that this is 127.0.0.1:PORT
    error: 127.0.0.1:PORT: TLS is up, but the server did not agree to HTTP/2, and said nothing within 500ms
    hint: is it a gRPC server? If it is one, and only slow: --connect-timeout DURATION
    [exit 1]
    ");
}
