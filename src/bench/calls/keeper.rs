//! What goes by time on a thread: intervals, arrivals, calls that are late, and the end.

use std::time::Duration;

use super::Ways;
use super::desk::Desk;
use super::timer::Timer;
use crate::bench::part::End;
use crate::bench::units::nanos;

/// Keeps time until the run is over.
pub(super) async fn keep(desk: &Desk, ways: &Ways) -> End {
    let timer = match Timer::new() {
        Ok(timer) => timer,
        Err(error) => return End::Unreachable(error.to_string()),
    };
    let timeout = desk.part().load.timeout.map(nanos);
    let mut look_at = timeout.map_or(u64::MAX, |timeout| desk.now().saturating_add(timeout));
    let mut counted_from = Some(desk.part().book.counted_from);
    loop {
        let now = desk.now();
        if counted_from.is_some_and(|from| from <= now) {
            // What was carried until now belongs to the warm-up.
            desk.read_meters(ways);
            counted_from = None;
        }
        if desk.part().tick(now) {
            desk.read_meters(ways);
            desk.part().tell_interval(now);
        }
        if let Some(timeout) = timeout
            && now >= look_at
        {
            look_at = desk.expire(timeout, now);
        }
        if desk.gone_at() <= now {
            let why = desk.part().links.failed.1.clone();
            return End::Unreachable(why.unwrap_or_default());
        }
        if desk.part().is_open_loop() {
            desk.part().arrive(now);
            desk.call();
        }
        let wake = {
            let part = desk.part();
            if part.is_done(now) {
                return End::Done;
            }
            part.wake(now).min(part.due().unwrap_or(u64::MAX))
        };
        let wake = wake.min(look_at).min(desk.gone_at()).min(counted_from.unwrap_or(u64::MAX));
        tokio::select! {
            () = timer.wait(Duration::from_nanos(wake.saturating_sub(desk.now()))) => {}
            () = desk.rung() => {}
        }
    }
}
