//! Each error as it comes out of the API: its code and its exact text.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test may panic"
)]

#[path = "support/forge.rs"]
mod forge;

use std::time::Duration;

use forge::{forge, forge_claims, key, sign_text};
use jwt_codec::{
    Algorithm, Claim, Claims, EncodeDefect, Error, Header, JsonType, Key, KeyDefect, KeySet,
    NumericDate, Requirement, UnknownKeyReason, Validation, decode, encode, encode_with_header,
};
use serde_json::{Value, json};

const NOW: i64 = 1_600_000_000;

fn validation() -> Validation {
    Validation::new().at(NumericDate::from_secs(NOW)).allow_missing_exp()
}

fn refuse(token: &str, validation: &Validation) -> Error {
    decode::<Value>(token, &key(), validation).unwrap_err()
}

#[track_caller]
fn assert_error(error: &Error, code: &str, text: &str) {
    assert_eq!((error.code(), error.to_string().as_str()), (code, text));
    assert_eq!(error.is_expired(), code == "expired");
}

#[test]
fn token_too_long() {
    let token = forge_claims("{}");
    let error = refuse(&token, &validation().max_token_len(10));
    assert_eq!(error, Error::TokenTooLong { len: token.len(), max: 10 });
    assert_error(
        &error,
        "token_too_long",
        "the token has 84 bytes, more than the limit of 10; `Validation::max_token_len` or \
         `UnverifiedToken::parse_with_max_len` sets the limit",
    );
    assert!(decode::<Value>(&token, &key(), &validation().max_token_len(token.len())).is_ok());
}

#[test]
fn malformed() {
    let cases = [
        ("a.b".into(), "malformed token: expected three segments joined by dots, found 2"),
        ("a.b.c.d".into(), "malformed token: expected three segments joined by dots, found 4"),
        (
            "a.b.c.d.e".into(),
            "malformed token: expected three segments joined by dots, found 5; five segments are an \
             encrypted token (JWE), which is not supported",
        ),
        (" \n".into(), "malformed token: the token is empty"),
        (
            "undefined".into(),
            "malformed token: the token is the literal text \"undefined\"; look whether a variable is \
             unset",
        ),
        (
            "bearer eyI.e30.".into(),
            "malformed token: the token has the prefix \"Bearer \"; pass the token without `Bearer `",
        ),
        ("\"eyI.e30.\"".into(), "malformed token: the token is in quotes; remove the quotes"),
        (
            "eyI.e30.\r\n".into(),
            "malformed token: there is white space, a line end or a byte order mark around the \
             token; trim the token",
        ),
        (
            "eyJhbGciOiJIUzI1NiJ9.e30.AA==".into(),
            "malformed signature: it is not base64url without padding, at byte 2; remove the padding, \"=\"",
        ),
        (
            "eyJhbGciOiJIUzI1NiJ9.e30.A".into(),
            "malformed signature: it is not base64url without padding, at byte 1; characters are missing or \
             were changed",
        ),
        (
            "eyJhbGciOiJIUzI1Ni+9.e30.".into(),
            "malformed header: it is not base64url without padding, at byte 18; \"+\" and \"/\" are of \
             the standard alphabet; base64url uses \"-\" and \"_\"",
        ),
        (
            "eyI.e30.".into(),
            "malformed header: it cannot be read as JSON: EOF while parsing a string at line 1 column 2",
        ),
        (forge("[]", "{}"), "malformed header: it must be a JSON object, not an array"),
        // Not an array that could be named, because it has no end.
        (
            forge("[1,", "{}"),
            "malformed header: it cannot be read as JSON: invalid type: sequence, expected a JSON …ject \
             at line 1 column 0",
        ),
        (forge("{}", "{}"), "malformed header: \"alg\" is missing"),
        (forge([0xff], "{}"), "malformed header: it is not UTF-8 at decoded byte 0"),
        (
            forge(r#"{"alg":"HS256","alg":"HS256"}"#, "{}"),
            "malformed header: it has the member \"alg\" twice",
        ),
        (forge(r#"{"alg":256}"#, "{}"), "malformed header: \"alg\" must be a string, not a number"),
        (
            forge(r#"{"alg":"HS256","crit":[]}"#, "{}"),
            "malformed header: \"crit\" must list at least one name, without duplicates",
        ),
        (
            format!("{}.e30.", "A".repeat(8193)),
            "malformed header: 8193 bytes are more than the limit of 8192; the limit is an eighth of \
             `Validation::max_token_len`, and at least 8192 bytes",
        ),
        (
            sign_text("eyJhbGciOiJIUzI1NiJ9.e31"),
            "malformed payload: it is not base64url without padding, at byte 2; characters are missing or \
             were changed",
        ),
        (
            sign_text("eyJhbGciOiJIUzI1NiJ9.e30="),
            "malformed payload: it is not base64url without padding, at byte 3; remove the padding, \"=\"",
        ),
        (
            sign_text("eyJhbGciOiJIUzI1NiJ9.e3\n0"),
            "malformed payload: it is not base64url without padding, at byte 2; remove the white space or \
             line end",
        ),
        (
            sign_text("eyJhbGciOiJIUzI1NiJ9.e3!0"),
            "malformed payload: it is not base64url without padding, at byte 2; the byte is not of the \
             alphabet",
        ),
        (
            sign_text("eyJhbGciOiJIUzI1NiJ9.e30A0"),
            "malformed payload: it is not base64url without padding, at byte 5; characters are missing or \
             were changed",
        ),
        (forge_claims([b'{', 0xff]), "malformed payload: it is not UTF-8 at decoded byte 1"),
        (forge_claims("[]"), "malformed payload: it must be a JSON object, not an array"),
        (forge_claims(r#"{"a":1,"\u0061":2}"#), "malformed payload: it has the member \"a\" twice"),
        (
            forge_claims(r#"{"$serde_json::private::RawValue":"{}"}"#),
            "malformed payload: it has a member name that `serde_json` reserves",
        ),
    ];
    for (token, text) in cases {
        assert_error(&refuse(&token, &validation()), "malformed", text);
    }
}

#[test]
fn algorithm_mismatch() {
    let error = refuse(&forge(r#"{"alg":"none"}"#, "{}"), &validation());
    assert_error(
        &error,
        "algorithm_mismatch",
        "the token has the alg \"none\", and the key is for HS256; a token cannot choose how it is \
         verified",
    );
    let keys = KeySet::new().with(Key::hs512([0; 64]).unwrap()).unwrap();
    let keys = keys.with(Key::hs384([0; 48]).unwrap()).unwrap();
    let error = decode::<Value>(&forge_claims("{}"), &keys, &validation()).unwrap_err();
    assert_error(
        &error,
        "algorithm_mismatch",
        "the token has the alg \"HS256\", and none of the keys that may verify it is for that \
         algorithm; a token cannot choose how it is verified",
    );
}

#[test]
fn unsupported_critical() {
    let token = forge(r#"{"alg":"HS256","crit":["exp","b64"],"exp":1}"#, "{}");
    assert_error(
        &refuse(&token, &validation()),
        "unsupported_critical",
        "the token requires the header extension \"exp\", which is not supported",
    );
}

#[test]
fn unexpected_type() {
    let token = forge(r#"{"alg":"HS256","typ":"at+jwt"}"#, "{}");
    assert_error(
        &refuse(&token, &validation()),
        "unexpected_type",
        "the token has the typ \"at+jwt\", expected \"JWT\"; `Validation::typ` or `allow_any_typ` \
         changes the rule",
    );
    assert_error(
        &refuse(&forge(r#"{"alg":"HS256"}"#, "{}"), &validation().typs(["JWT", "at+jwt"])),
        "unexpected_type",
        "the token has no typ, expected \"JWT\" or \"at+jwt\"; `Validation::typ`, \
         `allow_missing_typ` or `allow_any_typ` changes the rule",
    );
}

#[test]
fn unknown_key() {
    let token = forge(r#"{"alg":"HS256","kid":"other"}"#, "{}");
    let error = decode::<Value>(&token, &key().with_id("mine"), &validation()).unwrap_err();
    assert_eq!(
        error,
        Error::UnknownKey { kid: Some("other".into()), reason: UnknownKeyReason::NoSuchId }
    );
    assert_error(&error, "unknown_key", "no key has the id \"other\" that the token names");

    let keys = KeySet::new().with(key()).unwrap().require_kid();
    let error = decode::<Value>(&forge_claims("{}"), &keys, &validation()).unwrap_err();
    assert_eq!(error, Error::UnknownKey { kid: None, reason: UnknownKeyReason::KidRequired });
    assert_error(
        &error,
        "unknown_key",
        "the token names no key, and `KeySet::require_kid` requires a kid",
    );

    let text = "the key set is empty";
    for token in [&token, &forge_claims("{}")] {
        let error = decode::<Value>(token, &KeySet::new(), &validation()).unwrap_err();
        assert_error(&error, "unknown_key", text);
    }
    let jwks = r#"{"keys":[{"kty":"oct","kid":"other","alg":"HS256","k":"AAAA"},1]}"#;
    let keys = KeySet::from_jwks(jwks).unwrap();
    let error = decode::<Value>(&forge_claims("{}"), &keys, &validation()).unwrap_err();
    let hint = "; `KeySet::skipped` says why the keys of the JWK Set were skipped";
    assert_error(&error, "unknown_key", &format!("{text}{hint}"));
    assert_error(
        &decode::<Value>(&token, &keys, &validation()).unwrap_err(),
        "unknown_key",
        "the key that the token names was skipped when its JWK Set was read: the key of 3 bytes is \
         too short for HS256; use at least 32 random bytes",
    );
}

#[test]
fn unknown_algorithm() {
    let error = "HS257".parse::<Algorithm>().unwrap_err();
    assert_eq!(error, Error::UnknownAlgorithm { name: "HS257".into() });
    assert_error(&error, "unknown_algorithm", "unknown algorithm \"HS257\"");
    if cfg!(not(feature = "public-keys")) {
        assert_error(
            &"ES256".parse::<Algorithm>().unwrap_err(),
            "unknown_algorithm",
            "unknown algorithm \"ES256\"; the feature `public-keys` of jwt-codec adds it",
        );
    }
}

#[test]
fn invalid_signature() {
    let token = encode(&json!({}), &Key::hs256([0; 32]).unwrap()).unwrap();
    assert_error(
        &refuse(&token, &validation()),
        "invalid_signature",
        "the signature does not match: the token was altered or signed with another key",
    );
}

#[test]
fn missing_claim() {
    let error = refuse(&forge_claims("{}"), &Validation::new());
    assert_eq!(
        error,
        Error::MissingClaim { claim: "exp".into(), required_by: Requirement::DefaultPolicy }
    );
    assert_error(
        &error,
        "missing_claim",
        "the claim \"exp\" is missing, which the default policy requires; \
         `Validation::allow_missing_exp` accepts a token without it, if no rule needs it",
    );
    let by = |method| format!("the claim \"iss\" is missing, which {method} requires");
    let by_policy = refuse(&forge_claims("{}"), &validation().issuer("a"));
    assert_error(&by_policy, "missing_claim", &by("`Validation::issuer`"));
    let bound = key().with_issuer("a");
    let by_key = decode::<Value>(&forge_claims("{}"), &bound, &validation()).unwrap_err();
    assert_error(&by_key, "missing_claim", &by("`with_issuer` of the key or its set"));
    let by_value = refuse(&forge_claims("{}"), &validation().claim("iss", "a"));
    assert_error(&by_value, "missing_claim", &by("`Validation::claim`"));
}

#[test]
fn invalid_claim_type() {
    let error = refuse(&forge_claims(r#"{"exp":"1600000001"}"#), &validation());
    assert_eq!(
        error,
        Error::InvalidClaimType {
            claim: Claim::ExpirationTime,
            expected: "a number",
            found: JsonType::String
        }
    );
    assert_error(&error, "invalid_claim_type", "the claim \"exp\" must be a number, not a string");

    for (claims, text) in [
        (
            r#"{"sub":7}"#,
            "the claim \"sub\" must be a string, not a number; \
             `Validation::allow_non_string_subject` accepts an integer of 64 bits",
        ),
        (
            r#"{"jti":7}"#,
            "the claim \"jti\" must be a string, not a number; `Validation::allow_non_string_id` \
             accepts an integer of 64 bits",
        ),
        (
            r#"{"aud":null}"#,
            "the claim \"aud\" must be a string or an array of strings, not null; \
             `Validation::allow_null_claims` treats null as absent",
        ),
    ] {
        assert_error(&refuse(&forge_claims(claims), &validation()), "invalid_claim_type", text);
    }
}

#[test]
fn invalid_claim() {
    let error = refuse(&forge_claims(r#"{"role":"user"}"#), &validation().claim("role", "admin"));
    assert_eq!(error, Error::InvalidClaim { claim: "role".into(), rule: Requirement::Claim });
    assert_error(
        &error,
        "invalid_claim",
        "the claim \"role\" does not have a value that `Validation::claim` accepts",
    );
    let token = forge_claims(r#"{"role":"user"}"#);
    assert_error(
        &refuse(&token, &validation().claim_one_of("role", ["admin", "owner"])),
        "invalid_claim",
        "the claim \"role\" does not have a value that `Validation::claim_one_of` accepts",
    );
    assert_error(
        &refuse(&token, &validation().forbid("role")),
        "invalid_claim",
        "the claim \"role\" is present, which `Validation::forbid` rejects",
    );
}

#[test]
fn expired() {
    let error = refuse(&forge_claims(r#"{"exp":1599999955}"#), &validation());
    let exp = NumericDate::from_secs(NOW - 45);
    assert_eq!(error, Error::Expired { exp, now: NumericDate::from_secs(NOW) });
    assert_error(
        &error,
        "expired",
        "the token expired 45 s ago, at 1599999955; it is now 1600000000; get a new one; \
         `Validation::leeway` allows for clocks that differ",
    );
}

#[test]
fn not_yet_valid() {
    let error = refuse(&forge_claims(r#"{"nbf":1600000001}"#), &validation());
    assert_eq!(
        error,
        Error::NotYetValid {
            claim: Claim::NotBefore,
            not_before: NumericDate::from_secs(NOW + 1),
            now: NumericDate::from_secs(NOW)
        }
    );
    assert_error(
        &error,
        "not_yet_valid",
        "the token is not valid for another 1 s, before its nbf 1600000001; it is now 1600000000; \
         `Validation::leeway` allows for clocks that differ",
    );
    let max_age = validation().max_age(Duration::from_secs(1));
    let error = refuse(&forge_claims(r#"{"iat":1600000001}"#), &max_age);
    assert_error(
        &error,
        "not_yet_valid",
        "the token is not valid for another 1 s, before its iat 1600000001; it is now 1600000000; \
         `Validation::leeway` allows for clocks that differ",
    );
}

#[test]
fn too_old() {
    let max_age = validation().max_age(Duration::from_secs(60));
    assert_error(
        &refuse(&forge_claims(r#"{"iat":1599999939}"#), &max_age),
        "too_old",
        "the token was issued 61 s ago, at 1599999939, and `Validation::max_age` allows 60 s; it is \
         now 1600000000",
    );
    let max_lifetime = validation().max_lifetime(Duration::from_secs(60));
    assert_error(
        &refuse(&forge_claims(r#"{"iat":1600000000,"exp":1600000061}"#), &max_lifetime),
        "too_old",
        "the token lives for 61 s, from 1600000000 to 1600000061, and `Validation::max_lifetime` \
         allows 60 s",
    );
}

#[test]
fn invalid_issuer() {
    let error = refuse(&forge_claims(r#"{"iss":"b\n"}"#), &validation().issuer("a"));
    assert_eq!(
        error,
        Error::InvalidIssuer { expected: ["a".to_owned()].into(), found: "b\n".into() }
    );
    assert_error(
        &error,
        "invalid_issuer",
        "the token is from the issuer \"b\\n\", expected \"a\"; `Validation::issuer`, or \
         `Key::with_issuer` of the key, sets the rule",
    );
    let none = validation().issuers(Vec::<String>::new());
    assert_error(
        &refuse(&forge_claims(r#"{"iss":"b"}"#), &none),
        "invalid_issuer",
        "the token is from the issuer \"b\", expected none; `Validation::issuer`, or \
         `Key::with_issuer` of the key, sets the rule",
    );
}

#[test]
fn invalid_audience() {
    let token = forge_claims(r#"{"aud":["a","b"]}"#);
    assert_error(
        &refuse(&token, &validation().audience("c")),
        "invalid_audience",
        "the token is for \"a\" and \"b\", expected \"c\"; `Validation::audience` sets the rule",
    );
    assert_error(
        &refuse(&token, &validation()),
        "invalid_audience",
        "the token is for \"a\" and \"b\", and the policy names no audience; name this service with \
         `Validation::audience`, or accept any audience with `ignore_audience`",
    );
    assert_error(
        &refuse(&forge_claims(r#"{"aud":[]}"#), &validation().audience("c")),
        "invalid_audience",
        "the token has an empty list of audiences, expected \"c\"; `Validation::audience` sets the \
         rule",
    );
}

#[test]
fn invalid_subject() {
    assert_error(
        &refuse(&forge_claims(r#"{"sub":"b"}"#), &validation().subject("a")),
        "invalid_subject",
        "the token is about \"b\", expected \"a\"; `Validation::subject` sets the rule",
    );
    let number = validation().allow_non_string_subject().subject("7");
    assert_error(
        &refuse(&forge_claims(r#"{"sub":7}"#), &number),
        "invalid_subject",
        "the token is about a subject that is not a string, expected \"7\"; `Validation::subject` \
         sets the rule",
    );
}

#[test]
fn claims_mismatch() {
    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Session {
        username: String,
    }

    let error =
        decode::<Session>(&forge_claims(r#"{"user":"ada"}"#), &key(), &validation()).unwrap_err();
    assert_error(
        &error,
        "claims_mismatch",
        "the claims do not fit the type: missing field `username` at line 1 column 14",
    );
}

#[test]
fn weak_key() {
    let error = Key::hs512([0; 63]).unwrap_err();
    assert_eq!(error, Error::WeakKey { algorithm: Algorithm::Hs512, len: 63, min: 64 });
    assert_error(
        &error,
        "weak_key",
        "the key of 63 bytes is too short for HS512; use at least 64 random bytes",
    );
}

/// The texts of the defects that a build without public keys knows; `tests/keys/texts.txt` has the
/// others.
const KEY_DEFECTS: &[(KeyDefect, &str)] = &[
    (KeyDefect::NotHexadecimal, "the text is not hexadecimal digits, two for each byte"),
    (KeyDefect::NotBase64, "the text is not base64"),
    (
        KeyDefect::NotBase64url,
        "the text is not base64url without padding; `Key::from_base64` reads the other forms of \
             base64",
    ),
    (KeyDefect::Hexadecimal, "the text is hexadecimal, not base64; read it with `Key::from_hex`"),
    (
        KeyDefect::SecretIsPem,
        "the secret is the text of a PEM key or certificate; use random bytes, because whoever \
             knows a public key could sign with it as the secret",
    ),
    (
        KeyDefect::SecretIsXml,
        "the secret is the text of an XML key; use random bytes, because whoever knows a public \
             key could sign with it as the secret",
    ),
    (
        KeyDefect::SecretIsSsh,
        "the secret is an SSH key; use random bytes, because whoever knows a public key could \
             sign with it as the secret",
    ),
    (
        KeyDefect::SecretIsJwk,
        "the secret is the text of a JWK or JWK Set; read a JWK with `Key::from_jwk`, and a JWK Set \
             with `KeySet::from_jwks`",
    ),
    (
        KeyDefect::SecretIsDer,
        "the secret is a key or certificate in DER; use random bytes, because whoever knows a \
             public key could sign with it as the secret",
    ),
    (KeyDefect::JwkSyntax, "the JWK is not a JSON object with unique member names"),
    (KeyDefect::JwkSetSyntax, "the JWK Set is not a JSON object with unique member names"),
    (
        KeyDefect::JwkSetUnreadableKeys { max: 64 },
        "more than 64 keys of the JWK Set cannot be read",
    ),
    (KeyDefect::JwkSetWithoutKeys, "the JWK Set does not contain the member \"keys\""),
    (KeyDefect::JwkSetKeysType, "the member \"keys\" of the JWK Set is not an array"),
    (KeyDefect::JwkMemberType { member: "kid" }, "the member \"kid\" of the JWK is not a string"),
    (
        KeyDefect::JwkMemberEncoding { member: "n" },
        "the member \"n\" of the JWK is not base64url without padding; write it with \"-\" and \
             \"_\" instead of \"+\" and \"/\", and without \"=\" at the end",
    ),
    (KeyDefect::JwkMemberMissing { member: "k" }, "the JWK does not contain the member \"k\""),
    (
        KeyDefect::JwkUnsupported { member: "crv" },
        "the member \"crv\" of the JWK has a value that is not supported; the supported values \
             are \"P-256\", \"P-384\" and \"Ed25519\"",
    ),
    (
        KeyDefect::JwkUnsupported { member: "kty" },
        if cfg!(feature = "public-keys") {
            "the member \"kty\" of the JWK has a value that is not supported; the supported \
                 values are \"oct\", \"EC\", \"OKP\" and \"RSA\""
        } else {
            "the member \"kty\" of the JWK has a value that is not supported; the supported \
                 value is \"oct\"; the feature `public-keys` of jwt-codec supports \"EC\", \"OKP\" \
                 and \"RSA\""
        },
    ),
    (
        KeyDefect::JwkUnsupported { member: "alg" },
        if cfg!(feature = "public-keys") {
            "the member \"alg\" of the JWK has a value that is not supported; the supported \
                 values are the names of `Algorithm`"
        } else {
            "the member \"alg\" of the JWK has a value that is not supported; the supported \
                 values are \"HS256\", \"HS384\" and \"HS512\"; the feature `public-keys` of \
                 jwt-codec supports more"
        },
    ),
    (
        KeyDefect::JwkWithoutAlgorithm,
        if cfg!(feature = "public-keys") {
            "the JWK does not name its algorithm; name it with `from_jwk_for`; for a set with \
                 `from_jwks_for`, or with `from_public_jwks_for` if it is not your own"
        } else {
            "the JWK does not name its algorithm; name it with `from_jwk_for` or, for a set, \
                 `from_jwks_for`"
        },
    ),
    (
        KeyDefect::JwkOtherAlgorithm { algorithm: Algorithm::Hs256 },
        "the JWK names another algorithm than HS256",
    ),
    (
        KeyDefect::JwkNotASecret,
        if cfg!(feature = "public-keys") {
            "the JWK is a public or private key, not a secret; read it with \
                 `PublicKey::from_jwk` or `PrivateKey::from_jwk`"
        } else {
            "the JWK is a public or private key, not a secret; the feature `public-keys` of \
                 jwt-codec reads it"
        },
    ),
    (
        KeyDefect::JwkUse,
        "the JWK is not for signatures: its member \"use\" has another value than \"sig\"",
    ),
    (KeyDefect::JwkOperationsType, "the member \"key_ops\" of the JWK is not an array of strings"),
    (KeyDefect::JwkOperationTwice, "the member \"key_ops\" of the JWK lists an operation twice"),
    (
        KeyDefect::JwkOperations,
        "the member \"key_ops\" of the JWK does not list what the key is used for",
    ),
    (KeyDefect::DuplicateId, "the set contains a key with the same id and algorithm"),
    (
        KeyDefect::JwkByteOrderMark,
        "the text starts with a byte order mark; remove it, as with \
             `text.trim_start_matches('\\u{feff}')`",
    ),
    (KeyDefect::Internal, "the key could not be processed, which is a bug in jwt-codec"),
];

#[test]
fn invalid_key() {
    for (defect, text) in KEY_DEFECTS {
        let error = Error::InvalidKey { defect: defect.clone() };
        assert_error(&error, "invalid_key", &format!("invalid key: {text}"));
    }
}

#[test]
fn encode_errors() {
    assert_error(
        &encode(&[1], &key()).unwrap_err(),
        "encode",
        "cannot encode: the claims are not a JSON object; use a struct or a map",
    );
    assert_error(
        &encode(&json!({ "sub": 42 }), &key()).unwrap_err(),
        "encode",
        "cannot encode: the claim \"sub\" must be a string, not a number; `sign` signs any bytes, for \
         another reader",
    );
    let twice = Claims::new(json!({ "exp": 1 })).expires_at(NumericDate::from_secs(1));
    assert_error(
        &encode(&twice, &key()).unwrap_err(),
        "encode",
        "cannot encode: the claim \"exp\" would be written twice; keep one of the two",
    );
    let long = Header::new().with_kid("k".repeat(8192));
    assert_error(
        &encode_with_header(&long, &json!({}), &key()).unwrap_err(),
        "encode",
        "cannot encode: the header segment has 10971 bytes, and a decode reads at most 8192 by default",
    );
}

/// Text of the sender is cut at 64 characters wherever it is quoted.
#[test]
fn quotes_are_bounded() {
    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Session {
        n: u8,
    }

    let long = "é".repeat(5000);
    let wide: String = (0..5000).map(|i| format!(r#""{i}{long}","#)).take(20).collect();
    let cut = format!("{}…", "é".repeat(63));
    let refusals = [
        refuse(&forge(format!(r#"{{"alg":"{}"}}"#, "é".repeat(2000)), "{}"), &validation()),
        refuse(
            &forge(format!(r#"{{"alg":"HS256","typ":"{}"}}"#, "é".repeat(2000)), "{}"),
            &validation(),
        ),
        refuse(
            &forge(format!(r#"{{"alg":"HS256","crit":["{}"]}}"#, "é".repeat(2000)), "{}"),
            &validation(),
        ),
        refuse(&forge_claims(format!(r#"{{"iss":"{long}"}}"#)), &validation().issuer("a")),
        refuse(&forge_claims(format!(r#"{{"sub":"{long}"}}"#)), &validation().subject("a")),
        refuse(&forge_claims(format!(r#"{{"{long}":1,"{long}":1}}"#)), &validation()),
        refuse(&forge_claims(format!(r#"{{"aud":"{long}"}}"#)), &validation()),
    ];
    for error in refusals {
        assert!(error.to_string().contains(&cut), "{error}");
        assert!(!format!("{error:?}").contains(&"é".repeat(64)), "{error:?}");
    }

    let many = refuse(
        &forge_claims(format!(r#"{{"aud":[{}"z"]}}"#, &wide)),
        &validation().max_token_len(1_000_000),
    );
    assert!(format!("{many:?}").chars().count() < 1000, "{many:?}");

    match refuse(&forge_claims(r#"{"aud":["1","2","3","4","5","6","7","8","9"]}"#), &validation()) {
        Error::InvalidAudience { found, .. } => {
            assert_eq!(found, ["1", "2", "3", "4", "5", "6", "7", "8"]);
        }
        error => unreachable!("{error}"),
    }

    let mismatch =
        decode::<Session>(&forge_claims(format!(r#"{{"n":"{long}"}}"#)), &key(), &validation())
            .unwrap_err();
    assert_eq!(
        mismatch.to_string(),
        format!(
            "the claims do not fit the type: invalid type: string \"{}… at line 1 column 10007",
            "é".repeat(18),
        )
    );
}

/// A message of another crate is whole up to 64 characters. A longer one keeps both ends.
#[test]
fn long_messages_lose_their_middle() {
    struct Fails(String);
    impl serde::Serialize for Fails {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom(&self.0))
        }
    }

    let reason = |text: &str| match encode(&Fails(text.into()), &key()).unwrap_err() {
        Error::Encode { defect: EncodeDefect::Serialize { message } } => message,
        error => unreachable!("{error}"),
    };
    let (start, end) = ("é".repeat(40), "z".repeat(23));
    assert_eq!(reason(&format!("{start}y{end}")), format!("{start}y{end}"));
    assert_eq!(reason(&format!("{start}xx{end}")), format!("{start}…{end}"));
    assert_eq!(reason(&format!("{start}{}{end}", "x".repeat(1000))), format!("{start}…{end}"));
}

/// Nothing that another crate quotes can pass for another line or turn the direction of the text.
#[test]
fn messages_are_fit_for_a_log() {
    struct Fails(char);
    impl serde::Serialize for Fails {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom(format_args!("a{}z", self.0)))
        }
    }

    let reason = |c| encode(&Fails(c), &key()).unwrap_err();
    let fit = |c| Error::Encode { defect: EncodeDefect::Serialize { message: format!("a{c}z") } };
    for unfit in [
        '\0', '\n', '\r', '\u{7f}', '\u{85}', '\u{61c}', '\u{200e}', '\u{200f}', '\u{2028}',
        '\u{2029}', '\u{202a}', '\u{202e}', '\u{2066}', '\u{2069}',
    ] {
        assert_eq!(reason(unfit), fit('\u{fffd}'), "{unfit:?}");
    }
    for good in [' ', 'é', '\u{200d}', '\u{2027}', '\u{202f}', '\u{2065}', '\u{206a}', '😀'] {
        assert_eq!(reason(good), fit(good));
    }
}

#[test]
fn nested_token() {
    let token = forge(r#"{"alg":"HS256","cty":"JWT"}"#, forge_claims("{}"));
    assert_error(
        &refuse(&token, &validation()),
        "malformed",
        "malformed payload: it is not a JSON object, and the header's \"cty\" says that it is a \
         token itself; nested tokens are not supported; `VerifiedToken::payload` returns the inner \
         token",
    );
}

#[test]
fn claims_of_the_rules_on_values() {
    let missing = refuse(&forge_claims("{}"), &validation().claim_one_of("azp", ["a", "b"]));
    assert_error(
        &missing,
        "missing_claim",
        "the claim \"azp\" is missing, which `Validation::claim_one_of` requires",
    );
    let null = refuse(&forge_claims(r#"{"nonce":null}"#), &validation().forbid("nonce"));
    assert_error(
        &null,
        "invalid_claim",
        "the claim \"nonce\" is present, which `Validation::forbid` rejects",
    );
    let late = forge_claims(r#"{"iat":9223372036854775747,"exp":9223372036854775807}"#);
    assert_error(
        &refuse(&late, &validation().max_lifetime(Duration::from_secs(60))),
        "not_yet_valid",
        "the token is not valid for another 9223372035254775747 s, before its iat \
         9223372036854775747; it is now 1600000000; `Validation::leeway` allows for clocks that differ",
    );
    let bound = key().with_issuers([""; 0]);
    let error = decode::<Value>(&forge_claims(r#"{"iss":"a"}"#), &bound, &validation());
    let text = "the token is from the issuer \"a\", expected none; `Validation::issuer`, or \
                `Key::with_issuer` of the key, sets the rule";
    assert_error(&error.unwrap_err(), "invalid_issuer", text);
}

/// The first byte that is not of the alphabet is what to look for.
#[test]
fn the_wrong_byte_of_base64url() {
    assert_error(
        &refuse("eyJhbGciOiJIUzI1NiJ9.e30.AAA~~", &validation()),
        "malformed",
        "malformed signature: it is not base64url without padding, at byte 3; the byte is not of the \
         alphabet",
    );
}

#[test]
fn a_byte_order_mark() {
    let token = format!("\u{feff}{}", forge_claims("{}"));
    assert_error(
        &refuse(&token, &validation()),
        "malformed",
        "malformed token: there is white space, a line end or a byte order mark around the token; \
         trim the token",
    );
}

/// An issuer that is too long to quote is shown where it differs.
#[test]
fn the_end_of_a_long_issuer() {
    let start = format!("https://login.example/{}", "t".repeat(41));
    assert_eq!(start.len(), 63);
    let shown = |iss: &str, expected: &[&str]| {
        let validation = validation().issuers(expected.iter().copied());
        match refuse(&forge_claims(json!({ "iss": iss }).to_string()), &validation) {
            Error::InvalidIssuer { found, .. } => found,
            error => unreachable!("{error}"),
        }
    };
    let foreign = format!("{start}/v2.0/evil");
    let end = format!("…{}", &foreign[foreign.len() - 63..]);
    let cut = format!("{start}…");
    assert_eq!(shown(&foreign, &[&format!("{start}/v2.0/")]), end);
    assert_eq!(shown(&foreign, &["a", &start]), end);
    // Where the beginnings differ, the beginning is shown; so it is where nothing is expected.
    assert_eq!(shown(&foreign, &[&format!("x{start}")]), cut);
    assert_eq!(shown(&foreign, &[&start[..62]]), cut);
    assert_eq!(shown(&foreign, &[]), cut);
    // 64 characters are shown whole, and 65 of which the last differs at their end.
    let exactly = format!("{start}/");
    assert_eq!(shown(&exactly, &[&start]), exactly);
    let one_more = format!("{start}//");
    assert_eq!(shown(&one_more, &[&exactly]), format!("…{}", &one_more[2..]));
    let wide = "é".repeat(63);
    assert_eq!(
        shown(&format!("{wide}ab"), &[&format!("{wide}ac")]),
        format!("…{}ab", "é".repeat(61))
    );

    let error = refuse(
        &forge_claims(json!({ "iss": foreign }).to_string()),
        &validation().issuer(format!("{start}/v2.0/good")),
    );
    let text = format!(
        "the token is from the issuer {end:?}, expected \"{start}/v2.0/good\"; `Validation::issuer`, \
         or `Key::with_issuer` of the key, sets the rule"
    );
    assert_error(&error, "invalid_issuer", &text);
}

/// The message of a type is quoted in at most 64 characters, whatever it says.
#[test]
fn messages_of_a_type_are_bounded() {
    struct Fails<const LEN: usize>;
    impl<'de, const LEN: usize> serde::Deserialize<'de> for Fails<LEN> {
        fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
            Err(serde::de::Error::custom("é".repeat(LEN)))
        }
    }

    fn message<const LEN: usize>() -> String {
        let read = decode::<Fails<LEN>>(&forge_claims("{}"), &key(), &validation());
        match read.map(drop).unwrap_err() {
            Error::ClaimsMismatch { message } => message,
            error => unreachable!("{error}"),
        }
    }

    assert_eq!(message::<3>(), "ééé");
    assert_eq!(message::<64>(), "é".repeat(64));
    let cut = format!("{}…{}", "é".repeat(40), "é".repeat(23));
    assert_eq!(message::<65>(), cut);
    assert_eq!(message::<5000>(), cut);
}

/// Foreign text cannot turn the direction of a log's text, or start another line in it.
#[test]
fn errors_have_no_text_direction() {
    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Session {
        n: u8,
    }

    for unfit in [
        '\u{61c}', '\u{200e}', '\u{200f}', '\u{2028}', '\u{2029}', '\u{202a}', '\u{202e}',
        '\u{2066}', '\u{2069}', '\u{85}', '\n', '\u{7f}', '\0', '\u{feff}',
    ] {
        let text = format!("a{unfit}z");
        let with = |name: &str, value: Value| forge_claims(json!({ name: value }).to_string());
        let header = |name: &str, value: Value| {
            let mut header = json!({ "alg": "HS256" });
            header[name] = value;
            forge(header.to_string(), "{}")
        };
        let keys = KeySet::new().with(key().with_id(&text)).unwrap();
        let jwks = json!({ "keys": [{ "kty": "oct", "kid": text }] }).to_string();
        let skipped = KeySet::from_jwks(&jwks).unwrap();
        let refused =
            |token: &str, keys: &KeySet| decode::<Value>(token, keys, &validation()).unwrap_err();
        let twice = json!({ &text: 1 }).to_string();
        let errors = [
            refuse(&with("iss", json!(text)), &validation().issuer("a")),
            refuse(&with("iss", json!("a")), &validation().issuer(&text)),
            refuse(&with("sub", json!(text)), &validation().subject(&text[..1])),
            refuse(&with("sub", json!("a")), &validation().subject(&text)),
            refuse(&with("aud", json!(text)), &validation()),
            refuse(&with("aud", json!([text, text])), &validation().audience(&text[..1])),
            refuse(&with("aud", json!("a")), &validation().audience(&text)),
            refuse(&header("typ", json!(text)), &validation()),
            refuse(&header("typ", json!("a")), &validation().typ(&text)),
            refuse(&header("alg", json!(text)), &validation()),
            refuse(&header("crit", json!([text])), &validation()),
            refused(&header("kid", json!("other")), &keys),
            refused(&header("kid", json!(format!("{text}{text}"))), &keys),
            refused(&header("kid", json!(text)), &skipped),
            refuse(&forge_claims("{}"), &validation().require(text.as_str())),
            refuse(&forge_claims("{}"), &validation().claim(text.as_str(), 1)),
            refuse(&with(&text, json!(2)), &validation().claim(text.as_str(), 1)),
            refuse(&with(&text, json!(2)), &validation().forbid(text.as_str())),
            refuse(&forge_claims(twice.replace('}', &format!(",{}", &twice[1..]))), &validation()),
            refuse(&forge_claims(format!("{{\"a\":{unfit}}}")), &validation()),
            decode::<Session>(&with("n", json!(text)), &key(), &validation()).unwrap_err(),
            text.parse::<Algorithm>().unwrap_err(),
            Header::new().with_member("kid", json!([text])).unwrap_err(),
        ];
        for error in errors {
            for shown in [error.to_string(), format!("{error:?}")] {
                assert!(!shown.contains(unfit), "{shown:?}");
            }
        }
        assert!(!format!("{keys:?}").contains(unfit));
    }
}

/// What is wrong with a JWK is named, not what would come after it.
#[test]
fn jwks_that_cannot_be_read() {
    let k = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    let skipped = |jwk: &str| {
        let set = KeySet::from_jwks(&format!(r#"{{"keys":[{jwk}]}}"#)).unwrap();
        assert!(set.is_empty());
        set.skipped()[0].error.clone()
    };
    let unsupported = |member| KeyDefect::JwkUnsupported { member };
    let missing = |member| KeyDefect::JwkMemberMissing { member };
    let mut cases = vec![
        (r#"{"kty":"AKP","alg":"ML-DSA-44","pub":"AA"}"#.to_owned(), unsupported("kty")),
        (r#"{"kty":"ec","crv":"P-256","x":"AA","y":"AA"}"#.into(), unsupported("kty")),
        (format!(r#"{{"kty":"OCT","k":"{k}"}}"#), unsupported("kty")),
        (format!(r#"{{"alg":"HS256","k":"{k}"}}"#), missing("kty")),
        (format!(r#"{{"kty":"oct","use":"enc","k":"{k}"}}"#), KeyDefect::JwkUse),
        (
            format!(r#"{{"kty":"oct","alg":"HS256","k":"{k}="}}"#),
            KeyDefect::JwkMemberEncoding { member: "k" },
        ),
        (format!(r#"{{"kty":"oct","k":"{k}"}}"#), KeyDefect::JwkWithoutAlgorithm),
    ];
    if cfg!(feature = "public-keys") {
        let encoding = |member| KeyDefect::JwkMemberEncoding { member };
        for (kty, crv) in [
            ("EC", "P-521"),
            ("EC", "secp256k1"),
            ("OKP", "X25519"),
            ("OKP", "Ed448"),
            ("OKP", "ed25519"),
        ] {
            let jwk = format!(r#"{{"kty":"{kty}","crv":"{crv}","x":"AA","y":"AA"}}"#);
            cases.push((jwk, unsupported("crv")));
        }
        cases.extend([
            (
                r#"{"kty":"EC","crv":"P-256","use":"enc","x":"AA","y":"AA"}"#.into(),
                KeyDefect::JwkUse,
            ),
            (r#"{"kty":"RSA","use":"enc","n":"AA","e":"AQAB"}"#.into(), KeyDefect::JwkUse),
            (r#"{"kty":"RSA","alg":"RS256","n":"+/8=","e":"AQAB"}"#.into(), encoding("n")),
            (r#"{"kty":"OKP","crv":"Ed25519","x":"+/8="}"#.into(), encoding("x")),
            (r#"{"kty":"RSA","n":"AA","e":"AQAB"}"#.into(), KeyDefect::JwkWithoutAlgorithm),
        ]);
    }
    for (jwk, defect) in cases {
        assert_eq!(skipped(&jwk), Error::InvalidKey { defect }, "{jwk}");
    }
}

#[test]
fn an_empty_list_of_audiences() {
    assert_error(
        &refuse(&forge_claims(r#"{"aud":[]}"#), &validation()),
        "invalid_audience",
        "the token has an empty list of audiences; `Validation::ignore_audience` accepts any audience",
    );
}
