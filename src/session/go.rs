//! Calls of Go's net/rpc, told as every other call is.
//!
//! Several requests are as many calls on one connection. What the server refuses is told for each, and the end sums
//! it up; where there is but one call, its end is that of the whole.

use std::collections::VecDeque;
use std::time::Instant;

use super::{CallError, Payload};
use crate::message::count::Takes;
use crate::message::input::{Encode, Requests};
use crate::message::split::Document;
use crate::message::{self, Format, json};
use crate::netrpc::explain::{Explanation, Mend};
use crate::netrpc::gob::TypeRef;
use crate::netrpc::gotype::GoTypes;
use crate::netrpc::{self, Answer, Codec, Ending, MalformedAnswer, RequestError, SentTypes};
use crate::wire::{self, Code, Deadline, Event, EventKind, Fault, Metadata, Phase, Status, passed};

/// Makes requests of documents, of JSON or of what becomes JSON.
pub(super) struct Encoder {
    requests: netrpc::Encoder,
    format: Format,
    given: usize,
}

impl Encoder {
    /// Requests of this method, which are told with their arguments `in_full`.
    pub(super) fn new(
        codec: Codec,
        method: &str,
        (format, go_type): (Format, Option<GoTypes>),
        in_full: bool,
    ) -> Self {
        let requests = netrpc::Encoder::new(codec, method, go_type).keeping(in_full);
        Self { requests, format, given: 0 }
    }

    /// The types of what it makes.
    pub(super) fn sent(&self) -> SentTypes {
        self.requests.sent()
    }
}

impl Encode for Encoder {
    type Message = netrpc::Request;

    fn format(&self) -> Format {
        self.format
    }

    fn takes(&self) -> Takes {
        Takes::EachItsOwn
    }

    async fn encode(
        &mut self,
        origin: &message::Origin,
        document: &Document,
    ) -> Result<netrpc::Request, message::Error> {
        self.given += 1;
        let place = message::Place { origin: origin.clone(), document: document.number };
        let encoded = if self.format == Format::Yaml {
            let json = json::from_yaml(&document.text).map_err(|error| {
                let excerpt = message::Excerpt::of(&document.text, error.position);
                let error = Box::new(error.after(document.start));
                message::Error::Json { place: place.clone(), error, excerpt }
            })?;
            self.requests.encode(&json)
        } else {
            self.requests.encode(&document.text)
        };
        encoded.map_err(|error| argument(place, error))
    }

    /// A call for which nobody gave an argument has an empty struct for one, which Go takes for any.
    fn at_end(&mut self, given: Option<message::Origin>) -> Result<Option<netrpc::Request>, message::Error> {
        if self.given > 0 || given.is_some() {
            return Ok(None);
        }
        let place = message::Place { origin: message::Origin::Flag("-d", None), document: 1 };
        self.requests.nothing().map(Some).map_err(|error| argument(place, error))
    }
}

fn argument(mut place: message::Place, error: RequestError) -> message::Error {
    // Of several items, the one is named that says it.
    if let (message::Origin::Items(written), Some(path)) = (&place.origin, error.path())
        && let [word] = written.words_at(path).as_slice()
    {
        place.origin = message::Origin::Item((*word).to_owned());
    }
    message::Error::Argument {
        place,
        suggested: error.suggested().map(str::to_owned),
        source: Box::new(error),
    }
}

/// Calls under way.
pub(super) struct Calls {
    inner: netrpc::Calls<Requests<netrpc::Request>, message::Error>,
    codec: Codec,
    /// What was sent.
    types: SentTypes,
    deadline: Option<Deadline>,
    told: VecDeque<Event<Payload>>,
    /// When the connection was made.
    connected: Option<Instant>,
    sent: usize,
    all_sent: bool,
    answered: usize,
    refused: usize,
    /// What the only call was refused with.
    outcome: Option<Status>,
    ended: bool,
}

impl Calls {
    pub(super) fn begin(
        client: netrpc::Client,
        limits: netrpc::Limits,
        deadline: Option<Deadline>,
        (requests, types): (Requests<netrpc::Request>, SentTypes),
    ) -> Self {
        Self {
            codec: client.codec,
            inner: netrpc::Calls::begin(client, limits, requests),
            types,
            deadline,
            told: VecDeque::new(),
            connected: None,
            sent: 0,
            all_sent: false,
            answered: 0,
            refused: 0,
            outcome: None,
            ended: false,
        }
    }

    /// How many bytes were written on the connection, and how many read.
    pub(super) fn carried(&self) -> [u64; 2] {
        self.inner.carried()
    }

    /// The next event; nothing after the End, or after an error. Safe to cancel.
    pub(super) async fn next(&mut self) -> Option<Result<Event<Payload>, CallError>> {
        loop {
            if let Some(event) = self.told.pop_front() {
                return Some(Ok(event));
            }
            if self.ended {
                return None;
            }
            let happened = tokio::select! {
                biased;
                // Before a server that always has more to say.
                deadline = passed(self.deadline) => {
                    let status = deadline.exceeded(self.doing());
                    let silent = self.connected.is_some() && self.answered == 0;
                    let hint = silent.then(|| self.other_schemes());
                    self.end(Status { hint, ..status });
                    continue;
                }
                happened = self.inner.next() => happened?,
            };
            match happened {
                Ok(happened) => self.take(happened),
                Err(error) => {
                    self.ended = true;
                    return Some(Err(CallError::Go(error)));
                }
            }
        }
    }

    fn doing(&self) -> &'static str {
        match (self.connected, self.sent > self.answered) {
            (None, _) => "connecting",
            (Some(_), true) => "waiting for answers",
            (Some(_), false) => "waiting for requests to send",
        }
    }

    fn take(&mut self, happened: netrpc::Event) {
        let kind = match happened {
            netrpc::Event::Connected(facts) => {
                self.connected = Some(facts.ready());
                self.told.extend(wire::phases(&facts));
                return;
            }
            netrpc::Event::Upgraded => {
                EventKind::Phase(Phase::Upgrade, self.connected.map(|at| at.elapsed()).unwrap_or_default())
            }
            netrpc::Event::Sent { seq, size, argument } => {
                self.sent += 1;
                EventKind::Sent {
                    index: place(seq),
                    size,
                    compressed: None,
                    payload: argument.map(Payload::Go),
                }
            }
            netrpc::Event::AllSent => {
                self.all_sent = true;
                EventKind::HalfClosed
            }
            netrpc::Event::Answered { answer: Answer { seq, result, size, .. }, sent } => {
                self.answered += 1;
                match result {
                    Ok(reply) => EventKind::Message {
                        index: place(seq),
                        payload: Payload::Go(reply),
                        wire_size: size,
                        compressed: false,
                    },
                    Err(text) => {
                        self.refused += 1;
                        let status = self.refusal(text, sent);
                        if self.all_sent && self.sent == 1 {
                            self.outcome = Some(status);
                            return;
                        }
                        EventKind::Ended { index: place(seq), status, trailers: Metadata::default() }
                    }
                }
            }
            netrpc::Event::End(ending) => {
                let status = self.status(ending);
                return self.end(status);
            }
        };
        self.told.push_back(Event::now(kind));
    }

    /// What a server refused a request with, and what that means.
    fn refusal(&self, text: String, sent: Option<TypeRef>) -> Status {
        let explained = self.types.explain(&text, sent);
        let hint = explained.map(|Explanation { why, mend }| match mend {
            // The types of Go have nothing in them that a quoted word of a shell could not hold.
            Some(Mend::Type(ty)) if ty.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'.') => {
                format!("{why}: --type {ty}")
            }
            Some(Mend::Type(ty)) => format!("{why}: --type '{ty}'"),
            Some(Mend::Definition) => {
                format!(
                    "{why}: copy the definition from the server's source into FILE, and give --type @FILE"
                )
            }
            Some(Mend::List) => {
                format!(
                    "{why}: where it also serves HTTP, rpcctl list netrpc+http://HOST:PORT shows what it has"
                )
            }
            None => why,
        });
        Status { hint: hint.map(String::into_boxed_str), ..Status::server(Code::UNKNOWN, text) }
    }

    /// What to try with a server that made no sense.
    fn other_schemes(&self) -> Box<str> {
        let hint = match self.codec {
            Codec::Gob => {
                "is it net/rpc, and gob? over HTTP it is netrpc+http://, and JSON-RPC is jsonrpc://"
            }
            Codec::Json => "is it net/rpc, and JSON-RPC? gob is netrpc://, and over HTTP netrpc+http://",
        };
        hint.into()
    }

    fn end(&mut self, status: Status) {
        self.ended = true;
        self.told.push_back(Event::now(EventKind::End(status, Metadata::default())));
    }

    fn status(&mut self, ending: Ending) -> Status {
        match ending {
            Ending::Complete => match (self.outcome.take(), self.refused) {
                (Some(status), _) => status,
                (None, 0) => Status::server(Code::OK, ""),
                (None, refused) => {
                    Status::local(Code::UNKNOWN, format!("{refused} of {} calls were refused", self.sent))
                }
            },
            Ending::Lost { unanswered, heard, error } => {
                let how = error.map_or_else(
                    || "the server closed the connection".to_owned(),
                    |error| format!("the connection was lost ({error})"),
                );
                let left = match unanswered {
                    0 => " before all requests were sent".to_owned(),
                    1 => " with a call unanswered".to_owned(),
                    many => format!(" with {many} calls unanswered"),
                };
                let hint = (!heard).then(|| self.other_schemes());
                Status { hint, ..Status::local(Code::UNAVAILABLE, how + &left).with(Fault::Lost) }
            }
            Ending::Malformed(error @ (MalformedAnswer::TooLarge { .. } | MalformedAnswer::TooMuch(_))) => {
                Status::local(Code::RESOURCE_EXHAUSTED, error.to_string()).with(Fault::Broken)
            }
            Ending::Malformed(error) => {
                let hint = match error {
                    MalformedAnswer::Http if self.codec == Codec::Gob => {
                        Some("gob over HTTP is netrpc+http://HOST:PORT".into())
                    }
                    MalformedAnswer::NoGob | MalformedAnswer::NoObject | MalformedAnswer::Http => {
                        Some(self.other_schemes())
                    }
                    MalformedAnswer::Tls => {
                        Some("over TLS, write netrpc+tls://, netrpc+https:// or jsonrpc+tls://".into())
                    }
                    _ => None,
                };
                Status { hint, ..Status::broken(Code::INTERNAL, error.to_string()) }
            }
        }
    }
}

fn place(seq: u64) -> usize {
    usize::try_from(seq).unwrap_or(usize::MAX)
}
