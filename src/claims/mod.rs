//! The claims (RFC 7519 §4): the seven registered ones, and the caller's own beside them in one
//! flat JSON object.

mod audience;
mod numeric_date;
mod registered;

use alloc::{borrow::Cow, format, string::String};
use core::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{
        self, DeserializeSeed, IgnoredAny, MapAccess, Visitor,
        value::{BorrowedStrDeserializer, CowStrDeserializer},
    },
    forward_to_deserialize_any,
    ser::{self, Impossible, SerializeMap, SerializeStruct},
};

pub use audience::Audience;
pub use numeric_date::NumericDate;
pub(crate) use numeric_date::Rounding;
pub use registered::{Claim, RegisteredClaims};

use crate::json::Name;

/// The registered claims and your own, in one flat JSON object.
///
/// `T` holds the claims of your own: a struct, a map with string keys, an internally tagged or
/// untagged enum of structs, a newtype or pointer of these, or `()` for none. It is given only the
/// claims that are not registered, even where it asks for all of them with `#[serde(flatten)]`.
///
/// A struct `T` must have no field that is named as a registered claim, such as `sub` or `exp`: use
/// the one in [`registered`](Claims::registered), or leave out `Claims` and use a struct of your own
/// for all claims. Otherwise [`encode`](crate::encode()) and [`decode`](crate::decode()) refuse it,
/// naming the field. serde does not tell the names of all fields: behind `#[serde(flatten)]` and in
/// an enum, such a field is read as absent. A struct that flattens [`RegisteredClaims`] itself
/// belongs outside of `Claims`.
///
/// ```
/// use std::time::Duration;
/// use jwt_codec::{Claims, Key, Validation, decode, encode};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, PartialEq, Serialize, Deserialize)]
/// struct Session { roles: Vec<String> }
///
/// let key = Key::hs256(b"at least 32 bytes, better random")?;
/// let claims = Claims::new(Session { roles: vec!["admin".into()] })
///     .issuer("https://login.example")
///     .subject("ada")
///     .issued_now()
///     .expires_in(Duration::from_secs(1800));
/// let token = encode(&claims, &key)?;
///
/// let data = decode::<Claims<Session>>(&token, &key, &Validation::new())?;
/// assert_eq!(data.claims.registered.sub.as_deref(), Some("ada"));
/// assert_eq!(data.claims.custom.roles, ["admin"]);
/// # Ok::<(), jwt_codec::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claims<T> {
    /// The registered claims.
    pub registered: RegisteredClaims,
    /// Your own claims.
    pub custom: T,
}

impl<T> Claims<T> {
    /// Wraps your claims; no registered claim is set.
    #[must_use]
    pub fn new(custom: T) -> Self {
        Self { registered: RegisteredClaims::default(), custom }
    }

    /// Sets `iss`: who issues the token.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.registered.iss = Some(issuer.into());
        self
    }

    /// Sets `sub`: whom the token is about.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.registered.sub = Some(subject.into());
        self
    }

    /// Sets `aud`: whom the token is for, one string or a list.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<Audience>) -> Self {
        self.registered.aud = Some(audience.into());
        self
    }

    /// Sets `jti`: the id of the token, by which you can revoke it.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.registered.jti = Some(id.into());
        self
    }

    /// Sets `iat`: when the token was issued.
    #[must_use]
    pub fn issued_at(mut self, date: NumericDate) -> Self {
        self.registered.iat = Some(date);
        self
    }

    /// Sets `iat` to now, by the system clock.
    #[cfg(all(feature = "std", not(all(target_family = "wasm", target_os = "unknown"))))]
    #[must_use]
    pub fn issued_now(self) -> Self {
        self.issued_at(NumericDate::now())
    }

    /// Sets `nbf`: the time before which the token is not valid yet.
    #[must_use]
    pub fn not_before(mut self, date: NumericDate) -> Self {
        self.registered.nbf = Some(date);
        self
    }

    /// Sets `exp`: the time from which the token is expired.
    #[must_use]
    pub fn expires_at(mut self, date: NumericDate) -> Self {
        self.registered.exp = Some(date);
        self
    }

    /// Sets `exp` to `iat` plus `span`, in whole seconds; to now plus `span`, by the system clock,
    /// if no `iat` was set before.
    ///
    /// ```
    /// use std::time::Duration;
    /// use jwt_codec::{Claims, NumericDate};
    ///
    /// let issued = NumericDate::from_secs(1_600_000_000);
    /// let claims = Claims::new(()).issued_at(issued).expires_in(Duration::from_secs(60));
    /// assert_eq!(claims.registered.exp, Some(NumericDate::from_secs(1_600_000_060)));
    /// ```
    #[cfg(all(feature = "std", not(all(target_family = "wasm", target_os = "unknown"))))]
    #[must_use]
    pub fn expires_in(self, span: core::time::Duration) -> Self {
        let start = self.registered.iat.unwrap_or_else(NumericDate::now);
        self.expires_at(start + span)
    }
}

impl<T: Serialize> Serialize for Claims<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.registered.serialize_into(&mut map)?;
        self.custom.serialize(CustomInto(&mut map))?;
        map.end()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Claims<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut registered = RegisteredClaims::default();
        let custom = T::deserialize(CustomOf { deserializer, registered: &mut registered })?;
        Ok(Self { registered, custom })
    }
}

const NOT_AN_OBJECT: &str = "custom claims must be a struct or a map";
const EXTERNALLY_TAGGED: &str = "custom claims must be a struct or a map; give the enum a tag of \
    its own with #[serde(tag = \"…\")]";

/// The fault of a field with this name, if it is that of a registered claim.
fn registered_field(name: &str) -> Option<String> {
    let claim = Claim::from_name(name)?;
    Some(format!("field \"{claim}\" is a registered claim; use the one in `Claims::registered`"))
}

/// Writes the members of the caller's type into the map that the registered claims are in. Whether
/// a name appears twice is seen when the JSON is read again, before it is signed.
struct CustomInto<'m, M>(&'m mut M);

/// The methods that serde wants one by one, for types that have no members.
macro_rules! refuse_to_serialize {
    ($($method:ident($($argument:ty),*) -> $ok:ty: $reason:expr;)*) => {
        $(fn $method(self, $(_: $argument),*) -> Result<$ok, M::Error> {
            Err(ser::Error::custom($reason))
        })*
    };
}

impl<M: SerializeMap> Serializer for CustomInto<'_, M> {
    type Ok = ();
    type Error = M::Error;
    type SerializeSeq = Impossible<(), M::Error>;
    type SerializeTuple = Impossible<(), M::Error>;
    type SerializeTupleStruct = Impossible<(), M::Error>;
    type SerializeTupleVariant = Impossible<(), M::Error>;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Impossible<(), M::Error>;

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

    /// `()`, `None` and unit structs stand for no member.
    fn serialize_unit(self) -> Result<(), M::Error> {
        Ok(())
    }

    fn serialize_none(self) -> Result<(), M::Error> {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), M::Error> {
        Ok(())
    }

    fn serialize_newtype_variant<V: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &V,
    ) -> Result<(), M::Error> {
        Err(ser::Error::custom(EXTERNALLY_TAGGED))
    }

    refuse_to_serialize! {
        serialize_bool(bool) -> (): NOT_AN_OBJECT;
        serialize_i8(i8) -> (): NOT_AN_OBJECT;
        serialize_i16(i16) -> (): NOT_AN_OBJECT;
        serialize_i32(i32) -> (): NOT_AN_OBJECT;
        serialize_i64(i64) -> (): NOT_AN_OBJECT;
        serialize_u8(u8) -> (): NOT_AN_OBJECT;
        serialize_u16(u16) -> (): NOT_AN_OBJECT;
        serialize_u32(u32) -> (): NOT_AN_OBJECT;
        serialize_u64(u64) -> (): NOT_AN_OBJECT;
        serialize_f32(f32) -> (): NOT_AN_OBJECT;
        serialize_f64(f64) -> (): NOT_AN_OBJECT;
        serialize_char(char) -> (): NOT_AN_OBJECT;
        serialize_str(&str) -> (): NOT_AN_OBJECT;
        serialize_bytes(&[u8]) -> (): NOT_AN_OBJECT;
        serialize_seq(Option<usize>) -> Self::SerializeSeq: NOT_AN_OBJECT;
        serialize_tuple(usize) -> Self::SerializeTuple: NOT_AN_OBJECT;
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct: NOT_AN_OBJECT;
        serialize_unit_variant(&'static str, u32, &'static str) -> (): EXTERNALLY_TAGGED;
        serialize_tuple_variant(&'static str, u32, &'static str, usize)
            -> Self::SerializeTupleVariant: EXTERNALLY_TAGGED;
        serialize_struct_variant(&'static str, u32, &'static str, usize)
            -> Self::SerializeStructVariant: EXTERNALLY_TAGGED;
    }
}

impl<M: SerializeMap> SerializeMap for CustomInto<'_, M> {
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

impl<M: SerializeMap> SerializeStruct for CustomInto<'_, M> {
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

    /// A field that is left out this time is refused like the others.
    fn skip_field(&mut self, name: &'static str) -> Result<(), M::Error> {
        registered_field(name).map_or(Ok(()), |fault| Err(ser::Error::custom(fault)))
    }

    fn end(self) -> Result<(), M::Error> {
        Ok(())
    }
}

/// Reads the caller's type out of an object: the registered claims go aside, and the type is given
/// the others.
struct CustomOf<'r, D> {
    deserializer: D,
    registered: &'r mut RegisteredClaims,
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for CustomOf<'_, D> {
    type Error = D::Error;

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.deserializer.deserialize_map(CustomVisitor { visitor, registered: self.registered })
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        match fields.iter().find_map(|name| registered_field(name)) {
            None => self.deserialize_map(visitor),
            Some(fault) => Err(de::Error::custom(fault)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        visitor.visit_newtype_struct(self)
    }

    /// `()` for custom claims means that there are none to read, whatever else the token has.
    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_map(IgnoredAny)?;
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, D::Error> {
        Err(de::Error::custom(EXTERNALLY_TAGGED))
    }

    // To these types, a map is of a wrong type, and they say so.
    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf seq
        tuple tuple_struct identifier
    }
}

struct CustomVisitor<'r, V> {
    visitor: V,
    registered: &'r mut RegisteredClaims,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for CustomVisitor<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        let mut members = CustomMembers { map, registered: self.registered };
        let value = self.visitor.visit_map(&mut members)?;
        // The type may have had enough before the end.
        while (&mut members).next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(value)
    }
}

struct CustomMembers<'r, A> {
    map: A,
    registered: &'r mut RegisteredClaims,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for &mut CustomMembers<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        while let Some(name) = self.map.next_key_seed(Name)? {
            match Claim::from_name(&name) {
                Some(claim) => self.registered.take(claim, &mut self.map)?,
                None => return deserialize_name(name, seed).map(Some),
            }
        }
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}

/// Hands on a name that was read already.
fn deserialize_name<'de, K: DeserializeSeed<'de>, E: de::Error>(
    name: Cow<'de, str>,
    seed: K,
) -> Result<K::Value, E> {
    match name {
        Cow::Borrowed(name) => seed.deserialize(BorrowedStrDeserializer::new(name)),
        Cow::Owned(_) => seed.deserialize(CowStrDeserializer::new(name)),
    }
}
