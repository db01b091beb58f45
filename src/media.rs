//! The content types of gRPC, gRPC-Web and Connect: what is around messages, and how they are written. A leaf, for who
//! asks and who answers alike.

/// How messages are written on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Codec {
    /// Protobuf's own bytes.
    #[default]
    Proto,
    /// Protobuf's JSON.
    Json,
}

impl Codec {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Proto, Self::Json];

    /// Its name, on the command line and in content types.
    pub fn name(self) -> &'static str {
        match self {
            Self::Proto => "proto",
            Self::Json => "json",
        }
    }

    /// The one with this name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|codec| codec.name() == name)
    }
}

/// What is around messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// gRPC's envelopes.
    Grpc,
    /// Those of gRPC-Web.
    Web {
        /// Whether all is base64.
        text: bool,
    },
    /// Those of Connect's streams.
    Stream,
    /// Nothing, as in Connect's calls of one message each way.
    Unary,
}

impl Media {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Grpc, Self::Web { text: false }, Self::Web { text: true }, Self::Stream, Self::Unary];

    /// The content type of messages that are written like this.
    pub fn content_type(self, codec: Codec) -> &'static str {
        match (self, codec) {
            (Self::Grpc, Codec::Proto) => "application/grpc+proto",
            (Self::Grpc, Codec::Json) => "application/grpc+json",
            (Self::Web { text: false }, Codec::Proto) => "application/grpc-web+proto",
            (Self::Web { text: false }, Codec::Json) => "application/grpc-web+json",
            (Self::Web { text: true }, Codec::Proto) => "application/grpc-web-text+proto",
            (Self::Web { text: true }, Codec::Json) => "application/grpc-web-text+json",
            (Self::Stream, Codec::Proto) => "application/connect+proto",
            (Self::Stream, Codec::Json) => "application/connect+json",
            (Self::Unary, Codec::Proto) => "application/proto",
            (Self::Unary, Codec::Json) => "application/json",
        }
    }

    /// What a content type says: what is around messages, and how they are written, by a name that may be nobody's; none
    /// where that is not said, which gRPC and gRPC-Web take for protobuf. Nothing for a type that is none of these.
    pub fn named(header: &[u8]) -> Option<(Self, Option<String>)> {
        let header = String::from_utf8_lossy(header);
        let essence = header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let (name, codec) = match essence.split_once('+') {
            Some((name, codec)) => (name, Some(codec.to_owned())),
            None => (&*essence, None),
        };
        let media = match name {
            "application/grpc" => Self::Grpc,
            "application/grpc-web" => Self::Web { text: false },
            "application/grpc-web-text" => Self::Web { text: true },
            "application/connect" => Self::Stream,
            _ => {
                let codec = essence.strip_prefix("application/").and_then(Codec::by_name)?;
                return Some((Self::Unary, Some(codec.name().to_owned())));
            }
        };
        Some((media, codec))
    }

    /// The same where messages are written as anybody here reads them.
    pub fn read(header: &[u8]) -> Option<(Self, Codec)> {
        match Self::named(header)? {
            (Self::Stream, None) => None,
            (media, None) => Some((media, Codec::Proto)),
            (media, Some(codec)) => Some((media, Codec::by_name(&codec)?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_types_say_what_they_were_made_of() {
        for media in Media::ALL {
            for codec in Codec::ALL {
                let header = media.content_type(codec);
                assert_eq!(Media::read(header.as_bytes()), Some((media, codec)), "{header}");
            }
        }
    }

    #[test]
    fn content_types_are_taken_apart() {
        let named = |media, codec: &str| Some((media, Some(codec.to_owned())));
        for (header, expected) in [
            ("application/grpc", Some((Media::Grpc, None))),
            ("application/grpc+proto", named(Media::Grpc, "proto")),
            ("Application/GRPC-Web+JSON; charset=utf-8", named(Media::Web { text: false }, "json")),
            ("application/grpc-web-text+thrift", named(Media::Web { text: true }, "thrift")),
            ("application/connect+json", named(Media::Stream, "json")),
            ("application/JSON;charset=utf-8", named(Media::Unary, "json")),
            ("application/json+x", None),
            ("application/octet-stream", None),
            ("text/html;x", None),
            ("", None),
        ] {
            assert_eq!(Media::named(header.as_bytes()), expected, "{header}");
        }
        assert_eq!(Media::read(b"application/grpc"), Some((Media::Grpc, Codec::Proto)));
        assert_eq!(Media::read(b"application/grpc+thrift"), None);
        assert_eq!(Media::read(b"application/connect"), None);
    }
}
