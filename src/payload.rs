//! The payload of a token read in one pass (RFC 7519 §7.2): the registered claims are watched as
//! they go by while the caller's type takes them.
//!
//! Parsing twice, once to check the claims and once for the caller's type, would cost about a
//! third of a decode; `#[serde(flatten)]` would cost more.

use alloc::{borrow::Cow, string::String, vec::Vec};
use core::fmt;

use serde::{
    Deserialize,
    de::{
        DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor,
        value::BorrowedStrDeserializer,
    },
    forward_to_deserialize_any,
};
use serde_json::{Error as JsonError, de::StrRead, value::RawValue};

use crate::{
    claims::{Claim, deserialize_name},
    error::{Error, JsonType, Reason, Segment, excerpt},
    header::Header,
    names::{Name, Names},
    numeric_date::{Rounding, from_json_number},
    validation::Validation,
};

/// The first characters of names that `serde_json` keeps for itself: a `Value` or a number is not
/// read as it stands if its object has such a member, so the claims that were checked would not be
/// those that the caller gets.
const RESERVED: &str = "$serde_json::private::";

/// Reads the claims and holds them against the policy: first what was signed, then what the caller
/// wants of it, so that an expired token is `expired` even where the type refuses it.
pub(crate) fn read_checked<'p, C: Deserialize<'p>>(
    bytes: &'p [u8],
    header: &Header,
    validation: &Validation,
) -> Result<C, Error> {
    read(bytes, validation.required_custom(), |seen| validation.check(header, seen))
}

/// Reads the claims and checks none.
pub(crate) fn read_unchecked<'p, C: Deserialize<'p>>(bytes: &'p [u8]) -> Result<C, Error> {
    read(bytes, &[], |_| Ok(()))
}

fn read<'p, C: Deserialize<'p>>(
    bytes: &'p [u8],
    required: &[String],
    check: impl Fn(&Seen<'p>) -> Result<(), Error>,
) -> Result<C, Error> {
    let json = core::str::from_utf8(bytes).map_err(|error| {
        Error::malformed(Segment::Payload, Reason::Utf8 { offset: error.valid_up_to() })
    })?;
    let mut seen = Seen::new();
    if let Ok(claims) = watch(json, required, &mut seen) {
        check(&seen)?;
        return Ok(claims);
    }
    // The JSON is broken, or the type refuses it, or the type is not read as a map (an enum,
    // `RawValue`, a map with number keys). A pass that takes any object tells which.
    let mut seen = Seen::new();
    watch::<IgnoredAny>(json, required, &mut seen).map_err(|error| {
        let reason = seen.defect.take().unwrap_or_else(|| Reason::json(&error));
        Error::malformed(Segment::Payload, reason)
    })?;
    check(&seen)?;
    serde_json::from_str(json).map_err(|error| Error::claims_mismatch(&error))
}

/// The top-level members that went by.
#[derive(Debug)]
pub(crate) struct Seen<'p> {
    /// The JSON text of each registered claim, by [`Claim`].
    registered: [Option<&'p str>; Claim::ALL.len()],
    /// The names of the others.
    names: Names<'p>,
    /// Those of them that the policy requires and that are `null`.
    null: Vec<Cow<'p, str>>,
    /// What makes the payload malformed beside its syntax.
    defect: Option<Reason>,
}

impl<'p> Seen<'p> {
    const fn new() -> Self {
        let names = Names::new();
        Self { registered: [None; Claim::ALL.len()], names, null: Vec::new(), defect: None }
    }

    /// The JSON text of a registered claim.
    pub(crate) fn registered(&self, claim: Claim) -> Option<&'p str> {
        self.registered.get(claim.index()).copied().flatten()
    }

    /// Whether a required claim that is not a registered one is there, `null` being absent.
    pub(crate) fn has_custom(&self, name: &str) -> bool {
        self.names.contains(name) && !self.null.iter().any(|null| null == name)
    }
}

/// Reads one JSON object as the type, and what goes by into `seen`.
fn watch<'p, C: Deserialize<'p>>(
    json: &'p str,
    required: &[String],
    seen: &mut Seen<'p>,
) -> Result<C, JsonError> {
    let mut json = serde_json::Deserializer::from_str(json);
    let claims = C::deserialize(Watched { json: &mut json, required, seen })?;
    json.end()?;
    Ok(claims)
}

/// `serde_json`'s deserializer for types that are read as a map; any other type is an error, upon
/// which [`read`] takes the slower way.
struct Watched<'w, 'p> {
    json: &'w mut serde_json::Deserializer<StrRead<'p>>,
    required: &'w [String],
    seen: &'w mut Seen<'p>,
}

fn not_a_map() -> JsonError {
    JsonError::custom("not read as a map")
}

macro_rules! refuse {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'p>>(self, _: V) -> Result<V::Value, JsonError> {
            Err(not_a_map())
        })*
    };
}

impl<'p> Deserializer<'p> for Watched<'_, 'p> {
    type Error = JsonError;

    fn deserialize_map<V: Visitor<'p>>(self, visitor: V) -> Result<V::Value, JsonError> {
        let Self { json, required, seen } = self;
        json.deserialize_map(WatchedVisitor { visitor, required, seen })
    }

    fn deserialize_any<V: Visitor<'p>>(self, visitor: V) -> Result<V::Value, JsonError> {
        self.deserialize_map(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'p>>(self, visitor: V) -> Result<V::Value, JsonError> {
        self.deserialize_map(visitor)
    }

    fn deserialize_struct<V: Visitor<'p>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        self.deserialize_map(visitor)
    }

    fn deserialize_option<V: Visitor<'p>>(self, visitor: V) -> Result<V::Value, JsonError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'p>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'p>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, JsonError> {
        Err(not_a_map())
    }

    fn deserialize_unit_struct<V: Visitor<'p>>(
        self,
        _: &'static str,
        _: V,
    ) -> Result<V::Value, JsonError> {
        Err(not_a_map())
    }

    fn deserialize_tuple<V: Visitor<'p>>(self, _: usize, _: V) -> Result<V::Value, JsonError> {
        Err(not_a_map())
    }

    fn deserialize_tuple_struct<V: Visitor<'p>>(
        self,
        _: &'static str,
        _: usize,
        _: V,
    ) -> Result<V::Value, JsonError> {
        Err(not_a_map())
    }

    refuse! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_i128 deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_u128 deserialize_f32 deserialize_f64 deserialize_char deserialize_str
        deserialize_string deserialize_bytes deserialize_byte_buf deserialize_unit
        deserialize_seq deserialize_identifier
    }
}

struct WatchedVisitor<'w, 'p, V> {
    visitor: V,
    required: &'w [String],
    seen: &'w mut Seen<'p>,
}

impl<'p, V: Visitor<'p>> Visitor<'p> for WatchedVisitor<'_, 'p, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'p>>(self, map: A) -> Result<V::Value, A::Error> {
        let Self { visitor, required, seen } = self;
        visitor.visit_map(WatchedMembers { map, required, seen, next: Next::Passes })
    }
}

struct WatchedMembers<'w, 'p, A> {
    map: A,
    required: &'w [String],
    seen: &'w mut Seen<'p>,
    next: Next<'p>,
}

/// What is done with the value of the name that went by last.
enum Next<'p> {
    /// It goes to the caller's type untouched.
    Passes,
    /// It is kept.
    Registered(Claim),
    /// It is looked at.
    Required(Cow<'p, str>),
}

impl<'p, A: MapAccess<'p>> WatchedMembers<'_, 'p, A> {
    fn note_name(&mut self, name: &Cow<'p, str>) -> Result<(), A::Error> {
        let seen = &mut *self.seen;
        if let Some(claim) = Claim::from_name(name) {
            self.next = Next::Registered(claim);
            if seen.registered(claim).is_none() {
                return Ok(());
            }
        } else if name.starts_with(RESERVED) {
            seen.defect = Some(Reason::ReservedName { name: excerpt(name) });
            return Err(A::Error::custom("reserved name"));
        } else if seen.names.insert(name.clone()) {
            self.next = if self.required.iter().any(|required| required == name) {
                Next::Required(name.clone())
            } else {
                Next::Passes
            };
            return Ok(());
        }
        seen.defect = Some(Reason::DuplicateName { name: excerpt(name) });
        Err(A::Error::custom("repeated name"))
    }
}

impl<'p, A: MapAccess<'p>> MapAccess<'p> for WatchedMembers<'_, 'p, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'p>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        let Some(name) = self.map.next_key_seed(Name)? else { return Ok(None) };
        self.note_name(&name)?;
        deserialize_name(name, seed).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'p>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        let next = core::mem::replace(&mut self.next, Next::Passes);
        if let Next::Passes = next {
            return self.map.next_value_seed(seed);
        }
        let value = self.map.next_value::<&RawValue>()?.get();
        let mut plain = Plain::read(value);
        match next {
            Next::Registered(claim) => {
                if let Some(slot) = self.seen.registered.get_mut(claim.index()) {
                    *slot = Some(value);
                }
                plain = plain.or_else(|| saturated_date(claim, value));
            }
            Next::Required(name) if value == "null" => self.seen.null.push(name),
            Next::Required(_) | Next::Passes => {}
        }
        if let Some(plain) = plain {
            seed.deserialize(plain).map_err(A::Error::custom)
        } else {
            let mut json = serde_json::Deserializer::from_str(value);
            seed.deserialize(&mut json).map_err(A::Error::custom)
        }
    }
}

/// A date that `serde_json` cannot hold, such as `1e400`, as the nearer end of `i64`, which is what
/// it counts as.
fn saturated_date<'p>(claim: Claim, json: &str) -> Option<Plain<'p>> {
    let is_date = matches!(claim, Claim::ExpirationTime | Claim::NotBefore | Claim::IssuedAt)
        && JsonType::of_text(json) == JsonType::Number;
    let unreadable = is_date && serde_json::from_str::<serde_json::Number>(json).is_err();
    unreadable.then(|| Plain::Integer(from_json_number(json, Rounding::Down).as_secs()))
}

/// What a JSON string stands for, if there is no escape in it.
pub(crate) fn plain_string(json: &str) -> Option<&str> {
    let text = json.strip_prefix('"')?.strip_suffix('"')?;
    (!text.as_bytes().contains(&b'\\')).then_some(text)
}

/// A value that needs no parsing any more. It answers a type's questions as `serde_json` would;
/// where it does not (a type that wants the raw text, say), [`read`] takes the slower way.
enum Plain<'p> {
    String(&'p str),
    Integer(i64),
}

impl<'p> Plain<'p> {
    /// What the JSON text stands for, if that takes no more than a look.
    fn read(json: &'p str) -> Option<Self> {
        if let Some(text) = plain_string(json) {
            return Some(Self::String(text));
        }
        // `serde_json` reads `-0` as a float.
        let integer = if json.starts_with('-') { None } else { json.parse().ok() };
        integer.map(Self::Integer)
    }

    fn visit_integer<'de, V: Visitor<'de>>(
        integer: i64,
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        match u64::try_from(integer) {
            Ok(integer) => visitor.visit_u64(integer),
            Err(_) => visitor.visit_i64(integer),
        }
    }
}

impl<'de> Deserializer<'de> for Plain<'de> {
    type Error = JsonError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self {
            Self::String(text) => visitor.visit_borrowed_str(text),
            Self::Integer(integer) => Self::visit_integer(integer, visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        match self {
            Self::String(text) => visitor.visit_enum(BorrowedStrDeserializer::new(text)),
            Self::Integer(integer) => Self::visit_integer(integer, visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}
