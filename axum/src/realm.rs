//! The realm, and its way from an extractor to the answer.
//!
//! A [`Refusal`] has no room for it: handlers make and match its variants as they are, and
//! `Result<Authenticated<C>, Refusal>` is an extractor only if the rejection is that very type.
//! So the extractor leaves the realm in a slot of its thread. axum turns a rejection into a
//! response in the same poll as the extractor refused it, so nothing else runs in between.
//!
//! A refusal that a handler takes as a `Result` may be answered later, or never. Therefore the
//! slot says which kind of refusal it is for, each extractor's end overwrites it and each answer
//! empties it. What is left: over an `.await` the realm may be lost. `Auth::refuse` is for that.

use std::{
    cell::RefCell,
    fmt,
    mem::{self, Discriminant},
    sync::Arc,
};

use crate::refusal::Refusal;

/// A realm as a quoted string (RFC 9110 §5.6.4).
#[derive(Clone)]
pub(crate) struct Realm(Arc<str>);

impl Realm {
    /// `None` if it cannot be one.
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

thread_local! {
    static SLOT: RefCell<Option<(Discriminant<Refusal>, Realm)>> = const { RefCell::new(None) };
}

/// Leaves the realm for the answer to a refusal of this kind.
pub(crate) fn hand_over(refusal: &Refusal, realm: Option<&Realm>) {
    SLOT.replace(realm.map(|realm| (mem::discriminant(refusal), realm.clone())));
}

/// Empties the slot.
pub(crate) fn forget() {
    SLOT.replace(None);
}

/// The realm that was left for the answer to this refusal.
pub(crate) fn take_over(refusal: &Refusal) -> Option<Realm> {
    let (kind, realm) = SLOT.take()?;
    (kind == mem::discriminant(refusal)).then_some(realm)
}
