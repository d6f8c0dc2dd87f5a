//! The rows of `docs/attacks.md`, and the tests of the program that is running.

use std::{collections::BTreeSet, env, process::Command};

/// The names of tests that the last column of the table has. Each may stand in one row only.
pub(crate) fn tests_of_table() -> BTreeSet<&'static str> {
    let mut names = BTreeSet::new();
    for line in include_str!("../../docs/attacks.md").lines() {
        let row = line.strip_prefix("| ").and_then(|row| row.strip_suffix("` |"));
        if let Some((_, name)) = row.and_then(|row| row.rsplit_once('`')) {
            assert!(names.insert(name), "the test {name} is in two rows of docs/attacks.md");
        }
    }
    names
}

/// The tests of this program as it lists them itself, by their path in the crate.
pub(crate) fn tests_of_this_program() -> BTreeSet<String> {
    let program = env::current_exe().expect("this program has a path");
    let output = Command::new(program).args(["--list", "--format=terse"]).output();
    let list = String::from_utf8(output.expect("this program runs").stdout).expect("UTF-8");
    list.lines().filter_map(|line| Some(line.strip_suffix(": test")?.to_owned())).collect()
}
