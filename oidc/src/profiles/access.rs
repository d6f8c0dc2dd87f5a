//! Access tokens (RFC 9068 §4).

use jwt_codec::{Error, KeySet, Reason, TokenData, Validation, decode};
use serde::de::{DeserializeOwned, IgnoredAny};

use super::verify;
use crate::{error::OidcError, issuer::Issuer};

/// The media type of access tokens, as RFC 9068 §4 lists it. `Validation` takes both for equal, so
/// this list is known from one that the program sets.
const TYPS: [&str; 2] = ["at+jwt", "application/at+jwt"];

/// What binds a token to a key of its sender (RFC 7800 §3.1).
const CONFIRMATION: &str = "cnf";

/// Verifies the access tokens of an issuer for one audience (RFC 9068 §4).
/// [`Issuer::access_tokens`] makes one.
///
/// A token needs the `typ` `at+jwt`, the issuer as `iss`, the audience in `aud`, an `exp` in the
/// future, and the claims `sub`, `client_id`, `iat` and `jti`. It must not be bound to a key of its
/// sender (`cnf`).
///
/// What the token permits is in claims such as `scope`, and the program's to decide.
#[derive(Debug, Clone)]
pub struct AccessTokenVerifier {
    issuer: Issuer,
    /// What the program's hooks made of the default policy.
    policy: Validation,
    allows_typ_jwt: bool,
    allows_sender_constrained: bool,
    rules: Rules,
}

/// The policies for a token: those that hold whatever a hook returned are added.
#[derive(Debug, Clone)]
struct Rules {
    /// Of a token that says that it is an access token.
    access: Validation,
    /// Of a token whose `typ` is `JWT` or absent.
    jwt: Validation,
    /// The same without a rule on `typ`, where no hook has set one.
    jwt_of_any_typ: Validation,
}

impl Rules {
    fn new(policy: &Validation, allows_sender_constrained: bool) -> Self {
        let policy = policy.clone().require("exp");
        let policy = if allows_sender_constrained { policy } else { policy.forbid(CONFIRMATION) };
        let claims = ["sub", "client_id", "iat", "jti"];
        Self {
            access: claims.into_iter().fold(policy.clone(), Validation::require),
            jwt: policy.clone(),
            jwt_of_any_typ: policy.allow_any_typ(),
        }
    }
}

impl AccessTokenVerifier {
    pub(crate) fn new(issuer: Issuer, audience: String) -> Self {
        let policy = Validation::new().audience(audience).typs(TYPS);
        let rules = Rules::new(&policy, false);
        Self { issuer, policy, allows_typ_jwt: false, allows_sender_constrained: false, rules }
    }

    /// Loosens: also accepts a token whose `typ` is `JWT` or absent, as Entra, Auth0, Keycloak and
    /// others send it, and requires of it `iss`, `aud` and `exp` alone.
    ///
    /// An ID token for the same audience is accepted then, too: use an audience that is not the id
    /// of a client.
    #[must_use]
    pub fn allow_typ_jwt(mut self) -> Self {
        self.allows_typ_jwt = true;
        self
    }

    /// Loosens: accepts a token that is bound to a key of its sender by the claim `cnf`.
    ///
    /// Without a check of that key (RFC 9449 §7.2, RFC 8705 §3) whoever steals the token can use it.
    /// The check needs the request, so it is the program's.
    #[must_use]
    pub fn allow_sender_constrained(mut self) -> Self {
        self.allows_sender_constrained = true;
        self.with_rules()
    }

    /// Changes the policy: `validation(|policy| policy.leeway(Duration::from_secs(5)))`. It may be
    /// called before or after the other methods.
    ///
    /// It decides about the audience, `typ`, times and further claims. The issuer, the required
    /// claims and `cnf` are checked whatever it returns.
    #[must_use]
    pub fn validation(mut self, change: impl FnOnce(Validation) -> Validation) -> Self {
        self.policy = change(self.policy);
        self.with_rules()
    }

    /// Returns the issuer.
    #[must_use]
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// Verifies a token and returns its claims. A token that names a key that is not known may wait
    /// for the keys to be fetched; no other waits.
    ///
    /// # Errors
    ///
    /// [`OidcError::KeysUnavailable`], [`OidcError::SenderConstrained`], and [`OidcError::Token`]
    /// for what every JSON Web Token has to fulfil.
    pub async fn decode<C: DeserializeOwned>(
        &self,
        token: &str,
    ) -> Result<TokenData<C>, OidcError> {
        self.issuer.judge(token, |keys| self.judge(token, keys)).await
    }

    /// Verifies a token as [`decode`](Self::decode) does, and never waits. A token that names a key
    /// that is not known causes a fetch, and is accepted when it comes again after that.
    ///
    /// # Errors
    ///
    /// The errors of [`decode`](Self::decode).
    pub fn try_decode<C: DeserializeOwned>(&self, token: &str) -> Result<TokenData<C>, OidcError> {
        self.issuer.judge_now(token, |keys| self.judge(token, keys))
    }

    /// Rejects a token that is longer than the policy allows, or whose header is. A decode checks both
    /// before it looks for a key.
    pub(crate) fn check_lengths(&self, token: &str) -> Result<(), Error> {
        match decode::<IgnoredAny>(token, &KeySet::new(), &self.policy) {
            Err(error) if is_too_long(&error) => Err(error),
            _ => Ok(()),
        }
    }

    fn with_rules(mut self) -> Self {
        self.rules = Rules::new(&self.policy, self.allows_sender_constrained);
        self
    }

    fn judge<C: DeserializeOwned>(
        &self,
        token: &str,
        keys: &KeySet,
    ) -> Result<TokenData<C>, OidcError> {
        let claims = if self.allows_typ_jwt {
            self.decode_by_typ(token, keys)
        } else {
            decode(token, keys, &self.rules.access)
        };
        claims.map_err(|error| match error {
            Error::InvalidClaim { claim, .. }
                if claim == CONFIRMATION && !self.allows_sender_constrained =>
            {
                OidcError::SenderConstrained
            }
            error => error.into(),
        })
    }

    fn decode_by_typ<C: DeserializeOwned>(
        &self,
        token: &str,
        keys: &KeySet,
    ) -> Result<TokenData<C>, Error> {
        let token = verify(token, keys, &self.policy)?;
        if !is_jwt_or_absent(token.header().typ()) {
            return token.claims(&self.rules.access);
        }
        match token.claims(&self.rules.jwt) {
            Err(Error::UnexpectedType { expected, .. }) if *expected == TYPS => {
                token.claims(&self.rules.jwt_of_any_typ)
            }
            decided => decided,
        }
    }
}

/// Whether the length of the token or of its header is all that is wrong.
fn is_too_long(error: &Error) -> bool {
    matches!(
        error,
        Error::TokenTooLong { .. } | Error::Malformed { reason: Reason::TooLong { .. }, .. }
    )
}

/// Compares as RFC 7515 §4.1.9 says.
fn is_jwt_or_absent(typ: Option<&str>) -> bool {
    const PREFIX: &str = "application/";
    typ.is_none_or(|typ| {
        let short = typ
            .split_at_checked(PREFIX.len())
            .filter(|(prefix, _)| prefix.eq_ignore_ascii_case(PREFIX))
            .map_or(typ, |(_, rest)| rest);
        short.eq_ignore_ascii_case("JWT")
    })
}
