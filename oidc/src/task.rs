//! The one task of an issuer: it fetches the keys, publishes them, and drops them.

use std::{future, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use jwt_codec::KeySet;
use tokio::{
    select,
    sync::{Notify, watch},
    task::JoinSet,
    time::{Instant, sleep_until, timeout},
};
use tracing::{error, info, warn};

use crate::{
    fetch_error::FetchError,
    schedule::{Times, after},
    source::{Found, Source},
};

/// What the task has done, for those who wait for it or ask about it.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    /// How many attempts were begun.
    pub(crate) begun: u64,
    /// How many of them have ended.
    pub(crate) ended: u64,
    /// Nobody but the task's own schedule may cause an attempt before this.
    pub(crate) cool_at: Instant,
    pub(crate) last_success: Option<Instant>,
    pub(crate) last_error: Option<FetchError>,
    pub(crate) failures: u32,
}

/// The keys as they are now.
#[derive(Debug, Default)]
pub(crate) struct Published {
    /// Empty while there are none.
    pub(crate) keys: KeySet,
    /// The task drops the keys then. A runtime that nobody runs does not run the task, so that whoever
    /// uses the keys has to look, too.
    pub(crate) stale_at: Option<Instant>,
}

impl Published {
    /// Returns the keys that verify tokens now, if there are any.
    pub(crate) fn usable(&self) -> Option<&KeySet> {
        let is_fresh = self.stale_at.is_some_and(|stale_at| Instant::now() < stale_at);
        (is_fresh && !self.keys.is_empty()).then_some(&self.keys)
    }
}

impl Progress {
    /// Of a task whose first attempt begins at once.
    pub(crate) fn first(cooldown: Duration) -> Self {
        Self {
            begun: 1,
            ended: 0,
            cool_at: after(Instant::now(), cooldown),
            last_success: None,
            last_error: None,
            failures: 0,
        }
    }

    pub(crate) fn is_fetching(&self) -> bool {
        self.begun > self.ended
    }
}

/// The state of the task. When it ends, in whatever way, no keys are left.
pub(crate) struct Task {
    pub(crate) source: Source,
    pub(crate) times: Times,
    pub(crate) published: Arc<ArcSwap<Published>>,
    pub(crate) progress: watch::Sender<Progress>,
    /// Somebody asks for an attempt.
    pub(crate) asked: Arc<Notify>,
    /// How many attempts in a row had failed when the keys were dropped.
    pub(crate) failures_with_keys: u32,
}

/// Why the task wakes up.
enum Wake {
    Scheduled,
    Asked,
    Stale,
    /// Nobody has the issuer any more.
    Abandoned,
}

impl Task {
    pub(crate) async fn run(mut self) {
        let mut no_cache = false;
        loop {
            let Some(outcome) = self.attempt(no_cache).await else { return };
            let mut next = self.conclude(outcome);
            no_cache = loop {
                match self.wait(next).await {
                    Wake::Scheduled => break false,
                    Wake::Asked if self.is_cool() => break true,
                    Wake::Asked => {}
                    Wake::Stale => next = next.min(self.drop_stale_keys()),
                    Wake::Abandoned => return,
                }
            };
            self.begin();
        }
    }

    /// Fetches the keys in a task of its own, so that not even a panic of the program's client ends
    /// this one. `None` if the issuer was abandoned meanwhile.
    async fn attempt(&mut self, no_cache: bool) -> Option<Result<Found, FetchError>> {
        let mut attempt = JoinSet::new();
        attempt.spawn(self.source.clone().fetch(no_cache));
        let limit = self.times.timeout;
        let outcome = async move { timeout(limit, attempt.join_next()).await };
        tokio::pin!(outcome);
        loop {
            let stale_at = self.stale_at();
            select! {
                outcome = &mut outcome => return Some(match outcome {
                    Ok(Some(Ok(outcome))) => outcome,
                    Ok(Some(Err(error))) => Err(FetchError::unreachable(&self.source.issuer, &error)),
                    Ok(None) | Err(_) => Err(FetchError::TimedOut {
                        issuer: self.source.issuer.to_string(),
                        timeout: limit,
                    }),
                }),
                () = passed(stale_at) => {
                    self.drop_stale_keys();
                }
                () = self.progress.closed() => return None,
            }
        }
    }

    async fn wait(&self, next: Instant) -> Wake {
        select! {
            biased;
            () = self.progress.closed() => Wake::Abandoned,
            () = passed(self.stale_at()) => Wake::Stale,
            () = sleep_until(next) => Wake::Scheduled,
            () = self.asked.notified() => Wake::Asked,
        }
    }

    /// When the keys are dropped; `None` while there are none.
    fn stale_at(&self) -> Option<Instant> {
        self.published.load().stale_at
    }

    fn is_cool(&self) -> bool {
        Instant::now() >= self.progress.borrow().cool_at
    }

    fn begin(&self) {
        let cool_at = after(Instant::now(), self.times.cooldown);
        self.progress.send_modify(|progress| {
            progress.begun = progress.begun.saturating_add(1);
            progress.cool_at = cool_at;
        });
    }

    /// Publishes what an attempt came to. Returns when the next one is due.
    fn conclude(&mut self, outcome: Result<Found, FetchError>) -> Instant {
        let now = Instant::now();
        let (pause, error) = match outcome {
            Ok(found) => {
                self.publish(found, now);
                (self.times.after_success(fastrand::f64()), None)
            }
            Err(error) => {
                if matches!(error, FetchError::TimedOut { .. }) {
                    self.source.location.begin_with_the_other();
                }
                let failures = self.note_failure(&error);
                let has_keys = self.stale_at().is_some();
                (self.times.after_failure(failures, has_keys, fastrand::f64()), Some(error))
            }
        };
        self.progress.send_modify(|progress| {
            progress.ended = progress.begun;
            progress.last_error = error;
            if progress.last_error.is_none() {
                progress.failures = 0;
                progress.last_success = Some(now);
            } else {
                progress.failures = progress.failures.saturating_add(1);
            }
        });
        after(now, pause)
    }

    fn publish(&mut self, found: Found, now: Instant) {
        if self.progress.borrow().failures > 0 {
            info!(issuer = &*self.source.issuer, "the keys of the issuer are fetched again");
        }
        self.failures_with_keys = 0;
        let stale_at = Some(after(now, self.times.max_stale));
        self.published.store(Arc::new(Published { keys: found.keys, stale_at }));
        self.source.location.remember(found.jwks_uri);
    }

    /// Returns how many attempts have failed in a row, all with keys or all without. The first failure
    /// since a success is logged, and no other.
    fn note_failure(&self, error: &FetchError) -> u32 {
        let earlier = self.progress.borrow().failures;
        if earlier == 0 {
            let kept = self.published.load().keys.len();
            warn!(issuer = &*self.source.issuer, kept, %error, "the keys of the issuer cannot be fetched");
        }
        earlier.saturating_add(1).saturating_sub(self.failures_with_keys)
    }

    /// Returns when an attempt is due now that there are no keys.
    fn drop_stale_keys(&mut self) -> Instant {
        self.published.store(Arc::default());
        error!(
            issuer = &*self.source.issuer,
            "the keys of the issuer are too old: no token is accepted until a fetch succeeds"
        );
        self.failures_with_keys = self.progress.borrow().failures;
        let pause = self.times.after_failure(0, false, fastrand::f64());
        after(Instant::now(), pause)
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.published.store(Arc::default());
    }
}

/// Never ends without a deadline.
async fn passed(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => future::pending().await,
    }
}
