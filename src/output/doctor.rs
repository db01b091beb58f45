//! What an examination of a server found, step by step, for reading and for programs.
//!
//! The JSON form is stable: members may be added, none is renamed or removed.

use std::io::{self, Write};
use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};

use super::color::{ERROR, FAINT, HINT, Paint, STRING, TITLE};
use super::{sanitize, write_json};

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What it is called, for programs too.
    pub name: &'static str,
    /// How it went.
    pub outcome: Outcome,
    /// How long it took; nothing where there was nothing to look at.
    pub took: Option<Duration>,
    /// What was found, in a line.
    pub detail: String,
    /// What led to that, each because of the next.
    pub causes: Vec<String>,
    /// What mends it.
    pub fix: Option<Fix>,
    /// What was found, for programs.
    pub facts: Map<String, Value>,
}

/// How a step went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// As it should.
    Passed,
    /// Not so that a call can work.
    Failed,
    /// It was not looked at, or does not matter here.
    Skipped,
}

/// What mends a step that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// In words.
    pub say: String,
    /// The command that has it, to be pasted.
    pub command: Option<String>,
}

impl Step {
    /// A step that went as it should.
    pub fn passed(name: &'static str, took: Duration, detail: impl Into<String>) -> Self {
        Self { took: Some(took), ..Self::new(name, Outcome::Passed, detail) }
    }

    /// A step that did not.
    pub fn failed(name: &'static str, took: Duration, detail: impl Into<String>) -> Self {
        Self { took: Some(took), ..Self::new(name, Outcome::Failed, detail) }
    }

    /// A step that does not count, with the reason.
    pub fn skipped(name: &'static str, why: impl Into<String>) -> Self {
        Self::new(name, Outcome::Skipped, why)
    }

    fn new(name: &'static str, outcome: Outcome, detail: impl Into<String>) -> Self {
        Self {
            name,
            outcome,
            took: None,
            detail: detail.into(),
            causes: Vec::new(),
            fix: None,
            facts: Map::new(),
        }
    }

    /// With what mends it.
    #[must_use]
    pub fn fix(self, fix: impl Into<Option<Fix>>) -> Self {
        Self { fix: fix.into(), ..self }
    }

    /// With something for programs.
    #[must_use]
    pub fn fact(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.facts.insert(name.to_owned(), value.into());
        self
    }
}

impl Outcome {
    fn sign(self) -> char {
        match self {
            Self::Passed => '✓',
            Self::Failed => '✗',
            Self::Skipped => '–',
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// The longest name of a step.
const NAME: usize = 10;
/// What stands before what is told of a step besides.
const MARGIN: &str = "             ";

/// One step: a line, and lines for what led to it and what mends it.
pub fn step(out: &mut dyn Write, step: &Step, paint: Paint) -> io::Result<()> {
    let style = match step.outcome {
        Outcome::Passed => STRING,
        Outcome::Failed => ERROR,
        Outcome::Skipped => FAINT,
    };
    let (sign, name) = (paint.text(style, step.outcome.sign()), format!("{:NAME$}", step.name));
    let detail = sanitize::brief(&step.detail);
    write!(out, "{sign} {} ", paint.text(TITLE, name))?;
    match (step.outcome, step.took) {
        (Outcome::Skipped, _) => write!(out, "{}", paint.text(FAINT, detail))?,
        (_, Some(took)) => write!(out, "{detail} ({:.1} ms)", took.as_secs_f64() * 1000.0)?,
        (_, None) => write!(out, "{detail}")?,
    }
    writeln!(out)?;
    for cause in &step.causes {
        writeln!(out, "{MARGIN}caused by: {}", sanitize::brief(cause))?;
    }
    if let Some(Fix { say, command }) = &step.fix {
        let command = command.as_ref().map(|command| format!(": {command}")).unwrap_or_default();
        let text = sanitize::line(&format!("{say}{command}")).into_owned();
        writeln!(out, "{MARGIN}{} {text}", paint.text(HINT, "fix:"))?;
    }
    Ok(())
}

/// Steps that were not looked at, all for one reason.
pub fn skipped(out: &mut dyn Write, names: &[&str], why: &str, paint: Paint) -> io::Result<()> {
    let text = format!("– {}: {why}", names.join(", "));
    writeln!(out, "{}", paint.text(FAINT, text))
}

/// The last line: whether a call can work.
pub fn verdict(out: &mut dyn Write, steps: &[Step], paint: Paint) -> io::Result<()> {
    let failed: Vec<&str> =
        steps.iter().filter(|step| step.outcome == Outcome::Failed).map(|step| step.name).collect();
    match failed.as_slice() {
        [] => writeln!(out, "{}", paint.text(STRING, "calls can work")),
        failed => {
            writeln!(out, "{}", paint.text(ERROR, format!("calls can't work: {}", failed.join(", "))))
        }
    }
}

/// Whether a call can work, by what was found.
pub fn works(steps: &[Step]) -> bool {
    steps.iter().all(|step| step.outcome != Outcome::Failed)
}

/// `{"target", "service"?, "works", "complete", "steps": [{"name", "outcome", "took_ms"?, "detail", "causes"?, "fix"?,
/// "facts"?}]}`, as docs/doctor.md has it.
pub fn json(
    out: &mut dyn Write,
    (target, service): (&str, Option<&str>),
    complete: bool,
    steps: &[Step],
    paint: Paint,
) -> io::Result<()> {
    let works = complete && works(steps);
    let steps = steps.iter().map(Entry::of).collect();
    write_json(out, &Document { target, service, works, complete, steps }, paint)
}

#[derive(Serialize)]
struct Document<'a> {
    target: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<&'a str>,
    works: bool,
    complete: bool,
    steps: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Entry<'a> {
    name: &'static str,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    took_ms: Option<f64>,
    detail: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    causes: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<Mend<'a>>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    facts: &'a Map<String, Value>,
}

#[derive(Serialize)]
struct Mend<'a> {
    say: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<&'a str>,
}

impl<'a> Entry<'a> {
    fn of(step: &'a Step) -> Self {
        let fix = step.fix.as_ref();
        Self {
            name: step.name,
            outcome: step.outcome.word(),
            took_ms: step.took.map(milliseconds),
            detail: &step.detail,
            causes: &step.causes,
            fix: fix.map(|fix| Mend { say: &fix.say, command: fix.command.as_deref() }),
            facts: &step.facts,
        }
    }
}

/// Milliseconds, to a thousandth.
pub fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1_000_000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::testing::text;

    fn failed() -> Step {
        let fix =
            Fix { say: "trust it".to_owned(), command: Some("rpcctl doctor h:1 --cacert FILE".to_owned()) };
        let step = Step::failed("tls", Duration::from_micros(2_340), "no\u{1b}[2J").fix(Some(fix));
        Step { causes: vec!["it is self-signed".to_owned()], ..step.fact("n", 1) }
    }

    #[test]
    fn a_step_has_its_cause_and_its_fix() {
        let told = text(|out| step(out, &failed(), Paint::Plain));
        assert_eq!(
            told,
            "✗ tls        no\\u001b[2J (2.3 ms)\n             caused by: it is self-signed\n             \
             fix: trust it: rpcctl doctor h:1 --cacert FILE\n"
        );
        let skipped = Step::skipped("proxy", "there is none");
        assert_eq!(text(|out| step(out, &skipped, Paint::Plain)), "– proxy      there is none\n");
    }

    #[test]
    fn what_failed_decides() {
        let good = [Step::skipped("proxy", "none"), Step::passed("tcp", Duration::ZERO, "up")];
        assert!(works(&good));
        assert_eq!(text(|out| verdict(out, &good, Paint::Plain)), "calls can work\n");
        let bad = [good[0].clone(), failed()];
        assert!(!works(&bad));
        assert_eq!(text(|out| verdict(out, &bad, Paint::Plain)), "calls can't work: tls\n");
    }

    #[test]
    fn programs_get_all_of_it() {
        let told = text(|out| json(out, ("h:1", None), true, &[failed()], Paint::Plain));
        let told: Value = serde_json::from_str(&told).unwrap();
        let step = &told["steps"][0];
        assert_eq!(told["works"], false);
        assert_eq!((&step["outcome"], &step["took_ms"]), (&"failed".into(), &2.34.into()));
        assert_eq!(step["fix"]["command"], "rpcctl doctor h:1 --cacert FILE");
        assert_eq!(step["facts"]["n"], 1);
        assert_eq!(told.get("service"), None);
    }
}
