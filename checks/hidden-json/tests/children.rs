//! Starts the program, and the command `jwt` if the variable `JWT_COMMAND` names it, as a child process
//! for each entrance with each hostile input, and compares the outcome. A child that is ended by a
//! signal, as by a stack overflow, is an outcome like any other, and a wrong one.

use std::{
    collections::BTreeSet,
    env, fs,
    io::Write,
    path::PathBuf,
    process::{Command, Output, Stdio},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The secret of the program.
const SECRET: &str = "32 bytes that both programs know";

/// The `x` of the EC key in RFC 7515 A.3, and its `y`.
const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

/// What reads a payload with a right signature, and what reads no further than the header.
const OF_PAYLOADS: &[&str] = &[
    "decode",
    "decode_claims",
    "decode_registered",
    "decode_borrowed",
    "steps",
    "decode_unverified",
    "verifier",
    "issuer_hint",
    "claim",
    "claim_one_of",
    "require",
    "jwt inspect",
    "jwt verify",
];
const OF_HEADERS: &[&str] = &["header", "header_eq", "long_header"];

#[derive(Debug)]
struct Case {
    name: String,
    entrance: &'static str,
    input: String,
    expected: &'static str,
}

#[test]
fn every_entrance_answers_every_input() {
    let cases = cases();
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(BTreeSet::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, Into::into) {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let Case { name, entrance, input, expected } = case;
                    let outcome = run(entrance, input);
                    if outcome != *expected {
                        let line = format!("{entrance}, {name}: {outcome}, expected {expected}");
                        wrong.lock().unwrap().insert(line);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    for line in &wrong {
        eprintln!("{line}");
    }
    assert!(wrong.is_empty(), "{} of {} outcomes are wrong", wrong.len(), cases.len());
    eprintln!("hidden-json: {} outcomes are right", cases.len());
}

/// `checks/hidden-json/run` says which features it built with.
#[test]
fn the_features_are_those_that_were_asked_for() {
    let Ok(expected) = env::var("EXPECTED_FEATURES") else { return };
    let output = Command::new(env!("CARGO_BIN_EXE_hidden-json")).arg("features").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), expected);
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    reserved_names(&mut cases);
    nested(&mut cases);
    long_tokens(&mut cases);
    jwks(&mut cases);
    // So that no input is lost unseen.
    assert_eq!(cases.len(), 6_615, "inputs have come or gone");
    if env::var_os("JWT_COMMAND").is_none() {
        cases.retain(|case| !case.entrance.starts_with("jwt "));
    }
    cases
}

/// The name of a member that `serde_json` keeps for itself, in every spelling.
fn reserved() -> Vec<String> {
    let mut names = Vec::new();
    for name in ["RawValue", "Number", "Datetime", ""] {
        let name = format!("$serde_json::private::{name}");
        names.extend([
            name.replacen('$', r"\u0024", 1),
            name.replacen(':', r"\u003a", 1),
            name.replacen("::private::", r"::private:\u003A", 1),
            name.chars().map(|char| format!(r"\u{:04x}", u32::from(char))).collect(),
            name,
        ]);
    }
    names
}

/// Names that only resemble a reserved one, and are nobody's business.
const HARMLESS: &[&str] = &[
    "$",
    "$serde_json",
    "$serde_json::private:",
    "serde_json::private::RawValue",
    "$Serde_json::private::RawValue",
    "$serde_json::public::RawValue",
    r"\u0025serde_json::private::RawValue",
    r"$\u0073erde_json",
];

fn reserved_names(cases: &mut Vec<Case>) {
    // Each spelling in one of the places, in turn.
    for (index, name) in reserved().iter().enumerate() {
        let (place, x) = match index % 4 {
            0 => ("at the top", format!(r#"1,"{name}":"1""#)),
            1 => ("in a member", format!(r#"{{"{name}":"1"}}"#)),
            2 => ("in a list", format!(r#"[[{{"a":1,"{name}":"[]"}}]]"#)),
            _ => ("with a number", format!(r#"{{"a":[{{"{name}":1}}]}}"#)),
        };
        let name = format!("{name} {place}");
        payload_cases(cases, &name, &x, "malformed");
        header_cases(cases, &name, &x, "malformed");
        jwk_cases(cases, &name, &x, "invalid_key");
    }
    for name in HARMLESS {
        let x = format!(r#"{{"a":[{{"{name}":"1"}}]}}"#);
        payload_cases(cases, name, &x, "ok");
        header_cases(cases, name, &x, "ok");
        jwk_cases(cases, name, &x, "ok");
    }
    // Each level of it starts the parser's count of the depth anew.
    for kind in ["RawValue", "Number"] {
        for spelling in ["$", "\\"] {
            let name = format!("levels of {kind}, {spelling}");
            let x = hidden(kind, spelling, 45_000);
            payload_cases(cases, &name, &x, "malformed");
            let x = hidden(kind, spelling, 5_900);
            header_cases(cases, &name, &x, "malformed");
            let header = format!(r#"{{"alg":"HS256","x":{}}}"#, hidden(kind, spelling, 90_000));
            cases.push(case("long_header", &name, token(&header, "{}"), "malformed"));
            jwk_cases(cases, &name, &hidden(kind, spelling, 1_000_000), "invalid_key");
            // Where a string belongs, and where a number does.
            let x = hidden(kind, spelling, 5_000);
            for claim in ["iss", "sub", "aud", "exp", "iat", "jti"] {
                let payload = format!(r#"{{"{claim}":{x}}}"#);
                for entrance in OF_PAYLOADS {
                    let name = format!("{name} as {claim}");
                    let input = token(r#"{"alg":"HS256"}"#, &payload);
                    cases.push(case(entrance, &name, input, "malformed"));
                }
            }
            for parameter in ["alg", "kid", "typ", "cty", "crit", "b64", "jwk"] {
                let header = format!(r#"{{"alg":"HS256","{parameter}":{x}}}"#);
                let header = header.replace(r#""alg":"HS256","alg""#, r#""alg""#);
                for entrance in OF_PAYLOADS.iter().chain(OF_HEADERS) {
                    let name = format!("{name} as {parameter}");
                    cases.push(case(entrance, &name, token(&header, "{}"), "malformed"));
                }
            }
        }
    }
}

/// Depths on both sides of the parser's limit of 128, and as deep as a token can be.
fn nested(cases: &mut Vec<Case>) {
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}"), (r#"[{"a":["#, "]}]")] {
        for depth in [30, 2_000, 45_000] {
            let times = depth / open.len();
            let x = format!("{}1{}", open.repeat(times), close.repeat(times));
            let name = format!("{open} to a depth of {times}");
            let fits = x.len() < 5_900;
            if x.len() < 48_000 {
                let is_deep = times > 30;
                for entrance in OF_PAYLOADS {
                    let expected = match *entrance {
                        "decode" | "decode_claims" | "decode_borrowed" | "steps"
                        | "decode_unverified" | "verifier"
                            if is_deep =>
                        {
                            "claims_mismatch"
                        }
                        "claim" | "claim_one_of" if is_deep => "malformed",
                        "claim" | "claim_one_of" => "invalid_claim",
                        _ => "ok",
                    };
                    let input = token(r#"{"alg":"HS256"}"#, &format!(r#"{{"x":{x}}}"#));
                    cases.push(case(entrance, &name, input, expected));
                }
            }
            let header = token(&format!(r#"{{"alg":"HS256","x":{x}}}"#), r#"{"x":1}"#);
            let held = if times > 30 { "none" } else { "ok" };
            cases.push(case("long_header", &name, header.clone(), held));
            if fits {
                for entrance in OF_PAYLOADS {
                    cases.push(case(entrance, &name, header.clone(), "ok"));
                }
                cases.push(case("header", &name, header.clone(), held));
                cases.push(case("header_eq", &name, header, "ok"));
            }
            jwk_cases(cases, &name, &x, "ok");
            let times = 500_000 / open.len();
            let x = format!("{}1{}", open.repeat(times), close.repeat(times));
            jwk_cases(cases, &format!("{open} to a depth of {times}"), &x, "ok");
        }
    }
}

/// Up to the limit of 65 536 bytes, and over it.
fn long_tokens(cases: &mut Vec<Case>) {
    for len in [16_384, 49_000, 49_151, 49_152, 65_536, 700_000] {
        for (kind, unit) in [("letters", "a"), ("escapes", r"\u0061"), ("quotes", r#"\""#)] {
            let x = format!(r#""{}""#, unit.repeat(len / unit.len()));
            let name = format!("{len} bytes of {kind}");
            let payload = format!(r#"{{"x":{x}}}"#);
            let token = token(r#"{"alg":"HS256"}"#, &payload);
            let is_long = token.len() > 65_536;
            for entrance in OF_PAYLOADS {
                let expected = match *entrance {
                    "jwt inspect" if token.len() > 1 << 20 => continue,
                    _ if is_long => "token_too_long",
                    "claim" | "claim_one_of" => "invalid_claim",
                    _ => "ok",
                };
                cases.push(case(entrance, &name, token.clone(), expected));
            }
        }
    }
}

/// Every member of every kind of key, with lengths around every power of two up to 1 MiB.
fn jwks(cases: &mut Vec<Case>) {
    for power in 8..=20_u32 {
        for len in [(1 << power) - 1, 1 << power, (1 << power) + 1] {
            // Canonical base64url: 4 characters are 3 bytes, and 1 mod 4 is no length.
            let letters = "A".repeat(len);
            let is_base64url = len % 4 != 1;
            let secret = if is_base64url { "ok" } else { "invalid_key" };
            for (member, expected) in [
                ("k", secret),
                ("kid", "ok"),
                ("kty", "invalid_key"),
                ("alg", "invalid_key"),
                ("use", "invalid_key"),
                ("x", "ok"),
            ] {
                let name = format!("{member} of {len} bytes");
                let jwk = oct(member, &format!(r#""{letters}""#));
                key_case(cases, "key", &name, jwk, expected);
            }
            for (member, expected) in
                [("kid", "ok"), ("x", "invalid_key"), ("y", "invalid_key"), ("crv", "invalid_key")]
            {
                let name = format!("{member} of {len} bytes, of an EC key");
                let jwk = ec(member, &format!(r#""{letters}""#));
                key_case(cases, "public_key", &name, jwk, expected);
            }
            // From this length on a modulus is over 8 192 bits.
            if power >= 12 {
                let name = format!("n of {len} bytes, of an RSA key");
                let members = [("kty", r#""RSA""#), ("alg", r#""RS256""#), ("e", r#""AQAB""#)];
                let jwk = object(&members, "n", &format!("\"{}\"", "_".repeat(len)));
                cases.push(case("private_key", &name, jwk.clone(), "invalid_key"));
                key_case(cases, "public_key", &name, jwk, "invalid_key");
            }
        }
    }
}

/// A JWK that is read by itself, as a member of a set beside a good key, and as a secret.
fn key_case(
    cases: &mut Vec<Case>,
    entrance: &'static str,
    name: &str,
    jwk: String,
    expected: &'static str,
) {
    let usable = if expected == "ok" { "two" } else { "one" };
    let set = format!(r#"{{"keys":[{jwk},{}]}}"#, oct("kid", r#""good""#));
    for reader in ["set", "set_for"] {
        cases.push(case(reader, name, set.clone(), usable));
    }
    // Secrets of a published set are skipped.
    let published = if (entrance, expected) == ("public_key", "ok") { "one" } else { "none" };
    for reader in ["public_set", "public_set_for"] {
        cases.push(case(reader, name, set.clone(), published));
    }
    // The command takes a file of 1 MiB at most.
    if (60_000..80_000).contains(&set.len()) || (500_000..1 << 20).contains(&set.len()) {
        // Beside a public key, the secrets of a set count only if their algorithm is named.
        cases.push(case("jwt verify --alg HS256 --jwks", name, set, "ok"));
    }
    cases.push(case("secret", name, jwk.clone(), "invalid_key"));
    let with_algorithm = if entrance == "key" { "key_for" } else { "public_key_for" };
    cases.push(case(with_algorithm, name, jwk.clone(), expected));
    cases.push(case(entrance, name, jwk, expected));
}

/// `x` is a member of the payload.
fn payload_cases(cases: &mut Vec<Case>, name: &str, x: &str, expected: &'static str) {
    let name = format!("payload: {name}");
    let token = token(r#"{"alg":"HS256"}"#, &format!(r#"{{"x":{x}}}"#));
    for entrance in OF_PAYLOADS {
        let expected = match *entrance {
            "claim" | "claim_one_of" if expected == "ok" => "invalid_claim",
            _ => expected,
        };
        cases.push(case(entrance, &name, token.clone(), expected));
    }
}

/// `x` is a member of the header.
fn header_cases(cases: &mut Vec<Case>, name: &str, x: &str, expected: &'static str) {
    let name = format!("header: {name}");
    let token = token(&format!(r#"{{"alg":"HS256","x":{x}}}"#), r#"{"x":1}"#);
    for entrance in OF_PAYLOADS.iter().chain(OF_HEADERS) {
        cases.push(case(entrance, &name, token.clone(), expected));
    }
}

/// `other` is a member of keys of each kind, and of a set.
fn jwk_cases(cases: &mut Vec<Case>, name: &str, other: &str, expected: &'static str) {
    let name = format!("JWK: {name}");
    for (entrance, with_algorithm, jwk, verified) in [
        ("key", "key_for", oct("other", other), "ok"),
        ("public_key", "public_key_for", ec("other", other), "algorithm_mismatch"),
    ] {
        let set = format!(r#"{{"keys":[{jwk}]}}"#);
        let beside = format!(r#"{{"keys":[{}],"other":{other}}}"#, oct("kid", r#""good""#));
        let usable = if expected == "ok" { "one" } else { expected };
        for (set, verified) in [(set, verified), (beside, "ok")] {
            let is_public = set.contains(r#""EC""#);
            let published = match usable {
                "one" if !is_public => "none",
                other => other,
            };
            for (reader, expected) in [
                ("set", usable),
                ("set_for", usable),
                ("public_set", published),
                ("public_set_for", published),
            ] {
                cases.push(case(reader, &name, set.clone(), expected));
            }
            if set.len() < 1 << 20 {
                let expected = if expected == "ok" { verified } else { expected };
                cases.push(case("jwt verify --jwks", &name, set, expected));
            }
        }
        cases.push(case("secret", &name, jwk.clone(), "invalid_key"));
        cases.push(case(entrance, &name, jwk.clone(), expected));
        cases.push(case(with_algorithm, &name, jwk.clone(), expected));
        cases.push(case("private_key", &name, jwk.clone(), "invalid_key"));
        cases.push(case("private_key_for", &name, jwk, "invalid_key"));
    }
}

fn case(entrance: &'static str, name: &str, input: String, expected: &'static str) -> Case {
    Case { name: name.to_owned(), entrance, input, expected }
}

fn oct(member: &str, json: &str) -> String {
    let k = format!("\"{}\"", BASE64_URL_SAFE_NO_PAD.encode(SECRET));
    let members = [("kty", r#""oct""#), ("alg", r#""HS256""#), ("k", k.as_str())];
    object(&members, member, json)
}

fn ec(member: &str, json: &str) -> String {
    let (x, y) = (format!("\"{X}\""), format!("\"{Y}\""));
    let members = [("kty", r#""EC""#), ("crv", r#""P-256""#), ("x", &*x), ("y", &*y)];
    object(&members, member, json)
}

/// The members, of which one has other JSON or is added.
fn object(members: &[(&str, &str)], member: &str, json: &str) -> String {
    let others = members.iter().copied().filter(|(name, _)| *name != member);
    let all = others.chain([(member, json)]).map(|(name, json)| format!(r#""{name}":{json}"#));
    format!("{{{}}}", all.collect::<Vec<_>>().join(","))
}

fn token(header: &str, payload: &str) -> String {
    let [header, payload] = [header, payload].map(|json| BASE64_URL_SAFE_NO_PAD.encode(json));
    let input = format!("{header}.{payload}");
    let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap().chain_update(&input);
    format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

/// Lists in lists, in the innermost an object whose one member has a reserved name and is a string,
/// in the string the same again, until the text is about so long. The quotes are spelled so that
/// a level makes the text longer by the same length.
fn hidden(kind: &str, spelling: &str, max_len: usize) -> String {
    const DEPTH: usize = 126;
    let (mut start, mut end) = (String::new(), String::new());
    for level in 0.. {
        start += &"[".repeat(DEPTH);
        end.insert_str(0, &"]".repeat(DEPTH));
        let quote = match level {
            0 => "\"".to_owned(),
            _ => format!("\\{}u0022", "u005c".repeat(level - 1)),
        };
        let dollar = match spelling {
            "$" => "$".to_owned(),
            _ => format!("\\{}u0024", "u005c".repeat(level)),
        };
        let name = format!("{quote}{dollar}serde_json::private::{kind}{quote}");
        if start.len() + end.len() + name.len() + 2 * DEPTH > max_len {
            break;
        }
        start += &format!("{{{name}:{quote}");
        end.insert_str(0, &format!("{quote}}}"));
    }
    start + &end
}

fn run(entrance: &str, input: &str) -> String {
    match entrance.strip_prefix("jwt ") {
        Some(arguments) => run_command(arguments, input),
        None => {
            let mut program = Command::new(env!("CARGO_BIN_EXE_hidden-json"));
            let output = with_input(program.arg(entrance), input);
            match output.status.code() {
                Some(0) => String::from_utf8_lossy(&output.stdout).trim().to_owned(),
                _ => format!("ended by {}", output.status),
            }
        }
    }
}

/// The command as a shell starts it whose stack is limited to 2 MiB: `ok`, or the code of its error.
fn run_command(arguments: &str, input: &str) -> String {
    let jwt = env::var("JWT_COMMAND").expect("the variable JWT_COMMAND names the command `jwt`");
    let mut shell = Command::new("sh");
    shell.args(["-c", r#"ulimit -s 2048 && exec "$@""#, "sh", &jwt, "--json"]);
    shell.env("JWT_SECRET", SECRET).env("JWT_SECRET_FORMAT", "text");
    let output = match arguments {
        "inspect" => with_input(shell.arg("inspect"), input),
        "verify" => {
            let at = ["verify", "--at", "1600000000", "--ignore-exp"];
            with_input(shell.args(at), input)
        }
        _ => {
            static NEXT: AtomicUsize = AtomicUsize::new(0);
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{number}.json"));
            fs::write(&file, input).unwrap();
            shell.args(arguments.split(' ')).arg(&file).arg("--ignore-exp");
            // Of the good key, or of the one in the set, which has the same secret.
            let output = with_input(&mut shell, &token(r#"{"alg":"HS256","typ":"JWT"}"#, "{}"));
            fs::remove_file(&file).unwrap();
            output
        }
    };
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    match output.status.code() {
        Some(0) => "ok".to_owned(),
        Some(1) | Some(2) => {
            let code = text.split_once(r#""code":""#).and_then(|(_, rest)| rest.split_once('"'));
            code.map_or_else(|| format!("no code in {text:.200}"), |(code, _)| code.to_owned())
        }
        _ => format!("ended by {}", output.status),
    }
}

fn with_input(command: &mut Command, input: &str) -> Output {
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    // A child that ended does not read.
    let writer = thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}
