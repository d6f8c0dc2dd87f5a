//! The policy of a decode: what a genuine token must say to be accepted (RFC 7519 §4.1, §7.2).

mod rules;

use alloc::{string::String, sync::Arc, vec::Vec};
use core::{fmt, time::Duration};

use serde_json::Value;

use crate::claims::{Claim, Interest, NumericDate, TypeLeniency};

/// The longest token that is read unless [`Validation::max_token_len`] says otherwise, in bytes.
/// HTTP servers accept headers of 8 to 16 KiB; no real token is longer than this.
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
/// | `aud` | rejected if present: the token is for another service | [`audience`](Self::audience), [`audiences`](Self::audiences), [`ignore_audience`](Self::ignore_audience) |
/// | `sub` | not checked | [`subject`](Self::subject) |
/// | any claim | not required | [`require`](Self::require), [`claim`](Self::claim), [`claim_one_of`](Self::claim_one_of), [`forbid`](Self::forbid) |
/// | `typ` of the header | `JWT` or absent | [`typ`](Self::typ), [`typs`](Self::typs), [`allow_missing_typ`](Self::allow_missing_typ), [`allow_any_typ`](Self::allow_any_typ) |
/// | JSON types of these claims | as in RFC 7519 §4.1, `null` is rejected | [`allow_null_claims`](Self::allow_null_claims), [`allow_non_string_subject`](Self::allow_non_string_subject), [`allow_non_string_id`](Self::allow_non_string_id) |
/// | tolerance for clocks | none | [`leeway`](Self::leeway) |
/// | length of the token | 65 536 bytes | [`max_token_len`](Self::max_token_len) |
///
/// Methods that switch off a check start with `allow_` or `ignore_`. A later call of a method
/// replaces an earlier one. [`require`](Self::require), [`claim`](Self::claim),
/// [`claim_one_of`](Self::claim_one_of) and [`forbid`](Self::forbid) add a rule with each call.
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
/// Durations, or the sum of two, are truncated to whole seconds.
#[derive(Debug, Clone)]
pub struct Validation {
    clock: Clock,
    leeway: Duration,
    exp_presence: Rule,
    exp: Rule,
    nbf: Rule,
    leniency: TypeLeniency,
    max_age: Option<Duration>,
    max_lifetime: Option<Duration>,
    issuers: Option<Arc<[String]>>,
    audience: AudienceRule,
    subject: Option<String>,
    typ: TypRule,
    typ_presence: Rule,
    required: Vec<Claim>,
    required_custom: Vec<String>,
    claim_rules: Vec<ClaimRule>,
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

/// A rule on the value of one claim.
#[derive(Debug, Clone)]
enum ClaimRule {
    Equals { name: String, value: Value },
    OneOf { name: String, values: Vec<Value> },
    Forbidden { name: String },
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
            leniency: TypeLeniency::default(),
            max_age: None,
            max_lifetime: None,
            issuers: None,
            audience: AudienceRule::NoneExpected,
            subject: None,
            typ: TypRule::JwtOrAbsent,
            typ_presence: Rule::Enforced,
            required: Vec::new(),
            required_custom: Vec::new(),
            claim_rules: Vec::new(),
            max_token_len: DEFAULT_MAX_TOKEN_LEN,
        }
    }

    /// Sets the clock that times are checked with.
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

    /// Tolerates clocks that differ by up to `leeway` (RFC 7519 §4.1.4): it extends `exp` and
    /// `max_age`, and `nbf` and `iat` may be this far in the future. A few seconds are usually enough.
    ///
    /// **Default:** zero.
    #[must_use]
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// Requires `iss` to equal this issuer (RFC 7519 §4.1.1). The comparison is case-sensitive.
    ///
    /// **Default:** not checked.
    #[must_use]
    pub fn issuer(self, issuer: impl Into<String>) -> Self {
        self.issuers([issuer])
    }

    /// Requires `iss` to equal one of these issuers. An empty list accepts no token.
    ///
    /// This rule does not know which key belongs to which issuer. Bind each key to its issuer with
    /// [`Key::with_issuer`](crate::Key::with_issuer) or
    /// [`KeySet::with_issuer`](crate::KeySet::with_issuer), or one issuer can sign for another.
    #[must_use]
    pub fn issuers(mut self, issuers: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.issuers = Some(issuers.into_iter().map(Into::into).collect());
        self
    }

    /// Requires `aud` to be or to contain this audience (RFC 7519 §4.1.3).
    ///
    /// **Default:** a token that has an `aud` is rejected.
    #[must_use]
    pub fn audience(self, audience: impl Into<String>) -> Self {
        self.audiences([audience])
    }

    /// Requires `aud` to be or to contain one of these audiences. An empty list accepts no token.
    #[must_use]
    pub fn audiences(mut self, audiences: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.audience = AudienceRule::OneOf(audiences.into_iter().map(Into::into).collect());
        self
    }

    /// Requires `sub` to equal this subject (RFC 7519 §4.1.2). An integer never equals it.
    ///
    /// **Default:** not checked.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Requires a top-level claim, registered or custom, to be present. Each call adds a claim. `null`
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

    /// Requires a top-level claim, registered or custom, to equal this JSON value. Each call adds a rule.
    ///
    /// Numbers are compared by value at any depth, so 1 and 1.0 are equal. Integers of up to 64 bits are
    /// compared exactly, and all integers under the feature `arbitrary_precision` of `serde_json`. Other
    /// numbers are compared as the `f64` that `serde_json` reads; unless its feature `float_roundtrip` is
    /// on, that can be a neighbour of the one that was written, so prefer integers and strings. `null` is a
    /// value like others. The claim's other rules still hold. The error names the claim, never a value.
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
        self.claim_rules.push(ClaimRule::Equals { name: name.into(), value: value.into() });
        self
    }

    /// Requires a top-level claim, registered or custom, to equal one of these JSON values, compared as
    /// by [`claim`](Self::claim). Each call adds a rule. An empty list accepts no token.
    ///
    /// ```
    /// use jwt_codec::{Key, Validation, decode, encode};
    /// use serde_json::{Value, json};
    ///
    /// let key = Key::hs256(b"at least 32 bytes, better random")?;
    /// let token = encode(&json!({ "client_id": "web", "exp": i64::MAX }), &key)?;
    ///
    /// let validation = Validation::new().claim_one_of("client_id", ["web", "mobile"]);
    /// assert!(decode::<Value>(&token, &key, &validation).is_ok());
    /// # Ok::<(), jwt_codec::Error>(())
    /// ```
    #[must_use]
    pub fn claim_one_of(
        mut self,
        name: impl Into<String>,
        values: impl IntoIterator<Item = impl Into<Value>>,
    ) -> Self {
        let values = values.into_iter().map(Into::into).collect();
        self.claim_rules.push(ClaimRule::OneOf { name: name.into(), values });
        self
    }

    /// Rejects a token that has this top-level claim, registered or custom, even as `null`. Each call
    /// adds a rule.
    ///
    /// ```
    /// use jwt_codec::{Key, Validation, decode, encode};
    /// use serde_json::{Value, json};
    ///
    /// let key = Key::hs256(b"at least 32 bytes, better random")?;
    /// let token = encode(&json!({ "nonce": "n-1", "exp": i64::MAX }), &key)?;
    /// let error = decode::<Value>(&token, &key, &Validation::new().forbid("nonce")).unwrap_err();
    /// assert_eq!(error.code(), "invalid_claim");
    /// # Ok::<(), jwt_codec::Error>(())
    /// ```
    #[must_use]
    pub fn forbid(mut self, name: impl Into<String>) -> Self {
        self.claim_rules.push(ClaimRule::Forbidden { name: name.into() });
        self
    }

    /// Requires `iat`, at most `max_age` plus the leeway ago, and not in the future beyond the leeway.
    ///
    /// **Default:** not checked.
    #[must_use]
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = Some(max_age);
        self
    }

    /// Requires `iat` and `exp`, at most `max_lifetime` apart, and an `iat` that is not in the future
    /// beyond the leeway. The lifetime itself has no leeway, because one clock set both.
    ///
    /// **Default:** not checked.
    #[must_use]
    pub fn max_lifetime(mut self, max_lifetime: Duration) -> Self {
        self.max_lifetime = Some(max_lifetime);
        self
    }

    /// Requires the header's `typ` to be this media type, such as `at+jwt`. Letter case and the prefix
    /// `application/` make no difference (RFC 7515 §4.1.9).
    ///
    /// **Default:** `JWT` or absent.
    #[must_use]
    pub fn typ(self, typ: impl Into<String>) -> Self {
        self.typs([typ])
    }

    /// Requires the header's `typ` to be one of these media types, compared as by [`typ`](Self::typ).
    /// An empty list accepts no token.
    #[must_use]
    pub fn typs(mut self, typs: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.typ = TypRule::OneOf(typs.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the length of the longest token that is read, in bytes. Nothing of a longer token is read.
    /// A header may have 8192 bytes, or an eighth of this length if that is more.
    /// [`UnverifiedToken::parse_with_max_len`](crate::UnverifiedToken::parse_with_max_len) does the same
    /// where there is no policy.
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

    /// Loosens: accepts a token with any audience, so also a token that was issued for another service.
    /// RFC 7519 §4.1.3 says to reject it.
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

    /// Loosens: accepts a token without `typ` where [`typ`](Self::typ) or [`typs`](Self::typs) requires
    /// one. A `typ` that is present is still checked.
    #[must_use]
    pub fn allow_missing_typ(mut self) -> Self {
        self.typ_presence = Rule::Off;
        self
    }

    /// Loosens: accepts a `sub` that is an integer of 64 bits, against RFC 7519 §4.1.2, for issuers that
    /// write the ids of their database. In [`Claims`](crate::Claims) it comes out as its digits.
    /// [`subject`](Self::subject) matches only a string.
    #[must_use]
    pub fn allow_non_string_subject(mut self) -> Self {
        self.leniency.integer_subject = true;
        self
    }

    /// Loosens: accepts a `jti` that is an integer of 64 bits, against RFC 7519 §4.1.7. In
    /// [`Claims`](crate::Claims) it comes out as its digits.
    #[must_use]
    pub fn allow_non_string_id(mut self) -> Self {
        self.leniency.integer_id = true;
        self
    }

    /// Loosens: a registered claim that is `null` counts as absent, for the policy and in
    /// [`Claims`](crate::Claims). Some issuers write `"aud":null`.
    #[must_use]
    pub fn allow_null_claims(mut self) -> Self {
        self.leniency.null = true;
        self
    }

    /// Returns the time by this policy's clock.
    #[must_use]
    pub fn now(&self) -> NumericDate {
        (self.clock.0)()
    }

    /// Returns the tolerance for clocks that differ; see [`leeway`](Self::leeway).
    #[must_use]
    pub fn current_leeway(&self) -> Duration {
        self.leeway
    }

    pub(crate) fn token_limit(&self) -> usize {
        self.max_token_len
    }

    pub(crate) fn type_leniency(&self) -> TypeLeniency {
        self.leniency
    }

    /// What the policy needs to know of the claim of this name.
    #[inline]
    pub(crate) fn interest(&self, name: &str) -> Interest {
        let needs_value = |rule: &ClaimRule| match rule {
            ClaimRule::Equals { name: other, .. } | ClaimRule::OneOf { name: other, .. } => {
                other == name
            }
            ClaimRule::Forbidden { .. } => false,
        };
        if self.claim_rules.iter().any(needs_value) {
            Interest::Value
        } else if self.required_custom.iter().any(|required| required == name) {
            Interest::Presence
        } else {
            Interest::None
        }
    }
}

#[cfg(all(feature = "std", not(all(target_family = "wasm", target_os = "unknown"))))]
impl Default for Validation {
    fn default() -> Self {
        Self::new()
    }
}
