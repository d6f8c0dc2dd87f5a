//! The keys: the newest one signs, all of them verify, and they can be replaced while the server
//! runs.

use std::sync::{Arc, PoisonError, RwLock};

use jwt_codec::{Claims, Error, Key, KeySet, Verifier};

use crate::session::{self, Session};

/// The keys at one time.
///
/// They have no ids: for a few keys, trying each is simpler than having all servers agree on names.
pub struct Keyring {
    newest: Key,
    all: KeySet,
}

impl Keyring {
    pub fn new(newest: Key, older: impl IntoIterator<Item = Key>) -> Result<Self, Error> {
        let first = KeySet::new().with(newest.clone())?;
        Ok(Self { newest, all: older.into_iter().try_fold(first, KeySet::with)? })
    }
}

/// Signs and verifies with the current keys.
pub struct Keys {
    signing_key: RwLock<Key>,
    verifier: Arc<Verifier<KeySet>>,
    refresh_policy: jwt_codec::Validation,
}

impl Keys {
    pub fn new(keyring: Keyring) -> Self {
        Self {
            signing_key: RwLock::new(keyring.newest),
            verifier: Arc::new(Verifier::new(keyring.all, session::access_policy())),
            refresh_policy: session::refresh_policy(),
        }
    }

    /// Returns the verifier of access tokens.
    pub fn verifier(&self) -> Arc<Verifier<KeySet>> {
        Arc::clone(&self.verifier)
    }

    /// Returns the claims of a refresh token. The keys are the same, the policy is another.
    pub fn verify_refresh(&self, token: &str) -> Result<Claims<Session>, Error> {
        Ok(self.verifier.verify(token)?.claims(&self.refresh_policy)?.claims)
    }

    /// Signs with the newest key.
    pub fn sign<T>(&self, sign: impl FnOnce(&Key) -> T) -> T {
        // A panic cannot have left half a key, so poison means nothing here.
        sign(&self.signing_key.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the keys. Requests under way finish with the keys that they began with.
    pub fn replace(&self, keyring: Keyring) {
        // Nothing is signed in between, so no token is refused because its key is too new.
        let mut signing_key = self.signing_key.write().unwrap_or_else(PoisonError::into_inner);
        self.verifier.replace_keys(keyring.all);
        *signing_key = keyring.newest;
    }
}
