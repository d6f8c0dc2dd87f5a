//! Claims of every shape: the registered ones beside one's own, and types that are not read as a
//! map.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

#[path = "support/forge.rs"]
mod forge;

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    time::{Duration, SystemTime},
};

use forge::{forge_claims, key};
use jwt_codec::{
    Audience, Claim, Claims, EncodeDefect, Error, JsonType, NumericDate, RegisteredClaims,
    TokenData, Validation,
    dangerous::{UnverifiedData, decode_unverified},
    decode, decode_borrowed, encode,
};
use serde::{
    Deserialize, Serialize,
    de::{
        DeserializeOwned, IgnoredAny,
        value::{self, BytesDeserializer, MapDeserializer},
    },
};
use serde_json::{Map, Value, json, value::RawValue};

const NOW: i64 = 1_600_000_000;

fn validation() -> Validation {
    Validation::new().at(NumericDate::from_secs(NOW)).allow_missing_exp().ignore_audience()
}

fn read<C: DeserializeOwned>(json: &str) -> Result<C, Error> {
    decode(&forge_claims(json), &key(), &validation()).map(|data| data.claims)
}

fn unserializable(message: &str) -> Error {
    Error::Encode { defect: EncodeDefect::Serialize { message: message.into() } }
}

fn written<C: Serialize>(claims: &C) -> String {
    let token = encode(claims, &key()).unwrap();
    let payload = token.split('.').nth(1).unwrap();
    let json = base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, payload).unwrap();
    String::from_utf8(json).unwrap()
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Session {
    roles: Vec<String>,
    n: Option<i64>,
}

fn full() -> Claims<Session> {
    Claims::new(Session { roles: vec!["admin".into(), "é\"".into()], n: Some(-1) })
        .issuer("i")
        .subject("s")
        .audience(["a", "b"])
        .expires_at(NumericDate::from_secs(NOW + 1))
        .not_before(NumericDate::from_secs(NOW))
        .issued_at(NumericDate::from_secs(NOW - 1))
        .id("j")
}

#[test]
fn claims_are_one_flat_object() {
    let json = r#"{"iss":"i","sub":"s","aud":["a","b"],"exp":1600000001,"nbf":1600000000,"iat":1599999999,"jti":"j","roles":["admin","é\""],"n":-1}"#;
    assert_eq!(written(&full()), json);
    assert_eq!(read::<Claims<Session>>(json).unwrap(), full());
    assert_eq!(serde_json::from_str::<Claims<Session>>(json).unwrap(), full());
    assert_eq!(serde_json::from_value::<Claims<Session>>(json!(full())).unwrap(), full());
    // In any order, and with unknown members.
    let mixed = r#"{"n":-1,"exp":1600000001,"jti":"j","x":{"exp":0},"roles":["admin","é\""],"aud":["a","b"],"iat":1599999999,"sub":"s","nbf":1600000000,"iss":"i"}"#;
    assert_eq!(read::<Claims<Session>>(mixed).unwrap(), full());
    assert_eq!(read::<RegisteredClaims>(mixed).unwrap(), full().registered);
    assert_eq!(
        written(&full().registered),
        json.split_once(r#","roles"#).unwrap().0.to_owned() + "}"
    );
}

/// The type of one's own sees its own members only.
#[test]
fn custom_claims_see_no_registered_one() {
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Strict {
        a: u8,
    }

    let json = r#"{"exp":1600000001,"a":1,"sub":"s"}"#;
    assert_eq!(read::<Claims<Strict>>(json).unwrap().custom, Strict { a: 1 });
    let map = read::<Claims<BTreeMap<String, u8>>>(json).unwrap().custom;
    assert_eq!(map, BTreeMap::from([("a".into(), 1)]));
    assert_eq!(read::<Claims<Map<String, Value>>>(json).unwrap().custom.len(), 1);
    assert_eq!(read::<Claims<Value>>(json).unwrap().custom, json!({ "a": 1 }));
    let error = read::<Claims<Strict>>(r#"{"a":1,"b":2}"#).unwrap_err();
    assert_eq!(error.code(), "claims_mismatch");
}

#[test]
fn custom_claims_of_every_shape() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Unit;
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Wrapper(Session);
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind")]
    enum Tagged {
        Admin { level: u8 },
        Guest,
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(untagged)]
    enum Untagged {
        Admin { level: u8 },
        Guest { name: String },
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Level {
        level: u8,
    }
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Flat {
        #[serde(flatten)]
        level: Level,
        b: u8,
    }

    fn both_ways<T>(custom: T, json: &str)
    where
        T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
    {
        let claims = Claims::new(custom).subject("s");
        assert_eq!(written(&claims), json);
        assert_eq!(read::<Claims<T>>(json).unwrap(), claims);
    }

    both_ways((), r#"{"sub":"s"}"#);
    both_ways(Unit, r#"{"sub":"s"}"#);
    both_ways(Wrapper(Session { roles: vec![], n: None }), r#"{"sub":"s","roles":[],"n":null}"#);
    both_ways(Some(Session { roles: vec![], n: None }), r#"{"sub":"s","roles":[],"n":null}"#);
    both_ways(Tagged::Admin { level: 1 }, r#"{"sub":"s","kind":"Admin","level":1}"#);
    both_ways(Tagged::Guest, r#"{"sub":"s","kind":"Guest"}"#);
    both_ways(Untagged::Guest { name: "n".into() }, r#"{"sub":"s","name":"n"}"#);
    both_ways(BTreeMap::from([("m".to_owned(), 1)]), r#"{"sub":"s","m":1}"#);
    both_ways(json!({ "a": [1.5, null] }), r#"{"sub":"s","a":[1.5,null]}"#);
    both_ways(Box::new(Flat { level: Level { level: 1 }, b: 2 }), r#"{"sub":"s","level":1,"b":2}"#);
    assert_eq!(written(&Claims::new(None::<Session>).subject("s")), r#"{"sub":"s"}"#);
    // Other members are passed over where there is nothing of one's own.
    assert_eq!(read::<Claims<()>>(r#"{"sub":"s","x":[1]}"#).unwrap(), Claims::new(()).subject("s"));
}

/// Neither is ever read as absent without a word.
#[test]
fn custom_fields_must_not_have_a_registered_name() {
    macro_rules! field {
        ($($name:ident)*) => {
            $({
                #[derive(Debug, Default, Serialize, Deserialize)]
                struct Clash {
                    a: u8,
                    #[serde(default, skip_serializing_if = "Option::is_none")]
                    $name: Option<Value>,
                }

                let name = stringify!($name);
                let fault = format!("\"{name}\" belongs in Claims::registered");
                let encode = |custom| encode(&Claims::new(custom), &key());
                let refused = Err(unserializable(&fault));
                assert_eq!(encode(Clash { a: 1, $name: Some(json!("x")) }), refused);
                // Also one that is left out this time.
                assert_eq!(encode(Clash { a: 1, $name: None }), refused);
                for json in [r#"{"a":1}"#, &json!({ "a": 1, name: value_of(name) }).to_string()] {
                    let error = read::<Claims<Clash>>(json).unwrap_err();
                    let message = format!("{fault} at line 1 column 1");
                    assert_eq!(error, Error::ClaimsMismatch { message }, "{json}");
                    assert!(serde_json::from_str::<Claims<Clash>>(json).is_err());
                }
            })*
        };
    }
    /// One of the right type.
    fn value_of(name: &str) -> Value {
        match name {
            "exp" => json!(NOW + 1),
            "nbf" | "iat" => json!(NOW),
            _ => json!("x"),
        }
    }

    field!(iss sub aud exp nbf iat jti);
}

/// What has no fields that serde would tell is seen when it is read again.
#[test]
fn no_claim_is_written_twice() {
    let all = full().registered;
    for name in ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"] {
        let claims = Claims { registered: all.clone(), custom: json!({ name: 1 }) };
        let defect = EncodeDefect::DuplicateClaim { name: name.into() };
        assert_eq!(encode(&claims, &key()), Err(Error::Encode { defect }));
    }
    // Once it is a claim like the one in `registered`, which it is read as.
    let claims = Claims::new(json!({ "exp": NOW + 1, "a": 1 }));
    let token = encode(&claims, &key()).unwrap();
    let read = decode::<Claims<Value>>(&token, &key(), &validation()).unwrap().claims;
    let exp = NumericDate::from_secs(NOW + 1);
    assert_eq!(read, Claims::new(json!({ "a": 1 })).expires_at(exp));
    assert!(encode(&Claims::new(json!({ "Exp": "x", "exp ": "x" })), &key()).is_ok());
}

/// What a decode would refuse is not signed: `sign` takes any bytes, for those who must.
#[test]
fn encode_writes_only_what_decode_takes() {
    #[derive(Serialize)]
    struct Twice {
        role: u8,
        #[serde(flatten)]
        rest: BTreeMap<String, u8>,
    }

    let (string, number) = ("a string", "a number");
    for (claims, claim, expected, found) in [
        (json!({ "exp": "in an hour" }), Claim::ExpirationTime, number, JsonType::String),
        (json!({ "nbf": true }), Claim::NotBefore, number, JsonType::Bool),
        (json!({ "iat": [1] }), Claim::IssuedAt, number, JsonType::Array),
        (json!({ "iss": {} }), Claim::Issuer, string, JsonType::Object),
        (json!({ "sub": 42 }), Claim::Subject, string, JsonType::Number),
        (json!({ "jti": 1 }), Claim::JwtId, string, JsonType::Number),
        (
            json!({ "aud": ["a", 1] }),
            Claim::Audience,
            "a string or an array of strings",
            JsonType::Array,
        ),
    ] {
        let refused = Error::Encode { defect: EncodeDefect::ClaimType { claim, expected, found } };
        assert_eq!(encode(&claims, &key()), Err(refused.clone()));
        assert_eq!(encode(&Claims::new(claims), &key()), Err(refused));
    }
    // Nor a name twice, of whatever claim.
    let twice = Twice { role: 1, rest: BTreeMap::from([("role".into(), 2)]) };
    let defect = EncodeDefect::DuplicateClaim { name: "role".into() };
    assert_eq!(encode(&twice, &key()), Err(Error::Encode { defect }));
}

/// Absent is what `None` and `null` of a registered claim mean, whatever type they come from.
#[test]
fn registered_claims_that_are_null_are_left_out() {
    #[derive(Serialize)]
    struct Newtype(Option<u8>);
    #[derive(Serialize)]
    struct Unit;
    #[derive(Serialize)]
    struct Own {
        a: Option<u8>,
        exp: Option<i64>,
        sub: Option<String>,
        nbf: Newtype,
        iat: (),
        #[serde(flatten)]
        rest: BTreeMap<String, Option<f64>>,
    }

    let rest = BTreeMap::from([("iss".to_owned(), None), ("b".to_owned(), None)]);
    let own = Own { a: None, exp: None, sub: None, nbf: Newtype(None), iat: (), rest };
    assert_eq!(written(&own), r#"{"a":null,"b":null}"#);
    let all = json!({ "iss": null, "sub": null, "aud": null, "exp": null, "nbf": null, "iat": null, "jti": null });
    assert_eq!(written(&all), "{}");
    assert_eq!(written(&Claims::new(all.clone())), "{}");
    assert_eq!(written(&Claims::new(all).subject("ada")), r#"{"sub":"ada"}"#);
    let raw = BTreeMap::from([("exp", RawValue::from_string("null".into()).unwrap())]);
    assert_eq!(written(&raw), "{}");
    assert_eq!(written(&BTreeMap::from([("exp", Some(()))])), "{}");
    assert_eq!(written(&BTreeMap::from([("exp", Some(Unit))])), "{}");
}

/// A type that hands over JSON text is held to what a `decode` could read.
#[test]
fn raw_json_of_a_registered_claim_is_read_before_it_is_signed() {
    let long = "9".repeat(400);
    for (name, json, error) in [
        ("sub", r#""\ud800""#, "unexpected end of hex escape at line 1 column 8"),
        ("exp", &*long, "number out of range at line 1 column 400"),
    ] {
        let raw = RawValue::from_string(json.into()).unwrap();
        let refused = encode(&BTreeMap::from([(name, raw)]), &key()).unwrap_err();
        assert_eq!(
            refused.to_string(),
            format!(
                "cannot encode: the claim \"{name}\" would be refused: it cannot be read as JSON: {error}"
            )
        );
    }
}

/// JSON writes such a float as `null`, but it is not `None`.
#[test]
fn a_date_that_is_not_a_number_is_refused() {
    #[derive(Serialize)]
    struct Seconds(f64);

    let refused = |claim| Err(Error::Encode { defect: EncodeDefect::NotFinite { claim } });
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let exp = BTreeMap::from([("exp", number)]);
        assert_eq!(encode(&exp, &key()), refused(Claim::ExpirationTime));
        let nbf = BTreeMap::from([("nbf", Some(Seconds(number)))]);
        assert_eq!(encode(&nbf, &key()), refused(Claim::NotBefore));
        let iat = BTreeMap::from([("iat", f32::NAN)]);
        assert_eq!(encode(&Claims::new(iat), &key()), refused(Claim::IssuedAt));
        assert_eq!(written(&BTreeMap::from([("a", number)])), r#"{"a":null}"#);
    }
}

/// `serde_json` would write the name under which it keeps such a value.
#[test]
fn a_raw_value_is_not_flattened() {
    #[derive(Serialize)]
    struct Flat {
        #[serde(flatten)]
        raw: Box<RawValue>,
    }

    let raw = || RawValue::from_string(r#"{"a":1}"#.into()).unwrap();
    for refused in [
        encode(&Flat { raw: raw() }, &key()),
        encode(&Claims::new(raw()), &key()),
        encode(&raw(), &key()),
    ] {
        assert_eq!(refused, Err(Error::Encode { defect: EncodeDefect::ReservedName }));
    }
    assert_eq!(written(&BTreeMap::from([("a", raw())])), r#"{"a":{"a":1}}"#);
}

#[test]
fn an_externally_tagged_enum_is_refused_both_ways() {
    #[derive(Debug, Serialize, Deserialize)]
    enum External {
        Unit,
        New(u8),
        Tuple(u8, u8),
        Struct { a: u8 },
    }

    let fault = "an enum of claims needs #[serde(tag)]";
    for (custom, json) in [
        (External::Unit, r#"{"Unit":null}"#),
        (External::New(1), r#"{"New":1}"#),
        (External::Tuple(1, 2), r#"{"Tuple":[1,2]}"#),
        (External::Struct { a: 1 }, r#"{"Struct":{"a":1}}"#),
    ] {
        let refused = encode(&Claims::new(custom), &key());
        assert_eq!(refused, Err(unserializable(fault)));
        let error = read::<Claims<External>>(json).unwrap_err();
        let message = format!("{fault} at line 1 column 1");
        assert_eq!(error, Error::ClaimsMismatch { message }, "{json}");
        // As all of the claims it is read.
        assert!(read::<External>(json).is_ok(), "{json}");
    }
}

/// The commonest shape: the registered claims flattened into a struct, before a map for the rest.
#[test]
fn registered_claims_are_flattened_before_a_map() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Mine {
        #[serde(flatten)]
        registered: RegisteredClaims,
        role: String,
        #[serde(flatten)]
        rest: BTreeMap<String, Value>,
    }

    let mine = Mine {
        registered: full().registered,
        role: "admin".into(),
        rest: BTreeMap::from([("a".into(), json!([1, null]))]),
    };
    let json = r#"{"iss":"i","sub":"s","aud":["a","b"],"exp":1600000001,"nbf":1600000000,"iat":1599999999,"jti":"j","role":"admin","a":[1,null]}"#;
    assert_eq!(written(&mine), json);
    assert_eq!(read::<Mine>(json).unwrap(), mine);
}

#[test]
fn custom_claims_must_be_an_object() {
    #[derive(Serialize)]
    struct Tuple(u8, u8);
    fn refused(custom: impl Serialize) {
        let error = encode(&Claims::new(custom), &key()).unwrap_err();
        assert_eq!(error, unserializable("custom claims must be a struct or a map"));
    }

    refused(1_u8);
    refused(1_u16);
    refused(1_u32);
    refused(1_u64);
    refused(1_i8);
    refused(1_i16);
    refused(1_i32);
    refused(1_i64);
    refused(1.0_f32);
    refused(1.0_f64);
    refused(true);
    refused('c');
    refused("text");
    refused([1, 2]);
    refused(vec![1]);
    refused((1, 2));
    refused(Tuple(1, 2));
}

#[test]
fn a_type_that_breaks_the_rules_of_serde_is_not_signed() {
    use serde::ser::SerializeMap;

    #[derive(Clone, Copy)]
    enum Step {
        Key(&'static str),
        Value(Option<i64>),
        IgnoringErrors(&'static str, &'static str),
    }
    use Step::{IgnoringErrors, Key, Value};

    struct Steps(&'static [Step]);
    impl Serialize for Steps {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(None)?;
            for &step in self.0 {
                match step {
                    Key(key) => map.serialize_key(key)?,
                    Value(value) => map.serialize_value(&value)?,
                    IgnoringErrors(key, value) => {
                        assert!(map.serialize_entry(key, value).is_err());
                    }
                }
            }
            map.end()
        }
    }

    let no_value = EncodeDefect::Serialize { message: "a claim has no value".into() };
    let no_name = EncodeDefect::Serialize { message: "a claim has no name".into() };
    let ignored = EncodeDefect::Serialize { message: "its type ignored an error".into() };
    for (steps, defect) in [
        (&[Key("sub"), Key("x"), Value(Some(1))][..], &no_value),
        (&[Key("x"), Value(Some(1)), Key("exp")], &no_value),
        (&[Value(Some(1))], &no_name),
        (&[Key("x"), Value(Some(1)), Value(Some(2))], &no_name),
        // The value would be appended to that of `exp`.
        (
            &[Key("exp"), Value(Some(1)), Key("iat"), Value(None), Value(Some(999_999_999))],
            &no_name,
        ),
        (&[IgnoringErrors("exp", "never")], &ignored),
        (&[Key("x"), Value(Some(1)), IgnoringErrors("x", "y"), Key("z"), Value(None)], &ignored),
    ] {
        let refused = Err(Error::Encode { defect: defect.clone() });
        assert_eq!(encode(&Steps(steps), &key()), refused);
        // `Claims` writes into the same map.
        assert_eq!(encode(&Claims::new(Steps(steps)), &key()), refused);
    }
}

/// After an error the text need not be JSON, whatever the type writes then.
#[test]
fn a_type_that_ignores_errors_is_not_signed() {
    use serde::ser::{
        SerializeMap, SerializeStruct, SerializeStructVariant, SerializeTupleVariant,
    };

    #[derive(Clone, Copy)]
    enum Careless {
        Name,
        NameThenValue,
        Value,
        RejectedValue,
        ValueWithoutName,
        Field,
        TupleVariant,
        StructVariant,
    }
    impl Serialize for Careless {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let unwritable = [BTreeMap::from([([0], 1)])];
            match self {
                Self::Field => {
                    let mut object = serializer.serialize_struct("S", 2)?;
                    let _ = object.serialize_field("a", &unwritable);
                    let _ = object.serialize_field("b", &1);
                    object.end()
                }
                Self::TupleVariant => {
                    let mut tuple = serializer.serialize_tuple_variant("E", 0, "V", 2)?;
                    let _ = tuple.serialize_field(&unwritable);
                    let _ = tuple.serialize_field(&1);
                    tuple.end()
                }
                Self::StructVariant => {
                    let mut object = serializer.serialize_struct_variant("E", 0, "V", 2)?;
                    let _ = object.serialize_field("x", &unwritable);
                    let _ = object.serialize_field("y", &1);
                    object.end()
                }
                in_map => {
                    let mut map = serializer.serialize_map(None)?;
                    map.serialize_entry("nbf", &1_700_000_000)?;
                    match in_map {
                        Self::Name | Self::NameThenValue => _ = map.serialize_key(&[1]),
                        Self::Value => _ = map.serialize_entry("a", &unwritable),
                        Self::RejectedValue => _ = map.serialize_entry("exp", "never"),
                        _ => {}
                    }
                    match in_map {
                        Self::Name => _ = map.serialize_entry("b", &1),
                        _ => _ = map.serialize_value(&1),
                    }
                    map.end()
                }
            }
        }
    }

    let ignored = unserializable("its type ignored an error");
    let in_maps = [
        Careless::Name,
        Careless::NameThenValue,
        Careless::Value,
        Careless::RejectedValue,
        Careless::ValueWithoutName,
    ];
    for careless in in_maps {
        assert_eq!(encode(&Claims::new(careless), &key()), Err(ignored.clone()));
    }
    let variants = [Careless::Field, Careless::TupleVariant, Careless::StructVariant];
    for careless in in_maps.into_iter().chain(variants) {
        assert_eq!(encode(&careless, &key()), Err(ignored.clone()));
    }
}

/// The limit of `serde_json`, with the claims as one more level.
#[test]
fn a_value_is_read_up_to_126_levels_deep() {
    for (depth, is_read) in [(126, true), (127, false)] {
        let nested = (1..depth).fold(json!([]), |inner, _| json!([inner]));
        let claims = Claims::new(BTreeMap::from([("x".to_owned(), nested)]));
        let token = encode(&claims, &key()).unwrap();
        let data = decode::<Claims<BTreeMap<String, Value>>>(&token, &key(), &validation());
        match data {
            Ok(data) => assert_eq!((data.claims, true), (claims, is_read)),
            Err(error) => assert_eq!((error.code(), false), ("claims_mismatch", is_read)),
        }
    }
}

#[test]
fn what_does_not_serialize_is_an_error_and_leaves_the_string_alone() {
    struct Fails;
    impl Serialize for Fails {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("no"))
        }
    }

    let mut out = String::from("before");
    let header = jwt_codec::Header::new();
    let mut refused = |claims: &dyn Fn(&mut String) -> Result<(), Error>, defect: EncodeDefect| {
        let error = claims(&mut out).unwrap_err();
        assert_eq!(error, Error::Encode { defect });
        assert_eq!(out, "before");
    };
    refused(
        &|out| jwt_codec::encode_into(&header, &Fails, &key(), out),
        EncodeDefect::Serialize { message: "no".into() },
    );
    let not_an_object = || EncodeDefect::NotAnObject;
    refused(&|out| jwt_codec::encode_into(&header, &1, &key(), out), not_an_object());
    refused(&|out| jwt_codec::encode_into(&header, "{}", &key(), out), not_an_object());
    refused(&|out| jwt_codec::encode_into(&header, &(), &key(), out), not_an_object());
    refused(&|out| jwt_codec::encode_into(&header, &json!([{}]), &key(), out), not_an_object());
    let long = header.clone().with_kid("k".repeat(9000));
    refused(
        &|out| jwt_codec::encode_into(&long, &json!({}), &key(), out),
        EncodeDefect::HeaderTooLong { len: 12_048, max: 8192 },
    );
    jwt_codec::encode_into(&header, &json!({}), &key(), &mut out).unwrap();
    assert_eq!(out, format!("before{}", encode(&json!({}), &key()).unwrap()));
}

/// Around the size at which the JSON leaves the stack, both ways, and far beyond.
#[test]
fn claims_of_every_size() {
    for len in (0..40).chain(470..520).chain(980..1060).chain([4095, 8192, 40_000]) {
        let claims = json!({ "a": "x".repeat(len), "b": [len] });
        let token = encode(&claims, &key()).unwrap();
        let data = decode::<Value>(&token, &key(), &validation()).unwrap();
        assert_eq!(data.claims, claims);
        let mut buffer = vec![0xff; 10];
        let data = decode_borrowed::<Value>(&token, &key(), &validation(), &mut buffer).unwrap();
        assert_eq!(data.claims, claims);
    }
}

/// Types that are not read as a map work too, and their registered claims are checked.
#[test]
fn types_that_are_no_map() {
    #[derive(Debug, PartialEq, Deserialize)]
    enum External {
        Admin(u8),
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Wrapper(BTreeMap<String, Value>);
    #[derive(Debug, PartialEq, Deserialize)]
    struct WithRaw<'a> {
        #[serde(borrow)]
        exp: Cow<'a, str>,
    }

    assert_eq!(read::<External>(r#"{"Admin":1}"#).unwrap(), External::Admin(1));
    assert_eq!(read::<HashMap<u64, u8>>(r#"{"1":2}"#).unwrap(), HashMap::from([(1, 2)]));
    assert_eq!(read::<BTreeMap<bool, u8>>(r#"{"true":2}"#).unwrap(), BTreeMap::from([(true, 2)]));
    assert_eq!(read::<Box<RawValue>>(r#"{ "a" : 1 }"#).unwrap().get(), r#"{ "a" : 1 }"#);
    assert_eq!(read::<Wrapper>(r#"{"a":1}"#).unwrap().0.len(), 1);
    assert_eq!(read::<Option<Value>>(r#"{"a":1}"#).unwrap(), Some(json!({ "a": 1 })));
    assert!(read::<IgnoredAny>("{}").is_ok());

    for claims in [r#"{"exp":1,"Admin":1}"#, r#"{"Admin":1,"exp":1}"#, r#"{"exp":1}"#] {
        assert_eq!(read::<External>(claims).unwrap_err().code(), "expired");
        assert_eq!(read::<Box<RawValue>>(claims).unwrap_err().code(), "expired");
        assert_eq!(read::<HashMap<u64, u8>>(claims).unwrap_err().code(), "expired");
        assert_eq!(read::<()>(claims).unwrap_err().code(), "expired");
        assert_eq!(read::<u8>(claims).unwrap_err().code(), "expired");
    }
    for claims in [r#"{"Admin":1,"Admin":1}"#, r#"{"Admin":1"#, r#"{"Admin":1}}"#] {
        assert_eq!(read::<External>(claims).unwrap_err().code(), "malformed");
        assert_eq!(read::<Box<RawValue>>(claims).unwrap_err().code(), "malformed");
        assert_eq!(read::<u8>(claims).unwrap_err().code(), "malformed");
    }
    assert_eq!(read::<u8>("{}").unwrap_err().code(), "claims_mismatch");
    assert_eq!(read::<()>("{}").unwrap_err().code(), "claims_mismatch");
    assert_eq!(read::<(u8,)>("{}").unwrap_err().code(), "claims_mismatch");
    assert_eq!(read::<Vec<u8>>("{}").unwrap_err().code(), "claims_mismatch");
    assert_eq!(read::<String>("{}").unwrap_err().code(), "claims_mismatch");
    let mut buffer = Vec::new();
    let token = forge_claims(r#"{"exp":1600000001}"#);
    let error = decode_borrowed::<WithRaw>(&token, &key(), &validation(), &mut buffer).unwrap_err();
    assert_eq!(error.code(), "claims_mismatch");
}

/// A registered claim reaches the caller's type as `serde_json` would give it.
#[test]
fn registered_claims_reach_the_type_as_they_stand() {
    #[derive(Debug, PartialEq, Deserialize)]
    enum Role {
        #[serde(rename = "admin")]
        Admin,
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Id(String);
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(untagged)]
    enum StringOrList {
        One(String),
        Several(Vec<String>),
    }
    #[derive(Debug, Deserialize)]
    struct Mine {
        iss: Role,
        sub: Option<Id>,
        aud: StringOrList,
        exp: f64,
        nbf: Option<u32>,
        iat: Box<RawValue>,
        jti: char,
    }

    let json = r#"{"iss":"admin","sub":"s\u0075b","aud":["x"],"exp":1600000000.5,"nbf":0,"iat":1.50,"jti":"j"}"#;
    let mine = read::<Mine>(json).unwrap();
    assert_eq!((mine.iss, mine.sub), (Role::Admin, Some(Id("sub".into()))));
    assert_eq!(mine.aud, StringOrList::Several(vec!["x".into()]));
    assert!((mine.exp - 1_600_000_000.5).abs() < f64::EPSILON);
    assert_eq!((mine.nbf, mine.iat.get(), mine.jti), (Some(0), "1.50", 'j'));

    let one = json.replace(r#"["x"]"#, r#""x""#).replace("1600000000.5", "1600000001");
    let mine = read::<Mine>(&one).unwrap();
    assert_eq!(mine.aud, StringOrList::One("x".into()));
    assert!((mine.exp - 1_600_000_001.0).abs() < f64::EPSILON);
    assert_eq!(read::<Mine>(&one.replace("admin", "guest")).unwrap_err().code(), "claims_mismatch");

    for json in [
        r#"{"exp":9223372036854775807,"nbf":-9223372036854775808,"iat":-1,"sub":""}"#,
        r#"{"exp":18446744073709551615,"nbf":-0,"iat":0}"#,
        r#"{"exp":18446744073709551616,"nbf":-1e10,"iat":0.0}"#,
        r#"{"iss":"\u0000\"","aud":[],"jti":"\ud83d\ude00"}"#,
    ] {
        assert_eq!(read::<Value>(json).unwrap(), serde_json::from_str::<Value>(json).unwrap());
    }
}

/// A date that no float can hold is refused; what else none can hold is the type's business.
#[test]
fn numbers_beyond_every_float() {
    for json in [r#"{"exp":1e400}"#, r#"{"nbf":-1e400}"#, r#"{"iat":1e400,"exp":"x"}"#] {
        for error in [
            read::<Claims<()>>(json).unwrap_err(),
            read::<Value>(json).unwrap_err(),
            read::<IgnoredAny>(json).unwrap_err(),
        ] {
            assert_eq!(error.code(), "malformed", "{json}");
            assert!(error.to_string().contains("number out of range"), "{error}");
        }
    }
    let json = r#"{"exp":1e300,"a":1e400}"#;
    let exp = read::<Claims<()>>(json).unwrap().registered.exp.unwrap();
    assert_eq!(exp.as_secs(), i64::MAX);
    let mut buffer = Vec::new();
    let token = forge_claims(json);
    let data = decode_borrowed::<Claims<()>>(&token, &key(), &validation(), &mut buffer).unwrap();
    assert_eq!(data.claims.registered.exp, Some(exp));
    // With `arbitrary_precision`, which another crate may turn on, a `Value` can hold it.
    match serde_json::from_str::<Value>(json) {
        Ok(value) => assert_eq!(read::<Value>(json).unwrap(), value),
        Err(_) => assert_eq!(read::<Value>(json).unwrap_err().code(), "claims_mismatch"),
    }
}

#[test]
fn dates_in_claims_round_as_they_are_checked() {
    let claims = read::<Claims<()>>(r#"{"exp":1600000000.5,"nbf":-0.5,"iat":-0.5}"#).unwrap();
    let dates = [claims.registered.exp, claims.registered.nbf, claims.registered.iat];
    assert_eq!(dates.map(|date| date.unwrap().as_secs()), [NOW + 1, 0, -1]);
    let claims = read::<Claims<()>>(r#"{"exp":1e300,"nbf":-1e20,"iat":-1e300}"#).unwrap();
    let dates = [claims.registered.exp, claims.registered.nbf, claims.registered.iat];
    assert_eq!(dates.map(|date| date.unwrap().as_secs()), [i64::MAX, i64::MIN, i64::MIN]);
}

/// Outside of a decode too, a registered claim of a wrong type is no absent one.
#[test]
fn claims_without_a_decode_are_strict_too() {
    for json in [
        r#"{"exp":"1"}"#,
        r#"{"exp":{}}"#,
        r#"{"nbf":true}"#,
        r#"{"iss":1}"#,
        r#"{"aud":1}"#,
        r#"{"aud":[1]}"#,
        r#"{"aud":[null]}"#,
        r#"{"exp":1,"exp":1}"#,
        r#"{"exp":null,"exp":1,"exp":1}"#,
        r#"{"sub":"a","\u0073ub":"a"}"#,
        "[]",
        "null",
    ] {
        assert!(serde_json::from_str::<Claims<()>>(json).is_err(), "{json}");
        assert!(serde_json::from_str::<RegisteredClaims>(json).is_err(), "{json}");
        assert!(serde_json::from_str::<Claims<Value>>(json).is_err(), "{json}");
    }
}

/// What a policy takes only if it was told to comes out as the policy counts it.
#[test]
fn loosened_claims_come_out() {
    let json = r#"{"iss":null,"sub":42,"aud":null,"exp":null,"jti":-7,"a":1}"#;
    let expected = Claims::new(json!({ "a": 1 })).subject("42").id("-7");
    assert_eq!(serde_json::from_str::<Claims<Value>>(json).unwrap(), expected);
    assert_eq!(serde_json::from_str::<RegisteredClaims>(json).unwrap(), expected.registered);
    let strict = validation();
    for (validation, code) in [
        (strict.clone(), Some("invalid_claim_type")),
        (strict.clone().allow_null_claims(), Some("invalid_claim_type")),
        (strict.clone().allow_null_claims().allow_non_string_subject(), Some("invalid_claim_type")),
        (strict.clone().allow_null_claims().allow_non_string_id(), Some("invalid_claim_type")),
        (strict.allow_null_claims().allow_non_string_id().allow_non_string_subject(), None),
    ] {
        let result = decode::<Claims<Value>>(&forge_claims(json), &key(), &validation);
        assert_eq!(result.as_ref().err().map(Error::code), code);
        if let Ok(data) = result {
            assert_eq!(data.claims, expected);
        }
    }
}

#[test]
fn audiences_are_one_or_several() {
    for (audience, json, slice) in [
        (Audience::from("a"), r#"{"aud":"a"}"#, vec!["a"]),
        (Audience::from(String::from("a")), r#"{"aud":"a"}"#, vec!["a"]),
        (Audience::from(["a"]), r#"{"aud":"a"}"#, vec!["a"]),
        (Audience::from(&["a", "b"]), r#"{"aud":["a","b"]}"#, vec!["a", "b"]),
        (Audience::from(vec!["a", "b"]), r#"{"aud":["a","b"]}"#, vec!["a", "b"]),
        (Audience::from([""; 0]), r#"{"aud":[]}"#, vec![]),
        (["a", "b"].into_iter().collect(), r#"{"aud":["a","b"]}"#, vec!["a", "b"]),
    ] {
        assert_eq!(written(&Claims::new(()).audience(audience.clone())), json);
        assert_eq!(read::<Claims<()>>(json).unwrap().registered.aud, Some(audience.clone()));
        assert_eq!(audience.as_slice(), slice);
        assert_eq!(audience.contains("a"), slice.contains(&"a"));
        assert!(!audience.contains("A"));
    }
    assert_ne!(Audience::from("a"), Audience::from(["a", "a"]));
    assert_eq!(
        serde_json::from_str::<Audience>(r#"["\u0061"]"#).unwrap(),
        Audience::Several(vec!["a".into()])
    );
    assert_eq!(serde_json::from_str::<Audience>(r#""\u0061""#).unwrap(), Audience::One("a".into()));
    assert_eq!(serde_json::from_value::<Audience>(json!("a")).unwrap(), Audience::One("a".into()));
}

/// From now only if no `iat` was set before, so that a test with a time of its own has one clock.
#[test]
fn expires_in_counts_from_iat_or_else_from_now() {
    let minute = Duration::from_secs(60);
    let claims = Claims::new(()).issued_now().expires_in(minute);
    let (iat, exp) = (claims.registered.iat.unwrap(), claims.registered.exp.unwrap());
    assert_eq!(exp, iat + minute);
    assert!(NumericDate::now() - Duration::from_secs(5) <= iat && iat <= NumericDate::now());

    for secs in [i64::MIN, -1, 0, NOW, i64::MAX] {
        let iat = NumericDate::from_secs(secs);
        let exp = Claims::new(()).issued_at(iat).expires_in(minute).registered.exp;
        assert_eq!(exp, Some(iat + minute));
    }
    let now = NumericDate::now();
    let exp = Claims::new(()).expires_in(minute).issued_at(NumericDate::from_secs(NOW));
    let exp = exp.registered.exp.unwrap();
    assert!(now + minute <= exp && exp <= NumericDate::now() + minute);
    let forever = Claims::new(()).expires_in(Duration::MAX).registered.exp.unwrap();
    assert_eq!(forever.as_secs(), i64::MAX);
}

#[test]
fn numeric_dates_saturate_and_convert() {
    let date = NumericDate::from_secs;
    let (min, max) = (date(i64::MIN), date(i64::MAX));
    assert_eq!(max + Duration::from_secs(1), max);
    assert_eq!(min - Duration::from_secs(1), min);
    assert_eq!(min + Duration::MAX, max);
    assert_eq!(max - Duration::MAX, min);
    assert_eq!(date(0) + Duration::from_millis(1999), date(1));
    assert_eq!(date(0) - Duration::from_millis(1999), date(-1));
    assert_eq!(date(-5).to_string(), "-5");

    let epoch = SystemTime::UNIX_EPOCH;
    assert_eq!(NumericDate::from(epoch), date(0));
    assert_eq!(NumericDate::from(epoch + Duration::from_millis(1999)), date(1));
    assert_eq!(NumericDate::from(epoch - Duration::from_millis(1)), date(-1));
    assert_eq!(NumericDate::from(epoch - Duration::from_secs(2)), date(-2));

    assert_eq!(serde_json::to_string(&date(-7)).unwrap(), "-7");
    for (json, secs) in
        [("7", 7), ("-7", -7), ("7.9", 7), ("-7.1", -8), ("1e400", i64::MAX), ("7e0", 7)]
    {
        // By itself a number that serde_json cannot hold is its error.
        match serde_json::from_str::<NumericDate>(json) {
            Ok(read) => assert_eq!(read, date(secs), "{json}"),
            Err(error) => assert!(json == "1e400" && error.to_string().contains("out of range")),
        }
    }
    assert_eq!(serde_json::from_value::<NumericDate>(json!(1.5)).unwrap(), date(1));
    for json in ["\"7\"", "null", "true", "[7]", "{}"] {
        assert!(serde_json::from_str::<NumericDate>(json).is_err(), "{json}");
    }
}

#[test]
fn names_that_stand_twice_are_found_wherever_they_stand() {
    let members: String = (0..100).map(|i| format!(r#""m{i}":{i},"#)).collect();
    assert!(read::<Value>(&format!(r#"{{{members}"z":0}}"#)).is_ok());
    for again in ["m0", "m15", "m16", "m17", "m99", "\\u006d0", "\\u006d99"] {
        let json = format!(r#"{{{members}"{again}":0}}"#);
        assert_eq!(read::<Value>(&json).unwrap_err().code(), "malformed", "{again}");
        let json = format!(r#"{{"{again}":0,{members}"z":0}}"#);
        assert_eq!(read::<Value>(&json).unwrap_err().code(), "malformed", "{again}");
    }
    // Whatever the type.
    for json in [r#"{"a":1,"a":1}"#, r#"{"a":1,"\u0061":1}"#, r#"{"\u0061":1,"b":[],"\u0061":1}"#] {
        for code in [
            read::<Value>(json).map(drop),
            read::<Box<RawValue>>(json).map(drop),
            read::<IgnoredAny>(json).map(drop),
            read::<()>(json),
            read::<Vec<u8>>(json).map(drop),
            read::<RegisteredClaims>(json).map(drop),
            read::<Claims<()>>(json).map(drop),
            read::<Claims<Value>>(json).map(drop),
        ] {
            let segment = jwt_codec::Segment::Payload;
            let reason = jwt_codec::Reason::DuplicateName { name: "a".into() };
            assert_eq!(code, Err(Error::Malformed { segment, reason }), "{json}");
        }
    }
    // Below the top level they are the business of the caller's type.
    assert!(read::<Value>(r#"{"a":{"b":1,"b":2}}"#).is_ok());
}

#[test]
fn unverified_claims_are_read_and_nothing_checked() {
    let token = forge_claims(r#"{"exp":1,"aud":5,"iss":null}"#);
    let unsigned = format!("{}.", token.rsplit_once('.').unwrap().0);
    let data: UnverifiedData<Value> = decode_unverified(&unsigned).unwrap();
    assert_eq!(data.claims, json!({ "exp": 1, "aud": 5, "iss": null }));
    assert_eq!(data.header.alg(), Some("HS256"));
    for (payload, code) in
        [("[]", "malformed"), (r#"{"a":1,"a":1}"#, "malformed"), ("{", "malformed")]
    {
        assert_eq!(decode_unverified::<Value>(&forge_claims(payload)).unwrap_err().code(), code);
    }
    assert_eq!(
        decode_unverified::<Session>(&forge_claims("{}")).unwrap_err().code(),
        "claims_mismatch"
    );
    assert_eq!(decode_unverified::<Value>("x").unwrap_err().code(), "malformed");
    let long = format!("{token}{}", "A".repeat(65_536));
    assert_eq!(decode_unverified::<Value>(&long).unwrap_err().code(), "token_too_long");
}

#[test]
fn strings_are_borrowed_from_the_buffer() {
    #[derive(Debug, Deserialize)]
    struct Borrowed<'b> {
        sub: &'b str,
        #[serde(borrow)]
        note: Cow<'b, str>,
    }

    let mut buffer = Vec::new();
    for (json, sub) in [(r#"{"sub":"ada","note":"x"}"#, "ada"), (r#"{"note":"x","sub":""}"#, "")] {
        let token = forge_claims(json);
        let data: TokenData<Borrowed> =
            decode_borrowed(&token, &key(), &validation(), &mut buffer).unwrap();
        assert_eq!((data.claims.sub, &*data.claims.note), (sub, "x"));
        assert!(matches!(data.claims.note, Cow::Borrowed(_)));
    }
    let token = forge_claims(r#"{"sub":"\u0061","note":""}"#);
    let error =
        decode_borrowed::<Borrowed>(&token, &key(), &validation(), &mut buffer).unwrap_err();
    assert_eq!(error.code(), "claims_mismatch");
}

/// Brackets, quotation marks and commas in strings end nothing.
#[test]
fn nested_values_are_passed_over_whole() {
    for value in [
        r#"["]","}",",",":"]"#,
        r#"{"}":"{","]":["\"]","\\"]}"#,
        r#"[[{"a":[]},{}],"\\\"}"]"#,
        r#"" \"}, \\""#,
        "-1.5E+3",
        "[1e-3,true , false,null ]",
    ] {
        let json = format!(r#"{{"a":{value},"role":{value} ,"exp":1}}"#);
        assert_eq!(read::<Value>(&json).unwrap_err().code(), "expired", "{json}");
        let json = json.replace(r#""exp":1"#, r#""a":1"#);
        assert_eq!(read::<Value>(&json).unwrap_err().code(), "malformed", "{json}");
        let json = format!(r#"{{"\u0061":{value},"exp":1}}"#);
        assert_eq!(read::<Value>(&json).unwrap_err().code(), "expired", "{json}");
    }
}

/// Names that `serde_json` reserves are rejected in any spelling, at any depth, whatever is around
/// them.
#[test]
fn reserved_names_are_found() {
    for len in 0..130 {
        let pad = "x".repeat(len);
        for name in [
            "$serde_json::private::Number",
            r"\u0024serde_json::private::RawValue",
            r"$serde_json\u003a:private::",
        ] {
            for json in [
                format!(r#"{{"a":"{pad}","{name}":1}}"#),
                format!(r#"{{"{pad}":"\\\"","{name}":"$"}}"#),
                format!(r#"{{"a":"{pad}$","b":[{{"{name}" : "[1]"}}]}}"#),
                format!(r#"{{"a":["{pad}{name}"]}}"#),
            ] {
                let segment = jwt_codec::Segment::Payload;
                let reason = jwt_codec::Reason::ReservedName;
                let expected = Err(Error::Malformed { segment, reason });
                assert_eq!(read::<Value>(&json), expected, "{json}");
            }
        }
        let json =
            format!(r#"{{"$":"{pad}","$serde_json":["\\u0024serde_json::private::Number"]}}"#);
        assert!(read::<Value>(&json).is_ok(), "{json}");
    }
}

#[test]
fn types_that_do_not_fit_say_what_was_expected() {
    let text = |error: serde_json::Error| error.to_string();
    let audience = text(serde_json::from_str::<Audience>("1").unwrap_err());
    assert!(audience.contains("expected a string or an array of strings"), "{audience}");
    let claims = text(serde_json::from_str::<Claims<Session>>("[]").unwrap_err());
    assert!(claims.contains("expected a JSON object of claims"), "{claims}");

    // Names that are no strings, and bytes, come from other formats than JSON.
    let numbered = || MapDeserializer::new([(1_u8, 2_u8)].into_iter());
    let name = "invalid type: integer `1`, expected a name";
    let error: value::Error = Claims::<()>::deserialize(numbered()).unwrap_err();
    assert_eq!(error.to_string(), name);
    let error: value::Error = RegisteredClaims::deserialize(numbered()).unwrap_err();
    assert_eq!(error.to_string(), name);
    let bytes = MapDeserializer::new([("sub", BytesDeserializer::new(b"ada"))].into_iter());
    let error: value::Error = RegisteredClaims::deserialize(bytes).unwrap_err();
    assert_eq!(error.to_string(), "invalid type: byte array, expected a JSON value");
}

/// A type may say more about the error that it got.
#[test]
fn a_type_can_quote_the_error_of_its_claims() {
    struct Quoting;
    impl Serialize for Quoting {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer
                .serialize_str("ada")
                .map_err(|error| serde::ser::Error::custom(format_args!("a user: {error}")))
        }
    }

    assert_eq!(
        encode(&Quoting, &key()).unwrap_err().to_string(),
        "cannot encode: the claims cannot be serialized: a user: cannot encode: the claims are no…; use a \
         struct or a map"
    );
}

/// A type that swallows what its deserializer says gets no claim past the policy.
#[test]
fn swallowed_errors_hide_nothing() {
    #[expect(clippy::unnecessary_wraps, reason = "serde wants it so")]
    fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
    where
        D: serde::Deserializer<'de>,
        T: Deserialize<'de> + Default,
    {
        Ok(T::deserialize(deserializer).unwrap_or_default())
    }

    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    #[allow(dead_code, reason = "only what is accepted matters")]
    struct Lenient {
        #[serde(deserialize_with = "or_default")]
        x: Vec<u8>,
        #[serde(deserialize_with = "or_default")]
        y: bool,
        aud: Option<String>,
        exp: Option<i64>,
    }

    #[derive(Debug)]
    struct Whole;
    impl<'de> Deserialize<'de> for Whole {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            drop(BTreeMap::<String, Value>::deserialize(deserializer));
            Ok(Self)
        }
    }

    let strict = validation().audience("me");
    for json in [
        r#"{"aud":"me","x":[1,,"a\u0075d":"other","y":nul}}"#,
        r#"{"x":[1,,"e\u0078p":1,"y":nul}}"#,
        r#"{"x":[1,,"exp":1,"y":nul}}"#,
    ] {
        for validation in [&strict, &validation()] {
            let error = decode::<Lenient>(&forge_claims(json), &key(), validation).unwrap_err();
            assert!(
                ["malformed", "expired", "missing_claim"].contains(&error.code()),
                "{json}: {error}"
            );
        }
    }
    for json in ["null", "1", "true", "\"x\"", "[]", " 1.5 "] {
        assert_eq!(read::<Whole>(json).unwrap_err().code(), "malformed", "{json}");
        assert_eq!(
            decode_unverified::<Whole>(&forge_claims(json)).unwrap_err().code(),
            "malformed"
        );
    }
    assert!(read::<Whole>("{}").is_ok());
}

#[test]
fn how_long_after_another_date() {
    let date = NumericDate::from_secs;
    for (later, earlier, secs) in [
        (100, 40, 60),
        (40, 100, 0),
        (5, 5, 0),
        (-5, -8, 3),
        (3, -3, 6),
        (i64::MAX, i64::MIN, u64::MAX),
        (i64::MIN, i64::MAX, 0),
    ] {
        assert_eq!(date(later).duration_since(date(earlier)).as_secs(), secs, "{later} {earlier}");
    }
}

#[test]
fn audiences_of_a_configuration() {
    let list = vec!["api".to_owned(), "web".to_owned()];
    for claims in [
        Claims::new(()).audience(&list),
        Claims::new(()).audience(&list[..]),
        Claims::new(()).audience(&["api", "web"][..]),
    ] {
        assert_eq!(serde_json::to_value(&claims).unwrap(), json!({ "aud": ["api", "web"] }));
    }
}

#[test]
fn registered_claims_are_an_object() {
    let error = serde_json::from_str::<RegisteredClaims>("[]").unwrap_err().to_string();
    assert!(error.contains("expected a JSON object of claims"), "{error}");
}

/// A name of a map's key that is not a string.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Named<N>(N);

/// A float by its total order.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Float(f64);

impl PartialEq for Float {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Float {}

impl PartialOrd for Float {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Float {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Color {
    Red,
    #[serde(rename = "a \"b\" é")]
    Quoted,
}

/// What `encode` writes of a map, `decode` reads as that map.
#[test]
fn maps_of_claims_have_keys_of_any_scalar() {
    fn there_and_back<K>(keys: impl IntoIterator<Item = K>)
    where
        K: Clone + Ord + std::fmt::Debug + Serialize + DeserializeOwned,
    {
        let map: BTreeMap<K, u8> = keys.into_iter().zip(0..).collect();
        let claims = Claims::new(map.clone()).subject("s");
        let token = encode(&claims, &key()).unwrap();
        let read = decode::<Claims<BTreeMap<K, u8>>>(&token, &key(), &validation()).unwrap();
        assert_eq!(read.claims, claims);
        let mut buffer = Vec::new();
        let borrowed =
            decode_borrowed::<Claims<BTreeMap<K, u8>>>(&token, &key(), &validation(), &mut buffer);
        assert_eq!(borrowed.unwrap().claims, claims);
        // Within a newtype, an `Option` and both.
        let wrap = |key: &K| Named(Some(Named(key.clone())));
        let wrapped: BTreeMap<_, _> = map.iter().map(|(key, value)| (wrap(key), *value)).collect();
        let claims = Claims::new(wrapped).subject("s");
        assert_eq!(encode(&claims, &key()).as_ref(), Ok(&token));
        let read =
            decode::<Claims<BTreeMap<Named<Option<Named<K>>>, u8>>>(&token, &key(), &validation());
        assert_eq!(read.unwrap().claims, claims);
    }

    there_and_back([String::new(), " 1".into(), "1".into(), "\"\\\n\u{0}".into(), "é".into()]);
    there_and_back([i8::MIN, -1, 0, i8::MAX]);
    there_and_back([i16::MIN, i16::MAX]);
    there_and_back([i32::MIN, i32::MAX]);
    there_and_back([i64::MIN, -1, 0, 1, i64::MAX]);
    there_and_back([i128::MIN, i128::MAX]);
    there_and_back([u8::MIN, u8::MAX]);
    there_and_back([u16::MAX]);
    there_and_back([u32::MAX]);
    there_and_back([0, (1 << 53) + 1, u64::MAX]);
    there_and_back([u128::MAX]);
    there_and_back([false, true]);
    there_and_back(['a', '"', '\\', '\n', ' ', '1', '\u{10ffff}']);
    there_and_back([Color::Red, Color::Quoted]);
    there_and_back([0.0, -0.0, 1.5, -2.0, 1e300, 1e-7].map(Float));
    there_and_back([Box::<str>::from("boxed")]);
    there_and_back([Cow::<'static, str>::Borrowed("cow")]);
}

#[test]
fn keys_of_claims_that_no_name_stands_for_are_refused() {
    fn refused<K: Serialize + Ord>(keys: impl IntoIterator<Item = K>, message: &str) {
        let map: BTreeMap<K, u8> = keys.into_iter().zip(0..).collect();
        assert_eq!(encode(&Claims::new(&map), &key()), Err(unserializable(message)));
        assert_eq!(encode(&map, &key()), Err(unserializable(message)));
    }

    #[derive(PartialEq, Eq, PartialOrd, Ord, Serialize)]
    enum Variant {
        New(u8),
        Tuple(u8, u8),
        Struct { a: u8 },
    }

    let text = "key must be a string";
    refused([None::<String>], text);
    refused([Some("a"), None], text);
    refused([Named(None::<u8>)], text);
    refused([()], text);
    refused([(1, 2)], text);
    refused([vec![1]], text);
    refused([BTreeMap::from([(1, 2)])], text);
    refused([Variant::New(1)], text);
    refused([Variant::Tuple(1, 2)], text);
    refused([Variant::Struct { a: 1 }], text);
    for float in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        refused([Float(float)], "float key must be finite (got NaN or +/-inf)");
    }
}

/// Two keys that are written alike would be one claim.
#[test]
fn keys_of_claims_that_are_written_alike_are_refused() {
    #[derive(PartialEq, Eq, PartialOrd, Ord)]
    struct Alike(u8);
    impl Serialize for Alike {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_str("same")
        }
    }

    let map = BTreeMap::from([(Alike(1), 1), (Alike(2), 2)]);
    let defect = EncodeDefect::DuplicateClaim { name: "same".into() };
    assert_eq!(encode(&Claims::new(&map), &key()), Err(Error::Encode { defect: defect.clone() }));
    assert_eq!(encode(&map, &key()), Err(Error::Encode { defect }));
}

/// A registered name in a map is the registered claim, of whatever type the key is.
#[test]
fn a_registered_name_in_a_map_comes_back_as_the_claim() {
    #[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Name {
        Sub,
        Role,
    }

    let map = BTreeMap::from([(Name::Sub, "s"), (Name::Role, "r")]);
    let token = encode(&Claims::new(map), &key()).unwrap();
    let read = decode::<Claims<BTreeMap<Name, String>>>(&token, &key(), &validation()).unwrap();
    let rest = BTreeMap::from([(Name::Role, "r".to_owned())]);
    assert_eq!(read.claims, Claims::new(rest).subject("s"));
    let both = Claims::new(BTreeMap::from([(Name::Sub, "s")])).subject("s");
    let defect = EncodeDefect::DuplicateClaim { name: "sub".into() };
    assert_eq!(encode(&both, &key()), Err(Error::Encode { defect }));
}

#[test]
fn custom_claims_may_be_absent() {
    fn there_and_back<T>(custom: Option<T>, json: &str)
    where
        T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
    {
        let claims = Claims::new(custom).subject("s");
        assert_eq!(written(&claims), json);
        assert_eq!(read::<Claims<Option<T>>>(json).unwrap(), claims);
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "kind")]
    enum Tagged {
        Guest,
    }

    let alone = r#"{"sub":"s"}"#;
    let session = || Session { roles: vec!["admin".into()], n: None };
    there_and_back(Some(session()), r#"{"sub":"s","roles":["admin"],"n":null}"#);
    there_and_back(None::<Session>, alone);
    there_and_back(Some(Named(session())), r#"{"sub":"s","roles":["admin"],"n":null}"#);
    there_and_back(Some(Box::new(session())), r#"{"sub":"s","roles":["admin"],"n":null}"#);
    there_and_back(Some(BTreeMap::from([(1_u64, 2)])), r#"{"sub":"s","1":2}"#);
    there_and_back(Some(json!({ "a": null })), r#"{"sub":"s","a":null}"#);
    there_and_back(Some(Tagged::Guest), r#"{"sub":"s","kind":"Guest"}"#);
    there_and_back(None::<Value>, alone);
    there_and_back(None::<()>, alone);
    // An empty map is written as `None` is.
    let empty = Some(BTreeMap::<String, u8>::new());
    assert_eq!(written(&Claims::new(empty).subject("s")), alone);
    assert_eq!(read::<Claims<Option<BTreeMap<String, u8>>>>(alone).unwrap().custom, None);
    // Claims that do not fit the type are never `None`.
    let error = read::<Claims<Option<Session>>>(r#"{"sub":"s","n":1}"#).unwrap_err();
    assert_eq!(error.code(), "claims_mismatch");
    let error = read::<Claims<Option<Session>>>(r#"{"x":1}"#).unwrap_err();
    assert_eq!(error.code(), "claims_mismatch");
    // The registered claims may stand on either side.
    let both = r#"{"n":1,"exp":1600000001,"roles":[],"sub":"s"}"#;
    let read = read::<Claims<Option<Session>>>(both).unwrap();
    assert_eq!(read.custom, Some(Session { roles: vec![], n: Some(1) }));
    assert_eq!(
        (read.registered.sub, read.registered.exp.map(NumericDate::as_secs)),
        (Some("s".into()), Some(NOW + 1))
    );
}
