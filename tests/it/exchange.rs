//! `-o exchange`: a JSON document for every call, whole however the call ends.

use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::common::Step::{Data, Hang, Headers, Only, Trailers};
use crate::common::{Demo, GRPC, Output, Peer, envelope, from_every_source, rpcctl};

/// The document that was printed, which is all that was.
fn document(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output}"))
}

/// The documents that were printed, one behind another.
fn documents(output: &Output) -> Vec<Value> {
    let documents = serde_json::Deserializer::from_slice(&output.stdout).into_iter();
    documents.collect::<Result<_, _>>().unwrap_or_else(|error| panic!("{error}: {output}"))
}

/// The names of its events.
fn events(document: &Value) -> Vec<&str> {
    let events = document["events"].as_array().unwrap();
    events.iter().map(|event| event["event"].as_str().unwrap()).collect()
}

/// Its events of this name.
fn all<'d>(document: &'d Value, name: &str) -> Vec<&'d Value> {
    document["events"].as_array().unwrap().iter().filter(|event| event["event"] == name).collect()
}

/// Takes a member away that is a time, or holds for all that it is one.
fn time(value: &mut Value, member: &str) -> f64 {
    let time = value.as_object_mut().unwrap().remove(member);
    time.and_then(|time| time.as_f64()).unwrap_or_else(|| panic!("{member} of {value} is no time"))
}

/// Takes all times away, and what else differs from run to run.
fn without_times(mut document: Value) -> Value {
    let total = time(&mut document, "durationMs");
    let started = document.as_object_mut().unwrap().remove("started").unwrap();
    let started = started.as_str().unwrap();
    assert!(started.len() == 27 && started.starts_with("20") && started.ends_with('Z'), "{started}");
    for event in document["events"].as_array_mut().unwrap() {
        let at = time(event, "atMs");
        assert!((0.0..=total).contains(&at), "{at} of {total}");
        if event.get("tookMs").is_some() {
            assert!(time(event, "tookMs") <= at);
        }
        if let Some(metadata) = event.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.remove("date");
        }
    }
    document
}

#[test]
fn a_call_is_told_from_the_connection_to_the_status() {
    let demo = Demo::plain();
    let run = demo.rpcctl("call", "Demo/CountDown -o exchange --timeout 20s").data(r#"{"from":2}"#);
    let run =
        run.arg("-H").arg("authorization: Bearer hunter2").arg("-H").arg("x-a: 1").arg("-H").arg("x-a: 2");
    let output = run.arg("-H").arg("trace-bin: AQI").run();
    assert_eq!((output.code, output.talk().as_str()), (Some(0), ""));
    let mut document = without_times(document(&output));
    let timeout = document["events"][4]["metadata"].as_object_mut().unwrap().remove("grpc-timeout").unwrap();
    assert!(timeout[0].as_str().unwrap().ends_with('u'), "{timeout}");
    let settings = &mut document["events"][2]["settings"];
    assert!(settings["MAX_FRAME_SIZE"].is_u64(), "{settings}");
    *settings = Value::Null;
    let sent = json!({
        "content-type": ["application/grpc+proto"], "te": ["trailers"], "grpc-accept-encoding": ["gzip, deflate, br, zstd"],
        "user-agent": ["rpcctl/0.1.0"], "authorization": ["(redacted)"], "x-a": ["1", "2"], "trace-bin": ["AQI="],
    });
    let received = |index: i32, number: i32| {
        json!({"event": "received", "index": index, "size": 2, "wireSize": 2, "compressed": false,
            "message": {"number": number}})
    };
    assert_eq!(
        document,
        json!({
            "target": demo.address, "method": "demo.v1.Demo/CountDown", "protocol": "grpc",
            "events": [
                {"event": "resolved"},
                {"event": "connected", "peer": demo.address},
                {"event": "settings", "settings": null},
                {"event": "schema"},
                {"event": "request", "method": "POST", "scheme": "http", "authority": demo.address,
                    "path": "/demo.v1.Demo/CountDown", "metadata": sent},
                {"event": "sent", "index": 0, "size": 2, "message": {"from": 2}},
                {"event": "halfClosed"},
                {"event": "headers", "metadata": {"content-type": ["application/grpc"], "grpc-encoding": ["gzip"]}},
                received(0, 2),
                received(1, 1),
                {"event": "trailers", "metadata": {"grpc-status": ["0"]}},
            ],
            "ended": "status",
            "status": {"code": 0, "name": "OK", "message": "", "origin": "server", "details": []},
            "error": null, "signal": null, "exit": 0,
            "sent": {"messages": 1, "bytes": 2}, "received": {"messages": 2, "bytes": 4},
        })
    );
}

#[test]
fn it_is_the_same_whatever_the_schema_comes_from() {
    let output = from_every_source(|source| {
        let data = r#"{"text":"a"}{"text":"b"}"#;
        let output = source.of(rpcctl("call demo: demo.v1.Demo/Chat -o exchange").data(data)).run();
        let mut document = without_times(document(&output));
        // Sent and received interleave as they come.
        let events = document["events"].as_array_mut().unwrap();
        events.retain(|event| event["event"] != "settings");
        events.sort_by_key(|event| event["event"].as_str().map(str::to_owned));
        Output { stdout: document.to_string().into_bytes(), ..output }
    });
    let first = document(&output);
    let sent: Vec<&Value> = all(&first, "sent").into_iter().map(|event| &event["message"]["text"]).collect();
    assert_eq!(sent, ["a", "b"]);
    let received: Vec<&Value> = all(&first, "received").into_iter().map(|event| &event["message"]).collect();
    assert_eq!(received, [&json!({"sequence": "1", "text": "a"}), &json!({"sequence": "2", "text": "b"})]);
}

#[test]
fn it_is_written_as_it_happens() {
    let mut call = rpcctl("call demo: demo.v1.Demo/Chat -d @ -o exchange").start();
    call.write("{\"text\": \"one\"}\n");
    let mut seen = String::new();
    while !seen.contains("\"received\"") {
        seen.push_str(&call.line());
        seen.push('\n');
    }
    assert!(seen.contains(r#""message":{"sequence":"1","text":"one"}"#), "{seen}");
    call.close_stdin();
    let document = document(&call.wait());
    assert_eq!((&document["ended"], &document["exit"]), (&json!("status"), &json!(0)));
}

#[test]
fn a_status_has_its_details_decoded() {
    let data = r#"{"code":"NOT_FOUND","message":"no\u001b user","samples":["ERROR_INFO"]}"#;
    let output = rpcctl("call demo: Demo/Fail -o exchange").data(data).run();
    assert_eq!(output.code, Some(69));
    assert!(output.talk().starts_with("error: NOT_FOUND (5): no\\u001b user\n"), "{output}");
    let document = document(&output);
    assert_eq!((&document["ended"], &document["exit"]), (&json!("status"), &json!(69)));
    let status = &document["status"];
    assert_eq!((&status["code"], &status["name"]), (&json!(5), &json!("NOT_FOUND")));
    assert_eq!((&status["message"], &status["origin"]), (&json!("no\u{1b} user"), &json!("server")));
    assert_eq!(status["details"][0]["@type"], "type.googleapis.com/google.rpc.ErrorInfo");
    assert_eq!(status["details"][0]["reason"], "SHELF_EMPTY");
    assert_eq!(all(&document, "trailers")[0]["metadata"]["grpc-status"], json!(["5"]));
    assert!(!output.text().contains('\u{1b}'));
}

/// The document about a call of `SayHello` on a server that answers so.
fn answered(flags: &str, steps: Vec<crate::common::Step>) -> (Value, Output) {
    let peer = Peer::h2(move |_, _| steps.clone());
    let words = "hello.HelloService/SayHello -I proto --proto hello/hello.proto -o exchange";
    let output = rpcctl("call").arg(&peer.address).args(words).args(flags).run();
    let mut document = document(&output);
    document["status"].as_object_mut().unwrap().remove("details");
    (document, output)
}

#[test]
fn answers_that_are_wrong_are_told_as_far_as_they_went() {
    let ok = || Headers(200, vec![GRPC]);
    let (document, output) =
        answered("", vec![ok(), Data(envelope(0, b"\x0a\xff")), Trailers(vec![("grpc-status", "0")])]);
    assert_eq!(output.code, Some(0), "{output}");
    assert_eq!(all(&document, "received")[0]["message"]["message"]["@value"], "Cv8=");

    let (document, output) = answered("", vec![ok(), Data(envelope(7, b"x")), Hang]);
    assert_eq!(output.code, Some(77), "{output}");
    assert_eq!(
        document["status"],
        json!({"code": 13, "name": "INTERNAL", "origin": "mapped",
            "message": "a message begins with the byte 0x07, which is no flag of gRPC's"})
    );

    let (document, output) = answered("--timeout 300ms", vec![ok(), Data(envelope(0, b"\x0a\x01a")), Hang]);
    assert_eq!(output.code, Some(68), "{output}");
    assert_eq!(all(&document, "received")[0]["message"], json!({"message": "a"}));
    assert!(all(&document, "trailers").is_empty());
    assert_eq!((&document["exit"], &document["status"]["origin"]), (&json!(68), &json!("local")));

    let (document, output) = answered("", vec![Only(502, vec![("content-type", "text/html")])]);
    assert_eq!(output.code, Some(78), "{output}");
    assert_eq!(document["status"]["name"], "UNAVAILABLE");
    assert_eq!(all(&document, "trailers")[0]["metadata"]["content-type"], json!(["text/html"]));

    let odd = Trailers(vec![("grpc-status", "77"), ("grpc-status-details-bin", "/////w")]);
    let (document, output) = answered("", vec![ok(), odd]);
    assert_eq!(output.code, Some(66), "{output}");
    let status = &document["status"];
    assert_eq!((&status["code"], &status["name"]), (&json!(77), &Value::Null));
    assert_eq!(status["malformedDetails"], "/////w==");
}

#[test]
fn what_comes_to_nothing_is_a_document_too() {
    let output = rpcctl("call localhost:1 a.B/C -o exchange").run();
    assert_eq!(output.code, Some(1), "{output}");
    let refused = without_times(document(&output));
    assert_eq!(
        refused,
        json!({
            "target": "localhost:1", "method": "a.B/C", "protocol": "grpc", "events": [],
            "ended": "error", "status": null,
            "error": {"message": "cannot connect to localhost:1", "causes": ["Connection refused"], "hints": [
                "nothing listens there: check host and port; rpcctl serve-demo starts a server to try"]},
            "signal": null, "exit": 1,
            "sent": {"messages": 0, "bytes": 0}, "received": {"messages": 0, "bytes": 0},
        })
    );
    let unknown = rpcctl("call demo: Demo/Sun -o exchange").run();
    let document_of = document(&unknown);
    assert_eq!((unknown.code, &document_of["exit"]), (Some(1), &json!(1)));
    assert_eq!(document_of["error"]["hints"][1], "see what there is: rpcctl list demo: demo.v1.Demo");
    let wrong = rpcctl("call demo: Demo/Sum -o exchange").data(r#"{"nmber":1}"#).run();
    assert_eq!((wrong.code, &document(&wrong)["exit"]), (Some(2), &json!(2)));
    let filtered = rpcctl("call demo: Demo/Sum -o exchange --jq .sum").run();
    assert!(filtered.talk().starts_with("error: --jq is for JSON, and -o exchange is none\n"), "{filtered}");
    // A line that makes no sense is no call.
    let nonsense = rpcctl("call demo: Demo/Sum -o exchange --type int").run();
    assert_eq!((nonsense.code, nonsense.text().as_str()), (Some(2), ""));
}

#[test]
fn input_that_goes_wrong_on_the_way_ends_the_document() {
    let mut call = rpcctl("call demo: demo.v1.Demo/Chat -d @ -o exchange").start();
    call.write("{\"text\": \"one\"}\n");
    while !call.line().contains("\"received\"") {}
    call.write("{\"txt\": \"two\"}\n");
    let output = call.wait();
    assert_eq!(output.code, Some(2), "{output}");
    let document = document(&output);
    assert_eq!((&document["ended"], &document["exit"]), (&json!("error"), &json!(2)));
    assert!(document["error"]["message"].as_str().unwrap().contains("unknown field \"txt\""));
    assert_eq!(all(&document, "received").len(), 1);
}

#[test]
#[cfg(unix)]
fn a_signal_ends_the_document() {
    for (name, exit) in [("INT", 130), ("TERM", 143)] {
        let mut call = rpcctl("call demo: demo.v1.Demo/Chat -d @ -o exchange").start();
        call.write("{\"text\": \"one\"}\n");
        while !call.line().contains("\"received\"") {}
        call.signal(name);
        let output = call.wait();
        assert_eq!((output.code, output.talk().as_str()), (Some(exit), "interrupted after 1 message\n"));
        let document = document(&output);
        assert_eq!(
            (&document["ended"], &document["signal"]),
            (&json!("signal"), &json!(format!("SIG{name}")))
        );
        assert_eq!((&document["exit"], &document["status"]), (&json!(exit), &Value::Null));
        assert_eq!(document["received"], json!({"messages": 1, "bytes": 7}));
    }
}

#[test]
#[cfg(unix)]
fn a_signal_before_the_call_leaves_a_document() {
    // A server that takes connections and says nothing.
    let (heard, asked) = std::sync::mpsc::channel();
    let peer = Peer::tcp(move |mut stream| {
        let heard = heard.clone();
        async move {
            let mut first = [0; 1];
            drop(tokio::io::AsyncReadExt::read(&mut stream, &mut first).await);
            heard.send(()).unwrap();
            std::future::pending::<()>().await;
        }
    });
    let call = rpcctl("call").arg(&peer.address).args("a.B/C -o exchange").start();
    asked.recv().unwrap();
    call.signal("INT");
    let output = call.wait();
    assert_eq!((output.code, output.talk().as_str()), (Some(130), "interrupted after 0 messages\n"));
    let document = document(&output);
    assert_eq!((&document["signal"], &document["method"]), (&json!("SIGINT"), &json!("a.B/C")));
}

#[test]
fn calls_of_net_rpc_are_told_with_their_arguments() {
    let demo = Demo::start(rpcctl("serve-demo --netrpc 127.0.0.1:0"));
    let data = r#"{"A":17,"B":5}{"A":1,"B":0}"#;
    for (scheme, protocol) in [("netrpc", "netrpc"), ("netrpc+http", "netrpc"), ("jsonrpc", "jsonrpc")] {
        let target = format!("{scheme}://{}", demo.address.trim_start_matches("netrpc://"));
        let output = rpcctl("call").arg(&target).args("Arith.QuoRem -o exchange").data(data).run();
        assert_eq!(output.code, Some(66), "{output}");
        let documents: Vec<Value> = documents(&output).into_iter().map(without_times).collect();
        let [first, second] = documents.as_slice() else { panic!("{output}") };
        let about = |document: &Value| (document["protocol"].clone(), document["method"].clone());
        assert_eq!(about(first), (json!(protocol), json!("Arith.QuoRem")));
        assert_eq!(events(first).contains(&"upgraded"), scheme == "netrpc+http");
        assert!(events(first).contains(&"connected") && !events(second).contains(&"connected"), "{output}");
        let sent = |document: &Value| all(document, "sent")[0]["message"].clone();
        assert_eq!([sent(first), sent(second)], [json!({"A": 17, "B": 5}), json!({"A": 1, "B": 0})]);
        assert_eq!(all(second, "sent")[0]["index"], 1);
        assert_eq!(all(first, "received")[0]["message"], json!({"Quo": 3, "Rem": 2}));
        assert_eq!((&first["status"]["name"], &first["exit"]), (&json!("OK"), &json!(0)));
        assert_eq!((&second["status"]["message"], &second["exit"]), (&json!("divide by zero"), &json!(66)));
        let bytes = |document: &Value| document["received"]["messages"].clone();
        assert_eq!((bytes(first), bytes(second)), (json!(1), json!(0)));
    }
}

#[test]
fn one_call_of_net_rpc_is_one_document() {
    let demo = Demo::start(rpcctl("serve-demo --netrpc 127.0.0.1:0"));
    let refused = rpcctl("call").arg(&demo.address).args("Arith.QuoRem -o exchange").data(r#"{"A":1}"#).run();
    let document = without_times(document(&refused));
    assert_eq!((refused.code, &document["exit"]), (Some(66), &json!(66)));
    assert_eq!(events(&document), ["resolved", "connected", "sent", "halfClosed"]);
    let lost = Peer::tcp(|mut stream| async move {
        let mut first = [0; 1];
        drop(tokio::io::AsyncReadExt::read(&mut stream, &mut first).await);
    });
    let target = format!("netrpc://{}", lost.address);
    let output = rpcctl("call").arg(target).args("Arith.QuoRem -o exchange").data("{}{}").run();
    assert_eq!(output.code, Some(78), "{output}");
    for document in documents(&output) {
        assert_eq!(document["status"]["name"], "UNAVAILABLE", "{output}");
    }
}

/// The names of all members of a value, but those of messages, metadata and settings.
fn members(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(object) => object.iter().for_each(|(name, value)| {
            names.push(name.clone());
            if !["message", "metadata", "settings", "details"].contains(&name.as_str()) {
                members(value, names);
            }
        }),
        Value::Array(items) => items.iter().for_each(|item| members(item, names)),
        _ => {}
    }
}

#[test]
fn every_member_and_event_is_documented() {
    let docs = include_str!("../../docs/exchange.md");
    let demo = Demo::with("--tls");
    let call = demo.rpcctl("call", "--insecure Demo/Fail -o exchange").data(r#"{"code":"ABORTED"}"#).run();
    let demo = Demo::start(rpcctl("serve-demo --netrpc 127.0.0.1:0"));
    let go = format!("netrpc+http://{}", demo.address.trim_start_matches("netrpc://"));
    let go = rpcctl("call").arg(go).args("Arith.QuoRem -o exchange").data("{}{}").run();
    let none = rpcctl("call localhost:1 a.B/C -o exchange").run();
    for output in [call, go, none] {
        for document in documents(&output) {
            let mut names = Vec::new();
            members(&document, &mut names);
            names.extend(events(&document).into_iter().map(str::to_owned));
            assert!(names.len() > 15);
            for name in names {
                assert!(docs.contains(&format!("`{name}`")), "docs/exchange.md says nothing of {name}");
            }
        }
    }
}

#[test]
fn its_layout_is_a_line_an_event() {
    let output = rpcctl("call demo: Demo/Sum -o exchange").data(r#"{"number":1}"#).run();
    let text = output.text();
    let shown = text.lines().filter(|line| !line.contains("started") && !line.contains("durationMs"));
    let shown: Vec<&str> = shown.map(|line| line.split("\"atMs\"").next().unwrap()).collect();
    assert_snapshot!(shown.join("\n"), @r#"
    {
      "target": "demo:",
      "method": "demo.v1.Demo/Sum",
      "protocol": "grpc",
      "events": [
        {
      , {
      , {
      , {
      , {
      , {
      , {
      , {
      , {
      ],
      "ended": "status",
      "status": {"code":0,"name":"OK","message":"","origin":"server","details":[]},
      "error": null,
      "signal": null,
      "exit": 0,
      "sent": {"messages":1,"bytes":2},
      "received": {"messages":1,"bytes":4},
    }
    "#);
}

#[test]
fn calls_of_their_own_are_documents_of_their_own() {
    for parallel in ["", "--parallel 3"] {
        let run = rpcctl("call demo: HelloService/SayHello --each -o exchange").args(parallel);
        let output = run.data(r#"{"name":"a"}{"name":"b"}{"name":"c"}"#).run();
        assert_eq!((output.code, output.talk().as_str()), (Some(0), ""), "{output}");
        let documents: Vec<Value> = documents(&output).into_iter().map(without_times).collect();
        let message = |document: &Value| all(document, "received")[0]["message"]["message"].clone();
        assert_eq!(
            documents.iter().map(message).collect::<Vec<_>>(),
            ["Hello, a", "Hello, b", "Hello, c"].map(Value::from)
        );
        for (index, document) in documents.iter().enumerate() {
            let events: Vec<&str> = events(document);
            let own = ["request", "sent", "halfClosed", "headers", "received", "trailers"];
            let at = events.iter().position(|event| *event == "request").unwrap();
            assert_eq!(events[at..], own);
            assert_eq!(events[..at].contains(&"schema"), index == 0, "{events:?}");
            assert_eq!(all(document, "sent")[0]["index"], index);
            assert_eq!((&document["status"]["name"], &document["exit"]), (&json!("OK"), &json!(0)));
            assert_eq!(document["sent"]["messages"], 1);
        }
    }
}

#[test]
fn each_document_tells_how_its_own_call_ended() {
    let data = r#"{"code":"NOT_FOUND"}{"code":"ABORTED"}"#;
    let output = rpcctl("call demo: Demo/Fail --each -o exchange").data(data).run();
    assert_eq!(output.code, Some(69), "{output}");
    let exits: Vec<Value> = documents(&output).iter().map(|document| document["exit"].clone()).collect();
    assert_eq!(exits, [69, 74]);

    // A message that is none is a call that comes to nothing, and ends the others not.
    let wrong = r#"{"name":"a"}{"nam":"b"}"#;
    let output = rpcctl("call demo: HelloService/SayHello --each -o exchange -d @").stdin(wrong).run();
    let documents_of = documents(&output);
    assert_eq!((output.code, documents_of.len()), (Some(2), 2), "{output}");
    assert_eq!((&documents_of[0]["ended"], &documents_of[1]["ended"]), (&json!("status"), &json!("error")));
    assert_eq!((&documents_of[1]["exit"], &documents_of[1]["events"]), (&json!(2), &json!([])));

    let refused =
        rpcctl("call localhost:1 a.B/C -I proto --proto hello/hello.proto --each -o exchange").run();
    assert_eq!((refused.code, documents(&refused).len()), (Some(1), 1), "{refused}");

    let none = rpcctl("call demo: HelloService/SayHello --each -o exchange -d @").stdin("").run();
    assert_eq!((none.code, none.text().as_str()), (Some(0), ""), "{none}");
}

#[test]
#[cfg(unix)]
fn a_signal_ends_the_documents_of_calls_under_way() {
    // One of the two is never answered.
    let peer = Peer::h2(|_, body| {
        let answer =
            vec![Headers(200, vec![GRPC]), Data(envelope(0, b"")), Trailers(vec![("grpc-status", "0")])];
        if body.ends_with(b"a") { vec![Hang] } else { answer }
    });
    let words =
        "hello.HelloService/SayHello -I proto --proto hello/hello.proto --each --parallel 2 -o exchange -vv";
    let mut call = rpcctl("call").arg(&peer.address).args(words).arg("-d").arg("@").start();
    call.write("{\"name\":\"a\"}{\"name\":\"b\"}\n");
    while !call.line().contains("\"sent\"") {}
    call.signal("INT");
    let output = call.wait();
    assert_eq!(output.code, Some(130), "{output}");
    let documents = documents(&output);
    assert_eq!(documents[0]["ended"], "signal", "{output}");
    assert!(documents.iter().all(|document| document["exit"] == 130 || document["exit"] == 0), "{output}");
}

#[test]
fn a_limit_ends_the_document() {
    let run = rpcctl("call demo: Demo/CountDown --limit 2 -o exchange").data(r#"{"from":1000}"#);
    let output = run.run();
    assert_eq!(output.code, Some(0), "{output}");
    let document = document(&output);
    assert_eq!((&document["ended"], &document["received"]["messages"]), (&json!("limit"), &json!(2)));
    assert_eq!((&document["status"], &document["exit"]), (&Value::Null, &json!(0)));
}
