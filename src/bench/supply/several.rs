//! The documents of all data, and the elements of an array as so many.

use super::callee::Callee;
use crate::message::split::{Document, Splitter};
use crate::message::{Error, Format, Origin, Position};
use bytes::Bytes;

/// The largest document that is read, in bytes.
const LARGEST: usize = 1 << 30;

/// Cuts texts into documents. In JSON, a list of messages is so many, as ghz has it, unless a message may be a list
/// itself.
pub(super) fn documents(
    data: &[(Origin, Bytes)],
    format: Format,
    callee: Callee<'_>,
) -> Result<Vec<(Origin, Document)>, Error> {
    let is_list = matches!(callee.input().full_name(), "google.protobuf.ListValue" | "google.protobuf.Value");
    let mut all = Vec::new();
    for (origin, text) in data {
        let mut splitter = Splitter::new(format, LARGEST);
        splitter.push(text);
        splitter.finish();
        while let Some(document) = splitter.next_document().map_err(|error| Error::split(origin, error))? {
            let elements = if format == Format::Json && !is_list { elements(&document) } else { None };
            match elements {
                Some(elements) => all.extend(elements.into_iter().map(|element| (origin.clone(), element))),
                None => all.push((origin.clone(), document)),
            }
        }
    }
    Ok(all)
}

/// The elements of an array; none of what is no array, or no good one, which is for the reader to say.
fn elements(document: &Document) -> Option<Vec<Document>> {
    let text = document.text.as_ref();
    if text.first() != Some(&b'[') {
        return None;
    }
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    let (mut start, mut ends) = (1, Vec::new());
    for (at, &byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'[' | b'{' => depth += 1,
            b']' | b'}' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    ends.push(start..at);
                    if byte == b'}' || at + 1 != text.len() {
                        return None;
                    }
                }
            }
            b',' if depth == 1 => {
                ends.push(start..at);
                start = at + 1;
            }
            _ => {}
        }
    }
    if depth > 0 || quoted {
        return None;
    }
    let blank = |range: &std::ops::Range<usize>| {
        text.get(range.clone()).is_none_or(|part| part.trim_ascii().is_empty())
    };
    match ends.as_slice() {
        [only] if blank(only) => return Some(Vec::new()),
        all if all.iter().any(blank) => return None,
        _ => {}
    }
    let element = |range: std::ops::Range<usize>| {
        let part = text.get(range.clone()).unwrap_or_default();
        let begins = range.start + (part.len() - part.trim_ascii_start().len());
        let start = Position::of(text, begins).after(document.start);
        let text = document.text.slice(begins..begins + part.trim_ascii().len());
        Document { number: document.number, start, text }
    };
    Some(ends.into_iter().map(element).collect())
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    fn cut(text: &str) -> Vec<(String, Position)> {
        let origin = Origin::Flag("-d", None);
        let data = [(origin, Bytes::copy_from_slice(text.as_bytes()))];
        let (method, input) = testing::method_and_input("Say");
        let all = documents(&data, Format::Json, Callee::Proto(&method, &input)).unwrap();
        all.into_iter().map(|(_, one)| (String::from_utf8(one.text.to_vec()).unwrap(), one.start)).collect()
    }

    fn texts(text: &str) -> Vec<String> {
        cut(text).into_iter().map(|(text, _)| text).collect()
    }

    #[test]
    fn documents_and_lists_of_them_are_messages() {
        assert_eq!(texts(r#"{"a":1}{"b":[1,2]} {}"#), [r#"{"a":1}"#, r#"{"b":[1,2]}"#, "{}"]);
        assert_eq!(texts(r#"[{"a":"],[\"{"}, {"b":[1,2]}]"#), [r#"{"a":"],[\"{"}"#, r#"{"b":[1,2]}"#]);
        assert_eq!(texts(r#"[{"a":{{counter}}},{}] {}"#), [r#"{"a":{{counter}}}"#, "{}", "{}"]);
        assert!(texts("[ ]").is_empty() && texts(" ").is_empty());
        let places = cut("\n [ {},\n{}]").into_iter().map(|(_, start)| start.to_string());
        assert_eq!(places.collect::<Vec<_>>(), ["line 2 column 4", "line 3 column 1"]);
    }

    #[test]
    fn what_is_no_good_list_is_left_to_the_reader() {
        for text in ["[{},]", "[,]", "[{}", "[{}}", r#"[""#, "[{]"] {
            assert_eq!(texts(text), [text], "{text}");
        }
    }

    #[test]
    fn a_message_that_is_a_list_stays_one() {
        let (method, input) = testing::method_and_input("List");
        let data = [(Origin::Stdin, Bytes::from_static(b"[1,2]"))];
        for callee in [Callee::Proto(&method, &input), Callee::Go("Arith.Sum")] {
            assert_eq!(documents(&data, Format::Json, callee).unwrap().len(), 1);
        }
    }
}
