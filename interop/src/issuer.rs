//! A real issuer, `oidc-provider` on this machine: its tokens are verified by the example `oidc`, from
//! its discovery document and its keys, through a rotation.

use std::{error::Error, process::Command, time::Instant};

use jwt_codec::Validation;
use oidc::{Issuer, MIN_INTERVAL};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::library::Peer;

const ALGORITHMS: [&str; 4] = ["RS256", "PS256", "ES256", "EdDSA"];

/// How many checks there are.
const CHECKS: usize = 4 * 8;

#[derive(Deserialize)]
struct Started {
    issuer: String,
}

#[derive(Deserialize)]
struct Issued {
    token: String,
}

pub fn run() -> Result<bool, Box<dyn Error>> {
    let mut provider = Peer::start(Command::new("node").arg(".deps/node/issuer.mjs"))?;
    let Started { issuer: name } = provider.ask(&json!({ "op": "start" }))?;
    let policy = |audience: &str| Validation::new().audience(audience).typ("at+jwt");
    let mut now = Instant::now();
    let issuer = Issuer::discover(&name, None, policy("api"), now)?;
    let elsewhere = Issuer::discover(&name, None, policy("bank"), now)?;

    let mut passed = 0;
    let mut check = |issuer: &Issuer, token: &str, expected: &str, now| {
        let decoded = issuer.decode::<Value>(token, now);
        let (code, error) = match &decoded {
            Ok(data) if data.claims["client_id"] == "shop" => ("ok", String::new()),
            Ok(data) => ("altered", data.claims.to_string()),
            Err(error) => (error.code(), error.to_string()),
        };
        if code == expected {
            passed += 1;
        } else {
            println!("issuer: {code}, not {expected}: {error}");
        }
    };

    let old = tokens(&mut provider)?;
    for token in &old {
        check(&issuer, token, "ok", now);
        check(&elsewhere, token, "invalid_audience", now);
        check(&issuer, &forged(token), "invalid_signature", now);
    }
    provider.ask::<Value>(&json!({ "op": "rotate" }))?;
    let new = tokens(&mut provider)?;
    // Too early to fetch again; then the new keys and the old ones.
    new.iter().for_each(|token| check(&issuer, token, "unknown_key", now));
    now += MIN_INTERVAL;
    new.iter().chain(&old).for_each(|token| check(&issuer, token, "ok", now));
    provider.ask::<Value>(&json!({ "op": "drop" }))?;
    let late = Issuer::discover(&name, None, policy("api"), now)?;
    new.iter().for_each(|token| check(&late, token, "ok", now));
    old.iter().for_each(|token| check(&late, token, "unknown_key", now));

    println!("oidc-provider: {passed} passed, {} failed", CHECKS - passed);
    Ok(passed == CHECKS)
}

fn tokens(provider: &mut Peer) -> Result<Vec<String>, Box<dyn Error>> {
    let token = |alg| Ok(provider.ask::<Issued>(&json!({ "op": "token", "alg": alg }))?.token);
    ALGORITHMS.into_iter().map(token).collect()
}

/// The tenth character from the end is another one.
fn forged(token: &str) -> String {
    let (start, end) = token.split_at(token.len() - 10);
    let other = if end.starts_with('A') { "B" } else { "A" };
    format!("{start}{other}{}", &end[1..])
}
