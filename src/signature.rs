//! The bytes of a signature.

use alloc::{vec, vec::Vec};

use crate::base64url::{self, Defect};

/// The longest signature of any key, in bytes: that of RSA with 8192 bits, or of HMAC with SHA-512.
pub(crate) const MAX_LEN: usize = if cfg!(feature = "public-keys") { 1024 } else { 64 };

/// The longest one but those of RSA: ECDSA with P-384.
const SHORT: usize = 96;

/// A signature, right or wrong.
#[derive(Debug, Clone)]
pub enum Signature {
    Short { buffer: [u8; SHORT], len: usize },
    Long(Vec<u8>),
}

impl Signature {
    /// What stands for a signature that is longer than any key's, so that none verifies it.
    const NONE: Self = Self::Short { buffer: [0; SHORT], len: 0 };

    pub(crate) fn new(bytes: &[u8]) -> Self {
        let mut buffer = [0; SHORT];
        match buffer.get_mut(..bytes.len()) {
            Some(start) => {
                start.copy_from_slice(bytes);
                Self::Short { buffer, len: bytes.len() }
            }
            None => Self::Long(bytes.to_vec()),
        }
    }

    /// Reads a signature segment of any length, in memory for the longest of any key.
    #[inline]
    pub(crate) fn decode(text: &str) -> Result<Self, Defect> {
        let text = text.as_bytes();
        let capacity = base64url::decoded_capacity(text.len());
        if capacity <= SHORT {
            let mut buffer = [0; SHORT];
            let len = base64url::decode(text, &mut buffer)?.len();
            Ok(Self::Short { buffer, len })
        } else if capacity <= MAX_LEN.next_multiple_of(3) {
            let mut bytes = vec![0; capacity];
            let len = base64url::decode(text, &mut bytes)?.len();
            bytes.truncate(len);
            Ok(Self::Long(bytes))
        } else {
            base64url::check(text)?;
            Ok(Self::NONE)
        }
    }

    #[inline]
    pub(crate) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Short { buffer, len } => buffer.get(..*len).unwrap_or_default(),
            Self::Long(bytes) => bytes,
        }
    }
}
