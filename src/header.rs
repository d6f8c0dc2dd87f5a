//! The JOSE header (RFC 7515 §4): one JSON object, read and written.

use alloc::{
    borrow::{Cow, ToOwned},
    boxed::Box,
    collections::BTreeSet,
    string::String,
    sync::Arc,
    vec,
    vec::Vec,
};

use serde::de::{IgnoredAny, MapAccess};
use serde_json::Value;

use crate::{
    algorithm::Algorithm,
    base64url,
    error::{EncodeDefect, Error, Reason, Segment, excerpt},
    json::{Members, Names, ShallowValue, is_reserved_free, read_object, write_object},
};

/// The longest header segment that is written, and that is read unless the limit of the token is more
/// than eight times as much, in bytes. Usual ones have some dozens. The limit keeps small what is
/// parsed before the signature is checked.
pub(crate) const MAX_LEN: usize = 8192;

const JWT: &str = "JWT";

/// The parameters that have methods of their own.
const NAMED: [&str; 4] = ["alg", "kid", "typ", "cty"];

/// Whether a parameter of this name demands an extension (RFC 7515 §4.1.11, RFC 7797 §3).
fn is_extension(name: &str) -> bool {
    matches!(name, "crit" | "b64")
}

/// A header segment that is not too long, not read yet.
#[derive(Debug, Clone, Copy)]
pub struct HeaderSegment<'t>(&'t str);

impl<'t> HeaderSegment<'t> {
    /// Rejects a segment that is longer than what a token of this limit may have.
    #[inline]
    pub(crate) fn new(text: &'t str, max_token_len: usize) -> Result<Self, Error> {
        let max = MAX_LEN.max(max_token_len / 8);
        if text.len() > max {
            let reason = Reason::TooLong { len: text.len(), max };
            return Err(Error::malformed(Segment::Header, reason));
        }
        Ok(Self(text))
    }

    pub(crate) fn as_str(self) -> &'t str {
        self.0
    }
}

/// The header of a token (RFC 7515 §4): its parameters.
///
/// [`Header::new`] has `typ` `JWT` and nothing else. No header that you build has `alg`, which the key
/// decides, or `crit`, because this crate supports no extension.
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
/// assert_eq!(header.get("region"), Some("eu".into()));
/// # Ok::<(), jwt_codec::Error>(())
/// ```
///
/// Two headers are equal if they have the same parameters, in any order.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    alg: Option<Cow<'static, str>>,
    /// Shared, because a key's id is in the header of each of its tokens.
    kid: Option<Arc<str>>,
    typ: Option<Cow<'static, str>>,
    /// In a box, because few headers have any of it, and every decode moves a header.
    rare: Option<Box<Rare>>,
}

#[derive(Debug, Clone, PartialEq, Default)]
struct Rare {
    cty: Option<String>,
    others: Others,
    /// The error of an extension that the header demands.
    unsupported: Option<Error>,
}

impl Header {
    /// Makes a header with `typ` `JWT`.
    #[must_use]
    #[inline]
    pub const fn new() -> Self {
        Self { alg: None, kid: None, typ: Some(Cow::Borrowed(JWT)), rare: None }
    }

    /// Sets `kid` (RFC 7515 §4.1.4) instead of the id of the signing key. Normally you do not need this
    /// method: a key with an id writes its own `kid`.
    ///
    /// A header that was read from another token still has the `kid` of the key that signed that token.
    #[must_use]
    pub fn with_kid(mut self, kid: impl Into<String>) -> Self {
        self.kid = Some(kid.into().into());
        self
    }

    /// Sets `typ`, the media type of the token, such as `at+jwt` (RFC 7515 §4.1.9). RFC 8725 §3.11
    /// recommends one for each kind of token; [`Validation::typ`](crate::Validation::typ) checks it.
    /// `encode` rejects an empty `typ`, and `application/` alone, which means the same.
    #[must_use]
    pub fn with_typ(mut self, typ: impl Into<String>) -> Self {
        self.typ = Some(Cow::Owned(typ.into()));
        self
    }

    /// Removes `typ`.
    #[must_use]
    pub fn without_typ(mut self) -> Self {
        self.typ = None;
        self
    }

    /// Sets `cty`, the media type of the payload (RFC 7515 §4.1.10).
    #[must_use]
    pub fn with_cty(mut self, cty: impl Into<String>) -> Self {
        self.rare_mut().cty = Some(cty.into());
        self
    }

    /// Adds a parameter, or replaces the one with that name.
    ///
    /// # Errors
    ///
    /// [`Error::Encode`]
    /// - for `alg`, which the key decides,
    /// - for `crit` and `b64`, which demand extensions that this crate does not support,
    /// - for `kid`, `typ` or `cty` with a value that is not a string,
    /// - for a name that `serde_json` reserves, in the value too,
    /// - for a header that was read from a token and has a parameter that `serde_json::Value` cannot hold.
    pub fn with_member(
        mut self,
        name: impl Into<String>,
        value: impl Into<Value>,
    ) -> Result<Self, Error> {
        let name = name.into();
        match (name.as_str(), value.into()) {
            ("alg", _) => Err(Error::encode(EncodeDefect::HeaderAlg)),
            (extension, _) if is_extension(extension) => Err(unwritable_extension(extension)),
            ("kid", Value::String(kid)) => Ok(self.with_kid(kid)),
            ("typ", Value::String(typ)) => Ok(self.with_typ(typ)),
            ("cty", Value::String(cty)) => Ok(self.with_cty(cty)),
            ("kid" | "typ" | "cty", _) => {
                Err(Error::encode(EncodeDefect::HeaderNotAString { name }))
            }
            (_, value) => {
                self.rare_mut().others.set(name, value)?;
                Ok(self)
            }
        }
    }

    /// Returns the algorithm that a parsed header names (RFC 7515 §4.1.1), and `None` for a header that
    /// you built. This is what the token says, not what it was verified with.
    #[must_use]
    pub fn alg(&self) -> Option<&str> {
        self.alg.as_deref()
    }

    /// Returns the id of the key (RFC 7515 §4.1.4).
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Returns the media type of the token (RFC 7515 §4.1.9).
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// Returns the media type of the payload (RFC 7515 §4.1.10).
    #[must_use]
    pub fn cty(&self) -> Option<&str> {
        self.rare.as_ref()?.cty.as_deref()
    }

    /// Returns any parameter but `alg`, `kid`, `typ` and `cty`, which have methods of their own. Returns
    /// `None` also for a value that `serde_json::Value` cannot hold, such as `1e400` or an array nested
    /// more than 126 deep.
    ///
    /// Nothing in the value is trusted or followed; `jwk`, `jku`, `x5u` and `x5c` are values like any
    /// other.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Value> {
        self.rare.as_ref()?.others.get(name)
    }

    fn rare_mut(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// The header with this `alg`, this `kid` and `typ` `JWT`.
    pub(crate) const fn known(algorithm: Algorithm, kid: Option<Arc<str>>) -> Self {
        let alg = Some(Cow::Borrowed(algorithm.name()));
        Self { alg, kid, typ: Some(Cow::Borrowed(JWT)), rare: None }
    }

    /// Reads a header segment.
    pub(crate) fn parse(segment: HeaderSegment<'_>) -> Result<Self, Error> {
        let HeaderSegment(text) = segment;
        let malformed = |reason| Error::malformed(Segment::Header, reason);
        let mut buffer = vec![0; base64url::decoded_capacity(text.len())];
        let bytes = base64url::decode(text.as_bytes(), &mut buffer)
            .map_err(|defect| malformed(defect.into()))?;
        let json = core::str::from_utf8(bytes)
            .map_err(|error| malformed(Reason::Utf8 { offset: error.valid_up_to() }))?;
        Self::from_json(json).map_err(malformed)
    }

    fn from_json(json: &str) -> Result<Self, Reason> {
        let mut parameters = Parameters::new();
        read_object(json, &mut parameters)?;
        let unsupported = unsupported(parameters.crit.as_ref(), parameters.b64.as_ref());
        let mut header = Self {
            alg: Some(string("alg", parameters.alg)?.ok_or(Reason::MissingAlg)?.into()),
            kid: string("kid", parameters.kid)?.map(Arc::from),
            typ: string("typ", parameters.typ)?.map(Cow::Owned),
            rare: None,
        };
        let cty = string("cty", parameters.cty)?;
        if cty.is_some() || parameters.has_others {
            let others = if parameters.has_others {
                Others::Read(json.to_owned())
            } else {
                Others::default()
            };
            header.rare = Some(Box::new(Rare { cty, others, unsupported }));
        }
        Ok(header)
    }

    /// Rejects a header that demands an extension.
    #[inline]
    pub(crate) fn refuse_extensions(&self) -> Result<(), Error> {
        match self.rare.as_ref().and_then(|rare| rare.unsupported.as_ref()) {
            None => Ok(()),
            Some(error) => Err(error.clone()),
        }
    }

    /// Whether a token of a key with this id has only `alg`, `kid` and `typ` `JWT`.
    pub(crate) fn is_default(&self, key_id: Option<&str>) -> bool {
        self.typ() == Some(JWT)
            && self.kid.as_deref().is_none_or(|kid| Some(kid) == key_id)
            && self.rare.is_none()
    }

    /// Appends the header segment of a token that a key with this id signs.
    pub(crate) fn write(
        &self,
        algorithm: Algorithm,
        key_id: Option<&str>,
        out: &mut String,
    ) -> Result<(), Error> {
        let json = self.to_json(algorithm, self.kid().or(key_id))?;
        let len = base64url::encoded_len(json.len()).unwrap_or(usize::MAX);
        if len > MAX_LEN {
            return Err(Error::encode(EncodeDefect::HeaderTooLong { len, max: MAX_LEN }));
        }
        base64url::encode(json.as_bytes(), out);
        Ok(())
    }

    fn to_json(&self, algorithm: Algorithm, kid: Option<&str>) -> Result<String, Error> {
        if self.typ().map(short_media_type) == Some("") {
            return Err(Error::encode(EncodeDefect::EmptyTyp));
        }
        let named = [
            ("alg", Some(algorithm.name())),
            ("kid", kid),
            ("typ", self.typ()),
            ("cty", self.cty()),
        ];
        let named = named.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let mut parameters: Vec<(String, Value)> =
            named.map(|(name, value)| (name.to_owned(), value.into())).collect();
        if let Some(rare) = &self.rare {
            parameters.extend(rare.others.parameters()?);
        }
        if let Some((extension, _)) = parameters.iter().find(|(name, _)| is_extension(name)) {
            // Only a header that was read from a token can have it.
            return Err(unwritable_extension(extension));
        }
        to_json(&parameters)
    }
}

impl Default for Header {
    fn default() -> Self {
        Self::new()
    }
}

/// A media type in the short form of RFC 7515 §4.1.9, which leaves out `application/`.
pub(crate) fn short_media_type(typ: &str) -> &str {
    const PREFIX: &str = "application/";
    match typ.split_at_checked(PREFIX.len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) => rest,
        _ => typ,
    }
}

fn unwritable_extension(name: &str) -> Error {
    Error::encode(EncodeDefect::HeaderExtension { name: name.to_owned() })
}

fn to_json(parameters: &[(String, Value)]) -> Result<String, Error> {
    let json = write_object(parameters).map_err(|error| Error::unserializable(&error))?;
    if is_reserved_free(json.as_bytes()) {
        Ok(json)
    } else {
        Err(Error::encode(EncodeDefect::HeaderReservedName))
    }
}

/// The parameters that are read before the signature is checked. No other becomes a value.
struct Parameters<'j> {
    names: Names<'j>,
    alg: Option<ShallowValue<'j>>,
    kid: Option<ShallowValue<'j>>,
    typ: Option<ShallowValue<'j>>,
    cty: Option<ShallowValue<'j>>,
    crit: Option<ShallowValue<'j>>,
    b64: Option<ShallowValue<'j>>,
    has_others: bool,
}

impl Parameters<'_> {
    const fn new() -> Self {
        Self {
            names: Names::new(),
            alg: None,
            kid: None,
            typ: None,
            cty: None,
            crit: None,
            b64: None,
            has_others: false,
        }
    }
}

impl<'j> Members<'j> for Parameters<'j> {
    fn names(&mut self) -> &mut Names<'j> {
        &mut self.names
    }

    fn member<A: MapAccess<'j>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        self.has_others |= !NAMED.contains(&name);
        let slot = match name {
            "alg" => &mut self.alg,
            "kid" => &mut self.kid,
            "typ" => &mut self.typ,
            "cty" => &mut self.cty,
            "crit" => &mut self.crit,
            "b64" => &mut self.b64,
            _ => return map.next_value::<IgnoredAny>().map(|_| ()),
        };
        *slot = Some(map.next_value()?);
        Ok(())
    }
}

/// A parameter that must be a string, if it is there.
fn string(name: &'static str, value: Option<ShallowValue<'_>>) -> Result<Option<String>, Reason> {
    match value {
        None => Ok(None),
        Some(ShallowValue::String(text)) => Ok(Some(text.into_owned())),
        Some(other) => {
            let found = other.json_type();
            Err(Reason::ParameterType { name, expected: "a string", found })
        }
    }
}

/// The error of an extension that these parameters demand: of `crit` for its shape or for the first
/// name that it lists (RFC 7515 §4.1.11), of `b64` for a value other than `true`, its default
/// (RFC 7797 §3).
fn unsupported(crit: Option<&ShallowValue<'_>>, b64: Option<&ShallowValue<'_>>) -> Option<Error> {
    let reason = match crit {
        None if matches!(b64, None | Some(ShallowValue::Bool(true))) => return None,
        None => return Some(Error::UnsupportedCritical { name: "b64".to_owned() }),
        Some(ShallowValue::Strings(names)) => match names.first() {
            Some(first) if names.iter().collect::<BTreeSet<_>>().len() == names.len() => {
                return Some(Error::UnsupportedCritical { name: excerpt(first) });
            }
            _ => Reason::Critical,
        },
        Some(other) => {
            let found = match other {
                ShallowValue::Array(element) => *element,
                other => other.json_type(),
            };
            Reason::ParameterType { name: "crit", expected: "an array of strings", found }
        }
    };
    Some(Error::malformed(Segment::Header, reason))
}

/// The remaining parameters.
#[derive(Debug, Clone)]
enum Others {
    /// The JSON text of an object that has them among others. It is text because `Value` takes more
    /// memory, and cannot hold every value.
    Read(String),
    Built(Vec<(String, Value)>),
}

impl Default for Others {
    fn default() -> Self {
        Self::Built(Vec::new())
    }
}

impl Others {
    /// The parameters in their order. Fails if `Value` cannot hold one of them.
    fn parameters(&self) -> Result<Vec<(String, Value)>, Error> {
        let json = match self {
            Self::Read(json) => json,
            Self::Built(parameters) => return Ok(parameters.clone()),
        };
        let mut reader = OthersReader { names: Names::new(), wanted: None, found: Vec::new() };
        match read_object(json, &mut reader) {
            Ok(()) => Ok(reader.found),
            Err(reason) => Err(Error::encode(EncodeDefect::HeaderUnwritable { reason })),
        }
    }

    fn get(&self, name: &str) -> Option<Value> {
        let json = match self {
            Self::Read(json) => json,
            Self::Built(parameters) => {
                let found = parameters.iter().find(|(other, _)| other == name);
                return found.map(|(_, value)| value.clone());
            }
        };
        let mut reader =
            OthersReader { names: Names::new(), wanted: Some(name), found: Vec::new() };
        read_object(json, &mut reader).ok()?;
        reader.found.pop().map(|(_, value)| value)
    }

    fn set(&mut self, name: String, value: Value) -> Result<(), Error> {
        let mut parameters = self.parameters()?;
        match parameters.iter_mut().find(|(other, _)| *other == name) {
            Some((_, earlier)) => *earlier = value,
            None => parameters.push((name, value)),
        }
        // Rejects a reserved name, in the value too.
        to_json(&parameters)?;
        *self = Self::Built(parameters);
        Ok(())
    }
}

impl PartialEq for Others {
    /// Compares the text where `Value` cannot hold a parameter.
    fn eq(&self, other: &Self) -> bool {
        match (self.parameters(), other.parameters()) {
            (Ok(mut ours), Ok(mut theirs)) => {
                ours.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
                theirs.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
                ours == theirs
            }
            _ => matches!((self, other), (Self::Read(ours), Self::Read(theirs)) if ours == theirs),
        }
    }
}

/// Reads the remaining parameters: all, or the one with the wanted name.
struct OthersReader<'j, 'w> {
    names: Names<'j>,
    wanted: Option<&'w str>,
    found: Vec<(String, Value)>,
}

impl<'j> Members<'j> for OthersReader<'j, '_> {
    fn names(&mut self) -> &mut Names<'j> {
        &mut self.names
    }

    fn member<A: MapAccess<'j>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        if NAMED.contains(&name) || self.wanted.is_some_and(|wanted| wanted != name) {
            return map.next_value::<IgnoredAny>().map(|_| ());
        }
        self.found.push((name.to_owned(), map.next_value()?));
        Ok(())
    }
}
