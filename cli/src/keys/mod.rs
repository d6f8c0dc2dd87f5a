//! The key that the options or the environment name.

pub(crate) mod jwk;
pub(crate) mod secret;

use std::path::Path;

use jwt_codec::{
    Algorithm, Error, Key, KeySet, Keys, PrivateKey, PublicKey, SigningKey, SkippedKey, dangerous,
};

use self::{jwk::Kind, secret::Length};
use crate::{
    args::KeyArguments,
    failure::Failure,
    input::{self, Input},
    words,
};

/// What verifies tokens.
pub(crate) struct VerifyingKeys {
    pub(crate) keys: Box<dyn Keys>,
    /// The keys of a set that cannot be used.
    pub(crate) skipped: Vec<SkippedKey>,
}

impl VerifyingKeys {
    fn one(key: impl Keys + 'static) -> Self {
        Self { keys: Box::new(key), skipped: Vec::new() }
    }
}

/// Returns the key, or the keys, to verify with.
pub(crate) fn to_verify(
    arguments: &KeyArguments,
    input: &mut Input,
) -> Result<VerifyingKeys, Failure> {
    if let Some(path) = &arguments.jwks {
        reject_url(path, "jwt verify --jwks - TOKEN")?;
        let text = text(path, input)?;
        return set(&text, arguments.alg, path);
    }
    Ok(match read(arguments, None, input)? {
        AnyKey::Secret(key) => VerifyingKeys::one(key),
        AnyKey::Private(key) => VerifyingKeys::one(key.public_key()),
        AnyKey::Public(key) => VerifyingKeys::one(key),
    })
}

/// Returns the key to sign with; from a set, the key with this id.
pub(crate) fn to_sign(
    arguments: &KeyArguments,
    kid: Option<&str>,
    input: &mut Input,
) -> Result<Box<dyn SigningKey>, Failure> {
    if let Some(path) = &arguments.jwks {
        reject_url(path, "jwt sign --jwks - CLAIMS")?;
    }
    match read(arguments, kid, input)? {
        AnyKey::Secret(key) => Ok(match kid {
            Some(kid) => Box::new(key.with_id(kid)),
            None => Box::new(key),
        }),
        AnyKey::Private(key) => Ok(match kid {
            Some(kid) => Box::new(key.with_id(kid)),
            None => Box::new(key),
        }),
        AnyKey::Public(_) => {
            Err(Failure::no_key("a public key only verifies; sign with the private key"))
        }
    }
}

/// The command uses no network. `command` reads the set from standard input instead.
fn reject_url(jwks: &Path, command: &str) -> Result<(), Failure> {
    let url = jwks.to_string_lossy();
    let is_url = |scheme: &str| {
        url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    if !is_url("https://") && !is_url("http://") {
        return Ok(());
    }
    Err(Failure::misuse(format!(
        "--jwks expects a file, not a URL; fetch the set first: \
         curl -sSf {} | {command}",
        words::argument(&url)
    )))
}

/// A key of any kind.
pub(crate) enum AnyKey {
    Secret(Key),
    Private(PrivateKey),
    Public(PublicKey),
}

fn read(arguments: &KeyArguments, kid: Option<&str>, input: &mut Input) -> Result<AnyKey, Failure> {
    let length = Length::allowing_short(arguments.allow_short_secret);
    let algorithm = arguments.alg;
    if let Some(path) = &arguments.jwk {
        let text = text(path, input)?;
        of_jwk(&text, algorithm, length, &input::name(path))
    } else if let Some(path) = &arguments.jwks {
        let text = text(path, input)?;
        of_set(&text, kid, algorithm, path)
    } else if let (Some(path), Some(algorithm)) = (&arguments.pem, algorithm) {
        let text = text(path, input)?;
        of_pem(&text, algorithm, &input::name(path))
    } else {
        let algorithm = secret_algorithm(algorithm)?;
        let key = if let Some(path) = &arguments.secret_file {
            let (content, whence) = (input.file(path)?, input::name(path));
            let secret = secret::of_file(&content);
            let format = secret::format(arguments.secret_format, secret, &whence, "")?;
            secret::key(algorithm, format, secret, length, &whence)?
        } else {
            let (secret, format) = secret::of_environment(arguments.secret_format)?;
            secret::key(algorithm, format, &secret, length, secret::JWT_SECRET)?
        };
        Ok(AnyKey::Secret(key))
    }
}

/// Returns the algorithm of a secret: HS256 unless the user named another.
fn secret_algorithm(said: Option<Algorithm>) -> Result<Algorithm, Failure> {
    let algorithm = said.unwrap_or(Algorithm::Hs256);
    if words::is_for_secrets(algorithm) {
        return Ok(algorithm);
    }
    Err(Failure::no_key(format!(
        "{algorithm} uses a public or private key, not a secret; name one with --pem or --jwk"
    )))
}

fn text(path: &Path, input: &mut Input) -> Result<String, Failure> {
    String::from_utf8(input.file(path)?)
        .map_err(|_| Failure::no_key(format!("{}: the key is not text", input::name(path))))
}

pub(crate) fn of_pem(text: &str, algorithm: Algorithm, whence: &str) -> Result<AnyKey, Failure> {
    if text.trim().is_empty() {
        return Err(Failure::no_key(format!("{whence}: the file is empty")));
    }
    let key = if text.contains("PRIVATE KEY-----") {
        PrivateKey::from_pem(algorithm, text).map(AnyKey::Private)
    } else {
        PublicKey::from_pem(algorithm, text).map(AnyKey::Public)
    };
    key.map_err(|error| Failure::key(whence, &error))
}

pub(crate) fn of_jwk(
    text: &str,
    algorithm: Option<Algorithm>,
    length: Length,
    whence: &str,
) -> Result<AnyKey, Failure> {
    if text.trim().is_empty() {
        return Err(Failure::no_key(format!("{whence}: the file is empty")));
    }
    let key = match jwk::kind(text) {
        Some(Kind::Set) => {
            return Err(Failure::no_key(format!("{whence}: the file is a JWK Set; use --jwks")));
        }
        Some(Kind::Private) => match algorithm {
            Some(algorithm) => PrivateKey::from_jwk_for(algorithm, text),
            None => PrivateKey::from_jwk(text),
        }
        .map(AnyKey::Private),
        Some(Kind::Public) => match algorithm {
            Some(algorithm) => PublicKey::from_jwk_for(algorithm, text),
            None => PublicKey::from_jwk(text),
        }
        .map(AnyKey::Public),
        Some(Kind::Secret) | None => match algorithm {
            Some(algorithm) => Key::from_jwk_for(algorithm, text),
            None => Key::from_jwk(text),
        }
        .map(AnyKey::Secret),
    };
    let key = match key {
        // Another fault counts first, because no option allows it.
        Err(error @ Error::WeakKey { .. }) => match short_jwk(&error, text) {
            Ok(_) if length != Length::Any => Err(error),
            key => key,
        },
        key => key,
    };
    key.map_err(|error| length.failure(whence, &error))
}

/// Reads a JWK that is valid but for a short secret. Returns its other fault, if it has one, and
/// `weak` if it has no secret.
fn short_jwk(weak: &Error, text: &str) -> Result<AnyKey, Error> {
    let (Error::WeakKey { algorithm, .. }, Some(secret)) = (weak, jwk::secret(text)) else {
        return Err(weak.clone());
    };
    let long = jwk::with_secret(text, &[0; 64]).ok_or_else(|| weak.clone())?;
    let long = Key::from_jwk_for(*algorithm, &long)?;
    let key = dangerous::short_key(*algorithm, secret)?;
    Ok(AnyKey::Secret(match long.id() {
        Some(kid) => key.with_id(kid),
        None => key,
    }))
}

/// The keys of a set that verify.
fn set(text: &str, algorithm: Option<Algorithm>, path: &Path) -> Result<VerifyingKeys, Failure> {
    // Nobody publishes a set of secrets alone. A secret next to public keys is known to everybody.
    let is_own = algorithm.is_some_and(words::is_for_secrets) || jwk::are_secrets(text);
    let set = match (algorithm, is_own) {
        (Some(algorithm), true) => KeySet::from_jwks_for(algorithm, text),
        (Some(algorithm), false) => KeySet::from_public_jwks_for(algorithm, text),
        (None, true) => KeySet::from_jwks(text),
        (None, false) => KeySet::from_public_jwks(text),
    };
    let set = set.map_err(|error| Failure::key(input::name(path), &error))?;
    let skipped = set.skipped().to_vec();
    if set.is_empty() {
        let why = skipped.first().map_or(String::new(), |key| format!("; {}", describe(key)));
        return Err(Failure::no_key(format!(
            "{}: no key of the set can be used{why}",
            input::name(path)
        )));
    }
    Ok(VerifyingKeys { keys: Box::new(set), skipped })
}

/// Returns the key of a set that has this id, or its only key.
fn of_set(
    text: &str,
    kid: Option<&str>,
    algorithm: Option<Algorithm>,
    path: &Path,
) -> Result<AnyKey, Failure> {
    let whence = input::name(path);
    // Rejects what is not a JWK Set.
    KeySet::from_jwks(text).map_err(|error| Failure::key(&whence, &error))?;
    let keys = jwk::entries(text)
        .ok_or_else(|| Failure::no_key(format!("{whence}: the file is not a JWK Set")))?;
    let mut found = keys.iter().filter(|key| {
        algorithm.is_none_or(|algorithm| key.names.fit(algorithm))
            && (kid.is_none() || key.names.kid.as_deref() == kid)
    });
    match (found.next(), found.next(), kid) {
        (Some(key), None, _) => of_jwk(key.jwk, algorithm, Length::Full, &whence),
        (Some(_), Some(_), None) => Err(Failure::no_key(format!(
            "{whence}: the set has {} keys; name one of them with --kid or --alg",
            keys.len()
        ))),
        (Some(_), Some(_), Some(kid)) => Err(Failure::no_key(format!(
            "{whence}: the set has several keys with the id {kid:?}; name one of them with --alg"
        ))),
        (None, _, _) => Err(Failure::no_key(match (kid, algorithm) {
            (Some(kid), None) => format!("{whence}: no key of the set has the id {kid:?}"),
            (Some(kid), Some(algorithm)) => {
                format!("{whence}: no key of the set has the id {kid:?} and is for {algorithm}")
            }
            (None, Some(algorithm)) => format!("{whence}: no key of the set is for {algorithm}"),
            // Every key was a candidate.
            (None, None) => format!("{whence}: the set has no keys"),
        })),
    }
}

/// Says why a key of a set is skipped.
pub(crate) fn describe(skipped: &SkippedKey) -> String {
    let which = match &skipped.kid {
        Some(kid) => format!("the key {kid:?}"),
        None => "a key without an id".to_owned(),
    };
    format!("{which} cannot be used: {}", words::of_key_error(&skipped.error))
}
