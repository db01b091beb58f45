use clap::{Arg, Args as _};

use super::*;
use crate::args::{CallHeaders, LoadArgs, SchemaArgs, TargetArgs};

fn command() -> Command {
    let bench =
        CallHeaders::augment_args(SchemaArgs::augment_args(TargetArgs::augment_args(Command::new(BENCH))));
    let bench = LoadArgs::augment_args(bench)
        .arg(Arg::new("words").num_args(0..))
        .arg(Arg::new("data").short('d').long("data").action(clap::ArgAction::Append))
        .arg(Arg::new("input").short('i').long("input"))
        .arg(Arg::new("output").short('o').long("output"))
        .arg(Arg::new("html").long("html"));
    Command::new("rpcctl").subcommand(bench)
}

fn told(line: &[&str]) -> Option<HabitError> {
    let words: Vec<OsString> = ["rpcctl"].iter().chain(line).map(OsString::from).collect();
    let habit = ghz(&command(), &words);
    assert!(habit.is_none() || may_be_ghz(&words));
    habit
}

fn line(typed: &str) -> String {
    let words: Vec<&str> = typed.split(' ').collect();
    told(&words).and_then(|habit| habit.line).unwrap_or_default()
}

#[test]
fn each_flag_has_its_counterpart() {
    for (theirs, ours) in [
        ("ghz --insecure --call a.B.C -d {} :1", "rpcctl bench :1 a.B.C --plaintext -d '{}' -n 200"),
        (
            "bench --insecure --call=a.B/C -c 50 -n 2000 h:1",
            "rpcctl bench h:1 a.B/C --plaintext -m 50 -n 2000",
        ),
        (
            "bench :1 --call a.B/C --insecure -c50 --connections 20 -z10s -n 5",
            "rpcctl bench :1 a.B/C --plaintext -c 20 -m 3 --duration 10s",
        ),
        ("bench :1 a.B/C --insecure -x 10s -n 5", "rpcctl bench :1 a.B/C --plaintext --duration 10s -n 5"),
        ("bench a.B/C --skipTLS --rps 100 :1", "rpcctl bench :1 a.B/C --insecure --rate 100"),
        ("bench :1 --call M -z 1m", "rpcctl bench :1 M --tls --duration 1m"),
        ("bench :1 M -z 1m", "rpcctl bench :1 M --duration 1m"),
        ("bench ghz --insecure --call M :1", "rpcctl bench :1 M --plaintext -n 200"),
        ("bench h:1 --call M -O html -o r.html", "rpcctl bench h:1 M --html r.html -n 200"),
        ("bench h:1 --call M --concurrency 5", "rpcctl bench h:1 M -m 5 -n 200"),
        (
            "bench h:1 --call M -D f.json -i a,b --proto p",
            "rpcctl bench h:1 M -d @f.json -I a -I b --proto p -n 200",
        ),
        ("bench h:1 --call M -m {\"a\":\"b\",\"n\":1}", "rpcctl bench h:1 M -H 'a: b' -H 'n: 1' -n 200"),
        (
            "bench h:1 M -m {\"authorization\":\"x\"}",
            r#"rpcctl bench h:1 M -H "authorization: $AUTHORIZATION""#,
        ),
        (
            "bench h:1 --call M -t 5s --cname n --keepalive 3s",
            "rpcctl bench h:1 M --timeout 5s --server-name n --keepalive-time 3s -n 200",
        ),
        ("bench h:1 --call M -O json -o out.json", "rpcctl bench h:1 M -o ghz-json -n 200 > out.json"),
        ("bench h:1 --call M --duration-stop wait --count-errors --name x", "rpcctl bench h:1 M -n 200"),
        (
            "bench h:1 --call M --duration-stop=close -O html",
            "rpcctl bench h:1 M --drain 0s --html report.html -n 200",
        ),
        (
            "bench h:1 --call M --disable-template-functions --disable-template-data",
            "rpcctl bench h:1 M --disable-templates -n 200",
        ),
        (
            "bench h:1 --call M --load-schedule line --load-start 10 --load-step 10 --load-end 100",
            "rpcctl bench h:1 M -n 200 --ramp 10:100:9s",
        ),
        (
            "bench h:1 --call M --load-schedule=step --load-start=5 --load-step=5 --load-end=15 --load-step-duration=2s",
            "rpcctl bench h:1 M -n 200 --steps 5:2s,10:2s,15:2s",
        ),
        (
            "bench h:1 --call M --bearer secret --warmup 2s",
            r#"rpcctl bench h:1 M --bearer "$TOKEN" --warmup 2s -n 200"#,
        ),
        ("ghz --insecure --connections 20 --call M :1", "rpcctl bench :1 M --plaintext -c 20 -m 3 -n 200"),
        ("bench h:1 --call M -x 5s", "rpcctl bench h:1 M --duration 5s -n 200"),
        ("bench h:1 --call M -z 0 -r 0 -n 10", "rpcctl bench h:1 M -n 10"),
        ("bench h:1 M --rps 50", "rpcctl bench h:1 M --rate 50"),
        ("bench h:1 --call M --async -r 50 -n 10", "rpcctl bench h:1 M --rate 50 -n 10"),
        (
            "bench h:1 --call M --async --load-schedule line --load-start 1 --load-step 1 --load-end 9",
            "rpcctl bench h:1 M -n 200 --ramp 1:9:8s",
        ),
        (
            "bench h:1 --call M --skipFirst 100 -n 1000 -r 40",
            "rpcctl bench h:1 M --rate 40 --warmup 2s500ms -n 900",
        ),
        ("bench h:1 --call M --skipFirst=100 -n 1000", "rpcctl bench h:1 M --warmup 1s -n 1000"),
        ("bench h:1 --call M --skipFirst 0 -z 5s", "rpcctl bench h:1 M --duration 5s"),
        ("bench h:1 --call M -B f.bin -n 5", "rpcctl bench h:1 M -i binary -d @f.bin -n 5"),
        ("bench h:1 --call M --binary -n 5", "rpcctl bench h:1 M -i binary -d @ -n 5"),
    ] {
        assert_eq!(line(theirs), ours, "{theirs}");
    }
    let habit = told(&["bench", "h:1", "--call", "M", "-d", r#"{"a": "b c"}"#]).unwrap();
    assert_eq!(habit.line.as_deref(), Some(r#"rpcctl bench h:1 M -d '{"a": "b c"}' -n 200"#));
}

#[test]
fn what_would_be_refused_is_not_given_to_paste() {
    for (theirs, ours) in [
        ("bench h:1 --call M --cpus 4 -n 5", "rpcctl bench h:1 M -n 5"),
        (
            "ghz h:1 --call M --cpus=4 -c 9 --connections 3 -n 5",
            "rpcctl bench h:1 M -c 3 -m 3 --threads 3 -n 5",
        ),
        ("bench h:1 --call M -t 0 -n 5", "rpcctl bench h:1 M --timeout 24h -n 5"),
        ("bench h:1 --call M --skip-first=2 -n 10", "rpcctl bench h:1 M --warmup 1s -n 10"),
        ("ghz -insecure -call=a.B.C -c 5 -n 10 :1", "rpcctl bench :1 a.B.C --plaintext -m 5 -n 10"),
    ] {
        assert_eq!(line(theirs), ours, "{theirs}");
    }
}

/// `ghz --help` of 0.121.0, its own --help and --version aside, which are the same here.
const ALL: &str = "config proto protoset call import-paths cacert cert key cname skipTLS insecure authority async rps \
    load-schedule load-start load-step load-end load-step-duration load-max-duration concurrency concurrency-schedule \
    concurrency-start concurrency-end concurrency-step concurrency-step-duration concurrency-max-duration total timeout \
    duration max-duration duration-stop data data-file binary binary-file metadata metadata-file stream-interval \
    stream-call-duration stream-call-count stream-dynamic-messages reflect-metadata output format skipFirst count-errors \
    connections connect-timeout keepalive name tags cpus debug enable-compression lb-strategy max-recv-message-size \
    max-send-message-size disable-template-functions disable-template-data";

#[test]
fn no_flag_is_without_an_answer() {
    for name in ALL.split_whitespace() {
        assert!(known(&format!("--{name}")).is_some(), "{name}");
    }
}

#[test]
fn what_it_says_names_the_flag() {
    let said =
        |typed: &str| told(&typed.split(' ').collect::<Vec<_>>()).map(|habit| habit.to_string()).unwrap();
    assert_eq!(said("bench :1 M -z 5s"), "-z is ghz's: rpcctl bench has --duration for it");
    assert_eq!(
        said("bench :1 M -c 50 --rps 5"),
        "--rps is ghz's: rpcctl bench has --rate for it, and ghz's -c, calls at a time, is -m here"
    );
    assert_eq!(said("ghz :1 M"), "rpcctl bench stands in the place of ghz");
    // One whose line can't be written is told what says it here all the same.
    assert_eq!(said("bench -z 5s"), "-z is ghz's: rpcctl bench has --duration for it");
    assert_eq!(said("bench :1 M --name x"), "--name is ghz's: rpcctl bench does without");
    assert_eq!(
        said("bench :1 M --skipFirst 5"),
        "--skipFirst is ghz's: rpcctl bench has --warmup for it, and ghz's --skipFirst, a number of calls, is --warmup here, a time"
    );
    assert_eq!(
        said("bench :1 M -z 5s --stream-interval 5ms"),
        "--stream-interval has no counterpart: --ping-pong sends each message when the one before is answered"
    );
    assert_eq!(
        said("bench h:1 --call M -c 50 --connections 20"),
        "--call is ghz's: rpcctl bench has the method as a word for it, and ghz's -c, calls at a time, is -m here, \
         and 50 calls at a time on 20 connections are 3 on each, 60 in all"
    );
    assert_eq!(
        said("bench h:1 --call M --cpus 4"),
        "--call is ghz's: rpcctl bench has the method as a word for it, and for 4 threads there have to be as many \
         connections"
    );
    assert_eq!(
        said("bench :1 M -O influx-summary"),
        "-O influx-summary has no counterpart: -o prometheus and -o csv are what dashboards take"
    );
    assert_eq!(
        said("bench :1 M --async"),
        "--async has no counterpart: calls that wait for no others have a rate here, such as --rate 1000"
    );
    for without in [
        "bench -z 5s",
        "bench :1 M -O influx-summary",
        "bench :1 M -z soon",
        "bench :1 M -m {x -z 5s",
        "bench :1 M -c many -z 5s",
        "bench :1 M --async",
        "bench h:1 --call M --skipFirst 300 -r 5",
        "bench h:1 --call M --skipFirst some -z 5s",
    ] {
        assert_eq!(line(without), "", "{without}");
    }
}

#[test]
fn a_line_that_is_benchs_own_is_left_alone() {
    for line in [
        "bench :1 M -c 50 -m 20 -n 10k --duration 5s --rate 5 --insecure",
        "bench :1 M --total 5 -d -z",
        "bench :1 M -- -z",
        "call bench -z",
        "bench :1 M --timeout 5s --connections 3",
    ] {
        assert_eq!(told(&line.split(' ').collect::<Vec<_>>()), None, "{line}");
    }
}
