//! A value in a JSON text, known by where it starts and read only when a rule wants it.

use alloc::borrow::Cow;
use core::fmt;

use serde::{
    Deserialize,
    de::{DeserializeSeed, Deserializer, SeqAccess, Visitor},
};
use serde_json::{Error, value::RawValue};

use crate::{
    error::JsonType,
    names::Name,
    numeric_date::{NumericDate, Rounding, from_json_number},
};

/// The text from the first byte of a value on. Where the value ends is `serde_json`'s to say, and
/// whether it is JSON at all: nothing here is to be relied on before `serde_json` has read the
/// whole text without an error.
#[derive(Debug, Clone, Copy)]
pub(crate) struct JsonValue<'j>(&'j str);

impl<'j> JsonValue<'j> {
    /// The value of a member by its name, as borrowed from the text. `None` if it is not: a name
    /// with an escape in it stands elsewhere.
    pub(crate) fn of_member(json: &'j str, name: &str) -> Option<Self> {
        let start = name.as_ptr().addr().checked_sub(json.as_ptr().addr())?;
        let colon = json.get(start..)?.strip_prefix(name)?.strip_prefix('"')?;
        Some(Self(trim(trim(colon).strip_prefix(':')?)))
    }

    /// A value that stands alone.
    pub(crate) fn of_raw(raw: &'j RawValue) -> Self {
        Self(raw.get())
    }

    /// Its type, which its first byte tells.
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
    pub(crate) fn raw(self) -> Result<&'j str, Error> {
        <&RawValue>::deserialize(&mut serde_json::Deserializer::from_str(self.0)).map(RawValue::get)
    }

    /// What a string stands for, borrowed unless an escape stands in it. An escape can name half
    /// a character, which is an error.
    pub(crate) fn string(self) -> Result<Cow<'j, str>, Error> {
        Name.deserialize(&mut serde_json::Deserializer::from_str(self.0))
    }

    /// A number as a date.
    pub(crate) fn date(self, rounding: Rounding) -> Result<NumericDate, Error> {
        match self.plain_integer() {
            Some(secs) => Ok(NumericDate::from_secs(secs)),
            None => self.raw().map(|number| from_json_number(number, rounding)),
        }
    }

    /// A number that is only digits, few enough for `i64`.
    fn plain_integer(self) -> Option<i64> {
        const SAFE_DIGITS: usize = 18;

        let digits = self.0.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.0.split_at_checked(digits)?;
        let is_whole = !rest.starts_with(['.', 'e', 'E']);
        if is_whole && digits.len() <= SAFE_DIGITS { digits.parse().ok() } else { None }
    }

    /// Whether it is a number that `serde_json` cannot hold, such as `1e400`.
    pub(crate) fn is_unreadable_number(self) -> bool {
        self.json_type() == JsonType::Number
            && self.plain_integer().is_none()
            && self.raw().is_ok_and(|raw| serde_json::from_str::<serde_json::Number>(raw).is_err())
    }

    /// Gives each element of an array to the function.
    pub(crate) fn each_element(self, take: impl FnMut(JsonValue<'j>)) -> Result<(), Error> {
        struct Elements<F>(F);

        impl<'j, F: FnMut(JsonValue<'j>)> Visitor<'j> for Elements<F> {
            type Value = ();

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an array")
            }

            fn visit_seq<A: SeqAccess<'j>>(mut self, mut seq: A) -> Result<(), A::Error> {
                while let Some(element) = seq.next_element()? {
                    self.0(JsonValue::of_raw(element));
                }
                Ok(())
            }
        }

        serde_json::Deserializer::from_str(self.0).deserialize_seq(Elements(take))
    }
}

/// Without the white space of RFC 8259 §2 in front.
fn trim(json: &str) -> &str {
    json.trim_start_matches([' ', '\t', '\n', '\r'])
}
