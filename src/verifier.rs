//! Keys and policy together, for a running service.

use core::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use serde::de::DeserializeOwned;

use crate::{
    decode::verify,
    error::Error,
    keys::Keys,
    token::{TokenData, VerifiedToken},
    validation::Validation,
};

/// The keys and the policy of a service, in one value that its threads share. The keys can be
/// replaced while it runs.
///
/// ```
/// use std::sync::Arc;
/// use jwt_codec::{Key, KeySet, Validation, Verifier, encode};
/// use serde_json::{Value, json};
///
/// let old = Key::hs256(b"last month's 32 bytes, or longer")?.with_id("2026-10");
/// let new = Key::hs256(b"this month's 32 bytes, or longer")?.with_id("2026-11");
/// let verifier = Arc::new(Verifier::new(KeySet::new().with(old.clone())?, Validation::new()));
///
/// let token = encode(&json!({ "exp": i64::MAX }), &new)?;
/// assert_eq!(verifier.decode::<Value>(&token).unwrap_err().code(), "unknown_key");
///
/// verifier.replace_keys(KeySet::new().with(old)?.with(new)?);
/// assert!(verifier.decode::<Value>(&token).is_ok());
/// # Ok::<(), jwt_codec::Error>(())
/// ```
pub struct Verifier<K: Keys> {
    keys: RwLock<Arc<K>>,
    validation: Validation,
}

impl<K: Keys> Verifier<K> {
    /// Puts keys and a policy together.
    #[must_use]
    pub fn new(keys: K, validation: Validation) -> Self {
        Self { keys: RwLock::new(Arc::new(keys)), validation }
    }

    /// Verifies a token and returns its claims, as [`decode`](crate::decode()) does.
    ///
    /// # Errors
    ///
    /// Those of [`decode`](crate::decode()).
    pub fn decode<C: DeserializeOwned>(&self, token: &str) -> Result<TokenData<C>, Error> {
        self.verify(token)?.into_claims(&self.validation)
    }

    /// Takes the steps of [`decode`](crate::decode()) up to the signature. No claim is checked.
    ///
    /// # Errors
    ///
    /// Those of [`decode`](crate::decode()) up to [`Error::InvalidSignature`].
    pub fn verify<'t>(&self, token: &'t str) -> Result<VerifiedToken<'t>, Error> {
        verify(token, &*self.keys(), &self.validation)
    }

    /// Replaces the keys. Later decodes use the new ones; one that is under way finishes with the
    /// old ones. No decode waits for more than the swap of a pointer.
    pub fn replace_keys(&self, keys: K) {
        let mut new = Arc::new(keys);
        core::mem::swap(&mut *self.keys.write().unwrap_or_else(PoisonError::into_inner), &mut new);
        // The old ones are dropped here, when the lock is free again.
    }

    /// Returns the keys of now.
    #[must_use]
    pub fn keys(&self) -> Arc<K> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns the policy.
    #[must_use]
    pub fn validation(&self) -> &Validation {
        &self.validation
    }
}

impl<K: Keys + fmt::Debug> fmt::Debug for Verifier<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("keys", &self.keys())
            .field("validation", &self.validation)
            .finish()
    }
}
