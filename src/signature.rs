//! The bytes of a signature, in a buffer of fixed length.

use crate::base64url::{self, Defect};

/// The longest signature of any key, in bytes: that of HMAC with SHA-512, or of RSA with 8192 bits.
pub(crate) const MAX_LEN: usize = if cfg!(feature = "public-keys") { 1024 } else { 64 };

/// What the decoder of base64url wants for the longest.
const CAPACITY: usize = MAX_LEN.next_multiple_of(3);

/// A signature, right or wrong.
#[derive(Debug, Clone)]
pub struct Signature {
    buffer: [u8; CAPACITY],
    len: usize,
}

impl Signature {
    /// Takes the bytes; those that are too many are cut off, so that no key verifies them.
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let mut buffer = [0; CAPACITY];
        let len = bytes.len().min(CAPACITY);
        if let (Some(to), Some(from)) = (buffer.get_mut(..len), bytes.get(..len)) {
            to.copy_from_slice(from);
        }
        Self { buffer, len }
    }

    /// Reads a signature segment of any length, in memory of a fixed length.
    #[inline]
    pub(crate) fn decode(text: &str) -> Result<Self, Defect> {
        let text = text.as_bytes();
        let mut buffer = [0; CAPACITY];
        let len = if base64url::decoded_capacity(text.len()) <= CAPACITY {
            base64url::decode(text, &mut buffer)?.len()
        } else {
            base64url::check(text)?;
            // The length of no key's signature, so that none verifies it.
            CAPACITY
        };
        Ok(Self { buffer, len })
    }

    #[inline]
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.buffer.get(..self.len).unwrap_or_default()
    }
}
