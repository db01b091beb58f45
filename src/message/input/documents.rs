//! The documents of all that the user gave, read as they come.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::message::split::{Document, Splitter};
use crate::message::{Error, Format, Origin};

/// One source of documents.
pub enum Source {
    /// Words of the command line, or what they stand for.
    Text(Origin, Bytes),
    /// A file, or a named pipe.
    File(PathBuf),
    /// Standard input, or whatever stands for it.
    Stdin {
        /// What is read.
        reader: Box<dyn Read + Send>,
        /// Whether somebody types at a terminal.
        typed: bool,
    },
}

impl Source {
    /// The same once more; none of standard input, which can be read only once.
    pub fn again(&self) -> Option<Self> {
        match self {
            Self::Text(origin, text) => Some(Self::Text(origin.clone(), text.clone())),
            Self::File(path) => Some(Self::File(path.clone())),
            Self::Stdin { .. } => None,
        }
    }

    /// Which it is, in what is said about it.
    pub fn origin(&self) -> Origin {
        match self {
            Self::Text(origin, _) => origin.clone(),
            Self::File(path) => Origin::File(path.clone()),
            Self::Stdin { .. } => Origin::Stdin,
        }
    }
}

/// The largest document that is read, in bytes.
const MAX_DOCUMENT: usize = 1 << 30;
/// How much is read at once.
pub(super) const CHUNK: usize = 64 << 10;
/// The documents of all sources, one after another.
pub(super) struct Documents {
    format: Format,
    /// Whether what is no document takes its line and no more.
    lines: bool,
    sources: VecDeque<Source>,
    current: Option<Current>,
}

struct Current {
    origin: Origin,
    splitter: Splitter,
    /// Absent when all of it has been pushed.
    chunks: Option<mpsc::Receiver<io::Result<Bytes>>>,
    /// Whether somebody types it.
    typed: bool,
}

impl Documents {
    pub(super) fn open(sources: Vec<Source>, format: Format, lines: bool) -> Result<Self, Error> {
        check_files(&sources)?;
        Ok(Self { format, lines, sources: sources.into(), current: None })
    }

    pub(super) fn is_typed(&self) -> bool {
        self.current.as_ref().is_some_and(|current| current.typed)
    }

    /// The next document of what was read already, as far as it is complete.
    pub(super) fn at_hand(&mut self) -> Result<Option<(Origin, Document)>, Error> {
        self.current.as_mut().map_or(Ok(None), Current::at_hand)
    }

    /// The next document, once it is complete. With a `patience`, an input that is quiet for so long is at its end.
    pub(super) async fn next(
        &mut self,
        patience: Option<Duration>,
    ) -> Result<Option<(Origin, Document)>, Error> {
        loop {
            let Some(current) = &mut self.current else {
                let Some(source) = self.sources.pop_front() else { return Ok(None) };
                self.current = Some(Current::open(source, self.format, self.lines)?);
                continue;
            };
            if let Some(document) = current.at_hand()? {
                return Ok(Some(document));
            }
            let Some(chunks) = &mut current.chunks else {
                self.current = None;
                continue;
            };
            let chunk = match patience {
                None => chunks.recv().await,
                Some(patience) => match timeout(patience, chunks.recv()).await {
                    Ok(chunk) => chunk,
                    Err(_) => return Ok(None),
                },
            };
            if let Some(chunk) = chunk {
                current.splitter.push(&chunk.map_err(|source| Error::read(&current.origin, source))?);
            } else {
                current.splitter.finish();
                current.chunks = None;
            }
        }
    }
}

impl Current {
    fn at_hand(&mut self) -> Result<Option<(Origin, Document)>, Error> {
        let document = self.splitter.next_document().map_err(|error| Error::split(&self.origin, error))?;
        Ok(document.map(|document| (self.origin.clone(), document)))
    }

    fn open(source: Source, format: Format, lines: bool) -> Result<Self, Error> {
        let splitter = Splitter::new(format, MAX_DOCUMENT);
        let splitter = if lines { splitter.line_by_line() } else { splitter };
        match source {
            Source::Text(origin, text) => {
                let mut splitter = splitter;
                splitter.push(&text);
                splitter.finish();
                Ok(Self { origin, splitter, chunks: None, typed: false })
            }
            Source::File(path) => {
                let origin = Origin::File(path.clone());
                // Opening a named pipe waits for somebody to write to it.
                let chunks =
                    read_aside(move || File::open(path)).map_err(|source| Error::read(&origin, source))?;
                Ok(Self { origin, splitter, chunks: Some(chunks), typed: false })
            }
            Source::Stdin { reader, typed } => {
                let chunks =
                    read_aside(|| Ok(reader)).map_err(|source| Error::read(&Origin::Stdin, source))?;
                Ok(Self { origin: Origin::Stdin, splitter, chunks: Some(chunks), typed })
            }
        }
    }
}

/// Finds out whether a file is not there before anything is done with those before it.
pub fn check_files(sources: &[Source]) -> Result<(), Error> {
    sources.iter().try_for_each(|source| match source {
        Source::File(path) => match std::fs::metadata(path) {
            Ok(_) => Ok(()),
            Err(error) => Err(Error::read(&Origin::File(path.clone()), error)),
        },
        _ => Ok(()),
    })
}

/// The bytes of a source, as they come.
pub struct Chunks {
    origin: Origin,
    /// What was there from the beginning.
    text: Option<Bytes>,
    read: Option<mpsc::Receiver<io::Result<Bytes>>>,
}

impl Chunks {
    /// Begins to read.
    pub fn open(source: Source) -> Result<Self, Error> {
        let origin = source.origin();
        let (text, read) = match source {
            Source::Text(_, text) => (Some(text), Ok(None)),
            Source::File(path) => (None, read_aside(move || File::open(path)).map(Some)),
            Source::Stdin { reader, .. } => (None, read_aside(|| Ok(reader)).map(Some)),
        };
        let read = read.map_err(|source| Error::read(&origin, source))?;
        Ok(Self { origin, text, read })
    }

    /// Where they come from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Whether they are all of a word of the command line.
    pub fn is_word(&self) -> bool {
        matches!(self.origin, Origin::Flag(..))
    }

    /// The next of them, or none at the end.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        if let Some(text) = self.text.take() {
            return Ok(Some(text));
        }
        let Some(read) = &mut self.read else { return Ok(None) };
        read.recv().await.transpose().map_err(|source| Error::read(&self.origin, source))
    }
}

/// Opens and reads on a thread of its own: either can take as long as a person thinks.
fn read_aside<R: Read>(
    open: impl FnOnce() -> io::Result<R> + Send + 'static,
) -> io::Result<mpsc::Receiver<io::Result<Bytes>>> {
    let (sender, receiver) = mpsc::channel(4);
    let read = move || {
        let mut reader = match open() {
            Ok(reader) => reader,
            Err(error) => {
                // When nobody listens any more, the call is over and the input does not matter.
                let _ = sender.blocking_send(Err(error));
                return;
            }
        };
        let mut buffer = vec![0; CHUNK];
        loop {
            let chunk = match reader.read(&mut buffer) {
                Ok(0) => return,
                Ok(count) => Ok(Bytes::copy_from_slice(buffer.get(..count).unwrap_or_default())),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => Err(error),
            };
            let failed = chunk.is_err();
            if sender.blocking_send(chunk).is_err() || failed {
                return;
            }
        }
    };
    std::thread::Builder::new().name("input".to_owned()).spawn(read)?;
    Ok(receiver)
}
