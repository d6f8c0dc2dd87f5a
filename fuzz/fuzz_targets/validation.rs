//! Any policy on any claims, against a second implementation of its rules: plainly written, in
//! `i128`, and clamped to `i64` where the crate's sums saturate.

#![no_main]

use std::{collections::BTreeSet, time::Duration};

use arbitrary::Arbitrary;
use jwt_codec::{Algorithm, Error, Key, NumericDate, Validation, decode};
use jwt_codec_fuzz::{REGISTERED, ReservedNames, SECRET, reserved_names, token};
use libfuzzer_sys::fuzz_target;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

#[derive(Arbitrary, Debug)]
struct Input {
    policy: Policy,
    claims: Claims,
    typ: Option<Typ>,
}

#[derive(Arbitrary, Debug)]
struct Policy {
    now: Now,
    leeway: Span,
    allow_missing_exp: bool,
    ignore_exp: bool,
    ignore_nbf: bool,
    allow_non_string_subject: bool,
    max_age: Option<Span>,
    max_lifetime: Option<Span>,
    issuers: Option<Vec<Text>>,
    audience: AudienceRule,
    subject: Option<Text>,
    typ: TypRule,
    require: Vec<Name>,
}

#[derive(Arbitrary, Debug)]
enum AudienceRule {
    NoneExpected,
    Ignored,
    OneOf(Vec<Text>),
}

#[derive(Arbitrary, Debug)]
enum TypRule {
    JwtOrAbsent,
    Any,
    Exactly(Typ),
}

#[derive(Arbitrary, Debug)]
enum Now {
    Usual(u8),
    Start(u8),
    End(u8),
    Any(i64),
}

#[derive(Arbitrary, Debug)]
enum Span {
    Short(u8, u32),
    Any(u64, u32),
}

/// Few, so that they often meet their like.
#[derive(Arbitrary, Debug)]
enum Text {
    Small,
    Capital,
    Longer,
    Accent,
    Empty,
    Any(String),
}

#[derive(Arbitrary, Debug)]
enum Typ {
    Jwt { prefix: bool, capitals: u8 },
    AtJwt { prefix: bool, capitals: u8 },
    Any(String),
}

#[derive(Arbitrary, Debug)]
enum Name {
    Registered(u8),
    Custom(Text),
}

#[derive(Arbitrary, Debug)]
struct Claims {
    iss: Option<StringClaim>,
    sub: Option<StringClaim>,
    aud: Option<Aud>,
    exp: Option<Date>,
    nbf: Option<Date>,
    iat: Option<Date>,
    jti: Option<StringClaim>,
    custom: Vec<(Text, Other)>,
    escaped_names: bool,
    spaces: bool,
}

#[derive(Arbitrary, Debug)]
enum StringClaim {
    Right { text: Text, escaped: bool },
    Wrong(Other),
}

#[derive(Arbitrary, Debug)]
enum Aud {
    One(Text),
    Several { texts: Vec<Text>, escaped: bool },
    Mixed { texts: Vec<Text>, last: Other },
    Wrong(Other),
}

#[derive(Arbitrary, Debug)]
enum Date {
    Right(Number),
    Wrong(Other),
}

/// A value of no type in particular.
#[derive(Arbitrary, Debug)]
enum Other {
    Null,
    Bool(bool),
    /// One that a double can hold, though not exactly.
    Number(Whole, Option<(u8, u16)>, Option<i8>),
    String(Text),
    Array(Vec<u8>),
    Object,
}

/// A JSON number: sign, whole part, fraction, exponent, each of which may be far out.
#[derive(Arbitrary, Debug)]
struct Number {
    whole: Whole,
    minus_zero: bool,
    fraction: Option<(u8, u16)>,
    exponent: Option<(Sign, i16)>,
}

#[derive(Arbitrary, Debug, Clone, Copy)]
enum Whole {
    NearNow(i8),
    NearStart(i8),
    NearEnd(i8),
    Small(i16),
    Any(i64),
    /// Up to 2^87, so that with ten digits of fraction it fits into `i128` still.
    Wide(i128),
}

#[derive(Arbitrary, Debug)]
enum Sign {
    Plain,
    Plus,
    Capital,
}

impl Now {
    fn secs(&self) -> i64 {
        match *self {
            Self::Usual(more) => 1_600_000_000 + i64::from(more),
            Self::Start(more) => i64::MIN + i64::from(more),
            Self::End(less) => i64::MAX - i64::from(less),
            Self::Any(secs) => secs,
        }
    }
}

impl Span {
    fn duration(&self) -> Duration {
        let (secs, nanos) = match *self {
            Self::Short(secs, nanos) => (secs.into(), nanos),
            Self::Any(secs, nanos) => (secs, nanos),
        };
        Duration::new(secs, nanos % 1_000_000_000)
    }
}

impl Text {
    fn text(&self) -> &str {
        match self {
            Self::Small => "a",
            Self::Capital => "A",
            Self::Longer => "ab",
            Self::Accent => "\u{e9}\u{1f511}",
            Self::Empty => "",
            Self::Any(text) => text,
        }
    }

    fn json(&self, escaped: bool) -> String {
        if escaped { escaped_string(self.text()) } else { json_string(self.text()) }
    }
}

/// As JSON, with every character escaped.
fn escaped_string(text: &str) -> String {
    let units = text.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
    format!("\"{}\"", units.collect::<String>())
}

fn json_string(text: &str) -> String {
    serde_json::to_string(text).expect("a string")
}

fn texts(texts: &[Text]) -> Vec<&str> {
    texts.iter().map(Text::text).collect()
}

impl Typ {
    fn text(&self) -> String {
        let (prefix, short, capitals) = match self {
            Self::Jwt { prefix, capitals } => (prefix, "jwt", capitals),
            Self::AtJwt { prefix, capitals } => (prefix, "at+jwt", capitals),
            Self::Any(text) => return text.clone(),
        };
        let text = format!("{}{short}", if *prefix { "application/" } else { "" });
        let is_capital = |index: usize| capitals >> (index % 8) & 1 == 1;
        let letters = text.chars().enumerate();
        letters
            .map(|(i, letter)| if is_capital(i) { letter.to_ascii_uppercase() } else { letter })
            .collect()
    }
}

impl Name {
    fn text(&self) -> &str {
        match self {
            Self::Registered(index) => REGISTERED[usize::from(*index) % REGISTERED.len()],
            Self::Custom(text) => text.text(),
        }
    }
}

impl Other {
    fn json(&self) -> String {
        match self {
            Self::Null => "null".into(),
            Self::Bool(value) => value.to_string(),
            Self::Number(..) => self.number().expect("it is one").json(0),
            Self::String(text) => text.json(false),
            Self::Array(items) => format!("{items:?}"),
            Self::Object => r#"{"exp":1}"#.into(),
        }
    }

    fn number(&self) -> Option<Number> {
        let Self::Number(whole, fraction, exponent) = *self else { return None };
        let exponent = exponent.map(|exponent| (Sign::Plain, exponent.into()));
        Some(Number { whole, minus_zero: false, fraction, exponent })
    }

    /// The digits of an integer of 64 bits.
    fn integer(&self) -> Option<String> {
        let json = self.number()?.json(0);
        (json.parse::<i64>().is_ok() || json.parse::<u64>().is_ok()).then_some(json)
    }
}

impl StringClaim {
    fn json(&self) -> String {
        match self {
            Self::Right { text, escaped } => text.json(*escaped),
            Self::Wrong(other) => other.json(),
        }
    }

    fn integer(&self) -> Option<String> {
        let Self::Wrong(other) = self else { return None };
        other.integer()
    }

    /// `None` if it is of a wrong type.
    fn string(&self) -> Option<&str> {
        match self {
            Self::Right { text, .. } | Self::Wrong(Other::String(text)) => Some(text.text()),
            Self::Wrong(_) => None,
        }
    }
}

impl Aud {
    fn json(&self) -> String {
        let array = |texts: &[Text], escaped, last: Option<&Other>| {
            let texts = texts.iter().map(|text| text.json(escaped));
            let items: Vec<String> = texts.chain(last.map(Other::json)).collect();
            format!("[ {} ]", items.join(" , "))
        };
        match self {
            Self::One(text) => text.json(false),
            Self::Several { texts, escaped } => array(texts, *escaped, None),
            Self::Mixed { texts, last } => array(texts, false, Some(last)),
            Self::Wrong(other) => other.json(),
        }
    }

    /// `None` if it is of a wrong type.
    fn strings(&self) -> Option<Vec<&str>> {
        match self {
            Self::One(one) | Self::Wrong(Other::String(one)) => Some(vec![one.text()]),
            Self::Several { texts: several, .. } => Some(texts(several)),
            Self::Mixed { texts: several, last: Other::String(last) } => {
                let last = std::iter::once(last.text());
                Some(several.iter().map(Text::text).chain(last).collect())
            }
            Self::Wrong(Other::Array(items)) if items.is_empty() => Some(vec![]),
            Self::Mixed { .. } | Self::Wrong(_) => None,
        }
    }
}

impl Date {
    fn json(&self, now: i64) -> String {
        match self {
            Self::Right(number) => number.json(now),
            Self::Wrong(other) => other.json(),
        }
    }

    /// The whole second that stands for it; `None` if it is of a wrong type.
    fn secs(&self, now: i64, up: bool) -> Option<i128> {
        match self {
            Self::Right(number) => Some(number.secs(now, up)),
            Self::Wrong(other) => Some(other.number()?.secs(0, up)),
        }
    }
}

impl Number {
    /// Whether it is negative, its digits before the point, and those behind.
    fn digits(&self, now: i64) -> (bool, String, String) {
        let whole = match self.whole {
            Whole::NearNow(more) => i128::from(now) + i128::from(more),
            Whole::NearStart(more) => i128::from(i64::MIN) + i128::from(more),
            Whole::NearEnd(more) => i128::from(i64::MAX) + i128::from(more),
            Whole::Small(secs) => secs.into(),
            Whole::Any(secs) => secs.into(),
            Whole::Wide(secs) => secs >> 40,
        };
        let negative = whole < 0 || (whole == 0 && self.minus_zero);
        let fraction = self.fraction.map_or(String::new(), |(zeros, digits)| {
            format!("{}{digits}", "0".repeat((zeros % 6).into()))
        });
        (negative, whole.unsigned_abs().to_string(), fraction)
    }

    fn json(&self, now: i64) -> String {
        let (negative, whole, fraction) = self.digits(now);
        let minus = if negative { "-" } else { "" };
        let point = if fraction.is_empty() { "" } else { "." };
        let exponent = match &self.exponent {
            None => String::new(),
            Some((Sign::Plain, exponent)) => format!("e{exponent}"),
            Some((Sign::Plus, exponent)) => format!("e{exponent:+}"),
            Some((Sign::Capital, exponent)) => format!("E{exponent}"),
        };
        format!("{minus}{whole}{point}{fraction}{exponent}")
    }

    /// An integer is exact, and a fraction a double, rounded up or down to whole seconds; outside
    /// `i64` the nearer end.
    fn secs(&self, now: i64, up: bool) -> i128 {
        let json = self.json(now);
        json.parse::<i64>().map_or_else(
            |_| {
                let secs: f64 = serde_json::from_str(&json).expect("seen before");
                clamp(if up { secs.ceil() } else { secs.floor() } as i128)
            },
            i128::from,
        )
    }
}

fn clamp(secs: i128) -> i128 {
    secs.clamp(i64::MIN.into(), i64::MAX.into())
}

impl Claims {
    /// The payload's JSON, and the names of those custom claims in it that are not `null`.
    fn json(&self, now: i64) -> (String, BTreeSet<&str>) {
        let mut members = Vec::new();
        let mut names = BTreeSet::new();
        let mut present = BTreeSet::new();
        let custom = self.custom.iter().map(|(name, value)| (name.text(), value));
        for (name, value) in custom {
            let own = !REGISTERED.contains(&name);
            if own && names.insert(name) {
                members.push((name, value.json()));
                if !matches!(value, Other::Null) {
                    present.insert(name);
                }
            }
        }
        let registered = [
            ("iss", self.iss.as_ref().map(StringClaim::json)),
            ("sub", self.sub.as_ref().map(StringClaim::json)),
            ("aud", self.aud.as_ref().map(Aud::json)),
            ("exp", self.exp.as_ref().map(|date| date.json(now))),
            ("nbf", self.nbf.as_ref().map(|date| date.json(now))),
            ("iat", self.iat.as_ref().map(|date| date.json(now))),
            ("jti", self.jti.as_ref().map(StringClaim::json)),
        ];
        for (name, json) in registered {
            members.extend(json.map(|json| (name, json)));
        }
        let space = if self.spaces { " \t\r\n" } else { "" };
        let write = |(name, json)| {
            let name = if self.escaped_names { escaped_string(name) } else { json_string(name) };
            format!("{space}{name}{space}:{space}{json}{space}")
        };
        let members: Vec<String> = members.into_iter().map(write).collect();
        (format!("{{{}}}", members.join(",")), present)
    }

    fn has(&self, name: &str) -> bool {
        match name {
            "iss" => self.iss.is_some(),
            "sub" => self.sub.is_some(),
            "aud" => self.aud.is_some(),
            "exp" => self.exp.is_some(),
            "nbf" => self.nbf.is_some(),
            "iat" => self.iat.is_some(),
            "jti" => self.jti.is_some(),
            _ => unreachable!("{name} is not registered"),
        }
    }
}

impl Policy {
    fn build(&self) -> Validation {
        let mut validation = Validation::new()
            .at(NumericDate::from_secs(self.now.secs()))
            .leeway(self.leeway.duration());
        if self.allow_missing_exp {
            validation = validation.allow_missing_exp();
        }
        if self.ignore_exp {
            validation = validation.ignore_exp();
        }
        if self.ignore_nbf {
            validation = validation.ignore_nbf();
        }
        if self.allow_non_string_subject {
            validation = validation.allow_non_string_subject();
        }
        if let Some(max_age) = &self.max_age {
            validation = validation.max_age(max_age.duration());
        }
        if let Some(max_lifetime) = &self.max_lifetime {
            validation = validation.max_lifetime(max_lifetime.duration());
        }
        if let Some(issuers) = &self.issuers {
            validation = validation.issuers(texts(issuers));
        }
        validation = match &self.audience {
            AudienceRule::NoneExpected => validation,
            AudienceRule::Ignored => validation.ignore_audience(),
            AudienceRule::OneOf(audiences) => validation.audiences(texts(audiences)),
        };
        if let Some(subject) = &self.subject {
            validation = validation.subject(subject.text());
        }
        validation = match &self.typ {
            TypRule::JwtOrAbsent => validation,
            TypRule::Any => validation.allow_any_typ(),
            TypRule::Exactly(typ) => validation.typ(typ.text()),
        };
        self.require.iter().fold(validation, |validation, name| validation.require(name.text()))
    }

    /// The code of the refusal that the contract wants.
    fn check(
        &self,
        claims: &Claims,
        present: &BTreeSet<&str>,
        typ: Option<&str>,
    ) -> Result<(), &'static str> {
        let now_secs = self.now.secs();
        let now = i128::from(now_secs);
        let wrong_type = "invalid_claim_type";

        // Types, of claims that no rule looks at too.
        let string = |claim: &Option<StringClaim>| match claim {
            None => Ok(None),
            Some(claim) => claim.string().map(|text| Some(text.to_owned())).ok_or(wrong_type),
        };
        let date = |claim: &Option<Date>, up| match claim {
            None => Ok(None),
            Some(claim) => claim.secs(now_secs, up).map(Some).ok_or(wrong_type),
        };
        let iss = string(&claims.iss)?;
        let sub = match &claims.sub {
            // It is no text that a subject could equal.
            Some(sub) if self.allow_non_string_subject && sub.integer().is_some() => None,
            sub => string(sub)?,
        };
        let aud = match &claims.aud {
            None => None,
            Some(aud) => Some(aud.strings().ok_or(wrong_type)?),
        };
        let exp = date(&claims.exp, true)?;
        let nbf = date(&claims.nbf, true)?;
        let iat = date(&claims.iat, false)?;
        string(&claims.jti)?;

        // Presence, of all that some rule needs.
        let mut required: Vec<&str> = self.require.iter().map(Name::text).collect();
        if !self.allow_missing_exp {
            required.push("exp");
        }
        if self.max_age.is_some() {
            required.push("iat");
        }
        if self.max_lifetime.is_some() {
            required.extend(["iat", "exp"]);
        }
        if self.issuers.is_some() {
            required.push("iss");
        }
        if matches!(self.audience, AudienceRule::OneOf(_)) {
            required.push("aud");
        }
        if self.subject.is_some() {
            required.push("sub");
        }
        let is_there = |name: &str| {
            if REGISTERED.contains(&name) { claims.has(name) } else { present.contains(name) }
        };
        if !required.into_iter().all(is_there) {
            return Err("missing_claim");
        }

        // Times.
        let leeway = i128::from(self.leeway.duration().as_secs());
        if exp.is_some_and(|exp| !self.ignore_exp && now >= clamp(exp + leeway)) {
            return Err("expired");
        }
        if nbf.is_some_and(|nbf| !self.ignore_nbf && clamp(now + leeway) < nbf) {
            return Err("not_yet_valid");
        }
        if let (Some(max_age), Some(iat)) = (&self.max_age, iat) {
            let span = max_age.duration().saturating_add(self.leeway.duration());
            if now > clamp(iat + i128::from(span.as_secs())) {
                return Err("too_old");
            }
            if clamp(now + leeway) < iat {
                return Err("not_yet_valid");
            }
        }
        if let (Some(span), Some(iat), Some(exp)) = (&self.max_lifetime, iat, exp) {
            if exp > clamp(iat + i128::from(span.duration().as_secs())) {
                return Err("too_old");
            }
            // Whatever else holds, a token ends by now, the leeway and the lifetime.
            if clamp(now + leeway) < iat {
                return Err("not_yet_valid");
            }
        }

        // Who, for whom, about whom, of what type.
        if let Some(issuers) = &self.issuers
            && !issuers.iter().any(|issuer| Some(issuer.text()) == iss.as_deref())
        {
            return Err("invalid_issuer");
        }
        let fits = match (&self.audience, &aud) {
            (AudienceRule::Ignored, _) | (_, None) => true,
            (AudienceRule::NoneExpected, Some(_)) => false,
            (AudienceRule::OneOf(expected), Some(aud)) => {
                expected.iter().any(|expected| aud.contains(&expected.text()))
            }
        };
        if !fits {
            return Err("invalid_audience");
        }
        if let Some(subject) = &self.subject
            && Some(subject.text()) != sub.as_deref()
        {
            return Err("invalid_subject");
        }
        let short = |typ: &str| {
            let typ = typ.to_ascii_lowercase();
            typ.strip_prefix("application/").map_or(typ.clone(), str::to_owned)
        };
        let fits = match &self.typ {
            TypRule::Any => true,
            // An empty one cannot be expected.
            _ if typ.is_some_and(|typ| short(typ).is_empty()) => false,
            TypRule::JwtOrAbsent => typ.is_none_or(|typ| short(typ) == "jwt"),
            TypRule::Exactly(expected) => {
                typ.is_some_and(|typ| short(typ) == short(&expected.text()))
            }
        };
        if fits { Ok(()) } else { Err("unexpected_type") }
    }
}

fuzz_target!(|input: Input| {
    let Input { policy, claims, typ } = input;
    let now = policy.now.secs();
    let typ = typ.map(|typ| typ.text());
    let header = match &typ {
        None => r#"{"alg":"HS256"}"#.to_owned(),
        Some(typ) => format!(r#"{{"alg":"HS256","typ":{}}}"#, json_string(typ)),
    };
    let (payload, present) = claims.json(now);
    let token = token(Algorithm::Hs256, header.as_bytes(), payload.as_bytes());
    let mentions_reserved = |json| reserved_names(json) != ReservedNames::None;
    if header.len() > 6_000
        || token.len() > 65_536
        || mentions_reserved(&header)
        || mentions_reserved(&payload)
    {
        return;
    }

    let key = Key::hs256(SECRET).expect("long enough");
    let dates = [&claims.exp, &claims.nbf, &claims.iat];
    let is_too_large = |date: &Date| serde_json::from_str::<Value>(&date.json(now)).is_err();
    if dates.into_iter().flatten().any(is_too_large) {
        let error = decode::<IgnoredAny>(&token, &key, &policy.build()).unwrap_err();
        assert_eq!(error.code(), "malformed", "{payload}");
        return;
    }
    let expected = policy.check(&claims, &present, typ.as_deref());
    let outcome = decode::<IgnoredAny>(&token, &key, &policy.build()).map(drop);
    assert_eq!(
        outcome.clone().map_err(|error| error.code()),
        expected,
        "{header} {payload} under {policy:?}: {outcome:?}"
    );

    // Whatever the caller's type is.
    let code = |error: Error| error.code();
    let plain = decode::<Value>(&token, &key, &policy.build()).map(drop);
    assert_eq!(plain.map_err(code), expected, "a Value of {payload}");
    let typed = decode::<jwt_codec::Claims<Map<String, Value>>>(&token, &key, &policy.build());
    if let Ok(typed) = &typed {
        let sub = claims.sub.as_ref();
        let sub = sub.and_then(|sub| sub.integer().or_else(|| sub.string().map(str::to_owned)));
        assert_eq!(typed.claims.registered.sub, sub, "of {payload}");
    }
    assert_eq!(typed.map(drop).map_err(code), expected, "Claims of {payload}");

    // The evidence is right too.
    let date = |claim: &Option<Date>, up| claim.as_ref().and_then(|date| date.secs(now, up));
    let at = |date: NumericDate| Some(i128::from(date.as_secs()));
    match outcome {
        Err(Error::Expired { exp, now: checked_at }) => {
            assert_eq!((at(exp), checked_at.as_secs()), (date(&claims.exp, true), now));
        }
        Err(Error::TooOld { iat, now: checked_at, .. }) => {
            assert_eq!((at(iat), checked_at.as_secs()), (date(&claims.iat, false), now));
        }
        Err(Error::LifetimeTooLong { iat, exp, .. }) => {
            assert_eq!(at(iat), date(&claims.iat, false));
            assert_eq!(at(exp), date(&claims.exp, true));
        }
        _ => {}
    }
});
