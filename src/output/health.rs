//! How services are, a line each, for reading and for programs.

use std::io::{self, Write};

use serde::Serialize;

use anstyle::Style;

use super::color::{ERROR, Paint, STRING};
use super::sanitize;
use crate::session::ServingStatus;

/// How a service is, as it is printed.
#[derive(Debug, Serialize)]
struct Row<'r> {
    service: &'r str,
    status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
}

/// Why it is not known how a service is, as it is printed.
#[derive(Debug, Serialize)]
struct Failed<'r> {
    service: &'r str,
    error: &'r str,
}

/// How lines are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// The name and the status; the status alone where the server as a whole is the one that is asked about.
    Text(Paint),
    /// An object a line.
    Json,
}

/// Prints how services are.
pub fn rows(
    out: &mut dyn Write,
    rows: &[(String, ServingStatus)],
    look: Look,
    at: Option<&str>,
) -> io::Result<()> {
    for (service, status) in rows {
        match look {
            Look::Text(paint) => {
                let before = match (at, service.as_str()) {
                    (None, "") => String::new(),
                    (None, name) => format!("{}: ", sanitize::line(name)),
                    (Some(at), "") => format!("{at} "),
                    (Some(at), name) => format!("{at} {}: ", sanitize::line(name)),
                };
                let status = sanitize::line(&status.to_string()).to_string();
                writeln!(out, "{before}{}", paint.text(style(&status), status.as_str()))?;
            }
            Look::Json => {
                let row = Row { service, status: status.to_string(), at: at.map(str::to_owned) };
                serde_json::to_writer(&mut *out, &row)?;
                writeln!(out)?;
            }
        }
    }
    Ok(())
}

/// Prints why it is not known how a service is, as JSON.
pub fn failure(out: &mut dyn Write, service: &str, error: &str) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &Failed { service, error })?;
    writeln!(out)
}

fn style(status: &str) -> Style {
    if status == "SERVING" { STRING } else { ERROR }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(look: Look, at: Option<&str>) -> String {
        let all =
            [(String::new(), ServingStatus::Serving), ("a.B\x1b".to_owned(), ServingStatus::NotServing)];
        let mut out = Vec::new();
        rows(&mut out, &all, look, at).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn services_have_a_line_each() {
        assert_eq!(printed(Look::Text(Paint::Plain), None), "SERVING\na.B\\u001b: NOT_SERVING\n");
        assert_eq!(
            printed(Look::Text(Paint::Plain), Some("12:00:00Z")).lines().next(),
            Some("12:00:00Z SERVING")
        );
        assert_eq!(
            printed(Look::Json, None),
            "{\"service\":\"\",\"status\":\"SERVING\"}\n{\"service\":\"a.B\\u001b\",\"status\":\"NOT_SERVING\"}\n"
        );
    }
}
