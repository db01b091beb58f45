//! Lets a handler send trailers with an answer that is OK, for which tonic has no word of its own.

use std::convert::Infallible;
use std::task::{Context, Poll};

use http::{HeaderMap, Request, Response};
use http_body_util::BodyExt as _;
use tonic::body::Body;
use tower_layer::Layer;
use tower_service::Service;

use super::Answer;

/// Put into a response's extensions, these go out beside `grpc-status`.
#[derive(Debug, Clone)]
pub(in crate::demo) struct Trailers(pub(in crate::demo) HeaderMap);

/// Sends what [`Trailers`] holds.
#[derive(Debug, Clone)]
pub(in crate::demo) struct TrailersLayer;

impl<S> Layer<S> for TrailersLayer {
    type Service = WithTrailers<S>;

    fn layer(&self, inner: S) -> Self::Service {
        WithTrailers(inner)
    }
}

/// A service whose answers may bring trailers.
#[derive(Clone)]
pub(in crate::demo) struct WithTrailers<S>(S);

impl<S, B, R> Service<Request<B>> for WithTrailers<S>
where
    S: Service<Request<B>, Response = Response<R>, Error = Infallible>,
    S::Future: Send + 'static,
    R: http_body::Body<Data = bytes::Bytes> + Send + 'static,
    R::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Answer {
        let response = self.0.call(request);
        Box::pin(async move {
            let (mut parts, body) = response.await?.into_parts();
            let Some(Trailers(extra)) = parts.extensions.remove::<Trailers>() else {
                return Ok(Response::from_parts(parts, Body::new(body)));
            };
            let body = body.map_frame(move |frame| match frame.into_trailers() {
                Ok(mut trailers) => {
                    trailers.extend(extra.clone());
                    http_body::Frame::trailers(trailers)
                }
                Err(frame) => frame,
            });
            Ok(Response::from_parts(parts, Body::new(body)))
        })
    }
}
