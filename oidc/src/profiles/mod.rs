//! What each kind of token has to say: small policies over [`Validation`].

mod access;
mod id;
mod login;
mod logout;

use jwt_codec::{Error, KeySet, Validation, VerifiedToken, Verifier};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

pub use self::{
    access::AccessTokenVerifier,
    id::IdTokenVerifier,
    login::Login,
    logout::{LogoutToken, LogoutTokenVerifier},
};

/// Verifies the signature under the policy's limit of length. The claims are read afterwards, by the
/// profile and then by the caller's type.
fn verify<'t>(
    token: &'t str,
    keys: &KeySet,
    policy: &Validation,
) -> Result<VerifiedToken<'t>, Error> {
    Verifier::new(keys, policy.clone()).verify(token)
}

/// Reads a claim that is there, `null` too, which an `Option` alone takes for absent.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}
