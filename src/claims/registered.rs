//! The values of the seven registered claims (RFC 7519 §4.1).

use alloc::{
    borrow::Cow,
    string::{String, ToString},
};
use core::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, IgnoredAny, MapAccess, Unexpected, Visitor},
    ser::SerializeMap,
};
use serde_json::Number;

use super::{
    audience::Audience,
    name::Claim,
    numeric_date::{NumericDate, Rounding},
};
use crate::json::{Name, ShallowValue};

/// The date that a number stands for in this claim. `exp` and `nbf` round up, so that comparing them
/// with a clock of whole seconds gives what comparing the fraction would; `iat` rounds down, to the
/// second in which the token was issued. `None` if no `f64` holds the number.
pub(super) fn date(claim: Claim, number: &Number) -> Option<NumericDate> {
    let rounding = match claim {
        Claim::ExpirationTime | Claim::NotBefore => Rounding::Up,
        _ => Rounding::Down,
    };
    NumericDate::from_number(number, rounding)
}

/// The digits of an integer of 64 bits. `None` for any other number: two ids that are written as
/// different numbers must not become one.
pub(super) fn integer_digits(number: &Number) -> Option<String> {
    let is_integer = number.as_u64().is_some() || number.as_i64().is_some();
    // Under the feature `arbitrary_precision` of `serde_json`, a number keeps its spelling: `-0`.
    Some(number.to_string()).filter(|digits| is_integer && digits != "-0")
}

/// The seven registered claims (RFC 7519 §4.1). All are optional here; [`Validation`] says which of
/// them a token must have.
///
/// Use it as a part of [`Claims`](super::Claims), or flatten it into a struct of your own. A
/// flattened map next to it then has only the other claims:
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
/// serde sees a struct with seven fields. `null` is read as `None`, and a `sub` or `jti` that is an
/// integer of 64 bits as its digits. In a [`decode`](crate::decode()), the policy rejects both first,
/// unless it was told to accept them.
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

    /// Reads the value of one claim. Rejects a claim that came before.
    pub(super) fn read_claim<'de, A: MapAccess<'de>>(
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
            Claim::Subject => once(&mut self.sub, id(map)?, claim),
            Claim::Audience => once(&mut self.aud, map.next_value()?, claim),
            Claim::ExpirationTime => once(&mut self.exp, numeric_date(claim, map)?, claim),
            Claim::NotBefore => once(&mut self.nbf, numeric_date(claim, map)?, claim),
            Claim::IssuedAt => once(&mut self.iat, numeric_date(claim, map)?, claim),
            Claim::JwtId => once(&mut self.jti, id(map)?, claim),
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
                        Some(claim) => claims.read_claim(claim, &mut map)?,
                        None => drop(map.next_value::<IgnoredAny>()?),
                    }
                }
                Ok(claims)
            }
        }

        // serde gives the fields of a flattened struct to no other part of the struct around it.
        const FIELDS: [&str; 7] = {
            let [iss, sub, aud, exp, nbf, iat, jti] = Claim::ALL;
            [iss.name(), sub.name(), aud.name(), exp.name(), nbf.name(), iat.name(), jti.name()]
        };
        deserializer.deserialize_struct("RegisteredClaims", &FIELDS, Fields)
    }
}

/// Reads a date, and `null` as `None`.
fn numeric_date<'de, A: MapAccess<'de>>(
    claim: Claim,
    map: &mut A,
) -> Result<Option<NumericDate>, A::Error> {
    let number: Option<Number> = map.next_value()?;
    let out_of_range = || A::Error::custom("number out of range");
    number.map(|number| date(claim, &number).ok_or_else(out_of_range)).transpose()
}

/// Reads a string, an integer as its digits, and `null` as `None`.
fn id<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Option<String>, A::Error> {
    let value = map.next_value()?;
    let digits = match &value {
        ShallowValue::Number(number) => integer_digits(number),
        _ => None,
    };
    match value {
        ShallowValue::Null => Ok(None),
        ShallowValue::String(text) => Ok(Some(Cow::into_owned(text))),
        other => digits.map(Some).ok_or_else(|| {
            let found = other.json_type().to_string();
            A::Error::invalid_type(Unexpected::Other(&found), &"a string")
        }),
    }
}
