//! Secrets: how their text stands for bytes, and the key they make.

use base64::{
    Engine,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use jwt_codec::{Algorithm, Error, Key, dangerous};

use crate::{args::SecretFormat, failure::Failure};

/// The shortest secret that may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    /// What RFC 7518 §3.2 wants.
    Full,
    /// One byte.
    Any,
}

impl Length {
    pub(crate) fn allowing_short(allowed: bool) -> Self {
        if allowed { Self::Any } else { Self::Full }
    }
}

/// The content of a file as a secret: text without its one line end. Bytes that are no text are a
/// secret as they are, to the last.
pub(crate) fn of_file(content: &[u8]) -> &[u8] {
    match std::str::from_utf8(content) {
        Ok(text) => crate::input::without_line_end(text).as_bytes(),
        Err(_) => content,
    }
}

/// Makes the key. `whence` says in errors where the secret came from.
pub(crate) fn key(
    algorithm: Algorithm,
    format: SecretFormat,
    secret: &[u8],
    length: Length,
    whence: &str,
) -> Result<Key, Failure> {
    if secret.is_empty() {
        return Err(Failure::no_key(format!("{whence}: the secret is empty")));
    }
    let text = || {
        let not_text = |_| Failure::no_key(format!("{whence}: the secret is not text"));
        std::str::from_utf8(secret).map_err(not_text)
    };
    let made = match format {
        SecretFormat::Text => Key::new(algorithm, secret),
        SecretFormat::Hex => Key::from_hex(algorithm, text()?),
        SecretFormat::Base64 => Key::from_base64(algorithm, text()?),
        SecretFormat::Base64url => Key::from_base64url(algorithm, text()?),
    };
    match made {
        Err(Error::WeakKey { len: 1.., .. }) if length == Length::Any => {
            let bytes = bytes(format, secret, whence)?;
            dangerous::short_key(algorithm, bytes).map_err(|error| Failure::key(whence, &error))
        }
        made => made.map_err(|error| Failure::key(whence, &error)),
    }
}

/// The bytes that the text stands for.
pub(crate) fn bytes(format: SecretFormat, secret: &[u8], whence: &str) -> Result<Vec<u8>, Failure> {
    let text = secret.trim_ascii();
    let decoded = match format {
        SecretFormat::Text => return Ok(secret.to_vec()),
        SecretFormat::Hex => from_hex(text),
        SecretFormat::Base64 => from_base64(text),
        SecretFormat::Base64url => BASE64_URL_SAFE_NO_PAD.decode(text).ok(),
    };
    decoded.ok_or_else(|| Failure::no_key(format!("{whence}: the secret is not {}", name(format))))
}

fn name(format: SecretFormat) -> &'static str {
    match format {
        SecretFormat::Text => "text",
        SecretFormat::Hex => "hexadecimal",
        SecretFormat::Base64 => "base64",
        SecretFormat::Base64url => "base64url",
    }
}

fn from_hex(text: &[u8]) -> Option<Vec<u8>> {
    let (pairs, []) = text.as_chunks() else { return None };
    pairs
        .iter()
        .map(|pair: &[u8; 2]| {
            let digits = std::str::from_utf8(pair).ok()?;
            // `from_str_radix` takes a sign, too.
            if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return None;
            }
            u8::from_str_radix(digits, 16).ok()
        })
        .collect()
}

/// Of either alphabet, with or without padding.
fn from_base64(text: &[u8]) -> Option<Vec<u8>> {
    let alphabet = if text.iter().any(|byte| b"+/".contains(byte)) { STANDARD } else { URL_SAFE };
    let config =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    GeneralPurpose::new(&alphabet, config).decode(text).ok()
}

/// The text that stands for the bytes; `None` if they are no text.
pub(crate) fn write(format: SecretFormat, bytes: &[u8]) -> Option<String> {
    match format {
        SecretFormat::Text => String::from_utf8(bytes.to_vec()).ok(),
        SecretFormat::Hex => Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect()),
        SecretFormat::Base64 => Some(BASE64_STANDARD.encode(bytes)),
        SecretFormat::Base64url => Some(BASE64_URL_SAFE_NO_PAD.encode(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::{bytes, of_file, write};
    use crate::args::SecretFormat::{Base64, Base64url, Hex, Text};

    #[test]
    fn there_and_back() {
        let secret = b"\x00\xff>?secret";
        for format in [Hex, Base64, Base64url] {
            let text = write(format, secret).unwrap();
            assert_eq!(bytes(format, text.as_bytes(), "").unwrap(), secret);
            let with_line_end = text + "\n";
            assert_eq!(bytes(format, with_line_end.as_bytes(), "").unwrap(), secret);
        }
        assert_eq!(write(Text, secret), None);
        assert_eq!(write(Text, b"caf\xc3\xa9").unwrap(), "café");
        for (format, text) in [(Hex, "+1"), (Hex, "abc"), (Base64, "a*"), (Base64url, "a+==")] {
            assert!(bytes(format, text.as_bytes(), "").is_err(), "{text}");
        }
    }

    #[test]
    fn the_line_end_of_a_file() {
        assert_eq!(of_file(b"secret\n"), b"secret");
        assert_eq!(of_file(b"secret\r\n"), b"secret");
        assert_eq!(of_file(b"secret \n\n"), b"secret \n");
        assert_eq!(of_file(b"\xff\n"), b"\xff\n");
    }
}
