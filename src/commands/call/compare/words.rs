//! What a call over several protocols can't be asked for: what is read once, and what is about one call.

use super::super::CallArgs;
use crate::args::OutputArg;
use crate::commands::data::{Data, ReadOnce, read_once};
use crate::failure::{Failure, Kind};

/// What can't be compared.
#[derive(Debug, thiserror::Error)]
pub(in super::super) enum CompareError {
    #[error("--protocol names several, and {0} is about one call")]
    Flag(&'static str),
    #[error("--protocol names several, which all get the request, and {0} can be read only once")]
    Once(ReadOnce),
    #[error("--protocol names several, and -o exchange is about one call")]
    Exchange,
    #[error("{0} is for an answer, and -o json is what came over each protocol")]
    Shaped(&'static str),
}

impl From<CompareError> for Failure {
    fn from(error: CompareError) -> Self {
        let hint = match &error {
            CompareError::Flag("--limit") => "for so many answers of each: --cancel-after Nmsg",
            CompareError::Flag(_) => "name one protocol",
            CompareError::Once(what) => what.hint(),
            CompareError::Exchange => {
                "for what came over each: -o json; for all that happened: name one protocol"
            }
            CompareError::Shaped(_) => "leave out -o json for what all answer, or pipe what it prints to jq",
        };
        Self::new(Kind::Wrong, error).hint(hint)
    }
}

/// Whether the same call can be made more than once, and what comes of it be compared.
pub(super) fn check(args: &CallArgs, data: &[Data]) -> Result<(), CompareError> {
    let flags = [
        (args.calls.each, "--each"),
        (args.calls.dry_run, "--dry-run"),
        (args.calls.limit.is_some(), "--limit"),
        (args.prompt, "--prompt"),
        (args.all_backends, "--all-backends"),
    ];
    if let Some((_, flag)) = flags.into_iter().find(|(given, _)| *given) {
        return Err(CompareError::Flag(flag));
    }
    match (args.output, &args.shape.jq, args.shape.raw) {
        (Some(OutputArg::Exchange), ..) => return Err(CompareError::Exchange),
        (Some(OutputArg::Json), Some(_), _) => return Err(CompareError::Shaped("--jq")),
        (Some(OutputArg::Json), None, true) => return Err(CompareError::Shaped("--raw")),
        _ => {}
    }
    read_once(data).map_or(Ok(()), |what| Err(CompareError::Once(what)))
}
