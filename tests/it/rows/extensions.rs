//! Extensions, which are not in what a name brings along: they are asked for by the message that they extend.

use insta::assert_snapshot;
use prost::Message as _;
use prost_types::descriptor_proto::ExtensionRange;
use prost_types::field_descriptor_proto::Type;
use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorProto};
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_reflection::pb::v1::{ErrorResponse, ExtensionNumberResponse, ListServiceResponse};

use super::{ROOT, SERVICES, assert_works, echo, encoded, imports, number, other, string, told};
use crate::common::reflecting::{by_question, field, file, files, listed, message, not_found, ok, said};
use crate::common::{Peer, Step, rpcctl};

/// `s.proto` in proto2, with `s.M` that others may extend from 10 to 19.
fn extendable() -> FileDescriptorProto {
    let range = ExtensionRange { start: Some(10), end: Some(20), options: None };
    let m = DescriptorProto { extension_range: vec![range], ..message("M", vec![string("name", 1)]) };
    FileDescriptorProto { syntax: None, message_type: vec![m], ..file() }
}

/// A file that nothing imports, with these extensions.
fn extending(name: &str, extensions: Vec<FieldDescriptorProto>) -> FileDescriptorProto {
    let file = FileDescriptorProto { extension: extensions, syntax: None, ..other(name, "e", vec![]) };
    imports(file, &["s.proto"])
}

fn extension(field: FieldDescriptorProto) -> FieldDescriptorProto {
    FieldDescriptorProto { extendee: Some(".s.M".to_owned()), ..field }
}

fn numbers(extension_number: Vec<i32>) -> Step {
    let base_type_name = "s.M".to_owned();
    said(Some(MessageResponse::AllExtensionNumbersResponse(ExtensionNumberResponse {
        base_type_name,
        extension_number,
    })))
}

/// A server with `s.proto`, whose reflection answers questions about extensions like this.
fn with_extensions(answer: impl Fn(&MessageRequest) -> Vec<Step> + Send + Sync + 'static) -> Peer {
    let answer = move |question: &MessageRequest| match question {
        MessageRequest::ListServices(_) => vec![listed(SERVICES)],
        MessageRequest::FileContainingSymbol(name) if name.starts_with("s.") => {
            vec![files(encoded(&[extendable()]))]
        }
        MessageRequest::AllExtensionNumbersOfType(_) | MessageRequest::FileContainingExtension(_) => {
            answer(question)
        }
        _ => vec![not_found()],
    };
    Peer::h2(by_question(ROOT, answer, vec![ok()], echo))
}

/// A server with these extensions of `s.M`, each in a file.
fn having(all: Vec<(i32, FileDescriptorProto)>) -> Peer {
    with_extensions(move |question| match question {
        MessageRequest::AllExtensionNumbersOfType(name) if name == "s.M" => {
            vec![numbers(all.iter().map(|(number, _)| *number).collect())]
        }
        MessageRequest::FileContainingExtension(wanted) if wanted.containing_type == "s.M" => {
            let file = all.iter().find(|(number, _)| *number == wanted.extension_number);
            vec![file.map_or_else(not_found, |(_, file)| files(encoded(std::slice::from_ref(file))))]
        }
        _ => vec![not_found()],
    })
}

#[test]
fn row_08_extension_numbers_that_are_not_told() {
    let rpc_error: fn() -> Step = || Step::Trailers(vec![("grpc-status", "5")]);
    let internal: fn() -> Step = || Step::Trailers(vec![("grpc-status", "13"), ("grpc-message", "oops")]);
    let unavailable: fn() -> Step = || Step::Trailers(vec![("grpc-status", "14")]);
    let unimplemented: fn() -> Step = || Step::Trailers(vec![("grpc-status", "12")]);
    let error_code = |code: i32| {
        move || {
            said(Some(MessageResponse::ErrorResponse(ErrorResponse {
                error_code: code,
                ..Default::default()
            })))
        }
    };
    let odd: fn() -> Step =
        || said(Some(MessageResponse::ListServicesResponse(ListServiceResponse::default())));
    let answers: Vec<Step> = vec![
        not_found(),
        error_code(13)(),
        error_code(12)(),
        error_code(0)(),
        rpc_error(),
        internal(),
        unavailable(),
        unimplemented(),
        ok(),
        said(None),
        odd(),
        Step::Data(b"\0\0\0\0\x01\xff".to_vec()),
        Step::Reset(h2::Reason::INTERNAL_ERROR),
    ];
    for answer in answers {
        assert_works(
            || {
                let answer = answer.clone();
                with_extensions(move |_| vec![answer.clone()])
            },
            r#"{"name":"x"}"#,
        );
    }
}

#[test]
fn row_08_no_answer_about_extensions_holds_nothing_up_for_long() {
    let peer = with_extensions(|_| vec![Step::Hang]);
    let called = rpcctl("call -o jsonl").arg(&peer.address).arg("s.Service/Do").data(r#"{"name":"x"}"#).run();
    assert_eq!(called.to_string(), "{\"name\":\"x\"}\n[exit 0]");
}

/// Extensions of more than one kind, a message that is declared beside them among them.
fn plenty() -> Vec<(i32, FileDescriptorProto)> {
    let repeated = FieldDescriptorProto { label: Some(3), ..number("counts", 12) };
    let own = FieldDescriptorProto { name: Some("own".to_owned()), ..field(13, ".e.Own") };
    let mut second = extending("e2.proto", vec![extension(repeated), extension(own)]);
    second.message_type.push(message("Own", vec![string("text", 1)]));
    vec![(11, extending("e1.proto", vec![extension(string("nick", 11))])), (12, second.clone()), (13, second)]
}

#[test]
fn row_16_extensions_in_files_that_nothing_imports() {
    let request = r#"{"name":"x","[e.nick]":"y","[e.counts]":[1,2],"[e.own]":{"text":"z"}}"#;
    let described = assert_works(|| having(plenty()), request);
    assert_snapshot!(described, @"
    // s.M is a message in s.proto
    message M {
      optional string name = 1;
      extensions 10 to 19;
    }

    // e.nick is an extension in e1.proto
    extend .s.M {
      optional string nick = 11;
    }

    // e.counts is an extension in e2.proto
    extend .s.M {
      repeated int32 counts = 12;
    }

    // e.own is an extension in e2.proto
    extend .s.M {
      optional .e.Own own = 13;
    }
    ");
    let peer = having(plenty());
    let encoded = rpcctl("encode -o hex").arg(&peer.address).args("s.M -d").arg(request).run();
    assert_snapshot!(encoded, @"
    0a01785a0179600160026a030a017a
    [exit 0]
    ");
    let decoded = rpcctl("decode -i hex -o jsonl").arg(&peer.address).args("s.M -d 0a01785a0179").run();
    assert_eq!(decoded.to_string(), "{\"name\":\"x\",\"[e.nick]\":\"y\"}\n[exit 0]");
    let items = rpcctl("call -o jsonl").arg(&peer.address).args("s.Service/Do name=x [e.nick]=y").run();
    assert_eq!(items.to_string(), "{\"name\":\"x\",\"[e.nick]\":\"y\"}\n[exit 0]");
    let misspelt = rpcctl("call").arg(&peer.address).args("s.Service/Do").data(r#"{"[e.nik]":"y"}"#).run();
    let told = "unknown field \"[e.nik]\" of s.M, did you mean \"[e.nick]\"?\n";
    assert!(misspelt.to_string().contains(told), "{misspelt}");
    let text =
        rpcctl("call -o text -i text").arg(&peer.address).args("s.Service/Do").data("[e.own] {text: 'z'}");
    assert_eq!(text.run().to_string(), "[e.own] {\n  text: \"z\"\n}\n[exit 0]");
}

#[test]
fn row_16_extensions_of_what_is_behind_other_messages_and_other_extensions() {
    // s.M has e.own, whose type e.Own has an extension of its own, and so on.
    let range = ExtensionRange { start: Some(10), end: Some(20), options: None };
    let own = FieldDescriptorProto { name: Some("own".to_owned()), ..field(13, ".e.Own") };
    let mut first = extending("e1.proto", vec![extension(own)]);
    first.message_type.push(DescriptorProto { extension_range: vec![range], ..message("Own", vec![]) });
    let deep = FieldDescriptorProto { extendee: Some(".e.Own".to_owned()), ..string("deep", 10) };
    let second = imports(extending("e2.proto", vec![deep]), &["e1.proto"]);
    let peer = || {
        let (first, second) = (first.clone(), second.clone());
        with_extensions(move |question| match question {
            MessageRequest::AllExtensionNumbersOfType(name) => {
                vec![numbers(if name == "s.M" { vec![13] } else { vec![10] })]
            }
            MessageRequest::FileContainingExtension(wanted) => {
                let file = if wanted.containing_type == "s.M" { &first } else { &second };
                vec![files(encoded(std::slice::from_ref(file)))]
            }
            _ => vec![not_found()],
        })
    };
    assert_works(peer, r#"{"[e.own]":{"[e.deep]":"x"}}"#);
}

#[test]
fn row_16_extensions_that_can_not_be_are_told_and_hide_nothing() {
    let of = |extendee: &str, field: FieldDescriptorProto| FieldDescriptorProto {
        extendee: Some(extendee.to_owned()),
        ..field
    };
    let unknown = FieldDescriptorProto { name: Some("unknown".to_owned()), ..field(15, ".e.Nope") };
    let mut broken = extending("broken.proto", vec![extension(string("broken", 19))]);
    broken.public_dependency = vec![7];
    let enumeration = FieldDescriptorProto { r#type: Some(Type::Enum.into()), ..field(18, ".s.M") };
    let all = vec![
        // The right one, beside some that are none.
        (
            11,
            extending(
                "e1.proto",
                vec![
                    extension(string("nick", 11)),
                    of(".s.Nope", string("lost", 12)),
                    of(".s.Service", string("service", 13)),
                    extension(string("far", 100)),
                ],
            ),
        ),
        // One that is somebody else's, under the same number and under the same name.
        (14, extending("e2.proto", vec![extension(string("again", 11)), extension(string("second", 14))])),
        (15, extending("e3.proto", vec![extension(unknown)])),
        // A file that does not have it; none; one that can't be read; numbers that are none.
        (16, extending("e4.proto", vec![])),
        (18, extending("e5.proto", vec![extension(enumeration)])),
        (19, broken),
        (100, extending("e1.proto", vec![])),
        (-1, extending("e1.proto", vec![])),
    ];
    let peer = || having(all.clone());
    let request = r#"{"name":"x","[e.nick]":"y","[e.second]":"z"}"#;
    let described = assert_works(peer, request);
    assert_snapshot!(described, @"
    // s.M is a message in s.proto
    message M {
      optional string name = 1;
      extensions 10 to 19;
    }

    // e.nick is an extension in e1.proto
    extend .s.M {
      optional string nick = 11;
    }

    // e.second is an extension in e2.proto
    extend .s.M {
      optional string second = 14;
    }

    // e.f18 is an extension in e5.proto
    extend .s.M {
      optional .s.M f18 = 18;
    }
    ");
    let verbose = told(peer, "-v", request);
    let repairs = |told: &str| -> String {
        told.lines().filter(|line| line.starts_with("* repaired")).collect::<Vec<_>>().join("\n")
    };
    assert_snapshot!(repairs(&verbose.described), @"
    * repaired: e1.proto: left out the extension e.lost: it extends s.Nope, which is no message
    * repaired: e1.proto: left out the extension e.service: it extends s.Service, which is no message
    * repaired: e1.proto: left out the extension e.far: its number 100 is in none of the ranges that s.M has for extensions
    * repaired: e2.proto: left out the extension e.again: its number 11 in s.M is that of e.nick
    * repaired: e3.proto: left out the extension e.unknown: nobody has its type e.Nope
    * repaired: s.M: went without its extension 100, which none of its ranges has
    * repaired: s.M: went without its extension -1, which none of its ranges has
    * repaired: s.M: went without its extension 15, which the file sent for it does not have
    * repaired: s.M: went without its extension 16, which the file sent for it does not have
    * repaired: s.M: went without its extension 19, whose file can't be used: broken.proto: broken.proto marks an import that it does not have
    ");
    assert_eq!(repairs(&verbose.called.to_string()), repairs(&verbose.described));
    assert_eq!(repairs(&verbose.listed.to_string()), "");
}

#[test]
fn row_16_nothing_is_asked_of_messages_that_nobody_can_extend() {
    let peer = |range: Vec<ExtensionRange>| {
        let m = DescriptorProto { extension_range: range, ..message("M", vec![]) };
        let main = FileDescriptorProto { message_type: vec![m], syntax: None, ..file() };
        let answer = move |question: &MessageRequest| match question {
            MessageRequest::ListServices(_) => vec![listed(SERVICES)],
            MessageRequest::FileContainingSymbol(_) => vec![files(vec![main.encode_to_vec()])],
            _ => panic!("{question:?}"),
        };
        Peer::h2(by_question(ROOT, answer, vec![ok()], echo))
    };
    assert_eq!(
        rpcctl("call -o jsonl").arg(&peer(vec![]).address).arg("s.Service/Do").run().to_string(),
        "{}\n[exit 0]"
    );
}
