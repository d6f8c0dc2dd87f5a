//! JSON Web Keys (RFC 7517) of `kty` `oct` (RFC 7518 §6.4): the text of a secret, its algorithm
//! and its id.

use alloc::{borrow::Cow, collections::BTreeMap, vec::Vec};

use hmac::digest::zeroize::Zeroize;
use serde::de::IgnoredAny;

use crate::{
    algorithm::Algorithm,
    error::{Error, JsonType, Reason, excerpt},
    key::Key,
    skim::{JsonValue, each_member},
};

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
    let set = members(json, "the JWK Set is not one JSON object without repeated names")?;
    let list = set.get("keys").ok_or(Error::invalid_key("the JWK Set has no \"keys\""))?;
    if list.json_type() != JsonType::Array {
        return Err(Error::invalid_key("\"keys\" of the JWK Set is not an array"));
    }
    let mut keys = Vec::new();
    list.each_element(|key| keys.push(read_key(key.text())));
    keys.into_iter().filter_map(Result::transpose).collect()
}

/// One key; `None` if it is of another `kty`, or says none.
fn read_key(json: &str) -> Result<Option<Key>, Error> {
    let jwk = members(json, "the JWK is not one JSON object without repeated names")?;
    let string = |name: &str, otherwise| -> Result<Option<Cow<'_, str>>, Error> {
        let Some(value) = jwk.get(name) else { return Ok(None) };
        value.string().map(Some).map_err(|_| Error::invalid_key(otherwise))
    };
    let kty = string("kty", "\"kty\" of the JWK is not a string")?;
    if kty.as_deref() != Some("oct") {
        return Ok(None);
    }
    let algorithm = string("alg", "\"alg\" of the JWK is not a string")?
        .and_then(|name| Algorithm::from_name(&name))
        .ok_or(Error::invalid_key("\"alg\" of the JWK is not HS256, HS384 or HS512"))?;
    if string("use", "\"use\" of the JWK is not a string")?.is_some_and(|usage| usage != "sig") {
        return Err(Error::invalid_key("\"use\" of the JWK is not sig"));
    }
    if let Some(operations) = jwk.get("key_ops") {
        let operations: Vec<Cow<'_, str>> = operations
            .read()
            .map_err(|_| Error::invalid_key("\"key_ops\" of the JWK is not an array of strings"))?;
        if !operations.iter().any(|operation| operation == "sign" || operation == "verify") {
            return Err(Error::invalid_key("\"key_ops\" of the JWK has neither sign nor verify"));
        }
    }
    let secret = string("k", "\"k\" of the JWK is not a string")?
        .ok_or(Error::invalid_key("the JWK has no \"k\""))?;
    let key = Key::from_base64url(algorithm, &secret);
    if let Cow::Owned(secret) = secret {
        secret.into_bytes().as_mut_slice().zeroize();
    }
    let key = key?;
    Ok(Some(match string("kid", "\"kid\" of the JWK is not a string")? {
        Some(kid) => key.with_id(kid),
        None => key,
    }))
}

/// The members of a JSON object, each name once. The parser's own message is dropped: it could
/// quote the secret.
fn members<'j>(
    json: &'j str,
    otherwise: &'static str,
) -> Result<BTreeMap<Cow<'j, str>, JsonValue<'j>>, Error> {
    let mut members = BTreeMap::new();
    let read = each_member(json, |name, value| {
        let name = name.read().map_err(|error| Reason::json(&error))?;
        match members.insert(name.clone(), value) {
            None => Ok(()),
            Some(_) => Err(Reason::DuplicateName { name: excerpt(&name) }),
        }
    });
    match (read, serde_json::from_str::<IgnoredAny>(json)) {
        (Ok(()), Ok(_)) => Ok(members),
        _ => Err(Error::invalid_key(otherwise)),
    }
}
