//! Who is logged in, in memory. A service of several processes keeps this in its database.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use jwt_codec_oidc::LogoutToken;
use tokio::time::Instant;

/// How long a session lasts, here and in the browser.
pub(crate) const AGE: Duration = Duration::from_secs(8 * 60 * 60);

/// How long a logout is remembered: longer than a login takes, and longer than a logout token is valid,
/// which should be at most two minutes (Back-Channel Logout 1.0 §4).
const REMEMBERED: Duration = Duration::from_secs(10 * 60);

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Session {
    pub(crate) sub: String,
    /// The session at the issuer.
    pub(crate) sid: Option<String>,
}

#[derive(Default)]
pub(crate) struct Sessions(Mutex<State>);

#[derive(Default)]
struct State {
    /// By the value of the cookie, and with their begin.
    sessions: HashMap<String, (Instant, Session)>,
    /// With their arrival.
    logouts: Vec<(Instant, LogoutToken)>,
}

impl Sessions {
    /// Begins the session of a login that the issuer sent back at `since`. Returns whether it has begun:
    /// not if the issuer has ended it since, while the code was exchanged.
    pub(crate) fn begin(&self, id: String, session: Session, since: Instant) -> bool {
        let mut state = self.lock();
        state.sessions.retain(|_, (begin, _)| begin.elapsed() < AGE);
        if state.logouts.iter().any(|(at, logout)| *at >= since && names(logout, &session)) {
            return false;
        }
        state.sessions.insert(id, (Instant::now(), session));
        true
    }

    pub(crate) fn get(&self, id: &str) -> Option<Session> {
        let state = self.lock();
        let (begin, session) = state.sessions.get(id)?;
        (begin.elapsed() < AGE).then(|| session.clone())
    }

    /// Ends the sessions that the issuer names. Returns `false`, and ends none, if the token has come
    /// before: somebody who has seen it may have sent it again.
    pub(crate) fn end(&self, logout: LogoutToken) -> bool {
        let mut state = self.lock();
        state.logouts.retain(|(at, _)| at.elapsed() < REMEMBERED);
        if state.logouts.iter().any(|(_, earlier)| earlier.jti == logout.jti) {
            return false;
        }
        state.sessions.retain(|_, (_, session)| !names(&logout, session));
        state.logouts.push((Instant::now(), logout));
        true
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the logout is of this session: of the one that it names, or of all of the user's if it names
/// none, or if the issuer has not said which session this is.
fn names(logout: &LogoutToken, session: &Session) -> bool {
    match (&logout.sid, &session.sid) {
        (Some(ended), Some(sid)) => ended == sid,
        _ => logout.sub.as_ref() == Some(&session.sub),
    }
}
