//! How a call that the session made ended, in the words of load.

use crate::bench::book::Book;
use crate::bench::record::{Fault, Outcome};
use crate::http2::ErrorCode;
use crate::session::{self, CallError, Code, Origin, Status};

/// What there is to say of how a call ended.
pub(super) fn note(book: &mut Book, status: &Status) {
    match of_status(status) {
        Outcome::Fault(fault) => book.why(fault, &status.message),
        Outcome::Status(code) if code != Code::OK => book.said(code, &status.message),
        _ => {}
    }
}

/// The same of one that has no status at all.
pub(super) fn note_error(book: &mut Book, error: &CallError) {
    if let Outcome::Fault(fault) = of_error(error) {
        book.why(fault, &error.words());
    }
}

/// What a status counts as: the server's own, and what stands for HTTP's, is one.
pub(super) fn of_status(status: &Status) -> Outcome {
    match (status.fault, status.origin) {
        (Some(fault), _) => Outcome::Fault(of_fault(fault)),
        (None, Origin::Server | Origin::Mapped) => Outcome::Status(status.code),
        (None, Origin::Local) => Outcome::Fault(Fault::Broken),
    }
}

pub(super) fn of_fault(fault: session::Fault) -> Fault {
    match fault {
        session::Fault::Reset(code) => Fault::Reset(ErrorCode(code)),
        session::Fault::GoAway(code) => Fault::GoAway(ErrorCode(code)),
        session::Fault::Lost => Fault::Lost,
        session::Fault::Deadline => Fault::Deadline,
        session::Fault::Broken => Fault::Broken,
    }
}

/// What it counts as that a call has no status at all.
pub(super) fn of_error(error: &CallError) -> Outcome {
    Outcome::Fault(if error.is_of_connection() { Fault::Connect } else { Fault::Broken })
}
