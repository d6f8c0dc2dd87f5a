//! What can verify tokens and what can sign them.

mod candidates;
mod detect;
mod hmac;
mod info;
mod jwk;
mod key_set;
mod secret;
mod text;
mod verification_key;

#[cfg(feature = "public-keys")]
mod backend;
#[cfg(feature = "public-keys")]
mod der;
#[cfg(feature = "public-keys")]
mod pem;
#[cfg(feature = "public-keys")]
mod private;
#[cfg(feature = "public-keys")]
mod public;
#[cfg(feature = "public-keys")]
mod rsa;

use core::ops::Deref;

use crate::{error::Error, header::HeaderSegment, signature::SignatureBuffer};

use self::{candidates::select_only, verification_key::KeyRef};
pub(crate) use self::{
    candidates::{BoundIssuers, Selection},
    info::KeyInfo,
};
pub use self::{
    hmac::Key,
    key_set::{KeySet, SkippedKey},
    verification_key::VerificationKey,
};
#[cfg(feature = "public-keys")]
pub use self::{private::PrivateKey, public::PublicKey};

/// What can verify a token: a [`Key`], a `PublicKey`, a [`VerificationKey`], a [`KeySet`], or a pointer
/// to one of these (`&K`, `Box`, `Rc`, `Arc`, `LazyLock`).
///
/// The trait is sealed: only this crate decides which key may verify which token.
#[diagnostic::on_unimplemented(
    message = "a token cannot be verified with `{Self}`",
    label = "this is neither a key that verifies nor a set of them"
)]
pub trait Keys: SelectKeys {}

/// What can sign a token: a [`Key`], a `PrivateKey`, or a pointer to one of these (`&K`, `Box`, `Rc`,
/// `Arc`, `LazyLock`).
///
/// The trait is sealed: there are no other kinds of keys that sign.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot sign",
    label = "this is not a key that signs"
)]
pub trait SigningKey: SignToken {}

impl<P: Deref<Target: Keys>> Keys for P {}
impl<P: Deref<Target: SigningKey>> SigningKey for P {}

/// Seals [`Keys`]: other crates cannot name it, and so not implement it.
pub trait SelectKeys {
    /// Reads the header, and selects the keys that may verify its token by `kid` and `alg`.
    fn select<'k>(&'k self, segment: HeaderSegment<'_>) -> Result<Selection<'k>, Error>;
}

/// Seals [`SigningKey`]: other crates cannot name it, and so not implement it.
pub trait SignToken {
    /// Algorithm and id of the key.
    fn info(&self) -> &KeyInfo;

    /// Writes the signature of this text into the buffer, and returns it.
    fn sign<'b>(
        &self,
        signing_input: &[u8],
        buffer: &'b mut SignatureBuffer,
    ) -> Result<&'b [u8], Error>;
}

impl<P: Deref<Target: SelectKeys>> SelectKeys for P {
    #[inline]
    fn select<'k>(&'k self, segment: HeaderSegment<'_>) -> Result<Selection<'k>, Error> {
        (**self).select(segment)
    }
}

impl<P: Deref<Target: SignToken>> SignToken for P {
    fn info(&self) -> &KeyInfo {
        (**self).info()
    }

    fn sign<'b>(
        &self,
        signing_input: &[u8],
        buffer: &'b mut SignatureBuffer,
    ) -> Result<&'b [u8], Error> {
        (**self).sign(signing_input, buffer)
    }
}

impl SelectKeys for Key {
    #[inline]
    fn select<'k>(&'k self, segment: HeaderSegment<'_>) -> Result<Selection<'k>, Error> {
        select_only(KeyRef::Secret(self), segment)
    }
}

#[cfg(feature = "public-keys")]
impl SelectKeys for PublicKey {
    fn select<'k>(&'k self, segment: HeaderSegment<'_>) -> Result<Selection<'k>, Error> {
        select_only(KeyRef::Public(self), segment)
    }
}

impl SelectKeys for VerificationKey {
    fn select<'k>(&'k self, segment: HeaderSegment<'_>) -> Result<Selection<'k>, Error> {
        select_only(self.as_ref(), segment)
    }
}

impl Keys for Key {}
#[cfg(feature = "public-keys")]
impl Keys for PublicKey {}
impl Keys for VerificationKey {}
impl Keys for KeySet {}

impl SigningKey for Key {}
#[cfg(feature = "public-keys")]
impl SigningKey for PrivateKey {}
