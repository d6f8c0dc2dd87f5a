//! The rights that a token lists.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, SeqAccess, Visitor},
};

/// The scopes of a token: a claim such as `"scope": "reports:read reports:write"` (RFC 8693 §4.2),
/// or a list, `"scp": ["reports:read", "reports:write"]`, as some issuers write it.
///
/// ```
/// use jwt_codec_axum::Scopes;
///
/// #[derive(serde::Deserialize)]
/// struct Session {
///     #[serde(default)] // no claim, no scopes
///     scope: Scopes,
/// }
///
/// let session: Session = serde_json::from_str(r#"{ "scope": "reports:read profile" }"#)?;
/// assert!(session.scope.contains("reports:read"));
/// assert!(!session.scope.contains("reports"));
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// A member of a list that has a space in it is an error. Written, they are one string.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Scopes(
    /// Separated by one space each.
    String,
);

impl Scopes {
    /// Whether this scope is one of them: the whole word, and in the same letter case.
    #[must_use]
    pub fn contains(&self, scope: &str) -> bool {
        self.iter().any(|word| word == scope)
    }

    /// One after the other, as the token lists them.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        words(&self.0)
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(' ').filter(|word| !word.is_empty())
}

/// Scopes separated by spaces.
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
