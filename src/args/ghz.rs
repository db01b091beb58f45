//! Lines as ghz takes them, which `bench` stands in for: its flags have other names there, and some of the same names
//! mean something else. A line with a flag that is ghz's alone is taken to be ghz's throughout.

use std::ffi::OsString;

use clap::Command;

use super::again::from_variable;
use super::habits::{HabitError, Wrong};
use super::place::{self, Address, looks_like_target};
use super::words::{Attached, flag};
use super::{quoted, retyped};
use crate::transport::is_loopback;

const BENCH: &str = "bench";
const NAME: &str = "ghz";

/// What a flag of ghz's says here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Here {
    /// The method.
    Call,
    /// The same, or another name for it; with a value.
    Value(&'static str),
    /// The same without one.
    Switch(&'static str),
    /// How many calls are under way at a time.
    Workers,
    /// How many connections those are on.
    Connections,
    /// How many calls there are, unless a time says when it ends.
    Total,
    /// A time, which counts alone.
    Time,
    /// Metadata, as JSON, for this flag.
    Metadata(&'static str),
    /// Messages in a file.
    DataFile,
    /// Folders, with commas between them.
    Imports,
    /// A part of a schedule.
    Schedule(Part),
    /// What becomes of calls under way when the time is over.
    Stop,
    /// How the report is written.
    Format,
    /// Where to.
    Output,
    /// What makes no difference here.
    Dropped { value: bool },
    /// Nothing does that.
    Nothing,
}

/// A part of a schedule of rates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Kind,
    Start,
    Step,
    End,
    StepTime,
    Time,
}

/// ghz's flags: their letters, their names, and what they say here.
const FLAGS: &[(Option<char>, &str, Here)] = &[
    (None, "call", Here::Call),
    (None, "proto", Here::Value("--proto")),
    (None, "protoset", Here::Value("--descriptor-set")),
    (Some('i'), "import-paths", Here::Imports),
    (None, "cacert", Here::Value("--cacert")),
    (None, "cert", Here::Value("--cert")),
    (None, "key", Here::Value("--key")),
    (None, "cname", Here::Value("--server-name")),
    (None, "skipTLS", Here::Switch("--insecure")),
    (None, "insecure", Here::Switch("--plaintext")),
    (None, "authority", Here::Value("--authority")),
    (Some('c'), "concurrency", Here::Workers),
    (None, "connections", Here::Connections),
    (Some('n'), "total", Here::Total),
    (Some('r'), "rps", Here::Value("--rate")),
    // As ghz had it before.
    (Some('q'), "qps", Here::Value("--rate")),
    (Some('t'), "timeout", Here::Value("--timeout")),
    (Some('z'), "duration", Here::Time),
    (Some('x'), "max-duration", Here::Value("--duration")),
    (None, "duration-stop", Here::Stop),
    (Some('d'), "data", Here::Value("-d")),
    (Some('D'), "data-file", Here::DataFile),
    (Some('m'), "metadata", Here::Metadata("-H")),
    (None, "reflect-metadata", Here::Metadata("--reflect-header")),
    (Some('e'), "enable-compression", Here::Switch("--compression gzip")),
    (None, "connect-timeout", Here::Value("--connect-timeout")),
    (None, "keepalive", Here::Value("--keepalive-time")),
    (None, "max-recv-message-size", Here::Value("--max-message-size")),
    (None, "load-schedule", Here::Schedule(Part::Kind)),
    (None, "load-start", Here::Schedule(Part::Start)),
    (None, "load-step", Here::Schedule(Part::Step)),
    (None, "load-end", Here::Schedule(Part::End)),
    (None, "load-step-duration", Here::Schedule(Part::StepTime)),
    (None, "load-max-duration", Here::Schedule(Part::Time)),
    (None, "cpus", Here::Value("--threads")),
    (None, "disable-template-functions", Here::Switch("--disable-templates")),
    (None, "disable-template-data", Here::Switch("--disable-templates")),
    (Some('O'), "format", Here::Format),
    (Some('o'), "output", Here::Output),
    // Each call has its own values here, and errors have latencies of their own.
    (None, "stream-dynamic-messages", Here::Dropped { value: false }),
    (None, "count-errors", Here::Dropped { value: false }),
    (None, "max-send-message-size", Here::Dropped { value: true }),
    (None, "name", Here::Dropped { value: true }),
    (None, "tags", Here::Dropped { value: true }),
    (None, "config", Here::Nothing),
    (Some('M'), "metadata-file", Here::Nothing),
    (Some('b'), "binary", Here::Nothing),
    (Some('B'), "binary-file", Here::Nothing),
    (None, "async", Here::Nothing),
    (None, "concurrency-schedule", Here::Nothing),
    (None, "concurrency-start", Here::Nothing),
    (None, "concurrency-end", Here::Nothing),
    (None, "concurrency-step", Here::Nothing),
    (None, "concurrency-step-duration", Here::Nothing),
    (None, "concurrency-max-duration", Here::Nothing),
    (None, "stream-interval", Here::Nothing),
    (None, "stream-call-duration", Here::Nothing),
    (None, "stream-call-count", Here::Nothing),
    (None, "lb-strategy", Here::Nothing),
    (None, "skipFirst", Here::Nothing),
    (None, "debug", Here::Nothing),
];

impl Here {
    fn takes_value(self) -> bool {
        !matches!(self, Self::Switch(_) | Self::Nothing | Self::Dropped { value: false })
    }
}

/// A word as a flag of ghz's: how it is written, what it says here, and the value in the same word.
type Known<'w> = (String, Here, Option<&'w str>);

/// The flag of ghz's that a word is.
fn known(word: &str) -> Option<Known<'_>> {
    if let Some(long) = word.strip_prefix("--") {
        let (name, value) = long.split_once('=').map_or((long, None), |(name, value)| (name, Some(value)));
        let (_, _, here) = FLAGS.iter().find(|(_, flag, _)| *flag == name)?;
        return Some((format!("--{name}"), *here, value));
    }
    let letters = word.strip_prefix('-')?;
    let letter = letters.chars().next()?;
    let (_, _, here) = FLAGS.iter().find(|(short, ..)| *short == Some(letter))?;
    let rest = letters.get(letter.len_utf8()..).filter(|rest| !rest.is_empty());
    match rest {
        // A row of letters is nobody's of ghz's.
        Some(_) if !here.takes_value() => None,
        _ => Some((format!("-{letter}"), *here, rest.map(|rest| rest.strip_prefix('=').unwrap_or(rest)))),
    }
}

/// Whether a line may be ghz's, or `bench`'s with a flag of ghz's. It is asked of every line, and so takes no look at the
/// flags there are here.
pub fn may_be_ghz(words: &[OsString]) -> bool {
    let words = || words.iter().skip(1).filter_map(|word| word.to_str());
    words().any(|word| word == NAME)
        || words().any(|word| word == BENCH) && words().any(|word| known(word).is_some())
}

/// What is ghz's about a line. `command` has all verbs, or `bench` alone.
pub fn ghz(command: &Command, words: &[OsString]) -> Option<HabitError> {
    let words: Option<Vec<String>> =
        words.iter().skip(1).map(|word| word.to_str().map(str::to_owned)).collect();
    let mut words = words?;
    // Flags may stand before the verb, too.
    let verb = words.iter().position(|word| word == BENCH || word == NAME)?;
    if words.iter().take(verb).any(|word| !word.starts_with('-')) {
        return None;
    }
    let named = words.remove(verb) == NAME;
    let bench = command.find_subcommand(BENCH)?;
    let theirs = first_of_theirs(bench, &words);
    if theirs.is_none() && !named {
        return None;
    }
    let mut line = Line::default();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        if let Err(error) = line.take(bench, word, &mut words) {
            return Some(error);
        }
    }
    let workers = line.workers.is_some();
    let wrong = theirs.map_or(Wrong::GhzNamed, |flag| Wrong::Ghz { flag, workers });
    let line = line.retyped().filter(|line| parses(command, line));
    Some(HabitError::new(wrong, line.map(|line| shown(&line))))
}

/// The first flag that is ghz's alone, or has a value that only ghz's can have.
fn first_of_theirs(bench: &Command, words: &[String]) -> Option<String> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word == "--" {
            return None;
        }
        let ours = if word.starts_with('-') { flag(bench, word) } else { None };
        let theirs = known(word);
        match (ours, theirs) {
            (None, Some((written, ..))) => return Some(written),
            (Some((_, Attached::Next)), theirs) => {
                let value = words.next().map(String::as_str).unwrap_or_default();
                if let Some((written, Here::Metadata(_), None)) = theirs
                    && value.trim_start().starts_with('{')
                {
                    return Some(written);
                }
            }
            _ => {}
        }
    }
    None
}

/// A part of the line instead.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Word(String),
    Flag(String, String),
    /// What was typed, and the same as it can be shown.
    Again(Vec<String>, String),
    /// A file that the report goes to.
    Into(String),
}

impl Said {
    fn word(word: &str) -> Self {
        Self::Word(word.to_owned())
    }

    fn flag(flag: &str, value: &str) -> Self {
        Self::Flag(flag.to_owned(), value.to_owned())
    }

    /// As the parser takes it.
    fn words(&self) -> Vec<String> {
        match self {
            Self::Word(word) => vec![word.clone()],
            Self::Flag(flag, value) => vec![flag.clone(), value.clone()],
            Self::Again(words, _) => words.clone(),
            Self::Into(_) => Vec::new(),
        }
    }

    /// As a shell takes it.
    fn shown(&self) -> String {
        match self {
            Self::Word(word) => quoted(word),
            Self::Flag(flag, value) if matches!(flag.as_str(), "-H" | "--reflect-header") => {
                format!("{flag} {}", from_variable(value))
            }
            Self::Flag(flag, value) => format!("{flag} {}", quoted(value)),
            Self::Again(_, shown) => shown.clone(),
            Self::Into(file) => format!("> {}", quoted(file)),
        }
    }
}

/// A line, taken apart.
#[derive(Default)]
struct Line {
    names: Vec<String>,
    call: Option<String>,
    flags: Vec<Said>,
    workers: Option<String>,
    connections: Option<String>,
    total: Option<String>,
    time: Option<String>,
    schedule: Vec<(Part, String)>,
    output: Option<String>,
    /// Whether anything says TLS, or plaintext.
    security: bool,
    /// Whether something can't be said here as it was.
    unsaid: bool,
}

impl Line {
    fn take(
        &mut self,
        bench: &Command,
        word: String,
        rest: &mut impl Iterator<Item = String>,
    ) -> Result<(), HabitError> {
        let Some((written, here, attached)) = known(&word) else {
            self.other(bench, word, rest);
            return Ok(());
        };
        let attached = attached.map(str::to_owned);
        if here == Here::Nothing {
            return Err(HabitError::new(Wrong::NoCounterpart(written), None));
        }
        if here.takes_value() || matches!(here, Here::Dropped { value: true }) {
            let value = attached.or_else(|| rest.next()).unwrap_or_default();
            self.value(here, value);
        } else if let Here::Switch(flag) = here
            && attached.as_deref() != Some("false")
        {
            self.security |= matches!(flag, "--insecure" | "--plaintext");
            self.push(match flag.split_once(' ') {
                Some((flag, value)) => Said::flag(flag, value),
                None => Said::word(flag),
            });
        }
        Ok(())
    }

    fn push(&mut self, said: Said) {
        if !self.flags.contains(&said) {
            self.flags.push(said);
        }
    }

    fn value(&mut self, here: Here, value: String) {
        match here {
            Here::Call => self.call = Some(value),
            Here::Value(flag) => {
                self.security |= matches!(flag, "--cacert" | "--cert" | "--key" | "--server-name");
                self.push(Said::flag(flag, &value));
            }
            Here::Workers => self.workers = Some(value),
            Here::Connections => self.connections = Some(value),
            Here::Total => self.total = Some(value),
            Here::Time => self.time = Some(value),
            Here::Metadata(flag) => match serde_json::from_str(&value) {
                Ok(serde_json::Value::Object(members)) => {
                    for (name, value) in members {
                        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                        self.push(Said::flag(flag, &format!("{name}: {text}")));
                    }
                }
                _ => self.unsaid = true,
            },
            Here::DataFile => self.push(Said::flag("-d", &format!("@{value}"))),
            Here::Imports => value.split(',').for_each(|folder| self.push(Said::flag("-I", folder))),
            Here::Schedule(part) => self.schedule.push((part, value)),
            Here::Stop if value == "wait" => {}
            Here::Stop => self.push(Said::flag("--drain", "0s")),
            Here::Format => match value.as_str() {
                "summary" => {}
                "json" | "pretty" => self.push(Said::flag("-o", "ghz-json")),
                "csv" | "prometheus" => self.push(Said::flag("-o", &value)),
                "html" => self.push(Said::flag("--html", "report.html")),
                _ => self.unsaid = true,
            },
            Here::Output => self.output = Some(value),
            Here::Dropped { .. } | Here::Switch(_) | Here::Nothing => {}
        }
    }

    /// A word that is not ghz's: it stays as it is.
    fn other(&mut self, bench: &Command, word: String, rest: &mut impl Iterator<Item = String>) {
        if word == "--" {
            self.names.extend(rest);
        } else if !word.starts_with('-') {
            self.names.push(word);
        } else {
            self.security |= matches!(word.as_str(), "--plaintext" | "--tls");
            let apart = matches!(flag(bench, &word), Some((_, Attached::Next)));
            let value = if apart { rest.next() } else { None };
            let both: Vec<String> = [word].into_iter().chain(value).collect();
            // What is secret comes from a variable.
            let shown = retyped(bench, &both, "").join(" ");
            self.flags.push(Said::Again(both, shown));
        }
    }

    /// The rates of a schedule, in the flag that says them here.
    fn rates(&self) -> Option<Said> {
        let part =
            |wanted| self.schedule.iter().find(|(part, _)| *part == wanted).map(|(_, value)| value.as_str());
        let number = |wanted| part(wanted).and_then(|value| value.parse::<i64>().ok());
        let (start, step) = (number(Part::Start)?, number(Part::Step)?);
        let end = number(Part::End)?;
        let count = (end - start).checked_div(step).filter(|count| (1..=100).contains(count))?;
        match part(Part::Kind)? {
            // Steps of a second each.
            "line" => Some(Said::flag("--ramp", &format!("{start}:{end}:{count}s"))),
            "step" => {
                let time = part(Part::StepTime)?;
                let steps: Vec<String> =
                    (0..=count).map(|at| format!("{}:{time}", start + at * step)).collect();
                Some(Said::flag("--steps", &steps.join(",")))
            }
            _ => None,
        }
    }

    /// The words of the line instead, if there is one.
    fn retyped(mut self) -> Option<Vec<Said>> {
        if self.unsaid {
            return None;
        }
        // The server is ghz's only word, and may have come before or behind a method that was typed as it is here.
        let at = self.names.iter().position(|name| looks_like_target(name)).unwrap_or(0);
        let server = (at < self.names.len()).then(|| self.names.remove(at))?;
        let place = place::parse(&server).ok()?;
        let near = match &place.address {
            Address::Tcp(host, _) => is_loopback(host),
            Address::Unix(_) | Address::Demo => true,
        };
        let mut all = vec![Said::word(BENCH), Said::word(&server)];
        all.extend(self.call.iter().chain(&self.names).map(|name| Said::word(name)));
        if near && !self.security && place.scheme.is_none() {
            // As ghz does where nothing is said.
            all.push(Said::word("--tls"));
        }
        all.append(&mut self.flags);
        let connections = self.connections.as_deref().map_or(Ok(1), str::parse::<u64>).ok()?.max(1);
        if connections > 1 {
            all.push(Said::flag("-c", &connections.to_string()));
        }
        if let Some(workers) = &self.workers {
            let each = workers.parse::<u64>().ok()?.div_ceil(connections).max(1);
            all.push(Said::flag("-m", &each.to_string()));
        }
        match (self.time.take(), self.total.take()) {
            (Some(time), _) => all.push(Said::flag("--duration", &time)),
            (None, Some(total)) => all.push(Said::flag("-n", &total)),
            (None, None) => {}
        }
        let kind = self.schedule.iter().find(|(part, _)| *part == Part::Kind);
        if kind.is_some_and(|(_, kind)| kind != "const") {
            all.push(self.rates()?);
        }
        all.extend(self.output.map(Said::Into));
        Some(all)
    }
}

/// Whether the parser takes a line.
fn parses(command: &Command, line: &[Said]) -> bool {
    let words = ["rpcctl".to_owned()].into_iter().chain(line.iter().flat_map(Said::words));
    command.clone().try_get_matches_from(words).is_ok()
}

/// A line as it can be pasted.
fn shown(line: &[Said]) -> String {
    let words: Vec<String> = ["rpcctl".to_owned()].into_iter().chain(line.iter().map(Said::shown)).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use clap::{Arg, Args as _};

    use super::*;
    use crate::args::{CallHeaders, LoadArgs, SchemaArgs, TargetArgs};

    fn command() -> Command {
        let bench = CallHeaders::augment_args(SchemaArgs::augment_args(TargetArgs::augment_args(
            Command::new(BENCH),
        )));
        let bench = LoadArgs::augment_args(bench)
            .arg(Arg::new("words").num_args(0..))
            .arg(Arg::new("data").short('d').long("data").action(clap::ArgAction::Append))
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
            ("ghz --insecure --call a.B.C -d {} :1", "rpcctl bench :1 a.B.C --plaintext -d '{}'"),
            (
                "bench --insecure --call=a.B/C -c 50 -n 2000 h:1",
                "rpcctl bench h:1 a.B/C --plaintext -m 50 -n 2000",
            ),
            (
                "bench :1 --call a.B/C --insecure -c50 --connections 20 -z10s -n 5",
                "rpcctl bench :1 a.B/C --plaintext -c 20 -m 3 --duration 10s",
            ),
            (
                "bench :1 a.B/C --insecure -x 10s -n 5",
                "rpcctl bench :1 a.B/C --plaintext --duration 10s -n 5",
            ),
            ("bench a.B/C --skipTLS --rps 100 :1", "rpcctl bench :1 a.B/C --insecure --rate 100"),
            ("bench :1 --call M -z 1m", "rpcctl bench :1 M --tls --duration 1m"),
            ("bench h:1 --call M --concurrency 5", "rpcctl bench h:1 M -m 5"),
            (
                "bench h:1 --call M -D f.json -i a,b --proto p",
                "rpcctl bench h:1 M -d @f.json -I a -I b --proto p",
            ),
            ("bench h:1 --call M -m {\"a\":\"b\",\"n\":1}", "rpcctl bench h:1 M -H 'a: b' -H 'n: 1'"),
            (
                "bench h:1 M -m {\"authorization\":\"x\"}",
                r#"rpcctl bench h:1 M -H "authorization: $AUTHORIZATION""#,
            ),
            (
                "bench h:1 --call M -t 5s --cname n --keepalive 3s",
                "rpcctl bench h:1 M --timeout 5s --server-name n --keepalive-time 3s",
            ),
            ("bench h:1 --call M -O json -o out.json", "rpcctl bench h:1 M -o ghz-json > out.json"),
            ("bench h:1 --call M --duration-stop wait --count-errors --name x", "rpcctl bench h:1 M"),
            (
                "bench h:1 --call M --duration-stop=close -O html",
                "rpcctl bench h:1 M --drain 0s --html report.html",
            ),
            (
                "bench h:1 --call M --disable-template-functions --disable-template-data",
                "rpcctl bench h:1 M --disable-templates",
            ),
            (
                "bench h:1 --call M --load-schedule line --load-start 10 --load-step 10 --load-end 100",
                "rpcctl bench h:1 M --ramp 10:100:9s",
            ),
            (
                "bench h:1 --call M --load-schedule=step --load-start=5 --load-step=5 --load-end=15 --load-step-duration=2s",
                "rpcctl bench h:1 M --steps 5:2s,10:2s,15:2s",
            ),
            (
                "bench h:1 --call M --bearer secret --warmup 2s",
                r#"rpcctl bench h:1 M --bearer "$TOKEN" --warmup 2s"#,
            ),
        ] {
            assert_eq!(line(theirs), ours, "{theirs}");
        }
        let habit = told(&["bench", "h:1", "--call", "M", "-d", r#"{"a": "b c"}"#]).unwrap();
        assert_eq!(habit.line.as_deref(), Some(r#"rpcctl bench h:1 M -d '{"a": "b c"}'"#));
    }

    #[test]
    fn what_it_says_names_the_flag() {
        let said =
            |typed: &str| told(&typed.split(' ').collect::<Vec<_>>()).map(|habit| habit.to_string()).unwrap();
        assert_eq!(said("bench :1 M -z 5s"), "-z is ghz's: rpcctl bench has other names for it");
        assert_eq!(
            said("bench :1 M -c 50 --rps 5"),
            "--rps is ghz's: rpcctl bench has other names for it, and ghz's -c, calls at a time, is -m here"
        );
        assert_eq!(said("ghz :1 M"), "rpcctl bench stands in the place of ghz");
        assert_eq!(
            said("bench :1 M -z 5s --stream-interval 5ms"),
            "--stream-interval has no counterpart yet"
        );
        assert_eq!(said("bench :1 M --async"), "--async has no counterpart yet");
        for without in [
            "bench -z 5s",
            "bench :1 M -O influx-summary",
            "bench :1 M -z soon",
            "bench :1 M -m {x -z 5s",
            "bench :1 M -c many -z 5s",
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
}
