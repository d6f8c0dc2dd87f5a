//! The keys that may verify a token, and whether one of them does.

use alloc::{string::String, sync::Arc};
use core::fmt;

use super::info::KeyInfo;
use crate::{
    algorithm::Algorithm,
    error::{Error, UnknownKeyReason, excerpt},
    header::{Header, HeaderSegment},
};

/// The issuers whose tokens a key may verify. `None` if it may verify those of any issuer.
pub(crate) type BoundIssuers = Option<Arc<[String]>>;

/// A header, and the keys that may verify its token.
pub struct Selection<'k> {
    pub(crate) header: Header,
    pub(crate) candidates: Candidates<'k>,
}

impl fmt::Debug for Selection<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Selection").field("header", &self.header).finish_non_exhaustive()
    }
}

/// One key that verifies.
pub(super) trait VerifyingKey {
    fn info(&self) -> &KeyInfo;

    /// Whether this is the signature of this text.
    fn verifies(&self, signing_input: &[u8], signature: &[u8]) -> bool;
}

/// Where the candidates lie: a single key, or a set. As a trait object, so that a program that uses no
/// set has no code for the kinds of keys that only a set could hold.
pub(super) trait KeyPool {
    fn key(&self, index: usize) -> Option<&dyn VerifyingKey>;
}

/// A single key is a pool of one.
impl<K: VerifyingKey> KeyPool for K {
    #[inline]
    fn key(&self, index: usize) -> Option<&dyn VerifyingKey> {
        (index == 0).then_some(self)
    }
}

/// Keys for the `alg` of one token. There is at least one.
#[derive(Clone, Copy)]
pub(crate) struct Candidates<'k> {
    keys: SelectedKeys<'k>,
    algorithm: Algorithm,
}

/// Keys with the right id, for any algorithm.
#[derive(Clone, Copy)]
pub(super) struct SelectedKeys<'k> {
    pub(super) pool: &'k dyn KeyPool,
    pub(super) positions: Positions<'k>,
}

#[derive(Clone, Copy)]
pub(super) enum Positions<'k> {
    All,
    Listed(&'k [usize]),
}

impl<'k> SelectedKeys<'k> {
    fn iter(self) -> impl Iterator<Item = &'k dyn VerifyingKey> {
        (0..).map_while(move |nth| self.get(nth))
    }

    fn get(self, nth: usize) -> Option<&'k dyn VerifyingKey> {
        match self.positions {
            Positions::All => self.pool.key(nth),
            Positions::Listed(listed) => self.pool.key(*listed.get(nth)?),
        }
    }
}

/// Selects a single key, if its id is not another than the token's.
#[inline]
pub(super) fn select_only<'k, K: VerifyingKey>(
    key: &'k K,
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
        _ => Selection::new(SelectedKeys { pool: key, positions: Positions::All }, header),
    }
}

#[cold]
pub(super) fn unknown_key(kid: Option<&str>, reason: UnknownKeyReason) -> Error {
    Error::UnknownKey { kid: kid.map(excerpt), reason }
}

impl<'k> Selection<'k> {
    /// Rejects a header whose `alg` is not the algorithm of a key.
    #[inline]
    pub(super) fn new(keys: SelectedKeys<'k>, header: Header) -> Result<Self, Error> {
        let mut algorithms = keys.iter().map(|key| key.info().algorithm());
        match algorithms.find(|algorithm| header.alg() == Some(algorithm.name())) {
            Some(algorithm) => Ok(Self { header, candidates: Candidates { keys, algorithm } }),
            None => Err(algorithm_mismatch(keys, &header)),
        }
    }
}

#[cold]
fn algorithm_mismatch(keys: SelectedKeys<'_>, header: &Header) -> Error {
    let mut keys = keys.iter();
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
        for key in self.keys.iter() {
            let is_candidate = key.info().algorithm() == self.algorithm;
            if !is_candidate || !key.verifies(signing_input, signature) {
                continue;
            }
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
