//! Where a secret comes from, and that there never is an answer without one.

use crate::run::{Folder, Outcome, SECRET, jwt, part, segment, signed, with_secret};

const CLAIMS: &str = r#"{"exp":1600001800}"#;

/// A verification of a token that is genuine under [`SECRET`].
fn verify(arguments: &[&str]) -> Outcome {
    jwt(&["verify", &signed(CLAIMS), "--at", "1600000060"]).and(arguments).run()
}

/// The best-known tool skips the check if the secret is empty, and exits with 0.
#[test]
fn no_secret_is_no_answer() {
    let folder = Folder::new("no_secret");
    let token = signed(CLAIMS);
    let none = "there is no key; name one with --secret-file, --jwk, --jwks or --pem, or set \
                JWT_SECRET";
    verify(&[]).assert_misuse(none);
    jwt(&["sign", CLAIMS]).run().assert_misuse(none);
    assert_eq!(jwt(&["verify", &token, "--json"]).run().error_code(), "no_key");

    let empty = jwt(&["verify", &token]).env("JWT_SECRET", "").run();
    empty.assert_misuse("JWT_SECRET: the secret is empty");
    for content in ["", "\n", "\r\n"] {
        let path = folder.file("empty", content);
        let message = format!("{path}: the secret is empty");
        verify(&["--secret-file", &path]).assert_misuse(&message);
        verify(&["--secret-file", &path, "--allow-short-secret"]).assert_misuse(&message);
        jwt(&["sign", CLAIMS, "--secret-file", &path]).run().assert_misuse(&message);
    }
    let path = folder.file("empty", " \n");
    for format in ["hex", "base64", "base64url"] {
        for short in [&[][..], &["--allow-short-secret"]] {
            let outcome = verify(&["--secret-file", &path, "--secret-format", format, "--json"]);
            assert_eq!(outcome.code, 2, "{short:?}");
            assert_eq!(outcome.error_code(), "weak_key");
        }
    }
    for (flag, text) in [
        ("--jwk", ""),
        ("--jwk", "{}"),
        ("--jwks", ""),
        ("--jwks", "{}"),
        ("--jwks", r#"{"keys":[]}"#),
    ] {
        let path = folder.file("empty", text);
        let outcome = verify(&[flag, &path]);
        assert_eq!((outcome.code, outcome.out.as_str()), (2, ""), "{flag} {text}");
        assert_eq!(outcome.err.lines().count(), 1);
    }
    let path = folder.file("empty.pem", "");
    verify(&["--pem", &path, "--alg", "ES256"])
        .assert_misuse(&format!("{path}: the file is empty"));
}

#[test]
fn a_path_that_cannot_be_read_is_one_line() {
    let folder = Folder::new("unreadable");
    let missing = folder.path("missing");
    for flags in [&["--secret-file"][..], &["--jwk"], &["--jwks"], &["--alg", "ES256", "--pem"]] {
        let outcome = verify(&[flags, &[missing.as_str()]].concat());
        outcome.assert_misuse(&format!(
            "cannot read {missing}: No such file or directory (os error 2)"
        ));
    }
    let outcome = verify(&["--secret-file", &missing, "--json"]);
    assert_eq!((outcome.code, outcome.error_code().as_str()), (2, "io"));
    // A folder, and one that never ends.
    assert_eq!(verify(&["--secret-file", &folder.path("")]).code, 2);
    #[cfg(unix)]
    verify(&["--secret-file", "/dev/zero"])
        .assert_misuse("cannot read /dev/zero: longer than 1 MiB");
    // A name with control characters in it.
    let outcome = verify(&["--secret-file", "\u{1b}[2J"]);
    assert!(outcome.err.starts_with("error: cannot read \\u001b[2J: "), "{}", outcome.err);
}

/// The best-known tool takes the line end for a part of the secret.
#[test]
fn one_line_end_is_no_part_of_the_secret() {
    let folder = Folder::new("line_end");
    for (content, code) in [
        (SECRET.to_owned(), 0),
        (format!("{SECRET}\n"), 0),
        (format!("{SECRET}\r\n"), 0),
        (format!("{SECRET}\n\n"), 1),
        (format!("{SECRET} "), 1),
        (format!(" {SECRET}\n"), 1),
    ] {
        let path = folder.file("secret", &content);
        let outcome = verify(&["--secret-file", &path]);
        assert_eq!(outcome.code, code, "{content:?}");
    }
    // Bytes that are no text are the secret to the last.
    let bytes = [&[0xff; 31][..], b"\n"].concat();
    let path = folder.file("bytes", &bytes);
    let key = jwt_codec::Key::hs256(&bytes).unwrap();
    let token = jwt_codec::sign(&jwt_codec::Header::new(), CLAIMS.as_bytes(), &key).unwrap();
    let outcome = jwt(&["verify", &token, "--at", "0", "--secret-file", &path]).run();
    assert_eq!(outcome.code, 0, "{outcome:?}");
}

#[test]
fn formats_of_a_secret() {
    let folder = Folder::new("formats");
    let hex: String = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect();
    let base64url = segment(SECRET);
    let base64 = format!("{base64url}==").replace('-', "+").replace('_', "/");
    for (format, text) in [
        ("text", SECRET),
        ("hex", &hex),
        ("hex", &hex.to_uppercase()),
        ("base64", &base64),
        ("base64", &base64url),
        ("base64url", &base64url),
    ] {
        let path = folder.file("secret", format!("{text}\n"));
        let outcome = verify(&["--secret-file", &path, "--secret-format", format]);
        assert_eq!(outcome.code, 0, "{format}: {outcome:?}");
        // The one in the environment obeys it, too.
        let outcome = jwt(&["verify", &signed(CLAIMS), "--at", "0", "--secret-format", format])
            .env("JWT_SECRET", text)
            .run();
        assert_eq!(outcome.code, 0, "{format}: {outcome:?}");
    }
    // As something else than it is.
    let path = folder.file("hex", &hex);
    for format in ["base64", "base64url"] {
        verify(&["--secret-file", &path, "--secret-format", format]).assert_misuse(&format!(
            "{path}: the text is hexadecimal, not base64; use --secret-format hex"
        ));
    }
    let path = folder.file("padded", &base64);
    verify(&["--secret-file", &path, "--secret-format", "base64url"]).assert_misuse(&format!(
        "{path}: the text is not base64url without padding; use --secret-format base64 for other \
         base64"
    ));
    let path = folder.file("bytes", b"\xff\xfe");
    verify(&["--secret-file", &path, "--secret-format", "hex"])
        .assert_misuse(&format!("{path}: the secret is not text"));
    assert_eq!(verify(&["--secret-file", &path, "--secret-format", "utf8"]).code, 2);
}

/// Every secret that is hexadecimal or base64 is also text, and each reading is another secret.
#[test]
fn a_secret_that_looks_encoded_needs_a_format() {
    let folder = Folder::new("ambiguous");
    let hex: String = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect();
    let base64url = segment(SECRET);
    let base64 = format!("{base64url}==");
    let message = |whence: &str, format: &str| {
        format!(
            "{whence}: the secret looks like {} but may be meant as text, which is another secret; \
             add --secret-format {format} or --secret-format text{} (possible values: text, hex, \
             base64, base64url)",
            if format == "hex" { "hexadecimal" } else { format },
            if whence == "JWT_SECRET" { ", or set JWT_SECRET_FORMAT" } else { "" }
        )
    };
    let token = signed(CLAIMS);
    for (secret, format) in [
        (&hex, "hex"),
        (&hex.to_uppercase(), "hex"),
        (&base64, "base64"),
        (&base64url, "base64url"),
    ] {
        let file = folder.file("secret", format!("{secret}\n"));
        for command in [
            &["verify", &token, "--at", "0"][..],
            &["sign", CLAIMS],
            &["sign", CLAIMS, "--allow-short-secret"],
        ] {
            for json in [false, true] {
                let call = || if json { jwt(command).and(&["--json"]) } else { jwt(command) };
                for (whence, call) in [
                    ("JWT_SECRET", call().env("JWT_SECRET", secret)),
                    (&file, call().and(&["--secret-file", &file])),
                    ("standard input", call().and(&["--secret-file", "-"]).stdin(secret)),
                ] {
                    let outcome = call.run();
                    assert!(!outcome.err.contains(secret), "{outcome:?}");
                    if json {
                        assert_eq!((outcome.code, outcome.error_code().as_str()), (2, "usage"));
                        assert!(outcome.err.contains("--secret-format"), "{}", outcome.err);
                    } else {
                        outcome.assert_misuse(&message(whence, format));
                    }
                }
            }
        }
        let convert = ["key", "convert", &file, "--format", "jwk", "--out", "-"];
        jwt(&convert).run().assert_misuse(&message(&file, format));
        // Each reading, once it is named.
        let verify = ["verify", &token, "--at", "0", "--secret-file", &file, "--secret-format"];
        assert_eq!(jwt(&verify).and(&[format]).run().code, 0);
        assert_eq!(jwt(&verify).and(&["text"]).run().code, 1);
        assert_eq!(jwt(&convert).and(&["--secret-format", format]).run().code, 0);
    }
    // As `openssl rand -base64 64` and `openssl rand -hex 64 | fold -w 64` write it.
    let secret = [b'\xff'; 64];
    let in_lines = |text: &str, end: &str| format!("{}{end}{}{end}", &text[..64], &text[64..]);
    let whole = segment(secret);
    let base64 = format!("{}==", whole.replace('_', "/"));
    let token = jwt(&["sign", r#"{"exp":1600001800}"#, "--secret-format", "base64url"])
        .env("JWT_SECRET", &whole)
        .run()
        .good();
    for (format, text) in [("base64", &base64), ("base64url", &whole), ("hex", &"f".repeat(128))] {
        for end in ["\n", "\r\n"] {
            let lines = folder.file("lines", in_lines(text, end));
            verify(&["--secret-file", &lines]).assert_misuse(&message(&lines, format));
            let verify = ["verify", token.trim(), "--at", "0", "--secret-file", &lines];
            let outcome = jwt(&verify).and(&["--secret-format", format]).run();
            assert_eq!(outcome.code, 0, "{format}: {outcome:?}");
            let convert = ["key", "convert", &lines, "--secret-format", format, "--format", "hex"];
            let hex = jwt(&convert).and(&["--out", "-"]).run().good();
            assert_eq!(hex, "f".repeat(128) + "\n", "{format}");
        }
    }
    let spaced = folder.file("spaced", base64.replace('=', " ="));
    jwt(&["verify", token.trim(), "--secret-file", &spaced, "--secret-format", "base64"])
        .run()
        .assert_misuse(&format!(
            "{spaced}: the text is not base64; remove spaces inside the text, if it has any"
        ));
    // A line end belongs to a text.
    let lines = folder.file("lines", format!("{SECRET}\n{SECRET}"));
    let joined = folder.file("joined", SECRET.repeat(2));
    let sign = ["sign", r#"{"exp":1600001800}"#, "--secret-file", &joined];
    let token = jwt(&sign).run().good();
    let verify = ["verify", token.trim(), "--at", "0", "--secret-file", &lines];
    assert_eq!(jwt(&verify).and(&["--secret-format", "text"]).run().code, 1);
    // What is shorter, or neither, is text.
    for text in
        [&hex[..62], &"0".repeat(65), &base64url[..42], "a secret of 32 random bytes or more"]
    {
        let outcome = jwt(&["verify", &token, "--at", "0"]).env("JWT_SECRET", text).run();
        assert_eq!(outcome.code, 1, "{text}: {outcome:?}");
    }
}

/// Notepad writes a byte order mark, PowerShell UTF-16; shells and `.env` files keep quotes.
#[test]
fn a_secret_that_looks_encoded_in_a_wrapping() {
    let folder = Folder::new("wrapped");
    let hex: String = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect();
    let base64 = format!("{}==", segment(SECRET));
    let utf16 = |text: &str, order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    };
    let (mark, quotes) =
        (("after a byte order mark", "remove the mark"), ("in quotes", "remove the quotes"));
    let wide = ("in UTF-16", "save it as UTF-8");
    for (content, looks, format, (wrapping, cure)) in [
        (format!("\u{feff}{hex}\n").into_bytes(), "hexadecimal", "hex", mark),
        (format!("\u{feff}\"{base64}\"").into_bytes(), "base64", "base64", mark),
        (utf16(&format!("\u{feff}{hex}\r\n"), u16::to_le_bytes), "hexadecimal", "hex", wide),
        (utf16(&format!("\u{feff}{base64}\n"), u16::to_be_bytes), "base64", "base64", wide),
        (utf16(&format!("{hex}\n"), u16::to_le_bytes), "hexadecimal", "hex", wide),
        (utf16(&hex, u16::to_be_bytes), "hexadecimal", "hex", wide),
        (format!("\"{hex}\"\n").into_bytes(), "hexadecimal", "hex", quotes),
        (format!("' {base64} '").into_bytes(), "base64", "base64", quotes),
        (format!("“{}”", segment(SECRET)).into_bytes(), "base64url", "base64url", quotes),
    ] {
        let file = folder.file("secret", &content);
        let message = |whence: &str| {
            let other = if whence == "JWT_SECRET" { ", or set JWT_SECRET_FORMAT" } else { "" };
            format!(
                "{whence}: the secret looks like {looks} {wrapping} but may be meant as text, which is \
                 another secret; {cure} and add --secret-format {format}, or add --secret-format \
                 text{other} (possible values: text, hex, base64, base64url)"
            )
        };
        verify(&["--secret-file", &file]).assert_misuse(&message(&file));
        let convert = ["key", "convert", &file, "--format", "jwk", "--out", "-"];
        jwt(&convert).run().assert_misuse(&message(&file));
        jwt(&convert).and(&["--secret-format", "text"]).run().good();
        if let Ok(text) = String::from_utf8(content)
            && !text.contains('\0')
        {
            let call = jwt(&["sign", CLAIMS]).env("JWT_SECRET", &text);
            call.run().assert_misuse(&message("JWT_SECRET"));
        }
    }
    // Text in a wrapping is text.
    for text in [format!("\u{feff}{SECRET}"), format!("\"{SECRET}\""), format!("\"{hex}")] {
        let file = folder.file("text", text);
        assert_eq!(verify(&["--secret-file", &file]).code, 1);
    }
}

#[test]
fn the_format_of_the_secret_in_the_environment() {
    let folder = Folder::new("format_variable");
    let hex: String = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect();
    let token = signed(CLAIMS);
    let verify = |format: &str, secret: &str| {
        jwt(&["verify", &token, "--at", "0"])
            .env("JWT_SECRET", secret)
            .env("JWT_SECRET_FORMAT", format)
    };
    assert_eq!(verify("hex", &hex).run().code, 0);
    assert_eq!(verify("base64url", &segment(SECRET)).run().code, 0);
    assert_eq!(verify("text", &hex).run().code, 1);
    // The option comes first.
    assert_eq!(verify("text", &hex).and(&["--secret-format", "hex"]).run().code, 0);
    // Compose files set a variable that has no value to nothing.
    assert_eq!(verify("", SECRET).run().code, 0);
    verify("", &hex).run().assert_misuse(
        "JWT_SECRET: the secret looks like hexadecimal but may be meant as text, which is another \
         secret; add --secret-format hex or --secret-format text, or set JWT_SECRET_FORMAT (possible \
         values: text, hex, base64, base64url)",
    );
    // The two variables may be swapped, so the value is not quoted.
    for wrong in [" ", "HEX", "utf8", &hex] {
        verify(wrong, "hex")
            .run()
            .assert_misuse("JWT_SECRET_FORMAT: expected text, hex, base64 or base64url");
    }
    // It says nothing of files.
    let text = folder.file("text", SECRET);
    let file = folder.file("hex", &hex);
    assert_eq!(verify("hex", "").and(&["--secret-file", &text]).run().code, 0);
    let outcome = verify("hex", "").and(&["--secret-file", &file, "--json"]).run();
    assert_eq!((outcome.code, outcome.error_code().as_str()), (2, "usage"));
    // What signs here verifies in a program that reads hexadecimal.
    let call = jwt(&["sign", CLAIMS]).env("JWT_SECRET", &hex).env("JWT_SECRET_FORMAT", "hex");
    let token = call.run().good();
    let key = jwt_codec::Key::from_hex(jwt_codec::Algorithm::Hs256, &hex).unwrap();
    assert!(jwt_codec::UnverifiedToken::parse(token.trim()).unwrap().verify(&key).is_ok());
}

#[test]
fn a_file_counts_before_the_environment() {
    let folder = Folder::new("order");
    let path = folder.file("secret", SECRET);
    let other = "another secret, of 32 bytes or more";
    let call = || jwt(&["verify", &signed(CLAIMS), "--at", "0"]).env("JWT_SECRET", other);
    assert_eq!(call().run().code, 1);
    assert_eq!(call().and(&["--secret-file", &path]).run().code, 0);
    // Two sources are one too many.
    let outcome = call().and(&["--secret-file", &path, "--jwk", &path]).run();
    outcome.assert_misuse(
        "the argument '--secret-file <PATH>' cannot be used with '--jwk <PATH>'; \
         for more, run `jwt verify --help`",
    );
}

#[test]
fn short_secrets_have_to_be_allowed() {
    let folder = Folder::new("short");
    let text = folder.file("text", "secret\n");
    let message = format!(
        "{text}: the secret has 6 bytes, but HS256 requires 32; use 32 random bytes, or accept short \
         secrets with --allow-short-secret"
    );
    let sign = ["sign", CLAIMS, "--secret-file", &text];
    jwt(&sign).run().assert_misuse(&message);
    let token = jwt(&sign).and(&["--allow-short-secret"]).run().good();
    let verify = ["verify", token.trim(), "--at", "0"];
    jwt(&verify).and(&["--secret-file", &text]).run().assert_misuse(&message);

    let jwk = folder.file("jwk", r#"{"kty":"oct","alg":"HS256","k":"c2VjcmV0"}"#);
    let hex = folder.file("hex", "736563726574\n");
    let base64 = folder.file("base64", "c2VjcmV0\n");
    for arguments in [
        &["--secret-file", &text][..],
        &["--secret-file", &hex, "--secret-format", "hex"],
        &["--secret-file", &base64, "--secret-format", "base64"],
        &["--secret-file", &base64, "--secret-format", "base64url"],
        &["--jwk", &jwk],
    ] {
        let call = || jwt(&verify).and(arguments);
        let refused = call().and(&["--json"]).run();
        assert_eq!((refused.code, refused.error_code().as_str()), (2, "weak_key"));
        let outcome = call().and(&["--allow-short-secret"]).run();
        assert_eq!(outcome.code, 0, "{arguments:?}: {outcome:?}");
    }
}

/// The option is named only where it exists and helps.
#[test]
fn short_secrets_that_no_option_allows() {
    let folder = Folder::new("short_refused");
    let token = signed(CLAIMS);
    let short = r#"{"kty":"oct","alg":"HS256","k":"c2VjcmV0"}"#;
    let weak = "the secret has 6 bytes, but HS256 requires 32; use 32 random bytes";
    let set = folder.file("set", format!(r#"{{"keys":[{short}]}}"#));
    jwt(&["sign", CLAIMS, "--jwks", &set]).run().assert_misuse(&format!("{set}: {weak}"));
    jwt(&["verify", &token, "--jwks", &set]).run().assert_misuse(&format!(
        "{set}: no key of the set can be used; a key without an id cannot be used: {weak}"
    ));
    let jwk = folder.file("jwk", short);
    for command in ["set", "public", "thumbprint"] {
        jwt(&["key", command, &jwk]).run().assert_misuse(&format!("{jwk}: {weak}"));
    }
    let advice = "or accept short secrets with --allow-short-secret";
    jwt(&["key", "convert", &jwk, "--format", "hex"])
        .run()
        .assert_misuse(&format!("{jwk}: {weak}, {advice}"));
    // Another fault counts first, because the option does not allow it.
    for (member, fault) in [
        (r#""kid":7"#, "the member \"kid\" of the JWK is not a string"),
        (
            r#""use":"enc""#,
            "the JWK is not for signatures: its member \"use\" has another value than \"sig\"",
        ),
    ] {
        let jwk = folder.file("faulty", short.replace(r#""k":"#, &format!(r#"{member},"k":"#)));
        for option in [&[][..], &["--allow-short-secret"]] {
            verify(&[&["--jwk", jwk.as_str()], option].concat())
                .assert_misuse(&format!("{jwk}: {fault}"));
            jwt(&["key", "convert", &jwk, "--format", "hex"])
                .and(option)
                .run()
                .assert_misuse(&format!("{jwk}: {fault}"));
        }
    }
    // What is right stays.
    let named = folder.file("named", short.replace(r#""k":"#, r#""kid":"a","k":"#));
    let sign = ["sign", CLAIMS, "--jwk", &named, "--allow-short-secret"];
    assert!(part(&jwt(&sign).run().good(), 0).contains(r#""kid":"a""#));
}

/// A short RSA key is not a short secret.
#[test]
fn short_rsa_keys_are_never_allowed() {
    let folder = Folder::new("short_rsa");
    let n = format!("{}w", "_".repeat(170));
    let jwk = folder.file("jwk", format!(r#"{{"kty":"RSA","alg":"RS256","n":"{n}","e":"AQAB"}}"#));
    let message = format!("{jwk}: the RSA key has 1024 bits, but at least 2048 are required");
    verify(&["--jwk", &jwk]).assert_misuse(&message);
    verify(&["--jwk", &jwk, "--allow-short-secret"]).assert_misuse(&message);
    let empty = folder.file("empty", r#"{"kty":"oct","alg":"HS256","k":""}"#);
    verify(&["--jwk", &empty, "--allow-short-secret"])
        .assert_misuse(&format!("{empty}: the secret is empty"));
}

/// A public key is not a secret, so nobody may take it for one.
#[test]
fn other_keys_are_no_secrets() {
    let folder = Folder::new("other_keys");
    let pem =
        folder.file("pem", "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n");
    let outcome = verify(&["--secret-file", &pem, "--json"]);
    assert_eq!((outcome.code, outcome.error_code().as_str()), (2, "invalid_key"));
    let jwk = folder.file("jwk", format!(r#"{{"kty":"oct","k":"{}"}}"#, segment(SECRET)));
    verify(&["--secret-file", &jwk]).assert_misuse(&format!(
        "{jwk}: the secret is the text of a JWK or JWK Set; use --jwk or --jwks"
    ));
    // A JWK that does not name its algorithm.
    assert_eq!(verify(&["--jwk", &jwk]).code, 2);
    assert_eq!(verify(&["--jwk", &jwk, "--alg", "HS256"]).code, 0);
    // A set is not a key, and a key is not a set.
    let set = folder.file("set", r#"{"keys":[]}"#);
    verify(&["--jwk", &set]).assert_misuse(&format!("{set}: the file is a JWK Set; use --jwks"));
    assert_eq!(verify(&["--jwks", &jwk]).code, 2);
    // An algorithm that takes no secret.
    let outcome = with_secret(&["verify", &signed(CLAIMS), "--alg", "RS256"]).run();
    outcome.assert_misuse(
        "RS256 uses a public or private key, not a secret; name one with --pem or --jwk",
    );
}

/// Not even the wrong ones: whatever is said, it does not quote the secret. That holds for
/// [`SECRET`] in every call; here are those in other forms.
#[test]
fn errors_do_not_quote_secrets() {
    let folder = Folder::new("quotes");
    let marker = "hush-hush";
    let token = signed(CLAIMS);
    let jwk = format!(r#"{{"kty":"oct","alg":"HS256","k":"{marker}","kid":7}}"#);
    let jwk = folder.file("jwk", jwk);
    let text = folder.file("text", marker);
    for arguments in [
        &["--jwk", &jwk][..],
        &["--jwk", &text],
        &["--jwks", &jwk],
        &["--jwks", &text],
        &["--secret-file", &text],
        &["--secret-file", &text, "--secret-format", "hex"],
        &["--secret-file", &text, "--secret-format", "base64"],
        &["--pem", &text, "--alg", "ES256"],
    ] {
        let outcome = jwt(&["verify", &token]).and(arguments).run();
        assert_eq!((outcome.code, outcome.out.as_str()), (2, ""), "{arguments:?}");
        assert!(!outcome.err.contains(marker), "{}", outcome.err);
    }
    for format in ["text", "hex", "base64"] {
        let call = jwt(&["verify", &token, "--secret-format", format]);
        let outcome = call.env("JWT_SECRET", marker).run();
        assert_eq!(outcome.code, 2);
        assert!(!outcome.err.contains(marker), "{}", outcome.err);
    }
    let help = with_secret(&["verify", "--help"]).run().good();
    assert!(help.contains("JWT_SECRET"));
}
