//! Claims that serialize in any way at all: what `encode` signs is what `serde_json` writes, and every
//! `decode` takes it; what it refuses breaks a rule that is read here a second time. Of claims that go
//! on after an error, what is signed is claims still.

#![no_main]

use arbitrary::Arbitrary;
use jwt_codec::{EncodeDefect, Error, Key, UnverifiedToken, Validation, decode, encode};
use jwt_codec_fuzz::{Members, RESERVED};
use libfuzzer_sys::fuzz_target;
use serde::{
    Serialize, Serializer,
    de::IgnoredAny,
    ser::{
        Error as _, SerializeMap, SerializeStruct, SerializeStructVariant, SerializeTuple,
        SerializeTupleVariant,
    },
};
use serde_json::value::RawValue;

/// What a type can ask of a serializer. Names of members are often those that mean something.
#[derive(Arbitrary, Debug)]
enum Any {
    Unit,
    None,
    Some(Box<Any>),
    Bool(bool),
    I64(i64),
    U128(u128),
    F64(f64),
    Char(char),
    Text(String),
    Bytes(Vec<u8>),
    List(Vec<Any>),
    Map(Vec<(Name, Any)>),
    MapByNumber(Vec<(i64, Any)>),
    MapByAnything(Vec<(Any, Any)>),
    Struct(Box<Any>, Box<Any>),
    Variant(Box<Any>),
    Raw(String),
    Error,
}

#[derive(Arbitrary, Debug)]
enum Name {
    Iss,
    Sub,
    Aud,
    Exp,
    Nbf,
    Iat,
    Jti,
    Raw,
    Other(String),
}

impl Name {
    fn text(&self) -> &str {
        match self {
            Self::Iss => "iss",
            Self::Sub => "sub",
            Self::Aud => "aud",
            Self::Exp => "exp",
            Self::Nbf => "nbf",
            Self::Iat => "iat",
            Self::Jti => "jti",
            Self::Raw => "$serde_json::private::RawValue",
            Self::Other(name) => name,
        }
    }
}

impl Serialize for Any {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Unit => serializer.serialize_unit(),
            Self::None => serializer.serialize_none(),
            Self::Some(some) => serializer.serialize_some(some),
            Self::Bool(bool) => serializer.serialize_bool(*bool),
            Self::I64(number) => serializer.serialize_i64(*number),
            Self::U128(number) => serializer.serialize_u128(*number),
            Self::F64(number) => serializer.serialize_f64(*number),
            Self::Char(char) => serializer.serialize_char(*char),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Bytes(bytes) => serializer.serialize_bytes(bytes),
            Self::List(items) => {
                let mut list = serializer.serialize_tuple(items.len())?;
                items.iter().try_for_each(|item| list.serialize_element(item))?;
                list.end()
            }
            Self::Map(members) => {
                let mut map = serializer.serialize_map(None)?;
                members
                    .iter()
                    .try_for_each(|(name, value)| map.serialize_entry(name.text(), value))?;
                map.end()
            }
            Self::MapByNumber(members) => {
                serializer.collect_map(members.iter().map(|(number, value)| (number, value)))
            }
            Self::MapByAnything(members) => {
                serializer.collect_map(members.iter().map(|(name, value)| (name, value)))
            }
            Self::Struct(sub, exp) => {
                let mut fields = serializer.serialize_struct("Session", 2)?;
                fields.serialize_field("sub", sub)?;
                fields.serialize_field("exp", exp)?;
                fields.end()
            }
            Self::Variant(value) => serializer.serialize_newtype_variant("Kind", 0, "aud", value),
            Self::Raw(text) => match RawValue::from_string(text.clone()) {
                Ok(raw) => raw.serialize(serializer),
                Err(error) => Err(S::Error::custom(error)),
            },
            Self::Error => Err(S::Error::custom("it does not serialize")),
        }
    }
}

/// Claims of a type that ignores every error.
#[derive(Arbitrary, Debug)]
enum Careless {
    Map(Vec<Call>),
    TupleVariant(Vec<Any>),
    StructVariant(Vec<Any>),
}

#[derive(Arbitrary, Debug)]
enum Call {
    Key(Any),
    Value(Any),
    Entry(Name, Any),
}

impl Serialize for Careless {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Map(calls) => {
                let mut map = serializer.serialize_map(None)?;
                for call in calls {
                    let _ = match call {
                        Call::Key(key) => map.serialize_key(key),
                        Call::Value(value) => map.serialize_value(value),
                        Call::Entry(name, value) => map.serialize_entry(name.text(), value),
                    };
                }
                map.end()
            }
            Self::TupleVariant(fields) => {
                let mut tuple = serializer.serialize_tuple_variant("E", 0, "V", fields.len())?;
                for field in fields {
                    let _ = tuple.serialize_field(field);
                }
                tuple.end()
            }
            Self::StructVariant(fields) => {
                let mut object = serializer.serialize_struct_variant("E", 0, "V", fields.len())?;
                for field in fields {
                    let _ = object.serialize_field("field", field);
                }
                object.end()
            }
        }
    }
}

/// Whether this is what `encode` may sign: one object without duplicate names, whose
/// registered claims have the right types.
fn is_right(json: &str) -> bool {
    let Some(members) = Members::read(json) else { return false };
    let is_text = |value: &RawValue| value.get().starts_with('"');
    !members.has_repeated_name()
        && members.0.iter().all(|(name, value)| {
            let is_of_its_type = match name.as_str() {
                "iss" | "sub" | "jti" => is_text(value),
                "exp" | "nbf" | "iat" => {
                    serde_json::from_str::<f64>(value.get()).is_ok_and(f64::is_finite)
                }
                "aud" => {
                    is_text(value)
                        || serde_json::from_str::<Vec<&RawValue>>(value.get())
                            .is_ok_and(|several| several.into_iter().all(is_text))
                }
                _ => true,
            };
            is_of_its_type && !name.starts_with(RESERVED)
        })
}

/// The text without registered claims that are `null`, which `encode` leaves out. `None` if it is not an
/// object.
fn without_null(json: &str) -> Option<String> {
    let members = Members::read(json)?;
    let stays = |(name, value): &&(String, &RawValue)| {
        let is_registered =
            ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"].contains(&name.as_str());
        !is_registered || value.get() != "null"
    };
    let text = |(name, value): &(String, &RawValue)| {
        format!("{}:{}", serde_json::to_string(name).expect("a string"), value.get())
    };
    let members: Vec<String> = members.0.iter().filter(stays).map(text).collect();
    Some(format!("{{{}}}", members.join(",")))
}

/// Whether `encode` may refuse what otherwise would be right: a float that JSON writes as `null`, and a
/// name that `serde_json` reserves, at any depth or in a `RawValue`.
fn is_refused_rightly(error: &Error) -> bool {
    let Error::Encode { defect } = error else { return false };
    matches!(defect, EncodeDefect::NotFinite { .. } | EncodeDefect::ReservedName)
}

/// The payload of a token that was just signed, and that has to be claims.
fn payload(token: &str, key: &Key) -> String {
    let verified = UnverifiedToken::parse_with_max_len(token, usize::MAX)
        .and_then(|token| token.verify(key))
        .expect("it was just signed");
    let payload = verified.payload().expect("it was just written");
    let json = String::from_utf8(payload).expect("claims are UTF-8");
    assert!(is_right(&json), "{json}");
    let policy = Validation::new()
        .allow_missing_exp()
        .ignore_exp()
        .ignore_nbf()
        .ignore_audience()
        .max_token_len(usize::MAX);
    decode::<IgnoredAny>(token, key, &policy).expect("what was written can be read");
    json
}

fuzz_target!(|input: Result<Any, Careless>| {
    let key = Key::hs256([7; 32]).expect("it is long enough");
    let claims = match input {
        Ok(claims) => claims,
        Err(careless) => {
            match encode(&careless, &key) {
                Ok(token) => drop(payload(&token, &key)),
                Err(error) => assert_eq!(error.code(), "encode"),
            }
            return;
        }
    };
    let written = serde_json::to_string(&claims);
    match (encode(&claims, &key), written) {
        (Ok(token), Ok(json)) => {
            let json = without_null(&json).expect("an object was signed");
            assert_eq!(payload(&token, &key), json);
        }
        (Err(error), Ok(json)) => {
            assert_eq!(error.code(), "encode");
            let is_right = without_null(&json).is_some_and(|json| is_right(&json));
            assert!(!is_right || is_refused_rightly(&error), "{error}: {json}");
        }
        (Err(error), Err(_)) => assert_eq!(error.code(), "encode"),
        (Ok(token), Err(error)) => panic!("{error}, but it was signed: {token}"),
    }
});
