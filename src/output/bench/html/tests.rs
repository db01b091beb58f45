use super::*;
use crate::bench::report::Check;
use crate::bench::report::testing::report as sample;
use crate::output::testing::text;

fn of(report: &Report) -> String {
    text(|out| page(out, report))
}

#[test]
fn what_came_from_elsewhere_is_text_in_the_page() {
    let mut hostile = sample(100, true);
    let script = "<script>alert('1')</script>\u{202e}&\"";
    hostile.about.method = script.to_owned();
    hostile.about.target = script.to_owned();
    hostile.connections.failed = 1;
    hostile.connections.failed_why = Some(script.to_owned());
    hostile.transport_errors.insert(script.to_owned(), 1);
    hostile.transport_messages.insert(script.to_owned(), script.to_owned());
    hostile.status_messages.insert("UNAVAILABLE".to_owned(), script.to_owned());
    hostile.checks =
        vec![Check { condition: script.to_owned(), passed: false, found: script.to_owned(), too_few: false }];
    let html = of(&hostile);
    assert!(!html.contains("<script") && !html.contains('\u{202e}'), "{html}");
    assert!(html.contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;\\u202e&amp;&quot;"));
    assert!(
        !html.contains("http:") && !html.contains("https:") && !html.contains("url("),
        "it needs no network"
    );
    let open = html.matches("<section>").count();
    assert_eq!((open, html.matches("<svg ").count()), (html.matches("</section>").count(), 3));
}

#[test]
fn runs_and_what_the_server_said_are_on_the_page() {
    let one = sample(100, true);
    let mut report = crate::bench::report::Report::in_a_row(&[one.clone(), one]).unwrap();
    report.status_messages.insert("UNAVAILABLE".to_owned(), "come back later".to_owned());
    report.transport_messages.insert("reset REFUSED_STREAM".to_owned(), "no room".to_owned());
    let html = of(&report);
    let (_, runs) = html.split_once("<h2>Runs</h2>").unwrap();
    assert_eq!(runs.split_once("</table>").unwrap().0.matches("<tr>").count(), 3, "{html}");
    assert!(html.contains("<td class=\"text\">come back later</td>"), "{html}");
    assert!(html.contains("<td class=\"text\">no room</td>"), "{html}");
}

#[test]
fn a_peak_is_seen_however_long_the_run_was() {
    let mut long = sample(100, true);
    let plain = long.intervals[0].clone();
    long.intervals = (0..3000)
        .map(|at| {
            let mut interval = plain.clone();
            interval.at_ns = at * 1_000_000_000;
            if let Some(times) = &mut interval.latency_intended.times {
                times.max = if at == 1234 { 5_000_000_000 } else { 2_000_000 };
            }
            if at == 777 {
                interval.codes.clear();
            }
            interval
        })
        .collect();
    let html = of(&long);
    let heights = |chart: usize, class: &str| {
        let chart = html.split("<svg ").nth(chart).unwrap();
        let (_, path) = chart.split_once(&format!("<path class=\"{class}\" d=\"")).unwrap();
        let path = path.split_once('"').unwrap().0;
        let points = path.split(['M', 'L']).filter_map(|point| point.split(' ').nth(1));
        points.map(|height| height.parse().unwrap()).collect::<Vec<f64>>()
    };
    // Up is less, and the usual is what most are.
    let of_max = heights(1, "d");
    assert!(of_max.len() <= 500, "{}", of_max.len());
    assert_eq!(of_max.iter().filter(|height| **height < of_max[0]).count(), 1);
    let of_ok = heights(2, "a");
    assert_eq!(of_ok.iter().filter(|height| **height > of_ok[0]).count(), 1);
}

#[test]
fn a_page_of_nothing_is_a_page() {
    let mut empty = sample(100, false);
    empty.intervals.clear();
    empty.latency_intended = crate::bench::report::Distribution::default();
    empty.latency_actual = empty.latency_intended.clone();
    empty.failed_latency_intended = empty.latency_intended.clone();
    empty.failed_latency_actual = empty.latency_intended.clone();
    let html = of(&empty);
    assert!(html.ends_with("</html>\n") && !html.contains("<svg") && !html.contains("NaN"), "{html}");
}

#[test]
fn a_line_is_broken_where_there_is_nothing_to_draw() {
    let mut stalled = sample(100, true);
    let second = |at: u64, empty: bool| {
        let mut interval = stalled.intervals[0].clone();
        interval.at_ns = at * 1_000_000_000;
        if empty {
            interval.codes.clear();
            (interval.answered, interval.waiting, interval.issued) = (0, 900, 100);
            (interval.latency_intended, interval.latency_actual) = Default::default();
        }
        interval
    };
    let intervals =
        [(0, false), (1, false), (2, true), (3, true), (4, false), (5, true), (6, false), (7, false)];
    stalled.intervals = intervals.map(|(at, empty)| second(at, empty)).into();
    let html = of(&stalled);
    let latency = html.split("<svg ").nth(1).unwrap();
    let path = |class: &str| {
        let (_, path) = latency.split_once(&format!("<path class=\"{class}\" d=\"")).unwrap();
        path.split_once('"').unwrap().0.to_owned()
    };
    let p50 = path("a");
    assert_eq!((p50.matches('M').count(), p50.matches('L').count()), (3, 2), "{p50}");
    // What stands alone is a dot, which is seen.
    assert_eq!(latency.matches("class=\"a alone\"").count(), 1);
    // What was due is drawn as it was, whenever it was sent.
    let throughput = html.split("<svg ").nth(2).unwrap();
    let (_, due) = throughput.split_once("<path class=\"d\" d=\"").unwrap();
    let due = due.split_once('"').unwrap().0;
    let heights: std::collections::BTreeSet<&str> =
        due.split(['M', 'L']).filter_map(|point| point.split(' ').nth(1)).collect();
    assert_eq!((due.matches('L').count(), heights.len()), (7, 1), "{due}");
    assert!(html.contains("</i>due</span>"));
    stalled.intervals.iter_mut().for_each(|interval| interval.due = None);
    assert!(of(&stalled).contains("</i>sent or dropped</span>"));
}
