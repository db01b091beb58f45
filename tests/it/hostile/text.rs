//! Text that is none: in messages of statuses, in strings of messages, in details.

use insta::assert_snapshot;

use super::raw::{DONE, OK, Talk, answered};
use crate::common::Output;

/// NOT_FOUND with one more trailer.
fn trailer(name: &'static [u8], value: &'static [u8]) -> Output {
    answered(move |mut talk: Talk, stream| async move {
        talk.headers(stream, OK).await?;
        let block = talk.block_of_bytes(&[(b"grpc-status", b"5"), (name, value)]);
        talk.blocked(stream, &block, true).await?;
        talk.hang().await
    })
}

#[test]
fn invalid_utf_8_in_grpc_message() {
    assert_snapshot!(trailer(b"grpc-message", b"no b\xff\xfeok caf\xc3\xa9"), @"
    ------- stderr -------
    error: NOT_FOUND (5): no b��ok café
    [exit 69]
    ");
}

#[test]
fn invalid_utf_8_behind_percent_encoding() {
    assert_snapshot!(trailer(b"grpc-message", b"no b%FF%FEok caf%C3%A9 %C3"), @"
    ------- stderr -------
    error: NOT_FOUND (5): no b��ok café �
    [exit 69]
    ");
}

#[test]
fn invalid_percent_encoding() {
    assert_snapshot!(trailer(b"grpc-message", b"H%6 %G0 100% %"), @"
    ------- stderr -------
    error: NOT_FOUND (5): H%6 %G0 100% %
    [exit 69]
    ");
}

#[test]
fn percent_encoding_that_would_act_on_a_terminal() {
    assert_snapshot!(trailer(b"grpc-message", b"%1B%5B31mred%07%E2%80%AE%0D%0Aline"), @r"
    ------- stderr -------
    error: NOT_FOUND (5): \u001b[31mred\u0007\u202e
      line
    [exit 69]
    ");
}

#[test]
fn bad_base64_in_details() {
    assert_snapshot!(trailer(b"grpc-status-details-bin", b"CAUSAm5v*"), @"
    ------- stderr -------
    error: NOT_FOUND (5)
      details that can't be read: CAUSAm5v*
    [exit 69]
    ");
}

#[test]
fn details_that_are_no_status() {
    assert_snapshot!(trailer(b"grpc-status-details-bin", b"/////w"), @r"
    ------- stderr -------
    error: NOT_FOUND (5)
      details that can't be read: \xff\xff\xff\xff
    [exit 69]
    ");
}

/// The status in the details is another than the one beside them.
#[test]
fn details_that_say_otherwise() {
    // google.rpc.Status { code: 7, message: "no entry" }.
    assert_snapshot!(trailer(b"grpc-status-details-bin", b"CAcSCG5vIGVudHJ5"), @"
    ------- stderr -------
    error: NOT_FOUND (5)
    [exit 69]
    ");
}

#[test]
fn invalid_utf_8_in_a_string_field() {
    let output = answered(|mut talk: Talk, stream| async move {
        talk.headers(stream, OK).await?;
        talk.message(stream, b"\x0a\x05a\xffb\xc3\x28").await?;
        talk.trailers(stream, DONE).await?;
        talk.hang().await
    });
    assert_snapshot!(output, @r#"
    {"message":{"@error":"a string that is not valid UTF-8","@value":"Yf9iwyg="}}
    [exit 0]
    "#);
}

#[test]
fn two_statuses() {
    let output = answered(|mut talk: Talk, stream| async move {
        talk.headers(stream, OK).await?;
        talk.trailers(stream, &[("grpc-status", "5"), ("grpc-status", "7"), ("grpc-message", "both")])
            .await?;
        talk.hang().await
    });
    assert_snapshot!(output, @"
    ------- stderr -------
    error: NOT_FOUND (5): both
    [exit 69]
    ");
}
