//! What can verify a token.

use core::ops::Deref;

#[cfg(feature = "public-keys")]
use super::public::PublicKey;
use super::{
    candidates::{Selection, select_only},
    hmac::Key,
    verification_key::VerificationKey,
};
use crate::{error::Error, header::HeaderSegment};

/// What can verify a token: a [`Key`], a `PublicKey`, a [`VerificationKey`],
/// a [`KeySet`](crate::KeySet), or a pointer
/// to one of these (`&K`, `Box`, `Rc`, `Arc`, `LazyLock`).
///
/// The trait is sealed: only this crate decides which key may verify which token.
#[diagnostic::on_unimplemented(
    message = "a token cannot be verified with `{Self}`",
    label = "this is neither a key that verifies nor a set of them"
)]
pub trait Keys: SelectKeys {}

/// Seals [`Keys`]: other crates cannot name it, and so not implement it.
pub trait SelectKeys {
    /// Reads the header, and selects the keys that may verify its token by `kid` and `alg`.
    fn select<'k>(&'k self, segment: HeaderSegment<'_>) -> Result<Selection<'k>, Error>;
}

impl<P: Deref<Target: Keys>> Keys for P {}

impl<P: Deref<Target: SelectKeys>> SelectKeys for P {
    #[inline]
    fn select<'k>(&'k self, segment: HeaderSegment<'_>) -> Result<Selection<'k>, Error> {
        (**self).select(segment)
    }
}

impl Keys for Key {}

impl SelectKeys for Key {
    #[inline]
    fn select<'k>(&'k self, segment: HeaderSegment<'_>) -> Result<Selection<'k>, Error> {
        select_only(self, segment)
    }
}

#[cfg(feature = "public-keys")]
impl Keys for PublicKey {}

#[cfg(feature = "public-keys")]
impl SelectKeys for PublicKey {
    fn select<'k>(&'k self, segment: HeaderSegment<'_>) -> Result<Selection<'k>, Error> {
        select_only(self, segment)
    }
}

impl Keys for VerificationKey {}

impl SelectKeys for VerificationKey {
    fn select<'k>(&'k self, segment: HeaderSegment<'_>) -> Result<Selection<'k>, Error> {
        select_only(self, segment)
    }
}
