//! The algorithms (RFC 7518 §3.2): their names and lengths.

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A signature algorithm: HMAC of RFC 7518 §3.2, and with the feature `public-keys` those of public
/// keys.
///
/// `Display`, `FromStr` and serde all use the name, for example `HS256`.
///
/// ```
/// use jwt_codec::Algorithm;
///
/// assert_eq!(Algorithm::Hs256.to_string(), "HS256");
/// assert_eq!("HS512".parse(), Ok(Algorithm::Hs512));
/// assert_eq!("none".parse::<Algorithm>().unwrap_err().code(), "unknown_algorithm");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// HMAC with SHA-256.
    Hs256,
    /// HMAC with SHA-384.
    Hs384,
    /// HMAC with SHA-512.
    Hs512,
    /// EdDSA with Ed25519, by the name of RFC 8037.
    #[cfg(feature = "public-keys")]
    EdDsa,
    /// EdDSA with Ed25519, by the fully specified name of RFC 9864.
    #[cfg(feature = "public-keys")]
    Ed25519,
    /// ECDSA on P-256 with SHA-256.
    #[cfg(feature = "public-keys")]
    Es256,
    /// ECDSA on P-384 with SHA-384.
    #[cfg(feature = "public-keys")]
    Es384,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    #[cfg(feature = "public-keys")]
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    #[cfg(feature = "public-keys")]
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    #[cfg(feature = "public-keys")]
    Rs512,
    /// RSASSA-PSS with SHA-256.
    #[cfg(feature = "public-keys")]
    Ps256,
    /// RSASSA-PSS with SHA-384.
    #[cfg(feature = "public-keys")]
    Ps384,
    /// RSASSA-PSS with SHA-512.
    #[cfg(feature = "public-keys")]
    Ps512,
}

impl Algorithm {
    pub(crate) const ALL: &[Self] = &[
        Self::Hs256,
        Self::Hs384,
        Self::Hs512,
        #[cfg(feature = "public-keys")]
        Self::EdDsa,
        #[cfg(feature = "public-keys")]
        Self::Ed25519,
        #[cfg(feature = "public-keys")]
        Self::Es256,
        #[cfg(feature = "public-keys")]
        Self::Es384,
        #[cfg(feature = "public-keys")]
        Self::Rs256,
        #[cfg(feature = "public-keys")]
        Self::Rs384,
        #[cfg(feature = "public-keys")]
        Self::Rs512,
        #[cfg(feature = "public-keys")]
        Self::Ps256,
        #[cfg(feature = "public-keys")]
        Self::Ps384,
        #[cfg(feature = "public-keys")]
        Self::Ps512,
    ];

    /// Returns the name, which is the `alg` of a header.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Hs384 => "HS384",
            Self::Hs512 => "HS512",
            #[cfg(feature = "public-keys")]
            Self::EdDsa => "EdDSA",
            #[cfg(feature = "public-keys")]
            Self::Ed25519 => "Ed25519",
            #[cfg(feature = "public-keys")]
            Self::Es256 => "ES256",
            #[cfg(feature = "public-keys")]
            Self::Es384 => "ES384",
            #[cfg(feature = "public-keys")]
            Self::Rs256 => "RS256",
            #[cfg(feature = "public-keys")]
            Self::Rs384 => "RS384",
            #[cfg(feature = "public-keys")]
            Self::Rs512 => "RS512",
            #[cfg(feature = "public-keys")]
            Self::Ps256 => "PS256",
            #[cfg(feature = "public-keys")]
            Self::Ps384 => "PS384",
            #[cfg(feature = "public-keys")]
            Self::Ps512 => "PS512",
        }
    }

    /// The length of a tag of HMAC, in bytes. A secret has at least as many (RFC 7518 §3.2). `None`
    /// for other algorithms.
    #[cfg_attr(
        not(feature = "public-keys"),
        expect(clippy::unnecessary_wraps, reason = "without the feature, all are of HMAC")
    )]
    pub(crate) const fn tag_len(self) -> Option<usize> {
        match self {
            Self::Hs256 => Some(32),
            Self::Hs384 => Some(48),
            Self::Hs512 => Some(64),
            #[cfg(feature = "public-keys")]
            _ => None,
        }
    }

    /// The algorithm of that exact name, letter case included (RFC 7515 §4.1.1).
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|algorithm| algorithm.name() == name)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for Algorithm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Algorithm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;

        impl de::Visitor<'_> for Name {
            type Value = Algorithm;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of an algorithm, such as \"HS256\"")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Algorithm, E> {
                Algorithm::from_name(name)
                    .ok_or_else(|| E::invalid_value(de::Unexpected::Str(name), &self))
            }
        }

        deserializer.deserialize_str(Name)
    }
}
