//! What can sign a token.

use core::ops::Deref;

use super::info::KeyInfo;
use crate::{error::Error, signature::SignatureBuffer};

/// What can sign a token: a [`Key`](crate::Key), a `PrivateKey`, or a pointer to one of these (`&K`, `Box`, `Rc`,
/// `Arc`, `LazyLock`).
///
/// The trait is sealed: there are no other kinds of keys that sign.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot sign",
    label = "this is not a key that signs"
)]
pub trait SigningKey: SignToken {}

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

impl<P: Deref<Target: SigningKey>> SigningKey for P {}

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
