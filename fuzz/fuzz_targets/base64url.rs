//! The crate's base64url accepts exactly the canonical spelling and gives the same bytes as the
//! slow oracle, in every place where it reads some; what it writes is the oracle's too.

#![no_main]

use std::{str, sync::LazyLock};

use jwt_codec::{
    Algorithm, Error, Header, Key, Reason, Segment, UnverifiedToken, Validation, decode,
    decode_header, sign,
};
use jwt_codec_fuzz::{decode_base64url, encode_base64url, key, token_of_segments};
use libfuzzer_sys::fuzz_target;
use serde::de::IgnoredAny;

static KEY: LazyLock<Key> = LazyLock::new(|| key(Algorithm::Hs256));

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = str::from_utf8(data) {
        check_payload(text);
        check_key(text);
    }
    check_bytes(data);
    // The right text but for one byte: what is at the ends of the vectors of a fast decoder.
    if let [position, byte, bytes @ ..] = data {
        let mut text = encode_base64url(bytes).into_bytes();
        let position = usize::from(*position) % (text.len() + 1);
        text.splice(position..text.len().min(position + 1), [*byte]);
        if let Ok(text) = str::from_utf8(&text) {
            check_payload(text);
        }
    }
});

fn check_payload(text: &str) {
    let expected = decode_base64url(text);

    let token = token_of_segments(Algorithm::Hs256, "eyJhbGciOiJIUzI1NiJ9", text);
    let payload = UnverifiedToken::parse(&token)
        .and_then(|token| token.verify(&*KEY))
        .and_then(|token| token.payload());
    match (&payload, &expected) {
        (Ok(bytes), Some(expected)) => assert_eq!(bytes, expected),
        (Err(error), None) => assert_eq!(error.code(), "malformed"),
        _ => panic!("payload {payload:?}, oracle {expected:?}"),
    }

    // `decode` has a buffer of its own for short payloads.
    let claims = decode::<IgnoredAny>(&token, &*KEY, &Validation::new());
    let refused = matches!(
        claims,
        Err(Error::Malformed {
            reason: Reason::Base64url { .. } | Reason::SegmentCount { .. },
            segment: Segment::Payload | Segment::Token,
        })
    );
    assert_eq!(refused, expected.is_none());

    if let Err(Error::Malformed { reason: Reason::Base64url { .. }, .. }) =
        decode_header(&format!("{text}.."))
    {
        assert_eq!(expected, None);
    }
}

fn check_key(text: &str) {
    // Surrounding white space is ignored, and hexadecimal digits are rejected.
    let key = Key::from_base64url(Algorithm::Hs256, text);
    let text = text.trim_ascii();
    let is_hex = text.len() >= 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match decode_base64url(text).filter(|_| !is_hex) {
        None => assert_eq!(key.map(drop).map_err(|error| error.code()), Err("invalid_key")),
        Some(secret) => assert_eq!(
            key.and_then(|key| sign(&Header::new(), b"", &key)),
            Key::hs256(secret).and_then(|key| sign(&Header::new(), b"", &key)),
        ),
    }
}

fn check_bytes(bytes: &[u8]) {
    let text = encode_base64url(bytes);
    assert_eq!(decode_base64url(&text).as_deref(), Some(bytes), "the oracle agrees with itself");
    let token = sign(&Header::new(), bytes, &KEY).expect("any bytes can be signed");
    assert_eq!(token.split('.').nth(1), Some(&*text));
    check_payload(&text);
}
