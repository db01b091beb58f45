//! What figures of `bench` are of: one window for calls and time, what was due, and as many samples as it takes.

use serde_json::Value;

use crate::bench::{Told, quiet};
use crate::common::Demo;

const HELLO: &str = "hello.HelloService/SayHello name=Alice";

fn bench(demo: &Demo, words: &str) -> Told {
    Told::of(quiet(demo.rpcctl("bench", words)).run()).adds_up()
}

#[expect(clippy::cast_precision_loss, reason = "these are small")]
fn units(number: u64) -> f64 {
    number as f64
}

fn float(told: &Told, name: &str) -> f64 {
    told.report[name].as_f64().unwrap_or_else(|| panic!("{name}: {}", told.report))
}

/// The last call is due before the time is over, which goes on until it is.
#[test]
fn a_duration_is_the_time_however_early_the_last_call_was_due() {
    let demo = Demo::plain();
    for engine in ["frames", "session"] {
        for (load, calls, measured) in
            [("--rate 10 --duration 300ms", 3, 300_000_000), ("--rate 2 --duration 250ms", 1, 250_000_000)]
        {
            let told = bench(&demo, &format!("{HELLO} --engine {engine} {load}"));
            assert_eq!((told.number("/issued"), &told.report["end"]["reason"]), (calls, &"duration".into()));
            assert_eq!((told.number("/measured_ns"), told.number("/due_ns")), (measured, measured));
            let most = units(calls) / (units(measured) / 1e9);
            assert!(float(&told, "rate_achieved") <= most + 1e-9, "{}", told.report);
        }
    }
}

/// Calls are due for 100 ms, and answered when 300 ms more have passed.
#[test]
fn what_is_offered_is_of_the_time_in_which_calls_were_due() {
    let demo = Demo::plain();
    for threads in [1, 2] {
        let words =
            format!("Demo/Sleep duration=300ms --rate 200 -n 20 -m 20 -c {threads} --threads {threads}");
        let told = bench(&demo, &words);
        assert_eq!((told.ends().as_str(), &told.report["end"]["reason"]), ("OK: 20", &"calls".into()));
        assert_eq!(told.number("/due_ns"), 100_000_000);
        assert!((float(&told, "rate_offered") - 200.0).abs() < 1e-6, "{}", told.report);
        assert!(told.number("/measured_ns") >= 300_000_000, "{}", told.report);
    }
    let text = demo.rpcctl("bench", "Demo/Sleep duration=300ms --rate 200 -n 20 -m 20 -q").run().text();
    let line = text.lines().find(|line| line.starts_with("  rate ")).unwrap();
    assert!(line.ends_with(" until the last answer; 200/s offered, for 100 ms"), "{text}");
}

/// All calls are under way when the duration is over, and none is to be made any more.
#[test]
fn where_calls_end_a_run_none_of_them_is_drained() {
    let demo = Demo::plain();
    let told = bench(&demo, "Demo/Sleep duration=600ms -n 5 -m 5 --duration 300ms");
    assert_eq!((&told.report["end"]["reason"], told.number("/drained")), (&"calls".into(), 0));
    assert_eq!((told.number("/network/n"), told.ends()), (5, "OK: 5".to_owned()));
    assert!(told.number("/measured_ns") >= 600_000_000, "{}", told.report);
    assert!(float(&told, "rate_achieved") > 0.0);
}

#[test]
fn what_is_drained_is_a_row_of_its_own_and_counts_in_no_rate() {
    let demo = Demo::plain();
    let words = "Demo/Sleep duration=600ms -m 5 --duration 300ms";
    let told = bench(&demo, words);
    let rows: Vec<(bool, u64, u64)> = intervals(&told)
        .iter()
        .map(|of| (of["drain"] == true, of["issued"].as_u64().unwrap(), of["answered"].as_u64().unwrap()))
        .collect();
    assert_eq!(rows, [(false, 5, 0), (true, 0, 5)]);
    assert_eq!(told.number("/drained"), 5);
    let csv = quiet(demo.rpcctl("bench", words)).args("-o csv").run().text();
    let rows: Vec<Vec<&str>> = csv.lines().map(|row| row.split(',').collect()).collect();
    let column = rows[0].iter().position(|head| *head == "rate").unwrap();
    assert_eq!((rows[2][column], *rows[2].last().unwrap(), rows[0].last()), ("0.000", "1", Some(&"drain")));
}

fn intervals(told: &Told) -> Vec<Value> {
    told.report["intervals"].as_array().unwrap().clone()
}

/// Those of the warm-up are the first of the file, and are none that there are to make.
#[test]
fn a_replay_with_a_warm_up_ends_with_its_calls() {
    let demo = Demo::plain();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("moments");
    std::fs::write(&file, "0\n0.05\n0.15\n0.2\n0.25\n").unwrap();
    let words = format!("{HELLO} --warmup 100ms --replay {}", file.display());
    let told = bench(&demo, &words);
    assert_eq!((&told.report["end"]["reason"], told.number("/issued")), (&"calls".into(), 3));
    assert_eq!((told.number("/warmup/calls"), told.number("/due_ns")), (2, 150_000_000));
}

#[test]
fn a_check_that_holds_of_too_few_samples_says_so() {
    let demo = Demo::plain();
    let told = bench(&demo, &format!("{HELLO} -n 10 --assert p99.99<60m --assert max<60m"));
    assert_eq!(told.output.code, Some(0));
    assert_eq!(told.report["checks"][0]["too_few"], true);
    let talk = told.output.talk();
    assert!(talk.starts_with("check p99.99<60m passed: p99.99 is "), "{talk}");
    assert!(
        talk.trim_end().ends_with("; of 10 samples, too few to tell") && talk.lines().count() == 1,
        "{talk}"
    );
}

/// Fifty calls a second would take three minutes to tell.
#[test]
fn a_search_tells_nothing_of_too_few_samples() {
    let demo = Demo::plain();
    let words = "Demo/Sleep duration=20ms -m 1 --search p99.9<60s --duration 100ms";
    let output = quiet(demo.rpcctl("bench", words)).run();
    assert_eq!(output.code, Some(1), "{output}");
    assert!(output.talk().contains("/s can't be told of: p99.9 is "), "{output}");
    assert!(output.talk().contains(", too few to tell\n"), "{output}");
    let longer = quiet(demo.rpcctl("bench", &words.replace("p99.9", "p50"))).run();
    assert!(longer.talk().contains("/s is tried for ") && longer.code == Some(0), "{longer}");
}
