//! How a call goes, beside what it is: when it is made again, how its messages go out, when this side ends it.

use std::time::Duration;

use clap::Args;

use super::values;
use crate::session::{Backoff, CancelAfter, Course, Flow, RetryPlan};
use crate::wire::Code;

/// How a call goes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Retry and flow")]
pub struct CourseArgs {
    /// Make a call that failed again, up to so many times
    ///
    /// Before any answer was shown, with all that was sent before. The server's grpc-retry-pushback-ms counts.
    #[arg(long, value_name = "N", default_value = "0", hide_default_value = true)]
    pub retry: u32,

    /// The statuses that --retry is for
    ///
    /// Names or numbers, with commas between. A server that can't be reached is UNAVAILABLE.
    #[arg(
        long,
        value_name = "CODES",
        default_value = "UNAVAILABLE",
        value_delimiter = ',',
        value_parser = code
    )]
    pub retry_codes: Vec<Code>,

    /// How long --retry waits before the first retry
    ///
    /// Twice as long before each next, and by chance a fifth more or less.
    #[arg(long, value_name = "DURATION", default_value = "200ms", value_parser = values::positive_duration)]
    pub retry_delay: Duration,

    /// The longest that --retry waits
    #[arg(long, value_name = "DURATION", default_value = "5s", value_parser = values::positive_duration)]
    pub retry_max_delay: Duration,

    /// Cancel the call after this time, or after so many answers (3msg)
    ///
    /// The server is told, and the call ends in CANCELLED. The time begins with the request's headers.
    #[arg(long, value_name = "DURATION|Nmsg", value_parser = cancel)]
    pub cancel_after: Option<CancelAfter>,

    /// Wait this long between two messages of the request
    #[arg(long, value_name = "DURATION", value_parser = values::positive_duration)]
    pub send_delay: Option<Duration>,

    /// Do not tell the server that the last message was sent
    ///
    /// Until it ends the call, or --cancel-after does, or --timeout.
    #[arg(long)]
    pub no_half_close: bool,
}

impl CourseArgs {
    /// The course of a call.
    pub fn plan(&self) -> Course {
        Course {
            flow: Flow { delay: self.send_delay, half_close: !self.no_half_close },
            retry: RetryPlan {
                retries: self.retry,
                codes: self.retry_codes.clone(),
                backoff: Backoff { initial: self.retry_delay, max: self.retry_max_delay },
            },
            cancel: self.cancel_after,
        }
    }

    /// The first flag given that is about something that other protocols than HTTP's do not have.
    pub fn given(&self) -> Option<&'static str> {
        let flags = [
            (self.retry > 0, "--retry"),
            (self.cancel_after.is_some(), "--cancel-after"),
            (self.send_delay.is_some(), "--send-delay"),
            (self.no_half_close, "--no-half-close"),
        ];
        flags.into_iter().find_map(|(given, flag)| given.then_some(flag))
    }
}

/// A status by its name, in any case, or its number.
fn code(text: &str) -> Result<Code, String> {
    let upper = text.trim().to_ascii_uppercase().replace('-', "_");
    let upper = if upper == "CANCELED" { "CANCELLED" } else { &upper };
    let number = || upper.parse().ok().map(Code);
    Code::named(upper).or_else(number).ok_or_else(|| "write a status such as UNAVAILABLE or 14".to_owned())
}

fn cancel(text: &str) -> Result<CancelAfter, String> {
    let wrong = "write a duration such as 500ms, or a number of answers such as 3msg";
    match text.strip_suffix("msg") {
        Some(count) => count.trim().parse().map(CancelAfter::Messages).map_err(|_| wrong.to_owned()),
        None => values::duration(text).map(CancelAfter::Time).map_err(|_| wrong.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_have_names_and_numbers() {
        assert_eq!(code("unavailable"), Ok(Code(14)));
        assert_eq!(code(" Resource-Exhausted"), Ok(Code(8)));
        assert_eq!(code("canceled"), Ok(Code(1)));
        assert_eq!(code("10"), Ok(Code(10)));
        assert!(code("sometimes").is_err());
    }

    #[test]
    fn cancelling_is_by_time_or_by_answers() {
        assert_eq!(cancel("3msg"), Ok(CancelAfter::Messages(3)));
        assert_eq!(cancel("500ms"), Ok(CancelAfter::Time(Duration::from_millis(500))));
        assert_eq!(cancel("0"), Ok(CancelAfter::Time(Duration::ZERO)));
        for wrong in ["msg", "-1msg", "soon"] {
            assert!(cancel(wrong).is_err(), "{wrong}");
        }
    }
}
