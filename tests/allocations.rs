//! What the crate takes from the heap: nothing but what it gives back. Everything is counted on
//! the thread that asks.

#![allow(clippy::unwrap_used)]

use std::fmt::Debug;

use allocation_counter::measure;
use jwt_codec::{
    Algorithm, Audience, Claims, Error, Header, Key, KeySet, NumericDate, Reason, Segment,
    Validation, decode, decode_borrowed, encode, encode_into, encode_with_header, sign,
};
use serde::{
    Deserialize, Serialize,
    de::{DeserializeOwned, IgnoredAny},
};

const ALGORITHMS: [Algorithm; 3] = [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512];
const NOW: i64 = 1_700_000_000;
const ISSUER: &str = "https://login.example";
const AUDIENCE: &str = "api.example";

/// No member of it lives on the heap.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Numbers {
    id: u64,
    rank: [u8; 4],
    admin: bool,
    exp: i64,
}

/// Seven allocations: four strings, two roles and the list of them.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Session {
    sub: String,
    iss: String,
    aud: String,
    name: String,
    roles: Vec<String>,
    iat: i64,
    exp: i64,
}

/// The same, as it is borrowed.
#[derive(Debug, PartialEq, Deserialize)]
struct BorrowedSession<'b> {
    sub: &'b str,
    iss: &'b str,
    aud: &'b str,
    name: &'b str,
    roles: [&'b str; 2],
    iat: i64,
    exp: i64,
}

fn numbers() -> Numbers {
    Numbers { id: 7, rank: [1, 2, 3, 4], admin: true, exp: NOW + 60 }
}

fn session() -> Session {
    Session {
        sub: "ada".into(),
        iss: ISSUER.into(),
        aud: AUDIENCE.into(),
        name: "Ada Lovelace".into(),
        roles: vec!["reader".into(), "writer".into()],
        iat: NOW - 60,
        exp: NOW + 60,
    }
}

fn borrowed_session() -> BorrowedSession<'static> {
    BorrowedSession {
        sub: "ada",
        iss: ISSUER,
        aud: AUDIENCE,
        name: "Ada Lovelace",
        roles: ["reader", "writer"],
        iat: NOW - 60,
        exp: NOW + 60,
    }
}

fn key(algorithm: Algorithm) -> Key {
    Key::new(algorithm, [7; 64]).unwrap()
}

fn at_now() -> Validation {
    Validation::new().at(NumericDate::from_secs(NOW))
}

/// The policy of a service.
fn strict() -> Validation {
    at_now().issuer(ISSUER).audience(AUDIENCE).require("name")
}

/// How often this allocates or reallocates, and what it gives; dropping that is not counted.
fn allocations<T>(run: impl FnOnce() -> T) -> (u64, T) {
    let mut outcome = None;
    let info = measure(|| outcome = Some(run()));
    (info.count_total, outcome.unwrap())
}

#[track_caller]
fn assert_none<T: Debug + PartialEq>(run: impl FnOnce() -> T, expected: &T) {
    let (count, outcome) = allocations(run);
    assert_eq!(outcome, *expected);
    assert_eq!(count, 0);
}

/// The claims or the error alone: what a header holds is not compared.
fn claims<C: DeserializeOwned>(
    token: &str,
    key: &Key,
    validation: &Validation,
) -> Result<C, Error> {
    decode(token, key, validation).map(|data| data.claims)
}

/// The token with its last character changed in the bits that count.
fn forge(mut token: String) -> String {
    let last = token.pop().unwrap();
    token.push(if last == 'A' { 'Q' } else { 'A' });
    token
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| String::from("one")).0, 1);
    assert_eq!(allocations(|| vec![String::from("one"), String::from("two")]).0, 3);
    let (count, _) = allocations(|| {
        let mut text = String::with_capacity(1);
        text.push_str("longer than that");
        text
    });
    assert_eq!(count, 2);
}

#[test]
fn decode_takes_nothing_for_itself() {
    for algorithm in ALGORITHMS {
        let key = key(algorithm);
        let token = encode(&numbers(), &key).unwrap();
        assert_none(|| claims(&token, &key, &at_now()), &Ok(numbers()));
        assert_none(|| claims::<IgnoredAny>(&token, &key, &at_now()).is_ok(), &true);

        // The other headers that are known by their text, and the segment of none.
        for header in [
            format!(r#"{{"typ":"JWT","alg":"{algorithm}"}}"#),
            format!(r#"{{"alg":"{algorithm}"}}"#),
        ] {
            let without_typ = encode_with_header(&Header::new().without_typ(), &numbers(), &key);
            assert_eq!(decode_header_alg(without_typ.as_ref().unwrap()), Some(algorithm));
            let token = signed(&header, &numbers(), algorithm);
            assert_none(|| claims(&token, &key, &at_now()), &Ok(numbers()));
        }
    }
}
