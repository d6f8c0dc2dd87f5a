//! Claims are read and written as `serde_json` does it, whatever their type, though mostly not by
//! it: the same values and the same text, and nothing is taken that it would refuse.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fmt::{self, Debug},
};

use jwt_codec::{
    Error, Key, Reason, UnverifiedToken, Validation, decode, decode_borrowed, encode, sign,
};
use proptest::{
    collection::{btree_map, vec},
    prelude::*,
    sample::select,
};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeOwned, IgnoredAny, MapAccess, SeqAccess, Visitor},
    ser::SerializeMap,
};
use serde_json::{Number, Value, json, value::RawValue};

fn key() -> Key {
    Key::hs256([7; 32]).unwrap()
}

fn policy() -> Validation {
    Validation::new().allow_missing_exp().max_token_len(usize::MAX)
}

/// One claim of the type.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Claim<V> {
    v: V,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Point {
    x: i64,
    y: Option<f64>,
}

#[derive(Debug, PartialEq, PartialOrd, Eq, Ord, Serialize, Deserialize)]
struct Newtype(String);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Unit;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Pair(i64, String);

#[derive(Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
enum Variant {
    Unit,
    New(i64),
    Tuple(i64, String),
    Struct { x: i64 },
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Name {
    Unit,
    #[serde(rename = "a b")]
    Spaced,
    #[serde(rename = "\"")]
    Quoted,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Untagged {
    Number(f64),
    Text(String),
    Point(Point),
    List(Vec<Untagged>),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t")]
enum Tagged {
    Unit,
    Struct { x: i64 },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", content = "x")]
enum TaggedBeside {
    Unit,
    New(i64),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Flattened {
    x: i64,
    #[serde(flatten)]
    rest: BTreeMap<String, Value>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Strict {
    #[serde(default)]
    x: i8,
}

/// Takes its default for whatever does not fit.
#[derive(Debug, PartialEq)]
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
    let token = sign(&jwt_codec::Header::new(), json.as_bytes(), &key()).unwrap();
    match decode::<IgnoredAny>(&token, &key(), &policy()) {
        Ok(_) => true,
        Err(Error::Malformed { reason, .. }) => {
            if !matches!(reason, Reason::DuplicateName { .. } | Reason::ReservedName { .. }) {
                let is_object = serde_json::from_str::<BTreeMap<String, IgnoredAny>>(json).is_ok();
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
fn check<C: DeserializeOwned + Debug>(json: &str) {
    let token = sign(&jwt_codec::Header::new(), json.as_bytes(), &key()).unwrap();
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

fn check_as_all_types(value: &str) {
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
        Swallowing<BTreeMap<String, i8>>, Vec<Swallowing<i8>>, BTreeMap<String, Swallowing<i8>>,
    }
    check_whole_as! {
        Value, BTreeMap<String, Value>, BTreeMap<i32, Value>, BTreeMap<Newtype, Value>,
        Option<Value>, Box<RawValue>, Variant, Untagged, Tagged, TaggedBeside, Flattened, Strict,
        Point, Swallowing<Value>, Swallowing<BTreeMap<String, i8>>, AskingAny, AskingIgnored,
        AskingOption, AskingMap,
    }

    // What borrows, and so only from the buffer.
    let json = format!(r#"{{"v":{value}}}"#);
    let token = sign(&jwt_codec::Header::new(), json.as_bytes(), &key()).unwrap();
    let mut buffer = Vec::new();
    let ours = decode_borrowed::<Claim<&str>>(&token, &key(), &policy(), &mut buffer);
    check_result(&json, ours.map(|data| data.claims), from_str::<Claim<&str>>(&json));
    let mut buffer = Vec::new();
    let ours = decode_borrowed::<Claim<&RawValue>>(&token, &key(), &policy(), &mut buffer);
    let theirs = from_str::<Claim<&RawValue>>(&json);
    check_result(&json, ours.map(|data| data.claims), theirs);
}

/// Values, and what is nearly one.
const VALUES: [&str; 71] = [
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

const NAMES: [&str; 20] = [
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

fn spaces() -> impl Strategy<Value = &'static str> {
    prop_oneof![8 => Just(""), 1 => select(vec![" ", "\t\r\n ", "\u{b}", "\u{a0}"])]
}

/// JSON as often as not.
fn text() -> impl Strategy<Value = String> {
    let leaf = (spaces(), select(VALUES.to_vec()), spaces())
        .prop_map(|(before, value, behind)| [before, value, behind].concat());
    leaf.prop_recursive(4, 24, 4, |inner| {
        let end = prop_oneof![12 => Just(""), 1 => Just(","), 1 => Just(" 1"), 1 => Just("}")];
        let member = (spaces(), select(NAMES.to_vec()), spaces(), inner.clone())
            .prop_map(|(before, name, behind, value)| [before, name, behind, ":", &value].concat());
        let list = (vec(inner.clone(), 0..4), end.clone())
            .prop_map(|(elements, end)| format!("[{}{end}]", elements.join(",")));
        let object = (vec(member, 0..4), end)
            .prop_map(|(members, end)| format!("{{{}{end}}}", members.join(",")));
        prop_oneof![list, object]
    })
}

#[test]
fn any_value_is_read_as_any_type() {
    for value in VALUES {
        check_as_all_types(value);
        for around in
            ["[", "[[", "[1,", "{\"x\":", "{\"x\":1,\"y\":", "{\"New\":", "{\"t\":", "{\"a\":["]
        {
            let ends = around.chars().rev().filter_map(|open| match open {
                '[' => Some(']'),
                '{' => Some('}'),
                _ => None,
            });
            let ends = String::from_iter(ends);
            check_as_all_types(&format!("{around}{value}{ends}"));
        }
    }
    for name in NAMES {
        check_as_all_types(&format!("{{{name}:1}}"));
        check_as_all_types(&format!("{{\"x\":0,{name}:\"Unit\",\"z\":{{{name}:[]}}}}"));
    }
}

/// Writes the value in both ways, as a claim and as the claims.
fn check_written<V: Serialize + ?Sized>(value: &V) {
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

/// Writes by way of its `Display`, in pieces.
struct Displayed;

impl fmt::Display for Displayed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("half a \"line\"\n and ")?;
        f.write_str("\u{1}\u{7f}\u{e9}")
    }
}

impl Serialize for Displayed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

struct Bytes(&'static [u8]);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

/// A map whose entries come in halves, under any key.
struct Halves<K>(Vec<K>);

impl<K: Serialize> Serialize for Halves<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for key in &self.0 {
            map.serialize_key(key)?;
            map.serialize_value(&[(), ()])?;
        }
        map.end()
    }
}

struct Failing;

impl Serialize for Failing {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("no \"wonder\""))
    }
}

#[test]
fn nesting_is_as_deep_as_it_may_be() {
    for depth in [120, 125, 126, 127, 128, 129, 200] {
        for (open, close) in [("[", "]"), ("{\"x\":", "}")] {
            let value = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            check::<Claim<Value>>(&format!(r#"{{"v":{value}}}"#));
            check::<Claim<IgnoredAny>>(&format!(r#"{{"v":{value}}}"#));
            check::<Value>(&value);
        }
    }
}

#[test]
fn any_type_is_written() {
    macro_rules! check_each {
        ($($value:expr,)*) => { $(check_written(&$value);)* };
    }

    check_each! {
        (), true, false, i8::MIN, i8::MAX, i16::MIN, i32::MIN, i64::MIN, i64::MAX, i128::MIN,
        i128::MAX, u8::MAX, u16::MAX, u32::MAX, 0_u64, 9_u64, 10_u64, 1234_i64, -1, u64::MAX,
        u128::MAX, 0.0_f32, 0.1_f32, f32::MAX, f32::MIN_POSITIVE, f32::NAN, f32::INFINITY, 0.0_f64,
        -0.0_f64, 0.1_f64, 1e300_f64, 5e-324_f64, 1e15, 1e16, 1e17, f64::NAN, f64::NEG_INFINITY,
        'a', '"', '\u{1f600}', "", "a", "a\"b\\c/d", Some(1), None::<i64>, Some(Some("a")),
        Some(None::<i64>), Vec::<i64>::new(), vec![vec![1], vec![]], (1, "a", 2.5), [1_u8; 3],
        Bytes(b""), Bytes(b"a\xff"), Unit, Newtype("a".into()), Pair(1, "a".into()), Displayed,
        Variant::Unit, Variant::New(1), Variant::Tuple(1, "a".into()), Variant::Struct { x: 1 },
        [Variant::New(1), Variant::Unit, Variant::Struct { x: -1 }], Name::Spaced, Name::Quoted,
        Untagged::List(vec![Untagged::Number(1.0)]), Tagged::Unit, Tagged::Struct { x: 1 },
        TaggedBeside::Unit, TaggedBeside::New(1), Point { x: 1, y: None },
        Flattened { x: 1, rest: BTreeMap::from([("y".into(), json!({ "a": [null, 1.5] }))]) },
        BTreeMap::<String, i64>::new(), BTreeMap::from([("a", 1), ("b", 2)]),
        BTreeMap::from([(Name::Unit, 1), (Name::Quoted, 2)]), BTreeMap::from([('a', 1), ('"', 2)]),
        BTreeMap::from([(-1, 1), (7, 2)]), BTreeMap::from([(u128::MAX, 1)]),
        BTreeMap::from([(true, 1)]), BTreeMap::from([(Newtype("a".into()), 1)]),
        BTreeMap::from([(Some("a"), 1)]), BTreeMap::from([(Some(7), 1)]),
        BTreeMap::from([(None::<&str>, 1)]), BTreeMap::from([((), 1)]),
        BTreeMap::from([(vec![1], 1)]), Halves(vec!["a", "b"]), Halves(vec![1.5, 0.1]),
        Halves(vec![0.1_f32]), Halves(vec![f64::NAN]), Halves(vec![Displayed]),
        Halves(vec![Bytes(b"a")]), Halves(vec![Variant::New(1)]), Halves(vec![Failing]),
        Value::Null, json!({ "a": { "b": [1, -1, 1.5, "c", null, true, { }] } }),
        Number::from_f64(0.1), Number::from(u64::MAX), Failing, (1, Failing), Some(Failing),
        RawValue::from_string("[1, 2 ]".into()).unwrap(), *"a str",
        vec![RawValue::from_string("{ }".into()).unwrap()], format_args!("{}-{}", 1, '"'),
    }
}

/// Up to where the text outgrows the stack, and beyond.
#[test]
fn claims_of_any_length_are_written() {
    for len in (0..600).chain([1000, 5000]) {
        check_written(&"x".repeat(len));
        check_written(&BTreeMap::from([("x".repeat(len), 1)]));
        check_written(&BTreeMap::from([(u64::try_from(len).unwrap(), "x".repeat(len))]));
        check_written(&(("x".repeat(len), -123_456), [("\"".repeat(len), true)]));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_as_any_type(text in text()) {
        check_as_all_types(&text);
    }

    #[test]
    fn any_string_and_number_is_written(
        text in ".{0,40}",
        control in "[\\x00-\\x7f]{0,20}",
        integer in any::<i64>(),
        float in any::<f64>(),
        single in any::<f32>(),
        map in btree_map("[a-z\\x00-\\x23\\\\]{0,9}", any::<u32>(), 0..6),
    ) {
        check_written(&(&text, &control, integer, float, single, &map));
        check_written(&map);
        check_written(&BTreeMap::from([(control, text)]));
    }
}
