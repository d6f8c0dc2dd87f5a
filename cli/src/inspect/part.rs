//! One part of a token, read as far as it goes.

use std::collections::HashSet;

use base64::{
    DecodeError, Engine,
    alphabet::URL_SAFE,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
    prelude::BASE64_URL_SAFE_NO_PAD,
};
use serde_json::value::RawValue;

use super::problem::{Place, Problem};
use crate::json::Members;

/// Takes what the strict engine refuses, to show what is there all the same.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The text under the base64url. What is not UTF-8 in it is `�`.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) text: String,
}

impl Part {
    /// The text, if it is one JSON object.
    pub(super) fn object(&self) -> Option<&str> {
        self.members().map(|_| self.text.as_str())
    }

    pub(super) fn members(&self) -> Option<Members<&RawValue>> {
        serde_json::from_str(&self.text).ok()
    }
}

/// Reads the header or the payload, and says what is wrong with it.
pub(super) fn read(name: &str, token: &str, segment: &str) -> (Option<Part>, Option<Problem>) {
    let not_base64url = check_base64url(name, token, segment);
    let bytes = decode(segment);
    if bytes.is_empty() {
        let empty = || Problem::malformed(format!("{name}: it is empty"), None);
        return (None, Some(not_base64url.unwrap_or_else(empty)));
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let problem = not_base64url
        .or_else(|| check_utf8(name, &bytes, &text))
        .or_else(|| check_json(name, &text));
    (Some(Part { text }), problem)
}

pub(super) fn check_signature(token: &str, segment: &str) -> Option<Problem> {
    check_base64url("signature", token, segment)
}

/// As many bytes as can be had.
fn decode(segment: &str) -> Vec<u8> {
    let mut symbols = String::with_capacity(segment.len());
    for char in segment.chars() {
        match char {
            '+' => symbols.push('-'),
            '/' => symbols.push('_'),
            '=' => {}
            char if char.is_whitespace() => {}
            char if char.is_ascii_alphanumeric() || matches!(char, '-' | '_') => symbols.push(char),
            _ => break,
        }
    }
    if symbols.len() % 4 == 1 {
        symbols.pop();
    }
    LENIENT.decode(symbols).unwrap_or_default()
}

fn check_base64url(name: &str, token: &str, segment: &str) -> Option<Problem> {
    let error = BASE64_URL_SAFE_NO_PAD.decode(segment).err()?;
    let is_symbol = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_');
    let offset = segment.find(|char| !is_symbol(char)).unwrap_or(match error {
        DecodeError::InvalidByte(offset, _) | DecodeError::InvalidLastSymbol { offset, .. } => {
            offset
        }
        _ => segment.len(),
    });
    let hint = match segment.get(offset..).and_then(|rest| rest.chars().next()) {
        None => "it ends in the middle of a byte",
        Some('=') => "padding, which a token does not have",
        Some('+' | '/') => "a token has - and _ for + and /",
        Some('-' | '_' | '0'..='9' | 'A'..='Z' | 'a'..='z') => "no byte ends so; was it cut off?",
        Some(char) if char.is_whitespace() => "white space; was it broken over lines?",
        Some(_) => "not one of A-Z a-z 0-9 - _",
    };
    let start = segment.as_ptr().addr().saturating_sub(token.as_ptr().addr());
    let place = Place { text: token.to_owned(), offset: start.saturating_add(offset), hint };
    let message = format!("{name}: not base64url without padding: {hint}");
    Some(Problem::malformed(message, Some(place)))
}

fn check_utf8(name: &str, bytes: &[u8], text: &str) -> Option<Problem> {
    let error = std::str::from_utf8(bytes).err()?;
    let place =
        Place { text: text.to_owned(), offset: error.valid_up_to(), hint: "not text from here" };
    Some(Problem::malformed(format!("{name}: not UTF-8"), Some(place)))
}

fn check_json(name: &str, text: &str) -> Option<Problem> {
    let place = |offset, hint| Some(Place { text: text.to_owned(), offset, hint });
    let members = match serde_json::from_str::<Members<&RawValue>>(text) {
        Ok(Members(members)) => members,
        Err(error) if error.is_data() => {
            return Some(Problem::malformed(format!("{name}: not a JSON object"), None));
        }
        Err(error) => {
            let message = format!("{name}: not JSON: {error}");
            return Some(Problem::malformed(
                message,
                place(json_offset(&error, text), "not JSON from here"),
            ));
        }
    };
    let mut earlier = HashSet::new();
    let (member, value) = members.iter().find(|(member, _)| !earlier.insert(member))?;
    let offset = value.get().as_ptr().addr().saturating_sub(text.as_ptr().addr());
    let message = format!("{name}: the member {member:?} is there twice");
    Some(Problem::malformed(message, place(offset, "the second one")))
}

fn json_offset(error: &serde_json::Error, text: &str) -> usize {
    if error.is_eof() {
        return text.len();
    }
    let lines = text.split_inclusive('\n').take(error.line().saturating_sub(1));
    lines.map(str::len).sum::<usize>().saturating_add(error.column().saturating_sub(1))
}
