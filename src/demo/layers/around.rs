//! A service with something around it: what all layers have in common.

use std::convert::Infallible;
use std::task::{Context, Poll};

use http::{Request, Response};
use tonic::body::Body;
use tower_layer::Layer;
use tower_service::Service;

use super::Answer;

/// What is done around a call.
pub(in crate::demo) trait Around: Clone {
    /// What is remembered of a request until it is answered.
    type Before: Send + 'static;

    /// Looks at a request before it is handled.
    fn before<B>(&self, request: &mut Request<B>) -> Self::Before;

    /// Waits for the answer, and passes it on; or gives another, and the call is never handled.
    fn after(
        before: Self::Before,
        answer: impl Future<Output = Response<Body>> + Send + 'static,
    ) -> impl Future<Output = Response<Body>> + Send + 'static;
}

/// Puts this around a service.
#[derive(Clone)]
pub(in crate::demo) struct AroundLayer<A>(pub(in crate::demo) A);

impl<A: Around, S> Layer<S> for AroundLayer<A> {
    type Service = Surrounded<A, S>;

    fn layer(&self, inner: S) -> Self::Service {
        Surrounded { around: self.0.clone(), inner }
    }
}

/// A service with something around it.
#[derive(Clone)]
pub(in crate::demo) struct Surrounded<A, S> {
    around: A,
    inner: S,
}

impl<A, S, B, R> Service<Request<B>> for Surrounded<A, S>
where
    A: Around,
    S: Service<Request<B>, Response = Response<R>, Error = Infallible>,
    S::Future: Send + 'static,
    R: http_body::Body<Data = bytes::Bytes> + Send + 'static,
    R::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Answer {
        let before = self.around.before(&mut request);
        let answer = self.inner.call(request);
        let answer = async move {
            match answer.await {
                Ok(response) => response.map(Body::new),
                Err(never) => match never {},
            }
        };
        Box::pin(async move { Ok(A::after(before, answer).await) })
    }
}
