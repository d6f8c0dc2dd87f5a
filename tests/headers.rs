//! The header: what is read, what is refused, what is written.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

#[path = "support/forge.rs"]
mod forge;

use forge::{forge, forge_claims, key, sign_text};
use jwt_codec::{
    EncodeDefect, Error, Header, JsonType, KeySet, Keys, Reason, Segment, UnverifiedToken,
    Validation, decode, decode_header, encode_with_header,
};
use serde_json::{Value, json};

fn outcome(header: &str) -> &'static str {
    decode::<Value>(&forge(header, "{}"), &key(), &Validation::new().allow_missing_exp())
        .map_or_else(|error| error.code(), |_| "ok")
}

#[test]
fn members_are_held_to_the_rfc() {
    let wrong_type = |name, expected, found| Reason::ParameterType { name, expected, found };
    let string = "a string";
    let duplicate = |name: &str| Reason::DuplicateName { name: name.into() };
    for (header, reason) in [
        (r#"{"typ":"JWT"}"#, Reason::MissingAlg),
        (r#"{"alg":null}"#, wrong_type("alg", string, JsonType::Null)),
        (r#"{"alg":["HS256"]}"#, wrong_type("alg", string, JsonType::Array)),
        (r#"{"alg":"HS256","kid":1}"#, wrong_type("kid", string, JsonType::Number)),
        (r#"{"alg":"HS256","kid":null}"#, wrong_type("kid", string, JsonType::Null)),
        (r#"{"alg":"HS256","typ":true}"#, wrong_type("typ", string, JsonType::Bool)),
        (r#"{"alg":"HS256","cty":{}}"#, wrong_type("cty", string, JsonType::Object)),
        (r#"{"alg":"HS256","alg":"HS256"}"#, duplicate("alg")),
        (r#"{"alg":"HS256","\u0061lg":"none"}"#, duplicate("alg")),
        (r#"{"\u0061lg":"none","alg":"HS256"}"#, duplicate("alg")),
        (r#"{"alg":"HS256","x":1,"x":1}"#, duplicate("x")),
        (r#"{"alg":"HS256","\u0078":1,"x":1}"#, duplicate("x")),
    ] {
        let error = Error::Malformed { segment: Segment::Header, reason };
        assert_eq!(decode_header(&forge(header, "{}")), Err(error), "{header}");
        assert_eq!(outcome(header), "malformed");
    }
    for header in [
        "",
        "null",
        "{}x",
        "{\"alg\":\"HS256\"} {}",
        "[\"alg\"]",
        "\u{feff}{\"alg\":\"HS256\"}",
        "{\"alg\":\"HS256\",}",
        "{'alg':'HS256'}",
        "{\"alg\":\"\\ud800\"}",
        "{\"alg\":\"HS256\",\"\\ud800\":1}",
        "{\"alg\":\"HS256\",\"x\":\"\\u12\"}",
    ] {
        assert_eq!(outcome(header), "malformed", "{header}");
    }
    assert_eq!(outcome(" {\n\"alg\" :\t\"HS256\"\r} "), "ok");
}

#[test]
fn many_members_are_each_checked() {
    let members: String = (0..100).map(|i| format!(r#","m{i}":{i}"#)).collect();
    assert_eq!(outcome(&format!(r#"{{"alg":"HS256"{members}}}"#)), "ok");
    for again in ["m0", "m17", "m99"] {
        assert_eq!(outcome(&format!(r#"{{"alg":"HS256"{members},"{again}":0}}"#)), "malformed");
    }
}

#[test]
fn crit_and_b64_are_never_passed_over() {
    for (header, expected) in [
        (r#"{"alg":"HS256","crit":["b64"],"b64":true}"#, "unsupported_critical"),
        (r#"{"alg":"HS256","crit":["x"],"x":1}"#, "unsupported_critical"),
        (r#"{"alg":"HS256","crit":["x"]}"#, "unsupported_critical"),
        (r#"{"alg":"HS256","crit":["alg"]}"#, "unsupported_critical"),
        (r#"{"alg":"HS256","cr\u0069t":["x"]}"#, "unsupported_critical"),
        (r#"{"alg":"HS256","crit":[]}"#, "malformed"),
        (r#"{"alg":"HS256","crit":null}"#, "malformed"),
        (r#"{"alg":"HS256","crit":"x"}"#, "malformed"),
        (r#"{"alg":"HS256","crit":["x","x"]}"#, "malformed"),
        (r#"{"alg":"HS256","crit":["x",1]}"#, "malformed"),
        (r#"{"alg":"HS256","b64":false}"#, "unsupported_critical"),
        (r#"{"alg":"HS256","b64":null}"#, "unsupported_critical"),
        (r#"{"alg":"HS256","b64":"true"}"#, "unsupported_critical"),
        (r#"{"alg":"HS256","b64":true}"#, "ok"),
        (r#"{"alg":"HS256","Crit":["x"],"B64":false}"#, "ok"),
        // The algorithm comes first.
        (r#"{"alg":"none","crit":["x"]}"#, "algorithm_mismatch"),
        (r#"{"alg":"none","crit":[]}"#, "algorithm_mismatch"),
    ] {
        assert_eq!(outcome(header), expected, "{header}");
    }
    // The first name is the one reported, and they come before the signature.
    let token = forge(r#"{"alg":"HS256","crit":["y","x"]}"#, "{}");
    let unsigned = format!("{}.", token.rsplit_once('.').unwrap().0);
    for token in [token, unsigned] {
        let error = decode::<Value>(&token, &key(), &Validation::new()).unwrap_err();
        assert_eq!(error, Error::UnsupportedCritical { name: "y".into() });
    }

    // What is wrong with the list is told.
    let wrong_type =
        |found| Reason::ParameterType { name: "crit", expected: "an array of strings", found };
    for (crit, reason) in [
        ("null", wrong_type(JsonType::Null)),
        (r#"["x",1]"#, wrong_type(JsonType::Number)),
        ("[]", Reason::Critical),
        (r#"["x","x"]"#, Reason::Critical),
    ] {
        let token = forge(format!(r#"{{"alg":"HS256","crit":{crit}}}"#), "{}");
        let error = decode::<Value>(&token, &key(), &Validation::new()).unwrap_err();
        assert_eq!(error, Error::Malformed { segment: Segment::Header, reason }, "{crit}");
    }
}

#[test]
fn other_members_are_kept_and_nothing_more() {
    let header = r#"{"alg":"HS256","jku":"https://evil.example","jwk":{"kty":"oct","k":""},"x5c":["a"],"cty":"JWT"}"#;
    let header = decode_header(&forge(header, "{}")).unwrap();
    assert_eq!(header.get("jku"), Some(json!("https://evil.example")));
    assert_eq!(header.get("jwk"), Some(json!({ "kty": "oct", "k": "" })));
    assert_eq!(header.get("x5c"), Some(json!(["a"])));
    assert_eq!((header.cty(), header.get("cty"), header.get("alg")), (Some("JWT"), None, None));
}

#[test]
fn the_header_is_at_most_8192_bytes_of_text() {
    // base64url turns 3 bytes into 4: 6144 bytes are 8192 long.
    let header = |bytes: usize| {
        let frame = r#"{"alg":"HS256","x":""}"#.len();
        format!(r#"{{"alg":"HS256","x":"{}"}}"#, "y".repeat(bytes - frame))
    };
    assert_eq!(outcome(&header(6144)), "ok");
    let error = decode_header(&forge(header(6145), "{}")).unwrap_err();
    let reason = Reason::TooLong { len: 8194, max: 8192 };
    assert_eq!(error, Error::Malformed { segment: Segment::Header, reason });

    // What would not be read is not written.
    let write = |len| {
        let header = Header::new().without_typ().with_member("x", "y".repeat(len)).unwrap();
        encode_with_header(&header, &json!({}), &key())
    };
    let frame = r#"{"alg":"HS256","x":""}"#.len();
    assert!(decode_header(&write(6144 - frame).unwrap()).is_ok());
    assert_eq!(write(6145 - frame).unwrap_err().code(), "encode");
}

/// Before the signature no other member becomes a value, so none is too much: neither in number,
/// nor in depth, nor one that no `Value` can hold. How much memory that takes is in
/// `allocations.rs`.
#[test]
fn other_members_are_passed_over_whatever_they_are() {
    let with = |x: &str| format!(r#"{{"alg":"HS256","x":{x},"y":1}}"#);
    for x in [
        format!("[{}0]", "0,".repeat(2000)),
        format!("[{}0]", r#"{"":0},"#.repeat(700)),
        format!("[{}0]", "[],".repeat(1500)),
    ] {
        assert_eq!(outcome(&with(&x)), "ok");
        let header = decode_header(&forge(with(&x), "{}")).unwrap();
        assert_eq!(header.get("x"), Some(serde_json::from_str(&x).unwrap()));
    }
    for x in [
        format!("{}{}", "[".repeat(2000), "]".repeat(2000)),
        format!("{}1{}", r#"{"":"#.repeat(700), "}".repeat(700)),
        r#""\ud800""#.into(),
        "1e400".into(),
    ] {
        assert_eq!(outcome(&with(&x)), "ok", "{x:.20}");
        let header = decode_header(&forge(with(&x), "{}")).unwrap();
        // It hides no other. The header cannot be written again without it, so it is not.
        let value = serde_json::from_str::<Value>(&x).ok();
        // `arbitrary_precision`, which another crate may switch on, holds any number.
        let is_held = value.is_some();
        assert_eq!((header.get("x"), header.get("y")), (value, Some(json!(1))), "{x:.20}");
        if is_held {
            continue;
        }
        let refused = encode_with_header(&header, &json!({}), &key()).unwrap_err();
        assert!(
            matches!(
                refused,
                Error::Encode {
                    defect: EncodeDefect::HeaderUnwritable { reason: Reason::Json { .. } }
                }
            ),
            "{refused}"
        );
        assert_eq!(header.clone().with_member("z", 1), Err(refused), "{x:.20}");
        assert_eq!(decode_header(&forge(with(&x), "{}")), Ok(header), "{x:.20}");
    }
}

#[test]
fn equality_does_not_depend_on_order() {
    let read = |header: &str| decode_header(&forge(header, "{}")).unwrap();
    let same = read(r#"{"alg":"HS256","x":{"a":1,"b":[2]},"y":1}"#);
    assert_eq!(read(r#"{ "y": 1, "x": {"b":[2], "a":1}, "\u0061lg":"HS256"}"#), same);
    // With a value that none holds, the text decides.
    let one = read(r#"{"alg":"HS256","x":{"a":1,"b":[2]},"y":"\ud800"}"#);
    assert_eq!(read(r#"{"alg":"HS256","x":{"a":1,"b":[2]},"y":"\ud800"}"#), one);
    for other in [
        r#"{"alg":"HS256","y":"\ud800","x":{"a":1,"b":[2]}}"#,
        r#"{"alg":"HS256","x":{"a":1,"b":[3]},"y":"\ud800"}"#,
        r#"{"alg":"HS256","x":{"a":1,"b":[2]}}"#,
        r#"{"alg":"HS256","x":{"a":1,"b":[2]},"y":"\ud801"}"#,
        r#"{"alg":"HS256","x":{"a":1,"b":[2]},"z":"\ud800"}"#,
        r#"{"alg":"HS384","x":{"a":1,"b":[2]},"y":"\ud800"}"#,
    ] {
        assert_ne!(read(other), one, "{other}");
    }
    let built = |names: [&str; 2]| {
        names.iter().try_fold(Header::new(), |header, name| header.with_member(*name, *name))
    };
    assert_eq!(built(["a", "b"]), built(["b", "a"]));
}

#[test]
fn headers_are_written_in_order() {
    let header = Header::new()
        .with_typ("at+jwt")
        .with_cty("JWT")
        .with_member("z", 1)
        .unwrap()
        .with_member("a", json!({ "b": [null] }))
        .unwrap()
        .with_member("z", "é\"")
        .unwrap()
        .with_kid("k\n");
    let token = encode_with_header(&header, &json!({}), &key()).unwrap();
    let text = token.split('.').next().unwrap();
    let json = base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, text).unwrap();
    assert_eq!(
        String::from_utf8(json).unwrap(),
        r#"{"alg":"HS256","kid":"k\n","typ":"at+jwt","cty":"JWT","z":"é\"","a":{"b":[null]}}"#
    );
    let read = decode_header(&token).unwrap();
    assert_eq!(read.alg(), Some("HS256"));
    assert_eq!((read.kid(), read.typ(), read.cty()), (Some("k\n"), Some("at+jwt"), Some("JWT")));
    assert_eq!((read.get("z"), read.get("a")), (Some(json!("é\"")), Some(json!({ "b": [null] }))));

    for empty in ["", "application/", "APPLICATION/"] {
        let refused = encode_with_header(&Header::new().with_typ(empty), &json!({}), &key());
        assert_eq!(refused, Err(Error::Encode { defect: EncodeDefect::EmptyTyp }), "{empty:?}");
    }

    assert_eq!(header.alg(), None);
    assert_eq!(Header::default(), Header::new());
    assert_eq!(Header::new().typ(), Some("JWT"));
    assert_eq!(Header::new().without_typ().typ(), None);
}

#[test]
fn members_that_would_lie_are_refused() {
    let extension = |name: &str| EncodeDefect::HeaderExtension { name: name.into() };
    let not_a_string = |name: &str| EncodeDefect::HeaderNotAString { name: name.into() };
    for (name, value, defect) in [
        ("alg", json!("none"), EncodeDefect::HeaderAlg),
        ("crit", json!(["x"]), extension("crit")),
        ("b64", json!(false), extension("b64")),
        ("kid", json!(1), not_a_string("kid")),
        ("typ", json!(null), not_a_string("typ")),
        ("cty", json!([]), not_a_string("cty")),
        (
            "x",
            json!([{ "$serde_json::private::RawValue": "[]" }]),
            EncodeDefect::HeaderReservedName,
        ),
        ("$serde_json::private::", json!(1), EncodeDefect::HeaderReservedName),
    ] {
        let error = Header::new().with_member(name, value).unwrap_err();
        assert_eq!(error, Error::Encode { defect });
    }
    let header = Header::new()
        .with_member("kid", "a")
        .and_then(|header| header.with_member("typ", "b"))
        .and_then(|header| header.with_member("cty", "c"))
        .unwrap();
    assert_eq!((header.kid(), header.typ(), header.cty()), (Some("a"), Some("b"), Some("c")));
    assert_eq!(header, Header::new().with_kid("a").with_typ("b").with_cty("c"));
}

/// A header can be read from one token and written into another, which the new key signs.
#[test]
fn a_header_that_was_read_can_be_written() {
    let read = decode_header(&forge(r#"{"typ":"x","alg":"none","y":1}"#, "{}")).unwrap();
    let token = encode_with_header(&read, &json!({}), &key()).unwrap();
    let again = decode_header(&token).unwrap();
    assert_eq!(
        (again.alg(), again.typ(), again.get("y")),
        (Some("HS256"), Some("x"), Some(json!(1)))
    );
    assert!(UnverifiedToken::parse(&token).unwrap().verify(&key()).is_ok());

    for extension in [r#""crit":["x"]"#, r#""b64":true"#] {
        let read =
            decode_header(&forge(format!(r#"{{"alg":"HS256",{extension}}}"#), "{}")).unwrap();
        assert_eq!(encode_with_header(&read, &json!({}), &key()).unwrap_err().code(), "encode");
    }
}

#[test]
fn segments_are_canonical_base64url() {
    let good = forge_claims("{}");
    let (input, signature) = good.rsplit_once('.').unwrap();
    let (header, payload) = input.split_once('.').unwrap();
    let decode = |token: &str| {
        decode::<Value>(token, &key(), &Validation::new().allow_missing_exp())
            .map_or_else(|error| error.code(), |_| "ok")
    };
    assert_eq!(decode(&good), "ok");
    for junk in ["=", "==", "+", "/", " ", "\n", "\0", "é", "%3D", "A"] {
        for (at, spoilt) in [(0, format!("{junk}{header}")), (1, format!("{header}{junk}"))] {
            assert_eq!(
                decode(&sign_text(&format!("{spoilt}.{payload}"))),
                "malformed",
                "{at} {junk:?}"
            );
        }
        let spoilt = sign_text(&format!("{header}.{payload}{junk}"));
        let expected = "malformed";
        assert_eq!(decode(&spoilt), expected, "{junk:?}");
        // With one letter more it is the text of 33 bytes.
        let expected = if junk == "A" { "invalid_signature" } else { "malformed" };
        for signature in [format!("{junk}{signature}"), format!("{signature}{junk}")] {
            assert_eq!(decode(&format!("{input}.{signature}")), expected, "{junk:?}");
        }
    }
    for token in ["", ".", "..", "a", "a.b", "a.b.c.d", "a.b.c.", "a..", ".b.", "..c"] {
        assert_eq!(decode(token), "malformed", "{token}");
    }
    assert_eq!(decode(&".".repeat(60_000)), "malformed");
    assert_eq!(decode(&format!("{good}.")), "malformed");
}

/// The signature is looked at before the header is.
#[test]
fn a_signature_that_is_no_base64url_comes_before_the_header() {
    for (signature, offset, byte) in
        [("AA==", 2, Some(b'=')), ("A\u{e9}", 1, Some(0xc3)), ("A", 1, None), ("AB", 1, None)]
    {
        let error = decode_header(&format!("e30.e30.{signature}")).unwrap_err();
        let reason = Reason::Base64url { offset, byte };
        assert_eq!(error, Error::Malformed { segment: Segment::Signature, reason });
    }
    // However long: the decoder goes over it part by part.
    for offset in [0, 87, 88, 2047, 2048, 4100, 9999] {
        let long = format!("{}!{}", "A".repeat(offset), "A".repeat(9999 - offset));
        let error = decode_header(&format!("e30.e30.{long}")).unwrap_err();
        let reason = Reason::Base64url { offset, byte: Some(b'!') };
        assert_eq!(error, Error::Malformed { segment: Segment::Signature, reason });
    }
    let header = decode_header(&format!("e30.e30.{}", "A".repeat(10_000)));
    let missing = Error::Malformed { segment: Segment::Header, reason: Reason::MissingAlg };
    assert_eq!(header, Err(missing));
}

/// The first byte that is not of the alphabet is named, also where it spoils the length.
#[test]
fn the_wrong_byte_is_named() {
    let base64url = |segment, offset, byte| Error::Malformed {
        segment,
        reason: Reason::Base64url { offset, byte },
    };
    for (text, offset, byte) in [
        ("AAA~~", 3, Some(b'~')),
        ("AAA~", 3, Some(b'~')),
        ("~AAA~", 0, Some(b'~')),
        ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA~AAAA", 48, Some(b'~')),
        ("AB=", 2, Some(b'=')),
        ("A=A~", 1, Some(b'=')),
        ("AA+/", 2, Some(b'+')),
        ("AB A", 2, Some(b' ')),
        ("A\nAAA", 1, Some(b'\n')),
        ("A\u{e9}", 1, Some(0xc3)),
        ("AAAAA", 5, None),
        ("AAB", 2, None),
        ("AB", 1, None),
    ] {
        let token = sign_text(&format!("eyJhbGciOiJIUzI1NiJ9.{text}"));
        let error = decode::<Value>(&token, &key(), &Validation::new()).unwrap_err();
        assert_eq!(error, base64url(Segment::Payload, offset, byte), "{text}");
        let error = decode_header(&format!("{text}.e30.")).unwrap_err();
        assert_eq!(error, base64url(Segment::Header, offset, byte), "{text}");
        let error = decode_header(&format!("eyJhbGciOiJIUzI1NiJ9.e30.{text}")).unwrap_err();
        assert_eq!(error, base64url(Segment::Signature, offset, byte), "{text}");
    }
}

/// 8192 bytes of text, or an eighth of the token's limit if that is more: RFC 7515 §4.1.6 allows a
/// whole chain of certificates.
#[test]
fn a_long_header_is_read_under_a_wider_limit() {
    // base64url turns 3 bytes into 4: 12 000 bytes are 16 000 long.
    let frame = r#"{"alg":"HS256","x5c":[""]}"#.len();
    let header = format!(r#"{{"alg":"HS256","x5c":["{}"]}}"#, "A".repeat(12_000 - frame));
    let token = forge(header, r#"{"exp":9223372036854775807}"#);
    let too_long = |max| {
        let reason = Reason::TooLong { len: 16_000, max };
        Error::Malformed { segment: Segment::Header, reason }
    };
    let decode = |validation: Validation| {
        decode::<Value>(&token, &key(), &validation).map(|data| data.header.get("x5c").is_some())
    };
    assert_eq!(decode(Validation::new()), Err(too_long(8192)));
    assert_eq!(decode(Validation::new().max_token_len(65_543)), Err(too_long(8192)));
    assert_eq!(decode(Validation::new().max_token_len(65_544)), Err(too_long(8193)));
    assert_eq!(decode(Validation::new().max_token_len(127_999)), Err(too_long(15_999)));
    assert_eq!(decode(Validation::new().max_token_len(128_000)), Ok(true));
    assert_eq!(decode(Validation::new().max_token_len(usize::MAX)), Ok(true));
    // A shorter limit of the token is none of the header.
    assert_eq!(decode(Validation::new().max_token_len(token.len())), Err(too_long(8192)));

    let parse = |max| UnverifiedToken::parse_with_max_len(&token, max).map(|_| true);
    assert_eq!(UnverifiedToken::parse(&token).map(|_| true), Err(too_long(8192)));
    assert_eq!(decode_header(&token).map(|_| true), Err(too_long(8192)));
    assert_eq!(parse(127_999), Err(too_long(15_999)));
    assert_eq!(parse(128_000), Ok(true));
    let verified = UnverifiedToken::parse_with_max_len(&token, 128_000).unwrap().verify(&key());
    assert_eq!(verified.unwrap().claims::<Value>(&Validation::new()).map(|_| true), Ok(true));

    // It was read, but is written nowhere that does not read it.
    let header = UnverifiedToken::parse_with_max_len(&token, 128_000).unwrap().header().clone();
    let error = encode_with_header(&header, &json!({}), &key()).unwrap_err();
    assert!(
        matches!(error, Error::Encode { defect: EncodeDefect::HeaderTooLong { max: 8192, .. } }),
        "{error}"
    );
}

/// A key and a set know headers by their text. They do not read longer ones by it.
#[test]
fn a_known_header_has_the_same_limit() {
    let payload = r#"{"exp":9223372036854775807}"#;
    let frame = r#"{"alg":"HS256","kid":"","typ":"JWT"}"#.len();
    let cut = |error: Error| error.code();
    for (id_len, is_readable) in [(6144 - frame, true), (6145 - frame, false), (9000, false)] {
        let id = "i".repeat(id_len);
        let named = key().with_id(&id);
        let set = KeySet::new().with(named.clone()).unwrap();
        for header in [
            format!(r#"{{"alg":"HS256","kid":"{id}","typ":"JWT"}}"#),
            format!(r#"{{"alg":"HS256","typ":"JWT","kid":"{id}"}}"#),
            format!(r#"{{"typ":"JWT","alg":"HS256","kid":"{id}"}}"#),
        ] {
            let token = forge(&header, payload);
            let len = token.find('.').unwrap();
            let expected = if is_readable {
                Ok(true)
            } else {
                let reason = Reason::TooLong { len, max: 8192 };
                Err(Error::Malformed { segment: Segment::Header, reason })
            };
            let keys: [&dyn Keys; 3] = [&named, &set, &key()];
            for keys in keys {
                let read = |validation: &Validation| {
                    decode::<Value>(&token, keys, validation)
                        .map(|data| data.header.kid() == Some(&id))
                };
                assert_eq!(read(&Validation::new()), expected, "{id_len}");
                assert_eq!(read(&Validation::new().max_token_len(len * 8)), Ok(true), "{id_len}");
            }
        }
        let written = encode_with_header(&Header::new(), &json!({}), &named).map_err(cut);
        assert_eq!(written.is_ok(), is_readable, "{id_len}");
        assert_eq!(written.err(), (!is_readable).then_some("encode"));
    }
}

#[test]
fn values_that_no_value_holds_are_not_got() {
    let read = |x: &str| {
        let header = format!(r#"{{"alg":"HS256","x":{x},"y":[1]}}"#);
        decode_header(&forge(header, "{}")).unwrap()
    };
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    // `arbitrary_precision`, which another crate may switch on, holds any number.
    let number = serde_json::from_str::<Value>("1e400").ok();
    for (x, value) in [
        ("1e400".to_owned(), number),
        (deep(128), None),
        (r#""\ud800""#.into(), None),
        (r#"{"a":"\udc00"}"#.into(), None),
        ("null".into(), Some(Value::Null)),
        (deep(3), Some(json!([[[]]]))),
    ] {
        let header = read(&x);
        assert_eq!((header.get("x"), header.get("y")), (value, Some(json!([1]))), "{x:.20}");
        assert_eq!((header.get("z"), header.get("alg")), (None, None));
    }
    assert!(read(&deep(126)).get("x").is_some());
}
