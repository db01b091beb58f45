//! One run from its first connection to its last answer, watched.

use std::io::Write as _;
use std::pin::Pin;
use std::time::Duration;

use super::super::Writers;
use super::plan::BenchPlan;
use super::ready::Job;
use crate::bench::condition::{Condition, Figure, Seen};
use crate::bench::load::Load;
use crate::bench::progress::{Goal, Progress};
use crate::bench::record::Tally;
use crate::bench::run::{Run, Standing};
use crate::bench::running::StartError;
use crate::output::bench::Live;

/// How a run went.
pub(super) enum Driven {
    Run(Box<Run>),
    /// A signal came before it began, with this exit code.
    Signal(u8),
}

/// Makes the calls, and tells how that is getting on. A signal ends it, with what is known by then.
pub(super) async fn drive(
    job: Job,
    plan: &BenchPlan,
    (columns, io): (Option<usize>, &mut Writers<'_>),
    mut signal: Pin<&mut impl Future<Output = u8>>,
    interrupted: &mut Option<u8>,
) -> Result<Driven, StartError> {
    let goal = goal(job.load());
    let warmup = job.load().warmup;
    let mut running = job.start()?;
    tokio::select! {
        begun = running.begin() => begun?,
        code = &mut signal => {
            running.interrupt();
            return Ok(Driven::Signal(code));
        }
    }
    if !plan.quiet && !warmup.is_zero() {
        // What is said on the side ends nothing.
        let _ = writeln!(io.talk, "* warming up for {}", humantime::format_duration(warmup));
    }
    let mut live = Live::new(io.talk, columns);
    let mut progress = Progress::new(goal, warmup);
    loop {
        let interval = tokio::select! {
            interval = running.next() => interval,
            code = &mut signal, if interrupted.is_none() => {
                *interrupted = Some(code);
                running.interrupt();
                continue;
            }
        };
        let Some(mut interval) = interval else { break };
        progress.note(&mut interval);
        let elapsed = interval.at + interval.length;
        if !interval.is_warm_up
            && let Some(condition) = met(&plan.stop_on, running.tally(), (elapsed, interval.standing))
        {
            running.stop(condition.text.clone());
        }
        if !plan.quiet {
            // What is said on the side ends nothing.
            let _ = live.show(&progress);
        }
    }
    let _ = live.flush();
    Ok(Driven::Run(Box::new(running.finish())))
}

fn goal(load: &Load) -> Goal {
    match (load.calls, load.duration) {
        (Some(calls), _) => Goal::Calls(calls),
        (None, Some(time)) => Goal::Time(time + load.warmup),
        (None, None) => Goal::None,
    }
}

/// Which condition has come true, by what was counted so far.
fn met<'c>(
    conditions: &'c [Condition],
    tally: &mut Tally,
    (elapsed, standing): (Duration, Standing),
) -> Option<&'c Condition> {
    if conditions.is_empty() {
        return None;
    }
    let figures: Vec<Figure> = conditions.iter().map(|condition| condition.figure.clone()).collect();
    let seen = Seen::tally(tally, elapsed, standing, &figures);
    conditions.iter().find(|condition| condition.is_met(&seen))
}
