//! Types of every kind, and the same claims read and written as them by this crate and by
//! `serde_json`: for the tests and for fuzzing.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fmt::{self, Debug},
};

use jwt_codec::{
    Claim as RegisteredClaim, EncodeDefect, Error, Header, Key, Reason, Segment, UnverifiedToken,
    Validation, decode, decode_borrowed, encode, sign,
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
    Validation::new()
        .allow_missing_exp()
        .ignore_exp()
        .ignore_nbf()
        .ignore_audience()
        .max_token_len(usize::MAX)
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

/// Whether the policy's reading refuses it rightly: it is no JSON object, has a name twice or one
/// that is reserved, or a registered claim that cannot be read. Nothing else is refused that
/// `serde_json` takes.
fn is_rightly_malformed(json: &str, reason: &Reason) -> bool {
    let names = serde_json::from_slice::<Names>(json.as_bytes()).map(|names| names.0);
    match (names, reason) {
        (Ok(names), Reason::DuplicateName { name }) => {
            names.iter().filter(|other| *other == name).count() > 1
        }
        (_, Reason::ReservedName) => {
            // The names of the values here are spelled plainly or with an escaped dollar.
            json.replace("\\u0024", "$").contains("$serde_json::private::")
        }
        // A number or a string in a registered claim that no `Value` can hold.
        (Ok(names), Reason::Json { .. }) => {
            let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(json).unwrap();
            let is_unreadable = |name: &String| {
                let registered = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];
                registered.contains(&name.as_str())
                    && members
                        .get(name)
                        .is_some_and(|value| serde_json::from_str::<Value>(value.get()).is_err())
            };
            names.iter().any(is_unreadable)
        }
        (Ok(_), _) => false,
        (Err(_), Reason::NotAnObject { .. }) => {
            serde_json::from_str::<IgnoredAny>(json).is_ok() && !json.trim().starts_with('{')
        }
        // The fault that comes first is told; the text is none behind it, either.
        (Err(_), Reason::DuplicateName { .. }) => true,
        (Err(_), reason) => matches!(reason, Reason::Json { .. }),
    }
}

/// The names of an object, each time that one is there.
struct Names(Vec<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Names;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Names, A::Error> {
                let mut names = Vec::new();
                while let Some((name, IgnoredAny)) = map.next_entry()? {
                    names.push(name);
                }
                Ok(Names(names))
            }
        }

        deserializer.deserialize_map(Members)
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
        (Err(Error::Malformed { segment: Segment::Payload, reason }), theirs) => {
            let rightly = is_rightly_malformed(json, &reason);
            assert!(rightly, "{json} as {type_name}: {theirs:?}, not {reason}");
        }
        (Err(Error::ClaimsMismatch { message }), Err(theirs)) => {
            let names = serde_json::from_slice::<Names>(json.as_bytes());
            assert!(names.is_ok(), "{json} as {type_name}: {theirs}");
            let theirs = theirs.to_string();
            if theirs.chars().count() <= 64 && !theirs.contains(char::is_control) {
                assert_eq!(message, theirs, "{json} as {type_name}");
            }
        }
        (Err(Error::InvalidClaimType { claim, .. }), theirs) => {
            let rightly = is_of_wrong_type(json, claim);
            assert!(rightly, "{json} as {type_name}: {theirs:?}, not a wrong type of {claim}");
        }
        (Err(ours), theirs) => panic!("{json} as {type_name}: {ours}, not {theirs:?}"),
    }
}

/// Whether the registered claim is not of the type that RFC 7519 §4.1 gives it.
fn is_of_wrong_type(json: &str, claim: RegisteredClaim) -> bool {
    let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(json).unwrap();
    let value = members.get(claim.name()).unwrap().get();
    match claim {
        RegisteredClaim::Issuer | RegisteredClaim::Subject | RegisteredClaim::JwtId => {
            !value.starts_with('"')
        }
        RegisteredClaim::Audience => {
            let several = serde_json::from_str::<Vec<String>>(value);
            !value.starts_with('"') && several.is_err()
        }
        _ => serde_json::from_str::<f64>(value).is_err(),
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
    // A `RawValue` is not written as all of the claims, whatever is in it. Nor is a number under
    // `arbitrary_precision`, where serde sees an object with a reserved name.
    let is_refused = ours == Err(Error::Encode { defect: EncodeDefect::ReservedName });
    let is_raw = || std::any::type_name::<C>().contains("RawValue");
    let is_number = || {
        serde_json::to_string(claims)
            .is_ok_and(|json| serde_json::from_str::<Number>(&json).is_ok())
    };
    if is_refused && (is_raw() || is_number()) {
        return;
    }
    let theirs = match serde_json::to_string(claims) {
        Ok(json) if json.starts_with('{') => readable(without_null(json)),
        Ok(_) => Err(EncodeDefect::NotAnObject),
        Err(error) => Err(EncodeDefect::Serialize { message: error.to_string() }),
    };
    match (ours, theirs) {
        (Ok(ours), theirs) => assert_eq!(Ok(ours), theirs),
        // What is not an object is told so before any of it is serialized.
        (Err(Error::Encode { defect: EncodeDefect::NotAnObject }), Err(_)) => {}
        (Err(Error::Encode { defect }), theirs) => assert_eq!(Err(defect), theirs),
        (Err(error), _) => panic!("{error}"),
    }
}

/// The text without registered claims that are `null`.
fn without_null(json: String) -> String {
    let is_kept = |(name, value): &(String, Box<RawValue>)| {
        value.get() != "null"
            || !["exp", "sub", "aud", "iss", "nbf", "iat", "jti"].contains(&name.as_str())
    };
    match serde_json::from_str::<Members>(&json) {
        Ok(Members(members)) if !members.iter().all(is_kept) => {
            let kept = members.iter().filter(|member| is_kept(member));
            let text = kept.map(|(name, value)| format!("{}:{value}", Value::from(name.as_str())));
            format!("{{{}}}", text.collect::<Vec<_>>().join(","))
        }
        _ => json,
    }
}

/// The members of an object, in their order.
struct Members(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;

        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(MembersVisitor)
    }
}

/// The text, unless a decode refuses it.
fn readable(json: String) -> Result<String, EncodeDefect> {
    let token = sign(&Header::new(), json.as_bytes(), &key()).unwrap();
    match decode::<IgnoredAny>(&token, &key(), &policy()) {
        Ok(_) => Ok(json),
        Err(Error::Malformed { reason: Reason::DuplicateName { name }, .. }) => {
            Err(EncodeDefect::DuplicateClaim { name })
        }
        Err(Error::Malformed { reason: Reason::ReservedName, .. }) => {
            Err(EncodeDefect::ReservedName)
        }
        Err(Error::Malformed { reason, .. }) => {
            unreachable!("{json}: {reason}")
        }
        Err(Error::InvalidClaimType { claim, expected, found }) => {
            Err(EncodeDefect::ClaimType { claim, expected, found })
        }
        Err(error) => panic!("{json}: {error}"),
    }
}

/// Values, and what is nearly one.
pub(crate) const VALUES: [&str; 71] = [
    "null",
    "true",
    "false",
    "nul",
    "nullx",
    "tru",
    "truefalse",
    "True",
    "",
    " ",
    ",",
    ":",
    "-",
    "+1",
    "0",
    "-0",
    "00",
    "01",
    "-01",
    "1",
    "-1",
    "7",
    "127",
    "128",
    "-129",
    "255",
    "256",
    "1.",
    ".5",
    "1.5",
    "-1.5e-3",
    "1e3",
    "1E+2",
    "1e",
    "1e+",
    "1e400",
    "-1e400",
    "0x1",
    "1_0",
    "NaN",
    "123456789012345678",
    "1234567890123456789",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "18446744073709551615",
    "18446744073709551616",
    "340282366920938463463374607431768211456",
    "\"\"",
    "\"a\"",
    "\"7\"",
    "\"Unit\"",
    "\"New\"",
    "\"a b\"",
    "\"é\"",
    "\"\u{1f600} and more than eight bytes\"",
    "\"\\u00e9\"",
    "\"\\ud83d\\ude00\"",
    "\"\\ud800\"",
    "\"\\ud800\\u0041\"",
    "\"\\x\"",
    "\"\\u12\"",
    "\"a\\\"b\\\\\"",
    "\"\\n\\/\"",
    "\"\u{1}\"",
    "\"a tab:\t in it\"",
    "\"open",
    "\"open\\\"",
    "\u{feff}1",
    "\u{a0}1",
];

/// Names of members, in JSON, and what is nearly one.
pub(crate) const NAMES: [&str; 20] = [
    "\"x\"",
    "\"y\"",
    "\"t\"",
    "\"v\"",
    "\"Unit\"",
    "\"New\"",
    "\"Tuple\"",
    "\"Struct\"",
    "\"7\"",
    "\"true\"",
    "\"a b\"",
    "\"\\u0078\"",
    "\"é\"",
    "\"\"",
    "\"$x\"",
    "\"\\\"\"",
    "\"\u{2}\"",
    "\"$serde_json::private::RawValue\"",
    "\"$serde_json::private::Number\"",
    "x",
];
