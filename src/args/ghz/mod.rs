//! Lines as ghz takes them, which `bench` stands in for: its flags have other names there, and some of the same names
//! mean something else. A line with a flag that is ghz's alone is taken to be ghz's throughout.

mod flags;

use std::ffi::OsString;
use std::time::Duration;

use clap::Command;

use self::flags::{Here, Part, known};
use super::again::from_variable;
use super::habits::{HabitError, Wrong};
use super::place::{self, Address, looks_like_target};
use super::words::{Attached, flag};
use super::{quoted, retyped};
use crate::transport::is_loopback;

const BENCH: &str = "bench";
const NAME: &str = "ghz";
/// What ghz does where nothing is said: so many calls, and so many at a time on all connections.
const TOTAL: &str = "200";
const WORKERS: &str = "50";

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
    if line.is_async && line.rate().is_none() && line.schedule.is_empty() {
        let flag = "--async".to_owned();
        let near = "calls that wait for no others have a rate here, such as --rate 1000";
        return Some(HabitError::new(Wrong::Near { flag, near }, None));
    }
    let notes = line.notes();
    let wrong = theirs.map_or(Wrong::GhzNamed, |(flag, here)| Wrong::Ghz { flag, here: here.flag(), notes });
    let line = line.retyped(named).filter(|line| parses(command, line));
    Some(HabitError::new(wrong, line.map(|line| shown(&line))))
}

/// The first flag that is ghz's alone, or has a value that only ghz's can have.
fn first_of_theirs(bench: &Command, words: &[String]) -> Option<(String, Here)> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word == "--" {
            return None;
        }
        let ours = if word.starts_with('-') { flag(bench, word) } else { None };
        let theirs = known(word);
        match (ours, theirs) {
            (None, Some((written, here, _))) => return Some((written, here)),
            (Some((_, Attached::Next)), theirs) => {
                let value = words.next().map(String::as_str).unwrap_or_default();
                if let Some((written, here @ Here::Metadata(_), None)) = theirs
                    && value.trim_start().starts_with('{')
                {
                    return Some((written, here));
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
    cpus: Option<String>,
    total: Option<String>,
    time: Option<String>,
    /// How many calls are made before any counts.
    skipped: Option<String>,
    /// Whether calls wait for no others.
    is_async: bool,
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
        if let Here::Nothing(near) = here {
            return Err(HabitError::new(Wrong::Near { flag: written, near }, None));
        }
        if here.takes_value() {
            let value = attached.or_else(|| rest.next()).unwrap_or_default();
            if here == Here::Format && value.starts_with("influx") {
                let near = "-o prometheus and -o csv are what dashboards take";
                return Err(HabitError::new(Wrong::Near { flag: format!("{written} {value}"), near }, None));
            }
            self.value(here, value);
        } else if attached.as_deref() == Some("false") {
            // It says that it is not so.
        } else if here == Here::Async {
            self.is_async = true;
        } else if let Here::Bytes { .. } = here {
            self.bytes("-");
        } else if let Here::Switch(flag) = here {
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
            // As ghz has it, that is none.
            Here::Value("--rate" | "--duration" | "--keepalive-time") | Here::Time | Here::Skip
                if matches!(value.as_str(), "0" | "0s") => {}
            // To ghz that is for as long as it takes.
            Here::Value(flag @ "--timeout") if matches!(value.as_str(), "0" | "0s") => {
                self.push(Said::flag(flag, "24h"));
            }
            Here::Value(flag) => {
                self.security |= matches!(flag, "--cacert" | "--cert" | "--key" | "--server-name");
                self.push(Said::flag(flag, &value));
            }
            Here::Workers => self.workers = Some(value),
            Here::Connections => self.connections = Some(value),
            Here::Cpus => self.cpus = Some(value),
            Here::Total => self.total = Some(value),
            Here::Time => self.time = Some(value),
            Here::Skip => self.skipped = Some(value),
            Here::Bytes { .. } => self.bytes(&value),
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
            Here::Dropped { .. } | Here::Switch(_) | Here::Async | Here::Nothing(_) => {}
        }
    }

    /// Messages in protobuf's bytes, from a file or stdin.
    fn bytes(&mut self, file: &str) {
        self.push(Said::flag("-i", "binary"));
        self.push(Said::flag("-d", &format!("@{}", if file == "-" { "" } else { file })));
    }

    /// How many calls a second there are, where that stays the same.
    fn rate(&self) -> Option<&str> {
        self.flags.iter().find_map(|said| match said {
            Said::Flag(flag, value) if flag == "--rate" => Some(value.as_str()),
            _ => None,
        })
    }

    /// What is to be known of the line beside its first flag of ghz's.
    fn notes(&self) -> String {
        let workers = self.workers.as_ref().map(|_| ", and ghz's -c, calls at a time, is -m here");
        let skipped = self
            .skipped
            .as_ref()
            .map(|_| ", and ghz's --skipFirst, a number of calls, is --warmup here, a time");
        let notes = workers.into_iter().chain(skipped).map(str::to_owned);
        notes.chain(self.spread()).chain(self.fewer_threads()).collect()
    }

    /// How many connections there are.
    fn connections(&self) -> Option<u64> {
        Some(self.connections.as_deref().map_or(Ok(1), str::parse::<u64>).ok()?.max(1))
    }

    /// How many calls at a time are on each of them.
    fn each(&self) -> Option<u64> {
        Some(self.workers.as_ref()?.parse::<u64>().ok()?.div_ceil(self.connections()?).max(1))
    }

    /// That as many on each are more than there were.
    fn spread(&self) -> Option<String> {
        let (connections, each) = (self.connections()?, self.each()?);
        let all = connections.checked_mul(each)?;
        let workers = self.workers.as_deref().filter(|workers| **workers != all.to_string())?;
        Some(format!(
            ", and {workers} calls at a time on {connections} connections are {each} on each, {all} in all"
        ))
    }

    /// How many threads there are: each connection belongs to one.
    fn threads(&self) -> Option<u64> {
        Some(self.cpus.as_ref()?.parse::<u64>().ok()?.min(self.connections()?))
    }

    /// That those are fewer than there were CPUs.
    fn fewer_threads(&self) -> Option<String> {
        let threads = self.threads()?;
        let cpus = self.cpus.as_deref().filter(|cpus| **cpus != threads.to_string())?;
        Some(format!(", and for {cpus} threads there have to be as many connections"))
    }

    /// The warm-up in place of calls that are not counted, and how many fewer calls there are then: ghz has them among all.
    /// Where no rate says how long they take, a second is as good as any.
    fn warmup(&self) -> Option<(Said, u64)> {
        let skipped = self.skipped.as_ref()?.parse::<u32>().ok()?;
        let rate = self.rate().and_then(|rate| rate.parse::<u32>().ok()).filter(|rate| *rate > 0);
        let Some(rate) = rate else { return Some((Said::flag("--warmup", "1s"), 0)) };
        let time = Duration::from_secs(skipped.into()) / rate;
        Some((
            Said::flag("--warmup", &humantime::format_duration(time).to_string().replace(' ', "")),
            skipped.into(),
        ))
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
    fn retyped(mut self, named: bool) -> Option<Vec<Said>> {
        if self.unsaid {
            return None;
        }
        self.names.retain(|name| name != NAME);
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
        if near && self.call.is_some() && !self.security && place.scheme.is_none() {
            // As ghz does where nothing is said; a line that names its method as it is named here is no more than half ghz's.
            all.push(Said::word("--tls"));
        }
        let warmup = self.warmup();
        all.append(&mut self.flags);
        let is_whole = named || self.call.is_some();
        let connections = self.connections()?;
        if is_whole && connections > 1 {
            self.workers.get_or_insert_with(|| WORKERS.to_owned());
        }
        if connections > 1 {
            all.push(Said::flag("-c", &connections.to_string()));
        }
        if self.workers.is_some() {
            all.push(Said::flag("-m", &self.each()?.to_string()));
        }
        if self.cpus.is_some() {
            let threads = self.threads().filter(|threads| *threads > 0)?;
            // One is what there is anyway.
            all.extend((threads > 1).then(|| Said::flag("--threads", &threads.to_string())));
        }
        let total = self.total.take().or_else(|| is_whole.then(|| TOTAL.to_owned()));
        let skipped = match warmup {
            Some((warmup, skipped)) => {
                all.push(warmup);
                skipped
            }
            None if self.skipped.is_some() => return None,
            None => 0,
        };
        match (self.time.take(), total) {
            (Some(time), _) => all.push(Said::flag("--duration", &time)),
            (None, Some(total)) if skipped > 0 => {
                let left = total.parse::<u64>().ok()?.checked_sub(skipped)?;
                all.push(Said::flag("-n", &left.to_string()));
            }
            (None, Some(total)) => all.push(Said::flag("-n", &total)),
            (None, None) => {}
        }
        let kind = self.schedule.iter().find(|(part, _)| *part == Part::Kind);
        if kind.is_some_and(|(_, kind)| kind != "const") {
            all.push(self.rates()?);
        }
        let page = all.iter_mut().find_map(|said| match said {
            Said::Flag(flag, file) if flag == "--html" => Some(file),
            _ => None,
        });
        match (self.output, page) {
            (Some(file), Some(page)) => *page = file,
            (output, _) => all.extend(output.map(Said::Into)),
        }
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
mod tests;
