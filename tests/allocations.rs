//! What the crate takes from the heap: nothing but what it gives back. Everything is counted on
//! the thread that asks.

#![allow(clippy::unwrap_used)]

#[path = "support/forge.rs"]
mod forge;

use std::fmt::Debug;

use allocation_counter::measure;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jwt_codec::{
    Algorithm, Audience, Claims, Error, Header, Key, KeySet, NumericDate, Reason, Segment,
    Validation, decode, decode_borrowed, decode_header, encode, encode_into, encode_with_header,
    sign,
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

/// Some kilobytes, more than is decoded on the stack.
fn long_token(key: &Key) -> String {
    let claims = Claims::new(()).id("x".repeat(8000)).expires_at(NumericDate::from_secs(NOW + 60));
    encode(&claims, key).unwrap()
}

/// The token with the first character of its signature changed.
fn forge_first(token: &str) -> String {
    let (input, signature) = token.rsplit_once('.').unwrap();
    let first = if signature.starts_with('A') { 'Q' } else { 'A' };
    format!("{input}.{first}{}", &signature[1..])
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
    let policy = at_now();
    for algorithm in ALGORITHMS {
        let key = key(algorithm);
        let token = encode(&numbers(), &key).unwrap();
        assert_none(|| claims(&token, &key, &policy), &Ok(numbers()));
        // While it skips an object, serde_json itself allocates for a list in it.
        let json = serde_json::to_string(&numbers()).unwrap();
        let (of_json, _) = allocations(|| serde_json::from_str::<IgnoredAny>(&json).unwrap());
        let (count, _) = allocations(|| claims::<IgnoredAny>(&token, &key, &policy).unwrap());
        assert_eq!(count, of_json);

        let bare = encode_with_header(&Header::new().without_typ(), &numbers(), &key).unwrap();
        assert_none(|| claims(&bare, &key, &policy), &Ok(numbers()));
    }

    let numbers_text = serde_json::to_string(&numbers()).unwrap();
    let typ_first = forge::forge(r#"{"typ":"JWT","alg":"HS256"}"#, numbers_text);
    let key = forge::key();
    assert_none(|| claims(&typ_first, &key, &policy), &Ok(numbers()));
}

#[test]
fn decode_takes_what_the_claims_are_made_of() {
    let json = serde_json::to_string(&session()).unwrap();
    let policy = strict();
    let (of_json, read) = allocations(|| serde_json::from_str::<Session>(&json).unwrap());
    assert_eq!((of_json, read), (7, session()));
    for algorithm in ALGORITHMS {
        let key = key(algorithm);
        let token = encode(&session(), &key).unwrap();
        let (count, read) = allocations(|| claims::<Session>(&token, &key, &policy).unwrap());
        assert_eq!((count, read), (of_json, session()));
    }
}

#[test]
fn a_payload_of_1_kib_takes_nothing() {
    let (key, policy) = (key(Algorithm::Hs256), at_now());
    for (len, expected) in [(1000, 0), (1022, 0), (1023, 0), (1024, 0), (1027, 1)] {
        let payload = format!(r#"{{"exp":{},"a":"{}"}}"#, NOW + 60, "x".repeat(len - 25));
        assert_eq!(payload.len(), len);
        let token = sign(&Header::new(), payload.as_bytes(), &key).unwrap();
        let (count, read) = allocations(|| claims::<IgnoredAny>(&token, &key, &policy).is_ok());
        assert_eq!((count, read), (expected, true), "{len}");
    }
}

/// `Claims` is flattened, for which serde itself holds the members that it does not know.
#[test]
fn decode_into_claims_takes_the_registered_strings() {
    for algorithm in ALGORITHMS {
        let key = key(algorithm);
        let issued = Claims::new(())
            .issuer(ISSUER)
            .subject("ada")
            .audience(AUDIENCE)
            .expires_at(NumericDate::from_secs(NOW + 60));
        let token = encode(&issued, &key).unwrap();
        let policy = at_now().issuer(ISSUER).audience(AUDIENCE);
        let (count, read) = allocations(|| claims::<Claims<()>>(&token, &key, &policy).unwrap());
        assert_eq!((count, read), (3, issued));
    }
}

/// The id of the key is part of the header that is given back, and shared with the key.
#[test]
fn decode_with_an_id_takes_nothing() {
    let policy = at_now();
    let mut keys = KeySet::new();
    for algorithm in ALGORITHMS {
        keys = keys.with(key(algorithm).with_id(algorithm.name())).unwrap();
    }
    for algorithm in ALGORITHMS {
        let key = key(algorithm).with_id(algorithm.name());
        let token = encode(&numbers(), &key).unwrap();
        for (count, data) in [
            allocations(|| decode::<Numbers>(&token, &keys, &policy).unwrap()),
            allocations(|| decode::<Numbers>(&token, &key, &policy).unwrap()),
        ] {
            assert_eq!((count, data.claims), (0, numbers()));
            assert_eq!(data.header.kid(), Some(algorithm.name()));
        }
    }
}

#[test]
fn decode_borrowed_takes_nothing_with_a_warm_buffer() {
    let (plain, policy) = (at_now(), strict());
    for algorithm in ALGORITHMS {
        let key = key(algorithm);
        let token = encode(&session(), &key).unwrap();
        let long = long_token(&key);
        let mut buffer = Vec::new();
        let (first, _) = allocations(|| {
            decode_borrowed::<IgnoredAny>(&long, &key, &plain, &mut buffer).unwrap()
        });
        assert_eq!(first, 1);
        for _ in 0..2 {
            let (count, data) = allocations(|| {
                decode_borrowed::<BorrowedSession>(&token, &key, &policy, &mut buffer).unwrap()
            });
            assert_eq!((count, data.claims), (0, borrowed_session()));
        }
        let (count, read) =
            allocations(|| decode_borrowed::<IgnoredAny>(&long, &key, &plain, &mut buffer).is_ok());
        assert_eq!((count, read), (0, true));
    }
}

/// The list of what is borrowed from the payload, and what `serde_json` notes of a list in an object.
#[test]
fn an_audience_in_a_list_takes_the_list() {
    for algorithm in ALGORITHMS {
        let key = key(algorithm);
        let issued = Claims::new(())
            .audience(Audience::from_iter(["other.example", "third.example", AUDIENCE]))
            .expires_at(NumericDate::from_secs(NOW + 60));
        let token = encode(&issued, &key).unwrap();
        let right = at_now().audience(AUDIENCE);
        let (count, ok) = allocations(|| decode::<IgnoredAny>(&token, &key, &right).is_ok());
        assert_eq!((count, ok), (2, true));

        let mut buffer = vec![0; token.len()];
        let (count, ok) = allocations(|| {
            decode_borrowed::<IgnoredAny>(&token, &key, &right, &mut buffer).is_ok()
        });
        assert_eq!((count, ok), (2, true));
        let wrong = at_now().audience("api");
        let refused = claims::<Numbers>(&token, &key, &wrong).unwrap_err();
        assert_eq!(refused.code(), "invalid_audience");
    }
}

#[test]
fn encode_takes_the_string() {
    let (session, payload) = (session(), [b'x'; 4096]);
    for algorithm in ALGORITHMS {
        for key in [key(algorithm), key(algorithm).with_id("2026-11")] {
            // And the JSON, which is read again before it is signed.
            let (count, token) = allocations(|| encode(&session, &key).unwrap());
            assert_eq!(count, 2);
            assert_eq!(claims::<Session>(&token, &key, &strict()).as_ref(), Ok(&session));

            let (count, token) = allocations(|| sign(&Header::new(), &payload, &key).unwrap());
            assert_eq!((count, token.split('.').count()), (1, 3));
        }
    }
}

#[test]
fn encode_into_a_warm_string_takes_the_json() {
    for algorithm in ALGORITHMS {
        for key in [key(algorithm), key(algorithm).with_id("2026-11")] {
            let (header, session_claims) = (Header::new(), session());
            let mut out = encode(&session_claims, &key).unwrap();
            out.clear();
            let (count, written) =
                allocations(|| encode_into(&header, &session_claims, &key, &mut out));
            assert_eq!((count, written), (1, Ok(())));
            assert_eq!(claims(&out, &key, &strict()), Ok(session()));
        }
    }
}

#[test]
fn a_refusal_takes_nothing() {
    let policy = strict();
    for algorithm in ALGORITHMS {
        let key = key(algorithm);
        let token = encode(&session(), &key).unwrap();
        let forged = forge_first(&token);
        assert_none(|| claims::<Session>(&forged, &key, &policy), &Err(Error::InvalidSignature));
        let (input, _) = token.rsplit_once('.').unwrap();
        let short = format!("{input}.AAAA");
        assert_none(|| claims::<Session>(&short, &key, &policy), &Err(Error::InvalidSignature));
        let mut buffer = Vec::new();
        assert_none(
            || decode_borrowed::<BorrowedSession>(&forged, &key, &policy, &mut buffer).is_err(),
            &true,
        );

        let late = NumericDate::from_secs(NOW + 60);
        let token = encode(&numbers(), &key).unwrap();
        let validation = Validation::new().at(late);
        assert_none(
            || claims::<Numbers>(&token, &key, &validation),
            &Err(Error::Expired { exp: late, now: late }),
        );
    }
}

#[test]
fn large_nonsense_takes_nothing() {
    const LIMIT: usize = 65_536;
    let policy = strict();
    let malformed = |segment, reason| Err(Error::Malformed { segment, reason });
    let segments = |found| malformed(Segment::Token, Reason::SegmentCount { found });
    let long_header = || malformed(Segment::Header, Reason::TooLong { len: LIMIT - 2, max: 8192 });

    for algorithm in ALGORITHMS {
        let key = key(algorithm);
        for (text, expected) in [
            (".".repeat(LIMIT), segments(LIMIT + 1)),
            ("x".repeat(LIMIT), segments(1)),
            ("\0".repeat(LIMIT), segments(1)),
            ("\u{1F600}".repeat(LIMIT / 4), segments(1)),
            ("x.".repeat(LIMIT / 2), segments(LIMIT / 2 + 1)),
            ("x".repeat(LIMIT - 2) + "..", long_header()),
            ("x".repeat(LIMIT + 1), Err(Error::TokenTooLong { len: LIMIT + 1, max: LIMIT })),
            (".".repeat(1 << 20), Err(Error::TokenTooLong { len: 1 << 20, max: LIMIT })),
        ] {
            assert_none(|| claims::<Session>(&text, &key, &policy), &expected);
        }
        let mut token = encode(&numbers(), &key).unwrap();
        token.extend(std::iter::repeat_n('x', LIMIT - token.len()));
        assert_none(|| claims::<Numbers>(&token, &key, &policy), &Err(Error::InvalidSignature));
    }
}

/// At most 16 times its text, also when a list in it grows.
#[test]
fn a_header_takes_little() {
    let header = |json: String| BASE64_URL_SAFE_NO_PAD.encode(json) + "..";
    let list = |name: &str, element: &str, len: usize| {
        let elements = vec![element; len].join(",");
        header(format!(r#"{{"alg":"HS256","{name}":[{elements}]}}"#))
    };
    let members = |len: usize| {
        let members: String = (0..len).map(|index| format!(r#","{index:x}":0"#)).collect();
        header(format!(r#"{{"alg":"HS256"{members}}}"#))
    };
    // The longest have about 8,192 bytes, which is the limit.
    for len in [1, 2, 5, 17, 33, 65, 129, 257, 513, 700, 850, 1025, 1200] {
        for name in ["crit", "kid", "x"] {
            for element in [r#""""#, r#""\n""#, "0", "[]"] {
                check_memory(&list(name, element, len));
            }
        }
        check_memory(&members(len.min(700)));
    }
}

fn check_memory(token: &str) {
    let len = u64::try_from(token.len()).unwrap();
    let taken = measure(|| drop(decode_header(token))).bytes_max;
    // At least the decoded text; and what a short header takes, too.
    let expected = len / 2..=len.saturating_mul(16).saturating_add(512);
    assert!(expected.contains(&taken), "{taken} bytes for {len}: {token:.60}");
}

/// At most 32 times its text, and what the first 10 000 skipped keys take; also if it is a hundred
/// thousand zeros.
#[test]
fn a_jwk_set_takes_little() {
    for element in ["0", "{}", "[]", r#""""#, r#"{"kid":"a"}"#] {
        for count in [1, 60, 5000, 100_000] {
            let text = format!(r#"{{"keys":[{}]}}"#, vec![element; count].join(","));
            let most = u64::try_from(text.len()).unwrap().saturating_mul(32) + (1 << 21);
            let mut set = None;
            let taken = measure(|| set = KeySet::from_jwks(&text).ok()).bytes_max;
            assert_eq!(set.map(|set| set.skipped().len()), Some(count.min(10_000)));
            assert!(taken <= most, "{taken} bytes for {}: {element}", text.len());
        }
    }
}
