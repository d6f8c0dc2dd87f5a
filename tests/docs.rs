//! The documentation is complete: what the code offers has its place on a page.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The codes that `Error::code` returns, read from its source: an error cannot be listed at run time.
fn codes() -> Vec<&'static str> {
    let source = include_str!("../src/error.rs");
    let body = source.split("pub fn code(").nth(1).expect("the method exists");
    let body = body.split("pub fn is_expired(").next().expect("the method after it");
    body.lines().filter_map(|line| line.trim().split('"').nth(1)).collect()
}

#[test]
fn every_code_is_explained() {
    let codes = codes();
    assert_eq!(codes.len(), 21);
    let (faq, crate_docs) = (include_str!("../docs/faq.md"), include_str!("../src/lib.rs"));
    let headings: Vec<_> = faq
        .split("## Troubleshooting by error code")
        .nth(1)
        .expect("the section exists")
        .lines()
        .filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`'))
        .collect();
    for code in &codes {
        assert!(headings.contains(code), "docs/faq.md has no heading for {code}");
        assert!(crate_docs.contains(&format!("//! | `{code}` |")), "src/lib.rs lacks {code}");
    }
    for heading in headings {
        assert!(codes.contains(&heading), "docs/faq.md explains {heading}, which no error returns");
    }
}

/// The name by which a link finds a heading, as forges make it.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.collect::<String>().trim().to_lowercase().replace(' ', "-")
}

fn headings(page: &str) -> Vec<String> {
    let mut is_code = false;
    let mut anchors = Vec::new();
    for line in page.lines() {
        is_code ^= line.starts_with("```");
        if let (false, Some((marks, heading))) = (is_code, line.split_once(' '))
            && !marks.is_empty()
            && marks.chars().all(|c| c == '#')
        {
            anchors.push(anchor(heading));
        }
    }
    anchors
}

#[test]
fn links_to_headings_lead_to_one() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut pages = vec![root.join("README.md"), root.join("SECURITY.md")];
    pages.extend(fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path()));
    let mut checked = 0;
    for page in pages.iter().filter(|page| page.extension().is_some_and(|end| end == "md")) {
        let text = fs::read_to_string(page).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let Some((file, heading)) = link.split_once('#') else { continue };
            if link.starts_with("http") {
                continue;
            }
            let target = match file {
                "" => text.clone(),
                file => fs::read_to_string(page.with_file_name(file)).unwrap(),
            };
            let found = headings(&target).iter().any(|anchor| anchor == heading);
            assert!(found, "{}: no heading for {link}", page.display());
            checked += 1;
        }
    }
    assert!(checked > 60, "only {checked} links were found");
}

/// The Markdown and Rust files in a folder, and in the folders in it.
fn texts(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(texts(&path));
        } else if path.extension().is_some_and(|end| end == "md" || end == "rs") {
            found.push(path);
        }
    }
    found
}

/// A `VarError` of a variable that is not UTF-8 shows its value, so a program that prints or returns the
/// error puts the secret into a log.
#[test]
fn no_error_of_a_variable_shows_its_value() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // A package contains the first four alone.
    let mut files = vec![root.join("README.md")];
    for folder in ["src", "docs", "examples", "axum", "cli", "oidc"] {
        files.extend(texts(&root.join(folder)));
    }
    let (mut checked, mut shown) = (0, Vec::new());
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for after in text.split("env::var(").skip(1) {
            let (_, after) = after.split_once(')').unwrap();
            let after = after.trim_start_matches(|c: char| c.is_whitespace() || "/!".contains(c));
            let drops = [".map_err(|_|", ".unwrap_or_else(|_|", ".unwrap_or_default()", ".ok()"];
            // A `match` has to name the variant without its value.
            let is_match = after.starts_with('{') && after.contains("NotUnicode(_))");
            if !is_match && !drops.iter().any(|call| after.starts_with(call)) {
                shown.push(format!("{}: {after:.50}", file.display()));
            }
            checked += 1;
        }
    }
    assert_eq!(shown, [""; 0]);
    assert!(checked > 2, "only {checked} were found");
}
