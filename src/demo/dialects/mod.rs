//! One port for every dialect: gRPC-Web, Connect and JSON are made gRPC on their way in, and gRPC is made them on its way
//! out. The services, and what stands around them, see gRPC alone.
//!
//! What a request is, [`ask`] says; [`request`] and [`answer`] translate, a message at a time, so that streams stay streams.
//! The
//! messages of all are [`count`]ed. What is no call in any dialect gets a [`refusal`], and browsers that ask whether a page may call are answered by [`cors`].
//!
//! The documents: gRPC's `doc/PROTOCOL-WEB.md`, and connectrpc.com/docs/protocol, whose sections are named in quotes.

mod answer;
mod ask;
mod connect;
mod cors;
mod count;
mod drain;
mod ended;
mod methods;
mod query;
mod refusal;
mod request;

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::header::ORIGIN;
use http::{Request, Response, Version};
use tonic::body::Body;
use tower_layer::Layer;
use tower_service::Service;

use self::answer::Written;
use self::ask::{Asked, asked};
use self::count::Counted;
use self::drain::Drained;
pub use self::methods::Methods;
use self::request::{Rules, into_grpc};
use super::layers::is_worthwhile;

type Error = Box<dyn std::error::Error + Send + Sync>;

/// Lets services of gRPC be called in every dialect.
#[derive(Clone)]
pub struct Dialects {
    methods: Arc<Methods>,
    limit: usize,
}

impl Dialects {
    /// For services with these methods, which take messages of at most `limit` bytes.
    pub fn new(methods: Methods, limit: usize) -> Self {
        Self { methods: Arc::new(methods), limit }
    }
}

impl<S> Layer<S> for Dialects {
    type Service = Translated<S>;

    fn layer(&self, inner: S) -> Translated<S> {
        Translated { dialects: self.clone(), inner }
    }
}

/// Services that can be called in every dialect.
#[derive(Clone)]
pub struct Translated<S> {
    dialects: Dialects,
    inner: S,
}

impl<S, B, R> Service<Request<B>> for Translated<S>
where
    S: Service<Request<Body>, Response = Response<R>, Error = Infallible>,
    S::Future: Send + 'static,
    B: http_body::Body<Data = bytes::Bytes> + Send + 'static,
    B::Error: Into<Error>,
    R: http_body::Body<Data = bytes::Bytes> + Send + 'static,
    R::Error: Into<Error>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let request = if request.version() < Version::HTTP_2 {
            request.map(|body| Body::new(Drained::new(Body::new(body))))
        } else {
            request.map(Body::new)
        };
        if cors::is_preflight(&request) {
            let response = cors::preflight(request.headers());
            return Box::pin(std::future::ready(Ok(response)));
        }
        let is_of_a_page = request.headers().contains_key(ORIGIN);
        let Dialects { methods, limit } = &self.dialects;
        let lone = methods.is_lone(request.uri().path());
        let counted = |body| Body::new(Counted::new(body, lone, *limit));
        let step = match asked(&request, methods) {
            Err(refusal) => Step::Answer(refusal.response()),
            Ok(Asked::Plain) => Step::Call(self.inner.call(request.map(counted)), None),
            Ok(Asked::Other(dialect)) => {
                let rules = Rules { methods: Arc::clone(methods), limit: *limit };
                let headers = request.headers().clone();
                let call = self.inner.call(into_grpc(request, &dialect, rules).map(counted));
                Step::Call(call, Some(Written::new(dialect, &headers, Arc::clone(methods))))
            }
        };
        Box::pin(async move {
            let mut response = match step {
                Step::Answer(response) => response,
                Step::Call(call, written) => {
                    let response = match call.await {
                        Ok(response) => response.map(Body::new),
                        Err(never) => match never {},
                    };
                    match written {
                        Some(written) => written.translated(response).await,
                        None => response,
                    }
                }
            };
            if is_of_a_page {
                cors::open(&mut response);
            }
            Ok(response)
        })
    }
}

/// What comes of a request.
enum Step<F> {
    /// An answer at once.
    Answer(Response<Body>),
    /// A call, whose answer is to be written like this where it is not gRPC's own.
    Call(F, Option<Written>),
}
