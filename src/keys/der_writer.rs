//! Writes keys in DER (ITU-T X.690). Writing cannot fail, and leaves no copy of a secret in memory.

use alloc::vec::Vec;

use hmac::digest::zeroize::Zeroizing;

use super::kind::Kind;

/// Writes an SPKI of these bits.
pub(super) fn write_spki(kind: Kind, bits: &[u8]) -> Vec<u8> {
    element(0x30, &[kind.identifier(), &bit_string(bits)]).to_vec()
}

/// Writes PKCS#8, version 1, which every reader knows.
pub(super) fn write_pkcs8(kind: Kind, secret: &[u8]) -> Zeroizing<Vec<u8>> {
    element(0x30, &[&integer(&[0]), kind.identifier(), &element(0x04, &[secret])])
}

/// Writes the seed of an Ed25519 key for PKCS#8 (RFC 8410 §7).
pub(super) fn write_seed(seed: &[u8]) -> Zeroizing<Vec<u8>> {
    element(0x04, &[seed])
}

/// Writes a key in SEC1 for PKCS#8, which names the curve already.
pub(super) fn write_sec1(scalar: &[u8], point: &[u8]) -> Zeroizing<Vec<u8>> {
    let public = element(0xa1, &[&bit_string(point)]);
    element(0x30, &[&integer(&[1]), &element(0x04, &[scalar]), &public])
}

/// Writes a sequence of numbers, such as PKCS#1.
pub(super) fn write_integers(numbers: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    let integers: Vec<_> = numbers.iter().map(|number| integer(number)).collect();
    let parts: Vec<&[u8]> = integers.iter().map(|integer| integer.as_slice()).collect();
    element(0x30, &parts)
}

fn integer(number: &[u8]) -> Zeroizing<Vec<u8>> {
    // Zero is a byte, and a top bit that is set would be a sign.
    match number {
        [] | [0x80..=0xff, ..] => element(0x02, &[&[0], number]),
        _ => element(0x02, &[number]),
    }
}

fn bit_string(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    element(0x03, &[&[0], bytes])
}

/// Writes an element with this tag, whose content is these parts.
fn element(tag: u8, parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    /// The most bytes that the tag and the length take.
    const MAX_START: usize = 2 + size_of::<usize>();

    let len = parts.iter().fold(0_usize, |len, part| len.saturating_add(part.len()));
    // The vector must never grow, because that leaves a copy of its old content in memory.
    let mut element = Zeroizing::new(Vec::with_capacity(len.saturating_add(MAX_START)));
    element.push(tag);
    if let Ok(short @ ..0x80) = u8::try_from(len) {
        element.push(short);
    } else {
        let bytes = len.to_be_bytes();
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        element.extend(u8::try_from(bytes.len().saturating_sub(zeros)).map(|count| 0x80 | count));
        element.extend(bytes.iter().skip(zeros));
    }
    for part in parts {
        element.extend_from_slice(part);
    }
    element
}
