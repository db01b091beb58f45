//! Headers: those of every call, and those of the call or of reflection alone.

use clap::Args;

use super::ArgsError;
use crate::wire::Metadata;

/// Headers of reflection calls.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Headers")]
pub struct ReflectionHeaders {
    /// Send a header (repeatable)
    ///
    /// Such as 'authorization: Bearer TOKEN'. The value of a name that ends in -bin is base64. Names are sent in lower case.
    #[arg(short = 'H', long = "header", value_name = "'NAME: VALUE'")]
    pub header: Vec<String>,

    /// Send a header with reflection alone (repeatable)
    #[arg(long, value_name = "'NAME: VALUE'")]
    pub reflect_header: Vec<String>,
}

/// Headers of a call.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Headers")]
pub struct CallHeaders {
    #[command(flatten)]
    pub(crate) both: ReflectionHeaders,

    /// Send a header with the call alone (repeatable)
    #[arg(long, value_name = "'NAME: VALUE'")]
    pub rpc_header: Vec<String>,
}

const BOTH: &str = "-H";

impl ReflectionHeaders {
    /// The metadata of reflection calls.
    pub fn reflection(&self) -> Result<Metadata, ArgsError> {
        collect([(BOTH, &self.header), ("--reflect-header", &self.reflect_header)])
    }
}

impl CallHeaders {
    /// The metadata of the call itself.
    pub fn call(&self) -> Result<Metadata, ArgsError> {
        collect([(BOTH, &self.both.header), ("--rpc-header", &self.rpc_header)])
    }
}

fn collect(groups: [(&'static str, &Vec<String>); 2]) -> Result<Metadata, ArgsError> {
    let mut metadata = Metadata::default();
    for (flag, lines) in groups {
        for line in lines {
            metadata.add_line(line).map_err(|source| ArgsError::Metadata { flag, source })?;
        }
    }
    Ok(metadata)
}
