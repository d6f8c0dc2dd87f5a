//! Reads one JSON object: rejects duplicate names and names that `serde_json` reserves, and parses
//! values only as far as the rules need.

use alloc::{
    borrow::{Cow, ToOwned},
    collections::BTreeSet,
    string::String,
    vec::Vec,
};
use core::{fmt, iter};

use serde::{
    Deserialize, Serialize, Serializer,
    de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Number, Value};

use crate::error::{JsonType, Reason, excerpt};

/// `serde_json` gives a member whose name starts with this a meaning of its own, which depends on
/// the features that any crate of the program switches on. With `raw_value`, a `Value` reads JSON
/// out of such a member's string with a fresh limit of depth, until the stack overflows.
const RESERVED: &[u8] = b"$serde_json::private::";

/// How `serde_json` presents a number to a visitor under its feature `arbitrary_precision`: as an
/// object with this one member. No text that [`is_reserved_free`] accepts contains this name.
pub(crate) const NUMBER: &str = "$serde_json::private::Number";

/// Returns whether a reserved name stands nowhere in the JSON text, neither plain nor with escapes.
/// This is one search over the text: a string value that quotes such a name is found, too.
pub(crate) fn is_reserved_free(json: &[u8]) -> bool {
    // Nearly every text ends here. Without an early exit, the compiler uses vectors.
    let is_suspicious = |found, byte: &u8| found | u8::from(matches!(byte, b'$' | b'\\'));
    if json.iter().fold(0, is_suspicious) == 0 {
        return true;
    }
    let mut expected = RESERVED;
    for byte in unescape(json) {
        expected = match expected {
            [next, others @ ..] if *next == byte => others,
            // The first byte stands nowhere else in the name.
            _ if RESERVED.first() == Some(&byte) => RESERVED.get(1..).unwrap_or(RESERVED),
            _ => RESERVED,
        };
        if expected.is_empty() {
            return false;
        }
    }
    true
}

/// Returns the characters of JSON text without their escapes (RFC 8259 §7): plain bytes as they are, an
/// escaped character of ASCII as its byte, and any other as a byte above ASCII.
pub(crate) fn unescape(mut json: &[u8]) -> impl Iterator<Item = u8> {
    iter::from_fn(move || {
        let (byte, rest) = unescape_first(json)?;
        json = rest;
        Some(byte)
    })
}

fn unescape_first(json: &[u8]) -> Option<(u8, &[u8])> {
    match json {
        [b'\\', b'u', digits @ ..] => {
            let (digits, after) = digits.split_at_checked(4).unwrap_or((digits, &[]));
            let digits = core::str::from_utf8(digits).ok();
            let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
            Some((code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX), after))
        }
        [b'\\', _, after @ ..] => Some((u8::MAX, after)),
        [byte, after @ ..] => Some((*byte, after)),
        [] => None,
    }
}

/// Receives an object's members in order.
pub(crate) trait Members<'j> {
    /// The names so far.
    fn names(&mut self) -> &mut Names<'j>;

    /// Reads the value of a member, or skips it with [`IgnoredAny`], which takes neither memory nor
    /// recursion.
    fn member<A: MapAccess<'j>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error>;
}

/// Reads a text that is one JSON object, without duplicate names (RFC 7515 §4, RFC 7519 §4) and
/// without a name that `serde_json` reserves.
pub(crate) fn read_object<'j>(json: &'j str, members: &mut impl Members<'j>) -> Result<(), Reason> {
    if !is_reserved_free(json.as_bytes()) {
        return Err(Reason::ReservedName);
    }
    let mut duplicate = None;
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let read = deserializer
        .deserialize_map(ObjectVisitor { members, duplicate: &mut duplicate })
        .and_then(|()| deserializer.end());
    read.map_err(|error| defect(json, duplicate, &error))
}

#[cold]
fn defect(json: &str, duplicate: Option<Reason>, error: &serde_json::Error) -> Reason {
    match (duplicate, serde_json::from_str::<ShallowValue<'_>>(json)) {
        (Some(duplicate), _) => duplicate,
        (None, Ok(value)) if value.json_type() != JsonType::Object => {
            Reason::NotAnObject { found: value.json_type() }
        }
        _ => Reason::json(error),
    }
}

/// Writes the JSON text of an object with these members, in this order.
pub(crate) fn write_object<N: Serialize, V: Serialize>(
    members: &[(N, V)],
) -> serde_json::Result<String> {
    struct Object<'m, N, V>(&'m [(N, V)]);

    impl<N: Serialize, V: Serialize> Serialize for Object<'_, N, V> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
        }
    }

    serde_json::to_string(&Object(members))
}

struct ObjectVisitor<'m, M> {
    members: &'m mut M,
    /// A duplicate name, which `serde_json` could only carry as text.
    duplicate: &'m mut Option<Reason>,
}

impl<'j, M: Members<'j>> Visitor<'j> for ObjectVisitor<'_, M> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    #[inline]
    fn visit_map<A: MapAccess<'j>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key_seed(Name)? {
            if !self.members.names().insert(&name) {
                *self.duplicate = Some(Reason::DuplicateName { name: excerpt(&name) });
                return Err(A::Error::custom("duplicate name"));
            }
            self.members.member(&name, &mut map)?;
        }
        Ok(())
    }
}

/// How many names are held without the heap: the seven registered claims, and sixteen others.
const FEW: usize = 7 + 16;

/// The names of an object's members.
#[derive(Debug)]
pub(crate) struct Names<'j> {
    /// One bit for each name's length, first and last byte. A clear bit proves that a name is new.
    filter: u64,
    few: [&'j str; FEW],
    len: usize,
    /// The names that have escapes, or for which the array has no room.
    rest: BTreeSet<Cow<'j, str>>,
}

impl<'j> Names<'j> {
    pub(crate) const fn new() -> Self {
        Self { filter: 0, few: [""; FEW], len: 0, rest: BTreeSet::new() }
    }

    #[inline]
    fn filter_bit(name: &str) -> u64 {
        let (first, last) = match name.as_bytes() {
            [] => (0, 0),
            [only] => (*only, *only),
            [first, .., last] => (*first, *last),
        };
        let len = name.len().to_le_bytes().first().copied().unwrap_or_default();
        let mix = first.wrapping_mul(7).wrapping_add(last.wrapping_mul(31)).wrapping_add(len);
        1_u64.rotate_left(u32::from(mix))
    }

    /// Adds a name. Returns `false` if it is there already.
    #[inline]
    #[expect(clippy::ptr_arg, reason = "a borrowed name is kept as long as the text")]
    pub(crate) fn insert(&mut self, name: &Cow<'j, str>) -> bool {
        let bit = Self::filter_bit(name);
        if self.filter & bit != 0 && self.holds(name) {
            return false;
        }
        self.filter |= bit;
        match (name, self.few.get_mut(self.len)) {
            (Cow::Borrowed(name), Some(slot)) => {
                *slot = name;
                self.len = self.len.saturating_add(1);
            }
            _ => {
                self.rest.insert(name.clone());
            }
        }
        true
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.filter & Self::filter_bit(name) != 0 && self.holds(name)
    }

    fn holds(&self, name: &str) -> bool {
        self.few.iter().take(self.len).any(|earlier| *earlier == name) || self.rest.contains(name)
    }
}

/// Reads a name or another string: borrowed from the text unless it has an escape.
pub(crate) struct Name;

impl<'j> DeserializeSeed<'j> for Name {
    type Value = Cow<'j, str>;

    fn deserialize<D: Deserializer<'j>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'j> Visitor<'j> for Name {
    type Value = Cow<'j, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E: Error>(self, name: &'j str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

/// A JSON value, read one level deep.
#[derive(Debug)]
pub(crate) enum ShallowValue<'j> {
    Null,
    Bool(bool),
    Number(Number),
    String(Cow<'j, str>),
    /// An array of strings alone.
    Strings(Vec<Cow<'j, str>>),
    /// Another array, and the type of its first element that is not a string.
    Array(JsonType),
    Object,
}

impl ShallowValue<'_> {
    pub(crate) fn json_type(&self) -> JsonType {
        match self {
            Self::Null => JsonType::Null,
            Self::Bool(_) => JsonType::Bool,
            Self::Number(_) => JsonType::Number,
            Self::String(_) => JsonType::String,
            Self::Strings(_) | Self::Array(_) => JsonType::Array,
            Self::Object => JsonType::Object,
        }
    }

    /// The first level of a whole value. Fails for a number that no `f64` holds.
    pub(crate) fn from_value<E: Error>(value: &Value) -> Result<Self, E> {
        Ok(match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => Self::number(number.clone())?,
            Value::String(text) => Self::String(Cow::Owned(text.clone())),
            Value::Array(elements) => {
                if let Some(other) = elements.iter().find(|element| !element.is_string()) {
                    return Ok(Self::Array(Self::from_value(other)?.json_type()));
                }
                let strings = elements.iter().filter_map(Value::as_str);
                Self::Strings(strings.map(|text| Cow::Owned(text.to_owned())).collect())
            }
            Value::Object(_) => Self::Object,
        })
    }

    fn number<E: Error>(number: Number) -> Result<Self, E> {
        match number.as_f64() {
            Some(_) => Ok(Self::Number(number)),
            None => Err(E::custom("number out of range")),
        }
    }
}

impl<'j> Deserialize<'j> for ShallowValue<'j> {
    #[inline]
    fn deserialize<D: Deserializer<'j>>(deserializer: D) -> Result<Self, D::Error> {
        ShallowVisitor { is_element: false }.deserialize(deserializer)
    }
}

/// An element of an array is read no deeper, so that nesting takes no recursion.
struct ShallowVisitor {
    is_element: bool,
}

impl<'j> DeserializeSeed<'j> for ShallowVisitor {
    type Value = ShallowValue<'j>;

    #[inline]
    fn deserialize<D: Deserializer<'j>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'j> Visitor<'j> for ShallowVisitor {
    type Value = ShallowValue<'j>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(ShallowValue::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Ok(ShallowValue::Bool(value))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(ShallowValue::Number(number.into()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(ShallowValue::Number(number.into()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        match Number::from_f64(number) {
            Some(number) => Ok(ShallowValue::Number(number)),
            None => Err(E::custom("number out of range")),
        }
    }

    #[inline]
    fn visit_borrowed_str<E: Error>(self, text: &'j str) -> Result<Self::Value, E> {
        Ok(ShallowValue::String(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(ShallowValue::String(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'j>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut strings = Vec::new();
        let mut other = None;
        while !self.is_element && other.is_none() {
            match seq.next_element_seed(ShallowVisitor { is_element: true })? {
                None => break,
                Some(ShallowValue::String(text)) => {
                    // A text of four bytes takes 24 here, so twice the room would be too much.
                    if strings.len() == strings.capacity() {
                        strings.reserve_exact((strings.len() / 4).max(4));
                    }
                    strings.push(text);
                }
                Some(element) => other = Some(element.json_type()),
            }
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(other.map_or(ShallowValue::Strings(strings), ShallowValue::Array))
    }

    fn visit_map<A: MapAccess<'j>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let first = map.next_key_seed(Name)?;
        if first.as_deref() == Some(NUMBER) {
            let text = map.next_value_seed(Name)?;
            return ShallowValue::number(serde_json::from_str(&text).map_err(A::Error::custom)?);
        }
        if first.is_some() {
            map.next_value::<IgnoredAny>()?;
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(ShallowValue::Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_names_are_found_however_they_are_spelled() {
        let plain = "$serde_json::private::";
        let escaped: String = plain.bytes().map(|byte| alloc::format!("\\u{byte:04X}")).collect();
        for (json, expected) in [
            (plain, false),
            (escaped.as_str(), false),
            (r#"{"a":["\u0024serde_json::private::RawValue"]}"#, false),
            (r#"{"$$serde_json::pr\u0069vate::Number":1}"#, false),
            (r#"{"$serde_json::$serde_json::private::":1}"#, false),
            (r#"{"\\$serde_json::private::":1}"#, false),
            (r#"{"\\u0024serde_json::private::":1}"#, true),
            (r#"{"$serde_json::private:":1}"#, true),
            (r#"{"$serde_json\u003A:\u0050rivate::":1}"#, true),
            (r#"{"$":"$schema \n \" \\ \u00e9 é"}"#, true),
            ("", true),
            ("\\", true),
            ("\\u", true),
            ("\\u002", true),
            ("$serde_json::private:\\u003", true),
        ] {
            assert_eq!(is_reserved_free(json.as_bytes()), expected, "{json}");
        }
    }
}
