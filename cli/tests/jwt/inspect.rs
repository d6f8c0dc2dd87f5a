//! `jwt inspect`

use serde_json::json;

use crate::run::{DIRECTIONS, Outcome, jwt, segment, signed, with_secret};

fn inspect(token: &str) -> Outcome {
    jwt(&["inspect", token, "--at", "1600000060"]).run()
}

const NOT_VERIFIED: &str =
    "NOT VERIFIED  the signature was not checked; anybody may have written this\n";

/// Names in their order and numbers as they are spelt, which is why it is not `json!`.
const SESSION: &str = concat!(
    r#"{"iss":"https://login.example","sub":"ada","aud":["api","web"],"exp":1600001800,"#,
    r#""nbf":1600000000,"iat":1.6e9,"jti":"6f1","name":"Ren\u00e9","admin":true,"#,
    r#""id":123456789012345678901234567890,"#,
    r#""address":{"street":"12 St James's Square","city":"London","at":{"lat":51.50720}}}"#,
);

const SESSION_PRINTED: &str = r#"
header
  alg  "HS256"  HMAC with SHA-256
  typ  "JWT"  type of the token

claims
  iss      "https://login.example"  who issued the token
  sub      "ada"  whom the token is about
  aud      ["api", "web"]  whom the token is for
  exp      1600001800  2020-09-13 12:56:40 UTC, expires in 29 min
  nbf      1600000000  2020-09-13 12:26:40 UTC, became valid 1 min ago
  iat      1.6e9  2020-09-13 12:26:40 UTC, issued 1 min ago
  jti      "6f1"  the token's own id
  name     "René"
  admin    true
  id       123456789012345678901234567890
  address  {
    "street": "12 St James's Square",
    "city": "London",
    "at": {"lat": 51.50720}
  }

signature
  32 bytes
"#;

#[test]
fn numbers_and_order_as_written_and_dates_for_people() {
    let outcome = inspect(&signed(SESSION));
    assert_eq!(outcome.out, format!("{NOT_VERIFIED}{SESSION_PRINTED}"));
    assert_eq!((outcome.code, outcome.err.as_str()), (0, ""));
}

#[test]
fn its_alias_and_other_ways_to_give_the_token_and_the_time() {
    let token = signed(SESSION);
    let expected = inspect(&token);
    for call in [
        jwt(&["decode", &token, "--at", "2020-09-13T12:27:40Z"]),
        jwt(&["inspect", "-", "--at", "2020-09-13T14:27:40+02:00"]).stdin(&token),
        jwt(&["inspect", "--at", "1600000060"]).stdin(format!("{token}\n")),
        jwt(&["inspect", "--at", "1600000060"]).stdin(format!("{token}\r\n")),
    ] {
        assert_eq!(call.run(), expected);
    }
    // Without a secret, nothing is verified; with one in the environment, nothing either.
    let call = jwt(&["inspect", &token, "--at", "1600000060"]).env("JWT_SECRET", "wrong");
    assert_eq!(call.run(), expected);
}

#[test]
fn expired_is_no_failure() {
    let outcome = inspect(&signed(r#"{"exp":1599999760}"#));
    assert_eq!(outcome.code, 0);
    assert!(outcome.out.starts_with("NOT VERIFIED"), "{}", outcome.out);
    assert!(outcome.out.contains("2020-09-13 12:22:40 UTC, expired 5 min ago"), "{}", outcome.out);
}

#[test]
fn dates_in_milliseconds_are_flagged() {
    let outcome = inspect(&signed(r#"{"exp":1600001800000,"iat":1600000000123}"#));
    assert_eq!(outcome.code, 0);
    let line = "  exp  1600001800000  milliseconds? that would be 2020-09-13 12:56:40 UTC, but a token \
                counts seconds: expires in 50684 years\n";
    assert!(outcome.out.contains(line), "{}", outcome.out);
    assert!(
        outcome.out.contains("milliseconds? that would be 2020-09-13 12:26:40 UTC, "),
        "{}",
        outcome.out
    );

    // The last second of the calendar; as milliseconds, it would be in 1978.
    let shown = inspect(&signed(r#"{"exp":253402300799,"nbf":253402300800}"#)).out;
    assert!(shown.contains("9999-12-31 23:59:59 UTC, expires in 7984 years\n"), "{shown}");
    assert!(shown.contains("253402300800  milliseconds? that would be 1978-01-11"), "{shown}");

    let json = jwt(&["--json", "inspect", &signed(r#"{"exp":1600001800000}"#)]).run().json();
    assert_eq!(json["problems"][0]["code"], "milliseconds");
}

#[test]
fn claims_of_a_wrong_type_and_dates_beyond_the_calendar() {
    let outcome = inspect(&signed(
        r#"{"exp":"soon","iat":-9223372036854775808,"sub":5,"aud":[1],"nbf":null,"jti":"1"}"#,
    ));
    let expected = r#"
claims
  exp  "soon"  must be a number; rejected
  iat  -9223372036854775808  a date beyond the calendar, issued 292471208728 years ago
  sub  5  must be a string; rejected
  aud  [1]  must be a string or an array of strings; rejected
  nbf  null  rejected without --allow-null-claims
  jti  "1"  the token's own id
"#;
    assert!(outcome.out.contains(expected), "{}", outcome.out);
    assert_eq!(outcome.code, 0);
}

/// A terminal takes some of these as commands, others turn the direction of writing.
#[test]
fn control_characters_are_escaped() {
    let mut harmful: Vec<char> = ('\0'..='\u{1f}').chain('\u{7f}'..='\u{9f}').collect();
    harmful.extend(DIRECTIONS);
    let text: String = harmful.iter().collect();
    // In a name, in a value, and in values that `serde_json` writes raw.
    let claims = serde_json::json!({ "sub": text, &text: 1, "nested": { &text: [text] } });
    let token = signed(claims.to_string());
    let not_json = signed(&text);
    let in_header = format!("{}.e30.", segment(serde_json::json!({ "alg": text }).to_string()));
    let as_token = text.replace('\0', "");
    for token in [token.as_str(), &not_json, &in_header, &as_token, &format!("{as_token}.e30.")] {
        for arguments in [&["inspect"][..], &["inspect", "--json"]] {
            let outcome = jwt(arguments).and(&[token]).env("NO_COLOR", "1").run();
            let mut raw = outcome.out.chars().chain(outcome.err.chars());
            assert!(!raw.any(|char| char != '\n' && harmful.contains(&char)), "{:?}", outcome.out);
        }
    }
    let outcome = inspect(&signed("{\"sub\":\"\u{1b}[2Jroot\u{9b}31m\u{202e}txt 👩\u{200d}🚀\"}"));
    // C0 must be escaped in JSON, so this token is broken, and shown all the same.
    assert_eq!(outcome.code, 1);
    let shown = r#"{"sub":"\u001b[2Jroot\u009b31m\u202etxt 👩‍🚀"}"#;
    assert!(outcome.out.contains(shown), "{}", outcome.out);
}

#[test]
fn colours_only_if_asked_for_or_at_a_terminal() {
    let token = signed(SESSION);
    let plain = inspect(&token).out;
    assert!(!plain.contains('\u{1b}'), "into a pipe");
    let at = ["inspect", &token, "--at", "1600000060"];
    let forced = jwt(&at).env("CLICOLOR_FORCE", "1").run().out;
    assert!(forced.contains('\u{1b}'));
    // The words are there without the colours.
    assert!(plain.starts_with("NOT VERIFIED"));
    let refused = jwt(&at).env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1").run().out;
    assert_eq!(refused, plain);
}

#[test]
fn json_for_scripts() {
    let token = signed(SESSION);
    let outcome = jwt(&["inspect", "--json", &token]).run();
    let signature = token.rsplit('.').next().unwrap();
    // As text, so that the order and the numbers show.
    assert_eq!(
        outcome.out,
        format!(
            "{{\"verified\":false,\"header\":{{\"alg\":\"HS256\",\"typ\":\"JWT\"}},\
             \"claims\":{SESSION},\"signature\":\"{signature}\",\"problems\":[]}}\n"
        )
    );
    assert_eq!((outcome.code, outcome.err.as_str()), (0, ""));

    let outcome = jwt(&["inspect", "--json", "\"Bearer e30.e30\""]).run();
    assert_eq!(outcome.code, 1);
    let json = outcome.json();
    assert_eq!(json["verified"], false);
    assert_eq!(json["problems"][0]["code"], "malformed");
    assert_eq!(json["notes"][0], "removed quotes and `Bearer ` from around the token");
    assert_eq!(outcome.err, "");

    // A reader of JSON sees no caret, so the message contains what stands next to it.
    let json = jwt(&["inspect", "--json", "e30=.e30.AAAA"]).run().json();
    assert_eq!(
        json["problems"][0]["message"],
        "header: not base64url without padding: remove the padding"
    );
}

/// Tokens of every fault that no key, no time and no option changes, and some without.
#[test]
fn it_says_what_verify_says() {
    let with_header = |header: &str| {
        let signed = signed(r#"{"exp":1600001800}"#);
        let (_, rest) = signed.split_once('.').unwrap();
        format!("{}.{rest}", segment(header))
    };
    let claims = [
        r#"{"exp":1600001800}"#,
        r#"{"exp":1.6000018e9,"iat":-0.0,"sub":""}"#,
        r#"{"exp":"1600001800"}"#,
        r#"{"exp":1600001800,"nbf":null}"#,
        r#"{"exp":1600001800,"iat":true}"#,
        r#"{"exp":1600001800,"sub":5}"#,
        r#"{"exp":1600001800,"jti":{}}"#,
        r#"{"exp":1600001800,"iss":["a"]}"#,
        r#"{"exp":1600001800,"aud":["api",1]}"#,
        r#"{"exp":1600001800,"aud":null}"#,
        r#"{"exp":1600001800,"a":1,"\u0061":2}"#,
        r#"{"exp":1600001800,"nbf":1e400}"#,
        r#"{"exp":1600001800,"$serde_json::private::Number":"1"}"#,
        r#"{"exp":1600001800,"a":"\ud800"}"#,
        r#"{"exp":1600001800} {}"#,
        "[]",
        "",
        "\"a\"",
    ]
    .map(signed);
    let headers = [
        r#"{"alg":"none"}"#,
        r#"{"alg":"HS257"}"#,
        r#"{"alg":7}"#,
        r#"{"typ":"JWT"}"#,
        r#"{"alg":"HS256","alg":"HS256"}"#,
        r#"{"alg":"HS256","crit":["x"]}"#,
        r#"{"alg":"HS256","crit":[]}"#,
        r#"{"alg":"HS256","crit":"x"}"#,
        r#"{"alg":"HS256","b64":true}"#,
        r#"{"alg":"HS256","b64":false}"#,
        r#"{"alg":"HS256","kid":1}"#,
        r#"{"alg":"HS256","jku":"https://evil.example"}"#,
    ]
    .map(with_header);
    let long = signed(format!(r#"{{"exp":1600001800,"a":"{}"}}"#, "a".repeat(50_000)));
    let mut rejected = 0;
    for token in claims.iter().chain(&headers).chain([&long]) {
        let verify = ["verify", "-", "--json", "--at", "1600000060"];
        let verified = with_secret(&verify).stdin(token).run();
        let inspect = jwt(&["inspect", "-", "--json"]).stdin(token).run();
        // As text, because not every number in it is one for `Value`.
        let is_fine = inspect.out.contains(r#""problems":[]"#);
        // The signature is the signature of another header.
        if verified.code == 0 || verified.error_code() == "invalid_signature" {
            assert!(is_fine, "{token}: {inspect:?}");
        } else {
            let code = format!(r#""code":"{}""#, verified.error_code());
            assert!(inspect.out.contains(&code), "{verified:?} {inspect:?}");
            rejected += 1;
        }
    }
    assert_eq!(rejected, 26);
    let null = with_secret(&["verify", &claims[3], "--at", "0", "--allow-null-claims"]).run();
    assert_eq!(null.code, 0, "{null:?}");
}

/// As `jwt verify` says it. A well-formed `crit` is only not supported here.
#[test]
fn a_malformed_crit_is_a_problem() {
    for (crit, message) in [
        ("[]", "\"crit\" must list at least one name, without duplicates"),
        (r#"["x", "x"]"#, "\"crit\" must list at least one name, without duplicates"),
        (r#""x""#, "\"crit\" must be an array of strings, not a string"),
        ("[1]", "\"crit\" must be an array of strings, not a number"),
        ("null", "\"crit\" must be an array of strings, not null"),
    ] {
        let header = format!(r#"{{"alg":"HS256","crit":{crit}}}"#);
        let token = format!("{}.e30.{}", segment(header), segment([0; 32]));
        let message = format!("malformed header: {message}");
        with_secret(&["verify", &token]).run().assert_rejected(&message);
        assert_broken(&token, &format!("MALFORMED  {message}"));
        let shown = inspect(&token).out;
        assert!(shown.contains(&format!("  crit  {crit}  rejected\n")), "{shown}");
        let json = jwt(&["inspect", "--json", &token]).run().json();
        let problem = serde_json::json!({ "code": "malformed", "message": message });
        assert_eq!(json["problems"], serde_json::json!([problem]));
    }
}

#[test]
fn algorithms_are_named() {
    for (header, remark, problems) in [
        (r#"{"alg":"none"}"#, "unsigned; rejected", 1),
        (r#"{"alg":"RS256"}"#, "RSA with SHA-256", 0),
        (r#"{"alg":"ES384"}"#, "ECDSA on P-384", 0),
        (r#"{"alg":"EdDSA"}"#, "Ed25519", 0),
        (r#"{"alg":"HS256","jku":"https://evil.example"}"#, "ignored", 0),
        (r#"{"alg":"HS256","crit":["x"]}"#, "an extension that is not supported; rejected", 1),
    ] {
        let token = format!("{}.e30.AAAA", segment(header));
        let outcome = inspect(&token);
        assert!(outcome.out.contains(remark), "{}", outcome.out);
        assert_eq!(outcome.code, 0, "{header}");
        let json = jwt(&["inspect", "--json", &token]).run().json();
        assert_eq!(json["problems"].as_array().unwrap().len(), problems, "{json}");
    }
}

/// What is said of a broken token: all before the header, without the first line.
#[track_caller]
fn assert_broken(token: &str, expected: &str) {
    let outcome = inspect(token);
    let said = outcome.out.strip_prefix(NOT_VERIFIED).unwrap_or_else(|| panic!("{outcome:?}"));
    let said = said.split("\nheader").next().unwrap().split("\nclaims").next().unwrap();
    let said = said.split("\nsignature\n").next().unwrap();
    assert_eq!(said.trim_end(), expected.trim());
    assert_eq!((outcome.code, outcome.err.as_str()), (1, ""));
}

#[test]
fn broken_tokens_as_far_as_they_go() {
    // Cut off in the middle of the payload.
    let token = signed(r#"{"sub":"ada","exp":1600001800}"#);
    let cut = &token[..token.rfind('.').unwrap() - 6];
    let outcome = inspect(cut);
    assert_eq!(outcome.code, 1);
    for shown in [
        "MALFORMED  expected three dot-separated segments, found two: the signature is missing",
        "^ the token ends here",
        "  alg  \"HS256\"  HMAC with SHA-256",
        "\nclaims, as text\n  {\"sub\":\"ada\",\"exp\":160000",
    ] {
        assert!(outcome.out.contains(shown), "{shown}\n{}", outcome.out);
    }
    // Padded, in the other alphabet, and broken over lines: what was meant can be read.
    let padded = format!("eyJhbGciOiJIUzI1NiJ9.{}==.AAAA", segment(r#"{"sub":"ada"}"#));
    let wrapped = "eyJhbGciOiJI\n  UzI1NiJ9.eyJzdWIiOiJhZGEifQ.AAAA";
    let standard = format!("eyJhbGciOiJIUzI1NiJ9.{}.AA+/", segment(r#"{"sub":"ada"}"#));
    for token in [&padded, wrapped, &standard] {
        let outcome = inspect(token);
        assert_eq!(outcome.code, 1);
        assert!(outcome.out.contains("  alg  \"HS256\""), "{}", outcome.out);
        assert!(outcome.out.contains("  sub  \"ada\""), "{}", outcome.out);
    }
    // An encrypted one.
    let outcome = inspect("eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..AAAA.AAAA.AAAA");
    assert!(outcome.out.contains("the token is encrypted (JWE)"), "{}", outcome.out);
    assert!(outcome.out.contains("  enc  \"A256GCM\""), "{}", outcome.out);
    assert_eq!(outcome.code, 1);
    // A signed text that is no object.
    let outcome = inspect(&signed("just text"));
    assert!(outcome.out.contains("\nclaims, as text\n  just text\n"), "{}", outcome.out);
    assert_eq!(outcome.code, 1);
}

/// Some remarks cost a signature, and a token of 1 MiB can have a hundred thousand duplicates.
#[test]
fn a_duplicate_has_no_remark_of_its_own() {
    let token = signed(r#"{"exp":1600001800,"exp":"x","\u0065xp":1600001800000,"a":1,"a":2}"#);
    let outcome = inspect(&token);
    assert_eq!(outcome.code, 1);
    let printed = r#"
claims
  exp  1600001800  2020-09-13 12:56:40 UTC, expires in 29 min
  exp  "x"  a duplicate; rejected
  exp  1600001800000  a duplicate; rejected
  a    1
  a    2  a duplicate; rejected
"#;
    assert!(outcome.out.contains(printed), "{}", outcome.out);
    let json = jwt(&["inspect", &token, "--json", "--at", "1600000060"]).run().json();
    let twice = "payload: the member \"exp\" appears twice";
    assert_eq!(json["problems"], json!([{ "code": "malformed", "message": twice }]));
}

#[test]
fn what_is_wrong_with_the_token() {
    assert_broken(
        "hello",
        "
MALFORMED  expected three dot-separated segments, found one

  hello
       ^ the token ends here
",
    );
    assert_broken(
        "e30.e30.AAAA.x",
        "
MALFORMED  expected three dot-separated segments, found 4

  e30.e30.AAAA.x
              ^ one dot too many
",
    );
    assert_broken(
        "eyJ=hbGci.e30.AAAA",
        "
MALFORMED  header: not base64url without padding

  eyJ=hbGci.e30.AAAA
     ^ remove the padding
",
    );
    assert_broken(
        &format!("{}.e30.AAAA", segment(r#"{"alg":HS256}"#)),
        r#"
MALFORMED  header: not JSON: expected value at line 1 column 8

  {"alg":HS256}
         ^ not JSON from here
"#,
    );
    assert_broken(
        "eyJhbGciOiJIUzI1NiJ9.e3+0.AAAA",
        "
MALFORMED  payload: not base64url without padding

  eyJhbGciOiJIUzI1NiJ9.e3+0.AAAA
                         ^ base64url uses - and _ instead of + and /
",
    );
    assert_broken(
        &signed(b"{\"sub\":\"\xff\"}"),
        "
MALFORMED  payload: not UTF-8

  {\"sub\":\"\u{fffd}\"}
          ^ not UTF-8 from here
",
    );
    assert_broken(
        &signed("{\n  \"sub\": ada\n}"),
        r#"
MALFORMED  payload: not JSON: expected value at line 2 column 10

  {\u000a  "sub": ada\u000a}
                  ^ not JSON from here
"#,
    );
    assert_broken(
        &signed(r#"{"sub":"ada","exp":1,"s\u0075b":"eve"}"#),
        r#"
MALFORMED  payload: the member "sub" appears twice

  {"sub":"ada","exp":1,"s\u0075b":"eve"}
                                  ^ the second one
"#,
    );
    assert_broken(
        "eyJhbGciOiJIUzI1NiJ9.e30.AAAA!",
        "
MALFORMED  signature: not base64url without padding

  eyJhbGciOiJIUzI1NiJ9.e30.AAAA!
                               ^ only A-Z a-z 0-9 - _ are allowed
",
    );
    assert_broken(
        &format!("e30.{}.", segment(r#"{"a":1}"#)),
        r#"MALFORMED  malformed header: "alg" is missing"#,
    );
    // Two faults are both told.
    let outcome = inspect("e30=.e3+0.AA A");
    assert_eq!(outcome.out.matches("MALFORMED").count(), 3, "{}", outcome.out);
    // Of a long token, only what is around the place is shown.
    let long = format!("{}!{}.e30.AAAA", "A".repeat(100), "A".repeat(100));
    let excerpt = format!("\n  …{}!{}…\n  {:37}^ ", "A".repeat(36), "A".repeat(35), "");
    assert!(inspect(&long).out.contains(&excerpt), "{}", inspect(&long).out);
}

#[test]
fn hostile_sizes_do_no_harm() {
    let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(20_000), "]".repeat(20_000));
    let outcome = inspect(&signed(deep));
    assert_eq!(outcome.code, 0);
    assert!(outcome.out.contains("a  [\n    ["));

    let long = jwt(&["inspect"]).stdin(signed(vec![b'x'; 70_000])).run();
    assert_eq!(long.code, 1);
    let outcome = jwt(&["inspect"]).stdin(vec![b'a'; 2 << 20]).run();
    outcome.assert_misuse("cannot read standard input: longer than 1 MiB");
}

#[test]
fn what_stands_around_the_token_is_taken_off_and_mentioned() {
    let token = signed(SESSION);
    let expected = inspect(&token).out;
    for (around, note) in [
        (format!("  {token} "), "white space"),
        (format!("\"{token}\""), "quotes"),
        (format!("'{token}'"), "quotes"),
        (format!("Bearer {token}"), "`Bearer `"),
        (format!("bearer {token}"), "`Bearer `"),
        (format!(" \"Bearer {token}\"\n"), "white space and quotes and `Bearer `"),
    ] {
        let outcome = inspect(&around);
        assert_eq!((outcome.code, &outcome.out), (0, &expected));
        assert_eq!(outcome.err, format!("note: removed {note} from around the token\n"));
    }
    for empty in ["", " ", "\"\"", "Bearer "] {
        assert_eq!(inspect(empty).code, 2, "{empty:?}");
    }
    jwt(&["inspect"]).run().assert_misuse("the token is empty");
}
