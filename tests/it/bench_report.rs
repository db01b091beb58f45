//! `rpcctl bench merge` and `rpcctl bench compare`, and all forms of a report. The reports are written here by hand, with
//! HdrHistogram's own encoding.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Serializer as _, V2DeflateSerializer};
use insta::assert_snapshot;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::{Output, rpcctl};

/// Times in milliseconds, each so often.
type Times<'t> = &'t [(u64, u64)];

const FAST: Times<'_> = &[(1, 990), (5, 10)];
const SLOW: Times<'_> = &[(2, 980), (50, 20)];

fn histogram(times: Times<'_>) -> Histogram<u64> {
    let mut histogram = Histogram::new_with_bounds(1, 3_600_000_000_000, 3).unwrap();
    for (millis, count) in times {
        histogram.record_n(millis * 1_000_000, *count).unwrap();
    }
    histogram
}

/// A distribution as a report has it.
fn distribution(times: Times<'_>) -> Value {
    let histogram = histogram(times);
    let count = histogram.len();
    if count == 0 {
        return json!({ "count": 0 });
    }
    let mut payload = Vec::new();
    V2DeflateSerializer::new().serialize(&histogram, &mut payload).unwrap();
    let ends = |of: fn(&u64, &u64) -> bool| {
        times
            .iter()
            .map(|(millis, _)| millis * 1_000_000)
            .reduce(|a, b| if of(&a, &b) { a } else { b })
            .unwrap()
    };
    let (min, max) = (ends(u64::lt), ends(u64::gt));
    let sum: u64 = times.iter().map(|(millis, count)| millis * 1_000_000 * count).sum();
    let at = |percentile| histogram.value_at_percentile(percentile).min(max);
    json!({
        "count": count, "min": min, "mean": sum / count, "p50": at(50.0), "p90": at(90.0), "p95": at(95.0),
        "p99": at(99.0), "p99_9": at(99.9), "p99_99": at(99.99), "max": max, "sum": sum,
        "too_few": ["p99_9", "p99_99"], "histogram": BASE64_STANDARD.encode(payload),
    })
}

/// A report of a second, in which calls took so long, and some were UNAVAILABLE.
fn report(times: Times<'_>, unavailable: u64) -> Value {
    let (good, bad) = (distribution(times), distribution(&[(3, unavailable)]));
    let bad = if unavailable == 0 { json!({ "count": 0 }) } else { bad };
    let ok = good["count"].as_u64().unwrap();
    let answered = ok + unavailable;
    let mut codes = json!({ "OK": ok });
    if unavailable > 0 {
        codes["UNAVAILABLE"] = unavailable.into();
    }
    let mut report = json!({
        "version": 1, "runs": 1, "began": "2026-11-01T10:00:00.000Z", "measured_ns": 1_000_000_000,
        "warmup": { "calls": 0, "ns": 0 }, "end": { "reason": "duration" },
        "loop_model": "open_uniform", "rate_offered": 1000.0, "rate_achieved": answered, "drained": 0,
        "messages_sent": answered, "messages_received": ok, "cpu_seconds": 0.02,
        "threads": [{ "cpu_seconds": 0.02, "ran_seconds": 1.0, "busy": 0.02 }],
        "verdict": { "limit": "load", "text": "the load was kept" },
    });
    report["about"] = json!({
        "target": "api.example:443", "method": "a.B/C", "protocol": "grpc", "engine": "frames",
        "load": "open loop: 1,000/s for 1 s", "connections": 1, "streams": 100, "threads": 1, "calls": null,
        "duration_ns": 1_000_000_000, "timeout_ns": null, "rpcctl": "0.1.0", "host": null, "os": null, "cpus": 2
    });
    report["connections"] = json!({
        "opened": 1, "failed": 0, "lost": 0, "connecting_ns": 100_000, "tls_ns": 2_000_000, "settings_ns": 300_000,
        "closing_ns": 0, "max_concurrent_streams": null, "tls_version": "TLSv1.3",
        "tls_cipher": "TLS_AES_128_GCM_SHA256"
    });
    report["network"] = json!({
        "p": answered, "n": answered, "t": 1.0, "c": 416_250.0, "r": answered - 1, "o": 0.0024, "b": 120_000.0,
        "s": 120_000
    });
    // What an interval has as well.
    let counted = json!({
        "issued": answered, "answered": answered, "in_flight": 0, "dropped": 0, "worst_lag_ns": 40_000,
        "codes": codes, "transport_errors": {}, "bytes_sent": 50_000, "bytes_received": 70_000,
        "latency_intended": good, "latency_actual": good,
        "failed_latency_intended": bad, "failed_latency_actual": bad
    });
    let mut interval = counted.clone();
    interval["at_ns"] = 0.into();
    interval["length_ns"] = 1_000_000_000.into();
    report["intervals"] = json!([interval]);
    report.as_object_mut().unwrap().extend(counted.as_object().unwrap().clone());
    report
}

/// A report of runs in a row, as `--repeat` makes it.
fn repeated(runs: &[Times<'_>]) -> Value {
    let mut whole = report(&runs.concat(), 0);
    whole["runs"] = runs.len().into();
    whole["repeats"] = runs
        .iter()
        .map(|times| {
            let of = report(times, 0);
            let mut repeat = json!({});
            for member in [
                "began",
                "measured_ns",
                "rate_achieved",
                "dropped",
                "worst_lag_ns",
                "codes",
                "transport_errors",
                "latency_intended",
                "latency_actual",
            ] {
                repeat[member] = of[member].clone();
            }
            repeat
        })
        .collect();
    whole
}

/// A folder with these reports in it.
fn folder(reports: &[(&str, Value)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, report) in reports {
        std::fs::write(folder.path().join(name), report.to_string()).unwrap();
    }
    folder
}

fn bench(folder: &TempDir, words: &str) -> Output {
    rpcctl("bench").args(words).within(folder.path()).run()
}

#[test]
fn reports_are_added_up_without_loss() {
    let folder = folder(&[("a.json", report(FAST, 0)), ("b.json", report(SLOW, 5))]);
    let merged = bench(&folder, "merge a.json b.json -o json");
    assert_eq!(merged.code, Some(0), "{merged}");
    let merged: Value = serde_json::from_slice(&merged.stdout).unwrap();
    // What one generator that made all calls would have written.
    let all = report(&[FAST, SLOW].concat(), 0);
    assert_eq!(merged["latency_intended"], all["latency_intended"]);
    assert_eq!(merged["intervals"][0]["latency_actual"], all["latency_actual"]);
    assert_eq!(merged["codes"], json!({ "OK": 2000, "UNAVAILABLE": 5 }));
    assert_eq!(
        (&merged["runs"], &merged["rate_offered"], &merged["rate_achieved"]),
        (&json!(2), &json!(2000.0), &json!(2005.0))
    );
    assert_eq!((&merged["about"]["connections"], &merged["cpu_seconds"]), (&json!(2), &json!(0.04)));
    assert_snapshot!(bench(&folder, "merge a.json b.json"), @"
    a.B/C at api.example:443  grpc, TLSv1.3, TLS_AES_128_GCM_SHA256; engine frames; rpcctl 0.1.0
      load       2 × open loop: 1,000/s for 1 s; 2 connections × 100 at a time, 2 threads
      measured   1.00 s, 2 runs together, from 2026-11-01T10:00:00.000Z; the time was over
      rate       2,005/s achieved of 2,000/s offered (100 %)
      calls      2,005 issued = 2,005 answered; 5 not OK (0.25 %)
      late       40.0 µs at most; none dropped
      bytes      97.7 KiB (97.7 KiB/s) sent, 137 KiB (137 KiB/s) received
      cpu        40.0 ms of this process, 20.0 µs a call, threads 2.00 %, 2.00 % busy

    Latency
                OK, intended   OK, actual   not OK, intended   not OK, actual
      min            1.00 ms      1.00 ms            3.00 ms          3.00 ms
      mean           2.00 ms      2.00 ms            3.00 ms          3.00 ms
      p50            2.00 ms      2.00 ms           ~3.00 ms         ~3.00 ms
      p90            2.00 ms      2.00 ms           ~3.00 ms         ~3.00 ms
      p95            2.00 ms      2.00 ms           ~3.00 ms         ~3.00 ms
      p99            5.00 ms      5.00 ms           ~3.00 ms         ~3.00 ms
      p99.9         ~50.0 ms     ~50.0 ms           ~3.00 ms         ~3.00 ms
      p99.99        ~50.0 ms     ~50.0 ms           ~3.00 ms         ~3.00 ms
      max            50.0 ms      50.0 ms            3.00 ms          3.00 ms
      samples          2,000        2,000                  5                5
      intended: from when a call was due; actual: from when it was sent
      ~ fewer than 10 samples are beyond it

    Distribution (OK, intended)
      1.00 ms – 1.50 ms  990   49.5 %  ████████████████████████████████████████
      1.50 ms – 2.00 ms    0      0 %
      2.00 ms – 3.00 ms  980   49.0 %  ███████████████████████████████████████▋
      3.00 ms – 5.00 ms    0      0 %
      5.00 ms – 7.00 ms   10   0.50 %  ▍
      7.00 ms – 10.0 ms    0      0 %
      10.0 ms – 15.0 ms    0      0 %
      15.0 ms – 20.0 ms    0      0 %
      20.0 ms – 30.0 ms    0      0 %
      30.0 ms – 50.0 ms    0      0 %
      50.0 ms – 70.0 ms   20   1.00 %  ▊

    Statuses
      OK            2,000    99.8 %
      UNAVAILABLE       5    0.25 %

    Network
      P = N/T = 2,005 / 1.00 s = 2,005 requests per second
      C = R/O = 2,003 / 4.80 ms = 417,292 further calls per second of setting up
      B = S/T = 234 KiB / 1.00 s = 234 KiB/s, both ways
      O of 2 connections: connect 200 µs, TLS 4.00 ms, SETTINGS 600 µs, close 0 ns

    Verdict: the load was kept: all calls were sent, none later than 40.0 µs after it was due
    [exit 0]
    ");
}

#[test]
fn one_report_is_printed_in_any_form() {
    let folder = folder(&[("a.json", report(FAST, 0))]);
    let same = bench(&folder, "merge a.json -o json");
    assert_eq!(
        serde_json::from_slice::<Value>(&same.stdout).unwrap()["latency_actual"],
        report(FAST, 0)["latency_actual"]
    );
    assert_eq!(bench(&folder, "merge a.json -o jsonl").text().lines().count(), 1);
    assert_eq!(bench(&folder, "merge a.json -o csv").text().lines().count(), 2);
    let metrics = bench(&folder, "merge a.json -o prometheus").text();
    assert!(
        metrics.contains("method=\"a.B/C\",outcome=\"ok\",since=\"intended\",le=\"0.0025\"} 990\n"),
        "{metrics}"
    );
    let ghz: Value = serde_json::from_slice(&bench(&folder, "merge a.json -o ghz-json").stdout).unwrap();
    assert_eq!((&ghz["statusCodeDistribution"], &ghz["details"]), (&json!({ "OK": 1000 }), &json!([])));
    let page = bench(&folder, "merge a.json -o csv --html page.html");
    assert_eq!(page.code, Some(0), "{page}");
    let html = std::fs::read_to_string(folder.path().join("page.html")).unwrap();
    assert!(html.starts_with("<!doctype html>") && html.contains("<h1>a.B/C</h1>"), "{html}");
    let from_stdin = rpcctl("bench merge - -o jsonl").stdin(report(FAST, 0).to_string()).run();
    assert_eq!(from_stdin.stdout, bench(&folder, "merge a.json -o jsonl").stdout);
}

#[test]
fn what_is_to_hold_and_does_not_exits_with_99_and_says_by_how_much() {
    let folder = folder(&[("b.json", report(SLOW, 20))]);
    let checked =
        bench(&folder, "merge b.json -o csv --assert p99<20ms --assert errors<0.1% --assert p50<=2.1ms");
    assert_eq!(
        (checked.code, checked.text().lines().count()),
        (Some(99), 2),
        "what was asked for is printed"
    );
    assert_snapshot!(checked.talk(), @"
    check p99<20ms failed: p99 is 50.0 ms, 30.0 ms (150 %) more than 20.0 ms
    check errors<0.1% failed: errors is 1.96 %, 1.86 points more than 0.10 %
    ");
    let good = bench(&folder, "merge b.json --assert UNAVAILABLE<=20 --assert rate>=1k");
    assert_eq!(good.code, Some(0), "{good}");
    assert_snapshot!(good.text().lines().filter(|line| line.starts_with("check")).collect::<Vec<_>>().join("\n"), @"
    check UNAVAILABLE<=20 passed: UNAVAILABLE is 20
    check rate>=1k passed: rate is 1,020/s, 20.0/s (2.00 %) more than 1,000/s
    ");
    let document = bench(&folder, "merge b.json -o json --assert p99<20ms");
    let document: Value = serde_json::from_slice(&document.stdout).unwrap();
    assert_eq!(document["checks"][0]["passed"], json!(false));
}

#[test]
fn a_condition_that_is_none_is_shown_at_its_place() {
    let folder = folder(&[]);
    assert_snapshot!(bench(&folder, "merge a.json --assert p99<20"), @"
    ------- stderr -------
    error: invalid value 'p99<20' for '--assert <CONDITION>': a time has a unit, ns, us, ms, s or m: write it as 20ms
      p99<20
            ^

    For more information, try '--help'.
    [exit 2]
    ");
    assert_snapshot!(bench(&folder, "merge a.json --assert p99>+10%"), @"
    ------- stderr -------
    error: invalid value 'p99>+10%' for '--assert <CONDITION>': a sign compares with another run, as rpcctl bench compare does: leave it out
      p99>+10%
          ^

    For more information, try '--help'.
    [exit 2]
    ");
    assert_eq!(bench(&folder, "compare a.json b.json --fail-on latency>1").code, Some(2));
}

#[test]
fn runs_are_compared_and_what_must_not_be_exits_with_99() {
    let folder = folder(&[("base.json", report(FAST, 0)), ("new.json", report(SLOW, 20))]);
    assert_snapshot!(bench(&folder, "compare base.json new.json --fail-on p99>+10% --fail-on errors>+5%"), @"
    base  base.json  a.B/C at api.example:443, 1 run from 2026-11-01T10:00:00.000Z
    new   new.json  a.B/C at api.example:443, 1 run from 2026-11-01T10:00:00.000Z

                     base         new          change
    rate          1,000/s     1,020/s         +2.00 %
    errors            0 %      1.96 %    +1.96 points
    dropped           0 %         0 %       +0 points   same
    mean          1.04 ms     2.96 ms          +185 %
    p50           1.00 ms     2.00 ms          +100 %
    p90           1.00 ms     2.00 ms          +100 %
    p95           1.00 ms     2.00 ms          +100 %
    p99           1.00 ms     50.0 ms        +4,898 %
    p99.9        ~5.00 ms    ~50.0 ms          +900 %
    p99.99       ~5.00 ms    ~50.0 ms          +900 %
    max           5.00 ms     50.0 ms          +900 %
    actual.p99    1.00 ms     50.0 ms        +4,898 %
    ~ fewer than 10 samples of a run are beyond it
    noise is not known: it takes 4 runs on either side (--repeat 5) to tell a change from it

    check p99>+10% failed: p99 went from 1.00 ms to 50.0 ms, +4,898 %
    check errors>+5% passed: errors went from 0 % to 1.96 %, +1.96 points
    [exit 99]
    ");
    assert_eq!(bench(&folder, "compare new.json base.json --fail-on p99>+10%").code, Some(0));
    let json = bench(&folder, "compare base.json new.json --fail-on p99>+10% -o json");
    let document: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!((json.code, &document["checks"][0]["passed"]), (Some(99), &json!(false)));
    assert_snapshot!(json.talk(), @"check p99>+10% failed: p99 went from 1.00 ms to 50.0 ms, +4,898 %");
    let p50 = document["figures"].as_array().unwrap().iter().find(|row| row["figure"] == "p50").unwrap();
    assert_eq!(
        (&p50["finding"], &p50["unit"], &p50["base"]["runs"]),
        (&json!("unknown"), &json!("nanoseconds"), &json!(1))
    );
}

#[test]
fn repeats_tell_what_is_noise() {
    let base = repeated(&[&[(10, 100)], &[(12, 100)], &[(14, 100)], &[(16, 100)]]);
    let noise = repeated(&[&[(11, 100)], &[(13, 100)], &[(15, 100)], &[(17, 100)]]);
    let worse = repeated(&[&[(20, 100)], &[(21, 100)], &[(22, 100)], &[(23, 100)]]);
    let folder = folder(&[("base.json", base), ("noise.json", noise), ("worse.json", worse)]);
    let compare = |new: &str| bench(&folder, &format!("compare base.json {new} --fail-on p50>+5%"));
    let noise = compare("noise.json");
    assert_eq!(noise.code, Some(0), "{noise}");
    let line = |run: &Output, begins: &str| {
        run.text().lines().find(|line| line.starts_with(begins)).unwrap().to_owned()
    };
    assert_snapshot!(line(&noise, "p50"), @"p50           13.0 ms (10.0 ms – 16.0 ms)    14.0 ms (11.0 ms – 17.0 ms)     +7.69 %   noise (by chance: 68.6 %)");
    assert_snapshot!(line(&noise, "check"), @"check p50>+5% passed: p50 went from 13.0 ms to 14.0 ms, +7.69 %, which may be noise: repeats of one thing are so far apart 34.3 % of the time");
    let worse = compare("worse.json");
    assert_eq!(worse.code, Some(99), "{worse}");
    assert_snapshot!(line(&worse, "check"), @"check p50>+5% failed: p50 went from 13.0 ms to 21.5 ms, +65.4 %, which is no noise: repeats of one thing are so far apart 1.43 % of the time");
}

#[test]
fn what_is_no_report_is_refused() {
    let mut broken = report(FAST, 0);
    broken["latency_actual"]["histogram"] = "HISTFAAA".into();
    let mut closed = report(FAST, 0);
    closed["loop_model"] = "closed".into();
    let mut huge = report(FAST, 0);
    huge["codes"]["OK"] = u64::MAX.into();
    let folder = folder(&[
        ("a.json", report(FAST, 0)),
        ("ghz.json", json!({ "count": 200, "average": 1 })),
        ("broken.json", broken),
        ("closed.json", closed),
        ("huge.json", huge),
        ("newer.json", json!({ "version": 9 })),
    ]);
    std::fs::write(folder.path().join("text"), "Summary:\n").unwrap();
    for (words, told) in [
        (
            "merge a.json nowhere.json",
            "error: cannot read nowhere.json\n  caused by: No such file or directory\n",
        ),
        ("merge text", "error: text can't be taken\n  caused by: it is no JSON\n"),
        (
            "merge a.json ghz.json",
            "there is no \"version\" in it\nhint: a report is what rpcctl bench … -o json writes\n",
        ),
        ("merge broken.json", "  caused by: a histogram is not in HdrHistogram's compressed V2 format\n"),
        ("compare a.json huge.json", "  caused by: there are numbers in it that no run has\n"),
        ("merge newer.json", "  caused by: its version is 9, and this rpcctl reads version 1\n"),
    ] {
        let run = bench(&folder, words);
        assert_eq!((run.code, run.stdout.len()), (Some(1), 0), "{words}: {run}");
        assert!(run.talk().contains(told), "{words}: {run}");
    }
    let kinds = bench(&folder, "merge a.json closed.json");
    assert_eq!(kinds.code, Some(2), "{kinds}");
    assert!(kinds.talk().contains("closed and open loops can't be added up"), "{kinds}");
    let unwritable = bench(&folder, "merge a.json --html nowhere/page.html");
    assert_eq!(unwritable.code, Some(1), "{unwritable}");
    assert!(unwritable.talk().starts_with("error: cannot write nowhere/page.html\n"), "{unwritable}");
}
