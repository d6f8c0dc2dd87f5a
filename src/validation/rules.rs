//! The rules, one function for each claim, in the order in which they are checked.

use alloc::{
    borrow::ToOwned,
    string::{String, ToString},
    sync::Arc,
};

use serde_json::{Number, Value};

use super::{AudienceRule, ClaimRule, Rule, TypRule, Validation};
use crate::{
    claims::{Claim, ClaimSummary, Id, NumericDate},
    error::{Error, Requirement, excerpt, excerpt_beside},
    header::{Header, short_media_type},
    keys::BoundIssuers,
};

/// The most members of a foreign `aud` that an error quotes.
const QUOTED_AUDIENCES: usize = 8;

impl Validation {
    /// Validates the claims of a token that was verified with a key of these issuers, if the key is
    /// bound to any.
    pub(crate) fn validate(
        &self,
        header: &Header,
        claims: &ClaimSummary<'_>,
        key_issuers: &BoundIssuers,
    ) -> Result<(), Error> {
        claims.require_types()?;
        self.require_claims(claims, key_issuers.is_some())?;
        if self.needs_time() {
            let now = self.now();
            self.require_unexpired(claims, now)?;
            self.require_started(claims, now)?;
            self.limit_age(claims, now)?;
            self.limit_lifetime(claims, now)?;
        }
        for expected in self.issuers.iter().chain(key_issuers) {
            require_issuer(claims, expected)?;
        }
        self.require_audience(claims)?;
        self.require_subject(claims)?;
        for rule in &self.claim_rules {
            require_value(claims, rule)?;
        }
        self.require_typ(header)
    }

    fn require_claims(
        &self,
        claims: &ClaimSummary<'_>,
        key_has_issuers: bool,
    ) -> Result<(), Error> {
        let require = |is_required: bool, claim: Claim, required_by: Requirement| {
            if is_required && !claims.registered.has(claim) {
                return Err(Error::MissingClaim { claim: claim.name().into(), required_by });
            }
            Ok(())
        };
        let exp_by_default = self.exp_presence == Rule::Enforced;
        let (age, lifetime) = (self.max_age.is_some(), self.max_lifetime.is_some());
        let has_audiences = matches!(self.audience, AudienceRule::OneOf(_));
        require(exp_by_default, Claim::ExpirationTime, Requirement::DefaultPolicy)?;
        require(lifetime, Claim::ExpirationTime, Requirement::MaxLifetime)?;
        require(age, Claim::IssuedAt, Requirement::MaxAge)?;
        require(lifetime, Claim::IssuedAt, Requirement::MaxLifetime)?;
        require(self.issuers.is_some(), Claim::Issuer, Requirement::Issuer)?;
        require(key_has_issuers, Claim::Issuer, Requirement::KeyIssuer)?;
        require(has_audiences, Claim::Audience, Requirement::Audience)?;
        require(self.subject.is_some(), Claim::Subject, Requirement::Subject)?;
        for &claim in &self.required {
            require(true, claim, Requirement::Require)?;
        }
        match self.required_custom.iter().find(|name| !claims.has_custom(name)) {
            None => Ok(()),
            Some(name) => {
                Err(Error::MissingClaim { claim: excerpt(name), required_by: Requirement::Require })
            }
        }
    }

    fn needs_time(&self) -> bool {
        self.exp == Rule::Enforced
            || self.nbf == Rule::Enforced
            || self.max_age.is_some()
            || self.max_lifetime.is_some()
    }

    /// RFC 7519 §4.1.4: the time must be before `exp`.
    fn require_unexpired(&self, claims: &ClaimSummary<'_>, now: NumericDate) -> Result<(), Error> {
        match (self.exp, claims.registered.exp) {
            (Rule::Enforced, Some(exp)) if now >= exp + self.leeway => {
                Err(Error::Expired { exp, now })
            }
            _ => Ok(()),
        }
    }

    /// RFC 7519 §4.1.5: the time must be at or after `nbf`.
    fn require_started(&self, claims: &ClaimSummary<'_>, now: NumericDate) -> Result<(), Error> {
        match (self.nbf, claims.registered.nbf) {
            (Rule::Enforced, Some(nbf)) => self.require_past(Claim::NotBefore, nbf, now),
            _ => Ok(()),
        }
    }

    fn limit_age(&self, claims: &ClaimSummary<'_>, now: NumericDate) -> Result<(), Error> {
        let (Some(max_age), Some(iat)) = (self.max_age, claims.registered.iat) else {
            return Ok(());
        };
        if now > iat + max_age.saturating_add(self.leeway) {
            return Err(Error::TooOld { iat, now, max_age });
        }
        self.require_past(Claim::IssuedAt, iat, now)
    }

    /// An `iat` in the future would let a token start late and so last as long as it likes.
    fn limit_lifetime(&self, claims: &ClaimSummary<'_>, now: NumericDate) -> Result<(), Error> {
        let (Some(max_lifetime), Some(iat), Some(exp)) =
            (self.max_lifetime, claims.registered.iat, claims.registered.exp)
        else {
            return Ok(());
        };
        if exp > iat + max_lifetime {
            return Err(Error::LifetimeTooLong { iat, exp, max_lifetime });
        }
        self.require_past(Claim::IssuedAt, iat, now)
    }

    /// `nbf` and `iat` may be in the future by the leeway.
    fn require_past(
        &self,
        claim: Claim,
        not_before: NumericDate,
        now: NumericDate,
    ) -> Result<(), Error> {
        if now + self.leeway < not_before {
            return Err(Error::NotYetValid { claim, not_before, now });
        }
        Ok(())
    }

    /// RFC 7519 §4.1.3: a service that `aud` does not name must reject the token.
    fn require_audience(&self, claims: &ClaimSummary<'_>) -> Result<(), Error> {
        let Some(aud) = &claims.registered.aud else { return Ok(()) };
        let expected = match &self.audience {
            AudienceRule::Ignored => return Ok(()),
            AudienceRule::NoneExpected => Arc::default(),
            AudienceRule::OneOf(expected) => {
                if expected.iter().any(|expected| aud.as_slice().iter().any(|aud| aud == expected))
                {
                    return Ok(());
                }
                Arc::clone(expected)
            }
        };
        let found = aud.as_slice().iter().take(QUOTED_AUDIENCES).map(|aud| excerpt(aud)).collect();
        Err(Error::InvalidAudience { expected, found })
    }

    fn require_subject(&self, claims: &ClaimSummary<'_>) -> Result<(), Error> {
        let (Some(expected), Some(sub)) = (&self.subject, &claims.registered.sub) else {
            return Ok(());
        };
        let found = match sub {
            Id::String(sub) if sub == expected => return Ok(()),
            Id::String(sub) => Some(excerpt(sub)),
            Id::Integer => None,
        };
        Err(Error::InvalidSubject { expected: expected.clone(), found })
    }

    /// RFC 8725 §3.11.
    fn require_typ(&self, header: &Header) -> Result<(), Error> {
        let is_accepted = match (&self.typ, header.typ()) {
            (TypRule::Any, _) | (TypRule::JwtOrAbsent, None) => true,
            // `encode` writes none, so none is expected.
            (_, Some(typ)) if short_media_type(typ).is_empty() => false,
            (TypRule::JwtOrAbsent, Some(typ)) => is_same_media_type(typ, "JWT"),
            (TypRule::OneOf(_), None) => self.typ_presence == Rule::Off,
            (TypRule::OneOf(expected), Some(typ)) => {
                expected.iter().any(|expected| is_same_media_type(typ, expected))
            }
        };
        if is_accepted {
            return Ok(());
        }
        let expected = match &self.typ {
            TypRule::OneOf(expected) => Arc::clone(expected),
            TypRule::JwtOrAbsent | TypRule::Any => Arc::from(["JWT".to_owned()]),
        };
        Err(Error::UnexpectedType { expected, found: header.typ().map(excerpt) })
    }
}

fn require_issuer(claims: &ClaimSummary<'_>, expected: &Arc<[String]>) -> Result<(), Error> {
    let Some(iss) = &claims.registered.iss else { return Ok(()) };
    if expected.iter().any(|issuer| issuer == iss) {
        return Ok(());
    }
    let found = excerpt_beside(iss, expected);
    Err(Error::InvalidIssuer { expected: Arc::clone(expected), found })
}

fn require_value(claims: &ClaimSummary<'_>, rule: &ClaimRule) -> Result<(), Error> {
    let (name, values, requirement) = match rule {
        ClaimRule::Equals { name, value } => {
            (name, core::slice::from_ref(value), Requirement::Claim)
        }
        ClaimRule::OneOf { name, values } => (name, values.as_slice(), Requirement::ClaimOneOf),
        ClaimRule::Forbidden { name } if claims.mentions(name) => {
            let rule = Requirement::Forbid;
            return Err(Error::InvalidClaim { claim: excerpt(name), rule });
        }
        ClaimRule::Forbidden { .. } => return Ok(()),
    };
    // A registered claim that is `null` may count as absent.
    let is_absent = Claim::from_name(name).is_some_and(|claim| !claims.registered.has(claim));
    match claims.value(name).filter(|_| !is_absent) {
        None => Err(Error::MissingClaim { claim: excerpt(name), required_by: requirement }),
        Some(found) if values.iter().any(|value| is_same_value(found, value)) => Ok(()),
        Some(_) => Err(Error::InvalidClaim { claim: excerpt(name), rule: requirement }),
    }
}

fn is_same_media_type(one: &str, other: &str) -> bool {
    one == other || short_media_type(one).eq_ignore_ascii_case(short_media_type(other))
}

/// Whether two JSON values are equal, numbers by their value.
fn is_same_value(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => is_same_number(one, other),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| is_same_value(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, value)| {
                    other.get(name).is_some_and(|other| is_same_value(value, other))
                })
        }
        _ => one == other,
    }
}

/// Compares integers exactly, and other numbers with the precision of an `f64`.
fn is_same_number(one: &Number, other: &Number) -> bool {
    match (integer(one), integer(other)) {
        (Some(one), Some(other)) => one == other,
        // Only the feature `arbitrary_precision` of `serde_json` holds integers of over 128 bits.
        (None, None) if is_written_as_integer(one) && is_written_as_integer(other) => one == other,
        (None, None) => one.as_f64().is_some() && one.as_f64() == other.as_f64(),
        _ => false,
    }
}

fn is_written_as_integer(number: &Number) -> bool {
    let text = number.to_string();
    text.strip_prefix('-').unwrap_or(&text).bytes().all(|byte| byte.is_ascii_digit())
}

/// The number, if it is an integer of 128 bits, however it is written.
#[expect(clippy::as_conversions, reason = "compared with the number itself")]
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "as above")]
#[expect(clippy::float_cmp, reason = "it is an integer if it is the very same")]
fn integer(number: &Number) -> Option<i128> {
    number.as_i128().or_else(|| {
        // A longer integer is not the `f64` next to it, and the cast saturates.
        let float = number.as_f64().filter(|_| !is_written_as_integer(number))?;
        let integer = float as i128;
        (integer != i128::MAX && integer as f64 == float).then_some(integer)
    })
}
