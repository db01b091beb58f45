//! A report as a page: one file that needs no network and runs no script. What came from elsewhere is text in it, whatever
//! it looks like.

mod chart;
mod charts;
mod parts;

use std::fmt;
use std::io::{self, Write};

use super::super::sanitize;
use crate::bench::report::{Limit, Report};

const STYLE: &str = include_str!("style.css");
/// Nothing is loaded from anywhere, and nothing runs: whatever a server may have written into its names.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// Text as it stands in HTML, between tags or in quotes.
struct Escaped<'t>(&'t str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        sanitize::multiline(self.0).chars().try_for_each(|c| match c {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            c => write!(f, "{c}"),
        })
    }
}

/// Prints a report as a page.
pub fn page(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let about = &report.about;
    let (method, target) = (Escaped(&about.method), Escaped(&about.target));
    writeln!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"generator\" content=\"rpcctl {}\">\n\
         <title>{method}: load</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>",
        Escaped(&about.rpcctl)
    )?;
    writeln!(out, "<h1>{method}</h1>\n<p class=\"sub\">at {target}</p>")?;
    verdict(out, report)?;
    parts::tiles(out, report)?;
    for note in report.caveat.iter().chain(&report.remarks) {
        writeln!(out, "<p class=\"note\">{}</p>", Escaped(note))?;
    }
    parts::checks(out, &report.checks)?;
    charts::all(out, report)?;
    parts::tables(out, report)?;
    writeln!(out, "</main>\n</body>\n</html>")
}

fn verdict(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    let class = match report.verdict.limit {
        Limit::Generator => "bad",
        Limit::Unknown => "warn",
        Limit::Server | Limit::Load => "good",
    };
    let hint = report.verdict.hint.as_deref().map(|hint| format!(" <span>{}</span>", Escaped(hint)));
    let text = Escaped(&report.verdict.text);
    writeln!(out, "<p class=\"verdict {class}\"><b>Verdict</b> {text}{}</p>", hint.unwrap_or_default())
}

#[cfg(test)]
mod tests;
