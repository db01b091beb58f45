//! ghz's flags, and what each says here.

/// What a flag of ghz's says here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Here {
    /// The method.
    Call,
    /// The same, or another name for it; with a value.
    Value(&'static str),
    /// The same without one.
    Switch(&'static str),
    /// How many calls are under way at a time.
    Workers,
    /// How many connections those are on.
    Connections,
    /// How many CPUs are used.
    Cpus,
    /// How many calls there are, unless a time says when it ends.
    Total,
    /// A time, which counts alone.
    Time,
    /// Metadata, as JSON, for this flag.
    Metadata(&'static str),
    /// Messages in a file.
    DataFile,
    /// Folders, with commas between them.
    Imports,
    /// A part of a schedule.
    Schedule(Part),
    /// What becomes of calls under way when the time is over.
    Stop,
    /// How the report is written.
    Format,
    /// Where to.
    Output,
    /// Messages in protobuf's bytes, from stdin or a file.
    Bytes { file: bool },
    /// Whether calls wait for others: none of an open loop does.
    Async,
    /// How many calls are made before any counts.
    Skip,
    /// What makes no difference here.
    Dropped { value: bool },
    /// Nothing does that; what comes near it, if anything does.
    Nothing(&'static str),
}

/// A part of a schedule of rates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Kind,
    Start,
    Step,
    End,
    StepTime,
    Time,
}

/// ghz's flags: their letters, their names, and what they say here.
const FLAGS: &[(Option<char>, &str, Here)] = &[
    (None, "call", Here::Call),
    (None, "proto", Here::Value("--proto")),
    (None, "protoset", Here::Value("--descriptor-set")),
    (Some('i'), "import-paths", Here::Imports),
    (None, "cacert", Here::Value("--cacert")),
    (None, "cert", Here::Value("--cert")),
    (None, "key", Here::Value("--key")),
    (None, "cname", Here::Value("--server-name")),
    (None, "skipTLS", Here::Switch("--insecure")),
    (None, "insecure", Here::Switch("--plaintext")),
    (None, "authority", Here::Value("--authority")),
    (Some('c'), "concurrency", Here::Workers),
    (None, "connections", Here::Connections),
    (Some('n'), "total", Here::Total),
    (Some('r'), "rps", Here::Value("--rate")),
    // As ghz had it before.
    (Some('q'), "qps", Here::Value("--rate")),
    (Some('t'), "timeout", Here::Value("--timeout")),
    (Some('z'), "duration", Here::Time),
    (Some('x'), "max-duration", Here::Value("--duration")),
    (None, "duration-stop", Here::Stop),
    (Some('d'), "data", Here::Value("-d")),
    (Some('D'), "data-file", Here::DataFile),
    (Some('m'), "metadata", Here::Metadata("-H")),
    (None, "reflect-metadata", Here::Metadata("--reflect-header")),
    (Some('e'), "enable-compression", Here::Switch("--compression gzip")),
    (None, "connect-timeout", Here::Value("--connect-timeout")),
    (None, "keepalive", Here::Value("--keepalive-time")),
    (None, "max-recv-message-size", Here::Value("--max-message-size")),
    (None, "load-schedule", Here::Schedule(Part::Kind)),
    (None, "load-start", Here::Schedule(Part::Start)),
    (None, "load-step", Here::Schedule(Part::Step)),
    (None, "load-end", Here::Schedule(Part::End)),
    (None, "load-step-duration", Here::Schedule(Part::StepTime)),
    (None, "load-max-duration", Here::Schedule(Part::Time)),
    (None, "cpus", Here::Cpus),
    (None, "disable-template-functions", Here::Switch("--disable-templates")),
    (None, "disable-template-data", Here::Switch("--disable-templates")),
    (Some('O'), "format", Here::Format),
    (Some('o'), "output", Here::Output),
    // Each call has its own values here, and errors have latencies of their own.
    (None, "stream-dynamic-messages", Here::Dropped { value: false }),
    (None, "count-errors", Here::Dropped { value: false }),
    (None, "max-send-message-size", Here::Dropped { value: true }),
    (None, "name", Here::Dropped { value: true }),
    (None, "tags", Here::Dropped { value: true }),
    (Some('b'), "binary", Here::Bytes { file: false }),
    (Some('B'), "binary-file", Here::Bytes { file: true }),
    (None, "async", Here::Async),
    (None, "skipFirst", Here::Skip),
    // As it is often written.
    (None, "skip-first", Here::Skip),
    (None, "config", Here::Nothing("--profile NAME takes flags from a file")),
    (Some('M'), "metadata-file", Here::Nothing("-H @FILE reads headers, one a line")),
    (None, "concurrency-schedule", Here::Nothing(RATES)),
    (None, "concurrency-start", Here::Nothing(RATES)),
    (None, "concurrency-end", Here::Nothing(RATES)),
    (None, "concurrency-step", Here::Nothing(RATES)),
    (None, "concurrency-step-duration", Here::Nothing(RATES)),
    (None, "concurrency-max-duration", Here::Nothing(RATES)),
    (
        None,
        "stream-interval",
        Here::Nothing("--ping-pong sends each message when the one before is answered"),
    ),
    (None, "stream-call-duration", Here::Nothing("--timeout ends calls that take longer")),
    (None, "stream-call-count", Here::Nothing("each call sends the messages that are given, each once")),
    (None, "lb-strategy", Here::Nothing("all connections go to the address that answers")),
    (None, "debug", Here::Nothing("-o json has all that is known of a run")),
];

/// What changes in the course of a run.
const RATES: &str = "--steps and --ramp change the rate, and -m stays";

impl Here {
    pub(super) fn takes_value(self) -> bool {
        !matches!(
            self,
            Self::Switch(_)
                | Self::Nothing(_)
                | Self::Async
                | Self::Bytes { file: false }
                | Self::Dropped { value: false }
        )
    }

    /// The flag that says it here, if there is one.
    pub(super) fn flag(self) -> Option<&'static str> {
        Some(match self {
            Self::Call => "the method as a word",
            Self::Value(flag) | Self::Switch(flag) | Self::Metadata(flag) => flag,
            Self::Workers => "-m",
            Self::Connections => "-c",
            Self::Cpus => "--threads",
            Self::Total => "-n",
            Self::Time => "--duration",
            Self::DataFile => "-d @FILE",
            Self::Imports => "-I",
            Self::Schedule(_) => "--ramp and --steps",
            Self::Stop => "--drain",
            Self::Format => "-o",
            Self::Output => "> FILE",
            Self::Bytes { .. } => "-i binary",
            Self::Async => "--rate",
            Self::Skip => "--warmup",
            Self::Dropped { .. } | Self::Nothing(_) => return None,
        })
    }
}

/// A word as a flag of ghz's: how it is written, what it says here, and the value in the same word.
pub(super) type Known<'w> = (String, Here, Option<&'w str>);

/// The flag of ghz's with this name, behind which there may be a value.
fn by_name(word: &str) -> Option<Known<'_>> {
    let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
    let (_, _, here) = FLAGS.iter().find(|(_, flag, _)| *flag == name)?;
    Some((format!("--{name}"), *here, value))
}

/// The flag of ghz's that a word is.
pub(super) fn known(word: &str) -> Option<Known<'_>> {
    if let Some(long) = word.strip_prefix("--") {
        return by_name(long);
    }
    let letters = word.strip_prefix('-')?;
    // Who comes from grpcurl writes names with one dash.
    if let Some(known) = by_name(letters) {
        return Some(known);
    }
    let letter = letters.chars().next()?;
    let (_, _, here) = FLAGS.iter().find(|(short, ..)| *short == Some(letter))?;
    let rest = letters.get(letter.len_utf8()..).filter(|rest| !rest.is_empty());
    match rest {
        // A row of letters is nobody's of ghz's.
        Some(_) if !here.takes_value() => None,
        _ => Some((format!("-{letter}"), *here, rest.map(|rest| rest.strip_prefix('=').unwrap_or(rest)))),
    }
}
