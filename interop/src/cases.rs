//! What is tried. A case says what we answer, and which library answers otherwise.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jwt_codec::Algorithm;
use serde_json::{Map, Value, json};
use sha2::{Sha256, Sha384, Sha512};

use crate::library::{Jose, JsonWebToken, Jwk, Library, Policy, PyJwt};

/// The time at which everything is verified.
const NOW: i64 = 1_800_000_000;

pub struct Case {
    pub name: &'static str,
    pub source: Source,
    /// Members of the header beside `alg`, and `typ` where the issuer writes one by itself.
    pub header: Map<String, Value>,
    pub policy: Policy,
    pub keys: Keys,
    /// Bytes of the secret; the least that is allowed if `None`.
    secret_len: Option<usize>,
    /// `accepted`, `altered` (see `kind` in `main.rs`) or an error code of ours.
    pub expected: &'static str,
    unlike: Vec<(Library, &'static str)>,
}

pub enum Source {
    /// For every issuer; those in `same_text` have to write what we write, byte for byte.
    Claims { claims: Value, same_text: &'static [Library] },
    /// Made by hand: what no issuer writes. `None` where an algorithm has no such token.
    Crafted(fn(&Secrets) -> Option<Crafted>),
}

/// What the verifier is given.
#[derive(Clone, Copy)]
pub enum Keys {
    /// The key that signed.
    Same,
    /// Another secret.
    Other,
    /// The same secret, bound to another algorithm.
    OtherAlgorithm,
    /// Three keys with ids, of which `b` signed.
    Ring,
}

/// A token and what it says, as `serde_json` reads it; `null` where it reads nothing, and then
/// what a verifier reads is not compared.
pub struct Crafted {
    pub token: String,
    pub header: Value,
    pub claims: Value,
}

/// The secrets of one run of a case.
pub struct Secrets {
    pub algorithm: Algorithm,
    len: usize,
    kid: Option<&'static str>,
}

impl Case {
    fn new(name: &'static str, source: Source, expected: &'static str) -> Self {
        let policy = Policy {
            now: NOW,
            leeway: 0,
            require: vec!["exp"],
            issuers: None,
            audiences: None,
            subject: None,
            max_age: None,
            typ: None,
        };
        Self {
            name,
            source,
            header: Map::new(),
            policy,
            keys: Keys::Same,
            secret_len: None,
            expected,
            unlike: Vec::new(),
        }
    }

    /// Claims that every issuer signs.
    fn issued(name: &'static str, claims: Value, expected: &'static str) -> Self {
        Self::new(name, Source::Claims { claims, same_text: &[] }, expected)
    }

    /// A genuine token over a payload that no issuer writes.
    fn payload(
        name: &'static str,
        craft: fn(&Secrets) -> Option<Crafted>,
        expected: &'static str,
    ) -> Self {
        Self::new(name, Source::Crafted(craft), expected)
    }

    fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header.insert(name.into(), value.into());
        self
    }

    fn policy(mut self, change: impl FnOnce(&mut Policy)) -> Self {
        change(&mut self.policy);
        self
    }

    fn keys(mut self, keys: Keys) -> Self {
        self.keys = keys;
        self
    }

    /// That library answers otherwise than we do.
    fn but(mut self, library: Library, kind: &'static str) -> Self {
        assert_ne!(kind, self.expected, "{}: {library} is not unlike us", self.name);
        self.unlike.push((library, kind));
        self
    }

    pub fn expected_of(&self, library: Library) -> &'static str {
        let unlike = self.unlike.iter().find(|(unlike, _)| *unlike == library);
        unlike.map_or(self.expected, |(_, kind)| kind)
    }
}

impl Secrets {
    pub fn new(algorithm: Algorithm, case: &Case) -> Self {
        let len = case.secret_len.unwrap_or(min_len(algorithm));
        let kid = matches!(case.keys, Keys::Ring).then_some("b");
        Self { algorithm, len, kid }
    }

    /// A secret that is no text: it begins with NUL and has bytes over 127.
    fn secret(&self, seed: u8) -> Vec<u8> {
        (0..=u8::MAX)
            .cycle()
            .take(self.len)
            .map(|index| index.wrapping_mul(37).wrapping_add(seed.wrapping_mul(101)))
            .collect()
    }

    fn jwk(&self, seed: u8, kid: Option<&'static str>) -> Jwk {
        let k = URL_SAFE_NO_PAD.encode(self.secret(seed));
        Jwk { kty: "oct", alg: self.algorithm, kid, k }
    }

    pub fn signing(&self) -> Jwk {
        self.jwk(0, self.kid)
    }

    pub fn verifying(&self, keys: Keys) -> Vec<Jwk> {
        match keys {
            Keys::Same => vec![self.jwk(0, None)],
            Keys::Other => vec![self.jwk(1, None)],
            Keys::OtherAlgorithm => {
                let alg = match self.algorithm {
                    Algorithm::Hs256 => Algorithm::Hs384,
                    Algorithm::Hs384 => Algorithm::Hs512,
                    _ => Algorithm::Hs256,
                };
                vec![Jwk { alg, ..self.jwk(0, None) }]
            }
            Keys::Ring => {
                vec![self.jwk(1, Some("a")), self.jwk(0, Some("b")), self.jwk(2, Some("c"))]
            }
        }
    }

    fn mac(&self, text: &str) -> Vec<u8> {
        fn mac<M: Mac + KeyInit>(secret: &[u8], text: &str) -> Vec<u8> {
            let mac = <M as KeyInit>::new_from_slice(secret).expect("HMAC takes any length");
            mac.chain_update(text).finalize().into_bytes().to_vec()
        }

        let secret = self.secret(0);
        match self.algorithm {
            Algorithm::Hs256 => mac::<Hmac<Sha256>>(&secret, text),
            Algorithm::Hs384 => mac::<Hmac<Sha384>>(&secret, text),
            _ => mac::<Hmac<Sha512>>(&secret, text),
        }
    }

    /// Signs two segments as they are spelled.
    fn over_text(&self, header: &str, payload: &str) -> String {
        let input = format!("{header}.{payload}");
        let signature = URL_SAFE_NO_PAD.encode(self.mac(&input));
        format!("{input}.{signature}")
    }

    /// Signs any header and any payload. `HS` in the header's text stands for the algorithm.
    fn over(&self, header: &str, payload: impl AsRef<[u8]>) -> Option<Crafted> {
        let header = header.replace(r#""HS""#, &format!("\"{}\"", self.algorithm));
        let payload = payload.as_ref();
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        Some(Crafted {
            token: self.over_text(&text(header.as_bytes()), &text(payload)),
            header: serde_json::from_str(&header).unwrap_or_default(),
            claims: serde_json::from_slice(payload).unwrap_or_default(),
        })
    }

    fn over_payload(&self, payload: impl AsRef<[u8]>) -> Option<Crafted> {
        self.over(PLAIN, payload)
    }

    fn over_header(&self, header: &str) -> Option<Crafted> {
        self.over(header, GOOD)
    }

    /// A good token spelled anew.
    fn spelled(&self, spell: impl FnOnce(&str) -> String) -> Option<Crafted> {
        let good = self.over(PLAIN, GOOD)?;
        Some(Crafted { token: spell(&good.token), ..good })
    }

    /// A good token with another signature.
    fn with_mac(&self, change: impl FnOnce(&mut Vec<u8>)) -> Option<Crafted> {
        self.spelled(|token| {
            let (header, payload) = two_segments(token);
            let input = format!("{header}.{payload}");
            let mut mac = self.mac(&input);
            change(&mut mac);
            format!("{input}.{}", URL_SAFE_NO_PAD.encode(mac))
        })
    }

    /// A good token of which a segment is spelled anew and the signature made to fit.
    fn segments(&self, spell: impl FnOnce(&str, &str) -> (String, String)) -> Option<Crafted> {
        let good = self.over(PLAIN, GOOD)?;
        let (header, payload) = two_segments(&good.token);
        let (header, payload) = spell(header, payload);
        Some(Crafted { token: self.over_text(&header, &payload), ..good })
    }
}

const PLAIN: &str = r#"{"alg":"HS","typ":"JWT"}"#;

/// Its base64url has both `-` and `_`, and bits to spare in the last character.
const GOOD: &str = r#"{"exp":1800000060,"a":"~~~???>>>"}"#;

fn two_segments(token: &str) -> (&str, &str) {
    let mut segments = token.split('.');
    let mut next = || segments.next().expect("a good token has three segments");
    (next(), next())
}

/// The last character with a bit set that stands for nothing.
fn with_spare_bit(segment: &str) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (rest, last) = segment.split_at(segment.len() - 1);
    let value = ALPHABET.iter().position(|letter| last.as_bytes() == [*letter]);
    let value = value.expect("a good segment is base64url");
    assert!(!segment.len().is_multiple_of(4) && value % 2 == 0, "a segment without bits to spare");
    format!("{rest}{}", char::from(ALPHABET[value + 1]))
}

pub fn cases() -> Vec<Case> {
    [accepted(), refused_claims(), refused_keys(), crafted_claims(), crafted_payloads()]
        .into_iter()
        .chain([crafted_headers(), crafted_text()])
        .flatten()
        .collect()
}

/// Claims of about 20 KiB: a session with everything that its user may do.
fn large() -> Value {
    let grant = |index| json!({ "id": index, "path": format!("/projects/{index}/überblick"), "may": ["read", "write"] });
    let grants: Vec<Value> = (0..340).map(grant).collect();
    let claims = json!({ "exp": NOW + 60, "grants": grants });
    assert!(claims.to_string().len() > 20 * 1024);
    claims
}

fn nested(depth: usize) -> Value {
    (0..depth).fold(json!({}), |inner, index| match index % 2 {
        0 => json!([inner, index]),
        _ => json!({ "inner": inner, "none": null, "yes": true }),
    })
}

fn accepted() -> Vec<Case> {
    let good = || json!({ "exp": NOW + 60 });
    let registered = json!({
        "aud": "api", "exp": NOW + 60, "iat": NOW, "iss": "https://login.example", "jti": "1f0c",
        "nbf": NOW, "scope": "read write", "sub": "ada",
    });
    let same_text =
        |name, claims, same_text| Case::new(name, Source::Claims { claims, same_text }, "accepted");
    let accepted = |name, claims| Case::issued(name, claims, "accepted");
    vec![
        same_text("exp alone", good(), &[PyJwt, JsonWebToken]),
        same_text("registered claims", registered, &[PyJwt, JsonWebToken]).policy(|policy| {
            policy.issuers = Some(vec!["https://login.example"]);
            policy.audiences = Some(vec!["api"]);
            policy.subject = Some("ada");
        }),
        accepted(
            "unicode",
            json!({
                "exp": NOW + 60,
                "sub": "Ἀδα Λάβλεϊς 愛達 آدا",
                "emoji": "👩🏽‍💻🏳️‍🌈",
                "combining": "e\u{301} is not é",
                "controls": "\u{0}\u{1f}\u{7f}\u{80}\u{2028}\u{2029}\u{feff}\u{fffd}\u{ffff}",
                "escapes": "\"\\/\u{8}\u{c}\n\r\t",
                "last": "\u{10ffff}",
                "имя": { "鍵": ["ß", "ẞ", "ﬀ"] },
            }),
        ),
        accepted("nested", json!({ "exp": NOW + 60, "tree": nested(60) })),
        accepted(
            "numbers",
            json!({
                "exp": NOW + 60,
                "whole": [0, 1, -1, 9_007_199_254_740_991_i64, -9_007_199_254_740_991_i64],
                "fractions": [0.5, -0.1, 0.1 + 0.2, 1e-7, 1.25e-300, 5e-324, 2.5e300, f64::MAX],
            }),
        ),
        accepted(
            "names",
            json!({
                "exp": NOW + 60, "": "empty", "a b": "space", "a.b": "dot", "10": "digits",
                "9": "digits", "Exp": "other case",
                "\"\\\n": "escapes",
            }),
        ),
        accepted("20 KiB", large()),
        same_text("kid", good(), &[PyJwt]).header("kid", "2026-11"),
        accepted("kid in a set", good()).header("kid", "b").keys(Keys::Ring),
        accepted("header members", good())
            .header("cty", "example")
            .header("region", json!({ "of": ["eu", 1, null] })),
        accepted("typ", good())
            .header("typ", "at+jwt")
            .policy(|policy| policy.typ = Some("at+jwt")),
        accepted("one of the audiences", json!({ "exp": NOW + 60, "aud": ["web", "api"] }))
            .policy(|policy| policy.audiences = Some(vec!["api"])),
        accepted("audience one of those taken", json!({ "exp": NOW + 60, "aud": "api" }))
            .policy(|policy| policy.audiences = Some(vec!["admin", "api"])),
        accepted("issuer one of those taken", json!({ "exp": NOW + 60, "iss": "b" }))
            .policy(|policy| policy.issuers = Some(vec!["a", "b"])),
        accepted("a second to live", json!({ "exp": NOW + 1 })),
        accepted("expired within the leeway", json!({ "exp": NOW - 4 }))
            .policy(|policy| policy.leeway = 5),
        accepted("from this second on", json!({ "exp": NOW + 60, "nbf": NOW })),
        accepted("early within the leeway", json!({ "exp": NOW + 60, "nbf": NOW + 5 }))
            .policy(|policy| policy.leeway = 5),
        accepted("from before 1970 on", json!({ "exp": NOW + 60, "nbf": -1 })),
        accepted("until after the year 9999", json!({ "exp": NOW * 1000 })),
        accepted("without exp", json!({ "sub": "ada" })).policy(|policy| policy.require.clear()),
        accepted("at the end of its age", json!({ "exp": NOW + 60, "iat": NOW - 60 }))
            .policy(|policy| policy.max_age = Some(60))
            .but(JsonWebToken, "too_old"),
        accepted("half a second to live", json!({ "exp": NOW as f64 + 0.5 })).but(PyJwt, "expired"),
        accepted("issued in the future", json!({ "exp": NOW + 60, "iat": NOW + 1 }))
            .but(PyJwt, "not_yet_valid"),
        Case { secret_len: Some(200), ..accepted("secret longer than a block", good()) },
    ]
}

fn refused_claims() -> Vec<Case> {
    let with = |name, value: Value| {
        let mut claims = json!({ "exp": NOW + 60 });
        claims[name] = value;
        claims
    };
    vec![
        Case::issued("expired this second", json!({ "exp": NOW }), "expired"),
        Case::issued("expired long ago", json!({ "exp": 1 }), "expired"),
        Case::issued("expired at the leeway's end", json!({ "exp": NOW - 5 }), "expired")
            .policy(|policy| policy.leeway = 5),
        Case::issued("a second early", with("nbf", (NOW + 1).into()), "not_yet_valid"),
        Case::issued("early beyond the leeway", with("nbf", (NOW + 6).into()), "not_yet_valid")
            .policy(|policy| policy.leeway = 5),
        Case::issued(
            "half a second early",
            with("nbf", (NOW as f64 + 0.5).into()),
            "not_yet_valid",
        )
        .but(PyJwt, "accepted"),
        Case::issued("expired and early", json!({ "exp": NOW - 9, "nbf": NOW + 9 }), "expired")
            .but(PyJwt, "not_yet_valid")
            .but(Jose, "not_yet_valid")
            .but(JsonWebToken, "not_yet_valid"),
        Case::issued("expired, of another issuer", json!({ "exp": NOW, "iss": "b" }), "expired")
            .policy(|policy| policy.issuers = Some(vec!["a"]))
            .but(Jose, "invalid_issuer"),
        Case::issued("no exp", json!({ "sub": "ada" }), "missing_claim")
            .but(JsonWebToken, "accepted"),
        Case::issued("no claim that is required", with("role", "user".into()), "missing_claim")
            .policy(|policy| policy.require.push("tenant"))
            .but(JsonWebToken, "accepted"),
        Case::issued("too old", with("iat", (NOW - 61).into()), "too_old")
            .policy(|policy| policy.max_age = Some(60))
            .but(PyJwt, "accepted"),
        Case::issued("no iat to tell the age", with("sub", "ada".into()), "missing_claim")
            .policy(|policy| policy.max_age = Some(60))
            .but(PyJwt, "accepted"),
        Case::issued("younger than now", with("iat", (NOW + 1).into()), "not_yet_valid")
            .policy(|policy| policy.max_age = Some(60))
            .but(JsonWebToken, "accepted"),
        Case::issued("other audience", with("aud", "web".into()), "invalid_audience")
            .policy(|policy| policy.audiences = Some(vec!["api"])),
        Case::issued("other audiences", with("aud", json!(["web", "app"])), "invalid_audience")
            .policy(|policy| policy.audiences = Some(vec!["api"])),
        Case::issued("audience in other case", with("aud", "API".into()), "invalid_audience")
            .policy(|policy| policy.audiences = Some(vec!["api"])),
        Case::issued("unexpected audience", with("aud", "web".into()), "invalid_audience")
            .but(Jose, "accepted")
            .but(JsonWebToken, "accepted"),
        Case::issued("for nobody", with("aud", json!([])), "invalid_audience")
            .but(PyJwt, "accepted")
            .but(Jose, "accepted")
            .but(JsonWebToken, "accepted"),
        Case::issued("for nobody of ours", with("aud", json!([])), "invalid_audience")
            .policy(|policy| policy.audiences = Some(vec!["api"]))
            .but(PyJwt, "missing_claim"),
        Case::issued("no audience", with("sub", "ada".into()), "missing_claim")
            .policy(|policy| policy.audiences = Some(vec!["api"]))
            .but(JsonWebToken, "invalid_audience"),
        Case::issued("other issuer", with("iss", "https://evil.example".into()), "invalid_issuer")
            .policy(|policy| policy.issuers = Some(vec!["https://login.example"])),
        Case::issued("part of an issuer", with("iss", "https://login".into()), "invalid_issuer")
            .policy(|policy| policy.issuers = Some(vec!["https://login.example"])),
        Case::issued("no issuer", with("sub", "ada".into()), "missing_claim")
            .policy(|policy| policy.issuers = Some(vec!["https://login.example"]))
            .but(JsonWebToken, "invalid_issuer"),
        Case::issued("other subject", with("sub", "eve".into()), "invalid_subject")
            .policy(|policy| policy.subject = Some("ada")),
        Case::issued("no subject", with("iss", "a".into()), "missing_claim")
            .policy(|policy| policy.subject = Some("ada"))
            .but(PyJwt, "accepted")
            .but(JsonWebToken, "invalid_subject"),
        Case::issued("other typ", with("sub", "ada".into()), "unexpected_type")
            .policy(|policy| policy.typ = Some("at+jwt"))
            .but(PyJwt, "accepted")
            .but(JsonWebToken, "accepted"),
        Case::issued("unexpected typ", with("sub", "ada".into()), "unexpected_type")
            .header("typ", "at+jwt")
            .but(PyJwt, "accepted")
            .but(Jose, "accepted")
            .but(JsonWebToken, "accepted"),
        Case::issued("100 KiB", with("text", "x".repeat(100 * 1024).into()), "token_too_long")
            .but(PyJwt, "accepted")
            .but(Jose, "accepted")
            .but(JsonWebToken, "accepted"),
    ]
}

fn refused_keys() -> Vec<Case> {
    let good = || json!({ "exp": NOW + 60 });
    vec![
        Case::issued("forged", good(), "invalid_signature").keys(Keys::Other),
        Case::issued("forged and expired", json!({ "exp": 1 }), "invalid_signature")
            .keys(Keys::Other),
        Case {
            secret_len: Some(64),
            ..Case::issued("another algorithm", good(), "algorithm_mismatch")
                .keys(Keys::OtherAlgorithm)
        },
        Case::issued("unknown kid", good(), "unknown_key").header("kid", "d").keys(Keys::Ring),
        Case::issued("kid of another key", good(), "invalid_signature")
            .header("kid", "a")
            .keys(Keys::Ring),
    ]
}

/// Registered claims of a type that RFC 7519 does not give them.
fn crafted_claims() -> Vec<Case> {
    vec![
        Case::payload(
            "exp a string",
            |secrets| secrets.over_payload(r#"{"exp":"1800000060"}"#),
            "invalid_claim_type",
        )
        .but(PyJwt, "accepted"),
        Case::payload(
            "exp null",
            |secrets| secrets.over_payload(r#"{"exp":null}"#),
            "invalid_claim_type",
        )
        .but(PyJwt, "missing_claim"),
        Case::payload(
            "exp beyond every number",
            |secrets| secrets.over_payload(r#"{"exp":1e400}"#),
            "malformed",
        )
        .but(Jose, "accepted")
        .but(JsonWebToken, "accepted"),
        Case::payload(
            "nbf a string",
            |secrets| secrets.over_payload(r#"{"exp":1800000060,"nbf":"1"}"#),
            "invalid_claim_type",
        )
        .but(PyJwt, "accepted"),
        Case::payload(
            "nbf true",
            |secrets| secrets.over_payload(r#"{"exp":1800000060,"nbf":true}"#),
            "invalid_claim_type",
        )
        .but(PyJwt, "accepted"),
        Case::payload(
            "iat a string",
            |secrets| secrets.over_payload(r#"{"exp":1800000060,"iat":"now"}"#),
            "invalid_claim_type",
        )
        .but(JsonWebToken, "accepted"),
        Case::payload(
            "iss a list",
            |secrets| secrets.over_payload(r#"{"exp":1800000060,"iss":["a"]}"#),
            "invalid_claim_type",
        )
        .policy(|policy| policy.issuers = Some(vec!["a"]))
        .but(PyJwt, "invalid_issuer")
        .but(Jose, "invalid_issuer")
        .but(JsonWebToken, "invalid_issuer"),
        Case::payload(
            "sub a number",
            |secrets| secrets.over_payload(r#"{"exp":1800000060,"sub":7}"#),
            "invalid_claim_type",
        )
        .but(PyJwt, "invalid_subject")
        .but(Jose, "accepted")
        .but(JsonWebToken, "accepted"),
        Case::payload(
            "jti a number",
            |secrets| secrets.over_payload(r#"{"exp":1800000060,"jti":7}"#),
            "invalid_claim_type",
        )
        .but(Jose, "accepted")
        .but(JsonWebToken, "accepted"),
        Case::payload(
            "aud with a number",
            |secrets| secrets.over_payload(r#"{"exp":1800000060,"aud":["api",7]}"#),
            "invalid_claim_type",
        )
        .policy(|policy| policy.audiences = Some(vec!["api"]))
        .but(PyJwt, "invalid_audience")
        .but(Jose, "accepted")
        .but(JsonWebToken, "accepted"),
    ]
}

/// Payloads that are no JSON object, or one that readers differ about.
fn crafted_payloads() -> Vec<Case> {
    vec![
        Case::payload(
            "whole numbers over 2^53",
            |secrets| {
                secrets.over_payload(
                    r#"{"exp":1800000060,"id":[9007199254740993,-9223372036854775807]}"#,
                )
            },
            "accepted",
        )
        .but(Jose, "altered")
        .but(JsonWebToken, "altered"),
        Case::payload(
            "exp over 2^63",
            |secrets| secrets.over_payload(r#"{"exp":9223372036854775808}"#),
            "accepted",
        )
        .but(Jose, "altered")
        .but(JsonWebToken, "altered"),
        Case::payload(
            "names that JavaScript's objects have",
            |secrets| {
                secrets.over_payload(
                    r#"{"exp":1800000060,"__proto__":{"admin":true},"constructor":1}"#,
                )
            },
            "accepted",
        ),
        Case::payload(
            "white space around",
            |secrets| secrets.over_payload(" \t\r\n{ \"exp\" : 1800000060 } \n"),
            "accepted",
        ),
        Case::payload(
            "a claim twice",
            |secrets| secrets.over_payload(r#"{"exp":1,"exp":1800000060}"#),
            "malformed",
        )
        .but(PyJwt, "accepted")
        .but(Jose, "accepted")
        .but(JsonWebToken, "accepted"),
        Case::payload(
            "a claim twice, once escaped",
            |secrets| secrets.over_payload(r#"{"exp":1800000060,"sub":"eve","\u0073ub":"ada"}"#),
            "malformed",
        )
        .but(PyJwt, "accepted")
        .but(Jose, "accepted")
        .but(JsonWebToken, "accepted"),
        Case::payload(
            "half a character",
            |secrets| secrets.over_payload(r#"{"exp":1800000060,"a":"\ud83d"}"#),
            "claims_mismatch",
        )
        .but(PyJwt, "accepted")
        .but(Jose, "accepted")
        .but(JsonWebToken, "accepted"),
        Case::payload(
            "nested 200 deep",
            |secrets| {
                let (open, close) = ("[".repeat(200), "]".repeat(200));
                secrets.over_payload(format!(r#"{{"exp":1800000060,"a":{open}{close}}}"#))
            },
            "claims_mismatch",
        )
        .but(PyJwt, "accepted")
        .but(Jose, "accepted")
        .but(JsonWebToken, "accepted"),
        Case::payload(
            "a byte order mark",
            |secrets| secrets.over_payload("\u{feff}{\"exp\":1800000060}"),
            "malformed",
        )
        .but(PyJwt, "accepted")
        .but(Jose, "accepted"),
        Case::payload(
            "no UTF-8",
            |secrets| secrets.over_payload(b"{\"exp\":1800000060,\"a\":\"\xff\"}"),
            "malformed",
        )
        .but(JsonWebToken, "accepted"),
        Case::payload(
            "more after the object",
            |secrets| secrets.over_payload(r#"{"exp":1800000060}{}"#),
            "malformed",
        ),
        Case::payload("no JSON", |secrets| secrets.over_payload("exp=1800000060"), "malformed"),
        Case::payload("an array", |secrets| secrets.over_payload("[1800000060]"), "malformed")
            .but(JsonWebToken, "accepted"),
        Case::payload("a string", |secrets| secrets.over_payload(r#""exp""#), "malformed")
            .but(JsonWebToken, "accepted"),
        Case::payload("null", |secrets| secrets.over_payload("null"), "malformed")
            .but(JsonWebToken, "unknown"),
        Case::payload("nothing", |secrets| secrets.over_payload(""), "malformed"),
    ]
}

fn crafted_headers() -> Vec<Case> {
    /// Not signed at all, under a header of that `alg`.
    fn unsigned(secrets: &Secrets, alg: &str) -> Option<Crafted> {
        let signed = secrets.over_header(&format!(r#"{{"alg":"{alg}","typ":"JWT"}}"#))?;
        let (header, payload) = two_segments(&signed.token);
        Some(Crafted { token: format!("{header}.{payload}."), ..signed })
    }

    vec![
        Case::payload(
            "kid in Greek",
            |secrets| secrets.over_header(r#"{"alg":"HS","kid":"κλειδί"}"#),
            "accepted",
        )
        .but(JsonWebToken, "altered"),
        Case::payload(
            "a key of its own",
            |secrets| {
                secrets.over_header(r#"{"alg":"HS","jwk":{"kty":"oct","k":"AAAA"},"typ":"JWT"}"#)
            },
            "accepted",
        ),
        Case::payload(
            "b64 true",
            |secrets| secrets.over_header(r#"{"alg":"HS","b64":true}"#),
            "accepted",
        ),
        Case::payload(
            "alg none, unsigned",
            |secrets| unsigned(secrets, "none"),
            "algorithm_mismatch",
        )
        .but(JsonWebToken, "invalid_signature"),
        Case::payload(
            "alg nOnE, unsigned",
            |secrets| unsigned(secrets, "nOnE"),
            "algorithm_mismatch",
        )
        .but(JsonWebToken, "invalid_signature"),
        Case::payload(
            "alg none, signed",
            |secrets| secrets.over_header(r#"{"alg":"none"}"#),
            "algorithm_mismatch",
        ),
        Case::payload(
            "alg in small letters",
            |secrets| {
                let alg = secrets.algorithm.name().to_lowercase();
                secrets.over_header(&format!(r#"{{"alg":"{alg}"}}"#))
            },
            "algorithm_mismatch",
        ),
        Case::payload("no alg", |secrets| secrets.over_header(r#"{"typ":"JWT"}"#), "malformed")
            .but(PyJwt, "algorithm_mismatch")
            .but(JsonWebToken, "algorithm_mismatch"),
        Case::payload("alg a number", |secrets| secrets.over_header(r#"{"alg":256}"#), "malformed")
            .but(PyJwt, "algorithm_mismatch")
            .but(JsonWebToken, "algorithm_mismatch"),
        Case::payload(
            "alg twice",
            |secrets| secrets.over_header(r#"{"alg":"none","alg":"HS"}"#),
            "malformed",
        )
        .but(PyJwt, "accepted")
        .but(Jose, "accepted")
        .but(JsonWebToken, "accepted"),
        Case::payload(
            "kid a number",
            |secrets| secrets.over_header(r#"{"alg":"HS","kid":7}"#),
            "malformed",
        )
        .but(Jose, "accepted")
        .but(JsonWebToken, "accepted"),
        Case::payload(
            "an unknown extension",
            |secrets| secrets.over_header(r#"{"alg":"HS","crit":["x"],"x":1}"#),
            "unsupported_critical",
        )
        .but(JsonWebToken, "accepted"),
        Case::payload(
            "crit empty",
            |secrets| secrets.over_header(r#"{"alg":"HS","crit":[]}"#),
            "malformed",
        )
        .but(JsonWebToken, "accepted"),
        Case::payload(
            "b64 false",
            |secrets| secrets.over_header(r#"{"alg":"HS","b64":false}"#),
            "unsupported_critical",
        )
        .but(PyJwt, "malformed")
        .but(Jose, "accepted")
        .but(JsonWebToken, "accepted"),
        Case::payload(
            "b64 false and critical",
            |secrets| secrets.over_header(r#"{"alg":"HS","crit":["b64"],"b64":false}"#),
            "unsupported_critical",
        )
        .but(PyJwt, "malformed")
        .but(Jose, "malformed")
        .but(JsonWebToken, "accepted"),
        Case::payload("header an array", |secrets| secrets.over_header(r#"["HS"]"#), "malformed")
            .but(JsonWebToken, "algorithm_mismatch"),
        Case::payload("header no JSON", |secrets| secrets.over_header("alg=HS256"), "malformed"),
    ]
}

/// The spelling of the token. RFC 7515 has one for each; whoever takes another lets a token that
/// was revoked by its text come back.
fn crafted_text() -> Vec<Case> {
    vec![
        Case::payload("no text", |secrets| secrets.spelled(|_| String::new()), "malformed"),
        Case::payload(
            "two segments",
            |secrets| {
                secrets
                    .spelled(|token| two_segments(token).0.to_owned() + "." + two_segments(token).1)
            },
            "malformed",
        ),
        Case::payload(
            "four segments",
            |secrets| secrets.spelled(|token| token.to_owned() + ".e30"),
            "malformed",
        ),
        Case::payload(
            "a dot behind",
            |secrets| secrets.spelled(|token| token.to_owned() + "."),
            "malformed",
        ),
        Case::payload(
            "a line feed behind",
            |secrets| secrets.spelled(|token| token.to_owned() + "\n"),
            "malformed",
        )
        .but(Jose, "accepted"),
        Case::payload(
            "a space in front",
            |secrets| secrets.spelled(|token| format!(" {token}")),
            "malformed",
        )
        .but(Jose, "invalid_signature"),
        Case::payload(
            "payload padded",
            |secrets| secrets.segments(|header, payload| (header.into(), format!("{payload}=="))),
            "malformed",
        )
        .but(PyJwt, "accepted")
        .but(Jose, "accepted"),
        Case::payload(
            "payload in base64",
            |secrets| {
                secrets.segments(|header, payload| {
                    assert!(payload.contains('-') && payload.contains('_'));
                    (header.into(), payload.replace('-', "+").replace('_', "/"))
                })
            },
            "malformed",
        ),
        Case::payload(
            "bits to spare in the payload",
            |secrets| secrets.segments(|header, payload| (header.into(), with_spare_bit(payload))),
            "malformed",
        )
        .but(Jose, "accepted")
        .but(JsonWebToken, "accepted"),
        Case::payload(
            "bits to spare in the signature",
            |secrets| match secrets.algorithm {
                // 48 bytes fill their 64 characters.
                Algorithm::Hs384 => None,
                _ => secrets.spelled(with_spare_bit),
            },
            "malformed",
        )
        .but(JsonWebToken, "invalid_signature")
        .but(Jose, "accepted"),
        Case::payload(
            "signature padded",
            |secrets| match secrets.algorithm {
                Algorithm::Hs256 => secrets.spelled(|token| format!("{token}=")),
                Algorithm::Hs512 => secrets.spelled(|token| format!("{token}==")),
                _ => None,
            },
            "malformed",
        )
        .but(PyJwt, "accepted")
        .but(Jose, "accepted"),
        Case::payload(
            "a byte too few in the signature",
            |secrets| secrets.with_mac(|mac| mac.truncate(mac.len() - 1)),
            "invalid_signature",
        ),
        Case::payload(
            "a byte too many in the signature",
            |secrets| secrets.with_mac(|mac| mac.push(0)),
            "invalid_signature",
        ),
        Case::payload(
            "signature gone",
            |secrets| {
                secrets.spelled(|token| {
                    let (header, payload) = two_segments(token);
                    format!("{header}.{payload}.")
                })
            },
            "invalid_signature",
        ),
        Case::payload(
            "payload of another token",
            |secrets| {
                let other = secrets.over_payload(r#"{"exp":1800000060,"admin":true}"#)?;
                secrets.spelled(|token| {
                    let signature = token.rsplit('.').next().unwrap_or_default();
                    let (header, payload) = two_segments(&other.token);
                    format!("{header}.{payload}.{signature}")
                })
            },
            "invalid_signature",
        ),
    ]
}

/// RFC 7518 §3.2.
fn min_len(algorithm: Algorithm) -> usize {
    match algorithm {
        Algorithm::Hs256 => 32,
        Algorithm::Hs384 => 48,
        _ => 64,
    }
}
