//! The claims (RFC 7519 §4): the seven registered ones, and the caller's own beside them in one
//! flat JSON object.

use alloc::{borrow::Cow, format, string::String, vec::Vec};
use core::fmt::{self, Write};
#[cfg(feature = "std")]
use core::time::Duration;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{
        self, DeserializeSeed, IgnoredAny, MapAccess, Visitor,
        value::{BorrowedStrDeserializer, CowStrDeserializer},
    },
    ser::{self, Impossible, SerializeMap},
};

use crate::{
    names::Name,
    numeric_date::{NumericDate, Rounding},
};

/// The name of a registered claim (RFC 7519 §4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Claim {
    /// `iss`: who issued the token (§4.1.1).
    Issuer,
    /// `sub`: whom it is about (§4.1.2).
    Subject,
    /// `aud`: whom it is for (§4.1.3).
    Audience,
    /// `exp`: the time from which it is no longer good (§4.1.4).
    ExpirationTime,
    /// `nbf`: the time before which it is not good yet (§4.1.5).
    NotBefore,
    /// `iat`: when it was issued (§4.1.6).
    IssuedAt,
    /// `jti`: its own id (§4.1.7).
    JwtId,
}

impl Claim {
    pub(crate) const ALL: [Self; 7] = [
        Self::Issuer,
        Self::Subject,
        Self::Audience,
        Self::ExpirationTime,
        Self::NotBefore,
        Self::IssuedAt,
        Self::JwtId,
    ];

    /// The name in the JSON.
    ///
    /// ```
    /// assert_eq!(jwt_codec::Claim::ExpirationTime.name(), "exp");
    /// ```
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Issuer => "iss",
            Self::Subject => "sub",
            Self::Audience => "aud",
            Self::ExpirationTime => "exp",
            Self::NotBefore => "nbf",
            Self::IssuedAt => "iat",
            Self::JwtId => "jti",
        }
    }

    /// Its place in [`Claim::ALL`].
    pub(crate) const fn index(self) -> usize {
        match self {
            Self::Issuer => 0,
            Self::Subject => 1,
            Self::Audience => 2,
            Self::ExpirationTime => 3,
            Self::NotBefore => 4,
            Self::IssuedAt => 5,
            Self::JwtId => 6,
        }
    }

    /// Whether its value is a date.
    pub(crate) const fn is_date(self) -> bool {
        matches!(self, Self::ExpirationTime | Self::NotBefore | Self::IssuedAt)
    }

    /// The claim of that name.
    pub(crate) fn from_name(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"iss" => Self::Issuer,
            b"sub" => Self::Subject,
            b"aud" => Self::Audience,
            b"exp" => Self::ExpirationTime,
            b"nbf" => Self::NotBefore,
            b"iat" => Self::IssuedAt,
            b"jti" => Self::JwtId,
            _ => return None,
        })
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl From<Claim> for String {
    fn from(claim: Claim) -> Self {
        claim.name().into()
    }
}

/// Whom a token is for: one string, or several (RFC 7519 §4.1.3).
///
/// A single audience is written as a string, and is equal to a list of that one.
///
/// ```
/// use jwt_codec::Audience;
///
/// assert_eq!(serde_json::to_string(&Audience::from("api"))?, r#""api""#);
/// assert_eq!(serde_json::to_string(&Audience::from(["api", "web"]))?, r#"["api","web"]"#);
/// let audience: Audience = serde_json::from_str(r#"["api"]"#)?;
/// assert_eq!(audience, Audience::from("api"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Eq)]
pub enum Audience {
    /// One.
    One(String),
    /// Any number, none included.
    Several(Vec<String>),
}

impl Audience {
    /// Its members, in the order of the token.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(one) => core::slice::from_ref(one),
            Self::Several(several) => several,
        }
    }

    /// Whether that audience is among them, to the letter.
    #[must_use]
    pub fn contains(&self, audience: &str) -> bool {
        self.as_slice().iter().any(|member| member == audience)
    }
}

impl PartialEq for Audience {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl From<String> for Audience {
    fn from(one: String) -> Self {
        Self::One(one)
    }
}

impl From<&str> for Audience {
    fn from(one: &str) -> Self {
        Self::One(one.into())
    }
}

impl<S: Into<String>> From<Vec<S>> for Audience {
    fn from(several: Vec<S>) -> Self {
        several.into_iter().collect()
    }
}

impl<S: Into<String>, const N: usize> From<[S; N]> for Audience {
    fn from(several: [S; N]) -> Self {
        several.into_iter().collect()
    }
}

impl<S: Into<String>> FromIterator<S> for Audience {
    fn from_iter<I: IntoIterator<Item = S>>(several: I) -> Self {
        Self::Several(several.into_iter().map(Into::into).collect())
    }
}

impl Serialize for Audience {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.as_slice() {
            [one] => serializer.serialize_str(one),
            several => serializer.collect_seq(several),
        }
    }
}

impl<'de> Deserialize<'de> for Audience {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct StringOrArray;

        impl<'de> Visitor<'de> for StringOrArray {
            type Value = Audience;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or an array of strings")
            }

            fn visit_str<E: de::Error>(self, one: &str) -> Result<Audience, E> {
                Ok(Audience::One(one.into()))
            }

            fn visit_string<E: de::Error>(self, one: String) -> Result<Audience, E> {
                Ok(Audience::One(one))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Audience, A::Error> {
                let mut several = Vec::new();
                while let Some(one) = seq.next_element()? {
                    several.push(one);
                }
                Ok(Audience::Several(several))
            }
        }

        deserializer.deserialize_any(StringOrArray)
    }
}

/// The seven registered claims (RFC 7519 §4.1); all are optional here, and the policy of a decode
/// says which have to be there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RegisteredClaims {
    /// Who issued the token.
    pub iss: Option<String>,
    /// Whom it is about.
    pub sub: Option<String>,
    /// Whom it is for.
    pub aud: Option<Audience>,
    /// The time from which it is no longer good.
    pub exp: Option<NumericDate>,
    /// The time before which it is not good yet.
    pub nbf: Option<NumericDate>,
    /// When it was issued.
    pub iat: Option<NumericDate>,
    /// Its own id.
    pub jti: Option<String>,
}

impl RegisteredClaims {
    fn serialize_into<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        fn entry<M: SerializeMap, T: Serialize>(
            map: &mut M,
            claim: Claim,
            value: Option<&T>,
        ) -> Result<(), M::Error> {
            value.map_or(Ok(()), |value| map.serialize_entry(claim.name(), value))
        }

        let Self { iss, sub, aud, exp, nbf, iat, jti } = self;
        entry(map, Claim::Issuer, iss.as_ref())?;
        entry(map, Claim::Subject, sub.as_ref())?;
        entry(map, Claim::Audience, aud.as_ref())?;
        entry(map, Claim::ExpirationTime, exp.as_ref())?;
        entry(map, Claim::NotBefore, nbf.as_ref())?;
        entry(map, Claim::IssuedAt, iat.as_ref())?;
        entry(map, Claim::JwtId, jti.as_ref())
    }

    /// Reads the value of one claim. It must not have been there before, and `null` is no value.
    fn take<'de, A: MapAccess<'de>>(&mut self, claim: Claim, map: &mut A) -> Result<(), A::Error> {
        fn once<T, E: de::Error>(slot: &mut Option<T>, value: T, claim: Claim) -> Result<(), E> {
            match slot.replace(value) {
                None => Ok(()),
                Some(_) => Err(E::duplicate_field(claim.name())),
            }
        }

        match claim {
            Claim::Issuer => once(&mut self.iss, map.next_value()?, claim),
            Claim::Subject => once(&mut self.sub, map.next_value()?, claim),
            Claim::Audience => once(&mut self.aud, map.next_value()?, claim),
            Claim::ExpirationTime => once(&mut self.exp, map.next_value_seed(Rounding::Up)?, claim),
            Claim::NotBefore => once(&mut self.nbf, map.next_value_seed(Rounding::Up)?, claim),
            Claim::IssuedAt => once(&mut self.iat, map.next_value_seed(Rounding::Down)?, claim),
            Claim::JwtId => once(&mut self.jti, map.next_value()?, claim),
        }
    }
}

impl Serialize for RegisteredClaims {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.serialize_into(&mut map)?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for RegisteredClaims {
    /// Other members are passed over.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Claims::<IgnoredAny>::deserialize(deserializer).map(|claims| claims.registered)
    }
}

/// The registered claims and the caller's own, joined in one flat JSON object, in a stream both
/// ways.
///
/// `T` is a struct or a map with string keys (`()` for nothing of one's own). It sees only the members that are
/// not registered ones, and must not have any of those names itself: encoding it is an error.
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
    /// The others.
    pub custom: T,
}

impl<T> Claims<T> {
    /// These claims, and no registered one yet.
    #[must_use]
    pub fn new(custom: T) -> Self {
        Self { registered: RegisteredClaims::default(), custom }
    }

    /// With `iss`: who issues the token.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.registered.iss = Some(issuer.into());
        self
    }

    /// With `sub`: whom it is about.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.registered.sub = Some(subject.into());
        self
    }

    /// With `aud`: whom it is for, one string or a list.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<Audience>) -> Self {
        self.registered.aud = Some(audience.into());
        self
    }

    /// With `jti`: its own id, by which it can be revoked.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.registered.jti = Some(id.into());
        self
    }

    /// With `iat`: when it was issued.
    #[must_use]
    pub fn issued_at(mut self, date: NumericDate) -> Self {
        self.registered.iat = Some(date);
        self
    }

    /// With `iat` by the system clock.
    #[cfg(feature = "std")]
    #[must_use]
    pub fn issued_now(self) -> Self {
        self.issued_at(NumericDate::now())
    }

    /// With `nbf`: the time before which it is not good yet.
    #[must_use]
    pub fn not_before(mut self, date: NumericDate) -> Self {
        self.registered.nbf = Some(date);
        self
    }

    /// With `exp`: the time from which it is no longer good.
    #[must_use]
    pub fn expires_at(mut self, date: NumericDate) -> Self {
        self.registered.exp = Some(date);
        self
    }

    /// With `exp` so far from now, in whole seconds.
    ///
    /// Now is the `iat` if that is set to this second or the one before, so that
    /// `issued_now().expires_in(span)` always gives a lifetime of exactly `span`.
    #[cfg(feature = "std")]
    #[must_use]
    pub fn expires_in(self, span: Duration) -> Self {
        let now = NumericDate::now();
        let just_now = now - Duration::from_secs(1)..=now;
        let start = self.registered.iat.filter(|iat| just_now.contains(iat)).unwrap_or(now);
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

/// Writes the members of the caller's type into the map that the registered claims are in.
struct CustomInto<'m, M>(&'m mut M);

impl<M: SerializeMap> CustomInto<'_, M> {
    fn entry<V: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &V,
    ) -> Result<(), M::Error> {
        not_registered(name)?;
        self.0.serialize_entry(name, value)
    }
}

fn not_registered<E: ser::Error>(name: &str) -> Result<(), E> {
    match Claim::from_name(name.as_bytes()) {
        None => Ok(()),
        Some(claim) => Err(E::custom(format!(
            "custom claim \"{claim}\" has the name of a registered one; set it in `registered`"
        ))),
    }
}

fn not_an_object<E: ser::Error>() -> E {
    E::custom("custom claims must be a struct or a map")
}

/// Refuses the serde types that have no members.
macro_rules! refuse {
    ($($method:ident: $($argument:ty),*;)*) => {
        $(fn $method(self, $(_: $argument),*) -> Result<(), M::Error> {
            Err(not_an_object())
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

    /// As serde's externally tagged enum: one member, named after the variant.
    fn serialize_newtype_variant<V: Serialize + ?Sized>(
        mut self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &V,
    ) -> Result<(), M::Error> {
        self.entry(variant, value)
    }

    refuse! {
        serialize_bool: bool;
        serialize_i8: i8;
        serialize_i16: i16;
        serialize_i32: i32;
        serialize_i64: i64;
        serialize_u8: u8;
        serialize_u16: u16;
        serialize_u32: u32;
        serialize_u64: u64;
        serialize_f32: f32;
        serialize_f64: f64;
        serialize_char: char;
        serialize_str: &str;
        serialize_bytes: &[u8];
        serialize_unit_variant: &'static str, u32, &'static str;
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, M::Error> {
        Err(not_an_object())
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, M::Error> {
        Err(not_an_object())
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, M::Error> {
        Err(not_an_object())
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, M::Error> {
        Err(not_an_object())
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, M::Error> {
        Err(not_an_object())
    }
}

impl<M: SerializeMap> SerializeMap for CustomInto<'_, M> {
    type Ok = ();
    type Error = M::Error;

    fn serialize_key<K: Serialize + ?Sized>(&mut self, key: &K) -> Result<(), M::Error> {
        let mut name = ShortName::default();
        // What cannot be shown is no string, and so not the name of a registered claim.
        if write!(name, "{}", Shown(key)).is_ok() {
            not_registered(name.as_str())?;
        }
        self.0.serialize_key(key)
    }

    fn serialize_value<V: Serialize + ?Sized>(&mut self, value: &V) -> Result<(), M::Error> {
        self.0.serialize_value(value)
    }

    fn end(self) -> Result<(), M::Error> {
        Ok(())
    }
}

/// A key as text, by the serializer that serde has for formatters.
struct Shown<'k, K: ?Sized>(&'k K);

impl<K: Serialize + ?Sized> fmt::Display for Shown<'_, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.serialize(f)
    }
}

/// A name of up to four bytes, one more than a registered claim's; a longer one counts as none.
#[derive(Default)]
struct ShortName {
    bytes: [u8; 4],
    len: usize,
}

impl ShortName {
    fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..self.len).unwrap_or_default();
        core::str::from_utf8(bytes).unwrap_or_default()
    }
}

impl fmt::Write for ShortName {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len.saturating_add(text.len());
        if let Some(room) = self.bytes.get_mut(self.len..end) {
            room.copy_from_slice(text.as_bytes());
        }
        self.len = end;
        Ok(())
    }
}

impl<M: SerializeMap> ser::SerializeStruct for CustomInto<'_, M> {
    type Ok = ();
    type Error = M::Error;

    fn serialize_field<V: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &V,
    ) -> Result<(), M::Error> {
        self.entry(name, value)
    }

    fn end(self) -> Result<(), M::Error> {
        Ok(())
    }
}

/// Reads the caller's type out of an object: the registered claims go aside, and the type sees
/// the rest.
struct CustomOf<'r, D> {
    deserializer: D,
    registered: &'r mut RegisteredClaims,
}

impl<'de, D: Deserializer<'de>> CustomOf<'_, D> {
    /// For types that are not read as a map, the slower way: over a JSON value of the rest.
    fn rest(self) -> Result<serde_json::Value, D::Error> {
        serde_json::Map::deserialize(self).map(serde_json::Value::Object)
    }
}

/// Reads these types over a JSON value.
macro_rules! from_rest {
    ($($method:ident: $($argument:ident: $type:ty),*;)*) => {
        $(fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            self.rest()?.$method($($argument,)* visitor).map_err(de::Error::custom)
        })*
    };
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
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.deserialize_map(visitor)
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

    from_rest! {
        deserialize_bool:;
        deserialize_i8:;
        deserialize_i16:;
        deserialize_i32:;
        deserialize_i64:;
        deserialize_i128:;
        deserialize_u8:;
        deserialize_u16:;
        deserialize_u32:;
        deserialize_u64:;
        deserialize_u128:;
        deserialize_f32:;
        deserialize_f64:;
        deserialize_char:;
        deserialize_str:;
        deserialize_string:;
        deserialize_bytes:;
        deserialize_byte_buf:;
        deserialize_seq:;
        deserialize_tuple: len: usize;
        deserialize_tuple_struct: name: &'static str, len: usize;
        deserialize_enum: name: &'static str, variants: &'static [&'static str];
        deserialize_identifier:;
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
        let mut members = &mut CustomMembers { map, registered: self.registered };
        let value = self.visitor.visit_map(&mut *members)?;
        // The type may have had enough before the end.
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
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
            match Claim::from_name(name.as_bytes()) {
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
