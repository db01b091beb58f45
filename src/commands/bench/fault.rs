//! Why load can't be put on a server, or a report of it can't be read, added up or written.

use std::io;
use std::path::PathBuf;

use crate::bench::report::{JoinError, ReadError};
use crate::bench::running::StartError;
use crate::bench::supply::SupplyError;
use crate::failure::{Failure, Kind};
use crate::message::count::Shape;

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

/// Why there is no load.
#[derive(Debug, thiserror::Error)]
pub(super) enum LoadFault {
    #[error("no method given")]
    NoMethod,
    #[error("the request is given twice: by {0} and by -d")]
    ItemsAndData(String),
    #[error("-i says how -d is written, and the request is given as items")]
    ItemsHaveNoFormat,
    #[error("--engine frames makes calls of gRPC over HTTP/2, straight to the server, and these are others")]
    NotFrames,
    #[error("--ping-pong is for methods that take and give streams, and {0} is {1}")]
    NotBothWays(String, Shape),
    #[error("--search found no rate at which {0} holds")]
    NotFound(String),
    #[error("{0} could not be called any more: {1}")]
    Gone(String, String),
    #[error("the run ended early: {0}")]
    Unmade(String),
    #[error("no call ended in OK, so there is no rate to look for: {0}")]
    NoneOk(String),
}

impl From<LoadFault> for Failure {
    fn from(fault: LoadFault) -> Self {
        let hint = match &fault {
            LoadFault::ItemsAndData(_) => Some("leave one of them out"),
            LoadFault::NotBothWays(..) => Some("leave it out: such a method has no turns to take"),
            LoadFault::ItemsHaveNoFormat => {
                Some("leave it out: an item is written in the words of its field's type")
            }
            LoadFault::NotFrames => Some("leave it out: --engine session makes any call"),
            LoadFault::NoMethod
            | LoadFault::NotFound(_)
            | LoadFault::Gone(..)
            | LoadFault::Unmade(_)
            | LoadFault::NoneOk(_) => None,
        };
        let kind = match &fault {
            LoadFault::NotFound(_) | LoadFault::NoneOk(_) | LoadFault::Gone(..) => Kind::Failed,
            _ => Kind::Wrong,
        };
        let failure = Self::new(kind, fault);
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        let hint = error.hint();
        hint.into_iter().fold(Self::new(Kind::Failed, error), Self::hint)
    }
}

impl From<SupplyError> for Failure {
    fn from(error: SupplyError) -> Self {
        let hint = error.hint();
        hint.into_iter().fold(Self::new(Kind::Wrong, error), Self::hint)
    }
}
