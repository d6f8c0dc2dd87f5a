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
        let parts = token.split_once('.').and_then(|(header, rest)| {
            let (payload, signature) = rest.split_once('.')?;
            let signed_len = header.len().saturating_add(1).saturating_add(payload.len());
            Some((header, payload, signature, token.get(..signed_len)?))
        });
        match parts {
            Some((header, payload, signature, signing_input)) => {
                Ok(Self { token, header, signing_input, payload, signature, max_len })
            }
            None => Err(explain(token, segment_count(token))),
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
        // A third dot is not of base64url.
        self.explain(if self.signature.contains('.') {
            segment_count(self.token)
        } else {
            Error::malformed(Segment::Signature, defect.into())
        })
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

/// Counts dots in chunks of 255 bytes, so that the compiler can use vectors.
#[cold]
fn segment_count(token: &str) -> Error {
    let dots = |part: &[u8]| part.iter().map(|&byte| u8::from(byte == b'.')).sum::<u8>();
    let found =
        token.as_bytes().chunks(usize::from(u8::MAX)).map(dots).map(usize::from).sum::<usize>();
    Error::malformed(Segment::Token, Reason::SegmentCount { found: found.saturating_add(1) })
}

#[cold]
fn explain(token: &str, error: Error) -> Error {
    if !matches!(error, Error::Malformed { .. }) {
        return error;
    }
    let is_space = |c: char| c.is_whitespace() || c == '\u{feff}';
    let trimmed = token.trim_matches(is_space);
    let start = token.trim_start_matches(is_space);
    let has_bearer = start.split_at_checked("Bearer".len()).is_some_and(|(scheme, rest)| {
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
