//! Gates: each lets a call through, makes it wait, or answers it with a status of its own.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use http::header::{AUTHORIZATION, HeaderValue};
use http::{Request, Response};
use tonic::Status;
use tonic::body::Body;

use super::around::{Around, AroundLayer};
use super::bucket::Bucket;
use super::dice::Dice;
use crate::demo::plan::Interceptors;

/// A gate before a service. All services behind clones of it share what it knows.
#[derive(Clone)]
pub(in crate::demo) struct Gate(Arc<Rule>);

impl Around for Gate {
    /// The gate and what it looks at, unless it spares the call.
    type Before = Option<(Self, Option<HeaderValue>)>;

    fn before<B>(&self, request: &mut Request<B>) -> Self::Before {
        let asked = !self.0.spares(request.uri().path());
        asked.then(|| (self.clone(), request.headers().get(AUTHORIZATION).cloned()))
    }

    /// What is behind the gate does not begin before it is passed: a future does nothing until it is polled.
    async fn after(
        before: Self::Before,
        answer: impl Future<Output = Response<Body>> + Send + 'static,
    ) -> Response<Body> {
        if let Some((Self(rule), authorization)) = before
            && let Err(status) = rule.pass(authorization.as_ref()).await
        {
            return status.into_http();
        }
        answer.await
    }
}

/// What a gate asks of a call.
enum Rule {
    Token(String),
    Rate(Mutex<Bucket>),
    Latency(Duration),
    FailRate { p: f64, dice: Mutex<Dice> },
}

impl Rule {
    /// Whether the gate lets a path through unasked. Health never needs credentials, as whoever probes has none;
    /// reflection counts as a client's preparation, which is not slowed down or made to fail.
    fn spares(&self, path: &str) -> bool {
        let health = path.starts_with("/grpc.health.");
        let reflection = path.starts_with("/grpc.reflection.");
        health || (reflection && !matches!(self, Self::Token(_)))
    }

    async fn pass(&self, authorization: Option<&HeaderValue>) -> Result<(), Status> {
        match self {
            Self::Token(token) => authenticate(token, authorization),
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

fn authenticate(token: &str, given: Option<&HeaderValue>) -> Result<(), Status> {
    let Some(given) = given else {
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
pub(in crate::demo) fn gates(plan: &Interceptors) -> Vec<AroundLayer<Gate>> {
    let rules = [
        plan.token.clone().map(Rule::Token),
        plan.rate.map(|rate| Rule::Rate(Mutex::new(Bucket::new(rate, Instant::now())))),
        plan.latency.map(Rule::Latency),
        plan.fail_rate.map(|p| Rule::FailRate { p, dice: Mutex::new(Dice::new()) }),
    ];
    rules.into_iter().flatten().map(|rule| AroundLayer(Gate(Arc::new(rule)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_token_opens() {
        let attempt =
            |value: &'static str| authenticate("secret", Some(&HeaderValue::from_static(value))).is_ok();
        assert!(attempt("Bearer secret"));
        assert!(attempt("bearer secret"));
        assert!(!attempt("Bearer Secret"));
        assert!(!attempt("Basic secret"));
        assert!(!attempt("secret"));
        assert!(authenticate("secret", None).is_err());
    }

    #[test]
    fn health_is_spared_by_all_and_reflection_by_all_but_the_token() {
        let token = Rule::Token("secret".to_owned());
        let latency = Rule::Latency(Duration::ZERO);
        let health = "/grpc.health.v1.Health/Check";
        let reflection = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
        assert!(token.spares(health) && latency.spares(health));
        assert!(!token.spares(reflection) && latency.spares(reflection));
        assert!(!latency.spares("/hello.HelloService/SayHello"));
    }
}
