//! The member names of one JSON object: read once each, and none of them twice.

use alloc::{
    borrow::{Cow, ToOwned},
    collections::BTreeSet,
    string::String,
};
use core::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, Visitor};

/// How many names are held without the heap: more than most tokens have.
const FEW: usize = 16;

/// The names that an object has had so far. Takes no heap memory for a few names without
/// escapes.
#[derive(Debug)]
pub(crate) struct Names<'a> {
    /// A bit for the hash of each name: a clear bit spares looking through the names.
    filter: u64,
    few: [&'a str; FEW],
    len: usize,
    rest: BTreeSet<Cow<'a, str>>,
}

impl<'a> Names<'a> {
    #[inline]
    pub(crate) const fn new() -> Self {
        Self { filter: 0, few: [""; FEW], len: 0, rest: BTreeSet::new() }
    }

    /// Takes a name, or gives it back if it was there already.
    #[inline]
    pub(crate) fn insert(&mut self, name: Cow<'a, str>) -> Result<(), Cow<'a, str>> {
        let bit = filter_bit(name.as_bytes());
        if self.filter & bit != 0 && self.contains(&name) {
            return Err(name);
        }
        self.filter |= bit;
        match (name, self.few.get_mut(self.len)) {
            (Cow::Borrowed(name), Some(slot)) => {
                *slot = name;
                self.len = self.len.saturating_add(1);
            }
            (name, _) => {
                self.rest.insert(name);
            }
        }
        Ok(())
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.few.iter().take(self.len).any(|earlier| *earlier == name) || self.rest.contains(name)
    }
}

/// One of 64 bits, by the name's length and its ends.
#[inline]
fn filter_bit(name: &[u8]) -> u64 {
    let end = |byte: Option<&u8>| usize::from(byte.copied().unwrap_or(0));
    let mix = name
        .len()
        .wrapping_add(end(name.first()).wrapping_mul(7))
        .wrapping_add(end(name.last()).wrapping_mul(31));
    1_u64.rotate_left(u32::try_from(mix & 63).unwrap_or(0))
}

/// Reads a name: borrowed from the text unless an escape stands in it.
pub(crate) struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }

    fn visit_string<E: Error>(self, name: String) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name))
    }
}
