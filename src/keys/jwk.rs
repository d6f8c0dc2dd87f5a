//! JSON Web Keys (RFC 7517): a secret with its algorithm and its id, and sets of them.

use alloc::{
    borrow::{Cow, ToOwned},
    format,
    string::String,
    vec::Vec,
};

use serde::de::MapAccess;
use serde_json::value::RawValue;

use super::{Key, key_set::AnyKey, secret::Secret, text::decode_base64url};
#[cfg(feature = "public-keys")]
use super::{PublicKey, backend::Kind};
#[cfg(feature = "public-keys")]
use crate::error::KeyKind;
use crate::{
    algorithm::Algorithm,
    error::{Error, KeyDefect},
    json::{Members, Names, read_object},
};

impl Key {
    /// Reads a JSON Web Key (RFC 7517): `kty` is `oct`, `alg` is `HS256`, `HS384` or `HS512`, `k` is
    /// the secret in base64url; `kid`, if present, becomes the id; `use`, if present, is `sig`;
    /// `key_ops`, if present, has `sign` or `verify`. Other members are ignored.
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
        read_secret(&Jwk::read(json)?, None)
    }

    /// Reads a JSON Web Key as [`from_jwk`](Self::from_jwk) does. If it names no `alg`, it is for
    /// this algorithm.
    ///
    /// # Errors
    ///
    /// Those of [`from_jwk`](Self::from_jwk), and [`Error::InvalidKey`] if it names another `alg`.
    pub fn from_jwk_for(algorithm: Algorithm, json: &str) -> Result<Self, Error> {
        read_secret(&Jwk::read(json)?, Some(algorithm))
    }
}

/// A key of a JWK Set, or why it cannot be used.
pub(super) struct SetMember {
    pub(super) kid: Option<String>,
    pub(super) key: Result<AnyKey, Error>,
}

/// Reads the keys of a JWK Set (RFC 7517 §5).
pub(super) fn read_set(json: &str, algorithm: Option<Algorithm>) -> Result<Vec<SetMember>, Error> {
    let set = Jwk::read(json).map_err(|_| Error::invalid_key(KeyDefect::JwkSetSyntax))?;
    let keys = set.member("keys").ok_or(Error::invalid_key(KeyDefect::JwkSetWithoutKeys))?;
    let keys: Vec<&RawValue> = serde_json::from_str(keys.get())
        .map_err(|_| Error::invalid_key(KeyDefect::JwkSetKeysType))?;
    let read = |json: &RawValue| match Jwk::read(json.get()) {
        Ok(jwk) => SetMember { kid: jwk.id().unwrap_or_default(), key: read_key(&jwk, algorithm) },
        Err(error) => SetMember { kid: None, key: Err(error) },
    };
    Ok(keys.into_iter().map(read).collect())
}

#[cfg(not(feature = "public-keys"))]
fn read_key(jwk: &Jwk<'_>, algorithm: Option<Algorithm>) -> Result<AnyKey, Error> {
    if jwk.kty()? != "oct" {
        return Err(Error::invalid_key(KeyDefect::JwkNotASecret));
    }
    read_secret(jwk, algorithm).map(AnyKey::Secret)
}

#[cfg(feature = "public-keys")]
fn read_key(jwk: &Jwk<'_>, algorithm: Option<Algorithm>) -> Result<AnyKey, Error> {
    if jwk.kty()? != "oct" {
        // One that its curve decides keeps that algorithm.
        let algorithm = jwk.curve_algorithm(algorithm)?.or(algorithm);
        return PublicKey::read(jwk, algorithm).map(AnyKey::Public);
    }
    // Its kind of algorithm may be meant for the public keys of the set.
    read_secret(jwk, algorithm).map(AnyKey::Secret)
}

fn read_secret(jwk: &Jwk<'_>, algorithm: Option<Algorithm>) -> Result<Key, Error> {
    if jwk.kty()? != "oct" {
        return Err(Error::invalid_key(KeyDefect::JwkNotASecret));
    }
    jwk.check_use(&["sign", "verify"])?;
    let algorithm = jwk.algorithm(algorithm)?;
    let secret = jwk.need("k")?;
    let key = Key::new(algorithm, &*secret)?;
    Ok(match jwk.id()? {
        Some(id) => key.with_id(id),
        None => key,
    })
}

/// The members of a JWK, as JSON text. Parsers' own messages are dropped: they could quote a secret.
pub(super) struct Jwk<'j> {
    names: Names<'j>,
    members: Vec<(String, &'j RawValue)>,
}

impl<'j> Members<'j> for Jwk<'j> {
    fn names(&mut self) -> &mut Names<'j> {
        &mut self.names
    }

    fn take<A: MapAccess<'j>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        self.members.push((name.into(), map.next_value()?));
        Ok(())
    }
}

impl<'j> Jwk<'j> {
    pub(super) fn read(json: &'j str) -> Result<Self, Error> {
        let mut jwk = Self { names: Names::new(), members: Vec::new() };
        read_object(json, &mut jwk).map_err(|_| Error::invalid_key(KeyDefect::JwkSyntax))?;
        Ok(jwk)
    }

    /// The JSON text of a member.
    pub(super) fn member(&self, name: &str) -> Option<&'j RawValue> {
        self.members.iter().find(|(member, _)| member == name).map(|(_, value)| *value)
    }

    /// A member that is a string.
    pub(super) fn text(&self, name: &'static str) -> Result<Option<Secret>, Error> {
        self.member(name)
            .map(read_string)
            .transpose()
            .map_err(|()| Error::invalid_key(KeyDefect::JwkMemberType { member: name }))
    }

    /// A member that is bytes in base64url (RFC 7518 §6).
    pub(super) fn bytes(&self, name: &'static str) -> Result<Option<Secret>, Error> {
        let encoding = |_| Error::invalid_key(KeyDefect::JwkMemberEncoding { member: name });
        self.text(name)?.map(|text| decode_base64url(&text).map_err(encoding)).transpose()
    }

    /// The `kty`, if it is one of RFC 7518 §6.1 and RFC 8037 §2.
    fn kty(&self) -> Result<&'static str, Error> {
        let Some(kty) = self.text("kty")? else {
            return Err(Error::invalid_key(KeyDefect::JwkMemberMissing { member: "kty" }));
        };
        ["oct", "EC", "OKP", "RSA"]
            .into_iter()
            .find(|known| kty.as_str() == *known)
            .ok_or(Error::invalid_key(KeyDefect::JwkUnsupported { member: "kty" }))
    }

    /// The id (RFC 7517 §4.5).
    pub(super) fn id(&self) -> Result<Option<String>, Error> {
        Ok(self.text("kid")?.map(|id| id.as_str().to_owned()))
    }

    /// The algorithm (RFC 7517 §4.4): the one that it names, or else the caller's.
    pub(super) fn algorithm(&self, otherwise: Option<Algorithm>) -> Result<Algorithm, Error> {
        match (self.text("alg")?, otherwise) {
            (None, None) => Err(Error::invalid_key(KeyDefect::JwkWithoutAlgorithm)),
            (None, Some(otherwise)) => Ok(otherwise),
            (Some(name), otherwise) => match Algorithm::from_name(name.as_str()) {
                None => Err(Error::invalid_key(KeyDefect::JwkUnsupported { member: "alg" })),
                Some(named) => match otherwise {
                    Some(algorithm) if algorithm != named => {
                        Err(Error::invalid_key(KeyDefect::JwkOtherAlgorithm { algorithm }))
                    }
                    _ => Ok(named),
                },
            },
        }
    }

    /// A member that has to be there.
    pub(super) fn need(&self, name: &'static str) -> Result<Secret, Error> {
        self.bytes(name)?.ok_or(Error::invalid_key(KeyDefect::JwkMemberMissing { member: name }))
    }

    /// The public part of a key on a curve, as an SPKI has it (RFC 7518 §6.2.1, RFC 8037 §2).
    #[cfg(feature = "public-keys")]
    pub(super) fn point(&self, kind: Kind) -> Result<Vec<u8>, Error> {
        let x = self.need("x")?;
        if kind == Kind::Ed25519 {
            return Ok(x.to_vec());
        }
        let y = self.need("y")?;
        if x.len() != kind.field_len() || y.len() != kind.field_len() {
            return Err(Error::invalid_key(KeyDefect::JwkCoordinates));
        }
        Ok([&[4], &*x, &*y].concat())
    }

    /// The algorithm of a key that names none and whose curve decides: of those, one that fits.
    #[cfg(feature = "public-keys")]
    fn curve_algorithm(&self, otherwise: Option<Algorithm>) -> Result<Option<Algorithm>, Error> {
        if self.member("alg").is_some() {
            return Ok(None);
        }
        match self.kind()? {
            KeyKind::P256 => Ok(Some(Algorithm::Es256)),
            KeyKind::P384 => Ok(Some(Algorithm::Es384)),
            KeyKind::Ed25519 if otherwise == Some(Algorithm::Ed25519) => Ok(otherwise),
            KeyKind::Ed25519 => Ok(Some(Algorithm::EdDsa)),
            KeyKind::Rsa => Ok(None),
            _ => Err(Error::invalid_key(KeyDefect::JwkUnsupported { member: "crv" })),
        }
    }

    /// The algorithm of a public or private key: the one that it names, the caller's, or the one that
    /// its curve decides; and one for its kind of key.
    #[cfg(feature = "public-keys")]
    pub(super) fn asymmetric_algorithm(
        &self,
        found: KeyKind,
        otherwise: Option<Algorithm>,
    ) -> Result<Algorithm, Error> {
        let algorithm = match otherwise {
            None => self.algorithm(self.curve_algorithm(None)?)?,
            Some(_) => self.algorithm(otherwise)?,
        };
        let needed = Kind::of(algorithm)?.name();
        if found == needed {
            return Ok(algorithm);
        }
        Err(Error::invalid_key(KeyDefect::OtherKind { needed, found }))
    }

    /// The kind of a public or private key (RFC 7518 §6.1, §6.2.1.1; RFC 8037 §2, RFC 8812 §3.1).
    #[cfg(feature = "public-keys")]
    pub(super) fn kind(&self) -> Result<KeyKind, Error> {
        let curves: &[(&str, KeyKind)] = match self.kty()? {
            "EC" => &[
                ("P-256", KeyKind::P256),
                ("P-384", KeyKind::P384),
                ("P-521", KeyKind::P521),
                ("secp256k1", KeyKind::Secp256k1),
            ],
            "OKP" => &[
                ("Ed25519", KeyKind::Ed25519),
                ("Ed448", KeyKind::Ed448),
                ("X25519", KeyKind::X25519),
                ("X448", KeyKind::X448),
            ],
            "RSA" => return Ok(KeyKind::Rsa),
            _ => return Err(Error::invalid_key(KeyDefect::JwkIsASecret)),
        };
        let Some(crv) = self.text("crv")? else {
            return Err(Error::invalid_key(KeyDefect::JwkMemberMissing { member: "crv" }));
        };
        curves
            .iter()
            .find(|(name, _)| crv.as_str() == *name)
            .map(|(_, kind)| *kind)
            .ok_or(Error::invalid_key(KeyDefect::JwkUnsupported { member: "crv" }))
    }

    /// Refuses a key that is for something else (RFC 7517 §4.2, §4.3).
    pub(super) fn check_use(&self, operations: &[&str]) -> Result<(), Error> {
        if self.text("use")?.is_some_and(|usage| usage.as_str() != "sig") {
            return Err(Error::invalid_key(KeyDefect::JwkUse));
        }
        let Some(key_ops) = self.member("key_ops") else { return Ok(()) };
        let key_ops: Vec<Cow<'_, str>> = serde_json::from_str(key_ops.get())
            .map_err(|_| Error::invalid_key(KeyDefect::JwkOperationsType))?;
        if key_ops.iter().any(|operation| operations.contains(&&**operation)) {
            return Ok(());
        }
        Err(Error::invalid_key(KeyDefect::JwkOperations))
    }
}

/// Reads a string, which may be secret. `serde_json` removes escapes in a buffer of its own, which
/// it frees unwiped. So it is made to read a longer text there first, to give the buffer its size,
/// and once more behind, to overwrite the string.
fn read_string(json: &RawValue) -> Result<Secret, ()> {
    let longer = format!("\"\\n{:1$}\"", "", json.get().len());
    let texts = Secret::concat(&[longer.as_bytes(), json.get().as_bytes(), longer.as_bytes()]);
    let mut strings = serde_json::Deserializer::from_slice(&texts).into_iter::<Secret>();
    let (_, string, _) = (strings.next(), strings.next(), strings.next());
    string.and_then(Result::ok).ok_or(())
}
