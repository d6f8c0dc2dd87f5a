//! `jwt verify`: the claims of a genuine token, or why it is refused.

use std::process::ExitCode;

use jwt_codec::{Error, NumericDate, UnverifiedToken, Validation};
use serde::{Deserialize, Serialize, de::IgnoredAny};
use serde_json::value::RawValue;

use crate::{
    args::VerifyArguments,
    escape::one_line,
    failure::Failure,
    input::Input,
    keys::{self, VerifyingKeys, describe},
    output::{Output, print, print_json, raw},
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
    let validation = policy(&arguments, now);
    let token = input.token(arguments.token, output)?;
    let refused = |error| refusal(&error, &keys, arguments.key.alg.is_none(), output);
    let payload = payload(&token, &keys, &validation).map_err(refused)?;

    let header = UnverifiedToken::parse(&token).map(|token| token.header().clone());
    let alg = header.as_ref().ok().and_then(|header| header.alg()).unwrap_or_default();
    let unchecked_issuer = arguments.iss.is_none();
    let verdict = verdict(alg, &payload, now, unchecked_issuer);
    if output.is_json() {
        #[derive(Serialize)]
        struct Json<'a> {
            verified: bool,
            header: Option<Box<RawValue>>,
            claims: Option<Box<RawValue>>,
            #[serde(skip_serializing_if = "<[String]>::is_empty")]
            notes: &'a [String],
        }
        let header = header_text(&token).and_then(|header| raw(&header));
        let claims = raw(&payload);
        print_json(&Json { verified: true, header, claims, notes: output.notes() })?;
    } else {
        print(&format!("{}\n", one_line(&payload)))?;
    }
    output.verdict("verified", &verdict);
    Ok(ExitCode::SUCCESS)
}

fn policy(arguments: &VerifyArguments, now: NumericDate) -> Validation {
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
    validation
}

/// The text of the claims, once everything was checked.
fn payload(token: &str, keys: &VerifyingKeys, validation: &Validation) -> Result<String, Error> {
    let verified = UnverifiedToken::parse(token)?.verify(&keys.keys)?;
    verified.claims::<IgnoredAny>(validation)?;
    // The claims were read as text just now.
    Ok(String::from_utf8_lossy(&verified.payload()?).into_owned())
}

fn refusal(error: &Error, keys: &VerifyingKeys, default_alg: bool, output: &mut Output) -> Failure {
    if matches!(error, Error::UnknownKey { .. } | Error::AlgorithmMismatch { .. }) {
        for skipped in &keys.skipped {
            output.note(&describe(skipped));
        }
    }
    let mut message = words::of_token_error(error);
    if let Error::AlgorithmMismatch { expected: Some(_), found, .. } = error
        && default_alg
        && matches!(found.as_str(), "HS384" | "HS512")
    {
        message = format!("{message}; if your secret is for {found}, say --alg {found}");
    }
    Failure::refused(error, message)
}

/// What was checked, and when the token expires.
fn verdict(alg: &str, payload: &str, now: NumericDate, unchecked_issuer: bool) -> String {
    #[derive(Deserialize)]
    struct Dates {
        exp: Option<NumericDate>,
        iss: Option<IgnoredAny>,
    }

    let signature = format!("the {alg} signature is right");
    let Ok(claims) = serde_json::from_str::<Dates>(payload) else { return signature };
    let expiry = match claims.exp {
        Some(exp) if exp > now => format!("it expires {}, at {}", distance(exp, now), date(exp)),
        Some(exp) => format!("BUT it expired {}, at {}", distance(exp, now), date(exp)),
        None => "it never expires".to_owned(),
    };
    let issuer =
        if unchecked_issuer && claims.iss.is_some() { "; iss was not checked (--iss)" } else { "" };
    format!("{signature}; {expiry}{issuer}")
}

/// The text of a header that was read before.
fn header_text(token: &str) -> Option<String> {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

    let (header, _) = token.split_once('.')?;
    String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(header).ok()?).ok()
}
