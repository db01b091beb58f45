//! Reports of load and conditions on them, as files and people have them: what is read is written and read again, added
//! to itself, compared and printed in every form.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rpcctl::bench::compare::compare;
use rpcctl::bench::condition::{Seen, parse};
use rpcctl::bench::report::Report;
use rpcctl::output::bench::{Format, page, report as print};
use rpcctl::output::color::Paint;

fuzz_target!(|input: &[u8]| {
    let conditions = ["p99>+10%", "p12.5<1ms", "errors>0.1%"].map(|text| parse(text).unwrap());
    if let Ok(text) = std::str::from_utf8(input) {
        match parse(text) {
            Ok(condition) => assert_eq!(parse(&condition.text).ok(), Some(condition)),
            Err(wrong) => assert!(wrong.to_string().ends_with('^')),
        }
    }
    let Ok(report) = Report::read(input) else { return };
    let json = serde_json::to_vec(&report).unwrap();
    assert!(Report::read(&json).is_ok());
    let _ = Report::together(&[report.clone(), report.clone()]);
    let _ = Report::in_a_row(&[report.clone(), report.clone()]);
    let _ = compare(&report, &report, &conditions);
    let seen = Seen::report(&report);
    for condition in &conditions {
        let _ = condition.look(&seen);
    }
    let mut out = Vec::new();
    for format in [
        Format::Summary(Paint::Colored),
        Format::Json(Paint::Plain),
        Format::JsonLine,
        Format::Csv,
        Format::Prometheus,
        Format::Ghz,
    ] {
        print(&mut out, &report, format).unwrap();
    }
    page(&mut out, &report).unwrap();
});
