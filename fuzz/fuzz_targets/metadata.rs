//! What headers say and how they are written: metadata given in lines, binary values, percent encoding, and details of a
//! status, held to plainer readings of the same.
//!
//! The first byte chooses: `l` is lines as users give them; `m`, `b` and `d` are the values of `grpc-message`, `x-bin` and
//! `grpc-status-details-bin` in an answer that is nothing but headers.
#![no_main]

#[path = "../answer.rs"]
mod answer;

use answer::Answer;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use libfuzzer_sys::fuzz_target;
use rpcctl::wire::{Code, Dialect, Metadata, MetadataValue, StatusDetails, Streams};

fuzz_target!(|input: &[u8]| {
    let [choice, value @ ..] = input else { return };
    let name: &[u8] = match choice {
        b'l' => return lines(value),
        b'm' => b"grpc-message",
        b'b' => b"x-bin",
        b'd' => b"grpc-status-details-bin",
        _ => return,
    };
    let head: Vec<(&[u8], &[u8])> = vec![
        (b":status", b"200"),
        (b"content-type", b"application/grpc"),
        (b"grpc-status", b"5"),
        (name, value),
    ];
    let answer =
        Answer { dialect: Dialect::GRPC, streams: Streams::BOTH, head, body: b"", piece: 1, trailers: None };
    let (status, trailers) = answer.outcome().end.expect("a connection");
    if status.code != Code(5) {
        // A value that HTTP does not have.
        assert!(http::HeaderValue::from_bytes(value).is_err(), "{status:?}");
        return;
    }
    match choice {
        b'm' => assert_eq!(status.message, percent(value)),
        b'b' => binary(&trailers, value),
        _ => match status.details {
            StatusDetails::Malformed(bytes) => {
                assert!(bytes == value || base64(value) == Some(bytes.to_vec()))
            }
            StatusDetails::Decoded(_) => assert!(base64(value).is_some()),
            StatusDetails::None => panic!("they were there"),
        },
    }
});

/// Lines become metadata, or an error that does not say much of them.
fn lines(text: &[u8]) {
    let Ok(text) = std::str::from_utf8(text) else { return };
    let mut metadata = Metadata::default();
    let mut taken = 0;
    for line in text.split('\n') {
        match metadata.add_line(line) {
            Ok(()) => taken += 1,
            Err(error) => assert!(error.to_string().len() < 200 + line.len() * 8),
        }
    }
    assert_eq!(metadata.as_http().len(), taken);
    answer::entries(&metadata);
    for (name, value) in metadata.as_http() {
        assert!(value.as_bytes().iter().all(|byte| (0x20..0x7f).contains(byte) || *byte == b'\t'));
        assert!(!name.as_str().starts_with("grpc-") && !name.as_str().starts_with(':'));
    }
}

/// PROTOCOL-HTTP2.md, "Percent-Encoded": what is no such code is left as it is.
fn percent(value: &[u8]) -> String {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let (mut out, mut at) = (Vec::new(), 0);
    while at < value.len() {
        match (value[at], digit(value.get(at + 1)), digit(value.get(at + 2))) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).unwrap());
                at += 3;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Base64 of either alphabet, padded or not.
fn base64(value: &[u8]) -> Option<Vec<u8>> {
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let either = [alphabet::STANDARD, alphabet::URL_SAFE];
    either.iter().find_map(|alphabet| GeneralPurpose::new(alphabet, config).decode(value).ok())
}

fn binary(trailers: &Metadata, value: &[u8]) {
    let values: Vec<_> =
        trailers.entries().filter(|(name, _)| *name == "x-bin").map(|(_, value)| value).collect();
    for one in &values {
        if let MetadataValue::Binary(bytes) = one {
            let read = value
                .split(|byte| *byte == b',')
                .any(|part| base64(part.trim_ascii()).as_ref() == Some(bytes));
            assert!(read, "{bytes:?} is not in it");
        }
    }
    let all = value.split(|byte| *byte == b',').all(|part| base64(part.trim_ascii()).is_some());
    if values.iter().all(|one| matches!(one, MetadataValue::Binary(_))) {
        assert!(all);
    }
}
