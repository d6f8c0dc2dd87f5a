//! The bytes of a signature.

use crate::base64url::{self, Defect};

/// The longest signature of any key, in bytes: of RSA with 8192 bits, or of HMAC with SHA-512.
const LONGEST: usize = if cfg!(feature = "public-keys") { 1024 } else { 64 };

/// Room for a signature of any key, in whole groups of base64url.
pub(crate) const MAX_LEN: usize = LONGEST.next_multiple_of(3);

/// Where a signature is decoded, or made.
pub(crate) type SignatureBuffer = [u8; MAX_LEN];

/// Decodes a signature segment. One that is longer than any key's decodes to nothing, which no key
/// verifies.
#[inline]
pub(crate) fn decode<'b>(text: &str, buffer: &'b mut SignatureBuffer) -> Result<&'b [u8], Defect> {
    let text = text.as_bytes();
    if base64url::decoded_capacity(text.len()) <= MAX_LEN {
        return base64url::decode(text, buffer);
    }
    base64url::check(text)?;
    Ok(&[])
}
