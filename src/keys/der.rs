//! Keys in DER (ITU-T X.690): SPKI (RFC 5280 §4.1), PKCS#8 (RFC 5958), SEC1 (RFC 5915), PKCS#1
//! (RFC 8017 A.1), and the key within a certificate (RFC 5280 §4.1).
//!
//! The crate `der` reads them without copying anything.

use alloc::vec::Vec;
use core::iter;

use ::der::{
    Decode, Reader, SliceReader, Tag, TagMode, TagNumber,
    asn1::{BitStringRef, OctetStringRef, UintRef},
};

use super::{kind::Kind, rsa};
use crate::error::{Error, KeyDefect, KeyKind};

// Object identifiers, with tag and length.
const RSA_ENCRYPTION: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
const RSASSA_PSS: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a";
const EC_PUBLIC_KEY: &[u8] = b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01";

/// The secret part of a key, and the public part if the bytes contain it.
pub(super) struct PrivateParts<'a> {
    /// An Ed25519 seed, the scalar of a curve, or the PKCS#1 form of an RSA key.
    pub(super) secret: &'a [u8],
    /// The public key as in the bits of an SPKI.
    pub(super) public: Option<&'a [u8]>,
}

/// Rejects another `AlgorithmIdentifier` than the one of the kind.
fn check_identifier(kind: Kind, found: &[u8]) -> Result<(), Error> {
    if found == kind.identifier() {
        return Ok(());
    }
    let found = found.get(2..).unwrap_or_default();
    if found.starts_with(RSASSA_PSS) {
        return Err(Error::invalid_key(KeyDefect::RsaPssIdentifier));
    }
    let (needed, found) = (kind.name(), kind_of(found));
    Err(Error::invalid_key(if found == needed {
        KeyDefect::Parameters { kind: found }
    } else {
        KeyDefect::OtherKind { needed, found }
    }))
}

/// The kind of key that this object identifier, and the one of a curve after it, stand for.
fn kind_of(identifier: &[u8]) -> KeyKind {
    const KINDS: &[(&[u8], KeyKind)] = &[
        (RSA_ENCRYPTION, KeyKind::Rsa),
        (b"\x06\x03\x2b\x65\x6e", KeyKind::X25519),
        (b"\x06\x03\x2b\x65\x6f", KeyKind::X448),
        (b"\x06\x03\x2b\x65\x70", KeyKind::Ed25519),
        (b"\x06\x03\x2b\x65\x71", KeyKind::Ed448),
    ];

    if let Some(curve) = identifier.strip_prefix(EC_PUBLIC_KEY) {
        return curve_of(curve);
    }
    KINDS.iter().find(|(oid, _)| identifier.starts_with(oid)).map_or(KeyKind::Unknown, |it| it.1)
}

fn curve_of(identifier: &[u8]) -> KeyKind {
    match identifier {
        b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07" => KeyKind::P256,
        b"\x06\x05\x2b\x81\x04\x00\x22" => KeyKind::P384,
        b"\x06\x05\x2b\x81\x04\x00\x23" => KeyKind::P521,
        b"\x06\x05\x2b\x81\x04\x00\x0a" => KeyKind::Secp256k1,
        _ => KeyKind::OtherCurve,
    }
}

/// The bits of a `SubjectPublicKeyInfo`.
pub(super) fn spki(kind: Kind, der: &[u8]) -> Result<&[u8], Error> {
    let (identifier, bits) =
        sequence(der, KeyDefect::NotSpki, |r| Ok((r.tlv_bytes()?, BitStringRef::decode(r)?)))?;
    check_identifier(kind, identifier)?;
    bits.as_bytes().ok_or(Error::invalid_key(KeyDefect::PublicKeyBits))
}

/// The form of a key in DER.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `SubjectPublicKeyInfo`.
    Spki,
    Pkcs1Public,
    Pkcs8,
    Sec1,
    Pkcs1Private,
}

/// Returns the form of a key by the types of the members of its sequence, or `None` if it is not one of
/// these forms.
pub(super) fn form(der: &[u8]) -> Option<Form> {
    let members = SliceReader::new(der).and_then(|mut reader| {
        reader.sequence(|r| {
            let mut tags = Vec::new();
            while !r.is_finished() {
                tags.push(Tag::peek(r)?);
                r.tlv_bytes()?;
            }
            Ok::<_, der::Error>(tags)
        })
    });
    match members.ok()?.as_slice() {
        [Tag::Sequence, Tag::BitString] => Some(Form::Spki),
        [Tag::Integer, Tag::Integer] => Some(Form::Pkcs1Public),
        [Tag::Integer, Tag::Sequence, Tag::OctetString, ..] => Some(Form::Pkcs8),
        [Tag::Integer, Tag::OctetString, ..] => Some(Form::Sec1),
        [Tag::Integer, Tag::Integer, Tag::Integer, ..] => Some(Form::Pkcs1Private),
        _ => None,
    }
}

/// Returns the `SubjectPublicKeyInfo` of an X.509 certificate. The rest of the certificate is not used.
pub(super) fn certificate_spki(der: &[u8]) -> Result<&[u8], Error> {
    sequence(der, KeyDefect::NotCertificate, |r| {
        let spki = r.sequence(|r| {
            if r.peek_byte() == Some(0xa0) {
                r.tlv_bytes()?;
            }
            // The serial number, the signature's algorithm, the issuer, the validity, the subject.
            for tag in [Tag::Integer, Tag::Sequence, Tag::Sequence, Tag::Sequence, Tag::Sequence] {
                Tag::peek(r)?.assert_eq(tag)?;
                r.tlv_bytes()?;
            }
            let spki = r.tlv_bytes()?;
            while !r.is_finished() {
                r.tlv_bytes()?;
            }
            Ok::<_, der::Error>(spki)
        })?;
        Tag::peek(r)?.assert_eq(Tag::Sequence)?;
        r.tlv_bytes()?;
        BitStringRef::decode(r)?;
        Ok(spki)
    })
}

/// PKCS#8, version 1 or 2; attributes are ignored.
pub(super) fn pkcs8(kind: Kind, der: &[u8]) -> Result<PrivateParts<'_>, Error> {
    let (version, identifier, secret, public) = sequence(der, KeyDefect::NotPkcs8, |r| {
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
        return Err(Error::invalid_key(KeyDefect::NotPkcs8));
    }
    check_identifier(kind, identifier)?;
    let public = public.map(whole_bytes).transpose()?;
    match kind {
        // RFC 8410 §7: the seed is an OCTET STRING within the OCTET STRING.
        Kind::Ed25519 => <&OctetStringRef>::from_der(secret)
            .map(|seed| PrivateParts { secret: seed.as_bytes(), public })
            .map_err(|_| Error::invalid_key(KeyDefect::NotPkcs8)),
        Kind::P256 | Kind::P384 => {
            let parts = sec1_of(kind, secret, false)?;
            if parts.public.is_some() && public.is_some() && parts.public != public {
                return Err(Error::invalid_key(KeyDefect::TwoPublicKeys));
            }
            Ok(PrivateParts { public: parts.public.or(public), ..parts })
        }
        Kind::Rsa => Ok(PrivateParts { secret, public }),
    }
}

/// Reads the SEC1 form of a key, which has to name its curve if it is not within PKCS#8.
pub(super) fn sec1(kind: Kind, der: &[u8]) -> Result<PrivateParts<'_>, Error> {
    sec1_of(kind, der, true)
}

fn sec1_of(kind: Kind, der: &[u8], alone: bool) -> Result<PrivateParts<'_>, Error> {
    let (version, secret, curve, public) = sequence(der, KeyDefect::NotSec1, |r| {
        let (version, secret) = (u8::decode(r)?, <&OctetStringRef>::decode(r)?);
        let curve = if r.peek_byte() == Some(0xa0) { Some(r.tlv_bytes()?) } else { None };
        let public = r.context_specific::<BitStringRef<'_>>(TagNumber(1), TagMode::Explicit)?;
        Ok((version, secret.as_bytes(), curve, public))
    })?;
    if version != 1 {
        return Err(Error::invalid_key(KeyDefect::NotSec1));
    }
    match curve {
        None if alone => Err(Error::invalid_key(KeyDefect::Sec1WithoutCurve)),
        Some(curve) if curve != kind.sec1_curve() => {
            let found = curve_of(curve.get(2..).unwrap_or_default());
            Err(Error::invalid_key(KeyDefect::OtherKind { needed: kind.name(), found }))
        }
        _ => Ok(PrivateParts { secret, public: public.map(whole_bytes).transpose()? }),
    }
}

/// Modulus and exponent in PKCS#1.
pub(super) fn rsa_public(der: &[u8]) -> Result<rsa::Public<'_>, Error> {
    let [n, e] = sequence(der, KeyDefect::NotRsaPublic, integers)?;
    Ok(rsa::Public { n, e })
}

/// A private key of two primes in PKCS#1.
#[expect(clippy::many_single_char_names, reason = "RFC 8017 names them so")]
pub(super) fn rsa_private(der: &[u8]) -> Result<rsa::Private<'_>, Error> {
    let [version, n, e, d, p, q, dp, dq, qi] = sequence(der, KeyDefect::NotRsaPrivate, integers)?;
    if rsa::bits(version) != 0 {
        return Err(Error::invalid_key(KeyDefect::NotRsaPrivate));
    }
    Ok(rsa::Private { public: rsa::Public { n, e }, d, p, q, dp, dq, qi })
}

fn integers<'a, const N: usize>(r: &mut SliceReader<'a>) -> der::Result<[UintRef<'a>; N]> {
    let mut numbers = [UintRef::new(&[])?; N];
    for number in &mut numbers {
        *number = UintRef::decode(r)?;
    }
    Ok(numbers)
}

fn whole_bytes(bits: BitStringRef<'_>) -> Result<&[u8], Error> {
    bits.as_bytes().ok_or(Error::invalid_key(KeyDefect::PublicKeyBits))
}

/// Reads one SEQUENCE, after which nothing may follow. The parser's message is dropped, because it
/// could quote a secret.
fn sequence<'a, T>(
    der: &'a [u8],
    otherwise: KeyDefect,
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

/// Returns an ECDSA signature in DER (RFC 3279 §2.2.3) in the fixed length of RFC 7518 §3.4, or `None`
/// if it is not one.
pub(super) fn ecdsa_signature(der: &[u8], field_len: usize) -> Option<Vec<u8>> {
    let [r, s] = sequence(der, KeyDefect::Internal, integers).ok()?;
    let mut signature = Vec::new();
    for number in [r, s] {
        let zeros = field_len.checked_sub(number.as_bytes().len())?;
        signature.extend(iter::repeat_n(0, zeros));
        signature.extend(number.as_bytes());
    }
    Some(signature)
}
