//! The top level of what `encode` writes: leaves out registered claims that are `null`, and rejects
//! what a `decode` would reject, by the same rules.

use alloc::{borrow::ToOwned, collections::BTreeSet, string::String, vec::Vec};
use core::{fmt, ops::Range};

use serde::{
    Serialize, Serializer,
    ser::{
        self, Impossible, SerializeMap, SerializeStruct, SerializeStructVariant,
        SerializeTupleVariant,
    },
};

use super::{
    float_probe::is_not_finite, name::Claim, scan::wrong_type, unserializable::serialize_memberless,
};
use crate::{
    error::{EncodeDefect, Error, excerpt},
    json::is_reserved_free,
};

/// Room for the JSON of most claims, so that the buffer need not grow.
const CAPACITY: usize = 256;

/// The JSON text of claims that a `decode` can read.
pub(crate) fn write_claims<C: Serialize + ?Sized>(claims: &C) -> Result<Vec<u8>, Error> {
    let mut json = Vec::with_capacity(CAPACITY);
    claims.serialize(ClaimsWriter { json: &mut json }).map_err(|WriteError(error)| error)?;
    if is_reserved_free(&json) { Ok(json) } else { Err(Error::encode(EncodeDefect::ReservedName)) }
}

/// Appends the JSON text of a value.
fn append<V: Serialize + ?Sized>(value: &V, json: &mut Vec<u8>) -> Result<(), WriteError> {
    #[cfg(feature = "std")]
    serde_json::to_writer(json, value).map_err(<WriteError as ser::Error>::custom)?;
    #[cfg(not(feature = "std"))]
    json.extend(serde_json::to_vec(value).map_err(<WriteError as ser::Error>::custom)?);
    Ok(())
}

/// Carries the crate's own error through serde.
#[derive(Debug)]
struct WriteError(Error);

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl core::error::Error for WriteError {}

impl ser::Error for WriteError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(Error::unserializable(&message))
    }
}

impl From<EncodeDefect> for WriteError {
    fn from(defect: EncodeDefect) -> Self {
        Self(Error::encode(defect))
    }
}

/// Writes claims, which have to be an object.
struct ClaimsWriter<'o> {
    json: &'o mut Vec<u8>,
}

fn not_an_object<T>() -> Result<T, WriteError> {
    Err(EncodeDefect::NotAnObject.into())
}

impl<'o> Serializer for ClaimsWriter<'o> {
    type Ok = ();
    type Error = WriteError;
    type SerializeSeq = Impossible<(), WriteError>;
    type SerializeTuple = Impossible<(), WriteError>;
    type SerializeTupleStruct = Impossible<(), WriteError>;
    type SerializeTupleVariant = VariantWriter<'o>;
    type SerializeMap = ObjectWriter<'o>;
    type SerializeStruct = ObjectWriter<'o>;
    type SerializeStructVariant = VariantWriter<'o>;

    serialize_memberless!(WriteError, not_an_object());

    fn serialize_f32(self, _: f32) -> Result<(), WriteError> {
        not_an_object()
    }

    fn serialize_f64(self, _: f64) -> Result<(), WriteError> {
        not_an_object()
    }

    fn serialize_none(self) -> Result<(), WriteError> {
        not_an_object()
    }

    fn serialize_unit(self) -> Result<(), WriteError> {
        not_an_object()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), WriteError> {
        not_an_object()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
    ) -> Result<(), WriteError> {
        not_an_object()
    }

    fn serialize_some<V: Serialize + ?Sized>(self, value: &V) -> Result<(), WriteError> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<V: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &V,
    ) -> Result<(), WriteError> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<V: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &V,
    ) -> Result<(), WriteError> {
        let mut object = ObjectWriter::new(self.json);
        object.serialize_entry(variant, value)?;
        object.close()
    }

    fn serialize_map(self, _: Option<usize>) -> Result<ObjectWriter<'o>, WriteError> {
        Ok(ObjectWriter::new(self.json))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<ObjectWriter<'o>, WriteError> {
        Ok(ObjectWriter::new(self.json))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<VariantWriter<'o>, WriteError> {
        VariantWriter::open(self.json, variant, "[", "]")
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<VariantWriter<'o>, WriteError> {
        VariantWriter::open(self.json, variant, "{", "}")
    }
}

/// Writes the members of the claims.
struct ObjectWriter<'o> {
    json: &'o mut Vec<u8>,
    names: WrittenNames,
    /// The member whose value is not written and accepted yet.
    member: Option<Member>,
    /// Whether there was an error, after which the text need not be JSON.
    has_failed: bool,
}

struct Member {
    /// Where its text starts, with the bracket or comma before it.
    start: usize,
    /// Its name, as it is spelled between the quotes.
    name: Range<usize>,
}

impl<'o> ObjectWriter<'o> {
    fn new(json: &'o mut Vec<u8>) -> Self {
        Self { json, names: WrittenNames::new(), member: None, has_failed: false }
    }

    /// Takes a step, unless an earlier one failed and the type ignored the error.
    fn step(
        &mut self,
        step: impl FnOnce(&mut Self) -> Result<(), WriteError>,
    ) -> Result<(), WriteError> {
        self.require_no_error()?;
        step(self).inspect_err(|_| self.has_failed = true)
    }

    fn require_no_error(&self) -> Result<(), WriteError> {
        if self.has_failed {
            return Err(ser::Error::custom("its type ignored an error"));
        }
        Ok(())
    }

    /// Writes the name. `serde_json` knows how to write one of any type, and does so as the only
    /// member of an object, of which the name stays.
    fn name<K: Serialize + ?Sized>(&mut self, name: &K) -> Result<(), WriteError> {
        struct OnlyMember<'k, K: ?Sized>(&'k K);

        impl<K: Serialize + ?Sized> Serialize for OnlyMember<'_, K> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_map([(self.0, ())])
            }
        }

        self.require_no_open_member()?;
        let start = self.json.len();
        append(&OnlyMember(name), self.json)?;
        if !self.names.is_empty()
            && let Some(bracket) = self.json.get_mut(start)
        {
            *bracket = b',';
        }
        self.json.truncate(self.json.len().saturating_sub("null}".len()));
        let name = start.saturating_add("{\"".len())..self.json.len().saturating_sub("\":".len());
        self.member = Some(Member { start, name });
        Ok(())
    }

    /// Rejects a type that breaks serde's rules: it would make text that is not JSON.
    fn require_no_open_member(&self) -> Result<(), WriteError> {
        match self.member {
            None => Ok(()),
            Some(_) => Err(ser::Error::custom("a claim has no value")),
        }
    }

    /// Writes the name of a field.
    fn field_name(&mut self, name: &'static str) -> Result<(), WriteError> {
        self.require_no_open_member()?;
        let start = self.json.len();
        self.json.push(if self.names.is_empty() { b'{' } else { b',' });
        append(name, self.json)?;
        let end = self.json.len();
        self.json.push(b':');
        let name = start.saturating_add("{\"".len())..end.saturating_sub(1);
        self.member = Some(Member { start, name });
        Ok(())
    }

    fn value<V: Serialize + ?Sized>(&mut self, value: &V) -> Result<(), WriteError> {
        let start = self.json.len();
        append(value, self.json)?;
        self.finish_member(start, || is_not_finite(value))
    }

    /// Judges the member whose value starts here.
    fn finish_member(
        &mut self,
        value_start: usize,
        is_not_finite: impl FnOnce() -> bool,
    ) -> Result<(), WriteError> {
        let Some(member) = &self.member else {
            return Err(ser::Error::custom("a claim has no name"));
        };
        let (Some(name), Some(value)) =
            (self.json.get(member.name.clone()), self.json.get(value_start..))
        else {
            return Err(ser::Error::custom("the JSON was cut off"));
        };
        let claim = Claim::from_bytes(name);
        if let Some(claim) = claim
            && value == b"null"
        {
            if is_not_finite() {
                return Err(EncodeDefect::NotFinite { claim }.into());
            }
            self.json.truncate(member.start);
            self.member = None;
            return Ok(());
        }
        let defect = match claim.map(|claim| (claim, wrong_type(claim, value))) {
            None | Some((_, Ok(None))) => None,
            Some((claim, Ok(Some((expected, found))))) => {
                Some(EncodeDefect::ClaimType { claim, expected, found })
            }
            Some((claim, Err(reason))) => Some(EncodeDefect::Unreadable { claim, reason }),
        };
        let is_new = match claim {
            Some(claim) => self.names.insert_registered(claim),
            None => self.names.insert_custom(member.name.clone(), self.json),
        };
        if !is_new {
            let name = excerpt(&unescape(name));
            return Err(EncodeDefect::DuplicateClaim { name }.into());
        }
        if let Some(defect) = defect {
            return Err(defect.into());
        }
        self.member = None;
        Ok(())
    }

    fn close(self) -> Result<(), WriteError> {
        self.require_no_error()?;
        self.require_no_open_member()?;
        self.json.extend_from_slice(if self.names.is_empty() { b"{}" } else { b"}" });
        Ok(())
    }
}

/// The name that is spelled like this between quotes.
fn unescape(spelling: &[u8]) -> String {
    let quoted = [b"\"", spelling, b"\""].concat();
    serde_json::from_slice(&quoted).unwrap_or_else(|_| String::from_utf8_lossy(spelling).into())
}

impl SerializeMap for ObjectWriter<'_> {
    type Ok = ();
    type Error = WriteError;

    fn serialize_key<K: Serialize + ?Sized>(&mut self, key: &K) -> Result<(), WriteError> {
        self.step(|object| object.name(key))
    }

    fn serialize_value<V: Serialize + ?Sized>(&mut self, value: &V) -> Result<(), WriteError> {
        self.step(|object| object.value(value))
    }

    fn end(self) -> Result<(), WriteError> {
        self.close()
    }
}

impl SerializeStruct for ObjectWriter<'_> {
    type Ok = ();
    type Error = WriteError;

    fn serialize_field<V: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &V,
    ) -> Result<(), WriteError> {
        self.step(|object| {
            object.field_name(name)?;
            object.value(value)
        })
    }

    fn end(self) -> Result<(), WriteError> {
        self.close()
    }
}

/// Writes claims that are a variant of an externally tagged enum: one member, named as the variant.
struct VariantWriter<'o> {
    object: ObjectWriter<'o>,
    value_start: usize,
    is_empty: bool,
    closing: &'static str,
}

impl<'o> VariantWriter<'o> {
    fn open(
        json: &'o mut Vec<u8>,
        variant: &'static str,
        opening: &'static str,
        closing: &'static str,
    ) -> Result<Self, WriteError> {
        let mut object = ObjectWriter::new(json);
        object.name(variant)?;
        let value_start = object.json.len();
        object.json.extend_from_slice(opening.as_bytes());
        Ok(Self { object, value_start, is_empty: true, closing })
    }

    fn field(
        &mut self,
        write: impl FnOnce(&mut Vec<u8>) -> Result<(), WriteError>,
    ) -> Result<(), WriteError> {
        let is_first = core::mem::take(&mut self.is_empty);
        self.object.step(|object| {
            if !is_first {
                object.json.push(b',');
            }
            write(object.json)
        })
    }

    fn close(mut self) -> Result<(), WriteError> {
        self.object.require_no_error()?;
        self.object.json.extend_from_slice(self.closing.as_bytes());
        self.object.finish_member(self.value_start, || false)?;
        self.object.close()
    }
}

impl SerializeTupleVariant for VariantWriter<'_> {
    type Ok = ();
    type Error = WriteError;

    fn serialize_field<V: Serialize + ?Sized>(&mut self, value: &V) -> Result<(), WriteError> {
        self.field(|json| append(value, json))
    }

    fn end(self) -> Result<(), WriteError> {
        self.close()
    }
}

impl SerializeStructVariant for VariantWriter<'_> {
    type Ok = ();
    type Error = WriteError;

    fn serialize_field<V: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &V,
    ) -> Result<(), WriteError> {
        self.field(|json| {
            append(name, json)?;
            json.push(b':');
            append(value, json)
        })
    }

    fn end(self) -> Result<(), WriteError> {
        self.close()
    }
}

/// How many names of custom claims are kept without the heap.
const FEW: usize = 16;

/// The names of the members that were written.
struct WrittenNames {
    /// One bit for each registered claim.
    registered: u8,
    /// Where the custom ones stand. Two equal names are spelled alike, because `serde_json` wrote both.
    few: [Range<usize>; FEW],
    len: usize,
    rest: BTreeSet<Vec<u8>>,
}

impl WrittenNames {
    const fn new() -> Self {
        Self { registered: 0, few: [const { 0..0 }; FEW], len: 0, rest: BTreeSet::new() }
    }

    const fn is_empty(&self) -> bool {
        self.registered == 0 && self.len == 0
    }

    /// Adds a registered claim. Returns `false` if it is there already.
    fn insert_registered(&mut self, claim: Claim) -> bool {
        let before = self.registered;
        self.registered |= claim.bit();
        self.registered != before
    }

    /// Adds the name of a custom claim. Returns `false` if it is there already.
    fn insert_custom(&mut self, name: Range<usize>, json: &[u8]) -> bool {
        let Some(spelling) = json.get(name.clone()) else { return false };
        let is_same = |earlier: &Range<usize>| {
            earlier.len() == name.len() && json.get(earlier.clone()) == Some(spelling)
        };
        if self.few.iter().take(self.len).any(is_same) {
            return false;
        }
        match self.few.get_mut(self.len) {
            Some(slot) => {
                *slot = name;
                self.len = self.len.saturating_add(1);
                true
            }
            None => self.rest.insert(spelling.to_owned()),
        }
    }
}
