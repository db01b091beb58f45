//! What is kept of calls: counts and distributions, never the calls themselves, so that a run takes as much memory however
//! many they are. By the second the same is kept packed, of no more than so many seconds apart (see
//! [`crate::bench::report::Intervals`]).

use std::collections::BTreeMap;
use std::fmt;

use hdrhistogram::Histogram;

use crate::http2::ErrorCode;
use crate::session::Code;

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// In a status: the server's own, or the one that stands for its HTTP status.
    Status(Code),
    /// In one of many that have no name, which are not told apart any more.
    AnyStatus,
    /// Without one.
    Fault(Fault),
}

impl Outcome {
    /// Whether it is what was hoped for.
    pub fn is_ok(self) -> bool {
        self == Self::Status(Code::OK)
    }

    /// What it counts as where there are too many of its kind, which only a server makes up.
    fn of_many(self) -> Option<Self> {
        match self {
            Self::Status(code) if code.name().is_none() => Some(Self::AnyStatus),
            Self::Fault(Fault::Reset(code)) if code.name().is_none() => Some(Self::Fault(Fault::AnyReset)),
            Self::Fault(Fault::GoAway(code)) if code.name().is_none() => Some(Self::Fault(Fault::AnyGoAway)),
            _ => None,
        }
    }
}

/// Why a call ended without a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// There was no connection for it.
    Connect,
    /// The server reset its stream (RFC 9113 §6.4).
    Reset(ErrorCode),
    /// It did so with one of many codes that have no name.
    AnyReset,
    /// The server took leave of the connection, and did not look at it any more (RFC 9113 §6.8).
    GoAway(ErrorCode),
    /// It did so with one of many codes that have no name.
    AnyGoAway,
    /// The connection was lost under it.
    Lost,
    /// Its time ran out.
    Deadline,
    /// The server broke the rules of HTTP/2 or gRPC.
    Broken,
}

/// As reports name it: `deadline`, `reset REFUSED_STREAM`.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect => f.write_str("connect"),
            Self::Reset(code) => write!(f, "reset {code}"),
            Self::AnyReset => f.write_str("reset other codes"),
            Self::GoAway(code) => write!(f, "goaway {code}"),
            Self::AnyGoAway => f.write_str("goaway other codes"),
            Self::Lost => f.write_str("lost"),
            Self::Deadline => f.write_str("deadline"),
            Self::Broken => f.write_str("broken"),
        }
    }
}

/// A distribution of times, in nanoseconds: counts in buckets that are exact to three digits, and what is exact beside
/// them.
#[derive(Debug, Clone)]
pub struct Latencies {
    /// None as long as nothing was recorded: most distributions of most runs stay empty.
    histogram: Option<Histogram<u64>>,
    /// Of all that was recorded.
    sum: u128,
    min: u64,
    max: u64,
    /// The value that came last, and how often it came since another did: calls that are answered together were often
    /// sent together.
    last: (u64, u64),
}

impl Default for Latencies {
    fn default() -> Self {
        Self { histogram: None, sum: 0, min: u64::MAX, max: 0, last: (0, 0) }
    }
}

impl Latencies {
    /// The longest time that is told apart from longer ones: an hour.
    pub const LONGEST: u64 = 3_600_000_000_000;
    /// How many digits of a time are kept.
    pub const DIGITS: u8 = 3;

    /// Records a time.
    #[inline]
    pub fn record(&mut self, nanos: u64) {
        if self.last.0 == nanos {
            self.last.1 += 1;
            return;
        }
        self.settle();
        self.last = (nanos, 1);
    }

    /// Puts what is held back where it belongs.
    fn settle(&mut self) {
        let (nanos, times) = std::mem::take(&mut self.last);
        if times == 0 {
            return;
        }
        // What is longer than the longest counts as that there, and is exact here.
        if let Some(histogram) = self.histogram() {
            histogram.saturating_record_n(nanos, times);
        }
        self.sum += u128::from(nanos) * u128::from(times);
        self.min = self.min.min(nanos);
        self.max = self.max.max(nanos);
    }

    fn histogram(&mut self) -> Option<&mut Histogram<u64>> {
        if self.histogram.is_none() {
            // All have the same bounds, so that they can be added up; a histogram can have these.
            self.histogram = Histogram::new_with_bounds(1, Self::LONGEST, Self::DIGITS).ok();
        }
        self.histogram.as_mut()
    }

    /// Adds all that another has recorded.
    pub fn add(&mut self, mut other: Self) {
        self.settle();
        other.settle();
        let Some(theirs) = other.histogram else { return };
        match &mut self.histogram {
            // It has the same bounds, and so has room for all of them.
            Some(own) => drop(own.add(theirs)),
            None => self.histogram = Some(theirs),
        }
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    /// What it says: none where nothing was recorded.
    pub fn look(&mut self) -> Option<Look<'_>> {
        self.settle();
        let histogram = self.histogram.as_ref()?;
        let count = histogram.len();
        (count > 0).then_some(Look { histogram, count, min: self.min, max: self.max, sum: self.sum })
    }
}

/// What a distribution says.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// Counts in buckets.
    pub histogram: &'a Histogram<u64>,
    /// How many times were recorded.
    pub count: u64,
    /// The shortest, exactly.
    pub min: u64,
    /// The longest, exactly.
    pub max: u64,
    /// All together, exactly.
    pub sum: u128,
}

/// How long calls took, from when each was due and from when it was sent.
#[derive(Debug, Clone, Default)]
pub struct Both {
    /// From when they were due. Nothing is recorded where a call is due when it is sent, as in a closed loop.
    pub intended: Latencies,
    /// From when they were sent.
    pub actual: Latencies,
}

impl Both {
    fn add(&mut self, other: Self) {
        self.intended.add(other.intended);
        self.actual.add(other.actual);
    }
}

/// Of how many statuses it is kept what servers say to them, and how much of that, in characters.
const STATUSES: usize = 32;
const LONGEST_MESSAGE: usize = 200;
/// What statuses are called that are not told apart any more.
pub const ANY_STATUS: &str = "other codes";
/// How many codes have names.
const NAMED: usize = 17;
/// How many codes that have none are told apart, of each kind: a server may make up one for each call.
pub const NAMELESS: usize = 64;

/// What became of calls, on one thread or all, in one interval or all.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// How many were sent, or came to nothing before they could be.
    pub issued: u64,
    /// How many ended in each code that has a name: by far the most, and counted without a search.
    named: [u64; NAMED],
    /// How many ended otherwise.
    others: BTreeMap<Outcome, u64>,
    /// How many calls became due by a clock of their own; none in a closed loop.
    pub due: Option<u64>,
    /// What servers said first to statuses other than OK.
    pub messages_of: BTreeMap<Code, String>,
    /// What was wrong first, of each way in which calls ended without a status.
    pub causes_of: BTreeMap<Fault, String>,
    /// Of those that ended well.
    pub ok: Both,
    /// Of those that did not.
    pub failed: Both,
    /// Of calls with a stream of answers: from sending the call to its first message.
    pub first_message: Latencies,
    /// And from each message to the next. All messages of a call are sent at once.
    pub messages: Latencies,
    /// How many messages were sent.
    pub messages_sent: u64,
    /// How many messages came.
    pub messages_received: u64,
    /// How many bytes were sent, as the connections carry them, without TLS.
    pub bytes_sent: u64,
    /// How many bytes came.
    pub bytes_received: u64,
    /// How many calls were due and not made, because too many were under way.
    pub dropped: u64,
    /// How long the call that waited longest to be sent did so, in nanoseconds.
    pub worst_lag: u64,
    /// How many of the calls that ended in a status did so after the last was due.
    pub drained: u64,
}

impl Tally {
    /// A call ended, so long after it was due and after it was sent; both are the same for who knows no difference.
    #[inline]
    pub fn ended(&mut self, outcome: Outcome, intended: Option<u64>, actual: u64) {
        let both = if outcome.is_ok() { &mut self.ok } else { &mut self.failed };
        both.actual.record(actual);
        self.count(outcome, intended);
    }

    /// A call came to nothing before it could be sent, so long after it was due: there is no time since it was sent.
    pub fn unsent(&mut self, outcome: Outcome, intended: Option<u64>) {
        self.count(outcome, intended);
    }

    #[inline]
    fn count(&mut self, outcome: Outcome, intended: Option<u64>) {
        let both = if outcome.is_ok() { &mut self.ok } else { &mut self.failed };
        if let Some(intended) = intended {
            both.intended.record(intended);
        }
        if let Outcome::Status(Code(code)) = outcome
            && let Some(count) = usize::try_from(code).ok().and_then(|code| self.named.get_mut(code))
        {
            *count += 1;
        } else {
            self.otherwise(outcome, 1);
        }
    }

    /// Calls ended in what is rare. Of what servers make up so much is told apart and no more.
    fn otherwise(&mut self, outcome: Outcome, count: u64) {
        if let Some(known) = self.others.get_mut(&outcome) {
            *known += count;
            return;
        }
        let many = outcome.of_many().filter(|many| {
            let alike = || self.others.keys().filter(|other| other.of_many() == Some(*many));
            self.others.contains_key(many) || alike().count() >= NAMELESS
        });
        *self.others.entry(many.unwrap_or(outcome)).or_default() += count;
    }

    /// A server says this to a status. What it says first is kept, of the first few statuses.
    pub fn said(&mut self, code: Code, message: &str) {
        if self.messages_of.len() < STATUSES && !message.is_empty() {
            self.messages_of.entry(code).or_insert_with(|| message.chars().take(LONGEST_MESSAGE).collect());
        }
    }

    /// Something was wrong with a call that ended in this way. What was first is kept, of the first few ways.
    pub fn why(&mut self, fault: Fault, words: &str) {
        if self.causes_of.len() < STATUSES && !words.is_empty() {
            self.causes_of.entry(fault).or_insert_with(|| words.chars().take(LONGEST_MESSAGE).collect());
        }
    }

    /// How many calls ended in each way that any did.
    pub fn outcomes(&self) -> BTreeMap<Outcome, u64> {
        let named = (0..).zip(self.named).filter(|(_, count)| *count > 0);
        let named = named.map(|(code, count)| (Outcome::Status(Code(code)), count));
        named.chain(self.others.iter().map(|(outcome, count)| (*outcome, *count))).collect()
    }

    /// The same by name: how many in each status, and how many without one.
    pub fn by_name(&self) -> (BTreeMap<String, u64>, BTreeMap<String, u64>) {
        let (mut codes, mut faults) = (BTreeMap::new(), BTreeMap::new());
        for (outcome, count) in self.outcomes() {
            match outcome {
                Outcome::Status(code) => codes.insert(code.to_string(), count),
                Outcome::AnyStatus => codes.insert(ANY_STATUS.to_owned(), count),
                Outcome::Fault(fault) => faults.insert(fault.to_string(), count),
            };
        }
        (codes, faults)
    }

    /// How many calls ended.
    pub fn over(&self) -> u64 {
        self.named.iter().sum::<u64>() + self.others.values().sum::<u64>()
    }

    /// Adds all that another has.
    pub fn add(&mut self, other: Self) {
        self.issued += other.issued;
        for (own, theirs) in self.named.iter_mut().zip(other.named) {
            *own += theirs;
        }
        for (outcome, count) in other.others {
            self.otherwise(outcome, count);
        }
        if let Some(due) = other.due {
            *self.due.get_or_insert(0) += due;
        }
        for (code, message) in other.messages_of {
            self.said(code, &message);
        }
        for (fault, words) in other.causes_of {
            self.why(fault, &words);
        }
        self.ok.add(other.ok);
        self.failed.add(other.failed);
        self.first_message.add(other.first_message);
        self.messages.add(other.messages);
        self.messages_sent += other.messages_sent;
        self.messages_received += other.messages_received;
        self.bytes_sent += other.bytes_sent;
        self.bytes_received += other.bytes_received;
        self.dropped += other.dropped;
        self.worst_lag = self.worst_lag.max(other.worst_lag);
        self.drained += other.drained;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distribution_is_exact_where_it_can_be() {
        let mut latencies = Latencies::default();
        assert!(latencies.look().is_none());
        for nanos in [0, 0, 1000, 123_456, 123_456, Latencies::LONGEST * 2] {
            latencies.record(nanos);
        }
        let look = latencies.look().unwrap();
        assert_eq!((look.count, look.min, look.max), (6, 0, Latencies::LONGEST * 2));
        assert_eq!(look.sum, 1000 + 2 * 123_456 + 2 * u128::from(Latencies::LONGEST));
        let middle = look.histogram.value_at_quantile(0.6);
        assert!(middle.abs_diff(123_456) <= 123, "{middle}");
    }

    #[test]
    fn tallies_add_up() {
        let mut total = Tally::default();
        let unknown = Outcome::Status(Code(99));
        let reset = Outcome::Fault(Fault::Reset(ErrorCode::REFUSED_STREAM));
        for outcome in [Outcome::Status(Code::OK), unknown, reset, reset] {
            let mut part = Tally { issued: 2, worst_lag: 7, ..Tally::default() };
            part.ended(outcome, Some(20), 10);
            total.add(part);
        }
        let counted: Vec<_> = total.outcomes().into_iter().collect();
        assert_eq!(counted, [(Outcome::Status(Code::OK), 1), (unknown, 1), (reset, 2)]);
        assert_eq!((total.issued, total.over(), total.worst_lag), (8, 4, 7));
        assert_eq!(total.failed.intended.look().unwrap().count, 3);
        assert_eq!(total.ok.actual.look().unwrap().max, 10);
        assert_eq!(Fault::Reset(ErrorCode::REFUSED_STREAM).to_string(), "reset REFUSED_STREAM");
    }

    #[test]
    fn what_was_never_sent_has_no_time_since_then() {
        let mut tally = Tally::default();
        tally.unsent(Outcome::Fault(Fault::Connect), Some(20));
        assert_eq!((tally.over(), tally.failed.intended.look().unwrap().max), (1, 20));
        assert!(tally.failed.actual.look().is_none());
        tally.unsent(Outcome::Fault(Fault::Connect), None);
        assert_eq!((tally.over(), tally.failed.intended.look().unwrap().count), (2, 1));
    }

    #[test]
    fn what_was_wrong_first_is_kept() {
        let mut total = Tally::default();
        for words in ["", "this", "that"] {
            let mut part = Tally::default();
            part.why(Fault::Broken, words);
            total.add(part);
        }
        assert_eq!(total.causes_of, [(Fault::Broken, "this".to_owned())].into());
    }

    #[test]
    fn codes_that_a_server_makes_up_are_no_more_than_so_many() {
        let mut total = Tally::default();
        for part in 0..4 {
            let mut tally = Tally::default();
            for number in 0..1000 {
                let code = 100 + part * 500 + number;
                tally.ended(Outcome::Status(Code(code)), None, 1);
                tally.ended(Outcome::Fault(Fault::Reset(ErrorCode(code))), None, 1);
                tally.ended(Outcome::Fault(Fault::GoAway(ErrorCode(code))), None, 1);
                // What has a name is always told.
                tally.ended(Outcome::Fault(Fault::Reset(ErrorCode::CANCEL)), None, 1);
                tally.ended(Outcome::Status(Code(number % 17)), None, 1);
            }
            assert_eq!(tally.over(), 5000);
            total.add(tally);
        }
        let told = total.outcomes();
        assert_eq!((told.len(), told.values().sum::<u64>()), (17 + 1 + 3 * (NAMELESS + 1), 20_000));
        for (outcome, name) in [
            (Outcome::AnyStatus, None),
            (Outcome::Fault(Fault::AnyReset), Some("reset other codes")),
            (Outcome::Fault(Fault::AnyGoAway), Some("goaway other codes")),
        ] {
            // Each code of the first sixty-four came once or twice.
            assert!(told[&outcome] >= 4000 - 2 * 64, "{told:?}");
            if let (Outcome::Fault(fault), Some(name)) = (outcome, name) {
                assert_eq!(fault.to_string(), name);
            }
        }
    }
}
