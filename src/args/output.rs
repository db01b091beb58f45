//! How things are printed.

use clap::{Args, ValueEnum};

use crate::message::frames::Framing;
use crate::message::{Format, json};
use crate::secrets::Secrets;

/// How lists are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ListFormat {
    /// For reading
    #[default]
    Text,
    /// For programs: objects with names, types and paths
    Json,
    /// All methods with their types, in columns under a head
    Table,
}

/// How tables are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum TableFormat {
    /// Columns under a head, for reading
    #[default]
    Table,
    /// For programs
    Json,
}

/// How descriptions are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum DescribeFormat {
    /// For reading
    #[default]
    Text,
    /// For programs: objects with names, sources and descriptors
    Json,
}

/// How reports are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ReportFormat {
    /// For reading, each step as it is done
    #[default]
    Text,
    /// For programs: one object with every step
    Json,
}

/// How reports of load are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum LoadFormat {
    /// For reading
    #[default]
    Text,
    /// For programs, and for bench merge and compare: all of it
    Json,
    /// The same on one line
    Jsonl,
    /// A row for each second, under a head
    Csv,
    /// Prometheus' text format
    Prometheus,
    /// JSON as ghz writes it, for dashboards that read that
    GhzJson,
}

/// How answers are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OutputArg {
    /// Pretty JSON
    Json,
    /// JSON, one line a message
    Jsonl,
    /// Columns under a head: the items of a message's one list, or a row a message
    Table,
    /// YAML, with --- before each message but the first
    Yaml,
    /// Protobuf text format, messages separated by 0x1E
    Text,
    /// All that happens, as one JSON document a call: metadata, messages, timings, status
    Exchange,
    /// The bytes; each behind its length (a varint) where a method answers with a stream
    Binary,
    /// Nothing
    None,
}

/// How messages are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum InputArg {
    /// JSON
    Json,
    /// Protobuf text format
    Text,
    /// YAML; --- stands between two documents
    Yaml,
    /// The bytes; each behind its length (a varint) where a method takes a stream
    Binary,
}

/// How the messages to encode are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum DocumentArg {
    /// JSON
    #[default]
    Json,
    /// Protobuf text format
    Text,
    /// YAML; --- stands between two documents
    Yaml,
}

/// How encoded messages are written and read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum BytesArg {
    /// The bytes
    #[default]
    Binary,
    /// Two digits a byte; read with or without blanks between them
    Hex,
    /// Base64, in either alphabet when it is read
    Base64,
}

/// How decoded messages are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DecodedArg {
    /// Pretty JSON
    Json,
    /// JSON, one line a message
    Jsonl,
    /// YAML, with --- before each message but the first
    Yaml,
    /// Protobuf text format, messages separated by 0x1E
    Text,
}

/// What stands around each of several messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum FramingArg {
    /// Nothing: there is one message
    #[default]
    None,
    /// Its length as a varint, as writeDelimitedTo has it
    Varint,
    /// The five bytes of gRPC: flags, and the length in four bytes
    Grpc,
}

impl From<DocumentArg> for Format {
    fn from(format: DocumentArg) -> Self {
        match format {
            DocumentArg::Json => Self::Json,
            DocumentArg::Text => Self::Text,
            DocumentArg::Yaml => Self::Yaml,
        }
    }
}

impl From<FramingArg> for Framing {
    fn from(framing: FramingArg) -> Self {
        match framing {
            FramingArg::None => Self::None,
            FramingArg::Varint => Self::Varint,
            FramingArg::Grpc => Self::Grpc,
        }
    }
}

/// `--format`: what can be both read and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FormatArg {
    /// JSON
    Json,
    /// Protobuf text format
    Text,
    /// YAML
    Yaml,
}

impl From<InputArg> for Format {
    fn from(format: InputArg) -> Self {
        match format {
            InputArg::Json => Self::Json,
            InputArg::Text => Self::Text,
            InputArg::Yaml => Self::Yaml,
            InputArg::Binary => Self::Binary { delimited: false },
        }
    }
}

impl From<FormatArg> for InputArg {
    fn from(format: FormatArg) -> Self {
        match format {
            FormatArg::Json => Self::Json,
            FormatArg::Text => Self::Text,
            FormatArg::Yaml => Self::Yaml,
        }
    }
}

/// Switches of the JSON printer.
#[derive(Debug, Clone, Copy, Default, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is one independent switch of the command line")]
#[command(next_help_heading = "Output")]
pub struct JsonArgs {
    /// Print fields that hold their default and track no presence
    #[arg(long)]
    pub emit_defaults: bool,

    /// Print field names as in the .proto file
    #[arg(long)]
    pub proto_names: bool,

    /// Print enums as numbers
    #[arg(long)]
    pub enum_numbers: bool,

    /// Print 64-bit integers as numbers, which some readers round
    #[arg(long)]
    pub int64_numbers: bool,
}

/// What is made of messages before they are printed.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Output")]
pub struct ShapeArgs {
    /// Print what this expression makes of each message, in jq's language
    ///
    /// Such as '.users[].name', or 'select(.number > 2)'. An expression that fails on a message ends no call; the exit
    /// code is then 1.
    #[arg(long, value_name = "EXPRESSION", allow_hyphen_values = true)]
    pub jq: Option<String>,

    /// Print an error status as JSON, as google.rpc.Status has it
    ///
    /// On stderr, where it is told in words otherwise.
    #[arg(long)]
    pub format_error: bool,

    /// Print strings without quotes
    ///
    /// Messages that are a string alone, and what --jq gives.
    #[arg(short, long)]
    pub raw: bool,
}

/// When there are colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ColorArg {
    /// On a terminal; NO_COLOR and CLICOLOR_FORCE are obeyed
    #[default]
    Auto,
    /// Wherever it goes
    Always,
    /// Nowhere
    Never,
}

/// Whether secrets are shown.
#[derive(Debug, Clone, Copy, Default, Args)]
#[command(next_help_heading = "Output")]
pub struct SecretsArgs {
    /// Tell secrets too: what authorization, x-api-key and their like hold
    ///
    /// Otherwise (redacted) stands in place of the values of authorization, proxy-authorization, cookie, set-cookie,
    /// x-api-key, and of names that end in -token, -key, -secret or -password, but for idempotency-key.
    #[arg(long)]
    show_secrets: bool,
}

impl SecretsArgs {
    /// What that means.
    pub fn plan(self) -> Secrets {
        if self.show_secrets { Secrets::Shown } else { Secrets::Hidden }
    }
}

impl JsonArgs {
    /// The printer's style.
    pub fn style(self, pretty: bool, terminal: bool) -> json::Style {
        json::Style {
            pretty,
            emit_defaults: self.emit_defaults,
            proto_names: self.proto_names,
            enum_numbers: self.enum_numbers,
            int64_numbers: self.int64_numbers,
            escape_controls: terminal,
        }
    }
}
