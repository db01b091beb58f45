//! Runs of a load: one, several alike, or as many as a search takes.

use std::pin::{Pin, pin};
use std::time::Duration;

use super::super::{Exit, Failed, Surroundings, Writers, signal};
use super::drive::{Driven, drive};
use super::fault::{LoadFault, ReportFault};
use super::plan::{self, BenchPlan};
use super::ready::{Ready, ready};
use super::words::LoadVerbArgs;
use crate::bench::condition::{Condition, Seen};
use crate::bench::load::{Load, Pace};
use crate::bench::machine;
use crate::bench::pace::Rate;
use crate::bench::report::{About, LoopModel, Offered, Reason, Report};
use crate::bench::search::Search;
use crate::bench::units::{self, nanos};
use crate::output::sanitize;

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
    let columns = surroundings.progress_columns;
    let mut rounds = Rounds { plan: &plan, ready: &ready, columns, interrupted: None };
    let report = match &plan.search {
        Some(promise) => rounds.search(promise, io, signal.as_mut()).await?,
        None => rounds.repeat(io, signal.as_mut()).await?,
    };
    let interrupted = rounds.interrupted;
    let Some(mut report) = report else { return Ok(Exit(interrupted.unwrap_or_default())) };
    let exit = args.shown.show(&mut report, surroundings, io)?;
    if let Some(code) = interrupted {
        return Ok(Exit(code));
    }
    if report.end.reason == Reason::Unreachable {
        io.out.finish().await?;
        let (server, why) = (plan.target.place.text.clone(), report.end.detail.unwrap_or_default());
        return Err(Failed::at(&plan.target, LoadFault::Gone(server, why)));
    }
    Ok(exit)
}

/// Runs that are made one after the other.
struct Rounds<'p> {
    plan: &'p BenchPlan,
    ready: &'p Ready,
    columns: Option<usize>,
    /// The exit code of the signal that ended them.
    interrupted: Option<u8>,
}

impl Rounds<'_> {
    /// The same load as often as was asked for.
    async fn repeat(
        &mut self,
        io: &mut Writers<'_>,
        mut signal: Pin<&mut impl Future<Output = u8>>,
    ) -> Result<Option<Report>, Failed> {
        let mut reports = Vec::new();
        for number in 1..=self.plan.repeat {
            if self.plan.repeat > 1 && !self.plan.quiet {
                writeln!(io.talk, "* run {number} of {}", self.plan.repeat)?;
            }
            let load = self.plan.load.clone();
            let Some(report) = self.once(load, self.plan.model, io, signal.as_mut()).await? else { break };
            let goes_on = self.interrupted.is_none() && report.end.reason != Reason::Unreachable;
            reports.push(report);
            if !goes_on {
                break;
            }
        }
        Ok(match reports.len() {
            0 | 1 => reports.pop(),
            _ => Some(Report::in_a_row(&reports).map_err(ReportFault::Join)?),
        })
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
        let mut tries = 0;
        while let Some(per_second) = search.rate().map(rounded) {
            let Some(rate) = Rate::new(per_second) else { break };
            // What is tried again draws other gaps.
            let load = Load { seed: self.plan.load.seed.wrapping_add(tries), ..self.plan.at(rate) };
            tries += 1;
            let Some(report) = self.once(load, self.plan.model, io, signal.as_mut()).await? else { break };
            if self.interrupted.is_some() || report.end.reason == Reason::Unreachable {
                return Ok(Some(best.unwrap_or(report)));
            }
            let kept = keeps(&report, promise, per_second);
            let word = if kept.is_ok() { "kept" } else { "broken" };
            let why = kept.clone().unwrap_or_else(|broken| broken);
            writeln!(io.talk, "* {} {word}: {}", units::rate(per_second), sanitize::line(&why))?;
            search.tried(kept.is_ok());
            // What is tried after it is faster.
            if kept.is_ok() {
                best = Some(report);
            }
        }
        if best.is_none() && self.interrupted.is_none() {
            return Err(Failed::at(&self.plan.target, LoadFault::NotFound(promise.text.clone())));
        }
        Ok(best)
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
        let report = report.filter(|_| self.interrupted.is_none());
        Ok(report.map(|report| report.rate_achieved.max(1.0)))
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
        let job = self.ready.job(load.clone(), connect_timeout);
        let driven = drive(job, self.plan, (self.columns, io), signal, &mut self.interrupted).await;
        match driven {
            Ok(Driven::Run(run)) => {
                let offered = offered(&load, model, run.measured);
                Ok(Some(Report::of(*run, self.about(&load), offered)))
            }
            Ok(Driven::Signal(code)) => {
                self.interrupted = Some(code);
                Ok(None)
            }
            // What is wrong with a server is found out as for any call.
            Err(error) => Err(match self.ready.session.greeted().await {
                Err(why) => Failed::at(&self.plan.target, why),
                Ok(()) => Failed::at(&self.plan.target, error),
            }),
        }
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

/// What of the promise was found, or what broke it. A rate that is not reached keeps none.
fn keeps(report: &Report, promise: &Condition, rate: f64) -> Result<String, String> {
    let found = promise.look(&Seen::report(report));
    if found.holds != Some(true) {
        return Err(found.words);
    }
    if report.dropped > 0 {
        return Err(format!("{} calls were dropped", units::count(report.dropped)));
    }
    // What is always under way is not answered when the time is over, and no sign of falling behind.
    let under_way = rate * units::seconds(report.latency_actual.times.as_ref().map_or(0, |times| times.mean));
    let time = units::seconds(report.measured_ns);
    let (due, missing) = (rate * time, (rate - report.rate_achieved) * time);
    if missing > due * 0.01 + 2.0 * under_way + report.loop_model.chance(due) + 1.0 {
        return Err(format!("{} were answered", units::rate(report.rate_achieved)));
    }
    Ok(found.words)
}

/// A rate as a person would write it: four digits say enough of it.
fn rounded(rate: f64) -> f64 {
    format!("{rate:.3e}").parse().unwrap_or(rate)
}

/// When calls were to be made, and how many a second.
fn offered(load: &Load, model: LoopModel, measured: Duration) -> Offered {
    let rate = match &load.pace {
        Pace::Closed => None,
        Pace::Open(schedule) => {
            let from = nanos(load.warmup);
            let seconds = measured.as_secs_f64();
            (seconds > 0.0).then(|| schedule.offered(from, from.saturating_add(nanos(measured))) / seconds)
        }
    };
    Offered { model, rate }
}
