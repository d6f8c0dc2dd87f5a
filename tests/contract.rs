//! Every public name as a program that knows nothing else of the crate would use it.

use std::{
    collections::HashMap,
    time::{Duration, SystemTime},
};

use jwt_codec::{
    Algorithm, Audience, Claim, Claims, Error, Header, Key, KeyDefect, KeySet, Keys, NumericDate,
    RegisteredClaims, TokenData, UnverifiedToken, Validation, VerificationKey, VerifiedToken,
    Verifier, dangerous, decode, decode_borrowed, decode_header, encode, encode_into,
    encode_with_header, sign,
};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Session {
    username: String,
    exp: i64,
}

#[derive(Debug, Deserialize)]
struct Borrowed<'b> {
    username: &'b str,
}

fn clock() -> NumericDate {
    NumericDate::from_secs(1_600_000_000)
}

fn verify_with(keys: &impl Keys, token: &str) -> Result<TokenData<Session>, Error> {
    decode(token, keys, &Validation::new())
}

#[test]
fn a_program_written_against_the_names_alone() -> Result<(), Error> {
    let key: Key = Key::hs256(vec![1_u8; 32])?.with_id(String::from("2026-11"));
    let exp = (NumericDate::now() + Duration::from_secs(60)).as_secs();
    let session = Session { username: "ada".into(), exp };

    let token: String = encode(&session, &key)?;
    let TokenData { header, claims } = verify_with(&key, &token)?;
    assert_eq!((header.kid(), &claims), (key.id(), &session));
    assert_eq!(encode_with_header(&Header::new(), &session, &key)?, token);
    let mut out = String::from("Bearer ");
    encode_into(&Header::default(), &session, &key, &mut out)?;
    assert_eq!(out, format!("Bearer {token}"));
    // Unsized claims.
    let dynamic: &HashMap<&str, i64> = &HashMap::from([("exp", exp)]);
    encode::<HashMap<&str, i64>>(dynamic, &key)?;

    let mut buffer: Vec<u8> = Vec::new();
    let borrowed: TokenData<Borrowed> =
        decode_borrowed(&token, &key, &Validation::new(), &mut buffer)?;
    assert_eq!(borrowed.claims.username, "ada");
    let header: Header = decode_header(&token)?;
    assert_eq!((header.alg(), header.typ(), header.cty()), (Some("HS256"), Some("JWT"), None));

    let unverified: UnverifiedToken<'_> = UnverifiedToken::parse(&token)?;
    let verified: VerifiedToken<'_> = unverified.verify(&key)?;
    let _: &Header = unverified.header();
    let _: &Header = verified.header();
    let payload: Vec<u8> = verified.payload()?;
    assert_eq!(verified.claims::<Session>(&Validation::new())?.claims, session);
    assert_eq!(sign(&Header::new(), &payload, &key)?, token);
    assert_eq!(dangerous::decode_unverified::<Session>(&token)?.claims, session);

    Key::new(Algorithm::Hs384, [1; 48])?;
    Key::hs384("48 bytes of text, which a generator should make.")?;
    Key::hs512([1; 64].as_slice())?;
    Key::from_base64url(Algorithm::Hs256, &"A".repeat(43))?;
    let jwk = format!(r#"{{"kty":"oct","alg":"HS256","kid":"j","k":"{}"}}"#, "A".repeat(43));
    let from_jwk = Key::from_jwk(&jwk)?;
    assert_eq!((from_jwk.id(), from_jwk.algorithm()), (Some("j"), Algorithm::Hs256));
    dangerous::short_key(Algorithm::Hs256, "short")?;
    let keys: KeySet = KeySet::new().with(key.clone())?.with(from_jwk)?;
    assert_eq!((keys.len(), keys.is_empty(), keys.contains("j")), (2, false, true));
    assert_eq!(KeySet::from_jwks(&format!(r#"{{"keys":[{jwk}]}}"#))?.len(), 1);
    assert!(verify_with(&keys, &token).is_ok());

    let header = Header::new()
        .with_kid("k")
        .with_typ("t")
        .without_typ()
        .with_cty("c")
        .with_member("m", 1)?
        .with_member("n", serde_json::json!([]))?;
    assert_eq!((header.kid(), header.get("m"), header.alg()), (Some("k"), Some(1.into()), None));

    let algorithm: Algorithm = "HS512".parse()?;
    assert_eq!(algorithm.to_string(), "HS512");
    Ok(())
}

#[test]
fn the_whole_policy() -> Result<(), Error> {
    let second = Duration::from_secs(1);
    let strict = Validation::with_clock(clock)
        .leeway(second)
        .issuer("i")
        .issuers(["i", "j"])
        .audience(String::from("a"))
        .audiences(vec![String::from("a")])
        .subject("s")
        .require("jti")
        .require("role")
        .max_age(second)
        .max_lifetime(second * 60)
        .typ("at+jwt")
        .max_token_len(1000)
        .at(NumericDate::from_secs(1_600_000_001))
        .clock(clock);

    let claims: Claims<HashMap<String, String>> =
        Claims::new(HashMap::from([("role".into(), "admin".into())]))
            .issuer("j")
            .subject("s")
            .audience("a")
            .id("1")
            .issued_at(clock())
            .not_before(clock())
            .expires_at(clock() + second * 60);
    let key = Key::hs512([1; 64])?;
    let token = encode_with_header(&Header::new().with_typ("at+jwt"), &claims, &key)?;
    let data = decode::<Claims<HashMap<String, String>>>(&token, &key, &strict)?;
    assert_eq!(data.claims, claims);
    let RegisteredClaims { iss, sub, aud, exp, nbf, iat, jti } = data.claims.registered;
    assert_eq!((iss, sub, jti), (Some("j".into()), Some("s".into()), Some("1".into())));
    assert_eq!((aud, nbf, iat), (Some(Audience::from("a")), Some(clock()), Some(clock())));
    assert_eq!(exp, Some(clock() + second * 60));

    let loose = Validation::new()
        .allow_missing_exp()
        .ignore_exp()
        .ignore_nbf()
        .ignore_audience()
        .allow_any_typ()
        .allow_non_string_subject();
    decode::<serde_json::Value>(&token, &key, &loose)?;
    let fresh = Claims::new(()).issued_now().expires_in(second);
    assert!(fresh.registered.exp > fresh.registered.iat);

    let error = decode::<()>(&token, &key, &Validation::new()).unwrap_err();
    assert_eq!((error.code(), error.is_expired(), error.clone() == error), ("expired", true, true));
    assert_eq!(Claim::NotBefore.to_string(), "nbf");
    assert_eq!((clock() - second).as_secs(), 1_599_999_999);
    assert_eq!(NumericDate::from(SystemTime::UNIX_EPOCH).to_string(), "0");
    Ok(())
}

#[test]
fn several_issuers_with_one_set_each() -> Result<(), Error> {
    let secret = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0\n";
    let key: Key = Key::from_hex(Algorithm::Hs256, secret)?.with_id("1");
    let ours: KeySet =
        KeySet::new().with(key.clone())?.with_issuers(["https://a.example", "a.example"]);
    let bound: VerificationKey = Key::hs512([1; 64])?.with_issuers(vec!["b".to_owned()]).into();
    let keys: KeySet = ours.merge(KeySet::new().with(bound)?)?.with_issuer("unused");
    let mut seen: Vec<(Option<&str>, Algorithm, &[String])> = Vec::new();
    for key in &keys {
        seen.push((key.id(), key.algorithm(), key.issuers()));
    }
    assert_eq!(seen.len(), keys.iter().count());
    assert_eq!(seen.last(), Some(&(None, Algorithm::Hs512, &["b".to_owned()][..])));

    let claims = Claims::new(()).issuer("a.example").expires_in(Duration::from_secs(60));
    let token = encode(&claims, &key)?;
    let hint: Option<String> = UnverifiedToken::parse(&token)?.issuer_hint()?;
    assert_eq!(hint.as_deref(), Some("a.example"));
    let first: &VerificationKey = keys.iter().next().unwrap();
    assert!(decode::<Claims<()>>(&token, first, &Validation::new()).is_ok());

    let verifier: Verifier<KeySet> = Verifier::new(keys, Validation::new());
    let login: Validation =
        verifier.validation().clone().claim_one_of("iss", ["a.example", "b"]).forbid("nonce");
    let data: TokenData<Claims<()>> = verifier.decode_with(&token, &login)?;
    assert_eq!(data.claims, claims);
    let numbers = login.claim_one_of("x", vec![1, 2]).claim_one_of("y", [serde_json::Value::Null]);
    let error = verifier.decode_with::<Claims<()>>(&token, &numbers).unwrap_err();
    assert_eq!(error.code(), "missing_claim");

    let lax = Validation::new().typ("at+jwt").allow_missing_typ().leeway(Duration::from_secs(5));
    let (now, leeway): (NumericDate, Duration) = (lax.now(), lax.current_leeway());
    assert_eq!((now >= clock(), leeway), (true, Duration::from_secs(5)));
    dangerous::short_key_from_hex(Algorithm::Hs256, "00ff")?;
    dangerous::short_key_from_base64(Algorithm::Hs256, "AP8=")?;
    let defect = KeyDefect::NotHexadecimal;
    assert_eq!(Key::from_hex(Algorithm::Hs256, "x").unwrap_err(), Error::InvalidKey { defect });
    assert_eq!("HS257".parse::<Algorithm>().unwrap_err().code(), "unknown_algorithm");
    Ok(())
}
