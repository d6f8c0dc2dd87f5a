//! Who is logged in, in memory. A service of several processes keeps this in its database.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jwt_codec_oidc::LogoutToken;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Session {
    pub(crate) sub: String,
    /// The session at the issuer.
    pub(crate) sid: Option<String>,
}

#[derive(Default)]
pub(crate) struct Sessions(Mutex<HashMap<String, Session>>);

impl Sessions {
    pub(crate) fn begin(&self, id: String, session: Session) {
        self.lock().insert(id, session);
    }

    pub(crate) fn get(&self, id: &str) -> Option<Session> {
        self.lock().get(id).cloned()
    }

    /// Ends the session that the issuer names, or all of the user's if it names none.
    pub(crate) fn end(&self, logout: &LogoutToken) {
        self.lock().retain(|_, session| match &logout.sid {
            Some(sid) => session.sid.as_ref() != Some(sid),
            None => logout.sub.as_ref() != Some(&session.sub),
        });
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
