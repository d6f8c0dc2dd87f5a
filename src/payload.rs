//! The payload of a token read in one pass (RFC 7519 §7.2): the registered claims are watched as
//! they go by while the caller's type takes them.
//!
//! Parsing twice, once to check the claims and once for the caller's type, would cost about a
//! third of a decode; `#[serde(flatten)]` would cost more.

use alloc::{borrow::Cow, string::String, vec::Vec};
use core::{fmt, marker::PhantomData, mem};

use serde::{
    Deserialize,
    de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor},
    forward_to_deserialize_any,
};
use serde_json::{Error as JsonError, de::StrRead, value::RawValue};

use crate::{
    claims::{Claim, deserialize_name},
    error::{Error, JsonType, Reason, Segment, excerpt},
    header::Header,
    json_value::JsonValue,
    names::{Name, Names},
    numeric_date::{NumericDate, Rounding},
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
    let claims = serde_json::from_str(json);
    if claims.is_err() {
        // Some defects show only to a type that looks: half a character, nesting too deep.
        watch::<serde_json::Value>(json, required, &mut Seen::new())
            .map_err(|error| Error::malformed(Segment::Payload, Reason::json(&error)))?;
    }
    check(&seen)?;
    claims.map_err(|error| Error::claims_mismatch(&error))
}

/// The top-level members that went by.
#[derive(Debug)]
pub(crate) struct Seen<'p> {
    /// The value of each registered claim, by [`Claim`].
    registered: [Option<JsonValue<'p>>; Claim::ALL.len()],
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

    /// The value of a registered claim.
    pub(crate) fn registered(&self, claim: Claim) -> Option<JsonValue<'p>> {
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
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let claims = C::deserialize(Watched { deserializer: &mut deserializer, json, required, seen })?;
    deserializer.end()?;
    Ok(claims)
}

/// `serde_json`'s deserializer for types that are read as a map; any other type is an error, upon
/// which [`read`] takes the slower way.
struct Watched<'w, 'p> {
    deserializer: &'w mut serde_json::Deserializer<StrRead<'p>>,
    json: &'p str,
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
        let Self { deserializer, json, required, seen } = self;
        deserializer.deserialize_map(WatchedVisitor { visitor, json, required, seen })
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
    json: &'p str,
    required: &'w [String],
    seen: &'w mut Seen<'p>,
}

impl<'p, V: Visitor<'p>> Visitor<'p> for WatchedVisitor<'_, 'p, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'p>>(self, map: A) -> Result<V::Value, A::Error> {
        let Self { visitor, json, required, seen } = self;
        visitor.visit_map(WatchedMembers { map, json, required, seen, next: Next::Untouched })
    }
}

struct WatchedMembers<'w, 'p, A> {
    map: A,
    json: &'p str,
    required: &'w [String],
    seen: &'w mut Seen<'p>,
    next: Next<'p>,
}

/// How the value of the name that went by last reaches the caller's type.
enum Next<'p> {
    /// As it stands.
    Untouched,
    /// After a look at it, because its name has an escape and so does not tell where it is.
    Looked(Cow<'p, str>),
    /// As this date: it is one that `serde_json` cannot hold, and counts as the end of `i64`.
    Date(NumericDate),
}

impl<'p, A: MapAccess<'p>> WatchedMembers<'_, 'p, A> {
    /// Takes a name, and its value if the policy is about it.
    fn note(&mut self, name: Cow<'p, str>) -> Result<(), A::Error> {
        let claim = Claim::from_name(&name);
        if claim.is_none() && name.starts_with(RESERVED) {
            return Err(self.refuse(Reason::ReservedName { name: excerpt(&name) }));
        }
        let is_new = match claim {
            Some(claim) => self.seen.registered(claim).is_none(),
            None => self.seen.names.insert(name.clone()),
        };
        if !is_new {
            return Err(self.refuse(Reason::DuplicateName { name: excerpt(&name) }));
        }
        if claim.is_some() || self.required.iter().any(|required| *required == name) {
            match JsonValue::of_member(self.json, &name) {
                Some(value) => self.keep(name, value),
                None => self.next = Next::Looked(name),
            }
        }
        Ok(())
    }

    fn keep(&mut self, name: Cow<'p, str>, value: JsonValue<'p>) {
        if let Some(claim) = Claim::from_name(&name) {
            if let Some(slot) = self.seen.registered.get_mut(claim.index()) {
                *slot = Some(value);
            }
            if claim.is_date() && value.is_unreadable_number() {
                self.next = value.date(Rounding::Down).map_or(Next::Untouched, Next::Date);
            }
        } else if value.json_type() == JsonType::Null {
            self.seen.null.push(name);
        }
    }

    fn refuse(&mut self, reason: Reason) -> A::Error {
        let error = A::Error::custom(&reason);
        self.seen.defect = Some(reason);
        error
    }
}

impl<'p, A: MapAccess<'p>> MapAccess<'p> for WatchedMembers<'_, 'p, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'p>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        let Some(name) = self.map.next_key_seed(Name)? else { return Ok(None) };
        self.note(name.clone())?;
        deserialize_name(name, seed).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'p>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        match mem::replace(&mut self.next, Next::Untouched) {
            Next::Untouched => self.map.next_value_seed(seed),
            Next::Date(date) => {
                self.map.next_value::<IgnoredAny>()?;
                seed.deserialize(DateDeserializer(date, PhantomData))
            }
            Next::Looked(name) => {
                let raw: &RawValue = self.map.next_value()?;
                self.keep(name, JsonValue::of_raw(raw));
                let mut deserializer = serde_json::Deserializer::from_str(raw.get());
                seed.deserialize(&mut deserializer).map_err(A::Error::custom)
            }
        }
    }
}

/// An integer that a type may also take as an `Option`.
struct DateDeserializer<E>(NumericDate, PhantomData<E>);

impl<'de, E: serde::de::Error> Deserializer<'de> for DateDeserializer<E> {
    type Error = E;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        visitor.visit_i64(self.0.as_secs())
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, E> {
        visitor.visit_some(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
