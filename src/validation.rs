//! The policy of a decode: what a genuine token must say to be let in (RFC 7519 §4.1, §7.2), one
//! function a claim.

use alloc::{string::String, sync::Arc, vec::Vec};
use core::time::Duration;

use crate::{
    claims::Claim,
    error::{Error, JsonType, Reason, Segment, excerpt},
    header::Header,
    numeric_date::{NumericDate, Rounding},
    payload::Seen,
    skim::JsonValue,
};

/// The longest token that is read unless [`Validation::max_token_len`] says otherwise, in bytes.
/// HTTP servers take headers of some 8 to 16 KiB; beyond this nobody has sent a token in earnest.
pub(crate) const DEFAULT_MAX_TOKEN_LEN: usize = 65_536;

/// The most members of a foreign `aud` that an error quotes.
const QUOTED_AUDIENCES: usize = 8;

/// What a token must say to be accepted. The default denies: `exp` has to be there and in the
/// future, `nbf` not in the future, without leeway; a token that names an audience is refused until
/// [`audience`](Validation::audience) says that it is this service.
///
/// Each rule has one method, and a later call replaces an earlier one. What loosens a default has a
/// name that shows it: `allow_…` and `ignore_…`.
///
/// ```
/// use std::time::Duration;
/// use jwt_codec::{Claims, Key, Validation, decode, encode};
///
/// let key = Key::hs256(b"at least 32 bytes, better random")?;
/// let validation = Validation::new()
///     .issuer("https://login.example")
///     .audience("api")
///     .leeway(Duration::from_secs(5));
///
/// let claims = Claims::new(()).issuer("https://login.example").audience("api");
/// let token = encode(&claims.clone().expires_in(Duration::from_secs(60)), &key)?;
/// assert!(decode::<Claims<()>>(&token, &key, &validation).is_ok());
///
/// let token = encode(&claims, &key)?;
/// let error = decode::<Claims<()>>(&token, &key, &validation).unwrap_err();
/// assert_eq!(error.to_string(), "claim \"exp\" is missing");
/// # Ok::<(), jwt_codec::Error>(())
/// ```
///
/// Durations count in whole seconds; a fraction of one is dropped, after they are added where two are.
#[derive(Debug, Clone)]
pub struct Validation {
    clock: Clock,
    leeway: Duration,
    exp_presence: Rule,
    exp: Rule,
    nbf: Rule,
    subject_type: Rule,
    max_age: Option<Duration>,
    max_lifetime: Option<Duration>,
    issuers: Option<Arc<[String]>>,
    audience: AudienceRule,
    subject: Option<String>,
    typ: TypRule,
    required_registered: Vec<Claim>,
    required_custom: Vec<String>,
    max_token_len: usize,
}

#[derive(Debug, Clone, Copy)]
enum Clock {
    Function(fn() -> NumericDate),
    Fixed(NumericDate),
}

/// Whether a rule that holds by default was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    Enforced,
    Waived,
}

#[derive(Debug, Clone)]
enum AudienceRule {
    /// The token must not name one.
    NoneExpected,
    OneOf(Arc<[String]>),
    Ignored,
}

#[derive(Debug, Clone)]
enum TypRule {
    /// `JWT` or none (RFC 7519 §5.1).
    JwtOrAbsent,
    Exactly(String),
    Any,
}

impl Validation {
    /// The default policy, with the system clock.
    #[cfg(feature = "std")]
    #[must_use]
    pub fn new() -> Self {
        Self::with_clock(NumericDate::now)
    }

    /// The default policy, with this clock: also without `std`.
    ///
    /// ```
    /// use jwt_codec::{NumericDate, Validation};
    ///
    /// fn uptime_clock() -> NumericDate { NumericDate::from_secs(1_600_000_000) }
    /// let validation = Validation::with_clock(uptime_clock);
    /// # let _ = validation;
    /// ```
    #[must_use]
    pub fn with_clock(clock: fn() -> NumericDate) -> Self {
        Self {
            clock: Clock::Function(clock),
            leeway: Duration::ZERO,
            exp_presence: Rule::Enforced,
            exp: Rule::Enforced,
            nbf: Rule::Enforced,
            subject_type: Rule::Enforced,
            max_age: None,
            max_lifetime: None,
            issuers: None,
            audience: AudienceRule::NoneExpected,
            subject: None,
            typ: TypRule::JwtOrAbsent,
            required_registered: Vec::new(),
            required_custom: Vec::new(),
            max_token_len: DEFAULT_MAX_TOKEN_LEN,
        }
    }

    /// Checks times with this clock.
    #[must_use]
    pub fn clock(mut self, clock: fn() -> NumericDate) -> Self {
        self.clock = Clock::Function(clock);
        self
    }

    /// Checks times as if it were then: for tests, and to look at old tokens.
    ///
    /// ```
    /// use jwt_codec::{Claims, Key, NumericDate, Validation, decode, encode};
    ///
    /// let key = Key::hs256(b"at least 32 bytes, better random")?;
    /// let exp = NumericDate::from_secs(1_600_000_000);
    /// let token = encode(&Claims::new(()).expires_at(exp), &key)?;
    ///
    /// let before = Validation::new().at(NumericDate::from_secs(1_599_999_999));
    /// assert!(decode::<Claims<()>>(&token, &key, &before).is_ok());
    /// let error = decode::<Claims<()>>(&token, &key, &before.at(exp)).unwrap_err();
    /// assert!(error.is_expired());
    /// # Ok::<(), jwt_codec::Error>(())
    /// ```
    #[must_use]
    pub fn at(mut self, now: NumericDate) -> Self {
        self.clock = Clock::Fixed(now);
        self
    }

    /// Takes `exp`, `nbf` and ages as met by so much more, for clocks that differ (RFC 7519
    /// §4.1.4): usually no more than a few seconds. Default: none.
    #[must_use]
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// Requires `iss` to be this, to the letter (RFC 7519 §4.1.1).
    #[must_use]
    pub fn issuer(self, issuer: impl Into<String>) -> Self {
        self.issuers([issuer])
    }

    /// Requires `iss` to be one of these, to the letter. An empty list takes none.
    #[must_use]
    pub fn issuers(mut self, issuers: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.issuers = Some(issuers.into_iter().map(Into::into).collect());
        self
    }

    /// Requires `aud` to be or to contain this, to the letter (RFC 7519 §4.1.3).
    #[must_use]
    pub fn audience(self, audience: impl Into<String>) -> Self {
        self.audiences([audience])
    }

    /// Requires `aud` to be or to contain one of these, to the letter. An empty list takes none.
    #[must_use]
    pub fn audiences(mut self, audiences: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.audience = AudienceRule::OneOf(audiences.into_iter().map(Into::into).collect());
        self
    }

    /// Requires `sub` to be this, to the letter (RFC 7519 §4.1.2).
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Requires a top-level claim, registered or not, to be there; each call adds one. `null`
    /// counts as absent.
    #[must_use]
    pub fn require(mut self, name: impl Into<String>) -> Self {
        let name = name.into();
        match Claim::from_name(name.as_bytes()) {
            Some(claim) => self.required_registered.push(claim),
            None => self.required_custom.push(name),
        }
        self
    }

    /// Requires `iat`, no further back than this and the leeway, and not in the future.
    #[must_use]
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = Some(max_age);
        self
    }

    /// Requires `iat` and `exp`, no further apart than this. Fractions of a second in them count
    /// against the token, and there is no leeway: both are of one clock.
    #[must_use]
    pub fn max_lifetime(mut self, max_lifetime: Duration) -> Self {
        self.max_lifetime = Some(max_lifetime);
        self
    }

    /// Requires the header's `typ` to be this media type, such as `at+jwt`; letter case and an
    /// `application/` in front make no difference (RFC 7515 §4.1.9). By default it is `JWT` or not
    /// there.
    #[must_use]
    pub fn typ(mut self, typ: impl Into<String>) -> Self {
        self.typ = TypRule::Exactly(typ.into());
        self
    }

    /// The longest token that [`decode`](crate::decode()) and
    /// [`decode_borrowed`](crate::decode_borrowed) read, in bytes. Default: 65 536, which is also what
    /// [`UnverifiedToken::parse`](crate::UnverifiedToken::parse) reads.
    #[must_use]
    pub fn max_token_len(mut self, bytes: usize) -> Self {
        self.max_token_len = bytes;
        self
    }

    /// Loosens: takes a token without `exp`, one that never expires. An `exp` that is there is
    /// still checked.
    #[must_use]
    pub fn allow_missing_exp(mut self) -> Self {
        self.exp_presence = Rule::Waived;
        self
    }

    /// Loosens: takes an expired token. `exp` still has to be there; see
    /// [`allow_missing_exp`](Self::allow_missing_exp).
    #[must_use]
    pub fn ignore_exp(mut self) -> Self {
        self.exp = Rule::Waived;
        self
    }

    /// Loosens: takes a token before its `nbf`.
    #[must_use]
    pub fn ignore_nbf(mut self) -> Self {
        self.nbf = Rule::Waived;
        self
    }

    /// Loosens: takes a token whoever it is for (RFC 7519 §4.1.3 says to refuse it).
    #[must_use]
    pub fn ignore_audience(mut self) -> Self {
        self.audience = AudienceRule::Ignored;
        self
    }

    /// Loosens: takes a token of any `typ`, which allows a token made for one purpose to be used
    /// for another (RFC 8725 §2.8).
    #[must_use]
    pub fn allow_any_typ(mut self) -> Self {
        self.typ = TypRule::Any;
        self
    }

    /// Loosens: takes a `sub` that is a number or anything else but `null`, against RFC 7519
    /// §4.1.2, for tokens of issuers that write their database's ids.
    #[must_use]
    pub fn allow_non_string_subject(mut self) -> Self {
        self.subject_type = Rule::Waived;
        self
    }

    pub(crate) fn token_limit(&self) -> usize {
        self.max_token_len
    }

    /// The names of claims to look out for that are not registered ones.
    pub(crate) fn required_custom(&self) -> &[String] {
        &self.required_custom
    }

    /// Holds the claims against the policy: types first, then presence, then claim by claim.
    pub(crate) fn check(&self, header: &Header, seen: &Seen<'_>) -> Result<(), Error> {
        let claims = Registered::of(seen, self.subject_type)?;
        self.check_presence(seen)?;
        if self.needs_time() {
            let now = self.now();
            self.check_exp(&claims, now)?;
            self.check_nbf(&claims, now)?;
            self.check_age(&claims, now)?;
        }
        self.check_lifetime(&claims)?;
        self.check_issuer(&claims)?;
        self.check_audience(&claims)?;
        self.check_subject(&claims)?;
        self.check_typ(header)
    }

    fn now(&self) -> NumericDate {
        match self.clock {
            Clock::Function(now) => now(),
            Clock::Fixed(now) => now,
        }
    }

    fn needs_time(&self) -> bool {
        self.exp == Rule::Enforced || self.nbf == Rule::Enforced || self.max_age.is_some()
    }

    fn check_presence(&self, seen: &Seen<'_>) -> Result<(), Error> {
        let need = |needed: bool, claim: Claim| {
            if needed && seen.registered(claim).is_none() {
                return Err(Error::missing_claim(claim.name()));
            }
            Ok(())
        };
        let ages = self.max_age.is_some() || self.max_lifetime.is_some();
        let needs_exp = self.exp_presence == Rule::Enforced || self.max_lifetime.is_some();
        need(needs_exp, Claim::ExpirationTime)?;
        need(ages, Claim::IssuedAt)?;
        need(self.issuers.is_some(), Claim::Issuer)?;
        need(matches!(self.audience, AudienceRule::OneOf(_)), Claim::Audience)?;
        need(self.subject.is_some(), Claim::Subject)?;
        for &claim in &self.required_registered {
            need(true, claim)?;
        }
        match self.required_custom.iter().find(|name| !seen.has_custom(name)) {
            None => Ok(()),
            Some(name) => Err(Error::missing_claim(name)),
        }
    }

    /// RFC 7519 §4.1.4: the time must be before `exp`.
    fn check_exp(&self, claims: &Registered<'_>, now: NumericDate) -> Result<(), Error> {
        match (self.exp, claims.exp()) {
            (Rule::Enforced, Some(exp)) if now >= exp + self.leeway => {
                Err(Error::Expired { exp, now })
            }
            _ => Ok(()),
        }
    }

    /// RFC 7519 §4.1.5: the time must be at or after `nbf`.
    fn check_nbf(&self, claims: &Registered<'_>, now: NumericDate) -> Result<(), Error> {
        match (self.nbf, claims.nbf()) {
            (Rule::Enforced, Some(nbf)) => self.check_not_before(Claim::NotBefore, nbf, now),
            _ => Ok(()),
        }
    }

    fn check_age(&self, claims: &Registered<'_>, now: NumericDate) -> Result<(), Error> {
        let Some(max_age) = self.max_age else { return Ok(()) };
        let Some(iat) = claims.iat() else { return Ok(()) };
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

    fn check_lifetime(&self, claims: &Registered<'_>) -> Result<(), Error> {
        let Some(max_lifetime) = self.max_lifetime else { return Ok(()) };
        match (claims.iat(), claims.exp()) {
            (Some(iat), Some(exp)) if exp > iat + max_lifetime => {
                Err(Error::LifetimeTooLong { iat, exp, max_lifetime })
            }
            _ => Ok(()),
        }
    }

    fn check_issuer(&self, claims: &Registered<'_>) -> Result<(), Error> {
        let (Some(expected), Some(iss)) = (&self.issuers, claims.iss) else { return Ok(()) };
        let iss = iss.string().map_err(malformed)?;
        if expected.iter().any(|issuer| *issuer == iss) {
            return Ok(());
        }
        Err(Error::InvalidIssuer { expected: Arc::clone(expected), found: excerpt(&iss) })
    }

    /// RFC 7519 §4.1.3: whoever does not find himself in `aud` must refuse the token.
    fn check_audience(&self, claims: &Registered<'_>) -> Result<(), Error> {
        let Some(aud) = claims.aud else { return Ok(()) };
        let expected = match &self.audience {
            AudienceRule::Ignored => return Ok(()),
            AudienceRule::OneOf(expected) => {
                let mut is_for_us = false;
                each_audience(aud, |audience| {
                    is_for_us = is_for_us || expected.iter().any(|one| one == audience);
                })?;
                if is_for_us {
                    return Ok(());
                }
                Arc::clone(expected)
            }
            AudienceRule::NoneExpected => Arc::default(),
        };
        let mut found = Vec::new();
        each_audience(aud, |audience| {
            if found.len() < QUOTED_AUDIENCES {
                found.push(excerpt(audience));
            }
        })?;
        Err(Error::InvalidAudience { expected, found })
    }

    fn check_subject(&self, claims: &Registered<'_>) -> Result<(), Error> {
        let (Some(expected), Some(sub)) = (&self.subject, claims.sub) else { return Ok(()) };
        let found = if sub.json_type() == JsonType::String {
            let sub = sub.string().map_err(malformed)?;
            if sub == *expected {
                return Ok(());
            }
            excerpt(&sub)
        } else {
            excerpt(sub.text())
        };
        Err(Error::InvalidSubject { expected: expected.clone(), found })
    }

    /// RFC 8725 §3.11.
    fn check_typ(&self, header: &Header) -> Result<(), Error> {
        let (expected, fits) = match &self.typ {
            TypRule::Any => return Ok(()),
            TypRule::JwtOrAbsent => {
                ("JWT", header.typ().is_none_or(|typ| same_media_type(typ, "JWT")))
            }
            TypRule::Exactly(expected) => {
                (expected.as_str(), header.typ().is_some_and(|typ| same_media_type(typ, expected)))
            }
        };
        if fits {
            return Ok(());
        }
        Err(Error::UnexpectedType { expected: expected.into(), found: header.typ().map(excerpt) })
    }
}

#[cfg(feature = "std")]
impl Default for Validation {
    fn default() -> Self {
        Self::new()
    }
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

/// The registered claims, each of the JSON type that RFC 7519 §4.1 gives it, and read when a rule
/// wants it.
struct Registered<'p> {
    iss: Option<JsonValue<'p>>,
    sub: Option<JsonValue<'p>>,
    aud: Option<JsonValue<'p>>,
    exp: Option<JsonValue<'p>>,
    nbf: Option<JsonValue<'p>>,
    iat: Option<JsonValue<'p>>,
}

impl<'p> Registered<'p> {
    fn of(seen: &Seen<'p>, subject_type: Rule) -> Result<Self, Error> {
        let string = |claim| of_type(seen, claim, JsonType::String, "a string");
        let number = |claim| of_type(seen, claim, JsonType::Number, "a number");
        let claims = Self {
            iss: string(Claim::Issuer)?,
            sub: match (seen.registered(Claim::Subject), subject_type) {
                (Some(sub), Rule::Waived) if sub.json_type() != JsonType::Null => Some(sub),
                _ => string(Claim::Subject)?,
            },
            aud: audience(seen)?,
            exp: number(Claim::ExpirationTime)?,
            nbf: number(Claim::NotBefore)?,
            iat: number(Claim::IssuedAt)?,
        };
        string(Claim::JwtId)?;
        Ok(claims)
    }

    fn exp(&self) -> Option<NumericDate> {
        self.exp.map(|exp| exp.date(Rounding::Up))
    }

    fn nbf(&self) -> Option<NumericDate> {
        self.nbf.map(|nbf| nbf.date(Rounding::Up))
    }

    fn iat(&self) -> Option<NumericDate> {
        self.iat.map(|iat| iat.date(Rounding::Down))
    }
}

fn of_type<'p>(
    seen: &Seen<'p>,
    claim: Claim,
    json_type: JsonType,
    expected: &'static str,
) -> Result<Option<JsonValue<'p>>, Error> {
    let Some(value) = seen.registered(claim) else { return Ok(None) };
    let found = value.json_type();
    if found == json_type {
        Ok(Some(value))
    } else {
        Err(Error::InvalidClaimType { claim, expected, found })
    }
}

fn audience<'p>(seen: &Seen<'p>) -> Result<Option<JsonValue<'p>>, Error> {
    let Some(aud) = seen.registered(Claim::Audience) else { return Ok(None) };
    let found = aud.json_type();
    let mut is_right = found == JsonType::String || found == JsonType::Array;
    if found == JsonType::Array {
        aud.each_element(|element| is_right = is_right && element.json_type() == JsonType::String);
    }
    if is_right {
        return Ok(Some(aud));
    }
    let expected = "a string or an array of strings";
    Err(Error::InvalidClaimType { claim: Claim::Audience, expected, found })
}

/// Gives each member of an `aud` of the right type.
fn each_audience(aud: JsonValue<'_>, mut take: impl FnMut(&str)) -> Result<(), Error> {
    let mut result = Ok(());
    let read = |value: JsonValue<'_>| match value.string() {
        Ok(audience) => take(&audience),
        Err(error) => result = Err(malformed(error)),
    };
    match aud.json_type() {
        JsonType::String => [aud].into_iter().for_each(read),
        _ => aud.each_element(read),
    }
    result
}

/// The payload was found to be JSON, so what is wrong is an escape that names half a character.
#[expect(clippy::needless_pass_by_value, reason = "it is given to `map_err`")]
fn malformed(error: serde_json::Error) -> Error {
    Error::malformed(Segment::Payload, Reason::json(&error))
}
