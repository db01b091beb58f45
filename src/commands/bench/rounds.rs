//! Runs of a load: one, several alike, or as many as a search takes.

use std::collections::BTreeMap;
use std::pin::{Pin, pin};
use std::time::Duration;

use super::super::{Exit, Failed, Surroundings, Writers, signal};
use super::drive::{Driven, drive};
use super::fault::{LoadFault, ReportFault};
use super::plan::{self, BenchPlan};
use super::ready::{Ready, ready};
use super::words::LoadVerbArgs;
use crate::bench::condition::{Condition, Found, Seen};
use crate::bench::load::{Load, Pace};
use crate::bench::machine;
use crate::bench::pace::{Rate, mixed};
use crate::bench::report::{About, End, LoopModel, Offered, Reason, Report};
use crate::bench::run::Run;
use crate::bench::search::Search;
use crate::bench::units::{self, nanos};
use crate::output::sanitize;

/// A rate of a search is tried for no longer only to have enough samples.
const LONGEST_TRY: Duration = Duration::from_secs(60);
/// So many times the calls that are needed are made: some fail, and chance makes some fewer.
const SPARE: f64 = 1.1;

/// Puts load on a server, and tells what came of it.
pub(super) async fn run(
    args: &LoadVerbArgs,
    surroundings: &Surroundings,
    io: &mut Writers<'_>,
) -> Result<Exit, Failed> {
    let mut plan = plan::plan(args, surroundings)?;
    args.shown.prepare()?;
    io.warn(&plan.target)?;
    let mut signal = pin!(signal());
    let ready = tokio::select! {
        biased;
        ready = ready(&mut plan, surroundings, io) => ready?,
        code = &mut signal => return Ok(Exit(code)),
    };
    let columns = surroundings.live_columns;
    let mut rounds = Rounds { plan: &plan, ready: &ready, columns, first: 0, interrupted: None, cut: None };
    let report = match &plan.search {
        Some(promise) => rounds.search(promise, io, signal.as_mut()).await?,
        None => rounds.repeat(io, signal.as_mut()).await?,
    };
    let Rounds { interrupted, cut, .. } = rounds;
    let exit = match report {
        Some(mut report) => args.shown.show(&mut report, surroundings, io)?,
        None => Exit(0),
    };
    if let Some(code) = interrupted {
        return Ok(Exit(code));
    }
    match cut {
        Some((_, failed)) => {
            io.out.finish().await?;
            Err(failed)
        }
        None => Ok(exit),
    }
}

/// Runs that are made one after the other.
struct Rounds<'p> {
    plan: &'p BenchPlan,
    ready: &'p Ready,
    columns: Option<usize>,
    /// The number of the next call: what makes calls differ goes on from run to run.
    first: u64,
    /// The exit code of the signal that ended them.
    interrupted: Option<u8>,
    /// What else ended them before all were made, and how that is told.
    cut: Option<(Reason, Failed)>,
}

impl Rounds<'_> {
    /// The same load as often as was asked for. Each draws other gaps and data, as it would another time.
    async fn repeat(
        &mut self,
        io: &mut Writers<'_>,
        mut signal: Pin<&mut impl Future<Output = u8>>,
    ) -> Result<Option<Report>, Failed> {
        let all = self.plan.repeat;
        let mut reports = Vec::new();
        for number in 1..=all {
            if all > 1 && !self.plan.quiet {
                writeln!(io.talk, "* run {number} of {all}")?;
            }
            let again = u64::try_from(number).unwrap_or(u64::MAX) - 1;
            let seed = if again == 0 { self.plan.load.seed } else { mixed(self.plan.load.seed, again) };
            let load = Load { seed, ..self.plan.load.clone() };
            let report = self.once(load, self.plan.model, io, signal.as_mut()).await?;
            reports.extend(report);
            if self.unfinished().is_some() {
                break;
            }
        }
        if all == 1 {
            return Ok(reports.pop());
        }
        if reports.is_empty() {
            return Ok(None);
        }
        let mut report = Report::in_a_row(&reports).map_err(ReportFault::Join)?;
        if let Some(reason) = self.unfinished() {
            let why = report.end.detail.map(|why| format!("; {why}")).unwrap_or_default();
            let detail = Some(format!("{} of {all} runs were begun{why}", reports.len()));
            report.end = End { reason, detail };
        }
        Ok(Some(report))
    }

    /// The highest rate at which the promise is kept, as the run that kept it.
    async fn search(
        &mut self,
        promise: &Condition,
        io: &mut Writers<'_>,
        mut signal: Pin<&mut impl Future<Output = u8>>,
    ) -> Result<Option<Report>, Failed> {
        let Some(first) = self.capacity(io, signal.as_mut()).await? else { return Ok(None) };
        let mut search = Search::new(first / 2.0);
        let mut best: Option<Report> = None;
        let (mut tries, mut longer) = (0, None);
        while let Some(per_second) = search.rate().map(rounded) {
            let Some(rate) = Rate::new(per_second) else { break };
            // What is tried again draws other gaps.
            let seed = self.plan.load.seed.wrapping_add(tries);
            let duration = longer.take().or(self.plan.load.duration);
            let load = Load { duration, seed, ..self.plan.at(rate) };
            tries += 1;
            let report = self.once(load, self.plan.model, io, signal.as_mut()).await?;
            if let Some(reason) = self.unfinished() {
                let detail = best
                    .as_ref()
                    .map(|_| format!("the search was not over; this is what kept {} so far", promise.text));
                return Ok(best.map(|best| Report { end: End { reason, detail }, ..best }).or(report));
            }
            let Some(report) = report else { break };
            let kept = keeps(&report, promise, per_second);
            let is_too_few = kept.as_ref().is_ok_and(|found| found.too_few);
            if is_too_few {
                longer = try_length(promise, per_second).filter(|longer| Some(*longer) > duration);
            }
            let word = match (&kept, longer) {
                (Err(_), _) => "broken".to_owned(),
                (Ok(_), Some(longer)) => format!("is tried for {}", units::time(nanos(longer))),
                (Ok(_), None) if is_too_few => "can't be told of".to_owned(),
                (Ok(_), None) => "kept".to_owned(),
            };
            let why = kept.as_ref().map_or_else(String::clone, |found| found.words.clone());
            writeln!(io.talk, "* {} {word}: {}", units::rate(per_second), sanitize::line(&why))?;
            if longer.is_some() {
                continue;
            }
            if is_too_few {
                break;
            }
            search.tried(kept.is_ok());
            // What is tried after it is faster.
            if kept.is_ok() {
                best = Some(report);
            }
        }
        if best.is_none() {
            return Err(Failed::at(&self.plan.target, LoadFault::NotFound(promise.text.clone())));
        }
        Ok(best)
    }

    /// What ended them before all were made, if something did.
    fn unfinished(&self) -> Option<Reason> {
        match (self.interrupted, &self.cut) {
            (Some(_), _) => Some(Reason::Interrupted),
            (None, Some((reason, _))) => Some(*reason),
            (None, None) => None,
        }
    }

    /// About how many calls a second the server takes: the beginning of a search.
    async fn capacity(
        &mut self,
        io: &mut Writers<'_>,
        signal: Pin<&mut impl Future<Output = u8>>,
    ) -> Result<Option<f64>, Failed> {
        let load = Load {
            pace: Pace::Closed,
            duration: Some(Duration::from_secs(1)),
            warmup: Duration::ZERO,
            ..self.plan.load.clone()
        };
        let report = self.once(load, LoopModel::Closed, io, signal).await?;
        let Some(report) = report.filter(|_| self.unfinished().is_none()) else { return Ok(None) };
        if report.latency_intended.count == 0 {
            return Err(Failed::at(&self.plan.target, LoadFault::NoneOk(outcomes(&report))));
        }
        Ok(Some(report.rate_achieved.max(1.0)))
    }

    /// One run.
    async fn once(
        &mut self,
        load: Load,
        model: LoopModel,
        io: &mut Writers<'_>,
        signal: Pin<&mut impl Future<Output = u8>>,
    ) -> Result<Option<Report>, Failed> {
        let connect_timeout = self.plan.target.channel.target.connect_timeout;
        let job = self.ready.job(load.clone(), self.first, connect_timeout);
        let driven = drive(job, self.plan, (self.columns, io), signal, &mut self.interrupted).await;
        let error = match driven {
            Ok(Driven::Run(run)) => return Ok(Some(self.told(*run, &load, model))),
            Ok(Driven::Signal(code)) => {
                self.interrupted = Some(code);
                return Ok(None);
            }
            Err(error) => error,
        };
        // What is wrong with a server is found out as for any call.
        let failed = match self.ready.session.greeted().await {
            Err(why) => Failed::at(&self.plan.target, why),
            Ok(()) => Failed::at(&self.plan.target, error),
        };
        self.cut = Some((Reason::Unreachable, failed));
        Ok(None)
    }

    /// The report of a run, which may be the last.
    fn told(&mut self, run: Run, load: &Load, model: LoopModel) -> Report {
        self.first = self.first.wrapping_add(run.numbers);
        let offered =
            offered(load, model, run.due_for.filter(|time| !time.is_zero()).unwrap_or(run.measured));
        let report = Report::of(run, self.about(load), offered);
        let why = || report.end.detail.clone().unwrap_or_default();
        let fault = match report.end.reason {
            Reason::Unreachable => LoadFault::Gone(self.plan.target.place.text.clone(), why()),
            Reason::Data => LoadFault::Unmade(why()),
            _ => return report,
        };
        self.cut = Some((report.end.reason, Failed::at(&self.plan.target, fault)));
        report
    }

    fn about(&self, load: &Load) -> About {
        let number = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let machine = machine();
        About {
            target: self.plan.target.place.text.clone(),
            method: self.ready.method.clone(),
            protocol: self.plan.protocol().to_owned(),
            engine: self.ready.engine().to_owned(),
            load: load.to_string(),
            connections: number(load.connections),
            streams: number(load.streams),
            places: None,
            at_a_time: None,
            threads: number(load.threads),
            calls: load.calls,
            duration_ns: load.duration.map(nanos),
            timeout_ns: load.timeout.map(nanos),
            messages: load.sending,
            seed: Some(load.seed),
            rpcctl: env!("CARGO_PKG_VERSION").to_owned(),
            host: machine.host,
            os: machine.os,
            cpus: machine.cpus,
        }
    }
}

/// What calls ended in, and what the server said first to each.
fn outcomes(report: &Report) -> String {
    let told = |(counts, said): (&BTreeMap<String, u64>, &BTreeMap<String, String>)| {
        let each = counts.iter().map(|(name, calls)| {
            let said = said.get(name).map(|said| format!(" ({said:?})")).unwrap_or_default();
            format!("{} {name}{said}", units::count(*calls))
        });
        each.collect::<Vec<_>>()
    };
    let mut all = told((&report.codes, &report.status_messages));
    all.extend(told((&report.transport_errors, &report.transport_messages)));
    if all.is_empty() { "none ended at all".to_owned() } else { all.join(", ") }
}

/// What of the promise was found, or what broke it. A rate that is not reached keeps none.
fn keeps(report: &Report, promise: &Condition, rate: f64) -> Result<Found, String> {
    let found = promise.look(&Seen::report(report));
    if found.holds != Some(true) {
        return Err(found.words);
    }
    if report.dropped > 0 {
        let were = if report.dropped == 1 { "was" } else { "were" };
        return Err(format!("{} {were} dropped", units::many(report.dropped, "call")));
    }
    // What is always under way is not answered when the time is over, and no sign of falling behind.
    let under_way = rate * units::seconds(report.latency_actual.times.as_ref().map_or(0, |times| times.mean));
    let time = units::seconds(report.measured_ns);
    let (due, missing) = (rate * time, (rate - report.rate_achieved) * time);
    if missing > due * 0.01 + 2.0 * under_way + report.loop_model.chance(due) + 1.0 {
        return Err(format!("{} were answered", units::rate(report.rate_achieved)));
    }
    Ok(found)
}

/// How long a rate has to be tried for the promise to be told of enough samples; none where that is too long.
fn try_length(promise: &Condition, rate: f64) -> Option<Duration> {
    let samples = units::float(promise.samples()?);
    Duration::try_from_secs_f64(samples * SPARE / rate).ok().filter(|needed| *needed <= LONGEST_TRY)
}

/// A rate as a person would write it: four digits say enough of it.
fn rounded(rate: f64) -> f64 {
    format!("{rate:.3e}").parse().unwrap_or(rate)
}

/// When calls were to be made, and how many a second as long as any were due.
fn offered(load: &Load, model: LoopModel, due_for: Duration) -> Offered {
    let rate = match &load.pace {
        Pace::Closed => None,
        Pace::Open(schedule) => {
            let from = nanos(load.warmup);
            let seconds = due_for.as_secs_f64();
            (seconds > 0.0).then(|| schedule.offered(from, from.saturating_add(nanos(due_for))) / seconds)
        }
    };
    Offered { model, rate }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_tried_for_as_long_as_it_takes_to_tell() {
        let length = |promise: &str, rate| try_length(&promise.parse().unwrap(), rate);
        assert_eq!(length("p99.9<500ms", 1000.0), Some(Duration::from_secs(11)));
        assert_eq!(length("errors<1%", 1.0), None);
        // Ten samples beyond it would take three hours.
        assert_eq!(length("p99.99<500ms", 10.0), None);
    }
}
