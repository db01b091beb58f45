//! `rpcctl bench TARGET METHOD`: every call is counted once, as what it ended in, whatever the server does.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use h2::Reason;
use insta::assert_snapshot;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;

#[cfg(unix)]
use crate::common::rpcctl_with_files;
use crate::common::{Demo, GRPC, Output, Peer, Rpcctl, Step, envelope, rpcctl};

const HELLO: &str = "hello.HelloService/SayHello name=Alice";

/// A run whose report is JSON and whose progress is nobody's business.
pub(crate) fn quiet(run: Rpcctl) -> Rpcctl {
    run.args("-o json -q")
}

/// What a report says.
pub(crate) struct Told {
    pub(crate) report: Value,
    pub(crate) output: Output,
}

impl Told {
    pub(crate) fn of(output: Output) -> Self {
        let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output}"));
        Self { report, output }
    }

    pub(crate) fn number(&self, name: &str) -> u64 {
        self.report.pointer(name).and_then(Value::as_u64).unwrap_or_else(|| panic!("{name}: {}", self.report))
    }

    pub(crate) fn counts(&self, name: &str) -> BTreeMap<String, u64> {
        let counts = self.report[name].as_object().unwrap();
        counts.iter().map(|(name, count)| (name.clone(), count.as_u64().unwrap())).collect()
    }

    /// What ended how often, statuses and what is none.
    pub(crate) fn ends(&self) -> String {
        let all = self.counts("codes").into_iter().chain(self.counts("transport_errors"));
        all.map(|(name, count)| format!("{name}: {count}")).collect::<Vec<_>>().join(", ")
    }

    /// Every call that was made ended, or is under way.
    pub(crate) fn adds_up(self) -> Self {
        let ended: u64 = self.counts("codes").values().chain(self.counts("transport_errors").values()).sum();
        assert_eq!(self.number("/issued"), ended + self.number("/in_flight"), "{}", self.report);
        self
    }
}

fn bench(demo: &Demo, words: &str) -> Told {
    Told::of(quiet(demo.rpcctl("bench", words)).run()).adds_up()
}

#[test]
fn as_many_calls_as_were_asked_for() {
    let demo = Demo::plain();
    for (words, connections) in [("-n 500", 1), ("-n 501 -c 3 -m 7", 3), ("-n 10 -c 4 -m 5 --threads 2", 4)] {
        let told = bench(&demo, &format!("{HELLO} {words}"));
        let asked: u64 = words.split(' ').nth(1).unwrap().parse().unwrap();
        assert_eq!(told.ends(), format!("OK: {asked}"));
        assert_eq!((told.number("/issued"), told.number("/latency_actual/count")), (asked, asked));
        assert_eq!(told.number("/connections/opened"), connections);
        assert_eq!(told.number("/messages_received"), asked);
        assert_eq!((told.report["loop_model"].as_str(), told.output.code), (Some("closed"), Some(0)));
        assert!(told.report["caveat"].as_str().unwrap().contains("omission"), "{}", told.report);
    }
}

#[test]
fn a_report_for_reading() {
    let demo = Demo::plain();
    let output = demo.rpcctl("bench", &format!("{HELLO} -n 2000 -m 4")).run();
    let text = output.text();
    for part in
        ["closed loop, 2,000 calls", "2,000 issued = 2,000 answered; all OK", "p99.9", "P = N/T = 2,000 /"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
    // Elsewhere than at a terminal, each second has a line.
    assert!(output.talk().contains("2,000"), "{}", output.talk());
}

#[test]
fn what_a_server_says_to_a_failure_is_told() {
    let demo = Demo::plain();
    for engine in ["frames", "session"] {
        let words = format!("Demo/Fail -n 30 -q --engine {engine}");
        let run = demo.rpcctl("bench", &words).data(r#"{"code":"NOT_FOUND","message":"no such book: é"}"#);
        let text = run.run().text();
        assert!(text.contains("NOT_FOUND   30     100 %   no such book: é\n"), "{text}");
    }
}

#[test]
fn over_tls_and_unix_sockets() {
    let folder = TempDir::new().unwrap();
    let ca = folder.path().join("ca.pem");
    let tls = Demo::with(&format!("--tls --write-cert {}", ca.display()));
    let told = bench(&tls, &format!("{HELLO} -n 300 -c 2 --cacert {}", ca.display()));
    assert_eq!(told.ends(), "OK: 300");
    assert!(told.report["connections"]["tls_version"].as_str().unwrap().starts_with("TLSv1"));
    let socket = folder.path().join("socket");
    let demo = Demo::with(&format!("--unix {}", socket.display()));
    let words = format!("unix:{} {HELLO} -n 300 -c 2", socket.display());
    let told = Told::of(quiet(rpcctl("bench").args(&words)).run());
    assert_eq!(told.ends(), "OK: 300");
    drop(demo);
}

#[test]
fn calls_of_every_shape() {
    let demo = Demo::plain();
    let counts = |words: &str, data: &[&str]| {
        let run = data.iter().fold(demo.rpcctl("bench", words), |run, data| run.data(data));
        let told = Told::of(quiet(run).run()).adds_up();
        let messages = (told.number("/messages_sent"), told.number("/messages_received"));
        (told.ends(), messages, told.report.pointer("/message_latency/count").and_then(Value::as_u64))
    };
    let numbers = [r#"{"number":1}{"number":2}"#, r#"{"number":3}"#];
    assert_eq!(counts("Demo/Sum -n 40", &numbers), ("OK: 40".to_owned(), (120, 40), None));
    let from = [r#"{"from":5}"#];
    assert_eq!(counts("Demo/CountDown -n 30", &from), ("OK: 30".to_owned(), (30, 150), Some(120)));
    let texts = [r#"{"text":"hi"}"#, r#"{"text":"bye"}"#];
    assert_eq!(counts("Demo/Chat -n 30", &texts), ("OK: 30".to_owned(), (60, 60), Some(30)));
    let failure = [r#"{"messages":2,"failure":{"code":"ABORTED"}}"#];
    assert_eq!(counts("Demo/FailAfter -n 20", &failure), ("ABORTED: 20".to_owned(), (20, 40), Some(20)));
}

/// An answer that is none of these is in `hostile`, for a single call.
#[test]
fn what_calls_end_in_is_told_apart() {
    let answered = |status: &'static str| {
        vec![
            Step::Headers(200, vec![GRPC]),
            Step::Data(envelope(0, b"")),
            Step::Trailers(vec![("grpc-status", status)]),
        ]
    };
    let cases: [(&str, Vec<Step>); 10] = [
        ("OK: 20", answered("0")),
        ("NOT_FOUND: 20", answered("5")),
        ("code 77: 20", answered("77")),
        ("RESOURCE_EXHAUSTED: 20", vec![Step::Only(200, vec![GRPC, ("grpc-status", "8")])]),
        ("UNAVAILABLE: 20", vec![Step::Only(503, vec![])]),
        ("UNIMPLEMENTED: 20", vec![Step::Headers(404, vec![]), Step::Data(b"no".to_vec()), Step::End]),
        ("broken: 20", vec![Step::Headers(200, vec![GRPC]), Step::Data(envelope(0, b"")), Step::End]),
        ("broken: 20", vec![Step::Only(200, vec![GRPC, ("grpc-status", "0")])]),
        ("reset REFUSED_STREAM: 20", vec![Step::Reset(Reason::REFUSED_STREAM)]),
        ("reset CANCEL: 20", vec![Step::Headers(200, vec![GRPC]), Step::Reset(Reason::CANCEL)]),
    ];
    for (ends, steps) in cases {
        let peer = Peer::h2(move |_, _| steps.clone());
        let told = from_peer(&peer, "-n 20 -m 3 -c 2");
        assert_eq!((told.ends(), told.output.code), (ends.to_owned(), Some(0)));
    }
}

/// Calls of a server that has no reflection.
fn from_peer(peer: &Peer, words: &str) -> Told {
    let words = format!("{} {HELLO} --proto proto/hello/hello.proto {words}", peer.address);
    Told::of(quiet(rpcctl("bench").args(&words)).run()).adds_up()
}

#[test]
fn a_connection_that_is_lost_is_replaced() {
    let count = Arc::new(Mutex::new(0));
    let peer = Peer::h2(move |_, _| {
        let mut count = count.lock().unwrap();
        *count += 1;
        let mut steps = vec![Step::Headers(200, vec![GRPC]), Step::Data(envelope(0, b""))];
        steps.push(match *count % 10 {
            0 => Step::Cut,
            5 => Step::GoAway(Reason::NO_ERROR),
            _ => Step::Trailers(vec![("grpc-status", "0")]),
        });
        steps
    });
    let told = from_peer(&peer, "-n 100 -m 1");
    // What a peer says before it hangs up may get lost with the connection.
    let ok = told.counts("codes")["OK"];
    assert!((70..=85).contains(&ok) && told.number("/issued") == 100, "{}", told.report);
    assert!(told.number("/connections/opened") >= 10, "{}", told.report);
    assert_eq!(told.report["end"]["reason"], "calls");
}

#[test]
fn calls_that_take_too_long_are_ended() {
    let peer = Peer::h2(|_, _| vec![Step::Headers(200, vec![GRPC]), Step::Hang]);
    let told = from_peer(&peer, "-n 6 -m 3 --timeout 50ms");
    assert_eq!(told.ends(), "deadline: 6");
    assert!(told.number("/failed_latency_actual/min") >= 50_000_000, "{}", told.report);
}

#[test]
fn what_is_under_way_at_the_end_ended_in_nothing() {
    let demo = Demo::plain();
    let told = bench(&demo, "Demo/Sleep duration=1h -m 4 --duration 200ms --drain 50ms");
    assert_eq!((told.ends(), told.number("/in_flight")), (String::new(), 4));
    assert_eq!(told.report["end"]["reason"], "duration");
}

#[test]
fn an_open_loop_makes_calls_when_they_are_due() {
    let demo = Demo::plain();
    for (words, model) in [
        ("--rate 400 -n 100", "open_uniform"),
        ("--rate 400 --poisson -n 100", "open_poisson"),
        ("--ramp 100:700:1s -n 100", "ramp"),
        ("--steps 300:100ms,700:1s -n 100", "steps"),
    ] {
        let told = bench(&demo, &format!("{HELLO} {words}"));
        assert_eq!(told.ends(), "OK: 100", "{words}");
        assert_eq!((told.report["loop_model"].as_str(), told.number("/dropped")), (Some(model), 0));
        assert!(told.number("/latency_intended/min") >= told.number("/latency_actual/min"));
        assert!(told.report["rate_offered"].is_number() && told.report.get("caveat").is_none(), "{words}");
    }
}

#[test]
fn recorded_moments_are_replayed() {
    let demo = Demo::plain();
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("moments");
    std::fs::write(&file, "0\n0.05\n0.01\n0.1\n").unwrap();
    let told = bench(&demo, &format!("{HELLO} --replay {} --replay-speed 2", file.display()));
    assert_eq!(told.ends(), "OK: 4");
    assert!(told.number("/measured_ns") >= 50_000_000, "{}", told.report);
}

/// The stall is in what was due meanwhile, and in one call of each that were under way.
#[cfg(unix)]
#[test]
fn a_server_that_stalls_is_seen_by_an_open_loop() {
    let demo = Demo::plain();
    let words = format!("{HELLO} --rate 500 --duration 3s");
    let mut run = demo.rpcctl("bench", &words).args("-o json").start();
    run.hear(" done (");
    demo.signal("STOP");
    run.hear(" done (");
    demo.signal("CONT");
    let told = Told::of(run.wait()).adds_up();
    assert_eq!((told.ends(), told.number("/dropped")), ("OK: 1500".to_owned(), 0));
    assert!(told.number("/latency_intended/max") > 800_000_000, "{}", told.report);
    assert!(told.number("/latency_intended/p90") > 100_000_000, "{}", told.report);
}

#[test]
fn calls_beyond_what_may_be_in_flight_are_dropped() {
    let demo = Demo::plain();
    let words = "Demo/Sleep duration=1h --rate 1000 -n 50 -m 5 --max-in-flight 8 --timeout 400ms";
    let told = bench(&demo, words);
    let made = told.number("/issued");
    assert_eq!(made + told.number("/dropped"), 50, "{}", told.report);
    assert!(told.number("/dropped") > 0 && made >= 8, "{}", told.report);
}

/// More than can be counted one by one in the time, which is over when it is.
#[test]
fn a_rate_beyond_all_ends_with_the_time_to_drain() {
    let demo = Demo::plain();
    for engine in ["frames", "session"] {
        let words = format!("{HELLO} --rate 1000M --duration 2s --drain 50ms --engine {engine}");
        let told = bench(&demo, &words);
        let due = told.number("/issued") + told.number("/dropped");
        assert!(due.abs_diff(2_000_000_000) < 5, "{due}");
    }
}

#[cfg(unix)]
#[test]
fn more_connections_than_there_may_be_files_are_refused() {
    let demo = Demo::plain();
    let words = format!("bench 127.0.0.1:{} {HELLO} -c 65k -m 1", demo.port());
    let output = rpcctl_with_files(300, &words).run();
    assert_eq!(output.code, Some(1), "{output}");
    let talk = output.talk();
    assert!(talk.contains("65000 connections are more than the 284 that the limit of open files"), "{talk}");
    assert!(talk.contains("-c 284, or a higher limit, where the system has one: ulimit -n 65256"), "{talk}");
}

#[test]
fn rows_that_nobody_uses_are_noticed() {
    let demo = Demo::plain();
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("rows.csv"), "name\nAlice\nBob").unwrap();
    let words = r#"HelloService/SayHello --csv rows.csv -n 4 -q -d {"name":"{{csv.name}}"}"#;
    assert_eq!(demo.rpcctl("bench", words).within(folder.path()).run().talk(), "");
    let unused = demo.rpcctl("bench", &format!("{HELLO} --csv rows.csv -n 4 -q")).within(folder.path()).run();
    assert_eq!(unused.talk(), "* no placeholder uses --csv: {{csv.COLUMN}} is the value in a column\n");
    assert_eq!(unused.code, Some(0));
}

#[test]
fn the_page_goes_to_a_file_that_is_known_before_anything_is_called() {
    let page = |file: &str| {
        rpcctl("bench")
            .args(&format!("127.0.0.1:1 {HELLO} --proto proto/hello/hello.proto --html {file}"))
            .run()
    };
    assert_snapshot!(page("-"), @"
    ------- stderr -------
    error: invalid value '-' for '--html <FILE>': stdout has the report as -o says; name a file, such as report.html

    For more information, try '--help'.
    [exit 2]
    ");
    assert_snapshot!(page("no/such/folder.html"), @"
    ------- stderr -------
    error: cannot write no/such/folder.html
      caused by: No such file or directory
    [exit 1]
    ");
}

#[test]
fn the_warm_up_does_not_count() {
    let demo = Demo::plain();
    let told = bench(&demo, &format!("{HELLO} -n 100 -m 2 --warmup 100ms"));
    assert_eq!((told.ends(), told.number("/warmup/ns")), ("OK: 100".to_owned(), 100_000_000));
    assert!(told.number("/warmup/calls") > 0, "{}", told.report);
}

#[test]
fn data_and_headers_differ_from_call_to_call() {
    let seen = Arc::new(Mutex::new((BTreeSet::new(), BTreeSet::new())));
    let kept = Arc::clone(&seen);
    let peer = Peer::h2_by_head(move |head, body| {
        let mut seen = kept.lock().unwrap();
        seen.0.insert(String::from_utf8_lossy(&body[7..]).into_owned());
        seen.1.insert(head.headers["x-id"].to_str().unwrap().to_owned());
        let trailers = Step::Trailers(vec![("grpc-status", "0")]);
        vec![Step::Headers(200, vec![GRPC]), Step::Data(envelope(0, b"")), trailers]
    });
    // A run goes on where the one before it ended.
    let words = "hello.HelloService/SayHello --proto proto/hello/hello.proto -n 4 --repeat 3";
    let words = format!("{} {words}", peer.address);
    let run = rpcctl("bench").args(&words).data(r#"{"name":"n{{counter}}"}"#).arg("-H").arg("x-id: {{uuid}}");
    assert_eq!(Told::of(quiet(run).run()).ends(), "OK: 12");
    let seen = seen.lock().unwrap();
    let names: BTreeSet<String> = (0..12).map(|number| format!("n{number}")).collect();
    assert_eq!((&seen.0, seen.1.len()), (&names, 12));
}

#[test]
fn what_does_not_hold_is_the_exit_code() {
    let demo = Demo::plain();
    let output = quiet(
        demo.rpcctl("bench", &format!("{HELLO} -n 20 --assert p50<60s --assert errors<1 --assert OK>=21")),
    )
    .run();
    assert_eq!(output.code, Some(99));
    assert_snapshot!(output.talk(), @"check OK>=21 failed: OK is 20, 1 (4.76 %) less than 21");
}

#[test]
fn a_condition_ends_it() {
    let demo = Demo::plain();
    let told = bench(&demo, "Demo/Fail --duration 1h --drain 5s --rate 100 --stop-on errors>1%");
    assert_eq!(told.report["end"]["reason"], "condition");
    assert_eq!(told.report["end"]["detail"], "errors>1%");
    assert!(told.number("/issued") < 2000, "{}", told.report);
}

#[test]
fn it_is_repeated() {
    let demo = Demo::plain();
    let told = Told::of(quiet(demo.rpcctl("bench", &format!("{HELLO} -n 30 --repeat 3"))).run());
    assert_eq!((told.ends(), told.number("/runs")), ("OK: 90".to_owned(), 3));
    assert_eq!(told.report["repeats"].as_array().unwrap().len(), 3);
}

#[test]
fn a_search_finds_a_rate() {
    let demo = Demo::plain();
    // The server answers no sooner, whatever it is asked: 10 at a time make at most 500 a second.
    let words = "Demo/Sleep duration=20ms -m 10 --search p50<200ms --duration 300ms";
    let told = bench(&demo, words);
    let rate = told.report["rate_offered"].as_f64().unwrap();
    assert!((50.0..600.0).contains(&rate), "{rate}");
    let output =
        quiet(demo.rpcctl("bench", "Demo/Sleep duration=20ms --search p50<1ms --duration 50ms")).run();
    assert_eq!(output.code, Some(1), "{output}");
    assert!(output.talk().contains("error: --search found no rate at which p50<1ms holds"), "{output}");
}

#[test]
fn there_is_no_rate_at_which_calls_fail_well() {
    let demo = Demo::plain();
    let run = demo.rpcctl("bench", "Demo/Fail code=ABORTED message=no --search errors<1% --duration 1h");
    let output = quiet(run).run();
    assert_eq!((output.code, output.stdout.as_slice()), (Some(1), &b""[..]));
    let told = output.talk();
    assert!(told.starts_with("error: no call ended in OK, so there is no rate to look for: "), "{told}");
    assert!(told.contains(r#" ABORTED ("no")"#), "{told}");
}

/// Chance is drawn anew in each repeat: else they would be as far apart as nothing is.
#[test]
fn repeats_are_not_copies() {
    let demo = Demo::plain();
    let words = format!("{HELLO} --rate 2000 --poisson --duration 100ms --repeat 6 --seed 1");
    let told = bench(&demo, &words);
    assert_eq!(told.number("/about/seed"), 1);
    let repeats = told.report["repeats"].as_array().unwrap();
    let counts: BTreeSet<u64> = repeats.iter().map(|it| it["codes"]["OK"].as_u64().unwrap()).collect();
    assert!(counts.len() > 1, "{counts:?}");
}

#[test]
fn a_call_that_can_not_be_made_ends_it() {
    let demo = Demo::plain();
    let run = demo.rpcctl("bench", "Demo/Echo -n 100 -m 1").data(r#"{"uint32Value": -{{counter}}}"#);
    let told = Told::of(quiet(run).run()).adds_up();
    assert_eq!((told.ends(), told.report["end"]["reason"].as_str()), ("OK: 1".to_owned(), Some("data")));
    assert_snapshot!(told.output.talk(), @"error: the run ended early: the data of call 1, with its placeholders filled in, is no message: -d: uint32Value at line 1 column 17: -1 is out of range: uint32 goes from 0 to 4294967295 (it reads: {\"uint32Value\": -1})");
    assert_eq!(told.output.code, Some(2));
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_with_what_is_known() {
    let demo = Demo::plain();
    let mut run = demo.rpcctl("bench", &format!("{HELLO} --duration 1h -o json")).start();
    run.hear(" done (");
    run.signal("INT");
    let output = run.wait();
    assert_eq!(output.code, Some(130));
    let told = Told::of(output).adds_up();
    assert_eq!(told.report["end"]["reason"], "interrupted");
    assert!(told.counts("codes")["OK"] > 0);
}

#[cfg(unix)]
#[test]
fn a_server_that_is_gone_ends_it() {
    let demo = Demo::plain();
    let mut run =
        demo.rpcctl("bench", &format!("{HELLO} --duration 1h -c 2 --connect-timeout 300ms -o json")).start();
    run.hear(" done (");
    demo.signal("KILL");
    let output = run.wait();
    assert_eq!(output.code, Some(1));
    let told = Told::of(output).adds_up();
    assert_eq!(told.report["end"]["reason"], "unreachable");
    assert!(told.output.talk().contains("could not be called any more"), "{}", told.output);
}

/// What was due and never sent took no time from when it was sent.
#[cfg(unix)]
#[test]
fn calls_that_were_never_sent_have_no_actual_latency() {
    for engine in ["frames", "session"] {
        let demo = Demo::plain();
        let words = "--rate 1000 --duration 1h --connect-timeout 300ms -o json --engine";
        let mut run = demo.rpcctl("bench", &format!("{HELLO} {words} {engine}")).start();
        run.hear(" done (");
        demo.signal("KILL");
        let told = Told::of(run.wait()).adds_up();
        let unsent = told.counts("transport_errors")["connect"];
        let failed: u64 = told.counts("transport_errors").values().sum();
        let counts = ["intended", "actual"].map(|kind| told.number(&format!("/failed_latency_{kind}/count")));
        assert_eq!(counts, [failed, failed - unsent], "{}", told.report);
        let why = told.report["transport_messages"]["connect"].as_str().unwrap();
        assert!(why.contains("refused"), "{why}");
    }
}

/// What was measured before is told, and that not all was.
#[cfg(unix)]
#[test]
fn a_server_that_is_gone_ends_all_runs() {
    let demo = Demo::plain();
    let words = format!("{HELLO} --rate 100 -n 100 --connect-timeout 300ms --repeat 3 -o json");
    let mut run = demo.rpcctl("bench", &words).start();
    run.hear("* run 2 of 3");
    demo.signal("KILL");
    let told = Told::of(run.wait()).adds_up();
    assert_eq!(told.output.code, Some(1), "{}", told.output);
    let end = &told.report["end"];
    assert_eq!(end["reason"], "unreachable");
    let detail = end["detail"].as_str().unwrap();
    assert!(detail.contains(" of 3 runs were begun"), "{detail}");
    assert_eq!(told.report["repeats"].as_array().unwrap().len(), 1);
}

/// A run in whose midst the server is killed and comes back, on a socket in a folder. It is still there then.
#[cfg(unix)]
pub(crate) fn called_again(folder: &TempDir, words: &str) -> Demo {
    let socket = folder.path().join("socket");
    let serve = format!("--unix {}", socket.display());
    let demo = Demo::with(&serve);
    let words = format!("unix:{} {HELLO} --duration 1h -c 3 -m 5 -o json {words}", socket.display());
    let mut run = rpcctl("bench").args(&words).start();
    run.hear(" done (");
    demo.signal("KILL");
    demo.wait();
    std::fs::remove_file(&socket).unwrap();
    run.hear(" 0/s");
    let demo = Demo::with(&serve);
    run.hear("p50");
    run.signal("INT");
    let told = Told::of(run.wait()).adds_up();
    assert_eq!((told.number("/connections/opened"), told.number("/connections/lost")), (6, 3));
    let lost = told.counts("transport_errors");
    assert!(lost["lost"] <= 15 && lost.len() == 1, "{}", told.report);
    demo
}

#[cfg(unix)]
#[test]
fn a_server_that_comes_back_is_called_again() {
    drop(called_again(&TempDir::new().unwrap(), ""));
}

const SETTINGS: &[u8] = &[0, 0, 0, 4, 0, 0, 0, 0, 0];
const NO_STREAMS: &[u8] = &[0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0];
const GOAWAY: &[u8] = &[0, 0, 8, 7, 0, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0];
const PING: &[u8] = &[0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];

/// A server that says this on each connection, and then `more` without an end.
fn saying(first: &[&[u8]], more: Option<&[u8]>) -> Peer {
    let first = first.concat();
    let more = more.map(|frame| frame.repeat(4096));
    Peer::tcp(move |mut stream| {
        let (first, more) = (first.clone(), more.clone());
        async move {
            let mut said = stream.write_all(&first).await;
            match more {
                Some(more) => {
                    while said.is_ok() {
                        said = stream.write_all(&more).await;
                    }
                }
                None => drop(tokio::io::copy(&mut stream, &mut tokio::io::sink()).await),
            }
        }
    })
}

/// Neither does it go on without an end, nor does it knock as often as it can.
#[test]
fn a_server_that_takes_no_calls_ends_it() {
    let words = "HelloService/SayHello --proto proto/hello/hello.proto -n 10 -c 2 --connect-timeout 400ms -q";
    let run = |peer: &Peer| rpcctl("bench").arg(&peer.address).args(words).arg("-ojson").run();
    let leaves = saying(&[SETTINGS, GOAWAY], None);
    assert_snapshot!(run(&leaves), @"
    ------- stderr -------
    error: cannot make all of 2 connections: the server took leave
    [exit 1]
    ");
    let takes_none = saying(&[NO_STREAMS], None);
    let output = run(&takes_none);
    assert_snapshot!(output.talk(), @"error: 127.0.0.1:PORT could not be called any more: the server takes no calls");
    let told = Told::of(output);
    assert_eq!((told.output.code, told.number("/issued")), (Some(1), 0));
    assert_eq!(told.report["end"]["reason"], "unreachable");
}

#[test]
fn a_server_that_always_has_more_to_say_does_not_hold_it_up() {
    let peer = saying(&[SETTINGS], Some(PING));
    let told = from_peer(&peer, "--duration 300ms --drain 100ms -m 1");
    assert_eq!((told.output.code, told.number("/answered")), (Some(0), 0));
}

#[test]
fn with_either_engine() {
    let demo = Demo::plain();
    for words in
        ["--engine frames", "--engine session", "--protocol grpc-web", "--protocol connect --http 1.1 -m 1"]
    {
        let told = bench(&demo, &format!("{HELLO} -n 60 -c 2 {words}"));
        assert_eq!((told.ends(), told.number("/connections/opened")), ("OK: 60".to_owned(), 2), "{words}");
        let told = bench(&demo, &format!("Demo/Fail code=ABORTED -n 20 {words}"));
        assert_eq!(told.ends(), "ABORTED: 20", "{words}");
    }
    let told = Told::of(quiet(rpcctl("bench demo: HelloService/SayHello name=Alice -n 40")).run());
    assert_eq!(told.adds_up().ends(), "OK: 40");
}

#[test]
fn what_can_not_be_benched() {
    let demo = Demo::plain();
    let asked = |words: &str| demo.rpcctl("bench", words).run();
    assert_snapshot!(asked(""), @"
------- stderr -------
error: no method given
hint: see the methods: rpcctl list 127.0.0.1:PORT -l
[exit 2]
");
    assert_snapshot!(asked("HelloService/NoSuch"), @r#"
    ------- stderr -------
    error: hello.HelloService has no method "NoSuch"
    hint: see what there is: rpcctl list 127.0.0.1:PORT hello.HelloService
    [exit 1]
    "#);
    assert_snapshot!(asked("HelloService/SayHello nam=Alice"), @r#"
    ------- stderr -------
    error: nam=Alice: unknown field "nam" of hello.HelloRequest, did you mean "name"?
    [exit 2]
    "#);
    assert_snapshot!(asked("HelloService/SayHello --rate 5 -n 0"), @"
    ------- stderr -------
    error: invalid value '0' for '--requests <N>': write a number, 1 or more

    For more information, try '--help'.
    [exit 2]
    ");
    assert_snapshot!(asked("HelloService/SayHello name=Alice -d {}"), @"
    ------- stderr -------
    error: the request is given twice: by name=Alice and by -d
    hint: leave one of them out
    [exit 2]
    ");
    assert_snapshot!(asked("HelloService/SayHello --protocol connect --engine frames"), @"
    ------- stderr -------
    error: --engine frames makes calls of gRPC over HTTP/2, straight to the server, and these are others
    hint: leave it out: --engine session makes any call
    [exit 2]
    ");
    assert_snapshot!(rpcctl("bench netrpc://localhost:1 NoDot").run(), @r#"
    ------- stderr -------
    error: "NoDot" is no method of net/rpc, which are named Service.Method
    [exit 2]
    "#);
    assert_snapshot!(rpcctl("bench localhost:1 HelloService/SayHello --proto proto/hello/hello.proto").run(), @"
    ------- stderr -------
    error: cannot connect to localhost:1
      caused by: Connection refused
    hint: nothing listens there: check host and port; rpcctl serve-demo starts a server to try
    [exit 1]
    ");
}
