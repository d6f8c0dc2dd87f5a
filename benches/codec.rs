//! What encode and decode take: by size, algorithm and claims type, for tokens that are refused,
//! by the size of a key set, and on two threads. `benches/peers` holds the same against others.

#![allow(clippy::unwrap_used)]

use std::{
    hint::black_box,
    thread,
    time::{Duration, Instant},
};

use criterion::{BenchmarkId, Criterion, Throughput};
use jwt_codec::{
    Algorithm, Claims, Header, Key, KeySet, NumericDate, Validation, decode, decode_borrowed,
    encode, encode_into,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::claims::{AUDIENCE, BorrowedSession, EXPIRES, ISSUED, ISSUER, Profile, Session};

#[path = "shared/claims.rs"]
mod claims;

/// The claims that tutorials show.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Login {
    username: String,
    iat: u32,
    exp: u32,
}

#[derive(Deserialize)]
struct BorrowedLogin<'b> {
    username: &'b str,
}

fn login() -> Login {
    Login { username: "ada".into(), iat: ISSUED, exp: EXPIRES }
}

/// 8 KiB of roles.
fn large() -> Session {
    Session::with_roles((0..683).map(|number| format!("role-{number:04}")).collect())
}

fn key(algorithm: Algorithm) -> Key {
    Key::new(algorithm, [7; 64]).unwrap()
}

fn policy() -> Validation {
    Validation::new().issuer(ISSUER).audience(AUDIENCE)
}

fn bytes(token: &str) -> Throughput {
    Throughput::Bytes(token.len().try_into().unwrap())
}

fn bench_encode(criterion: &mut Criterion) {
    fn size<C: Serialize>(criterion: &mut Criterion, size: &str, claims: &C) {
        let key = key(Algorithm::Hs256);
        let token = encode(claims, &key).unwrap();

        let mut group = criterion.benchmark_group("encode");
        group.throughput(bytes(&token));
        group.bench_function(size, |bencher| {
            bencher.iter(|| encode(black_box(claims), black_box(&key)).unwrap());
        });
        group.finish();

        let header = Header::new();
        let mut out = String::new();
        encode_into(&header, claims, &key, &mut out).unwrap();
        assert_eq!(out, token);

        let mut group = criterion.benchmark_group("encode_into");
        group.throughput(bytes(&token));
        group.bench_function(size, |bencher| {
            bencher.iter(|| {
                out.clear();
                encode_into(&header, black_box(claims), black_box(&key), &mut out).unwrap();
            });
        });
        group.finish();
    }

    size(criterion, "tutorial", &login());
    size(criterion, "typical", &Session::typical());
    size(criterion, "8 KiB of roles", &large());
}

fn bench_decode(criterion: &mut Criterion) {
    fn size<C>(criterion: &mut Criterion, size: &str, claims: &C, policy: &Validation)
    where
        C: Serialize + DeserializeOwned + PartialEq,
    {
        let key = key(Algorithm::Hs256);
        let token = encode(claims, &key).unwrap();
        assert!(decode::<C>(&token, &key, policy).unwrap().claims == *claims);

        let mut group = criterion.benchmark_group("decode");
        group.throughput(bytes(&token));
        group.bench_function(size, |bencher| {
            bencher.iter(|| decode::<C>(black_box(&token), &key, policy).unwrap());
        });
        group.finish();
    }

    assert_eq!(encode(&Session::typical(), &key(Algorithm::Hs256)).unwrap().len(), 292);
    size(criterion, "tutorial", &login(), &Validation::new());
    size(criterion, "typical", &Session::typical(), &policy());
    size(criterion, "8 KiB of roles", &large(), &policy());
}

fn bench_decode_borrowed(criterion: &mut Criterion) {
    let key = key(Algorithm::Hs256);
    let mut buffer = Vec::new();
    let mut group = criterion.benchmark_group("decode_borrowed");

    let token = encode(&login(), &key).unwrap();
    let policy = Validation::new();
    let data = decode_borrowed::<BorrowedLogin>(&token, &key, &policy, &mut buffer).unwrap();
    assert_eq!(data.claims.username, login().username);
    group.throughput(bytes(&token));
    group.bench_function("tutorial", |bencher| {
        bencher.iter(|| {
            let token = black_box(token.as_str());
            let data = decode_borrowed::<BorrowedLogin>(token, &key, &policy, &mut buffer);
            black_box(data.unwrap());
        });
    });

    let policy = self::policy();
    for (size, claims) in [("typical", Session::typical()), ("8 KiB of roles", large())] {
        let token = encode(&claims, &key).unwrap();
        let data = decode_borrowed::<BorrowedSession>(&token, &key, &policy, &mut buffer).unwrap();
        assert!(data.claims == claims);
        group.throughput(bytes(&token));
        group.bench_function(size, |bencher| {
            bencher.iter(|| {
                let token = black_box(token.as_str());
                let data = decode_borrowed::<BorrowedSession>(token, &key, &policy, &mut buffer);
                black_box(data.unwrap());
            });
        });
    }
    group.finish();
}

fn bench_algorithms(criterion: &mut Criterion) {
    let claims = Session::typical();
    let policy = policy();
    for algorithm in [Algorithm::Hs384, Algorithm::Hs512] {
        let key = key(algorithm);
        let token = encode(&claims, &key).unwrap();
        assert_eq!(decode::<Session>(&token, &key, &policy).unwrap().claims, claims);

        let mut group = criterion.benchmark_group(algorithm.to_string());
        group.throughput(bytes(&token));
        group.bench_function("encode", |bencher| {
            bencher.iter(|| encode(black_box(&claims), &key).unwrap());
        });
        group.bench_function("decode", |bencher| {
            bencher.iter(|| decode::<Session>(black_box(&token), &key, &policy).unwrap());
        });
        group.finish();
    }
}

/// The typical token by way of [`Claims`], which joins the registered claims and one's own.
fn bench_claims(criterion: &mut Criterion) {
    let Session { sub, iss, aud, iat, exp, name, roles } = Session::typical();
    let claims = Claims::new(Profile { name, roles })
        .subject(sub)
        .issuer(iss)
        .audience(aud)
        .issued_at(NumericDate::from_secs(iat.into()))
        .expires_at(NumericDate::from_secs(exp.into()));
    let key = key(Algorithm::Hs256);
    let policy = policy();
    let token = encode(&claims, &key).unwrap();
    assert_eq!(token.len(), 292);
    assert_eq!(decode::<Claims<Profile>>(&token, &key, &policy).unwrap().claims, claims);

    let mut group = criterion.benchmark_group("Claims");
    group.throughput(bytes(&token));
    group.bench_function("encode", |bencher| {
        bencher.iter(|| encode(black_box(&claims), &key).unwrap());
    });
    group.bench_function("decode", |bencher| {
        bencher.iter(|| decode::<Claims<Profile>>(black_box(&token), &key, &policy).unwrap());
    });
    group.finish();
}

fn bench_refused(criterion: &mut Criterion) {
    let key = key(Algorithm::Hs256);
    let good = encode(&Session::typical(), &key).unwrap();
    let forged = encode(&Session::typical(), &Key::hs256([8; 64]).unwrap()).unwrap();
    let expired = encode(&Session { exp: ISSUED + 1, ..Session::typical() }, &key).unwrap();
    let other_algorithm = encode(&Session::typical(), &self::key(Algorithm::Hs512)).unwrap();
    let tokens = [
        ("forged", forged, "invalid_signature"),
        ("expired", expired, "expired"),
        ("wrong algorithm", other_algorithm, "algorithm_mismatch"),
        ("64 KiB of dots", ".".repeat(65_536), "malformed"),
        ("64 KiB of letters", "x".repeat(65_536), "malformed"),
        ("garbage in three segments", good.replace('e', "\u{e9}"), "malformed"),
        ("too long", good.repeat(225), "token_too_long"),
    ];

    let policy = policy();
    let mut group = criterion.benchmark_group("refused");
    for (name, token, code) in &tokens {
        let refused = |token: &str| decode::<Session>(token, &key, &policy).unwrap_err();
        assert_eq!(refused(token).code(), *code, "{name}");
        group.bench_function(*name, |bencher| {
            bencher.iter(|| assert_eq!(refused(black_box(token)).code(), *code));
        });
    }
    group.finish();
}

/// The cost of finding the key by its id, beside the same token without one and a single key.
fn bench_key_set(criterion: &mut Criterion) {
    fn id(number: usize) -> String {
        format!("{number:07}")
    }

    let policy = policy();
    let mut group = criterion.benchmark_group("key set");

    let key = key(Algorithm::Hs256);
    let token = encode(&Session::typical(), &key).unwrap();
    assert_eq!(decode::<Session>(&token, &key, &policy).unwrap().claims, Session::typical());
    group.bench_function("one key without id", |bencher| {
        bencher.iter(|| decode::<Session>(black_box(&token), &key, &policy).unwrap());
    });

    for size in [1_usize, 100, 10_000] {
        let key = |number: usize| {
            let secret = [number.to_le_bytes(); 8].concat();
            Key::hs256(secret).unwrap().with_id(id(number))
        };
        let keys =
            (0..size).try_fold(KeySet::new(), |keys, number| keys.with(key(number))).unwrap();
        let token = encode(&Session::typical(), &key(size / 2)).unwrap();
        assert_eq!(decode::<Session>(&token, &keys, &policy).unwrap().claims, Session::typical());
        group.bench_function(BenchmarkId::new("by kid", size), |bencher| {
            bencher.iter(|| decode::<Session>(black_box(&token), &keys, &policy).unwrap());
        });
    }
    group.finish();
}

/// One key and one policy, shared: two threads should do twice the work of one in the same time.
fn bench_threads(criterion: &mut Criterion) {
    let key = key(Algorithm::Hs256);
    let policy = policy();
    let token = encode(&Session::typical(), &key).unwrap();
    assert_eq!(decode::<Session>(&token, &key, &policy).unwrap().claims, Session::typical());

    let work = |count: u64| {
        let start = Instant::now();
        for _ in 0..count {
            black_box(decode::<Session>(black_box(&token), &key, &policy).unwrap());
        }
        start.elapsed()
    };
    let slowest = |threads: u64, count: u64| -> Duration {
        thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| work(count))).collect();
            workers.into_iter().map(|worker| worker.join().unwrap()).max().unwrap()
        })
    };

    let mut group = criterion.benchmark_group("threads");
    for threads in [1, 2] {
        group.throughput(Throughput::Elements(threads));
        group.bench_function(BenchmarkId::from_parameter(threads), |bencher| {
            bencher.iter_custom(|count| slowest(threads, count));
        });
    }
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    bench_encode(&mut criterion);
    bench_decode(&mut criterion);
    bench_decode_borrowed(&mut criterion);
    bench_algorithms(&mut criterion);
    bench_claims(&mut criterion);
    bench_refused(&mut criterion);
    bench_key_set(&mut criterion);
    bench_threads(&mut criterion);
    criterion.final_summary();
}
