//! Bytes that are wiped when they are dropped.

use alloc::{vec, vec::Vec};
use core::{
    fmt,
    ops::{Deref, DerefMut},
};

use hmac::digest::zeroize::Zeroize;
use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};

/// Bytes, or text, that may be secret. They never grow, which would leave a copy behind.
pub(crate) struct Secret(Vec<u8>);

impl Secret {
    /// So many zeros, to be written over.
    pub(crate) fn zeros(len: usize) -> Self {
        Self(vec![0; len])
    }

    /// Copies those of the bytes that are wanted.
    pub(crate) fn copy(bytes: &[u8], is_wanted: impl Fn(&u8) -> bool) -> Self {
        let mut copy = Vec::with_capacity(bytes.len());
        copy.extend(bytes.iter().filter(|byte| is_wanted(byte)));
        Self(copy)
    }

    /// Joins the parts.
    pub(crate) fn concat(parts: &[&[u8]]) -> Self {
        Self(parts.concat())
    }

    /// Cuts off what is longer.
    pub(crate) fn cut(mut self, len: usize) -> Self {
        self.0.truncate(len);
        self
    }

    /// The text, if it is one.
    pub(crate) fn as_str(&self) -> &str {
        core::str::from_utf8(self).unwrap_or_default()
    }
}

impl Deref for Secret {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl DerefMut for Secret {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        // Also what lies behind the bytes.
        self.0.resize(self.0.capacity(), 0);
        self.0.as_mut_slice().zeroize();
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Secret;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Secret, E> {
                Ok(Secret::copy(text.as_bytes(), |_| true))
            }
        }

        deserializer.deserialize_str(Text)
    }
}
