//! PEM (RFC 7468): one block of base64 between two lines.
//!
//! It is read here, because the crates for PEM either reject files that people have (lines of another
//! width, empty lines at the end) or leave a copy of the secret in memory.

use alloc::{string::String, vec, vec::Vec};

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::digest::zeroize::Zeroizing;

use super::kind::Kind;
use crate::error::{Error, KeyDefect, KeyKind};

const BEGIN: &str = "-----BEGIN ";

/// Returns the label and the content of the only block. Text before it is ignored (RFC 7468 §2), and so
/// is the block of parameters that `openssl ecparam -genkey` writes before its key. After it only white
/// space is accepted, so that the first of several keys is never read in place of all.
pub(super) fn read(text: &[u8]) -> Result<(&str, Zeroizing<Vec<u8>>), Error> {
    let start = text.windows(BEGIN.len()).position(|window| window == BEGIN.as_bytes());
    let text = start.and_then(|start| text.get(start..)).ok_or(defect(KeyDefect::NotPem))?;
    let text = core::str::from_utf8(text).map_err(|_| defect(KeyDefect::PemBody))?;
    if text.contains("\\n") {
        return Err(defect(KeyDefect::PemLineEnds));
    }
    let mut block = Block::first(text)?;
    if block.label == "EC PARAMETERS" && block.after.contains(BEGIN) {
        block = Block::first(block.after)?;
    }
    if block.body.contains(BEGIN) || block.after.contains(BEGIN) {
        return Err(defect(KeyDefect::PemBlocks));
    }
    if !block.after.trim_ascii().is_empty() {
        return Err(defect(KeyDefect::PemTrailing));
    }
    // RFC 7468 §2 has no header lines. Older formats say in them that the key is encrypted. Without the
    // colon of such a line, the word is letters of the key.
    if block.body.lines().any(|line| line.contains(':') && line.contains("ENCRYPTED")) {
        return Err(defect(KeyDefect::PemEncrypted));
    }

    let mut digits = Zeroizing::new(Vec::with_capacity(block.body.len()));
    digits.extend(block.body.bytes().filter(|byte| !byte.is_ascii_whitespace()));
    let mut der = Zeroizing::new(vec![0; base64::decoded_len_estimate(digits.len())]);
    let len = STANDARD.decode_slice(&*digits, &mut der).map_err(|_| defect(KeyDefect::PemBody))?;
    der.truncate(len);
    Ok((block.label, der))
}

fn defect(defect: KeyDefect) -> Error {
    Error::invalid_key(defect)
}

struct Block<'t> {
    label: &'t str,
    body: &'t str,
    after: &'t str,
}

impl<'t> Block<'t> {
    /// Reads the first block of the text.
    fn first(text: &'t str) -> Result<Self, Error> {
        let unfinished = || defect(KeyDefect::PemUnfinished);
        let (_, block) = text.split_once(BEGIN).ok_or(defect(KeyDefect::NotPem))?;
        let (label, block) = block.split_once("-----").ok_or_else(unfinished)?;
        let (body, end) = block.split_once("-----END ").ok_or_else(unfinished)?;
        let after = end
            .strip_prefix(label)
            .and_then(|end| end.strip_prefix("-----"))
            .ok_or(defect(KeyDefect::PemLabels))?;
        Ok(Self { label, body, after })
    }
}

/// The error for a block with this label where a part of a key of this kind is wanted.
pub(super) fn other_label(label: &str, wanted: Part, kind: Kind) -> Error {
    let needed = kind.name();
    Error::invalid_key(match (label, wanted) {
        ("EC PRIVATE KEY", Part::Private) => {
            KeyDefect::OtherKind { needed, found: KeyKind::EllipticCurve }
        }
        ("RSA PUBLIC KEY", Part::Public) | ("RSA PRIVATE KEY", Part::Private) => {
            KeyDefect::OtherKind { needed, found: KeyKind::Rsa }
        }
        ("PUBLIC KEY" | "RSA PUBLIC KEY", _) => KeyDefect::PemIsPublic,
        ("PRIVATE KEY" | "EC PRIVATE KEY" | "RSA PRIVATE KEY", _) => KeyDefect::PemIsPrivate,
        ("ENCRYPTED PRIVATE KEY", _) => KeyDefect::PemEncrypted,
        ("OPENSSH PRIVATE KEY", _) => KeyDefect::PemIsOpenssh,
        ("CERTIFICATE" | "X509 CERTIFICATE", _) => KeyDefect::PemIsCertificate,
        _ => KeyDefect::PemLabel,
    })
}

/// The part of a key pair that a caller wants.
#[derive(Clone, Copy)]
pub(super) enum Part {
    Public,
    Private,
}

/// Writes a block of these bytes, in lines of 64 characters.
pub(super) fn write(label: &str, der: &[u8]) -> String {
    /// The number of bytes in a line.
    const LINE: usize = 48;

    let lines = der.len().div_ceil(LINE);
    let len = lines.saturating_mul(65).saturating_add(label.len().saturating_mul(2));
    // The string must never grow, because that leaves a copy of its old content in memory.
    let mut text = String::with_capacity(len.saturating_add(32));
    for part in ["-----BEGIN ", label, "-----\n"] {
        text.push_str(part);
    }
    for line in der.chunks(LINE) {
        STANDARD.encode_string(line, &mut text);
        text.push('\n');
    }
    for part in ["-----END ", label, "-----\n"] {
        text.push_str(part);
    }
    text
}
