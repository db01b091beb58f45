//! `rpcctl export`: a schema as files, for other tools.

mod names;
mod tree;

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use clap::Args;
use prost_reflect::FileDescriptor;

use super::schema_verb::{self, SchemaVerbArgs};
use super::{Exit, Failed, Surroundings, Writers, complete, open};
use crate::args::{is_stdin as is_dash, quoted};
use crate::failure::{Failure, Kind};
use crate::output::{sanitize, talk};
use crate::schema::symbol::Symbol;
use crate::schema::{self, print};
use crate::session::Session;
use tree::{Source, TreeError};

const EXAMPLES: &str = "\
Examples:
  rpcctl export localhost:50051 -o api.binpb               all of it, as a descriptor set
  rpcctl export localhost:50051 --proto-dir api            as .proto files
  rpcctl export localhost:50051 hello.HelloService -o hello.binpb   what one service needs
  rpcctl export localhost:50051 demo.v1 --proto-dir api --force   a package; over what is there
  rpcctl export localhost:50051 -o - | rpcctl list --descriptor-set /dev/stdin
  rpcctl export --proto api.proto -I proto -o api.binpb    compiled, no server asked

A set has google/protobuf's files where they are imported; a folder has them where they are asked for. \
What a server calls its files is not trusted: none is written outside of the folder, through a link, or \
over another file.";

/// Write a schema as a descriptor set or as .proto files
///
/// Without a SYMBOL, everything: what a server lists, or all that the files have.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES, override_usage = "rpcctl export [OPTIONS] <-o FILE|--proto-dir DIR> [TARGET] [SYMBOL]...")]
pub struct ExportArgs {
    /// The server (HOST:PORT, a URL, unix:PATH, demo:), then names, ends of names or packages [default: everything]
    #[arg(value_names = ["TARGET", "SYMBOL"], num_args = 0..)]
    pub words: Vec<String>,

    /// Write a FileDescriptorSet, imports before importers; - is stdout
    ///
    /// Descriptors are as they came, with comments and positions where those came along. A file that is there is
    /// replaced, as protoc does it. Also --descriptor-set-out and --protoset-out.
    #[arg(short, long, aliases = ["descriptor-set-out", "protoset-out"], value_name = "FILE")]
    out: Option<PathBuf>,

    /// Write .proto files below this folder
    ///
    /// Compiled, they give the same descriptors, but for options whose extension nobody defines: those are warned of.
    /// The path of each is printed. Also --proto-out-dir.
    #[arg(long, alias = "proto-out-dir", value_name = "DIR")]
    proto_dir: Option<PathBuf>,

    /// Write google/protobuf's own files into the folder, too
    #[arg(long, requires = "proto_dir")]
    include_well_known: bool,

    /// Replace files in the folder that say something else
    #[arg(short, long, requires = "proto_dir")]
    force: bool,

    #[command(flatten)]
    common: SchemaVerbArgs,
}

/// Exports.
pub async fn run(
    args: &ExportArgs,
    surroundings: &Surroundings,
    io: &mut Writers<'_>,
) -> Result<Exit, Failed> {
    let to_stdout = args.out.as_deref().is_some_and(is_dash);
    if to_stdout && surroundings.stdout_terminal {
        return Err(ExportError::Terminal.into());
    }
    let (plan, more) = args.common.plan_many("export", &args.words, surroundings, true)?;
    if args.out.is_none() && args.proto_dir.is_none() {
        let wanted: Vec<&str> = plan.name.iter().chain(&more).map(String::as_str).collect();
        return Err(Failed::at(&plan.target, nowhere(&wanted)));
    }
    plan.warn(io)?;
    let session = open::session(plan.session, &plan.target, surroundings, io).await?;
    if session.netrpc().is_some() {
        return Err(Failed::at(&plan.target, ExportError::Go));
    }
    let wanted: Vec<String> = plan.name.into_iter().chain(more).collect();
    let found = files(&session, &wanted, io).await;
    schema_verb::tell(&session, args.common.talk(), surroundings, io).await?;
    let Found { files: asked, is_whole } = found.map_err(|failure| Failed::at(&plan.target, failure))?;
    if asked.is_empty() {
        return Err(Failed::at(&plan.target, ExportError::Nothing));
    }
    complete::remember(&plan.target, &surroundings.places);
    let all = schema::with_imports(asked.iter().cloned());
    // First what may be refused.
    if let Some(folder) = &args.proto_dir {
        let (sources, lost) = sources(&all, &asked, args.include_well_known);
        let written = tree::write(folder, &sources, args.force)?;
        // A compiler makes other descriptors of these.
        let lost = lost
            .iter()
            .map(|lost| format!("the .proto files lack an option of {}", sanitize::brief(&lost.to_string())));
        talk::warnings(io.talk, lost)?;
        if !to_stdout {
            for path in written {
                writeln!(io.out, "{}", sanitize::line(&path.display().to_string()))?;
            }
        }
    }
    if let Some(path) = &args.out {
        let set = session.schema().await.descriptor_set(&all);
        write_set(path, set, io)?;
    }
    Ok(if is_whole { Exit::OK } else { Exit::IN_PART })
}

fn write_set(path: &Path, set: Vec<u8>, io: &mut Writers<'_>) -> Result<(), ExportError> {
    if is_dash(path) {
        io.out.put(Bytes::from(set));
        return Ok(());
    }
    fs::write(path, set).map_err(|source| ExportError::Write { path: path.to_owned(), source })
}

/// What is to be exported.
struct Found {
    files: Vec<FileDescriptor>,
    /// Whether nothing is left out, of which it is told why.
    is_whole: bool,
}

/// The files of what is wanted, and not yet what they import.
async fn files(session: &Session, wanted: &[String], io: &mut Writers<'_>) -> Result<Found, Failure> {
    if wanted.is_empty() {
        let described = schema_verb::described(session, io).await?;
        let schema = session.schema().await;
        let is_whole =
            described.iter().all(|(_, found)| found.is_ok()) && schema.lost_files().next().is_none();
        return Ok(Found { files: schema.own_files(), is_whole });
    }
    let mut files = Vec::new();
    for name in wanted {
        files.extend(schema_verb::named(session, name, io).await?.iter().map(Symbol::file));
    }
    Ok(Found { files, is_whole: true })
}

/// The sources of a tree, and what they lack. Every compiler has protobuf's own, and those of a server may be older.
fn sources(
    all: &[FileDescriptor],
    asked: &[FileDescriptor],
    include_well_known: bool,
) -> (Vec<Source>, Vec<print::Lost>) {
    let is_wanted = |file: &&FileDescriptor| {
        include_well_known
            || !schema::is_well_known(file)
            || asked.iter().any(|own| own.name() == file.name())
    };
    let (mut files, mut lost) = (print::Files::default(), Vec::new());
    let sources = all.iter().filter(is_wanted).map(|file| {
        let mut text = String::new();
        lost.extend(files.file(file, &mut text));
        Source { name: file.name().to_owned(), text }
    });
    (sources.collect(), lost)
}

/// What to say where nothing says where to: the last name may be meant as that.
fn nowhere(wanted: &[&str]) -> Failure {
    let (last, before) = wanted.split_last().map_or(("", &[][..]), |(last, before)| (*last, before));
    let with =
        |names: &[&str], flag: &str| names.iter().chain([&flag]).copied().collect::<Vec<_>>().join(" ");
    let error = || Failure::new(Kind::Wrong, ExportError::Nowhere);
    match Target::of(last) {
        Some(Target::Set) => {
            error().run("to write that file", "export", with(before, &format!("-o {}", quoted(last))))
        }
        Some(Target::Folder) => error().run(
            "to write that folder",
            "export",
            with(before, &format!("--proto-dir {}", quoted(last))),
        ),
        None => error().run("as a descriptor set", "export", with(wanted, "-o api.binpb")).run(
            "as .proto files",
            "export",
            with(wanted, "--proto-dir api"),
        ),
    }
}

/// What a word looks like that is not behind a flag.
#[derive(Debug, PartialEq, Eq)]
enum Target {
    Set,
    Folder,
}

impl Target {
    fn of(word: &str) -> Option<Self> {
        const SETS: [&str; 9] =
            ["binpb", "pb", "bin", "protoset", "desc", "dsc", "fds", "pbbin", "descriptor"];
        let path = Path::new(word);
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if word == "-" || SETS.contains(&extension) {
            Some(Self::Set)
        } else if word.ends_with('/')
            || ["./", "../", "/"].iter().any(|start| word.starts_with(start))
            || path.is_dir()
        {
            Some(Self::Folder)
        } else {
            None
        }
    }
}

/// Why nothing was exported.
#[derive(Debug, thiserror::Error)]
enum ExportError {
    #[error("nothing says where to: -o FILE, --proto-dir DIR, or both")]
    Nowhere,
    #[error("a descriptor set is bytes, and stdout is a terminal")]
    Terminal,
    #[error("net/rpc's types are Go's, and there are no descriptors of them to export")]
    Go,
    #[error("there is nothing to export: no file is known")]
    Nothing,
    #[error("cannot write {path}", path = .path.display())]
    Write { path: PathBuf, source: io::Error },
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Terminal => Self::new(Kind::Wrong, error).hint("write it to a file: -o api.binpb"),
            ExportError::Go => Self::new(Kind::Wrong, error).run("see what it offers", "list", "-l"),
            ExportError::Nowhere => Self::new(Kind::Wrong, error),
            ExportError::Nothing | ExportError::Write { .. } => Self::new(Kind::Failed, error),
        }
    }
}

impl From<TreeError> for Failure {
    fn from(error: TreeError) -> Self {
        let hint = match &error {
            TreeError::Names(_) => "a descriptor set takes files of any name: -o api.binpb",
            TreeError::Exists(_) => "write into another folder, or replace them: --force",
            _ => return Self::new(Kind::Failed, error),
        };
        Self::new(Kind::Failed, error).hint(hint)
    }
}
