//! What needs the system clock is there only where the standard library has one. The standard
//! library of another target cannot be had everywhere, so its `cfg` is asked for.

#![allow(clippy::unwrap_used)]

use std::{collections::BTreeSet, env, fs, path::Path, process::Command};

/// The condition on each of the five: `NumericDate::now`, `Validation::new` and its `Default`,
/// `Claims::issued_now` and `expires_in`. `.ci/run` builds the crate with its values set.
const CONDITION: &str =
    r#"#[cfg(all(feature = "std", not(all(target_family = "wasm", target_os = "unknown"))))]"#;

fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| {
            if path.is_dir() { files(&path) } else { vec![fs::read_to_string(path).unwrap()] }
        })
        .collect()
}

#[test]
fn the_clock_is_there_where_std_has_one() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let lines = files(&source).join("\n");
    assert_eq!(lines.matches(CONDITION).count(), 5);
    assert_eq!(lines.matches("SystemTime::now").count(), 1);

    for (target, has_clock) in [
        ("x86_64-unknown-linux-gnu", true),
        ("aarch64-apple-darwin", true),
        ("x86_64-pc-windows-msvc", true),
        ("wasm32-wasip1", true),
        ("wasm32-wasip2", true),
        ("wasm32-unknown-emscripten", true),
        ("wasm32-unknown-unknown", false),
        ("wasm32v1-none", true), // It has no `std`, so that the feature `std` does not build.
    ] {
        let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let output = Command::new(rustc).args(["--print", "cfg", "--target", target]).output();
        let cfg = String::from_utf8(output.unwrap().stdout).unwrap();
        let cfg: BTreeSet<_> = cfg.lines().collect();
        assert!(
            cfg.contains("target_pointer_width=\"32\"")
                || cfg.contains("target_pointer_width=\"64\"")
        );
        let is_wasm = cfg.contains(r#"target_family="wasm""#);
        let is_unknown = cfg.contains(r#"target_os="unknown""#);
        assert_eq!(!(is_wasm && is_unknown), has_clock, "{target}");
    }
}
