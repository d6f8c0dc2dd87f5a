//! A program for `run` to look at; nobody has to start it. It calls every public function of the
//! crate by its full name, which `run` compares with the list in `checks/interface`. Each call gets
//! input of its own that the compiler does not know: a fact about the input of one call must not
//! spare another call a check.

use std::{
    collections::HashMap,
    fmt::Debug,
    hint::black_box,
    ops::{Add, Sub},
    str::FromStr,
    sync::Arc,
    time::{Duration, SystemTime},
};

use jwt_codec::{
    Algorithm, Audience, Claim, Claims, Error, Header, Key, KeySet, Keys, NumericDate, PrivateKey,
    PublicKey, RegisteredClaims, SigningInput, SigningKey, UnverifiedToken, Validation,
    VerificationKey, VerifiedToken, Verifier, dangerous, decode, decode_borrowed, decode_header,
    encode, encode_into, encode_with_header, sign,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Claims of every kind that serde has a method for.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Session {
    name: String,
    roles: [u8; 3],
    many: Vec<(i8, i128, char, f32)>,
    option: Option<bool>,
    kind: Kind,
    #[serde(flatten)]
    rest: HashMap<String, Value>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
enum Kind {
    Unit,
    Newtype(f64),
    Tuple(u64, ()),
    Struct { wide: u128, small: u16 },
}

#[derive(Deserialize)]
struct Borrowed<'t> {
    name: &'t str,
}

fn text() -> &'static str {
    black_box("")
}

fn texts() -> Vec<&'static str> {
    black_box(Vec::new())
}

fn bytes() -> &'static [u8] {
    black_box(&[])
}

fn number() -> usize {
    black_box(0)
}

fn span() -> Duration {
    black_box(Duration::ZERO)
}

fn date() -> NumericDate {
    black_box(NumericDate::from_secs(black_box(0)))
}

fn algorithm() -> Algorithm {
    black_box(Algorithm::Hs256)
}

/// Writes the value with its `Debug`, so that this code is part of the program.
fn show(value: impl Debug) {
    black_box(format!("{value:?} {value:#?}"));
}

fn session() -> Session {
    black_box(Session {
        name: text().into(),
        roles: [1, 2, 3],
        many: Vec::new(),
        option: None,
        kind: Kind::Unit,
        rest: HashMap::new(),
    })
}

fn main() {
    // The compiler does not know that nothing of this is ever called.
    if black_box(false) {
        for result in [names(), secrets(), public_keys(), private_keys(), key_sets(), tokens()] {
            black_box(result.is_err_and(|error| {
                show(&error);
                black_box(format!("{error}"));
                Error::is_expired(&error) || Error::code(&error).is_empty()
            }));
        }
        planted();
    }
}

fn names() -> Result<(), Error> {
    show(Algorithm::from_str(text())?);
    show(Algorithm::name(algorithm()));
    let claim = black_box(Claim::Subject);
    show((Claim::name(claim), String::from(claim)));
    black_box(format!("{} {} {}", algorithm(), claim, date()));

    show(Audience::from(text()));
    show(Audience::from(String::from(text())));
    show(Audience::from(texts()));
    show(Audience::from(&texts()));
    show(Audience::from(texts().as_slice()));
    show(Audience::from([text(), text()]));
    let audience = black_box(Audience::from_iter(texts()));
    show((Audience::as_slice(&audience), Audience::contains(&audience, text())));
    show(audience == Audience::from(text()));

    show(NumericDate::as_secs(date()));
    show(NumericDate::duration_since(date(), date()));
    show(NumericDate::from(black_box(SystemTime::now())));
    show((NumericDate::now(), NumericDate::add(date(), span()), NumericDate::sub(date(), span())));
    Ok(())
}

fn secrets() -> Result<(), Error> {
    for key in [
        Key::hs256(bytes()),
        Key::hs384(bytes()),
        Key::hs512(bytes()),
        Key::new(algorithm(), bytes()),
        Key::from_hex(algorithm(), text()),
        Key::from_base64(algorithm(), text()),
        Key::from_base64url(algorithm(), text()),
        Key::from_jwk(text()),
        Key::from_jwk_for(algorithm(), text()),
        dangerous::short_key(algorithm(), bytes()),
        dangerous::short_key_from_hex(algorithm(), text()),
        dangerous::short_key_from_base64(algorithm(), text()),
    ] {
        let key = Key::with_issuers(Key::with_issuer(Key::with_id(key?, text()), text()), texts());
        show((&key, Key::algorithm(&key), Key::id(&key), Key::issuers(&key)));
        sign_with(&key)?;
        verify_with(&key)?;
        verify_with(&VerificationKey::from(key))?;
    }
    Ok(())
}

fn public_keys() -> Result<(), Error> {
    for key in [
        PublicKey::from_bytes(algorithm(), bytes()),
        PublicKey::from_der(algorithm(), bytes()),
        PublicKey::from_spki_der(algorithm(), bytes()),
        PublicKey::from_pem(algorithm(), bytes()),
        PublicKey::from_rsa_components(algorithm(), text(), text()),
        PublicKey::from_jwk(text()),
        PublicKey::from_jwk_for(algorithm(), text()),
        dangerous::certificate_key(algorithm(), bytes()),
    ] {
        let key = PublicKey::with_issuer(PublicKey::with_id(key?, text()), text());
        let key = black_box(PublicKey::with_issuers(key, texts()));
        show((&key, PublicKey::algorithm(&key), PublicKey::id(&key), PublicKey::issuers(&key)));
        show((PublicKey::thumbprint(&key), PublicKey::to_jwk(&key), PublicKey::to_pem(&key)));
        show((PublicKey::to_bytes(&key), PublicKey::to_spki_der(&key)));

        let input = SigningInput::new(&header()?, &session(), &key)?;
        show((&input, SigningInput::as_bytes(&input), SigningInput::finish(&input, bytes())?));

        verify_with(&key)?;
        let key = black_box(VerificationKey::from(key));
        show((&key, VerificationKey::algorithm(&key)));
        show((VerificationKey::id(&key), VerificationKey::issuers(&key)));
        verify_with(&key)?;
    }
    Ok(())
}

fn private_keys() -> Result<(), Error> {
    for key in [
        PrivateKey::generate(algorithm()),
        PrivateKey::from_bytes(algorithm(), bytes()),
        PrivateKey::from_der(algorithm(), bytes()),
        PrivateKey::from_pkcs8_der(algorithm(), bytes()),
        PrivateKey::from_pem(algorithm(), bytes()),
        PrivateKey::from_jwk(text()),
        PrivateKey::from_jwk_for(algorithm(), text()),
    ] {
        let key = black_box(PrivateKey::with_id(key?, text()));
        show((&key, PrivateKey::algorithm(&key), PrivateKey::id(&key)));
        show((PrivateKey::public_key(&key), PrivateKey::to_jwk(&key), PrivateKey::to_pem(&key)));
        sign_with(&key)?;
    }
    Ok(())
}

fn key_sets() -> Result<(), Error> {
    for keys in [
        KeySet::from_jwks(text()),
        KeySet::from_jwks_for(algorithm(), text()),
        KeySet::from_public_jwks(text()),
        KeySet::from_public_jwks_for(algorithm(), text()),
        KeySet::with(KeySet::new(), Key::hs256(bytes())?),
        KeySet::with(KeySet::new(), PublicKey::from_jwk(text())?),
    ] {
        let keys = KeySet::merge(KeySet::require_kid(KeySet::without(keys?, text())), key_set())?;
        let keys = black_box(KeySet::with_issuers(KeySet::with_issuer(keys, text()), texts()));
        show((&keys, KeySet::len(&keys), KeySet::is_empty(&keys), KeySet::skipped(&keys)));
        show((KeySet::contains(&keys, text()), KeySet::public_jwks(&keys)));
        KeySet::ids(&keys).for_each(show);
        KeySet::iter(&keys).for_each(show);
        (&keys).into_iter().for_each(show);
        verify_with(&keys)?;
        verify_with(&Arc::new(keys))?;
    }
    Ok(())
}

fn key_set() -> KeySet {
    black_box(KeySet::new())
}

fn header() -> Result<Header, Error> {
    let header = Header::with_typ(Header::with_kid(Header::new(), text()), text());
    let header = Header::without_typ(Header::with_cty(header, text()));
    let header = black_box(Header::with_member(header, text(), text())?);
    show((&header, Header::alg(&header), Header::kid(&header), Header::typ(&header)));
    show((Header::cty(&header), Header::get(&header, text()), Header::default() == header));
    Ok(black_box(header))
}

fn sign_with(key: &impl SigningKey) -> Result<(), Error> {
    let claims = Claims::issuer(Claims::new(session()), text());
    let claims = Claims::audience(Claims::subject(claims, text()), texts());
    let claims = Claims::expires_in(Claims::issued_now(Claims::id(claims, text())), span());
    let claims = Claims::not_before(Claims::issued_at(claims, date()), date());
    let claims = black_box(Claims::expires_at(claims, date()));
    show(&claims);

    show(sign(&header()?, bytes(), key)?);
    show(encode(&claims, key)?);
    show(encode_with_header(&header()?, &black_box(Value::Null), key)?);
    let mut token = String::from(text());
    encode_into(&header()?, &session(), key, &mut token)?;
    show((token, serde_json::to_string(&claims).is_ok()));
    Ok(())
}

fn policy() -> Validation {
    let policy = black_box(Validation::with_clock(date));
    show((&policy, Validation::current_leeway(&policy), Validation::now(&policy)));
    let policy = if black_box(true) { policy } else { Validation::default() };
    let policy = if black_box(true) { policy } else { Validation::new() };

    let policy = Validation::clock(Validation::at(policy, date()), date);
    let policy = Validation::leeway(policy, span());
    let policy = Validation::max_age(Validation::max_lifetime(policy, span()), span());
    let policy = Validation::max_token_len(policy, number());
    let policy = Validation::issuers(Validation::issuer(policy, text()), texts());
    let policy = Validation::audiences(Validation::audience(policy, text()), texts());
    let policy = Validation::typs(Validation::typ(policy, text()), texts());
    let policy = Validation::subject(policy, text());
    let policy = Validation::require(Validation::forbid(policy, text()), text());
    let policy = Validation::claim(policy, text(), text());
    let mut policy = Validation::claim_one_of(policy, text(), texts());
    for loosen in [
        Validation::allow_any_typ,
        Validation::allow_missing_exp,
        Validation::allow_missing_typ,
        Validation::allow_non_string_id,
        Validation::allow_non_string_subject,
        Validation::allow_null_claims,
        Validation::ignore_audience,
        Validation::ignore_exp,
        Validation::ignore_nbf,
    ] {
        policy = if black_box(true) { loosen(policy) } else { policy };
    }
    black_box(policy)
}

fn verify_with<K: Keys + Clone + Debug>(keys: &K) -> Result<(), Error> {
    show(decode::<Session>(text(), keys, &policy())?);
    show(decode::<Claims<Session>>(text(), keys, &policy())?);
    show(decode::<RegisteredClaims>(text(), keys, &policy())?);
    show(decode_borrowed::<Borrowed<'_>>(text(), keys, &policy(), &mut Vec::new())?.claims.name);

    let token = UnverifiedToken::parse_with_max_len(text(), number())?;
    let verified = black_box(UnverifiedToken::verify(&token, keys)?);
    show((&verified, VerifiedToken::header(&verified), VerifiedToken::payload(&verified)?));
    show(VerifiedToken::claims::<Value>(&verified, &policy())?);

    let verifier = black_box(Verifier::new(keys.clone(), policy()));
    Verifier::replace_keys(&verifier, Arc::unwrap_or_clone(Verifier::keys(&verifier)));
    show((&verifier, Verifier::validation(&verifier), Verifier::verify(&verifier, text())?));
    show(Verifier::decode::<Session>(&verifier, text())?);
    show(Verifier::decode_with::<Value>(&verifier, text(), &policy())?);
    Ok(())
}

fn tokens() -> Result<(), Error> {
    show(decode_header(text())?);
    show(dangerous::decode_unverified::<Session>(text())?);
    let token = black_box(UnverifiedToken::parse(text())?);
    show((&token, UnverifiedToken::header(&token), UnverifiedToken::issuer_hint(&token)?));
    show(serde_json::from_str::<(Algorithm, Claims<Session>)>(text()).is_ok());
    show(serde_json::to_string(&(algorithm(), RegisteredClaims::default())).is_ok());
    Ok(())
}

/// Panics that `run` has to find, each asked for by this file.
fn planted() {
    let mut string = String::from(text());
    string.truncate(number());
    show(string.split_off(number()));
    show(string.repeat(number()));
    show(&string[number()..]);
    show((bytes()[number()], texts().remove(number())));
    show(Vec::<u8>::with_capacity(number()));
    black_box(String::insert_str as fn(&mut String, usize, &'static str));
}
