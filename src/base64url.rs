//! base64url without padding (RFC 7515 §2, RFC 4648 §5), in its one canonical encoding.

use alloc::string::String;

use base64::{DecodeError, DecodeSliceError, Engine, engine::general_purpose::NO_PAD};

/// The engine: strict by its configuration `NO_PAD`, which refuses padding, foreign bytes and
/// trailing bits that are not zero.
#[cfg(not(all(feature = "simd", any(target_arch = "x86_64", target_arch = "aarch64"))))]
fn engine() -> &'static impl Engine {
    use base64::engine::GeneralPurpose;

    static SCALAR: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::URL_SAFE, NO_PAD);
    &SCALAR
}

/// As above; made once, because looking for the processor's instructions costs more than a short
/// segment does.
#[cfg(all(feature = "simd", any(target_arch = "x86_64", target_arch = "aarch64")))]
fn engine() -> &'static impl Engine {
    use base64::engine::Simd;
    use std::sync::LazyLock;

    static SIMD: LazyLock<Simd> = LazyLock::new(|| Simd::url_safe(NO_PAD));
    &*SIMD
}

/// Returns the length of the base64url of this many bytes. `None` if no address space could hold it.
pub(crate) fn encoded_len(bytes: usize) -> Option<usize> {
    base64::encoded_len(bytes, false)
}

/// Appends the base64url of the bytes.
pub(crate) fn encode(bytes: &[u8], out: &mut String) {
    engine().encode_string(bytes, out);
}

/// Returns the base64url of the bytes.
pub(crate) fn encode_to_string(bytes: &[u8]) -> String {
    engine().encode(bytes)
}

/// Returns an upper bound of the bytes that this many characters decode to, which is the length of
/// buffer that [`decode`] needs.
pub(crate) fn decoded_capacity(text: usize) -> usize {
    base64::decoded_len_estimate(text)
}

/// Decodes the text into the buffer, which has at least [`decoded_capacity`] bytes, and returns the
/// part that was written.
#[inline]
pub(crate) fn decode<'b>(text: &[u8], buffer: &'b mut [u8]) -> Result<&'b [u8], Defect> {
    match engine().decode_slice(text, buffer) {
        Ok(len) => Ok(buffer.get(..len).unwrap_or_default()),
        Err(DecodeSliceError::DecodeError(error)) => Err(Defect::new(&error, text)),
        Err(DecodeSliceError::OutputSliceTooSmall) => Err(Defect { offset: 0, byte: None }),
    }
}

/// Checks that a segment of any length is canonical, in memory of a fixed length.
pub(crate) fn check(text: &[u8]) -> Result<(), Defect> {
    /// Whole groups of four characters, so that only the last part can end within one.
    const PART: usize = 2048;

    let mut buffer = [0; PART];
    for (index, part) in text.chunks(PART).enumerate() {
        decode(part, &mut buffer).map_err(|defect| Defect {
            offset: index.saturating_mul(PART).saturating_add(defect.offset),
            ..defect
        })?;
    }
    Ok(())
}

/// Why a segment is not canonical base64url.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Defect {
    /// Where in the text, in bytes.
    pub(crate) offset: usize,
    /// The byte there, unless it is of the alphabet: then characters are missing or were changed.
    pub(crate) byte: Option<u8>,
}

impl Defect {
    /// Names the first byte that is not of the alphabet, if there is one, whatever the engine noticed
    /// first: a text of a wrong length is usually one that such a byte made longer.
    fn new(error: &DecodeError, text: &[u8]) -> Self {
        let is_foreign = |byte: &u8| !(byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if let Some(offset) = text.iter().position(is_foreign) {
            return Self { offset, byte: text.get(offset).copied() };
        }
        let offset = match *error {
            DecodeError::InvalidLastSymbol { offset, .. } => offset,
            _ => text.len(),
        };
        Self { offset, byte: None }
    }
}
