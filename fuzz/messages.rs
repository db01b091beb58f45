//! What holds for the bytes of a message, whatever they are.

use prost_reflect::MessageDescriptor;
use rpcctl::chars;
use rpcctl::message::bytes::Rewriter;
use rpcctl::message::json::{self, Problem, ReadError, Types};
use rpcctl::message::text;
use serde::de::IgnoredAny;

/// No types but those of the message's own pool, as the readers have them.
struct OwnPool;

impl Types for OwnPool {
    fn message(&self, _: &str) -> Option<MessageDescriptor> {
        None
    }
}

/// Every way to write a message and to read it again.
pub struct Ways {
    json: [json::Printer; 3],
    json_reader: json::Reader,
    text: [text::Printer; 2],
    text_with_unknown: text::Printer,
    text_reader: text::Reader,
    pub rewriter: Rewriter,
    /// Whether names may clash, or be none, so that what is written need not be read.
    hostile: bool,
}

impl Ways {
    pub fn new(hostile: bool) -> Self {
        let loud = json::Style {
            pretty: true,
            emit_defaults: true,
            proto_names: true,
            enum_numbers: true,
            int64_numbers: true,
            escape_controls: true,
        };
        let text = |pretty, unknown| text::Printer::new(text::Style { pretty, unknown });
        Self {
            json: [json::Style::default(), json::Style { pretty: true, ..json::Style::default() }, loud]
                .map(json::Printer::new),
            json_reader: json::Reader::default(),
            text: [text(true, false), text(false, false)],
            text_with_unknown: text(true, true),
            text_reader: text::Reader::default(),
            rewriter: Rewriter::default(),
            hostile,
        }
    }

    /// Writes and reads a message in every way: what it is by JSON, and by text, where they can have all of it.
    pub fn check(
        &self,
        descriptor: &MessageDescriptor,
        message: &[u8],
    ) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
        let rewritten = self.rewriter.rewrite(descriptor, message);
        if let Ok(rewritten) = &rewritten {
            assert_eq!(self.rewriter.rewrite(descriptor, rewritten).as_ref(), Ok(rewritten));
        }
        let json = self.by_json(descriptor, message);
        let text = self.by_text(descriptor, message);
        for (by, again) in [(&json, Self::by_json as Way), (&text, Self::by_text)] {
            let Some(Again { message, .. }) = by else { continue };
            assert_eq!(again(self, descriptor, message).as_ref().map(|by| &by.message), Some(message));
            assert_eq!(self.rewriter.rewrite(descriptor, message).as_ref(), Ok(message));
            if let Ok(rewritten) = &rewritten
                && let Some(by) = again(self, descriptor, rewritten)
            {
                assert!(by.lossy || by.message == *message);
            }
        }
        if let (Some(json), Some(text)) = (&json, &text) {
            assert!(json.lossy || text.lossy || json.message == text.message);
        }
        let mut with_unknown = Vec::new();
        self.text_with_unknown.print(descriptor, message, &OwnPool, &mut with_unknown);
        assert!(is_safe(&with_unknown));
        if let (Some(text), Ok(rewritten)) = (&text, &rewritten) {
            let is_all = text.written == with_unknown;
            assert!(text.lossy || !is_all || text.has_nan() || text.message == *rewritten);
        }
        (json.map(|by| by.message), text.map(|by| by.message))
    }

    /// The message that the JSON of a message is; none where JSON can't have all of it.
    fn by_json(&self, descriptor: &MessageDescriptor, message: &[u8]) -> Option<Again> {
        // One style of many suffices for one message: there are many messages.
        let [plain, others @ ..] = &self.json;
        let printed = [plain, &others[message.len() % others.len()]].map(|printer| {
            let mut json = Vec::new();
            let missing = printer.print(descriptor, message, &OwnPool, &mut json);
            assert!(serde_json::from_slice::<IgnoredAny>(&json).is_ok());
            assert!(is_safe(&json));
            (missing.placeholders == 0).then_some(json)
        });
        // An `Any` holds bytes that may be written in more than one way, and null is more than one number.
        let lossy = |json: &[u8]| contains(json, b"\"@type\"") || contains(json, b"null");
        self.one(printed, lossy, |json| self.json_reader.read(descriptor, json, false))
    }

    /// The message that the text of a message is; none where the text format can't have all of it.
    fn by_text(&self, descriptor: &MessageDescriptor, message: &[u8]) -> Option<Again> {
        let printed = self.text.each_ref().map(|printer| {
            let mut text = Vec::new();
            let missing = printer.print(descriptor, message, &OwnPool, &mut text);
            assert!(is_safe(&text));
            (missing.placeholders == 0).then_some(text)
        });
        self.one(printed, |text| contains(text, b"["), |text| self.text_reader.read(descriptor, text))
    }

    /// What all that was written is when it is read.
    fn one<const N: usize>(
        &self,
        written: [Option<Vec<u8>>; N],
        lossy: impl Fn(&[u8]) -> bool,
        read: impl Fn(&[u8]) -> Result<Vec<u8>, Box<ReadError>>,
    ) -> Option<Again> {
        let mut first: Option<Again> = None;
        for written in written {
            let written = written?;
            let message = match read(&written) {
                Ok(message) => message,
                Err(error) if self.may_fail(&error) => return None,
                Err(error) => panic!("{error}\n{}", String::from_utf8_lossy(&written)),
            };
            match &first {
                Some(first) => assert_eq!(first.message, message),
                None => first = Some(Again { lossy: lossy(&written), message, written }),
            }
        }
        first
    }

    /// Whether what is wrong is the message, or its type, and not the way it was written.
    fn may_fail(&self, error: &ReadError) -> bool {
        match error.problem {
            Problem::TooDeep(_) | Problem::Required { .. } => true,
            _ => self.hostile,
        }
    }
}

type Way = fn(&Ways, &MessageDescriptor, &[u8]) -> Option<Again>;

/// A message that was written and read.
struct Again {
    message: Vec<u8>,
    written: Vec<u8>,
    /// Whether it may be other bytes than those that it was.
    lossy: bool,
}

impl Again {
    /// There are many, and one when they have been written.
    fn has_nan(&self) -> bool {
        contains(&self.written, b"nan")
    }
}

/// Whether it is text, and nothing that a terminal acts on.
pub fn is_safe(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| !text.contains(|c| chars::acts(c) && c != '\n'))
}

pub fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
