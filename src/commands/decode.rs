//! `rpcctl decode`: bytes as messages.

mod input;
mod raw;
mod typed;
mod wrong;

use clap::{Arg, Args};

use self::input::{Input, Message};
use self::raw::Raw;
use self::typed::Typed;
use self::wrong::{DecodeError, ShownMessage, Wrong};
use super::bytes::{self, BytesError, WhichArgs};
use super::schema_verb::SchemaVerbArgs;
use super::{Exit, Failed, Surroundings, Writers, data};
use crate::args::{BytesArg, CompressionArg, DecodedArg, FramingArg, JsonArgs, message_size};
use crate::bounded::MIB;
use crate::message::count::Takes;
use crate::message::digits::Digits;
use crate::message::frames::{self, Framing, Rules};

const EXAMPLES: &str = "\
Examples:
  rpcctl decode demo: hello.HelloRequest -i hex -d 0a05416c696365
  rpcctl decode demo: HelloService/SayHello --response -i hex -d 0a024869    what it answers with
  rpcctl decode --raw -i hex -d 0a05416c696365            without any schema
  rpcctl decode --raw -v -i hex -d 0a05416c696365         and which bytes each field takes
  rpcctl decode --proto api.proto api.v1.Order -d @order.bin -o yaml
  rpcctl decode --proto api.proto api.v1.Order --framing varint -o jsonl < orders.bin
  printf '00000000: 0a05 416c 6963 65' | rpcctl decode --raw -i hex    a dump of xxd, or the like

docs/decode.md tells of formats, framings, and what is shown of a broken message.";

/// Decode messages: bytes in, JSON, YAML or text out
///
/// Each is printed as soon as it is read. What can't be read is shown in its place, and the exit code is then 1.
#[derive(Debug, Clone, Args)]
#[command(after_help = EXAMPLES, override_usage = "rpcctl decode [OPTIONS] [TARGET] TYPE\n       rpcctl decode [OPTIONS] --raw")]
#[command(mut_arg("compression", about_compression))]
pub struct DecodeArgs {
    /// The server that knows the type, then the type or a method that takes it
    ///
    /// With --proto or --descriptor-set no server is asked.
    #[arg(value_names = ["TARGET", "TYPE"], num_args = 0..)]
    pub words: Vec<String>,

    /// The bytes: @FILE, @ for stdin, or digits (repeatable) [default: stdin]
    #[arg(short, long, value_name = "DIGITS|@FILE|@", allow_hyphen_values = true)]
    data: Vec<String>,

    /// How the bytes are written
    ///
    /// Without a framing, each line of digits is a message; a dump, or lines that were wrapped, are one.
    #[arg(short, long, value_name = "FORMAT", value_enum, default_value_t)]
    input: BytesArg,

    /// Show the fields as they stand there, without any schema
    ///
    /// What a value is, nobody knows then: guesses are marked. With -v, each has the bytes that it takes.
    #[arg(long, conflicts_with = "response")]
    raw: bool,

    #[command(flatten)]
    which: WhichArgs,

    /// How messages are printed [default: json; with --raw: text]
    #[arg(short, long, value_name = "FORMAT")]
    output: Option<DecodedArg>,

    /// What stands around each message
    ///
    /// Compressed frames of gRPC are unpacked by what they begin with; br has no mark, and is told by --compression.
    #[arg(long, value_name = "FRAMING", value_enum, default_value_t)]
    framing: FramingArg,

    /// The largest message taken, such as 64M; 0 is no limit [default: 1G, and 64M of what is unpacked]
    #[arg(long, value_name = "BYTES", value_parser = message_size)]
    max_message_size: Option<usize>,

    #[command(flatten)]
    json: JsonArgs,

    #[command(flatten)]
    common: SchemaVerbArgs,
}

/// What the flag that says how requests are compressed is here.
fn about_compression(flag: Arg) -> Arg {
    const HELP: &str = "What compressed frames are compressed with, where nothing in them says it";
    flag.help(HELP).long_help(HELP)
}

/// The largest message that is taken as it stands there, where nothing is said.
const LARGEST: usize = 1 << 30;
/// The largest that a compressed one may become.
const UNPACKED: usize = 1 << 26;
const _: () = assert!(UNPACKED as u64 == 64 * MIB);

/// What shows messages.
enum Show {
    Typed(Box<Typed>),
    Raw(Raw),
}

/// Decodes.
pub async fn run(
    args: &DecodeArgs,
    surroundings: &Surroundings,
    io: &mut Writers<'_>,
) -> Result<Exit, Failed> {
    let data = bytes::data(&args.data, args.input)?;
    let show = if args.raw {
        wrong::check_raw(&args.words, &args.common, surroundings)?;
        Show::Raw(Raw::new(args, surroundings))
    } else {
        let which = (&args.common, args.which);
        let opened = bytes::open("decode", &args.words, which, surroundings, io).await?;
        Show::Typed(Box::new(Typed::new(opened, args, surroundings)))
    };
    if let Some(notice) = data::notice(&data, Takes::AnyNumber).filter(|_| surroundings.stdin_terminal) {
        writeln!(io.talk, "{notice}")?;
    }
    let rules = rules(args);
    let sources = bytes::sources(data, surroundings.stdin_terminal);
    let input =
        Input::open(sources, args.input, rules).map_err(|error| DecodeError::Input(error, None, None))?;
    Decode {
        show,
        rules,
        verbose: args.common.verbose > 0,
        wrong: None,
        count: 0,
        last_empty: false,
        digits: None,
    }
    .all(input, args, io)
    .await
}

/// How rows are read.
fn rules(args: &DecodeArgs) -> Rules {
    let told = args.common.place().target.spoken.compression;
    Rules {
        framing: args.framing.into(),
        compression: told.and_then(CompressionArg::compression),
        largest: args.max_message_size.unwrap_or(LARGEST),
        unpacked: args.max_message_size.unwrap_or(UNPACKED),
    }
}

/// What is being decoded.
struct Decode {
    show: Show,
    rules: Rules,
    verbose: bool,
    /// The first message that is not what it should be, and how many are not.
    wrong: Option<(Wrong, usize)>,
    count: usize,
    /// Whether the last message is nothing at all.
    last_empty: bool,
    /// The digits that the first message is the text of, where it is no message that it should be.
    digits: Option<Digits>,
}

impl Decode {
    async fn all(
        mut self,
        mut input: Input,
        args: &DecodeArgs,
        io: &mut Writers<'_>,
    ) -> Result<Exit, Failed> {
        let end = loop {
            match io.next(input.next()).await? {
                Ok(Some(message)) => self.one(&message, &input, io).await?,
                Ok(None) => break None,
                Err(error) => break Some((error, self.broke_off(&mut input, io).await?)),
            }
        };
        // In the text format nothing stands for an empty message but what separates it from others.
        let row = self.count > 1 || self.rules.framing != Framing::None || input.has_lines();
        if args.output == Some(DecodedArg::Text) && !args.raw && self.last_empty && row {
            io.out.put((&b"\x1e\n"[..]).into());
        }
        let several = self.count > 1;
        match (self.wrong.take(), end) {
            (Some((wrong, count)), _) => {
                let mut hint = wrong.hint(self.verbose, several && input.has_lines());
                hint.splice(0..0, self.digits.map(|digits| bytes::how_to_read(digits).to_owned()));
                Err(Failed::from(DecodeError::Wrong(Box::new(wrong.of_many(several, count)), hint)))
            }
            (None, Some((error, better))) => Err(DecodeError::Input(error, better, self.digits).into()),
            (None, None) => {
                if let Some(digits) = self.digits {
                    writeln!(io.talk, "hint: {}", bytes::how_to_read(digits))?;
                }
                // So it is when the command before a pipe fails.
                let nothing =
                    args.raw && self.count == 1 && self.last_empty && self.rules.framing == Framing::None;
                if self.count == 0 || nothing {
                    writeln!(io.talk, "note: there was nothing to decode")?;
                }
                Ok(Exit::OK)
            }
        }
    }

    /// The row broke off: shows what is there of its last message, unless by another framing there are messages, or it is
    /// the text of digits.
    async fn broke_off(
        &mut self,
        input: &mut Input,
        io: &mut Writers<'_>,
    ) -> Result<Option<Framing>, Failed> {
        if self.count == 0 {
            input.look_ahead().await;
            let better = input.better_framing(|bytes| self.show.fits(bytes));
            self.digits = input.digits();
            if better.is_some() || self.digits.is_some() {
                return Ok(better);
            }
        }
        if let Some(message) = input.take_cut().filter(|message| raw::begins(&message.frame.message)) {
            self.count = message.number;
            self.show.one(&message, io).await?;
        }
        Ok(None)
    }

    async fn one(&mut self, message: &Message, input: &Input, io: &mut Writers<'_>) -> Result<(), Failed> {
        self.count = message.number;
        self.last_empty = message.frame.message.is_empty();
        let shown = self.show.one(message, io).await?;
        // What nothing else was read before may be framed otherwise.
        // To a varint, a frame of gRPC's begins with a message that is empty.
        let empty = self.last_empty && self.rules.framing == Framing::Varint;
        let odd = message.number == 1 && (empty || shown.wrong.is_some() || !shown.unknown.is_empty());
        let better = if !odd {
            None
        } else if self.rules.framing == Framing::None {
            frames::better_framing(&message.frame.message, true, self.rules, |bytes| self.show.fits(bytes))
        } else {
            input.better_framing(|bytes| self.show.fits(bytes))
        };
        if odd && input.is_bytes() && self.rules.framing == Framing::None {
            self.digits = self.digits_in(&message.frame.message);
        }
        if let Some(better) = better.filter(|better| empty && *better == Framing::Grpc) {
            writeln!(
                io.talk,
                "note: the first message is empty; they are whole messages with --framing {}, too",
                better.name()
            )?;
        }
        for unknown in &shown.unknown {
            write!(io.talk, "note: {unknown}")?;
            match better.filter(|_| shown.wrong.is_none()) {
                Some(better) => {
                    writeln!(io.talk, " (they are whole messages with --framing {})", better.name())?;
                }
                None => writeln!(io.talk)?,
            }
        }
        match (&mut self.wrong, shown.wrong) {
            (Some((_, count)), Some(_)) => *count += 1,
            (none @ None, Some(wrong)) => *none = Some((wrong.unless(better), 1)),
            (_, None) => {}
        }
        Ok(())
    }
}

impl Decode {
    /// The digits that bytes are the text of. Words may be base64 as well, and are that where it makes messages of them.
    fn digits_in(&self, bytes: &[u8]) -> Option<Digits> {
        let (digits, messages) = bytes::read_as_digits(bytes)?;
        (digits == Digits::Hex || messages.iter().all(|message| self.show.fits(message))).then_some(digits)
    }
}

impl Show {
    /// Shows a message.
    async fn one(&mut self, message: &Message, io: &mut Writers<'_>) -> std::io::Result<ShownMessage> {
        match self {
            Self::Typed(typed) => typed.show(message, io).await,
            Self::Raw(raw) => raw.show(message, io).await,
        }
    }

    /// Whether bytes are a message as it should be.
    fn fits(&self, bytes: &[u8]) -> bool {
        match self {
            Self::Typed(typed) => typed.fits(bytes),
            Self::Raw(_) => raw::fits(bytes),
        }
    }
}

impl From<BytesError> for DecodeError {
    fn from(error: BytesError) -> Self {
        Self::Bytes(error)
    }
}
