//! `serde_json` reads and writes the claims, whatever their type. The policy reads them first. That changes
//! no value and no text, accepts nothing that `serde_json` would reject, and rejects only duplicate and
//! reserved names. Registered claims that are `null` are left out when they are written.

#[path = "support/any_type.rs"]
mod any_type;

use std::{collections::BTreeMap, fmt};

use any_type::{
    Claim, Flattened, NAMES, Name, Newtype, Pair, Point, Tagged, TaggedBeside, Unit, Untagged,
    VALUES, Variant, check, check_as_all_types, check_written,
};
use serde::{
    Serialize, Serializer,
    de::IgnoredAny,
    ser::{SerializeMap, SerializeSeq},
};
use serde_json::{Number, Value, json, value::RawValue};

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
            let ends: String = ends.collect();
            check_as_all_types(&format!("{around}{value}{ends}"));
        }
    }
    for broken in [
        "[,1]",
        "[1,,2]",
        "[1,]",
        "[1 2]",
        "[1",
        "[1}",
        "[",
        "]",
        "{,\"x\":1}",
        "{\"x\":1,,\"y\":2}",
        "{\"x\":1,}",
        "{\"x\":1 \"y\":2}",
        "{\"x\" 1}",
        "{\"x\",1}",
        "{\"x\":}",
        "{\"x\"}",
        "{\"x\":1",
        "{\"x\":1]",
        "{x:1}",
        "{1:1}",
        "{\"x\"::1}",
        "{:1}",
        "{\"New\":1,\"x\":1}",
        "{,\"New\":1}",
    ] {
        check_as_all_types(broken);
    }
    for name in NAMES {
        check_as_all_types(&format!("{{{name}:1}}"));
        check_as_all_types(&format!("{{\"x\":0,{name}:\"Unit\",\"z\":{{{name}:[]}}}}"));
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

/// Elements that may fail unnoticed.
struct Careless<T>(Vec<T>);

impl<T: Serialize> Serialize for Careless<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(None)?;
        for element in &self.0 {
            seq.serialize_element(element).unwrap_or_default();
        }
        seq.end()
    }
}

/// Written under the name that `serde_json` keeps for it.
#[derive(Serialize)]
struct FlatRaw {
    #[serde(flatten)]
    raw: Box<RawValue>,
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
    check_written(&json!({ "z": null, "exp": null, "a\n": [null], "sub": null }));
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
        Halves(vec!["a", "b", "a"]), Halves(vec!["é", "\u{e9}"]), Halves(vec!["a", "A"]),
        Flattened { x: 1, rest: BTreeMap::from([("x".into(), json!(2))]) },
        Halves(vec!["$serde_json::private::RawValue"]), Halves(vec!["a", "$serde_json::private::"]),
        FlatRaw { raw: RawValue::from_string("{\"a\":1}".into()).unwrap() },
        [FlatRaw { raw: RawValue::from_string("{\"a\":1}".into()).unwrap() }],
        RawValue::from_string("{\"a\":1,\"\\u0061\":2}".into()).unwrap(),
        RawValue::from_string("{\"\\ud800\":1}".into()).unwrap(),
        RawValue::from_string("{\"a\":\"\\ud800\"}".into()).unwrap(),
        RawValue::from_string(" {}".into()).unwrap(),
        Careless(vec![RawValue::from_string("{ }".into()).unwrap()]), Careless(vec![1, 2]), vec![RawValue::from_string("{ }".into()).unwrap()], format_args!("{}-{}", 1, '"'),
    }
}

/// Up to where the text outgrows the buffer that it starts with, and beyond.
#[test]
fn claims_of_any_length_are_written() {
    for len in (0..600).chain([1000, 5000]) {
        check_written(&"x".repeat(len));
        check_written(&BTreeMap::from([("x".repeat(len), 1)]));
        check_written(&BTreeMap::from([(u64::try_from(len).unwrap(), "x".repeat(len))]));
        check_written(&(("x".repeat(len), -123_456), [("\"".repeat(len), true)]));
    }
}
