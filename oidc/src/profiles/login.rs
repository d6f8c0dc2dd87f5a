//! What a login asked the issuer for, with which its ID token is compared.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jwt_codec::{Audience, NumericDate, Validation};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::present;
use crate::error::OidcError;

/// What one login asked for: its nonce above all.
///
/// The program makes the nonce at random when it sends the user to the issuer, keeps it in the
/// user's session, and passes it here when the ID token comes (OpenID Connect Core 1.0 §15.5.2).
///
/// ```
/// use std::time::Duration;
/// use jwt_codec_oidc::Login;
///
/// let login = Login::with_nonce("n-0S6_WzA2Mj").max_age(Duration::from_secs(3600));
/// # let _ = login;
/// ```
#[derive(Clone)]
pub struct Login {
    nonce: Option<String>,
    access_token: Option<String>,
    max_age: Option<Duration>,
    acr: Option<String>,
}

/// The claims of an ID token that the client and its login look at (OpenID Connect Core 1.0 §2). All in
/// one struct: `flatten` would read every other claim, too, and fail for one that no `Value` holds.
#[derive(Deserialize)]
pub(super) struct IdClaims {
    pub(super) aud: Option<Audience>,
    #[serde(default, deserialize_with = "present")]
    pub(super) azp: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    nonce: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    auth_time: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    acr: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    at_hash: Option<Value>,
}

impl Login {
    /// Makes a login that sent this nonce: the ID token has to have it. An empty nonce
    /// matches no token.
    #[must_use]
    pub fn with_nonce(nonce: impl Into<String>) -> Self {
        Self { nonce: Some(nonce.into()), ..Self::without_nonce() }
    }

    /// Makes a login that sent no nonce: the ID token must not have one.
    #[must_use]
    pub fn without_nonce() -> Self {
        Self { nonce: None, access_token: None, max_age: None, acr: None }
    }

    /// Compares the ID token's `at_hash`, if it has one, with the access token that came with it
    /// (OpenID Connect Core 1.0 §3.1.3.8).
    #[must_use]
    pub fn access_token(mut self, token: impl Into<String>) -> Self {
        self.access_token = Some(token.into());
        self
    }

    /// Requires that the user was authenticated at most this long ago: the `max_age` that the login
    /// asked for. The leeway of the policy is added.
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self
    }

    /// Requires this authentication context (`acr`), which the login asked for.
    #[must_use]
    pub fn acr(mut self, context: impl Into<String>) -> Self {
        self.acr = Some(context.into());
        self
    }

    /// The policy with the claims that this login requires.
    pub(super) fn policy(&self, policy: &Validation) -> Validation {
        let policy = policy.clone();
        if self.max_age.is_some() { policy.require("auth_time") } else { policy }
    }

    /// OpenID Connect Core 1.0 §3.1.3.7, rules 11 to 13, and §3.1.3.8.
    pub(super) fn check(
        &self,
        claims: &IdClaims,
        alg: Option<&str>,
        policy: &Validation,
    ) -> Result<(), OidcError> {
        self.check_nonce(claims.nonce.as_ref())?;
        self.check_auth_time(claims.auth_time.as_ref(), policy)?;
        self.check_acr(claims.acr.as_ref())?;
        self.check_at_hash(claims.at_hash.as_ref(), alg)
    }

    fn check_nonce(&self, found: Option<&Value>) -> Result<(), OidcError> {
        match (&self.nonce, found) {
            (None, None) => Ok(()),
            (None, Some(_)) => Err(OidcError::UnexpectedNonce),
            (Some(_), None) => Err(OidcError::MissingNonce),
            (Some(sent), Some(found)) if !sent.is_empty() && found == sent => Ok(()),
            (Some(_), Some(_)) => Err(OidcError::InvalidNonce),
        }
    }

    fn check_auth_time(&self, found: Option<&Value>, policy: &Validation) -> Result<(), OidcError> {
        let Some(max_age) = self.max_age else { return Ok(()) };
        let now = policy.now();
        let leeway = policy.current_leeway();
        let auth_time = found.and_then(|found| NumericDate::deserialize(found).ok());
        match auth_time {
            Some(time)
                if now.duration_since(time) <= max_age.saturating_add(leeway)
                    && time.duration_since(now) <= leeway =>
            {
                Ok(())
            }
            _ => Err(OidcError::AuthTooOld { auth_time, now, max_age }),
        }
    }

    fn check_acr(&self, found: Option<&Value>) -> Result<(), OidcError> {
        match &self.acr {
            Some(expected) if found.is_none_or(|found| found != expected) => {
                Err(OidcError::InvalidAcr { expected: expected.clone() })
            }
            _ => Ok(()),
        }
    }

    fn check_at_hash(&self, found: Option<&Value>, alg: Option<&str>) -> Result<(), OidcError> {
        let (Some(access_token), Some(found)) = (&self.access_token, found) else { return Ok(()) };
        match alg.and_then(|alg| at_hash(alg, access_token)) {
            Some(expected) if *found == expected => Ok(()),
            _ => Err(OidcError::InvalidAtHash),
        }
    }
}

impl std::fmt::Debug for Login {
    /// Shows neither the nonce nor the access token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login")
            .field("max_age", &self.max_age)
            .field("acr", &self.acr)
            .finish_non_exhaustive()
    }
}

/// The left half of the hash that belongs to the ID token's algorithm.
fn at_hash(alg: &str, access_token: &str) -> Option<String> {
    let hash = match alg {
        "RS256" | "PS256" | "ES256" => Sha256::digest(access_token).to_vec(),
        "RS384" | "PS384" | "ES384" => Sha384::digest(access_token).to_vec(),
        // Ed25519 hashes with SHA-512 (RFC 8032 §5.1).
        "RS512" | "PS512" | "EdDSA" | "Ed25519" => Sha512::digest(access_token).to_vec(),
        _ => return None,
    };
    hash.get(..hash.len() / 2).map(|half| URL_SAFE_NO_PAD.encode(half))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of OpenID Connect Core 1.0 §A.3.
    #[test]
    fn at_hash_of_the_specification() {
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(at_hash("RS256", token).as_deref(), Some("77QmUPtjPfzWtF2AnpK9RQ"));
        assert_eq!(at_hash("ES384", token).map(|hash| hash.len()), Some(32));
        assert_eq!(at_hash("EdDSA", token).map(|hash| hash.len()), Some(43));
        assert_eq!(at_hash("HS256", token), None);
    }
}
