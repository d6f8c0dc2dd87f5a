//! The text of an error: what is wrong, in a sentence, and then what to do about it.

use alloc::string::String;
use core::fmt;

use super::{Error, UnknownKeyReason, hint, requirement::Requirement};
use crate::claims::numeric_date::NumericDate;

impl fmt::Display for Error {
    /// Writes what is wrong, and then what to do about it.
    #[expect(clippy::too_many_lines, reason = "one sentence for each variant")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secs = |from: &NumericDate, to: &NumericDate| to.duration_since(*from).as_secs();
        match self {
            Self::TokenTooLong { len, max } => {
                write!(f, "the token has {len} bytes, more than the limit of {max}")
            }
            Self::Malformed { segment, reason } => write!(f, "malformed {segment}: {reason}"),
            Self::AlgorithmMismatch { expected: Some(expected), found } => {
                write!(f, "the token has the alg {found:?}, and the key is for {expected}")
            }
            Self::AlgorithmMismatch { expected: None, found } => {
                write!(
                    f,
                    "the token has the alg {found:?}, and none of the keys that may verify it is for that algorithm"
                )
            }
            Self::UnsupportedCritical { name } => {
                write!(
                    f,
                    "the token requires the header extension {name:?}, which is not supported"
                )
            }
            Self::UnknownAlgorithm { name } => write!(f, "unknown algorithm {name:?}"),
            Self::UnexpectedType { expected, found: Some(found) } => {
                write!(f, "the token has the typ {found:?}, expected {}", or(expected))
            }
            Self::UnexpectedType { expected, found: None } => {
                write!(f, "the token has no typ, expected {}", or(expected))
            }
            Self::UnknownKey { kid, reason } => unknown_key(kid.as_deref(), reason, f),
            Self::InvalidSignature => f.write_str(
                "the signature does not match: the token was altered or signed with another key",
            ),
            Self::MissingClaim { claim, required_by } => {
                write!(f, "the claim {claim:?} is missing, which {required_by} requires")
            }
            Self::InvalidClaimType { claim, expected, found } => {
                write!(f, "the claim \"{claim}\" must be {expected}, not {found}")
            }
            Self::InvalidClaim { claim, rule: rule @ Requirement::Forbid } => {
                write!(f, "the claim {claim:?} is present, which {rule} rejects")
            }
            Self::InvalidClaim { claim, rule } => {
                write!(f, "the claim {claim:?} does not have a value that {rule} accepts")
            }
            Self::Expired { exp, now } => {
                write!(f, "the token expired {} s ago, at {exp}; it is now {now}", secs(exp, now))
            }
            Self::NotYetValid { claim, not_before, now } => write!(
                f,
                "the token is not valid for another {} s, before its {claim} {not_before}; it is \
                 now {now}",
                secs(now, not_before)
            ),
            Self::TooOld { iat, now, max_age } => write!(
                f,
                "the token was issued {} s ago, at {iat}, and `Validation::max_age` allows {} s; it \
                 is now {now}",
                secs(iat, now),
                max_age.as_secs()
            ),
            Self::LifetimeTooLong { iat, exp, max_lifetime } => write!(
                f,
                "the token lives for {} s, from {iat} to {exp}, and `Validation::max_lifetime` \
                 allows {} s",
                secs(iat, exp),
                max_lifetime.as_secs()
            ),
            Self::InvalidIssuer { expected, found } => {
                write!(f, "the token is from the issuer {found:?}, expected {}", or(expected))
            }
            Self::InvalidAudience { expected, found } => match (&**found, &**expected) {
                ([], []) => f.write_str("the token has an empty list of audiences"),
                ([], expected) => {
                    write!(f, "the token has an empty list of audiences, expected {}", or(expected))
                }
                (found, []) => {
                    write!(f, "the token is for {}, and the policy names no audience", and(found))
                }
                (found, expected) => {
                    write!(f, "the token is for {}, expected {}", and(found), or(expected))
                }
            },
            Self::InvalidSubject { expected, found: Some(found) } => {
                write!(f, "the token is about {found:?}, expected {expected:?}")
            }
            Self::InvalidSubject { expected, found: None } => {
                write!(
                    f,
                    "the token is about a subject that is not a string, expected {expected:?}"
                )
            }
            Self::ClaimsMismatch { message } => {
                write!(f, "the claims do not fit the type: {message}")
            }
            Self::WeakKey { algorithm, len, min } => {
                let (unit, wanted) = match algorithm.tag_len() {
                    Some(_) => ("bytes", "random bytes"),
                    None => ("bits", "bits"),
                };
                write!(
                    f,
                    "the key of {len} {unit} is too short for {algorithm}; use at least {min} {wanted}"
                )
            }
            Self::InvalidKey { defect } => write!(f, "invalid key: {defect}"),
            Self::Encode { defect } => write!(f, "cannot encode: {defect}"),
        }?;
        hint::write(hint(self), f)
    }
}

fn unknown_key(
    kid: Option<&str>,
    reason: &UnknownKeyReason,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    match (reason, kid) {
        (UnknownKeyReason::EmptySet { .. }, _) => f.write_str("the key set is empty"),
        (UnknownKeyReason::Skipped { error }, _) => {
            write!(f, "the key that the token names was skipped when its JWK Set was read: {error}")
        }
        (UnknownKeyReason::NoSuchId, Some(kid)) => {
            write!(f, "no key has the id {kid:?} that the token names")
        }
        (UnknownKeyReason::NoSuchId | UnknownKeyReason::KidRequired, _) => {
            f.write_str("the token names no key, and `KeySet::require_kid` requires a kid")
        }
    }
}

/// The strings in quotes, with `or` between them.
fn or(strings: &[String]) -> QuotedList<'_> {
    QuotedList { strings, between: " or " }
}

/// The strings in quotes, with `and` between them.
fn and(strings: &[String]) -> QuotedList<'_> {
    QuotedList { strings, between: " and " }
}

struct QuotedList<'s> {
    strings: &'s [String],
    between: &'static str,
}

impl fmt::Display for QuotedList<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.strings.is_empty() {
            return f.write_str("none");
        }
        for (index, text) in self.strings.iter().enumerate() {
            if index > 0 {
                f.write_str(self.between)?;
            }
            write!(f, "{text:?}")?;
        }
        Ok(())
    }
}

/// What to do about an error, where there is something to say.
fn hint(error: &Error) -> Option<&'static str> {
    match error {
        Error::TokenTooLong { .. } => Some(
            "`Validation::max_token_len` or `UnverifiedToken::parse_with_max_len` sets the limit",
        ),
        Error::Malformed { reason, .. } => hint::for_malformed(reason),
        Error::AlgorithmMismatch { .. } => Some("a token cannot choose how it is verified"),
        Error::UnknownAlgorithm { name } => hint::for_algorithm_name(name),
        Error::UnexpectedType { found: None, .. } => {
            Some("`Validation::typ`, `allow_missing_typ` or `allow_any_typ` changes the rule")
        }
        Error::UnexpectedType { .. } => {
            Some("`Validation::typ` or `allow_any_typ` changes the rule")
        }
        Error::UnknownKey { reason: UnknownKeyReason::EmptySet { skipped: 1.. }, .. } => {
            Some("`KeySet::skipped` says why the keys of the JWK Set were skipped")
        }
        Error::MissingClaim { required_by, .. } => hint::for_missing_claim(*required_by),
        Error::InvalidClaimType { claim, found, .. } => hint::for_claim_type(*claim, *found),
        Error::Expired { .. } => {
            Some("get a new one; `Validation::leeway` allows for clocks that differ")
        }
        Error::NotYetValid { .. } => Some("`Validation::leeway` allows for clocks that differ"),
        // To name this service would not help.
        Error::InvalidAudience { expected, found } if expected.is_empty() && found.is_empty() => {
            Some("`Validation::ignore_audience` accepts any audience")
        }
        Error::InvalidAudience { expected, .. } if expected.is_empty() => Some(
            "name this service with `Validation::audience`, or accept any audience with \
             `ignore_audience`",
        ),
        Error::InvalidAudience { .. } => Some("`Validation::audience` sets the rule"),
        Error::InvalidIssuer { .. } => {
            Some("`Validation::issuer`, or `Key::with_issuer` of the key, sets the rule")
        }
        Error::InvalidSubject { .. } => Some("`Validation::subject` sets the rule"),
        Error::InvalidKey { defect } => hint::for_key(defect),
        Error::Encode { defect } => hint::for_encode(defect),
        _ => None,
    }
}
