//! The documentation is complete: what the code offers has its place on a page.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

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
