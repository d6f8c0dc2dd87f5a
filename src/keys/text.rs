//! Secrets as text (hex, base64), and what shows that a secret is a key of another kind.

use super::secret::Secret;
use crate::{
    base64url,
    error::{Error, KeyDefect},
};
use base64::{
    Engine,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

/// Reads hexadecimal digits, two for each byte.
pub(super) fn from_hex(text: &str) -> Result<Secret, Error> {
    let fault = || Error::invalid_key(KeyDefect::NotHexadecimal);
    let (pairs, []) = text.trim_ascii().as_bytes().as_chunks() else { return Err(fault()) };
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut secret = Secret::zeros(pairs.len());
    for (byte, &[high, low]) in secret.iter_mut().zip(pairs) {
        *byte = digit(high).ok_or_else(fault)? << 4 | digit(low).ok_or_else(fault)?;
    }
    Ok(secret)
}

/// Reads base64 of either alphabet, with or without padding.
pub(super) fn from_base64(text: &str) -> Result<Secret, Error> {
    let text = text.trim_ascii();
    refuse_hex(text)?;
    any_base64(text.as_bytes()).ok_or(Error::invalid_key(KeyDefect::NotBase64))
}

/// Reads base64url without padding.
pub(super) fn from_base64url(text: &str) -> Result<Secret, Error> {
    let text = text.trim_ascii();
    refuse_hex(text)?;
    decode_base64url(text.as_bytes())
}

/// Reads base64url without padding, and nothing around it.
pub(super) fn decode_base64url(text: &[u8]) -> Result<Secret, Error> {
    let mut secret = Secret::zeros(base64url::decoded_capacity(text.len()));
    let decoded = base64url::decode(text, &mut secret).map(<[u8]>::len);
    let len = decoded.map_err(|_| Error::invalid_key(KeyDefect::NotBase64url))?;
    Ok(secret.cut(len))
}

/// Hexadecimal digits are base64, too: of another key. Of random base64 so long, none is all digits
/// from 0 to f.
fn refuse_hex(text: &str) -> Result<(), Error> {
    const MIN_LEN: usize = 64;

    if text.len() >= MIN_LEN && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Error::invalid_key(KeyDefect::Hexadecimal));
    }
    Ok(())
}

fn any_base64(text: &[u8]) -> Option<Secret> {
    let alphabet = if text.iter().any(|byte| b"+/".contains(byte)) { STANDARD } else { URL_SAFE };
    let config =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let mut secret = Secret::zeros(base64::decoded_len_estimate(text.len()));
    let len = GeneralPurpose::new(&alphabet, config).decode_slice(text, &mut secret).ok()?;
    Some(secret.cut(len))
}

/// Whether the secret is a key of another kind. Public keys are no secret, and libraries that take
/// one as HMAC secret let anybody sign (CVE-2022-29217, CVE-2023-48223).
pub(super) fn other_kind_of_key(secret: &[u8]) -> Option<KeyDefect> {
    kind_of_key(secret).or_else(|| {
        // Wrapped lines are joined.
        let lines = Secret::copy(secret, |byte| !byte.is_ascii_whitespace());
        kind_of_key(&any_base64(&lines)?)
    })
}

fn kind_of_key(secret: &[u8]) -> Option<KeyDefect> {
    // PEM (RFC 7468), in any letter case and with four dashes (RFC 4716), and PuTTY's own form.
    const ARMOUR: &[&[u8]] = &[b"----begin ", b"---- begin ", b"putty-user-key-file-"];
    // .NET.
    const XML: &[&[u8]] = &[b"<rsakeyvalue", b"<dsakeyvalue", b"<eckeyvalue", b"<ecdsakeyvalue"];
    // Key types of OpenSSH; those of its certificates go on behind. In the one-line form, options or
    // a host may come first, and the key itself, of which a length comes first, starts in zeros. As
    // bytes, the length of the type comes first.
    const SSH: &[&[u8]] = &[
        b"ssh-rsa",
        b"ssh-dss",
        b"ssh-ed25519",
        b"ssh-ed448",
        b"ecdsa-sha2-",
        b"sk-ssh-",
        b"sk-ecdsa-",
    ];
    // The name of the member, in either kind of quotes.
    const JWK: &[&[u8]] = &[b"\"kty\"", b"'kty'"];

    // Of UTF-16, what is left is ASCII; of escaped quotes, the quotes.
    let mut text = Secret::copy(secret, |byte| !b"\0\\".contains(byte));
    text.make_ascii_lowercase();
    let contains = |mark: &[u8]| text.windows(mark.len()).any(|window| window == mark);
    let starts_with_ssh = |text: &[u8]| SSH.iter().any(|mark| text.starts_with(mark));

    if ARMOUR.iter().any(|mark| contains(mark)) {
        Some(KeyDefect::SecretIsPem)
    } else if XML.iter().any(|mark| contains(mark)) {
        Some(KeyDefect::SecretIsXml)
    } else if starts_with_ssh(
        text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text).trim_ascii_start(),
    ) || SSH.iter().any(|mark| contains(mark))
        && (contains(b" aaaa") || contains(b"\taaaa"))
        || secret.starts_with(&[0, 0, 0]) && starts_with_ssh(text.get(1..).unwrap_or_default())
        || contains(b"openssh-key-v1")
    {
        Some(KeyDefect::SecretIsSsh)
    } else if JWK.iter().any(|mark| contains(mark)) {
        Some(KeyDefect::SecretIsJwk)
    } else if is_der(secret) {
        Some(KeyDefect::SecretIsDer)
    } else {
        None
    }
}

/// Whether the bytes start as the DER of a key or certificate does: with so many fixed bytes that no
/// random secret meets them.
fn is_der(bytes: &[u8]) -> bool {
    // Object identifiers of keys, with tag and length: of RSA (RFC 8017), EC and DSA (RFC 5480),
    // X25519 to Ed448 (RFC 8410).
    const KEYS: &[&[u8]] = &[
        b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01",
        b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01",
        b"\x06\x07\x2a\x86\x48\xce\x38\x04\x01",
        b"\x06\x03\x2b\x65\x6e",
        b"\x06\x03\x2b\x65\x6f",
        b"\x06\x03\x2b\x65\x70",
        b"\x06\x03\x2b\x65\x71",
    ];
    // Versions, as the first fields of private keys: PKCS#8 has 0 or 1, PKCS#1 0, SEC1 1.
    const VERSIONS: &[&[u8]] = &[b"\x02\x01\x00", b"\x02\x01\x01"];
    // The version of X.509, 3, and the tag of the number behind it.
    const CERTIFICATE: &[u8] = b"\xa0\x03\x02\x01\x02\x02";

    let Some((key, _)) = der_content(bytes, 0x30) else { return false };
    let is_of_key = |inner: &[u8]| KEYS.iter().any(|oid| inner.starts_with(oid));
    // SPKI, and a certificate.
    if let Some((inner, _)) = der_content(key, 0x30) {
        return is_of_key(inner) || inner.starts_with(CERTIFICATE);
    }
    if let Some(private) = VERSIONS.iter().find_map(|version| key.strip_prefix(*version)) {
        return der_content(private, 0x30).is_some_and(|(inner, _)| is_of_key(inner))
            || der_content(private, 0x02).is_some_and(|(modulus, _)| is_rsa_modulus(modulus))
            || der_content(private, 0x04)
                .is_some_and(|(scalar, _)| matches!(scalar.len(), 28 | 32 | 48 | 66));
    }
    der_content(key, 0x02).is_some_and(|(modulus, _)| is_rsa_modulus(modulus))
}

/// Longer than a random secret, with the sign as a byte of its own and the top bit set.
fn is_rsa_modulus(modulus: &[u8]) -> bool {
    modulus.len() > 64 && matches!(modulus, [0, 0x80..=0xff, ..])
}

/// The content of a DER element with this tag, and what follows it. `None` if it is cut off.
fn der_content(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (len, rest) = match bytes.strip_prefix(&[tag])? {
        [len @ 0..=0x7f, rest @ ..] | [0x81, len, rest @ ..] => (usize::from(*len), rest),
        [0x82, high, low, rest @ ..] => (usize::from(u16::from_be_bytes([*high, *low])), rest),
        _ => return None,
    };
    rest.split_at_checked(len)
}
