//! Any text as a token; as the two segments of a token with the right signature; and any header and
//! payload (first line and rest), encoded and with the right signature. Nothing panics, all ways to
//! decode agree, and what is accepted is what was signed.

#![no_main]

use std::{str, sync::LazyLock, time::Duration};

use jwt_codec::{
    Algorithm, Claims, Error, Header, Key, KeySet, Keys, NumericDate, UnverifiedToken, Validation,
    dangerous, decode, decode_borrowed, decode_header,
};
use jwt_codec_fuzz::{
    ALGORITHMS, MAX_TOKEN, Members, REGISTERED, ReservedNames, SECRET, algorithm_of,
    decode_base64url, encode_base64url,
    expand::{expand, on_a_small_stack},
    header_and_payload, key, mac, reserved_names, token,
};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

static KEYS: LazyLock<[Key; 3]> = LazyLock::new(|| ALGORITHMS.map(key));

/// One key of each algorithm with an id and one without.
static KEY_SET: LazyLock<KeySet> = LazyLock::new(|| {
    let named = ALGORITHMS.map(|algorithm| key(algorithm).with_id(algorithm.name()));
    named.into_iter().chain(KEYS.clone()).try_fold(KeySet::new(), KeySet::with).expect("three ids")
});

/// Each with its limit on the token's length.
static POLICIES: LazyLock<[(usize, Validation); 4]> = LazyLock::new(|| {
    let at = Validation::new().at(NumericDate::from_secs(1_600_000_000));
    let strict = at
        .clone()
        .issuers(["me", "you"])
        .audience("api")
        .subject("ada")
        .typ("at+jwt")
        .require("jti")
        .require("role")
        .leeway(Duration::from_secs(5))
        .max_age(Duration::from_secs(60))
        .max_lifetime(Duration::from_secs(120));
    let loose =
        at.clone().allow_missing_exp().ignore_exp().ignore_nbf().ignore_audience().allow_any_typ();
    let looser = loose.clone().allow_non_string_subject().max_token_len(300);
    [(MAX_TOKEN, at), (MAX_TOKEN, strict), (MAX_TOKEN, loose), (300, looser)]
});

fuzz_target!(|data: &[u8]| {
    if let Some(data) = expand(data, 2 * MAX_TOKEN) {
        on_a_small_stack(|| check_all(&data));
    }
});

fn check_all(data: &[u8]) {
    if let Ok(text) = str::from_utf8(data) {
        check(text, Algorithm::Hs256);
        // The same as header and payload segment, of whatever spelling.
        let signature = mac(Algorithm::Hs256, SECRET, text);
        check(&format!("{text}.{signature}"), Algorithm::Hs256);
    }
    if let Some((header, payload)) = header_and_payload(data) {
        let algorithm = algorithm_of(header);
        check(&token(algorithm, header, payload), algorithm);
    }
}

fn check(token: &str, algorithm: Algorithm) {
    let key = KEYS.iter().find(|key| key.algorithm() == algorithm).expect("all are there");
    for (limit, policy) in POLICIES.iter() {
        check_with(token, key, policy, *limit);
        check_with(token, &*KEY_SET, policy, *limit);
    }
}

fn check_with(token: &str, keys: &impl Keys, policy: &Validation, limit: usize) {
    let decoded = decode::<Value>(token, keys, policy);
    let mut buffer = Vec::new();
    assert_eq!(decode_borrowed(token, keys, policy, &mut buffer), decoded);
    if token.len() > limit {
        assert_eq!(decoded, Err(Error::TokenTooLong { len: token.len(), max: limit }));
        return;
    }
    let steps = UnverifiedToken::parse(token)
        .and_then(|token| token.verify(keys))
        .and_then(|token| token.claims(policy));
    assert_eq!(steps, decoded);
    if let Err(error) = &decoded {
        assert!(error.to_string().len() < 2_000, "unbounded text: {error}");
    }

    let Ok(data) = decoded else { return };
    assert_eq!(decode_header(token).as_ref(), Ok(&data.header));
    let unverified = dangerous::decode_unverified::<Value>(token).expect("it was verified");
    assert_eq!((&unverified.header, &unverified.claims), (&data.header, &data.claims));

    // There is one spelling of each token.
    let segments: Vec<Vec<u8>> =
        token.split('.').map(|segment| decode_base64url(segment).expect("canonical")).collect();
    let [header, payload, signature] = &*segments else { panic!("three segments") };
    assert_eq!([header, payload, signature].map(|bytes| encode_base64url(bytes)).join("."), token);

    let (input, signature) = token.rsplit_once('.').expect("two dots");
    let algorithm = data.header.alg().expect("read from a token").parse().expect("the key's");
    assert_eq!(mac(algorithm, SECRET, input), signature);
    // Any letter of the signature counts.
    let mut forged = token.to_owned();
    let start = input.len() + 1 + payload.len() % signature.len();
    let other = if forged[start..].starts_with('A') { "B" } else { "A" };
    forged.replace_range(start..=start, other);
    let error = decode::<Value>(&forged, keys, policy).unwrap_err();
    // The bits behind the last byte are no part of the signature, and have to be zero.
    let is_last = start + 1 == forged.len();
    assert!(error == Error::InvalidSignature || is_last && error.code() == "malformed");

    for json in [header, payload] {
        let json = str::from_utf8(json).expect("it was read");
        assert_ne!(reserved_names(json), ReservedNames::Some, "{json}");
    }
    check_header(&data.header, header);
    check_claims(&data.claims, payload);
    let typed = decode::<Claims<Map<String, Value>>>(token, keys, policy);
    check_typed(typed.map(|data| data.claims), &data.claims);
}

fn check_header(header: &Header, json: &[u8]) {
    let members = str::from_utf8(json).ok().and_then(Members::read).expect("an object");
    for (name, json) in members.0 {
        let value: Option<Value> = serde_json::from_str(json.get()).ok();
        let text = match name.as_str() {
            "alg" => header.alg(),
            "kid" => header.kid(),
            "typ" => header.typ(),
            "cty" => header.cty(),
            _ => {
                assert_eq!(header.get(&name), value);
                continue;
            }
        };
        assert_eq!(text.map(Value::from), value);
    }
}

fn check_claims(claims: &Value, json: &[u8]) {
    assert_eq!(serde_json::from_slice::<Value>(json).ok().as_ref(), Some(claims));
}

/// `Claims` holds the same as the plain value.
fn check_typed(typed: Result<Claims<Map<String, Value>>, Error>, claims: &Value) {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let Claims { registered, custom } = typed.expect("a map takes them all");
    let others = claims.as_object().expect("an object").iter();
    let others = others.filter(|(name, _)| !REGISTERED.contains(&name.as_str()));
    assert!(others.eq(custom.iter()));
    assert_eq!(registered.iss.as_deref(), text("iss"));
    let sub = claims.get("sub").map(|sub| sub.as_str().map_or(sub.to_string(), Into::into));
    assert_eq!(registered.sub, sub);
    assert_eq!(registered.jti.as_deref(), text("jti"));
    let aud = claims.get("aud").map(|aud| match aud {
        Value::String(one) => vec![one.clone()],
        several => serde_json::from_value(several.clone()).expect("strings"),
    });
    assert_eq!(registered.aud.map(|aud| aud.as_slice().to_vec()), aud);
    for (name, date) in [("exp", registered.exp), ("nbf", registered.nbf), ("iat", registered.iat)]
    {
        assert_eq!(date.is_some(), claims.get(name).is_some());
        if let Some(secs) = claims.get(name).and_then(Value::as_i64) {
            assert_eq!(date, Some(NumericDate::from_secs(secs)));
        }
    }
}
