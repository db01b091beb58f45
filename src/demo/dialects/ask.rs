//! In which dialect a request is, by its verb, its content type and the method that it calls.

use http::header::{CONTENT_TYPE, HeaderMap};
use http::{Method, Request, Version};
use prost_reflect::MethodDescriptor;

use super::methods::{Methods, is_safe, is_unary};
use super::query::Query;
use super::refusal::Refusal;
use crate::media::{Codec, Media};

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

impl From<Media> for Form {
    fn from(media: Media) -> Self {
        match media {
            Media::Grpc => Self::Grpc,
            Media::Web { text } => Self::Web { text },
            Media::Stream => Self::Stream,
            Media::Unary => Self::Unary,
        }
    }
}

impl Form {
    /// The content type of its answers.
    pub(super) fn content_type(&self, codec: Codec) -> &'static str {
        let media = match self {
            Self::Grpc => Media::Grpc,
            Self::Web { text } => Media::Web { text: *text },
            Self::Stream => Media::Stream,
            Self::Unary | Self::Get(_) => Media::Unary,
        };
        media.content_type(codec)
    }

    /// Whether there is nothing around the message but HTTP.
    pub(super) fn is_unary(&self) -> bool {
        matches!(self, Self::Unary | Self::Get(_))
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

/// What a request's content type stands for.
fn spoken(headers: &HeaderMap) -> Option<(Form, Codec)> {
    let (media, codec) = Media::read(headers.get(CONTENT_TYPE)?.as_bytes())?;
    Some((media.into(), codec))
}

fn tonic_decompresses(headers: &HeaderMap) -> bool {
    headers.get("grpc-encoding").is_none_or(|name| matches!(name.as_bytes(), b"identity" | b"gzip"))
}

/// The content types that are taken for a method, or for any.
pub(super) fn content_types(unary: Option<bool>) -> String {
    let fits = |media: &Media| match media {
        Media::Stream => unary != Some(true),
        Media::Unary => unary != Some(false),
        Media::Grpc | Media::Web { .. } => true,
    };
    let types = Media::ALL.into_iter().rev().filter(fits);
    let types = types.flat_map(|media| Codec::ALL.map(|codec| media.content_type(codec)));
    types.collect::<Vec<_>>().join(", ")
}
