//! Secrets and keys.

use std::collections::BTreeMap;

use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD},
};
use jwt_codec::{
    Algorithm, EncodeDefect, Error, Key, KeyDefect, KeySet, Reason, Segment, UnverifiedToken,
    dangerous, decode, encode,
};
use serde_json::{Value, json};

use crate::{
    forge::{forge, key, sign_text},
    harness::{
        GOOD, NOW, accepted, assert_refused, base64url, header, hex, lax, malformed, min_len,
        on_a_small_stack, policy, refused, set, sign_with, tame, unsigned,
    },
};

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
        PEM.replace("-----", "---"),
        PEM.replace("-----", "--- "),
        PEM.replace("-----", "------"),
        PEM.replace(' ', "\u{a0}"),
        PEM.replace(' ', "\u{2003}"),
        PEM.replace(' ', "\u{3000}"),
        PEM.replace(' ', "\t"),
        PEM.replace("BEGIN ", "BEGIN\n"),
        PEM.replace(' ', ""),
        PEM.replace(['\n', ' '], ""),
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
    for kty in [r"\u006bty", r"k\u0074y", r"\u006B\u0074\u0079", r"\u004bty"] {
        texts.push(EC_JWK.replace("kty", kty));
        // In a string of JSON, or in a string in a string.
        texts.push(EC_JWK.replace("kty", kty).replace('"', "\\\""));
        let string = Value::String(EC_JWK.replace("kty", kty)).to_string();
        texts.push(string.clone());
        texts.push(Value::String(string).to_string());
    }

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
                let start: String = text.chars().take(20).collect();
                assert!(!format!("{error} {error:?}").contains(&start), "{error}");
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
        // As files of settings and lists have them.
        format!("\"{armour}\"").into_bytes(),
        format!("'{}\n{}'", &armour[..64], &armour[64..]).into_bytes(),
        format!("JWT_SECRET={armour}").into_bytes(),
        format!("{armour},").into_bytes(),
        format!("{}\n{}\n# of 2026\n", &armour[..64], &armour[64..]).into_bytes(),
        format!("\"{}\"", hex(&der)).into_bytes(),
        EC_JWK.replace('"', "\\\"").into_bytes(),
        br#"{"\u006b\u0074\u0079":"\u006f\u0063\u0074"}"#.to_vec(),
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

/// Certificates and what else has a public key in it, as bytes and in every text that stands for bytes.
#[test]
fn certificate_as_secret() {
    const ED25519_REQUEST: &str = "MIGYMEwCAQAwGTEXMBUGA1UEAwwOaXNzdWVyLmV4YW1wbGUwKjAFBgMrZXADIQCn\
        h7LwXpGuWbkqbLKsk+c6keIARQcL1iLCbuJhFwIod6AAMAUGAytlcANBAOrGMTk3cYz4CfnETL6T0CJQQ4FLcnvyQ28l\
        6d4CBDCGYXP901BhwTpPI9PwHiXEpCVk5PwaWbKpgIPY5zFxSQw=";
    const EC_REQUEST: &str = "MIHSMHsCAQAwGTEXMBUGA1UEAwwOaXNzdWVyLmV4YW1wbGUwWTATBgcqhkjOPQIBBggq\
        hkjOPQMBBwNCAAShJR+x1Iu0L/uho2zNGIqdtTsdbQnO27Kv2Zm4M4R4atztEgE+hHdLOOcShsodioG/KS8KBsoykUif\
        FjS3AKDyoAAwCgYIKoZIzj0EAwIDRwAwRAIgf0uPLd8PLV0P8nWbLZhprodXt7VDgSM/N3kbrMXQhp4CIAJCIp7tFiX2\
        KPjBVU1KTPBetUeY5fN6GhxoYgs56VSk";
    const PKCS7: &str = "MIIBdQYJKoZIhvcNAQcCoIIBZjCCAWICAQExADALBgkqhkiG9w0BBwGgggFKMIIBRjCB+aAD\
        AgECAhQdRSy8uszUGPAt2vluwNstB5nZSTAFBgMrZXAwGTEXMBUGA1UEAwwOaXNzdWVyLmV4YW1wbGUwHhcNMjYxMTI5\
        MjM1OTI0WhcNMzYxMTI2MjM1OTI0WjAZMRcwFQYDVQQDDA5pc3N1ZXIuZXhhbXBsZTAqMAUGAytlcAMhAKeHsvBeka5Z\
        uSpssqyT5zqR4gBFBwvWIsJu4mEXAih3o1MwUTAdBgNVHQ4EFgQUzy+194I+MNooqRKuNZ6TrPP94MswHwYDVR0jBBgw\
        FoAUzy+194I+MNooqRKuNZ6TrPP94MswDwYDVR0TAQH/BAUwAwEB/zAFBgMrZXADQQAe9+Zg35ZbKsKxFM6Jm3pKGx6U\
        URzY/ra8+EK7Y0lKKsZZMzkgyCcXlLglyP14nWTnYtqYHFiHmCPm+isLmkcCMQA=";

    let spki: String = PEM.lines().filter(|line| !line.starts_with('-')).collect();
    let mut ders: Vec<Vec<u8>> = [&spki, ED25519_REQUEST, EC_REQUEST, PKCS7]
        .iter()
        .map(|base64| BASE64_STANDARD.decode(base64).unwrap())
        .collect();
    let mut versions = BTreeMap::<String, u32>::new();
    for line in include_str!("../keys/certificates.jsonl").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let pem = case["pem"].as_str().unwrap();
        assert_eq!(Key::hs256(pem).unwrap_err(), invalid_key(KeyDefect::SecretIsPem));
        let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        ders.push(BASE64_STANDARD.decode(base64).unwrap());
        *versions.entry(case["version"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    assert_eq!(versions, BTreeMap::from([("1".to_owned(), 4), ("3".to_owned(), 4)]));

    for der in ders {
        let digits = hex(&der);
        let pairs: Vec<String> = der.iter().map(|byte| format!("{byte:02X}")).collect();
        let base64 = BASE64_STANDARD.encode(&der);
        let lines: Vec<&str> =
            base64.as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap()).collect();
        for secret in [
            der.clone(),
            digits.clone().into_bytes(),
            digits.to_uppercase().into_bytes(),
            pairs.join(":").into_bytes(),
            pairs.join(" ").into_bytes(),
            pairs
                .chunks(16)
                .map(|line| line.join(":") + ":\n    ")
                .collect::<String>()
                .into_bytes(),
            format!(" {digits}\n").into_bytes(),
            base64.clone().into_bytes(),
            lines.join("\r\n").into_bytes(),
            base64url(&der).into_bytes(),
            BASE64_STANDARD.encode(&base64).into_bytes(),
            BASE64_STANDARD.encode(base64url(&der)).into_bytes(),
            BASE64_STANDARD.encode(lines.join("\n")).into_bytes(),
            base64url(&digits).into_bytes(),
            hex(base64.as_bytes()).into_bytes(),
        ] {
            let shown = String::from_utf8_lossy(&secret).into_owned();
            let made = Key::hs256(&secret);
            assert_eq!(tame(made.unwrap_err()), invalid_key(KeyDefect::SecretIsDer), "{shown}");
            let made = dangerous::short_key(Algorithm::Hs256, &secret);
            assert_eq!(tame(made.unwrap_err()), invalid_key(KeyDefect::SecretIsDer), "{shown}");
        }
        // As text, of whatever encoding was meant.
        for made in [
            Key::from_hex(Algorithm::Hs256, &digits),
            Key::from_base64(Algorithm::Hs256, &base64),
            Key::from_base64url(Algorithm::Hs256, &base64url(&der)),
            dangerous::short_key_from_hex(Algorithm::Hs256, &digits),
            dangerous::short_key_from_base64(Algorithm::Hs256, &base64),
        ] {
            assert_eq!(tame(made.unwrap_err()), invalid_key(KeyDefect::SecretIsDer));
        }
    }
    // What armour is in it, in base64 and in that of it.
    for pem in [PEM.to_owned(), PEM.replace(' ', "\u{a0}"), PEM.replace("-----", "---")] {
        let base64 = BASE64_STANDARD.encode(&pem);
        for secret in
            [base64.clone(), base64url(&pem), BASE64_STANDARD.encode(base64), hex(pem.as_bytes())]
        {
            let error = Key::hs256(&secret).unwrap_err();
            assert_eq!(error, invalid_key(KeyDefect::SecretIsPem), "{secret}");
        }
    }
}

fn invalid_key(defect: KeyDefect) -> Error {
    Error::InvalidKey { defect }
}

/// Every key of `tests/keys`, public or private, and the bytes in its PEM text.
#[test]
fn every_form_of_key_as_secret() {
    let mut labels = BTreeMap::<String, u32>::new();
    for line in include_str!("../keys/keys.jsonl").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let (form, text) = (case["form"].as_str().unwrap(), case["key"].as_str().unwrap());
        if case["expect"] != "ok" {
            continue;
        }
        let (label, bytes) = match form {
            "jwk" => ("JWK", text.as_bytes().to_vec()),
            "der" => ("DER", BASE64_URL_SAFE_NO_PAD.decode(text).unwrap()),
            _ => {
                // The parameters of a curve, before a key, are not a key.
                let (_, block) = text.rsplit_once("-----BEGIN ").unwrap();
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
        ("EC PRIVATE KEY", 5),
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
        let is_length_of_a_curve = matches!(len, 24 | 28 | 32 | 40 | 48 | 64 | 66);
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

    // One of version 1 begins with its number. The identifier of its signature follows.
    assert!(is_key(&[&der(0x30, &[&[2, 1, 7][..], &ed25519].concat()), &[7; 32]]));
    assert!(!is_key(&[&der(0x30, &[&[2, 1, 7][..], &other].concat()), &[7; 32]]));

    // PKCS#7, also in BER without a length, and with a length of three bytes.
    let signed = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80\x30\x80\x02\x01\x01";
    let content = |len: usize| [&signed[..], &vec![7; len - signed.len()]].concat();
    let message = |head: &[u8], len: usize| short_key([head, &content(len)].concat());
    assert!(message(&[0x30, 0x80], 64).is_err());
    assert!(message(&[0x30, 0x83, 0, 0, 64], 64).is_err());
    assert!(message(&[0x30, 0x83, 0, 1, 0], 256).is_err());
    assert!(message(&[0x30, 0x83, 1, 0, 0], 65_536).is_err());
    assert!(message(&[0x30, 0x83, 1, 0, 0], 65_535).is_ok());
    assert!(message(&[0x31, 0x80], 64).is_ok());

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
        let reason = || jwt_codec::UnknownKeyReason::EmptySet { skipped: 0 };
        assert_eq!(error, Error::UnknownKey { kid: None, reason: reason() });
        let named = sign_with(b"", &unsigned(r#"{"alg":"HS256","kid":"a"}"#, GOOD));
        let error = decode::<Value>(&named, &set, &policy()).unwrap_err();
        assert_eq!(error, Error::UnknownKey { kid: Some("a".into()), reason: reason() });
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
        let unknown = Error::UnknownKey {
            kid: Some(kid.into()),
            reason: jwt_codec::UnknownKeyReason::NoSuchId,
        };
        let named = key().with_id("a");
        assert_eq!(decode::<Value>(&token, &named, &policy()).unwrap_err(), unknown, "{kid:?}");
        let set = KeySet::new().with(named).unwrap();
        let error = tame(decode::<Value>(&token, &set, &policy()).unwrap_err());
        assert_eq!(error, unknown, "{kid:?}");
        // A key without an id is not chosen by `kid`, in a set either, unless every key has to be.
        let set = set.with(key()).unwrap();
        assert_eq!(decode::<Value>(&token, &set, &policy()).unwrap().claims["sub"], "ada");
        let error = decode::<Value>(&token, &set.clone().require_kid(), &policy()).unwrap_err();
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
        // Of the largest token, an eighth may be the header.
        let len = token.find('.').unwrap();
        let wide = policy().max_token_len(token.len());
        for error in [
            decode::<Value>(&token, &key(), &wide).unwrap_err(),
            decode::<Value>(&token, &set(), &wide).unwrap_err(),
        ] {
            let reason = Reason::TooLong { len, max: token.len() / 8 };
            assert_eq!(tame(error), malformed(Segment::Header, reason));
        }
        // The longest that is read is cut in the error.
        let kid = "é".repeat(2000);
        let token = forge(json!({ "alg": "HS256", "kid": kid }).to_string(), GOOD);
        let kid = "é".repeat(63) + "…";
        let error = decode::<Value>(&token, &key().with_id("a"), &policy()).unwrap_err();
        assert_eq!(
            tame(error),
            Error::UnknownKey { kid: Some(kid), reason: jwt_codec::UnknownKeyReason::NoSuchId }
        );
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

    // Not even for a key with such an id: it signs nothing, and verifies nothing.
    let key = key().with_id("x".repeat(10_000));
    let defect = EncodeDefect::HeaderTooLong { len: 13_382, max: 8192 };
    let error = encode(&json!({ "exp": NOW + 60 }), &key).unwrap_err();
    assert_eq!(error, Error::Encode { defect });
    let header = base64url(json!({ "alg": "HS256", "kid": "x".repeat(10_000) }).to_string());
    let expected = malformed(Segment::Header, Reason::TooLong { len: header.len(), max: 8192 });
    let token = sign_text(&format!("{header}.{payload}"));
    assert_eq!(decode::<Value>(&token, &key, &policy()).unwrap_err(), expected);
    assert_eq!(refused(&token, &policy()), expected);
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
