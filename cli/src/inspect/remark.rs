//! What the members of a header and the claims mean.

use std::collections::HashSet;

use jwt_codec::{Error, JsonType, NumericDate, RegisteredClaims};

use crate::{
    check,
    time::{date, distance},
};

/// A remark next to a member.
#[derive(Debug, Default)]
pub(super) struct Remark {
    pub(super) text: String,
    /// A code, if `jwt verify` rejects the member, or if it is probably a mistake.
    pub(super) problem: Option<&'static str>,
}

/// Adds the remark to each member. A duplicate gets none of its own: some remarks cost a signature, and
/// a token of 1 MiB can have a hundred thousand members `exp`.
pub(super) fn with_remarks(
    members: Vec<(String, &str)>,
    remark: impl Fn(&str, &str) -> Remark,
) -> impl Iterator<Item = (String, &str, Remark)> {
    let mut earlier = HashSet::new();
    members.into_iter().map(move |(name, json)| {
        let is_first = earlier.insert(name.clone());
        let remark = if is_first { remark(&name, json) } else { "a duplicate; rejected".into() };
        (name, json, remark)
    })
}

impl From<&str> for Remark {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), problem: None }
    }
}

pub(super) fn of_parameter(name: &str, json: &str) -> Remark {
    match name {
        "alg" => of_algorithm(json),
        "typ" => "type of the token".into(),
        "cty" => "type of the payload".into(),
        "kid" => "id of the key".into(),
        "crit" | "b64" => match check::parameter(name, json) {
            Ok(()) => Remark::default(),
            // A problem of the token, which is told already.
            Err(Error::Malformed { .. }) => "rejected".into(),
            Err(error) => Remark {
                text: "an extension that is not supported; rejected".to_owned(),
                problem: Some(error.code()),
            },
        },
        "jwk" | "jku" | "x5u" | "x5c" => "ignored".into(),
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
        name if name.eq_ignore_ascii_case("none") => {
            Remark { text: "unsigned; rejected".to_owned(), problem: Some("algorithm_mismatch") }
        }
        _ => Remark {
            text: "not supported; rejected".to_owned(),
            problem: Some("algorithm_mismatch"),
        },
    }
}

pub(super) fn of_claim(name: &str, json: &str, now: NumericDate) -> Remark {
    let is_registered = matches!(name, "iss" | "sub" | "aud" | "exp" | "nbf" | "iat" | "jti");
    if is_registered && let Err(error) = check::claims(&claim(name, json)) {
        return of_rejected_claim(&error);
    }
    match name {
        "exp" => of_date(registered(name, json).exp, "expires", "expired", now),
        "nbf" => of_date(registered(name, json).nbf, "becomes valid", "became valid", now),
        "iat" => of_date(registered(name, json).iat, "issued", "issued", now),
        // OpenID Connect Core, §2 and §5.1. They are not registered in RFC 7519, and not checked.
        "auth_time" | "updated_at" => of_date(serde_json::from_str(json).ok(), "", "", now),
        "iss" => "who issued the token".into(),
        "sub" => "whom the token is about".into(),
        "jti" => "the token's own id".into(),
        "aud" => "whom the token is for".into(),
        _ => Remark::default(),
    }
}

fn claim(name: &str, json: &str) -> String {
    format!(r#"{{"{name}":{json}}}"#)
}

/// Reads a date as the policy does: a fraction of `exp` and `nbf` rounds up.
fn registered(name: &str, json: &str) -> RegisteredClaims {
    serde_json::from_str(&claim(name, json)).unwrap_or_default()
}

/// What `jwt verify` says of the claim, without its name.
fn of_rejected_claim(error: &Error) -> Remark {
    let text = match error {
        Error::InvalidClaimType { found: JsonType::Null, .. } => {
            "rejected without --allow-null-claims".to_owned()
        }
        Error::InvalidClaimType { expected, .. } => format!("must be {expected}; rejected"),
        _ => "cannot be read; rejected".to_owned(),
    };
    Remark { text, problem: Some(error.code()) }
}

/// As in `2026-11-23 14:03:07 UTC, expires in 29 min`.
fn of_date(at: Option<NumericDate>, future: &str, past: &str, now: NumericDate) -> Remark {
    /// As seconds, after the year 9999; as milliseconds, from 1978 to 5138.
    const MILLISECONDS: std::ops::Range<u64> = 253_402_300_800..100_000_000_000_000;

    let Some(at) = at else { return Remark::default() };
    let does = if at > now { future } else { past };
    let does = if does.is_empty() { String::new() } else { format!("{does} ") };
    let distance = distance(at, now);
    if MILLISECONDS.contains(&at.as_secs().unsigned_abs()) {
        let meant = date(NumericDate::from_secs(at.as_secs() / 1000));
        let text = format!(
            "milliseconds? that would be {meant}, but a token counts seconds: {does}{distance}"
        );
        return Remark { text, problem: Some("milliseconds") };
    }
    Remark { text: format!("{}, {does}{distance}", date(at)), problem: None }
}
