use super::*;

fn schedule(pacing: &str) -> Schedule {
    match pacing.split_once(' ') {
        Some(("ramp", words)) => Schedule::ramp(&words.parse().unwrap()),
        Some(("steps", words)) => Schedule::steps(&words.parse().unwrap()),
        _ => Schedule::rate(pacing.parse().unwrap()),
    }
}

/// The moments of so many calls of one thread of several.
fn moments(schedule: &Schedule, (thread, threads): (usize, usize), count: usize) -> Vec<u64> {
    let mut arrivals = Arrivals::new(schedule, thread, threads, 7);
    let mut moments = Vec::new();
    while let Some(due) = arrivals.due().filter(|_| moments.len() < count) {
        moments.push(due);
        arrivals.advance();
    }
    moments
}

/// All moments before one, of all threads.
fn before(schedule: &Schedule, threads: usize, end: u64) -> Vec<u64> {
    let mut all = Vec::new();
    for thread in 0..threads {
        let mut arrivals = Arrivals::new(schedule, thread, threads, 7);
        while let Some(due) = arrivals.due().filter(|due| *due < end) {
            all.push(due);
            arrivals.advance();
        }
    }
    all.sort_unstable();
    all
}

const S: u64 = 1_000_000_000;

#[test]
fn no_gap_is_added_to_another() {
    // For ten hours, in gaps that no number of nanoseconds is: exactly where whole numbers say.
    for (words, per, seconds) in
        [("3", 3, 1), ("7", 7, 1), ("1k", 1000, 1), ("70/m", 7, 6), ("50k", 50_000, 1)]
    {
        let schedule = schedule(words);
        let Kind::Rates { stretches, .. } = &schedule.kind else { unreachable!() };
        let calls = 36_000 * per / seconds;
        for call in (0..calls).step_by(997).chain(calls - 1000..calls) {
            let exact =
                (u128::from(call) * u128::from(S) * 2 * u128::from(seconds) / u128::from(per)).div_ceil(2);
            let due = whole(stretches[0].moment(float(call)));
            assert_eq!(u128::from(due), exact, "call {call} of {words}");
        }
    }
}

#[test]
fn a_rate_times_a_time_is_a_number_of_calls() {
    for (pacing, until, calls) in [
        ("1000", 3 * S, 3000),
        ("3", 10 * S, 30),
        ("0.1", 60 * S, 6),
        ("ramp 0:1000:10s", 10 * S, 5000),
        ("ramp 0:1000:10s", 12 * S, 7000),
        ("ramp 1000:0:10s", 10 * S, 5000),
        ("ramp 1000:0:10s", 1000 * S, 5000),
        ("ramp 100:300:2s", S, 150),
        ("steps 100:10s,200:10s", 10 * S, 1000),
        ("steps 100:10s,200:10s", 20 * S, 3000),
        ("steps 100:10s,200:10s", 40 * S, 7000),
        ("steps 100:1s,0:5s,50:1s", 6 * S, 100),
        ("steps 100:1s,0:5s,50:1s", 8 * S, 200),
        ("steps 0:5s,50:1s", 6 * S, 50),
        ("steps 100:1s,0:5s", 1000 * S, 100),
    ] {
        let schedule = schedule(pacing);
        for threads in [1, 3, 4] {
            let due = before(&schedule, threads, until);
            assert_eq!(due.len(), calls, "{pacing} until {until} on {threads}");
            assert!(due.is_sorted(), "{pacing}");
            // The threads' calls are the same, one thread's or several's.
            assert_eq!(due, before(&schedule, 1, until), "{pacing} on {threads}");
        }
        let offered = schedule.offered(0, until);
        assert!((offered - float(calls as u64)).abs() < 1e-6, "{pacing}: {offered}");
        let halves = schedule.offered(0, until / 3) + schedule.offered(until / 3, until);
        assert!((offered - halves).abs() < 1e-6, "{pacing}: {halves}");
    }
}

#[test]
fn each_call_is_due_when_as_many_were() {
    for pacing in ["1000", "ramp 0:977:7s", "ramp 977:1:7s", "ramp 977:0:7s", "steps 10:1s,0:2s,333:4s,1:1h"]
    {
        let schedule = schedule(pacing);
        let all = moments(&schedule, (0, 1), 3000);
        assert!(all.len() > 1000 && all.is_sorted(), "{pacing}");
        for (due, call) in all.into_iter().zip(0_u32..) {
            let offered = schedule.offered(0, due);
            // Within the nanosecond, at the highest of these rates.
            assert!((offered - f64::from(call)).abs() < 1e-5, "{pacing}: {call} at {due}, {offered}");
        }
    }
}

#[test]
fn a_ramp_that_ends_in_nothing_ends_on_time() {
    let all = moments(&schedule("ramp 1M:0:1h"), (1_799_999_990, 1), 100);
    // Half of a square each from the end: the last is due half a second and more before it.
    assert_eq!(all.len(), 10);
    for (due, left) in all.into_iter().zip((1..=10).rev()) {
        let exact = 3600e9 - (2.0 * f64::from(left) * 3600e9 / 1e-3).sqrt();
        assert!((float(due) - exact).abs() < 2000.0, "{left}: {due}, {exact}");
    }
}

#[test]
fn by_chance_calls_are_a_poisson_process() {
    for threads in [1, 4] {
        let schedule = schedule("1000").by_chance();
        assert!(schedule.is_by_chance());
        let due = before(&schedule, threads, 200 * S);
        // 200,000 are expected, with a deviation of their root.
        assert!(due.len().abs_diff(200_000) < 1800, "{threads}: {}", due.len());
        let gaps: Vec<f64> = due.windows(2).map(|pair| float(pair[1] - pair[0]) / 1e6).collect();
        let count = float(gaps.len() as u64);
        let mean = gaps.iter().sum::<f64>() / count;
        let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / count;
        assert!((mean - 1.0).abs() < 0.01 && (variance - 1.0).abs() < 0.03, "{mean} {variance}");
        // Of exponential gaps, 1/e are longer than the mean.
        let longer = float(gaps.iter().filter(|gap| **gap > 1.0).count() as u64) / count;
        assert!((longer - (-1.0_f64).exp()).abs() < 0.01, "{longer}");
        // Calls in a second vary as much as they are many.
        let counts: Vec<f64> = (0..200)
            .map(|at| float(due.iter().filter(|due| (at * S..(at + 1) * S).contains(due)).count() as u64))
            .collect();
        let spread = counts.iter().map(|count| (count - 1000.0).powi(2)).sum::<f64>() / 200.0;
        assert!((500.0..1600.0).contains(&spread), "{spread}");
    }
}

#[test]
fn chance_follows_a_ramp_and_can_be_repeated() {
    let schedule = schedule("ramp 0:2000:10s").by_chance();
    let due = before(&schedule, 3, 10 * S);
    assert!(due.len().abs_diff(10_000) < 400, "{}", due.len());
    let early = due.iter().filter(|due| **due < 5 * S).count();
    assert!(early.abs_diff(2500) < 250, "{early}");
    assert_eq!(due, before(&schedule, 3, 10 * S));
    let other = |seed| Arrivals::new(&schedule, 0, 1, seed).due();
    assert_ne!(other(1), other(2));
    let threads = |thread| Arrivals::new(&schedule, thread, 2, 1).due();
    assert_ne!(threads(0), threads(1));
}

#[test]
fn a_replay_is_shared_out_and_ends() {
    let replay = Replay::read(b"5\n5.5\n5.5\n7", 1.0).unwrap();
    let schedule = Schedule::replay(&replay);
    assert_eq!([0, 1, u64::MAX].map(|from| schedule.calls_from(from)), [Some(4), Some(3), Some(0)]);
    assert!(schedule.has_an_end());
    assert_eq!(moments(&schedule, (0, 1), 9), [0, S / 2, S / 2, 2 * S]);
    assert_eq!(moments(&schedule, (0, 2), 9), [0, S / 2]);
    assert_eq!(moments(&schedule, (1, 2), 9), [S / 2, 2 * S]);
    assert!(moments(&schedule, (5, 8), 9).is_empty());
    assert_eq!((schedule.offered(0, S), schedule.offered(S, 3 * S)), (3.0, 1.0));
    assert_eq!((schedule.offered(3 * S, S), schedule.to_string().as_str()), (0.0, "4 recorded calls"));
    assert!(!schedule.by_chance().is_by_chance());
}

#[test]
fn what_is_passed_over_is_counted_as_if_it_had_been_looked_at() {
    let replay = Schedule::replay(&Replay::read(b"5\n5.5\n5.5\n7\n9", 1.0).unwrap());
    for pace in ["1000", "7", "90/m", "ramp 10:1000:3s", "ramp 1000:0:3s", "steps 100:1s,0:1s,200:1s"] {
        for schedule in [schedule(pace), replay.clone()] {
            for (thread, threads) in [(0, 1), (1, 3)] {
                for moment in [0, 1, S - 1, S, 2 * S + 12_345_678, 4 * S] {
                    let mut skipping = Arrivals::new(&schedule, thread, threads, 1);
                    let mut looking = skipping.clone();
                    let mut count = 0;
                    while looking.due().is_some_and(|due| due < moment) {
                        looking.advance();
                        count += 1;
                    }
                    let skipped = skipping.skip_to(moment);
                    assert_eq!((skipped, skipping.due()), (count, looking.due()), "{schedule} {moment}");
                }
            }
        }
    }
    let mut arrivals = Arrivals::new(&schedule("1000").by_chance(), 1, 2, 1);
    assert_eq!(
        (arrivals.skip_to(100 * S).abs_diff(50_000) < 3, arrivals.due() >= Some(100 * S)),
        (true, true)
    );
}

#[test]
fn a_schedule_tells_itself() {
    assert_eq!(schedule("2.5k").by_chance().to_string(), "2,500/s, at random (Poisson)");
    assert_eq!(schedule("steps 100:10s,200:1m").to_string(), "100/s for 10s, 200/s for 1m");
}

/// Not a test of speed, which a busy machine has none of: run it by name, in a release build.
#[test]
#[ignore = "a measurement"]
fn what_a_call_costs() {
    for (pacing, chance) in [("1M", false), ("1M", true), ("ramp 1:1M:1h", false)] {
        let schedule = schedule(pacing);
        let schedule = if chance { schedule.by_chance() } else { schedule };
        let mut arrivals = Arrivals::new(&schedule, 0, 2, 1);
        let began = std::time::Instant::now();
        let mut sum = 0_u64;
        for _ in 0..10_000_000 {
            sum = sum.wrapping_add(arrivals.due().unwrap_or_default());
            arrivals.advance();
        }
        let took = began.elapsed() / 10_000_000;
        std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("{schedule}: {took:?} ({sum})\n"))
            .unwrap();
    }
}
