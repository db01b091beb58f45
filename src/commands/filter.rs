//! `rpcctl filter`: runs the expression of `--jq`, for the `rpcctl call` that started it and talks to it. People do not,
//! so it is in no help.

use std::io;

use clap::Args;

use super::{Exit, Failed};
use crate::output::reshape;

/// All it goes by comes on stdin.
#[derive(Debug, Clone, Args)]
#[command(hide = true)]
pub(super) struct FilterArgs {}

/// Runs it until stdin ends.
pub(super) async fn run() -> Result<Exit, Failed> {
    reshape::serve(io::stdin(), io::stdout()).await?;
    Ok(Exit::OK)
}
