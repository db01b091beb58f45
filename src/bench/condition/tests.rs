use super::*;
use crate::bench::record::{Fault, Outcome, Tally};
use crate::bench::report::{Reason, Report, testing};
use crate::bench::run::Standing;
use std::time::Duration;

fn wrong(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

/// A hundred calls of 1 to 100 ms, of which two are UNAVAILABLE, one found no connection and one is late.
fn tally() -> Tally {
    let mut tally = Tally::default();
    (tally.issued, tally.dropped, tally.worst_lag) = (103, 5, 3_000_000);
    for n in 1..=100 {
        tally.ended(Outcome::Status(Code::OK), Some(n * 2_000_000), n * 1_000_000);
    }
    tally.ended(Outcome::Status(Code::UNAVAILABLE), None, 1);
    tally.ended(Outcome::Status(Code::UNAVAILABLE), None, 1);
    tally.ended(Outcome::Fault(Fault::Reset(crate::http2::ErrorCode::REFUSED_STREAM)), None, 1);
    tally
}

fn found(text: &str) -> Found {
    let condition = parse(text).unwrap();
    condition.look(&Seen::tally(
        &mut tally(),
        Duration::from_secs(2),
        Standing::default(),
        std::slice::from_ref(&condition.figure),
    ))
}

#[test]
fn conditions_are_read() {
    let read = |text: &str| parse(text).map(|read| (read.figure, read.operator, read.limit));
    let percentile = |at| Figure::Time(Since::Intended, Statistic::Percentile(at));
    for (text, figure, operator, limit) in [
        ("p99<20ms", percentile(99.0), Operator::Less, Limit::Number(20e6)),
        (" p99.9 <= 1.5 s ", percentile(99.9), Operator::AtMost, Limit::Number(1.5e9)),
        ("p99_99>300us", percentile(99.99), Operator::More, Limit::Number(300e3)),
        ("median<2µs", percentile(50.0), Operator::Less, Limit::Number(2e3)),
        ("actual.mean<1m", Figure::Time(Since::Actual, Statistic::Mean), Operator::Less, Limit::Number(6e10)),
        ("max>=1ns", Figure::Time(Since::Intended, Statistic::Max), Operator::AtLeast, Limit::Number(1.0)),
        ("lag<10ms", Figure::Lag, Operator::Less, Limit::Number(10e6)),
        ("rate>=50k", Figure::Rate, Operator::AtLeast, Limit::Number(50_000.0)),
        ("rate>1_000/s", Figure::Rate, Operator::More, Limit::Number(1_000.0)),
        ("errors<0.5%", Figure::Errors, Operator::Less, Limit::Share(0.005)),
        ("errors==0", Figure::Errors, Operator::Equal, Limit::Number(0.0)),
        ("dropped=0", Figure::Dropped, Operator::Equal, Limit::Number(0.0)),
        ("UNAVAILABLE<10", Figure::Code(Code::UNAVAILABLE), Operator::Less, Limit::Number(10.0)),
        ("DeadlineExceeded<1%", Figure::Code(Code::DEADLINE_EXCEEDED), Operator::Less, Limit::Share(0.01)),
        ("Canceled!=1", Figure::Code(Code::CANCELLED), Operator::Unequal, Limit::Number(1.0)),
        ("in_flight<0.1%", Figure::InFlight, Operator::Less, Limit::Share(0.001)),
        ("goaway=0", Figure::Transport("goaway"), Operator::Equal, Limit::Number(0.0)),
        ("p99>+10%", percentile(99.0), Operator::More, Limit::Relative(0.1)),
        ("rate<-5%", Figure::Rate, Operator::Less, Limit::Relative(-0.05)),
        ("p50>+2ms", percentile(50.0), Operator::More, Limit::Beyond(2e6)),
    ] {
        assert_eq!(read(text), Ok((figure, operator, limit)), "{text}");
    }
    // A share of calls differs by points.
    let Limit::Beyond(points) = parse("errors>+0.5%").unwrap().limit else { panic!("it is a difference") };
    assert!((points - 0.005).abs() < 1e-12);
}

#[test]
fn what_is_wrong_is_shown_at_its_place() {
    insta::assert_snapshot!(wrong("p99<20"), @"
    a time has a unit, ns, us, ms, s or m: write it as 20ms
      p99<20
            ^
    ");
    insta::assert_snapshot!(wrong("eror>1%"), @"
    there is no figure eror; did you mean errors?
      eror>1%
      ^
    ");
    insta::assert_snapshot!(wrong("in-flight<1"), @"
    there is no figure in-flight; did you mean in_flight?
      in-flight<1
      ^
    ");
    insta::assert_snapshot!(wrong("p0<1ms"), @"
    there is no figure p0; did you mean p50?
      p0<1ms
      ^
    ");
    insta::assert_snapshot!(wrong("p99 20ms"), @"
    p99 has to be compared: <, <=, >, >=, == or !=
      p99 20ms
          ^
    ");
    insta::assert_snapshot!(wrong("rate > 5ms"), @"
    that is no unit of rate: write it as 1000 or 1000/s
      rate > 5ms
              ^
    ");
    insta::assert_snapshot!(wrong("p99<10%"), @"
    p99 is no share: write it as 20ms; against another run, +10%
      p99<10%
            ^
    ");
    insta::assert_snapshot!(wrong("errors<0.1"), @"
    calls are counted in whole numbers; of a share of them, write 0.1%
      errors<0.1
                ^
    ");
    insta::assert_snapshot!(wrong("errors>+3"), @"
    runs are compared by the share of their calls: errors>+0.1%, in points of it
      errors>+3
             ^
    ");
    insta::assert_snapshot!(wrong("errors<1% p99<1s"), @"
    nothing may stand behind it; another condition is another flag
      errors<1% p99<1s
                ^
    ");
    insta::assert_snapshot!(Condition::of_one("p99>+10%").unwrap_err(), @"
    a sign compares with another run, as rpcctl bench compare does: leave it out
      p99>+10%
          ^
    ");
    for text in [
        "",
        "<",
        "p99",
        "p99<",
        "p99<ms",
        "p99<1e999ms",
        "p100<1ms",
        "pNaN<1ms",
        "p99<1.2.3ms",
        "é<1",
        "p99<\u{1b}ms",
        "p99<+",
        "🦀",
    ] {
        let shown = wrong(text);
        let mark = shown.lines().last().unwrap_or_default();
        assert!(mark.ends_with('^') && mark.len() <= text.chars().count() + 3, "{shown}");
    }
}

#[test]
fn figures_are_looked_at() {
    let cases = [
        ("p50<101ms", Some(true), "p50 is 100 ms, 992 µs (0.98 %) less than 101 ms"),
        ("actual.p50<50ms", Some(false), "actual.p50 is 50.0 ms"),
        ("max<=200ms", Some(true), "max is 200 ms"),
        ("actual.p70<100ms", Some(true), "actual.p70 is 70.1 ms, 29.9 ms (29.9 %) less than 100 ms"),
        ("rate>40", Some(true), "rate is 51.0/s, 11.0/s (27.5 %) more than 40.0/s"),
        ("errors<1%", Some(false), "errors is 2.91 %, 1.91 points more than 1.00 %"),
        ("errors==3", Some(true), "errors is 3"),
        ("UNAVAILABLE>1", Some(true), "UNAVAILABLE is 2, 1 (100 %) more than 1"),
        ("reset==1", Some(true), "reset is 1"),
        ("transport==1", Some(true), "transport is 1"),
        ("goaway==0", Some(true), "goaway is 0"),
        ("OK>90%", Some(true), "OK is 97.1 %, 7.09 points more than 90.0 %"),
        ("dropped<4%", Some(false), "dropped is 4.63 %, 0.63 points more than 4.00 %"),
        ("lag<3ms", Some(false), "lag is 3.00 ms"),
    ];
    for (text, holds, words) in cases {
        assert_eq!(found(text), Found { holds, words: words.to_owned(), too_few: false }, "{text}");
    }
}

/// A percentile of a hundred calls: no more than one is beyond its 99th.
#[test]
fn what_is_of_too_few_samples_says_so() {
    let few = found("p99<1s");
    assert_eq!((few.holds, few.too_few), (Some(true), true));
    insta::assert_snapshot!(few.words, @"p99 is 198 ms, 802 ms (80.2 %) less than 1.00 s; of 100 samples, too few to tell");
    assert!(!found("p90<1s").too_few && found("p90.1<1s").too_few && !found("max<1s").too_few);
    let condition = parse("actual.p99.99<1s").unwrap();
    let (report, seen) = (unanswered(0), |report: &Report| condition.check(&Seen::report(report)));
    assert!(seen(&report).passed && seen(&report).too_few);
    assert!(seen(&report).found.ends_with("; of 2,000 samples, too few to tell"), "{:?}", seen(&report));
    assert_eq!(condition.samples(), Some(100_000));
    assert_eq!(parse("rate>1").unwrap().samples(), None);
}

/// Of several runs it is the median that is looked at, as in the table of a comparison.
#[test]
fn the_median_of_several_runs_is_looked_at() {
    let rates = |rates: &[f64]| {
        let reports = rates.iter().map(|rate| Report { rate_achieved: *rate, ..unanswered(0) });
        let reports: Vec<Report> = reports.collect();
        let seen: Vec<Seen<'_>> = reports.iter().map(Seen::report).collect();
        parse("rate>30").unwrap().look_at(&seen).words
    };
    assert_eq!(rates(&[10.0, 1000.0, 40.0]), "rate is 40.0/s, 10.0/s (33.3 %) more than 30.0/s");
    assert_eq!(rates(&[10.0, 40.0]), "rate is 25.0/s, 5.00/s (16.7 %) less than 30.0/s");
}

#[test]
fn what_is_not_known_neither_passes_nor_ends_a_run() {
    let condition = parse("p99<20ms").unwrap();
    let mut empty = Tally::default();
    let seen = Seen::tally(
        &mut empty,
        Duration::from_secs(1),
        Standing::default(),
        std::slice::from_ref(&condition.figure),
    );
    assert_eq!(
        condition.look(&seen),
        Found { holds: None, words: "p99 is not known: no call ended".to_owned(), too_few: false }
    );
    assert!(!condition.check(&seen).passed && !condition.is_met(&seen));
    let errors = parse("errors<1%").unwrap();
    assert!(!errors.check(&seen).passed);
}

/// A report of two thousand calls of 150 µs to 1.25 ms, and so many that had no answer.
fn unanswered(count: u64) -> Report {
    let mut report = testing::report(100, true);
    (report.in_flight, report.longest_wait_ns) = (count, Some(5_200_000_000));
    report.issued += count;
    report
}

#[test]
fn calls_without_an_answer_take_longer_than_all_others_and_are_errors() {
    let some = unanswered(25);
    let look = |text: &str| {
        let Found { holds, words, .. } = parse(text).unwrap().look(&Seen::report(&some));
        format!("{holds:?} {words}")
    };
    let looked = [
        // 1,991 of 2,000: with 25 more, 2,004 of 2,025.
        "p99<20ms",
        "actual.p99<20ms",
        "p99<1ms",
        "p99>1ms",
        "p98<20ms",
        "p98<1ms",
        "p98>1ms",
        "p50<1ms",
        "mean<20ms",
        "mean<1us",
        "max<20ms",
        "max>5s",
        "max>6s",
        "min<1ms",
        "p99==1ms",
        "p98==1ms",
        "p99!=20ms",
        // 8 of 2,008 were not OK.
        "errors<1%",
        "errors<2%",
        "errors==33",
        "OK>99%",
        "UNAVAILABLE<1%",
        "in_flight==0",
        "in_flight<2%",
        "in_flight<1%",
        "dropped==0",
        "rate>1k",
        "lag<1s",
    ]
    .map(look);
    insta::assert_snapshot!(looked.join("\n"), @"
    None p99 is not known: 25 calls had no answer
    None actual.p99 is not known: 25 calls had no answer
    Some(false) p99 is 1.25 ms or more, 249 µs (24.9 %) more than 1.00 ms; 25 calls had no answer
    Some(true) p99 is 1.25 ms or more, 249 µs (24.9 %) more than 1.00 ms; 25 calls had no answer
    Some(true) p98 is 1.23 ms, 18.8 ms (93.8 %) less than 20.0 ms; 25 calls had no answer
    Some(false) p98 is 1.23 ms, 235 µs (23.5 %) more than 1.00 ms; 25 calls had no answer
    Some(true) p98 is 1.23 ms, 235 µs (23.5 %) more than 1.00 ms; 25 calls had no answer
    Some(true) p50 is 706 µs, 294 µs (29.4 %) less than 1.00 ms; 25 calls had no answer
    None mean is not known: 25 calls had no answer
    Some(false) mean is 700 µs or more, 699 µs more than 1.00 µs; 25 calls had no answer
    Some(false) max is 5.20 s or more, 5.18 s more than 20.0 ms; 25 calls had no answer
    Some(true) max is 5.20 s or more, 200 ms (4.00 %) more than 5.00 s; 25 calls had no answer
    None max is not known: 25 calls had no answer
    Some(true) min is 150 µs, 850 µs (85.0 %) less than 1.00 ms; 25 calls had no answer
    Some(false) p99 is 1.25 ms or more; 25 calls had no answer
    Some(false) p98 is 1.23 ms; 25 calls had no answer
    None p99 is not known: 25 calls had no answer
    Some(false) errors is 1.62 %, 0.62 points more than 1.00 %; 25 calls had no answer
    Some(true) errors is 1.62 %, 0.38 points less than 2.00 %; 25 calls had no answer
    Some(true) errors is 33; 25 calls had no answer
    Some(false) OK is 98.4 %, 0.62 points less than 99.0 %; 25 calls had no answer
    Some(true) UNAVAILABLE is 0.30 %, 0.70 points less than 1.00 %
    Some(false) in_flight is 25
    Some(true) in_flight is 1.23 %, 0.77 points less than 2.00 %
    Some(false) in_flight is 1.23 %, 0.23 points more than 1.00 %
    Some(true) dropped is 0
    Some(true) rate is 1,003/s, 3.00/s (0.30 %) more than 1,000/s
    Some(true) lag is 120 µs, 1.00 s (99.988 %) less than 1.00 s
    ");
    let check = parse("p99<20ms").unwrap().check(&Seen::report(&some));
    assert!(!check.passed, "what is not known does not hold");
}

#[test]
fn calls_that_nobody_waited_for_may_have_been_of_any_kind() {
    let mut some = unanswered(25);
    some.end.reason = Reason::Interrupted;
    let look = |text: &str| parse(text).unwrap().look(&Seen::report(&some)).holds;
    // Of the ranks 1,940 to 1,965 of 2,000.
    let p97 = ["p97<1180us", "p97<1200us", "p97>1200us", "p97<1220us"].map(look);
    assert_eq!(p97, [Some(false), None, None, Some(true)]);
    assert_eq!(["p99<20ms", "p99>1ms", "p99>1230us"].map(look), [None, Some(true), None]);
    // The shortest, or any.
    assert_eq!(
        ["min>1us", "min<200us", "mean>1us", "max>5s"].map(look),
        [None, Some(true), Some(true), Some(true)]
    );
    assert_eq!(["errors<1%", "OK>99%", "in_flight==25"].map(look), [Some(true); 3]);
}

#[test]
fn where_no_call_ended_but_some_wait_nothing_is_known_of_times() {
    let mut none = unanswered(4);
    none.codes.clear();
    none.transport_errors.clear();
    none.answered = 0;
    (none.latency_intended, none.latency_actual) = Default::default();
    let look = |text: &str| parse(text).unwrap().look(&Seen::report(&none));
    let words = "p99 is not known: 4 calls had no answer".to_owned();
    assert_eq!(look("p99<20ms"), Found { holds: None, words, too_few: false });
    assert_eq!(
        look("errors<1%").words,
        "errors is 100 %, 99.0 points more than 1.00 %; 4 calls had no answer"
    );
    assert_eq!(look("max>5s").holds, Some(true));
}

/// A run that is not over has calls under way that are like any other.
#[test]
fn what_ends_a_run_is_known_whatever_becomes_of_the_calls_under_way() {
    let met = |text: &str, in_flight: u64| {
        let condition = parse(text).unwrap();
        let longest_wait = Some(Duration::from_secs(3));
        let standing = Standing { in_flight, waiting: 7, longest_wait };
        let mut tally = tally();
        let figures = std::slice::from_ref(&condition.figure);
        condition.is_met(&Seen::tally(&mut tally, Duration::from_secs(2), standing, figures))
    };
    // Of a hundred calls of 2 ms to 200 ms.
    assert!(met("p99>100ms", 13) && !met("p99>199ms", 13) && met("p99>190ms", 0));
    assert!(met("p50<125ms", 13) && !met("p50<120ms", 93) && !met("p50>50ms", 93));
    assert!(met("max>2s", 1) && !met("max>4s", 1));
    assert!(met("in_flight>19", 13) && !met("in_flight>20", 13) && met("in_flight>40%", 93));
    assert!(!met("errors>3%", 93), "they are no errors");
}
