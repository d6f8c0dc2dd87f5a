//! Keys as text.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jwt_codec::{Algorithm, PrivateKey, PublicKey};
use serde::Serialize;

use super::file::{Form, Secret};
use crate::{
    args::{KeyFormat, SecretFormat},
    escape::{is_harmful, one_line},
    failure::Failure,
    json,
    keys::secret,
};

/// A key in the format it is written in, without a line end.
#[derive(Debug)]
pub(super) struct KeyText {
    pub(super) text: String,
    pub(super) is_json: bool,
    pub(super) is_secret: bool,
}

impl KeyText {
    pub(super) fn json(json: &str, is_secret: bool) -> Self {
        // An id may contain characters that do not belong on a terminal.
        Self { text: one_line(json), is_json: true, is_secret }
    }

    fn pem(text: &str, is_secret: bool) -> Self {
        Self { text: text.trim_end().to_owned(), is_json: false, is_secret }
    }
}

pub(super) fn secret(secret: &Secret, format: KeyFormat) -> Result<KeyText, Failure> {
    let format = match format {
        KeyFormat::Text => SecretFormat::Text,
        KeyFormat::Hex => SecretFormat::Hex,
        KeyFormat::Base64 => SecretFormat::Base64,
        KeyFormat::Base64url => SecretFormat::Base64url,
        KeyFormat::Jwk => return Ok(KeyText::json(&secret_jwk(secret)?, true)),
        KeyFormat::Pem => {
            return Err(Failure::misuse("a secret cannot be written as PEM; use --format jwk"));
        }
    };
    let text = secret::write(format, &secret.bytes);
    // A line end would be taken for that of the file.
    let text = text
        .filter(|text| !text.contains(is_harmful))
        .ok_or_else(|| Failure::misuse("the secret cannot be written as text; use --format hex"))?;
    Ok(KeyText { text, is_json: false, is_secret: true })
}

fn secret_jwk(secret: &Secret) -> Result<String, Failure> {
    #[derive(Serialize)]
    struct Jwk<'a> {
        kty: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        kid: Option<&'a str>,
        alg: Algorithm,
        k: String,
    }

    json::text(&Jwk {
        kty: "oct",
        kid: secret.kid.as_deref(),
        alg: secret.algorithm,
        k: BASE64_URL_SAFE_NO_PAD.encode(&secret.bytes),
    })
}

pub(super) fn private(key: &PrivateKey, format: KeyFormat) -> Result<KeyText, Failure> {
    Ok(match form(format)? {
        Form::Pem => KeyText::pem(&key.to_pem(), true),
        Form::Jwk => KeyText::json(&key.to_jwk(), true),
    })
}

pub(super) fn public(key: &PublicKey, format: Form) -> KeyText {
    match format {
        Form::Pem => KeyText::pem(&key.to_pem(), false),
        Form::Jwk => KeyText::json(&key.to_jwk(), false),
    }
}

/// The formats of private and public keys.
pub(super) fn form(format: KeyFormat) -> Result<Form, Failure> {
    match format {
        KeyFormat::Pem => Ok(Form::Pem),
        KeyFormat::Jwk => Ok(Form::Jwk),
        _ => Err(Failure::misuse("a private or public key is written as --format jwk or pem")),
    }
}

pub(super) fn name(format: KeyFormat) -> &'static str {
    match format {
        KeyFormat::Text => "text",
        KeyFormat::Hex => "hex",
        KeyFormat::Base64 => "base64",
        KeyFormat::Base64url => "base64url",
        KeyFormat::Jwk => "jwk",
        KeyFormat::Pem => "pem",
    }
}
