//! What makes a token or one of its segments malformed.

use alloc::string::{String, ToString};
use core::fmt;

use super::{excerpt::shorten, json_type::JsonType};
use crate::base64url::Defect;

/// A token, or one of its segments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Segment {
    /// The whole token.
    Token,
    /// The segment before the first dot.
    Header,
    /// The segment between the dots.
    Payload,
    /// The segment after the second dot.
    Signature,
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token => "token",
            Self::Header => "header",
            Self::Payload => "payload",
            Self::Signature => "signature",
        })
    }
}

/// What makes a segment malformed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The token is empty, or only white space.
    Empty,
    /// The token is what a program writes for a variable that was never set, such as `undefined`.
    Placeholder {
        /// The token.
        text: String,
    },
    /// The token starts with `Bearer `: the whole value of a request's header was passed.
    Bearer,
    /// The token is in quotes.
    Quoted,
    /// There is white space, a line end or a byte order mark before or after the token.
    WhiteSpace,
    /// The token does not have exactly three segments (RFC 7515 §7.1).
    SegmentCount {
        /// The number of its segments.
        found: usize,
    },
    /// The header segment is longer than the limit.
    TooLong {
        /// Length of the segment, in bytes.
        len: usize,
        /// The limit, in bytes.
        max: usize,
    },
    /// The segment is not canonical base64url without padding (RFC 7515 §2).
    Base64url {
        /// Position in the segment, in bytes.
        offset: usize,
        /// The byte there, if base64url does not use it. Otherwise characters are missing or were
        /// changed.
        byte: Option<u8>,
    },
    /// The decoded segment is not UTF-8.
    Utf8 {
        /// Position in the decoded segment, in bytes.
        offset: usize,
    },
    /// The decoded segment is JSON, but not an object.
    NotAnObject {
        /// Its JSON type.
        found: JsonType,
    },
    /// The payload is not a JSON object but a token, as the header's `cty` says
    /// (RFC 7519 §5.2).
    NestedToken,
    /// The decoded segment is not JSON, or not JSON that can be read.
    Json {
        /// The message of the JSON parser, with long text cut out of its middle.
        message: String,
    },
    /// A member name is there twice, with escapes or without (RFC 7515 §4, RFC 7519 §4).
    DuplicateName {
        /// The name, cut at 64 characters.
        name: String,
    },
    /// The text contains a name that `serde_json` reserves: it would give such a member another
    /// meaning.
    ReservedName,
    /// The header has no `alg` (RFC 7515 §4.1.1).
    MissingAlg,
    /// A header parameter has the wrong JSON type.
    ParameterType {
        /// Name of the parameter.
        name: &'static str,
        /// The JSON type that it must have, in words.
        expected: &'static str,
        /// The JSON type that it has.
        found: JsonType,
    },
    /// `crit` is empty or lists a name twice (RFC 7515 §4.1.11).
    Critical,
}

impl From<Defect> for Reason {
    fn from(defect: Defect) -> Self {
        Self::Base64url { offset: defect.offset, byte: defect.byte }
    }
}

impl Reason {
    pub(crate) fn json(error: &serde_json::Error) -> Self {
        Self::Json { message: shorten(&error.to_string()) }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the token is empty"),
            Self::Placeholder { text } => write!(f, "the token is the literal text {text:?}"),
            Self::Bearer => f.write_str("the token has the prefix \"Bearer \""),
            Self::Quoted => f.write_str("the token is in quotes"),
            Self::WhiteSpace => f.write_str(
                "there is white space, a line end or a byte order mark around the token",
            ),
            Self::SegmentCount { found: 1 } => {
                f.write_str("expected three segments joined by dots, found one")
            }
            Self::SegmentCount { found } => {
                write!(f, "expected three segments joined by dots, found {found}")
            }
            Self::TooLong { len, max } => {
                write!(f, "{len} bytes are more than the limit of {max}")
            }
            Self::Base64url { offset, .. } => {
                write!(f, "it is not base64url without padding, at byte {offset}")
            }
            Self::Utf8 { offset } => write!(f, "it is not UTF-8 at decoded byte {offset}"),
            Self::NotAnObject { found } => write!(f, "it must be a JSON object, not {found}"),
            Self::NestedToken => f.write_str(
                "it is not a JSON object, and the header's \"cty\" says that it is a token itself",
            ),
            Self::Json { message } => write!(f, "it cannot be read as JSON: {message}"),
            Self::DuplicateName { name } => write!(f, "it has the member {name:?} twice"),
            Self::ReservedName => f.write_str("it has a member name that `serde_json` reserves"),
            Self::MissingAlg => f.write_str("\"alg\" is missing"),
            Self::ParameterType { name, expected, found } => {
                write!(f, "\"{name}\" must be {expected}, not {found}")
            }
            Self::Critical => {
                f.write_str("\"crit\" must list at least one name, without duplicates")
            }
        }
    }
}
