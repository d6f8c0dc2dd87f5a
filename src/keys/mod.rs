//! What checks tokens and what signs them: the traits, and what every kind of key has.

#[cfg(feature = "public-keys")]
mod backend;
#[cfg(feature = "public-keys")]
mod der;
mod hmac;
mod jwk;
mod key_set;
#[cfg(feature = "public-keys")]
mod pem;
#[cfg(feature = "public-keys")]
mod private;
#[cfg(feature = "public-keys")]
mod public;
#[cfg(feature = "public-keys")]
mod rsa;
mod secret;
mod text;

use alloc::{string::String, sync::Arc, vec::Vec};
use core::{ops::Deref, slice};

use crate::{
    algorithm::Algorithm,
    base64url,
    error::{Error, excerpt},
    header::Header,
    json::write_object,
    signature::Signature,
};

pub use self::{
    hmac::Key,
    key_set::{KeySet, SkippedKey},
};
#[cfg(feature = "public-keys")]
pub use self::{private::PrivateKey, public::PublicKey};

/// What a token can be checked with: a [`Key`] or a [`KeySet`], or a pointer to one (`&K`, `Box`,
/// `Rc`, `Arc`, `LazyLock`).
///
/// Sealed: this crate decides which key may check which token.
#[diagnostic::on_unimplemented(
    message = "a token cannot be checked with `{Self}`",
    label = "this is neither a key that verifies nor a set of them"
)]
pub trait Keys: CheckToken {}

/// What can sign a token: a [`Key`], or a pointer to one (`&K`, `Box`, `Rc`, `Arc`, `LazyLock`).
///
/// Sealed: there are no other kinds of keys that sign.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot sign",
    label = "this is not a key that signs"
)]
pub trait SigningKey: SignToken {}

impl<P: Deref<Target: Keys>> Keys for P {}
impl<P: Deref<Target: SigningKey>> SigningKey for P {}

/// The part of [`Keys`] that nobody else can name, and so not implement.
pub trait CheckToken {
    /// The header that this text is known to stand for, without a parse.
    fn known_header(&self, text: &str) -> Option<Header>;

    /// Chooses the keys by `kid` and `alg`, refuses `crit` and `b64`, and checks the signature; in
    /// this order.
    fn check(&self, header: &Header, signed: Signed<'_>) -> Result<Verified, Error>;
}

/// The part of [`SigningKey`] that nobody else can name, and so not implement.
pub trait SignToken {
    /// What the key has beside its secret.
    fn label(&self) -> &Label;

    /// Makes the signature of this text.
    fn sign(&self, signing_input: &[u8]) -> Result<Signature, Error>;
}

impl<P: Deref<Target: CheckToken>> CheckToken for P {
    fn known_header(&self, text: &str) -> Option<Header> {
        (**self).known_header(text)
    }

    fn check(&self, header: &Header, signed: Signed<'_>) -> Result<Verified, Error> {
        (**self).check(header, signed)
    }
}

impl<P: Deref<Target: SignToken>> SignToken for P {
    fn label(&self) -> &Label {
        (**self).label()
    }

    fn sign(&self, signing_input: &[u8]) -> Result<Signature, Error> {
        (**self).sign(signing_input)
    }
}

/// What is signed, and the signature.
#[derive(Debug, Clone, Copy)]
pub struct Signed<'t> {
    pub(crate) signing_input: &'t [u8],
    pub(crate) signature: &'t [u8],
}

/// That a signature is right, and the issuers whose tokens the key may verify; `None` if it may
/// verify those of any.
#[derive(Debug, Clone)]
pub struct Verified {
    pub(crate) issuers: Option<Arc<[String]>>,
}

/// One key that verifies.
pub(crate) trait VerifyingKey {
    /// What the key has beside its secret.
    fn label(&self) -> &Label;

    /// Whether this is the signature for this text.
    fn verifies(&self, signed: Signed<'_>) -> bool;
}

/// Checks a token with those of the keys that are for its `alg`.
#[inline]
fn check_with<'k, K: VerifyingKey + 'k>(
    keys: impl Iterator<Item = &'k K> + Clone,
    header: &Header,
    signed: Signed<'_>,
) -> Result<Verified, Error> {
    let is_for_alg = |key: &&K| header.alg() == Some(key.label().algorithm.name());
    if !keys.clone().any(|key| is_for_alg(&key)) {
        return Err(algorithm_mismatch(keys, header));
    }
    header.check_critical()?;

    let mut issuers: Option<Arc<[String]>> = None;
    for key in keys.filter(is_for_alg).filter(|key| key.verifies(signed)) {
        let Some(issuer) = &key.label().issuer else { return Ok(Verified { issuers: None }) };
        // Another key with the same secret may be bound to another issuer.
        issuers = Some(match issuers {
            None => Arc::clone(issuer),
            Some(earlier) => earlier.iter().chain(issuer.iter()).cloned().collect(),
        });
    }
    match issuers {
        None => Err(Error::InvalidSignature),
        Some(_) => Ok(Verified { issuers }),
    }
}

#[cold]
fn algorithm_mismatch<'k, K: VerifyingKey + 'k>(
    mut keys: impl Iterator<Item = &'k K>,
    header: &Header,
) -> Error {
    let expected = match (keys.next(), keys.next()) {
        (Some(only), None) => Some(only.label().algorithm),
        _ => None,
    };
    Error::AlgorithmMismatch { expected, found: excerpt(header.alg().unwrap_or_default()) }
}

/// What every kind of key has beside its secret.
#[derive(Debug, Clone)]
pub struct Label {
    algorithm: Algorithm,
    id: Option<String>,
    /// One issuer, in the form in which an error has it.
    issuer: Option<Arc<[String]>>,
    /// Header segments of tokens for this key, in the order of members in which libraries write
    /// them, and the header that each stands for. The first one is what the key itself writes.
    known_headers: Arc<[(String, Header)]>,
}

impl Label {
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        Self { algorithm, id: None, issuer: None, known_headers: known_headers(algorithm, None) }
    }

    pub(crate) fn with_id(mut self, id: String) -> Self {
        self.known_headers = known_headers(self.algorithm, Some(&id));
        self.id = Some(id);
        self
    }

    pub(crate) fn with_issuer(mut self, issuer: String) -> Self {
        self.issuer = Some(Arc::from([issuer]));
        self
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(crate) fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    pub(crate) fn issuer(&self) -> Option<&str> {
        self.issuer.as_ref()?.first().map(String::as_str)
    }

    /// The header segment that the key writes unless the caller asks for another header.
    pub(crate) fn header_text(&self) -> &str {
        self.known_headers.first().map_or("", |(text, _)| text)
    }

    /// Those of a token with a `kid`, which is the key's id, and of one without.
    pub(crate) fn known_headers(&self) -> &[(String, Header)] {
        &self.known_headers
    }

    fn known_header(&self, text: &str) -> Option<Header> {
        self.known_headers.iter().find(|(known, _)| known == text).map(|(_, header)| header.clone())
    }
}

/// The texts of headers that have only `alg`, `typ` `JWT` and this `kid`: what this crate, PyJWT and
/// the `jsonwebtoken` of npm and of Rust, PHP, Ruby and Go write.
fn known_headers(algorithm: Algorithm, kid: Option<&str>) -> Arc<[(String, Header)]> {
    let alg = ("alg", algorithm.name());
    let typ = ("typ", "JWT");
    let header = Header::known(algorithm, None);
    let mut known = Vec::new();
    let mut push = |members: &[(&str, &str)], header: &Header| {
        // Strings can be written.
        if let Ok(json) = write_object(members) {
            known.push((base64url::encode_to_string(json.as_bytes()), header.clone()));
        }
    };
    if let Some(id) = kid {
        let kid = ("kid", id);
        let header = Header::known(algorithm, Some(id));
        push(&[alg, kid, typ], &header);
        push(&[alg, typ, kid], &header);
        push(&[typ, alg, kid], &header);
    }
    push(&[alg, typ], &header);
    push(&[typ, alg], &header);
    push(&[alg], &header.clone().without_typ());
    known.into()
}

fn unknown_key(kid: Option<&str>) -> Error {
    Error::UnknownKey { kid: kid.map(excerpt) }
}

/// What a single key does as [`Keys`].
macro_rules! single_key {
    ($($key:ty)*) => {
        $(impl CheckToken for $key {
            #[inline]
            fn known_header(&self, text: &str) -> Option<Header> {
                VerifyingKey::label(self).known_header(text)
            }

            #[inline]
            fn check(&self, header: &Header, signed: Signed<'_>) -> Result<Verified, Error> {
                match (header.kid(), self.id()) {
                    (Some(kid), Some(id)) if kid != id => Err(unknown_key(Some(kid))),
                    _ => check_with(slice::from_ref(self).iter(), header, signed),
                }
            }
        }

        impl Keys for $key {})*
    };
}

single_key!(Key);
#[cfg(feature = "public-keys")]
single_key!(PublicKey);

impl SigningKey for Key {}
#[cfg(feature = "public-keys")]
impl SigningKey for PrivateKey {}

#[cfg(test)]
mod tests {
    use super::*;

    /// The known texts stand for what the parser would read out of them.
    #[test]
    fn known_headers_read_as_their_json() {
        let mut count = 0;
        for &algorithm in Algorithm::ALL {
            for id in [None, Some("a"), Some("\u{e9}\"\\\n")] {
                let label = Label::new(algorithm);
                let label = id.iter().fold(label, |label, id| label.with_id((*id).into()));
                for (text, header) in label.known_headers() {
                    assert_eq!(Header::parse(text).as_ref(), Ok(header));
                    count += 1;
                }
            }
        }
        assert_eq!(count, Algorithm::ALL.len() * (3 + 6 + 6));
    }
}
