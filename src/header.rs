//! The JOSE header (RFC 7515 §4): one JSON object, read and written.

use alloc::{
    borrow::{Cow, ToOwned},
    boxed::Box,
    collections::BTreeSet,
    format,
    string::String,
    sync::Arc,
    vec,
    vec::Vec,
};
use core::str::FromStr;

use serde::de::{IgnoredAny, MapAccess};
use serde_json::{
    Value,
    value::{RawValue, to_raw_value},
};

use crate::{
    algorithm::Algorithm,
    base64url,
    error::{Error, Reason, Segment, excerpt},
    json::{Found, Members, Names, is_reserved, read_object, write_object},
};

const JWT: &str = "JWT";

/// The members that have methods of their own.
const NAMED: [&str; 4] = ["alg", "kid", "typ", "cty"];

/// Whether a member of this name demands an extension (RFC 7515 §4.1.11, RFC 7797 §3).
fn is_extension(name: &str) -> bool {
    matches!(name, "crit" | "b64")
}

/// The header of a token (RFC 7515 §4): what it says of itself beside the claims.
///
/// One that you build has `typ` `JWT` and nothing else. It never has `alg`, which the key decides,
/// nor `crit`, because this crate supports no extension.
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
/// Two headers are equal if they have the same members, in whatever order.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    alg: Option<Cow<'static, str>>,
    /// Shared, because a key's id is in the header of each of its tokens.
    kid: Option<Arc<str>>,
    typ: Option<Cow<'static, str>>,
    /// Behind a pointer, because few headers have any of it and every decode moves one.
    rare: Option<Box<Rare>>,
}

#[derive(Debug, Clone, PartialEq, Default)]
struct Rare {
    cty: Option<String>,
    others: Others,
    /// Why a token with this header is refused once its `alg` is right: an extension that it
    /// demands.
    demand: Option<Error>,
}

impl Header {
    /// The longest header segment that is read or written, in bytes of text. Real ones have some
    /// dozens; the limit keeps what is parsed before the signature is checked small.
    pub(crate) const MAX_LEN: usize = 8192;

    /// Makes a header with `typ` `JWT`.
    #[must_use]
    #[inline]
    pub const fn new() -> Self {
        Self { alg: None, kid: None, typ: Some(Cow::Borrowed(JWT)), rare: None }
    }

    /// Sets `kid` (RFC 7515 §4.1.4), overriding the id of the signing key. Normally you do not need
    /// it: a key with an id writes its own `kid`.
    ///
    /// Take care with a header that was read from another token: it still has the `kid` of the key
    /// that signed that token.
    #[must_use]
    pub fn with_kid(mut self, kid: impl Into<String>) -> Self {
        self.kid = Some(kid.into().into());
        self
    }

    /// Sets `typ`, the media type of the token, such as `at+jwt` (RFC 7515 §4.1.9). RFC 8725 §3.11
    /// wants one for each kind of token; [`Validation::typ`](crate::Validation::typ) checks it. An
    /// empty one is refused when it is encoded.
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

    /// Adds a member, or replaces the one of that name.
    ///
    /// # Errors
    ///
    /// [`Error::Encode`]
    /// - for `alg`, which the key decides,
    /// - for `crit` and `b64`, which demand extensions that this crate does not support,
    /// - for `kid`, `typ` or `cty` with a value that is no string,
    /// - for a name that `serde_json` keeps for itself.
    pub fn with_member(
        mut self,
        name: impl Into<String>,
        value: impl Into<Value>,
    ) -> Result<Self, Error> {
        let name = name.into();
        match (name.as_str(), value.into()) {
            ("alg", _) => Err(Error::encode("header member \"alg\" is decided by the key")),
            (extension, _) if is_extension(extension) => Err(unwritable_extension(extension)),
            ("kid", Value::String(kid)) => Ok(self.with_kid(kid)),
            ("typ", Value::String(typ)) => Ok(self.with_typ(typ)),
            ("cty", Value::String(cty)) => Ok(self.with_cty(cty)),
            ("kid" | "typ" | "cty", _) => {
                Err(Error::encode(format!("header member \"{name}\" must be a string")))
            }
            (_, value) => {
                self.rare_mut().others.set(name, &value)?;
                Ok(self)
            }
        }
    }

    /// Returns the algorithm that a parsed header names (RFC 7515 §4.1.1); `None` for one that you
    /// built. It is what the token says, not what it was checked with.
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

    /// Returns any member but `alg`, `kid`, `typ` and `cty`, which have methods of their own. `None`
    /// also for a value that `serde_json` cannot hold, such as `1e400` or one nested over 127 deep.
    ///
    /// Nothing that it says is trusted or followed; `jwk`, `jku`, `x5u` and `x5c` are values like
    /// any other.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Value> {
        self.rare.as_ref()?.others.get(name)
    }

    fn rare_mut(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// The header with this `alg`, this `kid` and `typ` `JWT`.
    pub(crate) fn known(algorithm: Algorithm, kid: Option<&str>) -> Self {
        let alg = Some(Cow::Borrowed(algorithm.name()));
        Self { alg, kid: kid.map(Arc::from), ..Self::new() }
    }

    /// Reads a header segment.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let malformed = |reason| Error::malformed(Segment::Header, reason);
        if text.len() > Self::MAX_LEN {
            return Err(malformed(Reason::TooLong { len: text.len(), max: Self::MAX_LEN }));
        }
        let mut buffer = vec![0; base64url::decoded_capacity(text.len())];
        let bytes = base64url::decode(text.as_bytes(), &mut buffer)
            .map_err(|defect| malformed(defect.into()))?;
        let json = core::str::from_utf8(bytes)
            .map_err(|error| malformed(Reason::Utf8 { offset: error.valid_up_to() }))?;
        Self::from_json(json).map_err(malformed)
    }

    fn from_json(json: &str) -> Result<Self, Reason> {
        let mut read = Read::new();
        read_object(json, &mut read)?;
        let demand = demand(read.crit.as_ref(), read.b64.as_ref());
        let mut header = Self {
            alg: Some(string("alg", read.alg)?.ok_or(Reason::MissingAlg)?.into()),
            kid: string("kid", read.kid)?.map(Arc::from),
            typ: string("typ", read.typ)?.map(Cow::Owned),
            rare: None,
        };
        let cty = string("cty", read.cty)?;
        if cty.is_some() || read.has_others {
            let others = Others(if read.has_others { json.to_owned() } else { String::new() });
            header.rare = Some(Box::new(Rare { cty, others, demand }));
        }
        Ok(header)
    }

    /// Refuses `crit`, and `b64` unless it demands nothing.
    #[inline]
    pub(crate) fn check_critical(&self) -> Result<(), Error> {
        match self.rare.as_ref().and_then(|rare| rare.demand.as_ref()) {
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
        if len > Self::MAX_LEN {
            return Err(Error::encode(format!(
                "header of {len} bytes is longer than the {} that are read",
                Self::MAX_LEN
            )));
        }
        base64url::encode(json.as_bytes(), out);
        Ok(())
    }

    fn to_json(&self, algorithm: Algorithm, kid: Option<&str>) -> Result<String, Error> {
        if self.typ() == Some("") {
            return Err(Error::encode("header member \"typ\" is empty; leave it out instead"));
        }
        let named = [
            ("alg", Some(algorithm.name())),
            ("kid", kid),
            ("typ", self.typ()),
            ("cty", self.cty()),
        ];
        let mut members = Vec::new();
        for (name, value) in named {
            if let Some(value) = value {
                members.push((name.to_owned(), raw(value)?));
            }
        }
        members.extend(self.rare.iter().flat_map(|rare| rare.others.members()));
        if let Some((extension, _)) = members.iter().find(|(name, _)| is_extension(name)) {
            // It can be here only if the header was read from a token.
            return Err(unwritable_extension(extension));
        }
        write_object(&members).map_err(|error| Error::unserializable(&error))
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

fn raw<T: serde::Serialize + ?Sized>(value: &T) -> Result<Box<RawValue>, Error> {
    to_raw_value(value).map_err(|error| Error::unserializable(&error))
}

/// What is read of a header before the signature is checked. No other member is turned into a value.
struct Read<'j> {
    names: Names<'j>,
    alg: Option<Found<'j>>,
    kid: Option<Found<'j>>,
    typ: Option<Found<'j>>,
    cty: Option<Found<'j>>,
    crit: Option<Found<'j>>,
    b64: Option<Found<'j>>,
    has_others: bool,
}

impl Read<'_> {
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

impl<'j> Members<'j> for Read<'j> {
    fn names(&mut self) -> &mut Names<'j> {
        &mut self.names
    }

    fn take<A: MapAccess<'j>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
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

/// A member that is a string, if it is there.
fn string(name: &'static str, found: Option<Found<'_>>) -> Result<Option<String>, Reason> {
    match found {
        None => Ok(None),
        Some(Found::String(text)) => Ok(Some(text.into_owned())),
        Some(other) => {
            let found = other.json_type();
            Err(Reason::ParameterType { name, expected: "a string", found })
        }
    }
}

/// Why a token with these is refused: `crit` for the first name that it lists or for its shape
/// (RFC 7515 §4.1.11), `b64` unless it is true, which is what it is without it (RFC 7797 §3).
fn demand(crit: Option<&Found<'_>>, b64: Option<&Found<'_>>) -> Option<Error> {
    let reason = match crit {
        None if matches!(b64, None | Some(Found::Bool(true))) => return None,
        None => return Some(Error::UnsupportedCritical { name: "b64".to_owned() }),
        Some(Found::Array(names, None)) => match names.first() {
            Some(first) if names.iter().collect::<BTreeSet<_>>().len() == names.len() => {
                return Some(Error::UnsupportedCritical { name: excerpt(first) });
            }
            _ => Reason::Critical,
        },
        Some(other) => {
            let found = match other {
                Found::Array(_, Some(element)) => *element,
                other => other.json_type(),
            };
            Reason::ParameterType { name: "crit", expected: "an array of strings", found }
        }
    };
    Some(Error::malformed(Segment::Header, reason))
}

/// The members without methods of their own: the JSON text of an object that has them, among others.
/// As text, because a value cannot hold each, and takes more memory.
#[derive(Debug, Clone, Default)]
struct Others(String);

impl Others {
    /// The members with their JSON text, in their order.
    fn members(&self) -> Vec<(String, Box<RawValue>)> {
        let mut others = OthersReader { names: Names::new(), members: Vec::new() };
        // The text is an object, or empty.
        let _ = read_object(&self.0, &mut others);
        others.members
    }

    fn get(&self, name: &str) -> Option<Value> {
        let (_, json) = self.members().into_iter().find(|(other, _)| other == name)?;
        value(&json)
    }

    fn set(&mut self, name: String, value: &Value) -> Result<(), Error> {
        if is_reserved(&name) {
            return Err(Error::encode(format!("header member \"{name}\" has a reserved name")));
        }
        let json = raw(value)?;
        let mut members = self.members();
        match members.iter_mut().find(|(other, _)| *other == name) {
            Some((_, earlier)) => *earlier = json,
            None => members.push((name, json)),
        }
        self.0 = write_object(&members).map_err(|error| Error::unserializable(&error))?;
        Ok(())
    }
}

impl PartialEq for Others {
    fn eq(&self, other: &Self) -> bool {
        let sorted = |others: &Self| {
            let mut members = others.members();
            members.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
            members
        };
        let same = |one: &RawValue, other: &RawValue| match (value(one), value(other)) {
            (Some(one), Some(other)) => one == other,
            _ => one.get() == other.get(),
        };
        let (ours, theirs) = (sorted(self), sorted(other));
        ours.len() == theirs.len()
            && ours.iter().zip(&theirs).all(|((our_name, ours), (their_name, theirs))| {
                our_name == their_name && same(ours, theirs)
            })
    }
}

struct OthersReader<'j> {
    names: Names<'j>,
    members: Vec<(String, Box<RawValue>)>,
}

impl<'j> Members<'j> for OthersReader<'j> {
    fn names(&mut self) -> &mut Names<'j> {
        &mut self.names
    }

    fn take<A: MapAccess<'j>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        if NAMED.contains(&name) {
            return map.next_value::<IgnoredAny>().map(|_| ());
        }
        self.members.push((name.to_owned(), map.next_value()?));
        Ok(())
    }
}

fn value(json: &RawValue) -> Option<Value> {
    serde_json::from_str(json.get()).ok()
}

/// Reads the name of an algorithm, letter case included.
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
