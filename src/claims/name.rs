//! The names of the seven registered claims (RFC 7519 §4.1).

use alloc::string::String;
use core::fmt;

/// The name of a registered claim (RFC 7519 §4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Claim {
    /// `iss`: who issued the token (§4.1.1).
    Issuer,
    /// `sub`: whom it is about (§4.1.2).
    Subject,
    /// `aud`: whom it is for (§4.1.3).
    Audience,
    /// `exp`: the time from which it is expired (§4.1.4).
    ExpirationTime,
    /// `nbf`: the time before which it is not valid yet (§4.1.5).
    NotBefore,
    /// `iat`: when it was issued (§4.1.6).
    IssuedAt,
    /// `jti`: its own id (§4.1.7).
    JwtId,
}

impl Claim {
    /// In the order in which their types are checked.
    pub(crate) const ALL: [Self; 7] = [
        Self::Issuer,
        Self::Subject,
        Self::Audience,
        Self::ExpirationTime,
        Self::NotBefore,
        Self::IssuedAt,
        Self::JwtId,
    ];

    /// Returns the name in the JSON.
    ///
    /// ```
    /// assert_eq!(jwt_codec::Claim::ExpirationTime.name(), "exp");
    /// ```
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Issuer => "iss",
            Self::Subject => "sub",
            Self::Audience => "aud",
            Self::ExpirationTime => "exp",
            Self::NotBefore => "nbf",
            Self::IssuedAt => "iat",
            Self::JwtId => "jti",
        }
    }

    /// A bit of its own for each.
    pub(crate) const fn bit(self) -> u8 {
        match self {
            Self::Issuer => 1,
            Self::Subject => 1 << 1,
            Self::Audience => 1 << 2,
            Self::ExpirationTime => 1 << 3,
            Self::NotBefore => 1 << 4,
            Self::IssuedAt => 1 << 5,
            Self::JwtId => 1 << 6,
        }
    }

    /// The registered claim of that name.
    #[inline]
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::from_bytes(name.as_bytes())
    }

    /// The registered claim whose name is these bytes.
    #[inline]
    pub(crate) fn from_bytes(name: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|claim| claim.name().as_bytes() == name)
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl From<Claim> for String {
    fn from(claim: Claim) -> Self {
        claim.name().into()
    }
}
