//! A report, read back from its JSON: from a file that anybody may have written.

use serde::Deserialize;

use super::distribution::MOST;
use super::{Distribution, PayloadError, Report, VERSION};

/// Why a text is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is no JSON.
    #[error("it is no JSON")]
    Json(#[source] serde_json::Error),
    /// It is JSON of something else.
    #[error("it is no report of rpcctl bench: there is no \"version\" in it")]
    NoReport,
    /// Another version of this program wrote it.
    #[error("its version is {0}, and this rpcctl reads version {VERSION}")]
    Version(u32),
    /// Something in it is not as it has to be.
    #[error("it is no report that rpcctl bench wrote")]
    Member(#[source] serde_json::Error),
    /// The counts in it can't be read.
    #[error("it can't be added up or compared")]
    Payload(#[from] PayloadError),
    /// It says more than there can be.
    #[error("there are numbers in it that no run has")]
    Numbers,
}

/// What tells a report from other JSON.
#[derive(Deserialize)]
struct Head {
    version: Option<u32>,
}

impl Report {
    /// Reads a report.
    pub fn read(json: &[u8]) -> Result<Self, ReadError> {
        let head: Head = match serde_json::from_slice(json) {
            Ok(head) => head,
            Err(error) if error.is_data() => return Err(ReadError::NoReport),
            Err(error) => return Err(ReadError::Json(error)),
        };
        match head.version {
            None => return Err(ReadError::NoReport),
            Some(VERSION) => {}
            Some(other) => return Err(ReadError::Version(other)),
        }
        let report: Self = serde_json::from_slice(json).map_err(ReadError::Member)?;
        report.checked()
    }

    /// The report, if what is calculated with is such that it can be.
    fn checked(self) -> Result<Self, ReadError> {
        let repeats =
            self.repeats.iter().flat_map(|repeat| [&repeat.latency_intended, &repeat.latency_actual]);
        for distribution in self.distributions().into_iter().chain(repeats) {
            distribution.counts()?;
        }
        let codes = self.codes.values().chain(self.transport_errors.values());
        let repeats = self.repeats.iter();
        let of_repeats =
            repeats.flat_map(|repeat| repeat.codes.values().chain(repeat.transport_errors.values()));
        let of_intervals = self.intervals.iter().flat_map(|part| {
            let (at, counts) =
                ([part.at_ns, part.length_ns, part.answered, part.in_flight, part.waiting], &part.codes);
            at.into_iter()
                .chain(part.due)
                .chain(counts.values().copied())
                .chain(part.transport_errors.values().copied())
        });
        let own =
            [self.measured_ns, self.issued, self.answered, self.in_flight, self.dropped, self.about.threads];
        let open = self.repeats.iter().map(|repeat| repeat.in_flight);
        let mut all =
            codes.chain(of_repeats).copied().chain(of_intervals).chain(own).chain(open).chain(self.due_ns);
        if all.any(|count| count > MOST) { Err(ReadError::Numbers) } else { Ok(self) }
    }

    /// All distributions of the whole run.
    fn distributions(&self) -> [&Distribution; 6] {
        [
            &self.latency_intended,
            &self.latency_actual,
            &self.failed_latency_intended,
            &self.failed_latency_actual,
            &self.first_message_latency,
            &self.message_latency,
        ]
    }
}
