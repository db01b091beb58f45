use super::*;
use crate::bench::report::testing::report;

fn repeated(micros: &[u64]) -> Report {
    let runs: Vec<Report> = micros.iter().map(|&micros| report(micros, true)).collect();
    Report::in_a_row(&runs).unwrap()
}

fn conditions(all: &[&str]) -> Vec<Condition> {
    all.iter().map(|text| text.parse().unwrap()).collect()
}

fn row<'c>(compared: &'c Comparison, figure: &str) -> &'c Row {
    compared.figures.iter().find(|row| row.figure == figure).unwrap()
}

#[test]
fn without_repeats_a_change_is_a_change_and_noise_is_not_known() {
    let (base, new) = (report(1000, true), report(1500, true));
    let compared =
        compare(&base, &new, &conditions(&["p50>+10%", "p50>+100%", "rate<-5%", "p99>1ms", "p50>+0.5ms"]));
    let p50 = row(&compared, "p50");
    assert_eq!((p50.finding, p50.chance, p50.base.unwrap().runs), (Finding::Unknown, None, 1));
    assert!(p50.change.unwrap() > 0.2, "{p50:?}");
    let passed: Vec<bool> = compared.checks.iter().map(|check| check.passed).collect();
    assert_eq!(passed, [false, true, true, false, false]);
    assert_eq!(compared.checks[0].found, "p50 went from 2.05 ms to 2.55 ms, +24.4 %");
    assert_eq!(row(&compared, "rate").finding, Finding::Same);
    assert!(compared.remarks.is_empty());
}

#[test]
fn repeats_tell_a_change_from_noise() {
    let base = repeated(&[1000, 1010, 1020, 1030]);
    let worse = repeated(&[1500, 1510, 1520, 1530]);
    let mixed = repeated(&[1005, 1015, 990, 1040]);
    let fail_on = conditions(&["p50>+0.1%"]);
    let compared = compare(&base, &worse, &fail_on);
    assert_eq!(row(&compared, "p50").finding, Finding::Worse);
    insta::assert_snapshot!(compared.checks[0].found, @"p50 went from 2.06 ms to 2.57 ms, +24.3 %, which is no noise: repeats of one thing are so far apart 1.43 % of the time");
    assert!(!compared.checks[0].passed);
    assert_eq!(row(&compare(&worse, &base, &[]), "p50").finding, Finding::Better);
    let compared = compare(&base, &mixed, &conditions(&["p50>-50%"]));
    assert_eq!(row(&compared, "p50").finding, Finding::Noise);
    assert!(compared.checks[0].passed);
    insta::assert_snapshot!(compared.checks[0].found, @"p50 went from 2.06 ms to 2.06 ms, -0.25 %, which may be noise: repeats of one thing are so far apart 44.3 % of the time");
}

/// Three a side, all of one beyond all of the other: one time of twenty in a direction that was named, and one of ten in
/// any.
#[test]
fn a_direction_that_was_not_named_has_chance_twice() {
    let (base, worse) = (repeated(&[1000, 1010, 1020]), repeated(&[1500, 1510, 1520]));
    let compared = compare(&base, &worse, &conditions(&["p50>+1%", "p50!=+0%"]));
    let p50 = row(&compared, "p50");
    assert_eq!(p50.finding, Finding::Noise);
    assert!((p50.chance.unwrap() - 0.1).abs() < 1e-9);
    assert_eq!([compared.checks[0].passed, compared.checks[1].passed], [false, true]);
}

#[test]
fn a_condition_without_a_sign_is_about_the_median_of_repeats() {
    let (base, new) = (repeated(&[100, 100, 100]), repeated(&[100, 110, 50_000]));
    let compared = compare(&base, &new, &conditions(&["p50>10ms", "max>10ms"]));
    assert!(compared.checks.iter().all(|check| check.passed), "{:?}", compared.checks);
    let shown = row(&compared, "p50").new.unwrap().value;
    assert!(compared.checks[0].found.starts_with(&format!("p50 is {}", units::time_of(shown))));
}

#[test]
fn percentiles_of_too_few_samples_are_marked() {
    let report = report(1000, true);
    let compared = compare(&report, &report, &conditions(&["p99.9>+1%", "p99>+1%"]));
    let marked = |figure: &str| row(&compared, figure).base.unwrap().too_few;
    assert!(marked("p99.9") && marked("p99.99") && !marked("p99") && !marked("max"));
    let few: Vec<bool> = compared.checks.iter().map(|check| check.too_few).collect();
    assert_eq!(few, [true, false]);
    assert!(compared.checks[0].found.ends_with("; of too few samples to tell"), "{:?}", compared.checks);
}

#[test]
fn a_run_that_was_cut_short_is_remarked() {
    let (base, mut new) = (report(1000, true), report(1000, true));
    new.end.reason = Reason::Interrupted;
    assert_eq!(compare(&base, &new, &[]).remarks, ["the second was interrupted, after 2.00 s"]);
}

#[test]
fn what_is_not_known_does_not_pass() {
    let (base, mut none) = (report(1000, true), report(1000, true));
    none.latency_intended = crate::bench::report::Distribution::default();
    let compared = compare(&base, &none, &conditions(&["p99>+10%", "p99>1s"]));
    assert!(compared.checks.iter().all(|check| !check.passed));
    assert_eq!(row(&compared, "p99").new, None);
}

#[test]
fn what_makes_two_runs_hard_to_compare_is_remarked() {
    let (base, mut new) = (report(1000, true), report(1000, false));
    new.about.method = "other.Service/Call".to_owned();
    let compared = compare(&base, &new, &[]);
    assert_eq!(
        compared.remarks,
        [
            "methods differ: hello.HelloService/SayHello and other.Service/Call",
            "loop models differ: open loop, evenly and closed loop"
        ]
    );
}

#[test]
fn calls_without_an_answer_leave_a_figure_unknown_and_fail() {
    let (base, mut new) = (report(1000, true), report(1000, true));
    (new.in_flight, new.longest_wait_ns) = (25, Some(5_200_000_000));
    let conditions =
        conditions(&["p99>+10%", "p99>1s", "p50>+10%", "errors>+1%", "errors>+2%", "in_flight>+0%"]);
    let compared = compare(&base, &new, &conditions);
    let told: Vec<String> =
        compared.checks.iter().map(|check| format!("{} {}", check.passed, check.found)).collect();
    insta::assert_snapshot!(told.join("\n"), @"
    false p99 of the second is not known: 25 calls had no answer
    false p99 is not known: 25 calls had no answer
    true p50 went from 2.05 ms to 2.06 ms, +0.65 %
    false errors went from 0.40 % to 1.62 %, +1.22 points
    true errors went from 0.40 % to 1.62 %, +1.22 points
    false in_flight went from 0 % to 1.23 %, +1.23 points
    ");
    let compared_back = compare(&new, &base, &[]);
    for (row, back) in compared.figures.iter().zip(&compared_back.figures) {
        assert_eq!((row.base, row.new), (back.new, back.base));
    }
    assert_eq!(row(&compared, "p99").new, None);
    assert!((row(&compared, "in_flight").new.unwrap().value - 25.0 / 2033.0).abs() < 1e-9);
    assert_eq!(
        compared.remarks,
        [
            "in the second, 25 calls had no answer, the longest for 5.20 s: figures that this leaves unknown are shown as –"
        ]
    );
    assert!(compare(&base, &base, &[]).figures.iter().all(|row| row.figure != "in_flight"));
}

/// One of several runs has no p99: the median has, and the worst is beyond all.
#[test]
fn one_repeat_of_several_may_be_beyond_all() {
    let with = |unanswered: u64| {
        let mut report = report(1000, true);
        report.in_flight = unanswered;
        report
    };
    let base = repeated(&[1000, 1010, 1020]);
    let new = Report::in_a_row(&[with(0), with(0), with(25)]).unwrap();
    let compared = compare(&base, &new, &[]);
    let sample = row(&compared, "p99").new.unwrap();
    assert!(sample.value.is_finite() && sample.high.is_infinite());
    assert!(serde_json::to_string(&compared).unwrap().contains("\"high\":null"));
    let new = Report::in_a_row(&[with(0), with(25), with(25)]).unwrap();
    assert_eq!(row(&compare(&base, &new, &[]), "p99").new, None);
}
