//! Runs itself under valgrind's memcheck with secrets marked as undefined, so that memcheck reports
//! each branch and each address that depends on one. It fails if it sees a report that is not
//! expected here by name, or if one of two planted leaks is not reported.
//!
//! Under valgrind a processor has no SHA instructions, so the hash is the portable one of `sha2`.

use std::{
    collections::BTreeSet,
    env,
    hint::black_box,
    iter,
    process::{Command, ExitCode},
};

use crabgrind::{
    memcheck::{MemState, mark_memory},
    valgrind::disable_reporting,
};
use jwt_codec::{Algorithm, Error, Header, Key, UnverifiedToken, sign};

const ALGORITHMS: [Algorithm; 3] = [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512];

/// What is run, and the files in which a report is expected.
const SCENES: [(&str, &[&str]); 6] = [
    // Once, when a key is made: whether its secret is the text of a public key, which is refused.
    (
        "make-and-drop",
        &["src/keys/text.rs", "src/keys/detect.rs", "src/keys/secret.rs", "src/json.rs"],
    ),
    // Once, too: a secret is read from text.
    ("read", &["src/keys/text.rs", "src/base64url.rs", "src/keys/detect.rs"]),
    // The one decision: accepted or refused.
    ("verify", &["src/keys/candidates.rs"]),
    // The signature that is given out is written as text.
    ("sign", &["src/base64url.rs"]),
    ("leak-comparison", &["checks/constant-time/src/main.rs"]),
    ("leak-table", &["checks/constant-time/src/main.rs"]),
];

fn main() -> ExitCode {
    match env::args().nth(1) {
        Some(scene) => {
            run(&scene);
            ExitCode::SUCCESS
        }
        None => {
            let all_as_expected = SCENES.map(|(scene, expected)| is_as_expected(scene, expected));
            if all_as_expected.contains(&false) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
        }
    }
}

fn is_as_expected(scene: &str, expected: &[&str]) -> bool {
    let program = env::current_exe().expect("it runs");
    let output = Command::new("valgrind")
        .args(["--error-limit=no", "--num-callers=40", "--fullpath-after="])
        .arg(program)
        .arg(scene)
        .output()
        .expect("valgrind is installed");
    let report = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        println!("{scene}: failed\n{report}");
        return false;
    }
    let places: BTreeSet<_> = reports(&report).map(|stack| place_of(&stack, expected)).collect();
    let known = places.iter().all(|place| place.is_ok());
    // Each expectation is needed: where nothing is seen, nothing was looked at.
    let needed = expected.iter().all(|name| places.contains(&Ok(name)));
    println!("{scene}: {}", if known && needed { "as expected" } else { "NOT as expected" });
    for place in &places {
        match place {
            Ok(name) => println!("  depends on the secret, as expected: {name}"),
            Err(stack) => println!("  DEPENDS ON THE SECRET:\n{stack}"),
        }
    }
    known && needed
}

/// The stacks of calls at which memcheck saw something undefined decide.
fn reports(report: &str) -> impl Iterator<Item = Vec<&str>> {
    let mut lines = report.lines().map(|line| line.splitn(3, "==").nth(2).unwrap_or("").trim());
    iter::from_fn(move || {
        lines.find(|line| {
            line.starts_with("Conditional jump or move depends on uninitialised")
                || line.starts_with("Use of uninitialised value")
        })?;
        Some(lines.by_ref().take_while(|line| !line.is_empty()).collect())
    })
}

/// The expectation that the stack meets, or the stack.
fn place_of<'e>(stack: &[&str], expected: &[&'e str]) -> Result<&'e str, String> {
    // The innermost line of this repository, whatever it calls.
    let root = env!("CARGO_MANIFEST_DIR").strip_suffix("checks/constant-time").unwrap_or_default();
    let ours = stack.iter().find_map(|line| line.split_once(root)).map(|(_, file)| file);
    expected
        .iter()
        .copied()
        .find(|name| ours.is_some_and(|file| file.starts_with(name)))
        .ok_or_else(|| stack.join("\n"))
}

fn run(scene: &str) {
    match scene {
        "make-and-drop" => {
            for bytes in secrets() {
                for algorithm in ALGORITHMS {
                    drop(black_box(secret_key(algorithm, &bytes)));
                }
            }
        }
        "read" => {
            type Read = fn(Algorithm, &str) -> Result<Key, Error>;
            let readers: [(Read, &str); 3] = [
                (Key::from_hex, HEX),
                (Key::from_base64, BASE64),
                (Key::from_base64url, BASE64URL),
            ];
            for (read, text) in readers {
                for algorithm in ALGORITHMS {
                    let key = read(algorithm, &secret_text(text)).expect("it is well formed");
                    drop(black_box(key));
                }
            }
        }
        "verify" => {
            for algorithm in ALGORITHMS {
                let key = silently(|| secret_key(algorithm, &SECRET));
                let token = sign(&Header::new(), b"{}", &plain_key(algorithm)).expect("it signs");
                let (signed, _) = token.rsplit_once('.').expect("it has dots");
                let length = token.len() - signed.len() - 1;
                // The last character stands for fewer bits than the others.
                let forged = format!("{signed}.{}", "A".repeat(length));
                assert!(UnverifiedToken::parse(&token).expect("well formed").verify(&key).is_ok());
                assert!(
                    UnverifiedToken::parse(&forged).expect("well formed").verify(&key).is_err()
                );
            }
        }
        "sign" => {
            for algorithm in ALGORITHMS {
                let key = silently(|| secret_key(algorithm, &SECRET));
                black_box(sign(&Header::new(), b"{}", &key).expect("it signs"));
            }
        }
        "leak-comparison" => {
            let tag = secret(&[7; 32]);
            black_box(compare_with_an_early_exit(&tag, &[7; 32]));
        }
        "leak-table" => {
            let tag = secret(&[7; 32]);
            black_box(look_up(tag[0]));
        }
        other => panic!("there is no scene {other}"),
    }
}

/// A copy of the bytes that memcheck holds for undefined.
fn secret(bytes: &[u8]) -> Vec<u8> {
    let mut copy = bytes.to_vec();
    mark_memory(copy.as_mut_ptr().cast(), copy.len(), MemState::Undefined).expect("under valgrind");
    copy
}

/// The same for a text.
fn secret_text(text: &str) -> String {
    let copy = text.to_owned();
    mark_memory(copy.as_ptr().cast_mut().cast(), copy.len(), MemState::Undefined)
        .expect("under valgrind");
    copy
}

const SECRET: [u8; 64] = [0x5a; 64];

/// The same 64 bytes in each encoding.
const HEX: &str = "8f3a00c1d57e62b94b1d9af06c2ee8735514b7a8fe09437dc2916f3b28e05da4\
    17cb8e60f2a93d54be017ac9653fd812e4a07b2c91f65d38b0497eead3160fc5";
const BASE64: &str =
    "jzoAwdV+YrlLHZrwbC7oc1UUt6j+CUN9wpFvOyjgXaQXy45g8qk9VL4BesllP9gS5KB7LJH2XTiwSX7q0xYPxQ==";
const BASE64URL: &str =
    "jzoAwdV-YrlLHZrwbC7oc1UUt6j-CUN9wpFvOyjgXaQXy45g8qk9VL4BesllP9gS5KB7LJH2XTiwSX7q0xYPxQ";

/// Secrets of several kinds: memcheck sees only the branches that are taken, and when a key is made,
/// the text of its secret decides which those are.
fn secrets() -> Vec<Vec<u8>> {
    // The same bytes in each run, by a linear congruential generator.
    let random = |seed: u32| -> Vec<u8> {
        let next = |state: &u32| Some(state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
        let states = iter::successors(Some(seed), next).skip(1).take(64);
        states.map(|state| state.to_be_bytes()[0]).collect()
    };
    // The characters of every mark of a public key, in an order that makes no mark.
    let marks: String = r#"---begin putty-user-key-file- <rsakeyvalue ssh-ed25519 "kty" 'kty'"#
        .chars()
        .rev()
        .collect();
    let texts = [
        HEX.to_owned(),
        HEX.to_uppercase(),
        BASE64.to_owned(),
        BASE64URL.to_owned(),
        // Lines of base64 in a string of JSON, base64 of digits, and digits between colons.
        format!("key = \"{}\\n{}\" # comment", &BASE64[..44], &BASE64[44..]),
        "OGYzYTAwYzFkNTdlNjJiOTRiMWQ5YWYwNmMyZWU4NzM1NTE0YjdhOGZlMDk0MzdkYzI5MTZmM2I=".repeat(2),
        "8f:3a:00:c1:d5:7e:62:b9:4b:1d:9a:f0:6c:2e:e8:73:55:14:b7:a8:fe:09:43:7d:c2:91:6f:3b"
            .to_owned(),
        "correct horse battery staple, and more words until it is long enough for HS512".to_owned(),
        "Straße, größer, naïve, 日本語のテキスト, текст и ещё немного текста, 🔑🔑🔑🔑🔑🔑"
            .to_owned(),
        r#"{"k\u0065y":"\u00e9 \\u0022 \u005cu0022 \"quoted\" \uzzzz","more":"text of JSON"} \u12"#
            .to_owned(),
        marks,
    ];
    // As Windows writes text.
    let utf16 = [0xff, 0xfe].into_iter().chain(HEX.encode_utf16().flat_map(u16::to_le_bytes));
    // Not ASCII, with a backslash and a `u`, so that escapes are looked for.
    let with_escape = random(1).into_iter().map(|byte| byte | 0x80).chain(*br"\u0041");
    let mut secrets: Vec<Vec<u8>> = (0..8).map(random).collect();
    secrets.extend([SECRET.to_vec(), utf16.collect(), with_escape.collect()]);
    secrets.extend(texts.map(String::into_bytes));
    secrets
}

fn secret_key(algorithm: Algorithm, bytes: &[u8]) -> Key {
    Key::new(algorithm, secret(bytes)).expect("it is long enough and no other kind of key")
}

fn plain_key(algorithm: Algorithm) -> Key {
    Key::new(algorithm, SECRET).expect("it is long enough")
}

/// What the scene `make-and-drop` looks at is not reported again.
fn silently<T>(call: impl FnOnce() -> T) -> T {
    let _silence = disable_reporting();
    call()
}

/// Planted: how long it takes tells how much is right.
#[inline(never)]
fn compare_with_an_early_exit(one: &[u8], other: &[u8]) -> bool {
    for (one, other) in one.iter().zip(other) {
        if one != other {
            return false;
        }
    }
    true
}

/// Planted: what is in the processor's cache afterwards tells what was looked up.
#[inline(never)]
fn look_up(byte: u8) -> u8 {
    static TABLE: [u8; 256] = [3; 256];
    black_box(&TABLE)[usize::from(byte)]
}
