//! The set-ups: each makes sure of every outcome, then times it.

use std::{hint::black_box, time::Duration};

use jwt_codec::{Claims, Header, Key, KeySet, NumericDate, Validation};
use serde::de::IgnoredAny;
use serde_json::json;

use crate::{
    baseline::Baseline,
    claims::{
        AUDIENCE, BorrowedSession, EXPIRES, Grant, ISSUED, ISSUER, Profile, Session, refused,
    },
    peers::{JsonWebToken, JwtCompact, JwtSimple, Provider},
    race::{Candidate, Timing, race, race_of_two},
};

/// 64 bytes, which every algorithm and crate takes.
const SECRET: &[u8; 64] = b"a secret of sixty-four bytes, as long as a block of SHA-256 is..";

/// For one race of several candidates.
const TIME: Duration = Duration::from_secs(6);

/// One operation by everybody.
pub struct Field {
    /// What it takes with nothing checked; of a forged token, HMAC alone.
    pub baseline: Timing,
    pub ours: Timing,
    pub rust_crypto: Timing,
    pub aws_lc: Timing,
    pub compact: Timing,
    pub simple: Timing,
}

impl Field {
    /// The better of the two.
    pub fn jsonwebtoken(&self) -> f64 {
        self.rust_crypto.min.min(self.aws_lc.min)
    }

    pub fn fastest_other(&self) -> f64 {
        self.jsonwebtoken().min(self.compact.min).min(self.simple.min)
    }
}

pub fn policy() -> Validation {
    Validation::new().issuer(ISSUER).audience(AUDIENCE).max_token_len(100_000)
}

fn key() -> Key {
    Key::hs256(SECRET).expect("the secret is long enough")
}

/// Also the time of `encode_into`.
pub fn encode() -> (Field, Timing) {
    eprintln!("encode …");
    let session = Session::typical();
    let compact_claims = session.clone().into();
    let simple_claims = session.clone().into();
    let (key, header, policy) = (key(), Header::new(), policy());
    let baseline = Baseline::new(SECRET);
    let rust_crypto = JsonWebToken::new(Provider::RustCrypto, SECRET);
    let aws_lc = JsonWebToken::new(Provider::AwsLc, SECRET);
    let compact = JwtCompact::new(SECRET);
    let simple = JwtSimple::new(SECRET);

    let mut out = String::new();
    jwt_codec::encode_into(&header, &session, &key, &mut out).unwrap();
    let tokens = [
        out.clone(),
        baseline.encode(&session),
        jwt_codec::encode(&session, &key).unwrap(),
        rust_crypto.encode(&session).unwrap(),
        aws_lc.encode(&session).unwrap(),
        compact.encode(&compact_claims).unwrap(),
        simple.encode(&simple_claims).unwrap(),
    ];
    for token in tokens {
        assert_eq!(token.len(), 292);
        assert_eq!(jwt_codec::decode::<Session>(&token, &key, &policy).unwrap().claims, session);
    }

    let [baseline, ours, into, rust_crypto, aws_lc, compact, simple] = race(
        TIME,
        [
            Candidate::new(|| baseline.encode(black_box(&session))),
            Candidate::new(|| jwt_codec::encode(black_box(&session), &key).unwrap()),
            Candidate::new(|| {
                out.clear();
                jwt_codec::encode_into(&header, black_box(&session), &key, &mut out).unwrap();
            }),
            Candidate::new(|| rust_crypto.encode(black_box(&session)).unwrap()),
            Candidate::new(|| aws_lc.encode(black_box(&session)).unwrap()),
            Candidate::new(|| compact.encode(black_box(&compact_claims)).unwrap()),
            Candidate::new(|| simple.encode(black_box(&simple_claims)).unwrap()),
        ],
    );
    (Field { baseline, ours, rust_crypto, aws_lc, compact, simple }, into)
}

/// Also the times of `decode_borrowed`, and of the baseline when it reads the payload twice.
pub fn decode() -> (Field, Timing, Timing) {
    eprintln!("decode …");
    let session = Session::typical();
    let (key, policy) = (key(), policy());
    let baseline = Baseline::new(SECRET);
    let rust_crypto = JsonWebToken::new(Provider::RustCrypto, SECRET);
    let aws_lc = JsonWebToken::new(Provider::AwsLc, SECRET);
    let compact = JwtCompact::new(SECRET);
    let simple = JwtSimple::new(SECRET);
    let token = jwt_codec::encode(&session, &key).unwrap();
    let token = token.as_str();
    let mut buffer = Vec::new();

    assert_eq!(baseline.decode::<Session>(token).unwrap(), session);
    assert_eq!(baseline.decode_twice::<Session>(token).unwrap(), session);
    assert_eq!(jwt_codec::decode::<Session>(token, &key, &policy).unwrap().claims, session);
    let data =
        jwt_codec::decode_borrowed::<BorrowedSession>(token, &key, &policy, &mut buffer).unwrap();
    assert_eq!(data.claims, session);
    assert_eq!(rust_crypto.decode(token).unwrap().claims, session);
    assert_eq!(aws_lc.decode(token).unwrap().claims, session);
    assert_eq!(*compact.decode(token).unwrap().claims(), session.clone().into());
    assert_eq!(json!(simple.decode(token).unwrap()), json!(session));
    for session in refused() {
        let token = jwt_codec::encode(&session, &key).unwrap();
        assert!(baseline.decode::<Session>(&token).is_some());
        assert!(jwt_codec::decode::<Session>(&token, &key, &policy).is_err());
        assert!(rust_crypto.decode(&token).is_none());
        assert!(aws_lc.decode(&token).is_none());
        assert!(compact.decode(&token).is_none());
        assert!(simple.decode(&token).is_none());
    }

    let [once, twice, ours, borrowed, rust_crypto, aws_lc, compact, simple] = race(
        TIME,
        [
            Candidate::new(|| baseline.decode::<Session>(black_box(token)).unwrap()),
            Candidate::new(|| baseline.decode_twice::<Session>(black_box(token)).unwrap()),
            Candidate::new(|| {
                jwt_codec::decode::<Session>(black_box(token), &key, &policy).unwrap()
            }),
            Candidate::new(|| {
                let token = black_box(token);
                let data = jwt_codec::decode_borrowed::<BorrowedSession>(
                    token,
                    &key,
                    &policy,
                    &mut buffer,
                );
                black_box(data.unwrap());
            }),
            Candidate::new(|| rust_crypto.decode(black_box(token)).unwrap()),
            Candidate::new(|| aws_lc.decode(black_box(token)).unwrap()),
            Candidate::new(|| compact.decode(black_box(token)).unwrap()),
            Candidate::new(|| simple.decode(black_box(token)).unwrap()),
        ],
    );
    (Field { baseline: once, ours, rust_crypto, aws_lc, compact, simple }, borrowed, twice)
}

/// A secret as most programs have it: the text of an environment variable, here the output of
/// `openssl rand -hex 32`, whose bytes are the secret.
const TEXT_SECRET: &str = "7b2fd3a45c5e8c1109f6d2a77e40b39d8f21c06be53a94d71f08c6e2ab5937d4";

/// 32 random bytes.
const RANDOM_SECRET: &[u8; 32] =
    b"\x7b\x2f\xd3\xa4\x5c\x5e\x8c\x11\x09\xf6\xd2\xa7\x7e\x40\xb3\x9d\
\x8f\x21\xc0\x6b\xe5\x3a\x94\xd7\x1f\x08\xc6\xe2\xab\x59\x37\xd4";

/// What a decode and an encode take if each makes its key anew.
pub struct NewKeys {
    pub decode: Field,
    pub encode: Field,
}

pub fn new_keys_of_text() -> NewKeys {
    eprintln!("keys made anew of text …");
    new_keys(TEXT_SECRET.as_bytes())
}

pub fn new_keys_of_random_bytes() -> NewKeys {
    eprintln!("keys made anew of random bytes …");
    new_keys(RANDOM_SECRET)
}

fn new_keys(secret: &[u8]) -> NewKeys {
    let session = Session::typical();
    let compact_claims = session.clone().into();
    let simple_claims = session.clone().into();
    let policy = policy();
    let key = || Key::hs256(black_box(secret)).unwrap();
    let mut rust_crypto = JsonWebToken::new(Provider::RustCrypto, secret);
    let mut aws_lc = JsonWebToken::new(Provider::AwsLc, secret);
    let mut compact = JwtCompact::new(secret);
    let mut simple = JwtSimple::new(secret);
    let token = jwt_codec::encode(&session, &key()).unwrap();
    let token = token.as_str();

    let [baseline, ours, with_rust_crypto, with_aws_lc, with_compact, with_simple] = race(
        TIME,
        [
            Candidate::new(|| {
                Baseline::new(black_box(secret)).decode::<Session>(black_box(token)).unwrap()
            }),
            Candidate::new(|| {
                jwt_codec::decode::<Session>(black_box(token), &key(), &policy).unwrap()
            }),
            Candidate::new(|| {
                rust_crypto.renew_decoding_key(black_box(secret));
                rust_crypto.decode(black_box(token)).unwrap()
            }),
            Candidate::new(|| {
                aws_lc.renew_decoding_key(black_box(secret));
                aws_lc.decode(black_box(token)).unwrap()
            }),
            Candidate::new(|| {
                compact.renew_key(black_box(secret));
                compact.decode(black_box(token)).unwrap()
            }),
            Candidate::new(|| {
                simple.renew_key(black_box(secret));
                simple.decode(black_box(token)).unwrap()
            }),
        ],
    );
    let decode = Field {
        baseline,
        ours,
        rust_crypto: with_rust_crypto,
        aws_lc: with_aws_lc,
        compact: with_compact,
        simple: with_simple,
    };

    let [baseline, ours, with_rust_crypto, with_aws_lc, with_compact, with_simple] = race(
        TIME,
        [
            Candidate::new(|| Baseline::new(black_box(secret)).encode(black_box(&session))),
            Candidate::new(|| jwt_codec::encode(black_box(&session), &key()).unwrap()),
            Candidate::new(|| {
                rust_crypto.renew_encoding_key(black_box(secret));
                rust_crypto.encode(black_box(&session)).unwrap()
            }),
            Candidate::new(|| {
                aws_lc.renew_encoding_key(black_box(secret));
                aws_lc.encode(black_box(&session)).unwrap()
            }),
            Candidate::new(|| {
                compact.renew_key(black_box(secret));
                compact.encode(black_box(&compact_claims)).unwrap()
            }),
            Candidate::new(|| {
                simple.renew_key(black_box(secret));
                simple.encode(black_box(&simple_claims)).unwrap()
            }),
        ],
    );
    let encode = Field {
        baseline,
        ours,
        rust_crypto: with_rust_crypto,
        aws_lc: with_aws_lc,
        compact: with_compact,
        simple: with_simple,
    };
    NewKeys { decode, encode }
}

/// What this crate takes for other tokens and types, beside a decode of the typical token into a
/// struct of one's own.
pub struct Variations {
    pub own_struct: Timing,
    pub claims: Timing,
    pub expired: Timing,
    /// By the order of the header's members, for a key with an id.
    pub kid: [(&'static str, Timing); 3],
}

pub fn variations() -> Variations {
    eprintln!("variations …");
    let Session { sub, iss, aud, name, roles, .. } = Session::typical();
    let (key, policy, header) = (key(), policy(), Header::new());
    let token = jwt_codec::encode(&Session::typical(), &key).unwrap();
    assert_eq!(
        jwt_codec::decode::<Session>(&token, &key, &policy).unwrap().claims,
        Session::typical()
    );
    let claims = jwt_codec::decode::<Claims<Profile>>(&token, &key, &policy).unwrap().claims;
    let expected = Claims::new(Profile { name, roles })
        .subject(sub)
        .issuer(iss)
        .audience(aud)
        .issued_at(NumericDate::from_secs(ISSUED.into()))
        .expires_at(NumericDate::from_secs(EXPIRES.into()));
    assert_eq!(claims, expected);
    let late = policy.clone().at(NumericDate::from_secs(EXPIRES.into()));
    assert!(jwt_codec::decode::<Session>(&token, &key, &late).unwrap_err().is_expired());

    let with_id = self::key().with_id("2026-11");
    let orders = [
        ("alg, kid, typ", r#"{"alg":"HS256","kid":"2026-11","typ":"JWT"}"#),
        ("alg, typ, kid", r#"{"alg":"HS256","typ":"JWT","kid":"2026-11"}"#),
        ("typ, alg, kid", r#"{"typ":"JWT","alg":"HS256","kid":"2026-11"}"#),
    ];
    let baseline = Baseline::new(SECRET);
    let ours = jwt_codec::encode_with_header(&header, &Session::typical(), &with_id).unwrap();
    let payload = ours.split('.').nth(1).unwrap();
    let tokens = orders.map(|(_, header)| baseline.sign(header, payload));
    assert_eq!(tokens[0], ours);
    for token in &tokens {
        assert!(jwt_codec::decode::<Session>(token, &with_id, &policy).is_ok());
    }
    let by_kid =
        |token: &String| jwt_codec::decode::<Session>(black_box(token), &with_id, &policy).unwrap();
    let [own_struct, claims, expired, a, b, c] = race(
        TIME,
        [
            Candidate::new(|| {
                jwt_codec::decode::<Session>(black_box(&token), &key, &policy).unwrap()
            }),
            Candidate::new(|| {
                jwt_codec::decode::<Claims<Profile>>(black_box(&token), &key, &policy).unwrap()
            }),
            Candidate::new(|| {
                jwt_codec::decode::<Session>(black_box(&token), &key, &late).unwrap_err()
            }),
            Candidate::new(|| by_kid(&tokens[0])),
            Candidate::new(|| by_kid(&tokens[1])),
            Candidate::new(|| by_kid(&tokens[2])),
        ],
    );
    let [(first, _), (second, _), (third, _)] = orders;
    Variations { own_struct, claims, expired, kid: [(first, a), (second, b), (third, c)] }
}

/// Also the time that the baseline takes to refuse it: split, HMAC, the signature decoded, compared.
pub fn forged() -> (Field, Timing) {
    eprintln!("a forged token …");
    let (key, policy) = (key(), policy());
    let baseline = Baseline::new(SECRET);
    let rust_crypto = JsonWebToken::new(Provider::RustCrypto, SECRET);
    let aws_lc = JsonWebToken::new(Provider::AwsLc, SECRET);
    let compact = JwtCompact::new(SECRET);
    let simple = JwtSimple::new(SECRET);
    let token = jwt_codec::encode(&Session::typical(), &Key::hs256([1; 32]).unwrap()).unwrap();
    let token = token.as_str();
    let (signing_input, _) = token.rsplit_once('.').unwrap();

    let error = jwt_codec::decode::<Session>(token, &key, &policy).unwrap_err();
    assert_eq!(error.code(), "invalid_signature");
    assert!(rust_crypto.decode(token).is_none());
    assert!(aws_lc.decode(token).is_none());
    assert!(compact.decode(token).is_none());
    assert!(simple.decode(token).is_none());

    let [hmac, refused, ours, rust_crypto, aws_lc, compact, simple] = race(
        TIME,
        [
            Candidate::new(|| baseline.tag(black_box(signing_input))),
            Candidate::new(|| assert!(baseline.decode::<Session>(black_box(token)).is_none())),
            Candidate::new(|| {
                jwt_codec::decode::<Session>(black_box(token), &key, &policy).unwrap_err()
            }),
            Candidate::new(|| assert!(rust_crypto.decode(black_box(token)).is_none())),
            Candidate::new(|| assert!(aws_lc.decode(black_box(token)).is_none())),
            Candidate::new(|| assert!(compact.decode(black_box(token)).is_none())),
            Candidate::new(|| assert!(simple.decode(black_box(token)).is_none())),
        ],
    );
    (Field { baseline: hmac, ours, rust_crypto, aws_lc, compact, simple }, refused)
}

/// A payload of a given length.
pub struct Payload {
    pub json_len: usize,
    pub decode: Timing,
    /// Into a type that keeps nothing, so that what the type's memory costs is not in it.
    pub kept_nothing: Timing,
    pub baseline: Timing,
}

impl Payload {
    pub fn to_baseline(&self) -> f64 {
        self.decode.min / self.baseline.min
    }

    pub fn nanos_per_byte(&self) -> f64 {
        self.decode.min / self.json_len as f64
    }
}

pub fn payload(json_len: usize) -> Payload {
    eprintln!("payload of {json_len} bytes …");
    let grant = Grant::of_json_len(json_len);
    let (key, policy, baseline) = (key(), policy(), Baseline::new(SECRET));
    let token = jwt_codec::encode(&grant, &key).unwrap();
    let token = token.as_str();
    assert_eq!(baseline.decode::<Grant>(token).unwrap(), grant);
    assert_eq!(jwt_codec::decode::<Grant>(token, &key, &policy).unwrap().claims, grant);

    let [baseline, decode, kept_nothing] = race(
        TIME / 3,
        [
            Candidate::new(|| baseline.decode::<Grant>(black_box(token)).unwrap()),
            Candidate::new(|| jwt_codec::decode::<Grant>(black_box(token), &key, &policy).unwrap()),
            Candidate::new(|| {
                jwt_codec::decode::<IgnoredAny>(black_box(token), &key, &policy).unwrap()
            }),
        ],
    );
    let json_len = serde_json::to_vec(&grant).unwrap().len();
    Payload { json_len, decode, kept_nothing, baseline }
}

/// A token without kid and one key, and tokens with kid and sets of so many keys.
pub struct KeySets {
    pub without_kid: Timing,
    pub with_kid: [(usize, Timing); 3],
}

pub fn key_sets() -> KeySets {
    eprintln!("key sets …");
    let (session, key, policy) = (Session::typical(), key(), policy());
    let token = jwt_codec::encode(&session, &key).unwrap();
    assert_eq!(jwt_codec::decode::<Session>(&token, &key, &policy).unwrap().claims, session);

    let lens = [1_usize, 100, 10_000];
    let sets = lens.map(|len| {
        let key = |number: usize| {
            let secret = [number.to_le_bytes(); 8].concat();
            Key::hs256(secret).unwrap().with_id(format!("{number:07}"))
        };
        let mut keys = KeySet::new();
        for number in 0..len {
            keys = keys.with(key(number)).unwrap();
        }
        let token = jwt_codec::encode(&session, &key(len / 2)).unwrap();
        assert_eq!(jwt_codec::decode::<Session>(&token, &keys, &policy).unwrap().claims, session);
        (keys, token)
    });

    let by_kid = |(keys, token): &(KeySet, String)| {
        jwt_codec::decode::<Session>(black_box(token), keys, &policy).unwrap()
    };
    let [without_kid, one, hundred, ten_thousand] = race(
        TIME,
        [
            Candidate::new(|| {
                jwt_codec::decode::<Session>(black_box(&token), &key, &policy).unwrap()
            }),
            Candidate::new(|| by_kid(&sets[0])),
            Candidate::new(|| by_kid(&sets[1])),
            Candidate::new(|| by_kid(&sets[2])),
        ],
    );
    let [a, b, c] = lens;
    KeySets { without_kid, with_kid: [(a, one), (b, hundred), (c, ten_thousand)] }
}

/// Tokens that should cost nearly nothing.
pub fn refused_early() -> [(&'static str, Timing); 4] {
    eprintln!("refused tokens …");
    let (key, policy) = (key(), Validation::new());
    let dots = ".".repeat(65_536);
    let garbage = "\u{fffd}".repeat(21_845);
    let too_long = "x".repeat(1_000_000);
    // Canonical base64url throughout.
    let signature = format!("eyJhbGciOiJIUzI1NiJ9..{}", "A".repeat(65_504));
    let code = |token: &str| jwt_codec::decode::<Session>(token, &key, &policy).unwrap_err().code();
    assert_eq!(code(&dots), "malformed");
    assert_eq!(code(&garbage), "malformed");
    assert_eq!(code(&too_long), "token_too_long");
    assert_eq!(code(&signature), "invalid_signature");

    let [dots, garbage, too_long, signature] = race(
        TIME / 4,
        [
            Candidate::new(|| code(black_box(&dots))),
            Candidate::new(|| code(black_box(&garbage))),
            Candidate::new(|| code(black_box(&too_long))),
            Candidate::new(|| code(black_box(&signature))),
        ],
    );
    [
        ("64 KiB of dots refused", dots),
        ("64 KiB of garbage refused", garbage),
        ("a megabyte refused", too_long),
        ("64 KiB of signature refused", signature),
    ]
}

pub fn threads() -> [Timing; 2] {
    eprintln!("two threads …");
    let (session, key, policy) = (Session::typical(), key(), policy());
    let token = jwt_codec::encode(&session, &key).unwrap();
    assert_eq!(jwt_codec::decode::<Session>(&token, &key, &policy).unwrap().claims, session);
    race_of_two(TIME / 2, || {
        jwt_codec::decode::<Session>(black_box(&token), &key, &policy).unwrap()
    })
}
