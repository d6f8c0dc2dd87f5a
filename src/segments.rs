//! A token split into its segments (RFC 7515 §7.1), and the common mistakes that its text shows.

use alloc::borrow::ToOwned;

use crate::{
    base64url,
    error::{Error, Reason, Segment},
    header::{Header, HeaderSegment},
    signature::{self, SignatureBuffer},
};

/// The segments of a token, none of them decoded.
#[derive(Clone, Copy)]
pub(crate) struct Segments<'t> {
    token: &'t str,
    header: &'t str,
    /// The first two segments with the dot between them.
    pub(crate) signing_input: &'t str,
    pub(crate) payload: &'t str,
    signature: &'t str,
    /// The longest token that is read, in bytes.
    max_len: usize,
}

impl<'t> Segments<'t> {
    /// Splits a token of at most `max_len` bytes.
    #[inline]
    pub(crate) fn split(token: &'t str, max_len: usize) -> Result<Self, Error> {
        if token.len() > max_len {
            return Err(Error::TokenTooLong { len: token.len(), max: max_len });
        }
        let dots = count_dots(token);
        let parts = token.rsplit_once('.').and_then(|(signing_input, signature)| {
            let (header, payload) = signing_input.split_once('.')?;
            Some((signing_input, header, payload, signature))
        });
        match parts {
            Some((signing_input, header, payload, signature)) if dots == 2 => {
                Ok(Self { token, header, signing_input, payload, signature, max_len })
            }
            _ => {
                let reason = Reason::SegmentCount { found: dots.saturating_add(1) };
                Err(explain(token, Error::malformed(Segment::Token, reason)))
            }
        }
    }

    /// Decodes the signature segment.
    #[inline]
    pub(crate) fn decode_signature<'b>(
        &self,
        buffer: &'b mut SignatureBuffer,
    ) -> Result<&'b [u8], Error> {
        signature::decode(self.signature, buffer).map_err(|defect| self.signature_error(defect))
    }

    /// Rejects a signature segment that is not canonical base64url.
    pub(crate) fn check_signature(&self) -> Result<(), Error> {
        base64url::check(self.signature.as_bytes()).map_err(|defect| self.signature_error(defect))
    }

    #[cold]
    fn signature_error(&self, defect: base64url::Defect) -> Error {
        self.explain(Error::malformed(Segment::Signature, defect.into()))
    }

    /// The header segment.
    #[inline]
    pub(crate) fn header(&self) -> Result<HeaderSegment<'t>, Error> {
        HeaderSegment::new(self.header, self.max_len).map_err(|error| self.explain(error))
    }

    /// Parses the header, and rejects a signature segment that is not canonical base64url.
    pub(crate) fn parse_header(&self) -> Result<Header, Error> {
        self.check_signature()?;
        Header::parse(self.header()?).map_err(|error| self.explain(error))
    }

    /// Replaces the error of a malformed segment, if the token as a whole shows the mistake.
    #[cold]
    pub(crate) fn explain(&self, error: Error) -> Error {
        explain(self.token, error)
    }
}

/// Counts dots in chunks, whose size lets the compiler use vectors of bytes.
fn count_dots(token: &str) -> usize {
    const CHUNK: usize = 192;

    let dots = |chunk: &[u8]| chunk.iter().map(|&byte| u8::from(byte == b'.')).sum::<u8>();
    token.as_bytes().chunks(CHUNK).map(dots).map(usize::from).sum()
}

#[cold]
fn explain(token: &str, error: Error) -> Error {
    if !matches!(error, Error::Malformed { .. }) {
        return error;
    }
    let is_space = |c: char| c.is_whitespace() || c == '\u{feff}';
    let trimmed = token.trim_matches(is_space);
    let has_bearer = trimmed.split_at_checked("Bearer".len()).is_some_and(|(scheme, rest)| {
        scheme.eq_ignore_ascii_case("Bearer") && rest.starts_with(is_space)
    });
    let reason = if trimmed.is_empty() {
        Reason::Empty
    } else if ["undefined", "null", "None", "nil", "[object Object]"].contains(&trimmed) {
        Reason::Placeholder { text: trimmed.to_owned() }
    } else if has_bearer {
        Reason::Bearer
    } else if trimmed.starts_with(['"', '\'']) {
        Reason::Quoted
    } else if trimmed.len() < token.len() {
        Reason::WhiteSpace
    } else {
        return error;
    };
    Error::malformed(Segment::Token, reason)
}
