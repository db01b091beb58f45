//! Gates: each lets a call through, makes it wait, or answers it with a status of its own.

use std::convert::Infallible;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http::header::AUTHORIZATION;
use http::{HeaderMap, Request, Response};
use tonic::Status;
use tonic::body::Body;
use tower_layer::Layer;
use tower_service::Service;

use super::Answer;
use super::bucket::Bucket;
use super::dice::Dice;
use crate::demo::plan::Interceptors;

/// What a gate asks of a call.
enum Gate {
    Token(String),
    Rate(Mutex<Bucket>),
    Latency(Duration),
    FailRate { p: f64, dice: Mutex<Dice> },
}

impl Gate {
    /// Whether the gate lets a path through unasked. Health never needs credentials, as whoever probes has none;
    /// reflection counts as a client's preparation, which is not slowed down or made to fail.
    fn spares(&self, path: &str) -> bool {
        let health = path.starts_with("/grpc.health.");
        let reflection = path.starts_with("/grpc.reflection.");
        health || (reflection && !matches!(self, Self::Token(_)))
    }

    async fn pass(&self, headers: &HeaderMap) -> Result<(), Status> {
        match self {
            Self::Token(token) => authenticate(token, headers),
            Self::Rate(bucket) => {
                let mut bucket = bucket.lock().unwrap_or_else(PoisonError::into_inner);
                if bucket.take(Instant::now()) {
                    return Ok(());
                }
                Err(Status::resource_exhausted("more calls than --rate allows"))
            }
            Self::Latency(pause) => {
                tokio::time::sleep(*pause).await;
                Ok(())
            }
            Self::FailRate { p, dice } => {
                if !dice.lock().unwrap_or_else(PoisonError::into_inner).throw(*p) {
                    return Ok(());
                }
                Err(Status::unavailable("failed by chance, as --fail-rate asks"))
            }
        }
    }
}

fn authenticate(token: &str, headers: &HeaderMap) -> Result<(), Status> {
    let Some(given) = headers.get(AUTHORIZATION) else {
        return Err(Status::unauthenticated("no token: send authorization: Bearer TOKEN"));
    };
    // The scheme's name is case-insensitive (RFC 9110, 11.1), the token is not.
    let bearer = given.to_str().ok().and_then(|value| value.split_once(' '));
    match bearer {
        Some((scheme, given)) if scheme.eq_ignore_ascii_case("bearer") && given == token => Ok(()),
        _ => Err(Status::unauthenticated("wrong token")),
    }
}

/// The gates of a plan, from the outside in.
pub(in crate::demo) fn gates(plan: &Interceptors) -> Vec<GateLayer> {
    let gates = [
        plan.token.clone().map(Gate::Token),
        plan.rate.map(|rate| Gate::Rate(Mutex::new(Bucket::new(rate, Instant::now())))),
        plan.latency.map(Gate::Latency),
        plan.fail_rate.map(|p| Gate::FailRate { p, dice: Mutex::new(Dice::new()) }),
    ];
    gates.into_iter().flatten().map(|gate| GateLayer(Arc::new(gate))).collect()
}

/// Puts a gate before a service. All services behind clones of one layer share the gate.
#[derive(Clone)]
pub(in crate::demo) struct GateLayer(Arc<Gate>);

impl fmt::Debug for GateLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match *self.0 {
            Gate::Token(_) => "token",
            Gate::Rate(_) => "rate",
            Gate::Latency(_) => "latency",
            Gate::FailRate { .. } => "fail-rate",
        })
    }
}

impl<S> Layer<S> for GateLayer {
    type Service = Gated<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Gated { gate: Arc::clone(&self.0), inner }
    }
}

/// A service behind a gate.
#[derive(Clone)]
pub(in crate::demo) struct Gated<S> {
    gate: Arc<Gate>,
    inner: S,
}

impl<S, B, R> Service<Request<B>> for Gated<S>
where
    S: Service<Request<B>, Response = Response<R>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
    R: http_body::Body<Data = bytes::Bytes> + Send + 'static,
    R::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Answer;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Answer {
        let gate = Arc::clone(&self.gate);
        // The one that was polled ready is the one to call.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        Box::pin(async move {
            if !gate.spares(request.uri().path())
                && let Err(status) = gate.pass(request.headers()).await
            {
                return Ok(status.into_http());
            }
            Ok(inner.call(request).await?.map(Body::new))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_token_opens() {
        let attempt = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, http::HeaderValue::from_static(value));
            authenticate("secret", &headers).is_ok()
        };
        assert!(attempt("Bearer secret"));
        assert!(attempt("bearer secret"));
        assert!(!attempt("Bearer Secret"));
        assert!(!attempt("Basic secret"));
        assert!(!attempt("secret"));
        assert!(authenticate("secret", &HeaderMap::new()).is_err());
    }

    #[test]
    fn health_is_spared_by_all_and_reflection_by_all_but_the_token() {
        let token = Gate::Token("secret".to_owned());
        let latency = Gate::Latency(Duration::ZERO);
        let health = "/grpc.health.v1.Health/Check";
        let reflection = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
        assert!(token.spares(health) && latency.spares(health));
        assert!(!token.spares(reflection) && latency.spares(reflection));
        assert!(!latency.spares("/hello.HelloService/SayHello"));
    }
}
