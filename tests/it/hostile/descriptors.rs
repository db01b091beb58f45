//! Servers that try to hurt whoever asks them: none of it crashes the program, floods a terminal, or hides what can
//! be known.

use insta::assert_snapshot;
use prost::Message as _;
use prost_types::descriptor_proto::ExtensionRange;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::source_code_info::Location;
use prost_types::uninterpreted_option::NamePart;
use prost_types::{
    DescriptorProto, FieldDescriptorProto, FileDescriptorProto, MessageOptions, SourceCodeInfo,
    UninterpretedOption,
};
use tonic_reflection::pb::v1::ErrorResponse;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

use crate::common::reflecting::{
    by_question, field, file, files, listed, message, not_found, ok, reflecting, said, serving,
};
use crate::common::{GRPC, Output, Peer, Step, envelope, rpcctl};

/// Describes `s.Service` on a server that has this one file.
fn with(file: Vec<u8>) -> Output {
    let peer = reflecting(move |_| Some(vec![file.clone()]));
    rpcctl("describe").arg(&peer.address).arg("s.Service").run()
}

#[test]
fn messages_nested_deeper_than_any_decoder_goes() {
    let mut bytes = message("M", vec![]).encode_to_vec();
    for _ in 0..900 {
        let outer = [message("M", vec![]).encode_to_vec(), vec![0x1a], varint(bytes.len()), bytes].concat();
        bytes = outer;
    }
    // In a file, field 4.
    let bytes = [file().encode_to_vec(), vec![0x22], varint(bytes.len()), bytes].concat();
    assert_snapshot!(with(bytes), @"
    ------- stderr -------
    error: cannot use the server's descriptors
      caused by: a descriptor is not a google.protobuf.FileDescriptorProto
      caused by: failed to decode Protobuf message: DescriptorProto.nested_type (100 deep): FileDescriptorProto.message_type: recursion limit reached
    [exit 1]
    ");
}

fn varint(value: usize) -> Vec<u8> {
    let mut out = Vec::new();
    prost::encoding::encode_varint(value as u64, &mut out);
    out
}

#[test]
fn an_error_of_a_mebibyte_that_would_act_on_a_terminal() {
    let error_message = "\x1b[31mred\n".repeat(100_000);
    let answer = move |_: &MessageRequest| {
        let error = ErrorResponse { error_code: 13, error_message: error_message.clone() };
        vec![said(Some(MessageResponse::ErrorResponse(error)))]
    };
    let peer = Peer::h2(by_question("/", answer, vec![ok()], |_, _| Vec::new()));
    for words in ["list", "list s.Service", "describe s.Service", "call s.Service/Do"] {
        let (verb, words) = words.split_once(' ').unwrap_or((words, ""));
        let told = rpcctl(verb).arg(&peer.address).args(words).run();
        assert!(told.stderr.len() < 4096, "{verb}: {}", told.stderr.len());
        assert!(!told.stderr.contains(&0x1b) && told.code == Some(1), "{told}");
    }
}

#[test]
fn places_in_the_source_that_are_none() {
    let spans: [&[i32]; 8] = [
        &[],
        &[1],
        &[1, 2],
        &[-1, -2, -3],
        &[i32::MAX, 0, i32::MIN],
        &[1, 2, 3, 4, 5],
        &[9, 9, 1, 1],
        &[0, 0, 0],
    ];
    let paths: [&[i32]; 6] = [&[], &[4], &[4, 0], &[4, -1], &[4, 99, 2, 7], &[6, 0, 2, 0, 77]];
    let location = spans.iter().flat_map(|span| {
        paths.map(|path| Location {
            path: path.to_vec(),
            span: span.to_vec(),
            leading_comments: Some(" \u{1b}[31mred\n */ }".to_owned()),
            ..Default::default()
        })
    });
    let info = SourceCodeInfo { location: location.collect() };
    let main = FileDescriptorProto { source_code_info: Some(info), ..file() };
    let output = with(main.encode_to_vec()).to_string();
    assert!(output.contains("  rpc Do(.s.M) returns (.s.M);\n") && output.ends_with("[exit 0]"), "{output}");
    assert!(!output.contains('\x1b'), "{output}");
}

/// An option that no compiler has resolved.
fn unresolved(name: &str, is_extension: bool, word: &str) -> UninterpretedOption {
    UninterpretedOption {
        name: vec![NamePart { name_part: name.to_owned(), is_extension }],
        identifier_value: Some(word.to_owned()),
        ..Default::default()
    }
}

#[test]
fn options_that_can_not_be_had_cost_nothing_else() {
    let with = |own: Vec<UninterpretedOption>| {
        let options = MessageOptions { uninterpreted_option: own, ..Default::default() };
        let m = DescriptorProto { options: Some(options), ..message("M", vec![]) };
        FileDescriptorProto { message_type: vec![m], ..file() }.encode_to_vec()
    };
    // `(x.s) = "\xff"`, and its declaration, of which proto2 asks no UTF-8.
    let bytes = [&[0x3a, 0x05][..], &[0x8a, 0xb5, 0x18, 0x01, 0xff]].concat();
    let m = [message("M", vec![]).encode_to_vec(), bytes].concat();
    let mut proto2 = FileDescriptorProto { message_type: vec![], syntax: None, ..file() };
    proto2.dependency = vec!["google/protobuf/descriptor.proto".to_owned()];
    proto2.extension = vec![FieldDescriptorProto {
        name: Some("x".to_owned()),
        number: Some(50_001),
        label: Some(Label::Optional.into()),
        r#type: Some(Type::String.into()),
        extendee: Some(".google.protobuf.MessageOptions".to_owned()),
        ..Default::default()
    }];
    let proto2 = [proto2.encode_to_vec(), vec![0x22], varint(m.len()), m].concat();
    let mut all = String::new();
    for file in [
        with(vec![unresolved("deprecated", false, "true")]),
        with(vec![unresolved("validate.disabled", true, "true")]),
        proto2,
    ] {
        let answer = move |_: &MessageRequest| Some(vec![file.clone()]);
        let rpc = |_: &str, _: &[u8]| {
            let end = Step::Trailers(vec![("grpc-status", "0")]);
            vec![Step::Headers(200, vec![GRPC]), Step::Data(envelope(0, b"")), end]
        };
        let peer = serving("/grpc.reflection", &["s.Service"], answer, rpc);
        for words in ["list -l", "describe s.M", "call s.Service/Do"] {
            let (verb, words) = words.split_once(' ').unwrap();
            all.push_str(&rpcctl(verb).arg(&peer.address).args(words).run().to_string());
        }
    }
    assert_snapshot!(all, @r#"
    s.Service/Do	unary	s.M	s.M
    [exit 0]// s.M is a message in s.proto
    message M {
      option deprecated = true;
    }
    [exit 0]{}
    [exit 0]s.Service/Do	unary	s.M	s.M
    [exit 0]// s.M is a message in s.proto
    message M {
      // (validate.disabled) = true is an option that no compiler has resolved
    }
    [exit 0]{}
    [exit 0]s.Service/Do	unary	s.M	s.M
    [exit 0]// s.M is a message in s.proto
    message M {
      option (s.x) = "\377";
    }
    [exit 0]{}
    [exit 0]
    "#);
}

/// Each option would be looked for in a list of all extensions, and all places gone through for each that is not
/// resolved.
#[test]
fn options_extensions_and_places_by_the_ten_thousand() {
    const MANY: i32 = 20_000;
    let number = |number: i32| 50_000 + number;
    let extension = |at: i32| FieldDescriptorProto {
        name: Some(format!("x{at}")),
        number: Some(number(at)),
        label: Some(Label::Optional.into()),
        r#type: Some(Type::Int32.into()),
        extendee: Some(".google.protobuf.MessageOptions".to_owned()),
        ..Default::default()
    };
    let mut extending = FileDescriptorProto { syntax: None, ..file() };
    extending.dependency = vec!["google/protobuf/descriptor.proto".to_owned()];
    extending.extension = (0..MANY).map(extension).collect();
    let mut extending = extending.encode_to_vec();
    for at in 0..MANY {
        let mut option = Vec::new();
        prost::encoding::int32::encode(u32::try_from(number(at)).unwrap(), &1, &mut option);
        let name = format!("M{at}");
        let message =
            [message(&name, vec![]).encode_to_vec(), vec![0x3a], varint(option.len()), option].concat();
        extending.extend([vec![0x22], varint(message.len()), message].concat());
    }
    let messages = (0..MANY).map(|at| {
        let own = vec![unresolved("deprecated", false, "true")];
        let options = MessageOptions { uninterpreted_option: own, ..Default::default() };
        DescriptorProto { options: Some(options), ..message(&format!("N{at}"), vec![]) }
    });
    let place = |at: i32| Location { path: vec![4, at], span: vec![at, 0, 1], ..Default::default() };
    let placed = FileDescriptorProto {
        message_type: [message("M", vec![])].into_iter().chain(messages).collect(),
        source_code_info: Some(SourceCodeInfo { location: (0..MANY).map(place).collect() }),
        ..file()
    };
    for file in [extending, placed.encode_to_vec()] {
        let peer = reflecting(move |_| Some(vec![file.clone()]));
        for words in ["list -l", "describe s.Service"] {
            let (verb, words) = words.split_once(' ').unwrap();
            let told = rpcctl(verb).arg(&peer.address).args(words).args("--timeout 60s").run();
            assert_eq!((told.code, told.talk().as_str()), (Some(0), ""), "{told}");
        }
    }
}

/// Putting the schema together takes longer than that, and is left behind.
#[test]
fn a_deadline_ends_what_takes_long() {
    let messages = (0..100_000).map(|at| message(&format!("M{at}"), vec![]));
    let large = FileDescriptorProto {
        message_type: [message("M", vec![])].into_iter().chain(messages).collect(),
        ..file()
    };
    let large = large.encode_to_vec();
    let peer = reflecting(move |_| Some(vec![large.clone()]));
    let told = rpcctl("list").arg(&peer.address).args("s.Service --timeout 50ms").run();
    assert_eq!(told.code, Some(68), "{told}");
    assert!(told.talk().contains("DEADLINE_EXCEEDED"), "{told}");
}

#[test]
fn an_extension_with_a_number_that_only_message_sets_have() {
    let extension = FieldDescriptorProto {
        name: Some("far".to_owned()),
        number: Some(i32::MAX - 1),
        label: Some(Label::Optional.into()),
        r#type: Some(Type::Message.into()),
        type_name: Some(".s.M".to_owned()),
        extendee: Some(".s.Set".to_owned()),
        ..Default::default()
    };
    let set = DescriptorProto {
        options: Some(MessageOptions { message_set_wire_format: Some(true), ..Default::default() }),
        extension_range: vec![ExtensionRange { start: Some(4), end: Some(i32::MAX), options: None }],
        ..message("Set", vec![])
    };
    let file = FileDescriptorProto {
        syntax: None,
        message_type: vec![message("M", vec![]), set],
        extension: vec![extension],
        ..file()
    };
    let peer = reflecting(move |_| Some(vec![file.encode_to_vec()]));
    assert_snapshot!(rpcctl("describe -v").arg(&peer.address).arg("s.Set").run().without_times(), @"
    // s.Set is a message in s.proto
    message Set {
      option message_set_wire_format = true;
      extensions 4 to max;
    }
    ------- stderr -------
    * connected to 127.0.0.1:PORT
    > POST http://127.0.0.1:PORT/grpc.reflection.v1.ServerReflection/ServerReflectionInfo
    > content-type: application/grpc+proto
    > te: trailers
    > grpc-accept-encoding: gzip, deflate, br, zstd
    > user-agent: rpcctl/0.1.0
    * repaired: s.proto: left out the extension s.far: its number 2147483646 is larger than those that can be had, 536870911 at most
    * time: resolve TIME, connect TIME, schema TIME, total TIME
    [exit 0]
    ");
}

#[test]
fn names_of_services_that_would_act_on_a_terminal() {
    let answer = |question: &MessageRequest| match question {
        MessageRequest::ListServices(_) => vec![listed(&["a.\x1b[31mRed", "b.Two\nLines", "", "s.Service"])],
        MessageRequest::FileContainingSymbol(name) if name == "s.Service" => {
            vec![files(vec![file().encode_to_vec()])]
        }
        _ => vec![not_found()],
    };
    let peer = Peer::h2(by_question("/", answer, vec![ok()], |_, _| Vec::new()));
    for words in ["list", "list -l", "describe", "list -o json"] {
        let told = rpcctl(words).arg(&peer.address).run();
        assert!(!told.to_string().contains('\x1b') && told.code == Some(0), "{told}");
    }
}

#[test]
fn what_can_not_be_used_hides_nothing_else() {
    let second = |file: FileDescriptorProto| FileDescriptorProto {
        name: Some("t.proto".to_owned()),
        package: Some("t".to_owned()),
        ..file
    };
    let typed = |type_name: &str| {
        let mut file = second(file());
        file.message_type = vec![message("M", vec![field(1, type_name)])];
        file.service[0].method[0].input_type = Some(".t.M".to_owned());
        file.service[0].method[0].output_type = Some(".t.M".to_owned());
        file
    };
    let mut twice = typed(".t.M");
    twice.message_type.push(message("M", vec![]));
    let mut numbers = typed(".t.M");
    numbers.message_type[0].field.push(FieldDescriptorProto { number: Some(1), ..field(2, ".t.M") });
    let broken = [
        typed(".t.Nope"),
        twice,
        numbers,
        FileDescriptorProto { syntax: Some("<unknown:0>".to_owned()), ..typed(".t.M") },
        FileDescriptorProto { public_dependency: vec![9], ..typed(".t.M") },
    ];
    let mut told = Vec::new();
    for broken in broken {
        let answer = move |question: &MessageRequest| match question {
            MessageRequest::ListServices(_) => vec![listed(&["s.Service", "t.Service"])],
            MessageRequest::FileContainingSymbol(name) if name.starts_with("s.") => {
                vec![files(vec![file().encode_to_vec()])]
            }
            MessageRequest::FileContainingSymbol(name) if name == "t.Service" => {
                vec![files(vec![broken.encode_to_vec()])]
            }
            _ => vec![not_found()],
        };
        let echo =
            |_: &str, body: &[u8]| vec![Step::Headers(200, vec![GRPC]), Step::Data(body.to_vec()), ok()];
        let peer = Peer::h2(by_question("/grpc.reflection.v1.", answer, vec![ok()], echo));
        told.push(rpcctl("list -l").arg(&peer.address).run().to_string());
        let described = rpcctl("describe").arg(&peer.address).run().to_string();
        assert!(described.contains("service Service {\n  rpc Do(.s.M)"), "{described}");
        // By a tail, which looks through both.
        let called = rpcctl("call -o jsonl").arg(&peer.address).arg("Do").run().to_string();
        assert_eq!(called, "{}\n[exit 0]");
        let other = rpcctl("call").arg(&peer.address).arg("t.Service/Do").run();
        assert_eq!(other.code, Some(1), "{other}");
    }
    assert_snapshot!(told.join("\n"), @r#"
    s.Service/Do	unary	s.M	s.M
    ------- stderr -------
    warning: t.Service is left out: t.proto needs t.Nope, which the server does not have
    [exit 0]
    s.Service/Do	unary	s.M	s.M
    ------- stderr -------
    warning: t.Service is left out: the descriptors do not fit together: name 't.M' is defined twice
    [exit 0]
    s.Service/Do	unary	s.M	s.M
    ------- stderr -------
    warning: t.Service is left out: the descriptors do not fit together: field number '1' is already used
    [exit 0]
    s.Service/Do	unary	s.M	s.M
    ------- stderr -------
    warning: t.Service is left out: t.proto has the unknown syntax "<unknown:0>"
    [exit 0]
    s.Service/Do	unary	s.M	s.M
    ------- stderr -------
    warning: t.Service is left out: t.proto: t.proto marks an import that it does not have
    [exit 0]
    "#);
}

/// Every name costs a stream, which dies of it, and there is always one more.
#[test]
fn streams_that_die_over_and_over() {
    let services: Vec<String> = (0..600).map(|number| format!("s.Service{number}")).collect();
    let answer = move |question: &MessageRequest| match question {
        MessageRequest::ListServices(_) => {
            vec![listed(&services.iter().map(String::as_str).collect::<Vec<_>>())]
        }
        _ => vec![Step::Trailers(vec![("grpc-status", "13")])],
    };
    let peer = Peer::h2(by_question("/", answer, vec![ok()], |_, _| Vec::new()));
    assert_snapshot!(rpcctl("describe").arg(&peer.address).run(), @"
    ------- stderr -------
    error: the server has ended 500 streams of reflection, and questions are left
    hint: give the schema with --proto FILE or --descriptor-set FILE instead
    [exit 1]
    ");
}

/// Imports without end, each file sent a little later than the one before.
#[test]
fn answers_that_come_just_in_time_end_with_the_deadline() {
    let answer = |question: &MessageRequest| match question {
        MessageRequest::ListServices(_) => vec![listed(&["s.Service"])],
        MessageRequest::FileContainingSymbol(_) => {
            vec![files(vec![
                FileDescriptorProto { dependency: vec!["a0.proto".to_owned()], ..file() }.encode_to_vec(),
            ])]
        }
        MessageRequest::FileByFilename(name) => {
            let number: u64 = name.trim_matches(|c: char| !c.is_ascii_digit()).parse().unwrap();
            let next = FileDescriptorProto {
                name: Some(name.clone()),
                dependency: vec![format!("a{}.proto", number + 1)],
                ..Default::default()
            };
            std::thread::sleep(std::time::Duration::from_millis(100));
            vec![files(vec![next.encode_to_vec()])]
        }
        _ => vec![not_found()],
    };
    let peer = Peer::h2(by_question("/", answer, vec![ok()], |_, _| Vec::new()));
    assert_snapshot!(rpcctl("describe --timeout 1s").arg(&peer.address).arg("s.Service").run(), @"
    ------- stderr -------
    error: DEADLINE_EXCEEDED (4, on this side): the deadline of 1s passed while asking for the schema by reflection
    [exit 68]
    ");
}

#[test]
fn places_of_imports_that_are_none() {
    for places in [vec![-1], vec![i32::MIN], vec![i32::MAX], vec![0, 1]] {
        let imports = || FileDescriptorProto { dependency: vec!["gone.proto".to_owned()], ..file() };
        let public = FileDescriptorProto { public_dependency: places.clone(), ..imports() };
        let weak = FileDescriptorProto { weak_dependency: places, ..imports() };
        for file in [public, weak] {
            let told = with(file.encode_to_vec()).to_string();
            assert!(told.contains("s.proto marks an import that it does not have\n"), "{told}");
        }
    }
}

#[test]
fn malformed_map_entries() {
    let scalar = |name: &str, number: i32, kind: Type| FieldDescriptorProto {
        name: Some(name.to_owned()),
        r#type: Some(kind.into()),
        type_name: None,
        ..field(number, "")
    };
    let key = || scalar("key", 1, Type::String);
    let value = || scalar("value", 2, Type::String);
    let repeated = |field| FieldDescriptorProto { label: Some(Label::Repeated.into()), ..field };
    let entries = [
        vec![],
        vec![key()],
        vec![value(), key()],
        vec![key(), value(), scalar("more", 3, Type::String)],
        vec![scalar("key", 1, Type::Double), value()],
        vec![scalar("key", 1, Type::Bytes), value()],
        vec![repeated(key()), value()],
        vec![key(), repeated(value())],
        vec![scalar("key", 2, Type::String), scalar("value", 1, Type::String)],
        vec![scalar("k", 1, Type::String), value()],
        vec![key(), FieldDescriptorProto { name: Some("value".to_owned()), ..field(2, ".s.M") }],
    ];
    let last = entries.len() - 1;
    for (index, fields) in entries.into_iter().enumerate() {
        let entry = DescriptorProto {
            options: Some(MessageOptions { map_entry: Some(true), ..Default::default() }),
            ..message("MapEntry", fields)
        };
        let map =
            repeated(FieldDescriptorProto { name: Some("map".to_owned()), ..field(1, ".s.M.MapEntry") });
        let m = DescriptorProto { nested_type: vec![entry], ..message("M", vec![map]) };
        let main = FileDescriptorProto { message_type: vec![m], ..file() };
        let peer = reflecting(move |_| Some(vec![main.encode_to_vec()]));
        // The last is right: a map of messages, in a message of that type.
        let right = index == last;
        for words in ["describe s.M", "call s.Service/Do --dry-run"] {
            let (verb, words) = words.split_once(' ').unwrap();
            let run = rpcctl(verb).arg(&peer.address).args(words);
            let run = if verb == "call" { run.data(r#"{"map":{"a":{"map":{}}}}"#).run() } else { run.run() };
            assert_eq!(run.code, Some(i32::from(!right)), "{index}: {run}");
            let told = run.to_string();
            assert!(right || told.contains("MapEntry is a map entry without a key and a value\n"), "{told}");
        }
    }
}
