//! When the keys are fetched: pure functions of what happened and of a random number.

use std::time::Duration;

use tokio::time::Instant;

/// The first pause after a failure while there are no keys, and the longest.
const WITHOUT_KEYS: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(5 * 60));

/// The first pause after a failure while there are keys, and the longest.
const WITH_KEYS: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(10 * 60));

/// Refreshes are spread by up to 10 % to both sides, so that a fleet does not ask at once.
const REFRESH_SPREAD: f64 = 0.1;

/// Attempts after a failure come up to 20 % earlier, for the same reason.
const RETRY_SPREAD: f64 = 0.2;

/// Ten years: any longer time is as good as never, and all sums of instants with it are possible.
const LONGEST: Duration = Duration::from_secs(315_360_000);

/// A shorter pause would be a busy loop.
const SHORTEST: Duration = Duration::from_secs(1);

/// The times that the program sets.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    pub(crate) refresh_every: Duration,
    pub(crate) cooldown: Duration,
    pub(crate) max_stale: Duration,
    pub(crate) timeout: Duration,
}

impl Times {
    pub(crate) const DEFAULT: Self = Self {
        refresh_every: Duration::from_secs(10 * 60),
        cooldown: Duration::from_secs(30),
        max_stale: Duration::from_secs(6 * 60 * 60),
        timeout: Duration::from_secs(5),
    };

    /// How long after a success the set is fetched again; `random` is from 0 to 1.
    pub(crate) fn after_success(&self, random: f64) -> Duration {
        let spread = 1.0 - REFRESH_SPREAD + 2.0 * REFRESH_SPREAD * random.clamp(0.0, 1.0);
        self.longest_pause().mul_f64(spread)
    }

    /// Keys that are dropped before the next attempt leave a gap, so a short `max_stale` brings it
    /// forward.
    fn longest_pause(&self) -> Duration {
        let half = Duration::from_millis(
            u64::try_from(self.max_stale.as_millis() / 2).unwrap_or(u64::MAX),
        );
        self.refresh_every.min(half).clamp(SHORTEST, LONGEST)
    }

    /// How long after the last of `failures` failures in a row, all with keys or all without, the next
    /// attempt is made.
    pub(crate) fn after_failure(&self, failures: u32, has_keys: bool, random: f64) -> Duration {
        let (first, longest) = if has_keys { WITH_KEYS } else { WITHOUT_KEYS };
        let doublings = failures.saturating_sub(1);
        let pause = first.saturating_mul(2_u32.saturating_pow(doublings)).min(longest);
        pause.min(self.longest_pause()).mul_f64(1.0 - RETRY_SPREAD * random.clamp(0.0, 1.0))
    }
}

/// The instant after a span that the program may have set to any length.
pub(crate) fn after(start: Instant, span: Duration) -> Instant {
    let span = span.min(LONGEST);
    start.checked_add(span).unwrap_or(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In milliseconds, rounded.
    fn millis(pause: Duration) -> u128 {
        pause.saturating_add(Duration::from_micros(500)).as_millis()
    }

    #[test]
    fn refreshes_are_spread_by_a_tenth() {
        let pause = |random| millis(Times::DEFAULT.after_success(random));
        assert_eq!([pause(0.0), pause(0.5), pause(1.0)], [540_000, 600_000, 660_000]);
        assert_eq!([pause(-1.0), pause(9.0)], [540_000, 660_000]);
    }

    #[test]
    fn keys_are_fetched_again_before_they_are_dropped() {
        let times = Times { max_stale: Duration::from_secs(60), ..Times::DEFAULT };
        assert_eq!(millis(times.after_success(1.0)), 33_000);
        assert_eq!(millis(times.after_failure(1, true, 0.0)), 30_000);
    }

    #[test]
    fn failures_without_keys_are_tried_again_after_5_s_doubling_to_5_min() {
        let pause = |failures| millis(Times::DEFAULT.after_failure(failures, false, 0.0));
        let pauses: Vec<u128> = (1..=8).map(pause).collect();
        assert_eq!(pauses, [5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
        assert_eq!([pause(33), pause(u32::MAX)], [300_000, 300_000]);
        assert_eq!(millis(Times::DEFAULT.after_failure(1, false, 1.0)), 4_000);
        assert_eq!(millis(Times::DEFAULT.after_failure(9, false, 0.5)), 270_000);
    }

    #[test]
    fn failures_with_keys_are_tried_again_after_60_s_doubling_to_10_min() {
        let pause = |failures| millis(Times::DEFAULT.after_failure(failures, true, 0.0));
        let pauses: Vec<u128> = (1..=6).map(pause).collect();
        assert_eq!(pauses, [60_000, 120_000, 240_000, 480_000, 600_000, 600_000]);
        let often = Times { refresh_every: Duration::from_secs(20), ..Times::DEFAULT };
        assert_eq!(millis(often.after_failure(1, true, 0.0)), 20_000);
        assert_eq!(millis(often.after_failure(3, false, 0.0)), 20_000);
        assert_eq!(millis(often.after_failure(9, false, 0.0)), 20_000);
    }

    #[test]
    fn any_duration_is_a_time() {
        let start = Instant::now();
        assert_eq!(after(start, Duration::MAX), after(start, LONGEST));
        assert_eq!(after(start, Duration::ZERO), start);
        let times = Times {
            refresh_every: Duration::MAX,
            cooldown: Duration::MAX,
            max_stale: Duration::MAX,
            timeout: Duration::MAX,
        };
        assert!(times.after_success(1.0) <= LONGEST.mul_f64(1.2));
        let none = Times { refresh_every: Duration::ZERO, max_stale: Duration::ZERO, ..times };
        assert_eq!(millis(none.after_success(0.5)), 1_000);
        assert_eq!(millis(none.after_failure(1, true, 0.0)), 1_000);
    }
}
