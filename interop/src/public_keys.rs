//! Keys and tokens of every algorithm of public keys, back and forth with PyJWT and jose: their keys
//! here, our keys there, as PEM, JWK and JWK Set.

#[path = "../../tests/support/public_algorithms.rs"]
mod public_algorithms;

use std::{error::Error, process::Command};

use jwt_codec::{Algorithm, KeySet, Keys, PrivateKey, PublicKey, Validation, decode, encode};
pub(crate) use public_algorithms::ALL as ALGORITHMS;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::library::Peer;

/// How many checks there are.
const CHECKS: usize = 333;

#[derive(Deserialize)]
struct Pair {
    pem: String,
    public_pem: String,
    jwk: String,
    public_jwk: String,
}

#[derive(Deserialize)]
struct Signed {
    token: String,
}

#[derive(Deserialize)]
struct Verdict {
    claims: Option<Value>,
    #[serde(default)]
    refused: bool,
}

#[derive(Deserialize)]
struct Thumbprint {
    thumbprint: String,
}

pub fn run() -> Result<bool, Box<dyn Error>> {
    let mut pyjwt = Peer::start(Command::new(".deps/python/bin/python").arg("peer_keys.py"))?;
    let mut jose = Peer::start(Command::new("node").arg(".deps/node/peer_keys.mjs"))?;
    let mut report = Report::default();
    for algorithm in ALGORITHMS {
        // PyJWT does not know the name of RFC 9864.
        if algorithm != Algorithm::Ed25519 {
            check(algorithm, "PyJWT", &mut pyjwt, &mut report)?;
        }
        check(algorithm, "jose", &mut jose, &mut report)?;
        let key = PrivateKey::generate(algorithm)?.public_key();
        let request = json!({ "op": "thumbprint", "jwk": key.to_jwk() });
        let theirs: Thumbprint = jose.ask(&request)?;
        report.note(algorithm, "jose", "thumbprint", theirs.thumbprint == key.thumbprint());
    }
    let Report { passed, failures } = report;
    for failure in &failures {
        println!("{failure}");
    }
    println!("public keys: {passed} passed, {} failed", failures.len());
    if passed + failures.len() != CHECKS {
        println!("there should be {CHECKS} checks");
    }
    Ok(failures.is_empty() && passed == CHECKS)
}

#[derive(Default)]
struct Report {
    passed: usize,
    failures: Vec<String>,
}

impl Report {
    fn note(&mut self, algorithm: Algorithm, peer: &str, what: &str, is_right: bool) {
        if is_right {
            self.passed += 1;
        } else {
            self.failures.push(format!("{algorithm}, {peer}: {what}"));
        }
    }
}

fn check(
    algorithm: Algorithm,
    name: &str,
    peer: &mut Peer,
    report: &mut Report,
) -> Result<(), Box<dyn Error>> {
    let claims = json!({ "sub": "ada", "exp": 4_102_444_800_i64, "roles": ["admin"] });
    let alg = algorithm.name();
    let mut note = |what: &str, is_right| report.note(algorithm, name, what, is_right);

    // Their key, in each form, is one key.
    let pair: Pair = peer.ask(&json!({ "op": "generate", "alg": alg }))?;
    let private = PrivateKey::from_pem(algorithm, &pair.pem)?;
    let public = [
        PublicKey::from_pem(algorithm, &pair.public_pem)?,
        PublicKey::from_jwk_for(algorithm, &pair.public_jwk)?,
        private.public_key(),
        PrivateKey::from_jwk_for(algorithm, &pair.jwk)?.public_key(),
    ];
    let thumbprint = private.public_key().thumbprint();
    note("one key in each form", public.iter().all(|key| key.thumbprint() == thumbprint));

    // They sign with it, and we verify; we sign, and they verify.
    let request = json!({ "op": "sign", "alg": alg, "pem": pair.pem, "claims": claims });
    let theirs: Signed = peer.ask(&request)?;
    for key in &public {
        note("their token with their key", reads(&theirs.token, key, &claims));
        note("their token, forged", refuses(&forge(&theirs.token), key));
    }
    let ours = encode(&claims, &private)?;
    for request in [
        json!({ "op": "verify", "alg": alg, "token": ours, "pem": pair.public_pem }),
        json!({ "op": "verify", "alg": alg, "token": ours, "jwk": pair.public_jwk }),
    ] {
        let verdict: Verdict = peer.ask(&request)?;
        note("our token with their key", verdict.claims.as_ref() == Some(&claims));
    }

    // The same with a key of ours.
    let private = PrivateKey::generate(algorithm)?.with_id("2026-11");
    let public = private.public_key();
    let keys = KeySet::new().with(public.clone())?;
    let request = json!({ "op": "sign", "alg": alg, "pem": private.to_pem(), "claims": claims });
    let theirs: Signed = peer.ask(&request)?;
    note("their token with our key", reads(&theirs.token, &public, &claims));
    note("their token without kid", reads(&theirs.token, &keys, &claims));
    let request = json!({ "op": "sign", "alg": alg, "jwk": private.to_jwk(), "claims": claims });
    let theirs: Signed = peer.ask(&request)?;
    note("their token with our private JWK", reads(&theirs.token, &public, &claims));
    let ours = encode(&claims, &private)?;
    let [jwk, jwks] = [public.to_jwk(), keys.public_jwks()];
    for request in [
        json!({ "op": "verify", "alg": alg, "token": ours, "jwk": jwk }),
        json!({ "op": "verify", "alg": alg, "token": ours, "jwks": jwks }),
    ] {
        let verdict: Verdict = peer.ask(&request)?;
        note("our token with our key", verdict.claims.as_ref() == Some(&claims));
    }
    let request = json!({ "op": "verify", "alg": alg, "token": forge(&ours), "jwk": jwk });
    note("our token, forged", peer.ask::<Verdict>(&request)?.refused);
    Ok(())
}

fn reads(token: &str, keys: &impl Keys, claims: &Value) -> bool {
    decode::<Value>(token, keys, &Validation::new()).is_ok_and(|data| data.claims == *claims)
}

fn refuses(token: &str, keys: &impl Keys) -> bool {
    decode::<Value>(token, keys, &Validation::new())
        .is_err_and(|error| error == jwt_codec::Error::InvalidSignature)
}

/// The token with another signature: the tenth character from its end is another one.
fn forge(token: &str) -> String {
    let (start, end) = token.split_at(token.len() - 10);
    let other = if end.starts_with('A') { "B" } else { "A" };
    format!("{start}{other}{}", &end[1..])
}
