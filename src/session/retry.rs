//! When a call that failed is made again: retries as gRPC's proposal A6 has them, as pure functions.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

use crate::transport;
use crate::wire::{Code, Metadata, MetadataValue};

/// How often and when a call that failed is made again.
#[derive(Debug, Clone, PartialEq)]
pub struct RetryPlan {
    /// How many times, after the first.
    pub retries: u32,
    /// The statuses that it is for; a server that can't be reached is `UNAVAILABLE`.
    pub codes: Vec<Code>,
    /// How long is waited before.
    pub backoff: Backoff,
}

impl RetryPlan {
    /// How long to wait before another attempt, of which `made` were made, the last of which ended in `code`. None
    /// where there is to be no other.
    pub(super) fn pause(&self, made: u32, code: Code) -> Option<Duration> {
        let again = code != Code::OK && made <= self.retries && self.codes.contains(&code);
        again.then(|| self.backoff.wait(made, random()))
    }

    /// Never.
    pub fn never() -> Self {
        Self { retries: 0, codes: vec![Code::UNAVAILABLE], backoff: Backoff::default() }
    }
}

/// How long to wait before trying again: longer each time, and never by the same clock as everybody else.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Backoff {
    /// Before the first retry.
    pub initial: Duration,
    /// The longest.
    pub max: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { initial: Duration::from_millis(200), max: Duration::from_secs(5) }
    }
}

impl Backoff {
    /// What each wait is longer by than the one before.
    const MULTIPLIER: f64 = 2.0;
    /// By how much it may be longer or shorter.
    const JITTER: f64 = 0.2;

    /// The wait before the retry of this number, from 1; `random` is a number from 0 to 1.
    pub fn wait(&self, number: u32, random: f64) -> Duration {
        let exponent = i32::try_from(number.saturating_sub(1)).unwrap_or(i32::MAX);
        let grown = self.initial.as_secs_f64() * Self::MULTIPLIER.powi(exponent);
        let capped = grown.min(self.max.as_secs_f64());
        let factor = 1.0 + Self::JITTER * (2.0 * random - 1.0);
        Duration::try_from_secs_f64(capped * factor).unwrap_or(self.max)
    }
}

/// A number from 0 to 1, another each time.
pub(super) fn random() -> f64 {
    let number = RandomState::new().build_hasher().finish();
    #[allow(clippy::cast_precision_loss, reason = "nobody needs all bits of it")]
    let fraction = (number >> 11) as f64 / (1_u64 << 53) as f64;
    fraction
}

/// What a server says of trying again, in its trailers (A6, "Pushback").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pushback {
    /// Nothing.
    None,
    /// After this long.
    After(Duration),
    /// Not at all.
    Never,
}

impl Pushback {
    pub(super) fn of(trailers: &Metadata) -> Self {
        let mut entries = trailers.entries().filter(|(name, _)| *name == "grpc-retry-pushback-ms");
        match (entries.next(), entries.next()) {
            (None, _) => Self::None,
            (Some((_, MetadataValue::Text(text))), None) => {
                text.parse().map_or(Self::Never, |ms| Self::After(Duration::from_millis(ms)))
            }
            _ => Self::Never,
        }
    }
}

/// Whether a server that can't be reached for this reason may be reached when it is tried again.
pub(super) fn may_pass(error: &transport::Error) -> bool {
    use transport::Error as E;
    match error {
        E::Resolve { .. }
        | E::Connect { .. }
        | E::Timeout { .. }
        | E::Silent { .. }
        | E::Closed { .. }
        | E::ProxyUnreachable { .. }
        | E::Http2 { .. }
        | E::Http1 { .. } => true,
        E::Tls { fault, .. } => matches!(fault, transport::TlsFault::HungUp | transport::TlsFault::Io(_)),
        E::Proxy { fault, .. } => !matches!(fault, transport::ProxyFault::Login { .. }),
        E::TlsFile { .. }
        | E::KeyLog { .. }
        | E::TlsSetup(_)
        | E::TlsToPlaintext { .. }
        | E::PlaintextToTls { .. }
        | E::NotHttp { .. }
        | E::WebServer { .. }
        | E::NoUnixSockets => false,
    }
}

/// An error with what led to it, in a line.
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |told, cause| format!("{told}: {cause}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_the_longest() {
        let backoff = Backoff { initial: Duration::from_millis(100), max: Duration::from_millis(500) };
        let waits: Vec<u128> = (1..6).map(|number| backoff.wait(number, 0.5).as_millis()).collect();
        assert_eq!(waits, [100, 200, 400, 500, 500]);
        assert_eq!(backoff.wait(u32::MAX, 0.5), Duration::from_millis(500));
        assert_eq!(backoff.wait(1, 0.0), Duration::from_millis(80));
        assert_eq!(backoff.wait(1, 1.0), Duration::from_millis(120));
        for _ in 0..1000 {
            assert!((0.0..=1.0).contains(&random()));
        }
    }

    #[test]
    fn a_server_has_a_say() {
        let said = |values: &[&'static str]| {
            let mut trailers = http::HeaderMap::new();
            for value in values {
                trailers.append("grpc-retry-pushback-ms", http::HeaderValue::from_static(value));
            }
            Pushback::of(&Metadata::from_http(trailers))
        };
        assert_eq!(said(&[]), Pushback::None);
        assert_eq!(said(&["250"]), Pushback::After(Duration::from_millis(250)));
        assert_eq!(said(&["-1"]), Pushback::Never);
        assert_eq!(said(&["soon"]), Pushback::Never);
        assert_eq!(said(&["1", "2"]), Pushback::Never);
    }
}
