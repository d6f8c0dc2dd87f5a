//! The rules of a policy that ask for a claim.

use core::fmt;

/// A rule that asks for a claim or for its value: the default policy, or a method that was called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Requirement {
    /// The default policy, which requires `exp`.
    DefaultPolicy,
    /// [`Validation::max_age`](crate::Validation::max_age)
    MaxAge,
    /// [`Validation::max_lifetime`](crate::Validation::max_lifetime)
    MaxLifetime,
    /// [`Validation::issuer`](crate::Validation::issuer) or
    /// [`issuers`](crate::Validation::issuers)
    Issuer,
    /// `with_issuer` or `with_issuers` of the key that verified the token, or of its set.
    KeyIssuer,
    /// [`Validation::audience`](crate::Validation::audience) or
    /// [`audiences`](crate::Validation::audiences)
    Audience,
    /// [`Validation::subject`](crate::Validation::subject)
    Subject,
    /// [`Validation::require`](crate::Validation::require)
    Require,
    /// [`Validation::claim`](crate::Validation::claim)
    Claim,
    /// [`Validation::claim_one_of`](crate::Validation::claim_one_of)
    ClaimOneOf,
    /// [`Validation::forbid`](crate::Validation::forbid)
    Forbid,
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DefaultPolicy => "the default policy",
            Self::MaxAge => "`Validation::max_age`",
            Self::MaxLifetime => "`Validation::max_lifetime`",
            Self::Issuer => "`Validation::issuer`",
            Self::KeyIssuer => "`with_issuer` of the key or its set",
            Self::Audience => "`Validation::audience`",
            Self::Subject => "`Validation::subject`",
            Self::Require => "`Validation::require`",
            Self::Claim => "`Validation::claim`",
            Self::ClaimOneOf => "`Validation::claim_one_of`",
            Self::Forbid => "`Validation::forbid`",
        })
    }
}
