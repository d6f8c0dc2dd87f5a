//! Tells a float that JSON cannot hold from `None`: `serde_json` writes both as `null`.

use core::fmt;

use serde::{Serialize, Serializer, ser::Impossible};

use super::unserializable::serialize_memberless;

/// Whether a value that `serde_json` wrote as `null` is a float that JSON cannot hold.
pub(super) fn is_not_finite<V: Serialize + ?Sized>(value: &V) -> bool {
    value.serialize(FloatProbe).is_ok()
}

/// Takes a float, alone or in `Some` or a newtype, and refuses what else `serde_json` writes as `null`.
/// Other values are never asked about.
struct FloatProbe;

impl Serializer for FloatProbe {
    type Ok = ();
    type Error = fmt::Error;
    type SerializeSeq = Impossible<(), fmt::Error>;
    type SerializeTuple = Impossible<(), fmt::Error>;
    type SerializeTupleStruct = Impossible<(), fmt::Error>;
    type SerializeTupleVariant = Impossible<(), fmt::Error>;
    type SerializeMap = Impossible<(), fmt::Error>;
    type SerializeStruct = Impossible<(), fmt::Error>;
    type SerializeStructVariant = Impossible<(), fmt::Error>;

    serialize_memberless!(fmt::Error, Err(fmt::Error));

    fn serialize_f32(self, _: f32) -> Result<(), fmt::Error> {
        Ok(())
    }

    fn serialize_f64(self, _: f64) -> Result<(), fmt::Error> {
        Ok(())
    }

    fn serialize_none(self) -> Result<(), fmt::Error> {
        Err(fmt::Error)
    }

    fn serialize_some<V: Serialize + ?Sized>(self, value: &V) -> Result<(), fmt::Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), fmt::Error> {
        Err(fmt::Error)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), fmt::Error> {
        Err(fmt::Error)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
    ) -> Result<(), fmt::Error> {
        Err(fmt::Error)
    }

    fn serialize_newtype_struct<V: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &V,
    ) -> Result<(), fmt::Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<V: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &V,
    ) -> Result<(), fmt::Error> {
        Err(fmt::Error)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, fmt::Error> {
        Err(fmt::Error)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, fmt::Error> {
        Err(fmt::Error)
    }

    fn serialize_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStruct, fmt::Error> {
        Err(fmt::Error)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, fmt::Error> {
        Err(fmt::Error)
    }
}
