//! ID tokens (OpenID Connect Core 1.0 §3.1.3.7).

use jwt_codec::{Audience, KeySet, TokenData, Validation};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{
    login::{IdClaims, Login},
    verify,
};
use crate::{error::OidcError, excerpt::excerpt_beside, issuer::Issuer};

/// Verifies the ID tokens of an issuer for one client (OpenID Connect Core 1.0 §3.1.3.7).
/// [`Issuer::id_tokens`] makes one.
///
/// A token needs the issuer as `iss`, the client in `aud`, an `exp` in the future, and the claims `sub` and
/// `iat`. `aud` must not have an audience that is not trusted, nor `azp` another client. The claim
/// `events` must be absent, because a token with it is a logout token. Its `typ` is `JWT` or absent. The
/// [`Login`] says which nonce it has, and more.
#[derive(Debug, Clone)]
pub struct IdTokenVerifier {
    issuer: Issuer,
    client_id: String,
    trusted: Vec<String>,
    policy: Validation,
}

impl IdTokenVerifier {
    pub(crate) fn new(issuer: Issuer, client_id: String) -> Self {
        let policy = Validation::new().audience(&*client_id);
        Self { issuer, client_id, trusted: Vec::new(), policy }
    }

    /// Accepts this audience beside the client in `aud`, and in `azp`. Each call adds one.
    #[must_use]
    pub fn trust_audience(mut self, audience: impl Into<String>) -> Self {
        self.trusted.push(audience.into());
        self
    }

    /// Changes the policy: `validation(|policy| policy.leeway(Duration::from_secs(5)))`. It may be
    /// called before or after the other methods.
    ///
    /// It decides about the audience, `typ`, times and further claims. The issuer, the required
    /// claims, `azp`, audiences that are not trusted, and what the [`Login`] asked for are checked
    /// whatever it returns.
    #[must_use]
    pub fn validation(mut self, change: impl FnOnce(Validation) -> Validation) -> Self {
        self.policy = change(self.policy);
        self
    }

    /// Returns the issuer.
    #[must_use]
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// Verifies the ID token of a login and returns its claims. A token that names a key that is not
    /// known may wait for the keys to be fetched; no other waits.
    ///
    /// # Errors
    ///
    /// [`OidcError::KeysUnavailable`], [`OidcError::Token`] for what every JSON Web Token has to
    /// fulfil, [`OidcError::UntrustedAudience`], [`OidcError::InvalidAzp`], and for what the login
    /// asked for [`OidcError::MissingNonce`], [`OidcError::InvalidNonce`],
    /// [`OidcError::UnexpectedNonce`], [`OidcError::AuthTooOld`], [`OidcError::InvalidAcr`],
    /// [`OidcError::InvalidAtHash`]; the first that applies in this order.
    pub async fn decode<C: DeserializeOwned>(
        &self,
        token: &str,
        login: &Login,
    ) -> Result<TokenData<C>, OidcError> {
        self.issuer.judge(token, |keys| self.judge(token, login, keys)).await
    }

    /// Verifies a token as [`decode`](Self::decode) does, and never waits. A token that names a key
    /// that is not known causes a fetch, and is accepted when it comes again after that.
    ///
    /// # Errors
    ///
    /// The errors of [`decode`](Self::decode).
    pub fn try_decode<C: DeserializeOwned>(
        &self,
        token: &str,
        login: &Login,
    ) -> Result<TokenData<C>, OidcError> {
        self.issuer.judge_now(token, |keys| self.judge(token, login, keys))
    }

    fn judge<C: DeserializeOwned>(
        &self,
        token: &str,
        login: &Login,
        keys: &KeySet,
    ) -> Result<TokenData<C>, OidcError> {
        let token = verify(token, keys, &self.policy)?;
        let policy =
            ["sub", "exp", "iat"].into_iter().fold(login.policy(&self.policy), Validation::require);
        // A logout token has `events`, and may otherwise look like an ID token without a nonce
        // (Back-Channel Logout 1.0 §2.4).
        let policy = policy.forbid("events");
        let claims = token.claims::<IdClaims>(&policy)?.claims;
        self.check_audiences(claims.aud.as_ref())?;
        self.check_azp(claims.azp.as_ref())?;
        login.check(&claims, token.header().alg(), &policy)?;
        Ok(token.claims(&policy)?)
    }

    fn is_trusted(&self, audience: &str) -> bool {
        audience == self.client_id || self.trusted.iter().any(|trusted| trusted == audience)
    }

    /// Rule 3.
    fn check_audiences(&self, aud: Option<&Audience>) -> Result<(), OidcError> {
        let audiences = aud.map_or(&[][..], Audience::as_slice);
        match audiences.iter().find(|audience| !self.is_trusted(audience)) {
            None => Ok(()),
            Some(other) => {
                let audience = excerpt_beside(other, &self.trusted);
                Err(OidcError::UntrustedAudience { audience })
            }
        }
    }

    /// Rules 4 and 5.
    fn check_azp(&self, azp: Option<&Value>) -> Result<(), OidcError> {
        match azp {
            None => Ok(()),
            Some(Value::String(party)) if self.is_trusted(party) => Ok(()),
            Some(_) => Err(OidcError::InvalidAzp),
        }
    }
}
