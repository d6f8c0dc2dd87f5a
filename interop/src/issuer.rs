//! A real issuer, `oidc-provider` on this machine: its access tokens are verified by `jwt-codec-oidc`,
//! from its discovery document and its keys, through a rotation.

use std::{error::Error, process::Command, time::Duration};

use jwt_codec_oidc::{AccessTokenVerifier, Issuer};
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
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(check_issuer())
}

async fn check_issuer() -> Result<bool, Box<dyn Error>> {
    let mut provider = Peer::start(Command::new("node").arg(".deps/node/issuer.mjs"))?;
    let Started { issuer: name } = provider.ask(&json!({ "op": "start" }))?;
    let issuer = Issuer::builder(&*name).connect().await?;
    let eager = Issuer::builder(&*name).cooldown(Duration::ZERO).connect().await?;
    let (api, bank) = (issuer.access_tokens("api"), issuer.access_tokens("bank"));

    let mut passed = 0;
    let mut check = async |verifier: &AccessTokenVerifier, token: &str, expected: &str| {
        let decoded = verifier.decode::<Value>(token).await;
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
        check(&api, token, "ok").await;
        check(&bank, token, "invalid_audience").await;
        check(&api, &forged(token), "invalid_signature").await;
    }
    provider.ask::<Value>(&json!({ "op": "rotate" }))?;
    let new = tokens(&mut provider)?;
    // It is too early to fetch again, but not without a cooldown: then new and old keys are there.
    for token in &new {
        check(&api, token, "unknown_key").await;
    }
    let api = eager.access_tokens("api");
    for token in new.iter().chain(&old) {
        check(&api, token, "ok").await;
    }
    provider.ask::<Value>(&json!({ "op": "drop" }))?;
    eager.refresh().await?;
    for token in &new {
        check(&api, token, "ok").await;
    }
    for token in &old {
        check(&api, token, "unknown_key").await;
    }

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
