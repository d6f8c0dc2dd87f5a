//! Bytes that are wiped when they are dropped.

use alloc::{vec, vec::Vec};
use core::ops::{Deref, DerefMut};

use hmac::digest::zeroize::Zeroize;

/// Bytes that may be secret. They never grow, which would leave a copy in memory.
pub(crate) struct Secret(Vec<u8>);

impl Secret {
    /// Makes zeros of this length, to be overwritten.
    pub(crate) fn zeros(len: usize) -> Self {
        Self(vec![0; len])
    }

    /// Copies the bytes that the predicate keeps.
    pub(crate) fn copy_if(bytes: &[u8], keep: impl Fn(&u8) -> bool) -> Self {
        Self::collect(bytes.len(), bytes.iter().copied().filter(keep))
    }

    /// Collects the bytes, at most this many.
    pub(crate) fn collect(max_len: usize, bytes: impl Iterator<Item = u8>) -> Self {
        let mut copy = Vec::with_capacity(max_len);
        copy.extend(bytes.take(max_len));
        Self(copy)
    }

    /// Shortens the bytes to this length.
    pub(crate) fn truncated(mut self, len: usize) -> Self {
        self.0.truncate(len);
        self
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
        // Wipes the spare capacity, too.
        self.0.resize(self.0.capacity(), 0);
        self.0.as_mut_slice().zeroize();
    }
}
