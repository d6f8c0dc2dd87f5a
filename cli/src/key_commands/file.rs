//! Reads a key from a file, whatever its format.

use std::path::Path;

use jwt_codec::{Algorithm, Error, KeyDefect, PrivateKey, PublicKey, dangerous};

use crate::{
    args::SecretFormat,
    failure::Failure,
    input::{self, Input},
    json,
    keys::{
        AnyKey,
        jwk::{self, Kind},
        of_jwk, of_pem,
        secret::{self, Length},
    },
    words,
};

pub(super) enum Content {
    Secret(Secret),
    Private(PrivateKey, Form),
    Public(PublicKey, Form),
}

pub(super) struct Secret {
    pub(super) algorithm: Algorithm,
    pub(super) bytes: Vec<u8>,
    pub(super) kid: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Jwk,
    Pem,
}

/// How to read a secret that is neither a JWK nor a PEM.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bare {
    pub(super) format: Option<SecretFormat>,
    pub(super) length: Length,
}

/// Reads a JWK or a PEM and, with `bare`, a secret in another format.
pub(super) fn read(
    path: &Path,
    algorithm: Option<Algorithm>,
    bare: Option<Bare>,
    input: &mut Input,
) -> Result<Content, Failure> {
    let whence = input::name(path);
    let content = input.file(path)?;
    if content.is_empty() {
        return Err(Failure::no_key(format!("{whence}: the file is empty")));
    }
    // What is not text is neither a PEM nor a JWK.
    let text = std::str::from_utf8(&content).unwrap_or("");
    let says_secret = bare.is_some_and(|bare| bare.format.is_some());
    if text.contains("-----BEGIN ") {
        if says_secret {
            return Err(no_secret(&whence, "PEM"));
        }
        let algorithm = algorithm.ok_or_else(|| {
            Failure::misuse(format!("{whence}: a PEM does not name its algorithm; add --alg"))
        })?;
        return Ok(match of_pem(text, algorithm, &whence)? {
            AnyKey::Private(key) => Content::Private(key, Form::Pem),
            AnyKey::Public(key) => Content::Public(key, Form::Pem),
            AnyKey::Secret(_) => return Err(neither(&whence)),
        });
    }
    if text.trim_start().starts_with('{') && !(says_secret && json::members(text).is_err()) {
        if says_secret {
            return Err(no_secret(&whence, "JWK"));
        }
        if jwk::kind(text) == Some(Kind::Set) {
            return Err(Failure::no_key(format!(
                "{whence}: the file is a JWK Set, not a single JWK"
            )));
        }
        let length = bare.map_or(Length::Full, |bare| bare.length);
        return Ok(match of_jwk(text, algorithm, length, &whence)? {
            AnyKey::Secret(key) => Content::Secret(Secret {
                algorithm: key.algorithm(),
                bytes: jwk::secret(text).ok_or_else(|| neither(&whence))?,
                kid: key.id().map(ToOwned::to_owned),
            }),
            AnyKey::Private(key) => Content::Private(key, Form::Jwk),
            AnyKey::Public(key) => Content::Public(key, Form::Jwk),
        });
    }
    if let Some(failure) = other_form(&content, text, &whence) {
        return Err(failure);
    }
    let algorithm = algorithm.unwrap_or(Algorithm::Hs256);
    let Some(Bare { format, length }) = bare.filter(|_| words::is_for_secrets(algorithm)) else {
        return Err(neither(&whence));
    };
    let content = secret::of_file(&content);
    let format = secret::format(format, content, &whence, "")?;
    secret::key(algorithm, format, content, length, &whence)?;
    let bytes = secret::bytes(format, content, &whence)?;
    Ok(Content::Secret(Secret { algorithm, bytes, kid: None }))
}

/// What the file is, if the crate recognizes a key in another form. `text` is empty if the content is
/// not UTF-8.
fn other_form(content: &[u8], text: &str, whence: &str) -> Option<Failure> {
    let Err(Error::InvalidKey { defect, .. }) = dangerous::short_key(Algorithm::Hs256, content)
    else {
        return None;
    };
    let is_utf16 = text.is_empty() || text.contains('\0');
    let what = match defect {
        KeyDefect::SecretIsDer if text.is_empty() => {
            "is in DER; convert it to PEM first, with `openssl pkey -inform DER`, and with `-pubin` \
             for a public key"
        }
        KeyDefect::SecretIsSsh => {
            "is a key in the format of OpenSSH; convert an RSA or ECDSA key to PEM, with `ssh-keygen \
             -e -m PKCS8`"
        }
        KeyDefect::SecretIsPem | KeyDefect::SecretIsJwk if is_utf16 => {
            "is in UTF-16; save it as UTF-8"
        }
        KeyDefect::SecretIsJwk if text.starts_with('\u{feff}') => {
            "starts with a byte order mark; remove the mark"
        }
        _ => return Some(neither(whence)),
    };
    Some(Failure::no_key(format!("{whence}: the file {what}")))
}

fn no_secret(whence: &str, form: &str) -> Failure {
    Failure::misuse(format!(
        "{whence}: the file is a {form}, which --secret-format is not for; leave it out"
    ))
}

fn neither(whence: &str) -> Failure {
    Failure::no_key(format!("{whence}: the file is neither a JWK nor a PEM"))
}
