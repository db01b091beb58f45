//! What is told of a connection that came to nothing, and what helps against it.

use super::{Told, causes, tls, without_numbers};
use crate::transport::{self, Http, HttpChoice, ProxyFault, SoFar};

/// What is told of a connection that came to nothing, by who goes on with the error.
pub fn told_of(error: &transport::Error) -> Told {
    Told {
        message: without_numbers(error.to_string()),
        causes: causes(error),
        hints: advice(error).into_iter().collect(),
    }
}

/// What helps against a connection that came to nothing.
pub(super) fn advice(error: &transport::Error) -> Option<String> {
    use transport::Error as E;
    match error {
        E::Tls { fault, plan, .. } => tls::advice(fault, plan),
        E::NotHttp { http: HttpChoice::Only(Http::One), .. } => {
            Some("is this the right port? --http auto speaks HTTP/2 where the server does".to_owned())
        }
        E::NotHttp { http: HttpChoice::Either, .. } => {
            Some("is this the right port? Neither HTTP/2 nor HTTP/1.1 is understood there".to_owned())
        }
        E::WebServer { .. } => Some(
            "gRPC needs HTTP/2: is this the right port, and no HTTP/1 proxy before it? A server of gRPC-Web or Connect \
             may speak HTTP/1 alone: --protocol grpc-web, --protocol connect"
                .to_owned(),
        ),
        E::NotHttp { .. } => {
            Some("gRPC needs HTTP/2: is this the right port, and no HTTP/1 proxy before it?".to_owned())
        }
        E::Closed { plaintext: true, .. } => Some(
            "is this the right port, and is it gRPC? Some servers that speak TLS hang up on plaintext (--tls), and so do \
             those of Go's net/rpc (netrpc://HOST:PORT)"
                .to_owned(),
        ),
        E::Closed { plaintext: false, .. } => Some("is this the right port, and is it gRPC?".to_owned()),
        E::Proxy { fault: ProxyFault::Login { .. }, .. } => {
            Some("say them: --proxy SCHEME://USER:PASSWORD@HOST:PORT".to_owned())
        }
        E::Proxy { fault: ProxyFault::Http, origin, .. } => {
            Some(format!("speak HTTP to it: give it as http://HOST:PORT in {origin}"))
        }
        E::Proxy { origin, .. } | E::ProxyUnreachable { origin, .. } => Some(without_proxy(origin)),
        E::KeyLog { .. } => Some("SSLKEYLOGFILE says so: name a file that can be written, or unset it".to_owned()),
        // What has no network has a path.
        E::Connect { source, .. } if source.kind() == std::io::ErrorKind::NotFound => {
            Some("there is no such socket: check the path".to_owned())
        }
        E::Resolve { .. } => Some(
            "check the name: this machine's name servers do not know it, or do not answer".to_owned(),
        ),
        E::Timeout { .. } => Some("wait longer with --connect-timeout DURATION".to_owned()),
        E::Silent { so_far, .. } => Some(silence(*so_far).to_owned()),
        E::Connect { source, .. } if source.kind() == std::io::ErrorKind::ConnectionRefused => Some(
            "nothing listens there: check host and port; rpcctl serve-demo starts a server to try"
                .to_owned(),
        ),
        _ => None,
    }
}

/// How to do without a proxy.
fn without_proxy(origin: &str) -> String {
    match origin {
        "--proxy" => "leave --proxy out to connect directly".to_owned(),
        variable => format!("{variable} names that proxy; to connect directly: --no-proxy '*'"),
    }
}

/// What it may mean that a server says nothing.
fn silence(so_far: SoFar) -> &'static str {
    match so_far {
        SoFar::Plaintext => {
            "something listens there and says nothing: does it speak TLS (--tls), or something else than gRPC? If it \
             is only slow: --connect-timeout DURATION"
        }
        SoFar::NotAgreed => "is it a gRPC server? If it is one, and only slow: --connect-timeout DURATION",
        SoFar::Agreed => "wait longer with --connect-timeout DURATION",
    }
}
