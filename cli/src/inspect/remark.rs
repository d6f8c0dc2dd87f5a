//! What the members of a header and the claims mean.

use jwt_codec::NumericDate;

use crate::time::{date, distance};

/// A remark beside a member.
#[derive(Debug, Default)]
pub(super) struct Remark {
    pub(super) text: String,
    /// A code, if the member is one that no strict reader takes, or not what was meant.
    pub(super) problem: Option<&'static str>,
}

impl From<&str> for Remark {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), problem: None }
    }
}

impl Remark {
    fn wrong_type(text: &str) -> Self {
        Self { text: format!("{text}; never accepted"), problem: Some("invalid_claim_type") }
    }
}

pub(super) fn of_parameter(name: &str, json: &str) -> Remark {
    match name {
        "alg" => of_algorithm(json),
        "typ" => "kind of token".into(),
        "cty" => "kind of payload".into(),
        "kid" => "which key signed it".into(),
        "crit" | "b64" => Remark {
            text: "an extension; not accepted here".to_owned(),
            problem: Some("unsupported_critical"),
        },
        "jwk" | "jku" | "x5u" | "x5c" => "never followed".into(),
        _ => Remark::default(),
    }
}

fn of_algorithm(json: &str) -> Remark {
    let name: String = serde_json::from_str(json).unwrap_or_default();
    match name.as_str() {
        "HS256" => "HMAC with SHA-256".into(),
        "HS384" => "HMAC with SHA-384".into(),
        "HS512" => "HMAC with SHA-512".into(),
        "RS256" => "RSA with SHA-256".into(),
        "RS384" => "RSA with SHA-384".into(),
        "RS512" => "RSA with SHA-512".into(),
        "PS256" => "RSA-PSS with SHA-256".into(),
        "PS384" => "RSA-PSS with SHA-384".into(),
        "PS512" => "RSA-PSS with SHA-512".into(),
        "ES256" => "ECDSA on P-256".into(),
        "ES384" => "ECDSA on P-384".into(),
        "EdDSA" | "Ed25519" => "Ed25519".into(),
        name if name.eq_ignore_ascii_case("none") => Remark {
            text: "unsigned; never accepted".to_owned(),
            problem: Some("algorithm_mismatch"),
        },
        _ => "not known here".into(),
    }
}

pub(super) fn of_claim(name: &str, json: &str, now: NumericDate) -> Remark {
    match name {
        "exp" => of_date(json, "expires", "expired", now),
        "nbf" => of_date(json, "becomes valid", "became valid", now),
        "iat" => of_date(json, "issued", "issued", now),
        // OpenID Connect Core, §2 and §5.1. They are not registered in RFC 7519, and not checked.
        "auth_time" | "updated_at"
            if json.starts_with(|c: char| c == '-' || c.is_ascii_digit()) =>
        {
            of_date(json, "", "", now)
        }
        "iss" | "sub" | "jti" if !json.starts_with('"') => Remark::wrong_type("not a string"),
        "iss" => "who issued it".into(),
        "sub" => "whom it is about".into(),
        "jti" => "its own id".into(),
        "aud" if !is_audience(json) => Remark::wrong_type("not a string or a list of strings"),
        "aud" => "whom it is for".into(),
        _ => Remark::default(),
    }
}

fn is_audience(json: &str) -> bool {
    json.starts_with('"') || serde_json::from_str::<Vec<String>>(json).is_ok()
}

/// As in `2026-11-23 14:03:07 UTC, expires in 29 min`.
fn of_date(json: &str, future: &str, past: &str, now: NumericDate) -> Remark {
    /// As seconds, from the year 5138 on; as milliseconds, from 1973 to 5138.
    const MILLISECONDS: std::ops::Range<u64> = 100_000_000_000..100_000_000_000_000;

    let Ok(at) = serde_json::from_str::<NumericDate>(json) else {
        return Remark::wrong_type("not a number");
    };
    let does = if at > now { future } else { past };
    let does = if does.is_empty() { String::new() } else { format!("{does} ") };
    let distance = distance(at, now);
    if MILLISECONDS.contains(&at.as_secs().unsigned_abs()) {
        let meant = date(NumericDate::from_secs(at.as_secs() / 1000));
        let text =
            format!("milliseconds? {meant} then, but a token counts seconds: {does}{distance}");
        return Remark { text, problem: Some("milliseconds") };
    }
    Remark { text: format!("{}, {does}{distance}", date(at)), problem: None }
}
