//! The trace that a call belongs to, as W3C's Trace Context has it (<https://www.w3.org/TR/trace-context>, §3.2).

use std::hash::{BuildHasher as _, Hasher as _, RandomState};

/// A trace, and the place of a call in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trace {
    /// The id by which the trace is looked up: 32 hexadecimal digits.
    pub(super) id: String,
    /// The id of the call in it: 16 of them.
    span: String,
    /// Two more, the last bit of which says that it is recorded.
    flags: String,
}

impl Trace {
    /// The call as a part of the trace that is given, if it is one, or of one of its own.
    pub(super) fn new(given: Option<&str>) -> Self {
        let (id, flags) = given.and_then(parts).unwrap_or_else(|| (random(2), "01".to_owned()));
        Self { id, span: random(1), flags }
    }

    /// The header.
    pub(super) fn line(&self) -> String {
        format!("traceparent: 00-{}-{}-{}", self.id, self.span, self.flags)
    }
}

/// The trace's id and flags.
fn parts(text: &str) -> Option<(String, String)> {
    let mut parts = text.trim().split('-');
    let (version, id, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let digits = |part: &str, count: usize| {
        part.len() == count && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let something = |part: &str| part.bytes().any(|byte| byte != b'0');
    let is_one = digits(version, 2)
        && version != "ff"
        && (version != "00" || parts.next().is_none())
        && (digits(id, 32) && something(id))
        && (digits(parent, 16) && something(parent))
        && digits(flags, 2);
    is_one.then(|| (id.to_owned(), flags.to_owned()))
}

/// So many times 16 digits that are nobody else's. They need not be unguessable.
fn random(count: usize) -> String {
    let word = |_| format!("{:016x}", RandomState::new().build_hasher().finish());
    (0..count).map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIVEN: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

    #[test]
    fn a_trace_goes_on() {
        let trace = Trace::new(Some(GIVEN));
        assert_eq!(trace.id, "4bf92f3577b34da6a3ce929d0e0e4736");
        let line = trace.line();
        assert!(line.starts_with("traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-"), "{line}");
        assert!(line.ends_with("-00") && !line.contains("00f067aa0ba902b7"), "{line}");
    }

    #[test]
    fn what_is_no_trace_begins_one() {
        for wrong in [
            "",
            "00",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what",
        ] {
            let trace = Trace::new(Some(wrong));
            assert_ne!(trace.id, "4bf92f3577b34da6a3ce929d0e0e4736", "{wrong}");
            assert!(parts(trace.line().trim_start_matches("traceparent: ")).is_some(), "{}", trace.line());
        }
        assert_ne!(Trace::new(None).id, Trace::new(None).id);
    }
}
