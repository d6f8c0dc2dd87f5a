//! Keys in DER (ITU-T X.690), read and written by the crate `der`: SPKI (RFC 5280 §4.1), PKCS#8
//! (RFC 5958), SEC1 (RFC 5915) and PKCS#1 (RFC 8017 A.1). Reading borrows and copies nothing.

use alloc::{vec, vec::Vec};

use ::der::{
    Decode, Encode, Reader, SliceReader, TagMode, TagNumber,
    asn1::{BitStringRef, OctetStringRef, UintRef},
};
use hmac::digest::zeroize::Zeroizing;

use super::{backend::Kind, rsa};
use crate::error::Error;

// Object identifiers, with tag and length.
const RSA_ENCRYPTION: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
const RSASSA_PSS: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a";
const EC_PUBLIC_KEY: &[u8] = b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01";

/// The secret part of a key, and the public one where the text has it too.
pub(super) struct PrivateParts<'a> {
    /// An Ed25519 seed, the scalar of a curve, or the PKCS#1 form of an RSA key.
    pub(super) secret: &'a [u8],
    /// What an SPKI has as its bits.
    pub(super) public: Option<&'a [u8]>,
}

impl Kind {
    /// The one `AlgorithmIdentifier` that is right for it. DER has no other spelling.
    const fn identifier(self) -> &'static [u8] {
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
    const fn sec1_curve(self) -> &'static [u8] {
        match self {
            Self::P256 => b"\xa0\x0a\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07",
            Self::P384 => b"\xa0\x07\x06\x05\x2b\x81\x04\x00\x22",
            Self::Ed25519 | Self::Rsa => b"",
        }
    }

    fn check_identifier(self, found: &[u8]) -> Result<(), Error> {
        if found == self.identifier() {
            return Ok(());
        }
        let found = found.get(2..).unwrap_or_default();
        Err(Error::invalid_key(if found.starts_with(RSASSA_PSS) {
            "the RSA key is bound to RSASSA-PSS by its identifier; make one of `rsaEncryption`, \
             which serves PS256 too"
        } else if found.starts_with(RSA_ENCRYPTION) {
            match self {
                Self::Rsa => "the RSA key has other parameters than NULL (RFC 8017 A.1)",
                _ => "this is an RSA key; the algorithm takes another kind",
            }
        } else if found.starts_with(EC_PUBLIC_KEY) {
            match self {
                Self::P256 => "this is an elliptic curve key of another curve; ES256 takes P-256",
                Self::P384 => "this is an elliptic curve key of another curve; ES384 takes P-384",
                _ => "this is an elliptic curve key; the algorithm takes another kind",
            }
        } else {
            "this is a key of another kind than the algorithm takes"
        }))
    }
}

/// The bits of a `SubjectPublicKeyInfo`.
pub(super) fn spki(kind: Kind, der: &[u8]) -> Result<&[u8], Error> {
    let (identifier, bits) = sequence(
        der,
        "the bytes are not one SubjectPublicKeyInfo in DER (`openssl pkey -pubout -outform DER`)",
        |r| Ok((r.tlv_bytes()?, BitStringRef::decode(r)?)),
    )?;
    kind.check_identifier(identifier)?;
    bits.as_bytes().ok_or(Error::invalid_key("the bits of the public key are not whole bytes"))
}

/// PKCS#8, version 1 or 2; attributes are passed over.
pub(super) fn pkcs8(kind: Kind, der: &[u8]) -> Result<PrivateParts<'_>, Error> {
    const OTHERWISE: &str =
        "the bytes are not one unencrypted PKCS#8 key in DER (`openssl pkcs8 -topk8 -nocrypt`)";

    let (version, identifier, secret, public) = sequence(der, OTHERWISE, |r| {
        let start = (u8::decode(r)?, r.tlv_bytes()?, <&OctetStringRef>::decode(r)?);
        if r.peek_byte() == Some(0xa0) {
            r.tlv_bytes()?;
        }
        // Implicit by RFC 5958. The crate ring used to write it as explicit.
        let mode = if r.peek_byte() == Some(0xa1) { TagMode::Explicit } else { TagMode::Implicit };
        let public = r.context_specific::<BitStringRef<'_>>(TagNumber(1), mode)?;
        Ok((start.0, start.1, start.2.as_bytes(), public))
    })?;
    if version > 1 {
        return Err(Error::invalid_key(OTHERWISE));
    }
    kind.check_identifier(identifier)?;
    let public = public.map(whole_bytes).transpose()?;
    match kind {
        // RFC 8410 §7: the seed is an OCTET STRING within the OCTET STRING.
        Kind::Ed25519 => <&OctetStringRef>::from_der(secret)
            .map(|seed| PrivateParts { secret: seed.as_bytes(), public })
            .map_err(|_| Error::invalid_key("the Ed25519 key has no seed of 32 bytes")),
        Kind::P256 | Kind::P384 => {
            let parts = sec1_of(kind, secret, false)?;
            if parts.public.is_some() && public.is_some() && parts.public != public {
                return Err(Error::invalid_key("the PKCS#8 key names two different public keys"));
            }
            Ok(PrivateParts { public: parts.public.or(public), ..parts })
        }
        Kind::Rsa => Ok(PrivateParts { secret, public }),
    }
}

/// The SEC1 form of a key on a curve. On its own it has to say on which.
pub(super) fn sec1(kind: Kind, der: &[u8]) -> Result<PrivateParts<'_>, Error> {
    sec1_of(kind, der, true)
}

fn sec1_of(kind: Kind, der: &[u8], alone: bool) -> Result<PrivateParts<'_>, Error> {
    const OTHERWISE: &str = "the bytes are not one elliptic curve key in DER (SEC1, RFC 5915)";

    let (version, secret, curve, public) = sequence(der, OTHERWISE, |r| {
        let (version, secret) = (u8::decode(r)?, <&OctetStringRef>::decode(r)?);
        let curve = if r.peek_byte() == Some(0xa0) { Some(r.tlv_bytes()?) } else { None };
        let public = r.context_specific::<BitStringRef<'_>>(TagNumber(1), TagMode::Explicit)?;
        Ok((version, secret.as_bytes(), curve, public))
    })?;
    if version != 1 {
        return Err(Error::invalid_key(OTHERWISE));
    }
    match curve {
        None if alone => {
            Err(Error::invalid_key("the elliptic curve key does not name its curve (RFC 5915 §3)"))
        }
        Some(curve) if curve != kind.sec1_curve() => Err(Error::invalid_key(match kind {
            Kind::P256 => "this is an elliptic curve key of another curve; ES256 takes P-256",
            Kind::P384 => "this is an elliptic curve key of another curve; ES384 takes P-384",
            _ => "this is an elliptic curve key; the algorithm takes another kind",
        })),
        _ => Ok(PrivateParts { secret, public: public.map(whole_bytes).transpose()? }),
    }
}

/// Modulus and exponent in PKCS#1.
pub(super) fn rsa_public(der: &[u8]) -> Result<rsa::Public<'_>, Error> {
    let [n, e] = sequence(
        der,
        "the bytes are not one RSA public key in DER (PKCS#1, RFC 8017 A.1.1)",
        integers,
    )?;
    Ok(rsa::Public { n, e })
}

/// A private key of two primes in PKCS#1.
#[expect(clippy::many_single_char_names, reason = "RFC 8017 names them so")]
pub(super) fn rsa_private(der: &[u8]) -> Result<rsa::Private<'_>, Error> {
    const OTHERWISE: &str =
        "the bytes are not one RSA private key of two primes in DER (PKCS#1, RFC 8017 A.1.2)";

    let [version, n, e, d, p, q, dp, dq, qi] = sequence(der, OTHERWISE, integers)?;
    if rsa::bits(version) != 0 {
        return Err(Error::invalid_key(OTHERWISE));
    }
    Ok(rsa::Private { public: rsa::Public { n, e }, d, p, q, dp, dq, qi })
}

/// A sequence of integers, wiped when it is dropped.
pub(super) fn write<const N: usize>(
    integers: [UintRef<'_>; N],
) -> Result<Zeroizing<Vec<u8>>, Error> {
    let too_long = |_| Error::invalid_key("a number of the RSA key is too long");
    let len = integers.encoded_len().and_then(usize::try_from).map_err(too_long)?;
    let mut buffer = Zeroizing::new(vec![0; len]);
    integers.encode_to_slice(&mut buffer).map_err(too_long)?;
    Ok(buffer)
}

fn integers<'a, const N: usize>(r: &mut SliceReader<'a>) -> der::Result<[UintRef<'a>; N]> {
    let mut numbers = [UintRef::new(&[])?; N];
    for number in &mut numbers {
        *number = UintRef::decode(r)?;
    }
    Ok(numbers)
}

fn whole_bytes(bits: BitStringRef<'_>) -> Result<&[u8], Error> {
    bits.as_bytes().ok_or(Error::invalid_key("the bits of the public key are not whole bytes"))
}

/// One SEQUENCE and nothing behind it. The parser's own message is dropped, so that none can quote
/// a secret.
fn sequence<'a, T>(
    der: &'a [u8],
    otherwise: &'static str,
    body: impl FnOnce(&mut SliceReader<'a>) -> der::Result<T>,
) -> Result<T, Error> {
    SliceReader::new(der)
        .and_then(|mut reader| {
            let value = reader.sequence(body)?;
            reader.finish()?;
            Ok(value)
        })
        .map_err(|_| Error::invalid_key(otherwise))
}
