//! The test files that are empty without the feature `public-keys`. Of such a file `cargo test` prints
//! no more than "running 0 tests".

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{fs, path::Path};

#[test]
#[cfg_attr(
    not(feature = "public-keys"),
    ignore = "key_forms, public_keys and signing_input ran no tests: add --all-features"
)]
fn files_that_need_public_keys() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter(|path| {
            let text = fs::read_to_string(path).unwrap();
            text.lines().any(|line| line == r#"#![cfg(feature = "public-keys")]"#)
        })
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names, ["key_forms", "public_keys", "signing_input"]);
}
