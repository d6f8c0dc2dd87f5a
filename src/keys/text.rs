//! Secrets as text: hexadecimal digits, base64, base64url.

use base64::{
    Engine,
    alphabet::{STANDARD, URL_SAFE},
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

use super::secret::Secret;
use crate::{
    base64url,
    error::{Error, KeyDefect},
};

/// Base64 with or without padding.
const CONFIG: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// Reads hexadecimal digits, two for each byte.
pub(super) fn from_hex(text: &str) -> Result<Secret, Error> {
    decode_hex(text.trim_ascii().as_bytes()).ok_or(Error::invalid_key(KeyDefect::NotHexadecimal))
}

pub(super) fn decode_hex(digits: &[u8]) -> Option<Secret> {
    let (pairs, []) = digits.as_chunks() else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut secret = Secret::zeros(pairs.len());
    for (byte, &[high, low]) in secret.iter_mut().zip(pairs) {
        *byte = digit(high)? << 4 | digit(low)?;
    }
    Some(secret)
}

/// Reads base64 of either alphabet, with or without padding.
pub(super) fn from_base64(text: &str) -> Result<Secret, Error> {
    let text = text.trim_ascii();
    refuse_hex(text)?;
    decode_any_base64(text.as_bytes(), CONFIG).ok_or(Error::invalid_key(KeyDefect::NotBase64))
}

/// Decodes base64 as [`from_base64`] does, and ignores bits of the last character that stand for nothing.
pub(super) fn decode_lax_base64(text: &[u8]) -> Option<Secret> {
    decode_any_base64(text, CONFIG.with_decode_allow_trailing_bits(true))
}

fn decode_any_base64(text: &[u8], config: GeneralPurposeConfig) -> Option<Secret> {
    let alphabet = if text.iter().any(|byte| b"+/".contains(byte)) { STANDARD } else { URL_SAFE };
    let mut secret = Secret::zeros(base64::decoded_len_estimate(text.len()));
    let len = GeneralPurpose::new(&alphabet, config).decode_slice(text, &mut secret).ok()?;
    Some(secret.truncated(len))
}

/// Reads base64url without padding.
pub(super) fn from_base64url(text: &str) -> Result<Secret, Error> {
    let text = text.trim_ascii();
    refuse_hex(text)?;
    decode_base64url(text.as_bytes())
}

/// Reads base64url without padding, and without white space around it.
pub(super) fn decode_base64url(text: &[u8]) -> Result<Secret, Error> {
    let mut secret = Secret::zeros(base64url::decoded_capacity(text.len()));
    let decoded = base64url::decode(text, &mut secret).map(<[u8]>::len);
    let len = decoded.map_err(|_| Error::invalid_key(KeyDefect::NotBase64url))?;
    Ok(secret.truncated(len))
}

/// Hexadecimal digits are also valid base64, but decode to a different key. Random base64 of this
/// length practically never consists of hexadecimal digits alone.
fn refuse_hex(text: &str) -> Result<(), Error> {
    const MIN_LEN: usize = 64;

    if text.len() >= MIN_LEN && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Error::invalid_key(KeyDefect::Hexadecimal));
    }
    Ok(())
}
