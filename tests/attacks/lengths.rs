//! Text that is hidden, deep or long: in a key, and in numbers.

use std::time::Duration;

use jwt_codec::{Algorithm, Error, Key, KeySet, dangerous, decode};
use serde_json::{Value, json};

use crate::{
    forge::{forge_claims, key},
    harness::{NOW, assert_claims_refused, lax, on_a_small_stack, policy},
};

const SECRET: &str =
    r#""kty":"oct","alg":"HS256","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8""#;

#[test]
fn json_hidden_in_a_key() {
    on_a_small_stack(|| {
        let name = "$serde_json::private::RawValue";
        for name in [name.to_owned(), name.replace('$', "\\u0024"), name.replace("::", ":\\u003A")]
        {
            let deep = "[".repeat(100);
            let hidden = format!(r#"{deep}{{"{name}":"{deep}"}}{}"#, "]".repeat(100));
            let jwk = format!(r#"{{{SECRET},"x":{hidden}}}"#);
            let good = format!("{{{SECRET}}}");
            assert_eq!(Key::from_jwk(&good).unwrap().algorithm(), Algorithm::Hs256);
            for json in [jwk.clone(), format!(r#"{{{SECRET},"{name}":"1"}}"#)] {
                assert_eq!(Key::from_jwk(&json).unwrap_err().code(), "invalid_key");
            }
            // A set is refused as a whole: what it says is not what its reader would see.
            for set in [
                format!(r#"{{"keys":[{good},{jwk}]}}"#),
                format!(r#"{{"keys":[{good}],"x":{hidden}}}"#),
            ] {
                assert_eq!(KeySet::from_jwks(&set).unwrap_err().code(), "invalid_key");
            }
            // Nor is such a text a secret.
            assert_eq!(Key::hs256(&jwk).unwrap_err().code(), "invalid_key");
        }
    });
}

#[test]
fn members_of_a_key_at_powers_of_two() {
    for power in [8, 12, 16, 20_u32] {
        for len in [(1 << power) - 1, 1 << power, (1 << power) + 1] {
            let long = "A".repeat(len);
            let key = Key::from_jwk(&format!(r#"{{{SECRET},"kid":"{long}"}}"#)).unwrap();
            assert_eq!(key.id().map(str::len), Some(len));
            let secret = format!(r#"{{"kty":"oct","alg":"HS256","k":"{long}"}}"#);
            // A length of 1 mod 4 is no base64url.
            match Key::from_jwk(&secret) {
                Ok(_) => assert_ne!(len % 4, 1),
                Err(error) => assert_eq!((error.code(), len % 4), ("invalid_key", 1)),
            }
            for member in ["kty", "alg", "use"] {
                let jwk = format!(r#"{{{SECRET},"{member}":"{long}"}}"#);
                let jwk = match member {
                    "use" => jwk,
                    _ => jwk.replacen(&format!(r#""{member}":""#), r#""other":""#, 1),
                };
                let set = format!(r#"{{"keys":[{jwk},{{{SECRET}}}]}}"#);
                assert_eq!(Key::from_jwk(&jwk).unwrap_err().code(), "invalid_key", "{member}");
                let set = KeySet::from_jwks(&set).unwrap();
                assert_eq!((set.len(), set.skipped().len()), (1, 1), "{member}");
            }
        }
    }
}

#[test]
fn lifetime_that_starts_in_the_far_future() {
    let short = policy().max_lifetime(Duration::from_secs(3600)).leeway(Duration::from_secs(5));
    for iat in ["1e30", "9223372036854775747", "4102444800", "1600000006"] {
        let claims = format!(r#"{{"iat":{iat},"exp":9223372036854775807}}"#);
        let error = decode::<Value>(&forge_claims(&claims), &key(), &short).unwrap_err();
        let refused = matches!(error, Error::NotYetValid { .. } | Error::LifetimeTooLong { .. });
        assert!(refused, "{claims}: {error}");
    }
    let ends_in_time = json!({"iat": NOW + 6, "exp": NOW + 3600}).to_string();
    assert_claims_refused(ends_in_time, &short, "not_yet_valid");
    let ours = json!({"iat": NOW + 5, "exp": NOW + 3605}).to_string();
    assert!(decode::<Value>(&forge_claims(ours), &key(), &short).is_ok());
}

#[test]
fn subjects_that_a_double_makes_one() {
    let loose = lax().allow_non_string_subject().allow_non_string_id();
    for claim in ["sub", "jti"] {
        for number in [
            "110169484474386276334",
            "110169484474386276335",
            "18446744073709551616",
            "-9223372036854775809",
            "1.0",
            "1e2",
            "0.5",
        ] {
            let claims = format!(r#"{{"{claim}":{number}}}"#);
            assert_claims_refused(claims, &loose, "invalid_claim_type");
        }
    }
    let subject = |number: &str| {
        let token = forge_claims(format!(r#"{{"sub":{number}}}"#));
        let claims = decode::<jwt_codec::Claims<()>>(&token, &key(), &loose).unwrap().claims;
        claims.registered.sub.unwrap()
    };
    for number in ["18446744073709551615", "18446744073709551614", "-9223372036854775808", "0"] {
        assert_eq!(subject(number), number);
    }
    // A number is not the text of its digits.
    assert_claims_refused(r#"{"sub":42}"#, &loose.clone().subject("42"), "invalid_subject");
    // Whoever skips the policy gets the number itself.
    let token = forge_claims(r#"{"sub":42}"#);
    assert_eq!(dangerous::decode_unverified::<Value>(&token).unwrap().claims, json!({"sub": 42}));
}
