//! The kinds of public and private keys.

use crate::{
    algorithm::Algorithm,
    error::{Error, KeyDefect, KeyKind},
};

/// The mathematics that an algorithm needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Ed25519,
    P256,
    P384,
    Rsa,
}

impl Kind {
    /// Returns the kind that the algorithm needs. Every constructor calls this first, because the backend
    /// panics on a processor that it does not support.
    pub(super) fn of(algorithm: Algorithm) -> Result<Self, Error> {
        if !graviola::util::is_cpu_supported() {
            return Err(Error::invalid_key(KeyDefect::Processor));
        }
        match algorithm {
            Algorithm::EdDsa | Algorithm::Ed25519 => Ok(Self::Ed25519),
            Algorithm::Es256 => Ok(Self::P256),
            Algorithm::Es384 => Ok(Self::P384),
            Algorithm::Rs256
            | Algorithm::Rs384
            | Algorithm::Rs512
            | Algorithm::Ps256
            | Algorithm::Ps384
            | Algorithm::Ps512 => Ok(Self::Rsa),
            Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => {
                Err(Error::invalid_key(KeyDefect::NotForKeyPairs { algorithm }))
            }
        }
    }

    /// The name of the kind in errors.
    pub(super) const fn name(self) -> KeyKind {
        match self {
            Self::Ed25519 => KeyKind::Ed25519,
            Self::P256 => KeyKind::P256,
            Self::P384 => KeyKind::P384,
            Self::Rsa => KeyKind::Rsa,
        }
    }

    /// The bytes of a coordinate or scalar of the curve, which are never fewer (RFC 7518 §6.2).
    pub(super) const fn field_len(self) -> usize {
        match self {
            Self::Ed25519 | Self::P256 => 32,
            Self::P384 => 48,
            Self::Rsa => 0,
        }
    }

    /// The `AlgorithmIdentifier` of the kind, which DER spells in one way only.
    pub(super) const fn identifier(self) -> &'static [u8] {
        match self {
            Self::Ed25519 => b"\x30\x05\x06\x03\x2b\x65\x70",
            Self::P256 => {
                b"\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\
                  \x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"
            }
            Self::P384 => {
                b"\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22"
            }
            Self::Rsa => b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00",
        }
    }

    /// How SEC1 names the curve, as `[0]` of its sequence.
    pub(super) const fn sec1_curve(self) -> &'static [u8] {
        match self {
            Self::P256 => b"\xa0\x0a\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07",
            Self::P384 => b"\xa0\x07\x06\x05\x2b\x81\x04\x00\x22",
            Self::Ed25519 | Self::Rsa => b"",
        }
    }
}
