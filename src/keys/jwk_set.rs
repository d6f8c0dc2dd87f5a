//! JWK Sets, and keys of JWKs of any kind.

use alloc::string::String;

use serde::de::{IgnoredAny, MapAccess};

#[cfg(feature = "public-keys")]
use super::public::PublicKey;
use super::{
    hmac::Key,
    jwk::{Jwk, SetValue, SetValueSeed, UnreadableKeys, refuse_byte_order_mark},
    verification_key::VerificationKey,
};
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
    /// [`Error::InvalidKey`] if it is anything else, and the errors of [`Key::new`].
    pub fn from_jwk(json: &str) -> Result<Self, Error> {
        read_secret(&Jwk::parse(json)?, None)
    }

    /// Reads a JSON Web Key as [`from_jwk`](Self::from_jwk) does. If it names no `alg`, it is for
    /// this algorithm.
    ///
    /// # Errors
    ///
    /// The errors of [`from_jwk`](Self::from_jwk), and [`Error::InvalidKey`] if it names another `alg`.
    pub fn from_jwk_for(algorithm: Algorithm, json: &str) -> Result<Self, Error> {
        read_secret(&Jwk::parse(json)?, Some(algorithm))
    }
}

/// The most keys of a set that are skipped because they cannot be read. Each costs another reading of the
/// text, so a set with more is rejected.
const MAX_UNREADABLE: usize = 64;

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

/// Reads the keys of a JWK Set (RFC 7517 §5), one after the other.
pub(super) fn read_set(
    json: &str,
    options: JwkSetOptions,
) -> Result<impl Iterator<Item = SetMember>, Error> {
    refuse_byte_order_mark(json)?;
    let mut unreadable = UnreadableKeys::default();
    let keys = loop {
        let mut set = JwkSet { names: Names::new(), keys: None, unreadable: &unreadable };
        if read_object(json, &mut set).is_ok() {
            break set.keys;
        }
        // If the parser stopped in a key, it is skipped and the set is read again.
        let is_skipped = match unreadable.current.take() {
            Some(position) => unreadable.positions.insert(position),
            None => false,
        };
        if !is_skipped {
            return Err(Error::invalid_key(KeyDefect::JwkSetSyntax));
        }
        if unreadable.positions.len() > MAX_UNREADABLE {
            let max = MAX_UNREADABLE;
            return Err(Error::invalid_key(KeyDefect::JwkSetUnreadableKeys { max }));
        }
    };
    let keys = match keys {
        None => return Err(Error::invalid_key(KeyDefect::JwkSetWithoutKeys)),
        Some(SetValue::Array(keys)) => keys,
        Some(_) => return Err(Error::invalid_key(KeyDefect::JwkSetKeysType)),
    };
    let read = move |value: SetValue<'_>| match value {
        SetValue::Object(jwk) => (jwk.id().ok().flatten(), read_key(&jwk, options)),
        SetValue::Array(_) | SetValue::Other => {
            (None, Err(Error::invalid_key(KeyDefect::JwkSyntax)))
        }
    };
    Ok(keys.into_iter().map(read))
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

/// The member `keys` of a JWK Set.
struct JwkSet<'j, 'u> {
    names: Names<'j>,
    keys: Option<SetValue<'j>>,
    unreadable: &'u UnreadableKeys,
}

impl<'j> Members<'j> for JwkSet<'j, '_> {
    fn names(&mut self) -> &mut Names<'j> {
        &mut self.names
    }

    fn member<A: MapAccess<'j>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        if name == "keys" {
            self.keys = Some(map.next_value_seed(SetValueSeed::Keys(self.unreadable))?);
        } else {
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}
