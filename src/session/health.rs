//! Asking a server how it is (gRPC's `doc/health-checking.md`), and what it says.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use prost::Message as _;
use serde::Deserialize;

use super::{Call, CallOptions, InputPlan, Method, Payload, ProtoMethod, Server, Session};
use crate::message::input::Source;
use crate::message::{self, Format, Origin};
use crate::schema::health;

/// What a server is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HealthQuestion {
    /// How a service is now; the server as a whole where it has no name.
    Check(String),
    /// The same, and again each time that it changes.
    Watch(String),
    /// How every service is now.
    List,
}

impl HealthQuestion {
    /// The service that is asked about; empty for the server as a whole, and for all.
    pub fn service(&self) -> &str {
        match self {
            Self::Check(service) | Self::Watch(service) => service,
            Self::List => "",
        }
    }

    fn method(&self) -> &'static str {
        match self {
            Self::Check(_) => "Check",
            Self::Watch(_) => "Watch",
            Self::List => "List",
        }
    }
}

/// How a service is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServingStatus {
    /// Not determined yet.
    Unknown,
    /// Up.
    Serving,
    /// Down.
    NotServing,
    /// There is no such service.
    ServiceUnknown,
    /// A number, or a name, that is none of these.
    Other(String),
}

impl From<i32> for ServingStatus {
    fn from(number: i32) -> Self {
        match number {
            0 => Self::Unknown,
            1 => Self::Serving,
            2 => Self::NotServing,
            3 => Self::ServiceUnknown,
            other => Self::Other(other.to_string()),
        }
    }
}

impl From<String> for ServingStatus {
    fn from(name: String) -> Self {
        match name.as_str() {
            "UNKNOWN" => Self::Unknown,
            "SERVING" => Self::Serving,
            "NOT_SERVING" => Self::NotServing,
            "SERVICE_UNKNOWN" => Self::ServiceUnknown,
            _ => Self::Other(name),
        }
    }
}

impl fmt::Display for ServingStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "UNKNOWN",
            Self::Serving => "SERVING",
            Self::NotServing => "NOT_SERVING",
            Self::ServiceUnknown => "SERVICE_UNKNOWN",
            Self::Other(text) => text,
        })
    }
}

/// An answer that says nothing of anybody's health.
#[derive(Debug, thiserror::Error)]
#[error("the server's answer is no {0}")]
pub struct NotHealth(&'static str);

#[derive(Clone, PartialEq, prost::Message)]
struct Response {
    #[prost(int32, tag = "1")]
    status: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
struct ListResponse {
    #[prost(btree_map = "string, message", tag = "1")]
    statuses: BTreeMap<String, Response>,
}

/// The same in JSON, where what is usual is left out.
#[derive(Default, Deserialize)]
#[serde(default)]
struct JsonResponse {
    status: Option<JsonStatus>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum JsonStatus {
    Number(i32),
    Name(String),
}

impl JsonResponse {
    fn status(self) -> ServingStatus {
        match self.status {
            None => ServingStatus::Unknown,
            Some(JsonStatus::Number(number)) => number.into(),
            Some(JsonStatus::Name(name)) => name.into(),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct JsonListResponse {
    statuses: BTreeMap<String, JsonResponse>,
}

impl HealthQuestion {
    /// What an answer to it says, each service by its name.
    pub fn read(&self, payload: &Payload) -> Result<Vec<(String, ServingStatus)>, NotHealth> {
        const ONE: &str = "grpc.health.v1.HealthCheckResponse";
        const ALL: &str = "grpc.health.v1.HealthListResponse";
        match (self, payload) {
            (Self::Check(service) | Self::Watch(service), Payload::Proto(bytes)) => {
                let response = Response::decode(bytes.clone()).map_err(|_| NotHealth(ONE))?;
                Ok(vec![(service.clone(), response.status.into())])
            }
            (Self::Check(service) | Self::Watch(service), Payload::Json(json)) => {
                let response: JsonResponse = serde_json::from_slice(json).map_err(|_| NotHealth(ONE))?;
                Ok(vec![(service.clone(), response.status())])
            }
            (Self::List, Payload::Proto(bytes)) => {
                let response = ListResponse::decode(bytes.clone()).map_err(|_| NotHealth(ALL))?;
                Ok(response.statuses.into_iter().map(|(name, one)| (name, one.status.into())).collect())
            }
            (Self::List, Payload::Json(json)) => {
                let response: JsonListResponse = serde_json::from_slice(json).map_err(|_| NotHealth(ALL))?;
                Ok(response.statuses.into_iter().map(|(name, one)| (name, one.status())).collect())
            }
            (_, Payload::Go(_)) => Err(NotHealth(ONE)),
        }
    }
}

impl Session {
    /// Begins to ask a server how it is; nothing where it speaks no gRPC.
    pub async fn ask_health(
        &self,
        question: &HealthQuestion,
        options: CallOptions,
    ) -> Option<Result<Call, message::Error>> {
        let Server::Grpc(client) = &self.server else { return None };
        let descriptor = health::method(question.method())?;
        let method = ProtoMethod { descriptor, found: self.found(), client: Arc::clone(client) };
        let request = match question {
            HealthQuestion::List => serde_json::json!({}),
            HealthQuestion::Check(service) | HealthQuestion::Watch(service) => {
                serde_json::json!({ "service": service })
            }
        };
        let source = Source::Text(Origin::Flag("the service", None), request.to_string().into());
        let input =
            InputPlan { format: Format::Json, allow_unknown_fields: false, each: false, go_type: None };
        let messages = self.encode(Method::Proto(method), vec![source], input).await;
        Some(messages.map(|messages| self.call(messages, options)))
    }

    /// Whether the server has been seen to be there: until then what goes wrong is the connection's fault.
    pub fn has_spoken(&self) -> bool {
        match &self.server {
            Server::Grpc(client) => client.has_spoken(),
            Server::Go(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn check(payload: &Payload) -> String {
        let read = HealthQuestion::Check("s".to_owned()).read(payload);
        read.map_or_else(|error| error.to_string(), |all| format!("{} {}", all[0].0, all[0].1))
    }

    #[test]
    fn statuses_are_read_from_both_codecs() {
        let proto = |bytes: &'static [u8]| check(&Payload::Proto(Bytes::from_static(bytes)));
        assert_eq!(proto(b"\x08\x01"), "s SERVING");
        assert_eq!(proto(b""), "s UNKNOWN");
        assert_eq!(proto(b"\x08\x07"), "s 7");
        assert_eq!(proto(b"\x08"), "the server's answer is no grpc.health.v1.HealthCheckResponse");
        let json = |text: &'static str| check(&Payload::Json(Bytes::from_static(text.as_bytes())));
        assert_eq!(json(r#"{"status":"NOT_SERVING"}"#), "s NOT_SERVING");
        assert_eq!(json(r#"{"status":3}"#), "s SERVICE_UNKNOWN");
        assert_eq!(json("{}"), "s UNKNOWN");
    }

    #[test]
    fn a_list_has_every_service() {
        let bytes = Bytes::from_static(b"\x0a\x06\x0a\x00\x12\x02\x08\x01\x0a\x07\x0a\x01a\x12\x02\x08\x02");
        let all = HealthQuestion::List.read(&Payload::Proto(bytes)).unwrap();
        assert_eq!(
            all,
            [(String::new(), ServingStatus::Serving), ("a".to_owned(), ServingStatus::NotServing)]
        );
    }
}
