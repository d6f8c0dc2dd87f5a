//! The access tokens of several issuers.

use std::{collections::HashMap, sync::Arc};

use jwt_codec::{Error, Requirement, TokenData, UnverifiedToken};
use serde::de::DeserializeOwned;

use crate::{error::OidcError, excerpt::excerpt_beside, profiles::AccessTokenVerifier};

/// Verifies the access tokens of several issuers.
///
/// The `iss` of a token, unverified, chooses the issuer; then the token is verified with the keys of
/// that one, and with no other's. If two verifiers are of the same issuer, the first is used.
/// A token is read to find its `iss` if it and its header are within the default limits, or if the
/// policy of one of the verifiers allows their lengths; the policy of the chosen verifier decides then.
///
/// ```no_run
/// use jwt_codec_oidc::{Issuer, Issuers};
///
/// # async fn run(token: &str) -> Result<(), Box<dyn std::error::Error>> {
/// let staff = Issuer::builder("https://staff.example").start()?;
/// let public = Issuer::builder("https://login.example").start()?;
/// let issuers = Issuers::new([staff.access_tokens("api"), public.access_tokens("api")]);
///
/// let data = issuers.decode::<serde_json::Value>(token).await?;
/// # let _ = data;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Issuers {
    verifiers: Arc<[AccessTokenVerifier]>,
    by_name: Arc<HashMap<String, usize>>,
    /// For the error.
    names: Arc<[String]>,
}

impl Issuers {
    /// Puts verifiers together. An empty list accepts no token.
    #[must_use]
    pub fn new(verifiers: impl IntoIterator<Item = AccessTokenVerifier>) -> Self {
        let verifiers: Arc<[AccessTokenVerifier]> = verifiers.into_iter().collect();
        let mut by_name = HashMap::new();
        let mut names = Vec::new();
        for (index, verifier) in verifiers.iter().enumerate() {
            for name in verifier.issuer().names() {
                by_name.entry(name.clone()).or_insert_with(|| {
                    names.push(name.clone());
                    index
                });
            }
        }
        Self { verifiers, by_name: Arc::new(by_name), names: names.into() }
    }

    /// Verifies a token as [`AccessTokenVerifier::decode`] of its issuer does.
    ///
    /// # Errors
    ///
    /// The errors of [`AccessTokenVerifier::decode`]. The code of a token of another issuer is
    /// `invalid_issuer`, and of a token without an issuer `missing_claim`.
    pub async fn decode<C: DeserializeOwned>(
        &self,
        token: &str,
    ) -> Result<TokenData<C>, OidcError> {
        self.choose(token)?.decode(token).await
    }

    /// Verifies a token as [`AccessTokenVerifier::try_decode`] of its issuer does, and never waits.
    ///
    /// # Errors
    ///
    /// The errors of [`decode`](Self::decode).
    pub fn try_decode<C: DeserializeOwned>(&self, token: &str) -> Result<TokenData<C>, OidcError> {
        self.choose(token)?.try_decode(token)
    }

    /// Parses a token that is within the default limits, or whose lengths one of the policies allows.
    fn parse<'t>(&self, token: &'t str) -> Result<UnverifiedToken<'t>, Error> {
        let mut error = match UnverifiedToken::parse(token) {
            Err(error) => error,
            parsed => return parsed,
        };
        for verifier in &*self.verifiers {
            match verifier.check_lengths(token) {
                Ok(()) => return UnverifiedToken::parse_with_max_len(token, usize::MAX),
                Err(by_policy) => error = by_policy,
            }
        }
        Err(error)
    }

    fn choose(&self, token: &str) -> Result<&AccessTokenVerifier, OidcError> {
        let unverified = self.parse(token)?;
        let Some(name) = unverified.issuer_hint()? else {
            let required_by = Requirement::KeyIssuer;
            return Err(Error::MissingClaim { claim: "iss".into(), required_by }.into());
        };
        let index = self.by_name.get(&name).copied();
        index.and_then(|index| self.verifiers.get(index)).ok_or_else(|| {
            let found = excerpt_beside(&name, &self.names);
            Error::InvalidIssuer { expected: Arc::clone(&self.names), found }.into()
        })
    }
}
