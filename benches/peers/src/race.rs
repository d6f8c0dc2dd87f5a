//! Timing of several things side by side.
//!
//! Another process, or the processor's clock, slows a machine down for milliseconds at a time. So
//! nothing is timed in one stretch: the candidates take turns, thousands of short rounds each, and
//! the fastest round of each is what it costs when nothing else happens. The median tells how much
//! else happened.

use std::{
    hint::{black_box, spin_loop},
    sync::{
        Barrier, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// One turn: long beside reading the clock, short beside what disturbs it.
const ROUND: Duration = Duration::from_micros(60);

/// One turn of two threads, which takes longer so that beginning together matters less.
const ROUND_OF_TWO: Duration = Duration::from_millis(1);

/// How long a call takes, in nanoseconds.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    pub min: f64,
    pub median: f64,
}

impl Timing {
    fn of(mut rounds: Vec<f64>) -> Self {
        rounds.sort_by(f64::total_cmp);
        Self { min: rounds[0], median: rounds[rounds.len() / 2] }
    }
}

/// Something that is timed: it makes so many calls and tells how long they took.
pub struct Candidate<'a>(Box<dyn FnMut(u32) -> Duration + 'a>);

impl<'a> Candidate<'a> {
    pub fn new<T>(mut call: impl FnMut() -> T + 'a) -> Self {
        Self(Box::new(move |count| {
            let start = Instant::now();
            for _ in 0..count {
                black_box(call());
            }
            start.elapsed()
        }))
    }

    /// How many calls fill a round; at least one.
    fn calls_in(&mut self, round: Duration) -> u32 {
        let mut count = 1;
        while (self.0)(count) < round {
            count *= 2;
        }
        // Once more, now that everything is warm.
        let per_call = (self.0)(count) / count;
        round.div_duration_f64(per_call).max(1.0) as u32
    }
}

fn per_call(time: Duration, count: u32) -> f64 {
    time.as_secs_f64() * 1e9 / f64::from(count)
}

/// Lets the candidates take turns until the time is over.
pub fn race<const N: usize>(time: Duration, mut candidates: [Candidate; N]) -> [Timing; N] {
    let counts = candidates.each_mut().map(|candidate| candidate.calls_in(ROUND));
    let mut rounds = [const { Vec::new() }; N];
    let start = Instant::now();
    while start.elapsed() < time {
        for ((candidate, &count), rounds) in candidates.iter_mut().zip(&counts).zip(&mut rounds) {
            // What ran before has taken the caches and the branch predictor.
            (candidate.0)(count.div_ceil(8));
            rounds.push(per_call((candidate.0)(count), count));
        }
    }
    rounds.map(Timing::of)
}

/// The time of a call on one thread, and on two at once.
pub fn race_of_two<T>(time: Duration, call: impl Fn() -> T + Sync) -> [Timing; 2] {
    let count = Candidate::new(&call).calls_in(ROUND_OF_TWO);
    let turn = || Candidate::new(&call).0(count);

    let gate = Barrier::new(2);
    let ready = AtomicUsize::new(0);
    // Waking up from the barrier takes each thread another time; so they meet awake.
    let turn_together = |round: usize| {
        gate.wait();
        ready.fetch_add(1, Ordering::SeqCst);
        while ready.load(Ordering::SeqCst) < 2 * round {
            spin_loop();
        }
        turn()
    };

    let total = usize::try_from(time.as_nanos() / ROUND_OF_TWO.as_nanos() / 2).unwrap_or(1);
    let mut alone = Vec::new();
    let mut together = Vec::new();
    let helper_took = Mutex::new(Duration::ZERO);
    thread::scope(|scope| {
        scope.spawn(|| {
            for round in 1..=total {
                let took = turn_together(round);
                *helper_took.lock().expect("nobody panics") = took;
                gate.wait();
            }
        });
        for round in 1..=total {
            alone.push(per_call(turn(), count));
            let took = turn_together(round);
            gate.wait();
            let slower = took.max(*helper_took.lock().expect("nobody panics"));
            together.push(per_call(slower, count));
        }
    });
    [Timing::of(alone), Timing::of(together)]
}
