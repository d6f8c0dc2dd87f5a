//! One segment of a token, decoded as far as possible.

use std::collections::HashSet;

use base64::{
    DecodeError, Engine,
    alphabet::URL_SAFE,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
    prelude::BASE64_URL_SAFE_NO_PAD,
};

use super::problem::{Place, Problem};
use crate::json;

/// Decodes what the strict engine rejects, to show what is there all the same.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The decoded text of a segment. Bytes that are not UTF-8 are `�`.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) text: String,
}

impl Part {
    /// The names and the texts of the values, if the text is one JSON object.
    pub(super) fn members(&self) -> Option<Vec<(String, &str)>> {
        json::members(&self.text).ok()
    }
}

/// Decodes the header or the payload, and says what is wrong with it.
pub(super) fn read(name: &str, token: &str, segment: &str) -> (Option<Part>, Option<Problem>) {
    let not_base64url = check_base64url(name, token, segment);
    let bytes = decode(segment);
    if bytes.is_empty() {
        let empty = || Problem::malformed(format!("{name}: the segment is empty"), None);
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

/// Decodes as many bytes as possible.
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
        None => "characters are missing at the end",
        Some('=') => "remove the padding",
        Some('+' | '/') => "base64url uses - and _ instead of + and /",
        Some('-' | '_' | '0'..='9' | 'A'..='Z' | 'a'..='z') => {
            "the last character is impossible; was the token cut off?"
        }
        Some(char) if char.is_whitespace() => {
            "remove the white space; was the token broken over lines?"
        }
        Some(_) => "only A-Z a-z 0-9 - _ are allowed",
    };
    let start = segment.as_ptr().addr().saturating_sub(token.as_ptr().addr());
    let place = Place { text: token.to_owned(), offset: start.saturating_add(offset), label: hint };
    let fact = format!("{name}: not base64url without padding");
    Some(Problem { hint: Some(hint), ..Problem::malformed(fact, Some(place)) })
}

fn check_utf8(name: &str, bytes: &[u8], text: &str) -> Option<Problem> {
    let error = std::str::from_utf8(bytes).err()?;
    let place =
        Place { text: text.to_owned(), offset: error.valid_up_to(), label: "not UTF-8 from here" };
    Some(Problem::malformed(format!("{name}: not UTF-8"), Some(place)))
}

fn check_json(name: &str, text: &str) -> Option<Problem> {
    let place = |offset, label| Some(Place { text: text.to_owned(), offset, label });
    let members = match json::members(text) {
        Ok(members) => members,
        Err(error) if error.is_data() => {
            return Some(Problem::malformed(format!("{name}: not a JSON object"), None));
        }
        Err(error) => {
            let fact = format!("{name}: not JSON: {error}");
            return Some(Problem::malformed(
                fact,
                place(json_offset(&error, text), "not JSON from here"),
            ));
        }
    };
    let mut earlier = HashSet::new();
    let (member, value) = members.iter().find(|(member, _)| !earlier.insert(member))?;
    let offset = value.as_ptr().addr().saturating_sub(text.as_ptr().addr());
    let fact = format!("{name}: the member {member:?} appears twice");
    Some(Problem::malformed(fact, place(offset, "the second one")))
}

fn json_offset(error: &serde_json::Error, text: &str) -> usize {
    if error.is_eof() {
        return text.len();
    }
    let lines = text.split_inclusive('\n').take(error.line().saturating_sub(1));
    lines.map(str::len).sum::<usize>().saturating_add(error.column().saturating_sub(1))
}
