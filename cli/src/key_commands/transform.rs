//! `jwt key public`, `thumbprint` and `convert`: the key of each file in another form.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{
    destination::{self, Destination, Secrets},
    file::{self, Bare, Content, Form},
    form::{self, KeyText},
};
use crate::{
    args::{ConvertArguments, KeyFormat, PublicArguments, PublicFormat, ThumbprintArguments},
    failure::Failure,
    input::{self, Input},
    json,
    keys::secret::Length,
    output::{Output, print, print_json, print_json_text},
};

pub(super) fn public(
    arguments: &PublicArguments,
    input: &mut Input,
    output: &Output,
) -> Result<(), Failure> {
    let files = &arguments.files;
    check_kid(arguments.kid.as_deref(), &files.files)?;
    let mut keys = Vec::new();
    for path in &files.files {
        let (key, was) = match file::read(path, files.alg, None, input)? {
            Content::Private(key, form) => (key.public_key(), form),
            Content::Public(key, form) => (key, form),
            Content::Secret(_) => return Err(no_public_part(path)),
        };
        let form = match arguments.format {
            Some(PublicFormat::Jwk) => Form::Jwk,
            Some(PublicFormat::Pem) => Form::Pem,
            None => was,
        };
        let key = match &arguments.kid {
            Some(_) if form == Form::Pem => return Err(no_id_in_pem()),
            Some(kid) => key.with_id(kid),
            None => key,
        };
        keys.push(form::public(&key, form));
    }
    let destination = destination::choose(arguments.out.as_deref(), false, Secrets::PrintIfAsked)?;
    deliver(&files.files, &keys, destination, output)
}

pub(super) fn thumbprint(
    arguments: &ThumbprintArguments,
    input: &mut Input,
    output: &Output,
) -> Result<(), Failure> {
    #[derive(Serialize)]
    struct Json {
        thumbprints: Vec<Thumbprint>,
    }
    #[derive(Serialize)]
    struct Thumbprint {
        file: String,
        thumbprint: String,
    }

    let files = &arguments.files;
    let mut thumbprints = Vec::new();
    for path in &files.files {
        let thumbprint = match file::read(path, files.alg, None, input)? {
            Content::Private(key, _) => key.public_key().thumbprint(),
            Content::Public(key, _) => key.thumbprint(),
            Content::Secret(_) => return Err(no_public_part(path)),
        };
        thumbprints.push(Thumbprint { file: path.display().to_string(), thumbprint });
    }
    if output.is_json() {
        return print_json(&Json { thumbprints });
    }
    print(&thumbprints.iter().map(|one| format!("{}\n", one.thumbprint)).collect::<String>())
}

pub(super) fn convert(
    arguments: &ConvertArguments,
    input: &mut Input,
    output: &Output,
) -> Result<(), Failure> {
    let (files, format) = (&arguments.files, arguments.format);
    check_kid(arguments.kid.as_deref(), &files.files)?;
    if arguments.kid.is_some() && format != KeyFormat::Jwk {
        return Err(no_id_in_pem());
    }
    let bare = Bare {
        format: arguments.secret_format,
        length: Length::allowing_short(arguments.allow_short_secret),
    };
    let kid = arguments.kid.as_deref();
    let mut keys = Vec::new();
    for path in &files.files {
        keys.push(match (file::read(path, files.alg, Some(bare), input)?, kid) {
            (Content::Secret(mut secret), kid) => {
                secret.kid = kid.map(ToOwned::to_owned).or(secret.kid);
                form::secret(&secret, format)
            }
            (Content::Private(key, _), None) => form::private(&key, format),
            (Content::Private(key, _), Some(kid)) => form::private(&key.with_id(kid), format),
            (Content::Public(key, _), None) => Ok(form::public(&key, form::form(format)?)),
            (Content::Public(key, _), Some(kid)) => {
                Ok(form::public(&key.with_id(kid), form::form(format)?))
            }
        }?);
    }
    let is_secret = keys.iter().any(|key| key.is_secret);
    let destination =
        destination::choose(arguments.out.as_deref(), is_secret, Secrets::PrintIfAsked)?;
    deliver(&files.files, &keys, destination, output)
}

fn deliver(
    files: &[PathBuf],
    keys: &[KeyText],
    destination: Destination<'_>,
    output: &Output,
) -> Result<(), Failure> {
    if !output.is_json() {
        return destination::write(keys, destination, output);
    }
    if let Destination::File(path) = destination {
        destination::write(keys, destination, output)?;
        return destination::print_path(path, output);
    }
    let mut objects = Vec::new();
    for (path, key) in files.iter().zip(keys) {
        let file = json::text(&path.display().to_string())?;
        // A JWK is an object, anything else a string.
        let key = if key.is_json { key.text.clone() } else { json::text(&key.text)? };
        objects.push(json::object([("file", file.as_str()), ("key", key.as_str())])?);
    }
    print_json_text(&format!(r#"{{"keys":[{}]}}"#, objects.join(",")))
}

fn check_kid(kid: Option<&str>, files: &[PathBuf]) -> Result<(), Failure> {
    if kid.is_some() && files.len() > 1 {
        return Err(Failure::misuse("--kid is the id of one key; name one file"));
    }
    Ok(())
}

fn no_id_in_pem() -> Failure {
    Failure::misuse("only a JWK contains an id; add --format jwk")
}

fn no_public_part(path: &Path) -> Failure {
    Failure::misuse(format!("{}: a secret has no public part", input::name(path)))
}
