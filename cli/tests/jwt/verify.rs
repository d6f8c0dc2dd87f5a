//! `jwt verify`

use std::fs;

use crate::{
    keys::fixture,
    run::{Folder, Outcome, SECRET, jwt, part, segment, signed, with_secret},
};

const NOW: &str = "1600000060";
const SESSION: &str =
    "{\"sub\":\"ada\",\t\"exp\":1600001800,\n \"id\":123456789012345678901234567890,\"x\":1.50}";
const GOOD: &str = "verified: the HS256 signature is valid; the token expires in 29 min, \
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
         \"message\":\"the token expired 50 years ago, at 1970-01-01 00:00:01 UTC\"}}\n"
    );
}

/// Every rejection leaves standard output empty, says one line, and exits with 1.
#[test]
fn rejections() {
    let forged = |claims: &str| {
        let token = signed(claims);
        let (rest, _) = token.rsplit_once('.').unwrap();
        format!("{rest}.{}", segment([0; 32]))
    };
    let none = format!("{}.{}.", segment(r#"{"alg":"none"}"#), segment(SESSION));
    let rejected = |token: &str, arguments: &[&str], code: &str| {
        let call = ["verify", token, "--at", NOW];
        let outcome = with_secret(&call).and(arguments).run();
        assert_eq!((outcome.code, outcome.out.as_str()), (1, ""), "{token}");
        assert_eq!(outcome.err.lines().count(), 1, "{}", outcome.err);
        assert!(outcome.err.starts_with("rejected: "), "{}", outcome.err);
        let json = with_secret(&call).and(arguments).and(&["--json"]).run();
        assert_eq!(json.error_code(), code);
        assert_eq!(json.code, 1);
    };
    rejected(&forged(SESSION), &[], "invalid_signature");
    rejected(&none, &[], "algorithm_mismatch");
    rejected(
        &none.replace(&segment(r#"{"alg":"none"}"#), &segment(r#"{"alg":"NoNe"}"#)),
        &[],
        "algorithm_mismatch",
    );
    rejected("a.b.c", &[], "malformed");
    rejected("e30.e30", &[], "malformed");
    rejected(&format!("{}=", signed(SESSION)), &[], "malformed");
    rejected(&"a".repeat(65_537), &[], "token_too_long");
    rejected(&signed("{}"), &[], "missing_claim");
    rejected(&signed(r#"{"exp":1600000060}"#), &[], "expired");
    rejected(&signed(r#"{"exp":1600000059}"#), &["--leeway", "1s"], "expired");
    rejected(&signed(r#"{"exp":1600001800,"nbf":1600000061}"#), &[], "not_yet_valid");
    rejected(&signed(r#"{"exp":"1600001800"}"#), &[], "invalid_claim_type");
    rejected(&signed(r#"{"exp":"1600001800"}"#), &["--ignore-exp"], "invalid_claim_type");
    rejected(&signed(SESSION), &["--iss", "x"], "missing_claim");
    rejected(&signed(r#"{"exp":1600001800,"iss":"y"}"#), &["--iss", "x"], "invalid_issuer");
    rejected(&signed(r#"{"exp":1600001800,"aud":"y"}"#), &["--aud", "x"], "invalid_audience");
    rejected(&signed(r#"{"exp":1600001800,"aud":"y"}"#), &[], "invalid_audience");
    rejected(&signed(SESSION), &["--typ", "at+jwt"], "unexpected_type");
    rejected(&signed("text"), &[], "malformed");
    rejected(&signed(r#"{"exp":1600001800,"exp":1600001800}"#), &[], "malformed");
}

/// The best-known tool takes tokens of others, and says nothing.
#[test]
fn an_audience_has_to_be_named() {
    let token = r#"{"exp":1600001800,"aud":["api","web site"]}"#;
    verify(token, &[]).assert_rejected(
        "the token is for the audience \"api\" or \"web site\"; if that is you, add --aud=api",
    );
    verify(token, &["--aud", "billing"]).assert_rejected(
        "the token is for the audience \"api\" or \"web site\", not for \"billing\" (--aud)",
    );
    assert_eq!(verify(token, &["--aud", "billing", "--aud", "web site"]).code, 0);
    assert_eq!(verify(token, &["--aud", "API"]).code, 1);
    verify(r#"{"exp":1600001800,"aud":"it's me"}"#, &[]).assert_rejected(
        "the token is for the audience \"it's me\"; if that is you, add --aud='it'\\''s me'",
    );
    // What starts with `-` is not an option of its own.
    let dash = verify(r#"{"exp":1600001800,"aud":"-x"}"#, &[]);
    dash.assert_rejected("the token is for the audience \"-x\"; if that is you, add --aud=-x");
    assert_eq!(verify(r#"{"exp":1600001800,"aud":"-x"}"#, &["--aud=-x"]).code, 0);
    // What is not shown as it is cannot be pasted.
    let long = "x".repeat(65);
    verify(&format!(r#"{{"exp":1600001800,"aud":"{long}"}}"#), &[]).assert_rejected(&format!(
        "the token is for the audience \"{}…\"; if that is you, name it with --aud",
        &long[..63]
    ));
    verify(r#"{"exp":1600001800,"aud":"a\u202eb"}"#, &[]).assert_rejected(
        "the token is for the audience \"a\\u{202e}b\"; if that is you, name it with --aud",
    );
    verify(r#"{"exp":1600001800,"aud":[]}"#, &[])
        .assert_rejected("the token is for the audience nobody; no --aud accepts it");
}

#[test]
fn no_leeway_unless_it_is_asked_for() {
    let expired = r#"{"exp":1600000060}"#;
    verify(expired, &[]).assert_rejected("the token expired 0 s ago, at 2020-09-13 12:27:40 UTC");
    let verified = verify(expired, &["--leeway", "1s"]);
    assert_eq!(verified.code, 0);
    assert_eq!(
        verified.err,
        "verified: the HS256 signature is valid; BUT the token expired 0 s ago, at 2020-09-13 12:27:40 UTC\n"
    );
    assert_eq!(verify(r#"{"exp":1599996461}"#, &["--leeway", "1h"]).code, 0);
    assert_eq!(verify(r#"{"exp":1599996460}"#, &["--leeway", "1h"]).code, 1);
    for wrong in ["-1s", "soon", "1 month"] {
        let leeway = format!("--leeway={wrong}");
        assert_eq!(verify(SESSION, &[&leeway]).code, 2, "{wrong}");
    }
}

/// A fraction rounds up for `exp` and `nbf`, in the verdict as in the policy.
#[test]
fn fractions_of_a_second() {
    let claims = r#"{"exp":1600000060.5,"nbf":1600000059.5}"#;
    let outcome = verify(claims, &[]);
    assert_eq!(
        outcome.err,
        "verified: the HS256 signature is valid; the token expires in 1 s, \
         at 2020-09-13 12:27:41 UTC\n"
    );
    let inspect = |at: &str| jwt(&["inspect", &signed(claims), "--at", at]).run().good();
    let shown = inspect(NOW);
    assert!(shown.contains("12:27:41 UTC, expires in 1 s\n"), "{shown}");
    assert!(shown.contains("12:27:40 UTC, became valid 0 s ago\n"), "{shown}");
    with_secret(&["verify", &signed(claims), "--at", "1600000059"])
        .run()
        .assert_rejected("the token becomes valid in 1 s, at 2020-09-13 12:27:40 UTC");
    let shown = inspect("1600000059");
    assert!(shown.contains("12:27:40 UTC, becomes valid in 1 s\n"), "{shown}");
    let shown = jwt(&["inspect", &signed(r#"{"iat":1600000060.5}"#), "--at", NOW]).run().good();
    assert!(shown.contains("12:27:40 UTC, issued 0 s ago\n"), "{shown}");
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
        "verified: the HS256 signature is valid; BUT the token expired 1 min ago, \
         at 2020-09-13 12:26:40 UTC\n"
    );
    verify("{}", &[]).assert_rejected(
        "the claim \"exp\" is missing; --ignore-exp accepts tokens that never expire",
    );
    let outcome = verify("{}", &["--ignore-exp"]);
    assert_eq!(outcome.err, "verified: the HS256 signature is valid; the token never expires\n");
    assert_eq!(outcome.code, 0);
    // Nothing else is ignored with it.
    assert_eq!(verify(r#"{"nbf":1700000000}"#, &["--ignore-exp"]).code, 1);
}

#[test]
fn claims_with_a_required_value() {
    let token =
        r#"{"exp":1600001800,"role":"admin","n":1.0,"a":[1,{"b":null}],"iss":"me","q":"1"}"#;
    for (claim, code) in [
        ("role=admin", 0),
        ("role=Admin", 1),
        ("role:=\"admin\"", 0),
        ("n:=1", 0),
        ("n=1", 1),
        ("q=1", 0),
        ("q:=1", 1),
        ("a:= [1, {\"b\": null}] ", 0),
        ("a:=[1]", 1),
        ("iss=me", 0),
        ("exp:=1600001800", 0),
        ("b:=1", 1),
    ] {
        let outcome = verify(token, &["--claim", claim]);
        assert_eq!(outcome.code, code, "{claim}: {outcome:?}");
    }
    assert_eq!(verify(token, &["--claim", "role=admin", "--claim", "n:=1"]).code, 0);
    verify(token, &["--claim", "role=admin", "--claim", "n:=2"])
        .assert_rejected("the claim \"n\" does not have the required value (--claim)");
    verify(token, &["--claim", "b=x"]).assert_rejected("the claim \"b\" is missing (--claim)");
    let json = verify(token, &["--claim", "n:=2", "--json"]);
    assert_eq!((json.code, json.error_code().as_str()), (1, "invalid_claim"));
    for (claim, message) in [
        ("role", "--claim expects name=text or name:=JSON"),
        ("=x", "--claim: the name before the = is missing"),
        ("n:=x", "--claim n: the value after := is not JSON: expected value at line 1 column 1"),
        (
            "n:=1e400",
            "--claim n: the value cannot be compared: number out of range at line 1 column 5",
        ),
    ] {
        verify(token, &["--claim", claim]).assert_misuse(message);
    }
    let deep = format!("a:={}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert_eq!(verify(token, &["--claim", &deep]).code, 2);
}

#[test]
fn null_is_absent_if_allowed() {
    let token = r#"{"exp":1600001800,"nbf":null,"aud":null,"iss":null,"a":null}"#;
    verify(token, &[]).assert_rejected(
        "the claim \"iss\" must be a string, not null; --allow-null-claims treats it as absent",
    );
    let outcome = verify(token, &["--allow-null-claims"]);
    assert_eq!((outcome.code, outcome.err.as_str()), (0, GOOD));
    assert_eq!(outcome.out, format!("{token}\n"));
    // Absent, so a required claim is missing.
    verify(token, &["--allow-null-claims", "--iss", "x"])
        .assert_rejected("the claim \"iss\" is missing (--iss)");
    let outcome = verify(r#"{"exp":null}"#, &["--allow-null-claims", "--json"]);
    assert_eq!((outcome.code, outcome.error_code().as_str()), (1, "missing_claim"));
    let outcome = verify(r#"{"exp":null}"#, &["--allow-null-claims", "--ignore-exp"]);
    assert!(outcome.err.ends_with("the token never expires\n"), "{outcome:?}");
    // It allows null and nothing else.
    verify(r#"{"exp":1600001800,"aud":[null]}"#, &["--allow-null-claims"])
        .assert_rejected("an element of the claim \"aud\" is not a string");
}

/// An issuer that publishes a secret next to its public keys lets everybody sign.
#[test]
fn a_secret_next_to_public_keys_does_not_verify() {
    let folder = Folder::new("published_secret");
    let jwk = |kid: &str, alg: &str| {
        let path = folder.path(kid);
        let generate = ["key", "generate", "--alg", alg, "--format", "jwk", "--kid", kid];
        jwt(&generate).and(&["--out", &path]).run().good();
        path
    };
    let (secret, private) = (jwk("a", "HS256"), jwk("b", "ES256"));
    let (mixed, secrets) = (folder.path("mixed"), folder.path("secrets"));
    jwt(&["key", "set", &secret, &private, "--out", &mixed]).run().good();
    jwt(&["key", "set", &secret, "--out", &secrets]).run().good();
    let sign = |key: &str| jwt(&["sign", r#"{"exp":1600001800}"#, "--jwk", key]).run().good();
    let verify = |token: &str, set: &str, more: &[&str]| {
        jwt(&["verify", token.trim(), "--at", NOW, "--jwks", set]).and(more).run()
    };
    let (by_secret, by_private) = (sign(&secret), sign(&private));
    assert_eq!(verify(&by_private, &mixed, &[]).code, 0);
    assert_eq!(verify(&by_private, &mixed, &["--alg", "ES256"]).code, 0);
    for more in [&["--json"][..], &["--json", "--alg", "ES256"]] {
        let outcome = verify(&by_secret, &mixed, more);
        assert_eq!(
            (outcome.code, outcome.error_code().as_str()),
            (1, "unknown_key"),
            "{outcome:?}"
        );
    }
    verify(&by_secret, &mixed, &[]).assert_rejected(
        "the key \"a\", which the token names, cannot be used: the JWK is a secret in a published set, \
         which everybody can read and sign with; if the set is your own, name its algorithm with --alg",
    );
    // A private key, a public key of any kind that is registered, or a key that cannot be read makes a
    // set a published one.
    let folder_file = |json: &str| {
        let secret = fs::read_to_string(&secret).unwrap();
        folder.file("odd", format!(r#"{{"keys":[{secret},{json}]}}"#))
    };
    for published in [
        &fs::read_to_string(&private).unwrap(),
        r#"{"kty":"RSA","n":"AQAB","e":"AQAB"}"#,
        r#"{"kty":"EC"}"#,
        r#"{"kty":"OKP","x":"AA"}"#,
        r#"{"kty":"AKP","pub":"AA"}"#,
        r#"{"kty":"new","kty":"RSA"}"#,
    ] {
        let outcome = verify(&by_secret, &folder_file(published), &[]);
        assert_ne!(outcome.code, 0, "{published}: {outcome:?}");
    }
    // Of an unknown kind, it says nothing of the secrets.
    for unknown in [r#"{"kty":"new"}"#, r#"{"kty":"new","d":"AA"}"#, "{}"] {
        let outcome = verify(&by_secret, &folder_file(unknown), &[]);
        assert_eq!(outcome.code, 0, "{unknown}: {outcome:?}");
    }
    // The user's own sets: secrets alone, or named by their algorithm.
    assert_eq!(verify(&by_secret, &secrets, &[]).code, 0);
    assert_eq!(verify(&by_secret, &mixed, &["--alg", "HS256"]).code, 0);
}

#[test]
fn a_set_at_a_url_is_piped_in() {
    let token = signed(SESSION);
    for url in ["https://login.example/jwks.json", "HTTP://localhost:1/?a=1&b=2"] {
        let quoted = if url.contains('&') { format!("'{url}'") } else { url.to_owned() };
        with_secret(&["verify", &token, "--jwks", url]).run().assert_misuse(&format!(
            "--jwks expects a file, not a URL; fetch the set first: curl -sSf {quoted} | jwt verify \
             --jwks - TOKEN"
        ));
    }
    let set = jwt(&["key", "set", &fixture("es256.public.pem"), "--alg", "ES256"]).run().good();
    let sign = ["sign", r#"{"exp":1600001800}"#, "--pem", &fixture("es256.pem"), "--alg", "ES256"];
    let token = jwt(&sign).run().good();
    let verify = ["verify", "--jwks", "-", token.trim(), "--at", NOW];
    let outcome = jwt(&verify).stdin(&set).run();
    assert_eq!((outcome.code, outcome.err.as_str()), (0, GOOD.replace("HS256", "ES256").as_str()));
    jwt(&["verify", "--jwks", "-"]).stdin(&set).run().assert_misuse(
        "standard input cannot be both a key and the token; put one of them into a file",
    );
}

#[test]
fn issuer_and_type() {
    let token = r#"{"exp":1600001800,"iss":"https://login.example"}"#;
    let outcome = verify(token, &[]);
    assert_eq!(outcome.code, 0);
    assert!(outcome.err.ends_with("; iss was not checked (--iss)\n"), "{}", outcome.err);
    let outcome = verify(token, &["--iss", "https://login.example"]);
    assert_eq!((outcome.code, outcome.err.as_str()), (0, GOOD));
    verify(token, &["--iss", "https://login.example/"]).assert_rejected(
        "iss is \"https://login.example\", not \"https://login.example/\" (--iss)",
    );

    let access = with_secret(&["sign", r#"{"exp":1600001800}"#, "--typ", "at+jwt"]).run().good();
    let call = || with_secret(&["verify", access.trim(), "--at", NOW]);
    call().run().assert_rejected(
        "typ is \"at+jwt\", not \"JWT\"; if you expect such tokens, add --typ=at+jwt",
    );
    // Signed elsewhere: `jwt sign` writes no empty one.
    let empty = "eyJhbGciOiJIUzI1NiIsInR5cCI6IiJ9.eyJleHAiOjE2MDAwMDE4MDB9.61VPVxs_1U4g1OHEv3zENTHzpGKCybha_3U7YTyfAWc";
    with_secret(&["verify", empty, "--at", NOW])
        .run()
        .assert_rejected("typ is empty, not \"JWT\"; the signer has to name a type or none");
    let long = "x".repeat(65);
    let other = with_secret(&["sign", r#"{"exp":1600001800}"#, "--typ", &long]).run().good();
    with_secret(&["verify", other.trim(), "--at", NOW]).run().assert_rejected(&format!(
        "typ is \"{}…\", not \"JWT\"; if you expect such tokens, name it with --typ",
        &long[..63]
    ));
    assert_eq!(call().and(&["--typ", "at+jwt"]).run().code, 0);
    assert_eq!(call().and(&["--typ", "application/at+jwt"]).run().code, 0);
}

#[test]
fn the_key_decides_the_algorithm() {
    let secret = "x".repeat(63) + "!";
    let sign = ["sign", r#"{"exp":1600001800}"#, "--alg", "HS512"];
    let token = jwt(&sign).env("JWT_SECRET", &secret).run().good();
    assert_eq!(part(&token, 0), r#"{"alg":"HS512","typ":"JWT"}"#);
    let call = || jwt(&["verify", token.trim(), "--at", NOW]).env("JWT_SECRET", &secret);
    call().run().assert_rejected(
        "the token says alg \"HS512\", but the key is for HS256 (--alg); \
         if your secret is for HS512, add --alg HS512",
    );
    call()
        .and(&["--alg", "HS384"])
        .run()
        .assert_rejected("the token says alg \"HS512\", but the key is for HS384 (--alg)");
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
        (format!("{token}\n\n"), "note: removed white space from around the token\n"),
        (format!("Bearer {token}\n"), "note: removed `Bearer ` from around the token\n"),
    ] {
        for arguments in [&["verify", "--at", NOW][..], &["verify", "-", "--at", NOW]] {
            let outcome = with_secret(arguments).stdin(&text).run();
            assert_eq!(outcome.code, 0, "{text:?}: {outcome:?}");
            assert_eq!(outcome.err, format!("{note}{GOOD}"));
        }
    }
    with_secret(&["verify"]).run().assert_misuse("the token is empty");
    // Bytes that are not text are not a token.
    assert_eq!(with_secret(&["verify"]).stdin(b"\xff\xfe").run().code, 1);
    // It cannot be token and key at once.
    jwt(&["verify", "--secret-file", "-"]).stdin(SECRET).run().assert_misuse(
        "standard input cannot be both a key and the token; put one of them into a file",
    );
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
    jwt(&["verify", other.trim(), "--at", NOW, "--jwks", &set]).run().assert_rejected(
        "the key \"c\", which the token names, cannot be used: the JWK does not name its algorithm; \
         name it with --alg",
    );
    let unknown = with_secret(&["sign", r#"{"exp":1600001800}"#, "--kid", "d"]).run().good();
    let outcome = jwt(&["verify", unknown.trim(), "--at", NOW, "--jwks", &set]).run();
    assert_eq!(outcome.code, 1);
    assert_eq!(
        outcome.err,
        "note: the key \"c\" cannot be used: the JWK does not name its algorithm; name it with \
         --alg\nrejected: no key has the id \"d\", which the token names\n"
    );
    let json = jwt(&["verify", other.trim(), "--json", "--at", NOW, "--jwks", &set]).run();
    assert_eq!(json.error_code(), "unknown_key");
    // A set without a key is not a key.
    for (name, text) in
        [("empty", r#"{"keys":[]}"#), ("short", r#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#)]
    {
        let path = folder.file(name, text);
        let outcome = jwt(&["verify", other.trim(), "--jwks", &path]).run();
        assert_eq!((outcome.code, outcome.out.as_str()), (2, ""));
        assert!(outcome.err.contains("no key of the set can be used"), "{}", outcome.err);
    }
}
