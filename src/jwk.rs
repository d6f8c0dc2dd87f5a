//! JSON Web Keys (RFC 7517) of `kty` `oct` (RFC 7518 §6.4): the text of a secret, its algorithm
//! and its id.

use alloc::{borrow::Cow, collections::BTreeMap, vec::Vec};
use core::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::{algorithm::Algorithm, error::Error, key::Key, names::Name};

impl Key {
    /// A key from a JSON Web Key (RFC 7517): `kty` is `oct`, `alg` one of the three names, `k` the
    /// secret; `kid`, if there, becomes the id; `use`, if there, is `sig`; `key_ops`, if there,
    /// holds `sign` or `verify`. Other members are ignored.
    ///
    /// ```
    /// use jwt_codec::{Algorithm, Key};
    ///
    /// let key = Key::from_jwk(
    ///     r#"{"kty":"oct","alg":"HS256","kid":"a","k":"iLs0BFVV9FN0aqngEdO6xUbi_rurZtoAU8PqeZRmUDw"}"#,
    /// )?;
    /// assert_eq!((key.algorithm(), key.id()), (Algorithm::Hs256, Some("a")));
    /// # Ok::<(), jwt_codec::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::InvalidKey`] if it is anything else, and those of [`Key::new`].
    pub fn from_jwk(json: &str) -> Result<Self, Error> {
        read_key(json)?.ok_or(Error::invalid_key("\"kty\" of the JWK is not oct"))
    }
}

/// The keys of a JWK Set that are of `kty` `oct` (RFC 7517 §5).
pub(crate) fn read_set(json: &str) -> Result<Vec<Key>, Error> {
    let set: Members = parse(json, "the JWK Set is not one JSON object without repeated names")?;
    let keys = set.get("keys").ok_or(Error::invalid_key("the JWK Set has no \"keys\""))?;
    let keys: Vec<&RawValue> = parse(keys, "\"keys\" of the JWK Set is not an array")?;
    keys.into_iter().filter_map(|key| read_key(key.get()).transpose()).collect()
}

/// One key; `None` if it is of another `kty`.
fn read_key(json: &str) -> Result<Option<Key>, Error> {
    let jwk: Members = parse(json, "the JWK is not one JSON object without repeated names")?;
    let kty = jwk.string("kty", "\"kty\" of the JWK is not a string")?;
    if kty.as_deref() != Some("oct") {
        return Ok(None);
    }
    let algorithm = jwk
        .string("alg", "\"alg\" of the JWK is not a string")?
        .and_then(|name| Algorithm::from_name(&name))
        .ok_or(Error::invalid_key("\"alg\" of the JWK is not HS256, HS384 or HS512"))?;
    if jwk.string("use", "\"use\" of the JWK is not a string")?.is_some_and(|usage| usage != "sig")
    {
        return Err(Error::invalid_key("\"use\" of the JWK is not sig"));
    }
    if let Some(operations) = jwk.get("key_ops") {
        let operations: Vec<Cow<str>> =
            parse(operations, "\"key_ops\" of the JWK is not an array of strings")?;
        if !operations.iter().any(|operation| operation == "sign" || operation == "verify") {
            return Err(Error::invalid_key("\"key_ops\" of the JWK has neither sign nor verify"));
        }
    }
    let secret = jwk
        .string("k", "\"k\" of the JWK is not a string")?
        .ok_or(Error::invalid_key("the JWK has no \"k\""))?;
    let key = Key::from_base64url(algorithm, &secret)?;
    Ok(Some(match jwk.string("kid", "\"kid\" of the JWK is not a string")? {
        Some(kid) => key.with_id(kid),
        None => key,
    }))
}

/// The parser's own message is dropped: it could quote the secret.
fn parse<'j, T: Deserialize<'j>>(json: &'j str, otherwise: &'static str) -> Result<T, Error> {
    serde_json::from_str(json).map_err(|_| Error::invalid_key(otherwise))
}

/// The members of an object, each name once, the values not read yet.
struct Members<'j>(BTreeMap<Cow<'j, str>, &'j RawValue>);

impl<'j> Members<'j> {
    fn get(&self, name: &str) -> Option<&'j str> {
        self.0.get(name).map(|value| value.get())
    }

    fn string(&self, name: &str, otherwise: &'static str) -> Result<Option<Cow<'j, str>>, Error> {
        struct Text<'j>(Cow<'j, str>);

        impl<'j> Deserialize<'j> for Text<'j> {
            fn deserialize<D: Deserializer<'j>>(deserializer: D) -> Result<Self, D::Error> {
                use serde::de::DeserializeSeed;
                Name.deserialize(deserializer).map(Self)
            }
        }

        self.get(name).map(|json| parse::<Text>(json, otherwise).map(|text| text.0)).transpose()
    }
}

impl<'j> Deserialize<'j> for Members<'j> {
    fn deserialize<D: Deserializer<'j>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'j> Visitor<'j> for Object {
            type Value = Members<'j>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'j>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = BTreeMap::new();
                while let Some(name) = map.next_key_seed(Name)? {
                    if members.insert(name, map.next_value()?).is_some() {
                        return Err(A::Error::custom("repeated name"));
                    }
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object)
    }
}
