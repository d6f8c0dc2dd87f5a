//! JSON Web Keys (RFC 7517): their members, read and checked.

use alloc::{borrow::Cow, collections::BTreeSet, string::String, vec::Vec};
use core::{cell::Cell, fmt};

use serde::{
    Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

#[cfg(feature = "public-keys")]
use super::kind::Kind;
use super::{secret::Secret, text::decode_base64url};
#[cfg(feature = "public-keys")]
use crate::error::KeyKind;
use crate::{
    algorithm::Algorithm,
    error::{Error, KeyDefect},
    json::{NUMBER, Name, Names, ShallowValue, is_reserved_free},
};

/// The members that are read (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2).
const MEMBERS: [&str; 18] = [
    "kty", "alg", "kid", "use", "key_ops", "crv", "x", "y", "n", "e", "k", "d", "p", "q", "dp",
    "dq", "qi", "oth",
];

/// The members that are secret (RFC 7518 §6.2.2, §6.3.2, §6.4.1; RFC 8037 §2).
pub(super) const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

pub(super) fn refuse_byte_order_mark(json: &str) -> Result<(), Error> {
    if json.starts_with('\u{feff}') {
        return Err(Error::invalid_key(KeyDefect::JwkByteOrderMark));
    }
    Ok(())
}

/// A value in a JWK Set: `keys`, a key, or what stands in the place of one.
pub(super) enum SetValue<'j> {
    Array(Vec<Self>),
    Object(Jwk<'j>),
    Other,
}

/// Where a value stands. Only `keys` may be an array, and only a key an object, so that nesting takes
/// no recursion.
#[derive(Clone, Copy)]
pub(super) enum SetValueSeed<'u> {
    Keys(&'u UnreadableKeys),
    Key,
}

/// The keys of a set that `serde_json` cannot read, such as one with half a surrogate pair in a string.
/// They are skipped in the next reading, so that they do not affect the others.
#[derive(Default)]
pub(super) struct UnreadableKeys {
    pub(super) positions: BTreeSet<usize>,
    /// The position of the key that is being read.
    pub(super) current: Cell<Option<usize>>,
}

impl<'j> DeserializeSeed<'j> for SetValueSeed<'_> {
    type Value = SetValue<'j>;

    fn deserialize<D: Deserializer<'j>>(self, deserializer: D) -> Result<SetValue<'j>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'j> Visitor<'j> for SetValueSeed<'_> {
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
        if let Self::Keys(unreadable) = self {
            let mut keys = Vec::new();
            loop {
                unreadable.current.set(Some(keys.len()));
                let key = if unreadable.positions.contains(&keys.len()) {
                    seq.next_element::<IgnoredAny>()?.map(|_| SetValue::Other)
                } else {
                    seq.next_element_seed(Self::Key)?
                };
                match key {
                    Some(key) => keys.push(key),
                    None => break,
                }
            }
            unreadable.current.set(None);
            return Ok(SetValue::Array(keys));
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(SetValue::Other)
    }

    fn visit_map<A: MapAccess<'j>>(self, mut map: A) -> Result<SetValue<'j>, A::Error> {
        if let Self::Key = self {
            return Jwk::from_members(map).map(SetValue::Object);
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(SetValue::Other)
    }
}

/// The members of a JWK that are read. A parser's own messages are dropped: they could quote a secret.
pub(super) struct Jwk<'j> {
    members: Vec<(&'static str, ShallowValue<'j>)>,
    /// Whether a name is there twice, or this is a number that `serde_json` presents as an object.
    is_malformed: bool,
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
        let mut jwk = Self { members: Vec::new(), is_malformed: false };
        while let Some(name) = map.next_key_seed(Name)? {
            jwk.is_malformed |= !names.insert(&name) || name == NUMBER;
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
    pub(super) fn kty(&self) -> Result<&'static str, Error> {
        if self.is_malformed {
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
    pub(super) fn curve_algorithm(
        &self,
        otherwise: Option<Algorithm>,
    ) -> Result<Option<Algorithm>, Error> {
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
            Some(ShallowValue::Strings(key_ops)) => key_ops,
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
