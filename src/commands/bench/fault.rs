//! Why a report of load can't be read, added up or written.

use std::io;
use std::path::PathBuf;

use crate::bench::report::{JoinError, ReadError};
use crate::failure::{Failure, Kind};

/// Why not.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReportFault {
    #[error("cannot read {0}")]
    Read(String, #[source] io::Error),
    #[error("{0} can't be taken")]
    NoReport(String, #[source] ReadError),
    #[error("there is but one stdin, and two of the reports are -")]
    StdinTwice,
    #[error(transparent)]
    Join(JoinError),
    #[error("cannot write {}", .0.display())]
    Write(PathBuf, #[source] io::Error),
}

impl From<ReportFault> for Failure {
    fn from(fault: ReportFault) -> Self {
        let hint = match &fault {
            ReportFault::NoReport(_, ReadError::Json(_) | ReadError::NoReport) => {
                Some("a report is what rpcctl bench … -o json writes")
            }
            ReportFault::StdinTwice => Some("give one of them as a file, or as <(COMMAND)"),
            _ => None,
        };
        let kind = match &fault {
            ReportFault::StdinTwice | ReportFault::Join(_) => Kind::Wrong,
            _ => Kind::Failed,
        };
        let failure = Self::new(kind, fault);
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}
