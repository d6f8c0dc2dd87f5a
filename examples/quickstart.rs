//! Signs a session, reads it back, and shows which error each bad token gets.

use std::time::Duration;

use jwt_codec::{Claims, Error, Key, NumericDate, Validation, decode, encode};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
struct Session {
    username: String,
    roles: Vec<String>,
}

fn main() -> Result<(), Error> {
    // For this example only: a service reads a random secret, as with `Key::from_hex`.
    let key = Key::hs256("an example of a secret of 32 bytes or more")?;
    let validation = Validation::new().issuer("https://login.example").audience("api");

    let session = Session { username: "ada".into(), roles: vec!["admin".into()] };
    let claims = Claims::new(session)
        .issuer("https://login.example")
        .audience("api")
        .issued_now()
        .expires_in(Duration::from_secs(30 * 60));
    let token = encode(&claims, &key)?;
    println!("A token: header, payload and signature.\n\n  {token}\n");

    let data = decode::<Claims<Session>>(&token, &key, &validation)?;
    let Claims { registered, custom } = data.claims;
    println!("Accepted. {custom:?}, until {}\n", registered.exp.map_or(0, NumericDate::as_secs));

    let in_an_hour = validation.clone().at(NumericDate::now() + Duration::from_secs(3600));
    rejected("An hour later", decode::<Claims<Session>>(&token, &key, &in_an_hour));

    let (header, rest) = token.split_once('.').unwrap_or_default();
    let forged = format!("{header}.{}", rest.replacen("ey", "eY", 1));
    rejected("With a changed payload", decode::<Claims<Session>>(&forged, &key, &validation));

    let other_key = Key::hs256("another secret, of somebody else, as long")?;
    rejected("With another key", decode::<Claims<Session>>(&token, &other_key, &validation));

    let (payload, _) = rest.split_once('.').unwrap_or_default();
    let unsigned = format!("eyJhbGciOiJub25lIn0.{payload}.");
    rejected("With alg none", decode::<Claims<Session>>(&unsigned, &key, &validation));
    Ok(())
}

fn rejected<T>(what: &str, result: Result<T, Error>) {
    match result {
        Ok(_) => println!("{what}: accepted, which must not happen"),
        Err(error) => println!("{what}: {} ({error})", error.code()),
    }
}
