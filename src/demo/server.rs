//! Putting the server together: services, layers, listeners, and an end that lets calls finish.

use std::io::Write;
use std::time::Duration;

use bytes::Bytes;
use http::Uri;
use tokio::io::DuplexStream;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tonic::Status;
use tonic::body::Body;
use tonic::codec::CompressionEncoding;
use tonic::service::Routes;
use tonic_reflection::pb::v1::server_reflection_server::ServerReflectionServer;
use tonic_reflection::pb::{v1, v1alpha};

use super::dialects::{Dialects, Methods};
use super::error::Error;
use super::greet::Greet;
use super::health::Health;
use super::incoming::incoming;
use super::layers::{AddTrailers, AroundLayer, Deadline, Gzip, Log, gates};
use super::listen::{Listener, SocketFile, bind_all};
use super::netrpc::NetRpc;
use super::plan::{Endpoint, Interceptors, Plan};
use super::proto::DESCRIPTORS;
use super::proto::demo::v1::demo_server::DemoServer;
use super::proto::grpc::health::v1::health_server::HealthServer;
use super::proto::hello::hello_service_server::HelloServiceServer;
use super::proto::helloworld::greeter_server::GreeterServer;
use super::reflection::{Reflection, V1Alpha};
use super::service::Demo;
use super::tls::Pems;
use crate::transport::Acceptor;

/// The largest message accepted, after decompression. gRPC's usual 4 MiB would refuse what `Generate` can send.
const MAX_MESSAGE: usize = 64 << 20;
/// The most metadata accepted with a call.
const MAX_HEADERS: u32 = 64 << 10;
/// How much of a request may be on its way ahead of what has been read.
const STREAM_WINDOW: u32 = 1 << 20;
/// Wide open, for the streams have windows of their own: half of this is also what the HTTP/2 library allows small
/// frames to hold up, 256 bytes for each, before it takes a fast stream of short messages for an attack.
const CONNECTION_WINDOW: u32 = (1 << 31) - 1;
/// How long calls under way may take to finish once the server is told to stop.
const GRACE: Duration = Duration::from_secs(5);
/// How much an in-memory connection holds in each direction before the writer has to wait.
const IN_MEMORY_BUFFER: usize = 256 << 10;

/// What is spoken over TLS, the best first.
const PROTOCOLS: [&str; 2] = ["h2", "http/1.1"];

/// A demo server that listens and does not serve yet: what connects meanwhile waits.
pub struct Server {
    interceptors: Interceptors,
    listeners: Vec<Listener>,
    acceptor: Option<Acceptor>,
    netrpc: NetRpc,
    endpoints: Vec<Endpoint>,
    netrpc_endpoints: Vec<Endpoint>,
    certificate: Option<String>,
    names: Option<Vec<String>>,
}

impl Server {
    /// Starts to listen everywhere the plan says, or nowhere.
    pub async fn bind(plan: Plan) -> Result<Self, Error> {
        let (mut acceptor, mut go_acceptor, mut certificate, mut names) = (None, None, None, None);
        if let Some(tls) = &plan.tls {
            let everywhere: Vec<Endpoint> = plan.listen.iter().chain(&plan.netrpc).cloned().collect();
            let pems = Pems::new(tls, &everywhere)?;
            acceptor = Some(pems.acceptor(&PROTOCOLS)?);
            go_acceptor = Some(pems.acceptor(&[])?);
            (certificate, names) = (pems.made, pems.names);
        }
        let (listeners, endpoints) = bind_all(plan.listen).await?;
        let (netrpc, netrpc_endpoints) = bind_all(plan.netrpc).await?;
        let netrpc = NetRpc { listeners: netrpc, acceptor: go_acceptor };
        let interceptors = plan.interceptors;
        Ok(Self {
            interceptors,
            listeners,
            acceptor,
            netrpc,
            endpoints,
            netrpc_endpoints,
            certificate,
            names,
        })
    }

    /// Where it listens for gRPC, with the ports that were really taken.
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// Where it listens for net/rpc, likewise.
    pub fn netrpc_endpoints(&self) -> &[Endpoint] {
        &self.netrpc_endpoints
    }

    /// The certificate in PEM, if it is self-signed, for clients to trust.
    pub fn certificate(&self) -> Option<&str> {
        self.certificate.as_deref()
    }

    /// The names that its certificate is for, where it was given one.
    pub fn certificate_names(&self) -> Option<&[String]> {
        self.names.as_deref()
    }

    /// Serves until `shutdown` is done, then stops listening and lets calls under way finish for a few seconds.
    /// The log goes to `log`, if the plan wants one.
    pub async fn serve(
        self,
        log: Box<dyn Write + Send>,
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), Error> {
        let stop = watch::Sender::new(false);
        let services = routes(&self.interceptors, log, stop.clone())?;
        self.serve_routes(services, stop, shutdown).await
    }

    /// The same with these services in the place of the demo's, and all that stands around those.
    pub async fn serve_these(
        self,
        services: Routes,
        dialects: Dialects,
        log: Box<dyn Write + Send>,
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), Error> {
        let services = surrounded(services, &self.interceptors, log, dialects);
        self.serve_routes(services, watch::Sender::new(false), shutdown).await
    }

    async fn serve_routes(
        self,
        services: Routes,
        stop: watch::Sender<bool>,
        shutdown: impl Future<Output = ()>,
    ) -> Result<(), Error> {
        let mut servers = JoinSet::new();
        let mut files: Vec<SocketFile> = Vec::new();
        for mut listener in self.listeners {
            files.extend(listener.take_file());
            let incoming = incoming(listener, self.acceptor.clone());
            let router = server().add_routes(services.clone());
            servers.spawn(router.serve_with_incoming_shutdown(incoming, stopped(stop.subscribe())));
        }
        self.netrpc.spawn(&mut servers, &stop);
        tokio::select! {
            () = shutdown => {}
            // Nothing ends before it is told to, except in failure.
            result = all(&mut servers) => return result,
        }
        // The sockets' files go first: once nobody listens, they may be replaced by a server that starts now.
        drop(files);
        stop.send_replace(true);
        // Calls that outlast the grace period end with the program.
        tokio::time::timeout(GRACE, all(&mut servers)).await.unwrap_or(Ok(()))
    }
}

/// Waits until all have ended, or one has failed.
async fn all(servers: &mut JoinSet<Result<(), tonic::transport::Error>>) -> Result<(), Error> {
    while let Some(ended) = servers.join_next().await {
        // A task that was aborted or panicked has nothing to report.
        if let Ok(result) = ended {
            result.map_err(Error::Serve)?;
        }
    }
    Ok(())
}

pub(super) async fn stopped(mut stop: watch::Receiver<bool>) {
    // An error means that nobody is left to say it.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Starts the server on the current runtime for one connection that never leaves the process; returns the client's
/// end of it. The server ends when that end is dropped.
///
/// Must be called within a tokio runtime.
pub fn in_memory() -> Result<DuplexStream, Error> {
    let (client, served) = tokio::io::duplex(IN_MEMORY_BUFFER);
    let routes = routes(&Interceptors::default(), Box::new(std::io::sink()), watch::Sender::new(false))?;
    tokio::spawn(async move {
        let incoming = tokio_stream::once(Ok::<_, std::io::Error>(served));
        // Failing is the same as hanging up, which the client sees for itself.
        let _ = server().add_routes(routes).serve_with_incoming(incoming).await;
    });
    Ok(client)
}

fn server() -> tonic::transport::Server {
    tonic::transport::Server::builder()
        .accept_http1(true)
        .http2_max_header_list_size(MAX_HEADERS)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
}

/// All services of the demo, with all layers around them.
fn routes(
    plan: &Interceptors,
    log: Box<dyn Write + Send>,
    stop: watch::Sender<bool>,
) -> Result<Routes, Error> {
    /// Each service is a type of its own, with the same settings by the same names.
    macro_rules! configured {
        ($service:expr) => {
            $service.accept_compressed(CompressionEncoding::Gzip).max_decoding_message_size(MAX_MESSAGE)
        };
    }
    let reflection = Reflection::new()?;
    let health = Health::new(reflection.services().to_vec(), stop);
    let reflection = configured!(ServerReflectionServer::new(reflection));
    let services = Routes::new(configured!(HelloServiceServer::new(Greet)))
        .add_service(configured!(GreeterServer::new(Greet)))
        .add_service(configured!(DemoServer::new(Demo)))
        .add_service(configured!(HealthServer::new(health)))
        .add_service(V1Alpha(reflection.clone()))
        .add_service(reflection);

    let methods = [DESCRIPTORS, v1::FILE_DESCRIPTOR_SET, v1alpha::FILE_DESCRIPTOR_SET];
    let methods = Methods::new(methods.map(Bytes::from_static).into());
    Ok(surrounded(services, plan, log, Dialects::new(methods, MAX_MESSAGE)))
}

/// Services with all layers around them, each of which goes around those before it.
fn surrounded(
    services: Routes,
    plan: &Interceptors,
    log: Box<dyn Write + Send>,
    dialects: Dialects,
) -> Routes {
    let mut router = services
        .into_axum_router()
        .fallback(unknown_service)
        .layer(AroundLayer(AddTrailers))
        .layer(AroundLayer(Gzip));
    for gate in gates(plan).into_iter().rev() {
        router = router.layer(gate);
    }
    router = router.layer(AroundLayer(Deadline));
    if let Some(format) = plan.log {
        router = router.layer(AroundLayer(Log::new(format, log)));
    }
    Routes::from(router.layer(dialects))
}

/// Answers calls to services that are not here. tonic would do so without a word.
async fn unknown_service(uri: Uri) -> http::Response<Body> {
    let service = uri.path().trim_start_matches('/').split('/').next().unwrap_or_default();
    Status::unimplemented(format!("unknown service {service}")).into_http()
}
