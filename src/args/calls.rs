//! How many calls are made of what was given, and how much of them.

use std::num::NonZeroUsize;

use clap::Args;

use super::values;

/// How many calls are made of what was given, and how much of them.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct CallsArgs {
    /// Make each message a call of its own, on one connection
    ///
    /// For methods that take one message. Answers are printed in the order of the messages. A call that fails ends no
    /// other, nor does a message of a file or stdin that can't be sent: of a line that is no JSON, the next line is read.
    /// The exit code is 2 where one could not be sent, and else the first failure's.
    #[arg(long)]
    pub each: bool,

    /// How many calls of --each may be under way at once [default: 1]
    #[arg(long, value_name = "N", requires = "each", value_parser = values::count)]
    pub parallel: Option<NonZeroUsize>,

    /// Resolve, encode and print what would be sent, and send no call
    ///
    /// The messages go to stdout, in the form that -o says; where they would go, and as what, to stderr.
    #[arg(long)]
    pub dry_run: bool,

    /// End the call after so many answers
    ///
    /// What was asked for has come, so the exit code is 0.
    #[arg(long, value_name = "N", value_parser = values::count)]
    pub limit: Option<NonZeroUsize>,
}
