#![expect(clippy::float_cmp, reason = "these are whole numbers")]

use super::testing::{about, report, run, second};
use super::*;
use crate::bench::record::Tally;

#[test]
fn a_report_is_made_of_a_run() {
    let report = report(100, true);
    assert_eq!(
        (report.issued, report.answered, report.over(), report.ok(), report.errors()),
        (2008, 2006, 2008, 2000, 8)
    );
    assert_eq!(report.issued, report.over() + report.in_flight);
    assert_eq!(report.codes, BTreeMap::from([("OK".to_owned(), 2000), ("UNAVAILABLE".to_owned(), 6)]));
    assert_eq!(report.transport_errors, BTreeMap::from([("reset REFUSED_STREAM".to_owned(), 2)]));
    assert_eq!(report.rate_achieved, 1003.0);
    let (intended, actual) = (report.latency_intended.times.unwrap(), report.latency_actual.times.unwrap());
    assert_eq!((intended.min, actual.min), (150_000, 100_000));
    assert_eq!(report.failed_latency_actual.count, 8);
    let Network { p, n, t, c, r, o, b, s } = report.network;
    assert_eq!((n, t, r, s), (2006, 2.0, 2006, 200_000));
    assert_eq!((p, b), (1003.0, 100_000.0));
    assert!((o - 0.0005).abs() < 1e-12 && (c.unwrap() - 4_012_000.0).abs() < 1.0, "{c:?} {o}");
    assert_eq!(report.began, "2023-11-14T22:13:20.000Z");
    assert_eq!(report.threads, [Thread { cpu_seconds: Some(0.09), ran_seconds: 2.0, busy: Some(0.045) }]);
    assert_eq!(report.caveat, None);
}

#[test]
fn calls_that_were_drained_are_no_part_of_the_rate() {
    let mut run = run(100, true);
    run.tally.drained = 6;
    let report = Report::of(run, about(), Offered { model: LoopModel::OpenUniform, rate: Some(1000.0) });
    assert_eq!((report.answered, report.rate_achieved, report.network.n), (2006, 1000.0, 2000));
}

#[test]
fn in_a_closed_loop_both_latencies_are_one_and_words_say_what_is_omitted() {
    let report = report(100, false);
    assert_eq!(report.latency_intended, report.latency_actual);
    assert_eq!(report.intervals[0].latency_intended, report.intervals[0].latency_actual);
    assert!(report.caveat.unwrap().contains("coordinated omission"));
    assert_eq!(report.rate_offered, None);
}

#[test]
fn what_is_written_is_read_back() {
    for open in [true, false] {
        let report = report(100, open);
        let json = serde_json::to_vec(&report).unwrap();
        assert_eq!(Report::read(&json).unwrap(), report);
    }
}

#[test]
fn what_is_no_report_is_told() {
    let wrong = |json: &str| Report::read(json.as_bytes()).unwrap_err().to_string();
    assert_eq!(wrong("{"), "it is no JSON");
    assert_eq!(wrong("[]"), "it is no report of rpcctl bench: there is no \"version\" in it");
    assert_eq!(wrong("{\"count\": 1}"), "it is no report of rpcctl bench: there is no \"version\" in it");
    assert_eq!(wrong("{\"version\": 2}"), "its version is 2, and this rpcctl reads version 1");
    assert_eq!(wrong("{\"version\": 1}"), "it is no report that rpcctl bench wrote");
    let mut report = report(100, true);
    report.codes.insert("OK".to_owned(), u64::MAX);
    assert_eq!(wrong(&serde_json::to_string(&report).unwrap()), "there are numbers in it that no run has");
    report.codes.clear();
    report.latency_actual.count += 1;
    assert_eq!(wrong(&serde_json::to_string(&report).unwrap()), "it can't be added up or compared");
}

#[test]
fn reports_of_generators_side_by_side_add_up() {
    let (one, other) = (report(100, true), report(300, true));
    let total = Report::together(&[one.clone(), other]).unwrap();
    assert_eq!((total.runs, total.issued, total.ok(), total.errors()), (2, 4016, 4000, 16));
    assert_eq!((total.rate_offered, total.rate_achieved), (Some(2000.0), 2006.0));
    assert_eq!((total.measured_ns, total.network.p, total.network.n), (2_000_000_000, 2006.0, 4012));
    assert_eq!(
        (total.about.connections, total.threads.len(), total.about.target.as_str()),
        (4, 2, "localhost:50051")
    );
    // As if all had been recorded in one place.
    let mut all = Tally::default();
    for (at, micros) in [(0, 100), (1, 200), (0, 300), (1, 600)] {
        all.add(second(at, micros, true).tally);
    }
    assert_eq!(total.latency_intended, Distribution::of(&mut all.ok.intended));
    assert_eq!(total.failed_latency_actual, Distribution::of(&mut all.failed.actual));
    assert_eq!(total.intervals.len(), 2);
    assert_eq!(total.intervals[1].at_ns, 1_000_000_000);
    assert_eq!(total.intervals[1].latency_actual.count, 2000);
    assert_eq!(Report::together(std::slice::from_ref(&one)).unwrap().latency_intended, one.latency_intended);
}

#[test]
fn runs_in_a_row_are_told_together_and_each() {
    let total = Report::in_a_row(&[report(100, true), report(300, true), report(200, true)]).unwrap();
    assert_eq!((total.runs, total.issued, total.measured_ns), (3, 6024, 6_000_000_000));
    assert_eq!((total.rate_offered, total.rate_achieved), (Some(1000.0), 1003.0));
    assert_eq!(total.threads.len(), 1);
    let at: Vec<u64> = total.intervals.iter().map(|part| part.at_ns / 1_000_000_000).collect();
    assert_eq!(at, [0, 1, 2, 3, 4, 5]);
    let least: Vec<u64> =
        total.repeats.iter().map(|run| run.latency_actual.times.as_ref().unwrap().min).collect();
    assert_eq!(least, [100_000, 300_000, 200_000]);
}

#[test]
fn what_means_different_things_is_not_added_up() {
    assert_eq!(Report::together(&[report(100, true), report(100, false)]).unwrap_err(), JoinError::Models);
    let mut in_turns = report(100, true);
    in_turns.about.messages = Sending::PingPong;
    assert_eq!(Report::together(&[report(100, true), in_turns]).unwrap_err(), JoinError::Sending);
    assert_eq!(Report::together(&[]).unwrap_err(), JoinError::None);
}

#[test]
fn the_verdict_says_who_set_the_limit() {
    let judged = |change: fn(&mut Report), open: bool| {
        let mut report = report(100, open);
        change(&mut report);
        report.judge();
        let Verdict { limit, text, hint } = report.verdict;
        format!("{limit:?}: {text}\n{}", hint.unwrap_or_default())
    };
    insta::assert_snapshot!(judged(|_| (), true), @"Load: the load was kept: all calls were sent, none later than 120 µs after it was due");
    insta::assert_snapshot!(judged(|_| (), false), @"Server: the server, or the way to it, was the limit: it had up to 100 calls to answer at a time, and no thread here was busy for more than 4.50 % of its time");
    insta::assert_snapshot!(judged(|report| report.threads[0].busy = Some(0.97), false), @"
    Generator: the generator was the limit: thread 1 was busy for 97.0 % of its time, and the server may be able to do more
    more of them: --threads 2
    ");
    insta::assert_snapshot!(judged(|report| {
        report.threads[0].busy = Some(0.97);
        report.about.cpus = Some(1);
    }, false), @"
    Generator: the generator was the limit: thread 1 was busy for 97.0 % of its time, and the server may be able to do more
    every CPU of this machine has a thread: make calls from a second one, and add the reports up: rpcctl bench merge one.json other.json
    ");
    insta::assert_snapshot!(judged(|report| {
        (report.worst_lag_ns, report.dropped) = (900_000_000, 12);
        report.intervals[1].in_flight = 100;
    }, true), @"
    Server: the server, or the way to it, was the limit: 12 calls were dropped, and others sent up to 900 ms late, while it had as many calls to answer as there may be at a time (100)
    more at a time: -m, or -c
    ");
    insta::assert_snapshot!(judged(|report| {
        report.worst_lag_ns = 900_000_000;
        report.threads[0].busy = Some(0.999);
        report.about.connections = 1;
    }, true), @"
    Generator: the generator was the limit: calls were sent up to 900 ms late, and thread 1 was busy for 99.9 % of its time
    more of them: --threads 2 -c 2
    ");
    insta::assert_snapshot!(judged(|report| report.rate_offered = Some(2000.0), true), @"Unknown: calls were sent up to 120 µs late: the server was slow to answer for a while, or other programs had the CPUs of this machine");
    insta::assert_snapshot!(judged(|report| report.codes.clear(), true), @"Unknown: no call ended in OK: the figures are those of failing, and say nothing of a limit");
    insta::assert_snapshot!(judged(|report| report.threads.clear(), false), @"Unknown: it can't be told what the limit was");
}
