//! JSON by way of `serde_json`: the members of one object, each name once, and a value as far as a
//! rule looks at it.

use alloc::{
    borrow::{Cow, ToOwned},
    collections::BTreeSet,
    string::String,
    vec::Vec,
};
use core::{fmt, iter};

use serde::{
    Deserialize, Serialize, Serializer,
    de::{
        DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
        value::MapDeserializer,
    },
};
use serde_json::Number;

use crate::error::{JsonType, Reason, excerpt};

/// Names of members that `serde_json` keeps for itself start with this. It gives such a member
/// another meaning, which depends on the features that the program switched on.
const RESERVED: &str = "$serde_json::private::";

pub(crate) fn is_reserved(name: &str) -> bool {
    name.starts_with(RESERVED)
}

/// As what `serde_json` gives a number under its feature `arbitrary_precision`: an object with this
/// one member.
const NUMBER: &str = "$serde_json::private::Number";

/// What takes the members of an object, one after the other.
pub(crate) trait Members<'j> {
    /// The names so far.
    fn names(&mut self) -> &mut Names<'j>;

    /// Reads the value of the member, or passes over it with [`IgnoredAny`], which takes neither
    /// memory nor recursion.
    fn take<A: MapAccess<'j>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error>;
}

/// Reads a text that is one JSON object, in which no name may appear twice (RFC 7515 §4,
/// RFC 7519 §4) and none may be reserved.
pub(crate) fn read_object<'j>(json: &'j str, members: &mut impl Members<'j>) -> Result<(), Reason> {
    let mut refused = None;
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let read = deserializer
        .deserialize_map(ObjectVisitor { members, refused: &mut refused })
        .and_then(|()| deserializer.end());
    read.map_err(|error| fault(json, refused, &error))
}

#[cold]
fn fault(json: &str, refused: Option<Reason>, error: &serde_json::Error) -> Reason {
    match (refused, serde_json::from_str::<Found<'_>>(json)) {
        (Some(reason), _) => reason,
        (None, Ok(found)) if found.json_type() != JsonType::Object => {
            Reason::NotAnObject { found: found.json_type() }
        }
        _ => Reason::json(error),
    }
}

/// The JSON text of an object with these members, in this order.
pub(crate) fn write_object<N: Serialize, V: Serialize>(
    members: &[(N, V)],
) -> serde_json::Result<String> {
    struct Object<'m, N, V>(&'m [(N, V)]);

    impl<N: Serialize, V: Serialize> Serialize for Object<'_, N, V> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
        }
    }

    serde_json::to_string(&Object(members))
}

struct ObjectVisitor<'m, M> {
    members: &'m mut M,
    /// A refusal of this crate's own, which `serde_json` could only carry as text.
    refused: &'m mut Option<Reason>,
}

impl<'j, M: Members<'j>> Visitor<'j> for ObjectVisitor<'_, M> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    #[inline]
    fn visit_map<A: MapAccess<'j>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key_seed(Name)? {
            let refused = if is_reserved(&name) {
                Reason::ReservedName { name: excerpt(&name) }
            } else if self.members.names().insert(&name) {
                self.members.take(&name, &mut map)?;
                continue;
            } else {
                Reason::DuplicateName { name: excerpt(&name) }
            };
            *self.refused = Some(refused);
            return Err(A::Error::custom("refused"));
        }
        Ok(())
    }
}

/// How many names are held without the heap: the seven registered claims, and more than most tokens
/// have beside them.
const FEW: usize = 7 + 16;

/// The names of an object's members. The first ones take no heap memory unless they have escapes.
#[derive(Debug)]
pub(crate) struct Names<'j> {
    /// A bit for each name, by its length and ends: a clear one spares looking through the names.
    filter: u64,
    few: [&'j str; FEW],
    len: usize,
    rest: BTreeSet<Cow<'j, str>>,
}

impl<'j> Names<'j> {
    pub(crate) const fn new() -> Self {
        Self { filter: 0, few: [""; FEW], len: 0, rest: BTreeSet::new() }
    }

    #[inline]
    fn filter_bit(name: &str) -> u64 {
        let end = |byte: Option<&u8>| u32::from(byte.copied().unwrap_or_default());
        let bytes = name.as_bytes();
        let len = u32::try_from(bytes.len()).unwrap_or_default();
        let mix =
            end(bytes.first()).wrapping_mul(7).wrapping_add(end(bytes.last()).wrapping_mul(31));
        1_u64.rotate_left(mix.wrapping_add(len) & 63)
    }

    /// Adds a name. `false` if it is there already.
    #[inline]
    #[expect(clippy::ptr_arg, reason = "a borrowed name is kept as long as the text")]
    fn insert(&mut self, name: &Cow<'j, str>) -> bool {
        let bit = Self::filter_bit(name);
        if self.filter & bit != 0 && self.holds(name) {
            return false;
        }
        self.filter |= bit;
        match (name, self.few.get_mut(self.len)) {
            (Cow::Borrowed(name), Some(slot)) => {
                *slot = name;
                self.len = self.len.saturating_add(1);
            }
            _ => {
                self.rest.insert(name.clone());
            }
        }
        true
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.filter & Self::filter_bit(name) != 0 && self.holds(name)
    }

    fn holds(&self, name: &str) -> bool {
        self.few.iter().take(self.len).any(|earlier| *earlier == name) || self.rest.contains(name)
    }
}

/// Reads a name: borrowed from the text unless it has an escape.
pub(crate) struct Name;

impl<'j> DeserializeSeed<'j> for Name {
    type Value = Cow<'j, str>;

    fn deserialize<D: Deserializer<'j>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'j> Visitor<'j> for Name {
    type Value = Cow<'j, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E: Error>(self, name: &'j str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

/// A value, as far as a rule looks at it.
#[derive(Debug)]
pub(crate) enum Found<'j> {
    Null,
    Bool(bool),
    Number(Number),
    String(Cow<'j, str>),
    /// The strings of an array, up to the first element that is none, and the type of that one.
    Array(Vec<Cow<'j, str>>, Option<JsonType>),
    Object,
}

impl Found<'_> {
    pub(crate) fn json_type(&self) -> JsonType {
        match self {
            Self::Null => JsonType::Null,
            Self::Bool(_) => JsonType::Bool,
            Self::Number(_) => JsonType::Number,
            Self::String(_) => JsonType::String,
            Self::Array(..) => JsonType::Array,
            Self::Object => JsonType::Object,
        }
    }
}

impl<'j> Deserialize<'j> for Found<'j> {
    fn deserialize<D: Deserializer<'j>>(deserializer: D) -> Result<Self, D::Error> {
        let mut found = None;
        FoundIn(&mut found).deserialize(deserializer)?;
        found.ok_or_else(|| D::Error::custom("no value"))
    }
}

/// Reads a value into its place, which spares moving it: 3 % of a decode.
pub(crate) struct FoundIn<'f, 'j>(pub(crate) &'f mut Option<Found<'j>>);

impl<'j> DeserializeSeed<'j> for FoundIn<'_, 'j> {
    type Value = ();

    fn deserialize<D: Deserializer<'j>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(FoundVisitor { found: self.0, is_element: false })
    }
}

/// An element of an array is looked at no deeper, so that nesting takes no recursion.
struct FoundVisitor<'f, 'j> {
    found: &'f mut Option<Found<'j>>,
    is_element: bool,
}

impl<'j> DeserializeSeed<'j> for FoundVisitor<'_, 'j> {
    type Value = ();

    fn deserialize<D: Deserializer<'j>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'j> Visitor<'j> for FoundVisitor<'_, 'j> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        *self.found = Some(Found::Null);
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        *self.found = Some(Found::Bool(value));
        Ok(())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<(), E> {
        *self.found = Some(Found::Number(number.into()));
        Ok(())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<(), E> {
        *self.found = Some(Found::Number(number.into()));
        Ok(())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<(), E> {
        *self.found = Some(Found::Number(Number::from_f64(number).ok_or_else(out_of_range)?));
        Ok(())
    }

    #[inline]
    fn visit_borrowed_str<E: Error>(self, text: &'j str) -> Result<(), E> {
        *self.found = Some(Found::String(Cow::Borrowed(text)));
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        *self.found = Some(Found::String(Cow::Owned(text.to_owned())));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'j>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut strings = Vec::new();
        let mut other = None;
        while !self.is_element && other.is_none() {
            let mut found = None;
            seq.next_element_seed(FoundVisitor { found: &mut found, is_element: true })?;
            match found {
                None => break,
                Some(Found::String(text)) => strings.push(text),
                Some(found) => other = Some(found.json_type()),
            }
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        *self.found = Some(Found::Array(strings, other));
        Ok(())
    }

    fn visit_map<A: MapAccess<'j>>(self, mut map: A) -> Result<(), A::Error> {
        let mut number = None;
        if let Some(name) = map.next_key_seed(Name)? {
            if name == NUMBER {
                number = exact_number(&map.next_value_seed(Name)?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        *self.found = Some(match number {
            None => Found::Object,
            Some(number) if number.as_f64().is_some() => Found::Number(number),
            Some(_) => return Err(out_of_range()),
        });
        Ok(())
    }
}

/// The number that `serde_json` makes of [`NUMBER`] with this text; `None` where it makes an object
/// of it, because its feature `arbitrary_precision` is off.
fn exact_number(text: &str) -> Option<Number> {
    let member = iter::once((NUMBER, text));
    Number::deserialize(MapDeserializer::<_, serde_json::Error>::new(member)).ok()
}

fn out_of_range<E: Error>() -> E {
    E::custom("number out of range")
}
