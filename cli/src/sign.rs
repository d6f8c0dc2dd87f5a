//! `jwt sign`: claims, from JSON and from flags, as a token.

use std::{collections::HashSet, process::ExitCode};

use jwt_codec::{Header, NumericDate, encode_with_header};
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::{
    args::SignArguments,
    failure::Failure,
    input::Input,
    json::Members,
    keys,
    output::{Output, print, print_json},
    words,
};

pub(crate) fn run(
    arguments: &SignArguments,
    input: &mut Input,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let key = keys::to_sign(&arguments.key, arguments.kid.as_deref(), input)?;
    let header = header(arguments)?;
    let text = input.claims(arguments.claims.clone())?;
    let claims = claims(&text, arguments)?;
    let token = encode_with_header(&header, &claims, &key)
        .map_err(|error| Failure::refused(&error, words::of_encode_error(&error)))?;
    if output.is_json() {
        #[derive(Serialize)]
        struct Json<'a> {
            token: &'a str,
        }
        print_json(&Json { token: &token })?;
    } else {
        print(&format!("{token}\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Claims in the making. What a flag says replaces what the JSON says; two flags must not say
/// something about the same claim.
struct Claims {
    members: Vec<(String, Box<RawValue>)>,
    by_flags: HashSet<String>,
}

impl Claims {
    fn parse(text: &str) -> Result<Self, Failure> {
        let example = r#"such as {"sub":"ada"}"#;
        if !text.trim_start().starts_with('{') {
            return Err(Failure::misuse(format!("the claims are not a JSON object, {example}")));
        }
        let Members(members) = serde_json::from_str(text).map_err(|error| {
            Failure::misuse(format!("the claims are not a JSON object, {example}: {error}"))
        })?;
        Ok(Self { members, by_flags: HashSet::new() })
    }

    fn get(&self, name: &str) -> Option<&RawValue> {
        self.members.iter().find(|(member, _)| member == name).map(|(_, value)| value.as_ref())
    }

    fn by_flag(&mut self, name: &str, value: Box<RawValue>) -> Result<(), Failure> {
        self.mark(name)?;
        self.set(name, value);
        Ok(())
    }

    fn remove_by_flag(&mut self, name: &str) -> Result<(), Failure> {
        self.mark(name)?;
        self.members.retain(|(member, _)| member != name);
        Ok(())
    }

    fn mark(&mut self, name: &str) -> Result<(), Failure> {
        if self.by_flags.insert(name.to_owned()) {
            return Ok(());
        }
        Err(Failure::misuse(format!("two flags say something about the claim {name:?}")))
    }

    fn set(&mut self, name: &str, value: Box<RawValue>) {
        match self.members.iter_mut().find(|(member, _)| member == name) {
            Some((_, earlier)) => *earlier = value,
            None => self.members.push((name.to_owned(), value)),
        }
    }
}

fn claims(text: &str, arguments: &SignArguments) -> Result<Members<Box<RawValue>>, Failure> {
    let mut claims = Claims::parse(text)?;
    if let Some(iss) = &arguments.iss {
        claims.by_flag("iss", json(iss)?)?;
    }
    if let Some(sub) = &arguments.sub {
        claims.by_flag("sub", json(sub)?)?;
    }
    match arguments.aud.as_slice() {
        [] => {}
        [aud] => claims.by_flag("aud", json(aud)?)?,
        several => claims.by_flag("aud", json(several)?)?,
    }
    for text in &arguments.claim {
        let (name, value) = claim(text)?;
        claims.by_flag(name, value)?;
    }

    let now = NumericDate::now();
    if arguments.no_iat {
        claims.remove_by_flag("iat")?;
    } else if claims.get("iat").is_none() {
        claims.set("iat", json(&now)?);
    }
    if arguments.no_exp {
        claims.remove_by_flag("exp")?;
    } else if let Some(span) = arguments.exp {
        // An `iat` of a wrong type is refused when the claims are encoded.
        let iat = claims.get("iat").and_then(|iat| serde_json::from_str(iat.get()).ok());
        let exp = iat.unwrap_or(now) + span;
        claims.by_flag("exp", json(&exp)?)?;
    } else if claims.get("exp").is_none() {
        return Err(Failure::misuse(
            "say when the token expires, such as --exp 1h, or that it never does, --no-exp",
        ));
    }
    Ok(Members(claims.members))
}

fn header(arguments: &SignArguments) -> Result<Header, Failure> {
    let mut header = Header::new();
    if let Some(typ) = &arguments.typ {
        header = header.with_typ(typ);
    }
    if arguments.no_typ {
        header = header.without_typ();
    }
    let mut names = HashSet::new();
    for member in &arguments.header {
        let Some((name, value)) = member.split_once('=') else {
            return Err(Failure::misuse("--header: it is name=value"));
        };
        if name.ends_with(':') {
            return Err(Failure::misuse(format!("--header {name}: a value in the header is text")));
        }
        if name == "kid" || name == "typ" {
            return Err(Failure::misuse(format!("--header {name}: say it with --{name}")));
        }
        if !names.insert(name) {
            return Err(Failure::misuse(format!(
                "two flags say something about the header's {name:?}"
            )));
        }
        header = header
            .with_member(name, value)
            .map_err(|error| Failure::misuse(words::of_encode_error(&error)))?;
    }
    Ok(header)
}

/// `name=text` or `name:=JSON`. The first `=` splits.
fn claim(text: &str) -> Result<(&str, Box<RawValue>), Failure> {
    let Some((name, value)) = text.split_once('=') else {
        return Err(Failure::misuse("--claim: it is name=text or name:=JSON"));
    };
    let (name, value) = match name.strip_suffix(':') {
        Some(name) => {
            let value = RawValue::from_string(value.trim().to_owned()).map_err(|error| {
                Failure::misuse(format!("--claim {name}: what follows := is not JSON: {error}"))
            })?;
            (name, value)
        }
        None => (name, json(value)?),
    };
    if name.is_empty() {
        return Err(Failure::misuse("--claim: there is no name in front of the ="));
    }
    Ok((name, value))
}

fn json(value: &(impl Serialize + ?Sized)) -> Result<Box<RawValue>, Failure> {
    to_raw_value(value)
        .map_err(|error| Failure::misuse(format!("cannot write this as JSON: {error}")))
}
