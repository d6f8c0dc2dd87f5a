//! The forms in which public and private keys come in and go out: DER, bytes without a format, the
//! numbers of RSA, certificates, PEM as bytes, and private JWKs.

#![cfg(feature = "public-keys")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]
#![allow(clippy::needless_pass_by_value, reason = "what `map` calls")]

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jwt_codec::{
    Algorithm, Error, KeyDefect, KeyKind, PrivateKey, PublicKey, dangerous::certificate_key,
};
use serde_json::Value;

const CERTIFICATE: &str = include_str!("keys/certificate.pem");

const CURVES: [Algorithm; 4] =
    [Algorithm::EdDsa, Algorithm::Ed25519, Algorithm::Es256, Algorithm::Es384];

fn invalid<T>(defect: KeyDefect) -> Result<T, Error> {
    Err(Error::InvalidKey { defect })
}

fn thumbprint(key: PublicKey) -> String {
    key.thumbprint()
}

fn private_thumbprint(key: PrivateKey) -> String {
    key.public_key().thumbprint()
}

/// A key of every form, or what is not one, written by `tests/keys/make.py`.
struct Case {
    value: Value,
}

impl Case {
    fn all() -> impl Iterator<Item = Self> {
        let lines = include_str!("keys/keys.jsonl").lines();
        lines.map(|line| Self { value: serde_json::from_str(line).unwrap() })
    }

    fn text(&self, name: &str) -> &str {
        self.value[name].as_str().unwrap()
    }

    fn algorithm(&self) -> Algorithm {
        self.text("alg").parse().unwrap()
    }

    fn is(&self, role: &str, form: &str, expect: &str) -> bool {
        [self.text("role"), self.text("form"), self.text("expect")] == [role, form, expect]
    }
}

/// The DER within the last block of a PEM.
fn der_of(pem: &str) -> Vec<u8> {
    let body = pem.rsplit("-----").nth(2).unwrap();
    STANDARD.decode(body.split_ascii_whitespace().collect::<String>()).unwrap()
}

#[test]
fn der_is_known_by_its_structure() {
    let (mut good, mut bad) = (0, 0);
    for case in Case::all() {
        let (name, algorithm) = (case.text("name"), case.algorithm());
        let der = match case.text("form") {
            "der" => URL_SAFE_NO_PAD.decode(case.text("key")).unwrap(),
            "pem" if case.text("expect") == "ok" => der_of(case.text("key")),
            _ => continue,
        };
        let thumbprint = match case.text("role") {
            "private" => PrivateKey::from_der(algorithm, &der).map(private_thumbprint),
            _ => PublicKey::from_der(algorithm, &der).map(thumbprint),
        };
        match (case.text("expect"), thumbprint) {
            ("ok", thumbprint) => {
                let found = thumbprint.expect(name);
                // The two keys whose `x` is zero have none.
                let expected = case.value["thumbprint"].as_str();
                assert!(expected.is_none_or(|expected| found == expected), "{name}");
                good += 1;
            }
            (expected, thumbprint) => {
                assert_eq!(thumbprint.unwrap_err().code(), expected, "{name}");
                bad += 1;
            }
        }
    }
    assert_eq!((good, bad), (83, 177));
}

#[test]
fn der_of_another_form_is_told_so() {
    let ec = PrivateKey::generate(Algorithm::Es256).unwrap();
    let rsa = PrivateKey::generate(Algorithm::Rs256).unwrap();
    let [ec_private, rsa_private] = [&ec, &rsa].map(|key| der_of(&key.to_pem()));
    let [ec_public, rsa_public] = [&ec, &rsa].map(|key| key.public_key().to_spki_der());
    let other = |needed, found| KeyDefect::OtherKind { needed, found };

    for der in [&ec_public, &rsa_public, &der_of(CERTIFICATE), &vec![], &vec![0x30, 0]] {
        let error = invalid(KeyDefect::NotPrivateKey);
        assert_eq!(PrivateKey::from_der(Algorithm::Es256, der).map(private_thumbprint), error);
    }
    for der in [&ec_private, &rsa_private, &der_of(CERTIFICATE), &vec![], &vec![0x30, 0]] {
        let error = invalid(KeyDefect::NotPublicKey);
        assert_eq!(PublicKey::from_der(Algorithm::Es256, der).map(thumbprint), error);
    }
    let error = PrivateKey::from_der(Algorithm::Es256, &rsa_private).map(private_thumbprint);
    assert_eq!(error, invalid(other(KeyKind::P256, KeyKind::Rsa)));
    let error = PublicKey::from_der(Algorithm::Rs256, &ec_public).map(thumbprint);
    assert_eq!(error, invalid(other(KeyKind::Rsa, KeyKind::P256)));

    // PKCS#1, private and public, and SEC1, each for an algorithm that needs another kind.
    let cases: Vec<Case> = Case::all().collect();
    let pem = |name, role| {
        let case =
            cases.iter().find(|case| case.text("name") == name && case.is(role, "pem", "ok"));
        der_of(case.unwrap().text("key"))
    };
    let error = PrivateKey::from_der(Algorithm::EdDsa, &pem("rsa/pkcs1", "private"));
    let expected = invalid(other(KeyKind::Ed25519, KeyKind::Rsa));
    assert_eq!(error.map(private_thumbprint), expected);
    let error = PublicKey::from_der(Algorithm::Es384, &pem("rsa/pkcs1", "public"));
    assert_eq!(error.map(thumbprint), invalid(other(KeyKind::P384, KeyKind::Rsa)));
    for (algorithm, needed) in
        [(Algorithm::Rs256, KeyKind::Rsa), (Algorithm::EdDsa, KeyKind::Ed25519)]
    {
        let error = PrivateKey::from_der(algorithm, &pem("p256/sec1", "private"));
        assert_eq!(error.map(private_thumbprint), invalid(other(needed, KeyKind::P256)));
    }
}

#[test]
fn a_pem_is_text_or_bytes() {
    let key = PrivateKey::generate(Algorithm::Es256).unwrap();
    let (private, public) = (key.to_pem(), key.public_key().to_pem());
    let read = |bytes: &[u8]| PublicKey::from_pem(Algorithm::Es256, bytes).map(thumbprint);
    let expected = Ok(key.public_key().thumbprint());

    assert_eq!(read(public.as_bytes()), expected);
    assert_eq!(PublicKey::from_pem(Algorithm::Es256, &public).map(thumbprint), expected);
    let bytes = private.clone().into_bytes();
    let again = PrivateKey::from_pem(Algorithm::Es256, bytes).map(private_thumbprint);
    assert_eq!(again, expected);

    // Text before the block is ignored, whatever its encoding. In the block and after it, only ASCII
    // can be right.
    assert_eq!(read(&[b"subject=\xe9metteur\n", public.as_bytes()].concat()), expected);
    let error = invalid(KeyDefect::PemBody);
    assert_eq!(read(&[public.as_bytes(), b"\xe9\n"].concat()), error);
    let utf16: Vec<u8> = public.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(read(&utf16), invalid(KeyDefect::NotPem));
    assert_eq!(read(&key.public_key().to_spki_der()), invalid(KeyDefect::NotPem));
    // Lines of a header (RFC 1421 §4.6), which RFC 7468 §2 has no more.
    let with_line = |line: &str| public.replacen('\n', &format!("\n{line}\n\n"), 1);
    assert_eq!(read(with_line("Comment: mine").as_bytes()), error);
    let encrypted = with_line("Proc-Type: 4,ENCRYPTED");
    assert_eq!(read(encrypted.as_bytes()), invalid(KeyDefect::PemEncrypted));
    // The same letters within the base64 of a key.
    let letters = "-----BEGIN PRIVATE KEY-----\n\
                   MC4CAQAwBQYDK2VwBCIEIAAAENCRYPTEDAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n\
                   -----END PRIVATE KEY-----\n";
    assert!(PrivateKey::from_pem(Algorithm::EdDsa, letters).is_ok());
    // OpenSSL's own, which no function here reads.
    let trusted = public.replace("PUBLIC KEY", "TRUSTED CERTIFICATE");
    assert_eq!(read(trusted.as_bytes()), invalid(KeyDefect::PemLabel));
}

/// A `.env` file, a JSON string or a YAML scalar in single quotes.
#[test]
fn line_ends_that_became_two_characters() {
    let key = PrivateKey::generate(Algorithm::Es256).unwrap();
    let (private, public) = (key.to_pem(), key.public_key().to_pem());
    let escape = |pem: &str, n: usize| pem.replacen('\n', "\\n", n);
    let lines = public.lines().count();
    for public in [
        escape(&public, lines),
        escape(&public, 1),
        public.replace('\n', "\\r\\n"),
        // Cut off, with text after it, and with the last line end alone.
        escape(&public, lines).replace("-----END", ""),
        format!("{public}\\n"),
        format!("{}\\n", public.trim_end()),
        format!("\"{}\"", escape(&public, lines)),
    ] {
        let read = PublicKey::from_pem(Algorithm::Es256, &public).map(thumbprint);
        assert_eq!(read, invalid(KeyDefect::PemLineEnds), "{public}");
    }
    let private = PrivateKey::from_pem(Algorithm::Es256, escape(&private, 99));
    assert_eq!(private.map(private_thumbprint), invalid(KeyDefect::PemLineEnds));
    let certificate = certificate_key(Algorithm::Es256, escape(CERTIFICATE, 99));
    assert_eq!(certificate.map(thumbprint), invalid(KeyDefect::PemLineEnds));
}

#[test]
fn parameters_of_a_curve_are_skipped() {
    let key = PrivateKey::generate(Algorithm::Es256).unwrap();
    let parameters =
        "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
    let read = |pem: String| PrivateKey::from_pem(Algorithm::Es256, pem).map(private_thumbprint);
    let pem = key.to_pem();
    assert_eq!(read(format!("{parameters}{pem}")), Ok(key.public_key().thumbprint()));
    assert_eq!(read(parameters.into()), invalid(KeyDefect::PemLabel));
    assert_eq!(read(format!("{parameters}{parameters}")), invalid(KeyDefect::PemLabel));
    for pem in [format!("{pem}{parameters}"), format!("{parameters}{pem}{pem}")] {
        assert_eq!(read(pem), invalid(KeyDefect::PemBlocks));
    }
    // A block that is cut off hides no key.
    let cut = parameters.replace("-----END EC PARAMETERS-----\n", "");
    assert_eq!(read(format!("{cut}{pem}")), invalid(KeyDefect::PemLabels));
    let public = key.public_key().to_pem();
    let public = PublicKey::from_pem(Algorithm::Es256, format!("{parameters}{public}"));
    assert_eq!(public.map(thumbprint), Ok(key.public_key().thumbprint()));
}

#[test]
fn bytes_without_a_format() {
    let mut count = 0;
    for case in Case::all().filter(|case| case.is("private", "jwk", "ok")) {
        let jwk: Value = serde_json::from_str(case.text("key")).unwrap();
        if jwk["kty"] == "RSA" {
            continue;
        }
        let (algorithm, expected) = (case.algorithm(), case.text("thumbprint").to_owned());
        let member = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
        let secret = PrivateKey::from_bytes(algorithm, &member("d"));
        assert_eq!(secret.map(private_thumbprint), Ok(expected.clone()));
        let point = match jwk["kty"].as_str().unwrap() {
            "OKP" => member("x"),
            _ => [vec![4], member("x"), member("y")].concat(),
        };
        let public = PublicKey::from_bytes(algorithm, &point).unwrap();
        assert_eq!(public.to_bytes(), Some(point));
        assert_eq!(public.thumbprint(), expected);
        count += 1;
    }
    assert_eq!(count, 5);
}

#[test]
fn bytes_of_another_length_or_value() {
    for algorithm in CURVES {
        let (secret, point) = match algorithm {
            Algorithm::Es256 => (32, 65),
            Algorithm::Es384 => (48, 97),
            _ => (32, 32),
        };
        for len in (0..=100).filter(|len| *len != secret) {
            let read = PrivateKey::from_bytes(algorithm, &vec![1; len]).map(private_thumbprint);
            let defect = KeyDefect::PrivateKeyLength { expected: secret };
            assert_eq!(read, invalid(defect), "{algorithm}, {len}");
        }
        for len in (0..=200).filter(|len| *len != point) {
            let read = PublicKey::from_bytes(algorithm, &vec![4; len]).map(thumbprint);
            let is_ed25519 = secret == point;
            let defect = if is_ed25519 { KeyDefect::Ed25519Point } else { KeyDefect::PointForm };
            assert_eq!(read, invalid(defect), "{algorithm}, {len}");
        }
    }
    for (algorithm, len) in [(Algorithm::Es256, 32), (Algorithm::Es384, 48)] {
        for scalar in [vec![0; len], vec![0xff; len]] {
            let read = PrivateKey::from_bytes(algorithm, &scalar).map(private_thumbprint);
            assert_eq!(read, invalid(KeyDefect::PrivateKeyRange));
        }
        let mut point = PrivateKey::generate(algorithm).unwrap().public_key().to_bytes().unwrap();
        let compressed = [&[2 + point[2 * len] % 2], &point[1..=len]].concat();
        let read = PublicKey::from_bytes(algorithm, &compressed).map(thumbprint);
        assert_eq!(read, invalid(KeyDefect::PointCompressed));
        point[2 * len] ^= 1;
        let read = PublicKey::from_bytes(algorithm, &point).map(thumbprint);
        assert_eq!(read, invalid(KeyDefect::PointOffCurve));
    }
    let small_order = PublicKey::from_bytes(Algorithm::EdDsa, &[0; 32]).map(thumbprint);
    assert_eq!(small_order, invalid(KeyDefect::Ed25519SmallOrder));

    let rsa = PublicKey::from_bytes(Algorithm::Rs256, &[1; 256]).map(thumbprint);
    assert_eq!(rsa, invalid(KeyDefect::NoRawForm));
    let rsa = PrivateKey::from_bytes(Algorithm::Ps256, &[1; 256]).map(private_thumbprint);
    assert_eq!(rsa, invalid(KeyDefect::NoRawForm));
    for algorithm in [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512] {
        let defect = || KeyDefect::NotForKeyPairs { algorithm };
        let read = PublicKey::from_bytes(algorithm, &[1; 32]).map(thumbprint);
        assert_eq!(read, invalid(defect()));
        let read = PrivateKey::from_bytes(algorithm, &[1; 32]).map(private_thumbprint);
        assert_eq!(read, invalid(defect()));
        let read = PrivateKey::from_der(algorithm, &[1; 32]).map(private_thumbprint);
        assert_eq!(read, invalid(defect()));
        let read = certificate_key(algorithm, CERTIFICATE).map(thumbprint);
        assert_eq!(read, invalid(defect()));
    }
}

#[test]
fn the_numbers_of_an_rsa_key() {
    let rsa = Algorithm::Rs256;
    let key = PrivateKey::generate(rsa).unwrap().public_key();
    let jwk: Value = serde_json::from_str(&key.to_jwk()).unwrap();
    let (n, e) = (jwk["n"].as_str().unwrap(), jwk["e"].as_str().unwrap());
    let read = |n: &str, e: &str| PublicKey::from_rsa_components(rsa, n, e).map(thumbprint);

    assert_eq!(read(n, e), Ok(key.thumbprint()));
    let bytes = URL_SAFE_NO_PAD.decode(n).unwrap();
    let padded = URL_SAFE_NO_PAD.encode([&[0, 0], &bytes[..]].concat());
    assert_eq!(read(&padded, "AAEAAQ"), Ok(key.thumbprint()));

    let encoding = |number| invalid(KeyDefect::RsaNumberEncoding { number });
    // Bytes that need the two characters in which the alphabets differ.
    let standard = STANDARD.encode([0xfb; 258]);
    for n in [&standard, &format!("{n}="), &format!("{n}\n"), "é"] {
        assert_eq!(read(n, e), encoding("n"), "{n}");
    }
    assert_eq!(read(n, "AQAB="), encoding("e"));
    assert_eq!(read(n, "65537"), encoding("e"));
    assert_eq!(read(n, ""), invalid(KeyDefect::RsaExponent));
    assert_eq!(read("", e), Err(Error::WeakKey { algorithm: rsa, len: 0, min: 2048 }));
    assert_eq!(read("AQAB", e), Err(Error::WeakKey { algorithm: rsa, len: 17, min: 2048 }));

    let other = PublicKey::from_rsa_components(Algorithm::Es256, n, e).map(thumbprint);
    let (needed, found) = (KeyKind::P256, KeyKind::Rsa);
    assert_eq!(other, invalid(KeyDefect::OtherKind { needed, found }));
}

/// Certificates by openssl, with the keys that it takes out of them; see
/// `tests/keys/certificates.py`.
#[test]
fn keys_of_certificates() {
    let mut count = 0;
    for line in include_str!("keys/certificates.jsonl").lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| case[name].as_str().unwrap();
        let key = certificate_key(text("alg").parse().unwrap(), text("pem")).unwrap();
        assert_eq!(URL_SAFE_NO_PAD.encode(key.to_spki_der()), text("spki"));
        let old = text("pem").replace(" CERTIFICATE", " X509 CERTIFICATE");
        let again = certificate_key(key.algorithm(), old).map(thumbprint);
        assert_eq!(again, Ok(key.thumbprint()));
        count += 1;
    }
    assert_eq!(count, 8);
}

#[test]
fn what_is_not_a_certificate() {
    let read = |pem: &str| certificate_key(Algorithm::Es256, pem).map(thumbprint);
    let key = read(CERTIFICATE).unwrap();
    let der = der_of(CERTIFICATE);
    let pem = |der: &[u8]| {
        let body = STANDARD.encode(der);
        format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
    };
    assert_eq!(read(&pem(&der)), Ok(key));

    let not = || invalid(KeyDefect::NotCertificate);
    let private = PrivateKey::generate(Algorithm::Es256).unwrap();
    assert_eq!(read(&private.public_key().to_pem()), not());
    assert_eq!(read(&private.to_pem()), not());
    let request = CERTIFICATE.replace("CERTIFICATE", "CERTIFICATE REQUEST");
    assert_eq!(read(&request), not());
    assert_eq!(read(&pem(&private.public_key().to_spki_der())), not());
    assert_eq!(read(&pem(&[&der[..], &[0]].concat())), not());
    assert_eq!(read(&CERTIFICATE.repeat(2)), invalid(KeyDefect::PemBlocks));
    for len in 0..der.len() {
        assert_eq!(read(&pem(&der[..len])), not(), "{len} bytes");
    }
    let rsa = certificate_key(Algorithm::Rs256, CERTIFICATE).map(thumbprint);
    let (needed, found) = (KeyKind::Rsa, KeyKind::P256);
    assert_eq!(rsa, invalid(KeyDefect::OtherKind { needed, found }));
}

/// What goes out comes in again, and is what openssl and others wrote.
#[test]
fn keys_go_out_in_every_form() {
    let mut count = 0;
    for case in Case::all().filter(|case| case.text("expect") == "ok") {
        let (name, algorithm) = (case.text("name"), case.algorithm());
        let (key, der) = match (case.text("role"), case.text("form")) {
            ("public", "pem") => (PublicKey::from_pem(algorithm, case.text("key")), None),
            ("public", "jwk") => (PublicKey::from_jwk_for(algorithm, case.text("key")), None),
            ("public", _) => {
                let der = URL_SAFE_NO_PAD.decode(case.text("key")).unwrap();
                (PublicKey::from_spki_der(algorithm, &der), Some(der))
            }
            _ => continue,
        };
        let key = key.unwrap();
        // DER has one spelling.
        assert!(der.is_none_or(|der| der == key.to_spki_der()), "{name}");
        assert_eq!(der_of(&key.to_pem()), key.to_spki_der());
        let again = PublicKey::from_pem(algorithm, key.to_pem()).map(thumbprint);
        assert_eq!(again, Ok(key.thumbprint()), "{name}");
        let again = PublicKey::from_der(algorithm, &key.to_spki_der()).map(thumbprint);
        assert_eq!(again, Ok(key.thumbprint()), "{name}");
        let bytes = key.to_bytes();
        assert_eq!(bytes.is_some(), CURVES.contains(&algorithm), "{name}");
        if let Some(bytes) = bytes {
            let again = PublicKey::from_bytes(algorithm, &bytes).map(thumbprint);
            assert_eq!(again, Ok(key.thumbprint()), "{name}");
        }
        count += 1;
    }
    assert_eq!(count, 43);
}

/// Of a private JWK every member comes out as it went in.
#[test]
fn private_jwks_go_out_as_they_came_in() {
    let mut count = 0;
    for case in Case::all().filter(|case| case.is("private", "jwk", "ok")) {
        let (name, algorithm) = (case.text("name"), case.algorithm());
        let odd_id = "a\"}\\\n\u{e9}";
        let key = PrivateKey::from_jwk_for(algorithm, case.text("key")).unwrap().with_id(odd_id);
        let text = key.to_jwk();
        let written: Value = serde_json::from_str(&text).unwrap();
        let read: Value = serde_json::from_str(case.text("key")).unwrap();
        for member in ["kty", "crv", "x", "y", "n", "e", "d", "p", "q", "dp", "dq", "qi"] {
            // Leading zeros of a number are not written.
            let is_number = member != "crv" && member != "kty" && read["kty"] == "RSA";
            let bytes = |jwk: &Value| {
                let bytes = URL_SAFE_NO_PAD.decode(jwk[member].as_str()?).ok()?;
                Some(bytes.into_iter().skip_while(|byte| *byte == 0).collect::<Vec<_>>())
            };
            if is_number {
                assert_eq!(bytes(&written), bytes(&read), "{name} {member}");
            } else {
                assert_eq!(written[member], read[member], "{name} {member}");
            }
        }
        assert_eq!(written["alg"], algorithm.name());
        assert_eq!((&written["use"], &written["kid"]), (&"sig".into(), &odd_id.into()));
        let again = PrivateKey::from_jwk(&text).unwrap();
        assert_eq!((again.id(), again.to_jwk()), (Some(odd_id), text.clone()));
        // It is not one to publish.
        let defect = KeyDefect::JwkPrivateMember { member: "d" };
        assert_eq!(PublicKey::from_jwk(&text).map(thumbprint), invalid(defect));
        count += 1;
    }
    assert_eq!(count, 8);
}

/// A private JWK has no other primes (RFC 7518 §6.3.2.7).
#[test]
fn other_primes() {
    for algorithm in [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa] {
        let jwk = PrivateKey::generate(algorithm).unwrap().to_jwk();
        assert!(PrivateKey::from_jwk(&jwk).is_ok());
        for oth in ["[]", "null", r#"[{"r":"AQAB","d":"AQAB","t":"AQAB"}]"#] {
            let jwk = jwk.replacen('{', &format!(r#"{{"oth":{oth},"#), 1);
            let read = PrivateKey::from_jwk(&jwk).map(private_thumbprint);
            assert_eq!(read, invalid(KeyDefect::JwkOtherPrimes), "{algorithm}, {oth}");
        }
    }
}

/// The texts of the defects that no key of `tests/keys/keys.jsonl` has.
#[test]
fn texts() {
    let cases = [
        (
            KeyDefect::NotPublicKey,
            "the bytes are not a public key in DER; `openssl pkey -pubout -outform DER` writes one",
        ),
        (
            KeyDefect::NotPrivateKey,
            "the bytes are not an unencrypted private key in DER; `openssl pkey -outform DER` \
             writes one",
        ),
        (KeyDefect::NotCertificate, "the PEM text is not an X.509 certificate"),
        (
            KeyDefect::NoRawForm,
            "an RSA key has no form as bytes without a format; read it with `from_der`, or its \
             numbers with `from_rsa_components`",
        ),
        (
            KeyDefect::RsaNumberEncoding { number: "n" },
            "the number \"n\" of the RSA key is not base64url without padding; write it with \"-\" \
             and \"_\" instead of \"+\" and \"/\", and without \"=\" at the end",
        ),
        (
            KeyDefect::NotForSecrets { algorithm: Algorithm::Es256 },
            "ES256 uses public and private keys, not secrets; read the key with `PublicKey` or \
             `PrivateKey`",
        ),
        (
            KeyDefect::Processor,
            "this processor does not have the instructions that public keys need; public keys need \
             AES, PCLMULQDQ, BMI1, ADX and AVX2, or on Arm AES, PMULL and SHA2; HS256 works on every \
             processor",
        ),
        (KeyDefect::NoRandomBytes, "the operating system returned no random bytes"),
        (KeyDefect::RsaUnusable, "the RSA key cannot be used"),
        (
            KeyDefect::OtherKind { needed: KeyKind::Ed25519, found: KeyKind::X448 },
            "the algorithm needs an Ed25519 key, and this is an X448 key",
        ),
    ];
    for (defect, text) in cases {
        assert_eq!(Error::InvalidKey { defect }.to_string(), format!("invalid key: {text}"));
    }
}
