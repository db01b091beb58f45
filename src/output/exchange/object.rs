//! A JSON object on one line, written member by member.

use std::fmt::Display;
use std::io::Write as _;
use std::time::Duration;

use crate::chars;

/// An object being written. What servers chose is escaped where a terminal would act on it.
pub(super) struct Object<'o> {
    out: &'o mut Vec<u8>,
    empty: bool,
}

impl<'o> Object<'o> {
    /// Begins one after what `out` holds.
    pub(super) fn begin(out: &'o mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, empty: true }
    }

    /// Ends it.
    pub(super) fn end(self) {
        self.out.push(b'}');
    }

    /// A member whose value `value` writes.
    pub(super) fn member(&mut self, name: &str, value: impl FnOnce(&mut Vec<u8>)) -> &mut Self {
        if !std::mem::take(&mut self.empty) {
            self.out.push(b',');
        }
        chars::quoted(self.out, name, true);
        self.out.push(b':');
        value(self.out);
        self
    }

    pub(super) fn text(&mut self, name: &str, text: &str) -> &mut Self {
        self.member(name, |out| chars::quoted(out, text, true))
    }

    /// A number, or `true` and `false`.
    pub(super) fn plain(&mut self, name: &str, value: impl Display) -> &mut Self {
        self.member(name, |out| {
            // Writing to memory cannot fail.
            let _ = write!(out, "{value}");
        })
    }

    /// Milliseconds, to the microsecond.
    pub(super) fn milliseconds(&mut self, name: &str, duration: Duration) -> &mut Self {
        let micros = duration.as_micros();
        self.plain(name, format_args!("{}.{:03}", micros / 1000, micros % 1000))
    }

    /// An object of its own.
    pub(super) fn object(&mut self, name: &str, members: impl FnOnce(&mut Object<'_>)) -> &mut Self {
        self.member(name, |out| {
            let mut object = Object::begin(out);
            members(&mut object);
            object.end();
        })
    }

    /// An array of what `item` writes of each.
    pub(super) fn array<T>(
        &mut self,
        name: &str,
        items: impl IntoIterator<Item = T>,
        item: impl FnMut(&mut Vec<u8>, T),
    ) -> &mut Self {
        self.member(name, |out| array(out, items, item))
    }

    pub(super) fn texts<'t>(&mut self, name: &str, texts: impl IntoIterator<Item = &'t String>) -> &mut Self {
        self.array(name, texts, |out, text| chars::quoted(out, text, true))
    }
}

/// An array of what `item` writes of each.
pub(super) fn array<T>(
    out: &mut Vec<u8>,
    items: impl IntoIterator<Item = T>,
    mut item: impl FnMut(&mut Vec<u8>, T),
) {
    out.push(b'[');
    let mut first = true;
    for each in items {
        if !std::mem::take(&mut first) {
            out.push(b',');
        }
        item(out, each);
    }
    out.push(b']');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_follow_one_another() {
        let mut out = Vec::new();
        let mut object = Object::begin(&mut out);
        object
            .text("a", "x\"\u{1b}\u{202e}")
            .plain("b", true)
            .milliseconds("c", Duration::from_micros(12_034))
            .object("d", |object| {
                object.plain("e", 1);
            })
            .texts("f", &["g".to_owned(), "h".to_owned()])
            .object("i", |_| {})
            .texts("j", &[]);
        object.end();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            r#"{"a":"x\"\u001b\u202e","b":true,"c":12.034,"d":{"e":1},"f":["g","h"],"i":{},"j":[]}"#
        );
    }
}
