//! `rpcctl decode`: bytes as messages.

use clap::Args;
use prost_reflect::MessageDescriptor;

use super::bytes;
use super::schema_verb::SchemaVerbArgs;
use super::{Exit, Failed, Surroundings, Writers};
use crate::args::{BytesArg, DecodedArg, FramingArg, JsonArgs};
use crate::failure::{Failure, Kind};
use crate::message::frames::{self, FrameError, FrameProblem};
use crate::message::json::Types;
use crate::message::tree::Tree;
use crate::message::{json, text};
use crate::output::tree as show;
use crate::session::Session;

const EXAMPLES: &str = "\
Examples:
  rpcctl decode demo: hello.HelloRequest -i hex -d 0a05416c696365
  rpcctl decode --raw -i hex -d 0a05416c696365            without any schema
  rpcctl decode --raw -v -i hex -d 0a05416c696365         and which bytes each field takes
  rpcctl decode --proto api.proto api.v1.Order -d @order.bin -o yaml
  rpcctl decode --proto api.proto api.v1.Order --framing varint -o jsonl < orders.bin";

/// Decode messages: bytes in, JSON, YAML or text out
///
/// What can't be read is shown in its place, and the exit code is then 1.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES, override_usage = "rpcctl decode [OPTIONS] [TARGET] TYPE\n       rpcctl decode [OPTIONS] --raw")]
pub struct DecodeArgs {
    /// The server that knows the type, then the type or a method that takes it
    ///
    /// With --proto or --descriptor-set no server is asked.
    #[arg(value_names = ["TARGET", "TYPE"], num_args = 0..)]
    pub words: Vec<String>,

    /// The bytes: @FILE, @ for stdin, or digits [default: stdin]
    #[arg(short, long, value_name = "DIGITS|@FILE|@", allow_hyphen_values = true)]
    data: Option<String>,

    /// How the bytes are written
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t)]
    input: BytesArg,

    /// Show the fields as they stand there, without any schema
    ///
    /// What a value is, nobody knows then: guesses are marked. With -v, each has the bytes that it takes.
    #[arg(long)]
    raw: bool,

    /// How messages are printed [default: json; with --raw: text]
    #[arg(short, long, value_name = "FORMAT")]
    output: Option<DecodedArg>,

    /// What stands around each message
    ///
    /// Compressed frames of gRPC are unpacked if they are gzip or deflate.
    #[arg(long, value_name = "FRAMING", value_enum, default_value_t)]
    framing: FramingArg,

    #[command(flatten)]
    json: JsonArgs,

    #[command(flatten)]
    common: SchemaVerbArgs,
}

/// Something that is no message.
#[derive(Debug, thiserror::Error)]
enum DecodeError {
    #[error("{which}the bytes break off at byte {offset}{field}: {error}")]
    Broken { which: String, offset: usize, field: String, error: crate::message::bytes::Malformed },
    #[error("{which}not all of it is what the type says")]
    Damaged { which: String },
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error("--raw takes no type, and no server")]
    RawWithType,
}

impl From<DecodeError> for Failure {
    fn from(error: DecodeError) -> Self {
        let (kind, hint) = match &error {
            DecodeError::RawWithType => (Kind::Wrong, None),
            DecodeError::Frame(FrameError {
                problem: FrameProblem::Unsupported(_) | FrameProblem::Unmarked,
                ..
            }) => (Kind::Failed, Some("unpack each message with a tool for that, and decode it by itself")),
            DecodeError::Frame(_) => (Kind::Failed, Some("other framings: --framing none, varint, grpc")),
            DecodeError::Broken { .. } | DecodeError::Damaged { .. } => {
                (Kind::Failed, Some("-v shows which bytes each field takes"))
            }
        };
        let failure = Self::new(kind, error);
        match hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

/// Decodes.
pub async fn run(
    args: &DecodeArgs,
    surroundings: &Surroundings,
    io: &mut Writers<'_>,
) -> Result<Exit, Failed> {
    if args.raw {
        if !args.words.is_empty() {
            return Err(DecodeError::RawWithType.into());
        }
        return raw(args, surroundings, io);
    }
    let (session, message) = bytes::open("decode", &args.words, &args.common, surroundings, io).await?;
    let bytes = bytes::read(args.data.as_deref(), args.input)?;
    let (frames, cut) = frames::split(&bytes, args.framing.into());
    let printer = Printer::new(args, surroundings);
    let mut first_problem = None;
    for (index, frame) in frames.iter().enumerate() {
        let which = if frames.len() > 1 { format!("message {}: ", index + 1) } else { String::new() };
        let mut out = Vec::new();
        let missing = printer.print(&message, &frame.message, &session, index, &mut out).await;
        io.out.put(out.into());
        let tree = (args.common.verbose > 0 || missing.placeholders > 0)
            .then(|| Tree::of(&frame.message, Some(&message)));
        if let Some(tree) = tree.as_ref().filter(|_| args.common.verbose > 0) {
            let look = show::Look { offsets: Some(frame.offset()), escape: true };
            write!(io.talk, "{}", show::text(tree, look))?;
        }
        if missing.placeholders > 0 && first_problem.is_none() {
            first_problem = Some(match tree.as_ref().and_then(Tree::first_break) {
                Some(place) => broken(which, place, frame.offset()),
                None => DecodeError::Damaged { which },
            });
        }
    }
    end(first_problem, cut)
}

/// How it ends: by the first thing that is wrong.
fn end(problem: Option<DecodeError>, cut: Option<FrameError>) -> Result<Exit, Failed> {
    match problem.or_else(|| cut.map(DecodeError::from)) {
        Some(problem) => Err(problem.into()),
        None => Ok(Exit::OK),
    }
}

fn broken(which: String, place: &crate::message::tree::Break, before: usize) -> DecodeError {
    let field = place.number.map(|number| format!(", in field {number}")).unwrap_or_default();
    DecodeError::Broken { which, offset: before + place.offset, field, error: place.error }
}

/// Shows fields without a schema.
fn raw(args: &DecodeArgs, surroundings: &Surroundings, io: &mut Writers<'_>) -> Result<Exit, Failed> {
    let bytes = bytes::read(args.data.as_deref(), args.input)?;
    let (frames, cut) = frames::split(&bytes, args.framing.into());
    let mut first_problem = None;
    for (index, frame) in frames.iter().enumerate() {
        let tree = Tree::of(&frame.message, None);
        let which = if frames.len() > 1 { format!("message {}: ", index + 1) } else { String::new() };
        if let Some(place) = tree.first_break() {
            first_problem = first_problem.or_else(|| Some(broken(which, place, frame.offset())));
        }
        let out = match args.output {
            None | Some(DecodedArg::Text) => {
                let offsets = (args.common.verbose > 0).then(|| frame.offset());
                let look = show::Look { offsets, escape: surroundings.stdout_terminal };
                let between = if index > 0 { "\x1e\n" } else { "" };
                format!("{between}{}", show::text(&tree, look)).into_bytes()
            }
            Some(format) => {
                let json = show::json(&tree, frame.offset());
                in_format(json, format, index)
            }
        };
        io.out.put(out.into());
    }
    end(first_problem, cut)
}

/// JSON on one line, in another form.
fn in_format(json: Vec<u8>, format: DecodedArg, index: usize) -> Vec<u8> {
    match format {
        DecodedArg::Json => {
            let mut pretty = json::pretty(&String::from_utf8_lossy(&json)).into_bytes();
            pretty.push(b'\n');
            pretty
        }
        DecodedArg::Yaml => {
            let mut yaml = if index > 0 { b"---\n".to_vec() } else { Vec::new() };
            yaml.append(&mut json::to_yaml(json));
            yaml
        }
        DecodedArg::Jsonl | DecodedArg::Text => [json, b"\n".to_vec()].concat(),
    }
}

/// Prints messages in the format that was asked for.
struct Printer {
    format: DecodedArg,
    json: json::Printer,
    text: text::Printer,
}

impl Printer {
    fn new(args: &DecodeArgs, surroundings: &Surroundings) -> Self {
        let format = args.output.unwrap_or(DecodedArg::Json);
        let pretty = format == DecodedArg::Json;
        let json = json::Printer::new(args.json.style(pretty, surroundings.stdout_terminal));
        Self { format, json, text: text::Printer::default() }
    }

    /// Prints a message, and once more where there are types to be learnt for it.
    async fn print(
        &self,
        descriptor: &MessageDescriptor,
        bytes: &[u8],
        session: &Session,
        index: usize,
        out: &mut Vec<u8>,
    ) -> json::Missing {
        let mut schema = session.schema().await;
        let missing = self.print_once((descriptor, bytes), &*schema, index, out);
        if missing.types.is_empty() || !schema.learn(&missing.types).await {
            return missing;
        }
        out.clear();
        self.print_once((descriptor, bytes), &*schema, index, out)
    }

    fn print_once(
        &self,
        (descriptor, bytes): (&MessageDescriptor, &[u8]),
        types: &dyn Types,
        index: usize,
        out: &mut Vec<u8>,
    ) -> json::Missing {
        match self.format {
            DecodedArg::Json | DecodedArg::Jsonl => {
                let missing = self.json.print(descriptor, bytes, types, out);
                out.push(b'\n');
                missing
            }
            DecodedArg::Yaml => {
                let mut json = Vec::new();
                let missing = self.json.print(descriptor, bytes, types, &mut json);
                out.append(&mut in_format(json, DecodedArg::Yaml, index));
                missing
            }
            DecodedArg::Text => {
                if index > 0 {
                    out.extend_from_slice(b"\x1e\n");
                }
                let missing = self.text.print(descriptor, bytes, types, out);
                if out.last().is_some_and(|&byte| byte != b'\n') {
                    out.push(b'\n');
                }
                missing
            }
        }
    }
}
