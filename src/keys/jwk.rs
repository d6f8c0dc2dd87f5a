//! JSON Web Keys (RFC 7517): a secret with its algorithm and its id, and sets of them.

use alloc::{borrow::Cow, collections::BTreeSet, string::String, vec::Vec};
use core::fmt;

use serde::{
    Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

#[cfg(feature = "public-keys")]
use super::{backend::Kind, public::PublicKey};
use super::{hmac::Key, secret::Secret, text::decode_base64url, verification_key::VerificationKey};
#[cfg(feature = "public-keys")]
use crate::error::KeyKind;
use crate::{
    algorithm::Algorithm,
    error::{Error, KeyDefect},
    json::{Members, Name, Names, ShallowValue, is_reserved_free, read_object},
};

/// The members that are read (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2).
const MEMBERS: [&str; 18] = [
    "kty", "alg", "kid", "use", "key_ops", "crv", "x", "y", "n", "e", "k", "d", "p", "q", "dp",
    "dq", "qi", "oth",
];

/// The members that are secret (RFC 7518 §6.2.2, §6.3.2, §6.4.1; RFC 8037 §2).
pub(super) const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

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
        read_secret(&Jwk::parse(json)?, None)
    }

    /// Reads a JSON Web Key as [`from_jwk`](Self::from_jwk) does. If it names no `alg`, it is for
    /// this algorithm.
    ///
    /// # Errors
    ///
    /// Those of [`from_jwk`](Self::from_jwk), and [`Error::InvalidKey`] if it names another `alg`.
    pub fn from_jwk_for(algorithm: Algorithm, json: &str) -> Result<Self, Error> {
        read_secret(&Jwk::parse(json)?, Some(algorithm))
    }
}

/// How a JWK Set is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct JwkSetOptions {
    /// The algorithm of keys that name none.
    algorithm: Option<Algorithm>,
    /// Whether the set is published, so that a secret in it is known to everybody.
    is_published: bool,
}

impl JwkSetOptions {
    pub(super) const fn own(algorithm: Option<Algorithm>) -> Self {
        Self { algorithm, is_published: false }
    }

    #[cfg(feature = "public-keys")]
    pub(super) const fn published(algorithm: Option<Algorithm>) -> Self {
        Self { algorithm, is_published: true }
    }
}

/// The id of a key in a JWK Set, and the key or why it cannot be used.
type SetMember = (Option<String>, Result<VerificationKey, Error>);

/// Reads the keys of a JWK Set (RFC 7517 §5).
pub(super) fn read_set(json: &str, options: JwkSetOptions) -> Result<Vec<SetMember>, Error> {
    refuse_byte_order_mark(json)?;
    let mut set = JwkSet { names: Names::new(), keys: None };
    read_object(json, &mut set).map_err(|_| Error::invalid_key(KeyDefect::JwkSetSyntax))?;
    let keys = match set.keys {
        None => return Err(Error::invalid_key(KeyDefect::JwkSetWithoutKeys)),
        Some(SetValue::Array(keys)) => keys,
        Some(_) => return Err(Error::invalid_key(KeyDefect::JwkSetKeysType)),
    };
    let read = |value: SetValue<'_>| match value {
        SetValue::Object(jwk) => (jwk.id().ok().flatten(), read_key(&jwk, options)),
        SetValue::Array(_) | SetValue::Other => {
            (None, Err(Error::invalid_key(KeyDefect::JwkSyntax)))
        }
    };
    Ok(keys.into_iter().map(read).collect())
}

#[cfg(not(feature = "public-keys"))]
fn read_key(jwk: &Jwk<'_>, options: JwkSetOptions) -> Result<VerificationKey, Error> {
    debug_assert!(!options.is_published, "only public keys are published");
    read_secret(jwk, options.algorithm).map(VerificationKey::from)
}

#[cfg(feature = "public-keys")]
fn read_key(jwk: &Jwk<'_>, options: JwkSetOptions) -> Result<VerificationKey, Error> {
    match jwk.kty()? {
        "oct" if options.is_published => Err(Error::invalid_key(KeyDefect::JwkPublishedSecret)),
        "oct" => read_secret(jwk, options.algorithm).map(VerificationKey::from),
        _ => {
            // The algorithm that the curve implies, and that the key names in a published set, comes
            // before the caller's.
            let algorithm = if options.is_published && jwk.member("alg").is_some() {
                None
            } else {
                jwk.curve_algorithm(options.algorithm)?.or(options.algorithm)
            };
            PublicKey::read(jwk, algorithm).map(VerificationKey::from)
        }
    }
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

fn refuse_byte_order_mark(json: &str) -> Result<(), Error> {
    if json.starts_with('\u{feff}') {
        return Err(Error::invalid_key(KeyDefect::JwkByteOrderMark));
    }
    Ok(())
}

/// The member `keys` of a JWK Set.
struct JwkSet<'j> {
    names: Names<'j>,
    keys: Option<SetValue<'j>>,
}

impl<'j> Members<'j> for JwkSet<'j> {
    fn names(&mut self) -> &mut Names<'j> {
        &mut self.names
    }

    fn member<A: MapAccess<'j>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        if name == "keys" {
            self.keys = Some(map.next_value_seed(SetValueSeed::Keys)?);
        } else {
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

/// A value in a JWK Set: `keys`, a key, or what stands in the place of one.
enum SetValue<'j> {
    Array(Vec<Self>),
    Object(Jwk<'j>),
    Other,
}

/// Where a value stands. Only `keys` may be an array, and only a key an object, so that nesting takes
/// no recursion.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SetValueSeed {
    Keys,
    Key,
}

impl<'j> DeserializeSeed<'j> for SetValueSeed {
    type Value = SetValue<'j>;

    fn deserialize<D: Deserializer<'j>>(self, deserializer: D) -> Result<SetValue<'j>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'j> Visitor<'j> for SetValueSeed {
    type Value = SetValue<'j>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<SetValue<'j>, E> {
        Ok(SetValue::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<SetValue<'j>, E> {
        Ok(SetValue::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<SetValue<'j>, E> {
        Ok(SetValue::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<SetValue<'j>, E> {
        Ok(SetValue::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<SetValue<'j>, E> {
        Ok(SetValue::Other)
    }

    fn visit_str<E>(self, _: &str) -> Result<SetValue<'j>, E> {
        Ok(SetValue::Other)
    }

    fn visit_seq<A: SeqAccess<'j>>(self, mut seq: A) -> Result<SetValue<'j>, A::Error> {
        let mut keys = Vec::new();
        if self == Self::Keys {
            while let Some(key) = seq.next_element_seed(Self::Key)? {
                keys.push(key);
            }
            return Ok(SetValue::Array(keys));
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(SetValue::Other)
    }

    fn visit_map<A: MapAccess<'j>>(self, mut map: A) -> Result<SetValue<'j>, A::Error> {
        if self == Self::Key {
            return Jwk::from_members(map).map(SetValue::Object);
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(SetValue::Other)
    }
}

/// The members of a JWK that are read. A parser's own messages are dropped: they could quote a secret.
pub(super) struct Jwk<'j> {
    members: Vec<(&'static str, ShallowValue<'j>)>,
    has_duplicate: bool,
}

impl<'j> Jwk<'j> {
    pub(super) fn parse(json: &'j str) -> Result<Self, Error> {
        refuse_byte_order_mark(json)?;
        let syntax = || Error::invalid_key(KeyDefect::JwkSyntax);
        if !is_reserved_free(json.as_bytes()) {
            return Err(syntax());
        }
        let mut deserializer = serde_json::Deserializer::from_str(json);
        let value = SetValueSeed::Key.deserialize(&mut deserializer).map_err(|_| syntax())?;
        deserializer.end().map_err(|_| syntax())?;
        match value {
            SetValue::Object(jwk) => Ok(jwk),
            SetValue::Array(_) | SetValue::Other => Err(syntax()),
        }
    }

    fn from_members<A: MapAccess<'j>>(mut map: A) -> Result<Self, A::Error> {
        let mut names = Names::new();
        let mut jwk = Self { members: Vec::new(), has_duplicate: false };
        while let Some(name) = map.next_key_seed(Name)? {
            jwk.has_duplicate |= !names.insert(&name);
            match MEMBERS.into_iter().find(|member| *member == name) {
                Some(member) => jwk.members.push((member, map.next_value()?)),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(jwk)
    }

    pub(super) fn member(&self, name: &str) -> Option<&ShallowValue<'j>> {
        self.members.iter().find(|(member, _)| *member == name).map(|(_, value)| value)
    }

    /// A member that is a string.
    fn string(&self, name: &'static str) -> Result<Option<&Cow<'j, str>>, Error> {
        match self.member(name) {
            None => Ok(None),
            Some(ShallowValue::String(text)) => Ok(Some(text)),
            Some(_) => Err(Error::invalid_key(KeyDefect::JwkMemberType { member: name })),
        }
    }

    pub(super) fn text(&self, name: &'static str) -> Result<Option<&str>, Error> {
        Ok(self.string(name)?.map(AsRef::as_ref))
    }

    /// A member that is bytes in base64url (RFC 7518 §6). A secret with an escape is rejected:
    /// base64url needs none, and `serde_json` leaves a copy of the unescaped text in memory.
    pub(super) fn bytes(&self, name: &'static str) -> Result<Option<Secret>, Error> {
        let encoding = || Error::invalid_key(KeyDefect::JwkMemberEncoding { member: name });
        match self.string(name)? {
            None => Ok(None),
            Some(Cow::Owned(_)) if PRIVATE_MEMBERS.contains(&name) => Err(encoding()),
            Some(text) => decode_base64url(text.as_bytes()).map(Some).map_err(|_| encoding()),
        }
    }

    /// The `kty`, if it is one of RFC 7518 §6.1 and RFC 8037 §2.
    fn kty(&self) -> Result<&'static str, Error> {
        if self.has_duplicate {
            return Err(Error::invalid_key(KeyDefect::JwkSyntax));
        }
        let Some(kty) = self.text("kty")? else {
            return Err(Error::invalid_key(KeyDefect::JwkMemberMissing { member: "kty" }));
        };
        ["oct", "EC", "OKP", "RSA"]
            .into_iter()
            .find(|known| kty == *known)
            .ok_or(Error::invalid_key(KeyDefect::JwkUnsupported { member: "kty" }))
    }

    /// The id (RFC 7517 §4.5).
    pub(super) fn id(&self) -> Result<Option<String>, Error> {
        Ok(self.text("kid")?.map(Into::into))
    }

    /// The algorithm that the key names (RFC 7517 §4.4), or else the caller's. Both have to agree.
    pub(super) fn algorithm(&self, otherwise: Option<Algorithm>) -> Result<Algorithm, Error> {
        match (self.text("alg")?, otherwise) {
            (None, None) => Err(Error::invalid_key(KeyDefect::JwkWithoutAlgorithm)),
            (None, Some(otherwise)) => Ok(otherwise),
            (Some(name), otherwise) => match Algorithm::from_name(name) {
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

    /// The algorithm that the curve implies when `alg` is absent.
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
            .find(|(name, _)| crv == *name)
            .map(|(_, kind)| *kind)
            .ok_or(Error::invalid_key(KeyDefect::JwkUnsupported { member: "crv" }))
    }

    /// Rejects a key that is not for signatures (RFC 7517 §4.2, §4.3). SPIFFE names JWT-SVIDs as the use.
    pub(super) fn check_use(&self, operations: &[&str]) -> Result<(), Error> {
        if self.text("use")?.is_some_and(|usage| !matches!(usage, "sig" | "jwt-svid")) {
            return Err(Error::invalid_key(KeyDefect::JwkUse));
        }
        let key_ops = match self.member("key_ops") {
            None => return Ok(()),
            Some(ShallowValue::Array(key_ops, None)) => key_ops,
            Some(_) => return Err(Error::invalid_key(KeyDefect::JwkOperationsType)),
        };
        if key_ops.iter().collect::<BTreeSet<_>>().len() < key_ops.len() {
            return Err(Error::invalid_key(KeyDefect::JwkOperationTwice));
        }
        if key_ops.iter().any(|operation| operations.contains(&&**operation)) {
            return Ok(());
        }
        Err(Error::invalid_key(KeyDefect::JwkOperations))
    }
}
