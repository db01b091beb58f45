//! A distribution in as few buckets as can be seen at a glance: their bounds are round numbers, each the same part or the
//! same step beyond the one before, so that neither the bulk nor the tail is a single bar.

use crate::bench::record::Look;
use crate::bench::units::{float, whole};

/// No more than this are seen at a glance.
const MOST: usize = 14;

/// How often a time was from one to below the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bucket {
    pub(super) from: u64,
    pub(super) to: u64,
    pub(super) count: u64,
}

/// Bounds within ten, from the finest.
const SERIES: [&[f64]; 6] = [
    &[1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0],
    &[1.0, 1.5, 2.0, 3.0, 5.0, 7.0],
    &[1.0, 2.0, 5.0],
    &[1.0, 3.0],
    &[1.0],
    &[],
];
/// What is spread over less than this times its least is told in even steps.
const NARROW: f64 = 4.0;

/// A distribution in buckets, all from that of the least to that of the most.
pub(super) fn buckets(look: &Look<'_>) -> Vec<Bucket> {
    let bounds = bounds(look.min, look.max);
    let pairs = bounds.iter().zip(bounds.iter().skip(1));
    let mut buckets: Vec<Bucket> = pairs.map(|(&from, &to)| Bucket { from, to, count: 0 }).collect();
    for step in look.histogram.iter_recorded() {
        let time = step.value_iterated_to().clamp(look.min, look.max);
        let at = buckets.partition_point(|bucket| bucket.to <= time);
        let last = buckets.len().saturating_sub(1);
        if let Some(bucket) = buckets.get_mut(at.min(last)) {
            bucket.count += step.count_since_last_iteration();
        }
    }
    buckets
}

/// Round bounds around both, as many as there may be.
fn bounds(min: u64, max: u64) -> Vec<u64> {
    if float(max) < float(min) * NARROW || max < 10 {
        return even(min, max);
    }
    let fit = SERIES.iter().map(|series| rounded(min, max, series)).find(|bounds| bounds.len() <= MOST + 1);
    fit.filter(|bounds| bounds.len() > 1).unwrap_or_else(|| even(min, max))
}

/// Bounds in even steps of 1, 2 or 5 and zeros.
fn even(min: u64, max: u64) -> Vec<u64> {
    let span = max - min.min(max);
    let digits = |power| [1_u64, 2, 5].map(|digit| digit.saturating_mul(10_u64.saturating_pow(power)));
    // What is shown has three digits, and bounds that look the same are none.
    let seen = 10_u64.saturating_pow(max.checked_ilog10().unwrap_or_default().saturating_sub(2));
    let fits = |step: &u64| span / step < 12 && *step >= seen;
    let step = (0..19).flat_map(digits).find(fits).unwrap_or(u64::MAX);
    let first = min / step;
    (first..=(max / step).saturating_add(1)).map(|count| count.saturating_mul(step)).collect()
}

/// Bounds of a series, from the last that is not beyond the least to the first that is beyond the most.
fn rounded(min: u64, max: u64, series: &[f64]) -> Vec<u64> {
    let all = (0..20).flat_map(|power| series.iter().map(move |part| whole(part * 10_f64.powi(power))));
    let mut bounds: Vec<u64> = Vec::new();
    for bound in all {
        if bounds.last() == Some(&bound) {
            continue;
        }
        if bound <= min {
            bounds.clear();
        }
        bounds.push(bound);
        if bound > max {
            break;
        }
    }
    // Nothing is shorter than the shortest bound but nothing at all.
    if bounds.first().is_some_and(|first| *first > min) {
        bounds.insert(0, 0);
    }
    bounds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::record::Latencies;

    fn of(times: &[u64]) -> Vec<(u64, u64, u64)> {
        let mut latencies = Latencies::default();
        for &time in times {
            latencies.record(time);
        }
        buckets(&latencies.look().unwrap()).iter().map(|b| (b.from, b.to, b.count)).collect()
    }

    #[test]
    fn what_is_near_has_even_steps_and_what_is_far_apart_has_even_parts() {
        assert_eq!(
            of(&[1_050_000, 1_090_000, 1_450_000]),
            [
                (1_050_000, 1_100_000, 2),
                (1_100_000, 1_150_000, 0),
                (1_150_000, 1_200_000, 0),
                (1_200_000, 1_250_000, 0),
                (1_250_000, 1_300_000, 0),
                (1_300_000, 1_350_000, 0),
                (1_350_000, 1_400_000, 0),
                (1_400_000, 1_450_000, 0),
                (1_450_000, 1_500_000, 1)
            ]
        );
        assert_eq!(of(&[120, 9_000, 1_000_000, 999_999]).first(), Some(&(100, 200, 1)));
        assert_eq!(of(&[7]), [(7, 8, 1)]);
        assert_eq!(of(&[0, 0]), [(0, 1, 2)]);
    }

    #[test]
    fn no_two_bounds_look_the_same() {
        for (least, most) in [
            (2_040_000_000, 2_080_000_000),
            (2_081_234_567, 2_081_234_999),
            (9_990_000, 10_010_000),
            (99_940, 100_060),
            (998_000_000, 1_002_000_000),
            (1_020, 1_090),
        ] {
            let bounds = bounds(least, most);
            let told: Vec<String> = bounds.iter().map(|bound| crate::bench::units::time(*bound)).collect();
            let mut apart = told.clone();
            apart.dedup();
            assert_eq!(told, apart, "{least} {most}");
        }
    }

    #[test]
    fn nothing_is_lost_and_there_are_never_many() {
        let cases: [&[u64]; 6] = [
            &[0, 5, 1 << 50],
            &[1, 2, 3],
            &[999, 1001, 123_456_789_000],
            &[u64::MAX >> 1],
            &[1_000_000, 1_000_001],
            &[0, 9, 10, 11],
        ];
        for times in cases {
            let buckets = of(times);
            let counted: u64 = buckets.iter().map(|(_, _, count)| count).sum();
            assert_eq!(counted, times.len() as u64, "{buckets:?}");
            assert!(buckets.len() <= MOST, "{buckets:?}");
            assert!(buckets.iter().all(|(from, to, _)| from < to), "{buckets:?}");
        }
    }
}
