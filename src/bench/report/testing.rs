//! Reports to print and to compare.

use std::time::{Duration, SystemTime};

use super::{About, LoopModel, Offered, Report};
use crate::bench::load::Sending;
use crate::bench::record::{Fault, Outcome, Tally};
use crate::bench::run::{Effort, Ended, Interval, Links, Run, Standing};
use crate::http2::ErrorCode;
use crate::session::Code;

/// What was called.
pub(crate) fn about() -> About {
    About {
        target: "localhost:50051".to_owned(),
        method: "hello.HelloService/SayHello".to_owned(),
        protocol: "grpc".to_owned(),
        engine: "frames".to_owned(),
        load: "open loop: 1,000/s for 2 s".to_owned(),
        connections: 2,
        streams: 50,
        places: None,
        at_a_time: None,
        threads: 1,
        calls: None,
        duration_ns: Some(2_000_000_000),
        timeout_ns: None,
        messages: Sending::AtOnce,
        seed: None,
        rpcctl: "0.1.0".to_owned(),
        host: Some("box".to_owned()),
        os: Some("Linux 6.1".to_owned()),
        cpus: Some(4),
    }
}

/// A second of calls: a thousand, one a millisecond, each of which takes so many microseconds and a little more than the
/// one before.
pub(crate) fn second(at: u64, micros: u64, open: bool) -> Interval {
    let mut tally = Tally::default();
    for n in 0..1000 {
        let actual = (micros + n) * 1_000;
        tally.ended(Outcome::Status(Code::OK), open.then_some(actual + 50_000), actual);
    }
    for _ in 0..3 {
        tally.ended(Outcome::Status(Code::UNAVAILABLE), open.then_some(80_000), 70_000);
    }
    tally.ended(Outcome::Fault(Fault::Reset(ErrorCode::REFUSED_STREAM)), open.then_some(90_000), 60_000);
    (tally.issued, tally.worst_lag) = (1004, 120_000);
    (tally.bytes_sent, tally.bytes_received) = (40_000, 60_000);
    (tally.messages_sent, tally.messages_received) = (1004, 1000);
    tally.due = open.then_some(1004);
    let (at, length) = (Duration::from_secs(at), Duration::from_secs(1));
    Interval { at, length, tally, standing: Standing::default(), is_warm_up: false }
}

/// A run of two seconds, in which calls take at least so many microseconds.
pub(crate) fn run(micros: u64, open: bool) -> Run {
    let seconds = [second(0, micros, open), second(1, micros * 2, open)];
    let mut tally = Tally::default();
    for second in &seconds {
        tally.add(second.tally.clone());
    }
    Run {
        began: SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000),
        measured: Duration::from_secs(2),
        due_for: open.then_some(Duration::from_secs(2)),
        warmup: (100, Duration::from_millis(500)),
        numbers: 0,
        tally,
        intervals: seconds.map(Into::into).into(),
        in_flight: 0,
        longest_wait: None,
        links: Links {
            opened: 2,
            further_calls: 2006,
            connecting: Duration::from_micros(300),
            settling: Duration::from_micros(200),
            max_concurrent_streams: Some(100),
            ..Links::default()
        },
        effort: Effort {
            process: Some(Duration::from_millis(100)),
            threads: vec![(Some(Duration::from_millis(90)), Duration::from_secs(2))],
        },
        ended: Ended::Duration,
    }
}

/// Its report.
pub(crate) fn report(micros: u64, open: bool) -> Report {
    let model = if open { LoopModel::OpenUniform } else { LoopModel::Closed };
    Report::of(run(micros, open), about(), Offered { model, rate: open.then_some(1000.0) })
}
