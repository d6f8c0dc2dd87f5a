//! How [`Claims`] puts the registered claims and the caller's type into one object, and takes them
//! apart again.

use alloc::{borrow::Cow, format, string::String};
use core::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, DeserializeSeed, IgnoredAny, MapAccess, Visitor},
    forward_to_deserialize_any,
    ser::{self, Impossible, SerializeMap, SerializeStruct},
};

use super::{
    Claims, custom_name::NameDeserializer, name::Claim, registered::RegisteredClaims,
    unserializable::serialize_memberless,
};
use crate::json::Name;

// serde carries an error as text, of which an error quotes little more than this.
const NOT_AN_OBJECT: &str = "custom claims must be a struct or a map";
const EXTERNALLY_TAGGED: &str = "an enum of claims needs #[serde(tag)]";

/// The error of a field with this name, if that is the name of a registered claim.
fn registered_field(name: &str) -> Option<String> {
    let claim = Claim::from_name(name)?;
    Some(format!("\"{claim}\" belongs in Claims::registered"))
}

impl<T: Serialize> Serialize for Claims<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.registered.serialize_into(&mut map)?;
        self.custom.serialize(CustomSerializer(&mut map))?;
        map.end()
    }
}

/// Writes the members of the caller's type into the map that holds the registered claims.
struct CustomSerializer<'m, M>(&'m mut M);

fn not_an_object<T, E: ser::Error>() -> Result<T, E> {
    Err(E::custom(NOT_AN_OBJECT))
}

fn externally_tagged<T, E: ser::Error>() -> Result<T, E> {
    Err(E::custom(EXTERNALLY_TAGGED))
}

impl<M: SerializeMap> Serializer for CustomSerializer<'_, M> {
    type Ok = ();
    type Error = M::Error;
    type SerializeSeq = Impossible<(), M::Error>;
    type SerializeTuple = Impossible<(), M::Error>;
    type SerializeTupleStruct = Impossible<(), M::Error>;
    type SerializeTupleVariant = Impossible<(), M::Error>;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Impossible<(), M::Error>;

    serialize_memberless!(M::Error, not_an_object());

    fn serialize_f32(self, _: f32) -> Result<(), M::Error> {
        not_an_object()
    }

    fn serialize_f64(self, _: f64) -> Result<(), M::Error> {
        not_an_object()
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self, M::Error> {
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, M::Error> {
        Ok(self)
    }

    fn serialize_newtype_struct<V: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &V,
    ) -> Result<(), M::Error> {
        value.serialize(self)
    }

    fn serialize_some<V: Serialize + ?Sized>(self, value: &V) -> Result<(), M::Error> {
        value.serialize(self)
    }

    /// `()`, `None` and unit structs have no members.
    fn serialize_unit(self) -> Result<(), M::Error> {
        Ok(())
    }

    fn serialize_none(self) -> Result<(), M::Error> {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), M::Error> {
        Ok(())
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
    ) -> Result<(), M::Error> {
        externally_tagged()
    }

    fn serialize_newtype_variant<V: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &V,
    ) -> Result<(), M::Error> {
        externally_tagged()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, M::Error> {
        externally_tagged()
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, M::Error> {
        externally_tagged()
    }
}

impl<M: SerializeMap> SerializeMap for CustomSerializer<'_, M> {
    type Ok = ();
    type Error = M::Error;

    fn serialize_key<K: Serialize + ?Sized>(&mut self, key: &K) -> Result<(), M::Error> {
        self.0.serialize_key(key)
    }

    fn serialize_value<V: Serialize + ?Sized>(&mut self, value: &V) -> Result<(), M::Error> {
        self.0.serialize_value(value)
    }

    fn end(self) -> Result<(), M::Error> {
        Ok(())
    }
}

impl<M: SerializeMap> SerializeStruct for CustomSerializer<'_, M> {
    type Ok = ();
    type Error = M::Error;

    fn serialize_field<V: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &V,
    ) -> Result<(), M::Error> {
        self.skip_field(name)?;
        self.0.serialize_entry(name, value)
    }

    /// Rejects a registered name in a field that is left out this time, too.
    fn skip_field(&mut self, name: &'static str) -> Result<(), M::Error> {
        registered_field(name).map_or(Ok(()), |error| Err(ser::Error::custom(error)))
    }

    fn end(self) -> Result<(), M::Error> {
        Ok(())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Claims<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ClaimsVisitor<T>(core::marker::PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for ClaimsVisitor<T> {
            type Value = Claims<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object of claims")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Claims<T>, A::Error> {
                let registered = RegisteredClaims::default();
                let mut members = CustomMembers { map, registered, next: None };
                let custom = T::deserialize(CustomDeserializer(&mut members))?;
                // The type may have stopped before the end.
                while (&mut members).next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Claims { registered: members.registered, custom })
            }
        }

        deserializer.deserialize_map(ClaimsVisitor(core::marker::PhantomData))
    }
}

/// The members of an object that are not registered claims. Those are kept on the way.
struct CustomMembers<'de, A> {
    map: A,
    registered: RegisteredClaims,
    /// The name of the next custom claim, if it was read already.
    next: Option<Cow<'de, str>>,
}

impl<'de, A: MapAccess<'de>> CustomMembers<'de, A> {
    fn next_name(&mut self) -> Result<Option<Cow<'de, str>>, A::Error> {
        if let Some(name) = self.next.take() {
            return Ok(Some(name));
        }
        while let Some(name) = self.map.next_key_seed(Name)? {
            match Claim::from_name(&name) {
                Some(claim) => self.registered.read_claim(claim, &mut self.map)?,
                None => return Ok(Some(name)),
            }
        }
        Ok(None)
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for &mut CustomMembers<'de, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        self.next_name()?.map(|name| seed.deserialize(NameDeserializer::new(name))).transpose()
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

/// Reads the caller's type out of the custom claims.
struct CustomDeserializer<'m, 'de, A>(&'m mut CustomMembers<'de, A>);

impl<'de, A: MapAccess<'de>> Deserializer<'de> for CustomDeserializer<'_, 'de, A> {
    type Error = A::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, A::Error> {
        visitor.visit_map(self.0)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        match fields.iter().find_map(|name| registered_field(name)) {
            None => visitor.visit_map(self.0),
            Some(error) => Err(de::Error::custom(error)),
        }
    }

    /// Without a custom claim, there is nothing.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, A::Error> {
        self.0.next = self.0.next_name()?;
        if self.0.next.is_some() { visitor.visit_some(self) } else { visitor.visit_none() }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        visitor.visit_newtype_struct(self)
    }

    /// `()` ignores the custom claims.
    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, A::Error> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        visitor.visit_unit()
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, A::Error> {
        Err(de::Error::custom(EXTERNALLY_TAGGED))
    }

    // To these types, a map is of a wrong type, and they say so.
    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf seq
        tuple tuple_struct map identifier ignored_any
    }
}
