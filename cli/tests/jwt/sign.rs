//! `jwt sign`

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::{
    keys::fixture,
    run::{Call, Folder, SECRET, jwt, part, with_secret},
};

fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    i64::try_from(now).unwrap()
}

/// The claims as text.
#[track_caller]
fn claims(call: Call) -> String {
    let outcome = call.run();
    assert_eq!(outcome.err, "");
    part(&outcome.good(), 1)
}

fn sign(arguments: &[&str]) -> Call {
    with_secret(&["sign"]).and(arguments)
}

#[test]
fn a_token_that_verifies() {
    let token = sign(&[r#"{"role":"admin"}"#, "--sub", "ada", "--exp", "1h"]).run().good();
    assert_eq!(part(&token, 0), r#"{"alg":"HS256","typ":"JWT"}"#);
    assert!(token.ends_with('\n'));
    let outcome = with_secret(&["verify", token.trim()]).run();
    assert_eq!(outcome.code, 0);
    let claims: Value = outcome.json();
    assert_eq!((&claims["role"], &claims["sub"]), (&json!("admin"), &json!("ada")));
    let (iat, exp) = (claims["iat"].as_i64().unwrap(), claims["exp"].as_i64().unwrap());
    assert_eq!(exp - iat, 3600);
    assert!((now() - 60..=now()).contains(&iat));
    // Its alias.
    assert_eq!(with_secret(&["encode", r#"{"exp":1}"#]).run().code, 0);
}

#[test]
fn something_has_to_be_said_about_exp() {
    let missing = "say when the token expires, such as --exp 1h, or that it never does, --no-exp";
    sign(&["{}"]).run().assert_misuse(missing);
    sign(&[r#"{"sub":"ada"}"#]).run().assert_misuse(missing);
    assert_eq!(claims(sign(&[r#"{"exp":1}"#, "--no-iat"])), r#"{"exp":1}"#);
    assert_eq!(claims(sign(&["--claim", "exp:=1", "--no-iat"])), r#"{"exp":1}"#);
    assert_eq!(claims(sign(&["--no-exp", "--no-iat"])), "{}");
    // What the flags say replaces what the JSON says.
    assert_eq!(claims(sign(&[r#"{"exp":1,"a":2}"#, "--no-exp", "--no-iat"])), r#"{"a":2}"#);
    let replaced = claims(sign(&[r#"{"iat":1000,"exp":1}"#, "--exp", "90s"]));
    assert_eq!(replaced, r#"{"iat":1000,"exp":1090}"#);
    for (exp, seconds) in [("15m", 900), ("7d", 604_800), ("90", 90), ("1h 30m", 5400)] {
        let claims = claims(sign(&[r#"{"iat":0}"#, "--exp", exp]));
        assert_eq!(claims, format!(r#"{{"iat":0,"exp":{seconds}}}"#));
    }
    for wrong in ["-1h", "1y", "tomorrow", ""] {
        let outcome = sign(&[&format!("--exp={wrong}")]).run();
        assert_eq!((outcome.code, outcome.out.as_str()), (2, ""), "{wrong}");
        assert_eq!(outcome.err.lines().count(), 1, "{}", outcome.err);
    }
    assert_eq!(sign(&["--exp", "1h", "--no-exp"]).run().code, 2);
}

#[test]
fn flags_replace_the_json_and_its_order_and_numbers_stay() {
    let json = r#"{ "z":1.50, "sub":"eve", "id":123456789012345678901234567890, "a":[1e3] }"#;
    assert_eq!(
        claims(sign(&[
            json, "--no-exp", "--no-iat", "--sub", "ada", "--iss", "me", "--aud", "api"
        ])),
        r#"{"z":1.50,"sub":"ada","id":123456789012345678901234567890,"a":[1e3],"iss":"me","aud":"api"}"#
    );
    assert_eq!(
        claims(sign(&["--no-exp", "--no-iat", "--aud", "api", "--aud", "web"])),
        r#"{"aud":["api","web"]}"#
    );
    // An `iat` of the JSON stays unless a flag says otherwise.
    assert_eq!(claims(sign(&[r#"{"iat":5}"#, "--no-exp"])), r#"{"iat":5}"#);
    assert_eq!(claims(sign(&[r#"{"iat":5}"#, "--no-exp", "--no-iat"])), "{}");
}

#[test]
fn single_claims() {
    let with = |claim: &str| claims(sign(&["--no-exp", "--no-iat", "--claim", claim]));
    for (claim, expected) in [
        ("role=admin", r#"{"role":"admin"}"#),
        ("role=", r#"{"role":""}"#),
        ("n=1", r#"{"n":"1"}"#),
        ("n:=1", r#"{"n":1}"#),
        ("n:=12345678901234567890123.10", r#"{"n":12345678901234567890123.10}"#),
        ("a:=[1, {\"b\":null}]", r#"{"a":[1, {"b":null}]}"#),
        // The first `=` splits; a `:` means JSON only right before it.
        ("a=b=c", r#"{"a":"b=c"}"#),
        ("a=b:=c", r#"{"a":"b:=c"}"#),
        ("https://x.example/role=admin", r#"{"https://x.example/role":"admin"}"#),
        ("a:b=c", r#"{"a:b":"c"}"#),
        ("a::=1", r#"{"a:":1}"#),
        ("quote=\"\\", r#"{"quote":"\"\\"}"#),
    ] {
        assert_eq!(with(claim), expected, "{claim}");
    }
    for (claim, message) in [
        ("role", "--claim expects name=text or name:=JSON"),
        ("=x", "--claim: the name before the = is missing"),
        (":=1", "--claim: the name before the = is missing"),
        ("n:=x", "--claim n: the value after := is not JSON: expected value at line 1 column 1"),
        (
            "n:=",
            "--claim n: the value after := is not JSON: EOF while parsing a value at line 1 column 0",
        ),
    ] {
        sign(&["--no-exp", "--claim", claim]).run().assert_misuse(message);
    }
    let twice = "two options set the claim \"a\"";
    sign(&["--no-exp", "--claim", "a=1", "--claim", "a:=2"]).run().assert_misuse(twice);
    sign(&["--sub", "ada", "--claim", "sub=eve", "--no-exp"])
        .run()
        .assert_misuse("two options set the claim \"sub\"");
    sign(&["--exp", "1h", "--claim", "exp:=1"])
        .run()
        .assert_misuse("two options set the claim \"exp\"");
}

#[test]
fn claims_from_standard_input() {
    let arguments = ["--no-exp", "--no-iat"];
    for text in ["", " \n", "{}"] {
        assert_eq!(claims(sign(&arguments).stdin(text)), "{}");
        assert_eq!(claims(sign(&["-"]).and(&arguments).stdin(text)), "{}");
    }
    assert_eq!(claims(sign(&[""]).and(&arguments)), "{}");
    assert_eq!(claims(sign(&arguments).stdin("{\"a\":1}\n")), r#"{"a":1}"#);
    assert_eq!(claims(sign(&["-"]).and(&arguments).stdin("{\"a\":1}\n")), r#"{"a":1}"#);
    // The argument counts; standard input is left alone.
    assert_eq!(claims(sign(&[r#"{"b":2}"#]).and(&arguments).stdin("{\"a\":1}")), r#"{"b":2}"#);
    // The secret from there, and so no claims.
    let call = jwt(&["sign", "--secret-file", "-"]).and(&arguments).stdin(format!("{SECRET}\n"));
    assert_eq!(claims(call), "{}");
    sign(&arguments).stdin(b"{\"a\":\"\xff\"}").run().assert_misuse("the claims are not UTF-8");
}

#[test]
fn claims_that_cannot_be_signed() {
    for (json, message) in [
        ("[]", "the claims are not a JSON object, such as {\"sub\":\"ada\"}"),
        ("ada", "the claims are not a JSON object, such as {\"sub\":\"ada\"}"),
        (
            "{\"a\":}",
            "the claims are not a JSON object, such as {\"sub\":\"ada\"}: \
             expected value at line 1 column 6",
        ),
        (
            "{} {}",
            "the claims are not a JSON object, such as {\"sub\":\"ada\"}: \
             trailing characters at line 1 column 4",
        ),
    ] {
        sign(&[json, "--no-exp"]).run().assert_misuse(message);
    }
    for (json, message) in [
        (r#"{"exp":"soon"}"#, "the claim \"exp\" must be a number, not a string"),
        (r#"{"a":1,"\u0061":2,"exp":1}"#, "the claim \"a\" appears twice; remove one of the two"),
        (
            r#"{"exp":1e400}"#,
            "malformed claims: it cannot be read as JSON: number out of range at line 1 column 12",
        ),
    ] {
        let outcome = sign(&[json]).run();
        outcome.assert_rejected(message);
        assert_eq!(sign(&["--json", json]).run().error_code(), "encode");
    }
    // Absent is what null means; the crate's `encode` leaves it out, too.
    let outcome = sign(&[r#"{"sub":null,"exp":1,"a":null}"#, "--no-iat", "--aud", "x"]).run();
    assert_eq!(outcome.err, "note: the claim \"sub\" is null and was left out\n");
    assert_eq!(part(&outcome.good(), 1), r#"{"exp":1,"a":null,"aud":"x"}"#);
    // What is set in its place is not left out.
    assert_eq!(sign(&[r#"{"iat":null,"exp":9}"#]).run().err, "");
    assert_eq!(sign(&[r#"{"exp":null}"#, "--exp", "1h"]).run().err, "");
    let json = sign(&[r#"{"iat":null,"exp":1}"#, "--no-iat", "--json"]).run().json();
    assert_eq!(json["notes"][0], "the claim \"iat\" is null and was left out");
    let reserved = sign(&[r#"{"$serde_json::private::Number":"1","exp":1}"#, "--json"]).run();
    assert_eq!(reserved.error_code(), "encode");
}

#[test]
fn the_header() {
    let header = |arguments: &[&str]| part(&sign(&["--no-exp"]).and(arguments).run().good(), 0);
    assert_eq!(header(&["--kid", "a"]), r#"{"alg":"HS256","kid":"a","typ":"JWT"}"#);
    assert_eq!(header(&["--typ", "at+jwt"]), r#"{"alg":"HS256","typ":"at+jwt"}"#);
    assert_eq!(header(&["--no-typ"]), r#"{"alg":"HS256"}"#);
    assert_eq!(header(&["--header", "a=b=c"]), r#"{"alg":"HS256","typ":"JWT","a":"b=c"}"#);
    assert_eq!(header(&["--header", "cty=x"]), r#"{"alg":"HS256","typ":"JWT","cty":"x"}"#);
    let several = ["--header", "a=1", "--header", "b=2"];
    assert_eq!(header(&several), r#"{"alg":"HS256","typ":"JWT","a":"1","b":"2"}"#);
    for (arguments, message) in [
        (&["--header", "a"][..], "--header expects name=value"),
        (&["--header", "a:=1"], "--header a:: a value in the header is text"),
        (&["--header", "alg=none"], "--header alg: the key decides the algorithm"),
        (&["--header", "crit=x"], "--header crit: header extensions are not supported"),
        (&["--header", "b64=x"], "--header b64: header extensions are not supported"),
        (&["--typ", ""], "--typ is empty; --no-typ leaves it out"),
        (&["--header", "kid=1"], "--header kid: use --kid instead"),
        (&["--header", "typ=1"], "--header typ: use --typ instead"),
        (&["--header", "a=1", "--header", "a=2"], "two options set the header parameter \"a\""),
    ] {
        sign(&["--no-exp"]).and(arguments).run().assert_misuse(message);
    }
    assert_eq!(sign(&["--no-exp", "--typ", "x", "--no-typ"]).run().code, 2);
    // No decode would read it.
    let long = "x".repeat(9000);
    for option in ["--kid", "--typ", "--header=x"] {
        let outcome = sign(&["--no-exp", &format!("{option}={long}")]).run();
        let message = " bytes, but only 8192 are read; shorten --kid, --typ or --header\n";
        assert!(outcome.err.starts_with("error: the header segment has 120"), "{outcome:?}");
        assert!(outcome.err.ends_with(message), "{outcome:?}");
        assert_eq!((outcome.code, outcome.out.as_str()), (2, ""));
    }
}

#[test]
fn json_for_scripts() {
    let outcome = sign(&[r#"{"exp":1}"#, "--no-iat", "--json"]).run();
    let token = sign(&[r#"{"exp":1}"#, "--no-iat"]).run().good();
    assert_eq!(outcome.good(), format!("{{\"token\":\"{}\"}}\n", token.trim()));
    assert_eq!(sign(&["{}", "--json"]).run().error_code(), "usage");
}

#[test]
fn a_key_of_a_set_is_named() {
    let folder = Folder::new("sign_set");
    let key = |kid: &str| {
        format!(r#"{{"kty":"oct","alg":"HS256","kid":"{kid}","k":"{}"}}"#, "A".repeat(43))
    };
    let one = folder.file("one", format!(r#"{{"keys":[{}]}}"#, key("a")));
    let two = folder.file("two", format!(r#"{{"keys":[{},{}]}}"#, key("a"), key("b")));
    let sign = |set: &str, arguments: &[&str]| {
        jwt(&["sign", "--no-exp", "--jwks", set]).and(arguments).run()
    };
    let header = r#"{"alg":"HS256","kid":"a","typ":"JWT"}"#;
    assert_eq!(part(&sign(&one, &[]).good(), 0), header);
    assert_eq!(part(&sign(&two, &["--kid", "a"]).good(), 0), header);
    sign(&two, &[])
        .assert_misuse(&format!("{two}: the set has 2 keys; name one of them with --kid or --alg"));
    sign(&two, &["--kid", "c"])
        .assert_misuse(&format!("{two}: no key of the set has the id \"c\""));
    // One id may be shared by keys of several algorithms (RFC 7517 §4.5).
    let long = key("a")
        .replace("HS256", "HS512")
        .replace(r#""k":""#, &format!(r#""k":"{}"#, "A".repeat(43)));
    let shared = folder.file("shared", format!(r#"{{"keys":[{},{long}]}}"#, key("a")));
    sign(&shared, &["--kid", "a"]).assert_misuse(&format!(
        "{shared}: the set has several keys with the id \"a\"; name one of them with --alg"
    ));
    assert_eq!(part(&sign(&shared, &["--kid", "a", "--alg", "HS256"]).good(), 0), header);
    let other = part(&sign(&shared, &["--alg", "HS512"]).good(), 0);
    assert_eq!(other, header.replace("HS256", "HS512"));
    sign(&shared, &["--alg", "HS384"])
        .assert_misuse(&format!("{shared}: no key of the set is for HS384"));
    sign(&shared, &["--kid", "a", "--alg", "HS384"])
        .assert_misuse(&format!("{shared}: no key of the set has the id \"a\" and is for HS384"));
    let twice = folder.file("twice", format!(r#"{{"keys":[{}],"keys":[]}}"#, key("a")));
    assert_eq!(sign(&twice, &["--json"]).error_code(), "invalid_key");
    // A key that names no algorithm is chosen by its kind and curve.
    let [p256, p384, rsa, ed25519] = ["es256", "es384", "rs256", "eddsa"]
        .map(|name| std::fs::read_to_string(fixture(&format!("{name}.jwk"))).unwrap());
    let keys = [&p256, &p384, &rsa, &ed25519].map(String::as_str).join(",");
    let secret = key("a").replace(r#""alg":"HS256","#, "");
    let mixed = folder.file("mixed", format!(r#"{{"keys":[{keys},{secret}]}}"#));
    for alg in ["HS256", "ES256", "ES384", "RS256", "PS512", "EdDSA", "Ed25519"] {
        let header = part(&sign(&mixed, &["--alg", alg]).good(), 0);
        assert!(header.contains(&format!(r#""alg":"{alg}""#)), "{header}");
    }
    let curves = folder.file("curves", format!(r#"{{"keys":[{p256},{ed25519}]}}"#));
    sign(&curves, &["--alg", "ES384"])
        .assert_misuse(&format!("{curves}: no key of the set is for ES384"));
    // A set at a URL is piped in.
    let url = "https://login.example/jwks.json";
    sign(url, &[]).assert_misuse(&format!(
        "--jwks expects a file, not a URL; fetch the set first: curl -sSf {url} | jwt sign --jwks - \
         CLAIMS"
    ));
    let piped = jwt(&["sign", r#"{"sub":"ada"}"#, "--no-exp", "--jwks", "-"]);
    let set = format!(r#"{{"keys":[{}]}}"#, key("a"));
    assert_eq!(part(&piped.stdin(&set).run().good(), 0), header);
    let none = folder.file("none", r#"{"keys":[]}"#);
    sign(&none, &[]).assert_misuse(&format!("{none}: the set has no keys"));
    // The id of a JWK goes into the header; a flag replaces it.
    let jwk = folder.file("jwk", key("a"));
    let with_jwk = |arguments: &[&str]| {
        part(&jwt(&["sign", "--no-exp", "--jwk", &jwk]).and(arguments).run().good(), 0)
    };
    assert_eq!(with_jwk(&[]), header);
    assert_eq!(with_jwk(&["--kid", "b"]), header.replace(r#""a""#, r#""b""#));
}
