//! `rpcctl encode`: messages as bytes.

use clap::{Arg, Args};
use tokio_stream::StreamExt as _;

use super::bytes::{self, BytesError, Opened, WhichArgs};
use super::schema_verb::SchemaVerbArgs;
use super::{Exit, Failed, Surroundings, Writers, data};
use crate::args::{BytesArg, CompressionArg, DocumentArg, FramingArg, item_words};
use crate::failure::{Failure, Kind};
use crate::message::Format;
use crate::message::count::Takes;
use crate::message::frames::{self, Framing};
use crate::message::items::Item;
use crate::session::InputPlan;

const EXAMPLES: &str = "\
Examples:
  rpcctl encode demo: hello.HelloRequest name=Alice -o hex
  rpcctl encode demo: hello.HelloRequest -d '{\"name\":\"Alice\"}' -o base64
  rpcctl encode --proto api.proto api.v1.Order -d @order.json > order.bin
  rpcctl encode --proto api.proto api.v1.Order -d @orders.json --framing varint > orders.bin
  rpcctl encode demo: HelloService/SayHello name=Alice -o hex      what a method takes
  rpcctl encode demo: HelloService/SayHello --response message=Hi -o hex    what it answers with

docs/decode.md tells of formats and framings.";

/// Encode messages: JSON, YAML, text or items in, bytes out
///
/// Each is written as soon as it is read.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES, override_usage = "rpcctl encode [OPTIONS] [TARGET] TYPE [ITEM]...")]
#[command(mut_arg("compression", about_compression))]
pub struct EncodeArgs {
    /// The server that knows the type, the type or a method that takes it, then the message as items
    ///
    /// With --proto or --descriptor-set no server is asked. Items are those of call.
    #[arg(value_names = ["TARGET", "TYPE", "ITEM"], num_args = 0..)]
    pub words: Vec<String>,

    /// The messages: JSON, @FILE, or @ for stdin (repeatable) [default: stdin, unless there are items]
    #[arg(short, long, value_name = "JSON|@FILE|@", allow_hyphen_values = true)]
    data: Vec<String>,

    /// How they are written
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t)]
    input: DocumentArg,

    /// Pass over JSON members that the message does not have
    #[arg(long)]
    allow_unknown_fields: bool,

    /// How the bytes are written
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t)]
    output: BytesArg,

    /// What stands around each message
    #[arg(long, value_name = "FRAMING", value_enum, default_value_t)]
    framing: FramingArg,

    #[command(flatten)]
    which: WhichArgs,

    #[command(flatten)]
    common: SchemaVerbArgs,
}

/// What the flag that says how requests are compressed is here.
fn about_compression(flag: Arg) -> Arg {
    const HELP: &str = "Compress messages, with --framing grpc";
    flag.help(HELP).long_help(HELP)
}

/// More messages than can be told apart.
#[derive(Debug, thiserror::Error)]
enum EncodeError {
    #[error("another message: without a framing, nothing would tell it from the first")]
    Several,
    #[error("a message of more than 4 GiB, which gRPC's frames have no length for")]
    TooLarge,
    #[error("the message is given as items, and with -d as well")]
    ItemsAndData,
    #[error("nothing but gRPC's frames can say that a message is compressed")]
    Unframed,
}

impl From<EncodeError> for Failure {
    fn from(error: EncodeError) -> Self {
        let hint = match error {
            EncodeError::Several => Some("--framing varint, or a line each: -o hex, -o base64"),
            EncodeError::Unframed => Some("--framing grpc, or leave out --compression"),
            EncodeError::TooLarge | EncodeError::ItemsAndData => None,
        };
        hint.into_iter().fold(Self::new(Kind::Wrong, error), Self::hint)
    }
}

/// Encodes.
pub async fn run(
    args: &EncodeArgs,
    surroundings: &Surroundings,
    io: &mut Writers<'_>,
) -> Result<Exit, Failed> {
    if args.output == BytesArg::Binary && surroundings.stdout_terminal {
        return Err(BytesError::ToTerminal.into());
    }
    let (words, item_words) = item_words(&args.words);
    let mut items = item_words
        .iter()
        .map(|word| Item::parse(word))
        .collect::<Result<Vec<Item>, _>>()
        .map_err(|error| Failure::new(Kind::Wrong, error))?;
    if !items.is_empty() && !args.data.is_empty() {
        return Err(EncodeError::ItemsAndData.into());
    }
    let framing = Framing::from(args.framing);
    let compression = args.common.place().target.spoken.compression.and_then(CompressionArg::compression);
    // A file's is about calls.
    let typed = !surroundings.given.under.flags.contains(&"compression");
    if compression.is_some() && typed && framing != Framing::Grpc {
        return Err(EncodeError::Unframed.into());
    }
    data::fill(&mut items)?;
    let format = if items.is_empty() { Format::from(args.input) } else { Format::Json };
    let data = match (args.data.is_empty(), items.is_empty()) {
        (_, false) => Vec::new(),
        (true, true) => vec![data::Data::Stdin],
        (false, true) => data::read(args.data.clone(), format)?,
    };
    let opened = bytes::open("encode", words, (&args.common, args.which), surroundings, io).await?;
    let Opened { session, message, target } = opened;
    let allow_unknown_fields = args.allow_unknown_fields;
    let sources = if items.is_empty() {
        if let Some(notice) = data::notice(&data, Takes::AnyNumber).filter(|_| surroundings.stdin_terminal) {
            writeln!(io.talk, "{notice}")?;
        }
        data::sources(data, surroundings.stdin_terminal)
    } else {
        let source = data::source_for(&items, Some(&message), allow_unknown_fields);
        vec![source.map_err(|error| Failed::at(&target, error))?.0]
    };
    let input = InputPlan { format, allow_unknown_fields, each: false, go_type: None };
    let messages = session.read(message, sources, input).await;
    let mut messages = messages.map_err(|error| Failed::at(&target, error))?;
    // Digits have lines, which tell messages apart.
    let one = framing == Framing::None && args.output == BytesArg::Binary;
    let mut count = 0;
    while let Some(message) = io.next(messages.next()).await? {
        let message = message.map_err(|error| Failed::at(&target, error))?;
        count += 1;
        if one && count > 1 {
            return Err(EncodeError::Several.into());
        }
        let mut framed = Vec::with_capacity(message.len() + 10);
        frames::append(&mut framed, &message, framing, compression).ok_or(EncodeError::TooLarge)?;
        io.out.put(bytes::written(framed, args.output).into());
    }
    Ok(Exit::OK)
}
