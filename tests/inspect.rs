//! The smallest inspector, run as a program. (The package `jwt-codec-cli` has the large one.)

#![allow(clippy::expect_used)]

use std::process::{Command, Output};

fn inspect(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO"));
    command.args(["run", "--quiet", "--locked", "--example", "inspect", "--"]).args(arguments);
    command.output().expect("cargo runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

#[test]
fn a_token_is_shown_and_not_verified() {
    let output = inspect(&["eyJhbGciOiJub25lIn0.eyJzdWIiOiJyb290In0."]);
    assert_eq!(
        text(&output.stdout),
        "NOT VERIFIED: anybody can have written this.\nalg: \"none\"\nkid: \"\"\nclaims: {\n  \
         \"sub\": \"root\"\n}\n"
    );
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
}

/// `{"sub":"a U+202E b U+0085 c"}`: nothing that turns the text or moves the cursor.
#[test]
fn what_a_terminal_would_obey_is_replaced() {
    let output = inspect(&["eyJhbGciOiJub25lIn0.eyJzdWIiOiJh4oCuYsKFYyJ9."]);
    assert!(text(&output.stdout).contains("\"sub\": \"a\u{fffd}b\u{fffd}c\""), "{output:?}");
}

#[test]
fn a_broken_token_and_none() {
    let output = inspect(&["undefined"]);
    assert_eq!(
        text(&output.stderr),
        "inspect: malformed token: the text is \"undefined\", which a variable that was never set \
         gives\n"
    );
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), String::new()));

    let output = inspect(&[]);
    assert_eq!(text(&output.stderr), "usage: cargo run --example inspect -- TOKEN\n");
    assert_eq!(output.status.code(), Some(2));
}
