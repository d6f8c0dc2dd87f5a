//! `oidc ISSUER AUDIENCE [NONCE]`: reads a token from its input, and prints its claims or why it was
//! refused.

use std::{env, error::Error, io, time::Instant};

use jwt_codec::Validation;
use oidc::Issuer;
use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (issuer, audience, nonce) = match arguments.as_slice() {
        [issuer, audience] => (issuer, audience, None),
        [issuer, audience, nonce] => (issuer, audience, Some(nonce)),
        _ => return Err("usage: oidc ISSUER AUDIENCE [NONCE] < token".into()),
    };
    let mut policy = Validation::new().audience(audience).allow_any_typ();
    if let Some(nonce) = nonce {
        policy = policy.claim("nonce", nonce.as_str());
    }
    let issuer = Issuer::discover(issuer, None, policy, Instant::now())?;

    let mut token = String::new();
    io::stdin().read_line(&mut token)?;
    let data = issuer.decode::<Value>(token.trim_end(), Instant::now())?;
    println!("{:#}", data.claims);
    Ok(())
}
