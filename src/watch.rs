//! The members of a JSON object noted while a type takes them: one pass for both.
//!
//! This is the way of nearly all tokens. It gives up, by an error, on whatever is unusual: a name
//! with an escape in it, a name that stands twice, a type that is not read as a map (an enum,
//! `RawValue`, a map with number keys). What then holds is for the slower way to find out.
//!
//! That the text is JSON is `serde_json`'s to say, to the type. A type that swallows what it says
//! (`deserialize(d).unwrap_or_default()` for a field) can so take text that is not quite JSON; the
//! members that it took were noted all the same.

use core::fmt;

use serde::{
    Deserialize,
    de::{DeserializeSeed, Deserializer, MapAccess, Visitor, value::BorrowedStrDeserializer},
};
use serde_json::{Error, de::StrRead};

use crate::{error::JsonType, skim::JsonValue};

/// Reads one JSON object as the type. The function gets each name, and where in the text its value
/// starts; if it gives `false`, this gives up.
#[inline]
pub(crate) fn read_watched<'j, C: Deserialize<'j>>(
    json: &'j str,
    mut note: impl FnMut(&'j str, JsonValue<'j>) -> bool,
) -> Result<C, Error> {
    // Kept outside, because a type may swallow the error that it is given. For the same reason the
    // text has to be an object before the type is asked.
    let mut all_noted = JsonValue::of_text(json).json_type() == JsonType::Object;
    let note = |name: Option<&'j str>| {
        let value = name.and_then(|name| JsonValue::of_member(json, name));
        all_noted = all_noted && name.zip(value).is_some_and(|(name, value)| note(name, value));
        all_noted
    };
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let claims = C::deserialize(Watched { deserializer: &mut deserializer, note })?;
    deserializer.end()?;
    if all_noted { Ok(claims) } else { Err(gave_up()) }
}

struct Watched<'d, 'j, N> {
    deserializer: &'d mut serde_json::Deserializer<StrRead<'j>>,
    note: N,
}

fn gave_up<E: serde::de::Error>() -> E {
    E::custom("not to be watched")
}

/// Gives up on types that ask for these.
macro_rules! give_up {
    ($($method:ident($($argument:ty),*))*) => {
        $(fn $method<V: Visitor<'j>>(self, $(_: $argument,)* _: V) -> Result<V::Value, Error> {
            Err(gave_up())
        })*
    };
}

impl<'j, N: FnMut(Option<&'j str>) -> bool> Deserializer<'j> for Watched<'_, 'j, N> {
    type Error = Error;

    #[inline]
    fn deserialize_map<V: Visitor<'j>>(self, visitor: V) -> Result<V::Value, Error> {
        let Self { deserializer, note } = self;
        deserializer.deserialize_map(WatchedVisitor { visitor, note })
    }

    fn deserialize_any<V: Visitor<'j>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'j>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    #[inline]
    fn deserialize_struct<V: Visitor<'j>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_option<V: Visitor<'j>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'j>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
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

struct WatchedVisitor<V, N> {
    visitor: V,
    note: N,
}

impl<'j, V: Visitor<'j>, N: FnMut(Option<&'j str>) -> bool> Visitor<'j> for WatchedVisitor<V, N> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    #[inline]
    fn visit_map<A: MapAccess<'j>>(self, map: A) -> Result<V::Value, A::Error> {
        let Self { visitor, note } = self;
        visitor.visit_map(WatchedMembers { map, note })
    }
}

struct WatchedMembers<A, N> {
    map: A,
    note: N,
}

impl<'j, A: MapAccess<'j>, N: FnMut(Option<&'j str>) -> bool> MapAccess<'j>
    for WatchedMembers<A, N>
{
    type Error = A::Error;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'j>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        // A borrowed `&str` refuses a name with an escape.
        let name = match self.map.next_key() {
            Ok(None) => return Ok(None),
            Ok(name) => name,
            Err(_) => None,
        };
        let is_noted = (self.note)(name);
        match name.filter(|_| is_noted) {
            Some(name) => seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some),
            None => Err(gave_up()),
        }
    }

    #[inline]
    fn next_value_seed<S: DeserializeSeed<'j>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}
