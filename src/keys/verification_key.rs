//! A key that verifies, of any kind.

use alloc::string::String;
use core::fmt;

#[cfg(feature = "public-keys")]
use super::public::PublicKey;
use super::{candidates::VerifyingKey, hmac::Key, info::KeyInfo};
use crate::algorithm::Algorithm;

/// A key of a [`KeySet`](crate::KeySet): a [`Key`] or a `PublicKey`.
///
/// It verifies tokens as that key does.
///
/// ```
/// use jwt_codec::{Algorithm, Key, KeySet};
///
/// let keys = KeySet::new().with(Key::hs256(b"at least 32 bytes, better random")?.with_id("a"))?;
/// let key = keys.iter().next().unwrap();
/// assert_eq!((key.id(), key.algorithm()), (Some("a"), Algorithm::Hs256));
/// # Ok::<(), jwt_codec::Error>(())
/// ```
#[derive(Clone)]
pub struct VerificationKey(KeyVariant);

#[derive(Clone)]
enum KeyVariant {
    Secret(Key),
    #[cfg(feature = "public-keys")]
    Public(PublicKey),
}

impl VerificationKey {
    /// Returns the id, if the key has one.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.info().id()
    }

    /// Returns the one algorithm that the key is for.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.info().algorithm()
    }

    /// Returns the issuers that the key is bound to. Empty if it is not bound, or bound to none.
    #[must_use]
    pub fn issuers(&self) -> &[String] {
        self.info().issuers()
    }

    #[inline]
    pub(super) fn as_key(&self) -> &dyn VerifyingKey {
        match &self.0 {
            KeyVariant::Secret(key) => key,
            #[cfg(feature = "public-keys")]
            KeyVariant::Public(key) => key,
        }
    }

    #[cfg(feature = "public-keys")]
    pub(super) fn as_public(&self) -> Option<&PublicKey> {
        match &self.0 {
            KeyVariant::Secret(_) => None,
            KeyVariant::Public(key) => Some(key),
        }
    }

    pub(super) fn info_mut(&mut self) -> &mut KeyInfo {
        match &mut self.0 {
            KeyVariant::Secret(key) => key.info_mut(),
            #[cfg(feature = "public-keys")]
            KeyVariant::Public(key) => key.info_mut(),
        }
    }
}

impl From<Key> for VerificationKey {
    fn from(key: Key) -> Self {
        Self(KeyVariant::Secret(key))
    }
}

#[cfg(feature = "public-keys")]
impl From<PublicKey> for VerificationKey {
    fn from(key: PublicKey) -> Self {
        Self(KeyVariant::Public(key))
    }
}

impl fmt::Debug for VerificationKey {
    /// Shows the key as it shows itself.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            KeyVariant::Secret(key) => key.fmt(f),
            #[cfg(feature = "public-keys")]
            KeyVariant::Public(key) => key.fmt(f),
        }
    }
}

impl VerifyingKey for VerificationKey {
    #[inline]
    fn info(&self) -> &KeyInfo {
        self.as_key().info()
    }

    #[inline]
    fn verifies(&self, signing_input: &[u8], signature: &[u8]) -> bool {
        self.as_key().verifies(signing_input, signature)
    }
}
