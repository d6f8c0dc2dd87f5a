//! Keys by id, and which of them may check a token.

#[cfg(not(feature = "std"))]
use alloc::collections::BTreeMap as Index;
use alloc::{borrow::ToOwned, string::String, vec::Vec};
use core::{fmt, slice};
#[cfg(feature = "std")]
use std::collections::HashMap as Index;

use crate::{
    algorithm::Algorithm,
    error::{Error, excerpt},
    header::Header,
    jwk,
    key::Key,
};

/// What a token can be checked with: a [`Key`] or a [`KeySet`].
///
/// Sealed: the rules of which key may check which token are this crate's.
pub trait Keys: Choose {}

impl Keys for Key {}
impl Keys for KeySet {}

/// Several keys, for rotation: a token that names one by `kid` is checked with that one alone,
/// however many there are; a token without `kid` is tried with every key of its `alg`, so its
/// cost grows with the set.
///
/// ```
/// use jwt_codec::{Key, KeySet, Validation, decode, encode};
/// # #[derive(Debug, serde::Serialize, serde::Deserialize)] struct Session { exp: i64 }
/// # let session = Session { exp: i64::MAX };
///
/// let old = Key::hs256(b"last month's 32 bytes, or longer")?.with_id("2026-10");
/// let new = Key::hs256(b"this month's 32 bytes, or longer")?.with_id("2026-11");
/// let keys = KeySet::new().with(old.clone())?.with(new.clone())?;
///
/// let token = encode(&session, &old)?;
/// assert!(decode::<Session>(&token, &keys, &Validation::new()).is_ok());
///
/// // Once the old key is out of the set, its tokens are refused.
/// let keys = KeySet::new().with(new)?;
/// let error = decode::<Session>(&token, &keys, &Validation::new()).unwrap_err();
/// assert_eq!(error.code(), "unknown_key");
/// # Ok::<(), jwt_codec::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct KeySet {
    keys: Vec<Key>,
    by_id: Index<String, usize>,
    /// By the header segment that each key with an id writes, so that such a header needs no
    /// parsing.
    by_header: Index<String, usize>,
}

impl KeySet {
    /// A set without a key, which refuses every token.
    #[must_use]
    pub fn new() -> Self {
        Self { keys: Vec::new(), by_id: Index::new(), by_header: Index::new() }
    }

    /// The set with one more key. A key without an id is tried for tokens without `kid` only.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidKey`] if the set has a key of that id.
    pub fn with(mut self, key: Key) -> Result<Self, Error> {
        if let Some(id) = key.id() {
            let index = self.keys.len();
            if self.by_id.insert(id.to_owned(), index).is_some() {
                return Err(Error::invalid_key("the set has two keys with one id"));
            }
            self.by_header.insert(key.header_text().to_owned(), index);
        }
        self.keys.push(key);
        Ok(self)
    }

    /// The set that a JWK Set (RFC 7517 §5) describes. Keys of another `kty` than `oct`, or
    /// of none, are skipped.
    ///
    /// ```
    /// use jwt_codec::KeySet;
    ///
    /// let keys = KeySet::from_jwks(
    ///     r#"{"keys":[
    ///         {"kty":"oct","alg":"HS256","kid":"a","k":"iLs0BFVV9FN0aqngEdO6xUbi_rurZtoAU8PqeZRmUDw"},
    ///         {"kty":"EC","crv":"P-256","x":"…","y":"…"}
    ///     ]}"#,
    /// )?;
    /// assert_eq!(keys.len(), 1);
    /// # Ok::<(), jwt_codec::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::InvalidKey`] if it is no such set, if a key of `kty` `oct` is not one that
    /// [`Key::from_jwk`] takes, or if two have one id; [`Error::WeakKey`] if one is too short.
    pub fn from_jwks(json: &str) -> Result<Self, Error> {
        jwk::read_set(json)?.into_iter().try_fold(Self::new(), Self::with)
    }

    /// How many keys there are, with and without an id.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The key of that id.
    #[must_use]
    pub fn get(&self, kid: &str) -> Option<&Key> {
        self.by_id.get(kid).and_then(|&index| self.keys.get(index))
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.keys).finish()
    }
}

/// The part of [`Keys`] that nobody else can name, and so not implement.
pub trait Choose {
    /// The key that writes this header segment, to the letter.
    fn writer_of(&self, header_text: &str) -> Option<&Key>;

    /// The keys that may check a token with this header: by `kid` first, then by `alg`.
    fn choose(&self, header: &Header) -> Result<Candidates<'_>, Error>;
}

/// The keys that may check a token; there is at least one.
#[derive(Debug)]
pub struct Candidates<'k> {
    keys: &'k [Key],
    algorithm: Algorithm,
}

impl<'k> Candidates<'k> {
    /// One key, if the token's `alg` is exactly its own.
    #[inline]
    pub(crate) fn one(key: &'k Key, header: &Header) -> Result<Self, Error> {
        let algorithm = key.algorithm();
        if header.alg() != Some(algorithm.name()) {
            return Err(mismatch(Some(algorithm), header));
        }
        Ok(Self { keys: slice::from_ref(key), algorithm })
    }

    #[inline]
    pub(crate) fn any_verifies(&self, signing_input: &str, signature: &str) -> bool {
        self.keys
            .iter()
            .filter(|key| key.algorithm() == self.algorithm)
            .any(|key| key.verifies(signing_input, signature))
    }
}

impl Choose for Key {
    #[inline]
    fn writer_of(&self, header_text: &str) -> Option<&Key> {
        (self.header_text() == header_text).then_some(self)
    }

    #[inline]
    fn choose(&self, header: &Header) -> Result<Candidates<'_>, Error> {
        match (header.kid(), self.id()) {
            (Some(kid), Some(id)) if kid != id => Err(unknown_key(kid)),
            _ => Candidates::one(self, header),
        }
    }
}

impl Choose for KeySet {
    #[inline]
    fn writer_of(&self, header_text: &str) -> Option<&Key> {
        self.by_header.get(header_text).and_then(|&index| self.keys.get(index))
    }

    #[inline]
    fn choose(&self, header: &Header) -> Result<Candidates<'_>, Error> {
        if let Some(kid) = header.kid() {
            let key = self.get(kid).ok_or_else(|| unknown_key(kid))?;
            return Candidates::one(key, header);
        }
        header
            .alg()
            .and_then(Algorithm::from_name)
            .filter(|&algorithm| self.keys.iter().any(|key| key.algorithm() == algorithm))
            .map(|algorithm| Candidates { keys: &self.keys, algorithm })
            .ok_or_else(|| mismatch(None, header))
    }
}

fn unknown_key(kid: &str) -> Error {
    Error::UnknownKey { kid: excerpt(kid) }
}

fn mismatch(expected: Option<Algorithm>, header: &Header) -> Error {
    Error::AlgorithmMismatch { expected, found: excerpt(header.alg().unwrap_or_default()) }
}
