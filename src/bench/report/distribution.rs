//! A distribution as a report keeps it: the figures that are read, and all counts as HdrHistogram's V2 payload, so that
//! distributions can be added up without loss.

use std::io::Read as _;

use flate2::read::ZlibDecoder;
use hdrhistogram::Histogram;
use hdrhistogram::serialization::{Deserializer, Serializer as _, V2DeflateSerializer};
use serde::{Deserialize, Serialize};

use crate::bench::record::{Latencies, Look};
use crate::bench::units::{float, whole};
use crate::chars::{base64_digits, unbase64};

/// The percentiles that are told, by the names they have in a report.
pub const PERCENTILES: [(&str, f64); 6] =
    [("p50", 50.0), ("p90", 90.0), ("p95", 95.0), ("p99", 99.0), ("p99_9", 99.9), ("p99_99", 99.99)];

/// Far more than any run has, and few enough that sums of them are numbers still.
pub(super) const MOST: u64 = u64::MAX >> 12;

/// How many samples have to be beyond a percentile for it to say something.
const ENOUGH: f64 = 10.0;

/// How long something took, as often as it happened.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Distribution {
    /// How often.
    pub count: u64,
    /// How long; none where it never happened.
    #[serde(flatten)]
    pub times: Option<Times>,
}

/// Times in nanoseconds. Minimum, mean and maximum are exact; a percentile is the time that so many of a hundred did not
/// exceed, rounded up by no more than a thousandth.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// The shortest.
    pub min: u64,
    /// All of them, divided by how many.
    pub mean: u64,
    /// Percentiles.
    pub p50: u64,
    #[expect(missing_docs, reason = "as its name says")]
    pub p90: u64,
    #[expect(missing_docs, reason = "as its name says")]
    pub p95: u64,
    #[expect(missing_docs, reason = "as its name says")]
    pub p99: u64,
    #[expect(missing_docs, reason = "as its name says")]
    pub p99_9: u64,
    #[expect(missing_docs, reason = "as its name says")]
    pub p99_99: u64,
    /// The longest.
    pub max: u64,
    /// All together.
    pub sum: u64,
    /// The percentiles that fewer than ten samples are beyond.
    pub too_few: Vec<String>,
    /// All counts: HdrHistogram's V2 format, compressed, in base64.
    pub histogram: String,
}

impl Times {
    /// The percentiles, in the order of [`PERCENTILES`].
    pub fn percentiles(&self) -> [u64; 6] {
        [self.p50, self.p90, self.p95, self.p99, self.p99_9, self.p99_99]
    }
}

/// Why counts can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// They are not written in base64.
    #[error("a histogram is no base64")]
    Base64,
    /// They are not in HdrHistogram's V2 format.
    #[error("a histogram is not in HdrHistogram's compressed V2 format")]
    Format,
    /// Their buckets are not those of reports.
    #[error("a histogram has other bounds than those of rpcctl bench (1 ns to 1 h, 3 digits)")]
    Bounds,
    /// They are not those that the figures beside them are of.
    #[error("a histogram has {0} samples where {1} are told")]
    Count(u64, u64),
}

/// A distribution with all its counts.
#[derive(Debug, Clone)]
pub struct Counts {
    histogram: Histogram<u64>,
    min: u64,
    max: u64,
    sum: u64,
}

impl Counts {
    /// What it says.
    pub fn look(&self) -> Look<'_> {
        Look {
            histogram: &self.histogram,
            count: self.histogram.len(),
            min: self.min,
            max: self.max,
            sum: u128::from(self.sum),
        }
    }

    fn add(&mut self, other: &Self) {
        // All have the same bounds, which were looked at when they were read.
        let _ = self.histogram.add(&other.histogram);
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.sum = self.sum.saturating_add(other.sum);
    }
}

/// Whether too few of so many samples are beyond a percentile for it to say something.
pub fn is_too_few(count: u64, percentile: f64) -> bool {
    // What is 9.999999 by the way numbers are kept is 10.
    float(count) * (100.0 - percentile) / 100.0 < ENOUGH - 1e-6
}

/// How many samples a percentile takes for enough to be beyond it.
pub fn enough_for(percentile: f64) -> u64 {
    whole((ENOUGH * 100.0 / (100.0 - percentile) - 1e-6).ceil())
}

impl Look<'_> {
    /// The time that so many of a hundred did not exceed: no more than the longest, which is known exactly.
    pub fn percentile(&self, percentile: f64) -> u64 {
        self.histogram.value_at_percentile(percentile).clamp(self.min, self.max)
    }

    /// The same of this rank from the shortest on, which is the first; none beyond the last.
    fn of_rank(&self, rank: u64) -> Option<u64> {
        if rank > self.count {
            return None;
        }
        // The middle of a step, so that the next is never meant.
        let part = (float(rank.max(1)) - 0.5) / float(self.count);
        Some(self.histogram.value_at_quantile(part).clamp(self.min, self.max))
    }

    /// Between which times a percentile lies if there are so many more, of which nothing is known; none is no limit.
    pub fn percentile_among(&self, percentile: f64, unknown: u64) -> (u64, Option<u64>) {
        if unknown == 0 {
            let known = self.percentile(percentile);
            return (known, Some(known));
        }
        let all = float(self.count.saturating_add(unknown));
        // What is 10.000001 by the way numbers are kept is 10.
        let rank = whole((percentile / 100.0 * all - 1e-6).ceil()).max(1);
        // They are the shortest, or the longest.
        (self.of_rank(rank.saturating_sub(unknown)).unwrap_or(self.max), self.of_rank(rank))
    }

    /// The mean.
    pub fn mean(&self) -> u64 {
        let sum = float(u64::try_from(self.sum).unwrap_or(u64::MAX));
        whole(sum / float(self.count.max(1)))
    }

    /// Whether too few samples are beyond a percentile for it to say something.
    pub fn is_too_few(&self, percentile: f64) -> bool {
        is_too_few(self.count, percentile)
    }
}

impl Distribution {
    /// What was recorded.
    pub fn of(latencies: &mut Latencies) -> Self {
        latencies.look().map_or_else(Self::default, |look| Self::seen(&look))
    }

    /// What a distribution says.
    pub fn seen(look: &Look<'_>) -> Self {
        let at = |percentile| look.percentile(percentile);
        let too_few = PERCENTILES.iter().filter(|(_, percentile)| look.is_too_few(*percentile));
        let times = Times {
            min: look.min,
            mean: look.mean(),
            p50: at(50.0),
            p90: at(90.0),
            p95: at(95.0),
            p99: at(99.0),
            p99_9: at(99.9),
            p99_99: at(99.99),
            max: look.max,
            sum: u64::try_from(look.sum).unwrap_or(u64::MAX),
            too_few: too_few.map(|(name, _)| (*name).to_owned()).collect(),
            histogram: pack(look.histogram),
        };
        Self { count: look.count, times: Some(times) }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// All its counts; none where it is empty.
    pub fn counts(&self) -> Result<Option<Counts>, PayloadError> {
        let Some(times) = &self.times else {
            return if self.is_empty() { Ok(None) } else { Err(PayloadError::Count(0, self.count)) };
        };
        let histogram = unpack(&times.histogram)?;
        if histogram.len() != self.count || self.count > MOST {
            return Err(PayloadError::Count(histogram.len(), self.count));
        }
        // A value of the minimum's is in the histogram, so it's clamped to what is there.
        let (min, max) = (times.min, times.max.max(times.min));
        Ok(Some(Counts { histogram, min, max, sum: times.sum }))
    }

    /// All of these together, without loss.
    pub fn together<'d>(all: impl IntoIterator<Item = &'d Self>) -> Result<Self, PayloadError> {
        let mut total: Option<Counts> = None;
        for counts in all {
            match (&mut total, counts.counts()?) {
                (_, None) => {}
                (Some(total), Some(counts)) => total.add(&counts),
                (total, counts) => *total = counts,
            }
        }
        Ok(total.map_or_else(Self::default, |counts| Self::seen(&counts.look())))
    }
}

/// A histogram as text.
fn pack(histogram: &Histogram<u64>) -> String {
    let mut bytes = Vec::new();
    // It is written to memory, and no count is beyond what the format has room for: both would be an error here.
    if V2DeflateSerializer::new().serialize(histogram, &mut bytes).is_err() {
        return String::new();
    }
    String::from_utf8(base64_digits(&bytes)).unwrap_or_default()
}

/// What stands before a compressed histogram, and before one that is not.
const COMPRESSED: u32 = 0x1c84_9314;
const PLAIN: u32 = 0x1c84_9313;
/// How long the head of a histogram is.
const HEAD: usize = 40;
/// No histogram with the bounds of reports is longer.
const LONGEST: u64 = 1 << 20;

/// A histogram from its text. It may come from anywhere, so its head is looked at before memory is made for the rest.
fn unpack(text: &str) -> Result<Histogram<u64>, PayloadError> {
    let bytes = unbase64(text.as_bytes()).map_err(|_| PayloadError::Base64)?;
    let (head, deflated) = bytes.split_at_checked(8).ok_or(PayloadError::Format)?;
    if number(head, 0, 4) != Some(u64::from(COMPRESSED)) {
        return Err(PayloadError::Format);
    }
    let mut plain = Vec::new();
    let read = ZlibDecoder::new(deflated).take(LONGEST).read_to_end(&mut plain);
    read.map_err(|_| PayloadError::Format)?;
    let payload = u64::try_from(plain.len().saturating_sub(HEAD)).ok();
    if number(&plain, 0, 4) != Some(u64::from(PLAIN)) || number(&plain, 4, 4) != payload {
        return Err(PayloadError::Format);
    }
    let bounds = [number(&plain, 12, 4), number(&plain, 16, 8), number(&plain, 24, 8)];
    if bounds != [Some(u64::from(Latencies::DIGITS)), Some(1), Some(Latencies::LONGEST)] {
        return Err(PayloadError::Bounds);
    }
    Deserializer::new().deserialize(&mut plain.as_slice()).map_err(|_| PayloadError::Format)
}

/// A number of so many bytes, the highest first.
fn number(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    let bytes = bytes.get(at..at.checked_add(length)?)?;
    Some(bytes.iter().fold(0, |number, &byte| number << 8 | u64::from(byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(times: impl IntoIterator<Item = u64>) -> Distribution {
        let mut latencies = Latencies::default();
        times.into_iter().for_each(|nanos| latencies.record(nanos));
        Distribution::of(&mut latencies)
    }

    #[test]
    fn figures_are_those_of_the_samples() {
        let times = of((1..=10_000).map(|n| n * 1000)).times.unwrap();
        assert_eq!((times.min, times.mean, times.max), (1_000, 5_000_500, 10_000_000));
        for (told, exact) in times.percentiles().into_iter().zip([5000, 9000, 9500, 9900, 9990, 9999]) {
            let exact = exact * 1000;
            assert!((exact..=exact + exact / 1000).contains(&told), "{told} for {exact}");
        }
        assert_eq!(times.too_few, ["p99_99"]);
        assert_eq!(of([7; 19]).times.unwrap().too_few, ["p50", "p90", "p95", "p99", "p99_9", "p99_99"]);
        assert_eq!(of([7; 20]).times.unwrap().too_few.len(), 5);
        assert_eq!([50.0, 99.0, 99.9, 99.99].map(enough_for), [20, 1000, 10_000, 100_000]);
        assert!(is_too_few(9999, 99.9) && !is_too_few(10_000, 99.9));
    }

    #[test]
    fn a_percentile_among_times_that_are_not_known_lies_between_two() {
        let mut latencies = Latencies::default();
        (1..=99).for_each(|n| latencies.record(n));
        let look = latencies.look().unwrap();
        assert_eq!(look.percentile_among(50.0, 0), (50, Some(50)));
        // Of a hundred: the one that is not known is the first, or the last.
        assert_eq!(look.percentile_among(50.0, 1), (49, Some(50)));
        assert_eq!(look.percentile_among(99.0, 1), (98, Some(99)));
        assert_eq!(look.percentile_among(99.9, 1), (99, None));
        assert_eq!(look.percentile_among(0.1, 1), (1, Some(1)));
        // Most of all are not known.
        assert_eq!(look.percentile_among(50.0, 901), (1, None));
        assert_eq!(look.percentile_among(95.0, 901), (49, None));
        assert_eq!(look.percentile_among(1.0, u64::MAX), (1, None));
    }

    #[test]
    fn a_percentile_is_never_beyond_the_longest() {
        let longest = Latencies::LONGEST * 2;
        let times = of([5, longest]).times.unwrap();
        assert_eq!((times.p50, times.max), (5, longest));
        let times = of([1_000_001]).times.unwrap();
        assert_eq!(
            (times.min, times.p50, times.p99_99, times.max),
            (1_000_001, 1_000_001, 1_000_001, 1_000_001)
        );
    }

    #[test]
    fn adding_loses_nothing() {
        let (one, other) = (of((0..5_000).map(|n| n * n)), of((0..7_000).map(|n| 3 * n + 1)));
        let all = of((0..5_000).map(|n| n * n).chain((0..7_000).map(|n| 3 * n + 1)));
        assert_eq!(Distribution::together([&one, &Distribution::default(), &other]), Ok(all));
        assert_eq!(Distribution::together([]), Ok(Distribution::default()));
    }

    #[test]
    fn json_has_no_figures_where_there_are_none() {
        assert_eq!(serde_json::to_string(&Distribution::default()).unwrap(), r#"{"count":0}"#);
        let one = of([1, 2, 3]);
        let text = serde_json::to_string(&one).unwrap();
        assert!(text.starts_with(r#"{"count":3,"min":1,"mean":2,"p50":2,"#), "{text}");
        assert_eq!(serde_json::from_str::<Distribution>(&text).unwrap(), one);
        assert_eq!(serde_json::from_str::<Distribution>(r#"{"count":0}"#).unwrap(), Distribution::default());
    }

    #[test]
    fn what_is_no_histogram_of_a_report_is_refused() {
        let with = |histogram: String, count| Distribution {
            count,
            times: Some(Times { histogram, ..of([1]).times.unwrap() }),
        };
        let good = of([1]).times.unwrap().histogram;
        assert!(with(good.clone(), 1).counts().is_ok());
        assert_eq!(with(good.clone(), 2).counts().unwrap_err(), PayloadError::Count(1, 2));
        assert_eq!(with("*".to_owned(), 1).counts().unwrap_err(), PayloadError::Base64);
        assert_eq!(with(String::new(), 1).counts().unwrap_err(), PayloadError::Format);
        assert_eq!(
            with(good[..good.len() / 8 * 4].to_owned(), 1).counts().unwrap_err(),
            PayloadError::Format
        );
        let mut bytes = Vec::new();
        let other = Histogram::<u64>::new_with_bounds(1, 1_000_000, 2).unwrap();
        V2DeflateSerializer::new().serialize(&other, &mut bytes).unwrap();
        let other = String::from_utf8(base64_digits(&bytes)).unwrap();
        assert_eq!(with(other, 0).counts().unwrap_err(), PayloadError::Bounds);
        assert_eq!(Distribution { count: 1, times: None }.counts().unwrap_err(), PayloadError::Count(0, 1));
    }
}
