//! What goes into a token comes out of it: claims, header, key, any bytes.

#![no_main]

use std::collections::BTreeMap;

use arbitrary::{Arbitrary, Result, Unstructured};
use jwt_codec::{
    Algorithm, Audience, Claims, EncodeDefect, Error, Header, Key, KeySet, NumericDate,
    RegisteredClaims, TokenData, UnverifiedToken, Validation, decode, decode_borrowed, encode,
    encode_into, encode_with_header, sign,
};
use jwt_codec_fuzz::{
    ALGORITHMS, MAX_HEADER, MAX_TOKEN, REGISTERED, RESERVED, encode_base64url, mac,
};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

#[derive(Arbitrary, Debug)]
struct Input {
    algorithm: u8,
    secret: Vec<u8>,
    key_id: Option<String>,
    header: HeaderParts,
    registered: Registered,
    custom: Object,
    payload: Vec<u8>,
}

#[derive(Arbitrary, Debug)]
struct HeaderParts {
    kid: Option<String>,
    typ: Typ,
    cty: Option<String>,
    members: Object,
}

#[derive(Arbitrary, Debug)]
enum Typ {
    Default,
    Without,
    Other(String),
}

#[derive(Arbitrary, Debug)]
struct Registered {
    iss: Option<String>,
    sub: Option<String>,
    aud: Option<Aud>,
    exp: Option<i64>,
    nbf: Option<i64>,
    iat: Option<i64>,
    jti: Option<String>,
}

#[derive(Arbitrary, Debug)]
enum Aud {
    One(String),
    Several(Vec<String>),
}

/// A JSON object that survives `serde_json` by itself.
#[derive(Debug)]
struct Object(Map<String, Value>);

impl<'a> Arbitrary<'a> for Object {
    fn arbitrary(input: &mut Unstructured<'a>) -> Result<Self> {
        object(input, 5).map(Self)
    }
}

fn object(input: &mut Unstructured<'_>, depth: u8) -> Result<Map<String, Value>> {
    let mut members = Map::new();
    while input.arbitrary()? {
        let name: String = input.arbitrary()?;
        let value = value(input, depth)?;
        // `serde_json::Value` reads an object with such a name as something else.
        if !name.starts_with(RESERVED) {
            members.insert(name, value);
        }
    }
    Ok(members)
}

fn value(input: &mut Unstructured<'_>, depth: u8) -> Result<Value> {
    Ok(match input.int_in_range(0..=if depth == 0 { 5 } else { 7 })? {
        0 => Value::Null,
        1 => input.arbitrary::<bool>()?.into(),
        2 => input.arbitrary::<i64>()?.into(),
        3 => input.arbitrary::<u64>()?.into(),
        // Eighths, because without its `float_roundtrip` serde_json is one bit off at others.
        4 => (f64::from(input.arbitrary::<i32>()?) / 8.0).into(),
        5 => input.arbitrary::<String>()?.into(),
        6 => {
            let mut items = Vec::new();
            while input.arbitrary()? {
                items.push(value(input, depth - 1)?);
            }
            items.into()
        }
        _ => object(input, depth - 1)?.into(),
    })
}

impl Registered {
    fn claims(self) -> RegisteredClaims {
        RegisteredClaims {
            iss: self.iss,
            sub: self.sub,
            aud: self.aud.map(|aud| match aud {
                Aud::One(one) => Audience::One(one),
                Aud::Several(several) => Audience::Several(several),
            }),
            exp: self.exp.map(NumericDate::from_secs),
            nbf: self.nbf.map(NumericDate::from_secs),
            iat: self.iat.map(NumericDate::from_secs),
            jti: self.jti,
        }
    }
}

impl HeaderParts {
    /// The header, and what it has to say beside `alg`. A later member replaces an earlier one.
    fn build(self, key_id: Option<&str>) -> (Header, BTreeMap<String, Value>) {
        let mut said = BTreeMap::new();
        let mut header = match self.typ {
            Typ::Default => Header::new(),
            Typ::Without => Header::new().without_typ(),
            Typ::Other(typ) => Header::new().with_typ(typ),
        };
        said.extend(header.typ().map(|typ| ("typ".to_owned(), typ.into())));
        said.extend(key_id.map(|kid| ("kid".to_owned(), kid.into())));
        if let Some(kid) = self.kid {
            said.insert("kid".into(), (*kid).into());
            header = header.with_kid(kid);
        }
        if let Some(cty) = self.cty {
            said.insert("cty".into(), (*cty).into());
            header = header.with_cty(cty);
        }
        for (name, value) in self.members.0 {
            let refused = match &*name {
                "alg" | "crit" | "b64" => true,
                "kid" | "typ" | "cty" => !value.is_string(),
                _ => false,
            };
            match header.clone().with_member(&name, value.clone()) {
                Ok(with_member) => {
                    assert!(!refused);
                    header = with_member;
                    said.insert(name, value);
                }
                Err(Error::Encode { defect: EncodeDefect::HeaderReservedName }) => {}
                Err(error) => assert!(refused && error.code() == "encode"),
            }
        }
        (header, said)
    }
}

fuzz_target!(|input: Input| {
    let algorithm = ALGORITHMS[usize::from(input.algorithm) % ALGORITHMS.len()];
    let Some((key, secret)) = make_key(algorithm, input.secret) else { return };
    let key_id = input.key_id;
    let signer = match &key_id {
        Some(id) => key.clone().with_id(id),
        None => key.clone(),
    };
    let (header, said) = input.header.build(key_id.as_deref());

    let registered = input.registered.claims();
    let mut custom = input.custom.0;
    let clash = custom.keys().any(|name| REGISTERED.contains(&name.as_str()));
    let claims = Claims { registered: registered.clone(), custom: custom.clone() };
    if clash {
        // Refused if the name is in both or of a wrong type; otherwise it is a registered claim.
        if let Err(error) = encode(&claims, &signer) {
            assert_eq!(error.code(), "encode");
        }
        custom.retain(|name, _| !REGISTERED.contains(&name.as_str()));
    }
    let claims = Claims { registered, custom };

    let mut said_alg = said.clone();
    said_alg.insert("alg".into(), algorithm.name().into());
    let header_json = serde_json::to_vec(&said_alg).expect("JSON");
    let token = match encode_with_header(&header, &claims, &signer) {
        Ok(token) => token,
        Err(error) => {
            assert_eq!(error.code(), "encode");
            let is_long = encode_base64url(&header_json).len() > MAX_HEADER;
            // A string may only quote a name that `serde_json` reserves, and is refused with it.
            let is_reserved = matches!(
                &error,
                Error::Encode {
                    defect: EncodeDefect::ReservedName | EncodeDefect::HeaderReservedName
                }
            );
            let is_empty = header
                .typ()
                .is_some_and(|typ| ["", "application/"].contains(&&*typ.to_ascii_lowercase()));
            assert!(is_long || is_reserved || is_empty, "{error}");
            return;
        }
    };

    // The signature is the one that another HMAC gives.
    let (text, signature) = token.rsplit_once('.').expect("two dots");
    assert_eq!(mac(algorithm, &secret, text), signature);
    let mut appended = String::from("Bearer ");
    encode_into(&header, &claims, &signer, &mut appended).expect("as before");
    assert_eq!(appended, format!("Bearer {token}"));

    let policy = Validation::new()
        .allow_missing_exp()
        .ignore_exp()
        .ignore_nbf()
        .ignore_audience()
        .allow_any_typ()
        .max_token_len(usize::MAX);
    let data: TokenData<Claims<Map<String, Value>>> =
        decode(&token, &key, &policy).expect("what was written can be read");
    assert_eq!(data.claims, claims);
    check_header(&data.header, &said, algorithm);

    let plain: TokenData<Value> = decode(&token, &key, &policy).expect("an object");
    let written = serde_json::to_value(&claims).expect("JSON");
    assert_eq!(plain.claims, written);
    let again = encode_with_header(&header, &written, &signer).expect("an object");
    assert_eq!(decode::<Value>(&again, &key, &policy).expect("as before").claims, written);
    let mut buffer = Vec::new();
    assert_eq!(decode_borrowed(&token, &key, &policy, &mut buffer), Ok(plain));

    // The key's id and the header's decide together.
    let set = KeySet::new().with(signer.clone()).expect("one key");
    let other_kid = said.get("kid").map(|kid| kid.as_str()) != key_id.as_deref().map(Some);
    let names_another = key_id.is_some() && said.contains_key("kid") && other_kid;
    let expected = if names_another { Err("unknown_key") } else { Ok(()) };
    let by_set = decode::<Value>(&token, &set, &policy).map(drop);
    assert_eq!(by_set.map_err(|error| error.code()), expected);
    let by_signer = decode::<Value>(&token, &signer, &policy).map(drop);
    assert_eq!(by_signer.map_err(|error| error.code()), expected);

    let token = sign(&header, &input.payload, &signer).expect("the header was written before");
    if token.len() <= MAX_TOKEN {
        let verified = UnverifiedToken::parse(&token).and_then(|token| token.verify(&key));
        let verified = verified.expect("what was written can be read");
        assert_eq!(verified.payload(), Ok(input.payload));
        check_header(verified.header(), &said, algorithm);
    }
});

/// The key of the secret, made long enough with zeros; `None` if it looks like another key's text.
fn make_key(algorithm: Algorithm, mut secret: Vec<u8>) -> Option<(Key, Vec<u8>)> {
    let min = min_len(algorithm);
    if secret.len() < min {
        let error = Key::new(algorithm, &secret).expect_err("too short");
        assert!(["weak_key", "invalid_key"].contains(&error.code()), "{error}");
        secret.resize(min, 0);
    }
    match Key::new(algorithm, &secret) {
        Ok(key) => Some((key, secret)),
        Err(error) => {
            assert_eq!(error.code(), "invalid_key");
            None
        }
    }
}

fn check_header(header: &Header, said: &BTreeMap<String, Value>, algorithm: Algorithm) {
    assert_eq!(header.alg(), Some(algorithm.name()));
    for (name, text) in [("kid", header.kid()), ("typ", header.typ()), ("cty", header.cty())] {
        assert_eq!(text.map(Value::from).as_ref(), said.get(name));
    }
    for (name, value) in said {
        if !["kid", "typ", "cty"].contains(&name.as_str()) {
            assert_eq!(header.get(name).as_ref(), Some(value));
        }
    }
}

/// RFC 7518 §3.2.
fn min_len(algorithm: Algorithm) -> usize {
    match algorithm {
        Algorithm::Hs256 => 32,
        Algorithm::Hs384 => 48,
        _ => 64,
    }
}
