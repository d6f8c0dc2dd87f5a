//! Each known class of attack on a JWT library, one test each. `docs/attacks.md` is the table of
//! them; the last test holds the two together.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/forge.rs"]
mod forge;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::{Debug, Write},
    panic::resume_unwind,
    thread,
    time::Duration,
};

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD},
};
use forge::{SECRET, forge, forge_claims, key, sign_text};
use hmac::{Hmac, KeyInit, Mac};
use jwt_codec::{
    Algorithm, Claim, Claims, Error, JsonType, Key, KeySet, NumericDate, Reason, Segment,
    UnverifiedToken, Validation, dangerous, decode, decode_borrowed, decode_header, encode,
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, IgnoredAny, MapAccess, Visitor},
};
use serde_json::{Value, json, value::RawValue};
use sha2::{Sha256, Sha512};

const NOW: i64 = 1_600_000_000;

/// Claims that the policy of these tests takes.
const GOOD: &str = r#"{"sub":"ada","exp":1600000060}"#;

/// The default policy.
fn policy() -> Validation {
    Validation::new().at(NumericDate::from_secs(NOW))
}

/// As [`policy`], for claims without `exp`.
fn lax() -> Validation {
    policy().allow_missing_exp()
}

fn set() -> KeySet {
    KeySet::new().with(key()).unwrap()
}

/// Decodes in every way there is, which must agree.
#[track_caller]
fn decode_every_way(token: &str, validation: &Validation) -> Result<Value, Error> {
    let result = decode::<Value>(token, &key(), validation);
    let mut buffer = b"left over from another token".to_vec();
    let borrowed = decode_borrowed::<Value>(token, &key(), validation, &mut buffer);
    assert_eq!(borrowed, result, "decode_borrowed differs for {token:.200}");
    let in_steps = UnverifiedToken::parse(token)
        .and_then(|token| token.verify(&key()))
        .and_then(|token| token.claims::<Value>(validation));
    assert_eq!(in_steps, result, "UnverifiedToken differs for {token:.200}");
    // Without `kid`, a set of one key is that key.
    if decode_header(token).is_ok_and(|header| header.kid().is_none()) {
        let by_set = decode::<Value>(token, &set(), validation);
        assert_eq!(by_set, result, "a key set differs for {token:.200}");
    }
    result.map(|data| data.claims)
}

#[track_caller]
fn accepted(token: &str, validation: &Validation) -> Value {
    decode_every_way(token, validation).unwrap_or_else(|error| panic!("{error}: {token:.200}"))
}

#[track_caller]
fn refused(token: &str, validation: &Validation) -> Error {
    match decode_every_way(token, validation) {
        Ok(claims) => panic!("accepted {claims}: {token:.200}"),
        Err(error) => tame(error),
    }
}

/// Whatever a token says, an error is one short line that a log can take.
#[track_caller]
fn tame(error: Error) -> Error {
    let (text, debug) = (error.to_string(), format!("{error:?}"));
    assert!(text.len() <= 1500 && debug.len() <= 8000, "too long an error: {text}");
    assert!(!text.contains(char::is_control), "a control character in {text:?}");
    error
}

#[track_caller]
fn assert_refused(token: &str, validation: &Validation, code: &str) {
    let error = refused(token, validation);
    assert_eq!(error.code(), code, "{error}: {token:.200}");
}

/// A token with these claims, under the default header, is refused so.
#[track_caller]
fn assert_claims_refused(claims: impl AsRef<[u8]>, validation: &Validation, code: &str) {
    let claims = claims.as_ref();
    let error = refused(&forge_claims(claims), validation);
    assert_eq!(error.code(), code, "{error}: {:.200}", String::from_utf8_lossy(claims));
}

fn malformed(segment: Segment, reason: Reason) -> Error {
    Error::Malformed { segment, reason }
}

/// What a text of so many segments is refused as.
fn segments(found: usize) -> Error {
    malformed(Segment::Token, Reason::SegmentCount { found })
}

fn base64url(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The text with the HS256 signature of another secret.
fn sign_with(secret: &[u8], signing_input: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
    mac.update(signing_input.as_bytes());
    format!("{signing_input}.{}", base64url(mac.finalize().into_bytes()))
}

/// A header and a payload, not signed yet.
fn unsigned(header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
    format!("{}.{}", base64url(header), base64url(payload))
}

fn header(alg: &str) -> String {
    json!({ "alg": alg, "typ": "JWT" }).to_string()
}

/// RFC 7518 §3.2: as many bytes as the hash has.
fn min_len(algorithm: Algorithm) -> usize {
    match algorithm {
        Algorithm::Hs256 => 32,
        Algorithm::Hs384 => 48,
        _ => 64,
    }
}

/// Runs it where a recursion as deep as the input would not fit. (`serde_json` reads 127 levels and
/// no more, which take a third of a megabyte without optimisation.)
fn on_a_small_stack(test: impl FnOnce() + Send + 'static) {
    let size = if cfg!(debug_assertions) { 512 * 1024 } else { 256 * 1024 };
    let thread = thread::Builder::new().stack_size(size).spawn(test).unwrap();
    if let Err(panic) = thread.join() {
        resume_unwind(panic);
    }
}

// The algorithm and the signature.

#[test]
fn alg_none_in_every_letter_case() {
    for letters in 0..16_u8 {
        let none: String = "none"
            .chars()
            .enumerate()
            .map(|(i, c)| if letters >> i & 1 == 1 { c.to_ascii_uppercase() } else { c })
            .collect();
        let found = none.clone();
        let expected = Error::AlgorithmMismatch { expected: Some(Algorithm::Hs256), found };
        let unsigned = unsigned(header(&none), GOOD);
        for token in [format!("{unsigned}."), format!("{unsigned}.AAAA"), sign_text(&unsigned)] {
            assert_eq!(refused(&token, &policy()), expected);
        }
    }
    for nearly in ["", " none", "none ", "none\u{0}", "ｎｏｎｅ", "null"] {
        assert_refused(&forge(header(nearly), GOOD), &policy(), "algorithm_mismatch");
    }
}

#[test]
fn signature_missing_or_cut_short() {
    let token = forge_claims(GOOD);
    assert_eq!(accepted(&token, &policy())["sub"], "ada");
    let dot = token.rfind('.').unwrap();
    assert_eq!(refused(&token[..dot], &policy()), segments(2));
    // Where the text ends within a byte it is not even base64url.
    let refusal = |signature: &str| match BASE64_URL_SAFE_NO_PAD.decode(signature) {
        Ok(_) => "invalid_signature",
        Err(_) => "malformed",
    };
    let mut codes = BTreeSet::new();
    for end in dot + 1..token.len() {
        let code = refused(&token[..end], &policy()).code();
        assert_eq!(code, refusal(&token[dot + 1..end]), "{end}");
        codes.insert(code);
    }
    assert_eq!(codes, BTreeSet::from(["invalid_signature", "malformed"]));
    for (more, code) in [
        ("A", "invalid_signature"),
        ("AA", "malformed"),
        ("AAA", "invalid_signature"),
        ("=", "malformed"),
        (".", "malformed"),
    ] {
        assert_refused(&format!("{token}{more}"), &policy(), code);
    }
    // The signature's own text, and its own bytes, twice.
    let text = &token[dot + 1..];
    assert_refused(&format!("{token}{text}"), &policy(), refusal(&text.repeat(2)));
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).unwrap();
    let twice = base64url(bytes.repeat(2));
    assert_refused(&format!("{}{twice}", &token[..=dot]), &policy(), "invalid_signature");
}

#[test]
fn signature_of_zeros() {
    let zeros = |len: usize| base64url(vec![0; len]);
    let own = unsigned(header("HS256"), GOOD);
    for len in [0, 1, 20, 31, 32, 33, 48, 64] {
        assert_refused(&format!("{own}.{}", zeros(len)), &policy(), "invalid_signature");
    }
    let ecdsa = unsigned(header("ES256"), GOOD);
    assert_refused(&format!("{ecdsa}.{}", zeros(64)), &policy(), "algorithm_mismatch");
}

#[test]
fn signature_of_another_token() {
    let (mine, wanted) = (forge_claims(r#"{"sub":"eve","exp":1600000060}"#), forge_claims(GOOD));
    let signature = &mine[mine.rfind('.').unwrap()..];
    let signing_input = &wanted[..wanted.rfind('.').unwrap()];
    assert_refused(&format!("{signing_input}{signature}"), &policy(), "invalid_signature");

    // Of the payload alone, of the header alone, of the bytes rather than their text.
    let (header, payload) = signing_input.split_once('.').unwrap();
    for wrong in [payload, header, GOOD] {
        let signed = sign_with(SECRET, wrong);
        let signature = &signed[signed.rfind('.').unwrap()..];
        assert_refused(&format!("{signing_input}{signature}"), &policy(), "invalid_signature");
    }
    // A dot moved: the same bytes in other segments would be another text, so another MAC.
    let moved = format!("{header}{}.{}", &payload[..4], &payload[4..]);
    let signature = &wanted[wanted.rfind('.').unwrap()..];
    assert_refused(&format!("{moved}{signature}"), &policy(), "malformed");
}

#[test]
fn alg_of_another_key() {
    for alg in [
        "HS384",
        "HS512",
        "RS256",
        "RS384",
        "RS512",
        "ES256",
        "ES256K",
        "ES384",
        "ES512",
        "PS256",
        "EdDSA",
        "Ed25519",
        "hs256",
        "Hs256",
        "HS256 ",
        " HS256",
        "HS256\u{0}",
        "HS-256",
        "HS2567",
        "HS25",
        "sha256",
        "HMACSHA256",
        "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
    ] {
        let error = refused(&forge(header(alg), GOOD), &policy());
        let expected = Some(Algorithm::Hs256);
        assert_eq!(error, Error::AlgorithmMismatch { expected, found: alg.into() });
    }

    // The same secret under another hash is another key, however right the signature.
    let secret = [7; 64];
    let keys = [Key::hs256(secret), Key::hs384(secret), Key::hs512(secret)].map(Result::unwrap);
    for signer in &keys {
        let token = encode(&json!({ "exp": NOW + 60 }), signer).unwrap();
        for verifier in &keys {
            let result = decode::<Value>(&token, verifier, &policy());
            if signer.algorithm() == verifier.algorithm() {
                assert!(result.is_ok());
                continue;
            }
            let found = signer.algorithm().to_string();
            let expected = Some(verifier.algorithm());
            let mismatch = Error::AlgorithmMismatch { expected, found };
            assert_eq!(result.unwrap_err(), mismatch);
            let set = KeySet::new().with(verifier.clone()).unwrap();
            assert_eq!(decode::<Value>(&token, &set, &policy()).unwrap_err(), mismatch);
            // No one key is the one that was meant.
            let set = set.with(verifier.clone()).unwrap();
            let error = decode::<Value>(&token, &set, &policy()).unwrap_err();
            let found = signer.algorithm().to_string();
            assert_eq!(error, Error::AlgorithmMismatch { expected: None, found });
        }
    }
}

#[test]
fn alg_says_one_hash_and_the_signature_is_of_another() {
    let unsigned = unsigned(header("HS256"), GOOD);
    let mut mac = Hmac::<Sha512>::new_from_slice(SECRET).unwrap();
    mac.update(unsigned.as_bytes());
    let tag = mac.finalize().into_bytes();
    for len in [32, 64] {
        let token = format!("{unsigned}.{}", base64url(&tag[..len]));
        assert_refused(&token, &policy(), "invalid_signature");
    }
}

#[test]
fn alg_missing_or_no_string() {
    let error = refused(&forge(r#"{"typ":"JWT"}"#, GOOD), &policy());
    assert_eq!(error, malformed(Segment::Header, Reason::MissingAlg));
    for (alg, found) in [
        ("null", JsonType::Null),
        ("true", JsonType::Bool),
        ("256", JsonType::Number),
        (r#"["HS256"]"#, JsonType::Array),
        (r#"{"HS256":1}"#, JsonType::Object),
    ] {
        let reason = Reason::ParameterType { name: "alg", expected: "a string", found };
        let token = forge(format!(r#"{{"alg":{alg},"typ":"JWT"}}"#), GOOD);
        assert_eq!(refused(&token, &policy()), malformed(Segment::Header, reason));
    }
    for name in ["kid", "typ", "cty"] {
        for value in ["null", "1", r#"["JWT"]"#, "{}", "false"] {
            let token = forge(format!(r#"{{"alg":"HS256","{name}":{value}}}"#), GOOD);
            assert_refused(&token, &policy(), "malformed");
        }
    }
}

const PEM: &str = "-----BEGIN PUBLIC KEY-----\n\
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEVs/o5+uQbTjL3chynL4wXgUg2R9\n\
    q9UU8I5mEovUf86QZ7kOBIjJwqnzD1omageEHWwHdBO6B+dFabmdT9POxg==\n\
    -----END PUBLIC KEY-----\n";
const EC_JWK: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;

#[test]
fn public_key_as_secret() {
    let labels = [
        "RSA PUBLIC KEY",
        "CERTIFICATE",
        "X509 CRL",
        "EC PRIVATE KEY",
        "OPENSSH PRIVATE KEY",
        "ENCRYPTED PRIVATE KEY",
        "PGP PUBLIC KEY BLOCK",
    ];
    let armoured = labels.map(|label| PEM.replace("PUBLIC KEY", label));
    let mut texts: Vec<String> = vec![
        PEM.into(),
        PEM.replace('\n', "\r\n"),
        PEM.replace('\n', " "),
        PEM.trim_end().into(),
        format!(" \t\r\n{PEM}"),
        format!("\u{feff}{PEM}"),
        format!("\u{a0}{PEM}"),
        format!("\u{b}\u{c}{PEM}"),
        format!("\u{0}{PEM}"),
        format!("# the key of production\n{PEM}"),
        format!("Bag Attributes\n    friendlyName: api\n{PEM}"),
        format!("\"{}\"", PEM.replace('\n', "\\n")),
        PEM.replace("-----B", "---- B").replace("-----E", "---- E").replace("-----", " ----"),
        "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: ada\n".into(),
    ];
    texts.extend(armoured);
    let blob = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl ada@example";
    for kind in [
        "ssh-rsa",
        "ssh-dss",
        "ssh-ed25519",
        "ssh-ed448",
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp521",
        "sk-ssh-ed25519@openssh.com",
        "sk-ecdsa-sha2-nistp256@openssh.com",
        "ssh-rsa-cert-v01@openssh.com",
        "ssh-ed25519-cert-v01@openssh.com",
        "ecdsa-sha2-nistp384-cert-v01@openssh.com",
    ] {
        texts.push(format!("{kind} {blob}"));
        texts.push(format!("\n {kind}\t{blob}\n"));
    }
    texts.push(EC_JWK.into());
    texts.push(format!(" \n\t{EC_JWK}\n"));
    texts.push(format!("\u{feff}{EC_JWK}"));
    texts.push(format!(r#"{{"keys":[{EC_JWK}]}}"#));
    texts.push(
        serde_json::to_string_pretty(&serde_json::from_str::<Value>(EC_JWK).unwrap()).unwrap(),
    );
    texts.push(EC_JWK.replace(r#""kty":"#, r#""kty" : "#));

    for text in &texts {
        // The attack: a token signed with what everybody knows.
        let forged = sign_with(text.as_bytes(), &unsigned(header("HS256"), GOOD));
        for algorithm in [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512] {
            let oct = json!({ "kty": "oct", "alg": algorithm, "k": base64url(text) });
            let keys = [
                Key::new(algorithm, text),
                Key::from_base64url(algorithm, &base64url(text)),
                Key::from_jwk(&oct.to_string()),
                dangerous::short_key(algorithm, text),
            ];
            for made in keys {
                if let Ok(key) = &made {
                    assert!(decode::<Value>(&forged, key, &policy()).is_err(), "let in by {text}");
                }
                let error = tame(made.expect_err(text));
                assert_eq!(error.code(), "invalid_key", "{text}");
                assert!(!format!("{error} {error:?}").contains(&text[..20]), "{error}");
            }
        }
    }
    // Secrets that only resemble one are secrets.
    for text in [
        "{at least 32 bytes, better random}",
        "my ssh key is not here, just 32 bytes",
        "----- at least 32 bytes, better random",
    ] {
        assert!(Key::hs256(text).is_ok(), "{text}");
    }
}

/// The same as bytes, and in base64 without its armour.
#[test]
fn public_key_in_der_or_base64_as_secret() {
    let blob = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
    let armour: String = PEM.lines().filter(|line| !line.starts_with('-')).collect();
    let der = BASE64_STANDARD.decode(&armour).unwrap();
    let ssh = BASE64_STANDARD.decode(blob).unwrap();
    let utf16 = |big: bool| -> Vec<u8> {
        let bytes = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
        PEM.encode_utf16().flat_map(bytes).collect()
    };
    for secret in [
        der.clone(),
        armour.clone().into_bytes(),
        armour.replace('+', "-").replace('/', "_").into_bytes(),
        format!("{}\n{}\n", &armour[..64], &armour[64..]).into_bytes(),
        BASE64_STANDARD.encode(PEM).into_bytes(),
        base64url(PEM).into_bytes(),
        ssh.clone(),
        BASE64_STANDARD.encode(&ssh).into_bytes(),
        utf16(false),
        utf16(true),
        EC_JWK.replace('"', "\\\"").into_bytes(),
        EC_JWK.replace('"', "'").into_bytes(),
        PEM.to_lowercase().into_bytes(),
        b"<RSAKeyValue><Modulus>AQAB</Modulus><Exponent>AQAB</Exponent></RSAKeyValue>".to_vec(),
    ] {
        let shown = String::from_utf8_lossy(&secret).into_owned();
        for made in [
            Key::hs256(&secret),
            Key::from_base64(Algorithm::Hs256, &BASE64_STANDARD.encode(&secret)),
            Key::from_base64url(Algorithm::Hs256, &base64url(&secret)),
            Key::from_hex(Algorithm::Hs256, &hex(&secret)),
            dangerous::short_key(Algorithm::Hs256, &secret),
        ] {
            assert_eq!(tame(made.expect_err(&shown)).code(), "invalid_key", "{shown}");
        }
    }
}

/// Every key of `tests/keys`, public or private, and the bytes in its PEM text.
#[test]
fn every_form_of_key_as_secret() {
    let mut labels = BTreeMap::<String, u32>::new();
    for line in include_str!("keys/keys.jsonl").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let (form, text) = (case["form"].as_str().unwrap(), case["key"].as_str().unwrap());
        if case["expect"] != "ok" {
            continue;
        }
        let (label, bytes) = match form {
            "jwk" => ("JWK", text.as_bytes().to_vec()),
            "der" => ("DER", BASE64_URL_SAFE_NO_PAD.decode(text).unwrap()),
            _ => {
                let (_, block) = text.split_once("-----BEGIN ").unwrap();
                let (label, block) = block.split_once("-----").unwrap();
                let (block, _) = block.split_once("-----END ").unwrap();
                let block: String = block.split_ascii_whitespace().collect();
                assert_eq!(Key::hs256(text).unwrap_err().code(), "invalid_key", "{text}");
                (label, BASE64_STANDARD_NO_PAD.decode(block.trim_end_matches('=')).unwrap())
            }
        };
        *labels.entry(label.to_owned()).or_default() += 1;
        for secret in [bytes.clone(), BASE64_STANDARD.encode(&bytes).into_bytes()] {
            let made = dangerous::short_key(Algorithm::Hs256, secret);
            assert_eq!(made.expect_err(text).code(), "invalid_key", "{text}");
        }
    }
    let labels: Vec<(&str, u32)> = labels.iter().map(|(label, n)| (label.as_str(), *n)).collect();
    let expected = [
        ("DER", 40),
        ("EC PRIVATE KEY", 4),
        ("JWK", 15),
        ("PRIVATE KEY", 11),
        ("PUBLIC KEY", 22),
        ("RSA PRIVATE KEY", 4),
        ("RSA PUBLIC KEY", 1),
    ];
    assert_eq!(labels, expected);
}

/// What is so like the DER of a key that it is refused, and what only resembles it.
#[test]
fn secrets_that_look_like_der() {
    fn der(tag: u8, content: &[u8]) -> Vec<u8> {
        let len = u8::try_from(content.len()).unwrap();
        let head = if len < 0x80 { vec![tag, len] } else { vec![tag, 0x81, len] };
        [head, content.to_vec()].concat()
    }
    let number = |start: [u8; 2], len: usize| der(2, &[&start[..], &vec![7; len - 2]].concat());
    let short_key = |secret| dangerous::short_key(Algorithm::Hs256, secret);
    let is_key = |fields: &[&[u8]]| match short_key(der(0x30, &fields.concat())) {
        Ok(_) => false,
        Err(error) => {
            assert_eq!(error.code(), "invalid_key");
            true
        }
    };
    let (zero, one, exponent) = (&[2, 1, 0][..], &[2, 1, 1][..], &[2, 3, 1, 0, 1][..]);

    // RSA by its own (PKCS#1): a modulus is longer than any secret, and positive by a zero in front.
    assert!(is_key(&[&number([0, 0x80], 65), exponent]));
    assert!(is_key(&[&number([0, 0xff], 120), exponent]));
    assert!(is_key(&[zero, &number([0, 0x80], 65), exponent]));
    assert!(!is_key(&[&number([0, 0x80], 64), exponent]));
    assert!(!is_key(&[&number([0, 0x7f], 65), exponent]));
    assert!(!is_key(&[&number([1, 0x80], 65), exponent]));
    assert!(!is_key(&[zero, &number([0, 0x7f], 65), exponent]));

    // An elliptic curve's private key (RFC 5915): the version and a number as long as its curve's.
    for len in 24..=70 {
        let is_length_of_a_curve = matches!(len, 28 | 32 | 48 | 66);
        assert_eq!(is_key(&[one, &der(4, &vec![7; len])]), is_length_of_a_curve, "{len}");
    }
    assert!(!is_key(&[&[2, 1, 2], &der(4, &[7; 32])]));

    // An algorithm's identifier, behind the version (PKCS#8) or first (SPKI).
    let ed25519 = der(0x30, &[6, 3, 0x2b, 0x65, 0x70]);
    let other = der(0x30, &[6, 3, 0x2b, 0x65, 0x72]);
    for (identifier, is_known) in [(&ed25519, true), (&other, false)] {
        assert_eq!(is_key(&[zero, identifier, &der(4, &der(4, &[7; 32]))]), is_known);
        assert_eq!(is_key(&[one, identifier, &der(4, &der(4, &[7; 32]))]), is_known);
        assert_eq!(is_key(&[identifier, &der(3, &[7; 33])]), is_known);
    }
    // A certificate of version 3 has its number behind the version.
    assert!(is_key(&[&der(0x30, &[0xa0, 3, 2, 1, 2, 2, 1, 7]), &[7; 32]]));
    assert!(!is_key(&[&der(0x30, &[0xa0, 3, 2, 1, 3, 2, 1, 7]), &[7; 32]]));

    // Cut off, it is none.
    let whole = der(0x30, &[one, &der(4, &[7; 32])].concat());
    assert!(short_key(whole.clone()).is_err());
    assert!(short_key(whole[..whole.len() - 1].to_vec()).is_ok());
}

/// The lines of `authorized_keys` and `known_hosts`: the key type is not at their beginning.
#[test]
fn ssh_key_behind_options_or_hosts_as_secret() {
    let blob = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
    for line in [
        format!("# deploy key\nssh-ed25519 {blob}"),
        format!("no-pty,command=\"/bin/true\" ssh-ed25519 {blob} ada@example"),
        format!("git.example,192.0.2.1 ssh-ed25519 {blob}"),
        format!("@cert-authority *.example ssh-rsa {blob}"),
        format!("restrict ecdsa-sha2-nistp256 {blob}"),
    ] {
        let error = Key::hs256(&line).expect_err(&line);
        assert_eq!(error.code(), "invalid_key", "{line}");
    }
}

#[test]
fn empty_secret() {
    let token = sign_with(b"", &unsigned(header("HS256"), GOOD));
    for algorithm in [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512] {
        let weak = Error::WeakKey { algorithm, len: 0, min: min_len(algorithm) };
        assert_eq!(Key::new(algorithm, "").unwrap_err(), weak);
        assert_eq!(Key::from_base64url(algorithm, "").unwrap_err(), weak);
        assert_eq!(dangerous::short_key(algorithm, []).unwrap_err(), weak);
        let jwk = format!(r#"{{"kty":"oct","alg":"{algorithm}","k":""}}"#);
        assert_eq!(Key::from_jwk(&jwk).unwrap_err(), weak);
    }
    assert_eq!(Key::from_jwk(r#"{"kty":"oct","alg":"HS256"}"#).unwrap_err().code(), "invalid_key");

    // A lookup that finds nothing is no empty key either.
    for set in [KeySet::new(), KeySet::from_jwks(r#"{"keys":[]}"#).unwrap()] {
        let error = decode::<Value>(&token, &set, &policy()).unwrap_err();
        assert_eq!(error.code(), "algorithm_mismatch");
        let named = sign_with(b"", &unsigned(r#"{"alg":"HS256","kid":"a"}"#, GOOD));
        let error = decode::<Value>(&named, &set, &policy()).unwrap_err();
        assert_eq!(error, Error::UnknownKey { kid: Some("a".into()) });
    }
    assert_refused(&token, &policy(), "invalid_signature");
}

#[test]
fn short_secret() {
    for algorithm in [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512] {
        let min = min_len(algorithm);
        for len in [1, 6, 16, min - 1] {
            let secret = vec![b'x'; len];
            let weak = Error::WeakKey { algorithm, len, min };
            assert_eq!(Key::new(algorithm, &secret).unwrap_err(), weak);
            assert_eq!(Key::from_base64url(algorithm, &base64url(&secret)).unwrap_err(), weak);
            let jwk = json!({ "kty": "oct", "alg": algorithm, "k": base64url(&secret) });
            assert_eq!(Key::from_jwk(&jwk.to_string()).unwrap_err(), weak);
            let set = KeySet::from_jwks(&json!({ "keys": [jwk] }).to_string()).unwrap();
            assert_eq!((set.len(), &set.skipped()[0].error), (0, &weak));
        }
        assert!(Key::new(algorithm, vec![b'x'; min]).is_ok());
    }
    assert_eq!(Key::hs256("secret").unwrap_err().code(), "weak_key");
}

#[test]
fn embedded_keys_are_never_used() {
    let evil = b"the attacker's own secret, long enough";
    let k = base64url(evil);
    let jwk = format!(r#"{{"kty":"oct","alg":"HS256","k":"{k}"}}"#);
    for member in [
        format!(r#""jwk":{jwk}"#),
        format!(r#""jwk":{jwk},"kid":"evil""#),
        r#""jku":"https://evil.example/jwks.json""#.into(),
        r#""jku":"file:///etc/passwd""#.into(),
        r#""x5u":"https://evil.example/cert.pem""#.into(),
        format!(r#""x5c":["{k}"]"#),
        format!(r#""x5t":"{k}","x5t#S256":"{k}""#),
        format!(r#""k":"{k}""#),
        format!(r#""keys":[{jwk}]"#),
        format!(r#""iss":"https://evil.example","epk":{jwk}"#),
    ] {
        let header = format!(r#"{{"alg":"HS256","typ":"JWT",{member}}}"#);
        let forged = sign_with(evil, &unsigned(&header, GOOD));
        assert_eq!(refused(&forged, &policy()), Error::InvalidSignature, "{member}");
        // Under the right signature they are text like any other.
        assert_eq!(accepted(&forge(&header, GOOD), &policy())["sub"], "ada", "{member}");
    }
    // Of any JSON type.
    for value in ["null", "[]", "{}", "1", "\"\""] {
        let header =
            format!(r#"{{"alg":"HS256","jwk":{value},"jku":{value},"x5c":{value},"x5u":{value}}}"#);
        accepted(&forge(header, GOOD), &policy());
    }
}

#[test]
fn kid_as_path_query_or_binary() {
    for kid in [
        "../../../../dev/null",
        "..\\..\\windows\\win.ini",
        "/proc/sys/kernel/randomize_va_space",
        "' UNION SELECT 'secret",
        "a\"; DROP TABLE keys; --",
        "$(curl evil.example)",
        "`id`",
        "%2e%2e%2f",
        "a\u{0}",
        "\u{0}",
        "",
        " ",
        "a ",
        "A",
        "a\n",
        "\u{1b}[2J\u{7}",
        "\u{202e}a",
        "a\u{301}",
        "{\"$ne\":null}",
        "*",
        "\u{10ffff}",
    ] {
        let header = json!({ "alg": "HS256", "kid": kid }).to_string();
        let token = forge(&header, GOOD);
        let unknown = Error::UnknownKey { kid: Some(kid.into()) };
        let named = key().with_id("a");
        assert_eq!(decode::<Value>(&token, &named, &policy()).unwrap_err(), unknown, "{kid:?}");
        let set = KeySet::new().with(named).unwrap().with(key()).unwrap();
        let error = tame(decode::<Value>(&token, &set, &policy()).unwrap_err());
        assert_eq!(error, unknown, "{kid:?}");
        assert!(!set.contains(kid));
        // A key without an id is not chosen by `kid`, so the signature decides.
        assert_eq!(accepted(&token, &policy())["sub"], "ada");
        // The same text as an id finds its key, and no other.
        let set = KeySet::new().with(key().with_id(kid)).unwrap();
        assert!(decode::<Value>(&token, &set, &policy()).is_ok(), "{kid:?}");
    }
}

#[test]
fn kid_of_another_key() {
    let other = Key::hs256(b"the secret of quite another tenant").unwrap();
    let set = KeySet::new()
        .with(key().with_id("a"))
        .unwrap()
        .with(other.clone().with_id("b"))
        .unwrap()
        .with(Key::hs384([9; 48]).unwrap().with_id("c"))
        .unwrap();
    let code = |kid: &str| {
        let token = forge(json!({ "alg": "HS256", "kid": kid }).to_string(), GOOD);
        decode::<Value>(&token, &set, &policy()).map_or_else(|error| error.code(), |_| "ok")
    };
    // There is no falling back to another key that the signature would fit.
    assert_eq!(code("a"), "ok");
    assert_eq!(code("b"), "invalid_signature");
    assert_eq!(code("c"), "algorithm_mismatch");
    assert_eq!(code("d"), "unknown_key");
    assert_eq!(set.clone().with(other.with_id("a")).unwrap_err().code(), "invalid_key");
}

#[test]
fn key_of_another_issuer() {
    let theirs = Key::hs256(b"the secret of quite another tenant").unwrap().with_id("b");
    let set = |bound: bool| {
        let bind = |key: Key, issuer| if bound { key.with_issuer(issuer) } else { key };
        KeySet::new()
            .with(bind(key().with_id("a"), "tenant-a"))
            .and_then(|set| set.with(bind(theirs.clone(), "tenant-b")))
            .unwrap()
    };
    let validation = lax().issuers(["tenant-a", "tenant-b"]);
    let token = encode(&json!({ "iss": "tenant-a" }), &theirs).unwrap();
    assert!(decode::<Value>(&token, &set(false), &validation).is_ok(), "keys that are not bound");
    let error = decode::<Value>(&token, &set(true), &validation).unwrap_err();
    assert_eq!(tame(error).code(), "invalid_issuer");
}

#[test]
fn kid_of_a_megabyte() {
    on_a_small_stack(|| {
        let token = forge(format!(r#"{{"alg":"HS256","kid":"{}"}}"#, "k".repeat(1 << 20)), GOOD);
        let error = refused(&token, &policy());
        assert_eq!(error, Error::TokenTooLong { len: token.len(), max: 65_536 });
        let wide = policy().max_token_len(usize::MAX);
        let len = token.find('.').unwrap();
        for error in [
            decode::<Value>(&token, &key(), &wide).unwrap_err(),
            decode::<Value>(&token, &set(), &wide).unwrap_err(),
        ] {
            let reason = Reason::TooLong { len, max: 8192 };
            assert_eq!(tame(error), malformed(Segment::Header, reason));
        }
        // The longest that is read is cut in the error.
        let kid = "é".repeat(2000);
        let token = forge(json!({ "alg": "HS256", "kid": kid }).to_string(), GOOD);
        let kid = "é".repeat(63) + "…";
        let error = decode::<Value>(&token, &KeySet::new(), &policy()).unwrap_err();
        assert_eq!(tame(error), Error::UnknownKey { kid: Some(kid) });
    });
}

/// The limit on the header holds whoever wrote it.
#[test]
fn header_over_its_limit() {
    let with_text_of = |len: usize| {
        let json = format!(r#"{{"alg":"HS256","x":"{}"}}"#, "x".repeat(len / 4 * 3 - 22));
        let text = base64url(json);
        assert_eq!(text.len(), len);
        text
    };
    let payload = base64url(GOOD);
    accepted(&sign_text(&format!("{}.{payload}", with_text_of(8192))), &policy());
    let error = refused(&sign_text(&format!("{}.{payload}", with_text_of(8196))), &policy());
    let reason = Reason::TooLong { len: 8196, max: 8192 };
    assert_eq!(error, malformed(Segment::Header, reason));

    // A key's own header is no exception: every way of decoding says the same.
    let key = key().with_id("x".repeat(10_000));
    if let Ok(token) = encode(&json!({ "exp": NOW + 60 }), &key) {
        let whole = decode::<Value>(&token, &key, &policy()).map(|data| data.claims);
        let in_steps = UnverifiedToken::parse(&token)
            .and_then(|token| token.verify(&key))
            .and_then(|token| token.claims::<Value>(&policy()))
            .map(|data| data.claims);
        assert_eq!(whole, in_steps);
    }
}

#[test]
fn pbes2_count_costs_nothing() {
    let header = r#"{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","p2s":"AAAA","p2c":2147483647}"#;
    assert_refused(&forge(header, GOOD), &policy(), "algorithm_mismatch");
    let jwe = format!("{}.AAAA.AAAA.AAAA.AAAA", base64url(header));
    assert_refused(&jwe, &policy(), "malformed");
}

#[test]
fn compressed_payload_is_not_inflated() {
    // `{"exp":1600000060}` in a stored DEFLATE block.
    let stored = b"\x01\x12\x00\xed\xff{\"exp\":1600000060}";
    let header = r#"{"alg":"HS256","zip":"DEF"}"#;
    assert_refused(&forge(header, stored), &policy(), "malformed");
    assert_eq!(accepted(&forge(header, GOOD), &policy())["sub"], "ada");
}

#[test]
fn secret_and_expected_signature_stay_hidden() {
    let secret = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_.";
    let texts = [secret.to_owned(), base64url(secret)];
    let key = Key::hs512(secret).unwrap().with_id("a");
    let token = encode(&json!({ "exp": NOW + 60 }), &key).unwrap();
    let signature = &token[token.rfind('.').unwrap() + 1..];
    let forged = token.replace(signature, &"A".repeat(signature.len()));
    let error = decode::<Value>(&forged, &key, &policy()).unwrap_err();
    assert_eq!(error, Error::InvalidSignature);

    let set = KeySet::new().with(key.clone()).unwrap();
    let jwk = |k: &str| format!(r#"{{"kty":"oct","alg":"HS512","k":"{k}"}}"#);
    let mut shown = vec![
        format!("{error} {error:?}"),
        format!("{key:?} {key:#?} {set:?} {set:#?}"),
        format!("{:?}", UnverifiedToken::parse(&forged).unwrap().verify(&key)),
        format!("{:?}", set.clone().with(key.clone())),
        format!("{:?}", Key::hs512(&secret[..63])),
        format!("{:?}", Key::from_base64url(Algorithm::Hs512, secret)),
        format!("{:?}", Key::from_jwk(&jwk(secret))),
        format!("{:?}", Key::from_jwk(&jwk(&base64url(secret)))),
        format!("{:?}", Key::from_jwk(secret)),
        format!("{:?}", Key::from_jwk(&jwk(&texts[1]).replace("oct", "RSA"))),
        format!("{:?}", Key::from_jwk(&jwk(&texts[1]).replace("HS512", "HS1"))),
        format!("{:?}", Key::from_jwk(&jwk(&texts[1]).replace(r#""k":"#, r#""k":1,"k":"#))),
        format!("{:?}", Key::from_jwk(&jwk(&format!("{}\\ud800", texts[1])))),
        format!("{:?}", KeySet::from_jwks(&format!(r#"{{"keys":[{},1]}}"#, jwk(&texts[1])))),
        format!("{:?}", KeySet::from_jwks(&format!(r#"{{"keys":"{}"}}"#, texts[1]))),
    ];
    shown.push(format!("{:?}", Key::hs256(format!("-----BEGIN PUBLIC KEY-----{secret}"))));
    for text in shown {
        assert!(!text.contains(&signature[..8]), "shows the signature: {text}");
        for secret in &texts {
            let leak = (0..secret.len() - 8).find(|&i| text.contains(&secret[i..i + 8]));
            assert_eq!(leak, None, "shows the secret: {text}");
        }
    }
}

// What comes first.

#[test]
fn expired_and_forged_says_forged() {
    let expired = r#"{"exp":1}"#;
    let forged =
        sign_with(b"another secret of 32 bytes or more", &unsigned(header("HS256"), expired));
    let error = refused(&forged, &policy());
    assert_eq!(error, Error::InvalidSignature);
    assert!(!error.is_expired());
    assert!(refused(&forge_claims(expired), &policy()).is_expired());
}

#[test]
fn claims_never_matter_before_the_signature() {
    for payload in [
        r#"{"exp":1}"#,
        r#"{"exp":"never"}"#,
        r#"{"nbf":99999999999}"#,
        r#"{"iss":"evil","aud":"evil","sub":"evil"}"#,
        r#"{"exp":1,"exp":2}"#,
        "{}",
        "",
        "[]",
        "null",
        "not JSON",
        "{\"a\":",
    ] {
        let token = sign_with(b"wrong", &unsigned(header("HS256"), payload));
        let strict = policy().issuer("a").audience("b").subject("c").require("d");
        assert_eq!(refused(&token, &strict), Error::InvalidSignature, "{payload}");
    }
    // Not even its base64url is looked at.
    for payload in ["!", "a", "=", " ", "é", "AB", "%2e"] {
        let input = format!("{}.{payload}", base64url(header("HS256")));
        assert_eq!(refused(&sign_with(b"wrong", &input), &policy()), Error::InvalidSignature);
        let error = refused(&sign_text(&input), &policy());
        assert_eq!(error.code(), "malformed", "{payload}");
    }
}

#[test]
fn each_fault_hides_the_later_ones() {
    // All faults at once; mending the first brings up the next.
    let steps: [(&str, &str, &str); 7] = [
        (r#"{"alg":1,"crit":["x"],"typ":"x"}"#, "malformed", "wrong"),
        (r#"{"alg":"none","kid":"z","crit":["x"],"typ":"x"}"#, "unknown_key", "wrong"),
        (r#"{"alg":"none","kid":"a","crit":["x"],"typ":"x"}"#, "algorithm_mismatch", "wrong"),
        (r#"{"alg":"HS256","kid":"a","crit":[],"typ":"x"}"#, "malformed", "wrong"),
        (r#"{"alg":"HS256","kid":"a","crit":["x"],"typ":"x"}"#, "unsupported_critical", "wrong"),
        (r#"{"alg":"HS256","kid":"a","b64":false,"typ":"x"}"#, "unsupported_critical", "wrong"),
        (r#"{"alg":"HS256","kid":"a","typ":"x"}"#, "invalid_signature", "wrong"),
    ];
    let key = key().with_id("a");
    let set = KeySet::new().with(key.clone()).unwrap();
    for (header, code, secret) in steps {
        let token = sign_with(secret.as_bytes(), &unsigned(header, r#"{"exp":1"#));
        for error in [
            decode::<Value>(&token, &key, &policy()).unwrap_err(),
            decode::<Value>(&token, &set, &policy()).unwrap_err(),
        ] {
            assert_eq!(error.code(), code, "{header}");
        }
    }
    // Now signed. Types, presence, exp, nbf, iat, lifetime, iss, aud, sub, typ, the type asked for.
    let all = policy()
        .max_age(Duration::from_secs(10))
        .max_lifetime(Duration::from_secs(5))
        .issuer("i")
        .audience("a")
        .subject("s")
        .require("custom");
    let steps = [
        (r#"{"exp":1,"nbf":9999999999,"iat":0,"iss":"x","aud":"x","sub":"x""#, "malformed"),
        (r#"{"exp":1,"nbf":9999999999,"iat":0,"iss":"x","aud":1,"sub":"x"}"#, "invalid_claim_type"),
        (r#"{"exp":1,"nbf":9999999999,"iat":0,"iss":"x","aud":"x","sub":"x"}"#, "missing_claim"),
        (
            r#"{"exp":1,"nbf":9999999999,"iat":0,"iss":"x","aud":"x","sub":"x","custom":1}"#,
            "expired",
        ),
        (
            r#"{"exp":1600000060,"nbf":9999999999,"iat":0,"iss":"x","aud":"x","sub":"x","custom":1}"#,
            "not_yet_valid",
        ),
        (
            r#"{"exp":1600000060,"nbf":1,"iat":0,"iss":"x","aud":"x","sub":"x","custom":1}"#,
            "too_old",
        ),
        (
            r#"{"exp":1600000060,"nbf":1,"iat":1600000000,"iss":"x","aud":"x","sub":"x","custom":1}"#,
            "too_old",
        ),
        (
            r#"{"exp":1600000001,"nbf":1,"iat":1600000000,"iss":"x","aud":"x","sub":"x","custom":1}"#,
            "invalid_issuer",
        ),
        (
            r#"{"exp":1600000001,"nbf":1,"iat":1600000000,"iss":"i","aud":"x","sub":"x","custom":1}"#,
            "invalid_audience",
        ),
        (
            r#"{"exp":1600000001,"nbf":1,"iat":1600000000,"iss":"i","aud":"a","sub":"x","custom":1}"#,
            "invalid_subject",
        ),
        (
            r#"{"exp":1600000001,"nbf":1,"iat":1600000000,"iss":"i","aud":"a","sub":"s","custom":1}"#,
            "unexpected_type",
        ),
    ];
    for (payload, code) in steps {
        let token = forge(r#"{"alg":"HS256","typ":"x"}"#, payload);
        // The type asked for refuses them all, and is heard last.
        let error = decode::<Vec<u8>>(&token, &self::key(), &all).unwrap_err();
        assert_eq!(error.code(), code, "{payload}");
        assert_refused(&token, &all, code);
    }
    let token = forge(r#"{"alg":"HS256"}"#, steps[10].0);
    let error = decode::<Vec<u8>>(&token, &self::key(), &all).unwrap_err();
    assert_eq!(error.code(), "claims_mismatch");
    assert!(decode::<Value>(&token, &self::key(), &all).is_ok());
}

// The text.

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

// The JSON.

#[test]
fn nesting_in_the_header() {
    on_a_small_stack(|| {
        for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
            for (depth, closed) in [(127, true), (500, true), (900, true), (900, false)] {
                let inner = if open == "[" { "" } else { "1" };
                let close = if closed { close.repeat(depth) } else { String::new() };
                let x = format!("{}{inner}{close}", open.repeat(depth));
                // What nobody looks at is passed over, without recursion.
                let token = forge(format!(r#"{{"alg":"HS256","x":{x}}}"#), GOOD);
                if closed {
                    accepted(&token, &policy());
                } else {
                    assert_refused(&token, &policy(), "malformed");
                }
                for header in [
                    format!(r#"{{"alg":{x}}}"#),
                    format!(r#"{{"alg":"HS256","kid":{x}}}"#),
                    format!(r#"{{"alg":"HS256","crit":{x}}}"#),
                    format!(r#"{{"alg":"HS256","crit":["x",{x}]}}"#),
                    x,
                ] {
                    assert_refused(&forge(&header, GOOD), &policy(), "malformed");
                }
            }
        }
        // Deeper does not fit under the limit.
        let header =
            format!(r#"{{"alg":"HS256","x":{}{}}}"#, "[".repeat(10_000), "]".repeat(10_000));
        assert_refused(&forge(header, GOOD), &policy(), "malformed");
    });
}

#[test]
fn nesting_in_the_payload() {
    fn code<C: DeserializeOwned>(token: &str, validation: &Validation) -> &'static str {
        let validation = validation.clone().max_token_len(1 << 20);
        let by_set = decode::<C>(token, &set(), &validation).map(drop).map_err(tame);
        assert_eq!(decode::<C>(token, &key(), &validation).map(drop), by_set);
        by_set.map_or_else(|error| error.code(), |()| "ok")
    }

    on_a_small_stack(|| {
        let deep = |open: &str, inner: &str, close: &str| {
            format!("{}{inner}{}", open.repeat(10_000), close.repeat(10_000))
        };
        for value in [deep("[", "", "]"), deep(r#"{"a":"#, "1", "}")] {
            // A type that looks has a limit; one that passes over it does not care.
            let token = forge_claims(format!(r#"{{"x":{value}}}"#));
            for validation in [lax(), lax().require("x")] {
                assert_eq!(code::<Value>(&token, &validation), "claims_mismatch");
                assert_eq!(code::<Claims<Value>>(&token, &validation), "claims_mismatch");
                assert_eq!(code::<Claims<()>>(&token, &validation), "ok");
                assert_eq!(code::<Box<RawValue>>(&token, &validation), "ok");
                assert_eq!(code::<IgnoredAny>(&token, &validation), "ok");
            }
            assert_eq!(code::<IgnoredAny>(&token, &lax().require("y")), "missing_claim");
            assert_eq!(code::<Value>(&token, &policy()), "missing_claim");
            // A policy that names its value looks at it.
            assert_eq!(code::<IgnoredAny>(&token, &lax().claim("x", 1)), "malformed");

            for name in ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"] {
                let token = forge_claims(format!(r#"{{"{name}":{value}}}"#));
                assert_eq!(code::<Value>(&token, &lax()), "invalid_claim_type", "{name}");
                assert_eq!(code::<Claims<()>>(&token, &lax()), "invalid_claim_type", "{name}");
                assert_eq!(code::<IgnoredAny>(&token, &lax()), "invalid_claim_type", "{name}");
                assert_eq!(code::<Box<RawValue>>(&token, &lax()), "invalid_claim_type", "{name}");
            }
            let token = forge_claims(format!(r#"{{"aud":["a",{value}]}}"#));
            assert_eq!(code::<IgnoredAny>(&token, &lax().audience("a")), "invalid_claim_type");
            let token = forge_claims(format!(r#"{{"sub":{value}}}"#));
            let loose = lax().allow_non_string_subject();
            assert_eq!(code::<IgnoredAny>(&token, &loose), "ok");
            assert_eq!(code::<Claims<()>>(&token, &loose), "claims_mismatch");
            assert_eq!(code::<IgnoredAny>(&token, &loose.subject("a")), "invalid_subject");
        }
        // Not closed, or no object at the top.
        for claims in [
            "[".repeat(10_000),
            deep("[", "", "]"),
            r#"{"a":"#.repeat(10_000),
            r#"{"exp":["#.repeat(10_000),
            format!(r#"{{"exp":1600000060,"x":{}}}"#, "[".repeat(10_000)),
            format!(r#"{{"exp":1600000060,"x":{}}}"#, "]".repeat(10_000)),
        ] {
            let token = forge_claims(&claims);
            assert_eq!(code::<Value>(&token, &lax()), "malformed", "{claims:.20}");
            assert_eq!(code::<IgnoredAny>(&token, &lax()), "malformed", "{claims:.20}");
            assert_eq!(code::<Claims<()>>(&token, &lax()), "malformed", "{claims:.20}");
        }
    });
}

/// JSON that starts anew inside a string, under a name that `serde_json` keeps for itself: each
/// level would count its nesting from zero. Spelt so that a level costs the length of its brackets.
fn nested_in_strings(levels: usize, brackets: usize, innermost: &str) -> String {
    let (open, close) = ("[".repeat(brackets), "]".repeat(brackets));
    (0..levels).fold(innermost.to_owned(), |json, _| {
        let mut string = String::new();
        for c in json.chars() {
            match c {
                '"' => string.push_str("\\u0022"),
                '\\' => string.push_str("\\u005c"),
                c => string.push(c),
            }
        }
        format!(r#"{open}{{"$serde_json::private::RawValue":"{string}"}}{close}"#)
    })
}

#[test]
fn json_in_strings_does_not_nest_in_the_header() {
    // What a decode looks at is an object, whatever the parser of values would make of it.
    for value in ["\"HS256\"", "true", "1", "[\"x\"]"] {
        let hidden = nested_in_strings(1, 0, value);
        for (header, code) in [
            (format!(r#"{{"alg":{hidden}}}"#), "malformed"),
            (format!(r#"{{"alg":"HS256","kid":{hidden}}}"#), "malformed"),
            (format!(r#"{{"alg":"HS256","typ":{hidden}}}"#), "malformed"),
            (format!(r#"{{"alg":"HS256","cty":{hidden}}}"#), "malformed"),
            (format!(r#"{{"alg":"HS256","crit":{hidden}}}"#), "malformed"),
            (format!(r#"{{"alg":"HS256","crit":[{hidden}]}}"#), "malformed"),
            (format!(r#"{{"alg":"HS256","b64":{hidden}}}"#), "unsupported_critical"),
            (format!(r#"{{"alg":"HS256",{}"#, &hidden[1..]), "malformed"),
        ] {
            let escaped = header.replace("$serde", "\\u0024serde");
            for header in [header, escaped] {
                let error = decode::<Value>(&forge(&header, GOOD), &key(), &policy()).unwrap_err();
                assert_eq!(error.code(), code, "{header}");
            }
        }
        // The others mean what it makes of them.
        for x in [hidden.clone(), format!("[{hidden}]"), format!(r#"{{"y":{hidden}}}"#)] {
            let header = format!(r#"{{"alg":"HS256","x":{x}}}"#);
            let header = decode_header(&forge(header, GOOD)).unwrap();
            assert_eq!(header.get("x"), serde_json::from_str(&x).ok(), "{x}");
        }
    }
    on_a_small_stack(|| {
        for levels in [3, 14] {
            let header =
                format!(r#"{{"alg":"HS256","x":{}}}"#, nested_in_strings(levels, 100, "1"));
            assert!(base64url(&header).len() <= 8192);
            assert!(decode::<Value>(&forge(header, GOOD), &key(), &policy()).is_ok());
        }
    });
}

#[test]
fn json_in_strings_does_not_nest_in_the_payload() {
    // No registered claim is read into.
    for claim in ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"] {
        for value in ["\"root\"", "null", "[\"a\"]", "1600000060"] {
            let hidden = nested_in_strings(1, 0, value);
            for claims in [
                format!(r#"{{"{claim}":{hidden}}}"#),
                format!(r#"{{"{claim}":{}}}"#, hidden.replace('$', "\\u0024")),
            ] {
                assert_claims_refused(&claims, &lax(), "invalid_claim_type");
                // Nor by a policy that names its value.
                for wanted in [json!("root"), json!(null), json!(["a"]), json!(NOW + 60)] {
                    let wants = lax().claim(claim, wanted);
                    assert_claims_refused(&claims, &wants, "invalid_claim_type");
                }
            }
        }
    }
    // Others mean what the parser makes of them: the policy and the type see the same.
    for value in ["\"root\"", "[1]", "1"] {
        for hidden in
            [nested_in_strings(1, 0, value), nested_in_strings(1, 0, value).replace('$', "\\u0024")]
        {
            for x in [hidden.clone(), format!("[{hidden}]"), format!(r#"{{"y":{hidden}}}"#)] {
                let claims = format!(r#"{{"role":{x}}}"#);
                let expected: Value = serde_json::from_str(&claims).unwrap();
                let token = forge_claims(&claims);
                for validation in [lax(), lax().require("role")] {
                    assert_eq!(accepted(&token, &validation), expected, "{claims}");
                }
                let wants = lax().claim("role", expected["role"].clone());
                assert_eq!(accepted(&token, &wants), expected, "{claims}");
            }
        }
    }
    on_a_small_stack(|| {
        for levels in [3, 40] {
            let claims = format!(r#"{{"x":{}}}"#, nested_in_strings(levels, 100, "1"));
            let token = forge_claims(&claims);
            assert!(token.len() <= 65_536);
            // The policy's reading goes into nothing, nor do types that do not ask for it.
            assert!(decode::<IgnoredAny>(&token, &key(), &lax().require("x")).is_ok());
            assert!(decode::<Claims<()>>(&token, &key(), &lax()).is_ok());
            assert!(decode::<Box<RawValue>>(&token, &key(), &lax()).is_ok());
            assert!(dangerous::decode_unverified::<IgnoredAny>(&token).is_ok());
            for name in ["sub", "aud", "exp"] {
                let claims = claims.replacen("\"x\"", &format!("\"{name}\""), 1);
                let error = decode::<IgnoredAny>(&forge_claims(claims), &key(), &lax());
                assert_eq!(error.unwrap_err().code(), "invalid_claim_type");
            }
        }
    });
}

#[test]
fn names_that_the_json_parser_keeps_for_itself() {
    for name in ["$serde_json::private::RawValue", "$serde_json::private::Number"] {
        for spelling in
            [name.to_owned(), name.replace('$', "\\u0024"), name.replace("::", "\\u003a:")]
        {
            for claims in [
                format!(r#"{{"{spelling}":"{{\"exp\":9999999999}}"}}"#),
                format!(r#"{{"{spelling}":"1"}}"#),
                format!(r#"{{"exp":1600000060,"{spelling}":"{{\"sub\":\"root\"}}"}}"#),
                format!(r#"{{"{spelling}":"{{\"sub\":\"root\"}}","exp":1600000060}}"#),
            ] {
                let reason = Reason::ReservedName { name: name.into() };
                let expected = malformed(Segment::Payload, reason);
                let token = forge_claims(&claims);
                assert_eq!(refused(&token, &policy()), expected, "{claims}");
                let error = decode::<Claims<Value>>(&token, &key(), &policy()).unwrap_err();
                assert_eq!(error, expected, "{claims}");
                let error = decode::<Box<RawValue>>(&token, &key(), &policy()).unwrap_err();
                assert_eq!(error, expected, "{claims}");
            }
            // As the value of a claim it is an object, which no registered claim may be.
            for claim in ["exp", "nbf", "iat", "iss", "sub", "aud", "jti"] {
                let claims = format!(r#"{{"{claim}":{{"{spelling}":"1600000060"}}}}"#);
                // Under its feature `arbitrary_precision`, `serde_json` makes it a number, for the
                // policy as for the type.
                let value: Value = serde_json::from_str(&claims).unwrap_or_default();
                let is_date = matches!(claim, "exp" | "nbf" | "iat");
                if is_date && name.ends_with("Number") && value[claim].is_number() {
                    assert_eq!(accepted(&forge_claims(claims), &lax().ignore_nbf()), value);
                    continue;
                }
                let code = refused(&forge_claims(claims), &lax());
                assert!(["invalid_claim_type", "malformed"].contains(&code.code()), "{code}");
            }
        }
    }
}

#[test]
fn thousands_of_members() {
    on_a_small_stack(|| {
        let wide = lax().max_token_len(usize::MAX);
        // Names of one length with the same ends, escaped every third, long enough to hurt if each
        // were compared with each.
        let names: Vec<String> = (0..30_000)
            .map(|i| if i % 3 == 0 { format!("\\u0061{i:06}z") } else { format!("a{i:06}z") })
            .collect();
        let mut members = String::new();
        for name in &names {
            write!(members, r#""{name}":0,"#).unwrap();
        }
        let token = forge_claims(format!(r#"{{{members}"exp":1600000060}}"#));
        assert!(decode::<IgnoredAny>(&token, &key(), &wide).is_ok());
        let data = decode::<Value>(&token, &key(), &wide.clone().require("a029999z")).unwrap();
        assert_eq!(data.claims.as_object().unwrap().len(), 30_001);
        let error = decode::<IgnoredAny>(&token, &key(), &wide.clone().require("a030000z"));
        assert_eq!(error.unwrap_err().code(), "missing_claim");
        for again in ["a029998z", "\\u0061029998z", "a000000z", "exp"] {
            let token = forge_claims(format!(r#"{{{members}"exp":1600000060,"{again}":0}}"#));
            let name = again.replace("\\u0061", "a");
            let error = decode::<Value>(&token, &key(), &wide).unwrap_err();
            assert_eq!(error, malformed(Segment::Payload, Reason::DuplicateName { name }));
        }
        // An array of them.
        let audiences = format!("[{}\"b\"]", "\"a\",".repeat(100_000));
        let token = forge_claims(format!(r#"{{"aud":{audiences}}}"#));
        assert!(decode::<IgnoredAny>(&token, &key(), &wide.clone().audience("b")).is_ok());
        let error = decode::<Value>(&token, &key(), &wide.clone().audience("c")).unwrap_err();
        assert_eq!(tame(error).code(), "invalid_audience");

        // In the header, as many as there is room for.
        let mut members = String::new();
        for i in 0..550 {
            write!(members, r#","a{i:03}z":0"#).unwrap();
        }
        let header = format!(r#"{{"alg":"HS256"{members}}}"#);
        let token = forge(&header, GOOD);
        assert_eq!(decode_header(&token).unwrap().get("a549z"), Some(json!(0)));
        accepted(&token, &policy());
        let again = header.replace("a549z", "a\\u0030\\u0030\\u0030z");
        let name = "a000z".into();
        assert_eq!(
            refused(&forge(again, GOOD), &policy()),
            malformed(Segment::Header, Reason::DuplicateName { name })
        );
    });
}

#[test]
fn repeated_members_of_the_header() {
    for (one, other, name) in [
        (r#""alg":"HS256""#, r#""alg":"none""#, "alg"),
        (r#""alg":"HS256""#, r#""alg":"HS256""#, "alg"),
        (r#""alg":"HS256""#, r#""\u0061lg":"none""#, "alg"),
        (r#""alg":"HS256""#, r#""\u0061\u006c\u0067":"HS256""#, "alg"),
        (r#""alg":"HS256","kid":"a""#, r#""kid":"b""#, "kid"),
        (r#""alg":"HS256","typ":"JWT""#, r#""t\u0079p":"JWT""#, "typ"),
        (r#""alg":"HS256","cty":"a""#, r#""cty":"b""#, "cty"),
        (r#""alg":"HS256","crit":["x"]"#, r#""\u0063rit":[]"#, "crit"),
        (r#""alg":"HS256","b64":true"#, r#""b64":false"#, "b64"),
        (r#""alg":"HS256","x":1"#, r#""x":1"#, "x"),
        (r#""alg":"HS256","":1"#, r#""":1"#, ""),
        (r#""alg":"HS256","é":1"#, r#""\u00e9":1"#, "é"),
        (r#""alg":"HS256","😀":1"#, r#""\ud83d\ude00":1"#, "😀"),
    ] {
        let (first, last) = (format!("{{{one},{other}}}"), format!("{{{other},{one}}}"));
        for header in [first, last] {
            let reason = Reason::DuplicateName { name: name.into() };
            let token = forge(&header, GOOD);
            assert_eq!(refused(&token, &policy()), malformed(Segment::Header, reason), "{header}");
        }
    }
    // Not the same name.
    let header = r#"{"alg":"HS256","ALG":"none","Alg":"none","alg ":"none","a\u006cg\u0000":1}"#;
    accepted(&forge(header, GOOD), &policy());
}

#[test]
fn repeated_members_of_the_payload() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code)]
    struct Role {
        role: Option<Value>,
    }
    fn asked_for<C: DeserializeOwned + Debug>(token: &str) -> Error {
        decode::<C>(token, &key(), &policy()).unwrap_err()
    }

    for (one, other, name) in [
        (r#""exp":1600000060"#, r#""exp":1"#, "exp"),
        (r#""exp":1600000060"#, r#""exp":1600000060"#, "exp"),
        (r#""exp":1600000060"#, r#""e\u0078p":1"#, "exp"),
        (r#""exp":1600000060"#, r#""\u0065\u0078\u0070":null"#, "exp"),
        (r#""exp":1600000060,"sub":"ada""#, r#""sub":"root""#, "sub"),
        (r#""exp":1600000060,"sub":"ada""#, r#""s\u0075b":"root""#, "sub"),
        (r#""exp":1600000060,"aud":[]"#, r#""aud":"api""#, "aud"),
        (r#""exp":1600000060,"iss":"a""#, r#""iss":"b""#, "iss"),
        (r#""exp":1600000060,"nbf":1"#, r#""nbf":2"#, "nbf"),
        (r#""exp":1600000060,"iat":1"#, r#""iat":2"#, "iat"),
        (r#""exp":1600000060,"jti":"1""#, r#""jti":"2""#, "jti"),
        (r#""exp":1600000060,"role":"user""#, r#""role":"admin""#, "role"),
        (r#""exp":1600000060,"role":"user""#, r#""rol\u0065":"admin""#, "role"),
        (r#""exp":1600000060,"role":null"#, r#""role":"admin""#, "role"),
        (r#""exp":1600000060,"role":1"#, r#""a":1,"b":2,"c":3,"role":2"#, "role"),
        (r#""exp":1600000060,"":1"#, r#""":2"#, ""),
        (r#""exp":1600000060,"é":1"#, r#""\u00E9":2"#, "é"),
    ] {
        let (first, last) = (format!("{{{one},{other}}}"), format!("{{{other},{one}}}"));
        for claims in [first, last] {
            let reason = Reason::DuplicateName { name: name.into() };
            let expected = malformed(Segment::Payload, reason);
            let token = forge_claims(&claims);
            for validation in [policy(), policy().ignore_exp().require("role")] {
                assert_eq!(refused(&token, &validation), expected, "{claims}");
            }
            assert_eq!(asked_for::<Claims<Value>>(&token), expected, "{claims}");
            assert_eq!(asked_for::<Claims<()>>(&token), expected, "{claims}");
            assert_eq!(asked_for::<Role>(&token), expected, "{claims}");
            assert_eq!(asked_for::<Box<RawValue>>(&token), expected, "{claims}");
            assert_eq!(asked_for::<Vec<u8>>(&token), expected, "{claims}");
            let error = dangerous::decode_unverified::<Value>(&token).unwrap_err();
            assert_eq!(error, expected, "{claims}");
        }
    }
}

#[test]
fn names_that_only_resemble_exp() {
    for name in
        ["EXP", "Exp", "exp ", " exp", "exp\\u0000", "ехр", "ｅｘｐ", "exp\u{200b}", "e\u{301}xp"]
    {
        assert_claims_refused(format!(r#"{{"{name}":1600000060}}"#), &policy(), "missing_claim");
        let claims = format!(r#"{{"exp":1600000060,"{name}":1}}"#);
        accepted(&forge_claims(claims), &policy());
    }
    // Escaped it is the same name, and checked.
    assert_claims_refused(r#"{"\u0065xp":1}"#, &policy(), "expired");
}

#[test]
fn header_and_payload_not_utf8_json() {
    let utf16 = |json: &str, big: bool| -> Vec<u8> {
        json.encode_utf16()
            .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
            .collect()
    };
    let json = r#"{"alg":"HS256","exp":1600000060}"#;
    accepted(&forge(json, json), &policy());
    let mut texts: Vec<Vec<u8>> = vec![
        [b"\xef\xbb\xbf", json.as_bytes()].concat(),
        utf16(json, false),
        utf16(json, true),
        [b"\xff\xfe".to_vec(), utf16(json, false)].concat(),
        [b"\xfe\xff".to_vec(), utf16(json, true)].concat(),
        json.bytes().flat_map(|byte| u32::from(byte).to_be_bytes()).collect(),
    ];
    for (from, to) in [
        ("60", b"60\xff".as_slice()),
        ("HS256", b"HS\xff256"),
        ("HS256", b"HS256\xc0\x80"),
        ("HS256", b"HS256\xed\xa0\x80"),
        ("HS256", b"HS256\xf4\x90\x80\x80"),
        ("HS256", b"HS256\xe2\x82"),
        ("HS256", b"HS256\x00"),
        ("HS256", b"HS256\n"),
        ("HS256", b"HS256\\x41"),
        ("HS256", b"HS256\\u00"),
        ("alg", b"al\xffg"),
    ] {
        let (before, after) = json.split_once(from).unwrap();
        texts.push([before.as_bytes(), to, after.as_bytes()].concat());
    }
    for text in [
        format!("{json}{json}"),
        format!("{json},"),
        format!("{json}\u{0}"),
        format!("{json} x"),
        format!("\u{0}{json}"),
        format!("\u{a0}{json}"),
        format!("/**/{json}"),
        format!("{json}//"),
        json.replace('}', ",}"),
        json.replace('"', "'"),
        json.replace("\"alg\"", "alg"),
        json.replace("60}", "60"),
        json.replace(':', "="),
        json.replace("1600000060", "+1600000060"),
        json.replace("1600000060", "01600000060"),
        json.replace("1600000060", "1600000060."),
        json.replace("1600000060", ".5"),
        json.replace("1600000060", "0x5F5E1000"),
        json.replace("1600000060", "1_600_000_060"),
        json.replace("1600000060", "NaN"),
        json.replace("1600000060", "Infinity"),
        json.replace("1600000060", "-Infinity"),
        json.replace("1600000060", "-"),
        json.replace("1600000060", "1e"),
        json.replace("1600000060", "True"),
        json.replace("1600000060", "undefined"),
        json.replace("1600000060", ""),
        json.replace("alg", "alg\\ud800"),
    ] {
        texts.push(text.into_bytes());
    }
    for text in texts {
        let shown = String::from_utf8_lossy(&text).into_owned();
        assert_refused(&forge(&text, GOOD), &policy(), "malformed");
        assert_eq!(refused(&forge_claims(&text), &policy()).code(), "malformed", "{shown}");
        let error = decode::<Claims<Value>>(&forge_claims(&text), &key(), &policy()).unwrap_err();
        assert_eq!(error.code(), "malformed", "{shown}");
    }
    // Half a character, where a rule looks at it.
    for half in ["\\ud800", "\\udc00\\ud800", "\\ud800\\u0041"] {
        let text = json.replace("HS256", &format!("HS256{half}"));
        assert_refused(&forge(&text, GOOD), &policy(), "malformed");
        // In other claims it is for the type to refuse.
        assert_refused(&forge_claims(&text), &policy(), "claims_mismatch");
        assert!(decode::<Claims<()>>(&forge_claims(&text), &key(), &policy()).is_ok());
        assert_refused(&forge_claims(&text), &policy().claim("alg", 1), "malformed");
    }
    for claim in ["iss", "sub", "jti", "aud"] {
        let claims = format!(r#"{{"exp":1600000060,"{claim}":"\ud800"}}"#);
        assert_claims_refused(claims, &policy().ignore_audience(), "malformed");
    }
    assert_claims_refused(r#"{"aud":["\udfff"]}"#, &lax().audience("a"), "malformed");
}

#[test]
fn payload_that_is_no_object() {
    fn asked_for<C: DeserializeOwned>(token: &str) -> &'static str {
        decode::<C>(token, &key(), &lax()).map_or_else(|error| error.code(), |_| "ok")
    }

    for payload in [
        "",
        " ",
        "null",
        "true",
        "false",
        "0",
        "1600000060",
        "\"\"",
        "\"ada\"",
        "[]",
        "[{}]",
        r#"[{"exp":1600000060}]"#,
        r#"["exp",1600000060]"#,
        r#""{\"exp\":1600000060}""#,
        "exp=1600000060",
    ] {
        let token = forge_claims(payload);
        assert_refused(&token, &lax(), "malformed");
        for code in [
            asked_for::<()>(&token),
            asked_for::<Option<Value>>(&token),
            asked_for::<bool>(&token),
            asked_for::<f64>(&token),
            asked_for::<String>(&token),
            asked_for::<Vec<Value>>(&token),
            asked_for::<(String, i64)>(&token),
            asked_for::<IgnoredAny>(&token),
            asked_for::<Box<RawValue>>(&token),
            asked_for::<Claims<()>>(&token),
            asked_for::<Claims<Value>>(&token),
        ] {
            assert_eq!(code, "malformed", "{payload}");
        }
        // The header neither.
        assert_refused(&forge(payload, GOOD), &policy(), "malformed");
        // As a JWS over any bytes it is good.
        let verified = UnverifiedToken::parse(&token).unwrap().verify(&key()).unwrap();
        assert_eq!(verified.payload().unwrap(), payload.as_bytes());
    }
}

// The claims.

#[test]
fn dates_of_a_wrong_type() {
    for claim in [Claim::ExpirationTime, Claim::NotBefore, Claim::IssuedAt] {
        for (json, found) in [
            ("null", JsonType::Null),
            ("true", JsonType::Bool),
            ("false", JsonType::Bool),
            (r#""""#, JsonType::String),
            (r#""1600000060""#, JsonType::String),
            (r#""never""#, JsonType::String),
            (r#""2030-01-01T00:00:00Z""#, JsonType::String),
            ("[]", JsonType::Array),
            ("[1600000060]", JsonType::Array),
            ("{}", JsonType::Object),
            (r#"{"$date":1600000060}"#, JsonType::Object),
        ] {
            let expected = Error::InvalidClaimType { claim, expected: "a number", found };
            let token = forge_claims(format!(r#"{{"{claim}":{json}}}"#));
            // However little of it the policy looks at.
            for validation in [
                policy(),
                lax(),
                lax().ignore_exp().ignore_nbf(),
                lax().max_age(Duration::MAX),
                policy().max_lifetime(Duration::MAX),
            ] {
                assert_eq!(refused(&token, &validation), expected, "{claim}: {json}");
            }
            let error = decode::<Claims<()>>(&token, &key(), &lax()).unwrap_err();
            assert_eq!(error, expected);
        }
    }
}

#[test]
fn dates_at_the_ends_of_numbers() {
    let min = NumericDate::from_secs(i64::MIN);
    let digits = "9".repeat(400);
    let zeros = "0".repeat(400);
    // No double can hold it, nor a reader of doubles.
    for date in [
        "1e400".to_owned(),
        "1E+400".into(),
        "1e99999999999999999999".into(),
        "1.7976931348623159e308".into(),
        digits.clone(),
        format!("{digits}.{digits}"),
        format!("0.{zeros}1e900"),
    ] {
        for claim in ["exp", "nbf", "iat"] {
            for date in [date.clone(), format!("-{date}")] {
                let claims = format!(r#"{{"{claim}":{date}}}"#);
                for validation in [policy(), lax(), lax().ignore_exp().ignore_nbf()] {
                    assert_claims_refused(&claims, &validation, "malformed");
                }
                let error = decode::<IgnoredAny>(&forge_claims(&claims), &key(), &lax());
                assert_eq!(error.unwrap_err().code(), "malformed");
            }
        }
    }
    let far = [
        "1e300".to_owned(),
        "9223372036854775807".into(),
        "9223372036854775808".into(),
        "18446744073709551615".into(),
        "18446744073709551616".into(),
        "340282366920938463463374607431768211456".into(),
        "1.7976931348623157e308".into(),
        "9".repeat(300),
        format!("{}.{digits}", "9".repeat(300)),
        format!("0.{zeros}1e700"),
    ];
    for date in &far {
        let claims = format!(r#"{{"exp":{date}}}"#);
        accepted(&forge_claims(&claims), &policy());
        accepted(&forge_claims(&claims), &policy().at(NumericDate::from_secs(i64::MAX - 1)));
        assert_claims_refused(
            &claims,
            &policy().at(NumericDate::from_secs(i64::MAX)).leeway(Duration::MAX),
            "expired",
        );
        assert!(decode::<Claims<()>>(&forge_claims(&claims), &key(), &policy()).is_ok(), "{date}");

        let claims = format!(r#"{{"nbf":{date}}}"#);
        assert_claims_refused(&claims, &lax(), "not_yet_valid");
        let claims = format!(r#"{{"iat":{date}}}"#);
        assert_claims_refused(&claims, &lax().max_age(Duration::ZERO), "not_yet_valid");

        // The other end.
        let claims = format!(r#"{{"exp":-{date}}}"#);
        let error = refused(&forge_claims(&claims), &policy());
        let past =
            matches!(error, Error::Expired { exp, .. } if exp <= NumericDate::from_secs(-i64::MAX));
        assert!(past, "{error}");
        let claims = format!(r#"{{"nbf":-{date}}}"#);
        accepted(&forge_claims(claims), &lax());
        let claims = format!(r#"{{"iat":-{date}}}"#);
        assert_claims_refused(&claims, &lax().max_age(Duration::from_secs(1 << 62)), "too_old");
    }
    let error = refused(&forge_claims(r#"{"exp":-1e20}"#), &policy());
    assert_eq!(error, Error::Expired { exp: min, now: NumericDate::from_secs(NOW) });
    for zero in ["0", "-0", "0.0", "-0.0", "0e0", "0e400", "-0e400", "0e-400"] {
        let error = refused(&forge_claims(format!(r#"{{"exp":{zero}}}"#)), &policy());
        let exp = NumericDate::from_secs(0);
        assert_eq!(error, Error::Expired { exp, now: NumericDate::from_secs(NOW) }, "{zero}");
    }
    // A fraction has the precision of a double; the last ones are too fine for it.
    for (exp, accepts) in [
        ("1600000000", false),
        ("1600000000.0", false),
        ("0.16e10", false),
        ("1600000000.0000005", true),
        ("1599999999.9999995", false),
        ("16000000000000005e-7", true),
        ("1600000000.00000000000000000000000000000000000001", false),
        ("1599999999.99999999999999999999999999999999999999", false),
        ("1600000001e0", true),
    ] {
        let token = forge_claims(format!(r#"{{"exp":{exp}}}"#));
        assert_eq!(decode_every_way(&token, &policy()).is_ok(), accepts, "{exp}");
    }
}

#[test]
fn leeway_and_ages_at_their_ends() {
    let ends = [i64::MIN, i64::MIN + 1, -1, 0, 1, NOW, i64::MAX - 1, i64::MAX];
    let spans = [0, 1, 60, 1 << 31, 1 << 32, 1 << 62, 1 << 63, u64::MAX - 1, u64::MAX];
    for date in ends {
        let token = forge_claims(format!(r#"{{"exp":{date},"nbf":{date},"iat":{date}}}"#));
        for now in ends {
            for span in spans {
                let (date, now, span) = (i128::from(date), i128::from(now), i128::from(span));
                let duration = Duration::from_secs(u64::try_from(span).unwrap());
                let clock = Validation::new().at(NumericDate::from_secs(now.try_into().unwrap()));
                let code = |validation: Validation| {
                    decode::<IgnoredAny>(&token, &key(), &validation)
                        .map_or_else(|error| error.code(), |_| "ok")
                };
                // What i128 says, as far as dates reach.
                let last = i128::from(i64::MAX);
                let expired = now >= (date + span).min(last);
                assert_eq!(
                    code(clock.clone().leeway(duration).ignore_nbf()) == "expired",
                    expired,
                    "exp {date} at {now} with {span}"
                );
                let early = (now + span).min(last) < date;
                assert_eq!(
                    code(clock.clone().leeway(duration).ignore_exp()) == "not_yet_valid",
                    early,
                    "nbf {date} at {now} with {span}"
                );
                let old = now > (date + span).min(last);
                assert_eq!(
                    code(clock.clone().ignore_exp().ignore_nbf().max_age(duration)) == "too_old",
                    old,
                    "iat {date} at {now} with {span}"
                );
                // An age and a leeway that overflow together are as long as can be.
                let both = clock.ignore_exp().ignore_nbf().max_age(duration);
                let both = code(both.leeway(Duration::MAX));
                assert_eq!(both, "ok", "iat {date} at {now} with {span} and more");
            }
        }
    }
    let whole_time = forge_claims(format!(r#"{{"iat":{},"exp":{}}}"#, i64::MIN, i64::MAX));
    let lifetime = |secs| policy().max_lifetime(Duration::from_secs(secs));
    accepted(&whole_time, &lifetime(u64::MAX));
    assert_refused(&whole_time, &lifetime(u64::MAX - 1), "too_old");
    // Issued after it expires: no lifetime is too short for that.
    let backwards = forge_claims(format!(r#"{{"iat":{},"exp":1600000060}}"#, i64::MAX));
    accepted(&backwards, &lifetime(0));
}

#[test]
fn issued_in_the_future_or_never() {
    let aged = policy().max_age(Duration::from_secs(60));
    assert_claims_refused(GOOD, &aged, "missing_claim");
    assert_claims_refused(r#"{"exp":1600000060,"iat":1600000001}"#, &aged, "not_yet_valid");
    assert_claims_refused(r#"{"exp":1600000060,"iat":1599999939}"#, &aged, "too_old");
    accepted(&forge_claims(r#"{"exp":1600000060,"iat":1599999940}"#), &aged);
    let lived = lax().max_lifetime(Duration::from_secs(60));
    assert_claims_refused(r#"{"iat":1600000000}"#, &lived, "missing_claim");
    assert_claims_refused(GOOD, &lived, "missing_claim");
    assert_claims_refused(r#"{"iat":1600000000,"exp":1600000061}"#, &lived, "too_old");
}

#[test]
fn no_expiry() {
    for claims in ["{}", r#"{"sub":"ada"}"#, r#"{"expires":1600000060}"#, r#"{"a":{"exp":9e9}}"#] {
        let error = refused(&forge_claims(claims), &policy());
        assert_eq!(
            error,
            Error::MissingClaim { claim: "exp".into(), required_by: "the default policy" }
        );
    }
    // The loosenings are apart: to ignore when is not to ignore whether.
    assert_claims_refused("{}", &policy().ignore_exp(), "missing_claim");
    assert_claims_refused(r#"{"exp":1}"#, &lax(), "expired");
}

#[test]
fn issuer_in_part_in_a_list_or_in_another_case() {
    let issuer = "https://login.example";
    let strict = policy().issuer(issuer);
    for found in [
        "",
        "h",
        "https://login",
        "login.example",
        "https://login.example/",
        "https://login.example.evil",
        "https://login.example\u{0}",
        " https://login.example",
        "https://LOGIN.example",
        "HTTPS://login.example",
        "https://login.examp\u{131}e",
        "https://login%2eexample",
        "http://login.example",
        "*",
        ".*",
        "https://evil.example,https://login.example",
    ] {
        let claims = json!({ "exp": NOW + 60, "iss": found }).to_string();
        let expected = [issuer.to_owned()].into();
        let error = Error::InvalidIssuer { expected, found: found.into() };
        assert_eq!(refused(&forge_claims(&claims), &strict), error);
    }
    for list in
        [r#"["https://login.example"]"#, r#"["https://evil","https://login.example"]"#, "[]"]
    {
        let error =
            refused(&forge_claims(format!(r#"{{"exp":1600000060,"iss":{list}}}"#)), &strict);
        let (claim, found) = (Claim::Issuer, JsonType::Array);
        assert_eq!(error, Error::InvalidClaimType { claim, expected: "a string", found });
    }
    let escaped = r#"{"exp":1600000060,"iss":"https:\/\/login\u002eexample"}"#;
    accepted(&forge_claims(escaped), &strict);
    // An empty list of issuers takes none, rather than all.
    let none = policy().issuers(Vec::<String>::new());
    assert_claims_refused(
        format!(r#"{{"exp":1600000060,"iss":"{issuer}"}}"#),
        &none,
        "invalid_issuer",
    );
    assert_claims_refused(r#"{"exp":1600000060,"iss":""}"#, &none, "invalid_issuer");
}

#[test]
fn configured_claims_missing_or_of_a_wrong_type() {
    for (claim, validation) in [
        (Claim::Issuer, policy().issuer("a")),
        (Claim::Audience, policy().audience("a")),
        (Claim::Subject, policy().subject("a")),
    ] {
        let error = refused(&forge_claims(r#"{"exp":1600000060}"#), &validation);
        let required_by = match claim {
            Claim::Issuer => "Validation::issuer",
            Claim::Audience => "Validation::audience",
            _ => "Validation::subject",
        };
        assert_eq!(error, Error::MissingClaim { claim: claim.name().into(), required_by });
        for (json, found) in [
            ("null", JsonType::Null),
            ("true", JsonType::Bool),
            ("0", JsonType::Number),
            (r#"{"a":"a"}"#, JsonType::Object),
            (r#"["a",null]"#, JsonType::Array),
            ("[1]", JsonType::Array),
        ] {
            let expected = match claim {
                Claim::Audience => "a string or an array of strings",
                _ => "a string",
            };
            let expected = Error::InvalidClaimType { claim, expected, found };
            let token = forge_claims(format!(r#"{{"exp":1600000060,"{claim}":{json}}}"#));
            assert_eq!(refused(&token, &validation), expected, "{claim}: {json}");
            // Nor where nothing is configured.
            assert_eq!(refused(&token, &policy().ignore_audience()), expected, "{claim}: {json}");
        }
        let empty = format!(r#"{{"exp":1600000060,"{claim}":""}}"#);
        assert!(refused(&forge_claims(empty), &validation).code().starts_with("invalid_"));
    }
    // A subject that is no string is let in where the policy says so, but is never equal to one.
    let loose = policy().allow_non_string_subject();
    accepted(&forge_claims(r#"{"exp":1600000060,"sub":1}"#), &loose);
    let one = loose.clone().subject("1");
    assert_claims_refused(r#"{"exp":1600000060,"sub":1}"#, &one, "invalid_subject");
    assert_claims_refused(r#"{"exp":1600000060,"sub":["1"]}"#, &one, "invalid_subject");
    assert_claims_refused(r#"{"exp":1600000060,"sub":null}"#, &loose, "invalid_claim_type");
    assert_claims_refused(r#"{"exp":1600000060,"jti":1}"#, &policy(), "invalid_claim_type");
}

#[test]
fn subject_in_part_or_in_another_case() {
    let strict = policy().subject("ada");
    for found in ["", "ad", "adam", "Ada", "ADA", "ada ", "ada\u{0}", "аda", "ada\u{301}"] {
        let claims = json!({ "exp": NOW + 60, "sub": found }).to_string();
        let error = Error::InvalidSubject { expected: "ada".into(), found: Some(found.into()) };
        assert_eq!(refused(&forge_claims(claims), &strict), error);
    }
}

#[test]
fn audience_absent_empty_or_mixed() {
    let strict = policy().audience("api");
    let with = |aud: &str| forge_claims(format!(r#"{{"exp":1600000060,"aud":{aud}}}"#));
    for aud in [r#""api""#, r#"["api"]"#, r#"["web","api"]"#, r#"["api","api"]"#, r#""\u0061pi""#] {
        accepted(&with(aud), &strict);
    }
    for aud in [
        "[]",
        r#""""#,
        r#"[""]"#,
        r#""web""#,
        r#""API""#,
        r#""api/""#,
        r#""ap""#,
        r#""apis""#,
        r#""api,web""#,
        r#""api web""#,
        r#"" api""#,
        r#"["API"]"#,
        r#"["a","p","i"]"#,
        r#""*""#,
        r#""[\"api\"]""#,
    ] {
        assert_refused(&with(aud), &strict, "invalid_audience");
    }
    // One member of a wrong type spoils it, though another is right.
    for aud in [
        "null",
        "1",
        "true",
        "{}",
        r#"{"api":1}"#,
        r#"["api",1]"#,
        r#"[1,"api"]"#,
        r#"["api",null]"#,
        r#"["api",["api"]]"#,
        r#"[["api"]]"#,
        r#"["api",{}]"#,
        "[null]",
    ] {
        for validation in [&strict, &policy(), &policy().ignore_audience()] {
            assert_refused(&with(aud), validation, "invalid_claim_type");
        }
    }
    assert_claims_refused(GOOD, &strict, "missing_claim");
    // Who has not said who he is, is nobody's audience.
    for aud in [r#""api""#, "[]", r#"[""]"#, r#""""#] {
        assert_refused(&with(aud), &policy(), "invalid_audience");
        accepted(&with(aud), &policy().ignore_audience());
    }
    let none = policy().audiences(Vec::<String>::new());
    for aud in [r#""api""#, "[]", r#""""#] {
        assert_refused(&with(aud), &none, "invalid_audience");
    }
    let many = format!("[{}\"z\"]", "\"y\",".repeat(20));
    match refused(&with(&many), &strict) {
        Error::InvalidAudience { found, .. } => assert_eq!(found, ["y"; 8]),
        error => panic!("{error}"),
    }
    // A pattern in the token or in the policy is no pattern.
    let pattern = policy().audience("^(a+)+$");
    let hostile = format!(r#""{}!""#, "a".repeat(5000));
    assert_refused(&with(&hostile), &pattern, "invalid_audience");
}

#[test]
fn critical_extensions() {
    let with = |members: &str| forge(format!(r#"{{"alg":"HS256",{members}}}"#), GOOD);
    for (members, name) in [
        (r#""crit":["x"],"x":1"#, "x"),
        (r#""crit":["x"]"#, "x"),
        (r#""crit":["x","y"]"#, "x"),
        (r#""crit":["exp"],"exp":1"#, "exp"),
        (r#""crit":["alg"]"#, "alg"),
        (r#""crit":["b64"],"b64":true"#, "b64"),
        (r#""crit":["b64"],"b64":false"#, "b64"),
        (r#""crit":[""]"#, ""),
        (r#""\u0063rit":["x"]"#, "x"),
        (r#""crit":["http://example.com/UNDEFINED"]"#, "http://example.com/UNDEFINED"),
    ] {
        let error = refused(&with(members), &policy());
        assert_eq!(error, Error::UnsupportedCritical { name: name.into() }, "{members}");
    }
    for members in [
        r#""crit":[]"#,
        r#""crit":null"#,
        r#""crit":"x""#,
        r#""crit":{"x":1}"#,
        r#""crit":true"#,
        r#""crit":0"#,
        r#""crit":[1]"#,
        r#""crit":[null]"#,
        r#""crit":["x",1]"#,
        r#""crit":["x","x"]"#,
        r#""crit":["x","\u0078"]"#,
        r#""crit":[["x"]]"#,
    ] {
        assert_refused(&with(members), &policy(), "malformed");
    }
    // Also for a JWS of any bytes.
    let token = with(r#""crit":["x"]"#);
    let error = UnverifiedToken::parse(&token).unwrap().verify(&key()).unwrap_err();
    assert_eq!(error.code(), "unsupported_critical");
    let long = format!(r#""crit":["{}"]"#, "x".repeat(5000));
    let name = "x".repeat(63) + "…";
    assert_eq!(refused(&with(&long), &policy()), Error::UnsupportedCritical { name });
}

#[test]
fn unencoded_payload() {
    // RFC 7797: the payload as it is. Signed rightly in that sense.
    for members in
        [r#""b64":false"#, r#""b64":false,"crit":["b64"]"#, r#""crit":["b64"],"b64":false"#]
    {
        let header = base64url(format!(r#"{{"alg":"HS256",{members}}}"#));
        let payload = GOOD.replace('.', "");
        for payload in [payload.as_str(), "", &"\u{0}".repeat(40_000), &base64url(GOOD)] {
            let token = sign_text(&format!("{header}.{payload}"));
            let error = refused(&token, &policy());
            assert_eq!(error, Error::UnsupportedCritical { name: "b64".into() });
        }
    }
    for value in ["null", "0", "1", r#""true""#, r#""false""#, "[]", "[true]", "{}"] {
        let token = forge(format!(r#"{{"alg":"HS256","b64":{value}}}"#), GOOD);
        assert_eq!(refused(&token, &policy()), Error::UnsupportedCritical { name: "b64".into() });
    }
    accepted(&forge(r#"{"alg":"HS256","b64":true}"#, GOOD), &policy());
}

#[test]
fn token_made_for_another_purpose() {
    let types = |types: [&str; 1]| types.map(String::from).into();
    let with = |typ: &str| forge(json!({ "alg": "HS256", "typ": typ }).to_string(), GOOD);
    for typ in ["JWT", "jwt", "Jwt", "application/jwt", "APPLICATION/JWT"] {
        accepted(&with(typ), &policy());
    }
    for typ in [
        "at+jwt",
        "application/at+jwt",
        "secevent+jwt",
        "dpop+jwt",
        "id_token+jwt",
        "JWE",
        "JOSE",
        "JOSE+JSON",
        "",
        "application/",
        "application/application/jwt",
        "text/jwt",
        "JWT ",
        "JWT\u{0}",
        "JWT;a=b",
        "ＪＷＴ",
    ] {
        let expected = Error::UnexpectedType { expected: types(["JWT"]), found: Some(typ.into()) };
        assert_eq!(refused(&with(typ), &policy()), expected);
        accepted(&with(typ), &policy().allow_any_typ());
    }
    let access = policy().typ("at+jwt");
    accepted(&with("at+jwt"), &access);
    accepted(&with("application/AT+JWT"), &access);
    for token in [with("JWT"), with("at"), with("at+jwt2"), forge_claims(GOOD)] {
        assert_refused(&token, &access, "unexpected_type");
    }
    let absent = forge(r#"{"alg":"HS256"}"#, GOOD);
    let expected = Error::UnexpectedType { expected: types(["at+jwt"]), found: None };
    assert_eq!(refused(&absent, &access), expected);
    accepted(&absent, &policy());
}

#[test]
fn required_claim_that_is_null() {
    let strict = policy().require("role");
    for claims in [
        r#"{"exp":1600000060}"#,
        r#"{"exp":1600000060,"role":null}"#,
        r#"{"exp":1600000060,"rol\u0065":null}"#,
        r#"{"role": null ,"exp":1600000060}"#,
        r#"{"exp":1600000060,"Role":1}"#,
        r#"{"exp":1600000060,"a":{"role":1}}"#,
    ] {
        let error = refused(&forge_claims(claims), &strict);
        let required_by = "Validation::require";
        assert_eq!(error, Error::MissingClaim { claim: "role".into(), required_by }, "{claims}");
    }
    for role in ["0", "false", r#""""#, "[]", "{}", r#""null""#] {
        let claims = format!(r#"{{"exp":1600000060,"r\u006fle":{role}}}"#);
        accepted(&forge_claims(claims), &strict);
    }
    assert_claims_refused(
        r#"{"exp":1600000060,"jti":null}"#,
        &policy().require("jti"),
        "invalid_claim_type",
    );
    assert_claims_refused(r#"{"exp":1600000060}"#, &policy().require("jti"), "missing_claim");
}

// The type asked for.

#[test]
fn types_read_in_another_way_are_checked_as_well() {
    #[derive(Deserialize)]
    #[allow(dead_code)]
    enum Enum {
        #[serde(rename = "exp")]
        Exp(i64),
    }
    #[derive(Deserialize)]
    #[allow(dead_code)]
    #[serde(untagged)]
    enum Untagged {
        Other { nothing: i64 },
        Exp { exp: i64 },
    }
    #[derive(Deserialize)]
    #[allow(dead_code)]
    struct Flat {
        #[serde(flatten)]
        rest: std::collections::BTreeMap<String, Value>,
    }
    #[derive(Deserialize)]
    #[serde(transparent)]
    #[allow(dead_code)]
    struct Transparent(Value);

    fn code<C: DeserializeOwned>(claims: &str) -> &'static str {
        decode::<C>(&forge_claims(claims), &key(), &policy())
            .map_or_else(|error| error.code(), |_| "ok")
    }
    for (claims, expected) in [
        (r#"{"exp":1}"#, "expired"),
        (r#"{"exp":"1600000060"}"#, "invalid_claim_type"),
        (r#"{"exp":1600000060,"exp":1600000060}"#, "malformed"),
        (r#"{"exp":1600000060}"#, "ok"),
        ("{}", "missing_claim"),
    ] {
        assert_eq!(code::<Enum>(claims), expected, "{claims}");
        assert_eq!(code::<Untagged>(claims), expected, "{claims}");
        assert_eq!(code::<Flat>(claims), expected, "{claims}");
        assert_eq!(code::<Transparent>(claims), expected, "{claims}");
        assert_eq!(code::<Box<RawValue>>(claims), expected, "{claims}");
        assert_eq!(code::<IgnoredAny>(claims), expected, "{claims}");
        assert_eq!(code::<Option<Value>>(claims), expected, "{claims}");
        assert_eq!(code::<Claims<Option<Value>>>(claims), expected, "{claims}");
        assert_eq!(code::<Claims<IgnoredAny>>(claims), expected, "{claims}");
    }
}

/// A type that takes no notice of errors sees no more than another.
#[test]
fn types_that_swallow_errors() {
    struct Swallow;
    impl<'de> Deserialize<'de> for Swallow {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Members;
            impl<'de> Visitor<'de> for Members {
                type Value = Swallow;
                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("anything")
                }
                fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Swallow, A::Error> {
                    for _ in 0..8 {
                        if let Ok(None) = map.next_key::<String>() {
                            break;
                        }
                        let _ = map.next_value::<IgnoredAny>();
                    }
                    Ok(Swallow)
                }
            }
            deserializer.deserialize_map(Members)
        }
    }
    struct Blind;
    impl<'de> Deserialize<'de> for Blind {
        fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
            Ok(Self)
        }
    }
    #[derive(Debug, Default, PartialEq)]
    struct OrDefault<T>(T);
    impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for OrDefault<T> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            Ok(Self(T::deserialize(deserializer).unwrap_or_default()))
        }
    }
    type Maps = BTreeMap<String, OrDefault<BTreeMap<String, OrDefault<String>>>>;
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only what is accepted matters")]
    struct LenientA {
        a: OrDefault<BTreeMap<String, OrDefault<String>>>,
        exp: Option<i64>,
    }
    struct Lenient;
    impl<'de> Deserialize<'de> for Lenient {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let _ = bool::deserialize(deserializer);
            Ok(Self)
        }
    }
    fn code<C: DeserializeOwned>(claims: &str) -> &'static str {
        decode::<C>(&forge_claims(claims), &key(), &policy())
            .map_or_else(|error| error.code(), |_| "ok")
    }
    for (claims, expected) in [
        (r#"{"exp":1,"exp":1600000060}"#, "malformed"),
        (r#"{"exp":1600000060,"exp":1}"#, "malformed"),
        (r#"{"role":1,"exp":1600000060,"role":2}"#, "malformed"),
        (r#"{"exp":1600000060,"$serde_json::private::RawValue":"{}"}"#, "malformed"),
        (r#"{"exp":1}"#, "expired"),
        (r#"{"\u0065xp":1}"#, "expired"),
        (r#"{"exp":1600000060,"\u006ebf":9999999999}"#, "not_yet_valid"),
        (r#"{"exp":1600000060"#, "malformed"),
        ("{}", "missing_claim"),
        (r#"{"exp":null}"#, "invalid_claim_type"),
    ] {
        assert_eq!(code::<Swallow>(claims), expected, "{claims}");
        assert_eq!(code::<Blind>(claims), expected, "{claims}");
        assert_eq!(code::<Lenient>(claims), expected, "{claims}");
    }

    // Such a type goes on wherever an error has left the parser, here with a string of another
    // reading, in which `exp` is a name in a map of its own.
    let claims =
        r#"{"k":{"\ud800A,":":{"},":1,":":tru","exp":1,"z":"\ud800A},",":{":{":1,":":tru"}}"#;
    for error in [
        decode::<Maps>(&forge_claims(claims), &key(), &lax()).map(drop),
        decode::<OrDefault<Maps>>(&forge_claims(claims), &key(), &lax()).map(drop),
        decode::<Claims<Maps>>(&forge_claims(claims), &key(), &lax()).map(drop),
    ] {
        assert_eq!(error.unwrap_err().code(), "expired");
    }
    // Without an end.
    let claims = r#"{"a":{"x":1,"exp":99999}"#;
    for validation in [policy(), lax()] {
        let error = decode::<LenientA>(&forge_claims(claims), &key(), &validation).unwrap_err();
        assert_eq!(error.code(), "malformed");
        assert_claims_refused(claims, &validation, "malformed");
    }
}

// What a log gets to see.

#[test]
fn hostile_text_in_errors() {
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Strict {
        exp: i64,
        #[serde(default)]
        role: Role,
        #[serde(default)]
        level: u8,
    }
    #[derive(Debug, Default, Deserialize)]
    enum Role {
        #[default]
        User,
    }

    for text in [
        "\r\n2026-11-01 INFO login ok user=root",
        "\u{1b}[2J\u{1b}[31m",
        "\u{0}\u{7}\u{8}\u{7f}\u{85}",
        &"x".repeat(5000),
        &"\u{1}".repeat(800),
        &"\u{10ffff}".repeat(1000),
    ] {
        let quoted = json!(text).to_string();
        let claims = |member: &str| forge_claims(format!(r#"{{"exp":1600000060,{member}}}"#));
        let header = |member: &str| forge(format!(r#"{{"alg":"HS256",{member}}}"#), GOOD);
        let all = policy().issuer("i");
        let tokens = [
            (forge(format!(r#"{{"alg":{quoted}}}"#), GOOD), policy()),
            (header(&format!(r#""typ":{quoted}"#)), policy()),
            (header(&format!(r#""crit":[{quoted}]"#)), policy()),
            (header(&format!("{quoted}:1,{quoted}:2")), policy()),
            (forge(&quoted, GOOD), policy()),
            (claims(&format!("{quoted}:1,{quoted}:2")), policy()),
            (forge_claims(&quoted), policy()),
            (claims(&format!(r#""iss":{quoted}"#)), all),
            (claims(&format!(r#""aud":[{quoted},{quoted}]"#)), policy()),
            (claims(&format!(r#""aud":{quoted}"#)), policy().audience("a")),
            (claims(&format!(r#""sub":{quoted}"#)), policy().subject("a")),
            (claims("\"a\":1"), policy().require(text)),
        ];
        for (token, validation) in tokens {
            if token.find('.').unwrap() <= 8192 {
                refused(&token, &validation);
            }
        }
        let named = forge(json!({ "alg": "HS256", "kid": text }).to_string(), GOOD);
        tame(decode::<Value>(&named, &KeySet::new(), &policy()).unwrap_err());
        // What the caller's type says, too.
        for member in
            [format!("{quoted}:1"), format!(r#""role":{quoted}"#), format!(r#""level":{quoted}"#)]
        {
            let error = decode::<Strict>(&claims(&member), &key(), &policy()).unwrap_err();
            assert_eq!(tame(error).code(), "claims_mismatch", "{member:.80}");
        }
        tame(text.parse::<Algorithm>().unwrap_err());
    }
}

// The table.

#[test]
fn the_table_has_every_test_and_no_other() {
    let source = include_str!("attacks.rs");
    let tests: BTreeSet<&str> = source
        .split("\n#[test]\n")
        .skip(1)
        .map(|test| test.strip_prefix("fn ").unwrap().split_once('(').unwrap().0)
        .filter(|name| *name != "the_table_has_every_test_and_no_other")
        .collect();
    let named: Vec<&str> = include_str!("../docs/attacks.md")
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix("` |")?.rsplit_once('`'))
        .map(|(_, name)| name)
        .collect();
    let named_once: BTreeSet<&str> = named.iter().copied().collect();
    assert_eq!(named.len(), named_once.len(), "a test stands twice in the table");
    let (of_public_keys, named_here): (BTreeSet<&str>, BTreeSet<&str>) =
        named_once.into_iter().partition(|name| name.starts_with("public_keys::"));
    assert_eq!(named_here, tests);
    for name in &of_public_keys {
        let test = format!("\n#[test]\nfn {}(", name.trim_start_matches("public_keys::"));
        assert!(include_str!("public_keys.rs").contains(&test), "{name}");
    }
    assert_eq!(of_public_keys.len(), 7);
    assert!(tests.len() >= 45, "{} tests were found", tests.len());
}
