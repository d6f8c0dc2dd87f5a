//! Headers that a request may have once.

use http::{HeaderMap, HeaderName, HeaderValue};

/// A header that a request may have once.
pub(crate) enum Sole<'r> {
    Absent,
    One(&'r HeaderValue),
    Several,
}

pub(crate) fn sole<'r>(headers: &'r HeaderMap, name: &HeaderName) -> Sole<'r> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Sole::Absent,
        (Some(value), None) => Sole::One(value),
        (Some(_), Some(_)) => Sole::Several,
    }
}
