//! A message as the runtimes of protobuf would write it again: fields by number, each once and in the form that its
//! declaration has, what is unknown behind them.

use prost_reflect::MessageDescriptor;

use super::contents::{Contents, Key, Parts, Value, elements, entries, int32, value};
use super::layout::{Field, Kind, Layout, Layouts, Scalar, Shape};
use super::record::{Malformed, Raw};
use super::sink::Sink;

/// Writes messages again. Keep one for a whole stream: it remembers the types it has seen.
#[derive(Default)]
pub struct Rewriter {
    layouts: Layouts,
}

impl Rewriter {
    /// Writes a message of type `descriptor` again, or says why a reader would refuse it.
    pub fn rewrite(&self, descriptor: &MessageDescriptor, bytes: &[u8]) -> Result<Vec<u8>, Malformed> {
        let mut sink = Sink::default();
        self.message(&self.layouts.of(descriptor), &Parts::One(bytes), &mut sink)?;
        Ok(sink.out)
    }

    fn message(&self, layout: &Layout, parts: &Parts<'_>, sink: &mut Sink) -> Result<(), Malformed> {
        let contents = Contents::of(layout, parts);
        if let Some(broken) = contents.broken.first() {
            return Err(broken.error);
        }
        let mut fields: Vec<_> =
            contents.fields().filter_map(|(index, set)| Some((layout.field(index)?, set))).collect();
        fields.sort_by_key(|(field, _)| field.number);
        let mut unknown = Vec::new();
        for (field, set) in fields {
            if layout.message_set {
                self.item(field, set, sink)?;
            } else {
                self.field(field, set, sink, &mut unknown)?;
            }
        }
        for unknown in &contents.unknown {
            sink.out.extend_from_slice(unknown.record.whole);
        }
        sink.out.append(&mut unknown);
        Ok(())
    }

    /// An extension in a message set.
    fn item(&self, field: &Field, set: &[(u32, Raw<'_>)], sink: &mut Sink) -> Result<(), Malformed> {
        let Kind::Message(link) = &field.kind else { return Err(Malformed::Misfit) };
        sink.item(field.number, too_deep, |sink| {
            sink.message((3, false), too_deep, |sink| {
                self.message(&self.layouts.behind(link), &Parts::of(set), sink)
            })
        })
    }

    /// Appends to `unknown` the elements that an enum does not have.
    fn field(
        &self,
        field: &Field,
        set: &[(u32, Raw<'_>)],
        sink: &mut Sink,
        unknown: &mut Vec<u8>,
    ) -> Result<(), Malformed> {
        match field.shape {
            Shape::Single => match (&field.kind, set.last()) {
                (Kind::Message(_), _) => self.submessage(field, field.number, set, sink),
                (_, Some((_, last))) => {
                    for (_, earlier) in set {
                        content(field, *earlier)?;
                    }
                    if !(field.is_implicit() && is_zero(field, *last)?) {
                        self.element(field, field.number, *last, sink)?;
                    }
                    Ok(())
                }
                (_, None) => Ok(()),
            },
            Shape::List { packed } => {
                let mut known = Vec::new();
                for (_, raw) in set {
                    for element in elements(&field.kind, *raw) {
                        let element = element.map_err(|(error, _)| error)?;
                        match (&field.kind, element) {
                            (Kind::Enum(values), Raw::Varint(number)) if !values.takes(int32(number)) => {
                                let mut odd = Sink::default();
                                odd.number(field.number, Scalar::Uint64, number);
                                unknown.append(&mut odd.out);
                            }
                            _ => known.push(element),
                        }
                    }
                }
                match field.kind.number().filter(|_| packed) {
                    Some(_) if known.is_empty() => Ok(()),
                    Some(scalar) => sink.length(field.number, |sink| {
                        known.into_iter().try_for_each(|raw| {
                            sink.bare(scalar, value(scalar, raw)?.bits().unwrap_or_default());
                            Ok(())
                        })
                    }),
                    None => {
                        known.into_iter().try_for_each(|raw| self.element(field, field.number, raw, sink))
                    }
                }
            }
            Shape::Map(scalar) => self.map(field, scalar, set, sink, unknown),
        }
    }

    fn map(
        &self,
        field: &Field,
        scalar: Scalar,
        set: &[(u32, Raw<'_>)],
        sink: &mut Sink,
        unknown: &mut Vec<u8>,
    ) -> Result<(), Malformed> {
        let all = entries(field, scalar, set);
        if let Some(broken) = all.broken.first() {
            return Err(broken.error);
        }
        for (key, set) in all.known {
            sink.message((field.number, false), too_deep, |sink| {
                write_key(sink, scalar, key);
                match set.last() {
                    _ if matches!(field.kind, Kind::Message(_)) => self.submessage(field, 2, &set, sink),
                    Some((_, last)) => self.element(field, 2, *last, sink),
                    None => {
                        sink.zero(2, &field.kind);
                        Ok(())
                    }
                }
            })?;
        }
        let mut odd = Sink::default();
        all.unknown.iter().for_each(|(entry, _)| odd.bytes(field.number, entry));
        unknown.append(&mut odd.out);
        Ok(())
    }

    fn submessage(
        &self,
        field: &Field,
        number: u32,
        set: &[(u32, Raw<'_>)],
        sink: &mut Sink,
    ) -> Result<(), Malformed> {
        let Kind::Message(link) = &field.kind else { return Err(Malformed::Misfit) };
        let parts = Parts::of(set);
        sink.message((number, link.group), too_deep, |sink| {
            self.message(&self.layouts.behind(link), &parts, sink)
        })
    }

    fn element(&self, field: &Field, number: u32, raw: Raw<'_>, sink: &mut Sink) -> Result<(), Malformed> {
        if let Kind::Message(_) = field.kind {
            return self.submessage(field, number, &[(0, raw)], sink);
        }
        match content(field, raw)? {
            Value::Text(text) => sink.bytes(number, text.as_bytes()),
            Value::Bytes(bytes) => sink.bytes(number, bytes),
            other => {
                let scalar = field.kind.number().ok_or(Malformed::Misfit)?;
                sink.number(number, scalar, other.bits().ok_or(Malformed::Misfit)?);
            }
        }
        Ok(())
    }
}

fn too_deep() -> Malformed {
    Malformed::TooDeep
}

/// A value that is no message; a string as bytes where nothing is asked of it.
fn content<'a>(field: &Field, raw: Raw<'a>) -> Result<Value<'a>, Malformed> {
    match &field.kind {
        Kind::Scalar(Scalar::String) if !field.utf8 => value(Scalar::Bytes, raw),
        Kind::Scalar(scalar) => value(*scalar, raw),
        Kind::Enum(_) => value(Scalar::Int32, raw),
        Kind::Message(_) => Err(Malformed::Misfit),
    }
}

fn is_zero(field: &Field, raw: Raw<'_>) -> Result<bool, Malformed> {
    Ok(match content(field, raw)? {
        Value::Text(text) => text.is_empty(),
        Value::Bytes(bytes) => bytes.is_empty(),
        number => number.bits() == Some(0),
    })
}

fn write_key(sink: &mut Sink, scalar: Scalar, key: Key<'_>) {
    match key {
        Key::Bool(key) => sink.number(1, scalar, key.into()),
        Key::Signed(key) => sink.number(1, scalar, key.cast_unsigned()),
        Key::Unsigned(key) => sink.number(1, scalar, key),
        Key::Text(key) => sink.bytes(1, key.as_bytes()),
    }
}
