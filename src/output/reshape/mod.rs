//! What is made of a message's JSON before it is printed: a jq filter over it, strings without quotes, a table.
//!
//! A filter may take as long as it likes, or for ever, so it runs on a thread of its own, where whoever waits for it
//! also hears of signals and the deadline.

mod filter;
mod print;
mod table;

use std::sync::mpsc as blocking;

use tokio::sync::mpsc;

pub use filter::ExpressionError;

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
    shaped: mpsc::UnboundedReceiver<Shaped>,
}

/// What became of a message: as far as it came, and why no further.
pub struct Shaped {
    /// What is printed.
    pub text: Vec<u8>,
    /// Why the filter gave no more.
    pub error: Option<String>,
}

/// How deep expressions and what they make may be nested comes down to this much stack, of which only what is used is
/// ever there.
const STACK: usize = 256 << 20;

impl Reshaper {
    /// Understands the filter, and is ready.
    pub fn start(plan: ReshapePlan) -> Result<Self, ExpressionError> {
        let (messages, mut incoming) = mpsc::unbounded_channel::<Vec<u8>>();
        let (outgoing, shaped) = mpsc::unbounded_channel();
        let (ready, understood) = blocking::channel();
        let work = move || {
            let filter = plan.filter.as_deref().map(Filter::compile).transpose();
            let filter = match filter {
                Ok(filter) => filter,
                Err(error) => return drop(ready.send(Err(error))),
            };
            // Whoever started this waits for the word.
            let _ = ready.send(Ok(()));
            let mut reshape = Reshape { filter, look: plan.look, table: Table::default() };
            while let Some(json) = incoming.blocking_recv() {
                if outgoing.send(reshape.message(&json)).is_err() {
                    break;
                }
            }
        };
        let started = std::thread::Builder::new().name("filter".to_owned()).stack_size(STACK).spawn(work);
        started.map_err(ExpressionError::Thread)?;
        match understood.recv() {
            Ok(Err(error)) => Err(error),
            Ok(Ok(())) | Err(_) => Ok(Self { messages, shaped }),
        }
    }

    /// Makes something else of a message. Nothing but the answer is lost when the future is dropped.
    pub async fn message(&mut self, json: Vec<u8>) -> Shaped {
        // A thread that is gone answers nothing, which is told below.
        let _ = self.messages.send(json);
        self.shaped.recv().await.unwrap_or_else(|| Shaped {
            text: Vec::new(),
            error: Some("the filter ended before its time".to_owned()),
        })
    }
}

/// The work itself.
struct Reshape {
    filter: Option<Filter>,
    look: Look,
    table: Table,
}

impl Reshape {
    fn message(&mut self, json: &[u8]) -> Shaped {
        let mut text = Vec::new();
        let value = match jaq_json::read::parse_single(json) {
            Ok(value) => value,
            Err(error) => return Shaped { text: json.to_vec(), error: Some(error.to_string()) },
        };
        let error = match self.filter.take() {
            None => {
                self.value(&value, &mut text);
                None
            }
            Some(filter) => {
                let result = filter.run(value, |value| self.value(&value, &mut text));
                self.filter = Some(filter);
                result.err()
            }
        };
        Shaped { text, error }
    }

    fn value(&mut self, value: &Val, out: &mut Vec<u8>) {
        match self.look {
            Look::Table => self.table.value(value, out),
            Look::Json { raw: true, escape, .. } if print::raw(value, escape, out) => out.push(b'\n'),
            Look::Json { pretty, escape, .. } => {
                print::Printer::new(out, pretty, escape).value(value);
                out.push(b'\n');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reshaped(filter: Option<&str>, look: Look, messages: &[&str]) -> String {
        let plan = ReshapePlan { filter: filter.map(str::to_owned), look };
        let mut reshaper = Reshaper::start(plan).unwrap();
        let mut text = String::new();
        for message in messages {
            let shape = reshaper.message(message.as_bytes().to_vec());
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let shaped = runtime.block_on(shape);
            text.push_str(&String::from_utf8(shaped.text).unwrap());
            text.extend(shaped.error.map(|error| format!("({error})\n")));
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
            let plan = ReshapePlan { filter: Some(expression.to_owned()), look: LINE };
            let error = Reshaper::start(plan).err().unwrap();
            assert!(error.to_string().starts_with(told), "{expression}: {error}");
        }
        let deep = ReshapePlan { filter: Some("(".repeat(60_000)), look: LINE };
        assert!(Reshaper::start(deep).is_err());
    }
}
