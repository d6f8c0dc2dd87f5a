//! The name of a custom claim, as a key of the caller's map.

use alloc::borrow::Cow;

use serde::{
    Deserializer,
    de::{
        Error, Visitor,
        value::{BorrowedStrDeserializer, CowStrDeserializer},
    },
    forward_to_deserialize_any,
};

/// Reads a key as `serde_json` does: numbers and `bool` from their text, a newtype or an `Option` from
/// what is in it.
pub(super) struct NameDeserializer<'de, E> {
    name: Cow<'de, str>,
    error: core::marker::PhantomData<E>,
}

impl<'de, E> NameDeserializer<'de, E> {
    pub(super) const fn new(name: Cow<'de, str>) -> Self {
        Self { name, error: core::marker::PhantomData }
    }
}

/// Reads a scalar from its JSON text, if the name is one.
macro_rules! deserialize_scalars {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
            match self.name {
                // The text of a scalar has neither an escape nor white space around it.
                Cow::Borrowed(name) if name.trim_ascii() == name => {
                    let mut json = serde_json::Deserializer::from_str(name);
                    let key = json.$method(visitor).map_err(E::custom)?;
                    json.end().map_err(E::custom)?;
                    Ok(key)
                }
                _ => self.deserialize_any(visitor),
            }
        })*
    };
}

impl<'de, E: Error> Deserializer<'de> for NameDeserializer<'de, E> {
    type Error = E;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        match self.name {
            Cow::Borrowed(name) => BorrowedStrDeserializer::new(name).deserialize_any(visitor),
            Cow::Owned(_) => CowStrDeserializer::new(self.name).deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, E> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, E> {
        CowStrDeserializer::new(self.name).deserialize_enum(name, variants, visitor)
    }

    deserialize_scalars! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_i128 deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_u128 deserialize_f32 deserialize_f64
    }

    forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier
        ignored_any
    }
}
