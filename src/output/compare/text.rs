//! Differences, for reading.

use std::io::{self, Write};

use super::lines::{Line, diff};
use super::{Aspect, Difference, Look, Outcome, Side, Value};
use crate::output::color::{ERROR, FAINT, Paint, STRING, TITLE};
use crate::output::{sanitize, talk};
use crate::secrets::{REDACTED, Secrets};

/// How many messages are shown that differ; of more it is told how many.
const MOST_MESSAGES: usize = 10;

/// Each difference under its name, and who is on which side of it.
pub fn text(out: &mut dyn Write, differences: &[Difference], look: Look) -> io::Result<()> {
    let mut messages = 0;
    for difference in differences {
        if let Aspect::Message(_) = difference.aspect {
            messages += 1;
            if messages > MOST_MESSAGES {
                continue;
            }
        } else if messages > MOST_MESSAGES {
            more(out, std::mem::take(&mut messages), look.paint)?;
        }
        one(out, difference, look)?;
    }
    if messages > MOST_MESSAGES { more(out, messages, look.paint) } else { Ok(()) }
}

fn more(out: &mut dyn Write, messages: usize, paint: Paint) -> io::Result<()> {
    let count = messages.saturating_sub(MOST_MESSAGES);
    writeln!(out, "{}", paint.text(FAINT, format_args!("… {count} more, which -o json shows")))
}

fn one(out: &mut dyn Write, difference: &Difference, look: Look) -> io::Result<()> {
    let Difference { aspect, sides } = difference;
    writeln!(out, "{}", look.paint.text(TITLE, sanitize::line(&title(aspect))))?;
    let has_lines = |side: &Side| matches!(side.value, None | Some(Value::Json(_) | Value::JsonList(_)));
    if matches!(aspect, Aspect::Message(_) | Aspect::Details) && sides.iter().all(has_lines) {
        return beside(out, sides, look.paint);
    }
    for side in sides {
        let hides = matches!(aspect, Aspect::Metadata(name) if look.talk.secrets.hide(name));
        let value = match (&side.value, aspect) {
            (None, Aspect::Spoken) => "yes".to_owned(),
            (None, _) => "none".to_owned(),
            (Some(_), _) if hides => REDACTED.to_owned(),
            (Some(Value::Text(why)), Aspect::Spoken) => format!("no: {}", sanitize::brief(why)),
            // It is made safe where it is made.
            (Some(Value::Text(text)), _) => text.replace('\n', "\n  "),
            (Some(value), _) => sanitize::line(&words(value)).into_owned(),
        };
        writeln!(out, "  {}: {value}", side.protocols.join(", "))?;
    }
    Ok(())
}

/// The first side's lines, and how each other's differ from them.
fn beside(out: &mut dyn Write, sides: &[Side], paint: Paint) -> io::Result<()> {
    let Some((first, others)) = sides.split_first() else { return Ok(()) };
    for other in others {
        let (one, two) = (first.protocols.join(", "), other.protocols.join(", "));
        let none = |side: &Side| if side.value.is_none() { ": none" } else { "" };
        writeln!(out, "  {}", paint.text(ERROR, format_args!("--- {one}{}", none(first))))?;
        writeln!(out, "  {}", paint.text(STRING, format_args!("+++ {two}{}", none(other))))?;
        let text = |side: &Side| side.value.as_ref().map(words).unwrap_or_default();
        for line in diff(&text(first), &text(other)) {
            match line {
                Line::Both(line) => writeln!(out, "    {}", sanitize::line(line))?,
                Line::First(line) => {
                    writeln!(out, "  {}", paint.text(ERROR, format_args!("- {}", sanitize::line(line))))?;
                }
                Line::Second(line) => {
                    writeln!(out, "  {}", paint.text(STRING, format_args!("+ {}", sanitize::line(line))))?;
                }
                Line::Gap(_) => writeln!(out, "    {}", paint.text(FAINT, "…"))?,
            }
        }
    }
    Ok(())
}

fn title(aspect: &Aspect) -> String {
    match aspect {
        Aspect::Spoken => "spoken".to_owned(),
        Aspect::Status => "status".to_owned(),
        Aspect::Details => "details".to_owned(),
        Aspect::Messages => "messages".to_owned(),
        Aspect::Message(index) => format!("message {}", index + 1),
        Aspect::Metadata(name) => format!("metadata {name}"),
    }
}

fn words(value: &Value) -> String {
    match value {
        Value::Text(text) | Value::Json(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::JsonList(texts) => texts.join("\n"),
        Value::Texts(texts) => texts.join(", "),
    }
}

/// Says that all answered alike.
pub fn agreed(talk: &mut dyn Write, outcomes: &[Outcome]) -> io::Result<()> {
    writeln!(talk, "* {} agree", names(outcomes))
}

/// Says that not all did, and in what.
pub fn differ(talk: &mut dyn Write, outcomes: &[Outcome], differences: &[Difference]) -> io::Result<()> {
    let places = match differences.len() {
        1 => "1 place".to_owned(),
        many => format!("{many} places"),
    };
    writeln!(talk, "* {} differ in {places}", names(outcomes))
}

/// How long each took.
pub fn times(talk: &mut dyn Write, outcomes: &[Outcome]) -> io::Result<()> {
    let time = |outcome: &Outcome| format!("{} {}", outcome.protocol, talk::milliseconds(outcome.took));
    writeln!(talk, "* time: {}", outcomes.iter().map(time).collect::<Vec<_>>().join(", "))
}

/// `grpc, grpc-web and connect`.
fn names(outcomes: &[Outcome]) -> String {
    let names: Vec<&str> = outcomes.iter().map(|outcome| outcome.protocol).collect();
    match names.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        names => names.concat(),
    }
}

/// Metadata as it may be shown.
pub(super) fn values(name: &str, values: &[String], secrets: Secrets) -> Vec<String> {
    let hides = secrets.hide(name);
    values.iter().map(|value| if hides { REDACTED.to_owned() } else { value.clone() }).collect()
}
