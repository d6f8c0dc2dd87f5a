//! Secrets: how their text encodes bytes, and the key they make.

use std::env;

use base64::{
    Engine,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD},
};
use clap::ValueEnum;
use jwt_codec::{Algorithm, Error, Key, dangerous};

use crate::{
    args::SecretFormat,
    failure::Failure,
    input::{without_line_end, without_quotes},
    words,
};

pub(crate) const JWT_SECRET: &str = "JWT_SECRET";
const JWT_SECRET_FORMAT: &str = "JWT_SECRET_FORMAT";

/// The shortest secret that may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    /// What RFC 7518 §3.2 requires.
    Full,
    /// The same, unless the user adds `--allow-short-secret`.
    FullByDefault,
    /// One byte.
    Any,
}

impl Length {
    pub(crate) fn allowing_short(allowed: bool) -> Self {
        if allowed { Self::Any } else { Self::FullByDefault }
    }

    /// A key that cannot be used. Names the option, where it exists and helps.
    pub(super) fn failure(self, whence: &str, error: &Error) -> Failure {
        let mut failure = Failure::key(whence, error);
        if self == Self::FullByDefault
            && let Error::WeakKey { len: 1.., algorithm, .. } = error
            && words::is_for_secrets(*algorithm)
        {
            failure.message += ", or accept short secrets with --allow-short-secret";
        }
        failure
    }
}

/// The secret in a file: text without its one line end; bytes that are not text, as they are.
pub(crate) fn of_file(content: &[u8]) -> &[u8] {
    match std::str::from_utf8(content) {
        Ok(text) => without_line_end(text).as_bytes(),
        Err(_) => content,
    }
}

/// Returns the secret in `JWT_SECRET` and its format.
pub(crate) fn of_environment(
    option: Option<SecretFormat>,
) -> Result<(Vec<u8>, SecretFormat), Failure> {
    let Some(secret) = env::var_os(JWT_SECRET) else {
        return Err(Failure::no_key(
            "there is no key; name one with --secret-file, --jwk, --jwks or --pem, or set \
             JWT_SECRET",
        ));
    };
    let secret = secret.into_string().map_err(|_| {
        Failure::no_key("JWT_SECRET: the secret is not text; read it with --secret-file")
    })?;
    // Compose and CI files set a variable that has no value to nothing.
    let variable = env::var_os(JWT_SECRET_FORMAT).filter(|name| !name.is_empty());
    let said = match (option, variable) {
        (Some(format), _) => Some(format),
        (None, None) => None,
        (None, Some(name)) => {
            // If the two variables are swapped, this one contains the secret.
            let format = SecretFormat::from_str(&name.to_string_lossy(), false);
            Some(format.map_err(|_| {
                Failure::misuse("JWT_SECRET_FORMAT: expected text, hex, base64 or base64url")
            })?)
        }
    };
    let format = format(said, secret.as_bytes(), JWT_SECRET, ", or set JWT_SECRET_FORMAT")?;
    Ok((secret.into_bytes(), format))
}

/// Returns the format that the user named, or text. A secret that looks like hexadecimal or base64
/// needs a named format, because each reading is another secret. `other_way` is advice in addition
/// to the option.
pub(crate) fn format(
    said: Option<SecretFormat>,
    secret: &[u8],
    whence: &str,
    other_way: &str,
) -> Result<SecretFormat, Failure> {
    if let Some(format) = said {
        return Ok(format);
    }
    let (bare, wrapping) = without_wrapping(secret);
    let (looks, option) = match lookalike(&bare) {
        None => return Ok(SecretFormat::Text),
        Some(SecretFormat::Hex) => ("hexadecimal", "hex"),
        Some(SecretFormat::Base64url) => ("base64url", "base64url"),
        Some(_) => ("base64", "base64"),
    };
    let (place, advice) = match wrapping {
        None => (String::new(), format!("add --secret-format {option} or")),
        Some((place, cure)) => {
            (format!(" {place}"), format!("{cure} and add --secret-format {option}, or add"))
        }
    };
    Err(Failure::misuse(format!(
        "{whence}: the secret looks like {looks}{place} but may be meant as text, which is another \
         secret; {advice} --secret-format text{other_way} (possible values: text, hex, base64, \
         base64url)"
    )))
}

/// Removes what editors, shells and `.env` files put around a secret. Also returns where the secret
/// stands then, and how to get it out of there.
fn without_wrapping(secret: &[u8]) -> (Vec<u8>, Option<(&'static str, &'static str)>) {
    let after_mark =
        [b"\xff\xfe", b"\xfe\xff"].into_iter().find_map(|mark| secret.strip_prefix(mark));
    let is_utf16 = after_mark.is_some() || secret.contains(&0);
    // Without NUL, UTF-16 becomes ASCII.
    let text = after_mark.unwrap_or(secret).iter().copied().filter(|byte| *byte != 0);
    let text: Vec<u8> = text.collect();
    let after_mark = text.strip_prefix("\u{feff}".as_bytes());
    let text = after_mark.unwrap_or(&text).trim_ascii();
    let in_quotes = std::str::from_utf8(text).ok().and_then(without_quotes);
    let wrapping = if is_utf16 {
        Some(("in UTF-16", "save it as UTF-8"))
    } else if after_mark.is_some() {
        Some(("after a byte order mark", "remove the mark"))
    } else {
        in_quotes.map(|_| ("in quotes", "remove the quotes"))
    };
    (in_quotes.map_or(text, str::as_bytes).to_vec(), wrapping)
}

/// The format other than text that a secret of full length may be written in.
fn lookalike(secret: &[u8]) -> Option<SecretFormat> {
    let text = without_line_ends(secret.trim_ascii());
    let is_hex = text.len() >= 64 && from_hex(&text).is_some();
    let is_base64 = || from_base64(&text).is_some_and(|bytes| bytes.len() >= 32);
    if is_hex {
        Some(SecretFormat::Hex)
    } else if !is_base64() {
        None
    } else if text.iter().any(|byte| b"+/=".contains(byte)) {
        Some(SecretFormat::Base64)
    } else {
        Some(SecretFormat::Base64url)
    }
}

/// `openssl rand -base64 64` writes two lines.
fn without_line_ends(text: &[u8]) -> Vec<u8> {
    text.iter().copied().filter(|byte| !b"\r\n".contains(byte)).collect()
}

/// Makes the key. `whence` names the source of the secret in errors.
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
        String::from_utf8(without_line_ends(secret)).map_err(not_text)
    };
    let made = match format {
        SecretFormat::Text => Key::new(algorithm, secret),
        SecretFormat::Hex => Key::from_hex(algorithm, &text()?),
        SecretFormat::Base64 => Key::from_base64(algorithm, &text()?),
        SecretFormat::Base64url => Key::from_base64url(algorithm, &text()?),
    };
    match made {
        Err(Error::WeakKey { len: 1.., .. }) if length == Length::Any => {
            let bytes = bytes(format, secret, whence)?;
            dangerous::short_key(algorithm, bytes).map_err(|error| Failure::key(whence, &error))
        }
        made => made.map_err(|error| length.failure(whence, &error)),
    }
}

/// Returns the bytes that the text stands for.
pub(crate) fn bytes(format: SecretFormat, secret: &[u8], whence: &str) -> Result<Vec<u8>, Failure> {
    let text = without_line_ends(secret.trim_ascii());
    let decoded = match format {
        SecretFormat::Text => return Ok(secret.to_vec()),
        SecretFormat::Hex => from_hex(&text),
        SecretFormat::Base64 => from_base64(&text),
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
            // `from_str_radix` would accept a sign.
            if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return None;
            }
            u8::from_str_radix(digits, 16).ok()
        })
        .collect()
}

/// Decodes either alphabet, with or without padding.
fn from_base64(text: &[u8]) -> Option<Vec<u8>> {
    let alphabet = if text.iter().any(|byte| b"+/".contains(byte)) { STANDARD } else { URL_SAFE };
    let config =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    GeneralPurpose::new(&alphabet, config).decode(text).ok()
}

/// Returns the text that stands for the bytes, or `None` if `Text` is asked for and they are not text.
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
    use super::{bytes, lookalike, of_file, write};
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
    fn what_a_secret_looks_like() {
        let (hex, base64) = ("0f".repeat(32), "A".repeat(43));
        for (secret, expected) in [
            (hex.clone(), Some(Hex)),
            (hex.to_uppercase(), Some(Hex)),
            (format!(" {hex}\r\n"), Some(Hex)),
            ("0f".repeat(33), Some(Hex)),
            ("0f".repeat(31), None),
            (format!("{hex}0"), None),
            (base64.clone(), Some(Base64url)),
            (format!("{base64}="), Some(Base64)),
            (format!("{}+A=", "A".repeat(41)), Some(Base64)),
            (format!("{}-A", "A".repeat(41)), Some(Base64url)),
            (format!("{}\n{}\n", "A".repeat(64), "A/BCDEFG".repeat(3)), Some(Base64)),
            ("A".repeat(42), None),
            ("A".repeat(45), None),
            (format!("{}-+A", "A".repeat(41)), None),
            // One bit of the last character stands for nothing.
            (format!("{}B", "A".repeat(42)), None),
            ("a secret of 32 random bytes or more".to_owned(), None),
            (format!("{} {}", "A".repeat(20), "A".repeat(23)), None),
            (String::new(), None),
        ] {
            assert_eq!(lookalike(secret.as_bytes()), expected, "{secret}");
        }
        assert_eq!(lookalike(&[0xff; 64]), None);
    }

    #[test]
    fn the_line_end_of_a_file() {
        assert_eq!(of_file(b"secret\n"), b"secret");
        assert_eq!(of_file(b"secret\r\n"), b"secret");
        assert_eq!(of_file(b"secret \n\n"), b"secret \n");
        assert_eq!(of_file(b"\xff\n"), b"\xff\n");
    }
}
