//! `jwt key`, and tokens of the keys that it makes.

use std::fs;

use serde_json::{Value, json};

use crate::run::{DIRECTIONS, Folder, SECRET, jwt, part, segment};

const KINDS: [(&str, &str); 4] =
    [("es256", "ES256"), ("es384", "ES384"), ("eddsa", "EdDSA"), ("rs256", "RS256")];
const ASYMMETRIC: [&str; 10] =
    ["EdDSA", "Ed25519", "ES256", "ES384", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];
const CLAIMS: &str = r#"{"exp":1600001800}"#;

/// A key that other programs made, in three forms; see `tests/keys/README.md`.
pub(crate) fn fixture(name: &str) -> String {
    format!("{}/tests/keys/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap()
}

fn value(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

/// Signs with one key and verifies with the other.
#[track_caller]
fn assert_pair(signing: &[&str], verifying: &[&str]) {
    let token = jwt(&["sign", CLAIMS]).and(signing).run().good();
    let verify = ["verify", token.trim(), "--at", "0"];
    let outcome = jwt(&verify).and(verifying).run();
    assert_eq!(outcome.code, 0, "{signing:?} {verifying:?} {outcome:?}");
}

const HOW_TO_READ_HEX: &str = "note: read this secret with Key::from_hex in a program, and with \
                               --secret-format hex or JWT_SECRET_FORMAT=hex in this command\n";

/// Each format says how it is read, and is read so.
#[test]
fn a_generated_secret_says_how_it_is_read() {
    use jwt_codec::{Algorithm::Hs256, Error, Key, UnverifiedToken};

    type Constructor = fn(&str) -> Result<Key, Error>;
    let formats: [(&str, &str, Constructor); 4] = [
        ("hex", "Key::from_hex", |text| Key::from_hex(Hs256, text)),
        ("base64", "Key::from_base64", |text| Key::from_base64(Hs256, text)),
        ("base64url", "Key::from_base64url", |text| Key::from_base64url(Hs256, text)),
        ("text", "Key::new, without the line end of the file,", |text| {
            Key::new(Hs256, text.trim_end())
        }),
    ];
    for (format, constructor, make) in formats {
        let generate = ["key", "generate", "--alg", "HS256"];
        let call = jwt(&generate);
        let call = if format == "hex" { call } else { call.and(&["--format", format]) };
        let outcome = call.run();
        let note = format!(
            "read this secret with {constructor} in a program, and with --secret-format {format} or \
             JWT_SECRET_FORMAT={format} in this command"
        );
        assert_eq!(outcome.err, format!("note: {note}\n"));
        let secret = outcome.good();
        let sign = jwt(&["sign", CLAIMS, "--secret-file", "-", "--secret-format", format]);
        let token = sign.stdin(&secret).run().good();
        let token = UnverifiedToken::parse(token.trim()).unwrap();
        assert!(token.verify(&make(&secret).unwrap()).is_ok(), "{format}");
        let json = jwt(&generate).and(&["--format", format, "--json"]).run().json();
        assert_eq!(json["notes"], json!([note]));
    }
    let json = jwt(&["key", "generate", "--alg", "HS256", "--format", "jwk", "--json"]).run();
    assert_eq!(json.json().get("notes"), None);
}

/// Neither readable by others nor ever overwritten.
#[test]
fn a_file_is_its_owners_alone_and_never_overwritten() {
    let folder = Folder::new("generate_file");
    for (index, arguments) in [
        &["--alg", "HS256"][..],
        &["--alg", "HS512", "--format", "jwk", "--kid", "a"],
        &["--alg", "ES256"],
        &["--alg", "ES256", "--format", "jwk"],
    ]
    .into_iter()
    .enumerate()
    {
        let path = folder.path(&index.to_string());
        let generate = || jwt(&["key", "generate", "--out", &path]).and(arguments).run();
        let outcome = generate();
        assert_eq!((outcome.code, outcome.out.as_str()), (0, ""), "{outcome:?}");
        let wrote = format!("wrote: {path}, readable by its owner only\n");
        let note = if index == 0 { HOW_TO_READ_HEX } else { "" };
        assert_eq!(outcome.err, format!("{wrote}{note}"));
        let key = read(&path);
        assert!(key.ends_with('\n'));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        generate().assert_misuse(&format!("{path} exists, and keys are never overwritten"));
        assert_eq!(read(&path), key);
    }
    let nowhere = folder.path("missing/key");
    jwt(&["key", "generate", "--alg", "HS256", "--out", &nowhere])
        .run()
        .assert_misuse(&format!("cannot write {nowhere}: No such file or directory (os error 2)"));
    #[cfg(target_os = "linux")]
    {
        // A link is not followed to what it hides.
        let link = folder.path("link");
        std::os::unix::fs::symlink(folder.path("target"), &link).unwrap();
        assert_eq!(jwt(&["key", "generate", "--alg", "HS256", "--out", &link]).run().code, 2);
        assert!(!fs::exists(folder.path("target")).unwrap());
    }
}

#[test]
fn secrets_of_every_form_sign_and_verify() {
    let folder = Folder::new("generate_secret");
    for (alg, bytes) in [("HS256", 32_usize), ("HS384", 48), ("HS512", 64)] {
        for format in ["text", "hex", "base64", "base64url"] {
            let path = folder.path(&format!("{alg}.{format}"));
            let generate = ["key", "generate", "--alg", alg, "--format", format, "--out", &path];
            jwt(&generate).run().good();
            let key = ["--secret-file", &path, "--secret-format", format, "--alg", alg];
            assert_pair(&key, &key);
            let len = match format {
                "hex" => bytes * 2,
                "base64" => bytes.div_ceil(3) * 4,
                _ => (bytes * 4).div_ceil(3),
            };
            assert_eq!(read(&path).trim_end().len(), len, "{path}");
        }
        let path = folder.path(&format!("{alg}.jwk"));
        let generate = ["key", "generate", "--alg", alg, "--format", "jwk", "--kid", "k1"];
        jwt(&generate).and(&["--out", &path]).run().good();
        assert_pair(&["--jwk", &path], &["--jwk", &path]);
        let jwk = value(&read(&path));
        assert_eq!(
            (&jwk["kty"], &jwk["alg"], &jwk["kid"]),
            (&json!("oct"), &json!(alg), &json!("k1"))
        );
    }
    // Two are never the same, and to standard output goes what would go to a file.
    let generate = || jwt(&["key", "generate", "--alg", "HS256"]).run().good();
    let (one, other) = (generate(), generate());
    assert_ne!(one, other);
    assert_eq!(one.len(), 65);
    assert!(one.trim_end().bytes().all(|byte| byte.is_ascii_hexdigit()), "{one}");
}

#[test]
fn private_keys_of_every_algorithm_sign_and_their_public_parts_verify() {
    let folder = Folder::new("generate_private");
    for alg in ASYMMETRIC {
        let path = |name: &str| folder.path(&format!("{alg}.{name}"));
        let (private, public) = (path("pem"), path("public.pem"));
        jwt(&["key", "generate", "--alg", alg, "--out", &private]).run().good();
        assert!(read(&private).starts_with("-----BEGIN PRIVATE KEY-----\n"));
        jwt(&["key", "public", &private, "--alg", alg, "--out", &public]).run().good();
        assert!(read(&public).starts_with("-----BEGIN PUBLIC KEY-----\n"));
        let (private_jwk, public_jwk) = (path("jwk"), path("public.jwk"));
        let convert = ["key", "convert", &private, "--alg", alg, "--format", "jwk", "--kid", "k1"];
        jwt(&convert).and(&["--out", &private_jwk]).run().good();
        jwt(&["key", "public", &private_jwk, "--out", &public_jwk]).run().good();
        assert_eq!(value(&read(&public_jwk))["kid"], "k1");
        assert_eq!(value(&read(&public_jwk)).get("d"), None);

        let by_pem = ["--pem", &private, "--alg", alg];
        let by_jwk = ["--jwk", &private_jwk];
        for verifying in [
            &["--pem", &public, "--alg", alg][..],
            &["--pem", &private, "--alg", alg],
            &["--jwk", &public_jwk],
            &["--jwk", &private_jwk],
        ] {
            assert_pair(&by_pem, verifying);
            assert_pair(&by_jwk, verifying);
        }
        let token = jwt(&["sign", CLAIMS]).and(&by_jwk).run().good();
        let header = json!({ "alg": alg, "kid": "k1", "typ": "JWT" });
        assert_eq!(value(&part(&token, 0)), header);
    }
}

#[test]
fn forms_agree_with_those_of_other_programs() {
    for (name, alg) in KINDS {
        let folder = Folder::new(&format!("forms_{name}"));
        let [private, public, jwk] =
            ["pem", "public.pem", "jwk"].map(|form| fixture(&format!("{name}.{form}")));
        // The public part as PEM, from either form.
        for file in [&private, &public, &jwk] {
            let pem = jwt(&["key", "public", file, "--format", "pem", "--alg", alg]).run().good();
            assert_eq!(pem, read(&public), "{file}");
        }
        // As JWK, without what is private.
        let expected = value(&read(&jwk));
        for file in [&private, &public, &jwk] {
            let json = jwt(&["key", "public", file, "--format", "jwk", "--alg", alg]).run().good();
            let json = value(&json);
            for (member, value) in expected.as_object().unwrap() {
                match member.as_str() {
                    "kty" | "crv" | "x" | "y" | "n" | "e" => assert_eq!(&json[member], value),
                    _ => assert_eq!(json.get(member), None),
                }
            }
        }
        // The private key as JWK, and from the JWK back to a PEM.
        let out = folder.path("jwk");
        jwt(&["key", "convert", &private, "--format", "jwk", "--alg", alg, "--out", &out])
            .run()
            .good();
        let converted = value(&read(&out));
        for (member, value) in expected.as_object().unwrap() {
            assert_eq!(&converted[member], value, "{member}");
        }
        let back = folder.path("pem");
        jwt(&["key", "convert", &jwk, "--format", "pem", "--alg", alg, "--out", &back])
            .run()
            .good();
        let verifying = ["--pem", &public, "--alg", alg];
        assert_pair(&["--pem", &back, "--alg", alg], &verifying);
        assert_pair(&["--jwk", &jwk, "--alg", alg], &verifying);
        assert_pair(&["--jwk", &out], &verifying);
        assert_pair(&["--pem", &private, "--alg", alg], &["--jwk", &jwk, "--alg", alg]);
    }
}

#[test]
fn thumbprints() {
    let folder = Folder::new("thumbprint");
    // RFC 7638 §3.1 and RFC 8037, appendix A.3.
    let rsa = folder.file(
        "rsa",
        concat!(
            r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx"#,
            "4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs",
            "tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2",
            "QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbI",
            "SD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqb",
            r#"w0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#,
        ),
    );
    let ed25519 = folder.file(
        "ed25519",
        concat!(
            r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","#,
            r#""x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
        ),
    );
    let (rsa_print, ed25519_print) = (
        "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
        "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
    );
    let outcome = jwt(&["key", "thumbprint", &rsa, &ed25519]).run();
    assert_eq!(outcome.good(), format!("{rsa_print}\n{ed25519_print}\n"));
    let json = jwt(&["key", "thumbprint", "--json", &ed25519]).run().json();
    assert_eq!(json, json!({ "thumbprints": [{ "file": ed25519, "thumbprint": ed25519_print }] }));
    // The same of each form of a key.
    let print =
        |file: &str| jwt(&["key", "thumbprint", &fixture(file), "--alg", "ES256"]).run().good();
    assert_eq!(print("es256.pem"), print("es256.public.pem"));
    assert_eq!(print("es256.pem"), print("es256.jwk"));
    // From standard input.
    let stdin = jwt(&["key", "thumbprint", "-"]).stdin(read(&rsa)).run();
    assert_eq!(stdin.good(), format!("{rsa_print}\n"));
    jwt(&["key", "thumbprint", "-", "-"])
        .stdin(read(&rsa))
        .run()
        .assert_misuse("standard input can be a key only once; put the other one into a file");
    let secret =
        folder.file("oct", format!(r#"{{"kty":"oct","alg":"HS256","k":"{}"}}"#, segment(SECRET)));
    for command in ["thumbprint", "public"] {
        let outcome = jwt(&["key", command, &secret]).run();
        outcome.assert_misuse(&format!("{secret}: a secret has no public part"));
    }
}

#[test]
fn secrets_converted() {
    let folder = Folder::new("convert_secret");
    let hex: String = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect();
    let base64url = segment(SECRET);
    let base64 = format!("{base64url}==");
    let jwk = format!(r#"{{"kty":"oct","alg":"HS256","k":"{base64url}"}}"#);
    let forms = [
        ("text", SECRET),
        ("hex", &hex),
        ("base64", &base64),
        ("base64url", &base64url),
        ("jwk", &jwk),
    ];
    for (from, text) in forms {
        let path = folder.file(from, format!("{text}\n"));
        for (to, expected) in forms {
            let out = folder.path(&format!("{from}.{to}"));
            let call = jwt(&["key", "convert", &path, "--format", to, "--out", &out]);
            let call = if from == "jwk" { call } else { call.and(&["--secret-format", from]) };
            call.run().good();
            assert_eq!(read(&out), format!("{expected}\n"), "{from} to {to}");
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                assert_eq!(fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o600);
            }
        }
    }
    // A secret is not shown unless that is what was asked for.
    let path = folder.path("hex");
    let convert = ["key", "convert", &path, "--secret-format", "hex", "--format", "base64url"];
    jwt(&convert).run().assert_misuse(
        "the result is a secret; name a file with --out FILE, or print it with --out -",
    );
    let shown = jwt(&convert).and(&["--out", "-"]).run();
    assert_eq!(shown.good(), format!("{base64url}\n"));
    jwt(&["key", "convert", &fixture("es256.pem"), "--alg", "ES256", "--format", "jwk"])
        .run()
        .assert_misuse(
            "the result is a secret; name a file with --out FILE, or print it with --out -",
        );
    // Nothing is overwritten here, either.
    jwt(&convert)
        .and(&["--out", &path])
        .run()
        .assert_misuse(&format!("{path} exists, and keys are never overwritten"));
    // Bytes that are no text.
    let bytes = folder.file("bytes", "ff".repeat(32));
    jwt(&["key", "convert", &bytes, "--secret-format", "hex", "--format", "text", "--out", "-"])
        .run()
        .assert_misuse("the secret cannot be written as text; use --format hex");
    let short = folder.file("short", "secret");
    let convert = ["key", "convert", &short, "--format", "hex", "--out", "-"];
    assert_eq!(jwt(&convert).and(&["--json"]).run().error_code(), "weak_key");
    assert_eq!(jwt(&convert).and(&["--allow-short-secret"]).run().good(), "736563726574\n");
}

/// It says what the file is, and names the file and no option that the command does not have.
#[test]
fn keys_in_forms_that_are_not_read() {
    use base64::{Engine, prelude::BASE64_STANDARD};

    let folder = Folder::new("other_forms");
    let wide = |text: &str, order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    };
    let (pem, jwk) = (read(&fixture("es256.pem")), read(&fixture("es256.jwk")));
    let der = |name: &str| {
        let pem = read(&fixture(name));
        let lines = pem.lines().filter(|line| !line.starts_with('-'));
        BASE64_STANDARD.decode(lines.collect::<String>()).unwrap()
    };
    let is_der = "the file is in DER; convert it to PEM first, with `openssl pkey -inform DER`, and with \
                  `-pubin` for a public key";
    let is_ssh = "the file is a key in the format of OpenSSH; convert an RSA or ECDSA key to PEM, with \
                  `ssh-keygen -e -m PKCS8`";
    let is_utf16 = "the file is in UTF-16; save it as UTF-8";
    let ssh = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJaG1kIv3NBWmTIDNlZ8aGtLXEQTP56+8neWEM8XNQHZ a";
    for (content, message) in [
        (der("es256.pem"), is_der),
        (der("rs256.public.pem"), is_der),
        (ssh.into(), is_ssh),
        (wide(&pem, u16::to_le_bytes), is_utf16),
        (wide(&format!("\u{feff}{pem}"), u16::to_be_bytes), is_utf16),
        (wide(&format!("\u{feff}{jwk}"), u16::to_le_bytes), is_utf16),
        (
            format!("\u{feff}{jwk}").into(),
            "the file starts with a byte order mark; remove the mark",
        ),
        ("<RSAKeyValue></RSAKeyValue>".into(), "the file is neither a JWK nor a PEM"),
        (SECRET.into(), "the file is neither a JWK nor a PEM"),
    ] {
        let file = folder.file("key", &content);
        let message = format!("{file}: {message}");
        for command in ["convert", "public", "thumbprint", "set"] {
            let call = jwt(&["key", command, &file, "--alg", "ES256"]);
            let call = if command == "convert" { call.and(&["--format", "jwk"]) } else { call };
            call.run().assert_misuse(&message);
        }
        if content != SECRET.as_bytes() {
            jwt(&["key", "convert", &file, "--format", "jwk"]).run().assert_misuse(&message);
        }
    }
    let marked = folder.file("marked", format!("\u{feff}{pem}"));
    jwt(&["key", "public", &marked, "--alg", "ES256"]).run().good();
}

#[test]
fn a_secret_that_is_named_is_no_jwk() {
    let folder = Folder::new("named_secret");
    let convert = |file: &str, format: &str| {
        let convert = ["key", "convert", file, "--format", "hex", "--out", "-"];
        jwt(&convert).and(&["--alg", "HS256", "--secret-format", format]).run()
    };
    for secret in ["{a secret of 32 random bytes or more", "{} and 32 random bytes, or some more"] {
        let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(convert(&folder.file("secret", secret), "text").good(), hex + "\n");
    }
    let jwk = folder.file("jwk", format!(r#"{{"kty":"oct","k":"{}"}}"#, segment(SECRET)));
    for (file, form) in [(jwk, "JWK"), (fixture("es256.pem"), "PEM")] {
        for format in ["text", "hex"] {
            convert(&file, format).assert_misuse(&format!(
                "{file}: the file is a {form}, which --secret-format is not for; leave it out"
            ));
        }
    }
}

#[test]
fn sets() {
    let folder = Folder::new("set");
    let jwk = |name: &str, alg: &str, kid: &str| {
        let path = folder.path(name);
        let convert = ["key", "convert", &fixture(name), "--format", "jwk", "--alg", alg];
        jwt(&convert).and(&["--kid", kid, "--out", &path]).run().good();
        path
    };
    let (ed25519, rsa) = (jwk("eddsa.pem", "EdDSA", "a"), jwk("rs256.pem", "RS256", "b"));
    let set = folder.path("set.json");
    let outcome = jwt(&["key", "set", &ed25519, &rsa, "--out", &set]).run();
    assert_eq!(outcome.code, 0, "{outcome:?}");
    assert_eq!(
        outcome.err,
        format!(
            "note: {ed25519}: only its public part is in the set\n\
             note: {rsa}: only its public part is in the set\n\
             wrote: {set}\n"
        )
    );
    // To standard output goes the same.
    assert_eq!(jwt(&["key", "set", &ed25519, &rsa]).run().good(), read(&set));
    // For scripts, the note is in the JSON, unless that is the set itself.
    let note = format!("{ed25519}: only its public part is in the set");
    let out = folder.path("set.2.json");
    let json = jwt(&["key", "set", &ed25519, "--json", "--out", &out]).run();
    assert_eq!((json.json(), json.err.as_str()), (json!({ "out": out, "notes": [note] }), ""));
    let json = jwt(&["key", "set", &ed25519, "--json"]).run();
    assert_eq!((json.err.clone(), json.good()), (format!("note: {note}\n"), read(&out)));
    let json = value(&read(&set));
    let ids: Vec<_> = json["keys"].as_array().unwrap().iter().map(|key| &key["kid"]).collect();
    assert_eq!(ids, ["a", "b"]);
    assert!(!read(&set).contains("\"d\""));
    for key in [&ed25519, &rsa] {
        assert_pair(&["--jwk", key], &["--jwks", &set]);
    }
    // Of PEM, with the algorithm.
    let outcome = jwt(&["key", "set", &fixture("es256.public.pem"), "--alg", "ES256"]).run();
    assert_eq!(value(&outcome.good())["keys"][0]["crv"], "P-256");
    let pem = fixture("es256.pem");
    jwt(&["key", "set", &pem])
        .run()
        .assert_misuse(&format!("{pem}: a PEM does not name its algorithm; add --alg"));
    // Two keys with one id.
    let outcome = jwt(&["key", "set", &ed25519, &ed25519]).run();
    assert_eq!((outcome.code, outcome.out.as_str()), (2, ""));
    // Secrets make a set that is secret.
    let secret = folder.path("secret");
    let generate = ["key", "generate", "--alg", "HS256", "--format", "jwk", "--kid", "c"];
    jwt(&generate).and(&["--out", &secret]).run().good();
    let outcome = jwt(&["key", "set", &secret]).run();
    outcome.assert_misuse(
        "the result is a secret; name a file with --out FILE, or print it with --out -",
    );
    let secrets = folder.path("secrets.json");
    jwt(&["key", "set", &secret, "--out", &secrets]).run().good();
    assert_pair(&["--jwk", &secret], &["--jwks", &secrets]);
    let outcome = jwt(&["key", "set", &secret, "--out", "-"]).run();
    assert_eq!(outcome.good(), read(&secrets));
    jwt(&["key", "public", &set])
        .run()
        .assert_misuse(&format!("{set}: the file is a JWK Set, not a single JWK"));
}

/// An id, or a name, that would turn the direction of writing at a terminal.
#[test]
fn names_are_escaped() {
    let folder = Folder::new("escaped");
    let kid: String = DIRECTIONS.iter().chain(&['\u{9b}', '\u{1b}']).collect();
    // `run` asserts that nothing of it is written as it is.
    let generate = ["key", "generate", "--format", "jwk", "--kid", &kid, "--alg"];
    for alg in ["HS256", "ES256"] {
        let jwk = jwt(&generate).and(&[alg]).run().good();
        assert_eq!(value(&jwk)["kid"], kid);
        let file = folder.file(&format!("{alg}.jwk"), &jwk);
        let convert = ["key", "convert", &file, "--format", "jwk", "--out", "-"];
        assert_eq!(jwt(&convert).run().good(), jwk);
        let set = jwt(&["key", "set", &file, "--out", "-"]).run().good();
        assert_eq!(value(&set)["keys"][0]["kid"], kid);
        for json in [&["--json"][..], &[]] {
            let twice = jwt(&["key", "set", &file, &file, "--out", "-"]).and(json).run();
            assert_eq!(twice.code, 2);
            let unknown = jwt(&["sign", CLAIMS, "--jwk", &file, "--kid", &kid]).and(json).run();
            assert_eq!(unknown.code, 0);
            let token = unknown.good();
            let token = if json.is_empty() { token.trim().to_owned() } else { continue };
            let verify = ["verify", &token, "--at", "0", "--json", "--jwk", &file];
            assert_eq!(jwt(&verify).run().json()["header"]["kid"], kid);
            let inspect = jwt(&["inspect", &token]).run().good();
            assert!(inspect.contains("\\u061c\\u200e"), "{inspect}");
            let other = folder.file(
                "other.jwks",
                r#"{"keys":[{"kty":"OKP","crv":"Ed25519",
                "kid":"a","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#,
            );
            assert_eq!(jwt(&["verify", &token, "--jwks", &other]).run().code, 1);
        }
    }
    let bytes = folder.file("secret", format!("{kid}{SECRET}"));
    let convert = ["key", "convert", &bytes, "--format", "text", "--out", "-"];
    jwt(&convert).run().assert_misuse("the secret cannot be written as text; use --format hex");
    for arguments in [
        &["key", "public", &kid][..],
        &["man", &kid],
        &["verify", "a.b.c", "--jwks", &kid],
        &["verify", "a.b.c", &kid],
        &["sign", "--claim", &kid],
        &["sign", "--header", &kid],
        &["completions", &kid],
        &[&kid],
    ] {
        for json in [&["--json"][..], &[]] {
            assert_eq!(jwt(arguments).and(json).env("JWT_SECRET", SECRET).run().code, 2);
        }
    }
}

#[test]
fn json_for_scripts() {
    let folder = Folder::new("key_json");
    let json = jwt(&["key", "generate", "--alg", "HS256", "--json"]).run().json();
    assert_eq!((&json["alg"], &json["format"]), (&json!("HS256"), &json!("hex")));
    assert_eq!(json["key"].as_str().unwrap().len(), 64);
    let path = folder.path("key");
    let outcome = jwt(&["key", "generate", "--alg", "ES256", "--json", "--out", &path]).run();
    assert_eq!(outcome.json(), json!({ "alg": "ES256", "format": "pem", "out": path }));
    let outcome = jwt(&["key", "public", &path, "--alg", "ES256", "--json"]).run();
    let json = outcome.json();
    assert_eq!(json["keys"][0]["file"], json!(path));
    assert!(json["keys"][0]["key"].as_str().unwrap().starts_with("-----BEGIN PUBLIC KEY"));
    let call = jwt(&["key", "public", &path, "--alg", "ES256", "--format", "jwk", "--json"]);
    assert_eq!(call.run().json()["keys"][0]["key"]["kty"], "EC");
    let again = jwt(&["key", "generate", "--alg", "ES256", "--json", "--out", &path]).run();
    assert_eq!(again.error_code(), "usage");
}

#[test]
fn what_does_not_fit_together() {
    let folder = Folder::new("key_misuse");
    let pem = fixture("es256.pem");
    for (arguments, message) in [
        (
            &["generate", "--alg", "HS256", "--format", "pem"][..],
            "a secret cannot be written as PEM; use --format jwk",
        ),
        (
            &["generate", "--alg", "ES256", "--format", "hex"],
            "a private or public key is written as --format jwk or pem",
        ),
        (
            &["generate", "--alg", "HS256", "--kid", "a"],
            "only a JWK contains an id; add --format jwk",
        ),
        (
            &["generate", "--alg", "ES256", "--kid", "a"],
            "only a JWK contains an id; add --format jwk",
        ),
        (
            &["public", &pem, "--alg", "ES256", "--kid", "a"],
            "only a JWK contains an id; add --format jwk",
        ),
        (
            &["public", &pem, &pem, "--alg", "ES256", "--kid", "a"],
            "--kid is the id of one key; name one file",
        ),
        (
            &["convert", &pem, "--alg", "ES256", "--format", "hex", "--out", "-"],
            "a private or public key is written as --format jwk or pem",
        ),
    ] {
        jwt(&["key"]).and(arguments).run().assert_misuse(message);
    }
    let missing = folder.path("missing");
    let text = folder.file("text", SECRET);
    let empty = folder.file("empty", "");
    for command in ["public", "thumbprint", "set"] {
        for (path, message) in [
            (&missing, format!("cannot read {missing}: No such file or directory (os error 2)")),
            (&text, format!("{text}: the file is neither a JWK nor a PEM")),
            (&empty, format!("{empty}: the file is empty")),
        ] {
            jwt(&["key", command, path]).run().assert_misuse(&message);
        }
        assert_eq!(jwt(&["key", command]).run().code, 2);
        // The key of another algorithm.
        let outcome = jwt(&["key", command, &pem, "--alg", "ES384", "--json"]).run();
        assert_eq!((outcome.code, outcome.error_code().as_str()), (2, "invalid_key"));
    }
    // PEM that is broken, or of something else.
    let text = read(&pem);
    let certificate = text.replace("PRIVATE KEY", "CERTIFICATE");
    let openssh = text.replace("PRIVATE KEY", "OPENSSH PRIVATE KEY");
    for (pem, message) in [
        (
            text.replace('\n', "\\n"),
            "the PEM text contains a backslash and an \"n\" where its line ends should be; replace \
             them with line ends, as `printf '%b'` does",
        ),
        (
            text.replace("-----END", ""),
            "the PEM text does not contain an END line; pass the whole file, with its BEGIN and END \
             lines",
        ),
        (
            text.repeat(2),
            "the PEM text contains more than one block; pass the block of one key only",
        ),
        (
            certificate,
            "the PEM text is a certificate; extract its public key first, with `openssl x509 -pubkey \
             -noout`",
        ),
        (
            openssh,
            "the PEM text is a key in the format of OpenSSH; convert a copy of it with `ssh-keygen -p \
             -m PKCS8`, which leaves Ed25519 as it is in older versions, or make a new key with `jwt key \
             generate`",
        ),
    ] {
        let path = folder.file("broken.pem", pem);
        jwt(&["key", "thumbprint", &path, "--alg", "ES256"])
            .run()
            .assert_misuse(&format!("{path}: {message}"));
    }
    // A public key does not sign.
    let public = fixture("es256.public.pem");
    jwt(&["sign", CLAIMS, "--pem", &public, "--alg", "ES256"])
        .run()
        .assert_misuse("a public key only verifies; sign with the private key");
    // Nor is it a secret.
    let outcome = jwt(&["sign", CLAIMS, "--secret-file", &public, "--json"]).run();
    assert_eq!((outcome.code, outcome.error_code().as_str()), (2, "invalid_key"));
}

/// A token that was signed with the text of a public key as secret (CVE-2016-5431 and others), by
/// `openssl dgst -sha256 -hmac`: no key of the library takes such a secret.
#[test]
fn algorithms_cannot_be_confused() {
    let public = fixture("rs256.public.pem");
    let key = read(&public);
    let token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOjE2MDAwMDE4MDB9.\
                 MP14PpVblYJ7j-DODkAHOxQ-X5RuQtakg03aij-EKgc";
    let verify = ["verify", token, "--at", "0", "--json"];
    let outcome = jwt(&verify).and(&["--pem", &public, "--alg", "RS256"]).run();
    assert_eq!((outcome.code, outcome.error_code().as_str()), (1, "algorithm_mismatch"));
    let outcome = jwt(&verify).env("JWT_SECRET", &key).run();
    assert_eq!((outcome.code, outcome.error_code().as_str()), (2, "invalid_key"));
}
