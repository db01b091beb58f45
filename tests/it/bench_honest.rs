//! What a report of `bench` must not hide: calls that had no answer, what was added up, and what a run is doing meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use insta::assert_snapshot;
use serde_json::Value;
use tempfile::TempDir;

use crate::bench::{Told, quiet};
use crate::common::{Demo, GRPC, Output, Peer, Rpcctl, Step, envelope, rpcctl};

const HELLO: &str = "hello.HelloService/SayHello name=Alice --proto proto/hello/hello.proto";

/// A server that answers so many calls, and then none.
fn answering(count: usize) -> Peer {
    let left = Arc::new(AtomicUsize::new(count));
    Peer::h2(move |_, _| {
        let head = vec![Step::Headers(200, vec![GRPC])];
        let takes = |left: usize| left.checked_sub(1);
        if left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, takes).is_err() {
            return [head, vec![Step::Hang]].concat();
        }
        let rest = vec![Step::Data(envelope(0, b"")), Step::Trailers(vec![("grpc-status", "0")])];
        [head, rest].concat()
    })
}

/// Sixty calls in an open loop, of which the server answers forty.
fn stalled(peer: &Peer, words: &str) -> Rpcctl {
    let load = "--rate 200 --duration 300ms --drain 1s -m 100 --timeout 1h";
    rpcctl("bench").args(&format!("{} {HELLO} {load} {words}", peer.address))
}

/// The words of a check, by its condition.
fn found(told: &Told, condition: &str) -> (bool, String) {
    let checks = told.report["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["condition"] == condition).unwrap();
    (check["passed"].as_bool().unwrap(), check["found"].as_str().unwrap().to_owned())
}

#[test]
fn calls_without_an_answer_fail_what_they_leave_unknown() {
    for engine in ["frames", "session"] {
        let peer = answering(40);
        let asserted = ["p99<60s", "p50<60s", "max<60s", "mean<60s", "errors<1%", "OK>99%", "in_flight==0"];
        let words =
            asserted.iter().flat_map(|condition| ["--assert", condition]).collect::<Vec<_>>().join(" ");
        let told = Told::of(quiet(stalled(&peer, &format!("--engine {engine} {words}"))).run()).adds_up();
        assert_eq!((told.ends(), told.number("/in_flight")), ("OK: 40".to_owned(), 20), "{}", told.report);
        assert!(told.number("/longest_wait_ns") >= 1_000_000_000, "{}", told.report);
        assert_eq!(told.output.code, Some(99));
        let unknown = |figure: &str| (false, format!("{figure} is not known: 20 calls had no answer"));
        assert_eq!(found(&told, "p99<60s"), unknown("p99"));
        assert_eq!(found(&told, "max<60s"), unknown("max"));
        assert_eq!(found(&told, "mean<60s"), unknown("mean"));
        assert!(found(&told, "p50<60s").0, "the median is that of the thirtieth of sixty");
        assert!(!found(&told, "in_flight==0").0 && !found(&told, "OK>99%").0);
        assert!(found(&told, "errors<1%").1.starts_with("errors is 33.3 %"), "{}", told.report);
        let dues: Vec<u64> = told.report["intervals"]
            .as_array()
            .unwrap()
            .iter()
            .map(|of| of["due"].as_u64().unwrap())
            .collect();
        assert_eq!(dues.iter().sum::<u64>(), 60);
    }
}

/// Five are under way at the end, and fifteen wait for their room.
#[test]
fn the_last_interval_and_the_whole_agree_about_calls_that_wait() {
    for engine in ["frames", "session"] {
        let peer = answering(40);
        let load = format!("--engine {engine} --rate 200 --duration 300ms --drain 200ms -m 5 --timeout 1h");
        let words = format!("{} {HELLO} {load}", peer.address);
        let told = Told::of(quiet(rpcctl("bench").args(&words)).run()).adds_up();
        let intervals = told.report["intervals"].as_array().unwrap();
        let issued: u64 = intervals.iter().map(|of| of["issued"].as_u64().unwrap()).sum();
        assert_eq!((told.number("/in_flight"), issued), (20, 60), "{}", told.report);
        let last = intervals.last().unwrap();
        assert_eq!((&last["in_flight"], &last["waiting"]), (&20.into(), &0.into()), "{}", told.report);
        assert_eq!(last["longest_wait_ns"], told.report["longest_wait_ns"]);
    }
}

#[test]
fn calls_without_an_answer_are_in_the_headline() {
    let text = stalled(&answering(40), "-q").run().text();
    let line = text.lines().find(|line| line.starts_with("  calls")).unwrap();
    let (before, longest) = line.split_once(", the longest for ").unwrap();
    assert_eq!(
        before,
        "  calls      60 issued = 40 answered + 20 in flight at the end; 20 calls had no answer"
    );
    assert!(longest.ends_with(" s; all others OK"), "{line}");
    assert!(text.contains("20 calls without an answer are left out"), "{text}");
    let row = |name: &str| text.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
    assert!(row("max").contains('>') && row("p99 ").contains('>') && !row("p50").contains('>'), "{text}");
}

#[test]
fn a_promise_that_calls_without_an_answer_leave_open_is_not_kept() {
    // It answers some of those by which the search finds out where to begin, and none after them.
    let peer = answering(10);
    let words = format!("{} {HELLO} --search p99<60s --duration 50ms --drain 0s -q", peer.address);
    let output = rpcctl("bench").args(&words).run();
    assert_eq!(output.code, Some(1), "{output}");
    assert!(output.talk().contains(" broken: p99 is not known: "), "{output}");
    assert!(output.talk().contains("error: --search found no rate at which p99<60s holds"), "{output}");
}

#[test]
fn a_run_ends_when_too_many_calls_have_no_answer() {
    let peer = answering(10);
    let words = format!(
        "{} {HELLO} --rate 100 --duration 1h --drain 0s -m 10 --timeout 1h --stop-on in_flight>20",
        peer.address
    );
    let told = Told::of(quiet(rpcctl("bench").args(&words)).run()).adds_up();
    assert_eq!(told.report["end"]["detail"], "in_flight>20");
    assert!(told.number("/in_flight") > 20, "{}", told.report);
    let first = &told.report["intervals"][0];
    assert!(
        first["waiting"].as_u64().unwrap() > 20,
        "those that wait for room are among them: {}",
        told.report
    );
}

#[test]
fn a_call_that_a_signal_cut_short_is_no_error() {
    let demo = Demo::plain();
    let words = "Demo/Sleep duration=1h -m 4 --duration 1h -o json --assert errors==0 --assert in_flight==4";
    let mut run = demo.rpcctl("bench", words).start();
    run.hear("4 in flight");
    run.signal("INT");
    let told = Told::of(run.wait()).adds_up();
    assert_eq!((told.output.code, told.number("/in_flight")), (Some(130), 4));
    assert!(found(&told, "errors==0").1.starts_with("errors is 0"), "{}", told.report);
    assert!(found(&told, "in_flight==4").0);
}

#[test]
fn the_warm_up_is_watched_and_calls_that_wait_for_room() {
    let demo = Demo::plain();
    let words = "HelloService/SayHello name=Alice -n 50 -m 2 --warmup 1100ms";
    for engine in ["frames", "session"] {
        let output = demo.rpcctl("bench", &format!("{words} --engine {engine}")).run();
        let warming: Vec<String> =
            output.talk().lines().filter(|line| line.starts_with("warming up ")).map(str::to_owned).collect();
        // A thread that is late tells of both intervals at once.
        assert!((1..=2).contains(&warming.len()), "{output}");
        assert!(warming[0].contains("/s  p50 ") && warming[0].contains(" in flight"), "{output}");
        assert!(
            warming.last().unwrap().ends_with("100 %") && output.text().contains("50 issued = 50 answered"),
            "{output}"
        );
    }
    let waits = "Demo/Sleep duration=1h -m 3 --rate 100 --duration 1100ms --drain 0s";
    let output = demo.rpcctl("bench", waits).run();
    assert!(output.talk().contains("none OK; the longest waits "), "{output}");
    assert!(output.talk().contains("3 in flight  ") && output.talk().contains(" waiting  "), "{output}");
}

/// A folder with reports of runs, by their words.
fn reports(runs: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, words) in runs {
        let run = rpcctl("bench demo: HelloService/SayHello name=Alice").args(words);
        std::fs::write(folder.path().join(name), quiet(run).run().stdout).unwrap();
    }
    folder
}

fn line(output: &Output, begins: &str) -> String {
    output.text().lines().find(|line| line.trim_start().starts_with(begins)).unwrap().to_owned()
}

#[test]
fn what_was_added_up_is_said_as_it_was() {
    let folder = reports(&[
        ("one.json", "-n 1 --rate 1k -c 2 -m 3"),
        ("other.json", "-n 1 --rate 1k -c 1 -m 9 --threads 1"),
        ("ramp.json", "-n 30 --ramp 1k:2k:1s"),
    ]);
    let merge = |words: &str| rpcctl("bench merge").args(words).within(folder.path()).run();
    assert_snapshot!(line(&merge("one.json other.json"), "load"), @"  load       2 × open loop, 1,000/s, 1 call; 2 connections × 3 and 1 connection × 9 at a time, 2 threads");
    let three = merge("one.json other.json ramp.json");
    assert_snapshot!(line(&three, "load"), @"  load       2 × open loop, 1,000/s, 1 call + open loop, 1,000/s to 2,000/s over 1s, 30 calls; 2 connections × 3 and 1 connection × 9 and 1 connection × 50 at a time, 3 threads");
    assert!(three.text().contains("note: not all of these runs were under way at one time"), "{three}");
    let json: Value = serde_json::from_slice(&merge("one.json ramp.json -o json").stdout).unwrap();
    assert_eq!((&json["loop_model"], &json["about"]["calls"]), (&"open_mixed".into(), &31.into()));
    assert_eq!(json["about"]["at_a_time"], 6 + 50);
    let repeated = rpcctl("bench demo: HelloService/SayHello name=Alice -n 1 --repeat 2 -q").run();
    assert!(line(&repeated, "measured").contains(", 2 runs one after the other, "), "{repeated}");
    assert!(line(&repeated, "load").contains("closed loop, 1 call;"), "{repeated}");
}

#[test]
fn repeats_and_comparisons_know_of_calls_without_an_answer() {
    let folder = tempfile::tempdir().unwrap();
    let peer = answering(100);
    let write = |name: &str, run: Rpcctl| {
        let output = quiet(run).run();
        std::fs::write(folder.path().join(name), &output.stdout).unwrap();
        Told::of(output).adds_up()
    };
    let good = write("good.json", stalled(&peer, ""));
    assert_eq!((good.ends(), good.number("/in_flight")), ("OK: 60".to_owned(), 0));
    assert!(good.report.get("longest_wait_ns").is_none(), "{}", good.report);
    let bad = write("bad.json", stalled(&peer, ""));
    assert_eq!((bad.ends(), bad.number("/in_flight")), ("OK: 40".to_owned(), 20));
    let words = "compare good.json bad.json --fail-on p99>+1000% --fail-on errors>+1%";
    let compared = rpcctl("bench").args(words).within(folder.path()).run();
    assert_eq!(compared.code, Some(99), "{compared}");
    assert!(
        compared.text().contains("note: in the second, 20 calls had no answer, the longest for "),
        "{compared}"
    );
    let in_flight = line(&compared, "in_flight");
    // How wide columns are depends on what is in them.
    assert_eq!(
        in_flight.split_whitespace().collect::<Vec<_>>().join(" "),
        "in_flight 0 % 33.3 % +33.3 points"
    );
    assert_snapshot!(line(&compared, "check p99"), @"check p99>+1000% failed: p99 of the second is not known: 20 calls had no answer");
    assert_snapshot!(line(&compared, "check errors"), @"check errors>+1% failed: errors went from 0 % to 33.3 %, +33.3 points");
    let merged = rpcctl("bench merge good.json bad.json").within(folder.path()).run();
    assert!(line(&merged, "calls").contains("; 20 calls had no answer, the longest for "), "{merged}");
    let peer = answering(50);
    let repeated = stalled(&peer, "--repeat 2 -q").run();
    assert!(line(&repeated, "rate   ").len() > 10, "{repeated}");
    let text = repeated.text();
    let runs: Vec<&str> = text.split_once("Runs\n").unwrap().1.lines().take(3).collect();
    assert!(runs[0].ends_with("not OK   no answer"), "{text}");
    assert!(
        runs[1].ends_with("         10") && runs[2].contains("100 %") && runs[2].ends_with("60"),
        "{text}"
    );
}
