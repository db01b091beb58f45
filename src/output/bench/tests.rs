use super::*;
use crate::bench::report::testing::report as sample;
use crate::output::testing::text;

fn printed(open: bool, format: Format) -> String {
    text(|out| report(out, &sample(100, open), format))
}

#[test]
fn an_open_loop_is_told_with_both_latencies() {
    insta::assert_snapshot!(printed(true, Format::Summary(Paint::Plain)), @"
    hello.HelloService/SayHello at localhost:50051  grpc, no TLS; engine frames; rpcctl 0.1.0
      load       open loop: 1,000/s for 2 s; 2 connections × 50 at a time, 1 thread
      measured   2.00 s after 500 ms to warm up (100 calls), from 2023-11-14T22:13:20.000Z; the time was over
      rate       1,003/s achieved of 1,000/s offered (100 %)
      calls      2,008 issued = 2,006 answered + 2 transport errors; 8 not OK (0.40 %)
      late       120 µs at most; none dropped
      bytes      78.1 KiB (39.1 KiB/s) sent, 117 KiB (58.6 KiB/s) received
      cpu        100 ms of this process, 49.8 µs a call, its thread 4.50 % busy

    Latency
                OK, intended   OK, actual   not OK, intended   not OK, actual
      min             150 µs       100 µs            80.0 µs          60.0 µs
      mean            700 µs       650 µs            82.5 µs          67.5 µs
      p50             699 µs       649 µs           ~80.1 µs         ~70.0 µs
      p90            1.10 ms      1.05 ms           ~90.0 µs         ~70.0 µs
      p95            1.15 ms      1.10 ms           ~90.0 µs         ~70.0 µs
      p99            1.23 ms      1.18 ms           ~90.0 µs         ~70.0 µs
      p99.9         ~1.25 ms     ~1.20 ms           ~90.0 µs         ~70.0 µs
      p99.99        ~1.25 ms     ~1.20 ms           ~90.0 µs         ~70.0 µs
      max            1.25 ms      1.20 ms            90.0 µs          70.0 µs
      samples          2,000        2,000                  8                8
      intended: from when a call was due; actual: from when it was sent
      ~ fewer than 10 samples are beyond it

    Distribution (OK, intended)
       150 µs –  200 µs   50   2.50 %  █████
       200 µs –  250 µs   50   2.50 %  █████
       250 µs –  300 µs  100   5.00 %  ██████████
       300 µs –  400 µs  200   10.0 %  ████████████████████
       400 µs –  500 µs  200   10.0 %  ████████████████████
       500 µs –  600 µs  200   10.0 %  ████████████████████
       600 µs –  800 µs  400   20.0 %  ████████████████████████████████████████
       800 µs – 1.00 ms  400   20.0 %  ████████████████████████████████████████
      1.00 ms – 1.25 ms  400   20.0 %  ████████████████████████████████████████

    Statuses
      OK            2,000    99.6 %
      UNAVAILABLE       6    0.30 %

    Transport errors
      reset REFUSED_STREAM   2    0.10 %

    Network
      P = N/T = 2,006 / 2.00 s = 1,003 requests per second
      C = R/O = 2,006 / 500 µs = 4,012,000 further calls per second of setting up
      B = S/T = 195 KiB / 2.00 s = 97.7 KiB/s, both ways
      O of 2 connections: connect 300 µs, SETTINGS 200 µs, close 0 ns; the server takes 100 calls at a time on each

    Verdict: the load was kept: all calls were sent, none later than 120 µs after it was due
    ");
}

#[test]
fn a_closed_loop_is_told_with_one_and_with_what_it_omits() {
    insta::assert_snapshot!(printed(false, Format::Summary(Paint::Plain)), @"
    hello.HelloService/SayHello at localhost:50051  grpc, no TLS; engine frames; rpcctl 0.1.0
      load       open loop: 1,000/s for 2 s; 2 connections × 50 at a time, 1 thread
      measured   2.00 s after 500 ms to warm up (100 calls), from 2023-11-14T22:13:20.000Z; the time was over
      rate       1,003/s achieved
      calls      2,008 issued = 2,006 answered + 2 transport errors; 8 not OK (0.40 %)
      bytes      78.1 KiB (39.1 KiB/s) sent, 117 KiB (58.6 KiB/s) received
      cpu        100 ms of this process, 49.8 µs a call, its thread 4.50 % busy
      note: a closed loop asks less of a server that stalls: calls that would have come meanwhile are omitted, so latencies are better than those that users would see (coordinated omission); --rate measures those

    Latency
                      OK     not OK
      min         100 µs    60.0 µs
      mean        650 µs    67.5 µs
      p50         649 µs   ~70.0 µs
      p90        1.05 ms   ~70.0 µs
      p95        1.10 ms   ~70.0 µs
      p99        1.18 ms   ~70.0 µs
      p99.9     ~1.20 ms   ~70.0 µs
      p99.99    ~1.20 ms   ~70.0 µs
      max        1.20 ms    70.0 µs
      samples      2,000          8
      ~ fewer than 10 samples are beyond it

    Distribution (OK)
       100 µs –  125 µs   25   1.25 %  ██▌
       125 µs –  150 µs   25   1.25 %  ██▌
       150 µs –  200 µs   50   2.50 %  █████
       200 µs –  250 µs  100   5.00 %  ██████████
       250 µs –  300 µs  100   5.00 %  ██████████
       300 µs –  400 µs  200   10.0 %  ████████████████████
       400 µs –  500 µs  200   10.0 %  ████████████████████
       500 µs –  600 µs  200   10.0 %  ████████████████████
       600 µs –  800 µs  400   20.0 %  ████████████████████████████████████████
       800 µs – 1.00 ms  400   20.0 %  ████████████████████████████████████████
      1.00 ms – 1.25 ms  300   15.0 %  ██████████████████████████████

    Statuses
      OK            2,000    99.6 %
      UNAVAILABLE       6    0.30 %

    Transport errors
      reset REFUSED_STREAM   2    0.10 %

    Network
      P = N/T = 2,006 / 2.00 s = 1,003 requests per second
      C = R/O = 2,006 / 500 µs = 4,012,000 further calls per second of setting up
      B = S/T = 195 KiB / 2.00 s = 97.7 KiB/s, both ways
      O of 2 connections: connect 300 µs, SETTINGS 200 µs, close 0 ns; the server takes 100 calls at a time on each

    Verdict: the server, or the way to it, was the limit: it had up to 100 calls to answer at a time, and no thread here was busy for more than 4.50 % of its time
    ");
}

#[test]
fn a_run_in_which_nothing_worked_is_told() {
    let mut failed = sample(100, true);
    failed.latency_intended = crate::bench::report::Distribution::default();
    failed.latency_actual = failed.latency_intended.clone();
    failed.codes.clear();
    failed.answered = 0;
    failed.connections.failed = 3;
    failed.connections.failed_why = Some("connection refused\u{1b}[31m".to_owned());
    failed.end.detail = Some("no \u{202e}connection".to_owned());
    insta::assert_snapshot!(text(|out| report(out, &failed, Format::Summary(Paint::Plain))), @r"
    hello.HelloService/SayHello at localhost:50051  grpc, no TLS; engine frames; rpcctl 0.1.0
      load       open loop: 1,000/s for 2 s; 2 connections × 50 at a time, 1 thread
      measured   2.00 s after 500 ms to warm up (100 calls), from 2023-11-14T22:13:20.000Z; the time was over: no \u202econnection
      rate       1,003/s achieved of 1,000/s offered (100 %)
      calls      2,008 issued = 0 answered + 2 transport errors; 2 not OK (100 %)
      late       120 µs at most; none dropped
      bytes      78.1 KiB (39.1 KiB/s) sent, 117 KiB (58.6 KiB/s) received
      cpu        100 ms of this process, 50.0 ms a call, its thread 4.50 % busy
      links      2 opened, 3 failed (the last: connection refused\u001b[31m)

    Latency
                not OK, intended   not OK, actual
      min                80.0 µs          60.0 µs
      mean               82.5 µs          67.5 µs
      p50               ~80.1 µs         ~70.0 µs
      p90               ~90.0 µs         ~70.0 µs
      p95               ~90.0 µs         ~70.0 µs
      p99               ~90.0 µs         ~70.0 µs
      p99.9             ~90.0 µs         ~70.0 µs
      p99.99            ~90.0 µs         ~70.0 µs
      max                90.0 µs          70.0 µs
      samples                  8                8
      intended: from when a call was due; actual: from when it was sent
      ~ fewer than 10 samples are beyond it

    Transport errors
      reset REFUSED_STREAM   2     100 %

    Network
      P = N/T = 2,006 / 2.00 s = 1,003 requests per second
      C = R/O = 2,006 / 500 µs = 4,012,000 further calls per second of setting up
      B = S/T = 195 KiB / 2.00 s = 97.7 KiB/s, both ways
      O of 2 connections: connect 300 µs, SETTINGS 200 µs, close 0 ns; the server takes 100 calls at a time on each

    Verdict: the load was kept: all calls were sent, none later than 120 µs after it was due
    ");
}

#[test]
fn colours_change_nothing_but_colours() {
    let plain = printed(true, Format::Summary(Paint::Plain));
    let painted = printed(true, Format::Summary(Paint::Colored));
    assert!(painted.contains("\u{1b}["));
    let mut parts = painted.split('\u{1b}');
    let mut bare = parts.next().unwrap().to_owned();
    for part in parts {
        bare.push_str(part.split_once('m').unwrap().1);
    }
    assert_eq!(bare, plain);
}

#[test]
fn json_is_what_is_read_back_on_many_lines_or_one() {
    for format in [Format::Json(Paint::Plain), Format::JsonLine] {
        let json = printed(true, format);
        assert_eq!(Report::read(json.as_bytes()).unwrap(), sample(100, true));
    }
    assert_eq!(printed(true, Format::JsonLine).lines().count(), 1);
}

#[test]
fn csv_has_a_row_for_each_interval() {
    insta::assert_snapshot!(printed(true, Format::Csv), @"
    at_s,length_s,issued,answered,ok,not_ok,rate,dropped,in_flight,worst_lag_ns,bytes_sent,bytes_received,outcomes,intended_min_ns,intended_mean_ns,intended_p50_ns,intended_p90_ns,intended_p95_ns,intended_p99_ns,intended_p99_9_ns,intended_p99_99_ns,intended_max_ns,actual_min_ns,actual_mean_ns,actual_p50_ns,actual_p90_ns,actual_p95_ns,actual_p99_ns,actual_p99_9_ns,actual_p99_99_ns,actual_max_ns,due,waiting,longest_wait_ns,drain
    0.000,1.000,1004,1003,1000,4,1003.000,0,0,120000,40000,60000,OK:1000 UNAVAILABLE:3 reset_REFUSED_STREAM:1,150000,649500,649215,1049599,1099775,1139711,1149000,1149000,1149000,100000,599500,599039,999423,1049599,1089535,1099000,1099000,1099000,1004,0,,0
    1.000,1.000,1004,1003,1000,4,1003.000,0,0,120000,40000,60000,OK:1000 UNAVAILABLE:3 reset_REFUSED_STREAM:1,250000,749500,749055,1149951,1199103,1239039,1249000,1249000,1249000,200000,699500,699391,1099775,1149951,1189887,1199000,1199000,1199000,1004,0,,0
    ");
}

#[test]
fn prometheus_has_cumulative_buckets() {
    let text = printed(true, Format::Prometheus);
    let besides = ["not_ok", "actual\"", "connections_", "_bytes_", "HELP", "le=\"0.00", "quantile=\"0.9"];
    let shown = text.lines().filter(|line| !besides.iter().any(|word| line.contains(word)));
    // The labels that all have are looked at once.
    let common = "target=\"localhost:50051\",method=\"hello.HelloService/SayHello\"";
    let shown: Vec<String> = shown.map(|line| line.replace(common, "…")).collect();
    assert_eq!(text.matches(common).count(), text.lines().filter(|line| !line.starts_with('#')).count());
    insta::assert_snapshot!(shown.join("\n"), @r#"
    # TYPE rpcctl_bench_calls_total counter
    rpcctl_bench_calls_total{…,code="OK"} 2000
    rpcctl_bench_calls_total{…,code="UNAVAILABLE"} 6
    # TYPE rpcctl_bench_transport_errors_total counter
    rpcctl_bench_transport_errors_total{…,reason="reset REFUSED_STREAM"} 2
    # TYPE rpcctl_bench_issued_total counter
    rpcctl_bench_issued_total{…} 2008
    # TYPE rpcctl_bench_dropped_total counter
    rpcctl_bench_dropped_total{…} 0
    # TYPE rpcctl_bench_in_flight gauge
    rpcctl_bench_in_flight{…} 0
    # TYPE rpcctl_bench_longest_wait_seconds gauge
    rpcctl_bench_longest_wait_seconds{…} 0
    # TYPE rpcctl_bench_rate_achieved gauge
    rpcctl_bench_rate_achieved{…} 1003
    # TYPE rpcctl_bench_rate_offered gauge
    rpcctl_bench_rate_offered{…} 1000
    # TYPE rpcctl_bench_measured_seconds gauge
    rpcctl_bench_measured_seconds{…} 2
    # TYPE rpcctl_bench_worst_lag_seconds gauge
    rpcctl_bench_worst_lag_seconds{…} 0.00012
    # TYPE rpcctl_bench_generator_cpu_seconds_total counter
    rpcctl_bench_generator_cpu_seconds_total{…} 0.1
    # TYPE rpcctl_bench_latency_seconds histogram
    rpcctl_bench_latency_seconds_bucket{…,outcome="ok",since="intended",le="0.01"} 2000
    rpcctl_bench_latency_seconds_bucket{…,outcome="ok",since="intended",le="0.025"} 2000
    rpcctl_bench_latency_seconds_bucket{…,outcome="ok",since="intended",le="0.05"} 2000
    rpcctl_bench_latency_seconds_bucket{…,outcome="ok",since="intended",le="0.1"} 2000
    rpcctl_bench_latency_seconds_bucket{…,outcome="ok",since="intended",le="0.25"} 2000
    rpcctl_bench_latency_seconds_bucket{…,outcome="ok",since="intended",le="0.5"} 2000
    rpcctl_bench_latency_seconds_bucket{…,outcome="ok",since="intended",le="1"} 2000
    rpcctl_bench_latency_seconds_bucket{…,outcome="ok",since="intended",le="2.5"} 2000
    rpcctl_bench_latency_seconds_bucket{…,outcome="ok",since="intended",le="5"} 2000
    rpcctl_bench_latency_seconds_bucket{…,outcome="ok",since="intended",le="10"} 2000
    rpcctl_bench_latency_seconds_bucket{…,outcome="ok",since="intended",le="25"} 2000
    rpcctl_bench_latency_seconds_bucket{…,outcome="ok",since="intended",le="60"} 2000
    rpcctl_bench_latency_seconds_bucket{…,outcome="ok",since="intended",le="+Inf"} 2000
    rpcctl_bench_latency_seconds_sum{…,outcome="ok",since="intended"} 1.399
    rpcctl_bench_latency_seconds_count{…,outcome="ok",since="intended"} 2000
    # TYPE rpcctl_bench_latency_quantile_seconds gauge
    rpcctl_bench_latency_quantile_seconds{…,outcome="ok",since="intended",quantile="0.5"} 0.000699391
    rpcctl_bench_latency_quantile_seconds{…,outcome="ok",since="intended",quantile="1"} 0.001249
    "#);
}

#[test]
fn a_label_has_no_line_break_and_no_quote() {
    let mut hostile = sample(100, true);
    hostile.about.target = "a\"b\\c\nd".to_owned();
    let text = text(|out| report(out, &hostile, Format::Prometheus));
    assert!(text.contains(r#"target="a\"b\\c\nd""#), "{text}");
}

#[test]
fn ghz_has_its_own_shape() {
    let printed = printed(true, Format::Ghz);
    let document: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&printed).unwrap();
    let members: Vec<String> = document.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    insta::assert_snapshot!(members.join("\n"), @r#"
    average: 699500
    count: 2008
    date: "2023-11-14T22:13:20.000Z"
    details: []
    endReason: "timeout"
    errorDistribution: {"rpc error: code = Unavailable desc = ":6,"rpc error: code = Unavailable desc = reset REFUSED_STREAM":2}
    fastest: 150000
    histogram: [{"count":0,"frequency":0.0,"mark":0.00015},{"count":120,"frequency":0.06,"mark":0.0002599},{"count":220,"frequency":0.11,"mark":0.0003698},{"count":220,"frequency":0.11,"mark":0.0004797},{"count":220,"frequency":0.11,"mark":0.0005896},{"count":220,"frequency":0.11,"mark":0.0006995},{"count":218,"frequency":0.109,"mark":0.0008094},{"count":222,"frequency":0.111,"mark":0.0009193},{"count":220,"frequency":0.11,"mark":0.0010292},{"count":218,"frequency":0.109,"mark":0.0011391},{"count":122,"frequency":0.061,"mark":0.001249}]
    latencyDistribution: [{"latency":299007,"percentage":10},{"latency":449023,"percentage":25},{"latency":699391,"percentage":50},{"latency":949247,"percentage":75},{"latency":1099775,"percentage":90},{"latency":1149951,"percentage":95},{"latency":1229823,"percentage":99}]
    name: "hello.HelloService/SayHello"
    options: {"CPUs":1,"binary":false,"call":"hello.HelloService/SayHello","concurrency":100,"connections":2,"duration":2000000000,"host":"localhost:50051","insecure":true,"rps":1000}
    rps: 1003.0
    slowest: 1249000
    statusCodeDistribution: {"OK":2000,"Unavailable":8}
    tags: {"generator":"rpcctl 0.1.0","loop":"open"}
    total: 2000000000
    "#);
}

/// Whatever numbers a file may have: what is read can be added up, compared and printed.
#[test]
fn a_report_with_any_numbers_is_refused_or_printed() {
    use crate::bench::compare::compare;
    const NUMBERS: [&str; 8] =
        ["0", "1", "12345", "4503599627370495", "4503599627370496", "18446744073709551615", "1e300", "null"];
    let mut random = fastrand::Rng::with_seed(7);
    let json = serde_json::to_string(&sample(100, true)).unwrap();
    let places: Vec<usize> = json.match_indices("\":").map(|(at, _)| at + 2).collect();
    let number =
        |at: usize| json[at..].find(|c: char| !c.is_ascii_digit() && c != '.').map(|end| (at, at + end));
    let numbers: Vec<(usize, usize)> =
        places.into_iter().filter_map(number).filter(|(start, end)| start < end).collect();
    let mut read = 0;
    for _ in 0..50 {
        let mut text = json.clone();
        let mut chosen: Vec<_> = (0..random.usize(1..4)).filter_map(|_| random.choice(&numbers)).collect();
        chosen.sort();
        chosen.dedup();
        for (start, end) in chosen.into_iter().rev() {
            text.replace_range(start..end, random.choice(NUMBERS).unwrap());
        }
        let Ok(one) = Report::read(text.as_bytes()) else { continue };
        read += 1;
        let mut all = vec![one.clone()];
        all.extend(Report::together(&[one.clone(), sample(50, true)]).ok());
        all.extend(Report::in_a_row(&[one, sample(50, true)]).ok());
        for one in &all {
            for format in [
                Format::Summary(Paint::Plain),
                Format::JsonLine,
                Format::Csv,
                Format::Prometheus,
                Format::Ghz,
            ] {
                report(&mut io::sink(), one, format).unwrap();
            }
            let html = text_of_page(one);
            assert!(!html.contains("NaN"), "{text}");
            compare(one, &sample(50, true), &[]);
        }
    }
    assert!(read > 10, "{read}");
}

fn text_of_page(report: &Report) -> String {
    text(|out| page(out, report))
}

/// A report in which 25 calls had no answer.
fn unanswered() -> Report {
    let mut report = sample(100, true);
    (report.in_flight, report.longest_wait_ns) = (25, Some(5_200_000_000));
    report.issued += 25;
    report
}

#[test]
fn calls_without_an_answer_are_told_in_every_form() {
    let told = |format: Format| text(|out| report(out, &unanswered(), format));
    let summary = told(Format::Summary(Paint::Plain));
    let from = summary.find("  calls").unwrap();
    insta::assert_snapshot!(&summary[from..summary.find("Distribution").unwrap()], @"
      calls      2,033 issued = 2,006 answered + 2 transport errors + 25 in flight at the end; 25 calls had no answer, the longest for 5.20 s; 8 not OK (0.40 %)
      late       120 µs at most; none dropped
      bytes      78.1 KiB (39.1 KiB/s) sent, 117 KiB (58.6 KiB/s) received
      cpu        100 ms of this process, 49.8 µs a call, its thread 4.50 % busy

    Latency
                OK, intended   OK, actual   not OK, intended   not OK, actual
      min             150 µs       100 µs            80.0 µs          60.0 µs
      mean           >700 µs      >650 µs            82.5 µs          67.5 µs
      p50             699 µs       649 µs           ~80.1 µs         ~70.0 µs
      p90            1.10 ms      1.05 ms           ~90.0 µs         ~70.0 µs
      p95            1.15 ms      1.10 ms           ~90.0 µs         ~70.0 µs
      p99           >1.23 ms     >1.18 ms           ~90.0 µs         ~70.0 µs
      p99.9         >1.25 ms     >1.20 ms           ~90.0 µs         ~70.0 µs
      p99.99        >1.25 ms     >1.20 ms           ~90.0 µs         ~70.0 µs
      max           >1.25 ms     >1.20 ms            90.0 µs          70.0 µs
      samples          2,000        2,000                  8                8
      intended: from when a call was due; actual: from when it was sent
      25 calls without an answer are left out, though they took longer: > marks what is longer than is told for that
      ~ fewer than 10 samples are beyond it
    ");
    let metrics = told(Format::Prometheus);
    let of_interest = |line: &&str| {
        (line.contains("quantile=") || line.contains("in_flight") || line.contains("longest"))
            && !line.starts_with('#')
    };
    let metrics: Vec<&str> = metrics
        .lines()
        .filter(of_interest)
        .map(|line| line.split(",method=\"hello.HelloService/SayHello\"").last().unwrap())
        .collect();
    insta::assert_snapshot!(metrics.join("\n"), @r#"
    } 25
    } 5.2
    ,outcome="ok",since="intended",quantile="0.5"} 0.000699391
    ,outcome="ok",since="intended",quantile="0.9"} 0.001099775
    ,outcome="ok",since="intended",quantile="0.95"} 0.001149951
    ,outcome="ok",since="intended",quantile="0.99"} +Inf
    ,outcome="ok",since="intended",quantile="0.999"} +Inf
    ,outcome="ok",since="intended",quantile="0.9999"} +Inf
    ,outcome="ok",since="intended",quantile="1"} +Inf
    ,outcome="ok",since="actual",quantile="0.5"} 0.000649215
    ,outcome="ok",since="actual",quantile="0.9"} 0.001049599
    ,outcome="ok",since="actual",quantile="0.95"} 0.001099775
    ,outcome="ok",since="actual",quantile="0.99"} +Inf
    ,outcome="ok",since="actual",quantile="0.999"} +Inf
    ,outcome="ok",since="actual",quantile="0.9999"} +Inf
    ,outcome="ok",since="actual",quantile="1"} +Inf
    ,outcome="not_ok",since="intended",quantile="0.5"} 0.000080063
    ,outcome="not_ok",since="intended",quantile="0.9"} 0.00009
    ,outcome="not_ok",since="intended",quantile="0.95"} 0.00009
    ,outcome="not_ok",since="intended",quantile="0.99"} 0.00009
    ,outcome="not_ok",since="intended",quantile="0.999"} 0.00009
    ,outcome="not_ok",since="intended",quantile="0.9999"} 0.00009
    ,outcome="not_ok",since="intended",quantile="1"} 0.00009
    ,outcome="not_ok",since="actual",quantile="0.5"} 0.00007
    ,outcome="not_ok",since="actual",quantile="0.9"} 0.00007
    ,outcome="not_ok",since="actual",quantile="0.95"} 0.00007
    ,outcome="not_ok",since="actual",quantile="0.99"} 0.00007
    ,outcome="not_ok",since="actual",quantile="0.999"} 0.00007
    ,outcome="not_ok",since="actual",quantile="0.9999"} 0.00007
    ,outcome="not_ok",since="actual",quantile="1"} 0.00007
    "#);
    let ghz: serde_json::Value = serde_json::from_str(&told(Format::Ghz)).unwrap();
    assert_eq!(ghz["count"], 2033);
    assert_eq!(ghz["statusCodeDistribution"]["Canceled"], 25);
    assert_eq!(ghz["errorDistribution"]["rpc error: code = Canceled desc = no answer"], 25);
    let page = text_of_page(&unanswered());
    for part in [
        "<div class=\"tile bad\"><b>25</b><span>no answer, the longest for 5.20 s</span></div>",
        "<div class=\"tile bad\"><b>1.62 %</b><span>not OK (33)</span></div>",
        "<div class=\"tile bad\"><b>&gt;1.25 ms</b><span>max</span></div>",
        "25 calls without an answer are left out",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    // Where all had one, nothing is said of it.
    assert!(!text_of_page(&sample(100, true)).contains("no answer"));
}

#[test]
fn a_comparison_is_told_row_by_row() {
    use crate::bench::compare::compare;
    let repeated = |micros: [u64; 4]| Report::in_a_row(&micros.map(|micros| sample(micros, true))).unwrap();
    let (base, new) = (repeated([1000, 1010, 1020, 1030]), repeated([1500, 1510, 1490, 1520]));
    let conditions = ["p50>+10%".parse().unwrap(), "errors>+1%".parse().unwrap()];
    let compared = compare(&base, &new, &conditions);
    let sides = [("old.json", &base), ("new.json", &new)];
    insta::assert_snapshot!(text(|out| comparison(out, sides, &compared, Paint::Plain)), @"
    base  old.json  hello.HelloService/SayHello at localhost:50051, 4 runs from 2023-11-14T22:13:20.000Z
    new   new.json  hello.HelloService/SayHello at localhost:50051, 4 runs from 2023-11-14T22:13:20.000Z

                     base                            new                          change
    rate          1,003/s (1,003/s – 1,003/s)    1,003/s (1,003/s – 1,003/s)        +0 %   same
    errors         0.40 % (0.40 % – 0.40 %)       0.40 % (0.40 % – 0.40 %)     +0 points   same
    dropped           0 % (0 % – 0 %)                0 % (0 % – 0 %)           +0 points   same
    mean          2.07 ms (2.05 ms – 2.09 ms)    2.81 ms (2.78 ms – 2.83 ms)     +35.5 %   worse (by chance: 2.86 %)
    p50           2.06 ms (2.05 ms – 2.08 ms)    2.55 ms (2.54 ms – 2.57 ms)     +23.8 %   worse (by chance: 2.86 %)
    p90           2.88 ms (2.85 ms – 2.91 ms)    3.86 ms (3.83 ms – 3.89 ms)     +34.1 %   worse (by chance: 2.86 %)
    p95           2.98 ms (2.95 ms – 3.01 ms)    3.96 ms (3.93 ms – 3.99 ms)     +32.9 %   worse (by chance: 2.86 %)
    p99           3.06 ms (3.03 ms – 3.09 ms)    4.04 ms (4.01 ms – 4.07 ms)     +32.1 %   worse (by chance: 2.86 %)
    p99.9        ~3.08 ms (3.05 ms – 3.11 ms)   ~4.06 ms (4.03 ms – 4.09 ms)     +31.8 %   worse (by chance: 2.86 %)
    p99.99       ~3.08 ms (3.05 ms – 3.11 ms)   ~4.06 ms (4.03 ms – 4.09 ms)     +31.8 %   worse (by chance: 2.86 %)
    max           3.08 ms (3.05 ms – 3.11 ms)    4.06 ms (4.03 ms – 4.09 ms)     +31.8 %   worse (by chance: 2.86 %)
    actual.p99    3.01 ms (2.98 ms – 3.04 ms)    3.99 ms (3.96 ms – 4.02 ms)     +32.5 %   worse (by chance: 2.86 %)
    ~ fewer than 10 samples of a run are beyond it

    check p50>+10% failed: p50 went from 2.06 ms to 2.55 ms, +23.8 %, which is no noise: repeats of one thing are so far apart 1.43 % of the time
    check errors>+1% passed: errors went from 0.40 % to 0.40 %, +0 points
    ");
    let (base, new) = (sample(100, false), sample(200, false));
    let compared = compare(&base, &new, &[]);
    let sides = [("old.json", &base), ("new.json", &new)];
    insta::assert_snapshot!(text(|out| comparison(out, sides, &compared, Paint::Plain)), @"
    base  old.json  hello.HelloService/SayHello at localhost:50051, 1 run from 2023-11-14T22:13:20.000Z
    new   new.json  hello.HelloService/SayHello at localhost:50051, 1 run from 2023-11-14T22:13:20.000Z

                  base         new       change
    rate       1,003/s     1,003/s         +0 %   same
    errors      0.40 %      0.40 %    +0 points   same
    dropped        0 %         0 %    +0 points   same
    mean        650 µs      800 µs      +23.1 %
    p50         649 µs      799 µs      +23.1 %
    p90        1.05 ms     1.20 ms      +14.2 %
    p95        1.10 ms     1.30 ms      +18.2 %
    p99        1.18 ms     1.38 ms      +16.9 %
    p99.9     ~1.20 ms    ~1.40 ms      +16.8 %
    p99.99    ~1.20 ms    ~1.40 ms      +16.7 %
    max        1.20 ms     1.40 ms      +16.7 %
    ~ fewer than 10 samples of a run are beyond it
    noise is not known: it takes 4 runs on either side (--repeat 5) to tell a change from it
    ");
}
