//! A call's events, shown until it is over, a signal comes, or the deadline passes while nobody reads.

use std::collections::HashSet;
use std::future::Future;
use std::io::{self, Write as _};
use std::pin::Pin;
use std::time::{Duration, Instant};

use super::super::{Exit, Failed};
use crate::args::TargetPlan;
use crate::failure::status_exit;
use crate::output::call::{CallPrinter, detail_types};
use crate::output::exchange::Ending;
use crate::session::{Call, CallError, Payload, Session};
use crate::wire::{Code, Deadline, Event, EventKind, Origin, passed};

/// Shows one call's events.
pub(super) struct Show<'a> {
    session: &'a Session,
    target: &'a TargetPlan,
    printer: CallPrinter<'a>,
    /// Types that were looked up already, found or not.
    tried: HashSet<String>,
    /// How many more answers are shown, where not all are.
    left: Option<usize>,
    /// Whether this side ends the call before the server does.
    left_early: bool,
}

/// How long a reader may take for what is left to print when a signal has come.
const LAST_WRITE: Duration = Duration::from_millis(500);
/// What is being done while nobody reads.
const WRITING: &str = "the answer was being written";
/// How many events are shown before a signal is looked for, when they come faster than they can be shown.
const BURST: usize = 256;

impl<'a> Show<'a> {
    /// Shows what comes from this server with this printer, and no more answers than `limit`.
    pub(super) fn new(
        (session, target): (&'a Session, &'a TargetPlan),
        printer: CallPrinter<'a>,
        limit: Option<usize>,
    ) -> Self {
        Self { session, target, printer, tried: HashSet::new(), left: limit, left_early: false }
    }
}

impl Show<'_> {
    /// Shows the call to its end, or to a signal, and tells the exit code.
    pub(super) async fn drive(
        mut self,
        mut call: Call,
        signal: Pin<&mut impl Future<Output = u8>>,
    ) -> Result<Exit, Failed> {
        let code = tokio::select! {
            biased;
            // What came before the signal is shown before it counts.
            end = self.show_all(&mut call) => {
                if self.left_early {
                    self.leave(call).await;
                }
                return end;
            }
            code = signal => code,
        };
        let exit = self.interrupted(&mut call, code).await?;
        self.leave(call).await;
        Ok(exit)
    }

    /// Shows a call that is over, and tells how it ends, had it been answered well.
    pub(super) async fn replay(mut self, events: &[Event<Payload>]) -> io::Result<Exit> {
        for event in events {
            if self.printer.out().is_full() {
                self.printer.out().room().await?;
            }
            self.show(event).await?;
        }
        self.printer.out().finish().await?;
        Ok(self.answered())
    }

    /// Drops a call that the server has not ended, and has the server hear of that.
    async fn leave(&self, call: Call) {
        drop(call);
        self.session.close().await;
    }

    /// Shows the call to its end, whatever comes meanwhile. To be dropped at any time: what was shown by then stays.
    async fn show_all(&mut self, call: &mut Call) -> Result<Exit, Failed> {
        let mut burst = 0;
        loop {
            if self.printer.out().is_full() {
                let told = self.printer.tick()?;
                // A reader that does not read holds up the call, and neither signals nor the deadline.
                tokio::select! {
                    room = self.printer.out().room() => room?,
                    () = until(told) => continue,
                    deadline = passed(self.session.deadline()) => {
                        return Ok(self.stalled(deadline, WRITING).await?);
                    }
                }
            }
            let at_hand = tokio::select! {
                biased;
                event = call.next(), if burst < BURST => Some(event),
                () = std::future::ready(()) => None,
            };
            burst += 1;
            let event = if let Some(event) = at_hand {
                event
            } else {
                if burst > BURST {
                    tokio::task::yield_now().await;
                }
                burst = 0;
                let due = self.printer.out().pause()?;
                let told = self.printer.tick()?;
                tokio::select! {
                    biased;
                    event = call.next() => event,
                    () = until(due) => {
                        self.printer.out().flush()?;
                        continue;
                    }
                    () = until(told) => continue,
                }
            };
            let Some(end) = self.take(event).await else { continue };
            tokio::select! {
                finished = self.printer.out().finish() => finished?,
                deadline = passed(self.session.deadline()) => if matches!(end, Ok(Exit::OK)) {
                    return Ok(self.stalled(deadline, WRITING).await?);
                },
            }
            return end;
        }
    }

    /// Shows an event, or what is there instead, and tells whether all is over with it, and how.
    async fn take(
        &mut self,
        event: Option<Result<Event<Payload>, CallError>>,
    ) -> Option<Result<Exit, Failed>> {
        let event = match event {
            None => return Some(Ok(Exit::OK)),
            Some(Err(error)) if error.is_of_one() => {
                let failed = Failed::at(self.target, error);
                return self
                    .printer
                    .unsent(&failed.ending(), &failed.report())
                    .err()
                    .map(|error| Err(error.into()));
            }
            // Each has been told.
            Some(Err(error)) if error.sums_up() => return Some(Err(Failed::at(self.target, error))),
            Some(Err(error)) => {
                let failed = Failed::at(self.target, error);
                return Some(self.printer.cut(&failed.ending()).map_err(Failed::from).and(Err(failed)));
            }
            Some(Ok(event)) => event,
        };
        let shaped = matches!(event.kind, EventKind::Message { .. }) && self.printer.reshapes();
        let deadline = self.session.deadline();
        let shown = tokio::select! {
            biased;
            shown = self.show(&event) => shown,
            deadline = passed(deadline), if shaped => {
                return Some(self.stalled(deadline, "--jq was at work").await.map_err(Failed::from));
            }
        };
        match (shown, event.kind) {
            (Err(error), _) => Some(Err(error.into())),
            (Ok(()), EventKind::End(status, _)) if status.code == Code::OK => Some(Ok(self.answered())),
            (Ok(()), EventKind::End(status, _)) => {
                self.left_early = status.origin == Origin::Local;
                Some(Ok(Exit(status_exit(status.code))))
            }
            (Ok(()), EventKind::Message { .. }) if self.was_last() => {
                self.left_early = true;
                Some(self.printer.limited(Instant::now()).map(|()| self.answered()).map_err(Failed::from))
            }
            _ => None,
        }
    }

    /// How a call ends that was answered: well, unless an answer was not what it should be, as where one is broken, or
    /// could not be made what was asked for.
    fn answered(&self) -> Exit {
        match (self.printer.unfit(), self.printer.left_out()) {
            (1.., _) => Exit(status_exit(Code::INTERNAL)),
            (0, 1..) => Exit(1),
            (0, 0) => Exit::OK,
        }
    }

    /// Whether an answer was the last that is wanted.
    fn was_last(&mut self) -> bool {
        self.left = self.left.map(|left| left.saturating_sub(1));
        self.left == Some(0)
    }

    /// A signal ends the call. What came and was waiting for its turn is shown, unless that takes a filter's time too.
    async fn interrupted(&mut self, call: &mut Call, code: u8) -> io::Result<Exit> {
        'calls: for events in call.ahead() {
            for event in events {
                if tokio::time::timeout(LAST_WRITE, self.show(&event)).await.is_err() {
                    break 'calls;
                }
            }
            self.printer.cut(&Ending::Signal(code))?;
        }
        interrupted(&mut self.printer, code).await
    }

    /// The deadline passed when the answer was there and not shown yet.
    async fn stalled(&mut self, deadline: Deadline, doing: &str) -> io::Result<Exit> {
        self.left_early = true;
        let status = deadline.exceeded(doing);
        self.printer.cut(&Ending::Status(&status, &*self.session.schema().await))?;
        // It takes up again, or it does not.
        let _ = tokio::time::timeout(LAST_WRITE, self.printer.out().finish()).await;
        self.printer.local_status(&status)?;
        Ok(Exit(status_exit(status.code)))
    }

    async fn show(&mut self, event: &Event<Payload>) -> io::Result<()> {
        match &event.kind {
            EventKind::Message { .. } => {
                self.render(event).await;
                self.printer.reshape().await?;
                self.printer.event(event)
            }
            EventKind::Sent { payload: Some(_), .. } => {
                self.render(event).await;
                self.printer.event(event)
            }
            EventKind::Ended { status, .. } | EventKind::End(status, _) => {
                if status.is_from_server() {
                    self.learn(detail_types(status)).await;
                }
                self.printer.end(event, &*self.session.schema().await)
            }
            _ => self.printer.event(event),
        }
    }

    /// Renders an event's message, and once more where there are types to be learnt for it.
    async fn render(&mut self, event: &Event<Payload>) {
        let missing = self.printer.render(event, &*self.session.schema().await);
        if !missing.types.is_empty() && self.learn(missing.types).await {
            self.printer.render(event, &*self.session.schema().await);
        }
    }

    /// Asks the server for types that only an `Any` names, each once.
    async fn learn(&mut self, mut types: Vec<String>) -> bool {
        types.retain(|name| self.tried.insert(name.clone()));
        !types.is_empty() && self.session.schema().await.learn(&types).await
    }
}

/// A signal ends the call: what came is printed first, as far as somebody reads it.
pub(super) async fn interrupted(printer: &mut CallPrinter<'_>, code: u8) -> io::Result<Exit> {
    printer.cut(&Ending::Signal(code))?;
    // ^C goes to a whole pipeline: a reader that it ended first changes nothing about how this ends.
    let _ = tokio::time::timeout(LAST_WRITE, printer.out().finish()).await;
    printer.interrupted(Instant::now())?;
    Ok(Exit(code))
}

/// Done at that moment, if there is one.
async fn until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}
