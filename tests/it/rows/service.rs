//! What is odd about how a server answers, whatever it sends.

use insta::assert_snapshot;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_reflection::pb::v1::{ErrorResponse, ListServiceResponse};

use super::{ROOT, SERVICES, assert_works, by_symbol, echo, encoded, imports, string, with_fields};
use crate::common::reflecting::{
    by_question, files, listed, not_found, ok, questions_with_hosts, said, serving,
};
use crate::common::{GRPC, Peer, Step, rpcctl};

#[test]
fn row_07_reflection_that_does_not_list_itself() {
    let main = with_fields(vec![string("name", 1)]);
    let peer = || by_symbol(vec![main.clone()]);
    assert_works(peer, r#"{"name":"x"}"#);
    // Names that are looked for in all that is listed.
    let by_tail = rpcctl("call -o jsonl").arg(&peer().address).arg("Do").data(r#"{"name":"x"}"#).run();
    assert_eq!(by_tail.to_string(), "{\"name\":\"x\"}\n[exit 0]");
    assert_snapshot!(rpcctl("list -l").arg(&peer().address).run(), @"
    s.Service/Do	unary	s.M	s.M
    [exit 0]
    ");
    assert_snapshot!(rpcctl("describe").arg(&peer().address).run(), @"
    // s.Service is a service in s.proto
    service Service {
      rpc Do(.s.M) returns (.s.M);
    }
    [exit 0]
    ");
    let itself = rpcctl("describe").arg(&peer().address).arg("grpc.reflection.v1.ServerReflection").run();
    assert_snapshot!(itself, @r#"
    ------- stderr -------
    error: there is no symbol "grpc.reflection.v1.ServerReflection"
    hint: see what there is: rpcctl list 127.0.0.1:PORT
    [exit 1]
    "#);
}

/// A server with reflection of this version alone, which answers to the other like this.
fn one_version(root: &'static str, other: Vec<Step>) -> Peer {
    let main = with_fields(vec![string("name", 1)]);
    let answer = move |_: &MessageRequest| Some(encoded(std::slice::from_ref(&main)));
    serving(root, SERVICES, answer, move |path, body| {
        if path.starts_with("/grpc.reflection.") { other.clone() } else { echo(path, body) }
    })
}

#[test]
fn row_09_v1alpha_alone() {
    let others = [
        vec![Step::Only(200, vec![GRPC, ("grpc-status", "12"), ("grpc-message", "Method not found!")])],
        // Gateways do not let a path through that they do not know.
        vec![Step::Only(200, vec![GRPC, ("grpc-status", "7")])],
        vec![
            Step::Headers(404, vec![("content-type", "text/html")]),
            Step::Data(b"<html>Not Found</html>".to_vec()),
            Step::End,
        ],
    ];
    for other in others {
        assert_works(|| one_version("/grpc.reflection.v1alpha.", other.clone()), r#"{"name":"x"}"#);
    }
}

#[test]
fn row_10_v1_alone() {
    let other = vec![Step::Only(200, vec![GRPC, ("grpc-status", "12")])];
    assert_works(|| one_version(ROOT, other.clone()), r#"{"name":"x"}"#);
}

/// What a server with one service says that has one message with one string; nothing, where that is not asked for.
fn known(question: &MessageRequest) -> Option<Step> {
    match question {
        MessageRequest::ListServices(_) => Some(listed(SERVICES)),
        MessageRequest::FileContainingSymbol(name) if name.starts_with("s.") => {
            let main = imports(with_fields(vec![string("name", 1)]), &["gone.proto"]);
            Some(files(encoded(&[main])))
        }
        _ => None,
    }
}

/// A server that says what it knows and then, where it does not know, or at the end, does this.
fn ending(
    unknown: &'static [fn() -> Step],
    end: Vec<Step>,
) -> impl Fn(&str, &[u8]) -> Vec<Step> + Send + Clone {
    let answer = |question: &MessageRequest| match known(question) {
        Some(answer) => vec![answer],
        None => unknown.iter().map(|step| step()).collect(),
    };
    by_question(ROOT, answer, end, echo)
}

#[test]
fn row_17_reflection_and_calls_go_by_the_authority() {
    let peer = Peer::h2_by_uri(|uri, body| {
        if uri.authority().is_none_or(|authority| authority != "backend.example") {
            return vec![Step::Only(404, vec![("content-type", "text/plain")])];
        }
        ending(&[not_found], vec![ok()])(uri.path(), body)
    });
    let run = |line: &str| rpcctl(line).arg(&peer.address).args("--authority backend.example");
    assert_eq!(run("list").run().to_string(), "s.Service\n[exit 0]");
    assert!(run("describe").arg("s.M").run().to_string().ends_with("string name = 1;\n}\n[exit 0]"));
    let called = run("call -o jsonl").args("s.Service/Do").data(r#"{"name":"x"}"#).run();
    assert_eq!(called.to_string(), "{\"name\":\"x\"}\n[exit 0]");
    assert_snapshot!(rpcctl("list").arg(&peer.address).run(), @"
    ------- stderr -------
    error: the server does not offer reflection (UNIMPLEMENTED: the server answered HTTP 404 Not Found and no gRPC status, with content-type text/plain)
    hint: give the schema with --proto FILE or --descriptor-set FILE instead
    [exit 1]
    ");
}

/// A server whose reflection knows what is at this host alone.
fn of_host(is_meant: impl Fn(&str) -> bool + Send + Clone + 'static) -> Peer {
    Peer::h2(move |path: &str, body: &[u8]| {
        if !path.starts_with(ROOT) {
            return echo(path, body);
        }
        let mut steps = vec![Step::Headers(200, vec![GRPC])];
        for (host, question) in questions_with_hosts(body) {
            steps.push(if is_meant(&host) {
                known(&question).unwrap_or_else(not_found)
            } else {
                not_found()
            });
        }
        steps.push(ok());
        steps
    })
}

#[test]
fn row_17_reflection_that_goes_by_the_host_in_its_questions() {
    let peer = of_host(|host| host == "backend.example");
    let run = |line: &str| rpcctl(line).arg(&peer.address).args("--authority backend.example");
    assert_eq!(run("list").run().to_string(), "s.Service\n[exit 0]");
    let called = run("call -o jsonl").args("s.Service/Do").data(r#"{"name":"x"}"#).run();
    assert_eq!(called.to_string(), "{\"name\":\"x\"}\n[exit 0]");
    // Not named, it is the server's own, once the server has nothing to say without.
    assert_works(|| of_host(|host| host.starts_with("127.0.0.1:")), r#"{"name":"x"}"#);
    assert_works(|| of_host(str::is_empty), r#"{"name":"x"}"#);
    assert_snapshot!(rpcctl("list").arg(&peer.address).run(), @"
    ------- stderr -------
    error: the server does not list its services: not here
    hint: give the schema with --proto FILE or --descriptor-set FILE instead
    [exit 1]
    ");
}

#[test]
fn row_17_reflection_that_lists_what_the_target_lacks() {
    let lacking = |path: &str, body: &[u8]| {
        let method = "/nowhere";
        if path.starts_with(ROOT) { ending(&[not_found], vec![ok()])(path, body) } else { echo(method, body) }
    };
    let peer = Peer::h2(lacking);
    assert_eq!(rpcctl("list").arg(&peer.address).run().to_string(), "s.Service\n[exit 0]");
    assert_snapshot!(rpcctl("call").arg(&peer.address).arg("s.Service/Do").run(), @"
    ------- stderr -------
    error: UNIMPLEMENTED (12)
    [exit 76]
    ");
}

#[test]
fn row_18_an_answer_that_waits_for_the_last_question_and_does_not_end() {
    assert_works(|| Peer::h2(ending(&[not_found], vec![Step::Hang])), r#"{"name":"x"}"#);
}

#[test]
fn row_18_one_request_at_a_time_and_none_that_ends() {
    let peer = |end: Step| {
        let answer = ending(&[not_found], vec![end]);
        Peer::h2_limited(1, move |uri, body| answer(uri.path(), body))
    };
    for end in [Step::Hang, ok()] {
        assert_works(|| peer(end.clone()), r#"{"name":"x"}"#);
    }
}

#[test]
fn row_21_every_way_of_saying_that_something_is_not_known() {
    // An RPC status, which ends the stream; the end without a word; an error that is none; nothing; the answer to
    // another question.
    let status: &[fn() -> Step] = &[|| Step::Trailers(vec![("grpc-status", "5")])];
    let internal: &[fn() -> Step] = &[|| Step::Trailers(vec![("grpc-status", "13")])];
    let end: &[fn() -> Step] = &[ok];
    let no_error: &[fn() -> Step] =
        &[|| said(Some(MessageResponse::ErrorResponse(ErrorResponse::default())))];
    let nothing: &[fn() -> Step] = &[|| said(None)];
    let odd: &[fn() -> Step] =
        &[|| said(Some(MessageResponse::ListServicesResponse(ListServiceResponse::default())))];
    for unknown in [&[not_found as fn() -> Step], status, internal, end, no_error, nothing, odd] {
        assert_works(|| Peer::h2(ending(unknown, vec![ok()])), r#"{"name":"x"}"#);
    }
}
