//! The table of attacks, `docs/attacks.md`.

use std::collections::BTreeSet;

use crate::attack_table::{tests_of_table, tests_of_this_program};

#[test]
fn every_test_has_a_row_and_every_row_a_test() {
    let tests = tests_of_this_program();
    let tests: BTreeSet<&str> = tests
        .iter()
        .filter(|path| !path.starts_with("table::"))
        .map(|path| path.rsplit_once("::").map_or(path.as_str(), |(_, name)| name))
        .collect();
    let rows: BTreeSet<&str> =
        tests_of_table().into_iter().filter(|name| !name.contains("::")).collect();
    assert_eq!(rows, tests);
    assert!(tests.len() >= 45, "{} tests were found", tests.len());
}
