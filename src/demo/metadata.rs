//! What `EchoMetadata` answers: the request's metadata in the message, and some of it in headers and trailers.

use tonic::Response;
use tonic::metadata::{KeyAndValueRef, MetadataMap};

use super::layers::Trailers;
use super::proto::demo::v1::metadata_entry::Value;
use super::proto::demo::v1::{EchoMetadataReply, MetadataEntry};

/// Entries of these names come back in the response headers and in the trailers.
const ECHOED: &str = "x-";

/// The answer to a request with this metadata.
pub(super) fn echo(request: &MetadataMap) -> Response<EchoMetadataReply> {
    let mut entries = Vec::new();
    let mut echoed = MetadataMap::new();
    for entry in request.iter() {
        let (name, value) = match entry {
            KeyAndValueRef::Ascii(name, value) => {
                if name.as_str().starts_with(ECHOED) {
                    echoed.append(name, value.clone());
                }
                (name.as_str(), Value::Text(String::from_utf8_lossy(value.as_bytes()).into_owned()))
            }
            KeyAndValueRef::Binary(name, value) => {
                if name.as_str().starts_with(ECHOED) {
                    echoed.append_bin(name, value.clone());
                }
                // What is not base64 comes back as it stands.
                let bytes = value.to_bytes().unwrap_or_else(|_| value.as_encoded_bytes().to_vec().into());
                (name.as_str(), Value::Binary(bytes))
            }
        };
        if !is_protocol(name) {
            entries.push(MetadataEntry { name: name.to_owned(), value: Some(value) });
        }
    }
    // A stable sort: entries of one name keep their order.
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    let mut response = Response::new(EchoMetadataReply { entries });
    *response.metadata_mut() = echoed.clone();
    response.extensions_mut().insert(Trailers(echoed.into_headers()));
    response
}

/// Whether an entry belongs to gRPC itself rather than to the caller.
fn is_protocol(name: &str) -> bool {
    matches!(name, "te" | "content-type") || name.starts_with("grpc-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonic::metadata::MetadataValue;

    #[test]
    fn entries_are_sorted_decoded_and_free_of_the_protocol() {
        let mut request = MetadataMap::new();
        request.insert("x-b", "2".parse().unwrap());
        request.append("x-b", "1".parse().unwrap());
        request.insert("a", "text".parse().unwrap());
        request.insert("grpc-timeout", "1S".parse().unwrap());
        request.insert_bin("x-a-bin", MetadataValue::from_bytes(&[0, 255]));

        let response = echo(&request);
        let trailers = response.extensions().get::<Trailers>().unwrap();
        assert_eq!(trailers.0.get_all("x-b").iter().count(), 2);
        assert!(response.metadata().get("a").is_none());
        let entries: Vec<_> = response.into_inner().entries.into_iter().map(|e| (e.name, e.value)).collect();
        let text = |text: &str| Some(Value::Text(text.to_owned()));
        assert_eq!(
            entries,
            [
                ("a".to_owned(), text("text")),
                ("x-a-bin".to_owned(), Some(Value::Binary(vec![0, 255].into()))),
                ("x-b".to_owned(), text("2")),
                ("x-b".to_owned(), text("1")),
            ]
        );
    }
}
