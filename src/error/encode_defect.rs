//! What can keep claims or a header from being written: facts alone.

use alloc::string::String;

use super::{json_type::JsonType, malformed::Reason};
use crate::claims::name::Claim;

/// Why claims or a header cannot be written as a token, in [`Error::Encode`](crate::Error::Encode).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeDefect {
    /// The claims are not a JSON object.
    #[error("the claims are not a JSON object")]
    NotAnObject,
    /// A claim would be written twice.
    #[error("the claim {name:?} would be written twice")]
    DuplicateClaim {
        /// Name of the claim, cut at 64 characters.
        name: String,
    },
    /// The claims contain a name that `serde_json` reserves.
    #[error("the claims contain a name that `serde_json` reserves")]
    ReservedName,
    /// A registered claim has a JSON type that RFC 7519 §4.1 does not allow for it.
    #[error("the claim \"{claim}\" must be {expected}, not {found}")]
    ClaimType {
        /// The claim.
        claim: Claim,
        /// The type that RFC 7519 requires, in words.
        expected: &'static str,
        /// The JSON type that it has.
        found: JsonType,
    },
    /// A registered claim is a float that is infinite or not a number, which JSON cannot hold.
    #[error("the claim \"{claim}\" is a float that JSON cannot hold")]
    NotFinite {
        /// The claim.
        claim: Claim,
    },
    /// A registered claim was written as JSON that cannot be read again.
    #[error("the claim \"{claim}\" would be refused: {reason}")]
    Unreadable {
        /// The claim.
        claim: Claim,
        /// What is wrong with its JSON.
        reason: Reason,
    },
    /// The claims do not serialize.
    #[error("the claims cannot be serialized: {message}")]
    Serialize {
        /// The message of the type or of `serde_json`, with long text cut out of its middle.
        message: String,
    },
    /// A header parameter that the key decides was set by hand.
    #[error("the header parameter \"alg\" is decided by the key")]
    HeaderAlg,
    /// A header parameter demands an extension, and this crate supports none (RFC 7515 §4.1.11,
    /// RFC 7797 §3).
    #[error("the header parameter {name:?} demands an extension, and none is supported")]
    HeaderExtension {
        /// Name of the parameter.
        name: String,
    },
    /// A header parameter must be a string.
    #[error("the header parameter {name:?} must be a string")]
    HeaderNotAString {
        /// Name of the parameter.
        name: String,
    },
    /// The header contains a name that `serde_json` reserves.
    #[error("the header contains a name that `serde_json` reserves")]
    HeaderReservedName,
    /// The header was read from a token, and has a parameter that `serde_json::Value` cannot hold.
    #[error("the header has a parameter that cannot be written again: {reason}")]
    HeaderUnwritable {
        /// Why the parameter cannot be read as a value.
        reason: Reason,
    },
    /// `typ` of the header is empty.
    #[error("the header parameter \"typ\" is empty")]
    EmptyTyp,
    /// The header segment is longer than what every decode reads by default.
    #[error("the header segment has {len} bytes, and a decode reads at most {max} by default")]
    HeaderTooLong {
        /// Length of the segment, in bytes.
        len: usize,
        /// The limit, in bytes.
        max: usize,
    },
}
