//! Whether two sets of repeats differ more than those of one thing would: the rank test of Mann and Whitney, exactly.
//!
//! It takes no more of the figures than which is larger, so that it needs no assumption about how they are spread, and an
//! outlier is no more than one repeat.

/// Of more repeats than this, so many are looked at, evenly chosen: they tell enough.
const MOST: usize = 60;
/// Fewer on either side can't be told from noise, however far they are apart.
const FEWEST: usize = 3;

/// How often two sets of repeats of one thing would be at least so far apart, in this direction; none where there are too few to
/// tell. Both are in order.
pub fn chance(one: &[f64], other: &[f64]) -> Option<f64> {
    if one.len() < FEWEST || other.len() < FEWEST {
        return None;
    }
    let (one, other) = (few(one), few(other));
    // Halves, since equal ones count for either.
    let halves: usize = one.iter().map(|a| other.iter().map(|b| beats(*a, *b)).sum::<usize>()).sum();
    let least = halves.min(2 * one.len() * other.len() - halves);
    // Half a win is told as a whole one, which makes the chance no smaller than it is.
    let counts = arrangements(one.len(), other.len());
    let all: f64 = counts.iter().sum();
    let beyond: f64 = counts.iter().take(least.div_ceil(2) + 1).sum();
    Some((beyond / all).min(1.0))
}

/// No more than so many of them, evenly chosen.
fn few(all: &[f64]) -> Vec<f64> {
    all.iter().step_by(all.len().div_ceil(MOST)).copied().collect()
}

/// How many halves of a win one is over the other.
fn beats(one: f64, other: f64) -> usize {
    match one.total_cmp(&other) {
        std::cmp::Ordering::Less => 0,
        std::cmp::Ordering::Equal => 1,
        std::cmp::Ordering::Greater => 2,
    }
}

/// In how many orders the first set has so many wins over the second, by how many: the coefficients of the Gaussian
/// binomial.
fn arrangements(first: usize, second: usize) -> Vec<f64> {
    let mut counts = vec![0.0; first * second + 1];
    if let Some(none) = counts.first_mut() {
        *none = 1.0;
    }
    // Multiplied by (1 - x^(second+k)) and divided by (1 - x^k), for each k.
    for k in 1..=first {
        for at in (second + k..counts.len()).rev() {
            let lower = counts.get(at - second - k).copied().unwrap_or_default();
            if let Some(count) = counts.get_mut(at) {
                *count -= lower;
            }
        }
        for at in k..counts.len() {
            let lower = counts.get(at - k).copied().unwrap_or_default();
            if let Some(count) = counts.get_mut(at) {
                *count += lower;
            }
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::units::whole;

    #[test]
    fn arrangements_are_those_of_the_gaussian_binomial() {
        assert_eq!(arrangements(2, 2), [1.0, 1.0, 2.0, 1.0, 1.0]);
        let all = |first, second| whole(arrangements(first, second).iter().sum());
        assert_eq!((all(5, 5), all(3, 4), all(1, 9)), (252, 35, 10));
    }

    #[test]
    fn sets_that_are_apart_are_no_noise_and_mixed_ones_are() {
        let near = |chance: Option<f64>, wanted: f64| (chance.unwrap() - wanted).abs() < 1e-9;
        assert!(near(chance(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0]), 1.0 / 20.0));
        assert!(near(chance(&[4.0, 5.0, 6.0], &[1.0, 2.0, 3.0]), 1.0 / 20.0));
        assert!(near(chance(&[1.0, 2.0, 3.0, 4.0, 5.0], &[6.0, 7.0, 8.0, 9.0, 10.0]), 1.0 / 252.0));
        // One outlier does not hide what four tell.
        assert!(chance(&[1.0, 2.0, 3.0, 4.0, 50.0], &[6.0, 7.0, 8.0, 9.0, 10.0]).unwrap() > 0.05);
        assert!(chance(&[1.0, 2.0, 3.0, 4.0, 7.5], &[6.0, 7.0, 8.0, 9.0, 10.0]).unwrap() < 0.05);
        assert!(chance(&[1.0, 3.0, 5.0], &[2.0, 4.0, 6.0]).unwrap() > 0.3);
        assert!(chance(&[1.0; 5], &[1.0; 5]).unwrap() > 0.5);
    }

    #[test]
    fn too_few_tell_nothing_and_very_many_are_no_trouble() {
        assert_eq!(chance(&[1.0, 2.0], &[3.0, 4.0, 5.0, 6.0]), None);
        let (one, other): (Vec<f64>, Vec<f64>) =
            (0..500).map(|n| (f64::from(n), f64::from(n + 1000))).unzip();
        assert!(chance(&one, &other).unwrap() < 1e-9);
    }
}
