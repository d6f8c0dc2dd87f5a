//! Claims written as JSON: on the stack while they are small.
//!
//! It writes what `serde_json` writes, byte for byte. On what only `serde_json` can write (its own
//! `RawValue`, and numbers under its feature `arbitrary_precision`) it gives up, and `serde_json`
//! writes the whole.

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt::{self, Display, Write};

use serde::{
    Serialize,
    ser::{
        self, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
        SerializeTupleStruct, SerializeTupleVariant, Serializer,
    },
};
use serde_json::Number;

use crate::{error::Error, skim::plain_len};

/// Claims of up to so many bytes are written on the stack. Most are under half of it.
const STACK: usize = 512;

/// Where the JSON is written.
#[derive(Debug)]
pub(crate) struct JsonWriter {
    stack: [u8; STACK],
    len: usize,
    /// All of it, once it has outgrown the stack.
    heap: Vec<u8>,
    /// Kept here, because a type may swallow the error that it is given.
    gave_up: bool,
}

impl JsonWriter {
    pub(crate) const fn new() -> Self {
        Self { stack: [0; STACK], len: 0, heap: Vec::new(), gave_up: false }
    }

    /// Writes the claims as a JSON object, which RFC 7519 §3 wants them to be.
    pub(crate) fn write_object<C: Serialize + ?Sized>(
        &mut self,
        claims: &C,
    ) -> Result<&[u8], Error> {
        let result = claims.serialize(&mut *self);
        if self.gave_up {
            self.heap =
                serde_json::to_vec(claims).map_err(|error| Error::encode(error.to_string()))?;
        } else {
            result.map_err(|Failed(message)| Error::encode(message))?;
        }
        let json = self.written();
        if json.first() == Some(&b'{') {
            Ok(json)
        } else {
            Err(Error::encode("claims must be a JSON object: a struct or a map"))
        }
    }

    fn written(&self) -> &[u8] {
        if self.heap.is_empty() {
            self.stack.get(..self.len).unwrap_or_default()
        } else {
            &self.heap
        }
    }

    fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
        self.heap.truncate(len);
    }

    /// Room for so many bytes more on the stack.
    #[inline]
    fn room(&mut self, bytes: usize) -> Option<&mut [u8]> {
        if !self.heap.is_empty() {
            return None;
        }
        let start = self.len;
        let end = start.checked_add(bytes)?;
        let room = self.stack.get_mut(start..end)?;
        self.len = end;
        Some(room)
    }

    #[inline]
    fn push(&mut self, bytes: &[u8]) {
        if let Some(room) = self.room(bytes.len()) {
            room.copy_from_slice(bytes);
            return;
        }
        if self.heap.is_empty() {
            let written = self.stack.get(..self.len).unwrap_or_default();
            self.heap.extend_from_slice(written);
        }
        self.heap.extend_from_slice(bytes);
    }

    #[inline]
    fn push_byte(&mut self, byte: u8) {
        self.push(&[byte]);
    }

    #[inline]
    fn push_string(&mut self, text: &str) {
        self.push_between(b"\"", text, b"\"");
    }

    /// Writes the inner part of a string, with its quotation marks and what stands beside them.
    #[inline]
    fn push_between<const B: usize, const A: usize>(
        &mut self,
        before: &[u8; B],
        text: &str,
        after: &[u8; A],
    ) {
        let len = text.len().saturating_add(B).saturating_add(A);
        if plain_len(text.as_bytes()) == text.len()
            && let Some(room) = self.room(len)
            && let Some((start, rest)) = room.split_first_chunk_mut()
            && let Some((middle, end)) = rest.split_last_chunk_mut()
        {
            *start = *before;
            middle.copy_from_slice(text.as_bytes());
            *end = *after;
            return;
        }
        self.push(before);
        self.push_escaped(text);
        self.push(after);
    }

    /// Escapes what has to be escaped (RFC 8259 §7).
    fn push_escaped(&mut self, text: &str) {
        let mut rest = text.as_bytes();
        while let Some((plain, [special, behind @ ..])) = rest.split_at_checked(plain_len(rest)) {
            self.push(plain);
            match special {
                b'"' => self.push(b"\\\""),
                b'\\' => self.push(b"\\\\"),
                0x08 => self.push(b"\\b"),
                0x0c => self.push(b"\\f"),
                b'\n' => self.push(b"\\n"),
                b'\r' => self.push(b"\\r"),
                b'\t' => self.push(b"\\t"),
                control => self.push(format!("\\u{control:04x}").as_bytes()),
            }
            rest = behind;
        }
        self.push(rest);
    }

    /// The digits of a number: `core::fmt` takes three times as long.
    #[inline]
    fn push_integer(&mut self, mut integer: u64) {
        let mut digits = [0; "18446744073709551615".len()];
        let mut unused = digits.len();
        for digit in digits.iter_mut().rev() {
            *digit =
                b"0123456789".get(usize::try_from(integer % 10).unwrap_or(0)).copied().unwrap_or(0);
            integer /= 10;
            unused = unused.saturating_sub(1);
            if integer == 0 {
                break;
            }
        }
        self.push(digits.get(unused..).unwrap_or_default());
    }

    /// Writes what displays as JSON.
    fn push_display(&mut self, value: impl Display) -> Result<(), Failed> {
        write!(self, "{value}").map_err(|fmt::Error| Failed("cannot be displayed".into()))
    }

    #[inline]
    fn open(&mut self, bracket: u8, close: &'static str) -> Compound<'_> {
        self.push_byte(bracket);
        Compound { writer: self, is_first: true, close }
    }

    /// Opens an object of which the one member is named as the variant.
    fn open_variant(&mut self, variant: &str) {
        self.push_between(b"{\"", variant, b"\":");
    }
}

impl Write for JsonWriter {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text.as_bytes());
        Ok(())
    }
}

/// Writes as the inner part of a string.
struct Escaping<'w>(&'w mut JsonWriter);

impl Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.push_escaped(text);
        Ok(())
    }
}

/// What the type says of why it cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Failed(String);

impl ser::Error for Failed {
    fn custom<T: Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

macro_rules! small_integers {
    ($($method:ident($number:ty) => $wide_method:ident)*) => {
        $(#[inline]
        fn $method(self, integer: $number) -> Result<(), Failed> {
            self.$wide_method(integer.into())
        })*
    };
}

impl<'w> Serializer for &'w mut JsonWriter {
    type Ok = ();
    type Error = Failed;
    type SerializeSeq = Compound<'w>;
    type SerializeTuple = Compound<'w>;
    type SerializeTupleStruct = Compound<'w>;
    type SerializeTupleVariant = Compound<'w>;
    type SerializeMap = Compound<'w>;
    type SerializeStruct = Compound<'w>;
    type SerializeStructVariant = Compound<'w>;

    small_integers! {
        serialize_i8(i8) => serialize_i64
        serialize_i16(i16) => serialize_i64
        serialize_i32(i32) => serialize_i64
        serialize_u8(u8) => serialize_u64
        serialize_u16(u16) => serialize_u64
        serialize_u32(u32) => serialize_u64
    }

    #[inline]
    fn serialize_u64(self, integer: u64) -> Result<(), Failed> {
        self.push_integer(integer);
        Ok(())
    }

    #[inline]
    fn serialize_i64(self, integer: i64) -> Result<(), Failed> {
        if integer < 0 {
            self.push_byte(b'-');
        }
        self.push_integer(integer.unsigned_abs());
        Ok(())
    }

    fn serialize_i128(self, integer: i128) -> Result<(), Failed> {
        self.push_display(integer)
    }

    fn serialize_u128(self, integer: u128) -> Result<(), Failed> {
        self.push_display(integer)
    }

    fn serialize_bool(self, value: bool) -> Result<(), Failed> {
        self.push(if value { b"true" } else { b"false" });
        Ok(())
    }

    fn serialize_f32(self, number: f32) -> Result<(), Failed> {
        // Shorter than the same number as an `f64`.
        let text = serde_json::to_string(&number).map_err(ser::Error::custom)?;
        self.push(text.as_bytes());
        Ok(())
    }

    fn serialize_f64(self, number: f64) -> Result<(), Failed> {
        match Number::from_f64(number) {
            Some(number) => self.push_display(number),
            None => self.serialize_unit(),
        }
    }

    fn serialize_char(self, character: char) -> Result<(), Failed> {
        self.push_string(character.encode_utf8(&mut [0; 4]));
        Ok(())
    }

    #[inline]
    fn serialize_str(self, text: &str) -> Result<(), Failed> {
        self.push_string(text);
        Ok(())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<(), Failed> {
        self.collect_seq(bytes)
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<(), Failed> {
        self.push_byte(b'"');
        write!(Escaping(self), "{value}")
            .map_err(|fmt::Error| Failed("cannot be displayed".into()))?;
        self.push_byte(b'"');
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Failed> {
        self.serialize_unit()
    }

    #[inline]
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Failed> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Failed> {
        self.push(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Failed> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Failed> {
        self.serialize_str(variant)
    }

    #[inline]
    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Failed> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Failed> {
        self.open_variant(variant);
        value.serialize(&mut *self)?;
        self.push_byte(b'}');
        Ok(())
    }

    #[inline]
    fn serialize_seq(self, _: Option<usize>) -> Result<Compound<'w>, Failed> {
        Ok(self.open(b'[', "]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Compound<'w>, Failed> {
        Ok(self.open(b'[', "]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Compound<'w>, Failed> {
        Ok(self.open(b'[', "]"))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'w>, Failed> {
        self.open_variant(variant);
        Ok(self.open(b'[', "]}"))
    }

    #[inline]
    fn serialize_map(self, _: Option<usize>) -> Result<Compound<'w>, Failed> {
        Ok(self.open(b'{', "}"))
    }

    #[inline]
    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Compound<'w>, Failed> {
        // `serde_json` knows its `RawValue` by such a name, and some numbers.
        if name.starts_with('$') {
            self.gave_up = true;
            return Err(ser::Error::custom("not written"));
        }
        Ok(self.open(b'{', "}"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Compound<'w>, Failed> {
        self.open_variant(variant);
        Ok(self.open(b'{', "}}"))
    }
}

/// An array or an object that is being written.
#[derive(Debug)]
pub(crate) struct Compound<'w> {
    writer: &'w mut JsonWriter,
    is_first: bool,
    close: &'static str,
}

impl Compound<'_> {
    #[inline]
    fn separate(&mut self) {
        if !self.is_first {
            self.writer.push_byte(b',');
        }
        self.is_first = false;
    }

    #[inline]
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        self.separate();
        value.serialize(&mut *self.writer)
    }

    /// The name of a member is a string; `serde_json` makes strings of numbers, and refuses the
    /// rest.
    fn key<K: Serialize + ?Sized>(&mut self, key: &K) -> Result<(), Failed> {
        self.separate();
        let start = self.writer.written().len();
        key.serialize(&mut *self.writer)?;
        if self.writer.written().get(start) != Some(&b'"') {
            let object = serde_json::to_string(&OneMember(key)).map_err(ser::Error::custom)?;
            let name = object.strip_prefix('{').and_then(|rest| rest.strip_suffix(":null}"));
            self.writer.truncate(start);
            self.writer.push(name.unwrap_or_default().as_bytes());
        }
        self.writer.push_byte(b':');
        Ok(())
    }
}

/// `{"key":null}`
struct OneMember<'k, K: ?Sized>(&'k K);

impl<K: Serialize + ?Sized> Serialize for OneMember<'_, K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(self.0, ())])
    }
}

macro_rules! elements {
    ($($trait:ident::$method:ident)*) => {
        $(impl $trait for Compound<'_> {
            type Ok = ();
            type Error = Failed;

            #[inline]
            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
                self.element(value)
            }

            #[inline]
            fn end(self) -> Result<(), Failed> {
                self.writer.push(self.close.as_bytes());
                Ok(())
            }
        })*
    };
}

elements! {
    SerializeSeq::serialize_element SerializeTuple::serialize_element
    SerializeTupleStruct::serialize_field SerializeTupleVariant::serialize_field
}

macro_rules! fields {
    ($($trait:ident)*) => {
        $(impl $trait for Compound<'_> {
            type Ok = ();
            type Error = Failed;

            #[inline]
            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                value: &T,
            ) -> Result<(), Failed> {
                if self.is_first {
                    self.writer.push_between(b"\"", name, b"\":");
                } else {
                    self.writer.push_between(b",\"", name, b"\":");
                }
                self.is_first = false;
                value.serialize(&mut *self.writer)
            }

            #[inline]
            fn end(self) -> Result<(), Failed> {
                self.writer.push(self.close.as_bytes());
                Ok(())
            }
        })*
    };
}

fields! { SerializeStruct SerializeStructVariant }

impl SerializeMap for Compound<'_> {
    type Ok = ();
    type Error = Failed;

    #[inline]
    fn serialize_key<K: Serialize + ?Sized>(&mut self, key: &K) -> Result<(), Failed> {
        self.key(key)
    }

    #[inline]
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        value.serialize(&mut *self.writer)
    }

    #[inline]
    fn end(self) -> Result<(), Failed> {
        self.writer.push(self.close.as_bytes());
        Ok(())
    }
}
