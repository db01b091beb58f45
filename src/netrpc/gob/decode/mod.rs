//! Bytes ─▶ values: a decoder that is given a connection's bytes as they come.
//!
//! Most values come in one message, after those that define their types. A value that holds interfaces may come in
//! several: where an interface's type is defined, the message ends and the value goes on in another one. So the
//! decoder keeps what it has built so far and resumes there; nothing is read twice, however the stream is cut.

mod assembly;
mod known;

use bytes::{Buf, Bytes, BytesMut};

use self::assembly::Assembly;
use self::known::Known;
use super::wire::{Cursor, split_uint};
use super::{DecodeError, Definition, MAX_DEPTH, Types, Value};

/// How much a peer may ask of a decoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest message, and the most bytes that one value may come in, and that all definitions may, in bytes.
    pub message: usize,
    /// The most memory that one value may take, in bytes.
    pub memory: usize,
    /// How deep values may be nested, each interface being one level.
    pub depth: usize,
    /// How many types may be defined.
    pub types: usize,
}

impl Limits {
    /// What honest messages of up to `message` bytes need. The shortest values of one byte take that many more of
    /// memory.
    pub fn for_messages_of(message: usize) -> Self {
        Self { message, memory: message.saturating_mul(64), depth: MAX_DEPTH, types: 10_000 }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::for_messages_of(4 << 20)
    }
}

/// Reads the values of one stream.
#[derive(Debug)]
pub struct Decoder {
    limits: Limits,
    known: Known,
    /// What is left of the message at which reading stopped.
    message: Cursor,
    /// The value that is being read.
    assembly: Assembly,
    /// How many bytes its messages have.
    size: usize,
}

impl Decoder {
    /// A decoder of a stream that has just begun.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            known: Known::new(limits),
            message: Cursor::default(),
            assembly: Assembly::new(limits),
            size: 0,
        }
    }

    /// Takes whole messages off the front of `buffer` until one completes a value; none if more bytes are needed.
    ///
    /// After an error the stream is lost: where its next message begins is no longer known for sure.
    pub fn read(&mut self, buffer: &mut BytesMut) -> Result<Option<Value>, DecodeError> {
        let read = self.advance(buffer);
        if read.is_err() {
            self.message = Cursor::default();
            self.assembly.clear();
        }
        read
    }

    /// The types that were defined so far.
    pub fn types(&self) -> &Types {
        self.known.types()
    }

    /// About how many bytes of memory the value that was read last takes.
    pub fn spent(&self) -> usize {
        self.assembly.spent()
    }

    /// Whether a value has begun whose next message is still to come.
    pub fn in_value(&self) -> bool {
        self.assembly.is_open()
    }

    /// Each turn begins where a type's definition or number comes: in front of the whole value, or of what an
    /// interface in it holds.
    fn advance(&mut self, buffer: &mut BytesMut) -> Result<Option<Value>, DecodeError> {
        loop {
            if self.message.is_empty() {
                // Whoever fills the buffer can use the memory of a message that nothing refers to any more.
                self.message = Cursor::default();
                let Some(message) = self.take_message(buffer)? else { return Ok(None) };
                self.message = Cursor::new(message);
            }
            let id = self.message.type_id()?;
            if id < 0 {
                self.known.define(id, &mut self.message)?;
                self.end_definition()?;
                continue;
            }
            let ty = self.known.defined(id)?;
            if self.assembly.is_open() {
                // How long an interface's value is helps those who skip it.
                self.message.length()?;
            }
            if !matches!(self.known.types().get(ty), Some(Definition::Struct { .. }))
                && self.message.uint()? != 0
            {
                return Err(DecodeError::NumberedSingleton);
            }
            if let Some(value) = self.assembly.read(ty, &mut self.message, self.known.types())? {
                self.end_message()?;
                return Ok(Some(value));
            }
        }
    }

    /// Takes a message off the front of the buffer, if all of it is there.
    fn take_message(&mut self, buffer: &mut BytesMut) -> Result<Option<Bytes>, DecodeError> {
        let Some((length, prefix)) = split_uint(buffer)? else { return Ok(None) };
        let before = if self.assembly.is_open() { self.size } else { 0 };
        let too_large = || DecodeError::MessageTooLarge {
            size: length.saturating_add(u64::try_from(before).unwrap_or(u64::MAX)),
            limit: self.limits.message,
        };
        let length = usize::try_from(length).map_err(|_| too_large())?;
        let size = before.saturating_add(length);
        if size > self.limits.message {
            return Err(too_large());
        }
        if buffer.len() - prefix < length {
            return Ok(None);
        }
        if length == 0 {
            return Err(DecodeError::Truncated);
        }
        self.size = size;
        buffer.advance(prefix);
        Ok(Some(buffer.split_to(length).freeze()))
    }

    /// Inside an interface the value goes on after its type's definition, if not in another message, then in a part of
    /// this one that has a length of its own. Elsewhere a definition is a whole message.
    fn end_definition(&mut self) -> Result<(), DecodeError> {
        if self.assembly.is_open() && !self.message.is_empty() {
            self.message.length()?;
            return Ok(());
        }
        self.end_message()
    }

    fn end_message(&self) -> Result<(), DecodeError> {
        match self.message.remaining() {
            0 => Ok(()),
            bytes => Err(DecodeError::TrailingBytes { bytes }),
        }
    }
}

/// Every value of a stream that is there from its beginning to its end.
pub fn decode_all(stream: &[u8], limits: Limits) -> Result<Vec<Value>, DecodeError> {
    let mut decoder = Decoder::new(limits);
    let mut buffer = BytesMut::from(stream);
    let mut values = Vec::new();
    while let Some(value) = decoder.read(&mut buffer)? {
        values.push(value);
    }
    if !buffer.is_empty() || decoder.in_value() {
        return Err(DecodeError::UnexpectedEnd);
    }
    Ok(values)
}
