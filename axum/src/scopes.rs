//! The scopes that a token lists.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, SeqAccess, Visitor},
};

/// The scopes of a token: one string, such as `"scope": "reports:read reports:write"` (RFC 8693
/// §4.2), or a list, such as `"scp": ["reports:read", "reports:write"]`, which some issuers write.
///
/// ```
/// use jwt_codec_axum::Scopes;
///
/// #[derive(serde::Deserialize)]
/// struct Session {
///     #[serde(default)] // Without the claim, there are no scopes.
///     scope: Scopes,
/// }
///
/// let session: Session = serde_json::from_str(r#"{ "scope": "reports:read profile" }"#)?;
/// assert!(session.scope.contains("reports:read"));
/// assert!(!session.scope.contains("reports"));
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// An element of a list that contains a space is an error. Serialization writes one string.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Scopes(
    /// The scopes, with one space between two.
    String,
);

impl Scopes {
    /// Returns whether this scope is one of them, as a whole word and in the same letter case.
    #[must_use]
    pub fn contains(&self, scope: &str) -> bool {
        self.iter().any(|word| word == scope)
    }

    /// Returns the scopes in the order in which the token lists them.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        words(&self.0)
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(' ').filter(|word| !word.is_empty())
}

/// Reads scopes that are separated by spaces.
impl From<&str> for Scopes {
    fn from(text: &str) -> Self {
        Self(words(text).collect::<Vec<_>>().join(" "))
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextOrList)
    }
}

struct TextOrList;

impl<'de> Visitor<'de> for TextOrList {
    type Value = Scopes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("scopes as one string or as a list of strings")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Scopes, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Scopes, A::Error> {
        let mut words = Vec::new();
        while let Some(word) = list.next_element::<String>()? {
            if word.contains(' ') {
                return Err(A::Error::custom("a scope in a list must not contain a space"));
            }
            words.push(word);
        }
        Ok(words.join(" ").as_str().into())
    }
}
