//! A tonic server of interop.v1.Interop, helloworld.Greeter and grpc.testing.TestService, with tonic-reflection v1 and v1alpha.
//!
//!     server [--port N] [--tls CERT KEY]

mod services;
mod testing;

use std::error::Error;

use http_body_util::BodyExt as _;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::body::Body;
use tonic::codec::CompressionEncoding;
use tonic::codegen::http::{HeaderValue, Response};
use tonic::transport::{Identity, Server, ServerTlsConfig};
use tower::util::{MapRequestLayer, MapResponseLayer};

use services::helloworld::greeter_server::GreeterServer;
use services::interop::interop_server::InteropServer;
use testing::grpc_testing::test_service_server::TestServiceServer;

const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/interop.bin"));

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (mut port, mut server) = (0, Server::builder());
    let mut words = std::env::args().skip(1);
    let mut value = |flag: &str| words.next().ok_or(format!("{flag} takes another word"));
    while let Ok(flag) = value("") {
        match flag.as_str() {
            "--port" => port = value(&flag)?.parse()?,
            "--tls" => {
                let (certificate, key) = (std::fs::read(value(&flag)?)?, std::fs::read(value(&flag)?)?);
                let identity = Identity::from_pem(certificate, key);
                server = server.tls_config(ServerTlsConfig::new().identity(identity))?;
            }
            _ => return Err(format!("there is no {flag}").into()),
        }
    }
    let reflection =
        || tonic_reflection::server::Builder::configure().register_encoded_file_descriptor_set(DESCRIPTORS);
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on {}", listener.local_addr()?);
    server
        .layer(MapRequestLayer::new(testing::with_flags))
        .layer(MapResponseLayer::new(testing::with_trailer))
        .layer(MapResponseLayer::new(with_trailer))
        .add_service(InteropServer::new(services::Interop))
        .add_service(GreeterServer::new(services::Greeter))
        .add_service(
            TestServiceServer::new(testing::Testing)
                .accept_compressed(CompressionEncoding::Gzip)
                .send_compressed(CompressionEncoding::Gzip),
        )
        .add_service(reflection().build_v1()?)
        .add_service(reflection().build_v1alpha()?)
        .serve_with_incoming(TcpListenerStream::new(listener))
        .await?;
    Ok(())
}

/// Adds the trailer of the Metadata method, of whose answers this server's header tells: handlers can send none.
fn with_trailer(response: Response<Body>) -> Response<Body> {
    if !response.headers().contains_key(services::HEADER) {
        return response;
    }
    response.map(|body| {
        Body::new(body.map_frame(|mut frame| {
            if let Some(trailers) = frame.trailers_mut() {
                trailers.insert("x-interop-trailer", HeaderValue::from_static("done"));
            }
            frame
        }))
    })
}
