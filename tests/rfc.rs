//! The RFCs' own examples, byte for byte.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use jwt_codec::{
    Algorithm, Header, Key, NumericDate, UnverifiedToken, Validation, decode, decode_header, sign,
};
use serde_json::json;

/// RFC 7515 A.1.1: header and payload hold CRLF and spaces, so they can be read but not written.
const A1_TOKEN: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9\
    .eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ\
    .dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const A1_KEY: &str =
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
const A1_PAYLOAD: &[u8] =
    b"{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";

fn a1_key() -> Key {
    Key::from_base64url(Algorithm::Hs256, A1_KEY).unwrap()
}

#[test]
fn rfc_7515_a_1_verifies_to_its_payload() {
    let token = UnverifiedToken::parse(A1_TOKEN).unwrap();
    assert_eq!((token.header().alg(), token.header().typ()), (Some("HS256"), Some("JWT")));
    assert_eq!(token.verify(&a1_key()).unwrap().payload().unwrap(), A1_PAYLOAD);
}

/// The crate writes the RFC's payload under a header of its own spelling; both verify.
#[test]
fn rfc_7515_a_1_payload_signs_under_our_header() {
    let token = sign(&Header::new(), A1_PAYLOAD, &a1_key()).unwrap();
    let (header, rest) = token.split_once('.').unwrap();
    assert_eq!(header, "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9");
    assert_eq!(rest.split_once('.').unwrap().0, A1_TOKEN.split('.').nth(1).unwrap());
    let verified = UnverifiedToken::parse(&token).unwrap().verify(&a1_key()).unwrap();
    assert_eq!(verified.payload().unwrap(), A1_PAYLOAD);
}

#[test]
fn rfc_7519_3_1_is_good_until_its_exp() {
    let exp = NumericDate::from_secs(1_300_819_380);
    let at = |secs| Validation::new().at(NumericDate::from_secs(secs)).issuer("joe");
    let data = decode::<serde_json::Value>(A1_TOKEN, &a1_key(), &at(exp.as_secs() - 1)).unwrap();
    assert_eq!(
        data.claims,
        json!({ "iss": "joe", "exp": 1_300_819_380, "http://example.com/is_root": true })
    );
    let error = decode::<serde_json::Value>(A1_TOKEN, &a1_key(), &at(exp.as_secs())).unwrap_err();
    assert_eq!(error, jwt_codec::Error::Expired { exp, now: exp });
}

#[test]
fn rfc_7519_6_1_unsecured_is_refused() {
    let token = "eyJhbGciOiJub25lIn0\
        .eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.";
    assert_eq!(decode_header(token).unwrap().alg(), Some("none"));
    let error = decode::<serde_json::Value>(token, &a1_key(), &Validation::new()).unwrap_err();
    assert_eq!(error.code(), "algorithm_mismatch");
}

/// RFC 7520 §4.4: its header is as this crate writes it, so the example comes out whole.
#[test]
fn rfc_7520_4_4_both_ways() {
    const TOKEN: &str = "eyJhbGciOiJIUzI1NiIsImtpZCI6IjAxOGMwYWU1LTRkOWItNDcxYi1iZmQ2LWVlZjMxNGJjNzAzNyJ9\
        .SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0\
        aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1p\
        Z2h0IGJlIHN3ZXB0IG9mZiB0by4\
        .s0h6KThzkfBBBkLspW1h84VsJZFTsPPqMDA7g1Md7p0";
    const PAYLOAD: &str = "It\u{2019}s a dangerous business, Frodo, going out your door. You step onto \
        the road, and if you don't keep your feet, there\u{2019}s no knowing where you might be swept off to.";
    let key = Key::from_jwk(
        r#"{"kty":"oct","kid":"018c0ae5-4d9b-471b-bfd6-eef314bc7037","use":"sig","alg":"HS256",
            "k":"hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg"}"#,
    )
    .unwrap();

    assert_eq!(sign(&Header::new().without_typ(), PAYLOAD.as_bytes(), &key).unwrap(), TOKEN);
    let verified = UnverifiedToken::parse(TOKEN).unwrap().verify(&key).unwrap();
    assert_eq!(verified.payload().unwrap(), PAYLOAD.as_bytes());
    assert_eq!(verified.header().kid(), key.id());
}
