//! What kind of key a JWK is. The crate reads everything else.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jwt_codec::Algorithm;
use serde::{Deserialize, de::IgnoredAny};

use crate::json;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Secret,
    Private,
    Public,
    /// A JWK Set.
    Set,
}

#[derive(Deserialize)]
struct Jwk {
    kty: Option<String>,
    d: Option<IgnoredAny>,
    keys: Option<IgnoredAny>,
}

/// Returns `None` if the text is not a JSON object, or if one of these members appears twice.
pub(crate) fn kind(json: &str) -> Option<Kind> {
    let jwk: Jwk = serde_json::from_str(json).ok()?;
    Some(match (jwk.kty.as_deref(), jwk.d, jwk.keys) {
        (None, _, Some(_)) => Kind::Set,
        (Some("oct"), _, _) => Kind::Secret,
        (_, Some(_), _) => Kind::Private,
        _ => Kind::Public,
    })
}

/// Returns the secret, which the crate does not return.
pub(crate) fn secret(jwk: &str) -> Option<Vec<u8>> {
    #[derive(Deserialize)]
    struct Secret {
        k: String,
    }

    let Secret { k } = serde_json::from_str(jwk).ok()?;
    BASE64_URL_SAFE_NO_PAD.decode(k).ok()
}

/// Returns the JWK with another secret.
pub(crate) fn with_secret(jwk: &str, secret: &[u8]) -> Option<String> {
    let k = json::text(&BASE64_URL_SAFE_NO_PAD.encode(secret)).ok()?;
    let members = json::members(jwk).ok()?;
    let other = |(name, value)| (name, if name == "k" { k.as_str() } else { value });
    json::object(members.iter().map(|(name, value)| other((name.as_str(), *value)))).ok()
}

/// A key of a JWK Set: what it is chosen by, and its text.
pub(crate) struct Entry<'j> {
    pub(crate) names: Names,
    pub(crate) jwk: &'j str,
}

#[derive(Default, Deserialize)]
pub(crate) struct Names {
    pub(crate) kid: Option<String>,
    alg: Option<String>,
    kty: Option<String>,
    crv: Option<String>,
}

impl Names {
    /// Whether the key is for this algorithm: it names it, or names none and is of its kind (RFC 7518
    /// §6, RFC 8037 §2). A key that cannot be read may be.
    pub(crate) fn fit(&self, algorithm: Algorithm) -> bool {
        if let Some(alg) = &self.alg {
            return *alg == algorithm.to_string();
        }
        let (kty, crv) = match algorithm {
            Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => ("oct", None),
            Algorithm::Es256 => ("EC", Some("P-256")),
            Algorithm::Es384 => ("EC", Some("P-384")),
            Algorithm::EdDsa | Algorithm::Ed25519 => ("OKP", Some("Ed25519")),
            _ => ("RSA", None),
        };
        self.kty.is_none() || self.kty.as_deref() == Some(kty) && self.crv.as_deref() == crv
    }
}

/// Returns the keys of a JWK Set.
pub(crate) fn entries(set: &str) -> Option<Vec<Entry<'_>>> {
    let members = json::members(set).ok()?;
    let (_, keys) = members.into_iter().find(|(name, _)| name == "keys")?;
    let entry = |jwk| Entry { names: serde_json::from_str(jwk).unwrap_or_default(), jwk };
    Some(json::elements(keys).ok()?.into_iter().map(entry).collect())
}

/// Whether a JWK Set has secrets, and no public or private key. A key of an unknown kind does not count; a
/// key that cannot be read may be a public one.
pub(crate) fn are_secrets(set: &str) -> bool {
    /// The registered values of `kty`, except `oct`.
    const KEY_PAIRS: [&str; 4] = ["AKP", "EC", "OKP", "RSA"];

    let kty =
        |entry: Entry| Some(serde_json::from_str::<Jwk>(entry.jwk).ok()?.kty.unwrap_or_default());
    let kinds: Option<Vec<String>> =
        entries(set).unwrap_or_default().into_iter().map(kty).collect();
    kinds.is_some_and(|kinds| {
        kinds.iter().any(|kty| kty == "oct")
            && !kinds.iter().any(|kty| KEY_PAIRS.contains(&kty.as_str()))
    })
}
