//! PEM (RFC 7468): one block of base64 between two lines.
//!
//! It is read here because the crates for it either refuse files that people have (lines of another
//! width, empty lines at the end) or leave the secret text behind in memory.

use alloc::{string::String, vec, vec::Vec};

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::digest::zeroize::Zeroizing;

use crate::error::Error;

/// Label and content of the one block. Text in front is passed over (RFC 7468 §2); behind it there
/// may be white space only, so that nobody takes the first of several keys for all of them.
pub(super) fn read(text: &str) -> Result<(&str, Zeroizing<Vec<u8>>), Error> {
    let (_, block) = text.split_once("-----BEGIN ").ok_or(Error::invalid_key(
        "the text is not PEM: it has no line `-----BEGIN PUBLIC KEY-----` or the like",
    ))?;
    let (label, block) = block.split_once("-----").ok_or(Error::invalid_key(UNFINISHED))?;
    let (body, end) = block.split_once("-----END ").ok_or(Error::invalid_key(UNFINISHED))?;
    let behind = end
        .strip_prefix(label)
        .and_then(|end| end.strip_prefix("-----"))
        .ok_or(Error::invalid_key("the END line of the PEM text names another label"))?;
    if body.contains("-----BEGIN ") || behind.contains("-----BEGIN ") {
        return Err(Error::invalid_key(
            "the PEM text holds more than one block; keep the one key that is meant",
        ));
    }
    if !behind.trim_ascii().is_empty() {
        return Err(Error::invalid_key("something follows the END line of the PEM text"));
    }
    if body.contains(':') {
        return Err(Error::invalid_key(
            "the PEM text has header lines, so its key is encrypted; decrypt it with `openssl pkey`",
        ));
    }

    let mut digits = Zeroizing::new(Vec::with_capacity(body.len()));
    digits.extend(body.bytes().filter(|byte| !byte.is_ascii_whitespace()));
    let mut der = Zeroizing::new(vec![0; base64::decoded_len_estimate(digits.len())]);
    let len = STANDARD.decode_slice(&*digits, &mut der).map_err(|_| {
        Error::invalid_key(
            "the body of the PEM text is not base64; did its line ends become the characters `\\n`?",
        )
    })?;
    der.truncate(len);
    Ok((label, der))
}

const UNFINISHED: &str = "the PEM text has no END line; was the key cut off?";

/// What to do with a block that is not the key in demand.
pub(super) fn other_label(label: &str) -> Error {
    Error::invalid_key(match label {
        "PUBLIC KEY" | "RSA PUBLIC KEY" => {
            "the PEM text is a public key, or one of another kind than the algorithm takes; \
             a public key is read by `PublicKey`"
        }
        "PRIVATE KEY" | "EC PRIVATE KEY" | "RSA PRIVATE KEY" => {
            "the PEM text is a private key, or one of another kind than the algorithm takes; \
             a private key is read by `PrivateKey`"
        }
        "ENCRYPTED PRIVATE KEY" => {
            "the PEM text is an encrypted key; decrypt it first (`openssl pkey`)"
        }
        "OPENSSH PRIVATE KEY" => {
            "the PEM text is an OpenSSH key; convert it first (`ssh-keygen -p -m PKCS8`)"
        }
        "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => {
            "the PEM text is a certificate; take the key out of it (`openssl x509 -pubkey -noout`)"
        }
        _ => "the PEM text has another label than those of keys",
    })
}

/// The block of these bytes, in lines of 64 characters.
pub(super) fn write(label: &str, der: &[u8]) -> String {
    /// So many bytes fill a line.
    const LINE: usize = 48;

    let lines = der.len().div_ceil(LINE);
    let len = lines.saturating_mul(65).saturating_add(label.len().saturating_mul(2));
    // Long enough, so that it never grows and leaves a copy behind.
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
