//! In which dialect a request is, by its verb, its content type and the method that it calls.

use http::header::{CONTENT_TYPE, HeaderMap};
use http::{Method, Request, Version};
use prost_reflect::MethodDescriptor;

use super::methods::{Methods, is_safe, is_unary};
use super::query::Query;
use super::refusal::Refusal;

/// How messages are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Codec {
    Proto,
    Json,
}

/// What is around the messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Form {
    /// gRPC, where tonic does not speak it: in JSON, or compressed in another way than it knows.
    Grpc,
    /// gRPC-Web, in base64 or not.
    Web { text: bool },
    /// Connect's streams.
    Stream,
    /// Connect's calls of one message each way.
    Unary,
    /// The same with the request in the path.
    Get(Query),
}

/// What is to be done with a request.
#[derive(Debug)]
pub(super) enum Asked {
    /// It is gRPC as tonic speaks it.
    Plain,
    /// It is to be translated.
    Other(Dialect),
}

/// A request's dialect.
#[derive(Debug)]
pub(super) struct Dialect {
    pub(super) form: Form,
    pub(super) codec: Codec,
    /// What is called; none where there is no such method, which is for the services to say.
    pub(super) method: Option<MethodDescriptor>,
}

impl Form {
    /// What its content type begins with.
    fn name(&self) -> &'static str {
        match self {
            Self::Grpc => "application/grpc",
            Self::Web { text: false } => "application/grpc-web",
            Self::Web { text: true } => "application/grpc-web-text",
            Self::Stream => "application/connect",
            Self::Unary | Self::Get(_) => "application",
        }
    }

    /// The content type of its answers.
    pub(super) fn content_type(&self, codec: Codec) -> String {
        let separator = if matches!(self, Self::Unary | Self::Get(_)) { '/' } else { '+' };
        format!("{}{separator}{}", self.name(), codec.name())
    }

    /// Whether there is nothing around the message but HTTP.
    pub(super) fn is_unary(&self) -> bool {
        matches!(self, Self::Unary | Self::Get(_))
    }
}

impl Codec {
    const ALL: [Self; 2] = [Self::Proto, Self::Json];

    fn name(self) -> &'static str {
        match self {
            Self::Proto => "proto",
            Self::Json => "json",
        }
    }

    pub(super) fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|codec| codec.name() == name)
    }
}

/// In which dialect a request is; or why it is in none.
pub(super) fn asked<B>(request: &Request<B>, methods: &Methods) -> Result<Asked, Refusal> {
    let path = request.uri().path();
    if request.method() != Method::POST {
        let method = methods.find(path).ok_or(Refusal::NotFound)?;
        if request.method() != Method::GET || !is_safe(&method) {
            return Err(Refusal::Verb { safe: is_safe(&method) });
        }
        let query = Query::read(request.uri().query().unwrap_or_default());
        let codec = Codec::by_name(&query.encoding).ok_or(Refusal::Encoding)?;
        return Ok(Asked::Other(Dialect { form: Form::Get(query), codec, method: Some(method) }));
    }
    match spoken(request.headers()) {
        Some((Form::Grpc, _)) if request.version() < Version::HTTP_2 => Err(Refusal::Version),
        Some((Form::Grpc, Codec::Proto)) if tonic_decompresses(request.headers()) => Ok(Asked::Plain),
        spoken => {
            let method = methods.find(path);
            let unary = method.as_ref().map(is_unary);
            match (spoken, unary) {
                (Some((Form::Stream, _)), Some(true)) | (Some((Form::Unary, _)), Some(false)) => {
                    Err(Refusal::MediaType { unary })
                }
                (Some((form, codec)), _) => Ok(Asked::Other(Dialect { form, codec, method })),
                (None, None) => Err(Refusal::NotFound),
                (None, Some(_)) => Err(Refusal::MediaType { unary }),
            }
        }
    }
}

/// What a content type stands for.
fn spoken(headers: &HeaderMap) -> Option<(Form, Codec)> {
    let header = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let essence = header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let (name, codec) = match essence.split_once('+') {
        Some((name, codec)) => (name, Some(Codec::by_name(codec)?)),
        None => (&*essence, None),
    };
    let form = match name {
        "application/grpc" => Form::Grpc,
        "application/grpc-web" => Form::Web { text: false },
        "application/grpc-web-text" => Form::Web { text: true },
        "application/connect" => return Some((Form::Stream, codec?)),
        "application/proto" if codec.is_none() => return Some((Form::Unary, Codec::Proto)),
        "application/json" if codec.is_none() => return Some((Form::Unary, Codec::Json)),
        _ => return None,
    };
    Some((form, codec.unwrap_or(Codec::Proto)))
}

fn tonic_decompresses(headers: &HeaderMap) -> bool {
    headers.get("grpc-encoding").is_none_or(|name| matches!(name.as_bytes(), b"identity" | b"gzip"))
}

/// The content types that are taken for a method, or for any.
pub(super) fn content_types(unary: Option<bool>) -> String {
    let forms = [Form::Grpc, Form::Web { text: false }, Form::Web { text: true }, Form::Stream, Form::Unary];
    let fits = |form: &Form| match form {
        Form::Stream => unary != Some(true),
        Form::Unary => unary != Some(false),
        _ => true,
    };
    let forms = forms.iter().rev().filter(|form| fits(form));
    let types = forms.flat_map(|form| Codec::ALL.map(|codec| form.content_type(codec)));
    types.collect::<Vec<_>>().join(", ")
}
