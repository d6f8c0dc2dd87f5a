//! Keys by id, and which of them may check a token.

#[cfg(not(feature = "std"))]
use alloc::collections::BTreeMap as Index;
use alloc::{borrow::ToOwned, string::String, vec::Vec};
use core::fmt;
#[cfg(feature = "std")]
use std::collections::HashMap as Index;

#[cfg(feature = "public-keys")]
use super::PublicKey;
use super::{
    CheckToken, Key, Keys, Label, Signed, Verified, VerifyingKey, check_with,
    jwk::{self, SetMember},
    unknown_key,
};
#[cfg(feature = "public-keys")]
use crate::json::write_object;
use crate::{
    algorithm::Algorithm,
    error::{Error, KeyDefect},
    header::Header,
};
#[cfg(feature = "public-keys")]
use std::collections::BTreeMap;

/// Several keys: for rotation, and for several issuers.
///
/// A token that names a key by `kid` is checked with the key of that id only, however many there
/// are. A token without `kid` is tried with every key of its `alg`, so its cost grows with the set;
/// [`require_kid`](Self::require_kid) refuses it.
///
/// A key without an id is tried for tokens without `kid` only. (A single [`Key`] without an id
/// accepts any `kid`.) A set never signs: whoever signs keeps the signing key beside the set.
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
/// // Once the old key is out of the set, its tokens are refused.
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
    keys: Vec<AnyKey>,
    /// Where the keys of an id are; several issuers may share one.
    by_id: Index<String, Vec<usize>>,
    /// The headers that are known by their text, so that they need no parse.
    known_headers: Index<String, Header>,
    requires_kid: bool,
    skipped: Vec<SkippedKey>,
}

/// A key of a JWK Set that was passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedKey {
    /// Its id, if it has one.
    pub kid: Option<String>,
    /// Why it cannot be used.
    pub error: Error,
}

/// A key that can be in a set. You never name it: [`KeySet::with`] takes a [`Key`] or a `PublicKey` as
/// it is.
#[derive(Clone)]
pub enum AnyKey {
    /// A secret.
    Secret(Key),
    /// A public key.
    #[cfg(feature = "public-keys")]
    Public(PublicKey),
}

#[cfg(feature = "public-keys")]
impl From<PublicKey> for AnyKey {
    fn from(key: PublicKey) -> Self {
        Self::Public(key)
    }
}

impl From<Key> for AnyKey {
    fn from(key: Key) -> Self {
        Self::Secret(key)
    }
}

impl AnyKey {
    fn id(&self) -> Option<&str> {
        self.label().id()
    }

    fn label_mut(&mut self) -> &mut Label {
        match self {
            Self::Secret(key) => key.label_mut(),
            #[cfg(feature = "public-keys")]
            Self::Public(key) => key.label_mut(),
        }
    }
}

impl VerifyingKey for AnyKey {
    #[inline]
    fn label(&self) -> &Label {
        match self {
            Self::Secret(key) => VerifyingKey::label(key),
            #[cfg(feature = "public-keys")]
            Self::Public(key) => VerifyingKey::label(key),
        }
    }

    #[inline]
    fn verifies(&self, signed: Signed<'_>) -> bool {
        match self {
            Self::Secret(key) => key.verifies(signed),
            #[cfg(feature = "public-keys")]
            Self::Public(key) => key.verifies(signed),
        }
    }
}

impl KeySet {
    /// Makes a set without a key, which refuses every token.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a key.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidKey`] if the set has a key of that id, unless both are bound to different
    /// issuers.
    pub fn with(mut self, key: impl Into<AnyKey>) -> Result<Self, Error> {
        self.add(key.into())?;
        Ok(self)
    }

    /// Reads a JWK Set (RFC 7517 §5).
    ///
    /// A key that cannot be used never costs the others: it is passed over, and
    /// [`skipped`](Self::skipped) says which and why. That is a key of another `kty`, without `alg`,
    /// too short, not for signatures, or with the id of an earlier one.
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
    /// [`Error::InvalidKey`] if the text is no JWK Set. A set in which no key can be used is empty,
    /// and refuses every token.
    pub fn from_jwks(json: &str) -> Result<Self, Error> {
        Self::from_jwk_set(json, None)
    }

    /// Reads a JWK Set as [`from_jwks`](Self::from_jwks) does; keys that name no `alg` are for this
    /// algorithm, and keys that name another one are passed over.
    ///
    /// # Errors
    ///
    /// Those of [`from_jwks`](Self::from_jwks).
    pub fn from_jwks_for(algorithm: Algorithm, json: &str) -> Result<Self, Error> {
        Self::from_jwk_set(json, Some(algorithm))
    }

    fn from_jwk_set(json: &str, algorithm: Option<Algorithm>) -> Result<Self, Error> {
        let mut set = Self::new();
        for SetMember { kid, key } in jwk::read_set(json, algorithm)? {
            if let Err(error) = key.and_then(|key| set.add(key)) {
                set.skipped.push(SkippedKey { kid, error });
            }
        }
        Ok(set)
    }

    /// Returns the keys of the JWK Set that were passed over.
    #[must_use]
    pub fn skipped(&self) -> &[SkippedKey] {
        &self.skipped
    }

    /// Removes the keys of that id, if there are any.
    #[must_use]
    pub fn without(mut self, kid: &str) -> Self {
        self.by_id.clear();
        self.known_headers.clear();
        for key in core::mem::take(&mut self.keys) {
            if key.id() != Some(kid) {
                self.push(key);
            }
        }
        self
    }

    /// Refuses tokens without `kid`, as [`Error::UnknownKey`], instead of trying each key.
    #[must_use]
    pub fn require_kid(mut self) -> Self {
        self.requires_kid = true;
        self
    }

    /// Binds every key that is not bound yet to this issuer, as
    /// [`Key::with_issuer`](Key::with_issuer) does: such as those of one issuer's JWK Set.
    #[must_use]
    pub fn with_issuer(mut self, issuer: impl Into<String>) -> Self {
        let issuer = issuer.into();
        for label in self.keys.iter_mut().map(AnyKey::label_mut) {
            if label.issuer().is_none() {
                *label = label.clone().with_issuer(issuer.clone());
            }
        }
        self
    }

    /// Adds the keys of another set, such as those of another issuer. What either set skipped is
    /// kept, and [`require_kid`](Self::require_kid) of either holds for both.
    ///
    /// # Errors
    ///
    /// Those of [`with`](Self::with).
    pub fn merge(mut self, other: Self) -> Result<Self, Error> {
        for key in other.keys {
            self.add(key)?;
        }
        self.requires_kid |= other.requires_kid;
        self.skipped.extend(other.skipped);
        Ok(self)
    }

    /// Returns the ids of the keys, each once, in the order in which they were added.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().enumerate().filter_map(|(index, key)| {
            let id = key.id()?;
            (self.by_id.get(id)?.first() == Some(&index)).then_some(id)
        })
    }

    /// Returns whether there is a key of that id.
    #[must_use]
    pub fn contains(&self, kid: &str) -> bool {
        self.by_id.contains_key(kid)
    }

    /// Returns the public keys as a JWK Set (RFC 7517 §5), for others who verify your tokens. A
    /// secret is never in it.
    #[cfg(feature = "public-keys")]
    #[must_use]
    pub fn public_jwks(&self) -> String {
        let public = self.keys.iter().filter_map(|key| match key {
            AnyKey::Public(key) => Some(key.members()),
            AnyKey::Secret(_) => None,
        });
        let keys: Vec<_> = public.map(BTreeMap::from_iter).collect();
        // Strings can be written.
        write_object(&[("keys", keys)]).unwrap_or_default()
    }

    /// Returns how many keys there are, with and without an id.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Returns whether there is no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    fn add(&mut self, key: AnyKey) -> Result<(), Error> {
        if let Some(id) = key.id() {
            let issuer = key.label().issuer();
            let other_issuer = |other: &AnyKey| matches!((other.label().issuer(), issuer), (Some(a), Some(b)) if a != b);
            if !self.of_id(id).all(other_issuer) {
                return Err(Error::invalid_key(KeyDefect::DuplicateId));
            }
        }
        self.push(key);
        Ok(())
    }

    fn push(&mut self, key: AnyKey) {
        if let Some(id) = key.id() {
            self.by_id.entry(id.to_owned()).or_default().push(self.keys.len());
        }
        self.known_headers.extend(key.label().known_headers().iter().cloned());
        self.keys.push(key);
    }

    fn of_id(&self, kid: &str) -> impl Iterator<Item = &AnyKey> + Clone {
        self.by_id.get(kid).into_iter().flatten().filter_map(|&index| self.keys.get(index))
    }
}

impl fmt::Debug for AnyKey {
    /// As the key itself.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Secret(key) => key.fmt(f),
            #[cfg(feature = "public-keys")]
            Self::Public(key) => key.fmt(f),
        }
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.keys).finish()
    }
}

impl CheckToken for KeySet {
    #[inline]
    fn known_header(&self, text: &str) -> Option<Header> {
        self.known_headers.get(text).cloned()
    }

    #[inline]
    fn check(&self, header: &Header, signed: Signed<'_>) -> Result<Verified, Error> {
        match header.kid() {
            None if self.requires_kid => Err(unknown_key(None)),
            None => check_with(self.keys.iter(), header, signed),
            Some(kid) if self.contains(kid) => check_with(self.of_id(kid), header, signed),
            Some(kid) => Err(unknown_key(Some(kid))),
        }
    }
}

impl Keys for KeySet {}
