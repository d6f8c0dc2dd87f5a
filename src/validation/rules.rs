//! The rules, one function a claim, in the order in which they are checked.

use alloc::{borrow::ToOwned, string::String, sync::Arc};

use serde_json::{Number, Value};

use super::{AudienceRule, Rule, TypRule, Types, Validation};
use crate::{
    claims::{Claim, NumericDate, Rounding},
    error::{Error, JsonType, excerpt},
    header::Header,
    json::Found,
    payload::Seen,
};

/// The most members of a foreign `aud` that an error quotes.
const QUOTED_AUDIENCES: usize = 8;

/// Refuses a registered claim of a type that the default policy refuses.
pub(crate) fn check_types(seen: &Seen<'_, '_>) -> Result<(), Error> {
    Registered::of(seen, Types::STRICT).map(|_| ())
}

impl Validation {
    /// Checks the claims of a token that was verified with a key of these issuers, if it is bound
    /// to any.
    pub(crate) fn check(
        &self,
        header: &Header,
        seen: &Seen<'_, '_>,
        key_issuers: Option<&Arc<[String]>>,
    ) -> Result<(), Error> {
        let claims = Registered::of(seen, self.types)?;
        self.check_presence(&claims, seen, key_issuers.is_some())?;
        if self.exp == Rule::Enforced || self.nbf == Rule::Enforced || self.max_age.is_some() {
            let now = (self.clock.0)();
            self.check_exp(&claims, now)?;
            self.check_nbf(&claims, now)?;
            self.check_age(&claims, now)?;
        }
        self.check_lifetime(&claims)?;
        for expected in self.issuers.iter().chain(key_issuers) {
            check_issuer(&claims, expected)?;
        }
        self.check_audience(&claims)?;
        self.check_subject(&claims)?;
        self.check_values(&claims, seen)?;
        self.check_typ(header)
    }

    fn check_presence(
        &self,
        claims: &Registered<'_, '_>,
        seen: &Seen<'_, '_>,
        key_has_issuer: bool,
    ) -> Result<(), Error> {
        let need = |is_needed: bool, claim: Claim, by: &'static str| {
            if is_needed && !claims.is_present(claim) {
                return Err(Error::MissingClaim { claim: claim.name().into(), required_by: by });
            }
            Ok(())
        };
        let (age, lifetime) = (self.max_age.is_some(), self.max_lifetime.is_some());
        let by_default = self.exp_presence == Rule::Enforced;
        let is_for_us = matches!(self.audience, AudienceRule::OneOf(_));
        need(by_default, Claim::ExpirationTime, "the default policy")?;
        need(lifetime, Claim::ExpirationTime, "Validation::max_lifetime")?;
        need(age, Claim::IssuedAt, "Validation::max_age")?;
        need(lifetime, Claim::IssuedAt, "Validation::max_lifetime")?;
        need(self.issuers.is_some(), Claim::Issuer, "Validation::issuer")?;
        need(key_has_issuer, Claim::Issuer, "with_issuer of the key")?;
        need(is_for_us, Claim::Audience, "Validation::audience")?;
        need(self.subject.is_some(), Claim::Subject, "Validation::subject")?;
        for &claim in &self.required {
            need(true, claim, "Validation::require")?;
        }
        match self.required_custom.iter().find(|name| !seen.is_present(name)) {
            None => Ok(()),
            Some(name) => {
                let required_by = "Validation::require";
                Err(Error::MissingClaim { claim: excerpt(name), required_by })
            }
        }
    }

    /// RFC 7519 §4.1.4: the time must be before `exp`.
    fn check_exp(&self, claims: &Registered<'_, '_>, now: NumericDate) -> Result<(), Error> {
        match (self.exp, claims.exp) {
            (Rule::Enforced, Some(exp)) if now >= exp + self.leeway => {
                Err(Error::Expired { exp, now })
            }
            _ => Ok(()),
        }
    }

    /// RFC 7519 §4.1.5: the time must be at or after `nbf`.
    fn check_nbf(&self, claims: &Registered<'_, '_>, now: NumericDate) -> Result<(), Error> {
        match (self.nbf, claims.nbf) {
            (Rule::Enforced, Some(nbf)) => self.check_not_before(Claim::NotBefore, nbf, now),
            _ => Ok(()),
        }
    }

    fn check_age(&self, claims: &Registered<'_, '_>, now: NumericDate) -> Result<(), Error> {
        let (Some(max_age), Some(iat)) = (self.max_age, claims.iat) else { return Ok(()) };
        if now > iat + max_age.saturating_add(self.leeway) {
            return Err(Error::TooOld { iat, now, max_age });
        }
        self.check_not_before(Claim::IssuedAt, iat, now)
    }

    fn check_not_before(
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

    fn check_lifetime(&self, claims: &Registered<'_, '_>) -> Result<(), Error> {
        match (self.max_lifetime, claims.iat, claims.exp) {
            (Some(max_lifetime), Some(iat), Some(exp)) if exp > iat + max_lifetime => {
                Err(Error::LifetimeTooLong { iat, exp, max_lifetime })
            }
            _ => Ok(()),
        }
    }

    /// RFC 7519 §4.1.3: whoever is not named in `aud` must refuse the token.
    fn check_audience(&self, claims: &Registered<'_, '_>) -> Result<(), Error> {
        let Some(aud) = claims.aud else { return Ok(()) };
        let expected = match &self.audience {
            AudienceRule::Ignored => return Ok(()),
            AudienceRule::NoneExpected => Arc::default(),
            AudienceRule::OneOf(expected) => {
                if expected.iter().any(|expected| strings(aud).any(|one| one == expected)) {
                    return Ok(());
                }
                Arc::clone(expected)
            }
        };
        let found = strings(aud).take(QUOTED_AUDIENCES).map(excerpt).collect();
        Err(Error::InvalidAudience { expected, found })
    }

    fn check_subject(&self, claims: &Registered<'_, '_>) -> Result<(), Error> {
        let (Some(expected), Some(sub)) = (&self.subject, claims.sub) else { return Ok(()) };
        let found = match sub {
            Found::String(sub) if sub == expected => return Ok(()),
            Found::String(sub) => Some(excerpt(sub)),
            _ => None,
        };
        Err(Error::InvalidSubject { expected: expected.clone(), found })
    }

    fn check_values(&self, claims: &Registered<'_, '_>, seen: &Seen<'_, '_>) -> Result<(), Error> {
        for (name, expected) in &self.claims {
            let is_absent = Claim::from_name(name).is_some_and(|claim| !claims.is_present(claim));
            match seen.value(name).filter(|_| !is_absent) {
                None => {
                    let required_by = "Validation::claim";
                    return Err(Error::MissingClaim { claim: excerpt(name), required_by });
                }
                Some(value) if same_value(value, expected) => {}
                Some(_) => return Err(Error::InvalidClaim { claim: excerpt(name) }),
            }
        }
        Ok(())
    }

    /// RFC 8725 §3.11.
    fn check_typ(&self, header: &Header) -> Result<(), Error> {
        let typ = header.typ();
        let fits = match &self.typ {
            TypRule::Any => true,
            TypRule::JwtOrAbsent => typ.is_none_or(|typ| same_media_type(typ, "JWT")),
            TypRule::OneOf(expected) => {
                typ.is_some_and(|typ| expected.iter().any(|one| same_media_type(typ, one)))
            }
        };
        if fits {
            return Ok(());
        }
        let expected = match &self.typ {
            TypRule::OneOf(expected) => Arc::clone(expected),
            _ => Arc::from(["JWT".to_owned()]),
        };
        Err(Error::UnexpectedType { expected, found: typ.map(excerpt) })
    }
}

fn check_issuer(claims: &Registered<'_, '_>, expected: &Arc<[String]>) -> Result<(), Error> {
    let Some(iss) = claims.iss else { return Ok(()) };
    if expected.iter().any(|issuer| issuer == iss) {
        return Ok(());
    }
    Err(Error::InvalidIssuer { expected: Arc::clone(expected), found: excerpt(iss) })
}

/// Media types in the short form of RFC 7515 §4.1.9: an `application/` in front may be left out.
fn same_media_type(one: &str, other: &str) -> bool {
    fn short(typ: &str) -> &str {
        const PREFIX: &str = "application/";
        match typ.split_at_checked(PREFIX.len()) {
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) => rest,
            _ => typ,
        }
    }

    one == other || short(one).eq_ignore_ascii_case(short(other))
}

/// Whether two JSON values are equal, numbers by their value.
fn same_value(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => same_number(one, other),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| same_value(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, value)| {
                    other.get(name).is_some_and(|other| same_value(value, other))
                })
        }
        _ => one == other,
    }
}

/// Integers are compared exactly, and other numbers with the precision of an `f64`.
fn same_number(one: &Number, other: &Number) -> bool {
    match (integer(one), integer(other)) {
        (Some(one), Some(other)) => one == other,
        (None, None) => one == other || one.as_f64().is_some() && one.as_f64() == other.as_f64(),
        _ => false,
    }
}

/// The number, if it is an integer, however it is written.
#[expect(clippy::as_conversions, reason = "compared with the number itself")]
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "as above")]
#[expect(clippy::float_cmp, reason = "it is an integer if it is the very same")]
fn integer(number: &Number) -> Option<i128> {
    number.as_i128().or_else(|| {
        let float = number.as_f64()?;
        Some(float as i128).filter(|&integer| integer as f64 == float)
    })
}

/// The registered claims, each of the JSON type that RFC 7519 §4.1 gives it.
struct Registered<'s, 'p> {
    iss: Option<&'s str>,
    sub: Option<&'s Found<'p>>,
    aud: Option<&'s Found<'p>>,
    exp: Option<NumericDate>,
    nbf: Option<NumericDate>,
    iat: Option<NumericDate>,
    jti: Option<&'s Found<'p>>,
}

impl<'s, 'p> Registered<'s, 'p> {
    fn of(seen: &'s Seen<'_, 'p>, types: Types) -> Result<Self, Error> {
        let present = |claim| {
            let is_absent =
                |found: &Found<'_>| types.null == Rule::Off && matches!(found, Found::Null);
            seen.registered(claim).filter(|found| !is_absent(found))
        };
        let date = |claim, rounding| match present(claim) {
            None => Ok(None),
            Some(Found::Number(number)) => match NumericDate::from_number(number, rounding) {
                Some(date) => Ok(Some(date)),
                None => Err(wrong_type(claim, "a number of seconds", JsonType::Number)),
            },
            Some(other) => Err(wrong_type(claim, "a number", other.json_type())),
        };
        let text = |claim, rule| match present(claim) {
            None => Ok(None),
            Some(text @ Found::String(_)) => Ok(Some(text)),
            Some(other) if rule == Rule::Off && !matches!(other, Found::Null) => Ok(Some(other)),
            Some(other) => Err(wrong_type(claim, "a string", other.json_type())),
        };
        Ok(Self {
            iss: match text(Claim::Issuer, Rule::Enforced)? {
                Some(Found::String(iss)) => Some(iss),
                _ => None,
            },
            sub: text(Claim::Subject, types.subject)?,
            aud: match present(Claim::Audience) {
                None => None,
                Some(aud @ (Found::String(_) | Found::Array(_, None))) => Some(aud),
                Some(other) => {
                    let expected = "a string or an array of strings";
                    return Err(wrong_type(Claim::Audience, expected, other.json_type()));
                }
            },
            exp: date(Claim::ExpirationTime, Rounding::Up)?,
            nbf: date(Claim::NotBefore, Rounding::Up)?,
            iat: date(Claim::IssuedAt, Rounding::Down)?,
            jti: text(Claim::JwtId, types.id)?,
        })
    }

    fn is_present(&self, claim: Claim) -> bool {
        match claim {
            Claim::Issuer => self.iss.is_some(),
            Claim::Subject => self.sub.is_some(),
            Claim::Audience => self.aud.is_some(),
            Claim::ExpirationTime => self.exp.is_some(),
            Claim::NotBefore => self.nbf.is_some(),
            Claim::IssuedAt => self.iat.is_some(),
            Claim::JwtId => self.jti.is_some(),
        }
    }
}

fn wrong_type(claim: Claim, expected: &'static str, found: JsonType) -> Error {
    Error::InvalidClaimType { claim, expected, found }
}

/// The members of an `aud`.
fn strings<'s>(aud: &'s Found<'_>) -> impl Iterator<Item = &'s str> {
    let (one, several) = match aud {
        Found::String(one) => (Some(one), &[][..]),
        Found::Array(several, _) => (None, several.as_slice()),
        _ => (None, &[][..]),
    };
    one.into_iter().chain(several).map(AsRef::as_ref)
}
