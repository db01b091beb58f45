//! What is made of a message's JSON before it is printed: a jq filter over it, strings without quotes, a table.
//!
//! A filter may take as long as it likes, or for ever, so it runs on a thread of its own, where whoever waits for it
//! also hears of signals and the deadline; and that thread may do no more than ask a process of its own.

mod apart;
mod filter;
mod print;
mod table;

use std::path::PathBuf;
use std::sync::mpsc as blocking;

use tokio::sync::mpsc;

pub use apart::serve;
pub use filter::ExpressionError;

use apart::Apart;
use filter::Filter;
use jaq_json::Val;
use table::Table;

/// What is to be made of messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReshapePlan {
    /// A filter, in jq's language.
    pub filter: Option<String>,
    /// How what comes out of it is printed.
    pub look: Look,
    /// This program, to run the filter in a process of its own, which a filter may bring down: without it, that is this
    /// process.
    pub program: Option<PathBuf>,
}

/// How values are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// As JSON.
    Json {
        /// Laid out over lines.
        pretty: bool,
        /// Strings alone stand without quotes.
        raw: bool,
        /// Whether what a terminal may not be shown is escaped.
        escape: bool,
    },
    /// In columns, to be read.
    Table,
}

/// Makes something else of messages, one after another.
pub struct Reshaper {
    messages: mpsc::UnboundedSender<Vec<u8>>,
    pieces: mpsc::Receiver<Piece>,
}

/// What becomes of a message, piece by piece: a filter may give more than memory holds.
pub enum Piece {
    /// What is to be printed next.
    Text(Vec<u8>),
    /// There is no more, and why, where that is not because all is done.
    End(Option<String>),
}

/// How large a piece is before it is handed on, in bytes.
const PIECE: usize = 64 << 10;
/// How many pieces may wait to be printed.
const WAITING: usize = 4;

/// How deep expressions and what they make may be nested comes down to this much stack, of which only what is used is
/// ever there.
const STACK: usize = 256 << 20;

impl Reshaper {
    /// Understands the filter, and is ready.
    pub fn start(plan: ReshapePlan) -> Result<Self, ExpressionError> {
        let (messages, mut incoming) = mpsc::unbounded_channel::<Vec<u8>>();
        let (outgoing, pieces) = mpsc::channel(WAITING);
        let (ready, understood) = blocking::channel();
        let work = move || {
            let mut worker = match Worker::start(plan, outgoing.clone()) {
                Ok(worker) => worker,
                Err(error) => return drop(ready.send(Err(error))),
            };
            // Whoever started this waits for the word.
            let _ = ready.send(Ok(()));
            while let Some(json) = incoming.blocking_recv() {
                let error = worker.message(&json);
                if outgoing.blocking_send(Piece::End(error)).is_err() {
                    break;
                }
            }
        };
        let started = std::thread::Builder::new().name("filter".to_owned()).stack_size(STACK).spawn(work);
        started.map_err(ExpressionError::Start)?;
        match understood.recv() {
            Ok(Err(error)) => Err(error),
            Ok(Ok(())) | Err(_) => Ok(Self { messages, pieces }),
        }
    }

    /// Begins to make something else of a message, whose pieces are then asked for until their end.
    pub fn begin(&mut self, json: Vec<u8>) {
        // A thread that is gone answers nothing, which is told below.
        let _ = self.messages.send(json);
    }

    /// The next piece. Nothing is lost when the future is dropped.
    pub async fn piece(&mut self) -> Piece {
        let gone = || Piece::End(Some("the filter ended before its time".to_owned()));
        self.pieces.recv().await.unwrap_or_else(gone)
    }
}

/// Who does the work.
enum Worker {
    Here(Reshape),
    Apart(Apart, mpsc::Sender<Piece>),
}

impl Worker {
    fn start(mut plan: ReshapePlan, outgoing: mpsc::Sender<Piece>) -> Result<Self, ExpressionError> {
        match plan.program.take() {
            // What is no filter ends with the message that it goes over.
            Some(program) if plan.filter.is_some() => Ok(Self::Apart(Apart::start(program, plan)?, outgoing)),
            _ => {
                let filter = plan.filter.as_deref().map(Filter::compile).transpose()?;
                Ok(Self::Here(Reshape { filter, look: plan.look, table: Table::default(), outgoing }))
            }
        }
    }

    /// Hands on what is made of a message, and says why there is no more of it, if that is for a reason.
    fn message(&mut self, json: &[u8]) -> Option<String> {
        match self {
            Self::Here(reshape) => reshape.message(json),
            Self::Apart(apart, outgoing) => apart.message(json, outgoing),
        }
    }
}

/// The work itself.
struct Reshape {
    filter: Option<Filter>,
    look: Look,
    table: Table,
    outgoing: mpsc::Sender<Piece>,
}

impl Reshape {
    fn message(&mut self, json: &[u8]) -> Option<String> {
        let mut text = Vec::new();
        let value = match jaq_json::read::parse_single(json) {
            Ok(value) => value,
            Err(error) => return Some(error.to_string()),
        };
        let Self { filter, look, table, outgoing } = self;
        let hand_on = |text: Vec<u8>| outgoing.blocking_send(Piece::Text(text)).is_ok();
        let mut give = |value: Val| {
            look.print(&value, table, &mut text);
            text.len() < PIECE || hand_on(std::mem::take(&mut text))
        };
        let error = match filter {
            None => {
                give(value);
                None
            }
            Some(filter) => filter.run(value, give).err(),
        };
        if !text.is_empty() {
            hand_on(text);
        }
        error
    }
}

impl Look {
    /// Prints a value, in a table if that is how.
    fn print(self, value: &Val, table: &mut Table, out: &mut Vec<u8>) {
        match self {
            Self::Table => table.value(value, out),
            Self::Json { raw: true, escape, .. } if print::raw(value, escape, out) => out.push(b'\n'),
            Self::Json { pretty, escape, .. } => {
                print::value(out, value, pretty, escape);
                out.push(b'\n');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reshaped(filter: Option<&str>, look: Look, messages: &[&str]) -> String {
        let plan = ReshapePlan { filter: filter.map(str::to_owned), look, program: None };
        let mut reshaper = Reshaper::start(plan).unwrap();
        let mut text = String::new();
        for message in messages {
            reshaper.begin(message.as_bytes().to_vec());
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            loop {
                match runtime.block_on(reshaper.piece()) {
                    Piece::Text(piece) => text.push_str(&String::from_utf8(piece).unwrap()),
                    Piece::End(error) => {
                        text.extend(error.map(|error| format!("({error})\n")));
                        break;
                    }
                }
            }
        }
        text
    }

    const LINE: Look = Look::Json { pretty: false, raw: false, escape: false };
    const RAW: Look = Look::Json { pretty: false, raw: true, escape: false };

    #[test]
    fn a_filter_gives_any_number_of_values() {
        let messages = [r#"{"items": [{"id": "a", "n": 1}, {"id": "b", "n": 2.5}]}"#];
        assert_eq!(reshaped(Some(".items[].id"), LINE, &messages), "\"a\"\n\"b\"\n");
        assert_eq!(reshaped(Some(".items[].id"), RAW, &messages), "a\nb\n");
        assert_eq!(reshaped(Some("[.items[].n] | add"), LINE, &messages), "3.5\n");
        assert_eq!(reshaped(Some("empty"), LINE, &messages), "");
        assert_eq!(reshaped(Some(".items[1] | {id, n}"), LINE, &messages), "{\"id\":\"b\",\"n\":2.5}\n");
    }

    #[test]
    fn rows_are_made_as_jq_makes_them() {
        let message = r#"{"a": "x \"y\"\t", "b": 1.5, "c": null, "d": true, "e": ""}"#;
        let row = |format: &str| reshaped(Some(&format!("[.a, .b, .c, .d, .e] | {format}")), RAW, &[message]);
        assert_eq!(row("@csv"), "\"x \"\"y\"\"\t\",1.5,,true,\"\"\n");
        assert_eq!(row("@tsv"), "x \"y\"\\t\t1.5\t\ttrue\t\n");
        assert_eq!(reshaped(Some("[[1]] | @csv"), RAW, &["{}"]), "(an array can't stand in a row)\n");
    }

    #[test]
    fn members_stay_in_order_and_numbers_keep_their_digits() {
        let message = r#"{"z": 18446744073709551615, "a": 0.10, "m": 1e400, "s": "é\u0000"}"#;
        let same = r#"{"z":18446744073709551615,"a":0.10,"m":1e400,"s":"é\u0000"}"#;
        assert_eq!(reshaped(Some("."), LINE, &[message]), format!("{same}\n"));
        assert_eq!(reshaped(Some(".z + 1"), LINE, &[message]), "18446744073709551616\n");
        assert_eq!(
            reshaped(Some("1.5 * 2, 1e17 * 10, nan, infinite"), LINE, &["{}"]),
            "3\n1e18\nnull\nnull\n"
        );
    }

    #[test]
    fn what_a_filter_gave_before_it_failed_stays() {
        let text = reshaped(Some(".a, .b.c"), LINE, &[r#"{"a": 1, "b": "text"}"#, r#"{"a": 2, "b": {}}"#]);
        assert_eq!(text, "1\n(cannot index \"text\" with \"c\")\n2\nnull\n");
        assert_eq!(reshaped(Some("error(\"why\")"), LINE, &["{}"]), "(why)\n");
        let halted = reshaped(Some(".a, halt, 3"), LINE, &[r#"{"a": 1}"#, r#"{"a": 2}"#]);
        assert_eq!(halted.lines().filter(|line| !line.starts_with("(halt")).collect::<Vec<_>>(), ["1", "2"]);
    }

    #[test]
    fn an_expression_that_is_none_is_told_where() {
        for (expression, told) in [
            (".a |", "expected a term at its end"),
            (".a | frobnicate", "there is no filter frobnicate at column 6"),
            ("$x", "there is no variable $x at column 1"),
            ("(.a", "expected a closing ) at its end"),
            (".a § 3", "expected a token at column 4"),
            ("if . then", "expected a term at its end"),
        ] {
            let plan = ReshapePlan { filter: Some(expression.to_owned()), look: LINE, program: None };
            let error = Reshaper::start(plan).err().unwrap();
            assert!(error.to_string().starts_with(told), "{expression}: {error}");
        }
        let deep = ReshapePlan { filter: Some("(".repeat(60_000)), look: LINE, program: None };
        assert!(Reshaper::start(deep).is_err());
    }
}
