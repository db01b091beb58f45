//! What is tried again beside calls: connecting, and looking a method up.

use std::io;
use std::time::{Duration, Instant};

use super::retry::{Backoff, RetryPlan, may_pass, random, with_causes};
use super::{Method, Server, Session};
use crate::schema::{self, ReflectionError};
use crate::transport;
use crate::wire::{self, Attempt, Code, Deadline};

/// Why what was tried again came to nothing.
#[derive(Debug)]
pub enum GaveUp<E> {
    /// The reason of the last attempt.
    Failed(E),
    /// The deadline for everything passed.
    Deadline(Deadline),
    /// What failed could not be told.
    Tell(io::Error),
}

impl Session {
    /// Connects, and tries again where that fails and may succeed later, for as long as `patience`; what failed is told.
    pub async fn reach(
        &self,
        patience: Duration,
        tell: impl FnMut(&Attempt) -> io::Result<()>,
    ) -> Result<(), GaveUp<transport::Error>> {
        let began = Instant::now();
        let connect = async || match &self.server {
            Server::Grpc(client) => client.connection().await.map(drop),
            Server::Go(client) => client.reach().await,
        };
        let pause = |number, error: &transport::Error| {
            let left = patience.saturating_sub(began.elapsed());
            if left.is_zero() || !may_pass(error) {
                return None;
            }
            // The last attempt is made when patience ends.
            let wait = Backoff::default().wait(number, random()).min(left);
            Some(Attempt { number, of: None, cause: with_causes(error), wait })
        };
        self.again(connect, pause, tell).await
    }

    /// Finds a method as [`Session::find`] does, and tries again where the server can't be asked and `retry` is for
    /// that; what failed is told.
    pub async fn find_again(
        &self,
        name: &str,
        retry: &RetryPlan,
        tell: impl FnMut(&Attempt) -> io::Result<()>,
    ) -> Result<Method, GaveUp<schema::Error>> {
        let pause = |number, error: &schema::Error| {
            let code = match error {
                schema::Error::Reflection(ReflectionError::Connection(cause)) if may_pass(cause) => {
                    Code::UNAVAILABLE
                }
                schema::Error::Reflection(ReflectionError::Refused(status)) => status.code,
                _ => return None,
            };
            let wait = retry.pause(number, code)?;
            let in_time = self.deadline.is_none_or(|deadline| deadline.left() > wait);
            let of = Some(retry.retries + 1);
            in_time.then(|| Attempt { number, of, cause: with_causes(error), wait })
        };
        self.again(async || self.find(name).await, pause, tell).await
    }

    /// Tries until it succeeds, or `pause` knows of no reason to try again.
    async fn again<T, E>(
        &self,
        mut attempt: impl AsyncFnMut() -> Result<T, E>,
        mut pause: impl FnMut(u32, &E) -> Option<Attempt>,
        mut tell: impl FnMut(&Attempt) -> io::Result<()>,
    ) -> Result<T, GaveUp<E>> {
        let mut made = 0;
        loop {
            let error = match attempt().await {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            made += 1;
            let Some(attempt) = pause(made, &error) else { return Err(GaveUp::Failed(error)) };
            tell(&attempt).map_err(GaveUp::Tell)?;
            tokio::select! {
                () = tokio::time::sleep(attempt.wait) => {}
                deadline = wire::passed(self.deadline) => return Err(GaveUp::Deadline(deadline)),
            }
        }
    }
}
