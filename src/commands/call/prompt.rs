//! The request asked for on the terminal: questions go to stderr, answers come from stdin, a line each.
//!
//! The terminal's own line editing is used. What was asked for is shown as JSON, and as the line that does the same
//! without being asked.

use std::io::{self, BufRead as _};
use std::time::{Instant, SystemTime};

use clap::{Args as _, Command};
use tokio::sync::mpsc;

use super::super::{Failed, Writers, schema_verb, surroundings};
use super::CallArgs;
use super::plan::Planned;
use super::words::RequestError;
use crate::args::{TargetPlan, quoted, retyped};
use crate::commands::data;
use crate::failure::Failure;
use crate::message::count::Takes;
use crate::message::form::{self, ENOUGH, Form};
use crate::message::input::Source;
use crate::message::items::Item;
use crate::message::json;
use crate::output::sanitize;
use crate::session::{Method, Session, SessionPlan};

/// What the dialogue came to.
pub(super) enum Asked {
    /// The messages.
    Sources(Vec<Source>),
    /// It was left, with this exit code.
    Left(u8),
}

/// Leaving with ^D is like leaving with ^C.
const LEFT: u8 = 130;

/// Finds the method, asks for its request, and shows it. The session is the dialogue's own, without a deadline: a server
/// may have hung up by the time that somebody has typed it all.
pub(super) async fn run(
    (plan, target): (&Planned, &TargetPlan),
    started: Instant,
    io: &mut Writers<'_>,
) -> Result<Asked, Failed> {
    let at = |failure: Failure| Failed::at(target, failure);
    let without_deadline = SessionPlan { timeout: None, ..plan.session.clone() };
    let session = Session::open(without_deadline, started).map_err(|error| at(error.into()))?;
    let found = session.find(&plan.method).await;
    let method = schema_verb::explained(found, &session, io).await.map_err(at)?;
    // Net/rpc, which knows no types to ask for, was refused before.
    let Method::Proto(found) = &method else { return Ok(Asked::Sources(Vec::new())) };
    let (name, input) = (found.name(), found.descriptor.input());
    if !form::is_asked_into(&input) {
        return Err(RequestError::PromptOfValue(input.full_name().to_owned()).into());
    }
    let signal = super::super::signal();
    let intro = format!(
        "* {name} takes {}: Enter skips a field, {ENOUGH} all that is left, \"\" is the empty text, ^D leaves",
        input.full_name()
    );
    writeln!(io.talk, "{}", sanitize::line(&intro))?;
    let many = plan.input.each || method.takes() != Takes::ExactlyOne;
    match ask(Form::new(&input, many, SystemTime::now()), signal, io).await? {
        Ok(messages) => show(&messages, (plan, target), &method, io).map(Asked::Sources),
        Err(code) => {
            writeln!(io.talk, "\n* nothing was sent")?;
            Ok(Asked::Left(code))
        }
    }
}

/// Asks until all has been asked; or gives the exit code of leaving.
async fn ask(
    mut form: Form,
    signal: impl Future<Output = u8>,
    io: &mut Writers<'_>,
) -> io::Result<Result<Vec<Vec<Item>>, u8>> {
    let mut lines = lines()?;
    tokio::pin!(signal);
    let mut again = false;
    while let Some(mut question) = form.question() {
        // A menu that was just shown is still there.
        if again && let Some((_, last)) = question.rsplit_once('\n') {
            question = last.to_owned();
        }
        write!(io.talk, "{}", sanitize::multiline(&question))?;
        io.talk.flush()?;
        let line = tokio::select! {
            line = lines.recv() => line.transpose()?,
            code = &mut signal => return Ok(Err(code)),
        };
        let Some(line) = line else { return Ok(Err(LEFT)) };
        let taken = match String::from_utf8(line) {
            Ok(line) => form.answer(&line).map_err(|error| error.to_string()),
            Err(_) => Err("that is not UTF-8".to_owned()),
        };
        again = taken.is_err();
        if let Err(why) = taken {
            writeln!(io.talk, "  {}", sanitize::line(&why))?;
        }
    }
    Ok(Ok(form.messages()))
}

/// The lines of stdin without their ends, read on a thread of its own: nobody knows how long a person thinks.
fn lines() -> io::Result<mpsc::Receiver<io::Result<Vec<u8>>>> {
    let (sender, receiver) = mpsc::channel(1);
    let read = move || {
        let mut stdin = io::stdin().lock();
        loop {
            let mut line = Vec::new();
            let read = match stdin.read_until(b'\n', &mut line) {
                Ok(0) => return,
                Ok(_) => {
                    let end =
                        line.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |at| at + 1);
                    line.truncate(end);
                    Ok(line)
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => Err(error),
            };
            // When nobody listens any more, all has been asked.
            if sender.blocking_send(read).is_err() {
                return;
            }
        }
    };
    std::thread::Builder::new().name("answers".to_owned()).spawn(read)?;
    Ok(receiver)
}

/// The words that led here, without those that ask.
fn again() -> Vec<String> {
    let verb = CallArgs::augment_args(Command::new("call"));
    let words = retyped(&verb.arg(super::super::color_flag()), &surroundings::words(), "prompt");
    ["rpcctl".to_owned()].into_iter().chain(words).collect()
}

/// Shows what was asked for, and gives it as sources of messages.
fn show(
    messages: &[Vec<Item>],
    (plan, target): (&Planned, &TargetPlan),
    method: &Method,
    io: &mut Writers<'_>,
) -> Result<Vec<Source>, Failed> {
    let mut sources = Vec::with_capacity(messages.len());
    let mut line = again();
    for items in messages {
        let (source, json) = data::source_of(items, method, plan.input.allow_unknown_fields)
            .map_err(|error| Failed::at(target, Failure::from(error)))?;
        writeln!(io.talk, "{}", sanitize::json(&json::pretty(&json)))?;
        match messages {
            // An empty one is sent without being asked for, but not to a stream.
            [_] if !items.is_empty() || method.takes() == Takes::ExactlyOne => {
                line.extend(items.iter().map(|item| quoted(item.word())));
            }
            // That is more, or less, than items can say.
            _ => {
                // What says how answers are printed would say how these are written, too.
                let both = |word: &String| word == "--format" || word.starts_with("--format=");
                let said = line.iter().any(|word| word == "-i json");
                line.extend((!said && line.iter().any(both)).then(|| "-i json".to_owned()));
                line.push(format!("-d {}", quoted(&json)));
            }
        }
        sources.push(source);
    }
    writeln!(io.talk, "{}", sanitize::line(&line.join(" ")))?;
    Ok(sources)
}
