//! `jwt sign`: claims, from JSON and from options, as a token.

use std::{collections::HashSet, process::ExitCode};

use jwt_codec::{Header, NumericDate, sign};
use serde::Serialize;

use crate::{
    args::SignArguments,
    check, claim,
    failure::Failure,
    input::Input,
    json, keys,
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
    let claims = claims(&text, arguments, output)?;
    // The text is signed as it is, so that numbers keep their digits.
    check::claims(&claims)
        .map_err(|error| Failure::unsignable(words::of_unsignable_claims(&error)))?;
    // What is left to be wrong is in the header, and so in the options.
    let token = sign(&header, claims.as_bytes(), &key)
        .map_err(|error| Failure::misuse(words::of_token_error(&error)))?;
    deliver(&token, output)
}

fn deliver(token: &str, output: &Output) -> Result<ExitCode, Failure> {
    #[derive(Serialize)]
    struct Json<'a> {
        token: &'a str,
        #[serde(skip_serializing_if = "<[String]>::is_empty")]
        notes: &'a [String],
    }

    if output.is_json() {
        print_json(&Json { token, notes: output.notes() })?;
    } else {
        print(&format!("{token}\n"))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Claims while they are collected: names, and values as JSON text. An option replaces what the
/// JSON says; two options for one claim are an error.
struct Claims {
    members: Vec<(String, String)>,
    by_options: HashSet<String>,
}

impl Claims {
    fn parse(text: &str) -> Result<Self, Failure> {
        let example = r#"such as {"sub":"ada"}"#;
        if !text.trim_start().starts_with('{') {
            return Err(Failure::misuse(format!("the claims are not a JSON object, {example}")));
        }
        let members = json::members(text).map_err(|error| {
            Failure::misuse(format!("the claims are not a JSON object, {example}: {error}"))
        })?;
        let members = members.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
        Ok(Self { members, by_options: HashSet::new() })
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.members.iter().find(|(member, _)| member == name).map(|(_, value)| value.as_str())
    }

    fn set_by_option(&mut self, name: &str, value: String) -> Result<(), Failure> {
        self.mark(name)?;
        self.set(name, value);
        Ok(())
    }

    fn remove_by_option(&mut self, name: &str) -> Result<(), Failure> {
        self.mark(name)?;
        self.members.retain(|(member, _)| member != name);
        Ok(())
    }

    fn mark(&mut self, name: &str) -> Result<(), Failure> {
        if self.by_options.insert(name.to_owned()) {
            return Ok(());
        }
        Err(Failure::misuse(format!("two options set the claim {name:?}")))
    }

    fn set(&mut self, name: &str, value: String) {
        match self.members.iter_mut().find(|(member, _)| member == name) {
            Some((_, earlier)) => *earlier = value,
            None => self.members.push((name.to_owned(), value)),
        }
    }

    /// Leaves out registered claims that are `null`, as the crate's `encode` does: no reader accepts
    /// them. Returns their names.
    fn remove_nulls(&mut self) -> Vec<String> {
        let registered = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];
        let is_null = |(name, value): &mut (String, String)| {
            value == "null" && registered.contains(&name.as_str())
        };
        self.members.extract_if(.., is_null).map(|(name, _)| name).collect()
    }
}

fn claims(text: &str, arguments: &SignArguments, output: &mut Output) -> Result<String, Failure> {
    let mut claims = Claims::parse(text)?;
    if let Some(iss) = &arguments.iss {
        claims.set_by_option("iss", json::text(iss)?)?;
    }
    if let Some(sub) = &arguments.sub {
        claims.set_by_option("sub", json::text(sub)?)?;
    }
    match arguments.aud.as_slice() {
        [] => {}
        [aud] => claims.set_by_option("aud", json::text(aud)?)?,
        several => claims.set_by_option("aud", json::text(several)?)?,
    }
    for text in &arguments.claim {
        let (name, value) = claim::parse(text)?;
        claims.set_by_option(name, value)?;
    }
    let nulls = claims.remove_nulls();

    let now = NumericDate::now();
    if arguments.no_iat {
        claims.remove_by_option("iat")?;
    } else if claims.get("iat").is_none() {
        claims.set("iat", json::text(&now)?);
    }
    if arguments.no_exp {
        claims.remove_by_option("exp")?;
    } else if let Some(span) = arguments.exp {
        // An `iat` of a wrong type is rejected before the claims are signed.
        let iat = claims.get("iat").and_then(|iat| serde_json::from_str(iat).ok());
        let exp = iat.unwrap_or(now) + span;
        claims.set_by_option("exp", json::text(&exp)?)?;
    } else if claims.get("exp").is_none() {
        return Err(Failure::misuse(
            "say when the token expires, such as --exp 1h, or that it never does, --no-exp",
        ));
    }
    for name in nulls.iter().filter(|name| claims.get(name).is_none()) {
        output.note(&format!("the claim {name:?} is null and was left out"));
    }
    let members = claims.members.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    json::object(members)
}

fn header(arguments: &SignArguments) -> Result<Header, Failure> {
    let mut header = Header::new();
    if let Some(typ) = &arguments.typ {
        if typ.is_empty() {
            return Err(Failure::misuse("--typ is empty; --no-typ leaves it out"));
        }
        header = header.with_typ(typ);
    }
    if arguments.no_typ {
        header = header.without_typ();
    }
    let mut names = HashSet::new();
    for member in &arguments.header {
        let Some((name, value)) = member.split_once('=') else {
            return Err(Failure::misuse("--header expects name=value"));
        };
        match name {
            "alg" => return Err(Failure::misuse("--header alg: the key decides the algorithm")),
            "crit" | "b64" => {
                let message = format!("--header {name}: header extensions are not supported");
                return Err(Failure::misuse(message));
            }
            "kid" | "typ" => {
                return Err(Failure::misuse(format!("--header {name}: use --{name} instead")));
            }
            name if name.ends_with(':') => {
                let message = format!("--header {name}: a value in the header is text");
                return Err(Failure::misuse(message));
            }
            name if !names.insert(name) => {
                let message = format!("two options set the header parameter {name:?}");
                return Err(Failure::misuse(message));
            }
            name => {
                header = header.with_member(name, value).map_err(|error| {
                    Failure::misuse(format!("--header: {}", words::of_token_error(&error)))
                })?;
            }
        }
    }
    Ok(header)
}
