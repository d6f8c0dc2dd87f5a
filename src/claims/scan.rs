//! One reading of the claims for validation: rejects duplicate names, and finds the registered claims
//! with their types, those that are `null`, and the claims that the policy names.

use alloc::{borrow::Cow, string::String, vec::Vec};

use serde::de::{IgnoredAny, MapAccess};
use serde_json::Value;

use super::{
    name::Claim,
    numeric_date::NumericDate,
    registered::{date, integer_digits},
};
use crate::{
    error::{Error, JsonType, Reason, Segment},
    json::{Members, Names, ShallowValue, read_object},
};

/// Which JSON types of registered claims are accepted in addition to those of RFC 7519 §4.1.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct TypeLeniency {
    /// `null`, which then counts as absent.
    pub(crate) null: bool,
    /// An integer as `sub`.
    pub(crate) integer_subject: bool,
    /// An integer as `jti`.
    pub(crate) integer_id: bool,
}

/// What the policy needs to know of a claim, apart from the rules on registered claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Interest {
    None,
    /// Whether it is there, and not `null`.
    Presence,
    Value,
}

/// The claims, as far as validation judges them.
#[derive(Debug)]
pub(crate) struct ClaimSummary<'p> {
    pub(crate) registered: RegisteredValues<'p>,
    wrong_type: Option<(Claim, JsonType)>,
    names: Names<'p>,
    /// Names of claims whose presence is of interest and which are `null`.
    nulls: Vec<String>,
    /// The claims whose value is of interest.
    values: Vec<(String, Value)>,
}

/// The registered claims, each of the type that RFC 7519 §4.1 gives it.
#[derive(Debug, Default)]
pub(crate) struct RegisteredValues<'p> {
    pub(crate) iss: Option<Cow<'p, str>>,
    pub(crate) sub: Option<Id<'p>>,
    pub(crate) aud: Option<AudienceNames<'p>>,
    pub(crate) exp: Option<NumericDate>,
    pub(crate) nbf: Option<NumericDate>,
    pub(crate) iat: Option<NumericDate>,
    pub(crate) jti: Option<Id<'p>>,
}

/// A `sub` or `jti`.
#[derive(Debug)]
pub(crate) enum Id<'p> {
    String(Cow<'p, str>),
    Integer,
}

/// The members of an `aud`.
#[derive(Debug)]
pub(crate) enum AudienceNames<'p> {
    One(Cow<'p, str>),
    Several(Vec<Cow<'p, str>>),
}

impl<'p> AudienceNames<'p> {
    pub(crate) fn as_slice(&self) -> &[Cow<'p, str>] {
        match self {
            Self::One(one) => core::slice::from_ref(one),
            Self::Several(several) => several,
        }
    }
}

/// Reads the claims once, into a new summary, which is large and so is not moved.
///
/// A registered claim of a wrong type is an error only once it is
/// [asked for](ClaimSummary::require_types), because text that is not JSON is a graver one.
#[inline]
pub(crate) fn scan<'p>(
    json: &'p str,
    leniency: TypeLeniency,
    interest: impl Fn(&str) -> Interest,
    summary: &mut ClaimSummary<'p>,
) -> Result<(), Error> {
    let mut scanner = Scanner { summary, leniency, interest };
    read_object(json, &mut scanner).map_err(|reason| Error::malformed(Segment::Payload, reason))
}

/// Reads the claim `iss` alone, from claims of which nothing is verified.
pub(crate) fn read_issuer(json: &str) -> Result<Option<String>, Error> {
    let mut claims = ClaimSummary::new();
    scan(json, TypeLeniency::default(), |_| Interest::None, &mut claims)?;
    match claims.wrong_type {
        Some((Claim::Issuer, found)) => Err(type_error(Claim::Issuer, found)),
        _ => Ok(claims.registered.iss.map(Cow::into_owned)),
    }
}

/// Returns the expected and the found type of a registered claim with this JSON text, if its type is
/// wrong.
pub(super) fn wrong_type(
    claim: Claim,
    json: &[u8],
) -> Result<Option<(&'static str, JsonType)>, Reason> {
    if is_plainly_right(claim, json) {
        return Ok(None);
    }
    let value = serde_json::from_slice(json).map_err(|error| Reason::json(&error))?;
    let set = RegisteredValues::default().set(claim, value, TypeLeniency::default());
    Ok(set.err().map(|found| (expected_type(claim), found)))
}

/// Whether valid JSON of this kind needs no reading: a string without escapes, a number of few digits.
fn is_plainly_right(claim: Claim, json: &[u8]) -> bool {
    const FEW_DIGITS: usize = 18;

    match claim {
        Claim::Issuer | Claim::Subject | Claim::Audience | Claim::JwtId => {
            json.starts_with(b"\"") && !json.contains(&b'\\')
        }
        Claim::ExpirationTime | Claim::NotBefore | Claim::IssuedAt => {
            json.len() <= FEW_DIGITS && json.iter().all(u8::is_ascii_digit)
        }
    }
}

impl ClaimSummary<'_> {
    pub(crate) fn new() -> Self {
        Self {
            registered: RegisteredValues::default(),
            wrong_type: None,
            names: Names::new(),
            nulls: Vec::new(),
            values: Vec::new(),
        }
    }

    /// Rejects registered claims of a wrong type (RFC 7519 §4.1).
    pub(crate) fn require_types(&self) -> Result<(), Error> {
        match self.wrong_type {
            None => Ok(()),
            Some((claim, found)) => Err(type_error(claim, found)),
        }
    }

    /// Whether a claim whose presence is of interest is there, and not `null`.
    pub(crate) fn has_custom(&self, name: &str) -> bool {
        self.names.contains(name) && !self.nulls.iter().any(|null| null == name)
    }

    /// Whether a claim of this name is there, `null` too.
    pub(crate) fn mentions(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// The value of a claim that is of interest.
    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(other, _)| other == name).map(|(_, value)| value)
    }

    /// Keeps the first wrong type, in the order of [`Claim::ALL`].
    #[cold]
    fn set_wrong_type(&mut self, claim: Claim, found: JsonType) {
        let position = |claim| Claim::ALL.iter().position(|&other| other == claim);
        if self.wrong_type.is_none_or(|(earlier, _)| position(claim) < position(earlier)) {
            self.wrong_type = Some((claim, found));
        }
    }
}

impl<'p> RegisteredValues<'p> {
    /// Whether a registered claim is there. One that is `null` is not.
    pub(crate) fn has(&self, claim: Claim) -> bool {
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

    /// Keeps a registered claim. Fails with its JSON type if that is wrong.
    #[inline]
    fn set(
        &mut self,
        claim: Claim,
        value: ShallowValue<'p>,
        leniency: TypeLeniency,
    ) -> Result<(), JsonType> {
        if leniency.null && matches!(value, ShallowValue::Null) {
            return Ok(());
        }
        match claim {
            Claim::Issuer => self.iss = Some(string(value)?),
            Claim::Subject => self.sub = Some(id(value, leniency.integer_subject)?),
            Claim::Audience => self.aud = Some(audience(value)?),
            Claim::ExpirationTime => self.exp = Some(numeric_date(claim, &value)?),
            Claim::NotBefore => self.nbf = Some(numeric_date(claim, &value)?),
            Claim::IssuedAt => self.iat = Some(numeric_date(claim, &value)?),
            Claim::JwtId => self.jti = Some(id(value, leniency.integer_id)?),
        }
        Ok(())
    }
}

fn string(value: ShallowValue<'_>) -> Result<Cow<'_, str>, JsonType> {
    match value {
        ShallowValue::String(text) => Ok(text),
        other => Err(other.json_type()),
    }
}

fn id(value: ShallowValue<'_>, may_be_integer: bool) -> Result<Id<'_>, JsonType> {
    match value {
        ShallowValue::String(text) => Ok(Id::String(text)),
        ShallowValue::Number(number) if may_be_integer && integer_digits(&number).is_some() => {
            Ok(Id::Integer)
        }
        other => Err(other.json_type()),
    }
}

fn audience(value: ShallowValue<'_>) -> Result<AudienceNames<'_>, JsonType> {
    match value {
        ShallowValue::String(one) => Ok(AudienceNames::One(one)),
        ShallowValue::Strings(several) => Ok(AudienceNames::Several(several)),
        other => Err(other.json_type()),
    }
}

fn numeric_date(claim: Claim, value: &ShallowValue<'_>) -> Result<NumericDate, JsonType> {
    match value {
        ShallowValue::Number(number) => date(claim, number).ok_or(JsonType::Number),
        other => Err(other.json_type()),
    }
}

#[cold]
fn type_error(claim: Claim, found: JsonType) -> Error {
    Error::InvalidClaimType { claim, expected: expected_type(claim), found }
}

const fn expected_type(claim: Claim) -> &'static str {
    match claim {
        Claim::Issuer | Claim::Subject | Claim::JwtId => "a string",
        Claim::Audience => "a string or an array of strings",
        Claim::ExpirationTime | Claim::NotBefore | Claim::IssuedAt => "a number",
    }
}

struct Scanner<'p, 's, F> {
    summary: &'s mut ClaimSummary<'p>,
    leniency: TypeLeniency,
    interest: F,
}

impl<'p, F> Scanner<'p, '_, F> {
    #[inline]
    fn set(&mut self, claim: Claim, value: ShallowValue<'p>) {
        if let Err(found) = self.summary.registered.set(claim, value, self.leniency) {
            self.summary.set_wrong_type(claim, found);
        }
    }
}

impl<'p, F: Fn(&str) -> Interest> Members<'p> for Scanner<'p, '_, F> {
    fn names(&mut self) -> &mut Names<'p> {
        &mut self.summary.names
    }

    #[inline]
    fn member<A: MapAccess<'p>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        match (Claim::from_name(name), (self.interest)(name)) {
            (Some(claim), Interest::None | Interest::Presence) => {
                self.set(claim, map.next_value()?);
            }
            (claim, Interest::Value) => {
                let value: Value = map.next_value()?;
                let shallow = ShallowValue::from_value(&value)?;
                if let Some(claim) = claim {
                    self.set(claim, shallow);
                }
                if value.is_null() {
                    self.summary.nulls.push(name.into());
                }
                self.summary.values.push((name.into(), value));
            }
            (None, Interest::Presence) => {
                if map.next_value::<Option<IgnoredAny>>()?.is_none() {
                    self.summary.nulls.push(name.into());
                }
            }
            (None, Interest::None) => {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}
