//! The algorithms (RFC 7518 §3.2): their names and the least length of their keys.

use core::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::error::{Error, excerpt};

/// An HMAC algorithm of RFC 7518 §3.2.
///
/// Its name is its text everywhere: [`Display`](fmt::Display), [`FromStr`], serde.
///
/// ```
/// use jwt_codec::Algorithm;
///
/// assert_eq!(Algorithm::Hs256.to_string(), "HS256");
/// assert_eq!("HS512".parse(), Ok(Algorithm::Hs512));
/// assert_eq!("none".parse::<Algorithm>().unwrap_err().code(), "algorithm_mismatch");
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
}

impl Algorithm {
    pub(crate) const ALL: [Self; 3] = [Self::Hs256, Self::Hs384, Self::Hs512];

    /// The `alg` value that stands for it in a header.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Hs384 => "HS384",
            Self::Hs512 => "HS512",
        }
    }

    /// The shortest secret that is allowed, in bytes: the length of the hash function's output
    /// (RFC 7518 §3.2).
    #[must_use]
    pub const fn min_key_len(self) -> usize {
        match self {
            Self::Hs256 => 32,
            Self::Hs384 => 48,
            Self::Hs512 => 64,
        }
    }

    /// The algorithm of that exact name, letter case included (RFC 7515 §4.1.1).
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Algorithm {
    type Err = Error;

    /// # Errors
    ///
    /// [`Error::AlgorithmMismatch`] for any other text.
    fn from_str(name: &str) -> Result<Self, Error> {
        Self::from_name(name)
            .ok_or_else(|| Error::AlgorithmMismatch { expected: None, found: excerpt(name) })
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
                f.write_str("\"HS256\", \"HS384\" or \"HS512\"")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Algorithm, E> {
                Algorithm::from_name(name)
                    .ok_or_else(|| E::invalid_value(de::Unexpected::Str(name), &self))
            }
        }

        deserializer.deserialize_str(Name)
    }
}
