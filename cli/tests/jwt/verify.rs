//! `jwt verify`

use crate::run::{Folder, Outcome, SECRET, jwt, part, segment, signed, with_secret};

const NOW: &str = "1600000060";
const SESSION: &str =
    "{\"sub\":\"ada\",\t\"exp\":1600001800,\n \"id\":123456789012345678901234567890,\"x\":1.50}";
const GOOD: &str = "verified: the HS256 signature is right; it expires in 29 min, \
                    at 2020-09-13 12:56:40 UTC\n";

fn verify(claims: &str, arguments: &[&str]) -> Outcome {
    with_secret(&["verify", &signed(claims), "--at", NOW]).and(arguments).run()
}

#[test]
fn the_payload_on_standard_output_and_the_verdict_on_standard_error() {
    let outcome = verify(SESSION, &[]);
    // Numbers and order as they are, on one line.
    let payload = "{\"sub\":\"ada\", \"exp\":1600001800,  \
                   \"id\":123456789012345678901234567890,\"x\":1.50}\n";
    assert_eq!(outcome, Outcome { code: 0, out: payload.to_owned(), err: GOOD.to_owned() });
}

#[test]
fn json_for_scripts() {
    let outcome = verify(r#"{"exp":1600001800,"id":12345678901234567890123}"#, &["--json"]);
    assert_eq!(
        outcome.out,
        "{\"verified\":true,\"header\":{\"alg\":\"HS256\",\"typ\":\"JWT\"},\
         \"claims\":{\"exp\":1600001800,\"id\":12345678901234567890123}}\n"
    );
    assert_eq!((outcome.code, outcome.err.as_str()), (0, ""));

    let expired = verify(r#"{"exp":1}"#, &["--json"]);
    assert_eq!(expired.code, 1);
    assert_eq!(expired.error_code(), "expired");
    assert_eq!(
        expired.err,
        "{\"error\":{\"code\":\"expired\",\
         \"message\":\"it expired 50 years ago, at 1970-01-01 00:00:01 UTC\"}}\n"
    );
}

/// Every refusal leaves standard output empty, says one line, and exits with 1.
#[test]
fn refusals() {
    let forged = |claims: &str| {
        let token = signed(claims);
        let (rest, _) = token.rsplit_once('.').unwrap();
        format!("{rest}.{}", segment([0; 32]))
    };
    let none = format!("{}.{}.", segment(r#"{"alg":"none"}"#), segment(SESSION));
    let refused = |token: &str, arguments: &[&str], code: &str| {
        let call = ["verify", token, "--at", NOW];
        let outcome = with_secret(&call).and(arguments).run();
        assert_eq!((outcome.code, outcome.out.as_str()), (1, ""), "{token}");
        assert_eq!(outcome.err.lines().count(), 1, "{}", outcome.err);
        assert!(outcome.err.starts_with("refused: "), "{}", outcome.err);
        let json = with_secret(&call).and(arguments).and(&["--json"]).run();
        assert_eq!(json.error_code(), code);
        assert_eq!(json.code, 1);
    };
    refused(&forged(SESSION), &[], "invalid_signature");
    refused(&none, &[], "algorithm_mismatch");
    refused(
        &none.replace(&segment(r#"{"alg":"none"}"#), &segment(r#"{"alg":"NoNe"}"#)),
        &[],
        "algorithm_mismatch",
    );
    refused("a.b.c", &[], "malformed");
    refused("e30.e30", &[], "malformed");
    refused(&format!("{}=", signed(SESSION)), &[], "malformed");
    refused(&"a".repeat(65_537), &[], "token_too_long");
    refused(&signed("{}"), &[], "missing_claim");
    refused(&signed(r#"{"exp":1600000060}"#), &[], "expired");
    refused(&signed(r#"{"exp":1600000059}"#), &["--leeway", "1s"], "expired");
    refused(&signed(r#"{"exp":1600001800,"nbf":1600000061}"#), &[], "not_yet_valid");
    refused(&signed(r#"{"exp":"1600001800"}"#), &[], "invalid_claim_type");
    refused(&signed(r#"{"exp":"1600001800"}"#), &["--ignore-exp"], "invalid_claim_type");
    refused(&signed(SESSION), &["--iss", "x"], "missing_claim");
    refused(&signed(r#"{"exp":1600001800,"iss":"y"}"#), &["--iss", "x"], "invalid_issuer");
    refused(&signed(r#"{"exp":1600001800,"aud":"y"}"#), &["--aud", "x"], "invalid_audience");
    refused(&signed(r#"{"exp":1600001800,"aud":"y"}"#), &[], "invalid_audience");
    refused(&signed(SESSION), &["--typ", "at+jwt"], "unexpected_type");
    refused(&signed("text"), &[], "malformed");
    refused(&signed(r#"{"exp":1600001800,"exp":1600001800}"#), &[], "malformed");
}

/// The best-known tool takes tokens of others, and says nothing.
#[test]
fn an_audience_has_to_be_named() {
    let token = r#"{"exp":1600001800,"aud":["api","web site"]}"#;
    verify(token, &[]).assert_refused(
        "the token is for the audience \"api\" or \"web site\"; if that is you, say --aud api",
    );
    verify(token, &["--aud", "billing"]).assert_refused(
        "the token is for the audience \"api\" or \"web site\", not for \"billing\" (--aud)",
    );
    assert_eq!(verify(token, &["--aud", "billing", "--aud", "web site"]).code, 0);
    assert_eq!(verify(token, &["--aud", "API"]).code, 1);
    verify(r#"{"exp":1600001800,"aud":"it's me"}"#, &[]).assert_refused(
        "the token is for the audience \"it's me\"; if that is you, say --aud 'it'\\''s me'",
    );
    verify(r#"{"exp":1600001800,"aud":[]}"#, &[])
        .assert_refused("the token is for the audience nobody; if that is you, say so with --aud");
}

#[test]
fn no_leeway_unless_it_is_asked_for() {
    let expired = r#"{"exp":1600000060}"#;
    verify(expired, &[]).assert_refused("it expired 0 s ago, at 2020-09-13 12:27:40 UTC");
    let verified = verify(expired, &["--leeway", "1s"]);
    assert_eq!(verified.code, 0);
    assert_eq!(
        verified.err,
        "verified: the HS256 signature is right; BUT it expired 0 s ago, at 2020-09-13 12:27:40 UTC\n"
    );
    assert_eq!(verify(r#"{"exp":1599996461}"#, &["--leeway", "1h"]).code, 0);
    assert_eq!(verify(r#"{"exp":1599996460}"#, &["--leeway", "1h"]).code, 1);
    for wrong in ["-1s", "soon", "1 month"] {
        let leeway = format!("--leeway={wrong}");
        assert_eq!(verify(SESSION, &[&leeway]).code, 2, "{wrong}");
    }
}

#[test]
fn the_time_can_be_said() {
    let token = signed(SESSION);
    for (at, code) in [
        ("1600001799", 0),
        ("1600001800", 1),
        ("2020-09-13T12:56:39Z", 0),
        ("2020-09-13T12:56:40Z", 1),
        ("2020-09-13T14:56:39+02:00", 0),
        ("-1", 0),
        ("yesterday", 2),
    ] {
        let outcome = with_secret(&["verify", &token, "--at", at]).run();
        assert_eq!(outcome.code, code, "{at}: {outcome:?}");
    }
    // Without it, it is now: this token expired in 2020.
    assert_eq!(with_secret(&["verify", &token]).run().code, 1);
}

#[test]
fn exp_can_be_ignored_and_the_verdict_says_so() {
    let outcome = verify(r#"{"exp":1600000000}"#, &["--ignore-exp"]);
    assert_eq!((outcome.code, outcome.out.as_str()), (0, "{\"exp\":1600000000}\n"));
    assert_eq!(
        outcome.err,
        "verified: the HS256 signature is right; BUT it expired 1 min ago, \
         at 2020-09-13 12:26:40 UTC\n"
    );
    verify("{}", &[]).assert_refused(
        "the claim \"exp\" is missing; --ignore-exp takes tokens that never expire",
    );
    let outcome = verify("{}", &["--ignore-exp"]);
    assert_eq!(outcome.err, "verified: the HS256 signature is right; it never expires\n");
    assert_eq!(outcome.code, 0);
    // Nothing else is ignored with it.
    assert_eq!(verify(r#"{"nbf":1700000000}"#, &["--ignore-exp"]).code, 1);
}

#[test]
fn issuer_and_type() {
    let token = r#"{"exp":1600001800,"iss":"https://login.example"}"#;
    let outcome = verify(token, &[]);
    assert_eq!(outcome.code, 0);
    assert!(outcome.err.ends_with("; iss was not checked (--iss)\n"), "{}", outcome.err);
    let outcome = verify(token, &["--iss", "https://login.example"]);
    assert_eq!((outcome.code, outcome.err.as_str()), (0, GOOD));
    verify(token, &["--iss", "https://login.example/"])
        .assert_refused("iss is \"https://login.example\", not \"https://login.example/\" (--iss)");

    let access = with_secret(&["sign", r#"{"exp":1600001800}"#, "--typ", "at+jwt"]).run().good();
    let call = || with_secret(&["verify", access.trim(), "--at", NOW]);
    call().run().assert_refused(
        "typ is \"at+jwt\", not \"JWT\"; if you expect such tokens, say --typ at+jwt",
    );
    assert_eq!(call().and(&["--typ", "at+jwt"]).run().code, 0);
    assert_eq!(call().and(&["--typ", "application/at+jwt"]).run().code, 0);
}

#[test]
fn the_key_decides_the_algorithm() {
    let secret = "x".repeat(64);
    let sign = ["sign", r#"{"exp":1600001800}"#, "--alg", "HS512"];
    let token = jwt(&sign).env("JWT_SECRET", &secret).run().good();
    assert_eq!(part(&token, 0), r#"{"alg":"HS512","typ":"JWT"}"#);
    let call = || jwt(&["verify", token.trim(), "--at", NOW]).env("JWT_SECRET", &secret);
    call().run().assert_refused(
        "the token says alg \"HS512\", but the key is for HS256 (--alg); \
         if your secret is for HS512, say --alg HS512",
    );
    call()
        .and(&["--alg", "HS384"])
        .run()
        .assert_refused("the token says alg \"HS512\", but the key is for HS384 (--alg)");
    assert_eq!(call().and(&["--alg", "hs512"]).run().code, 0);
}

#[test]
fn control_characters_do_not_reach_the_terminal() {
    let claims = "{\"exp\":1600001800,\"a\u{202e}\":\"\u{9b}31m\u{2066}\"}";
    let outcome = verify(claims, &[]);
    assert_eq!(outcome.out, "{\"exp\":1600001800,\"a\\u202e\":\"\\u009b31m\\u2066\"}\n");
    let value: serde_json::Value = serde_json::from_str(&outcome.out).unwrap();
    assert_eq!(value, serde_json::from_str::<serde_json::Value>(claims).unwrap());

    let claims = r#"{"exp":1600001800,"iss":"\u001b[2J\u202e","aud":"\u001b[2J"}"#;
    for arguments in
        [&["--iss", "x"][..], &["--iss", "\u{1b}[2J\u{202e}"], &["--json", "--iss", "x"]]
    {
        let outcome = verify(claims, arguments);
        assert_eq!(outcome.code, 1);
        assert!(!outcome.err.contains(['\u{1b}', '\u{202e}']), "{:?}", outcome.err);
    }
}

#[test]
fn the_token_from_standard_input() {
    let token = signed(SESSION);
    for (text, note) in [
        (token.clone(), ""),
        (format!("{token}\n"), ""),
        (format!("{token}\n\n"), "note: took white space off the token\n"),
        (format!("Bearer {token}\n"), "note: took `Bearer ` off the token\n"),
    ] {
        for arguments in [&["verify", "--at", NOW][..], &["verify", "-", "--at", NOW]] {
            let outcome = with_secret(arguments).stdin(&text).run();
            assert_eq!(outcome.code, 0, "{text:?}: {outcome:?}");
            assert_eq!(outcome.err, format!("{note}{GOOD}"));
        }
    }
    with_secret(&["verify"]).run().assert_misuse("the token is empty");
    // Bytes that are no text are no token.
    assert_eq!(with_secret(&["verify"]).stdin(b"\xff\xfe").run().code, 1);
    // It cannot be token and key at once.
    jwt(&["verify", "--secret-file", "-"])
        .stdin(SECRET)
        .run()
        .assert_misuse("standard input cannot be a key and the token; put one of them into a file");
    let outcome = jwt(&["verify", &token, "--at", NOW, "--secret-file", "-"])
        .stdin(format!("{SECRET}\n"))
        .run();
    assert_eq!((outcome.code, outcome.err.as_str()), (0, GOOD));
}

#[test]
fn a_set_of_keys() {
    let folder = Folder::new("verify_set");
    let jwk = |kid: &str, byte: &str| {
        format!(r#"{{"kty":"oct","alg":"HS256","kid":"{kid}","k":"{}"}}"#, segment(byte.repeat(32)))
    };
    let set = format!(
        r#"{{"keys":[{},{},{{"kty":"oct","kid":"c","k":"AAAA"}}]}}"#,
        jwk("a", "x"),
        jwk("b", "y")
    );
    let set = folder.file("set.json", set);
    let sign = |kid: &str| {
        let claims = r#"{"exp":1600001800}"#;
        jwt(&["sign", claims, "--jwks", &set, "--kid", kid]).run().good()
    };
    for kid in ["a", "b"] {
        let token = sign(kid);
        assert!(part(&token, 0).contains(&format!(r#""kid":"{kid}""#)), "{token}");
        let outcome = jwt(&["verify", token.trim(), "--at", NOW, "--jwks", &set]).run();
        assert_eq!((outcome.code, outcome.err.as_str()), (0, GOOD));
    }
    // A key that cannot be used is told of where that may be why.
    let other = with_secret(&["sign", r#"{"exp":1600001800}"#, "--kid", "c"]).run().good();
    let outcome = jwt(&["verify", other.trim(), "--at", NOW, "--jwks", &set]).run();
    assert_eq!((outcome.code, outcome.out.as_str()), (1, ""));
    assert!(outcome.err.starts_with("note: the key \"c\" cannot be used: "), "{}", outcome.err);
    let json = jwt(&["verify", other.trim(), "--json", "--at", NOW, "--jwks", &set]).run();
    assert_eq!(json.error_code(), "unknown_key");
    // A set without a key is no key.
    for (name, text) in
        [("empty", r#"{"keys":[]}"#), ("short", r#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#)]
    {
        let path = folder.file(name, text);
        let outcome = jwt(&["verify", other.trim(), "--jwks", &path]).run();
        assert_eq!((outcome.code, outcome.out.as_str()), (2, ""));
        assert!(outcome.err.contains("no key of the set can be used"), "{}", outcome.err);
    }
}
