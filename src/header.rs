//! The JOSE header (RFC 7515 §4): one JSON object, read and written.

use alloc::{
    borrow::{Cow, ToOwned},
    boxed::Box,
    format,
    string::{String, ToString},
    vec,
    vec::Vec,
};

use serde::de::IgnoredAny;
use serde_json::Value;

use crate::{
    algorithm::Algorithm,
    base64url,
    error::{Error, JsonType, Reason, Segment, excerpt},
    key::{Key, default_header},
    names::Names,
    skim::{JsonValue, each_member, find_reserved_name, values_in},
};

/// The longest header segment that is read or written, in bytes of text. Real ones have some
/// dozens; the limit keeps what is parsed before the signature is checked small.
const MAX_HEADER_LEN: usize = 8192;

/// The most values that a header holds, an array or object counting as sixteen. They are read before
/// the signature is checked, and each takes more memory than its text.
const MAX_HEADER_VALUES: usize = 1024;

/// Refuses a header segment that is longer than the limit.
pub(crate) fn check_len(text: &str) -> Result<(), Error> {
    if text.len() <= MAX_HEADER_LEN {
        return Ok(());
    }
    let reason = Reason::TooLong { len: text.len(), max: MAX_HEADER_LEN };
    Err(Error::malformed(Segment::Header, reason))
}

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
    /// Behind a pointer, because few headers have any of it and every decode moves one.
    rare: Option<Box<Rare>>,
}

#[derive(Debug, Clone, PartialEq, Default)]
struct Rare {
    cty: Option<String>,
    members: Vec<(String, Value)>,
    /// Why a token with this header is refused once its `alg` is right: an extension that it
    /// demands.
    demand: Option<Error>,
}

impl Header {
    /// A header with `typ` `JWT`.
    #[must_use]
    #[inline]
    pub const fn new() -> Self {
        Self { alg: None, kid: None, typ: Some(Cow::Borrowed(JWT)), rare: None }
    }

    /// With this as the id of the key that signs (RFC 7515 §4.1.4). A key that has an id writes it
    /// without this; with this, it is this that is written. So take care with a header that was read
    /// from a token: it has the `kid` of the key that signed that one.
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
        self.rare_mut().cty = Some(cty.into());
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
                Err(Error::encode(format!("header member \"{name}\" must be a string")))
            }
            (_, value) => {
                let members = &mut self.rare_mut().members;
                match members.iter_mut().find(|(earlier, _)| *earlier == name) {
                    Some((_, earlier)) => *earlier = value,
                    None => members.push((name, value)),
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
        self.rare.as_ref()?.cty.as_deref()
    }

    /// Any member but `alg`, `kid`, `typ` and `cty`, which have methods of their own. Nothing that
    /// it says is trusted or followed; `jwk`, `jku`, `x5u` and `x5c` are text like any other.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.members().iter().find(|(member, _)| member == name).map(|(_, value)| value)
    }

    fn members(&self) -> &[(String, Value)] {
        self.rare.as_ref().map_or(&[], |rare| &rare.members)
    }

    fn rare_mut(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// The header that a key writes by default; see [`Key::header_text`].
    #[inline]
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
        let mut buffer = vec![0; base64url::decoded_capacity(text.len())];
        let bytes = base64url::decode(text, &mut buffer)
            .map_err(|offset| malformed(Reason::Base64url { offset }))?;
        let json = core::str::from_utf8(bytes)
            .map_err(|error| malformed(Reason::Utf8 { offset: error.valid_up_to() }))?;
        from_json(json).map_err(malformed)
    }

    /// Refuses `crit`, and `b64` unless it demands nothing (RFC 7515 §4.1.11, RFC 7797 §3).
    #[inline]
    pub(crate) fn check_critical(&self) -> Result<(), Error> {
        match self.rare.as_ref().and_then(|rare| rare.demand.as_ref()) {
            None => Ok(()),
            Some(error) => Err(error.clone()),
        }
    }

    /// Appends the header segment for a token that the key signs.
    pub(crate) fn write(&self, key: &Key, out: &mut String) -> Result<(), Error> {
        let start = out.len();
        let kid = self.kid().or(key.id());
        if self.typ() == Some(JWT) && kid == key.id() && self.rare.is_none() {
            out.push_str(key.header_text());
        } else {
            base64url::encode(self.to_json(key.algorithm(), kid)?.as_bytes(), out);
        }
        let len = out.len().saturating_sub(start);
        if len > MAX_HEADER_LEN {
            out.truncate(start);
            return Err(Error::encode(format!(
                "header of {len} bytes is longer than the {MAX_HEADER_LEN} that are read"
            )));
        }
        Ok(())
    }

    fn to_json(&self, algorithm: Algorithm, kid: Option<&str>) -> Result<String, Error> {
        let mut json = format!(r#"{{"alg":"{algorithm}""#);
        for (name, value) in [("kid", kid), ("typ", self.typ()), ("cty", self.cty())] {
            if let Some(value) = value {
                push_member(&mut json, name, &value.into());
            }
        }
        for (name, value) in self.members() {
            if name == "crit" || name == "b64" {
                // They can be here only if the header was read from a token.
                return Err(unwritable_extension(name));
            }
            push_member(&mut json, name, value);
        }
        json.push('}');
        Ok(json)
    }
}

impl Default for Header {
    fn default() -> Self {
        Self::new()
    }
}

fn unwritable_extension(name: &str) -> Error {
    Error::encode(format!("header member \"{name}\" demands an extension, and there is none"))
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

/// Why `crit` is refused: for the first name that it lists, or for its shape (RFC 7515 §4.1.11).
fn critical_error(crit: JsonValue<'_>) -> Error {
    let mut wrong_type = Some(crit.json_type()).filter(|found| *found != JsonType::Array);
    let mut repeated = false;
    let mut first = None;
    let mut names = Names::new();
    crit.each_element(|element| match element.string() {
        Ok(name) => {
            first.get_or_insert_with(|| excerpt(&name));
            repeated |= names.insert(Cow::Owned(name.into_owned())).is_err();
        }
        Err(_) => wrong_type = Some(element.json_type()),
    });
    let reason = match (wrong_type, first) {
        (Some(found), _) => {
            Reason::ParameterType { name: "crit", expected: "an array of strings", found }
        }
        (None, Some(name)) if !repeated => return Error::UnsupportedCritical { name },
        _ => Reason::Critical,
    };
    Error::malformed(Segment::Header, reason)
}

/// Reads the JSON of a header.
fn from_json(json: &str) -> Result<Header, Reason> {
    let json_error = |error| Reason::json(&error);
    serde_json::from_str::<IgnoredAny>(json).map_err(json_error)?;
    if let Some(name) = find_reserved_name(json) {
        return Err(Reason::ReservedName { name: excerpt(&name) });
    }
    if values_in(json) > MAX_HEADER_VALUES {
        return Err(Reason::TooManyValues { max: MAX_HEADER_VALUES });
    }
    let mut header = Header::new().without_typ();
    let mut names = Names::new();
    each_member(json, |name, value| {
        let name = name.read().map_err(json_error)?;
        names
            .insert(name.clone())
            .map_err(|name| Reason::DuplicateName { name: excerpt(&name) })?;
        let string = |name| match value.json_type() {
            JsonType::String => value.string().map(Cow::into_owned).map_err(json_error),
            found => Err(Reason::ParameterType { name, expected: "a string", found }),
        };
        match &*name {
            "alg" => header.alg = Some(Cow::Owned(string("alg")?)),
            "kid" => header.kid = Some(string("kid")?),
            "typ" => header.typ = Some(Cow::Owned(string("typ")?)),
            "cty" => header.rare_mut().cty = Some(string("cty")?),
            _ => {
                let rare = header.rare_mut();
                // Judged by their text: the value below is only for the caller to look at.
                if name == "crit" {
                    rare.demand = Some(critical_error(value));
                } else if name == "b64" && value.text() != "true" && rare.demand.is_none() {
                    rare.demand = Some(Error::UnsupportedCritical { name: "b64".to_owned() });
                }
                rare.members.push((name.into_owned(), value.read().map_err(json_error)?));
            }
        }
        Ok(())
    })?;
    if header.alg.is_none() {
        return Err(Reason::MissingAlg);
    }
    Ok(header)
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
                format!(r#"{{"alg":"{algorithm}","typ":"JWT"}}"#),
                format!(r#"{{"typ":"JWT","alg":"{algorithm}"}}"#),
                format!(r#"{{"alg":"{algorithm}"}}"#),
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
