//! The text of a token.

use jwt_codec::{Error, Reason, Segment, dangerous, decode, decode_borrowed, decode_header};
use serde_json::{Value, json};

use crate::{
    forge::{forge_claims, key, sign_text},
    harness::{
        GOOD, accepted, assert_refused, base64url, header, lax, malformed, on_a_small_stack,
        policy, refused, segments, set,
    },
};

/// Each segment of a good token with one of its letters replaced or added by `edit`, signed again
/// so that the signature is not what refuses the first two.
fn edited(edit: impl Fn(&str) -> String) -> [String; 3] {
    // 16 and 17 bytes: their texts have spare bits, and letters of both kinds.
    let (header, payload) = (base64url(r#"{"alg":"HS256" }"#), base64url(r#"{"a":"?>~Ã¿" } "#));
    let good = sign_text(&format!("{header}.{payload}"));
    accepted(&good, &lax());
    let (input, signature) = good.rsplit_once('.').unwrap();
    [
        sign_text(&format!("{}.{payload}", edit(&header))),
        sign_text(&format!("{header}.{}", edit(&payload))),
        format!("{input}.{}", edit(signature)),
    ]
}

#[track_caller]
fn assert_no_spelling(edit: impl Fn(&str) -> String) {
    let segments = [Segment::Header, Segment::Payload, Segment::Signature];
    for (token, segment) in edited(edit).into_iter().zip(segments) {
        match refused(&token, &lax()) {
            Error::Malformed { segment: found, reason: Reason::Base64url { .. } } => {
                assert_eq!(found, segment, "{token}");
            }
            // At either end it is around the token.
            Error::Malformed { segment: Segment::Token, reason: Reason::WhiteSpace } => {
                let is_space = |c: char| c.is_whitespace() || c == '\u{feff}';
                assert!(token.starts_with(is_space) || token.ends_with(is_space), "{token:?}");
            }
            error => panic!("{error}: {token}"),
        }
    }
}

#[test]
fn trailing_bits_in_each_segment() {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    // Two letters more or less in the last place decode to the same bytes in a lenient decoder.
    for step in 1..4 {
        assert_no_spelling(|text| {
            let (rest, last) = text.split_at(text.len() - 1);
            let index = ALPHABET.find(last).unwrap();
            let index = index + step;
            format!("{rest}{}", &ALPHABET[index..=index])
        });
    }
}

#[test]
fn padding_in_each_segment() {
    for pad in ["=", "==", "===", "%3D", "%3d%3d", "\u{0}", "."] {
        if pad == "." {
            let token = forge_claims(GOOD);
            assert_refused(&format!("{token}."), &policy(), "malformed");
            assert_refused(&format!(".{token}"), &policy(), "malformed");
            continue;
        }
        assert_no_spelling(|text| format!("{text}{pad}"));
        assert_no_spelling(|text| format!("{pad}{text}"));
    }
    assert_no_spelling(|text| format!("{}=", text.trim_end_matches(char::is_alphanumeric)));
}

#[test]
fn white_space_in_each_segment() {
    for space in [" ", "\t", "\n", "\r", "\r\n", "\u{b}", "\u{c}", "\u{a0}", "\u{feff}", "\u{2028}"]
    {
        assert_no_spelling(|text| format!("{space}{text}"));
        assert_no_spelling(|text| format!("{text}{space}"));
        assert_no_spelling(|text| format!("{}{space}{}", &text[..4], &text[4..]));
    }
    let token = forge_claims(GOOD);
    for (wrapped, reason) in [
        (format!("Bearer {token}"), Reason::Bearer),
        (format!(" bearer\t{token}"), Reason::Bearer),
        ("Bearer ".to_owned(), Reason::Bearer),
        (format!("\"{token}\""), Reason::Quoted),
        (format!("'{token}'\n"), Reason::Quoted),
        (format!("{token}\n"), Reason::WhiteSpace),
        (format!("\u{feff}{token}"), Reason::WhiteSpace),
        (format!("{token},{token}"), Reason::SegmentCount { found: 5 }),
    ] {
        assert_eq!(refused(&wrapped, &policy()), malformed(Segment::Token, reason), "{wrapped}");
    }
    let space = Reason::Base64url { offset: 6, byte: Some(b' ') };
    let other_scheme = refused(&format!("Digest {token}"), &policy());
    assert_eq!(other_scheme, malformed(Segment::Header, space));
}

#[test]
fn standard_alphabet_in_each_segment() {
    // Bytes whose texts have letters 62 and 63 in the payload.
    let payload = base64url(r#"{"a":"?>~Ã¿"}"#);
    assert!(payload.contains(['-', '_']), "{payload}");
    let standard = payload.replace('-', "+").replace('_', "/");
    let token = sign_text(&format!("{}.{standard}", base64url(header("HS256"))));
    assert_refused(&token, &lax(), "malformed");
    // And in the signature, for as many tokens as it takes to have them there.
    let tokens: Vec<String> = (0..200)
        .map(|i| forge_claims(format!(r#"{{"jti":"{i}"}}"#)))
        .filter(|token| token[token.rfind('.').unwrap()..].contains(['-', '_']))
        .collect();
    assert!(tokens.len() > 50);
    for token in tokens {
        accepted(&token, &lax());
        let (input, signature) = token.rsplit_once('.').unwrap();
        let standard = signature.replace('-', "+").replace('_', "/");
        let offset = signature.find(['-', '_']).unwrap();
        let reason = Reason::Base64url { offset, byte: Some(standard.as_bytes()[offset]) };
        let error = refused(&format!("{input}.{standard}"), &lax());
        assert_eq!(error, malformed(Segment::Signature, reason));
    }
    assert_no_spelling(|text| format!("{}+{}", &text[..3], &text[4..]));
    assert_no_spelling(|text| format!("{}/{}", &text[..3], &text[4..]));
}

#[test]
fn junk_in_each_segment() {
    let junk =
        ["!", "*", "~", "é", "ａ", "А", "\u{0}", "\u{7f}", "\u{80}", "\u{fffd}", "😀", "%", "\\"];
    for junk in junk {
        assert_no_spelling(|text| format!("{text}{junk}"));
        assert_no_spelling(|text| format!("{junk}{text}"));
        assert_no_spelling(|text| format!("{}{junk}{}", &text[..2], &text[3..]));
    }
    // A length that no bytes have.
    assert_no_spelling(|text| {
        let len = text.len() / 4 * 4;
        format!("{}A", &text[..len])
    });
    // Far in, where a vectorised decoder is at work.
    let long = base64url(format!(r#"{{"a":"{}"}}"#, "x".repeat(3000)));
    for at in (0..long.len() - 4).step_by(61) {
        for junk in ["=", "+", "/", "\n", "\u{0}"] {
            let payload = format!("{}{junk}{}", &long[..at], &long[at + 1..]);
            let token = sign_text(&format!("{}.{payload}", base64url(header("HS256"))));
            let reason = Reason::Base64url { offset: at, byte: junk.bytes().next() };
            let error = decode::<Value>(&token, &key(), &lax()).unwrap_err();
            assert_eq!(error, malformed(Segment::Payload, reason), "{junk:?} at {at}");
        }
    }
}

#[test]
fn empty_segments() {
    let token = forge_claims(GOOD);
    let (input, signature) = token.rsplit_once('.').unwrap();
    let (header, payload) = input.split_once('.').unwrap();
    for text in ["", ".", "..", "...", &format!(".{payload}.{signature}")] {
        assert_refused(text, &policy(), "malformed");
    }
    assert_refused(&format!("{header}..{signature}"), &policy(), "invalid_signature");
    assert_refused(&format!("{header}.."), &policy(), "invalid_signature");
    // Signed as it is.
    assert_refused(&sign_text(&format!("{header}.")), &policy(), "malformed");
    assert_refused(&sign_text(&format!(".{payload}")), &policy(), "malformed");
}

#[test]
fn many_dots() {
    on_a_small_stack(|| {
        for len in [3, 4, 1000, 65_536] {
            assert_eq!(refused(&".".repeat(len), &policy()), segments(len + 1));
            let text = "e.".repeat(len.div_ceil(2) + 1);
            let text = &text[..len.max(6)];
            assert_eq!(refused(text, &policy()), segments(text.len() / 2 + 1));
        }
        let megabyte = ".".repeat(1 << 20);
        assert_refused(&megabyte, &policy(), "token_too_long");
        let wide = policy().max_token_len(usize::MAX);
        let found = (1 << 20) + 1;
        assert_eq!(decode::<Value>(&megabyte, &key(), &wide).unwrap_err(), segments(found));
        assert_eq!(decode::<Value>(&megabyte, &set(), &wide).unwrap_err(), segments(found));
        let mut token = forge_claims(GOOD);
        token.push_str(&".".repeat(1 << 20));
        assert_eq!(decode::<Value>(&token, &key(), &wide).unwrap_err(), segments(found + 2));
    });
}

#[test]
fn oversize_token() {
    let of_len = |len: usize| {
        // Header, dots and signature take 81 bytes.
        let json = format!(r#"{{"exp":1600000060,"x":"{}"}}"#, "x".repeat((len - 81) / 4 * 3 - 25));
        let token = forge_claims(json);
        assert!(len - token.len() < 4, "{} {len}", token.len());
        token
    };
    let largest = of_len(65_536);
    accepted(&largest, &policy());
    let mut longer = largest.clone();
    longer.push_str(&"A".repeat(65_537 - largest.len()));
    assert_eq!(refused(&longer, &policy()), Error::TokenTooLong { len: 65_537, max: 65_536 });
    let error = dangerous::decode_unverified::<Value>(&longer).unwrap_err();
    assert_eq!(error, Error::TokenTooLong { len: 65_537, max: 65_536 });
    assert_eq!(decode_header(&longer).unwrap_err().code(), "token_too_long");
    // Of what is too long, nothing is read.
    let junk = "\u{0}".repeat(70_000);
    assert_refused(&junk, &policy(), "token_too_long");
    let narrow = policy().max_token_len(largest.len() - 1);
    let error = decode::<Value>(&largest, &key(), &narrow).unwrap_err();
    assert_eq!(error.code(), "token_too_long");
    assert_eq!(
        decode::<Value>("a", &key(), &policy().max_token_len(0)).unwrap_err().code(),
        "token_too_long"
    );
}

#[test]
fn five_segments_and_json_serialisation() {
    let token = forge_claims(GOOD);
    let parts: Vec<&str> = token.split('.').collect();
    let (protected, payload, signature) = (parts[0], parts[1], parts[2]);
    assert_eq!(refused(&format!("{token}.AAAA.AAAA"), &policy()), segments(5));
    let jwe = base64url(r#"{"alg":"dir","enc":"A128CBC-HS256"}"#);
    assert_eq!(refused(&format!("{jwe}..AAAA.{payload}.{signature}"), &policy()), segments(5));

    let flattened = json!({
        "protected": protected, "payload": payload, "signature": signature, "header": {"alg":"none"}
    });
    let general = json!({
        "payload": payload,
        "signatures": [{ "protected": protected, "signature": signature }]
    });
    for json in [flattened.to_string(), general.to_string(), format!("[\"{token}\"]")] {
        assert_refused(&json, &policy(), "malformed");
    }
    // Both at once: a compact token in the eyes of one parser, JSON in those of another.
    let fake = base64url(r#"{"sub":"root","exp":9999999999}"#);
    let mixed = format!(
        r#"{{"  {protected}.{fake}.":"","protected":"{protected}","payload":"{payload}","signature":"{signature}"}}"#
    );
    assert_eq!(
        refused(&mixed, &policy()),
        malformed(Segment::Signature, Reason::Base64url { offset: 0, byte: Some(b'"') })
    );
}

#[test]
fn one_token_never_answers_for_another() {
    // The same length, audience and id, one after the other through one buffer and one key set.
    let validation = policy().audience("api");
    let (key, set, mut buffer) = (key(), set(), Vec::new());
    for round in 0..3 {
        for name in ["ada", "bob", "eve"] {
            let token = forge_claims(format!(
                r#"{{"aud":"api","jti":"1","exp":1600000060,"sub":"{name}"}}"#
            ));
            let data = decode_borrowed::<Value>(&token, &key, &validation, &mut buffer).unwrap();
            assert_eq!(data.claims["sub"], name, "{round}");
            assert_eq!(decode::<Value>(&token, &set, &validation).unwrap().claims["sub"], name);
            let forged = token.replace(&token[token.len() - 8..], "AAAAAAAA");
            let error = decode_borrowed::<Value>(&forged, &key, &validation, &mut buffer);
            assert_eq!(error.unwrap_err(), Error::InvalidSignature);
        }
    }
    // A long one first leaves nothing behind for a short one.
    let long = forge_claims(format!(r#"{{"exp":1600000060,"x":"{}"}}"#, "}".repeat(3000)));
    decode_borrowed::<Value>(&long, &key, &policy(), &mut buffer).unwrap();
    let broken = forge_claims(r#"{"exp":1600000060"#);
    let error = decode_borrowed::<Value>(&broken, &key, &policy(), &mut buffer).unwrap_err();
    assert_eq!(error.code(), "malformed");
}
