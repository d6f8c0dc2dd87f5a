//! `jwt verify`: the claims of a genuine token, or why it is rejected.

use std::process::ExitCode;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jwt_codec::{
    Error, NumericDate, RegisteredClaims, UnknownKeyReason, UnverifiedToken, Validation,
};
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::{
    args::VerifyArguments,
    claim,
    escape::one_line,
    failure::Failure,
    input::Input,
    json,
    keys::{self, VerifyingKeys, describe},
    output::{Output, print, print_json_text},
    time::{date, distance},
    words,
};

pub(crate) fn run(
    arguments: VerifyArguments,
    input: &mut Input,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let keys = keys::to_verify(&arguments.key, input)?;
    let now = arguments.at.unwrap_or_else(NumericDate::now);
    let validation = policy(&arguments, now)?;
    let token = input.token(arguments.token, output)?;
    let verified = verify(&token, &keys, &validation)
        .map_err(|error| refusal(&error, &keys, arguments.key.alg.is_none(), output))?;

    let verdict = verdict(&verified, now, arguments.iss.is_none());
    if output.is_json() {
        let mut members = vec![
            ("verified", "true"),
            ("header", verified.header.as_str()),
            ("claims", verified.claims.as_str()),
        ];
        let notes = json::text(output.notes())?;
        if !output.notes().is_empty() {
            members.push(("notes", notes.as_str()));
        }
        print_json_text(&json::object(members)?)?;
    } else {
        print(&format!("{}\n", one_line(&verified.claims)))?;
    }
    output.verdict("verified", &verdict);
    Ok(ExitCode::SUCCESS)
}

fn policy(arguments: &VerifyArguments, now: NumericDate) -> Result<Validation, Failure> {
    let mut validation = Validation::new().at(now);
    if let Some(iss) = &arguments.iss {
        validation = validation.issuer(iss);
    }
    if !arguments.aud.is_empty() {
        validation = validation.audiences(&arguments.aud);
    }
    if let Some(typ) = &arguments.typ {
        validation = validation.typ(typ);
    }
    if let Some(leeway) = arguments.leeway {
        validation = validation.leeway(leeway);
    }
    if arguments.ignore_exp {
        validation = validation.ignore_exp().allow_missing_exp();
    }
    if arguments.allow_null_claims {
        validation = validation.allow_null_claims();
    }
    for text in &arguments.claim {
        let (name, value) = claim::parse(text)?;
        let value: Value = serde_json::from_str(&value).map_err(|error| {
            Failure::misuse(format!("--claim {name}: the value cannot be compared: {error}"))
        })?;
        validation = validation.claim(name, value);
    }
    Ok(validation)
}

/// A token that passed every check, as text.
struct TokenText {
    alg: String,
    header: String,
    claims: String,
}

fn verify(token: &str, keys: &VerifyingKeys, validation: &Validation) -> Result<TokenText, Error> {
    let verified = UnverifiedToken::parse(token)?.verify(&keys.keys)?;
    verified.claims::<IgnoredAny>(validation)?;
    let alg = verified.header().alg().unwrap_or_default().to_owned();
    let (header, _) = token.split_once('.').unwrap_or_default();
    // Both were read as text before.
    let header = BASE64_URL_SAFE_NO_PAD.decode(header).unwrap_or_default();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok(TokenText { alg, header: text(header), claims: text(verified.payload()?) })
}

fn refusal(error: &Error, keys: &VerifyingKeys, default_alg: bool, output: &mut Output) -> Failure {
    let says_why =
        matches!(error, Error::UnknownKey { reason: UnknownKeyReason::Skipped { .. }, .. });
    if matches!(error, Error::UnknownKey { .. } | Error::AlgorithmMismatch { .. }) && !says_why {
        for skipped in &keys.skipped {
            output.note(&describe(skipped));
        }
    }
    let mut message = words::of_token_error(error);
    if let Error::AlgorithmMismatch { expected: Some(_), found, .. } = error
        && default_alg
        && matches!(found.as_str(), "HS384" | "HS512")
    {
        message = format!("{message}; if your secret is for {found}, add --alg {found}");
    }
    Failure::rejected(error, message)
}

/// What was checked, and when the token expires.
fn verdict(verified: &TokenText, now: NumericDate, unchecked_issuer: bool) -> String {
    let signature = format!("the {} signature is valid", verified.alg);
    let Ok(claims) = serde_json::from_str::<RegisteredClaims>(&verified.claims) else {
        return signature;
    };
    let expiry = match claims.exp {
        Some(exp) if exp > now => {
            format!("the token expires {}, at {}", distance(exp, now), date(exp))
        }
        Some(exp) => format!("BUT the token expired {}, at {}", distance(exp, now), date(exp)),
        None => "the token never expires".to_owned(),
    };
    let issuer =
        if unchecked_issuer && claims.iss.is_some() { "; iss was not checked (--iss)" } else { "" };
    format!("{signature}; {expiry}{issuer}")
}
