//! `jwt key set`: several keys as one JWK Set.

use jwt_codec::KeySet;

use super::{
    destination::{self, Destination, Secrets},
    file::{self, Content, Form},
    form::{self, KeyText},
};
use crate::{
    args::{KeyFormat, SetArguments},
    failure::Failure,
    input::{self, Input},
    keys::describe,
    output::Output,
};

pub(super) fn run(
    arguments: &SetArguments,
    input: &mut Input,
    output: &mut Output,
) -> Result<(), Failure> {
    let files = &arguments.files;
    let mut keys = Vec::new();
    for path in &files.files {
        keys.push(match file::read(path, files.alg, None, input)? {
            Content::Secret(secret) => form::secret(&secret, KeyFormat::Jwk)?,
            Content::Public(key, _) => form::public(&key, Form::Jwk),
            Content::Private(key, _) => {
                output.note(&format!("{}: only its public part is in the set", input::name(path)));
                form::public(&key.public_key(), Form::Jwk)
            }
        });
    }
    let is_secret = keys.iter().any(|key| key.is_secret);
    let destination =
        destination::choose(arguments.out.as_deref(), is_secret, Secrets::PrintIfAsked)?;
    let set = KeyText::json(&checked(&keys)?, is_secret);
    // The result is JSON in any case.
    destination::write(&[set], destination, output)?;
    match destination {
        Destination::File(path) if output.is_json() => destination::print_path(path, output),
        _ => {
            output.print_notes();
            Ok(())
        }
    }
}

/// Returns the text of the set, if every key in it can be used.
fn checked(keys: &[KeyText]) -> Result<String, Failure> {
    let keys: Vec<&str> = keys.iter().map(|key| key.text.as_str()).collect();
    let text = format!(r#"{{"keys":[{}]}}"#, keys.join(","));
    let set = KeySet::from_jwks(&text).map_err(|error| Failure::key("the set", &error))?;
    match set.skipped().first() {
        None => Ok(text),
        Some(skipped) => Err(Failure::no_key(describe(skipped))),
    }
}
