//! `jwt key generate`

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jwt_codec::{Algorithm, PrivateKey};
use serde::Serialize;

use super::{
    destination::{self, Destination, Secrets},
    file::Secret,
    form::{self, KeyText},
};
use crate::{
    args::{GenerateArguments, KeyFormat},
    failure::Failure,
    output::{Output, print_json},
};

pub(super) fn run(arguments: &GenerateArguments, output: &mut Output) -> Result<(), Failure> {
    let destination = destination::choose(arguments.out.as_deref(), true, Secrets::Print)?;
    let secret_len = secret_len(arguments.alg);
    let usual = if secret_len.is_some() { KeyFormat::Hex } else { KeyFormat::Pem };
    let format = arguments.format.unwrap_or(usual);
    if arguments.kid.is_some() && format != KeyFormat::Jwk {
        return Err(Failure::misuse("only a JWK contains an id; add --format jwk"));
    }
    let key = match secret_len {
        Some(len) => secret(arguments, format, len)?,
        None => private(arguments, format)?,
    };
    if output.is_json() && matches!(destination, Destination::Stdout) {
        note_how_to_read(format, output);
        return describe(arguments, format, Some(&key.text), output.notes());
    }
    destination::write(&[key], destination, output)?;
    note_how_to_read(format, output);
    if output.is_json() { describe(arguments, format, None, output.notes()) } else { Ok(()) }
}

/// The same text read in another way is another secret.
fn note_how_to_read(format: KeyFormat, output: &mut Output) {
    let (constructor, option) = match format {
        KeyFormat::Hex => ("Key::from_hex", "hex"),
        KeyFormat::Base64 => ("Key::from_base64", "base64"),
        KeyFormat::Base64url => ("Key::from_base64url", "base64url"),
        KeyFormat::Text => ("Key::new, without the line end of the file,", "text"),
        // These formats name themselves.
        KeyFormat::Jwk | KeyFormat::Pem => return,
    };
    output.note(&format!(
        "read this secret with {constructor} in a program, and with --secret-format {option} or \
         JWT_SECRET_FORMAT={option} in this command"
    ));
}

fn describe(
    arguments: &GenerateArguments,
    format: KeyFormat,
    key: Option<&str>,
    notes: &[String],
) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct Json<'a> {
        alg: Algorithm,
        format: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        kid: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        key: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        out: Option<String>,
        #[serde(skip_serializing_if = "<[String]>::is_empty")]
        notes: &'a [String],
    }

    let out = match key {
        Some(_) => None,
        None => arguments.out.as_ref().map(|out| out.display().to_string()),
    };
    let kid = arguments.kid.as_deref();
    print_json(&Json { alg: arguments.alg, format: form::name(format), kid, key, out, notes })
}

/// As long as the hash (RFC 7518 §3.2).
fn secret_len(algorithm: Algorithm) -> Option<usize> {
    match algorithm {
        Algorithm::Hs256 => Some(32),
        Algorithm::Hs384 => Some(48),
        Algorithm::Hs512 => Some(64),
        _ => None,
    }
}

fn secret(
    arguments: &GenerateArguments,
    format: KeyFormat,
    len: usize,
) -> Result<KeyText, Failure> {
    let mut bytes = vec![0; len];
    getrandom::fill(&mut bytes).map_err(|error| {
        Failure::misuse(format!("the system returned no random bytes: {error}"))
    })?;
    if format == KeyFormat::Text {
        // Random bytes are not text. Their base64url is, and it is as random.
        bytes = BASE64_URL_SAFE_NO_PAD.encode(bytes).into_bytes();
    }
    let kid = arguments.kid.clone();
    form::secret(&Secret { algorithm: arguments.alg, bytes, kid }, format)
}

fn private(arguments: &GenerateArguments, format: KeyFormat) -> Result<KeyText, Failure> {
    form::form(format)?;
    let key = PrivateKey::generate(arguments.alg)
        .map_err(|error| Failure::key("cannot make a key", &error))?;
    let key = match &arguments.kid {
        Some(kid) => key.with_id(kid),
        None => key,
    };
    form::private(&key, format)
}
