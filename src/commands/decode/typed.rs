//! Messages of a type.

use std::collections::HashSet;
use std::io;

use prost_reflect::MessageDescriptor;

use super::super::bytes::Opened;
use super::super::{Surroundings, Writers};
use super::DecodeArgs;
use super::input::Message;
use super::raw::unpacked;
use super::wrong::{ShownMessage, Wrong};
use crate::args::DecodedArg;
use crate::message::json::Types;
use crate::message::survey::{Survey, Surveyor};
use crate::message::tree::Tree;
use crate::message::{json, text};
use crate::output::tree::{self as show, Look};
use crate::session::Session;

/// Shows messages.
pub(super) struct Typed {
    session: Session,
    message: MessageDescriptor,
    format: DecodedArg,
    json: json::Printer,
    text: text::Printer,
    surveyor: Surveyor,
    offsets: bool,
    /// The types and fields of which it was told that a message has more than they do.
    told: HashSet<String>,
}

impl Typed {
    pub(super) fn new(opened: Opened, args: &DecodeArgs, surroundings: &Surroundings) -> Self {
        let format = args.output.unwrap_or(DecodedArg::Json);
        let style = args.json.style(format == DecodedArg::Json, surroundings.stdout_terminal);
        Self {
            session: opened.session,
            message: opened.message,
            format,
            json: json::Printer::new(style),
            text: text::Printer::default(),
            surveyor: match format {
                DecodedArg::Text => Surveyor::of_text(),
                DecodedArg::Json | DecodedArg::Jsonl | DecodedArg::Yaml => Surveyor::default(),
            },
            offsets: args.common.verbose > 0,
            told: HashSet::new(),
        }
    }

    /// Shows a message, and once more where there are types to be learnt for it.
    pub(super) async fn show(&mut self, message: &Message, io: &mut Writers<'_>) -> io::Result<ShownMessage> {
        let (bytes, first) = (&message.frame.message, message.number == 1);
        let mut out = Vec::new();
        let survey = {
            let mut schema = self.session.schema().await;
            let missing = self.print(bytes, &*schema, first, &mut out);
            if !missing.types.is_empty() && schema.learn(&missing.types).await {
                out.clear();
                self.print(bytes, &*schema, first, &mut out);
            }
            self.surveyor.survey(&self.message, bytes, &*schema)
        };
        io.out.put(out.into());
        let tree = Tree::of(bytes, Some(&self.message));
        if self.offsets {
            write!(io.talk, "{}", unpacked(message).unwrap_or_default())?;
            let look = Look { offsets: Some(message.frame.offset()), escape: true };
            show::text(&tree, bytes, look, io.talk)?;
        }
        Ok(self.found(message, &tree, survey))
    }

    fn found(&mut self, message: &Message, tree: &Tree<'_>, mut survey: Survey) -> ShownMessage {
        let mut unknown = std::mem::take(&mut survey.unknown);
        unknown.retain(|unknown| self.told.insert(unknown.message.clone()));
        let mut unlisted = std::mem::take(&mut survey.unlisted);
        unlisted.retain(|unlisted| self.told.insert(unlisted.field.clone()));
        let wrong = match survey.count {
            0 => None,
            count => Some(match tree.first_break().filter(|_| count == 1) {
                Some(place) => Wrong::broken(message, place),
                None => Wrong::misfits(message, self.message.full_name(), survey),
            }),
        };
        let unknown = unknown.iter().map(ToString::to_string);
        let unlisted = unlisted.iter().map(ToString::to_string);
        ShownMessage { wrong, unknown: unknown.chain(unlisted).collect() }
    }

    /// Whether bytes are a message of the type, and nothing else, as far as its types are known by now.
    pub(super) fn fits(&self, bytes: &[u8]) -> bool {
        self.surveyor.fits(&self.message, bytes, &Known)
    }

    fn print(&self, bytes: &[u8], types: &dyn Types, first: bool, out: &mut Vec<u8>) -> json::Missing {
        match self.format {
            DecodedArg::Json | DecodedArg::Jsonl => {
                let missing = self.json.print(&self.message, bytes, types, out);
                out.push(b'\n');
                missing
            }
            DecodedArg::Yaml => {
                let mut json = Vec::new();
                let missing = self.json.print(&self.message, bytes, types, &mut json);
                if !first {
                    out.extend_from_slice(b"---\n");
                }
                out.append(&mut json::to_yaml(json));
                missing
            }
            DecodedArg::Text => {
                if !first {
                    out.extend_from_slice(b"\x1e\n");
                }
                let missing = self.text.print(&self.message, bytes, types, out);
                if out.last().is_some_and(|&byte| byte != b'\n') {
                    out.push(b'\n');
                }
                missing
            }
        }
    }
}

/// What an `Any` names is looked for in the pool of the message's own type.
struct Known;

impl Types for Known {
    fn message(&self, _: &str) -> Option<MessageDescriptor> {
        None
    }
}
