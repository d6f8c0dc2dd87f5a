//! Tells a float that JSON cannot hold from `None`: `serde_json` writes both as `null`.

use core::fmt;

use serde::{Serialize, Serializer, ser::Impossible};

use super::unserializable::serialize_memberless;

/// Whether a value that `serde_json` wrote as `null` is a float that JSON cannot hold.
pub(super) fn is_not_finite<V: Serialize + ?Sized>(value: &V) -> bool {
    value.serialize(FloatProbe).is_ok_and(|is_float| is_float)
}

/// Tells whether a value is a float.
struct FloatProbe;

impl Serializer for FloatProbe {
    type Ok = bool;
    type Error = fmt::Error;
    type SerializeSeq = Impossible<bool, fmt::Error>;
    type SerializeTuple = Impossible<bool, fmt::Error>;
    type SerializeTupleStruct = Impossible<bool, fmt::Error>;
    type SerializeTupleVariant = Impossible<bool, fmt::Error>;
    type SerializeMap = Impossible<bool, fmt::Error>;
    type SerializeStruct = Impossible<bool, fmt::Error>;
    type SerializeStructVariant = Impossible<bool, fmt::Error>;

    serialize_memberless!(bool, fmt::Error, scalar: Ok(false), sequence: Err(fmt::Error));

    fn serialize_f32(self, _: f32) -> Result<bool, fmt::Error> {
        Ok(true)
    }

    fn serialize_f64(self, _: f64) -> Result<bool, fmt::Error> {
        Ok(true)
    }

    fn serialize_none(self) -> Result<bool, fmt::Error> {
        Ok(false)
    }

    fn serialize_some<V: Serialize + ?Sized>(self, value: &V) -> Result<bool, fmt::Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<bool, fmt::Error> {
        Ok(false)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<bool, fmt::Error> {
        Ok(false)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
    ) -> Result<bool, fmt::Error> {
        Ok(false)
    }

    fn serialize_newtype_struct<V: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &V,
    ) -> Result<bool, fmt::Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<V: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &V,
    ) -> Result<bool, fmt::Error> {
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
