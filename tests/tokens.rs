//! Tokens as a whole: what is signed cannot be changed, and the types keep the steps in order.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

#[path = "support/forge.rs"]
mod forge;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use forge::{forge, key};
use jwt_codec::{
    Algorithm, Audience, Claim, Claims, Error, Header, JsonType, Key, KeySet, NumericDate, Reason,
    RegisteredClaims, Segment, SkippedKey, TokenData, UnverifiedToken, Validation, VerificationKey,
    VerifiedToken, Verifier, dangerous::UnverifiedData, decode, encode, sign,
};
use serde_json::{Value, json};

/// What a wrong signature with this text is refused as.
fn refusal(signature: &str) -> &'static str {
    match BASE64_URL_SAFE_NO_PAD.decode(signature) {
        Ok(_) => "invalid_signature",
        Err(_) => "malformed",
    }
}

fn all_keys() -> [Key; 3] {
    [
        Key::hs256([1; 32]).unwrap(),
        Key::hs384([2; 48]).unwrap(),
        Key::hs512([3; 64]).unwrap().with_id("id"),
    ]
}

/// Each bit of each byte of the text; a flip that leaves ASCII cannot be a `&str` at all.
#[test]
fn every_single_bit_change_is_refused() {
    for key in all_keys() {
        let token = encode(&json!({ "sub": "ada", "exp": 4_102_444_800_i64 }), &key).unwrap();
        assert!(decode::<Value>(&token, &key, &Validation::new()).is_ok());
        let mut changes = 0;
        for index in 0..token.len() {
            for bit in 0..7 {
                let mut bytes = token.clone().into_bytes();
                bytes[index] ^= 1 << bit;
                let changed = String::from_utf8(bytes).unwrap();
                let error = decode::<Value>(&changed, &key, &Validation::new()).unwrap_err();
                let expected =
                    ["malformed", "invalid_signature", "algorithm_mismatch", "unknown_key"];
                assert!(expected.contains(&error.code()), "{changed}: {error}");
                changes += 1;
            }
        }
        assert_eq!(changes, token.len() * 7);
    }
}

#[test]
fn a_signature_is_whole() {
    for key in all_keys() {
        let token = encode(&json!({ "exp": 4_102_444_800_i64 }), &key).unwrap();
        let (input, signature) = token.rsplit_once('.').unwrap();
        for len in 0..signature.len() {
            let cut = format!("{input}.{}", &signature[..len]);
            let error = decode::<Value>(&cut, &key, &Validation::new()).unwrap_err();
            assert_eq!(error.code(), refusal(&signature[..len]), "{len}");
        }
        // Of every number of bytes, fewer and more.
        let whole = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
        for len in (0..whole.len()).chain(whole.len() + 1..=100) {
            let bytes: Vec<u8> = whole.iter().cycle().take(len).copied().collect();
            let other = format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(bytes));
            let error = decode::<Value>(&other, &key, &Validation::new()).unwrap_err();
            assert_eq!(error, Error::InvalidSignature, "{len}");
        }
        for other in all_keys() {
            if other.algorithm() != key.algorithm() {
                let error =
                    decode::<Value>(&token, &other.with_id("id"), &Validation::new()).unwrap_err();
                assert_eq!(error.code(), "algorithm_mismatch");
            }
        }
    }
}

/// Several differences at once: no two of them can make up for each other.
#[test]
fn differences_in_a_signature_add_up() {
    for key in all_keys() {
        let token = encode(&json!({ "exp": 4_102_444_800_i64 }), &key).unwrap();
        let start = token.rfind('.').unwrap() + 1;
        let refused = |bytes: Vec<u8>| {
            let changed = String::from_utf8(bytes).unwrap();
            let error = decode::<Value>(&changed, &key, &Validation::new()).unwrap_err();
            assert_eq!(error.code(), refusal(&changed[start..]), "{changed}");
        };
        for one in start..token.len() {
            for other in (one + 1)..token.len() {
                let mut flipped = token.clone().into_bytes();
                flipped[one] ^= 1;
                flipped[other] ^= 1;
                refused(flipped);
                let mut swapped = token.clone().into_bytes();
                swapped.swap(one, other);
                if swapped != token.as_bytes() {
                    refused(swapped);
                }
            }
        }
        // The same of its bytes, as which it is compared.
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(&token[start..]).unwrap();
        let refused = |bytes: &[u8]| {
            let changed = format!("{}{}", &token[..start], BASE64_URL_SAFE_NO_PAD.encode(bytes));
            let error = decode::<Value>(&changed, &key, &Validation::new()).unwrap_err();
            assert_eq!(error, Error::InvalidSignature, "{changed}");
        };
        for one in 0..bytes.len() {
            for other in (one + 1)..bytes.len() {
                let mut flipped = bytes.clone();
                flipped[one] ^= 1;
                flipped[other] ^= 1;
                refused(&flipped);
                let mut swapped = bytes.clone();
                swapped.swap(one, other);
                if swapped != bytes {
                    refused(&swapped);
                }
            }
        }
    }
}

#[test]
fn any_bytes_can_be_signed() {
    for payload in [&b""[..], b"\0\xff", b"{}", "é".as_bytes(), &[7; 3000]] {
        for key in all_keys() {
            let header = Header::new().with_typ("anything").with_cty("octets");
            let token = sign(&header, payload, &key).unwrap();
            let verified = UnverifiedToken::parse(&token).unwrap().verify(&key).unwrap();
            assert_eq!(verified.payload().unwrap(), payload);
            assert_eq!(verified.header().cty(), Some("octets"));
            // The typ rule and the JSON rule are the claims' business.
            let error =
                verified.claims::<Value>(&Validation::new().allow_missing_exp()).unwrap_err();
            let expected = if payload == b"{}" { "unexpected_type" } else { "malformed" };
            assert_eq!(error.code(), expected);
        }
    }
}

#[test]
fn steps_give_what_decode_gives() {
    let token = forge(r#"{"alg":"HS256","kid":"k","x":1}"#, r#"{"sub":"ada","exp":4102444800}"#);
    let unverified = UnverifiedToken::parse(&token).unwrap();
    assert_eq!(unverified.header().kid(), Some("k"));
    let verified = unverified.verify(&key()).unwrap();
    assert_eq!(verified.header(), unverified.header());
    let data = verified.claims::<Value>(&Validation::new()).unwrap();
    assert_eq!(data, decode(&token, &key(), &Validation::new()).unwrap());
    // The same token can be tried with several keys and policies.
    assert_eq!(
        unverified.verify(&Key::hs256([0; 32]).unwrap()).unwrap_err(),
        Error::InvalidSignature
    );
    let expired = Validation::new().at(NumericDate::from_secs(i64::MAX));
    assert!(verified.claims::<Value>(&expired).unwrap_err().is_expired());
    assert_eq!(verified.payload().unwrap(), br#"{"sub":"ada","exp":4102444800}"#);
}

/// Whoever reads a log must not find a token that works in it.
#[test]
fn debug_shows_no_token() {
    let token = encode(&json!({ "sub": "ada" }), &key()).unwrap();
    let unverified = UnverifiedToken::parse(&token).unwrap();
    let verified = unverified.verify(&key()).unwrap();
    for shown in [format!("{unverified:?}"), format!("{verified:?}")] {
        assert!(shown.contains(r#"alg: Some("HS256")"#), "{shown}");
        for segment in token.split('.') {
            assert!(!shown.contains(segment), "{shown}");
        }
    }
}

/// The limit of a decode is its policy's; that of a parse is the default, or named where it is
/// called.
#[test]
fn the_length_is_limited() {
    let long = encode(&json!({ "a": "x".repeat(50_000) }), &key()).unwrap();
    let error = Error::TokenTooLong { len: long.len(), max: 65_536 };
    let validation = Validation::new().allow_missing_exp();
    assert_eq!(UnverifiedToken::parse(&long).unwrap_err(), error);
    assert_eq!(jwt_codec::decode_header(&long), Err(error.clone()));
    assert_eq!(decode::<Value>(&long, &key(), &validation).unwrap_err(), error);
    assert!(decode::<Value>(&long, &key(), &validation.clone().max_token_len(long.len())).is_ok());
    let wide = UnverifiedToken::parse_with_max_len(&long, long.len()).unwrap();
    assert!(wide.verify(&key()).unwrap().claims::<Value>(&validation).is_ok());
    let error = Error::TokenTooLong { len: long.len(), max: long.len() - 1 };
    assert_eq!(UnverifiedToken::parse_with_max_len(&long, long.len() - 1).unwrap_err(), error);
    let shorter = validation.max_token_len(long.len() - 1);
    assert_eq!(decode::<Value>(&long, &key(), &shorter).unwrap_err().code(), "token_too_long");
    assert_eq!(UnverifiedToken::parse(&"x".repeat(65_536)).unwrap_err().code(), "malformed");
    assert_eq!(UnverifiedToken::parse(&"x".repeat(65_537)).unwrap_err().code(), "token_too_long");
}

#[test]
fn public_types_go_between_threads() {
    fn shared<T: Send + Sync + Clone + std::fmt::Debug>() {}

    shared::<Algorithm>();
    shared::<Audience>();
    shared::<Claim>();
    shared::<Claims<()>>();
    shared::<Error>();
    shared::<Header>();
    shared::<Key>();
    shared::<KeySet>();
    shared::<NumericDate>();
    shared::<RegisteredClaims>();
    shared::<TokenData<()>>();
    shared::<UnverifiedToken<'static>>();
    shared::<Validation>();
    shared::<VerificationKey>();
    shared::<VerifiedToken<'static>>();
    shared::<SkippedKey>();
    shared::<UnverifiedData<()>>();
    // It is shared rather than cloned.
    shared::<std::sync::Arc<Verifier<KeySet>>>();
    assert!(std::error::Error::source(&Error::InvalidSignature).is_none());
}

/// It reads `iss` alone, whatever the signature is, and decides nothing.
#[test]
fn the_issuer_of_an_unverified_token_is_a_hint() {
    let token = |payload: &[u8]| {
        let segments = [br#"{"alg":"HS256"}"#, payload, b"not verified"];
        segments.map(|segment| BASE64_URL_SAFE_NO_PAD.encode(segment)).join(".")
    };
    let hint = |payload: &str| {
        let token = token(payload.as_bytes());
        UnverifiedToken::parse(&token).unwrap().issuer_hint()
    };
    for (payload, issuer) in [
        ("{}", None),
        (r#"{"ISS":"a","x":{"iss":"a"}}"#, None),
        (r#"{"iss":"https://a.example"}"#, Some("https://a.example")),
        (r#"{"iss":""}"#, Some("")),
        (r#"{"\u0069ss":"\u0061\n"}"#, Some("a\n")),
        // Other claims are as they are.
        (r#"{"sub":1,"exp":"never","aud":null,"iss":"a"}"#, Some("a")),
    ] {
        assert_eq!(hint(payload), Ok(issuer.map(String::from)), "{payload}");
    }

    let claim = Claim::Issuer;
    for (iss, found) in [
        ("null", JsonType::Null),
        ("true", JsonType::Bool),
        ("1", JsonType::Number),
        (r#"["a"]"#, JsonType::Array),
        (r#"{"a":1}"#, JsonType::Object),
    ] {
        let error = Error::InvalidClaimType { claim, expected: "a string", found };
        assert_eq!(hint(&format!(r#"{{"iss":{iss}}}"#)), Err(error.clone()));
        assert_eq!(hint(&format!(r#"{{"exp":"x","iss":{iss},"sub":1}}"#)), Err(error));
    }

    let malformed = |reason| Err(Error::Malformed { segment: Segment::Payload, reason });
    let twice = |name: &str| Reason::DuplicateName { name: name.into() };
    assert_eq!(hint(r#"{"iss":"a","iss":"a"}"#), malformed(twice("iss")));
    assert_eq!(hint(r#"{"iss":"a","\u0069ss":"b"}"#), malformed(twice("iss")));
    assert_eq!(hint(r#"{"iss":"a","x":1,"x":1}"#), malformed(twice("x")));
    assert_eq!(hint("[]"), malformed(Reason::NotAnObject { found: JsonType::Array }));
    assert_eq!(hint(r#"{"$serde_json::private::RawValue":1}"#), malformed(Reason::ReservedName));
    for payload in ["", r#"{"iss":"a""#, r#"{"iss":"a"}}"#, r#"{"iss":"\ud800"}"#] {
        let error = hint(payload).unwrap_err();
        let segment = Segment::Payload;
        assert!(
            matches!(&error, Error::Malformed { segment: s, reason: Reason::Json { .. } } if *s == segment),
            "{error}"
        );
    }
    let not_utf8 = token(b"{\"iss\":\"\xff\"}");
    let hint = UnverifiedToken::parse(&not_utf8).unwrap().issuer_hint();
    assert_eq!(hint, malformed(Reason::Utf8 { offset: 8 }));
    let not_base64url = "eyJhbGciOiJIUzI1NiJ9.e30=.AA";
    let hint = UnverifiedToken::parse(not_base64url).unwrap().issuer_hint();
    assert_eq!(hint, malformed(Reason::Base64url { offset: 3, byte: Some(b'=') }));
}

/// As a decode: by the length of the token, and without recursion.
#[test]
fn an_issuer_hint_is_bounded() {
    let deep = "[".repeat(20_000) + &"]".repeat(20_000);
    let token = forge(r#"{"alg":"HS256"}"#, format!(r#"{{"x":{deep},"iss":"a"}}"#));
    assert!(token.len() < 65_536);
    let read = std::thread::Builder::new().stack_size(256 * 1024).spawn(move || {
        let hint = UnverifiedToken::parse(&token).unwrap().issuer_hint();
        assert_eq!(hint, Ok(Some("a".into())));
    });
    read.unwrap().join().unwrap();
    let long = forge(r#"{"alg":"HS256"}"#, format!(r#"{{"iss":"{}"}}"#, "a".repeat(65_536)));
    let error = Error::TokenTooLong { len: long.len(), max: 65_536 };
    assert_eq!(UnverifiedToken::parse(&long).unwrap_err(), error);
    let wide = UnverifiedToken::parse_with_max_len(&long, long.len()).unwrap();
    assert_eq!(wide.issuer_hint(), Ok(Some("a".repeat(65_536))));
}

/// RFC 7519 §5.2: the payload is a token, which the header's `cty` says.
#[test]
fn a_nested_token_is_told_so() {
    let inner = encode(&json!({ "exp": i64::MAX }), &key()).unwrap();
    let read = |cty: &str, payload: &str| {
        let header = json!({ "alg": "HS256", "cty": cty }).to_string();
        decode::<Value>(&forge(header, payload), &key(), &Validation::new()).unwrap_err()
    };
    let nested = Error::Malformed { segment: Segment::Payload, reason: Reason::NestedToken };
    let encrypted = "eyJhbGciOiJkaXIifQ..AA.AA.AA";
    for payload in [&inner, encrypted] {
        assert_eq!(read("JWT", payload), nested);
        assert_eq!(read("jwt", payload), nested);
    }
    // Without both, another mistake is named.
    let is_json = |error: Error| {
        matches!(error, Error::Malformed { segment: Segment::Payload, reason: Reason::Json { .. } })
    };
    assert!(is_json(read("octets", &inner)));
    assert!(is_json(read("", &inner)));
    let plain = forge(r#"{"alg":"HS256"}"#, &inner);
    assert!(is_json(decode::<Value>(&plain, &key(), &Validation::new()).unwrap_err()));
    for payload in ["", r#"{"exp":"#, "a.b", "a.b.c.d", "a b.c.d", r#"{"a":"b.c.d"}}"#] {
        assert!(is_json(read("JWT", payload)), "{payload}");
    }
    let reason = Reason::NotAnObject { found: JsonType::Array };
    let error = Error::Malformed { segment: Segment::Payload, reason };
    assert_eq!(read("JWT", "[]"), error);
    assert_eq!(read("JWT", "{}").code(), "missing_claim");
}

/// Where a byte order mark came with the token, it is told as white space is.
#[test]
fn a_byte_order_mark_around_a_token() {
    let token = encode(&json!({ "exp": i64::MAX }), &key()).unwrap();
    let error = Error::Malformed { segment: Segment::Token, reason: Reason::WhiteSpace };
    for marked in
        [format!("\u{feff}{token}"), format!("{token}\u{feff}"), format!(" \u{feff}{token}\n")]
    {
        let read = decode::<Value>(&marked, &key(), &Validation::new());
        assert_eq!(read.unwrap_err(), error, "{marked:?}");
        assert_eq!(UnverifiedToken::parse(&marked).unwrap_err(), error, "{marked:?}");
    }
    let empty = Error::Malformed { segment: Segment::Token, reason: Reason::Empty };
    assert_eq!(UnverifiedToken::parse("\u{feff}\n").unwrap_err(), empty);
    let bearer = Error::Malformed { segment: Segment::Token, reason: Reason::Bearer };
    assert_eq!(UnverifiedToken::parse(&format!("\u{feff}Bearer {token}")).unwrap_err(), bearer);
}
