//! Types of every kind, and the same claims read and written as them by this crate and by
//! `serde_json`: for the tests and for fuzzing.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fmt::{self, Debug},
};

use jwt_codec::{
    Error, Header, Key, Reason, UnverifiedToken, Validation, decode, decode_borrowed, encode, sign,
};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Number, Value, value::RawValue};

fn key() -> Key {
    Key::hs256([7; 32]).unwrap()
}

fn policy() -> Validation {
    Validation::new().allow_missing_exp().max_token_len(usize::MAX)
}

/// One claim of the type.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Claim<V> {
    v: V,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Point {
    pub(crate) x: i64,
    pub(crate) y: Option<f64>,
}

#[derive(Debug, PartialEq, PartialOrd, Eq, Ord, Serialize, Deserialize)]
pub(crate) struct Newtype(pub(crate) String);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Unit;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Pair(pub(crate) i64, pub(crate) String);

#[derive(Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
pub(crate) enum Variant {
    Unit,
    New(i64),
    Tuple(i64, String),
    Struct { x: i64 },
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Name {
    Unit,
    #[serde(rename = "a b")]
    Spaced,
    #[serde(rename = "\"")]
    Quoted,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Untagged {
    Number(f64),
    Text(String),
    Point(Point),
    List(Vec<Untagged>),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t")]
pub(crate) enum Tagged {
    Unit,
    Struct { x: i64 },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", content = "x")]
pub(crate) enum TaggedBeside {
    Unit,
    New(i64),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Flattened {
    pub(crate) x: i64,
    #[serde(flatten)]
    pub(crate) rest: BTreeMap<String, Value>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Strict {
    #[serde(default)]
    x: i8,
}

/// Takes its default for whatever does not fit.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Swallowing<T>(T);

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Swallowing<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(T::deserialize(deserializer).unwrap_or_default()))
    }
}

/// What a type asks the deserializer for, and what it is then given.
macro_rules! asking {
    ($($type:ident::$method:ident;)*) => {
        $(#[derive(Debug, PartialEq)]
        struct $type(String);

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.$method(Told).map($type)
            }
        })*
    };
}

asking! {
    AskingAny::deserialize_any;
    AskingIgnored::deserialize_ignored_any;
    AskingBytes::deserialize_bytes;
    AskingByteBuf::deserialize_byte_buf;
    AskingIdentifier::deserialize_identifier;
    AskingI64::deserialize_i64;
    AskingF32::deserialize_f32;
    AskingI128::deserialize_i128;
    AskingU128::deserialize_u128;
    AskingOption::deserialize_option;
    AskingMap::deserialize_map;
}

/// Tells what it was given, and of an array or object only the first.
struct Told;

macro_rules! tell {
    ($($method:ident($type:ty))*) => {
        $(fn $method<E: serde::de::Error>(self, value: $type) -> Result<String, E> {
            Ok(format!("{} {value:?}", stringify!($method)))
        })*
    };
}

impl<'de> Visitor<'de> for Told {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    tell! {
        visit_bool(bool) visit_i64(i64) visit_i128(i128) visit_u64(u64) visit_u128(u128)
        visit_f64(f64) visit_str(&str) visit_bytes(&[u8])
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<String, E> {
        Ok("unit".into())
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<String, E> {
        Ok("none".into())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_any(Self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<String, A::Error> {
        Ok(format!("first of seq {:?}", seq.next_element::<AskingAny>()?))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<String, A::Error> {
        Ok(format!("first of map {:?}", map.next_entry::<AskingAny, AskingAny>()?))
    }
}

/// Whether it is JSON, and no rule of this crate's own refuses it.
fn is_plain_object(json: &str) -> bool {
    let token = sign(&Header::new(), json.as_bytes(), &key()).unwrap();
    match decode::<IgnoredAny>(&token, &key(), &policy()) {
        Ok(_) => true,
        Err(Error::Malformed { reason, .. }) => {
            if !matches!(reason, Reason::DuplicateName { .. } | Reason::ReservedName { .. }) {
                let is_object = serde_json::from_str::<BTreeMap<String, Value>>(json).is_ok();
                assert!(!is_object, "{json} refused: {reason:?}");
            }
            false
        }
        Err(error) => panic!("{json}: {error}"),
    }
}

/// As `serde_json::from_str`, which panics where a map has `bool` for names and the text another.
fn from_str<'j, C: Deserialize<'j>>(json: &'j str) -> serde_json::Result<C> {
    serde_json::from_slice(json.as_bytes())
}

/// Reads the text as the type in both ways.
pub(crate) fn check<C: DeserializeOwned + Debug>(json: &str) {
    let token = sign(&Header::new(), json.as_bytes(), &key()).unwrap();
    let mut buffer = Vec::new();
    let ours = decode::<C>(&token, &key(), &policy());
    let borrowed = decode_borrowed::<C>(&token, &key(), &policy(), &mut buffer);
    assert_eq!(format!("{ours:?}"), format!("{borrowed:?}"), "{json}");
    check_result(json, ours.map(|data| data.claims), from_str::<C>(json));
}

fn check_result<C: Debug>(
    json: &str,
    ours: Result<C, Error>,
    theirs: Result<C, serde_json::Error>,
) {
    let type_name = std::any::type_name::<C>();
    match (ours, theirs) {
        (Ok(ours), Ok(theirs)) => {
            assert_eq!(format!("{ours:?}"), format!("{theirs:?}"), "{json} as {type_name}");
            assert!(serde_json::from_str::<IgnoredAny>(json).is_ok(), "{json} as {type_name}");
        }
        (Ok(ours), Err(theirs)) => panic!("{json} as {type_name}: {ours:?}, not {theirs}"),
        (Err(ours), Ok(theirs)) => {
            assert!(!is_plain_object(json), "{json} as {type_name}: {theirs:?}, not {ours}");
        }
        (Err(ours), Err(_)) => {
            assert!(matches!(ours.code(), "malformed" | "claims_mismatch"), "{json}: {ours}");
        }
    }
}

pub(crate) fn check_as_all_types(value: &str) {
    macro_rules! check_claim_as {
        ($($type:ty,)*) => { $(check::<Claim<$type>>(&format!(r#"{{"v":{value}}}"#));)* };
    }
    macro_rules! check_whole_as {
        ($($type:ty,)*) => { $(check::<$type>(value);)* };
    }

    check_claim_as! {
        (), bool, i8, i16, i32, i64, i128, u8, u16, u32, u64, u128, f32, f64, char, String,
        Cow<'static, str>, Option<i64>, Option<Option<String>>, Vec<i64>, Vec<String>,
        (i64, String), [u8; 2], Point, Newtype, Unit, Pair, Variant, Vec<Variant>, Name, Untagged,
        Tagged, TaggedBeside, Flattened, Strict, BTreeMap<String, i64>, BTreeMap<i32, i64>,
        BTreeMap<bool, Value>, BTreeMap<char, Value>, BTreeMap<Option<String>, Value>,
        BTreeMap<Name, Value>, BTreeMap<Newtype, Value>, BTreeMap<(), Value>, Box<RawValue>, Value,
        Number, AskingAny, AskingIgnored, AskingBytes, AskingByteBuf, AskingIdentifier, AskingI64,
        AskingF32, AskingI128, AskingU128, AskingOption, AskingMap, Swallowing<i8>,
        Swallowing<String>, Swallowing<Vec<i8>>, Swallowing<Option<i8>>, Swallowing<bool>,
        Swallowing<Option<Variant>>, Swallowing<BTreeMap<String, i8>>, Vec<Swallowing<i8>>, BTreeMap<String, Swallowing<i8>>, BTreeMap<Swallowing<i32>, Value>,
        BTreeMap<Swallowing<bool>, i8>, BTreeMap<Swallowing<Option<String>>, Swallowing<i8>>,
    }
    check_whole_as! {
        Value, BTreeMap<String, Value>, BTreeMap<i32, Value>, BTreeMap<Newtype, Value>,
        Option<Value>, Box<RawValue>, Variant, Untagged, Tagged, TaggedBeside, Flattened, Strict,
        Point, Swallowing<Value>, Swallowing<BTreeMap<String, i8>>, Swallowing<bool>,
        BTreeMap<Swallowing<i32>, Value>, AskingAny, AskingIgnored,
        AskingOption, AskingMap,
    }

    // What borrows, and so only from the buffer.
    let json = format!(r#"{{"v":{value}}}"#);
    let token = sign(&Header::new(), json.as_bytes(), &key()).unwrap();
    let mut buffer = Vec::new();
    let ours = decode_borrowed::<Claim<&str>>(&token, &key(), &policy(), &mut buffer);
    check_result(&json, ours.map(|data| data.claims), from_str::<Claim<&str>>(&json));
    let mut buffer = Vec::new();
    let ours = decode_borrowed::<Claim<&RawValue>>(&token, &key(), &policy(), &mut buffer);
    let theirs = from_str::<Claim<&RawValue>>(&json);
    check_result(&json, ours.map(|data| data.claims), theirs);
}

/// Writes the value in both ways, as a claim and as the claims.
pub(crate) fn check_written<V: Serialize + ?Sized>(value: &V) {
    #[derive(Serialize)]
    struct Claim<'v, V: ?Sized> {
        v: &'v V,
    }

    check_written_whole(&Claim { v: value });
    check_written_whole(value);
}

fn check_written_whole<C: Serialize + ?Sized>(claims: &C) {
    let ours = encode(claims, &key()).map(|token| {
        let verified = UnverifiedToken::parse(&token).unwrap().verify(&key()).unwrap();
        String::from_utf8(verified.payload().unwrap()).unwrap()
    });
    let theirs = match serde_json::to_string(claims) {
        Ok(json) if json.starts_with('{') => Ok(json),
        Ok(_) => Err("claims must be a JSON object: a struct or a map".into()),
        Err(error) => Err(error.to_string()),
    };
    match (ours, theirs) {
        (Ok(ours), theirs) => assert_eq!(Ok(ours), theirs),
        (Err(Error::Encode { reason }), theirs) => assert_eq!(Err(reason), theirs),
        (Err(error), _) => panic!("{error}"),
    }
}
