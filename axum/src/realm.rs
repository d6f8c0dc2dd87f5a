//! The realm of the answers.

use std::{fmt, sync::Arc};

/// A realm, written as a quoted string (RFC 9110 §5.6.4).
#[derive(Clone)]
pub(crate) struct Realm(Arc<str>);

impl Realm {
    /// Returns `None` if the name cannot be sent as a realm.
    pub(crate) fn new(name: &str) -> Option<Self> {
        let printable = |c: char| matches!(c, '\t' | ' '..='~');
        if name.is_empty() || !name.chars().all(printable) {
            return None;
        }
        let escaped = name.replace('\\', r"\\").replace('"', r#"\""#);
        Some(Self(format!("\"{escaped}\"").into()))
    }
}

impl fmt::Display for Realm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Realm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
