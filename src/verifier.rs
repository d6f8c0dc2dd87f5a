//! Keys and validation together, for a running service.

use core::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use serde::de::DeserializeOwned;

use crate::{
    decode::{TokenData, decode},
    error::Error,
    keys::Keys,
    segments::Segments,
    token::VerifiedToken,
    validation::Validation,
};

/// The keys and the policy of a service, in one value that its threads share. The keys can be
/// replaced while the service runs.
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
    /// Makes a verifier from keys and a policy.
    #[must_use]
    pub fn new(keys: K, validation: Validation) -> Self {
        Self { keys: RwLock::new(Arc::new(keys)), validation }
    }

    /// Verifies a token and returns its claims, as [`decode`](crate::decode()) does.
    ///
    /// # Errors
    ///
    /// The errors of [`decode`](crate::decode()).
    pub fn decode<C: DeserializeOwned>(&self, token: &str) -> Result<TokenData<C>, Error> {
        self.decode_with(token, &self.validation)
    }

    /// Verifies a token with these keys and another policy, for a rule of one request such as the nonce
    /// of a login. Start from a clone of the verifier's policy:
    ///
    /// ```
    /// use jwt_codec::{Key, Validation, Verifier, encode};
    /// use serde_json::{Value, json};
    ///
    /// let key = Key::hs256(b"at least 32 bytes, better random")?;
    /// let verifier = Verifier::new(key.clone(), Validation::new());
    ///
    /// let token = encode(&json!({ "nonce": "n-1", "exp": i64::MAX }), &key)?;
    /// let login = verifier.validation().clone().claim("nonce", "n-1");
    /// assert!(verifier.decode_with::<Value>(&token, &login).is_ok());
    /// # Ok::<(), jwt_codec::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`decode`](crate::decode()).
    pub fn decode_with<C: DeserializeOwned>(
        &self,
        token: &str,
        validation: &Validation,
    ) -> Result<TokenData<C>, Error> {
        decode(token, &*self.keys(), validation)
    }

    /// Takes the steps of [`decode`](crate::decode()) up to the signature. No claim is checked.
    ///
    /// # Errors
    ///
    /// The errors of [`decode`](crate::decode()) up to [`Error::InvalidSignature`].
    pub fn verify<'t>(&self, token: &'t str) -> Result<VerifiedToken<'t>, Error> {
        let segments = Segments::split(token, self.validation.token_limit())?;
        VerifiedToken::new(&segments, &*self.keys())
    }

    /// Replaces the keys. Later decodes use the new keys. A decode that is under way finishes with the
    /// old keys. No decode waits for more than the swap of a pointer.
    pub fn replace_keys(&self, keys: K) {
        let mut new = Arc::new(keys);
        core::mem::swap(&mut *self.keys.write().unwrap_or_else(PoisonError::into_inner), &mut new);
        // The old keys are dropped here, when the lock is free again.
    }

    /// Returns the current keys.
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
