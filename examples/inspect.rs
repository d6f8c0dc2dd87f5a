//! Shows what is in a token, without verifying anything.
//!
//! ```text
//! cargo run --example inspect -- eyJhbGciOiJub25lIn0.eyJzdWIiOiJyb290In0.
//! ```

use std::{env, process::ExitCode};

use jwt_codec::{Error, dangerous::decode_unverified};
use serde_json::Value;

fn main() -> ExitCode {
    let Some(token) = env::args().nth(1) else {
        eprintln!("usage: cargo run --example inspect -- TOKEN");
        return ExitCode::from(2);
    };
    match inspect(&token) {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("inspect: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The header's `alg` and `kid`, and the claims.
fn inspect(token: &str) -> Result<String, Error> {
    let data = decode_unverified::<Value>(token)?;
    Ok(format!(
        "NOT VERIFIED: anybody can have written this.\nalg: {:?}\nkid: {:?}\nclaims: {}",
        data.header.alg().unwrap_or_default(),
        data.header.kid().unwrap_or_default(),
        printable(&format!("{:#}", data.claims)),
    ))
}

/// Replaces what could write to the terminal or turn the direction of the text.
fn printable(text: &str) -> String {
    let is_unfit = |c: char| {
        c.is_control() && c != '\n'
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.replace(is_unfit, "\u{fffd}")
}
