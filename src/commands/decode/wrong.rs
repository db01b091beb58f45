//! What is wrong with bytes, in words.

use std::fmt::Write as _;

use super::super::bytes::BytesError;
use super::super::schema_verb::SchemaVerbArgs;
use super::super::{Surroundings, bytes::how_to_read, bytes::other_digits};
use super::input::{InputError, Message};
use crate::compression::Compression;
use crate::failure::{Failure, Kind};
use crate::message::digits::Digits;
use crate::message::frames::{FrameProblem, Framing};
use crate::message::survey::Survey;
use crate::message::tree::BreakPlace;
use crate::output::sanitize;

/// What was found out while a message was shown.
#[derive(Default)]
pub(super) struct ShownMessage {
    /// What is wrong with it, if anything.
    pub(super) wrong: Option<Wrong>,
    /// What its type does not have, as it is told for the first time.
    pub(super) unknown: Vec<String>,
}

/// A message that is not what it should be.
#[derive(Debug)]
pub(super) struct Wrong {
    number: usize,
    from: String,
    compression: Option<Compression>,
    /// Where the message begins in the input; nowhere in what it was unpacked.
    before: usize,
    what: What,
    /// The framing by which there would be nothing wrong.
    better: Option<Framing>,
    /// Whether there are other messages, and how many are wrong.
    several: bool,
    count: usize,
}

/// What is wrong with a message.
#[derive(Debug)]
enum What {
    /// Its bytes break off.
    Broken(BreakPlace),
    /// Values are something else than the type says.
    Misfits { message: String, survey: Survey },
}

impl Wrong {
    fn new(message: &Message, what: What) -> Self {
        Self {
            number: message.number,
            from: message.from.clone(),
            compression: message.frame.compression,
            before: message.frame.offset(),
            what,
            better: None,
            several: false,
            count: 1,
        }
    }

    /// Of a message whose bytes break off.
    pub(super) fn broken(message: &Message, place: BreakPlace) -> Self {
        Self::new(message, What::Broken(place))
    }

    /// Of a message that is not what its type says.
    pub(super) fn misfits(message: &Message, name: &str, survey: Survey) -> Self {
        Self::new(message, What::Misfits { message: name.to_owned(), survey })
    }

    /// The same where it would be right by another framing.
    pub(super) fn unless(self, better: Option<Framing>) -> Self {
        Self { better, ..self }
    }

    /// The same where it is known how many messages there are, and how many are wrong.
    pub(super) fn of_many(self, several: bool, count: usize) -> Self {
        Self { several, count, ..self }
    }

    /// What helps. `lines` is whether there are several lines of digits, each a message.
    pub(super) fn hint(&self, verbose: bool, lines: bool) -> Vec<String> {
        let better =
            self.better.map(|better| format!("they are whole messages with --framing {}", better.name()));
        let cut =
            matches!(&self.what, What::Broken(place) if place.error == crate::message::bytes::Malformed::Cut);
        let lines = (lines && cut && better.is_none()).then(|| {
            "each line is a message; for one over several lines, take out the line breaks: tr -d '\\n'"
                .to_owned()
        });
        let look = (!verbose).then(|| "-v shows which bytes each field takes".to_owned());
        better.into_iter().chain(lines).chain(look).collect()
    }

    fn text(&self) -> String {
        let mut text = self.from.clone();
        if self.several {
            let _ = write!(text, "message {}: ", self.number);
        }
        let of = self.compression.map(|how| format!(" of what {how} packed")).unwrap_or_default();
        match &self.what {
            What::Broken(place) => {
                let offset = self.before + place.offset;
                let path: Vec<String> = place.path.iter().map(u32::to_string).collect();
                let field = path.join(".");
                let error = place.error;
                let _ = match place.missing {
                    Some((missing, whole)) => {
                        let is = if missing == 1 { "is" } else { "are" };
                        write!(
                            text,
                            "field {field} breaks off, at byte {offset}{of}: {missing} of its {whole} bytes {is} missing"
                        )
                    }
                    None if path.is_empty() => {
                        write!(text, "the bytes break off at byte {offset}{of}: {error}")
                    }
                    None => {
                        write!(text, "the bytes break off at byte {offset}{of}, in field {field}: {error}")
                    }
                };
            }
            What::Misfits { message, survey } => {
                let problem = |problem: &crate::message::survey::Problem| {
                    let path = if problem.path.is_empty() { message } else { &problem.path };
                    format!("{path}, at byte {}{of}: {}", self.before + problem.offset, problem.what)
                };
                match survey.problems.as_slice() {
                    [only] if survey.count == 1 => text.push_str(&problem(only)),
                    problems => {
                        let _ = write!(text, "{} places are not what {message} says", survey.count);
                        for one in problems {
                            let _ = write!(text, "\n  {}", sanitize::line(&problem(one)));
                        }
                        let more = survey.count.saturating_sub(problems.len());
                        if more > 0 {
                            let _ = write!(text, "\n  and {more} more");
                        }
                    }
                }
            }
        }
        if self.count > 1 {
            let more = self.count - 1;
            let messages = if more == 1 { "message is" } else { "messages are" };
            let _ = write!(text, "\n  and {more} more {messages} wrong");
        }
        text
    }
}

/// Something that is no message.
#[derive(Debug, thiserror::Error)]
pub(super) enum DecodeError {
    #[error("{}", .0.text())]
    Wrong(Box<Wrong>, Vec<String>),
    #[error("{0}")]
    Input(InputError, Option<Framing>, Option<Digits>),
    #[error(transparent)]
    Bytes(BytesError),
    #[error("--raw takes no type, and no server")]
    RawWithType,
    #[error("--raw shows bytes without any schema, and {0} gives one")]
    RawWithSchema(&'static str),
}

impl From<DecodeError> for Failure {
    fn from(error: DecodeError) -> Self {
        let hints = error.hints();
        let kind = match &error {
            DecodeError::RawWithType
            | DecodeError::RawWithSchema(_)
            | DecodeError::Input(InputError::Digits { .. }, ..) => Kind::Wrong,
            DecodeError::Wrong(..) | DecodeError::Input(InputError::Frame { .. }, ..) => Kind::Failed,
            DecodeError::Input(InputError::Read(_), ..) | DecodeError::Bytes(_) => {
                return match error {
                    DecodeError::Input(InputError::Read(error), ..) => error.into(),
                    DecodeError::Bytes(error) => error.into(),
                    error => Self::new(Kind::Failed, error),
                };
            }
        };
        hints.into_iter().fold(Self::new(kind, error), Self::hint)
    }
}

impl DecodeError {
    /// What helps.
    fn hints(&self) -> Vec<String> {
        let hint = match self {
            Self::Wrong(_, hints) => return hints.clone(),
            Self::RawWithType => "leave out --raw to decode by the type, or leave out the words",
            Self::RawWithSchema(_) => "leave out --raw, and name the type",
            Self::Input(InputError::Digits { error, .. }, ..) => match other_digits(error.problem) {
                Some(hint) => hint,
                None => return Vec::new(),
            },
            Self::Input(InputError::Frame { .. }, _, Some(digits)) => how_to_read(*digits),
            Self::Input(InputError::Frame { .. }, Some(better), _) => {
                return vec![format!("they are whole messages with --framing {}", better.name())];
            }
            Self::Input(InputError::Frame { error, framing, .. }, ..) => match error.problem {
                FrameProblem::Unmarked => "if the server said br: --compression br",
                FrameProblem::Unsupported(_) => {
                    "unpack each message with a tool for that, and decode it by itself"
                }
                FrameProblem::TooLarge { .. } | FrameProblem::UnpacksTooLarge { .. } => {
                    "for larger ones: --max-message-size SIZE; 0 is no limit"
                }
                _ => match framing {
                    Framing::None => return Vec::new(),
                    Framing::Varint => "other framings: --framing none, grpc",
                    Framing::Grpc => "other framings: --framing none, varint",
                },
            },
            Self::Input(InputError::Read(_), ..) | Self::Bytes(_) => return Vec::new(),
        };
        vec![hint.to_owned()]
    }
}

/// Whether `--raw` stands alone: flags of a configuration file are about other lines.
pub(super) fn check_raw(
    words: &[String],
    flags: &SchemaVerbArgs,
    surroundings: &Surroundings,
) -> Result<(), DecodeError> {
    let place = flags.place();
    if !words.is_empty() || place.target.address.is_some() {
        return Err(DecodeError::RawWithType);
    }
    let given = &surroundings.given.under.flags;
    let mut files = place.schema.given_files().into_iter();
    match files.find(|flag| !given.contains(&flag.trim_start_matches('-'))) {
        Some(flag) => Err(DecodeError::RawWithSchema(flag)),
        None => Ok(()),
    }
}
