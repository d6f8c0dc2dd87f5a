//! The methods of a [`Serializer`](serde::Serializer) for values that have no members.

/// Implements the methods for scalars and sequences with an error.
macro_rules! serialize_memberless {
    ($error:ty, $refusal:expr) => {
        $crate::claims::unserializable::serialize_memberless! {
            @ $error, $refusal,
            serialize_bool(bool) serialize_i8(i8) serialize_i16(i16) serialize_i32(i32)
            serialize_i64(i64) serialize_i128(i128) serialize_u8(u8) serialize_u16(u16)
            serialize_u32(u32) serialize_u64(u64) serialize_u128(u128) serialize_char(char)
            serialize_str(&str) serialize_bytes(&[u8])
        }

        fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, $error> {
            $refusal
        }

        fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, $error> {
            $refusal
        }

        fn serialize_tuple_struct(
            self,
            _: &'static str,
            _: usize,
        ) -> Result<Self::SerializeTupleStruct, $error> {
            $refusal
        }
    };
    (@ $error:ty, $refusal:expr, $($method:ident($argument:ty))*) => {
        $(fn $method(self, _: $argument) -> Result<(), $error> {
            $refusal
        })*
    };
}

pub(super) use serialize_memberless;
