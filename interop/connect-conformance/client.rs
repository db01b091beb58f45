//! What Connect's conformance suite talks to: makes each call that it asks for with the code that `rpcctl call` uses.
//!
//! Its one argument is a descriptor set with the suite's service. Requests come on stdin and answers go to stdout, each
//! behind its length in four bytes, big-endian (`connectrpc/conformance/v1/client_compat.proto`).

mod protocol;

use std::error::Error;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use prost::Message as _;
use prost_reflect::MethodDescriptor;
use rpcctl::compression::Compression;
use rpcctl::message::input::Source;
use rpcctl::message::{Format, Origin, json};
use rpcctl::schema::SchemaPlan;
use rpcctl::session::{
    Call, CallError, CallOptions, EventKind, InputPlan, Metadata, Method, Payload, ServerPlan, Session,
    SessionPlan, Status, StatusDetails,
};
use rpcctl::transport::{Endpoint, Http, HttpChoice, Identity, Roots, Target, TlsPlan};
use rpcctl::wire::{self, Channel, Codec, Dialect, Protocol};
use tokio::sync::mpsc;

use protocol::{Case, Header, Outcome, Result as Told, Timing, shape};

type Failure = Box<dyn Error + Send + Sync>;

/// How many calls are made at a time.
const AT_A_TIME: usize = 16;
/// Larger than any message of the suite.
const NO_LIMIT: usize = 64 << 20;

fn main() -> Result<(), Failure> {
    let set = std::env::args_os().nth(1).map(PathBuf::from).ok_or("name a descriptor set")?;
    let (cases, mut read) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        let mut stdin = io::stdin().lock();
        let mut length = [0; 4];
        while stdin.read_exact(&mut length).is_ok() {
            let mut case = vec![0; u32::from_be_bytes(length) as usize];
            if stdin.read_exact(&mut case).is_err() || cases.send(case).is_err() {
                return;
            }
        }
    });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut running = tokio::task::JoinSet::new();
        let room = std::sync::Arc::new(tokio::sync::Semaphore::new(AT_A_TIME));
        while let Some(case) = read.recv().await {
            let (set, room) = (set.clone(), room.clone().acquire_owned().await?);
            running.spawn(async move {
                let case = Case::decode(case.as_slice())?;
                let test_name = case.test_name.clone();
                let made = make(case, set).await;
                drop(room);
                let outcome = match made {
                    Ok(told) => Outcome::Response(told),
                    Err(error) => Outcome::Error(protocol::Failed { message: error.to_string() }),
                };
                let answer = protocol::Answer { test_name, outcome: Some(outcome) }.encode_to_vec();
                let mut stdout = io::stdout().lock();
                stdout.write_all(&u32::try_from(answer.len())?.to_be_bytes())?;
                stdout.write_all(&answer)?;
                stdout.flush()?;
                Ok::<_, Failure>(())
            });
        }
        while let Some(ended) = running.join_next().await {
            ended??;
        }
        Ok(())
    })
}

/// Makes one call.
async fn make(case: Case, set: PathBuf) -> Result<Told, Failure> {
    let files = tempfile::tempdir()?;
    let plan = SessionPlan {
        server: ServerPlan::Grpc {
            channel: channel(&case, files.path())?,
            schema: Some(SchemaPlan { descriptor_sets: vec![set], ..SchemaPlan::default() }),
        },
        timeout: case.timeout_ms.map(|millis| Duration::from_millis(millis.into())),
        in_full: false,
    };
    let session = Session::open(plan, Instant::now())?;
    let service = case.service.as_deref().unwrap_or("connectrpc.conformance.v1.ConformanceService");
    let method = case.method.as_deref().ok_or("no method is named")?;
    let method = session.find(&format!("{service}/{method}")).await?;
    let Method::Proto(proto) = method.clone() else { return Err("the method is of net/rpc".into()) };

    let (answered, answers) = mpsc::unbounded_channel();
    let (source, open_end) = source(&case, proto.descriptor.is_client_streaming(), answers).await?;
    let input = InputPlan {
        format: Format::Binary { delimited: false },
        allow_unknown_fields: false,
        each: false,
        go_type: None,
    };
    let messages = session.encode(method, vec![source], input).await?;
    let call = session.call(messages, options(&case)?);
    let watch = Watch { case: &case, descriptor: proto.descriptor, answered, sent: 0, cancel: None };
    let told = watch.follow(call).await;
    drop(open_end);
    told
}

/// What keeps the end of a request's messages open as long as it is there.
type OpenEnd = tokio::sync::oneshot::Sender<()>;

/// Where the messages come from: all at hand, or a pipe for a stream of them.
async fn source(
    case: &Case,
    streams: bool,
    answers: mpsc::UnboundedReceiver<()>,
) -> Result<(Source, OpenEnd), Failure> {
    let messages: Vec<Vec<u8>> = case.request_messages.iter().map(|any| any.value.clone()).collect();
    let delay = Duration::from_millis(case.request_delay_ms.into());
    let (open_end, held) = tokio::sync::oneshot::channel();
    if !streams {
        tokio::time::sleep(delay).await;
        let message = messages.into_iter().next().unwrap_or_default();
        return Ok((Source::Text(Origin::Flag("request_messages", None), message.into()), open_end));
    }
    let (reader, writer) = io::pipe()?;
    let stays_open = matches!(timing(case), Some(Timing::BeforeCloseSend(())));
    tokio::spawn(feed(
        messages,
        writer,
        delay,
        is_duplex(case).then_some(answers),
        stays_open.then_some(held),
    ));
    Ok((Source::Stdin { reader: Box::new(reader), typed: false }, open_end))
}

fn options(case: &Case) -> Result<CallOptions, Failure> {
    let mut metadata = Metadata::default();
    for Header { name, value } in &case.request_headers {
        for value in value {
            metadata.add_line(&format!("{name}: {value}"))?;
        }
    }
    let limit = case.message_receive_limit as usize;
    let limit = if limit == 0 { NO_LIMIT } else { limit };
    Ok(CallOptions { get: case.use_get_http_method, ..CallOptions::new(metadata, limit) })
}

/// Whether each message is sent when the one before was answered.
fn is_duplex(case: &Case) -> bool {
    case.stream_type == shape::FULL_DUPLEX
}

/// Follows a call to its end, or to where it is to be cancelled.
struct Watch<'a> {
    case: &'a Case,
    descriptor: MethodDescriptor,
    /// Told of each answer.
    answered: mpsc::UnboundedSender<()>,
    sent: usize,
    cancel: Option<tokio::time::Instant>,
}

impl Watch<'_> {
    async fn follow(mut self, mut call: Call) -> Result<Told, Failure> {
        let mut told = Told::default();
        loop {
            let event = tokio::select! {
                biased;
                () = until(self.cancel) => None,
                event = call.next() => event,
            };
            match event {
                None => {
                    // Dropping the call cancels it.
                    told.error = Some(protocol::CallFailed::cancelled());
                    break;
                }
                Some(Ok(event)) => {
                    if self.take(event.kind, &mut told)? {
                        break;
                    }
                }
                Some(Err(CallError::Wire(wire::CallError::Connection(error)))) => return Err(error.into()),
                Some(Err(_)) => return Err("the messages can't be sent".into()),
            }
        }
        let unsent = self.case.request_messages.len().saturating_sub(self.sent);
        told.num_unsent_requests = i32::try_from(unsent)?;
        Ok(told)
    }

    /// Whether the call is over.
    fn take(&mut self, event: EventKind<Payload>, told: &mut Told) -> Result<bool, Failure> {
        let now = tokio::time::Instant::now();
        let all = self.case.request_messages.len();
        match event {
            EventKind::Sent { .. } => {
                self.sent += 1;
                if self.before_close() && !is_duplex(self.case) && self.sent == all {
                    self.cancel = Some(now);
                }
            }
            EventKind::HalfClosed => {
                if let Some(Timing::AfterCloseSendMs(millis)) = timing(self.case) {
                    self.cancel = Some(now + Duration::from_millis(millis.into()));
                }
            }
            EventKind::Headers(headers) => told.response_headers = listed(&headers),
            EventKind::Message { payload, .. } => {
                told.payloads.push(self.payload(payload)?);
                let _ = self.answered.send(());
                let count = told.payloads.len();
                let enough = match timing(self.case) {
                    Some(Timing::AfterNumResponses(wanted)) => count == wanted as usize,
                    _ => self.before_close() && is_duplex(self.case) && count == all,
                };
                if enough {
                    self.cancel = Some(now);
                }
            }
            EventKind::End(status, trailers) => {
                told.response_trailers = listed(&trailers);
                told.error = failed(&status);
                // Of a call that is to have one answer, and fails, what else came is told on the command line alone.
                if told.error.is_some() && !self.descriptor.is_server_streaming() {
                    told.payloads.clear();
                }
                return Ok(true);
            }
            _ => {}
        }
        Ok(false)
    }

    fn before_close(&self) -> bool {
        matches!(timing(self.case), Some(Timing::BeforeCloseSend(())))
    }

    /// What an answer holds for the suite.
    fn payload(&self, payload: Payload) -> Result<Vec<u8>, Failure> {
        let bytes = match payload {
            Payload::Proto(bytes) => bytes.to_vec(),
            Payload::Json(document) => {
                json::Reader::default().read(&self.descriptor.output(), &document, true)?
            }
            Payload::Go(_) => return Err("the answer is of net/rpc".into()),
        };
        Ok(protocol::Reply::decode(bytes.as_slice())?.payload.unwrap_or_default())
    }
}

async fn until(moment: Option<tokio::time::Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// When to cancel; where that is asked for and not said, as soon as all is sent.
fn timing(case: &Case) -> Option<Timing> {
    let cancel = case.cancel.as_ref()?;
    Some(cancel.timing.clone().unwrap_or(Timing::AfterCloseSendMs(0)))
}

/// Writes the messages of a stream, each in its time: in a conversation, when the one before was answered. The end stays
/// open as long as `held` says.
async fn feed(
    messages: Vec<Vec<u8>>,
    mut writer: io::PipeWriter,
    delay: Duration,
    mut answers: Option<mpsc::UnboundedReceiver<()>>,
    held: Option<tokio::sync::oneshot::Receiver<()>>,
) {
    for message in messages {
        tokio::time::sleep(delay).await;
        let mut bytes = Vec::new();
        prost::encoding::encode_varint(message.len() as u64, &mut bytes);
        bytes.extend(message);
        let written = tokio::task::spawn_blocking(move || {
            let result = writer.write_all(&bytes);
            (writer, result)
        });
        let Ok((again, Ok(()))) = written.await else { return };
        writer = again;
        if let Some(answers) = &mut answers {
            answers.recv().await;
        }
    }
    if let Some(held) = held {
        let _ = held.await;
    }
}

fn channel(case: &Case, files: &Path) -> Result<Channel, Failure> {
    let (protocol, http) = (
        match case.protocol {
            1 => Protocol::Connect,
            2 => Protocol::Grpc,
            3 => Protocol::GrpcWeb { text: false },
            other => return Err(format!("protocol {other}").into()),
        },
        match case.http_version {
            1 => HttpChoice::Only(Http::One),
            2 => HttpChoice::Only(Http::Two),
            other => return Err(format!("HTTP version {other}").into()),
        },
    );
    let codec = match case.codec {
        1 => Codec::Proto,
        2 => Codec::Json,
        other => return Err(format!("codec {other}").into()),
    };
    let compression = match case.compression {
        0 | 1 => None,
        2 => Some(Compression::Gzip),
        3 => Some(Compression::Brotli),
        4 => Some(Compression::Zstd),
        5 => Some(Compression::Deflate),
        other => return Err(format!("compression {other}").into()),
    };
    let write = |name: &str, bytes: &[u8]| {
        let path = files.join(name);
        std::fs::write(&path, bytes).map(|()| path)
    };
    let tls = if case.server_tls_cert.is_empty() {
        None
    } else {
        let identity = match &case.client_tls_creds {
            Some(own) => {
                let (cert, key) = (write("own.pem", &own.cert)?, write("own.key", &own.key)?);
                Some(Identity { cert, key: Some(key), password: None })
            }
            None => None,
        };
        let roots = Roots::Files(vec![write("server.pem", &case.server_tls_cert)?]);
        Some(TlsPlan { roots, identity, alpn: http.alpn(), ..TlsPlan::default() })
    };
    let port = u16::try_from(case.port)?;
    Ok(Channel {
        target: Target {
            tls,
            http,
            connect_timeout: Duration::from_secs(20),
            ..Target::new(Endpoint::Tcp { host: case.host.clone(), port })
        },
        dialect: Dialect { protocol, codec, compression, compress_min: 0 },
        authority: None,
        prefix: String::new(),
        user_agent: "rpcctl-conformance".to_owned(),
    })
}

/// Metadata as it was on the wire.
fn listed(metadata: &Metadata) -> Vec<Header> {
    let mut headers: Vec<Header> = Vec::new();
    for (name, value) in metadata.as_http() {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        match headers.last_mut().filter(|last| last.name == name.as_str()) {
            Some(last) => last.value.push(value),
            None => headers.push(Header { name: name.to_string(), value: vec![value] }),
        }
    }
    headers
}

fn failed(status: &Status) -> Option<protocol::CallFailed> {
    let details = match &status.details {
        StatusDetails::Decoded(details) => details.details.clone(),
        StatusDetails::None | StatusDetails::Malformed(_) => Vec::new(),
    };
    let code = i32::try_from(status.code.0).unwrap_or(2);
    (code != 0).then(|| protocol::CallFailed { code, message: Some(status.message.clone()), details })
}
