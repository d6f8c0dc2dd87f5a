//! A light reading of JSON: the names of an object's members and where their values start.
//!
//! It takes for granted that the text is JSON, which it leaves to others to say: nothing that it
//! gives is to be relied on before the whole text has been read without an error. On any other text
//! it stops or gives nonsense, but neither panics nor goes on for ever.

use alloc::{borrow::Cow, string::String};

use serde::de::{Deserialize, IgnoredAny};
use serde_json::Error;

use crate::{
    error::{JsonType, Reason},
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
    take: impl FnMut(RawString<'j>, JsonValue<'j>) -> Result<(), Reason>,
) -> Result<(), Reason> {
    each_member_of_any(json, take).unwrap_or_else(|| Err(reason_of_no_object(json)))
}

/// As [`each_member`]; `None` if the text is no JSON object.
fn each_member_of_any<'j>(
    json: &'j str,
    mut take: impl FnMut(RawString<'j>, JsonValue<'j>) -> Result<(), Reason>,
) -> Option<Result<(), Reason>> {
    let mut rest = trim(trim(json).strip_prefix('{')?);
    if let Some(behind) = rest.strip_prefix('}') {
        return trim(behind).is_empty().then_some(Ok(()));
    }
    loop {
        let (name, behind) = split_string(rest)?;
        let value = trim(trim(behind).strip_prefix(':')?);
        if let Err(reason) = take(name, JsonValue(value)) {
            return Some(Err(reason));
        }
        let behind = trim(skip_value(value)?);
        match behind.strip_prefix(',') {
            Some(behind) => rest = trim(behind),
            None => return trim(behind.strip_prefix('}')?).is_empty().then_some(Ok(())),
        }
    }
}

/// Why a text is no JSON object.
fn reason_of_no_object(json: &str) -> Reason {
    match serde_json::from_str::<IgnoredAny>(json) {
        Err(error) => Reason::json(&error),
        Ok(_) => Reason::NotAnObject { found: JsonValue(trim(json)).json_type() },
    }
}

/// The first characters of names that `serde_json` keeps for itself. With one of its features, which
/// any crate of a build can switch on, a `Value` is not read as it stands if an object in it has such
/// a name: the claims that were checked would not be those that the caller gets, and JSON could
/// start anew inside a string, under which the limit of nesting would begin again.
pub(crate) const RESERVED: &str = "$serde_json::private::";

/// The first name in the text, at any depth, that `serde_json` keeps for itself.
pub(crate) fn find_reserved_name(json: &str) -> Option<Cow<'_, str>> {
    let mut rest = json;
    loop {
        let (name, behind) = split_string(rest.get(rest.find('"')?..)?)?;
        if trim(behind).starts_with(':') {
            let name = name.read().ok().filter(|name| name.starts_with(RESERVED));
            if name.is_some() {
                return name;
            }
        }
        rest = behind;
    }
}

/// An object takes this many times the memory of a scalar, or somewhat more.
const CONTAINER: usize = 16;

/// How many values there are in the text, at the most; an array or an object counts as
/// [`CONTAINER`] of them.
pub(crate) fn values_in(json: &str) -> usize {
    let mut rest = json;
    let mut values = 1_usize;
    while let Some((token, behind)) = split_token(rest) {
        rest = behind;
        values = values.saturating_add(match token {
            b',' => 1,
            b'[' | b'{' => CONTAINER,
            _ => 0,
        });
    }
    values
}

/// Without the white space of RFC 8259 §2 in front.
fn trim(json: &str) -> &str {
    json.trim_start_matches([' ', '\t', '\n', '\r'])
}

/// A string, and what stands behind it.
#[inline]
fn split_string(json: &str) -> Option<(RawString<'_>, &str)> {
    let inner = json.strip_prefix('"')?;
    let bytes = inner.as_bytes();
    let mut len = plain_len(bytes);
    let has_escape = bytes.get(len)? == &b'\\';
    while bytes.get(len)? == &b'\\' {
        len = len.checked_add(2)?;
        len = len.checked_add(plain_len(bytes.get(len..)?))?;
    }
    let (inner, behind) = inner.split_at_checked(len)?;
    Some((RawString { inner, has_escape }, behind.strip_prefix('"')?))
}

/// The first bracket, comma or string, which its first byte tells, and what stands behind it.
fn split_token(json: &str) -> Option<(u8, &str)> {
    let token = json.get(json.find(['"', ',', '[', ']', '{', '}'])?..)?;
    match token.as_bytes().first()? {
        b'"' => split_string(token).map(|(_, behind)| (b'"', behind)),
        byte => Some((*byte, token.get(1..)?)),
    }
}

/// What stands behind a value.
fn skip_value(json: &str) -> Option<&str> {
    match json.as_bytes().first()? {
        b'"' => split_string(json).map(|(_, behind)| behind),
        b'[' | b'{' => skip_nested(json),
        _ => json.get(number_or_word_len(json)..),
    }
}

/// What stands behind an array or an object. It counts brackets, so nesting takes no memory.
fn skip_nested(mut json: &str) -> Option<&str> {
    let mut depth = 0_usize;
    loop {
        let (token, behind) = split_token(json)?;
        match token {
            b'[' | b'{' => depth = depth.checked_add(1)?,
            b']' | b'}' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return Some(behind);
        }
        json = behind;
    }
}

/// How many bytes a number or a word takes.
pub(crate) fn number_or_word_len(json: &str) -> usize {
    let belongs = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'z' | b'+' | b'-' | b'.' | b'E');
    json.bytes().take_while(belongs).count()
}

/// How many bytes a string takes, with its quotation marks.
pub(crate) fn string_len(json: &str) -> Option<usize> {
    let (_, behind) = split_string(json)?;
    json.len().checked_sub(behind.len())
}

/// How many bytes there are before the first quotation mark, backslash or control character: eight
/// at a time, by the borrow that runs into a byte's highest bit if more is taken from it than it
/// has.
#[inline]
pub(crate) fn plain_len(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);
    const QUOTES: u64 = u64::from_ne_bytes([b'"'; 8]);
    const BACKSLASHES: u64 = u64::from_ne_bytes([b'\\'; 8]);
    const SPACES: u64 = u64::from_ne_bytes([b' '; 8]);

    let mut plain = 0_usize;
    let mut rest = bytes;
    while let Some((word, behind)) = rest.split_first_chunk() {
        let word = u64::from_le_bytes(*word);
        let quote = (word ^ QUOTES).wrapping_sub(ONES);
        let backslash = (word ^ BACKSLASHES).wrapping_sub(ONES);
        let control = word.wrapping_sub(SPACES);
        // A byte that is not ASCII has its highest bit from the start.
        let marks = (quote | backslash | control) & !word & HIGHS;
        if marks != 0 {
            let bits = usize::try_from(marks.trailing_zeros()).unwrap_or(0);
            return plain.wrapping_add(bits / 8);
        }
        plain = plain.wrapping_add(8);
        rest = behind;
    }
    let is_plain = |byte: &u8| *byte != b'"' && *byte != b'\\' && *byte >= b' ';
    plain.wrapping_add(rest.iter().take_while(|byte| is_plain(byte)).count())
}

/// The number that is only digits, few enough for `i64`, and how many they are.
#[inline]
pub(crate) fn plain_integer(json: &[u8]) -> Option<(u64, usize)> {
    const SAFE_DIGITS: usize = 18;

    let mut integer = 0_u64;
    for (len, &byte) in json.iter().take(SAFE_DIGITS).enumerate() {
        match byte {
            b'0'..=b'9' => {
                let digit = u64::from(byte.wrapping_sub(b'0'));
                integer = integer.wrapping_mul(10).wrapping_add(digit);
            }
            b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r' => {
                let has_leading_zero = len > 1 && json.first() == Some(&b'0');
                return (len > 0 && !has_leading_zero).then_some((integer, len));
            }
            _ => return None,
        }
    }
    None
}

/// A string as it is spelt between its quotation marks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RawString<'j> {
    inner: &'j str,
    has_escape: bool,
}

impl<'j> RawString<'j> {
    /// What it spells, borrowed unless an escape stands in it. An escape can name half a character,
    /// which is an error.
    #[inline]
    pub(crate) fn read(self) -> Result<Cow<'j, str>, Error> {
        if !self.has_escape {
            return Ok(Cow::Borrowed(self.inner));
        }
        let quoted = ["\"", self.inner, "\""].concat();
        serde_json::from_str::<String>(&quoted).map(Cow::Owned)
    }
}

/// The text from the first byte of a value on; where it ends is for others to say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct JsonValue<'j>(&'j str);

impl<'j> JsonValue<'j> {
    /// The value that starts where the text does.
    #[inline]
    pub(crate) fn at_start_of(json: &'j str) -> Self {
        Self(json)
    }

    /// Its type, which its first byte tells.
    #[inline]
    pub(crate) fn json_type(self) -> JsonType {
        match self.0.as_bytes().first() {
            Some(b'n') => JsonType::Null,
            Some(b't' | b'f') => JsonType::Bool,
            Some(b'"') => JsonType::String,
            Some(b'[') => JsonType::Array,
            Some(b'{') => JsonType::Object,
            _ => JsonType::Number,
        }
    }

    /// The text of the value, without what stands behind it.
    pub(crate) fn text(self) -> &'j str {
        let behind = skip_value(self.0).map_or(0, str::len);
        self.0.get(..self.0.len().saturating_sub(behind)).unwrap_or_default()
    }

    /// Reads it as a type.
    pub(crate) fn read<T: Deserialize<'j>>(self) -> Result<T, Error> {
        T::deserialize(&mut serde_json::Deserializer::from_str(self.0))
    }

    /// What a string stands for, borrowed unless an escape stands in it. An escape can name half
    /// a character, which is an error.
    #[inline]
    pub(crate) fn string(self) -> Result<Cow<'j, str>, Error> {
        match split_string(self.0) {
            Some((string, _)) => string.read(),
            // No string: for `serde_json` to say so.
            None => self.read().map(Cow::Owned),
        }
    }

    /// A number as a date.
    #[inline]
    pub(crate) fn date(self, rounding: Rounding) -> NumericDate {
        match self.plain_integer() {
            Some(secs) => NumericDate::from_secs(secs),
            None => from_json_number(self.text(), rounding),
        }
    }

    fn plain_integer(self) -> Option<i64> {
        let (integer, _) = plain_integer(self.0.as_bytes())?;
        i64::try_from(integer).ok()
    }

    /// Gives each element of an array, which it has to be.
    pub(crate) fn each_element(self, mut take: impl FnMut(JsonValue<'j>)) {
        let mut rest = self.0.strip_prefix('[').map_or("", trim);
        while let Some(behind) = skip_value(rest).filter(|behind| behind.len() < rest.len()) {
            take(Self(rest));
            rest = trim(behind).strip_prefix(',').map_or("", trim);
        }
    }
}
