//! Signs a session, reads it back, and shows what happens to tokens that are not so good.

use std::time::Duration;

use anstream::println;
use anstyle::{AnsiColor, Style};
use jwt_codec::{Claims, Error, Key, NumericDate, Validation, decode, encode};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
struct Session {
    username: String,
    roles: Vec<String>,
}

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Yellow.on_default();

fn main() -> Result<(), Error> {
    // A real service has at least 32 random bytes here, from its configuration.
    let key = Key::hs256("an example of a secret of 32 bytes or more")?;
    let validation = Validation::new().issuer("https://login.example").audience("api");

    let session = Session { username: "ada".into(), roles: vec!["admin".into()] };
    let claims = Claims::new(session)
        .issuer("https://login.example")
        .audience("api")
        .issued_now()
        .expires_in(Duration::from_secs(30 * 60));
    let token = encode(&claims, &key)?;
    println!("A token: header, payload and signature.\n\n  {}\n", in_colour(&token));

    let data = decode::<Claims<Session>>(&token, &key, &validation)?;
    let Claims { registered, custom } = data.claims;
    println!(
        "{GOOD}Accepted.{GOOD:#} {custom:?}, until {}\n",
        registered.exp.map_or(0, NumericDate::as_secs)
    );

    let in_an_hour = validation.clone().at(NumericDate::now() + Duration::from_secs(3600));
    refused("An hour later", decode::<Claims<Session>>(&token, &key, &in_an_hour));

    let (header, rest) = token.split_once('.').unwrap_or_default();
    let forged = format!("{header}.{}", rest.replacen("ey", "eY", 1));
    refused("With a changed payload", decode::<Claims<Session>>(&forged, &key, &validation));

    let other_key = Key::hs256("another secret, of somebody else, as long")?;
    refused("With another key", decode::<Claims<Session>>(&token, &other_key, &validation));

    let (payload, _) = rest.split_once('.').unwrap_or_default();
    let unsigned = format!("eyJhbGciOiJub25lIn0.{payload}.");
    refused("With alg none", decode::<Claims<Session>>(&unsigned, &key, &validation));
    Ok(())
}

/// The three segments, each in its colour.
fn in_colour(token: &str) -> String {
    let colours = [AnsiColor::Red, AnsiColor::Magenta, AnsiColor::Cyan].map(AnsiColor::on_default);
    let segments =
        token.split('.').zip(colours).map(|(text, colour)| format!("{colour}{text}{colour:#}"));
    segments.collect::<Vec<_>>().join(".")
}

fn refused<T>(what: &str, result: Result<T, Error>) {
    match result {
        Ok(_) => println!("{BAD}{what}: accepted, which must not be{BAD:#}"),
        Err(error) => println!("{BAD}{what}:{BAD:#} {} ({error})", error.code()),
    }
}
