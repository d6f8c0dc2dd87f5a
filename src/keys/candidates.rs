//! The keys that may verify a token, and whether one of them does.

use alloc::{string::String, sync::Arc};

use super::verification_key::{KeyRef, VerificationKey};
use crate::{
    algorithm::Algorithm,
    error::{Error, UnknownKeyReason, excerpt},
    header::{Header, HeaderSegment},
};

/// The issuers whose tokens a key may verify. `None` if it may verify those of any issuer.
pub(crate) type BoundIssuers = Option<Arc<[String]>>;

/// A header, and the keys that may verify its token.
#[derive(Debug)]
pub struct Selection<'k> {
    pub(crate) header: Header,
    pub(crate) candidates: Candidates<'k>,
}

/// Keys for the `alg` of one token. There is at least one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidates<'k> {
    pool: Pool<'k>,
    algorithm: Algorithm,
}

/// Keys with the right id, for any algorithm.
#[derive(Debug, Clone, Copy)]
pub(super) enum Pool<'k> {
    One(KeyRef<'k>),
    All(&'k [VerificationKey]),
    Listed { keys: &'k [VerificationKey], indices: &'k [usize] },
}

impl<'k> Pool<'k> {
    fn keys(self) -> impl Iterator<Item = KeyRef<'k>> {
        let (one, all, listed, indices) = match self {
            Self::One(key) => (Some(key), &[][..], &[][..], &[][..]),
            Self::All(keys) => (None, keys, &[][..], &[][..]),
            Self::Listed { keys, indices } => (None, &[][..], keys, indices),
        };
        let listed = indices.iter().filter_map(|&index| listed.get(index));
        one.into_iter().chain(all.iter().chain(listed).map(VerificationKey::as_ref))
    }
}

/// Selects a single key, if its id is not another than the token's.
#[inline]
pub(super) fn select_only<'k>(
    key: KeyRef<'k>,
    segment: HeaderSegment<'_>,
) -> Result<Selection<'k>, Error> {
    let header = match key.info().known_header(segment.as_str()) {
        Some(header) => header,
        None => Header::parse(segment)?,
    };
    match (header.kid(), key.info().id()) {
        (Some(kid), Some(id)) if kid != id => {
            Err(unknown_key(Some(kid), UnknownKeyReason::NoSuchId))
        }
        _ => Selection::from_pool(Pool::One(key), header),
    }
}

#[cold]
pub(super) fn unknown_key(kid: Option<&str>, reason: UnknownKeyReason) -> Error {
    Error::UnknownKey { kid: kid.map(excerpt), reason }
}

impl<'k> Selection<'k> {
    /// Rejects a header whose `alg` is not the algorithm of a key.
    #[inline]
    pub(super) fn from_pool(pool: Pool<'k>, header: Header) -> Result<Self, Error> {
        let mut algorithms = pool.keys().map(|key| key.info().algorithm());
        match algorithms.find(|algorithm| header.alg() == Some(algorithm.name())) {
            Some(algorithm) => Ok(Self { header, candidates: Candidates { pool, algorithm } }),
            None => Err(algorithm_mismatch(pool, &header)),
        }
    }
}

#[cold]
fn algorithm_mismatch(pool: Pool<'_>, header: &Header) -> Error {
    let mut keys = pool.keys();
    let expected = match (keys.next(), keys.next()) {
        (Some(only), None) => Some(only.info().algorithm()),
        _ => None,
    };
    Error::AlgorithmMismatch { expected, found: excerpt(header.alg().unwrap_or("")) }
}

impl Candidates<'_> {
    /// Verifies the signature. Returns the issuers that the key is bound to, or `None` if it is not
    /// bound.
    #[inline]
    pub(crate) fn verify(
        self,
        signing_input: &[u8],
        signature: &[u8],
    ) -> Result<BoundIssuers, Error> {
        let mut bound: BoundIssuers = None;
        let keys = self.pool.keys().filter(|key| key.info().algorithm() == self.algorithm);
        for key in keys.filter(|key| key.verifies(signing_input, signature)) {
            let Some(issuers) = key.info().bound_issuers() else { return Ok(None) };
            // Another key with the same secret may be bound to other issuers.
            bound = Some(match bound {
                None => Arc::clone(issuers),
                Some(earlier) => earlier.iter().chain(issuers.iter()).cloned().collect(),
            });
        }
        match bound {
            None => Err(Error::InvalidSignature),
            Some(_) => Ok(bound),
        }
    }
}
