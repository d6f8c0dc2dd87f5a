//! `aud` (RFC 7519 §4.1.3): one string, or an array of them.

use alloc::{string::String, vec::Vec};
use core::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, Visitor},
};

/// The audience of a token: one string, or several (RFC 7519 §4.1.3).
///
/// A single audience is written as a string, and is equal to a list of that one.
///
/// ```
/// use jwt_codec::Audience;
///
/// assert_eq!(serde_json::to_string(&Audience::from("api"))?, r#""api""#);
/// assert_eq!(serde_json::to_string(&Audience::from(["api", "web"]))?, r#"["api","web"]"#);
/// let audience: Audience = serde_json::from_str(r#"["api"]"#)?;
/// assert_eq!(audience, Audience::from("api"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Eq)]
pub enum Audience {
    /// One audience.
    One(String),
    /// Any number of audiences, zero included.
    Several(Vec<String>),
}

impl Audience {
    /// Returns the audiences, in the order of the token.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(one) => core::slice::from_ref(one),
            Self::Several(several) => several,
        }
    }

    /// Returns whether that audience is among them; letter case counts.
    #[must_use]
    pub fn contains(&self, audience: &str) -> bool {
        self.as_slice().iter().any(|member| member == audience)
    }
}

impl PartialEq for Audience {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl From<String> for Audience {
    fn from(one: String) -> Self {
        Self::One(one)
    }
}

impl From<&str> for Audience {
    fn from(one: &str) -> Self {
        Self::One(one.into())
    }
}

impl<S: Into<String>> From<Vec<S>> for Audience {
    fn from(several: Vec<S>) -> Self {
        several.into_iter().collect()
    }
}

impl<S: Into<String>, const N: usize> From<[S; N]> for Audience {
    fn from(several: [S; N]) -> Self {
        several.into_iter().collect()
    }
}

impl<S: AsRef<str>> From<&[S]> for Audience {
    fn from(several: &[S]) -> Self {
        several.iter().map(AsRef::as_ref).collect()
    }
}

impl<S: AsRef<str>, const N: usize> From<&[S; N]> for Audience {
    fn from(several: &[S; N]) -> Self {
        several.as_slice().into()
    }
}

impl<S: AsRef<str>> From<&Vec<S>> for Audience {
    fn from(several: &Vec<S>) -> Self {
        several.as_slice().into()
    }
}

impl<S: Into<String>> FromIterator<S> for Audience {
    fn from_iter<I: IntoIterator<Item = S>>(several: I) -> Self {
        Self::Several(several.into_iter().map(Into::into).collect())
    }
}

impl Serialize for Audience {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.as_slice() {
            [one] => serializer.serialize_str(one),
            several => serializer.collect_seq(several),
        }
    }
}

impl<'de> Deserialize<'de> for Audience {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct StringOrArray;

        impl<'de> Visitor<'de> for StringOrArray {
            type Value = Audience;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or an array of strings")
            }

            fn visit_str<E: de::Error>(self, one: &str) -> Result<Audience, E> {
                Ok(Audience::One(one.into()))
            }

            fn visit_string<E: de::Error>(self, one: String) -> Result<Audience, E> {
                Ok(Audience::One(one))
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Audience, A::Error> {
                let mut several = Vec::new();
                while let Some(one) = seq.next_element()? {
                    several.push(one);
                }
                Ok(Audience::Several(several))
            }
        }

        deserializer.deserialize_any(StringOrArray)
    }
}
