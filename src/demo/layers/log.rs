//! The log: one line a call, written when the call is over, however it ended.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime};

use http::{HeaderMap, Request, Response};
use http_body_util::BodyExt as _;
use tonic::Code;
use tonic::body::Body;
use tonic::transport::server::TcpConnectInfo;

use super::around::Around;
use crate::demo::plan::LogFormat;
use crate::demo::proto::google::rpc;

/// Where lines go and what they look like.
pub(in crate::demo) struct Log {
    format: LogFormat,
    writer: Mutex<Box<dyn Write + Send>>,
}

impl Log {
    /// Lines of this format to this writer.
    pub(in crate::demo) fn new(format: LogFormat, writer: Box<dyn Write + Send>) -> Arc<Self> {
        Arc::new(Self { format, writer: Mutex::new(writer) })
    }

    fn write(&self, line: &str) {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        // A log that nobody reads any more must not keep the server from serving.
        let _ = writeln!(writer, "{line}").and_then(|()| writer.flush());
    }
}

impl Around for Arc<Log> {
    type Before = Pending;

    fn before<B>(&self, request: &mut Request<B>) -> Pending {
        Pending {
            log: Self::clone(self),
            started: Instant::now(),
            call: Call {
                time: SystemTime::now(),
                peer: peer(request),
                method: request.uri().path().trim_start_matches('/').to_owned(),
                code: Code::Cancelled.into(),
                seconds: 0.0,
            },
        }
    }

    async fn after(
        mut pending: Pending,
        answer: impl Future<Output = Response<Body>> + Send + 'static,
    ) -> Response<Body> {
        let response = answer.await;
        // Without a body, the status is among the headers.
        pending.read(response.headers());
        response.map(|body| {
            Body::new(body.map_frame(move |frame| {
                if let Some(trailers) = frame.trailers_ref() {
                    pending.read(trailers);
                }
                frame
            }))
        })
    }
}

/// Who calls: an address, or nothing for a unix socket, where peers have no name.
fn peer<B>(request: &Request<B>) -> Option<String> {
    let info = request.extensions().get::<TcpConnectInfo>()?;
    info.remote_addr().map(|address| address.to_string())
}

/// A call under way. Its line is written when it is dropped, so a call that the client gives up has one too: until
/// the server has said something else, the status is CANCELLED.
pub(in crate::demo) struct Pending {
    log: Arc<Log>,
    started: Instant,
    call: Call,
}

impl Pending {
    fn read(&mut self, headers: &HeaderMap) {
        if let Some(status) = headers.get("grpc-status") {
            self.call.code = Code::from_bytes(status.as_bytes()).into();
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.call.seconds = self.started.elapsed().as_secs_f64();
        self.log.write(&match self.log.format {
            LogFormat::Text => self.call.text(),
            LogFormat::Json => self.call.json(),
        });
    }
}

/// What a line says.
struct Call {
    time: SystemTime,
    peer: Option<String>,
    method: String,
    code: i32,
    seconds: f64,
}

impl Call {
    fn text(&self) -> String {
        let time = humantime::format_rfc3339_millis(self.time);
        let peer = self.peer.as_deref().unwrap_or("-");
        // The path is the client's; nothing in it gets to drive a terminal.
        let method = self.method.escape_debug();
        format!("{time} {peer} {method} {} {:.1}ms", self.status(), self.seconds * 1e3)
    }

    fn json(&self) -> String {
        serde_json::json!({
            "time": humantime::format_rfc3339_millis(self.time).to_string(),
            "peer": self.peer,
            "method": self.method,
            "code": self.code,
            "status": self.status(),
            "duration_ms": (self.seconds * 1e6).round() / 1e3,
        })
        .to_string()
    }

    /// The name of the code, as gRPC's documents write it.
    fn status(&self) -> &'static str {
        rpc::Code::try_from(self.code).map_or("UNKNOWN", |code| code.as_str_name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn call() -> Call {
        Call {
            time: SystemTime::UNIX_EPOCH + Duration::from_millis(1_750_000_000_123),
            peer: Some("127.0.0.1:40000".to_owned()),
            method: "hello.HelloService/SayHello".to_owned(),
            code: 5,
            seconds: 0.001_25,
        }
    }

    #[test]
    fn a_line_for_people() {
        assert_eq!(
            call().text(),
            "2025-06-15T15:06:40.123Z 127.0.0.1:40000 hello.HelloService/SayHello NOT_FOUND 1.2ms"
        );
        let nasty = Call { peer: None, method: "a\u{1b}[31m".to_owned(), code: 0, ..call() };
        assert!(nasty.text().contains(" - a\\u{1b}[31m OK "), "{}", nasty.text());
    }

    #[test]
    fn a_line_for_programs() {
        let line: serde_json::Value = serde_json::from_str(&call().json()).unwrap();
        assert_eq!(line["status"], "NOT_FOUND");
        assert_eq!(line["code"], 5);
        assert_eq!(line["duration_ms"], 1.25);
    }
}
