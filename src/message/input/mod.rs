//! From what the user gave to the messages of a call: read, cut into documents, counted, encoded.
//!
//! Text from flags is encoded before the call begins, so that a mistake in it costs no request. Files and standard
//! input are read as they come, each document encoded the moment it is complete, and a method that takes a stream
//! gets it at once.
//!
//! A method that takes one message gets it when the input is at its end, so that a second document, or garbage after
//! the first, is refused before anything is sent, however the writer's writes fall. A program that holds its pipe open
//! to say more later waits for the answer first: a pipe that has been quiet for a while after a complete document is
//! taken to have said it all. At a terminal the first complete document is the request at once; what stands behind it
//! on the same line was typed with it and still counts.

mod documents;
mod proto;

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use tokio_stream::StreamExt as _;

use self::documents::Documents;
use super::count::Takes;
use super::split::Document;
use super::{Error, Format, Origin};

pub use self::documents::{Chunks, Source, check_files};
pub use self::proto::{Encoder, Widen};

/// Makes the messages of a call of documents.
pub trait Encode: Send + 'static {
    /// A message, encoded.
    type Message: Send + 'static;

    /// How the documents are written.
    fn format(&self) -> Format;

    /// How many messages are taken.
    fn takes(&self) -> Takes;

    /// Whether a document that makes no message ends nothing: it is told in its place, and the next is read.
    fn goes_on(&self) -> bool {
        false
    }

    /// Makes a message of a document.
    fn encode(
        &mut self,
        origin: &Origin,
        document: &Document,
    ) -> impl Future<Output = Result<Self::Message, Error>> + Send;

    /// What is sent in place of a message that is missing when the input is at its end. `given` is where it was to
    /// come from.
    fn at_end(&mut self, given: Option<Origin>) -> Result<Option<Self::Message>, Error>;
}

/// The request messages of one call, encoded.
pub struct Requests<M = Bytes> {
    messages: Inner<M>,
    awaited: Option<Origin>,
}

enum Inner<M> {
    Ready(VecDeque<M>),
    Made(Pin<Box<dyn Stream<Item = Result<M, Error>> + Send>>),
}

impl<M> Unpin for Requests<M> {}

impl<M> Stream for Requests<M> {
    type Item = Result<M, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        match &mut self.get_mut().messages {
            Inner::Ready(messages) => Poll::Ready(messages.pop_front().map(Ok)),
            Inner::Made(messages) => messages.as_mut().poll_next(cx),
        }
    }
}

/// How long a pipe that holds a complete document may be quiet before that is taken to be all.
const QUIET: Duration = Duration::from_millis(100);

impl<M: Send + 'static> Requests<M> {
    /// Begins to read and encode. What stands on the command line is encoded before this returns.
    pub async fn open(sources: Vec<Source>, encoder: impl Encode<Message = M>) -> Result<Self, Error> {
        let awaited = sources.iter().find(|source| !matches!(source, Source::Text(..))).map(Source::origin);
        let given = sources.first().map(Source::origin);
        // What stands on the command line is all good, or nothing is sent.
        let lines = encoder.goes_on() && awaited.is_some();
        let documents = Documents::open(sources, encoder.format(), lines)?;
        let mut maker = Box::new(Maker { documents, encoder, given, ended: false });
        if awaited.is_some() {
            return Ok(Self { messages: Inner::Made(Box::pin(Making::Idle(maker))), awaited });
        }
        let mut messages = VecDeque::new();
        while let Some(message) = maker.next().await? {
            messages.push_back(message);
        }
        Ok(Self { messages: Inner::Ready(messages), awaited })
    }

    /// One message, encoded already.
    pub fn of(message: M) -> Self {
        Self { messages: Inner::Ready(VecDeque::from([message])), awaited: None }
    }

    /// Several, encoded already.
    pub fn all(messages: impl IntoIterator<Item = M>) -> Self {
        Self { messages: Inner::Ready(messages.into_iter().collect()), awaited: None }
    }

    /// Those that are given to the other end, as they are.
    pub fn given(messages: impl Stream<Item = M> + Send + 'static) -> Self {
        Self { messages: Inner::Made(Box::pin(messages.map(Ok))), awaited: None }
    }

    /// Where messages come from as the call goes on, if not all of them are at hand.
    pub fn awaited(&self) -> Option<&Origin> {
        self.awaited.as_ref()
    }
}

/// Makes messages of documents.
struct Maker<E> {
    documents: Documents,
    encoder: E,
    /// Where the first document is to come from, if from anywhere.
    given: Option<Origin>,
    ended: bool,
}

impl<E: Encode> Maker<E> {
    /// The next message, encoded the moment its document is complete; where there can be only one, when it is known
    /// to be the only one.
    async fn next(&mut self) -> Result<Option<E::Message>, Error> {
        if self.ended {
            return Ok(None);
        }
        let one = self.encoder.takes() == Takes::ExactlyOne;
        let mut held = None;
        loop {
            let next = match (&held, self.documents.is_typed()) {
                (None, _) => self.documents.next(None).await?,
                (Some(_), true) => self.documents.at_hand()?,
                (Some(_), false) => self.documents.next(Some(QUIET)).await?,
            };
            let Some((origin, document)) = next else { break };
            let message = self.encoder.encode(&origin, &document).await?;
            if !one {
                return Ok(Some(message));
            }
            held = Some(message);
        }
        self.ended = true;
        match held {
            None => self.encoder.at_end(self.given.take()),
            held => Ok(held),
        }
    }
}

/// Messages as they are asked for.
enum Making<E: Encode> {
    Idle(Box<Maker<E>>),
    Busy(Busy<E>),
    Over,
}

type Busy<E> = Pin<Box<dyn Future<Output = Step<E>> + Send>>;
type Step<E> = (Box<Maker<E>>, Result<Option<<E as Encode>::Message>, Error>);

impl<E: Encode> Stream for Making<E> {
    type Item = Result<E::Message, Error>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            match this {
                Self::Over => return Poll::Ready(None),
                Self::Idle(_) => {
                    let Self::Idle(mut maker) = std::mem::replace(this, Self::Over) else { continue };
                    *this = Self::Busy(Box::pin(async move {
                        let message = maker.next().await;
                        (maker, message)
                    }));
                }
                Self::Busy(making) => {
                    let (maker, message) = ready!(making.as_mut().poll(cx));
                    // After an error nothing more is read, unless it is of a document alone.
                    let goes_on = match &message {
                        Ok(_) => true,
                        Err(error) => maker.encoder.goes_on() && error.is_of_a_document(),
                    };
                    *this = if goes_on { Self::Idle(maker) } else { Self::Over };
                    return Poll::Ready(message.transpose());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read};

    use prost_reflect::MessageDescriptor;

    use super::super::count::{Count, Shape};
    use super::documents::CHUNK;
    use super::*;
    use crate::schema::testing;

    struct Nothing;

    impl Widen for Nothing {
        fn widen(
            &self,
            _: Vec<String>,
        ) -> Pin<Box<dyn Future<Output = Option<MessageDescriptor>> + Send + '_>> {
            Box::pin(std::future::ready(None))
        }
    }

    fn encoder(client_streaming: bool) -> Encoder {
        let pool =
            testing::pool(&[("test.proto", "syntax = \"proto3\"; package t; message M { int32 a = 1; }")]);
        Encoder {
            format: Format::Json,
            allow_unknown_fields: false,
            descriptor: pool.get_message_by_name("t.M").unwrap(),
            count: Count::new("t.S/M", Shape { client_streaming, server_streaming: false }),
            reader: crate::message::Reader::default(),
            json: None,
            widen: Box::new(Nothing),
        }
    }

    fn run<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
    }

    async fn all(requests: Result<Requests, Error>) -> Result<Vec<Bytes>, String> {
        let mut requests = requests.map_err(|error| error.to_string())?;
        let mut seen = Vec::new();
        while let Some(message) = requests.next().await {
            seen.push(message.map_err(|error| error.to_string())?);
        }
        Ok(seen)
    }

    fn stdin(reader: impl Read + Send + 'static) -> Source {
        Source::Stdin { reader: Box::new(reader), typed: false }
    }

    fn text(text: &str) -> Source {
        Source::Text(Origin::Flag("-d", None), text.to_owned().into())
    }

    #[test]
    fn nothing_asked_for_is_one_empty_message_or_none() {
        run(async {
            assert_eq!(all(Requests::open(vec![], encoder(false)).await).await.unwrap(), [""]);
            assert!(all(Requests::open(vec![], encoder(true)).await).await.unwrap().is_empty());
        });
    }

    #[test]
    fn an_input_without_a_message_is_no_message() {
        run(async {
            let stdin = || vec![stdin(io::empty())];
            assert!(all(Requests::open(stdin(), encoder(true)).await).await.unwrap().is_empty());
            assert_eq!(
                all(Requests::open(stdin(), encoder(false)).await).await.unwrap_err(),
                "t.S/M is unary and takes one message, but stdin holds none ({} would be the empty one)"
            );
            let text = Encoder { format: Format::Text, ..encoder(false) };
            assert_eq!(all(Requests::open(stdin(), text).await).await.unwrap(), [""]);
        });
    }

    #[test]
    fn what_is_still_to_come_is_known_by_its_origin() {
        run(async {
            let sources = vec![text("{}"), stdin(io::empty())];
            let requests = Requests::open(sources, encoder(true)).await.unwrap();
            assert_eq!(requests.awaited(), Some(&Origin::Stdin));
            assert_eq!(Requests::open(vec![text("{}")], encoder(true)).await.unwrap().awaited(), None);
        });
    }

    #[test]
    fn documents_of_all_sources_follow_one_another() {
        run(async {
            let sources = vec![text(r#"{"a":1}{"a":2}"#), stdin(&br#"{"a":3}"#[..])];
            let seen = all(Requests::open(sources, encoder(true)).await).await.unwrap();
            assert_eq!(seen, [&b"\x08\x01"[..], b"\x08\x02", b"\x08\x03"]);
        });
    }

    #[test]
    fn a_second_message_for_a_unary_method_is_refused_before_anything_is_sent() {
        run(async {
            let error = Requests::open(vec![text("{}"), text("{}")], encoder(false)).await.err().unwrap();
            assert!(matches!(error, Error::Count(_)));
            let error =
                all(Requests::open(vec![stdin(&b"{}{}"[..])], encoder(false)).await).await.unwrap_err();
            assert!(error.contains("takes one message"), "{error}");
        });
    }

    #[test]
    fn a_pipe_is_read_to_its_end_however_it_is_written() {
        // The second document comes in another chunk than the first.
        let far = format!("{{\"a\":1}}{}{{\"a\":2}}", " ".repeat(5 * CHUNK));
        run(async {
            let error = all(Requests::open(vec![stdin(io::Cursor::new(far))], encoder(false)).await).await;
            assert!(error.unwrap_err().contains("takes one message"));
        });
        // The second document comes when there was time enough to send the first.
        let (reader, mut writer) = io::pipe().unwrap();
        io::Write::write_all(&mut writer, b"{\"a\":7}").unwrap();
        run(async {
            let mut requests = Requests::open(vec![stdin(reader)], encoder(false)).await.unwrap();
            for _ in 0..100 {
                assert!(is_pending(&mut requests).await);
            }
            io::Write::write_all(&mut writer, b"{\"a\":8}").unwrap();
            drop(writer);
            assert!(requests.next().await.unwrap().is_err());
        });
    }

    /// Whether nothing is there to be sent.
    async fn is_pending(requests: &mut Requests) -> bool {
        tokio::task::yield_now().await;
        std::future::poll_fn(|cx| Poll::Ready(Pin::new(&mut *requests).poll_next(cx).is_pending())).await
    }

    #[test]
    fn what_follows_the_message_and_is_none_is_told_as_that() {
        run(async {
            for (input, error) in [
                (
                    "{\"a\":1} trailing",
                    "stdin, document 2: line 1 column 9: not valid JSON: expected a JSON value, found trailing",
                ),
                ("{\"a\":1}\n{\"a\":", "stdin, document 2: a at line 2 column 6: not valid JSON"),
                ("{\"a\":1} {\"b\":2}", "t.S/M is unary and takes one message, but more were given"),
            ] {
                let told = all(Requests::open(vec![stdin(input.as_bytes())], encoder(false)).await).await;
                let told = told.unwrap_err();
                assert!(told.starts_with(error), "{told}");
            }
        });
    }

    #[test]
    fn at_a_terminal_one_message_does_not_wait_for_the_end() {
        let typed = |line: &'static [u8]| {
            let (reader, mut writer) = io::pipe().unwrap();
            io::Write::write_all(&mut writer, line).unwrap();
            (vec![Source::Stdin { reader: Box::new(reader), typed: true }], writer)
        };
        run(async {
            let (sources, _writer) = typed(b"{\"a\":7}\n");
            let seen = all(Requests::open(sources, encoder(false)).await).await.unwrap();
            assert_eq!(seen, [&b"\x08\x07"[..]]);
            let (sources, _writer) = typed(b"{\"a\":7} oops\n");
            let error = all(Requests::open(sources, encoder(false)).await).await.unwrap_err();
            assert!(error.contains("not valid JSON"), "{error}");
        });
    }
}
