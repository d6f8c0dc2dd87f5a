//! What the log says about an outage: that it began, that it goes on, that it is over. However many
//! requests fail, it is at most two lines in [`INTERVAL`].

use std::{
    fmt::Display,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

const INTERVAL: Duration = Duration::from_secs(10);
/// An outage is over once nothing has failed for this long. A store may answer one request and fail
/// the next.
const QUIET: Duration = Duration::from_secs(1);

/// Whether the store can be used, and what the log said about it.
#[derive(Default)]
pub struct Outage {
    /// Whether the last line said that the store cannot be used. It is read without the lock.
    is_said: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// When the log last said that the store cannot be used.
    said_at: Option<Instant>,
    failed_at: Option<Instant>,
    /// How many requests failed since the last line with a number.
    failures: u64,
}

impl Outage {
    /// A request has failed.
    pub fn goes_on(&self, error: &impl Display) {
        if let Some(failures) = self.failure(Instant::now()) {
            tracing::error!(failures, "the store cannot be used, so nobody gets in: {error}");
        }
    }

    /// A request has worked.
    pub fn is_over(&self) {
        if self.is_said.load(Ordering::Relaxed)
            && let Some(failures) = self.success(Instant::now())
        {
            tracing::info!(failures, "the store can be used again");
        }
    }

    /// Returns how many requests failed, if it is time to say so.
    fn failure(&self, now: Instant) -> Option<u64> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.failed_at = Some(now);
        state.failures += 1;
        if state.said_at.is_some_and(|said_at| now.duration_since(said_at) < INTERVAL) {
            return None;
        }
        state.said_at = Some(now);
        self.is_said.store(true, Ordering::Relaxed);
        Some(std::mem::take(&mut state.failures))
    }

    /// Returns how many more requests failed, if it is time to say that the outage is over.
    fn success(&self, now: Instant) -> Option<u64> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.failed_at.is_some_and(|failed_at| now.duration_since(failed_at) < QUIET) {
            return None;
        }
        self.is_said.swap(false, Ordering::Relaxed).then(|| std::mem::take(&mut state.failures))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_many_fail_few_lines_are_written() {
        let outage = Outage::default();
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        assert_eq!(outage.failure(at(0)), Some(1));
        for _ in 0..100_000 {
            assert_eq!(outage.failure(at(1)), None);
        }
        assert_eq!(outage.failure(at(9_999)), None);
        assert_eq!(outage.failure(at(10_000)), Some(100_002));
        assert_eq!(outage.success(at(10_999)), None);
        assert_eq!(outage.success(at(11_000)), Some(0));
        assert_eq!(outage.success(at(11_001)), None, "said once");

        // A store that works now and then.
        let mut lines = 0;
        for millis in (11_100..111_100).step_by(3) {
            lines += usize::from(outage.failure(at(millis)).is_some());
            lines += usize::from(outage.success(at(millis + 1)).is_some());
        }
        assert_eq!(lines, 10);
        // A store that fails every two seconds.
        let mut lines = 0;
        for millis in (111_100..211_100).step_by(2_000) {
            lines += usize::from(outage.failure(at(millis)).is_some());
            lines += usize::from(outage.success(at(millis + 1_500)).is_some());
        }
        assert!((10..=20).contains(&lines), "{lines}");
    }
}
