//! Keys by id, and which of them may check a token.

#[cfg(not(feature = "std"))]
use alloc::collections::BTreeMap as Index;
use alloc::{borrow::ToOwned, boxed::Box, string::String, vec::Vec};
use core::fmt;
#[cfg(feature = "public-keys")]
use std::collections::BTreeMap;
#[cfg(feature = "std")]
use std::collections::HashMap as Index;

use super::{
    candidates::{KeyPool, Positions, SelectedKeys, Selection, VerifyingKey, unknown_key},
    info::KeyInfo,
    jwk_set::{JwkSetOptions, read_set},
    select::{Keys, SelectKeys},
    verification_key::VerificationKey,
};
#[cfg(feature = "public-keys")]
use crate::json::write_object;
use crate::{
    algorithm::Algorithm,
    error::{Error, KeyDefect, UnknownKeyReason},
    header::{Header, HeaderSegment},
};

/// Several keys: for rotation, and for several issuers.
///
/// A token that names a key by `kid` is verified with the keys of that id only, at a cost that does not
/// depend on the size of the set. If no key has that id, the keys without an id are tried, because
/// nobody named them. A token without `kid` is tried with every key for its `alg`, so its cost grows
/// with the set. [`require_kid`](Self::require_kid) rejects such a token, and then keys without an id
/// are never tried.
///
/// An id may be shared by keys for different algorithms (RFC 7517 §4.5) and by keys that are bound to
/// different issuers.
///
/// A set holds secrets and public keys, and never signs: keep the signing key in a variable of its own.
///
/// ```
/// use jwt_codec::{Key, KeySet, Validation, decode, encode};
/// # #[derive(Debug, serde::Serialize, serde::Deserialize)] struct Session { exp: i64 }
/// # let session = Session { exp: i64::MAX };
///
/// let old = Key::hs256(b"last month's 32 bytes, or longer")?.with_id("2026-10");
/// let new = Key::hs256(b"this month's 32 bytes, or longer")?.with_id("2026-11");
/// let keys = KeySet::new().with(old.clone())?.with(new)?;
///
/// let token = encode(&session, &old)?;
/// assert!(decode::<Session>(&token, &keys, &Validation::new()).is_ok());
///
/// // Once the old key is out of the set, its tokens are rejected.
/// let error = decode::<Session>(&token, &keys.without("2026-10"), &Validation::new()).unwrap_err();
/// assert_eq!(error.code(), "unknown_key");
/// # Ok::<(), jwt_codec::Error>(())
/// ```
///
/// # Several issuers
///
/// Bind each key to its issuer, so that the key of one cannot sign tokens that name another
/// (RFC 8725 §3.8):
///
/// ```
/// use jwt_codec::{Key, KeySet, Validation, decode, encode};
/// use serde_json::{Value, json};
///
/// let a = Key::hs256(b"tenant a's 32 bytes, or longer...")?.with_id("1");
/// let b = Key::hs256(b"tenant b's 32 bytes, or longer...")?.with_id("1");
/// let keys = KeySet::new().with(a.clone())?.with_issuer("https://a.example");
/// let keys = keys.merge(KeySet::new().with(b)?.with_issuer("https://b.example"))?;
///
/// let token = encode(&json!({ "iss": "https://b.example", "exp": i64::MAX }), &a)?;
/// let error = decode::<Value>(&token, &keys, &Validation::new()).unwrap_err();
/// assert_eq!(error.code(), "invalid_issuer");
/// # Ok::<(), jwt_codec::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct KeySet {
    keys: Vec<VerificationKey>,
    /// Positions of the keys of an id.
    by_id: Index<String, Vec<usize>>,
    /// Positions of the keys without an id.
    without_id: Vec<usize>,
    /// The headers that are known by their text, so that they need no parse.
    known_headers: Index<String, Header>,
    requires_kid: bool,
    skipped: Vec<SkippedKey>,
}

/// The most keys of a JWK Set that are kept as skipped. An entry takes far more memory than a `0` in the
/// set, and a token with an unknown `kid` is looked for in all of them.
const MAX_SKIPPED: usize = 10_000;

/// A key of a JWK Set that was skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedKey {
    /// Its id, if it has one.
    pub kid: Option<String>,
    /// Why it cannot be used.
    pub error: Error,
}

impl KeySet {
    /// Makes a set without a key, which rejects every token.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a key.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidKey`] if the set has a key with the same id and algorithm, unless each is bound
    /// to other issuers.
    pub fn with(mut self, key: impl Into<VerificationKey>) -> Result<Self, Error> {
        self.add(key.into())?;
        Ok(self)
    }

    /// Reads a JWK Set (RFC 7517 §5) of your own, which may contain secrets. For a set that somebody
    /// else publishes, use `from_public_jwks`: a secret in it is known to everybody.
    ///
    /// A key that cannot be used does not affect the others: it is skipped, and
    /// [`skipped`](Self::skipped) says which and why. Reasons are a `kty` that is not supported, no
    /// `alg`, a short secret, another use than signatures, and the id and algorithm of an earlier key.
    /// Without the feature `public-keys`, public keys are skipped.
    ///
    /// ```
    /// use jwt_codec::KeySet;
    ///
    /// let keys = KeySet::from_jwks(
    ///     r#"{"keys":[
    ///         {"kty":"oct","alg":"HS256","kid":"a","k":"iLs0BFVV9FN0aqngEdO6xUbi_rurZtoAU8PqeZRmUDw"},
    ///         {"kty":"oct","alg":"A256GCM","kid":"b","k":"iLs0BFVV9FN0aqngEdO6xUbi_rurZtoAU8PqeZRmUDw"}
    ///     ]}"#,
    /// )?;
    /// assert_eq!(keys.ids().collect::<Vec<_>>(), ["a"]);
    /// assert_eq!(keys.skipped()[0].kid.as_deref(), Some("b"));
    /// # Ok::<(), jwt_codec::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::InvalidKey`] if the text is not a JWK Set, or has more than 64 keys that `serde_json`
    /// cannot read, such as one with half of a surrogate pair. A set in which no key can be used is empty,
    /// and rejects every token.
    pub fn from_jwks(json: &str) -> Result<Self, Error> {
        Self::from_jwk_set(json, JwkSetOptions::own(None))
    }

    /// Reads a JWK Set as [`from_jwks`](Self::from_jwks) does. Keys that name no `alg` are for this
    /// algorithm, except that a key whose curve decides the algorithm keeps that one (a curve of Ed25519
    /// leaves both `EdDsa`, the default, and `Ed25519`). Keys that name another algorithm are skipped.
    ///
    /// # Errors
    ///
    /// The errors of [`from_jwks`](Self::from_jwks).
    pub fn from_jwks_for(algorithm: Algorithm, json: &str) -> Result<Self, Error> {
        Self::from_jwk_set(json, JwkSetOptions::own(Some(algorithm)))
    }

    /// Reads a JWK Set that somebody publishes, such as an issuer of tokens. It reads as
    /// [`from_jwks`](Self::from_jwks) does, except that secrets are skipped: everybody can read them, and
    /// could sign with them.
    ///
    /// ```
    /// use jwt_codec::KeySet;
    ///
    /// let keys = KeySet::from_public_jwks(
    ///     r#"{"keys":[
    ///         {"kty":"OKP","crv":"Ed25519","kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
    ///         {"kty":"oct","alg":"HS256","kid":"b","k":"iLs0BFVV9FN0aqngEdO6xUbi_rurZtoAU8PqeZRmUDw"}
    ///     ]}"#,
    /// )?;
    /// assert_eq!(keys.ids().collect::<Vec<_>>(), ["a"]);
    /// assert_eq!(keys.skipped()[0].kid.as_deref(), Some("b"));
    /// # Ok::<(), jwt_codec::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`from_jwks`](Self::from_jwks).
    #[cfg(feature = "public-keys")]
    pub fn from_public_jwks(json: &str) -> Result<Self, Error> {
        Self::from_jwk_set(json, JwkSetOptions::published(None))
    }

    /// Reads a published JWK Set as [`from_public_jwks`](Self::from_public_jwks) does. Keys that name no
    /// `alg`, and whose curve does not decide it, are for this algorithm. Keys that name an algorithm
    /// keep theirs.
    ///
    /// # Errors
    ///
    /// The errors of [`from_jwks`](Self::from_jwks).
    #[cfg(feature = "public-keys")]
    pub fn from_public_jwks_for(algorithm: Algorithm, json: &str) -> Result<Self, Error> {
        Self::from_jwk_set(json, JwkSetOptions::published(Some(algorithm)))
    }

    fn from_jwk_set(json: &str, options: JwkSetOptions) -> Result<Self, Error> {
        let mut set = Self::new();
        for (kid, key) in read_set(json, options)? {
            if let Err(error) = key.and_then(|key| set.add(key))
                && set.skipped.len() < MAX_SKIPPED
            {
                set.skipped.push(SkippedKey { kid, error });
            }
        }
        Ok(set)
    }

    /// Returns the keys that were skipped, in their order: of each JWK Set the first 10 000.
    #[must_use]
    pub fn skipped(&self) -> &[SkippedKey] {
        &self.skipped
    }

    /// Removes the keys with this id, if there are any, and the entries with this id from
    /// [`skipped`](Self::skipped).
    #[must_use]
    pub fn without(mut self, kid: &str) -> Self {
        self.by_id.clear();
        self.without_id.clear();
        self.known_headers.clear();
        for key in core::mem::take(&mut self.keys) {
            if key.id() != Some(kid) {
                self.push(key);
            }
        }
        self.skipped.retain(|skipped| skipped.kid.as_deref() != Some(kid));
        self
    }

    /// Rejects tokens without `kid` as [`Error::UnknownKey`], and never tries keys without an id.
    #[must_use]
    pub fn require_kid(mut self) -> Self {
        self.requires_kid = true;
        self
    }

    /// Binds every key that is not bound yet to this issuer, as [`Key::with_issuer`](crate::Key::with_issuer)
    /// does. Call it after reading the JWK Set of one issuer.
    #[must_use]
    pub fn with_issuer(self, issuer: impl Into<String>) -> Self {
        self.with_issuers([issuer])
    }

    /// Binds every key that is not bound yet to these issuers, as
    /// [`Key::with_issuers`](crate::Key::with_issuers) does.
    #[must_use]
    pub fn with_issuers(mut self, issuers: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let issuers: Vec<String> = issuers.into_iter().map(Into::into).collect();
        for info in self.keys.iter_mut().map(VerificationKey::info_mut) {
            if info.bound_issuers().is_none() {
                *info = info.clone().with_issuers(issuers.iter().cloned());
            }
        }
        self
    }

    /// Adds the keys of another set, such as another issuer's. The result has the skipped keys of both
    /// sets, and requires a `kid` if either set does.
    ///
    /// # Errors
    ///
    /// The errors of [`with`](Self::with).
    pub fn merge(mut self, other: Self) -> Result<Self, Error> {
        for key in other.keys {
            self.add(key)?;
        }
        self.requires_kid |= other.requires_kid;
        self.skipped.extend(other.skipped);
        Ok(self)
    }

    /// Returns the keys, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = &VerificationKey> {
        self.keys.iter()
    }

    /// Returns the distinct ids of the keys, in the order in which they were added.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().enumerate().filter_map(|(index, key)| {
            let id = key.id()?;
            (self.by_id.get(id)?.first() == Some(&index)).then_some(id)
        })
    }

    /// Returns whether a key has that id.
    #[must_use]
    pub fn contains(&self, kid: &str) -> bool {
        self.by_id.contains_key(kid)
    }

    /// Returns the public keys as a JWK Set (RFC 7517 §5), for others who verify your tokens. A
    /// secret is never in it.
    #[cfg(feature = "public-keys")]
    #[must_use]
    pub fn public_jwks(&self) -> String {
        let public = self.keys.iter().filter_map(VerificationKey::as_public);
        let keys: Vec<_> = public.map(|key| BTreeMap::from_iter(key.members())).collect();
        // Strings can always be written.
        write_object(&[("keys", keys)]).unwrap_or_else(|_| r#"{"keys":[]}"#.to_owned())
    }

    /// Returns how many keys there are, with and without an id.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Returns whether the set has no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    fn add(&mut self, key: VerificationKey) -> Result<(), Error> {
        if let Some(id) = key.id() {
            let indices = self.by_id.get(id).into_iter().flatten();
            let mut same_id = indices.filter_map(|&index| self.keys.get(index));
            if same_id.any(|other| is_ambiguous(other.info(), key.info())) {
                return Err(Error::invalid_key(KeyDefect::DuplicateId));
            }
        }
        self.push(key);
        Ok(())
    }

    fn push(&mut self, key: VerificationKey) {
        let index = self.keys.len();
        match key.id() {
            Some(id) => self.by_id.entry(id.to_owned()).or_default().push(index),
            None => self.without_id.push(index),
        }
        let texts = key.info().known_header_texts();
        self.known_headers.extend(texts.map(|(text, header)| (text.to_owned(), header)));
        self.keys.push(key);
    }

    /// Where the keys are that a token with this `kid` may be verified with, for any algorithm.
    fn positions(&self, kid: Option<&str>) -> Result<Positions<'_>, Error> {
        match kid {
            None if self.keys.is_empty() => Err(self.unknown_key(None)),
            None if self.requires_kid => Err(unknown_key(None, UnknownKeyReason::KidRequired)),
            None => Ok(Positions::All),
            Some(kid) => match self.by_id.get(kid) {
                Some(indices) => Ok(Positions::Listed(indices)),
                None if self.requires_kid || self.without_id.is_empty() => {
                    Err(self.unknown_key(Some(kid)))
                }
                None => Ok(Positions::Listed(&self.without_id)),
            },
        }
    }

    #[cold]
    fn unknown_key(&self, kid: Option<&str>) -> Error {
        let is_named = |skipped: &&SkippedKey| kid.is_some() && skipped.kid.as_deref() == kid;
        let reason = match self.skipped.iter().find(is_named) {
            Some(SkippedKey { error, .. }) => {
                UnknownKeyReason::Skipped { error: Box::new(error.clone()) }
            }
            None if self.keys.is_empty() => {
                UnknownKeyReason::EmptySet { skipped: self.skipped.len() }
            }
            None => UnknownKeyReason::NoSuchId,
        };
        unknown_key(kid, reason)
    }
}

/// Whether a token could mean either of two keys of one id.
fn is_ambiguous(one: &KeyInfo, other: &KeyInfo) -> bool {
    let share_an_issuer = match (one.bound_issuers(), other.bound_issuers()) {
        (Some(ours), Some(theirs)) => ours.iter().any(|issuer| theirs.contains(issuer)),
        (Some(bound), None) | (None, Some(bound)) => !bound.is_empty(),
        (None, None) => true,
    };
    one.algorithm() == other.algorithm() && share_an_issuer
}

impl<'k> IntoIterator for &'k KeySet {
    type Item = &'k VerificationKey;
    type IntoIter = core::slice::Iter<'k, VerificationKey>;

    fn into_iter(self) -> Self::IntoIter {
        self.keys.iter()
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.keys).finish()
    }
}

impl KeyPool for KeySet {
    #[inline]
    fn key(&self, index: usize) -> Option<&dyn VerifyingKey> {
        self.keys.get(index).map(VerificationKey::as_key)
    }
}

impl Keys for KeySet {}

impl SelectKeys for KeySet {
    #[inline]
    fn select<'k>(&'k self, segment: HeaderSegment<'_>) -> Result<Selection<'k>, Error> {
        let header = match self.known_headers.get(segment.as_str()) {
            Some(header) => header.clone(),
            None => Header::parse(segment)?,
        };
        let positions = self.positions(header.kid())?;
        Selection::new(SelectedKeys { pool: self, positions }, header)
    }
}
