//! A light reading of a JSON object: the names of its members and where their values start.
//!
//! It takes for granted that the text is JSON, which it leaves to `serde_json` to say: nothing that
//! it gives is to be relied on before `serde_json` has read the whole text without an error. On any
//! other text it stops or gives nonsense, but neither panics nor goes on for ever.

use alloc::{borrow::Cow, string::String};

use serde::{
    Deserialize,
    de::{DeserializeSeed, IgnoredAny},
};
use serde_json::Error;

use crate::{
    error::{JsonType, Reason},
    names::Name,
    numeric_date::{NumericDate, Rounding, from_json_number},
};

/// Gives each member of the object that is the text: its name, as spelt, and its value.
///
/// # Errors
///
/// What the function gives, or what makes the text no JSON object: it never ends before the object
/// does.
pub(crate) fn each_member<'j>(
    json: &'j str,
    take: impl FnMut(RawName<'j>, JsonValue<'j>) -> Result<(), Reason>,
) -> Result<(), Reason> {
    each_member_of_any(json.as_bytes(), take).unwrap_or_else(|| Err(reason_of_no_object(json)))
}

/// As [`each_member`]; `None` if the text is no JSON object.
fn each_member_of_any<'j>(
    json: &'j [u8],
    mut take: impl FnMut(RawName<'j>, JsonValue<'j>) -> Result<(), Reason>,
) -> Option<Result<(), Reason>> {
    let mut rest = trim(trim(json).strip_prefix(b"{")?);
    if rest.first() == Some(&b'}') {
        return trim(rest.get(1..)?).is_empty().then_some(Ok(()));
    }
    loop {
        let (name, behind) = split_string(rest)?;
        let value = trim(trim(behind).strip_prefix(b":")?);
        if let Err(reason) = take(name, JsonValue(value)) {
            return Some(Err(reason));
        }
        match trim(skip_value(value)?) {
            [b',', behind @ ..] => rest = trim(behind),
            [b'}', behind @ ..] => return trim(behind).is_empty().then_some(Ok(())),
            _ => return None,
        }
    }
}

/// Why a text is no JSON object.
fn reason_of_no_object(json: &str) -> Reason {
    match serde_json::from_str::<IgnoredAny>(json) {
        Err(error) => Reason::json(&error),
        Ok(_) => Reason::NotAnObject { found: JsonValue::of_text(json).json_type() },
    }
}

/// The first characters of names that `serde_json` keeps for itself. With one of its features, which
/// any crate of a build can switch on, a `Value` is not read as it stands if an object in it has such
/// a name: the claims that were checked would not be those that the caller gets, and JSON could
/// start anew inside a string, under which the limit of nesting would begin again.
const RESERVED: &[u8] = b"$serde_json::private::";

/// The first name in the text, at any depth, that `serde_json` keeps for itself.
pub(crate) fn find_reserved_name(json: &str) -> Option<Cow<'_, [u8]>> {
    let mut rest = json.as_bytes();
    // Without an early exit the compiler uses vectors. A backslash could stand for a dollar.
    let may_have = |block: &[u8]| block.iter().fold(0, |any, byte| any | marks_dollar(*byte));
    if rest.chunks(64).all(|block| may_have(block) == 0) {
        return None;
    }
    loop {
        let quote = rest.iter().position(|&byte| byte == b'"')?;
        let (name, behind) = split_string(rest.get(quote..)?)?;
        if trim(behind).first() == Some(&b':') {
            let name = name.read().ok().filter(|name| name.starts_with(RESERVED));
            if name.is_some() {
                return name;
            }
        }
        rest = behind;
    }
}

const fn marks_dollar(byte: u8) -> u8 {
    if byte == b'$' || byte == b'\\' { 1 } else { 0 }
}

/// Without the white space of RFC 8259 §2 in front.
#[inline]
fn trim(mut json: &[u8]) -> &[u8] {
    if json.first().is_some_and(|&byte| byte > b' ') {
        return json;
    }
    while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] = json {
        json = rest;
    }
    json
}

/// A string, and what stands behind it.
#[inline]
fn split_string(json: &[u8]) -> Option<(RawName<'_>, &[u8])> {
    let inner = json.strip_prefix(b"\"")?;
    let mut len = plain_len(inner);
    let has_escape = inner.get(len)? == &b'\\';
    while inner.get(len)? == &b'\\' {
        len = len.checked_add(2)?;
        len = len.checked_add(plain_len(inner.get(len..)?))?;
    }
    let (inner, behind) = inner.split_at_checked(len)?;
    Some((RawName { inner, has_escape }, behind.strip_prefix(b"\"")?))
}

/// What stands behind a value.
#[inline]
fn skip_value(json: &[u8]) -> Option<&[u8]> {
    match json.first()? {
        b'"' => split_string(json).map(|(_, behind)| behind),
        b'[' | b'{' => skip_nested(json),
        _ => Some(skip_number_or_word(json)),
    }
}

/// What stands behind an array or an object. It counts brackets, so nesting takes no memory.
fn skip_nested(mut json: &[u8]) -> Option<&[u8]> {
    let mut depth = 0_usize;
    loop {
        let (&byte, behind) = json.split_first()?;
        json = match byte {
            b'"' => split_string(json)?.1,
            b'[' | b'{' => {
                depth = depth.checked_add(1)?;
                behind
            }
            b']' | b'}' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(behind);
                }
                behind
            }
            _ => behind,
        };
    }
}

/// An object takes this many times the memory of a scalar, or somewhat more.
const CONTAINER: usize = 16;

/// How many values there are in the text, at the most; an array or an object counts as
/// [`CONTAINER`] of them.
pub(crate) fn values_in(json: &str) -> usize {
    let mut rest = json.as_bytes();
    let mut values = 1_usize;
    while let Some((&byte, behind)) = rest.split_first() {
        rest = match byte {
            b'"' => split_string(rest).map_or(&[][..], |(_, behind)| behind),
            _ => behind,
        };
        values = values.saturating_add(match byte {
            b',' => 1,
            b'[' | b'{' => CONTAINER,
            _ => 0,
        });
    }
    values
}

fn skip_number_or_word(mut json: &[u8]) -> &[u8] {
    while let [b'0'..=b'9' | b'a'..=b'z' | b'+' | b'-' | b'.' | b'E', rest @ ..] = json {
        json = rest;
    }
    json
}

/// How many bytes there are before the first quotation mark or backslash: eight at a time, by the
/// borrow that runs out of a zero byte if one is taken from it.
#[inline]
fn plain_len(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);
    const QUOTES: u64 = u64::from_ne_bytes([b'"'; 8]);
    const BACKSLASHES: u64 = u64::from_ne_bytes([b'\\'; 8]);
    const fn marks_zero(word: u64) -> u64 {
        word.wrapping_sub(ONES) & !word & HIGHS
    }

    let mut plain = 0_usize;
    let mut rest = bytes;
    while let Some((word, behind)) = rest.split_first_chunk() {
        let word = u64::from_le_bytes(*word);
        let marks = marks_zero(word ^ QUOTES) | marks_zero(word ^ BACKSLASHES);
        if marks != 0 {
            let bits = usize::try_from(marks.trailing_zeros()).unwrap_or(0);
            return plain.saturating_add(bits / 8);
        }
        plain = plain.saturating_add(8);
        rest = behind;
    }
    plain.saturating_add(rest.iter().take_while(|&&byte| byte != b'"' && byte != b'\\').count())
}

/// The name of a member as it is spelt between its quotation marks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RawName<'j> {
    inner: &'j [u8],
    has_escape: bool,
}

impl<'j> RawName<'j> {
    /// The bytes of the name that it spells. An escape can name half a character, which is an
    /// error.
    pub(crate) fn read(self) -> Result<Cow<'j, [u8]>, Error> {
        if !self.has_escape {
            return Ok(Cow::Borrowed(self.inner));
        }
        let quoted = [b"\"", self.inner, b"\""].concat();
        serde_json::from_slice(&quoted).map(|name: String| Cow::Owned(name.into_bytes()))
    }
}

/// The text from the first byte of a value on; where it ends is `serde_json`'s to say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct JsonValue<'j>(&'j [u8]);

impl<'j> JsonValue<'j> {
    /// The value that is the whole text.
    #[inline]
    pub(crate) fn of_text(json: &'j str) -> Self {
        Self(trim(json.as_bytes()))
    }

    /// The value of a member by its name, which must be a part of the text: `None` if it is not.
    #[inline]
    pub(crate) fn of_member(json: &'j str, name: &'j str) -> Option<Self> {
        let start = name.as_ptr().addr().checked_sub(json.as_ptr().addr())?;
        let behind = json.as_bytes().get(start.checked_add(name.len())?..)?;
        Some(Self(trim(trim(behind.strip_prefix(b"\"")?).strip_prefix(b":")?)))
    }

    /// Its type, which its first byte tells.
    pub(crate) fn json_type(self) -> JsonType {
        match self.0.first() {
            Some(b'n') => JsonType::Null,
            Some(b't' | b'f') => JsonType::Bool,
            Some(b'"') => JsonType::String,
            Some(b'[') => JsonType::Array,
            Some(b'{') => JsonType::Object,
            _ => JsonType::Number,
        }
    }

    /// Where in the text it starts, in bytes.
    pub(crate) fn offset(self, json: &str) -> usize {
        json.len().saturating_sub(self.0.len())
    }

    /// The text of the value, without what stands behind it.
    pub(crate) fn text(self) -> &'j str {
        let behind = skip_value(self.0).map_or(0, <[u8]>::len);
        let text = self.0.get(..self.0.len().saturating_sub(behind)).unwrap_or_default();
        core::str::from_utf8(text).unwrap_or_default()
    }

    /// Reads it as a type.
    pub(crate) fn read<T: Deserialize<'j>>(self) -> Result<T, Error> {
        T::deserialize(&mut serde_json::Deserializer::from_slice(self.0))
    }

    /// What a string stands for, borrowed unless an escape stands in it. An escape can name half
    /// a character, which is an error.
    pub(crate) fn string(self) -> Result<Cow<'j, str>, Error> {
        Name.deserialize(&mut serde_json::Deserializer::from_slice(self.0))
    }

    /// A number as a date.
    pub(crate) fn date(self, rounding: Rounding) -> NumericDate {
        match self.plain_integer() {
            Some(secs) => NumericDate::from_secs(secs),
            None => from_json_number(self.text(), rounding),
        }
    }

    /// A number that is only digits, few enough for `i64`.
    fn plain_integer(self) -> Option<i64> {
        const SAFE_DIGITS: usize = 18;

        let mut integer = 0_i64;
        for &byte in self.0.iter().take(SAFE_DIGITS) {
            match byte {
                b'0'..=b'9' => {
                    let digit = i64::from(byte.wrapping_sub(b'0'));
                    integer = integer.wrapping_mul(10).wrapping_add(digit);
                }
                b',' | b'}' | b' ' | b'\t' | b'\n' | b'\r' => return Some(integer),
                _ => return None,
            }
        }
        None
    }

    /// Whether it is a number that `serde_json` cannot hold, such as `1e400`.
    pub(crate) fn is_unreadable_number(self) -> bool {
        self.json_type() == JsonType::Number
            && self.plain_integer().is_none()
            && self.read::<serde_json::Number>().is_err()
    }

    /// Gives each element of an array, which it has to be.
    pub(crate) fn each_element(self, mut take: impl FnMut(JsonValue<'j>)) {
        let mut rest = self.0.strip_prefix(b"[").map_or(&[][..], trim);
        while let Some(behind) = skip_value(rest).filter(|behind| behind.len() < rest.len()) {
            take(Self(rest));
            rest = trim(behind).strip_prefix(b",").map_or(&[][..], trim);
        }
    }
}
