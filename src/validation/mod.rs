//! The policy of a decode: what a genuine token must say to be accepted (RFC 7519 §4.1, §7.2).

mod rules;

use alloc::{string::String, sync::Arc, vec::Vec};
use core::{fmt, time::Duration};

use serde_json::Value;

use crate::{
    claims::{Claim, NumericDate},
    payload::Wanted,
};

pub(crate) use rules::check_types;

/// The longest token that is read unless [`Validation::max_token_len`] says otherwise, in bytes.
/// HTTP servers take headers of 8 to 16 KiB; no real token is longer than this.
pub(crate) const DEFAULT_MAX_TOKEN_LEN: usize = 65_536;

/// What a token must say to be accepted.
///
/// Strict by default; each method changes one rule:
///
/// | claim | default | changed by |
/// |---|---|---|
/// | `exp` | required, and in the future | [`allow_missing_exp`](Self::allow_missing_exp), [`ignore_exp`](Self::ignore_exp) |
/// | `nbf` | not in the future, if present | [`ignore_nbf`](Self::ignore_nbf) |
/// | `iat` | not checked | [`max_age`](Self::max_age), [`max_lifetime`](Self::max_lifetime) |
/// | `iss` | not checked, unless the key is bound to an issuer | [`issuer`](Self::issuer), [`issuers`](Self::issuers) |
/// | `aud` | refused if present: the token is for somebody else | [`audience`](Self::audience), [`audiences`](Self::audiences), [`ignore_audience`](Self::ignore_audience) |
/// | `sub` | not checked | [`subject`](Self::subject) |
/// | any claim | not required | [`require`](Self::require), [`claim`](Self::claim) |
/// | `typ` of the header | `JWT` or absent | [`typ`](Self::typ), [`typs`](Self::typs), [`allow_any_typ`](Self::allow_any_typ) |
/// | JSON types of these claims | as in RFC 7519 §4.1, `null` is refused | [`allow_null_claims`](Self::allow_null_claims), [`allow_non_string_subject`](Self::allow_non_string_subject), [`allow_non_string_id`](Self::allow_non_string_id) |
/// | tolerance for clocks | none | [`leeway`](Self::leeway) |
/// | length of the token | 65 536 bytes | [`max_token_len`](Self::max_token_len) |
///
/// Methods that switch off a check start with `allow_` or `ignore_`. A later call of a method
/// replaces an earlier one, but [`require`](Self::require) and [`claim`](Self::claim) add.
///
/// Build it once and share it: it is `Send` and `Sync`, and reads the clock at each decode.
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
/// assert_eq!(error.code(), "missing_claim"); // exp
/// # Ok::<(), jwt_codec::Error>(())
/// ```
///
/// Durations count in whole seconds. A fraction of one is dropped, after they are added where two
/// are.
#[derive(Debug, Clone)]
pub struct Validation {
    clock: Clock,
    leeway: Duration,
    exp_presence: Rule,
    exp: Rule,
    nbf: Rule,
    types: Types,
    max_age: Option<Duration>,
    max_lifetime: Option<Duration>,
    issuers: Option<Arc<[String]>>,
    audience: AudienceRule,
    subject: Option<String>,
    typ: TypRule,
    required: Vec<Claim>,
    /// Of the claims that are not registered.
    required_custom: Vec<String>,
    claims: Vec<(String, Value)>,
    max_token_len: usize,
}

#[derive(Clone)]
struct Clock(Arc<dyn Fn() -> NumericDate + Send + Sync>);

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// Whether a rule of the default policy holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    Enforced,
    Off,
}

/// The rules on the JSON types of registered claims.
#[derive(Debug, Clone, Copy)]
struct Types {
    subject: Rule,
    id: Rule,
    null: Rule,
}

impl Types {
    const STRICT: Self = Self { subject: Rule::Enforced, id: Rule::Enforced, null: Rule::Enforced };
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
    OneOf(Arc<[String]>),
    Any,
}

impl Validation {
    /// Makes the default policy, with the system clock.
    ///
    /// It does not exist where the standard library has no clock (`wasm32-unknown-unknown`): use
    /// [`with_clock`](Self::with_clock) there.
    #[cfg(all(feature = "std", not(all(target_family = "wasm", target_os = "unknown"))))]
    #[must_use]
    pub fn new() -> Self {
        Self::with_clock(NumericDate::now)
    }

    /// Makes the default policy, with a clock of your own.
    ///
    /// ```
    /// use std::sync::{Arc, atomic::{AtomicI64, Ordering}};
    /// use jwt_codec::{NumericDate, Validation};
    ///
    /// // A test moves its own time forward.
    /// let time = Arc::new(AtomicI64::new(1_600_000_000));
    /// let clock = { let time = Arc::clone(&time); move || time.load(Ordering::Relaxed) };
    /// let validation = Validation::with_clock(move || NumericDate::from_secs(clock()));
    /// time.fetch_add(60, Ordering::Relaxed);
    /// # let _ = validation;
    /// ```
    #[must_use]
    pub fn with_clock(clock: impl Fn() -> NumericDate + Send + Sync + 'static) -> Self {
        Self {
            clock: Clock(Arc::new(clock)),
            leeway: Duration::ZERO,
            exp_presence: Rule::Enforced,
            exp: Rule::Enforced,
            nbf: Rule::Enforced,
            types: Types::STRICT,
            max_age: None,
            max_lifetime: None,
            issuers: None,
            audience: AudienceRule::NoneExpected,
            subject: None,
            typ: TypRule::JwtOrAbsent,
            required: Vec::new(),
            required_custom: Vec::new(),
            claims: Vec::new(),
            max_token_len: DEFAULT_MAX_TOKEN_LEN,
        }
    }

    /// Checks times with this clock.
    ///
    /// **Default:** the system clock.
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> NumericDate + Send + Sync + 'static) -> Self {
        self.clock = Clock(Arc::new(clock));
        self
    }

    /// Checks times as if it were `now`: for tests, and to look at old tokens.
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
    pub fn at(self, now: NumericDate) -> Self {
        self.clock(move || now)
    }

    /// Tolerates clocks that differ by up to `leeway`: `exp`, `nbf` and `max_age` are checked with
    /// this much tolerance (RFC 7519 §4.1.4). A few seconds are usually enough.
    ///
    /// **Default:** zero.
    #[must_use]
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// Requires `iss` to equal this (RFC 7519 §4.1.1). Letter case counts, as in all of these.
    ///
    /// **Default:** not checked.
    #[must_use]
    pub fn issuer(self, issuer: impl Into<String>) -> Self {
        self.issuers([issuer])
    }

    /// Requires `iss` to equal one of these. An empty list accepts none.
    ///
    /// It does not tell whose key is whose: bind each key to its issuer with
    /// [`Key::with_issuer`](crate::Key::with_issuer) or
    /// [`KeySet::with_issuer`](crate::KeySet::with_issuer), or one of them can sign for another.
    #[must_use]
    pub fn issuers(mut self, issuers: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.issuers = Some(issuers.into_iter().map(Into::into).collect());
        self
    }

    /// Requires `aud` to be or to contain this (RFC 7519 §4.1.3).
    ///
    /// **Default:** a token that has an `aud` is refused.
    #[must_use]
    pub fn audience(self, audience: impl Into<String>) -> Self {
        self.audiences([audience])
    }

    /// Requires `aud` to be or to contain one of these. An empty list accepts none.
    #[must_use]
    pub fn audiences(mut self, audiences: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.audience = AudienceRule::OneOf(audiences.into_iter().map(Into::into).collect());
        self
    }

    /// Requires `sub` to equal this (RFC 7519 §4.1.2).
    ///
    /// **Default:** not checked.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Requires a top-level claim, registered or not, to be present; each call adds one. `null`
    /// counts as absent.
    #[must_use]
    pub fn require(mut self, name: impl Into<String>) -> Self {
        let name = name.into();
        match Claim::from_name(&name) {
            Some(claim) => self.required.push(claim),
            None => self.required_custom.push(name),
        }
        self
    }

    /// Requires a top-level claim, registered or not, to equal this JSON value; each call adds one.
    ///
    /// Numbers are compared by value at any depth, so 1 and 1.0 are equal; `null` is a value like
    /// others. Other rules on the claim still hold. The error names the claim, never a value.
    ///
    /// ```
    /// use jwt_codec::{Key, Validation, decode, encode};
    /// use serde_json::{Value, json};
    ///
    /// let key = Key::hs256(b"at least 32 bytes, better random")?;
    /// let token = encode(&json!({ "tenant": "acme", "exp": i64::MAX }), &key)?;
    ///
    /// let validation = Validation::new().claim("tenant", "acme");
    /// assert!(decode::<Value>(&token, &key, &validation).is_ok());
    /// let error = decode::<Value>(&token, &key, &validation.claim("tenant", "other")).unwrap_err();
    /// assert_eq!(error.code(), "invalid_claim");
    /// # Ok::<(), jwt_codec::Error>(())
    /// ```
    #[must_use]
    pub fn claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.claims.push((name.into(), value.into()));
        self
    }

    /// Requires `iat`, at most `max_age` and the leeway ago, and not in the future.
    ///
    /// **Default:** not checked.
    #[must_use]
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = Some(max_age);
        self
    }

    /// Requires `iat` and `exp`, at most `max_lifetime` apart. There is no leeway, as both are of
    /// one clock.
    ///
    /// **Default:** not checked.
    #[must_use]
    pub fn max_lifetime(mut self, max_lifetime: Duration) -> Self {
        self.max_lifetime = Some(max_lifetime);
        self
    }

    /// Requires the header's `typ` to be this media type, such as `at+jwt`. Letter case and
    /// `application/` in front make no difference (RFC 7515 §4.1.9).
    ///
    /// **Default:** `JWT` or absent.
    #[must_use]
    pub fn typ(self, typ: impl Into<String>) -> Self {
        self.typs([typ])
    }

    /// Requires the header's `typ` to be one of these media types, compared as by
    /// [`typ`](Self::typ). An empty list accepts none.
    #[must_use]
    pub fn typs(mut self, typs: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.typ = TypRule::OneOf(typs.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the length, in bytes, of the longest token that is read. Over it, nothing of the token
    /// is read. [`UnverifiedToken::parse_with_max_len`](crate::UnverifiedToken::parse_with_max_len)
    /// does the same where there is no policy.
    ///
    /// **Default:** 65 536.
    #[must_use]
    pub fn max_token_len(mut self, bytes: usize) -> Self {
        self.max_token_len = bytes;
        self
    }

    /// Loosens: accepts a token without `exp`, which never expires. An `exp` that is present is
    /// still checked.
    #[must_use]
    pub fn allow_missing_exp(mut self) -> Self {
        self.exp_presence = Rule::Off;
        self
    }

    /// Loosens: accepts an expired token, of any age. `exp` must still be present; see
    /// [`allow_missing_exp`](Self::allow_missing_exp).
    #[must_use]
    pub fn ignore_exp(mut self) -> Self {
        self.exp = Rule::Off;
        self
    }

    /// Loosens: accepts a token before its `nbf`.
    #[must_use]
    pub fn ignore_nbf(mut self) -> Self {
        self.nbf = Rule::Off;
        self
    }

    /// Loosens: accepts a token whomever it is for, so also one that was issued for another service
    /// (RFC 7519 §4.1.3 says to refuse it).
    #[must_use]
    pub fn ignore_audience(mut self) -> Self {
        self.audience = AudienceRule::Ignored;
        self
    }

    /// Loosens: accepts any `typ`, so a token that was made for one purpose can be used for another
    /// (RFC 8725 §2.8).
    #[must_use]
    pub fn allow_any_typ(mut self) -> Self {
        self.typ = TypRule::Any;
        self
    }

    /// Loosens: accepts a `sub` that is a number or anything else but `null`, against RFC 7519
    /// §4.1.2, of issuers that write the ids of their database. [`Claims`](crate::Claims) has it as
    /// its JSON text; [`subject`](Self::subject) matches only a string.
    #[must_use]
    pub fn allow_non_string_subject(mut self) -> Self {
        self.types.subject = Rule::Off;
        self
    }

    /// Loosens: accepts a `jti` that is a number or anything else but `null`, against RFC 7519
    /// §4.1.7. [`Claims`](crate::Claims) has it as its JSON text.
    #[must_use]
    pub fn allow_non_string_id(mut self) -> Self {
        self.types.id = Rule::Off;
        self
    }

    /// Loosens: a registered claim that is `null` counts as absent, for the policy and in
    /// [`Claims`](crate::Claims). Some issuers write `"aud":null`.
    #[must_use]
    pub fn allow_null_claims(mut self) -> Self {
        self.types.null = Rule::Off;
        self
    }

    pub(crate) fn token_limit(&self) -> usize {
        self.max_token_len
    }

    /// The claims that the policy names beside the registered ones.
    pub(crate) fn wanted(&self) -> Wanted<'_> {
        Wanted { present: &self.required_custom, equal: &self.claims }
    }
}

#[cfg(all(feature = "std", not(all(target_family = "wasm", target_os = "unknown"))))]
impl Default for Validation {
    fn default() -> Self {
        Self::new()
    }
}
