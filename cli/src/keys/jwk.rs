//! What kind of key a JWK is. Everything else about it is the library's to read.

use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

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

/// `None` if it is no JSON object, or one in which a member is there twice.
pub(crate) fn kind(json: &str) -> Option<Kind> {
    let jwk: Jwk = serde_json::from_str(json).ok()?;
    Some(match (jwk.kty.as_deref(), jwk.d, jwk.keys) {
        (None, _, Some(_)) => Kind::Set,
        (Some("oct"), _, _) => Kind::Secret,
        (_, Some(_), _) => Kind::Private,
        _ => Kind::Public,
    })
}

/// The members of a secret that are needed where the library does not give them back.
#[derive(Deserialize)]
pub(crate) struct Secret {
    pub(crate) k: String,
    pub(crate) kid: Option<String>,
}

/// The text of the keys of a JWK Set, and their ids.
pub(crate) fn keys_of(set: &str) -> Option<Vec<(Option<String>, &RawValue)>> {
    #[derive(Deserialize)]
    struct Set<'j> {
        #[serde(borrow)]
        keys: Vec<&'j RawValue>,
    }
    #[derive(Deserialize)]
    struct Id {
        kid: Option<String>,
    }

    let set: Set<'_> = serde_json::from_str(set).ok()?;
    let id = |jwk: &RawValue| serde_json::from_str::<Id>(jwk.get()).ok().and_then(|id| id.kid);
    Some(set.keys.into_iter().map(|jwk| (id(jwk), jwk)).collect())
}
