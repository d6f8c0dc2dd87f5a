//! Whether a secret is really another kind of key. Public keys are not secret, and libraries that use
//! one as an HMAC secret let anybody sign (CVE-2022-29217, CVE-2023-48223).
//!
//! What cannot be known are the raw bytes of a key without a frame, such as the 32 bytes of an Ed25519
//! public key, and text in other encodings, such as percent-encoding or digits after `0x`.

use core::iter;

use super::{
    secret::Secret,
    text::{decode_hex, decode_lax_base64},
};
use crate::{error::KeyDefect, json::unescape};

/// How often text is decoded from base64 or hexadecimal digits: the base64 of a PEM text or of the
/// base64 of DER.
const MAX_DECODINGS: u8 = 2;

/// A text with fewer characters holds no key: the shortest, an Ed25519 key with its algorithm (RFC 8410
/// §4), has 44 bytes.
const SHORTEST_KEY: usize = 44;

/// PEM (RFC 7468) and SSH2 armour (RFC 4716), without the white space and with the fewest dashes.
const ARMOUR: &[&[u8]] = &[b"---begin"];
/// The form of `PuTTY`.
const PUTTY: &[&[u8]] = &[b"putty-user-key-file-"];
/// XML keys, as .NET writes them, or with the prefix of a namespace.
const XML: &[&[u8]] = &[
    b"<rsakeyvalue",
    b"<dsakeyvalue",
    b"<eckeyvalue",
    b"<ecdsakeyvalue",
    b":rsakeyvalue",
    b":dsakeyvalue",
    b":eckeyvalue",
];
/// Key types of OpenSSH. Certificate types share these prefixes.
const SSH: &[&[u8]] = &[
    b"ssh-rsa",
    b"ssh-dss",
    b"ssh-ed25519",
    b"ssh-ed448",
    b"ecdsa-sha2-",
    b"sk-ssh-",
    b"sk-ecdsa-",
];
/// The start of a private key of OpenSSH.
const OPENSSH: &[&[u8]] = &[b"openssh-key-v1"];
/// A JSON Web Key has the member `kty`, a set of them `keys`; some write them in single quotes.
const JWK: &[&[u8]] = &[b"\"kty\"", b"'kty'", b"\"keys\"", b"'keys'"];

/// Returns what the secret is, if it is another kind of key.
pub(super) fn other_kind_of_key(secret: &[u8]) -> Option<KeyDefect> {
    detect(secret, MAX_DECODINGS)
}

fn detect(secret: &[u8], decodings: u8) -> Option<KeyDefect> {
    if let Some(defect) = kind_of_binary(secret).or_else(|| kind_of_text(secret)) {
        return Some(defect);
    }
    let decodings = decodings.checked_sub(1)?;
    let text = without_byte_order_mark(secret);
    // Without NUL, UTF-16 becomes ASCII.
    let is_digit = |byte: u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=' | 0)
    };
    let is_space = |byte: u8| byte.is_ascii_whitespace() || byte == b':';
    let is_long = |text: &&[u8]| text.len() >= SHORTEST_KEY;
    if !is_long(&text) {
        return None;
    }
    let detect_in_digits = |digits: &[u8]| {
        let detect_in = |decoded: Option<Secret>| detect(&decoded?, decodings);
        detect_in(decode_lax_base64(digits)).or_else(|| detect_in(decode_hex(digits)))
    };
    // Digits in lines, in quotes and before a comment; and their words, as after a name and `=`.
    let mut texts = text.split(|&byte| !is_digit(byte) && !is_space(byte)).filter(is_long);
    let in_one_piece = texts.find_map(|text| {
        let words = text.split(|&byte| is_space(byte) || byte == b'=').filter(is_long);
        let words = words.filter(|word| word.len() < text.len());
        iter::once(text).chain(words).find_map(|text| {
            detect_in_digits(&Secret::copy_if(text, |&byte| !is_space(byte) && byte != 0))
        })
    });
    // Digits in lines with something else between them, such as `\n` in letters, as in a list of JSON.
    in_one_piece.or_else(|| {
        let previous = iter::once(&0).chain(text);
        let is_line_end = |previous: u8, byte: u8| previous == b'\\' && b"rn".contains(&byte);
        let digits = text.iter().zip(previous).filter(|&(&byte, &previous)| {
            is_digit(byte) && byte != 0 && !is_line_end(previous, byte)
        });
        detect_in_digits(&Secret::collect(text.len(), digits.map(|(byte, _)| *byte)))
    })
}

/// The text after its byte order mark of UTF-8 or UTF-16, which Windows writes.
fn without_byte_order_mark(text: &[u8]) -> &[u8] {
    const MARKS: [&[u8]; 3] = [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"];
    MARKS.iter().find_map(|mark| text.strip_prefix(*mark)).unwrap_or(text)
}

fn kind_of_binary(secret: &[u8]) -> Option<KeyDefect> {
    if is_der(without_byte_order_mark(secret).trim_ascii_start()) {
        return Some(KeyDefect::SecretIsDer);
    }
    // The blob of an SSH key starts with the length of its type, in four bytes.
    let ssh_type = secret.strip_prefix(&[0, 0, 0])?.get(1..)?;
    SSH.iter().any(|mark| ssh_type.starts_with(mark)).then_some(KeyDefect::SecretIsSsh)
}

fn kind_of_text(secret: &[u8]) -> Option<KeyDefect> {
    // Nearly every secret lacks a character of every mark.
    let characters = Characters::of(secret);
    let marks = [ARMOUR, PUTTY, XML, SSH, OPENSSH, JWK];
    let may_have_mark = marks.iter().copied().flatten().any(|mark| characters.contain(mark));
    if !may_have_mark && !characters.contain(b"\\u") {
        return None;
    }
    // Without NUL, UTF-16 becomes ASCII; without backslashes, escaped quotes become quotes.
    let mut text = Secret::copy_if(secret, |byte| !b"\0\\".contains(byte));
    text.make_ascii_lowercase();
    // Armour may have any white space between its words, or none.
    let compact = Secret::copy_if(&text, u8::is_ascii_graphic);
    let unescaped = unescape_all(&Secret::copy_if(secret, |byte| *byte != 0));
    let has = |text: &[u8], marks: &[&[u8]]| {
        marks.iter().any(|mark| text.windows(mark.len()).any(|window| window == *mark))
    };

    if has(&compact, ARMOUR) || has(&text, PUTTY) {
        Some(KeyDefect::SecretIsPem)
    } else if has(&text, XML) {
        Some(KeyDefect::SecretIsXml)
    } else if is_ssh_text(&text, has) || has(&text, OPENSSH) {
        Some(KeyDefect::SecretIsSsh)
    } else if has(&text, JWK) || has(&unescaped, JWK) {
        Some(KeyDefect::SecretIsJwk)
    } else {
        None
    }
}

/// A type at the start of the text, or somewhere in a line whose key follows it: options or a host may
/// come first, and a key in base64 starts with zeros.
fn is_ssh_text(text: &[u8], has: impl Fn(&[u8], &[&[u8]]) -> bool) -> bool {
    let line = without_byte_order_mark(text).trim_ascii_start();
    SSH.iter().any(|mark| line.starts_with(mark))
        || has(text, SSH) && has(text, &[b" aaaa", b"\taaaa"])
}

/// The text without JSON's escapes. Of JSON in a string, or in a string of a string, the quotes and the
/// backslashes have backslashes before them, which are dropped first.
fn unescape_all(text: &[u8]) -> Secret {
    let next = text.iter().skip(1).chain([&0]);
    let is_kept = |(byte, next): &(&u8, &u8)| **byte != b'\\' || **next == b'u';
    let escapes = text.iter().zip(next).filter(is_kept).map(|(byte, _)| *byte);
    let escapes = Secret::collect(text.len(), escapes);
    Secret::collect(text.len(), unescape(&escapes).map(|byte| byte.to_ascii_lowercase()))
}

/// The ASCII characters that a text has, without regard to letter case.
#[derive(Clone, Copy)]
struct Characters(u128);

impl Characters {
    fn of(text: &[u8]) -> Self {
        Self(text.iter().fold(0, |characters, &byte| characters | Self::bit(byte)))
    }

    fn contain(self, mark: &[u8]) -> bool {
        mark.iter().all(|&byte| self.0 & Self::bit(byte) != 0)
    }

    const fn bit(byte: u8) -> u128 {
        if byte.is_ascii() { 1 << byte.to_ascii_lowercase() } else { 0 }
    }
}

/// Whether the bytes start as the DER of a key, a certificate, a request or a PKCS#7 message does: with
/// enough fixed bytes that a random secret practically never matches.
fn is_der(bytes: &[u8]) -> bool {
    // PKCS#7: the object identifiers of its content types (RFC 2315 §14).
    const PKCS7: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07";
    // Versions, as the first fields of private keys: PKCS#8 has 0 or 1, PKCS#1 0, SEC1 1.
    const VERSIONS: &[&[u8]] = &[b"\x02\x01\x00", b"\x02\x01\x01"];

    let Some((content, _)) = der_content(bytes, 0x30) else { return false };
    if content.starts_with(PKCS7) {
        return true;
    }
    if let Some((inner, _)) = der_content(content, 0x30) {
        return is_key_identifier(inner) || is_certificate(inner) || is_request(inner);
    }
    if let Some(private) = VERSIONS.iter().find_map(|version| content.strip_prefix(*version)) {
        return der_content(private, 0x30).is_some_and(|(inner, _)| is_key_identifier(inner))
            || der_content(private, 0x02).is_some_and(|(modulus, _)| is_rsa_modulus(modulus))
            || der_content(private, 0x04).is_some_and(|(scalar, _)| {
                matches!(scalar.len(), 24 | 28 | 32 | 40 | 48 | 64 | 66)
            });
    }
    der_content(content, 0x02).is_some_and(|(modulus, _)| is_rsa_modulus(modulus))
}

/// Object identifiers of keys, with tag and length: of RSA (RFC 8017), EC and DSA (RFC 5480), X25519 to
/// Ed448 (RFC 8410), ML-DSA and SLH-DSA (RFC 9881, RFC 9909), and of what encrypts a private key
/// (RFC 8018 §A.3 and §A.4, RFC 7292 §C).
fn is_key_identifier(inner: &[u8]) -> bool {
    const KEYS: &[&[u8]] = &[
        b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01",
        b"\x06\x07\x2a\x86\x48\xce\x3d\x02\x01",
        b"\x06\x07\x2a\x86\x48\xce\x38\x04\x01",
        b"\x06\x03\x2b\x65\x6e",
        b"\x06\x03\x2b\x65\x6f",
        b"\x06\x03\x2b\x65\x70",
        b"\x06\x03\x2b\x65\x71",
        b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03",
        b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05",
        b"\x06\x0a\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01",
    ];

    KEYS.iter().any(|oid| inner.starts_with(oid))
}

/// The content of a certificate (RFC 5280 §4.1): its version, 2 or 3, and the tag of its serial number,
/// or in version 1 the number itself; then the identifier of the signature.
fn is_certificate(content: &[u8]) -> bool {
    const VERSIONS: &[&[u8]] = &[b"\xa0\x03\x02\x01\x01\x02", b"\xa0\x03\x02\x01\x02\x02"];

    VERSIONS.iter().any(|version| content.starts_with(version))
        || der_content(content, 0x02)
            .and_then(|(_, rest)| der_content(rest, 0x30))
            .is_some_and(|(identifier, _)| is_signature_identifier(identifier))
}

/// Object identifiers of signatures: of RSA (RFC 8017), ECDSA and DSA (RFC 5758), EdDSA (RFC 8410).
fn is_signature_identifier(identifier: &[u8]) -> bool {
    const SIGNATURES: &[&[u8]] = &[
        b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01",
        b"\x06\x08\x2a\x86\x48\xce\x3d\x04\x03",
        b"\x06\x07\x2a\x86\x48\xce\x3d\x04\x01",
        b"\x06\x07\x2a\x86\x48\xce\x38\x04\x03",
        b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03",
        b"\x06\x03\x2b\x65\x70",
        b"\x06\x03\x2b\x65\x71",
    ];

    SIGNATURES.iter().any(|oid| identifier.starts_with(oid))
}

/// The content of a request (PKCS#10, RFC 2986 §4.1): version 0, a name, and a public key.
fn is_request(content: &[u8]) -> bool {
    content
        .strip_prefix(b"\x02\x01\x00")
        .and_then(|rest| der_content(rest, 0x30))
        .and_then(|(_name, rest)| der_content(rest, 0x30))
        .and_then(|(key, _)| der_content(key, 0x30))
        .is_some_and(|(identifier, _)| is_key_identifier(identifier))
}

/// Longer than a random secret, with the sign as a byte of its own and the top bit set.
fn is_rsa_modulus(modulus: &[u8]) -> bool {
    modulus.len() > 64 && matches!(modulus, [0, 0x80..=0xff, ..])
}

/// The content of a DER element with this tag, and what follows it. `None` if it is cut off. An element
/// of BER that has no length, as in PKCS#7, has all that follows as its content.
fn der_content(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (len, rest) = match bytes.strip_prefix(&[tag])? {
        [len @ 0..=0x7f, rest @ ..] | [0x81, len, rest @ ..] => (usize::from(*len), rest),
        [0x82, high, low, rest @ ..] => (usize::from(u16::from_be_bytes([*high, *low])), rest),
        [0x83, high, middle, low, rest @ ..] => {
            (usize::try_from(u32::from_be_bytes([0, *high, *middle, *low])).ok()?, rest)
        }
        [0x80, rest @ ..] => (rest.len(), rest),
        _ => return None,
    };
    rest.split_at_checked(len)
}
