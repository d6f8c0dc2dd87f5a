//! Passes standard input to one entrance of the crate, on a thread with a stack of 2 MiB, as the
//! threads of a server have it, and prints the outcome: `ok`, an error code, or `panicked`.
//! A stack overflow ends the process, which `tests/children.rs` notices.

use std::{env, io, io::Read, process::ExitCode, thread};

use jwt_codec::{
    Algorithm, Claims, Error, Header, Key, KeySet, NumericDate, PrivateKey, PublicKey,
    UnverifiedToken, Validation, Verifier, dangerous, decode, decode_borrowed, decode_header,
};
use serde_json::{Map, Value};

const STACK: usize = 2 << 20;

/// The secret of `tests/children.rs`.
const SECRET: &[u8; 32] = b"32 bytes that both programs know";

/// A limit for tokens with a long header.
const LONG: usize = 1 << 20;

type Entrance = fn(&str) -> Result<&'static str, Error>;

const ENTRANCES: &[(&str, Entrance)] = &[
    ("decode", |token| ok(decode::<Value>(token, &key()?, &policy()))),
    ("decode_claims", |token| ok(decode::<Claims<Map<String, Value>>>(token, &key()?, &policy()))),
    ("decode_registered", |token| ok(decode::<Claims<()>>(token, &key()?, &policy()))),
    ("decode_borrowed", |token| {
        ok(decode_borrowed::<Value>(token, &key()?, &policy(), &mut Vec::new()))
    }),
    ("steps", |token| {
        let verified = UnverifiedToken::parse(token)?.verify(&key()?)?;
        ok(verified.claims::<Value>(&policy()))
    }),
    ("decode_unverified", |token| ok(dangerous::decode_unverified::<Value>(token))),
    ("verifier", |token| ok(Verifier::new(key()?, policy()).decode::<Value>(token))),
    ("issuer_hint", |token| ok(UnverifiedToken::parse(token)?.issuer_hint())),
    ("claim", |token| ok(decode::<Claims<()>>(token, &key()?, &policy().claim("x", 1)))),
    ("claim_one_of", |token| {
        ok(decode::<Claims<()>>(token, &key()?, &policy().claim_one_of("x", [1, 2])))
    }),
    ("require", |token| ok(decode::<Claims<()>>(token, &key()?, &policy().require("x")))),
    ("header", |token| decode_header(token).map(|header| member(&header))),
    ("header_eq", |token| {
        let (one, other) = (decode_header(token)?, decode_header(token)?);
        Ok(if one == other { "ok" } else { "not equal" })
    }),
    ("long_header", |token| {
        let token = UnverifiedToken::parse_with_max_len(token, LONG)?;
        let (header, copy) = (token.header(), token.header().clone());
        Ok(if *header == copy { member(header) } else { "not equal" })
    }),
    ("secret", |text| ok(Key::hs256(text))),
    ("key", |jwk| ok(Key::from_jwk(jwk))),
    ("key_for", |jwk| ok(Key::from_jwk_for(Algorithm::Hs256, jwk))),
    ("public_key", |jwk| ok(PublicKey::from_jwk(jwk))),
    ("public_key_for", |jwk| ok(PublicKey::from_jwk_for(Algorithm::Es256, jwk))),
    ("private_key", |jwk| ok(PrivateKey::from_jwk(jwk))),
    ("private_key_for", |jwk| ok(PrivateKey::from_jwk_for(Algorithm::Es256, jwk))),
    ("set", |set| KeySet::from_jwks(set).map(usable)),
    ("set_for", |set| KeySet::from_jwks_for(Algorithm::Hs256, set).map(usable)),
    ("public_set", |set| KeySet::from_public_jwks(set).map(usable)),
    ("public_set_for", |set| KeySet::from_public_jwks_for(Algorithm::Es256, set).map(usable)),
];

fn main() -> ExitCode {
    let Some(name) = env::args().nth(1) else { return ExitCode::from(2) };
    if name == "features" {
        println!("{}", features());
        return ExitCode::SUCCESS;
    }
    let Some((_, entrance)) = ENTRANCES.iter().find(|(known, _)| *known == name) else {
        eprintln!("hidden-json: there is no entrance {name}");
        return ExitCode::from(2);
    };
    let mut input = String::new();
    if io::stdin().read_to_string(&mut input).is_err() {
        return ExitCode::from(2);
    }
    let outcome = move || entrance(&input).unwrap_or_else(|error| error.code());
    let outcome = thread::Builder::new().stack_size(STACK).spawn(outcome);
    println!("{}", outcome.expect("there are threads").join().unwrap_or("panicked"));
    ExitCode::SUCCESS
}

/// The features of `serde_json` that are on, by what it does.
fn features() -> String {
    let value = |json| serde_json::from_str::<Value>(json).unwrap_or_default();
    let raw_value = value(r#"{"$serde_json::private::RawValue":"1"}"#).is_number();
    let arbitrary_precision = value("1e400").is_number();
    let preserve_order = value(r#"{"b":1,"a":2}"#).to_string().starts_with(r#"{"b""#);
    [
        (raw_value, "raw_value"),
        (arbitrary_precision, "arbitrary_precision"),
        (preserve_order, "preserve_order"),
    ]
    .iter()
    .filter_map(|&(is_on, name)| is_on.then_some(name))
    .collect::<Vec<_>>()
    .join(" ")
}

fn key() -> Result<Key, Error> {
    Key::hs256(SECRET)
}

fn policy() -> Validation {
    Validation::new().at(NumericDate::from_secs(1_600_000_000)).allow_missing_exp()
}

/// How many keys of the set can be used.
fn usable(set: KeySet) -> &'static str {
    match set.len() {
        0 => "none",
        1 => "one",
        2 => "two",
        _ => "more",
    }
}

fn ok<T>(result: Result<T, Error>) -> Result<&'static str, Error> {
    result.map(|_| "ok")
}

/// Whether the header has `x` as a value.
fn member(header: &Header) -> &'static str {
    if header.get("x").is_some() { "ok" } else { "none" }
}
