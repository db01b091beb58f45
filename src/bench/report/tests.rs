#![expect(clippy::float_cmp, reason = "these are whole numbers")]

use super::testing::{about, report, run, second};
use super::*;
use crate::bench::record::Tally;
use crate::session::Code;

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

/// Of calls of the warm-up nothing is told but how many there were.
#[test]
fn what_was_said_to_calls_that_do_not_count_is_not_told() {
    let mut run = run(100, true);
    run.tally.said(Code::UNAVAILABLE, "later");
    run.tally.said(Code::INTERNAL, "not yet warm");
    let report = Report::of(run, about(), Offered { model: LoopModel::OpenUniform, rate: Some(1000.0) });
    assert_eq!(report.status_messages, BTreeMap::from([("UNAVAILABLE".to_owned(), "later".to_owned())]));
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
fn calls_without_an_answer_are_told_of_runs_and_of_their_sum() {
    let unanswered = |count: u64, wait: u64| {
        let mut run = run(100, true);
        (run.in_flight, run.longest_wait) = (count, Some(std::time::Duration::from_secs(wait)));
        run.tally.issued += count;
        Report::of(run, about(), Offered { model: LoopModel::OpenUniform, rate: Some(1000.0) })
    };
    let (one, other) = (unanswered(3, 5), unanswered(1, 6));
    assert_eq!(one.issued, one.over() + one.in_flight);
    assert_eq!((one.failed(), one.errors(), one.longest_wait_ns), (8, 11, Some(5_000_000_000)));
    assert_eq!(one.unanswered_in_words().unwrap(), "3 calls had no answer, the longest for 5.00 s");
    assert!(one.verdict.text.ends_with("; the server owes 3 answers"), "{}", one.verdict.text);
    for total in [Report::together(&[one.clone(), other.clone()]), Report::in_a_row(&[one.clone(), other])] {
        let total = total.unwrap();
        assert_eq!((total.in_flight, total.longest_wait_ns), (4, Some(6_000_000_000)));
        assert_eq!(total.issued, total.over() + total.in_flight);
        let each: Vec<_> = total.repeats.iter().map(|run| (run.in_flight, run.longest_wait_ns)).collect();
        assert!(each.is_empty() || each == [(3, Some(5_000_000_000)), (1, Some(6_000_000_000))], "{each:?}");
    }
    let mut interrupted = one;
    interrupted.end.reason = Reason::Interrupted;
    assert_eq!((interrupted.errors(), interrupted.unanswered()), (8, 0));
    let words = interrupted.unanswered_in_words().unwrap();
    assert_eq!(words, "3 calls were still under way, the longest for 5.00 s");
}

#[test]
fn what_was_added_up_is_said_as_it_was() {
    let with = |connections: u64, streams: u64, load: &str| {
        let mut report = report(100, true);
        (report.about.connections, report.about.streams) = (connections, streams);
        load.clone_into(&mut report.about.load);
        report
    };
    let told = |reports: &[Report]| {
        let total = Report::together(reports).unwrap();
        let About { load, at_a_time, .. } = &total.about;
        assert_eq!(total.about.at_a_time(), reports.iter().map(|one| one.about.at_a_time()).sum::<u64>());
        (format!("{load}; {}", total.about.places_in_words()), *at_a_time, total)
    };
    let (one, other) = (with(2, 50, "open loop, 1,000/s"), with(4, 50, "open loop, 1,000/s"));
    let (words, at_a_time, _) = told(&[one.clone(), other.clone()]);
    assert_eq!((words.as_str(), at_a_time), ("2 × open loop, 1,000/s; 6 connections × 50", None));
    let (words, at_a_time, two) = told(&[one.clone(), with(1, 10, "open loop, 5/s")]);
    assert_eq!(words, "open loop, 1,000/s + open loop, 5/s; 2 connections × 50 and 1 connection × 10");
    assert_eq!(at_a_time, Some(110));
    // What was added up once is added up again.
    let (words, at_a_time, _) = told(&[two, other.clone()]);
    assert_eq!(
        words,
        "open loop, 1,000/s + open loop, 5/s + open loop, 1,000/s; \
         2 connections × 50 and 1 connection × 10 and 4 connections × 50"
    );
    assert_eq!(at_a_time, Some(310));
    let mut later = other;
    (later.began, later.measured_ns) = ("2023-11-14T22:13:25.000Z".to_owned(), 9_000_000_000);
    (later.about.timeout_ns, later.about.calls) = (Some(1_000_000_000), Some(5));
    later.due_ns = Some(9_000_000_000);
    later.about.duration_ns = Some(1);
    later.loop_model = LoopModel::Ramp;
    let (_, _, total) = told(&[one, later]);
    assert_eq!(
        total.remarks,
        [
            "not all of these runs were under way at one time: their rates are added up as if they had been",
            "these runs took from 2.00 s to 9.00 s: T is the longest, and rates are each run's own",
            "timeouts differ: none, 1.00 s"
        ]
    );
    assert_eq!((total.about.calls, total.about.duration_ns, total.about.timeout_ns), (None, None, None));
    // Rates that are added up are not those of the longest of them all.
    assert_eq!((total.verdict.limit, total.due_ns), (Limit::Load, Some(9_000_000_000)));
    assert_eq!(total.loop_model, LoopModel::OpenMixed);
    assert_eq!(Report::read(&serde_json::to_vec(&total).unwrap()).unwrap(), total);
}

#[test]
fn names_that_servers_made_up_are_no_more_in_a_sum_than_in_a_run() {
    let with = |from: u64| {
        let mut report = report(100, true);
        for number in from..from + 60 {
            report.codes.insert(format!("code {number}"), number);
            report.transport_errors.insert(format!("reset error code {number:#x}"), 1);
        }
        report.answered += report.codes.values().sum::<u64>() - 2006;
        report
    };
    let (one, other) = (with(100), with(160));
    let total = Report::together(&[one.clone(), other.clone()]).unwrap();
    let sums = |of: fn(&Report) -> &BTreeMap<String, u64>| (sum(of(&total)), sum(of(&one)) + sum(of(&other)));
    let (codes, errors) = (sums(|report| &report.codes), sums(|report| &report.transport_errors));
    assert_eq!((codes.0, errors.0), (codes.1, errors.1));
    assert_eq!((total.codes.len(), total.transport_errors.len()), (2 + 64 + 1, 1 + 64 + 1));
    // Those that came most often are told.
    assert_eq!(total.codes["other codes"], (100..156).sum::<u64>());
    assert_eq!(total.transport_errors["reset other codes"], 56);
}

#[test]
fn what_means_different_things_is_not_added_up() {
    assert_eq!(Report::together(&[report(100, true), report(100, false)]).unwrap_err(), JoinError::Models);
    let mut in_turns = report(100, true);
    in_turns.about.messages = Sending::PingPong;
    assert_eq!(Report::together(&[report(100, true), in_turns]).unwrap_err(), JoinError::Sending);
    assert_eq!(Report::together(&[]).unwrap_err(), JoinError::None);
}

/// So many more calls were refused.
fn refused(report: &mut Report, count: u64) {
    report.codes.insert("RESOURCE_EXHAUSTED".to_owned(), count);
    report.answered += count;
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
    // Calls that took long to be answered were sent in time all the same.
    insta::assert_snapshot!(judged(|report| (report.measured_ns, report.rate_achieved) = (20_000_000_000, 100.0), true), @"Load: the load was kept: all calls were sent, none later than 120 µs after it was due");
    insta::assert_snapshot!(judged(|report| report.worst_lag_ns = 900_000_000, true), @"Unknown: calls were sent up to 900 ms late: the server was slow to answer for a while, or other programs had the CPUs of this machine");
    insta::assert_snapshot!(judged(|report| refused(report, 100), true), @"Load: 5.12 % of calls did not end in OK (100 RESOURCE_EXHAUSTED); the load was kept: all calls were sent, none later than 120 µs after it was due");
    insta::assert_snapshot!(judged(|report| refused(report, 9000), true), @"Unknown: 81.8 % of calls did not end in OK (9,000 RESOURCE_EXHAUSTED), though the load was kept: all calls were sent, none later than 120 µs after it was due");
    insta::assert_snapshot!(judged(|report| refused(report, 9000), false), @"Unknown: 81.8 % of calls did not end in OK (9,000 RESOURCE_EXHAUSTED): the figures are mostly those of failing, and say little of a limit");
    insta::assert_snapshot!(judged(|report| report.codes.clear(), true), @"Unknown: no call ended in OK: the figures are those of failing, and say nothing of a limit");
    insta::assert_snapshot!(judged(|report| report.threads.clear(), false), @"Unknown: it can't be told what the limit was");
}
