//! The load of `bench`: how many calls, how many at a time, when, and of what.

use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::metadata::{Lookup, is_stdin};
use super::{ArgsError, values};
use crate::bench::load::{Load, Pace, Sending};
use crate::bench::pace::{Ramp, Rate, Replay, ReplayError, Schedule, Steps};
use crate::bench::supply::{Order, Table, TableError};

/// How long calls are made where nothing says when it ends.
const DURATION: Duration = Duration::from_secs(10);

/// How many calls of an open loop may be due and not over: a second's at any rate that one machine makes.
const MAX_IN_FLIGHT: usize = 100_000;

/// The most that is taken, beyond which there is a mistake in the number: memory is used for each. No address has more ports
/// than there are connections, nor a machine more threads that do something; and a million streams are open nowhere.
const MOST_CONNECTIONS: usize = 65_535;
const MOST_STREAMS: usize = 1_000_000;
const MOST_THREADS: usize = 1024;
const MOST_IN_FLIGHT: usize = 10_000_000;
/// All connections with the usual number of streams on each.
const MOST_PLACES: usize = 1 << 22;

/// What load is put on the server.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Load")]
pub struct LoadArgs {
    /// Make so many calls, such as 1000, 10k or 1M
    ///
    /// With --duration, whichever is over first ends it. Without either, calls are made for 10s. Also --total.
    #[arg(short = 'n', long, alias = "total", value_name = "N", value_parser = calls)]
    pub requests: Option<u64>,

    /// Make calls on so many connections
    ///
    /// Each belongs to one thread. ghz's -c, which counts calls at a time, is -m.
    #[arg(short, long, value_name = "N", default_value = "1", value_parser = up_to::<MOST_CONNECTIONS>)]
    pub connections: NonZeroUsize,

    /// Keep so many calls under way on each connection
    ///
    /// Fewer where the server takes no more.
    #[arg(short = 'm', long, value_name = "N", default_value = "50", value_parser = up_to::<MOST_STREAMS>)]
    pub streams: NonZeroUsize,

    /// Make calls on so many threads
    ///
    /// One makes more calls than most servers answer, and leaves the other cores to them.
    #[arg(long, value_name = "N", default_value = "1", value_parser = up_to::<MOST_THREADS>)]
    pub threads: NonZeroUsize,

    /// Make calls for so long [default: 10s]
    ///
    /// Without --requests, that is; --ramp and --steps last as long as they say, and --replay as long as the file.
    #[arg(long, value_name = "DURATION", value_parser = values::positive_duration)]
    pub duration: Option<Duration>,

    /// Make calls for so long before any is counted
    #[arg(long, value_name = "DURATION", default_value = "0s", hide_default_value = true, value_parser = values::duration)]
    pub warmup: Duration,

    /// Make so many calls a second, whether those before are answered or not
    ///
    /// Such as 1000, 2.5k, or 90/m; evenly, on all connections together. It is an open loop, as users are one: a server that
    /// stalls is not spared, and latencies count from when each call was due. Without a rate, a call is made when another is over.
    #[arg(long, value_name = "RATE", conflicts_with_all = ["ramp", "steps", "replay"])]
    pub rate: Option<Rate>,

    /// Change the rate evenly from one to another over a time, and keep it then
    ///
    /// Such as 0:1000:30s.
    #[arg(long, value_name = "FROM:TO:TIME", conflicts_with_all = ["steps", "replay"])]
    pub ramp: Option<Ramp>,

    /// Make calls at one rate after another; the last stays
    ///
    /// Such as 100:10s,200:10s.
    #[arg(long, value_name = "RATE:TIME,…", conflicts_with = "replay")]
    pub steps: Option<Steps>,

    /// Make a call at each moment in a file
    ///
    /// One a line, in any order: seconds (0.125), RFC 3339, or milliseconds since 1970. The earliest is the beginning.
    #[arg(long, value_name = "FILE")]
    pub replay: Option<PathBuf>,

    /// Make the calls of --replay so many times faster
    #[arg(long, value_name = "FACTOR", requires = "replay", value_parser = factor)]
    pub replay_speed: Option<f64>,

    /// Make the gaps between calls random, as those of many users are
    ///
    /// With --rate, --ramp or --steps: a Poisson process of that rate.
    #[arg(long)]
    pub poisson: bool,

    /// Draw the same random gaps and data again
    ///
    /// The report says which number it was.
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<u64>,

    /// How many calls may be due and not over at once [default: 100k]
    ///
    /// With a rate. Calls beyond it are dropped, and counted as that.
    #[arg(long, value_name = "N", value_parser = up_to::<MOST_IN_FLIGHT>)]
    pub max_in_flight: Option<NonZeroUsize>,

    /// How long calls under way may still take when the time is over
    ///
    /// Those that take longer are counted as still in flight, and as no errors.
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = values::duration)]
    pub drain: Duration,

    /// In which order several messages are sent
    ///
    /// To a method that takes one, each call sends the next of them, or one at random. One that takes a stream gets all in each
    /// call.
    #[arg(long, value_name = "ORDER", default_value = "turns", help_heading = "Data")]
    pub data_order: OrderArg,

    /// Send each message of a stream when the one before is answered
    ///
    /// For methods that take and give streams. Otherwise all messages of a call are sent at once. A call whose server answers
    /// fewer messages than it is asked waits until --timeout.
    #[arg(long, help_heading = "Data")]
    pub ping_pong: bool,

    /// Take values from the rows of a CSV file, for {{csv.COLUMN}}
    ///
    /// The first line names the columns. Each call has the next row, and the first comes again after the last.
    #[arg(long, value_name = "FILE", help_heading = "Data")]
    pub csv: Option<PathBuf>,

    /// Send {{ in data and headers as it stands
    ///
    /// Otherwise it begins a placeholder: {{counter}}, {{uuid}}, {{random 1 100}}, {{randomString 8}}, {{timestamp}},
    /// {{timestampUnix}}, {{timestampUnixMilli}}, {{timestampUnixNano}}, {{csv.COLUMN}}, or one of ghz's.
    #[arg(long, help_heading = "Data")]
    pub disable_templates: bool,
}

/// In which order several messages are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OrderArg {
    /// One after another
    #[value(alias = "round-robin")]
    Turns,
    /// Each as often as another, by chance
    Random,
}

/// A load that can't be put on a server.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// More threads than connections.
    #[error("--threads {threads} with {connections} connection{}: each belongs to one thread", if *connections == 1 { "" } else { "s" })]
    Threads {
        /// How many threads.
        threads: usize,
        /// How many connections.
        connections: usize,
    },
    /// More calls at a time, on all connections, than there can be.
    #[error("-c {connections} with -m {streams} are {} calls at a time: more than {MOST_PLACES}", connections.saturating_mul(*streams))]
    Places {
        /// How many connections.
        connections: usize,
        /// How many streams on each.
        streams: usize,
    },
    /// Random gaps without a rate.
    #[error("--poisson makes gaps random, and there is no rate that they would come from")]
    NoRate,
    /// Random gaps of recorded moments.
    #[error("--poisson makes gaps random, and those of --replay are recorded")]
    Recorded,
    /// A limit of what is never reached.
    #[error(
        "--max-in-flight is about calls that are made whether those before are answered or not, and there is no rate"
    )]
    Closed,
    /// A file can't be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file has no moments.
    #[error("{}: {source}", path.display())]
    Replay {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: ReplayError,
    },
    /// A file has no rows.
    #[error("{}: {source}", path.display())]
    Table {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: TableError,
    },
}

impl LoadError {
    /// How to ask rightly.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Threads { threads, .. } => format!("more connections: -c {threads}"),
            Self::Places { connections, .. } => format!("fewer on each: -m {}", MOST_PLACES / connections),
            Self::NoRate => "say how many calls a second: --rate 1000 --poisson".to_owned(),
            Self::Recorded => "leave it out".to_owned(),
            Self::Closed => "-m says how many calls are under way at a time on each connection".to_owned(),
            Self::Read { .. } | Self::Replay { .. } | Self::Table { .. } => return None,
        })
    }

    /// Whether it is no mistake in the words, but something that could not be done.
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Read { .. })
    }
}

impl LoadArgs {
    /// The load. `timeout` is how long each call may take.
    pub fn plan(&self, timeout: Option<Duration>, lookup: &dyn Lookup) -> Result<Load, ArgsError> {
        let (threads, connections) = (self.threads.get(), self.connections.get());
        if threads > connections {
            return Err(LoadError::Threads { threads, connections }.into());
        }
        let streams = self.streams.get();
        if connections.saturating_mul(streams) > MOST_PLACES {
            return Err(LoadError::Places { connections, streams }.into());
        }
        let schedule = self.schedule(lookup)?;
        let pace = match (schedule, self.poisson, self.max_in_flight) {
            (None, true, _) => return Err(LoadError::NoRate.into()),
            (None, false, Some(_)) => return Err(LoadError::Closed.into()),
            (None, false, None) => Pace::Closed,
            (Some(schedule), true, _) => Pace::Open(schedule.by_chance()),
            (Some(schedule), false, _) => Pace::Open(schedule),
        };
        Ok(Load {
            pace,
            calls: self.requests,
            duration: self.duration.or_else(|| self.own_duration()),
            warmup: self.warmup,
            connections,
            streams,
            threads,
            max_in_flight: self.max_in_flight.map_or(MAX_IN_FLIGHT, NonZeroUsize::get),
            timeout,
            drain: self.drain,
            sending: if self.ping_pong { Sending::PingPong } else { Sending::AtOnce },
            // One that is typed again without a mistake.
            seed: self.seed.unwrap_or_else(|| fastrand::u64(..1 << 32)),
        })
    }

    fn schedule(&self, lookup: &dyn Lookup) -> Result<Option<Schedule>, LoadError> {
        let rate = self.rate.map(Schedule::rate);
        let ramp = self.ramp.as_ref().map(Schedule::ramp);
        let steps = self.steps.as_ref().map(Schedule::steps);
        let Some(path) = &self.replay else { return Ok(rate.or(ramp).or(steps)) };
        if self.poisson {
            return Err(LoadError::Recorded);
        }
        let replay = Replay::read(&read(lookup, path)?, self.replay_speed.unwrap_or(1.0));
        let replay = replay.map_err(|source| LoadError::Replay { path: path.clone(), source })?;
        Ok(Some(Schedule::replay(&replay)))
    }

    /// How long calls are made where only the pace says so, if it does.
    fn own_duration(&self) -> Option<Duration> {
        if self.requests.is_some() || self.replay.is_some() {
            return None;
        }
        let ramp = self.ramp.as_ref().map(|ramp| ramp.time);
        Some(ramp.or_else(|| self.steps.as_ref().map(Steps::time)).unwrap_or(DURATION))
    }

    /// The rows that placeholders have values from.
    pub fn table(&self, lookup: &dyn Lookup) -> Result<Option<Table>, ArgsError> {
        let Some(path) = &self.csv else { return Ok(None) };
        let table = Table::read(&read(lookup, path)?);
        Ok(Some(table.map_err(|source| LoadError::Table { path: path.clone(), source })?))
    }

    /// In which order several messages are sent.
    pub fn order(&self) -> Order {
        match self.data_order {
            OrderArg::Turns => Order::ByTurns,
            OrderArg::Random => Order::AtRandom,
        }
    }

    /// The flag that reads stdin, if one does; it can be read only once.
    pub fn reads_stdin(&self) -> Result<Option<&'static str>, ArgsError> {
        let reads = |path: &Option<PathBuf>| path.as_deref().is_some_and(is_stdin);
        match (reads(&self.replay), reads(&self.csv)) {
            (true, true) => Err(ArgsError::StdinTwice("--replay -", "--csv -")),
            (true, false) => Ok(Some("--replay -")),
            (false, true) => Ok(Some("--csv -")),
            (false, false) => Ok(None),
        }
    }
}

/// The largest file of moments or rows that is read, in bytes.
const LARGEST: u64 = 1 << 30;

fn read(lookup: &dyn Lookup, path: &Path) -> Result<Vec<u8>, LoadError> {
    lookup.file(path, LARGEST).map_err(|source| LoadError::Read { path: path.to_owned(), source })
}

/// How many calls.
fn calls(text: &str) -> Result<u64, String> {
    match values::amount(text)? {
        0 => Err("write a number, 1 or more".to_owned()),
        calls => Ok(calls),
    }
}

/// How many of what there is at a time, and no more than so many.
fn up_to<const MOST: usize>(text: &str) -> Result<NonZeroUsize, String> {
    let many = usize::try_from(values::amount(text)?).unwrap_or(usize::MAX);
    let many = NonZeroUsize::new(many).ok_or_else(|| "write a number, 1 or more".to_owned())?;
    if many.get() > MOST { Err(format!("write a number, {MOST} or less")) } else { Ok(many) }
}

fn factor(text: &str) -> Result<f64, String> {
    let factor = text.parse().ok().filter(|factor: &f64| (1e-6..=1e6).contains(factor));
    factor.ok_or_else(|| "write a factor such as 2 or 0.5".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::{Command, FromArgMatches as _};

    use super::*;
    use crate::secrets::Secret;

    /// A folder of two files.
    struct Files;

    impl Lookup for Files {
        fn variable(&self, _: &str) -> Option<std::ffi::OsString> {
            None
        }

        fn file(&self, path: &Path, _: u64) -> io::Result<Vec<u8>> {
            match path.to_str() {
                Some("times") => Ok(b"1\n2\n5".to_vec()),
                Some("rows.csv") => Ok(b"a,b\n1,2".to_vec()),
                Some("odd") => Ok(b"soon".to_vec()),
                _ => Err(io::ErrorKind::NotFound.into()),
            }
        }

        fn password(&self, _: &str) -> io::Result<Option<Secret>> {
            Ok(None)
        }
    }

    fn args(line: &str) -> Result<LoadArgs, String> {
        let words = ["bench"].into_iter().chain(line.split(' ').filter(|word| !word.is_empty()));
        let matches = LoadArgs::augment_args(Command::new("bench")).try_get_matches_from(words);
        let matches = matches.map_err(|error| error.to_string())?;
        Ok(LoadArgs::from_arg_matches(&matches).unwrap())
    }

    fn load(line: &str) -> Load {
        args(line).unwrap().plan(Some(Duration::from_secs(7)), &Files).unwrap()
    }

    fn wrong(line: &str) -> String {
        let error = args(line).unwrap().plan(None, &Files).unwrap_err();
        error.to_string() + &error.hint().map(|hint| format!("; {hint}")).unwrap_or_default()
    }

    fn told(pace: &Pace) -> String {
        match pace {
            Pace::Closed => "closed".to_owned(),
            Pace::Open(schedule) => schedule.to_string(),
        }
    }

    #[test]
    fn without_a_word_calls_are_made_for_ten_seconds() {
        let load = load("");
        assert_eq!((load.calls, load.duration), (None, Some(DURATION)));
        assert_eq!((load.connections, load.streams, load.threads), (1, 50, 1));
        assert_eq!((load.warmup, load.drain), (Duration::ZERO, Duration::from_secs(5)));
        assert_eq!((load.max_in_flight, load.timeout), (100_000, Some(Duration::from_secs(7))));
        assert_eq!(told(&load.pace), "closed");
    }

    #[test]
    fn a_run_ends_when_it_is_said_to() {
        for (line, calls, duration) in [
            ("-n 10k", Some(10_000), None),
            ("--total 1.5M", Some(1_500_000), None),
            ("-n 5 --duration 3s", Some(5), Some(3)),
            ("--rate 10", None, Some(10)),
            ("--rate 10 -n 5", Some(5), None),
            ("--ramp 0:100:30s", None, Some(30)),
            ("--steps 1:4s,2:5s", None, Some(9)),
            ("--steps 1:4s,2:5s --duration 1m", None, Some(60)),
            ("--replay times", None, None),
            ("--replay times --duration 2s", None, Some(2)),
        ] {
            let load = load(line);
            assert_eq!((load.calls, load.duration), (calls, duration.map(Duration::from_secs)), "{line}");
        }
    }

    #[test]
    fn paces_are_told_apart() {
        for (line, pace) in [
            ("--rate 2.5k --poisson", "2,500/s, at random (Poisson)"),
            ("--ramp 0:1k:30s", "0/s to 1,000/s over 30s"),
            ("--steps 100:10s,200:10s", "100/s for 10s, 200/s for 10s"),
            ("--replay times --replay-speed 2", "3 recorded calls at 2 times the speed"),
        ] {
            assert_eq!(told(&load(line).pace), pace);
        }
        let all = load("-c 4 -m 25 --threads 2 --max-in-flight 1k --rate 5 --drain 0 --warmup 2s --seed 9");
        assert_eq!((all.connections, all.streams, all.threads, all.max_in_flight), (4, 25, 2, 1000));
        assert_eq!((all.drain, all.warmup, all.seed), (Duration::ZERO, Duration::from_secs(2), 9));
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        for line in [
            "--rate 5 --ramp 0:1:1s",
            "--rate 5 --replay times",
            "--ramp 0:1:1s --steps 1:1s",
            "--steps 1:1s --replay times",
            "--replay-speed 2",
            "--rate 0",
            "--rate fast",
            "-n 0",
            "-n 1.5",
            "-c 0",
            "--replay times --replay-speed 0",
            "--data-order sorted",
            // Memory is used for each of them.
            "-c 10M",
            "-m 10M",
            "--threads 2000",
            "--rate 5 --max-in-flight 1G",
        ] {
            assert!(args(line).is_err(), "{line}");
        }
        assert!(args("--rate fast").unwrap_err().contains("write calls a second, such as 1000"));
        assert_eq!(
            wrong("--threads 4 -c 2"),
            "--threads 4 with 2 connections: each belongs to one thread; more connections: -c 4"
        );
        assert_eq!(
            wrong("-c 50k -m 1000"),
            "-c 50000 with -m 1000 are 50000000 calls at a time: more than 4194304; fewer on each: -m 83"
        );
        assert_eq!(
            wrong("--poisson"),
            "--poisson makes gaps random, and there is no rate that they would come from; say how many calls a second: --rate 1000 --poisson"
        );
        assert!(wrong("--poisson --replay times").contains("are recorded"));
        assert!(wrong("--max-in-flight 5").contains("there is no rate"));
        assert!(wrong("--replay none").starts_with("cannot read none: "));
        assert!(wrong("--replay odd").starts_with("odd: line 1: \"soon\" is no moment"));
    }

    #[test]
    fn data_has_rows_and_an_order() {
        let args_of = |line| args(line).unwrap();
        assert_eq!(args_of("--csv rows.csv").table(&Files).unwrap().map(|table| table.rows()), Some(1));
        assert!(args_of("").table(&Files).unwrap().is_none());
        let error = args_of("--csv odd").table(&Files).unwrap_err().to_string();
        assert_eq!(error, "odd: there are no rows behind the line that names the columns");
        assert_eq!(args_of("--data-order random").order(), Order::AtRandom);
        assert_eq!(args_of("--data-order round-robin").order(), Order::ByTurns);
        assert_eq!(args_of("--csv -").reads_stdin().unwrap(), Some("--csv -"));
        assert!(args_of("--csv - --replay -").reads_stdin().is_err());
    }
}
