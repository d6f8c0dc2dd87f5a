//! The inspector of `examples/`, run as a program: what it prints, to the letter, and its exit code.
//!
//! `cargo test` builds the examples first; before `cargo test --test inspect`, which does not, run
//! `cargo build --example inspect`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    env,
    io::Write,
    process::{Command, Output, Stdio},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jwt_codec::{Header, Key, dangerous, encode, sign};
use serde_json::json;

/// Of `b"the secret of the inspector's test"`.
const SECRET: &str = "dGhlIHNlY3JldCBvZiB0aGUgaW5zcGVjdG9yJ3MgdGVzdA";
const NOW: &str = "1600000060";

fn key() -> Key {
    Key::hs256(BASE64_URL_SAFE_NO_PAD.decode(SECRET).unwrap()).unwrap()
}

fn segment(json: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(json)
}

fn inspector(args: &[&str]) -> Command {
    let this_test = env::current_exe().unwrap();
    let profile = this_test.parent().unwrap().parent().unwrap();
    let program = profile.join(format!("examples/inspect{}", env::consts::EXE_SUFFIX));
    assert!(program.exists(), "run `cargo build --example inspect` first");
    let mut command = Command::new(program);
    command.args(args).args(["--at", NOW]).stdin(Stdio::null());
    for name in ["JWT_SECRET", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(name);
    }
    command
}

/// Exit code, standard output, standard error. Whatever the case, the secret is in neither.
fn outcome(output: Output) -> (i32, String, String) {
    let out = String::from_utf8(output.stdout).unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(!out.contains(SECRET) && !err.contains(SECRET), "{out}{err}");
    (output.status.code().unwrap(), out, err)
}

fn run(args: &[&str]) -> (i32, String) {
    let (code, out, err) = outcome(inspector(args).output().unwrap());
    assert_eq!(err, "");
    (code, out)
}

fn verify(token: &str) -> (i32, String) {
    run(&[token, "--secret-base64url", SECRET])
}

#[track_caller]
fn assert_prints((code, out): (i32, String), expected_code: i32, expected: &str) {
    assert_eq!(out, expected.trim_start());
    assert_eq!(code, expected_code);
}

/// Names in their order and numbers as they are spelt, which is why it is not `json!`.
const SESSION: &str = concat!(
    r#"{"iss":"https://login.example","sub":"ada","aud":["api","web"],"exp":1600001800,"#,
    r#""nbf":1600000000,"iat":1.6e9,"jti":"6f1","name":"Ren\u00e9","admin":true,"#,
    r#""address":{"street":"12 St James's Square","city":"London","at":{"lat":51.50720}}}"#,
);

const SESSION_PRINTED: &str = r#"
header
  alg  "HS256"  HMAC with SHA-256
  typ  "JWT"  kind of token

claims
  iss      "https://login.example"  who issued it
  sub      "ada"  whom it is about
  aud      ["api", "web"]  whom it is for
  exp      1600001800  2020-09-13 12:56:40 UTC, expires in 29 min
  nbf      1600000000  2020-09-13 12:26:40 UTC, became valid 1 min ago
  iat      1.6e9  2020-09-13 12:26:40 UTC, issued 1 min ago
  jti      "6f1"  its own id
  name     "René"
  admin    true
  address  {
    "street": "12 St James's Square",
    "city": "London",
    "at": {"lat": 51.50720}
  }
"#;

const GOOD: &str =
    "VERIFIED  the HS256 signature and the times are right; iss and aud are yours to check\n";

fn session() -> String {
    sign(&Header::new(), SESSION.as_bytes(), &key()).unwrap()
}

#[test]
fn good() {
    assert_prints(verify(&session()), 0, &format!("{GOOD}{SESSION_PRINTED}"));
}

#[test]
fn without_a_secret() {
    let unverified = "NOT VERIFIED  no secret was given; anybody may have written this\n";
    assert_prints(run(&[&session()]), 0, &format!("{unverified}{SESSION_PRINTED}"));
}

#[test]
fn secret_from_the_environment() {
    let output = inspector(&[&session()]).env("JWT_SECRET", SECRET).output().unwrap();
    let (code, out, _) = outcome(output);
    assert_prints((code, out), 0, &format!("{GOOD}{SESSION_PRINTED}"));

    let help = inspector(&["--help"]).env("JWT_SECRET", SECRET).output().unwrap();
    let (code, out, _) = outcome(help);
    assert!(code == 0 && out.contains("[env: JWT_SECRET]"), "{out}");
}

#[test]
fn token_from_standard_input() {
    for (before, after) in [("", ""), ("", "\n"), ("", "\r\n"), ("Bearer ", "\n")] {
        let mut child = inspector(&["-", "--secret-base64url", SECRET])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let text = format!("{before}{}{after}", session());
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let (code, out, err) = outcome(child.wait_with_output().unwrap());
        assert_eq!((code, err.as_str()), (0, ""));
        assert_eq!(out, format!("{GOOD}{SESSION_PRINTED}"), "{after:?}");
    }
}

#[test]
fn expired() {
    let token = encode(&json!({ "exp": 1_599_999_760 }), &key()).unwrap();
    assert_prints(
        verify(&token),
        1,
        r#"
VERIFIED BUT EXPIRED  2020-09-13 12:22:40 UTC, expired 5 min ago

header
  alg  "HS256"  HMAC with SHA-256
  typ  "JWT"  kind of token

claims
  exp  1599999760  2020-09-13 12:22:40 UTC, expired 5 min ago
"#,
    );
}

#[test]
fn not_yet_valid() {
    let token = encode(&json!({ "nbf": 1_600_400_000_i64 }), &key()).unwrap();
    assert_prints(
        verify(&token),
        1,
        r#"
VERIFIED BUT NOT YET VALID  2020-09-18 03:33:20 UTC, becomes valid in 4 days

header
  alg  "HS256"  HMAC with SHA-256
  typ  "JWT"  kind of token

claims
  nbf  1600400000  2020-09-18 03:33:20 UTC, becomes valid in 4 days
"#,
    );
}

#[test]
fn claims_of_a_wrong_type() {
    let claims = json!({ "exp": "soon", "iat": i64::MIN, "sub": 5 });
    assert_prints(
        verify(&encode(&claims, &key()).unwrap()),
        1,
        r#"
VERIFIED BUT INVALID CLAIM TYPE  claim "sub" must be a string, not a number

header
  alg  "HS256"  HMAC with SHA-256
  typ  "JWT"  kind of token

claims
  exp  "soon"  not a number; never accepted
  iat  -9223372036854775808  beyond the calendar, issued 292471208728 years ago
  sub  5  not a string; never accepted
"#,
    );
}

#[test]
fn forged() {
    let token = encode(&json!({ "sub": "ada" }), &Key::hs256([b'x'; 32]).unwrap()).unwrap();
    assert_prints(
        verify(&token),
        1,
        r#"
NOT VERIFIED  signature does not match: the token was altered or signed with another key

header
  alg  "HS256"  HMAC with SHA-256
  typ  "JWT"  kind of token

claims
  sub  "ada"  whom it is about
"#,
    );
}

#[test]
fn alg_none() {
    let token = format!("{}.{}.", segment(r#"{"alg":"none"}"#), segment(r#"{"sub":"root"}"#));
    assert_prints(
        verify(&token),
        1,
        r#"
NOT VERIFIED  alg "none" is not HS256, HS384 or HS512, which secrets are for

header
  alg  "none"  unsigned; never accepted

claims
  sub  "root"  whom it is about
"#,
    );
}

#[test]
fn short_secret() {
    let key = dangerous::short_key(jwt_codec::Algorithm::Hs256, "secret").unwrap();
    let token = encode(&json!({ "sub": "ada" }), &key).unwrap();
    assert_prints(
        run(&[&token, "--secret-base64url", "c2VjcmV0"]),
        0,
        &format!(
            r#"{GOOD}warning  key of 6 bytes is too short for HS256; use at least 32 random bytes

header
  alg  "HS256"  HMAC with SHA-256
  typ  "JWT"  kind of token

claims
  sub  "ada"  whom it is about
"#
        ),
    );
}

/// The first paragraphs: the verdict, and the place with its caret.
#[track_caller]
fn assert_malformed(token: &str, expected: &str) {
    let (code, out) = run(&[token]);
    let head = out.split("\n\nheader").next().unwrap().split("\n\nclaims").next().unwrap();
    assert_eq!(head.trim_end(), expected.trim());
    assert_eq!(code, 1);
}

#[test]
fn malformed_token() {
    assert_malformed(
        "eyJ.eyJ",
        "
MALFORMED  a token is three segments joined by two dots

  eyJ.eyJ
         ^ more was to come
",
    );
    assert_malformed(
        "a.b.c.d",
        "
MALFORMED  a token is three segments joined by two dots

  a.b.c.d
       ^ one dot too many
",
    );
    assert_malformed(
        &"a".repeat(65_537),
        "MALFORMED  token of 65537 bytes is longer than the 65536 allowed; \
         see `Validation::max_token_len`",
    );
}

#[test]
fn malformed_header() {
    assert_malformed(
        "eyJ=hbGci.e30.AAAA",
        "
MALFORMED  header: not canonical base64url without padding at byte 3

  eyJ=hbGci.e30.AAAA
     ^ padding, which a token does not have
",
    );
    assert_malformed(
        "eyJhbGciOiJIU\nzI1NiJ9.e30.AAAA",
        r"
MALFORMED  header: not canonical base64url without padding at byte 13

  eyJhbGciOiJIU\u000azI1NiJ9.e30.AAAA
               ^ white space; was it broken over lines?
",
    );
    assert_malformed(
        &format!("{}.e30.AAAA", segment(r#"{"alg":"HS256","kid":7}"#)),
        r#"
MALFORMED  header: "kid" must be a string, not a number

  {"alg":"HS256","kid":7}
                       ^ of the wrong type
"#,
    );
    assert_malformed(
        &format!("{}.e30.AAAA", segment(r#"{"alg":HS256}"#)),
        r#"
MALFORMED  header: not readable as JSON: expected value at line 1 column 8

  {"alg":HS256}
         ^ not JSON from here
"#,
    );
}

#[test]
fn malformed_payload() {
    assert_malformed(
        "eyJhbGciOiJIUzI1NiJ9.e3+0.AAAA",
        "
MALFORMED  payload: not canonical base64url without padding at byte 2

  eyJhbGciOiJIUzI1NiJ9.e3+0.AAAA
                         ^ a token has - and _ for + and /
",
    );
    assert_malformed(
        "eyJhbGciOiJIUzI1NiJ9.e30AA.AAAA",
        "
MALFORMED  payload: not canonical base64url without padding at byte 5

  eyJhbGciOiJIUzI1NiJ9.e30AA.AAAA
                            ^ it ends in the middle of a byte
",
    );
    let signed = |payload: &[u8]| sign(&Header::new(), payload, &key()).unwrap();
    assert_malformed(
        &signed(b"{\"sub\":\"\xff\"}"),
        "
MALFORMED  payload: not UTF-8 at decoded byte 8

  {\"sub\":\"\u{fffd}\"}
          ^ not text from here
",
    );
    assert_malformed(
        &signed(b"{\n  \"sub\": ada\n}"),
        r#"
MALFORMED  payload: not readable as JSON: expected value at line 2 column 10

  {\u000a  "sub": ada\u000a}
                  ^ not JSON from here
"#,
    );
    assert_malformed(
        &signed(br#"{"sub":"ada""#),
        r#"
MALFORMED  payload: not readable as JSON: EOF while parsing an object at line 1 column 12

  {"sub":"ada"
              ^ not JSON from here
"#,
    );
    assert_malformed(
        &signed(br#"{"sub":"ada","exp":1,"sub":"eve"}"#),
        r#"
MALFORMED  payload: the name "sub" stands twice

  {"sub":"ada","exp":1,"sub":"eve"}
                             ^ the second one
"#,
    );
}

#[test]
fn malformed_signature() {
    assert_malformed(
        "eyJhbGciOiJIUzI1NiJ9.e30.AAAA!",
        "
MALFORMED  signature: cut off or mistyped

  eyJhbGciOiJIUzI1NiJ9.e30.AAAA!
                               ^ not one of A-Z a-z 0-9 - _
",
    );
    // As much on either side of the place as is shown at all.
    assert_malformed(
        &format!("eyJhbGciOiJIUzI1NiJ9.{}!{}.AAAA", "A".repeat(15), "A".repeat(30)),
        &format!(
            "
MALFORMED  payload: not canonical base64url without padding at byte 15

  eyJhbGciOiJIUzI1NiJ9.{}!{}.AAAA
  {:36}^ not one of A-Z a-z 0-9 - _
",
            "A".repeat(15),
            "A".repeat(30),
            ""
        ),
    );
    // Of a long token, only what is around the place is shown.
    let token = session();
    let cut = &token[..token.len() - 1];
    let (_, out) = verify(cut);
    let mut lines = out.lines().skip(2);
    let start: String = cut[..cut.len() - 1].chars().rev().take(36).collect();
    let start: String = start.chars().rev().collect();
    assert_eq!(lines.next(), Some(format!("  …{start}{}", &cut[cut.len() - 1..]).as_str()));
    let caret = format!("{:39}^ no byte ends so; was it cut off?", "");
    assert_eq!(lines.next(), Some(caret.as_str()));
}

/// A terminal takes some of these as commands to it.
#[test]
fn control_characters_are_escaped() {
    let claims = json!({ "\u{7}bell": 1, "sub": "\u{1b}[2Jroot\u{9b}31m\u{202e}txt" });
    let token = encode(&claims, &key()).unwrap();
    assert_prints(
        verify(&token),
        0,
        &format!(
            r#"{GOOD}
header
  alg  "HS256"  HMAC with SHA-256
  typ  "JWT"  kind of token

claims
  \u0007bell  1
  sub         "\u001b[2Jroot\u009b31m\u202etxt"  whom it is about
"#
        ),
    );
    // Not by way of an error that quotes it, nor beside the program's own colours.
    let alg = format!("{}.e30.", segment(r#"{"alg":"\u001b[2J"}"#));
    for token in [&token, &alg, "\u{1b}[2J.e30.", "\u{1b}[2J"] {
        let mut command = inspector(&[token, "--secret-base64url", SECRET]);
        let (_, out, _) = outcome(command.env("CLICOLOR_FORCE", "1").output().unwrap());
        assert!(out.starts_with("\u{1b}["), "{out:?}");
        assert!(!out.contains("\u{1b}[2J") && !out.contains(['\u{7}', '\u{9b}', '\u{202e}']));
    }
}

#[test]
fn colours() {
    let token = session();
    let colours = |variables: &[&str]| {
        let mut command = inspector(&[&token]);
        command.envs(variables.iter().map(|name| (name, "1")));
        let (_, out, _) = outcome(command.output().unwrap());
        out.contains('\u{1b}')
    };
    assert!(!colours(&[]), "into a pipe");
    assert!(colours(&["CLICOLOR_FORCE"]));
    assert!(!colours(&["CLICOLOR_FORCE", "NO_COLOR"]));
}

#[test]
fn wrong_calls() {
    let token = session();
    let not_base64url = "this+is=a secret";
    for args in [&[][..], &[&token, "--unknown"], &[&token, "--secret-base64url", not_base64url]] {
        let (code, out, err) = outcome(inspector(args).output().unwrap());
        assert_eq!((code, out.as_str()), (2, ""), "{args:?}");
        assert!(err.starts_with("error: ") && !err.contains(not_base64url), "{err}");
    }
}

#[test]
fn deep_nesting_does_no_harm() {
    let payload = format!(r#"{{"a":{}{}}}"#, "[".repeat(20_000), "]".repeat(20_000));
    let token = sign(&Header::new(), payload.as_bytes(), &key()).unwrap();
    let (code, out) = run(&[&token]);
    assert_eq!(code, 0);
    assert!(out.contains("a  [\n    ["), "{out}");
}
