//! One JSON object read into the caller's type, and its members noted on the way.
//!
//! This is the way of nearly all tokens. It takes nothing that `serde_json` refuses, and reads what
//! it takes as `serde_json` does; but it gives up, without saying why, on whatever is wrong and on
//! some things that are merely rare (an enum or a `RawValue` as the claims, a map with number keys).
//! What then holds is for `serde_json` and the slower way to say.

use alloc::{borrow::Cow, string::String};
use core::fmt;

use serde::{
    Deserialize,
    de::{
        self, DeserializeSeed, Deserializer, EnumAccess, IgnoredAny, MapAccess, SeqAccess,
        VariantAccess, Visitor,
        value::{BorrowedStrDeserializer, StringDeserializer},
    },
};
use serde_json::{Number, de::StrRead};

use crate::{
    claims::Claim,
    error::JsonType,
    numeric_date::{NumericDate, Rounding},
    skim::{JsonValue, RESERVED, number_or_word_len, plain_integer, plain_len, string_len},
};

/// How deep arrays and objects may stand in each other: as in `serde_json`, so that no text
/// exhausts the stack.
const MAX_DEPTH: u8 = 127;

/// Reads one JSON object as the type. The function gets each name at the top level, with its value;
/// if it gives `false`, this gives up.
#[inline]
pub(crate) fn read_object<'j, C: Deserialize<'j>>(
    json: &'j str,
    note: impl FnMut(Cow<'j, str>, JsonValue<'j>) -> bool,
) -> Result<C, GaveUp> {
    let mut reader = Reader { json, at: 0, depth: 0, member: "", gave_up: false };
    let claims = C::deserialize(TopLevel { reader: &mut reader, note })?;
    // A type may swallow the error that it is given.
    if reader.gave_up || reader.peek().is_some() { Err(GaveUp) } else { Ok(claims) }
}

/// What is wrong, if anything is, is for `serde_json` to say.
#[derive(Debug)]
pub(crate) struct GaveUp;

impl fmt::Display for GaveUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not read")
    }
}

impl core::error::Error for GaveUp {}

impl de::Error for GaveUp {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// A reader of one token.
type TokenDeserializer<'j> = serde_json::Deserializer<StrRead<'j>>;

struct Reader<'j> {
    json: &'j str,
    /// Where the reader is, in bytes.
    at: usize,
    /// How many arrays and objects it is in.
    depth: u8,
    /// The name of the member at the top level that it is in, if that is a registered claim.
    member: &'j str,
    gave_up: bool,
}

impl<'j> Reader<'j> {
    #[cold]
    fn give_up<T>(&mut self) -> Result<T, GaveUp> {
        self.gave_up = true;
        Err(GaveUp)
    }

    #[inline]
    fn rest(&self) -> &'j str {
        self.json.get(self.at..).unwrap_or_default()
    }

    #[inline]
    fn skip(&mut self, bytes: usize) {
        self.at = self.at.wrapping_add(bytes);
    }

    /// The next byte that is no white space (RFC 8259 §2), which stays to be read.
    #[inline]
    fn peek(&mut self) -> Option<u8> {
        self.at = after_space(self.json, self.at);
        self.json.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn take_word<T>(&mut self, word: &str, value: T) -> Result<T, GaveUp> {
        if self.rest().starts_with(word) {
            self.skip(word.len());
            Ok(value)
        } else {
            self.give_up()
        }
    }

    /// The string without escapes that starts there, and where it ends.
    #[inline]
    fn plain_string(&self, at: usize) -> Option<(&'j str, usize)> {
        let json = self.json.as_bytes();
        let start = at.wrapping_add(1);
        let end = start.wrapping_add(plain_len(json.get(start..)?));
        if json.get(at) != Some(&b'"') || json.get(end) != Some(&b'"') {
            return None;
        }
        Some((self.json.get(start..end)?, end.wrapping_add(1)))
    }

    /// The next token, of so many bytes, read by `serde_json`.
    fn token<T>(
        &mut self,
        len: Option<usize>,
        read: impl FnOnce(&mut TokenDeserializer<'j>) -> serde_json::Result<T>,
    ) -> Result<T, GaveUp> {
        let token = len.and_then(|len| self.rest().get(..len)).unwrap_or_default();
        let mut deserializer = TokenDeserializer::from_str(token);
        match (read(&mut deserializer), deserializer.end()) {
            (Ok(value), Ok(())) => {
                self.skip(token.len());
                Ok(value)
            }
            _ => self.give_up(),
        }
    }

    #[inline]
    fn string<V: Visitor<'j>>(&mut self, visitor: V) -> Result<V::Value, GaveUp> {
        let at = after_space(self.json, self.at);
        if let Some((text, end)) = self.plain_string(at) {
            self.at = end;
            return visitor.visit_borrowed_str(text);
        }
        self.at = at;
        self.token(string_len(self.rest()), |token| token.deserialize_str(visitor))
    }

    #[inline]
    fn number<V: Visitor<'j>>(
        &mut self,
        visitor: V,
        otherwise: impl FnOnce(&mut TokenDeserializer<'j>, V) -> serde_json::Result<V::Value>,
    ) -> Result<V::Value, GaveUp> {
        self.peek();
        if let Some((integer, len)) = plain_integer(self.rest().as_bytes()) {
            self.skip(len);
            return visitor.visit_u64(integer);
        }
        match self.huge_date() {
            Some(date) => visitor.visit_i64(date.as_secs()),
            None => {
                self.token(Some(number_or_word_len(self.rest())), |token| otherwise(token, visitor))
            }
        }
    }

    /// The date that comes next if it is one that `serde_json` cannot hold, such as `1e400`: it
    /// counts as the nearer end of `i64`.
    fn huge_date(&mut self) -> Option<NumericDate> {
        let value = JsonValue::at_start_of(self.rest());
        let claim = Claim::from_name(self.member.as_bytes())?;
        let is_date = self.depth == 1 && claim.is_date() && value.json_type() == JsonType::Number;
        if !is_date || value.read::<Number>().is_ok() {
            return None;
        }
        serde_json::from_str::<IgnoredAny>(value.text()).ok()?;
        self.skip(value.text().len());
        Some(value.date(Rounding::Down))
    }

    /// Goes over a value.
    fn ignore(&mut self) -> Result<(), GaveUp> {
        let len = match self.peek() {
            Some(b'{') => return self.object(IgnoredAny).map(|IgnoredAny| ()),
            Some(b'[') => return self.array(IgnoredAny).map(|IgnoredAny| ()),
            Some(b'"') => match self.plain_string(self.at) {
                Some((_, end)) => {
                    self.at = end;
                    return Ok(());
                }
                None => string_len(self.rest()),
            },
            _ => Some(number_or_word_len(self.rest())),
        };
        self.token(len, |token| IgnoredAny::deserialize(token).map(|IgnoredAny| ()))
    }

    /// Goes into an array or an object, of which the first byte comes next.
    #[inline]
    fn inside<T>(
        &mut self,
        close: u8,
        read: impl FnOnce(&mut Self) -> Result<T, GaveUp>,
    ) -> Result<T, GaveUp> {
        if self.depth >= MAX_DEPTH {
            return self.give_up();
        }
        self.skip(1);
        self.depth = self.depth.wrapping_add(1);
        let value = read(self);
        self.depth = self.depth.wrapping_sub(1);
        // If the type takes no such thing, the reader stands in the middle of it.
        if value.is_err() || self.peek() != Some(close) {
            return self.give_up();
        }
        self.skip(1);
        value
    }

    #[inline]
    fn array<V: Visitor<'j>>(&mut self, visitor: V) -> Result<V::Value, GaveUp> {
        self.inside(b']', |reader| visitor.visit_seq(Elements { reader, first: true }))
    }

    #[inline]
    fn object<V: Visitor<'j>>(&mut self, visitor: V) -> Result<V::Value, GaveUp> {
        self.inside(b'}', |reader| visitor.visit_map(Members { reader, first: true }))
    }

    /// Whether there is another element or member, and goes up to it.
    #[inline]
    fn next(&mut self, first: &mut bool, close: u8) -> Result<bool, GaveUp> {
        match self.peek() {
            Some(byte) if byte == close => Ok(false),
            Some(b',') if !*first => {
                self.skip(1);
                Ok(true)
            }
            Some(_) if *first => {
                *first = false;
                Ok(true)
            }
            _ => self.give_up(),
        }
    }

    /// The name of the next member, after which its value comes next.
    #[inline]
    fn name(&mut self, first: &mut bool) -> Result<NextName<'j>, GaveUp> {
        let json = self.json.as_bytes();
        let mut at = after_space(self.json, self.at);
        match json.get(at) {
            Some(b'}') => {
                self.at = at;
                return Ok(NextName::End);
            }
            Some(b',') if !*first => at = after_space(self.json, at.wrapping_add(1)),
            _ if *first => *first = false,
            _ => return self.give_up(),
        }
        let Some((name, end)) = self.plain_string(at) else {
            self.at = at;
            return Ok(NextName::Escaped);
        };
        let colon = after_space(self.json, end);
        // `serde_json` keeps some names with `$` for itself; see `skim::find_reserved_name`.
        if json.get(colon) != Some(&b':') || name.starts_with(RESERVED) {
            return self.give_up();
        }
        self.at = after_space(self.json, colon.wrapping_add(1));
        Ok(NextName::Plain(name))
    }

    #[inline]
    fn give_name<S: DeserializeSeed<'j>>(
        &mut self,
        name: &'j str,
        seed: S,
    ) -> Result<S::Value, GaveUp> {
        seed.deserialize(Name { reader: self, name: BorrowedStrDeserializer::new(name) })
    }

    /// The name that comes next, with an escape in it.
    #[cold]
    fn escaped_name(&mut self) -> Result<String, GaveUp> {
        let name = self.token(string_len(self.rest()), |token| String::deserialize(token))?;
        if self.peek() != Some(b':') || name.starts_with(RESERVED) {
            return self.give_up();
        }
        self.skip(1);
        self.peek();
        Ok(name)
    }
}

enum NextName<'j> {
    Plain(&'j str),
    Escaped,
    End,
}

#[inline]
fn after_space(json: &str, mut at: usize) -> usize {
    // Nearly always there is none.
    if json.as_bytes().get(at).is_some_and(|&byte| byte > b' ') {
        return at;
    }
    while let Some(b' ' | b'\t' | b'\n' | b'\r') = json.as_bytes().get(at) {
        at = at.wrapping_add(1);
    }
    at
}

macro_rules! numbers {
    ($($method:ident)*) => {
        $(#[inline]
        fn $method<V: Visitor<'j>>(self, visitor: V) -> Result<V::Value, GaveUp> {
            self.number(visitor, |token, visitor| token.$method(visitor))
        })*
    };
}

impl<'j> Deserializer<'j> for &mut Reader<'j> {
    type Error = GaveUp;

    fn deserialize_any<V: Visitor<'j>>(self, visitor: V) -> Result<V::Value, GaveUp> {
        match self.peek() {
            Some(b'"') => self.string(visitor),
            Some(b'{') => self.object(visitor),
            Some(b'[') => self.array(visitor),
            Some(b't' | b'f') => self.deserialize_bool(visitor),
            Some(b'n') => self.deserialize_unit(visitor),
            _ => self.number(visitor, |token, visitor| token.deserialize_any(visitor)),
        }
    }

    numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_u8
        deserialize_u16 deserialize_u32 deserialize_u64 deserialize_f32 deserialize_f64
    }

    fn deserialize_i128<V: Visitor<'j>>(self, visitor: V) -> Result<V::Value, GaveUp> {
        self.peek();
        self.token(Some(number_or_word_len(self.rest())), |token| token.deserialize_i128(visitor))
    }

    fn deserialize_u128<V: Visitor<'j>>(self, visitor: V) -> Result<V::Value, GaveUp> {
        self.peek();
        self.token(Some(number_or_word_len(self.rest())), |token| token.deserialize_u128(visitor))
    }

    fn deserialize_bool<V: Visitor<'j>>(self, visitor: V) -> Result<V::Value, GaveUp> {
        let value = match self.peek() {
            Some(b't') => self.take_word("true", true)?,
            _ => self.take_word("false", false)?,
        };
        visitor.visit_bool(value)
    }

    fn deserialize_char<V: Visitor<'j>>(self, visitor: V) -> Result<V::Value, GaveUp> {
        self.string(visitor)
    }

    #[inline]
    fn deserialize_str<V: Visitor<'j>>(self, visitor: V) -> Result<V::Value, GaveUp> {
        self.string(visitor)
    }

    #[inline]
    fn deserialize_string<V: Visitor<'j>>(self, visitor: V) -> Result<V::Value, GaveUp> {
        self.string(visitor)
    }

    #[inline]
    fn deserialize_identifier<V: Visitor<'j>>(self, visitor: V) -> Result<V::Value, GaveUp> {
        self.string(visitor)
    }

    fn deserialize_bytes<V: Visitor<'j>>(self, _: V) -> Result<V::Value, GaveUp> {
        self.give_up()
    }

    fn deserialize_byte_buf<V: Visitor<'j>>(self, _: V) -> Result<V::Value, GaveUp> {
        self.give_up()
    }

    #[inline]
    fn deserialize_option<V: Visitor<'j>>(self, visitor: V) -> Result<V::Value, GaveUp> {
        match self.peek() {
            Some(b'n') => {
                self.take_word("null", ())?;
                visitor.visit_none()
            }
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'j>>(self, visitor: V) -> Result<V::Value, GaveUp> {
        self.peek();
        self.take_word("null", ())?;
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'j>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, GaveUp> {
        self.deserialize_unit(visitor)
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'j>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, GaveUp> {
        // `serde_json` knows its `RawValue` by such a name.
        if name.starts_with('$') {
            return self.give_up();
        }
        visitor.visit_newtype_struct(self)
    }

    #[inline]
    fn deserialize_seq<V: Visitor<'j>>(self, visitor: V) -> Result<V::Value, GaveUp> {
        match self.peek() {
            Some(b'[') => self.array(visitor),
            _ => self.give_up(),
        }
    }

    fn deserialize_tuple<V: Visitor<'j>>(self, _: usize, visitor: V) -> Result<V::Value, GaveUp> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'j>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, GaveUp> {
        self.deserialize_seq(visitor)
    }

    #[inline]
    fn deserialize_map<V: Visitor<'j>>(self, visitor: V) -> Result<V::Value, GaveUp> {
        match self.peek() {
            Some(b'{') => self.object(visitor),
            _ => self.give_up(),
        }
    }

    #[inline]
    fn deserialize_struct<V: Visitor<'j>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, GaveUp> {
        match self.peek() {
            Some(b'{') => self.object(visitor),
            Some(b'[') => self.array(visitor),
            _ => self.give_up(),
        }
    }

    #[inline]
    fn deserialize_enum<V: Visitor<'j>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, GaveUp> {
        match self.peek() {
            Some(b'{') => self.inside(b'}', |reader| visitor.visit_enum(Variant { reader })),
            Some(b'"') => match self.plain_string(self.at) {
                Some((name, end)) => {
                    self.at = end;
                    visitor
                        .visit_enum(BorrowedStrDeserializer::new(name))
                        .or_else(|GaveUp| self.give_up())
                }
                None => self.give_up(),
            },
            _ => self.give_up(),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'j>>(self, visitor: V) -> Result<V::Value, GaveUp> {
        self.ignore()?;
        visitor.visit_unit()
    }
}

struct Elements<'r, 'j> {
    reader: &'r mut Reader<'j>,
    first: bool,
}

impl<'j> SeqAccess<'j> for Elements<'_, 'j> {
    type Error = GaveUp;

    #[inline]
    fn next_element_seed<S: DeserializeSeed<'j>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, GaveUp> {
        if self.reader.next(&mut self.first, b']')? {
            seed.deserialize(&mut *self.reader).map(Some)
        } else {
            Ok(None)
        }
    }
}

struct Members<'r, 'j> {
    reader: &'r mut Reader<'j>,
    first: bool,
}

impl<'j> Members<'_, 'j> {
    #[cold]
    #[inline(never)]
    fn escaped_key_seed<S: DeserializeSeed<'j>>(&mut self, seed: S) -> Result<S::Value, GaveUp> {
        let name = StringDeserializer::new(self.reader.escaped_name()?);
        seed.deserialize(Name { reader: self.reader, name })
    }
}

impl<'j> MapAccess<'j> for Members<'_, 'j> {
    type Error = GaveUp;

    #[inline]
    fn next_key_seed<S: DeserializeSeed<'j>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, GaveUp> {
        match self.reader.name(&mut self.first)? {
            NextName::Plain(name) => self.reader.give_name(name, seed).map(Some),
            NextName::Escaped => self.escaped_key_seed(seed).map(Some),
            NextName::End => Ok(None),
        }
    }

    #[inline]
    fn next_value_seed<S: DeserializeSeed<'j>>(&mut self, seed: S) -> Result<S::Value, GaveUp> {
        seed.deserialize(&mut *self.reader)
    }
}

/// The one member of an object, whose name is that of a variant.
struct Variant<'r, 'j> {
    reader: &'r mut Reader<'j>,
}

impl<'j> EnumAccess<'j> for Variant<'_, 'j> {
    type Error = GaveUp;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'j>>(self, seed: S) -> Result<(S::Value, Self), GaveUp> {
        match self.reader.name(&mut true)? {
            NextName::Plain(name) => Ok((self.reader.give_name(name, seed)?, self)),
            NextName::Escaped | NextName::End => self.reader.give_up(),
        }
    }
}

impl<'j> VariantAccess<'j> for Variant<'_, 'j> {
    type Error = GaveUp;

    fn unit_variant(self) -> Result<(), GaveUp> {
        Deserialize::deserialize(self.reader)
    }

    fn newtype_variant_seed<S: DeserializeSeed<'j>>(self, seed: S) -> Result<S::Value, GaveUp> {
        seed.deserialize(self.reader)
    }

    fn tuple_variant<V: Visitor<'j>>(self, _: usize, visitor: V) -> Result<V::Value, GaveUp> {
        self.reader.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'j>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, GaveUp> {
        self.reader.deserialize_struct("", fields, visitor)
    }
}

macro_rules! give_up {
    ($($method:ident($($argument:ty),*))*) => {
        $(fn $method<V: Visitor<'j>>(self, $(_: $argument,)* _: V) -> Result<V::Value, GaveUp> {
            self.reader.give_up()
        })*
    };
}

/// The name of a member, borrowed or not.
struct Name<'r, 'j, D> {
    reader: &'r mut Reader<'j>,
    name: D,
}

macro_rules! visit_name {
    ($($method:ident)*) => {
        $(#[inline]
        fn $method<V: Visitor<'j>>(self, visitor: V) -> Result<V::Value, GaveUp> {
            self.name.deserialize_any(visitor)
        })*
    };
}

impl<'j, D> Deserializer<'j> for Name<'_, 'j, D>
where
    D: Deserializer<'j, Error = GaveUp> + EnumAccess<'j, Error = GaveUp>,
{
    type Error = GaveUp;

    visit_name! {
        deserialize_any deserialize_str deserialize_string deserialize_identifier deserialize_ignored_any
        deserialize_char
    }

    give_up! {
        deserialize_bool() deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64()
        deserialize_i128() deserialize_u8() deserialize_u16() deserialize_u32() deserialize_u64()
        deserialize_u128() deserialize_f32() deserialize_f64()
        deserialize_bytes() deserialize_byte_buf()
        deserialize_unit() deserialize_seq() deserialize_map()
        deserialize_unit_struct(&'static str) deserialize_tuple(usize)
        deserialize_tuple_struct(&'static str, usize)
        deserialize_struct(&'static str, &'static [&'static str])
    }

    fn deserialize_option<V: Visitor<'j>>(self, visitor: V) -> Result<V::Value, GaveUp> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'j>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, GaveUp> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'j>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, GaveUp> {
        visitor.visit_enum(self.name)
    }
}

/// The text as a whole, which has to be an object.
struct TopLevel<'r, 'j, N> {
    reader: &'r mut Reader<'j>,
    note: N,
}

impl<'j, N: FnMut(Cow<'j, str>, JsonValue<'j>) -> bool> Deserializer<'j> for TopLevel<'_, 'j, N> {
    type Error = GaveUp;

    #[inline]
    fn deserialize_map<V: Visitor<'j>>(self, visitor: V) -> Result<V::Value, GaveUp> {
        let Self { reader, note } = self;
        if reader.peek() != Some(b'{') {
            return reader.give_up();
        }
        reader.inside(b'}', |reader| {
            let members = Members { reader, first: true };
            visitor.visit_map(NotedMembers { members, note })
        })
    }

    #[inline]
    fn deserialize_any<V: Visitor<'j>>(self, visitor: V) -> Result<V::Value, GaveUp> {
        self.deserialize_map(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'j>>(self, visitor: V) -> Result<V::Value, GaveUp> {
        self.deserialize_map(IgnoredAny)?;
        visitor.visit_unit()
    }

    #[inline]
    fn deserialize_struct<V: Visitor<'j>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, GaveUp> {
        self.deserialize_map(visitor)
    }

    fn deserialize_option<V: Visitor<'j>>(self, visitor: V) -> Result<V::Value, GaveUp> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'j>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, GaveUp> {
        if name.starts_with('$') {
            return self.reader.give_up();
        }
        visitor.visit_newtype_struct(self)
    }

    give_up! {
        deserialize_bool() deserialize_i8() deserialize_i16() deserialize_i32() deserialize_i64()
        deserialize_i128() deserialize_u8() deserialize_u16() deserialize_u32() deserialize_u64()
        deserialize_u128() deserialize_f32() deserialize_f64() deserialize_char()
        deserialize_str() deserialize_string() deserialize_bytes() deserialize_byte_buf()
        deserialize_unit() deserialize_seq() deserialize_identifier()
        deserialize_unit_struct(&'static str) deserialize_tuple(usize)
        deserialize_tuple_struct(&'static str, usize)
        deserialize_enum(&'static str, &'static [&'static str])
    }
}

struct NotedMembers<'r, 'j, N> {
    members: Members<'r, 'j>,
    note: N,
}

impl<'j, N: FnMut(Cow<'j, str>, JsonValue<'j>) -> bool> NotedMembers<'_, 'j, N> {
    #[cold]
    #[inline(never)]
    fn escaped_key_seed<S: DeserializeSeed<'j>>(&mut self, seed: S) -> Result<S::Value, GaveUp> {
        let reader = &mut *self.members.reader;
        let name = reader.escaped_name()?;
        if !(self.note)(Cow::Owned(name.clone()), JsonValue::at_start_of(reader.rest())) {
            return reader.give_up();
        }
        reader.member = Claim::from_name(name.as_bytes()).map_or("", Claim::name);
        seed.deserialize(Name { reader, name: StringDeserializer::new(name) })
    }
}

impl<'j, N: FnMut(Cow<'j, str>, JsonValue<'j>) -> bool> MapAccess<'j> for NotedMembers<'_, 'j, N> {
    type Error = GaveUp;

    #[inline]
    fn next_key_seed<S: DeserializeSeed<'j>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, GaveUp> {
        let Members { reader, first } = &mut self.members;
        match reader.name(first)? {
            NextName::Plain(name) => {
                if !(self.note)(Cow::Borrowed(name), JsonValue::at_start_of(reader.rest())) {
                    return reader.give_up();
                }
                reader.member = name;
                reader.give_name(name, seed).map(Some)
            }
            NextName::Escaped => self.escaped_key_seed(seed).map(Some),
            NextName::End => Ok(None),
        }
    }

    #[inline]
    fn next_value_seed<S: DeserializeSeed<'j>>(&mut self, seed: S) -> Result<S::Value, GaveUp> {
        self.members.next_value_seed(seed)
    }
}
