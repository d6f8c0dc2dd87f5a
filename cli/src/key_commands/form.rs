//! Keys as text.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jwt_codec::{Algorithm, PrivateKey, PublicKey};
use serde::Serialize;

use super::{
    der,
    file::{Form, Secret},
};
use crate::{
    args::{KeyFormat, SecretFormat},
    failure::Failure,
    keys::secret,
};

/// A key in the form that it is written in, without a line end.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) text: String,
    pub(super) is_secret: bool,
}

pub(super) fn secret(secret: &Secret, format: KeyFormat) -> Result<Written, Failure> {
    let format = match format {
        KeyFormat::Text => SecretFormat::Text,
        KeyFormat::Hex => SecretFormat::Hex,
        KeyFormat::Base64 => SecretFormat::Base64,
        KeyFormat::Base64url => SecretFormat::Base64url,
        KeyFormat::Jwk => {
            return Ok(Written { text: secret_jwk(secret)?, is_secret: true });
        }
        KeyFormat::Pem => return Err(Failure::misuse("a secret has no form as PEM; jwk is one")),
    };
    let text = secret::write(format, &secret.bytes);
    // A line end could be taken for that of the file.
    let text = text.filter(|text| !text.contains(char::is_control)).ok_or_else(|| {
        Failure::misuse("the secret is not bytes that can be written as text; hex is a form")
    })?;
    Ok(Written { text, is_secret: true })
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

    to_json(&Jwk {
        kty: "oct",
        kid: secret.kid.as_deref(),
        alg: secret.algorithm,
        k: BASE64_URL_SAFE_NO_PAD.encode(&secret.bytes),
    })
}

pub(super) fn private(key: &PrivateKey, format: KeyFormat) -> Result<Written, Failure> {
    let text = match form(format)? {
        Form::Pem => key.to_pem().trim_end().to_owned(),
        Form::Jwk => der::private_jwk(key)?,
    };
    Ok(Written { text, is_secret: true })
}

pub(super) fn public(key: &PublicKey, format: Form) -> Result<Written, Failure> {
    let text = match format {
        Form::Pem => der::public_pem(key)?,
        Form::Jwk => key.to_jwk(),
    };
    Ok(Written { text, is_secret: false })
}

/// The forms that private and public keys have.
pub(super) fn form(format: KeyFormat) -> Result<Form, Failure> {
    match format {
        KeyFormat::Pem => Ok(Form::Pem),
        KeyFormat::Jwk => Ok(Form::Jwk),
        _ => Err(Failure::misuse("private and public keys are written as jwk or pem")),
    }
}

pub(super) fn to_json(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(value)
        .map_err(|error| Failure::misuse(format!("cannot write this as JSON: {error}")))
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
