//! The JOSE header (RFC 7515 §4): one JSON object, read and written.

use alloc::{
    borrow::{Cow, ToOwned},
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;

use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::Value;

use crate::{
    algorithm::Algorithm,
    base64url,
    error::{Error, JsonType, Reason, Segment, excerpt},
    key::{Key, default_header},
    names::{Name, Names},
    skim::reason_of_no_object,
};

/// The longest header segment that is read or written, in bytes of text. Real ones have some
/// dozens; the limit keeps what is parsed before the signature is checked small.
const MAX_HEADER_LEN: usize = 8192;

const JWT: &str = "JWT";

/// The header of a token (RFC 7515 §4): what it says of itself beside the claims.
///
/// One built by hand has `typ` `JWT` and nothing else. It never has `alg`, which the key decides,
/// nor `crit`, because there is no extension to demand.
///
/// ```
/// use jwt_codec::{Header, Key, decode_header, encode_with_header};
///
/// let key = Key::hs256(b"at least 32 bytes, better random")?;
/// let header = Header::new().with_typ("at+jwt").with_member("region", "eu")?;
/// let token = encode_with_header(&header, &serde_json::json!({}), &key)?;
///
/// let header = decode_header(&token)?;
/// assert_eq!(header.alg(), Some("HS256"));
/// assert_eq!(header.typ(), Some("at+jwt"));
/// assert_eq!(header.get("region"), Some(&"eu".into()));
/// # Ok::<(), jwt_codec::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    alg: Option<Cow<'static, str>>,
    kid: Option<String>,
    typ: Option<Cow<'static, str>>,
    cty: Option<String>,
    members: Vec<(String, Value)>,
}

impl Header {
    /// A header with `typ` `JWT`.
    #[must_use]
    pub const fn new() -> Self {
        Self { alg: None, kid: None, typ: Some(Cow::Borrowed(JWT)), cty: None, members: Vec::new() }
    }

    /// With the id of the key that signs (RFC 7515 §4.1.4). It is written in place of the key's
    /// own id.
    #[must_use]
    pub fn with_kid(mut self, kid: impl Into<String>) -> Self {
        self.kid = Some(kid.into());
        self
    }

    /// With the media type of the token, such as `at+jwt` (RFC 7515 §4.1.9). RFC 8725 §3.11 wants
    /// one for each kind of token; [`Validation::typ`](crate::Validation::typ) checks it.
    #[must_use]
    pub fn with_typ(mut self, typ: impl Into<String>) -> Self {
        self.typ = Some(Cow::Owned(typ.into()));
        self
    }

    /// Without `typ`.
    #[must_use]
    pub fn without_typ(mut self) -> Self {
        self.typ = None;
        self
    }

    /// With the media type of the payload (RFC 7515 §4.1.10).
    #[must_use]
    pub fn with_cty(mut self, cty: impl Into<String>) -> Self {
        self.cty = Some(cty.into());
        self
    }

    /// With one more member, in place of an earlier one of that name.
    ///
    /// # Errors
    ///
    /// [`Error::Encode`] for `alg`, which the key decides; for `crit` and `b64`, which demand
    /// extensions that this crate does not have; and for `kid`, `typ` or `cty` with a value that
    /// is no string.
    pub fn with_member(
        mut self,
        name: impl Into<String>,
        value: impl Into<Value>,
    ) -> Result<Self, Error> {
        let name = name.into();
        match (name.as_str(), value.into()) {
            ("alg", _) => Err(Error::encode("header member \"alg\" is decided by the key")),
            ("crit" | "b64", _) => Err(unwritable_extension(&name)),
            ("kid", Value::String(kid)) => Ok(self.with_kid(kid)),
            ("typ", Value::String(typ)) => Ok(self.with_typ(typ)),
            ("cty", Value::String(cty)) => Ok(self.with_cty(cty)),
            ("kid" | "typ" | "cty", _) => {
                Err(Error::encode(alloc::format!("header member \"{name}\" must be a string")))
            }
            (_, value) => {
                match self.members.iter_mut().find(|(earlier, _)| *earlier == name) {
                    Some((_, earlier)) => *earlier = value,
                    None => self.members.push((name, value)),
                }
                Ok(self)
            }
        }
    }

    /// The algorithm that a parsed header names (RFC 7515 §4.1.1); `None` on one built by hand.
    /// It is what the token says, not what it was checked with.
    #[must_use]
    pub fn alg(&self) -> Option<&str> {
        self.alg.as_deref()
    }

    /// The id of the key (RFC 7515 §4.1.4).
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The media type of the token (RFC 7515 §4.1.9).
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// The media type of the payload (RFC 7515 §4.1.10).
    #[must_use]
    pub fn cty(&self) -> Option<&str> {
        self.cty.as_deref()
    }

    /// Any member but `alg`, `kid`, `typ` and `cty`, which have methods of their own. Nothing that
    /// it says is trusted or followed; `jwk`, `jku`, `x5u` and `x5c` are text like any other.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.members.iter().find(|(member, _)| member == name).map(|(_, value)| value)
    }

    /// The header that a key writes by default; see [`Key::header_text`].
    pub(crate) fn written_by(key: &Key) -> Self {
        let alg = Some(Cow::Borrowed(key.algorithm().name()));
        Self { alg, kid: key.id().map(ToOwned::to_owned), ..Self::new() }
    }

    /// Reads a header segment.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let malformed = |reason| Error::malformed(Segment::Header, reason);
        if let Some(header) = familiar(text) {
            return Ok(header);
        }
        if text.len() > MAX_HEADER_LEN {
            return Err(malformed(Reason::TooLong { len: text.len(), max: MAX_HEADER_LEN }));
        }
        let mut buffer = alloc::vec![0; base64url::decoded_capacity(text.len())];
        let bytes = base64url::decode(text, &mut buffer)
            .map_err(|offset| malformed(Reason::Base64url { offset }))?;
        let json = core::str::from_utf8(bytes)
            .map_err(|error| malformed(Reason::Utf8 { offset: error.valid_up_to() }))?;
        from_json(json).map_err(malformed)
    }

    /// Refuses `crit` and `b64` unless they demand nothing (RFC 7515 §4.1.11, RFC 7797 §3).
    pub(crate) fn check_critical(&self) -> Result<(), Error> {
        if self.members.is_empty() {
            return Ok(());
        }
        if let Some(crit) = self.get("crit") {
            let first =
                first_critical(crit).map_err(|reason| Error::malformed(Segment::Header, reason))?;
            return Err(Error::UnsupportedCritical { name: excerpt(first) });
        }
        match self.get("b64") {
            None | Some(Value::Bool(true)) => Ok(()),
            Some(_) => Err(Error::UnsupportedCritical { name: "b64".into() }),
        }
    }

    /// Appends the header segment for a token that the key signs.
    pub(crate) fn write(&self, key: &Key, out: &mut String) -> Result<(), Error> {
        let kid = self.kid().or(key.id());
        if self.typ() == Some(JWT)
            && kid == key.id()
            && self.cty.is_none()
            && self.members.is_empty()
        {
            out.push_str(key.header_text());
            return Ok(());
        }
        let mut json = String::from(r#"{"alg":""#);
        json.push_str(key.algorithm().name());
        json.push('"');
        for (name, value) in [("kid", kid), ("typ", self.typ()), ("cty", self.cty())] {
            if let Some(value) = value {
                push_member(&mut json, name, &value.into());
            }
        }
        for (name, value) in &self.members {
            if name == "crit" || name == "b64" {
                // They can be here only if the header was read from a token.
                return Err(unwritable_extension(name));
            }
            push_member(&mut json, name, value);
        }
        json.push('}');
        let start = out.len();
        base64url::encode(json.as_bytes(), out);
        let len = out.len().saturating_sub(start);
        if len > MAX_HEADER_LEN {
            out.truncate(start);
            return Err(Error::encode(alloc::format!(
                "header of {len} bytes is longer than the {MAX_HEADER_LEN} that are read"
            )));
        }
        Ok(())
    }
}

impl Default for Header {
    fn default() -> Self {
        Self::new()
    }
}

fn unwritable_extension(name: &str) -> Error {
    Error::encode(alloc::format!(
        "header member \"{name}\" demands an extension, and there is none"
    ))
}

fn push_member(json: &mut String, name: &str, value: &Value) {
    json.push(',');
    json.push_str(&Value::from(name).to_string());
    json.push(':');
    json.push_str(&value.to_string());
}

/// The headers that nearly all tokens have, recognised by their text: what this crate writes
/// (as do PyJWT and npm's `jsonwebtoken`), Rust's `jsonwebtoken`, and `alg` alone.
fn familiar(text: &str) -> Option<Header> {
    const fn typ_first(algorithm: Algorithm) -> &'static str {
        match algorithm {
            Algorithm::Hs256 => "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9",
            Algorithm::Hs384 => "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzM4NCJ9",
            Algorithm::Hs512 => "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9",
        }
    }
    const fn alone(algorithm: Algorithm) -> &'static str {
        match algorithm {
            Algorithm::Hs256 => "eyJhbGciOiJIUzI1NiJ9",
            Algorithm::Hs384 => "eyJhbGciOiJIUzM4NCJ9",
            Algorithm::Hs512 => "eyJhbGciOiJIUzUxMiJ9",
        }
    }

    Algorithm::ALL.into_iter().find_map(|algorithm| {
        let alg = Some(Cow::Borrowed(algorithm.name()));
        if text == default_header(algorithm) || text == typ_first(algorithm) {
            Some(Header { alg, ..Header::new() })
        } else if text == alone(algorithm) {
            Some(Header { alg, ..Header::new().without_typ() })
        } else {
            None
        }
    })
}

/// The first name that `crit` lists (RFC 7515 §4.1.11).
fn first_critical(crit: &Value) -> Result<&str, Reason> {
    let wrong_type = |value| Reason::ParameterType {
        name: "crit",
        expected: "an array of strings",
        found: JsonType::of(value),
    };
    let Value::Array(list) = crit else { return Err(wrong_type(crit)) };
    let mut names = Names::new();
    for item in list {
        let Value::String(name) = item else { return Err(wrong_type(item)) };
        if !names.insert(Cow::Borrowed(name.as_bytes())) {
            return Err(Reason::Critical);
        }
    }
    list.first().and_then(Value::as_str).ok_or(Reason::Critical)
}

/// Reads the JSON of a header.
fn from_json(json: &str) -> Result<Header, Reason> {
    let mut defect = None;
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let header = (&mut deserializer)
        .deserialize_map(Members { defect: &mut defect })
        .and_then(|header| deserializer.end().map(|()| header));
    header.map_err(|error| match defect {
        Some(defect) => defect,
        None if error.is_data() => reason_of_no_object(json),
        None => Reason::json(&error),
    })
}

/// Reads a header's members; a rule that one breaks goes to `defect`.
struct Members<'d> {
    defect: &'d mut Option<Reason>,
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = Header;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header, A::Error> {
        let mut refuse = |reason: Reason| {
            let error = A::Error::custom(&reason);
            *self.defect = Some(reason);
            error
        };
        let mut header = Header::new().without_typ();
        let mut names = Names::new();
        while let Some(name) = map.next_key_seed(Name)? {
            let parameter = match &*name {
                "alg" => Some("alg"),
                "kid" => Some("kid"),
                "typ" => Some("typ"),
                "cty" => Some("cty"),
                _ => None,
            };
            let is_new = names.insert(match &name {
                Cow::Borrowed(name) => Cow::Borrowed(name.as_bytes()),
                Cow::Owned(name) => Cow::Owned(name.clone().into_bytes()),
            });
            if !is_new {
                return Err(refuse(Reason::DuplicateName { name: excerpt(&name) }));
            }
            let value = map.next_value()?;
            let text = match (parameter, value) {
                (None, value) => {
                    header.members.push((name.into_owned(), value));
                    continue;
                }
                (Some(_), Value::String(text)) => text,
                (Some(name), value) => {
                    let found = JsonType::of(&value);
                    return Err(refuse(Reason::ParameterType {
                        name,
                        expected: "a string",
                        found,
                    }));
                }
            };
            match parameter {
                Some("alg") => header.alg = Some(Cow::Owned(text)),
                Some("kid") => header.kid = Some(text),
                Some("typ") => header.typ = Some(Cow::Owned(text)),
                _ => header.cty = Some(text),
            }
        }
        if header.alg.is_none() {
            return Err(refuse(Reason::MissingAlg));
        }
        Ok(header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The familiar texts say what the parser would read out of them.
    #[test]
    fn familiar_headers_read_as_their_json() {
        let mut count = 0;
        for algorithm in Algorithm::ALL {
            for json in [
                alloc::format!(r#"{{"alg":"{algorithm}","typ":"JWT"}}"#),
                alloc::format!(r#"{{"typ":"JWT","alg":"{algorithm}"}}"#),
                alloc::format!(r#"{{"alg":"{algorithm}"}}"#),
            ] {
                let mut text = String::new();
                base64url::encode(json.as_bytes(), &mut text);
                assert_eq!(familiar(&text), Some(from_json(&json).unwrap()), "{json}");
                count += 1;
            }
        }
        assert_eq!(count, 9);
    }
}
