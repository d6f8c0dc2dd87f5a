//! Signatures by `graviola`. Of the other modules, only `kind` uses that crate: it asks about the
//! processor.

use alloc::{sync::Arc, vec, vec::Vec};

use graviola::{
    hashing::{Sha256, Sha384},
    signing::{
        ecdsa::{self, P256, P384},
        eddsa::{Ed25519SigningKey, Ed25519VerifyingKey},
        rsa,
    },
};
use hmac::digest::zeroize::Zeroizing;

use super::{
    der::rsa_private,
    der_writer::{write_pkcs8, write_sec1, write_seed},
    kind::Kind,
    rsa::{Private, PrivateNumbers, Public, PublicNumbers, SECRET_NAMES},
};
use crate::{
    algorithm::Algorithm,
    error::{Error, KeyDefect},
    signature::SignatureBuffer,
};

/// The longest PKCS#1 form of a private key that the backend makes, of 2048 bits: three numbers of
/// 256 bytes, five of 128, and room for their tags and the exponent.
const GENERATED_RSA_LEN: usize = 1536;

/// A key that verifies. The backend's keys cannot be cloned, so they are shared.
#[derive(Clone)]
pub(super) enum PublicMaterial {
    Ed25519(Arc<Ed25519VerifyingKey>),
    P256(Arc<ecdsa::VerifyingKey<P256>>),
    P384(Arc<ecdsa::VerifyingKey<P384>>),
    Rsa(Arc<RsaPublic>),
}

/// A key and its numbers, which the backend does not return.
pub(super) struct RsaPublic {
    key: rsa::VerifyingKey,
    pub(super) numbers: PublicNumbers,
}

impl PublicMaterial {
    /// An Ed25519 key of these 32 bytes, or a point of the curve, uncompressed.
    pub(super) fn on_curve(kind: Kind, bytes: &[u8]) -> Result<Self, Error> {
        let point_len = kind.field_len().saturating_mul(2).saturating_add(1);
        match (kind, bytes.first()) {
            (Kind::Ed25519, _) => return Self::ed25519(bytes),
            (_, Some(2 | 3)) => Err(Error::invalid_key(KeyDefect::PointCompressed)),
            (_, Some(4)) if bytes.len() == point_len => Ok(()),
            _ => Err(Error::invalid_key(KeyDefect::PointForm)),
        }?;
        let off_curve = |_| Error::invalid_key(KeyDefect::PointOffCurve);
        if kind == Kind::P384 {
            let key = ecdsa::VerifyingKey::from_x962_uncompressed(bytes).map_err(off_curve)?;
            Ok(Self::P384(Arc::new(key)))
        } else {
            let key = ecdsa::VerifyingKey::from_x962_uncompressed(bytes).map_err(off_curve)?;
            Ok(Self::P256(Arc::new(key)))
        }
    }

    fn ed25519(bytes: &[u8]) -> Result<Self, Error> {
        if has_small_order(bytes) {
            return Err(Error::invalid_key(KeyDefect::Ed25519SmallOrder));
        }
        Ed25519VerifyingKey::from_bytes(bytes)
            .map(|key| Self::Ed25519(Arc::new(key)))
            .map_err(|_| Error::invalid_key(KeyDefect::Ed25519Point))
    }

    pub(super) fn rsa(algorithm: Algorithm, public: Public<'_>) -> Result<Self, Error> {
        Self::of_numbers(public.check(algorithm)?)
    }

    fn of_numbers(numbers: PublicNumbers) -> Result<Self, Error> {
        let key = rsa::VerifyingKey::from_pkcs1_der(&numbers.to_der())
            .map_err(|_| Error::invalid_key(KeyDefect::RsaUnusable))?;
        Ok(Self::Rsa(Arc::new(RsaPublic { key, numbers })))
    }

    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Ed25519(_) => Kind::Ed25519,
            Self::P256(_) => Kind::P256,
            Self::P384(_) => Kind::P384,
            Self::Rsa(_) => Kind::Rsa,
        }
    }

    /// Returns the key as in the bits of an SPKI: 32 bytes, a point, or PKCS#1.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Ed25519(key) => key.as_bytes().to_vec(),
            Self::P256(key) => key.public_key.as_bytes_uncompressed().to_vec(),
            Self::P384(key) => key.public_key.as_bytes_uncompressed().to_vec(),
            Self::Rsa(key) => key.numbers.to_der().to_vec(),
        }
    }

    /// Returns whether this is a signature of the text. Every defect of a signature has the same answer:
    /// another length, numbers out of range, another padding or salt.
    pub(super) fn verifies(&self, algorithm: Algorithm, text: &[u8], signature: &[u8]) -> bool {
        let verified = match (self, algorithm) {
            (Self::Ed25519(key), Algorithm::EdDsa | Algorithm::Ed25519) => {
                key.verify(signature, text)
            }
            (Self::P256(key), Algorithm::Es256) => key.verify::<Sha256>(&[text], signature),
            (Self::P384(key), Algorithm::Es384) => key.verify::<Sha384>(&[text], signature),
            (Self::Rsa(key), Algorithm::Rs256) => key.key.verify_pkcs1_sha256(signature, text),
            (Self::Rsa(key), Algorithm::Rs384) => key.key.verify_pkcs1_sha384(signature, text),
            (Self::Rsa(key), Algorithm::Rs512) => key.key.verify_pkcs1_sha512(signature, text),
            (Self::Rsa(key), Algorithm::Ps256) => key.key.verify_pss_sha256(signature, text),
            (Self::Rsa(key), Algorithm::Ps384) => key.key.verify_pss_sha384(signature, text),
            (Self::Rsa(key), Algorithm::Ps512) => key.key.verify_pss_sha512(signature, text),
            _ => return false,
        };
        verified.is_ok()
    }
}

/// A key that signs. The backend wipes each when it is dropped.
#[derive(Clone)]
pub(super) enum PrivateMaterial {
    Ed25519(Arc<Ed25519SigningKey>),
    P256(Arc<ecdsa::SigningKey<P256>>),
    P384(Arc<ecdsa::SigningKey<P384>>),
    Rsa(Arc<RsaPrivate>),
}

/// A key and its numbers, as [`RsaPublic`].
pub(super) struct RsaPrivate {
    key: rsa::SigningKey,
    numbers: PrivateNumbers,
}

impl PrivateMaterial {
    pub(super) fn generate(algorithm: Algorithm) -> Result<Self, Error> {
        match Kind::of(algorithm)? {
            Kind::Ed25519 => Ed25519SigningKey::generate().map(|key| Self::Ed25519(Arc::new(key))),
            Kind::P256 => ecdsa::SigningKey::generate().map(|key| Self::P256(Arc::new(key))),
            Kind::P384 => ecdsa::SigningKey::generate().map(|key| Self::P384(Arc::new(key))),
            Kind::Rsa => {
                let key = rsa::SigningKey::generate(rsa::KeySize::Rsa2048)
                    .map_err(|_| Error::invalid_key(KeyDefect::NoRandomBytes))?;
                let mut buffer = Zeroizing::new([0; GENERATED_RSA_LEN]);
                let der = key
                    .to_pkcs1_der(&mut *buffer)
                    .map_err(|_| Error::invalid_key(KeyDefect::Internal))?;
                return Self::rsa(algorithm, rsa_private(der)?);
            }
        }
        .map_err(|_| Error::invalid_key(KeyDefect::NoRandomBytes))
    }

    /// An Ed25519 key of its seed, or a key of the curve's scalar.
    pub(super) fn on_curve(kind: Kind, secret: &[u8]) -> Result<Self, Error> {
        // The backend accepts other lengths too, but other libraries would reject what it writes.
        let expected = kind.field_len();
        if secret.len() != expected {
            return Err(Error::invalid_key(KeyDefect::PrivateKeyLength { expected }));
        }
        match kind {
            Kind::P256 => graviola::key_agreement::p256::StaticPrivateKey::from_bytes(secret)
                .map(|private_key| Self::P256(Arc::new(ecdsa::SigningKey { private_key }))),
            Kind::P384 => graviola::key_agreement::p384::StaticPrivateKey::from_bytes(secret)
                .map(|private_key| Self::P384(Arc::new(ecdsa::SigningKey { private_key }))),
            Kind::Ed25519 | Kind::Rsa => {
                Ed25519SigningKey::from_bytes(secret).map(|key| Self::Ed25519(Arc::new(key)))
            }
        }
        .map_err(|_| Error::invalid_key(KeyDefect::PrivateKeyRange))
    }

    pub(super) fn rsa(algorithm: Algorithm, private: Private<'_>) -> Result<Self, Error> {
        let numbers = private.check(algorithm)?;
        let key = rsa::SigningKey::from_pkcs1_der(&numbers.to_der())
            .map_err(|_| Error::invalid_key(KeyDefect::RsaUnusable))?;
        Ok(Self::Rsa(Arc::new(RsaPrivate { key, numbers })))
    }

    /// The key that verifies what this one signs.
    pub(super) fn public(&self) -> Result<PublicMaterial, Error> {
        match self {
            Self::Ed25519(key) => PublicMaterial::ed25519(&key.public_key().as_bytes()),
            Self::P256(key) => {
                PublicMaterial::on_curve(Kind::P256, &key.private_key.public_key_uncompressed())
            }
            Self::P384(key) => {
                PublicMaterial::on_curve(Kind::P384, &key.private_key.public_key_uncompressed())
            }
            Self::Rsa(key) => PublicMaterial::of_numbers(key.numbers.public.clone()),
        }
    }

    /// Writes the signature of the text into the buffer, and returns it. An ECDSA signature has fixed
    /// length, and its nonce is made as in RFC 6979 §3.6, with randomness added.
    pub(super) fn sign<'b>(
        &self,
        algorithm: Algorithm,
        text: &[u8],
        buffer: &'b mut SignatureBuffer,
    ) -> Result<&'b [u8], Error> {
        match (self, algorithm) {
            (Self::Ed25519(key), Algorithm::EdDsa | Algorithm::Ed25519) => {
                let signature = key.sign(text);
                let (start, _) = buffer.split_at_mut(signature.len());
                start.copy_from_slice(&signature);
                return Ok(start);
            }
            (Self::P256(key), Algorithm::Es256) => key.sign::<Sha256>(&[text], buffer),
            (Self::P384(key), Algorithm::Es384) => key.sign::<Sha384>(&[text], buffer),
            (Self::Rsa(key), Algorithm::Rs256) => key.key.sign_pkcs1_sha256(buffer, text),
            (Self::Rsa(key), Algorithm::Rs384) => key.key.sign_pkcs1_sha384(buffer, text),
            (Self::Rsa(key), Algorithm::Rs512) => key.key.sign_pkcs1_sha512(buffer, text),
            (Self::Rsa(key), Algorithm::Ps256) => key.key.sign_pss_sha256(buffer, text),
            (Self::Rsa(key), Algorithm::Ps384) => key.key.sign_pss_sha384(buffer, text),
            (Self::Rsa(key), Algorithm::Ps512) => key.key.sign_pss_sha512(buffer, text),
            _ => Err(graviola::Error::BadSignature),
        }
        .map_err(|error| {
            Error::invalid_key(match error {
                graviola::Error::RngFailed => KeyDefect::NoRandomBytes,
                _ => KeyDefect::CannotSign,
            })
        })
    }

    /// Returns the key in PKCS#8.
    pub(super) fn to_pkcs8(&self) -> Zeroizing<Vec<u8>> {
        match self {
            // The backend writes version 2, which OpenSSL before 3.6 does not read.
            Self::Ed25519(key) => {
                let seed = Zeroizing::new(key.as_seed());
                write_pkcs8(Kind::Ed25519, &write_seed(&*seed))
            }
            Self::P256(key) => {
                let scalar = Zeroizing::new(key.private_key.as_bytes());
                let point = key.private_key.public_key_uncompressed();
                write_pkcs8(Kind::P256, &write_sec1(&*scalar, &point))
            }
            Self::P384(key) => {
                let scalar = Zeroizing::new(key.private_key.as_bytes());
                let point = key.private_key.public_key_uncompressed();
                write_pkcs8(Kind::P384, &write_sec1(&*scalar, &point))
            }
            Self::Rsa(key) => write_pkcs8(Kind::Rsa, &key.numbers.to_der()),
        }
    }

    /// Returns the secret members of the JWK of the key (RFC 7518 §6.2.2, §6.3.2; RFC 8037 §2).
    pub(super) fn secret_members(&self) -> Vec<(&'static str, Zeroizing<Vec<u8>>)> {
        match self {
            Self::Ed25519(key) => vec![("d", secret(&Zeroizing::new(key.as_seed())[..]))],
            Self::P256(key) => {
                vec![("d", secret(&Zeroizing::new(key.private_key.as_bytes())[..]))]
            }
            Self::P384(key) => {
                vec![("d", secret(&Zeroizing::new(key.private_key.as_bytes())[..]))]
            }
            Self::Rsa(key) => {
                SECRET_NAMES.into_iter().zip(key.numbers.secret.iter().cloned()).collect()
            }
        }
    }
}

fn secret(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(bytes.to_vec())
}

/// Whether the key is one of the eight points of small order, in any spelling: for them a signature
/// that anybody can write holds for every text or for one in eight (RFC 8032 §8.4 leaves it to us).
fn has_small_order(key: &[u8]) -> bool {
    /// The y of those points, and the two that are spelled with p added. The top bit is the sign of x.
    const Y: [[u8; 32]; 7] = [
        first_byte(0x00, 0x00, 0x00),
        first_byte(0x01, 0x00, 0x00),
        first_byte(0xec, 0xff, 0x7f),
        first_byte(0xed, 0xff, 0x7f),
        first_byte(0xee, 0xff, 0x7f),
        *b"\x26\xe8\x95\x8f\xc2\xb2\x27\xb0\x45\xc3\xf4\x89\xf2\xef\x98\xf0\
           \xd5\xdf\xac\x05\xd3\xc6\x33\x39\xb1\x38\x02\x88\x6d\x53\xfc\x05",
        *b"\xc7\x17\x6a\x70\x3d\x4d\xd8\x4f\xba\x3c\x0b\x76\x0d\x10\x67\x0f\
           \x2a\x20\x53\xfa\x2c\x39\xcc\xc6\x4e\xc7\xfd\x77\x92\xac\x03\x7a",
    ];

    const fn first_byte(first: u8, between: u8, last: u8) -> [u8; 32] {
        let mut y = [between; 32];
        let [start, .., end] = &mut y;
        *start = first;
        *end = last;
        y
    }

    let Ok(mut y) = <[u8; 32]>::try_from(key) else { return false };
    let [.., last] = &mut y;
    *last &= 0x7f;
    Y.contains(&y)
}
