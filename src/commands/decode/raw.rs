//! Messages of which nothing is known, as their fields stand there.

use std::io::{self, Write};

use bytes::Bytes;
use tokio::sync::mpsc;

use super::super::{Surroundings, Writers};
use super::DecodeArgs;
use super::input::Message;
use super::wrong::{ShownMessage, Wrong};
use crate::args::DecodedArg;
use crate::compression::Compression;
use crate::message::tree::Tree;
use crate::output::Outlet;
use crate::output::tree::{self as show, Document, Form, Look};

/// Shows messages.
pub(super) struct Raw {
    output: DecodedArg,
    offsets: bool,
    escape: bool,
}

/// What becomes more than this when it is shown is written while it is: a field of two bytes takes a line.
const LARGE: usize = 64 << 10;

/// How one message is shown.
#[derive(Clone)]
enum Way {
    Text { before: String, look: Look },
    Document { before: &'static str, look: Document<'static>, after: &'static str },
}

impl Way {
    fn write(&self, bytes: &[u8], to: &mut dyn Write) -> io::Result<()> {
        let tree = Tree::of(bytes, None);
        match self {
            Self::Text { before, look } => {
                to.write_all(before.as_bytes())?;
                show::text(&tree, bytes, *look, to)
            }
            Self::Document { before, look, after } => {
                to.write_all(before.as_bytes())?;
                show::document(&tree, *look, to)?;
                to.write_all(after.as_bytes())
            }
        }
    }
}

impl Raw {
    pub(super) fn new(args: &DecodeArgs, surroundings: &Surroundings) -> Self {
        Self {
            output: args.output.unwrap_or(DecodedArg::Text),
            offsets: args.common.verbose > 0,
            escape: surroundings.stdout_terminal,
        }
    }

    /// Shows a message.
    pub(super) async fn show(&self, message: &Message, io: &mut Writers<'_>) -> io::Result<ShownMessage> {
        let (frame, way) = (&message.frame, self.way(message));
        if frame.message.len() > LARGE {
            write_aside(frame.message.clone(), way, io.out).await?;
        } else {
            let mut out = Vec::new();
            way.write(&frame.message, &mut out)?;
            io.out.put(out.into());
        }
        let place = Tree::of(&frame.message, None).first_break();
        Ok(ShownMessage {
            wrong: place.map(|place| Wrong::broken(message, place)),
            ..ShownMessage::default()
        })
    }

    fn way(&self, message: &Message) -> Way {
        let (frame, first) = (&message.frame, message.number == 1);
        let form = match self.output {
            DecodedArg::Text => {
                let mut before = if first { String::new() } else { "\x1e\n".to_owned() };
                if self.offsets {
                    before.extend(unpacked(message));
                }
                let look = Look { offsets: self.offsets.then(|| frame.offset()), escape: self.escape };
                return Way::Text { before, look };
            }
            DecodedArg::Json => Form::Pretty,
            DecodedArg::Jsonl => Form::Line,
            DecodedArg::Yaml => Form::Yaml,
        };
        let compression = frame.compression.map(Compression::name);
        Way::Document {
            before: if form == Form::Yaml && !first { "---\n" } else { "" },
            look: Document { form, before: frame.offset(), compression, escape: self.escape },
            after: if form == Form::Yaml { "" } else { "\n" },
        }
    }
}

/// What has to be said of offsets in a message that came compressed, on a line.
pub(super) fn unpacked(message: &Message) -> Option<String> {
    let (number, frame) = (message.number, &message.frame);
    let size = frame.message.len();
    frame.compression.map(|how| {
        format!(
            "# message {number}: {} bytes of {how}; offsets are those in the {size} bytes that they become\n",
            frame.length
        )
    })
}

/// Whether bytes are fields to their end.
pub(super) fn fits(bytes: &[u8]) -> bool {
    Tree::of(bytes, None).first_break().is_none()
}

/// Whether bytes begin with a field.
pub(super) fn begins(bytes: &[u8]) -> bool {
    Tree::of(bytes, None).fields().next().is_some_and(|field| field.is_ok())
}

/// Writes a large message on a thread of its own, as fast as it is read.
async fn write_aside(message: Bytes, way: Way, out: &mut Outlet) -> io::Result<()> {
    let (sender, mut chunks) = mpsc::channel(4);
    let write = move || {
        // When nobody reads any more, it is over.
        let _ = way.write(&message, &mut Aside(sender));
    };
    std::thread::Builder::new().name("fields".to_owned()).spawn(write)?;
    while let Some(chunk) = chunks.recv().await {
        out.put(chunk);
        if out.is_full() {
            out.room().await?;
        }
    }
    Ok(())
}

/// Hands on what is written.
struct Aside(mpsc::Sender<Bytes>);

impl Write for Aside {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let gone = |_| io::Error::from(io::ErrorKind::BrokenPipe);
        self.0.blocking_send(Bytes::copy_from_slice(bytes)).map_err(gone)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
