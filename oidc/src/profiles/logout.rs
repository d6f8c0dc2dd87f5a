//! Logout tokens (OpenID Connect Back-Channel Logout 1.0 §2.4, §2.6).

use jwt_codec::{KeySet, NumericDate, Validation};
use serde::Deserialize;
use serde_json::{Number, Value};

use super::{present, verify};
use crate::{error::OidcError, issuer::Issuer};

/// The member of `events` that makes a token a logout token.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Verifies the logout tokens of an issuer for one client (OpenID Connect Back-Channel Logout 1.0
/// §2.6). [`Issuer::logout_tokens`] makes one.
///
/// A token needs a `typ` of `logout+jwt` or `JWT` if it has one, the issuer as `iss`, the client in `aud`, an
/// `exp` in the future, the claims `iat` and `jti`, a `sub` or a `sid`, and the event of a logout.
/// It must not have a nonce.
///
/// Whoever has seen a token can send it again: to notice that, remember its `jti` for some minutes.
#[derive(Debug, Clone)]
pub struct LogoutTokenVerifier {
    issuer: Issuer,
    policy: Validation,
}

/// What a logout token says. If there is a `sid`, that session has ended, and otherwise all of the
/// subject's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutToken {
    /// The issuer.
    pub iss: String,
    /// The user.
    pub sub: Option<String>,
    /// The session: the `sid` of its ID token.
    pub sid: Option<String>,
    /// The id of this token.
    pub jti: String,
    /// When the token was issued.
    pub iat: NumericDate,
}

#[derive(Deserialize)]
struct LogoutClaims {
    iss: String,
    sub: Option<Id>,
    sid: Option<String>,
    jti: Id,
    iat: NumericDate,
    #[serde(default, deserialize_with = "present")]
    events: Option<Value>,
    #[serde(default, deserialize_with = "present")]
    nonce: Option<Value>,
}

/// A `sub` or `jti`. The policy decides whether an integer is accepted.
#[derive(Deserialize)]
#[serde(untagged)]
enum Id {
    String(String),
    Integer(Number),
}

impl From<Id> for String {
    fn from(id: Id) -> Self {
        match id {
            Id::String(id) => id,
            Id::Integer(id) => id.to_string(),
        }
    }
}

impl LogoutTokenVerifier {
    pub(crate) fn new(issuer: Issuer, client_id: String) -> Self {
        let policy =
            Validation::new().audience(client_id).typs(["logout+jwt", "JWT"]).allow_missing_typ();
        Self { issuer, policy }
    }

    /// Changes the policy: `validation(|policy| policy.leeway(Duration::from_secs(5)))`.
    ///
    /// It decides about the audience, `typ`, times and further claims. The issuer, the required
    /// claims, `sub` or `sid`, `events` and the absence of a nonce are checked whatever it returns.
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

    /// Verifies a logout token. A token that names a key that is not known may wait for the keys to
    /// be fetched; no other waits.
    ///
    /// # Errors
    ///
    /// [`OidcError::KeysUnavailable`], [`OidcError::Token`] for what every JSON Web Token has to
    /// fulfil, [`OidcError::MissingSubject`], [`OidcError::InvalidEvents`],
    /// [`OidcError::UnexpectedNonce`]; the first that applies in this order.
    pub async fn decode(&self, token: &str) -> Result<LogoutToken, OidcError> {
        self.issuer.judge(token, |keys| self.judge(token, keys)).await
    }

    /// Verifies a token as [`decode`](Self::decode) does, and never waits. A token that names a key
    /// that is not known causes a fetch, and is accepted when it comes again after that.
    ///
    /// # Errors
    ///
    /// The errors of [`decode`](Self::decode).
    pub fn try_decode(&self, token: &str) -> Result<LogoutToken, OidcError> {
        self.issuer.judge_now(token, |keys| self.judge(token, keys))
    }

    fn judge(&self, token: &str, keys: &KeySet) -> Result<LogoutToken, OidcError> {
        let token = verify(token, keys, &self.policy)?;
        let policy =
            ["iat", "exp", "jti"].into_iter().fold(self.policy.clone(), Validation::require);
        let claims = token.claims::<LogoutClaims>(&policy)?.claims;
        if claims.sub.is_none() && claims.sid.is_none() {
            return Err(OidcError::MissingSubject);
        }
        if !claims.events.is_some_and(|events| events.get(EVENT).is_some_and(Value::is_object)) {
            return Err(OidcError::InvalidEvents);
        }
        if claims.nonce.is_some() {
            return Err(OidcError::UnexpectedNonce);
        }
        let LogoutClaims { iss, sub, sid, jti, iat, .. } = claims;
        Ok(LogoutToken { iss, sub: sub.map(Id::into), sid, jti: jti.into(), iat })
    }
}
