//! base64url without padding (RFC 7515 §2, RFC 4648 §5), in its one canonical spelling.

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

/// The length of the text of so many bytes. `None` if no address space could hold it.
pub(crate) fn encoded_len(bytes: usize) -> Option<usize> {
    base64::encoded_len(bytes, false)
}

/// Appends the text of the bytes.
pub(crate) fn encode(bytes: &[u8], out: &mut String) {
    engine().encode_string(bytes, out);
}

/// Writes the text of the bytes; gives the part of `out` written. Empty if `out` is too short,
/// which is the caller's to rule out.
pub(crate) fn encode_to_slice<'o>(bytes: &[u8], out: &'o mut [u8]) -> &'o [u8] {
    let len = engine().encode_slice(bytes, out).unwrap_or(0);
    out.get(..len).unwrap_or_default()
}

/// The most bytes that a text of so many can stand for, as [`decode`] wants its buffer.
pub(crate) fn decoded_capacity(text: usize) -> usize {
    base64::decoded_len_estimate(text)
}

/// Reads the text into the buffer, of at least [`decoded_capacity`]; gives the part written.
/// The error is the offset, in bytes, of what makes the text not canonical.
pub(crate) fn decode<'b>(text: &str, buffer: &'b mut [u8]) -> Result<&'b [u8], usize> {
    match engine().decode_slice(text, buffer) {
        Ok(len) => Ok(buffer.get(..len).unwrap_or_default()),
        Err(DecodeSliceError::DecodeError(error)) => Err(offset(&error, text)),
        Err(DecodeSliceError::OutputSliceTooSmall) => Err(0),
    }
}

fn offset(error: &DecodeError, text: &str) -> usize {
    match *error {
        DecodeError::InvalidByte(offset, _) | DecodeError::InvalidLastSymbol { offset, .. } => {
            offset
        }
        DecodeError::InvalidLength(_) => text.len(),
        DecodeError::InvalidPadding => text.find('=').unwrap_or(text.len()),
    }
}
