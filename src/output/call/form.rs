//! In which form answers are printed.

use crate::message::json;
use crate::output::color::Paint;
use crate::output::talk;

/// How messages are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// JSON in this style.
    Json(json::Style),
    /// YAML, of JSON in this style; `---` stands between messages.
    Yaml(json::Style),
    /// The protobuf text format; 0x1E stands between messages.
    Text,
    /// The bytes themselves; where a method answers with a stream, each behind its length as a varint.
    Binary,
    /// Each as one of the events of its call's document; its JSON is in this style.
    Exchange(json::Style),
    /// Not at all.
    Nothing,
}

/// How a call is shown.
#[derive(Debug, Clone, Copy)]
pub struct CallStyle {
    /// How messages are shown.
    pub form: Form,
    /// How wide the terminal is that shows how far a long stream came; none where none does.
    pub progress: Option<usize>,
    /// Whether what is printed is in colours.
    pub paint: Paint,
    /// How much is said on the side.
    pub talk: talk::Style,
    /// How a status other than OK is told.
    pub errors: Errors,
    /// Whether each message is a call of its own.
    pub each: bool,
}

/// How a status other than OK is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errors {
    /// In words, with hints.
    Words,
    /// As the JSON of a `google.rpc.Status` and nothing else, laid out over lines or on one.
    Json {
        /// Over lines.
        pretty: bool,
    },
}

/// Which messages of a call are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Those that come back.
    Answers,
    /// Those that would be sent.
    Requests,
}
