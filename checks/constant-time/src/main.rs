//! Runs itself under valgrind's memcheck with secrets marked as undefined, so that memcheck reports
//! each branch and each address that depends on one. It fails if it sees a report that is not
//! expected here by name, or if one of two planted leaks is not reported.
//!
//! Under valgrind a processor has no SHA instructions, so the hash is the portable one of `sha2`.

use std::{
    collections::BTreeSet,
    env,
    hint::black_box,
    process::{Command, ExitCode},
};

use crabgrind::{
    memcheck::{MemState, mark_memory},
    valgrind::disable_reporting,
};
use jwt_codec::{Algorithm, Header, Key, UnverifiedToken, sign};

const ALGORITHMS: [Algorithm; 3] = [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512];

/// What is run, and the files in which a report is expected.
const SCENES: [(&str, &[&str]); 5] = [
    // Once, when a key is made: whether its secret is the text of a public key, which is refused.
    ("make-and-drop", &["src/keys/text.rs", "src/keys/detect.rs"]),
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
    std::iter::from_fn(move || {
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
            for algorithm in ALGORITHMS {
                drop(black_box(secret_key(algorithm)));
            }
        }
        "verify" => {
            for algorithm in ALGORITHMS {
                let key = silently(|| secret_key(algorithm));
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
                let key = silently(|| secret_key(algorithm));
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

const SECRET: [u8; 64] = [0x5a; 64];

fn secret_key(algorithm: Algorithm) -> Key {
    Key::new(algorithm, secret(&SECRET)).expect("it is long enough")
}

fn plain_key(algorithm: Algorithm) -> Key {
    Key::new(algorithm, SECRET).expect("it is long enough")
}

/// What the scene `make` looks at is not reported again.
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
