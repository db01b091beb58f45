//! `rpcctl diff`: what changed between two schemas, and what that breaks.

use std::path::{Path, PathBuf};

use clap::{Args, Command, ValueEnum};
use prost_reflect::FileDescriptor;

use super::schema_verb::{self, SchemaVerbArgs};
use super::{Exit, Failed, Surroundings, Writers, complete, open};
use crate::args::{DescribeFormat, looks_like_target, quoted};
use crate::failure::{Failure, Kind};
use crate::output::diff as show;
use crate::schema::diff::names::{self, NameError};
use crate::schema::diff::{self, Breaks, Change, FileNames, Scope};
use crate::schema::{self, LocalError, Schema, SchemaPlan};
use crate::session::Metadata;

const EXAMPLES: &str = "\
Examples:
  rpcctl diff old.binpb localhost:50051                  a file from `rpcctl export`, and a server
  rpcctl diff api.example.com:443 proto --against wire   a server, and a folder of .proto files
  rpcctl diff localhost:50051 api.proto -I proto         a .proto file and its imports
  rpcctl diff localhost:50051 proto hello demo.v1.Demo   one package and one service
  rpcctl diff localhost:50051 api.example.com:443 -o json   two servers, for programs

Definitions are compared by name, fields and enum values by number, and what is breaking is as in buf \
breaking. Packages of gRPC itself, such as reflection, count where both sides have them.

A descriptor set may come through a pipe: - is stdin, and <(git show v1:api.binpb) does as well.

Exit status: 99 if anything breaks what --against names, else 0; docs/diff.md has every rule.";

/// Tell what changed between two schemas, and what that breaks
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES, override_usage = "rpcctl diff [OPTIONS] <OLD> <NEW> [SYMBOL]...")]
pub struct DiffArgs {
    /// What there was: a server (HOST:PORT, demo:), a descriptor set (- is stdin), a .proto file or a folder of them
    #[arg(value_name = "OLD", value_hint = clap::ValueHint::AnyPath)]
    old: String,

    /// What there is now: the same
    #[arg(value_name = "NEW", value_hint = clap::ValueHint::AnyPath)]
    new: String,

    /// Compare nothing but these packages and definitions, by their names or the ends of those
    #[arg(value_name = "SYMBOL")]
    only: Vec<String>,

    /// What must not break, for exit 0 [default: wire,json,source]
    #[arg(long, value_name = "WHAT", value_enum, value_delimiter = ',', num_args = 1)]
    against: Vec<Against>,

    /// How to print
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t)]
    output: DescribeFormat,

    #[command(flatten)]
    common: SchemaVerbArgs,
}

/// Who may be broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Against {
    /// Programs that exchange bytes, whichever schema each was built with
    Wire,
    /// Programs that exchange JSON
    Json,
    /// Programs whose code is generated anew
    Source,
}

impl Against {
    fn is_broken(self, breaks: Breaks) -> bool {
        match self {
            Self::Wire => breaks.wire,
            Self::Json => breaks.json,
            Self::Source => breaks.source,
        }
    }
}

/// The verb's words: its schemas are operands, so the flags that name one elsewhere are not shown.
pub(super) fn words(command: Command) -> Command {
    let hidden = ["address", "proto", "descriptor_set"];
    hidden
        .iter()
        .fold(DiffArgs::augment_args(command), |command, id| command.mut_arg(id, |arg| arg.hide(true)))
}

/// Compares.
pub async fn run(args: &DiffArgs, surroundings: &Surroundings, io: &mut Writers<'_>) -> Result<Exit, Failed> {
    args.check(surroundings)?;
    let old = args.side(&args.old, surroundings, io).await?;
    let new = args.side(&args.new, surroundings, io).await?;
    let only = names::resolve(&old, &new, &args.only).map_err(|error| args.name_failure(error))?;
    let compared = diff::schemas(&old, &new, &Scope { files: args.file_names(), only });
    let breaking = args.is_breaking(&compared.changes);
    let paint = surroundings.colors.stdout;
    match args.output {
        DescribeFormat::Text => show::text(io.out, &compared, paint)?,
        DescribeFormat::Json => show::json(io.out, (&args.old, &args.new), breaking, &compared, paint)?,
    }
    Ok(if breaking { Exit::CHECK_FAILED } else { Exit::OK })
}

impl DiffArgs {
    /// Refuses flags that would name a schema beside the two; what a profile says of them is not meant for this.
    fn check(&self, surroundings: &Surroundings) -> Result<(), DiffError> {
        if [&self.old, &self.new].iter().all(|word| *word == "-") {
            return Err(DiffError::StdinTwice);
        }
        let given = &surroundings.given.under.flags;
        let typed = self.common.place().schema.given_files();
        match typed.into_iter().find(|flag| !given.contains(&flag.trim_start_matches('-'))) {
            Some(flag) => Err(DiffError::Flag(flag)),
            None => Ok(()),
        }
    }

    fn is_breaking(&self, changes: &[Change]) -> bool {
        changes.iter().any(|change| match self.against.as_slice() {
            [] => change.breaks.any(),
            against => against.iter().any(|who| who.is_broken(change.breaks)),
        })
    }

    /// How much files' names tell: those of files on a disk begin in a folder that is found out, unless it is said.
    fn file_names(&self) -> FileNames {
        let [old, new] = [&self.old, &self.new].map(|word| Operand::of(word));
        match (old, new) {
            (Operand::Proto, Operand::Proto) => FileNames::Nothing,
            _ if old == new || !self.common.place().schema.import_path.is_empty() => FileNames::Exact,
            (Operand::Compiled, Operand::Server) | (Operand::Server, Operand::Compiled) => FileNames::Exact,
            _ => FileNames::Last,
        }
    }

    /// All that one side has.
    async fn side(
        &self,
        word: &str,
        surroundings: &Surroundings,
        io: &mut Writers<'_>,
    ) -> Result<Vec<FileDescriptor>, Failed> {
        let operand = Operand::of(word);
        let files = match operand {
            Operand::Server => self.server(word, surroundings, io).await?,
            _ => self.files(operand, word)?,
        };
        // All would seem to be new, or gone: so it looks when the command behind a pipe fails.
        if files.is_empty() { Err(DiffError::Empty(word.to_owned()).into()) } else { Ok(files) }
    }

    /// All that a file has, or the files of a folder.
    fn files(&self, operand: Operand, word: &str) -> Result<Vec<FileDescriptor>, Failure> {
        let path = PathBuf::from(word);
        let mut plan = SchemaPlan {
            protos: Vec::new(),
            import_paths: self.common.place().schema.import_path.clone(),
            descriptor_sets: Vec::new(),
            reflection: Vec::new(),
            metadata: Metadata::default(),
            options: true,
            check: false,
        };
        match operand {
            _ if word != "-" && !path.exists() => return Err(DiffError::Neither(word.to_owned()).into()),
            Operand::Folder | Operand::Proto => plan.protos.push(path),
            Operand::Compiled | Operand::Server => plan.descriptor_sets.push(path),
        }
        match Schema::of_files(&plan) {
            Ok(schema) => Ok(schema.own_files()),
            // No flag says here what a file is.
            Err(schema::Error::Local(error @ LocalError::ASource(_))) => {
                Err(Failure::new(Kind::Failed, error)
                    .hint("what is in a .proto file is known by the end of its name: call it so"))
            }
            Err(schema::Error::Local(error @ LocalError::ASet(_))) => {
                Err(Failure::new(Kind::Failed, error)
                    .hint("the end of its name says otherwise: call it .binpb"))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What is wrong with a name of what is to be compared.
    fn name_failure(&self, error: NameError) -> Failure {
        let again = |name: &str| format!("rpcctl diff {} {} {name}", quoted(&self.old), quoted(&self.new));
        let (kind, hint) = match &error {
            NameError::NotFound { did_you_mean, .. } if !did_you_mean.is_empty() => {
                (Kind::Failed, format!("did you mean {}?", did_you_mean.join(", ")))
            }
            NameError::NotFound { .. } => (
                Kind::Failed,
                "name packages or definitions, as `rpcctl list` shows them, or ends of names".to_owned(),
            ),
            NameError::Ambiguous { candidates, .. } => {
                (Kind::Wrong, format!("it may be\n        {}", candidates.join("\n        ")))
            }
            NameError::Part { whole, .. } => (Kind::Wrong, again(whole)),
            NameError::WellKnown(_) => return Failure::new(Kind::Wrong, error),
        };
        Failure::new(kind, error).hint(hint)
    }

    async fn server(
        &self,
        word: &str,
        surroundings: &Surroundings,
        io: &mut Writers<'_>,
    ) -> Result<Vec<FileDescriptor>, Failed> {
        let plan = self.common.without_files().plan("diff", &[word.to_owned()], surroundings, true)?;
        io.warn(&plan.target)?;
        if let Some(name) = plan.name {
            return Err(DiffError::Name { word: word.to_owned(), name }.into());
        }
        let session = open::session(plan.session, &plan.target, surroundings, io).await?;
        if session.netrpc().is_some() {
            return Err(DiffError::Go(word.to_owned()).into());
        }
        let described = schema_verb::described(&session, io).await;
        schema_verb::tell(&session, self.common.talk(), surroundings, io).await?;
        let described = described.map_err(|failure| Failed::at(&plan.target, failure))?;
        // What is not known would seem to be gone.
        if let Some((service, _)) = described.iter().find(|(_, described)| described.is_err()) {
            return Err(DiffError::LeftOut { word: word.to_owned(), service: service.clone() }.into());
        }
        complete::remember(&plan.target, &surroundings.places);
        Ok(session.schema().await.own_files())
    }
}

/// What an operand is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operand {
    Server,
    /// A descriptor set.
    Compiled,
    Proto,
    Folder,
}

impl Operand {
    fn of(word: &str) -> Self {
        let path = Path::new(word);
        if looks_like_target(word) {
            Self::Server
        } else if path.is_dir() {
            Self::Folder
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            Self::Proto
        } else {
            Self::Compiled
        }
    }
}

/// Why there is nothing to compare.
#[derive(Debug, thiserror::Error)]
enum DiffError {
    #[error("{0} has no place here: what is compared stands behind diff")]
    Flag(&'static str),
    #[error("there is but one stdin, and both sides are -")]
    StdinTwice,
    #[error("there is nothing in {0}")]
    Empty(String),
    #[error("{0:?} is no server, and there is no such file")]
    Neither(String),
    #[error("{word} names {name}, and all of a server is compared")]
    Name { word: String, name: String },
    #[error("{0} speaks net/rpc, whose types are Go's: there is no schema to compare")]
    Go(String),
    #[error("{word} lists {service} and does not describe it, and half a schema is not compared")]
    LeftOut { word: String, service: String },
}

impl From<DiffError> for Failure {
    fn from(error: DiffError) -> Self {
        let hint = match &error {
            DiffError::Flag(_) => {
                "rpcctl diff OLD NEW, each a server, a descriptor set, a .proto file or a folder"
            }
            DiffError::Neither(_) => "write a server as HOST:PORT, or a file by its path",
            DiffError::Name { .. } => "name the server alone",
            DiffError::StdinTwice => "give one of them as a file, or as <(COMMAND)",
            DiffError::Empty(_) => "was it written to the end? In a pipe: did the command before it work?",
            DiffError::Go(_) => return Self::new(Kind::Wrong, error),
            DiffError::LeftOut { .. } => return Self::new(Kind::Failed, error),
        };
        let failed = matches!(error, DiffError::Neither(_) | DiffError::Empty(_));
        let kind = if failed { Kind::Failed } else { Kind::Wrong };
        Self::new(kind, error).hint(hint)
    }
}
