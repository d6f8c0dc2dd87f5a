//! The seven registered claims (RFC 7519 §4.1).

use alloc::string::{String, ToString};
use core::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, Visitor},
    ser::SerializeMap,
};
use serde_json::{Number, Value};

use super::{
    audience::Audience,
    numeric_date::{NumericDate, Rounding},
};
use crate::json::Name;

/// The name of a registered claim (RFC 7519 §4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Claim {
    /// `iss`: who issued the token (§4.1.1).
    Issuer,
    /// `sub`: whom it is about (§4.1.2).
    Subject,
    /// `aud`: whom it is for (§4.1.3).
    Audience,
    /// `exp`: the time from which it is expired (§4.1.4).
    ExpirationTime,
    /// `nbf`: the time before which it is not valid yet (§4.1.5).
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

    /// Their names, in that order.
    pub(crate) const NAMES: [&'static str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

    /// Returns the name in the JSON.
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

    /// The claim of that name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "iss" => Self::Issuer,
            "sub" => Self::Subject,
            "aud" => Self::Audience,
            "exp" => Self::ExpirationTime,
            "nbf" => Self::NotBefore,
            "iat" => Self::IssuedAt,
            "jti" => Self::JwtId,
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

/// The seven registered claims (RFC 7519 §4.1). All are optional here; [`Validation`] says which of
/// them a token must have.
///
/// Use it as a part of [`Claims`](super::Claims), or flatten it into a struct of your own. A
/// flattened map beside it then has only the other claims:
///
/// ```
/// use std::collections::HashMap;
/// use jwt_codec::{Key, RegisteredClaims, Validation, decode, encode};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Session {
///     #[serde(flatten)]
///     registered: RegisteredClaims,
///     #[serde(flatten)]
///     rest: HashMap<String, serde_json::Value>,
/// }
///
/// let key = Key::hs256(b"at least 32 bytes, better random")?;
/// let token = encode(&serde_json::json!({ "exp": 4_102_444_800_i64, "role": "admin" }), &key)?;
///
/// let session = decode::<Session>(&token, &key, &Validation::new())?.claims;
/// assert_eq!(session.registered.exp.map(|exp| exp.as_secs()), Some(4_102_444_800));
/// assert_eq!(session.rest, HashMap::from([("role".into(), "admin".into())]));
/// # Ok::<(), jwt_codec::Error>(())
/// ```
///
/// As serde sees it, it is a struct with seven fields. `null` is read as `None`. A `sub` or `jti`
/// that is no string is read as its JSON text; in a [`decode`](crate::decode()), the policy refuses
/// both first, unless it was told to accept them.
///
/// [`Validation`]: crate::Validation
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RegisteredClaims {
    /// Who issued the token.
    pub iss: Option<String>,
    /// Whom it is about.
    pub sub: Option<String>,
    /// Whom it is for.
    pub aud: Option<Audience>,
    /// The time from which it is expired.
    pub exp: Option<NumericDate>,
    /// The time before which it is not valid yet.
    pub nbf: Option<NumericDate>,
    /// When it was issued.
    pub iat: Option<NumericDate>,
    /// Its own id.
    pub jti: Option<String>,
}

impl RegisteredClaims {
    /// Writes the claims that are there.
    pub(super) fn serialize_into<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        macro_rules! entries {
            ($($field:ident)*) => {
                $(if let Some(value) = &self.$field {
                    map.serialize_entry(stringify!($field), value)?;
                })*
            };
        }

        entries!(iss sub aud exp nbf iat jti);
        Ok(())
    }

    /// Reads the value of one claim, which must not have been there before.
    pub(super) fn take<'de, A: MapAccess<'de>>(
        &mut self,
        claim: Claim,
        map: &mut A,
    ) -> Result<(), A::Error> {
        fn once<T, E: Error>(
            slot: &mut Option<T>,
            value: Option<T>,
            claim: Claim,
        ) -> Result<(), E> {
            match core::mem::replace(slot, value) {
                None => Ok(()),
                Some(_) => Err(E::duplicate_field(claim.name())),
            }
        }

        match claim {
            Claim::Issuer => once(&mut self.iss, map.next_value()?, claim),
            Claim::Subject => once(&mut self.sub, map.next_value_seed(Text)?, claim),
            Claim::Audience => once(&mut self.aud, map.next_value()?, claim),
            Claim::ExpirationTime => once(&mut self.exp, date(map, Rounding::Up)?, claim),
            Claim::NotBefore => once(&mut self.nbf, date(map, Rounding::Up)?, claim),
            Claim::IssuedAt => once(&mut self.iat, date(map, Rounding::Down)?, claim),
            Claim::JwtId => once(&mut self.jti, map.next_value_seed(Text)?, claim),
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
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = RegisteredClaims;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object of claims")
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<RegisteredClaims, A::Error> {
                let mut claims = RegisteredClaims::default();
                while let Some(name) = map.next_key_seed(Name)? {
                    match Claim::from_name(&name) {
                        Some(claim) => claims.take(claim, &mut map)?,
                        None => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(claims)
            }
        }

        // As a struct with these fields: of a flattened one, serde gives them to no other part.
        deserializer.deserialize_struct("RegisteredClaims", &Claim::NAMES, Fields)
    }
}

/// Reads a date, `null` as `None`.
fn date<'de, A: MapAccess<'de>>(
    map: &mut A,
    rounding: Rounding,
) -> Result<Option<NumericDate>, A::Error> {
    let number: Option<Number> = map.next_value()?;
    number.map(|number| NumericDate::read(&number, rounding)).transpose()
}

/// Reads a string, `null` as `None`, and any other value as its JSON text.
struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        Ok(match Value::deserialize(deserializer)? {
            Value::Null => None,
            Value::String(text) => Some(text),
            other => Some(other.to_string()),
        })
    }
}
