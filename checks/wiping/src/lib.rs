//! An allocator that looks through each block that is freed, and through each that is moved to grow,
//! for a secret and for the state of HMAC that is made of it.

#![cfg(test)]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    hint::black_box,
    slice,
};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use hmac::{KeyInit, block_api::HmacCore};
use jwt_codec::{
    Algorithm, Error, Key, KeySet, PrivateKey, PublicKey, Validation, Verifier,
    dangerous::certificate_key, encode,
};
use sha2::{
    Sha256, Sha384, Sha512,
    block_api::{compress256, compress512},
};

/// What no test or program has by chance.
const SECRET: [u8; 32] = [
    0x9e, 0x37, 0x79, 0xb9, 0x7f, 0x4a, 0x7c, 0x15, 0xf3, 0x9c, 0xc0, 0x60, 0x5c, 0xed, 0xc8, 0x34,
    0x10, 0x82, 0x27, 0x6b, 0xf3, 0xa2, 0x72, 0x51, 0xf8, 0x6c, 0x6a, 0x11, 0xd0, 0xc1, 0x8e, 0x95,
];

/// A half of each is enough to be found.
const NEEDLE: usize = 16;

thread_local! {
    static NEEDLES: Cell<&'static [[u8; NEEDLE]]> = const { Cell::new(&[]) };
    static FOUND: Cell<usize> = const { Cell::new(0) };
}

struct Scanning;

// SAFETY: the system's allocator, which is only looked at.
unsafe impl GlobalAlloc for Scanning {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // Zeros, so that what is found was written by its owner.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let bytes = unsafe { slice::from_raw_parts(block, layout.size()) };
        let needles = NEEDLES.try_with(Cell::get).unwrap_or_default();
        if needles.iter().any(|needle| bytes.windows(NEEDLE).any(|window| window == needle)) {
            let _ = FOUND.try_with(|found| found.set(found.get() + 1));
        }
        unsafe { System.dealloc(block, layout) }
    }
    // `realloc` is by way of these two.
}

#[global_allocator]
static ALLOCATOR: Scanning = Scanning;

/// How many freed blocks had one of these parts, of at least [`NEEDLE`] bytes each.
fn blocks_with(parts: &[Vec<u8>], run: impl FnOnce()) -> usize {
    let chunks = parts.iter().flat_map(|part| part.chunks_exact(NEEDLE));
    let needles: Vec<[u8; NEEDLE]> = chunks.map(|chunk| chunk.try_into().unwrap()).collect();
    assert!(!needles.is_empty());
    NEEDLES.set(needles.leak());
    FOUND.set(0);
    run();
    NEEDLES.set(&[]);
    FOUND.get()
}

/// How many freed blocks had the secret, as bytes or as text, or a state of it.
fn leaks(run: impl FnOnce()) -> usize {
    let mut parts = vec![
        SECRET.to_vec(),
        hex().into(),
        STANDARD.encode(SECRET).into(),
        URL_SAFE_NO_PAD.encode(SECRET).into(),
    ];
    parts.extend([0x36, 0x5c].map(|pad| SECRET.map(|byte| byte ^ pad).to_vec()));
    parts.extend(states());
    blocks_with(&parts, run)
}

/// The states of HMAC after the padded key, as the hashes hold them.
fn states() -> Vec<Vec<u8>> {
    let mut parts = Vec::new();
    for pad in [0x36, 0x5c] {
        let padded: [u8; 32] = SECRET.map(|byte| byte ^ pad);
        let mut block = [pad; 64];
        block[..32].copy_from_slice(&padded);
        let mut state = SHA256;
        compress256(&mut state, &[block]);
        parts.push(state.map(u32::to_ne_bytes).concat());

        // HS384 and HS512 take the secret twice, as long as they want it.
        for mut state in [SHA384, SHA512] {
            let mut block = [pad; 128];
            block[..64].copy_from_slice(&[padded, padded].concat());
            compress512(&mut state, &[block]);
            parts.push(state.map(u64::to_ne_bytes).concat());
        }
    }
    parts
}

/// Where the hashes start (FIPS 180-4 §5.3).
const SHA256: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];
const SHA384: [u64; 8] = [
    0xcbbb_9d5d_c105_9ed8,
    0x629a_292a_367c_d507,
    0x9159_015a_3070_dd17,
    0x152f_ecd8_f70e_5939,
    0x6733_2667_ffc0_0b31,
    0x8eb4_4a87_6858_1511,
    0xdb0c_2e0d_64f9_8fa7,
    0x47b5_481d_befa_4fa4,
];
const SHA512: [u64; 8] = [
    0x6a09_e667_f3bc_c908,
    0xbb67_ae85_84ca_a73b,
    0x3c6e_f372_fe94_f82b,
    0xa54f_f53a_5f1d_36f1,
    0x510e_527f_ade6_82d1,
    0x9b05_688c_2b3e_6c1f,
    0x1f83_d9ab_fb41_bd6b,
    0x5be0_cd19_137e_2179,
];

fn hex() -> String {
    SECRET.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Text of the test's own, never freed.
fn kept(text: String) -> &'static str {
    text.leak()
}

fn key() -> Key {
    Key::hs256(SECRET).unwrap()
}

#[test]
fn the_scan_sees_what_is_not_wiped() {
    assert_eq!(leaks(|| drop(black_box(SECRET.to_vec()))), 1);
    assert!(leaks(|| drop(black_box(hex()))) >= 1);
    // A vector that grows leaves its old block behind.
    assert!(
        leaks(|| {
            let mut secret = Vec::with_capacity(32);
            secret.extend(SECRET);
            secret.extend(SECRET);
            secret.fill(0);
            drop(black_box(secret));
        }) >= 1
    );
    // The padded secret, and the states that the crate's dependency makes of it.
    assert_eq!(leaks(|| drop(black_box(SECRET.map(|byte| byte ^ 0x36).to_vec()))), 1);
    let twice = [SECRET, SECRET].concat();
    let states_of_hmac = [
        bytes_of(&HmacCore::<Sha256>::new_from_slice(&SECRET).unwrap()),
        bytes_of(&HmacCore::<Sha384>::new_from_slice(&twice).unwrap()),
        bytes_of(&HmacCore::<Sha512>::new_from_slice(&twice).unwrap()),
    ];
    assert_eq!(blocks_with(&states(), || drop(black_box(states_of_hmac))), 3);
}

/// A copy that nothing wipes.
fn bytes_of<T>(value: &T) -> Vec<u8> {
    // SAFETY: the states of HMAC consist of numbers, without a gap.
    unsafe { slice::from_raw_parts(std::ptr::from_ref(value).cast(), size_of::<T>()) }.to_vec()
}

#[test]
fn a_key_made_cloned_moved_and_dropped() {
    assert_eq!(
        leaks(|| {
            let key = key();
            let clone = key.clone();
            let boxed = Box::new(key.with_id("a").with_issuer("b"));
            let several = vec![*boxed, clone];
            encode(&std::collections::BTreeMap::from([("exp", i64::MAX)]), &several[0]).unwrap();
            drop(black_box(several));
        }),
        0
    );
}

#[test]
fn keys_of_the_longer_hashes() {
    let twice = [SECRET, SECRET].concat().leak();
    for algorithm in [Algorithm::Hs384, Algorithm::Hs512] {
        assert_eq!(
            leaks(|| {
                let key = Key::new(algorithm, &*twice).unwrap();
                encode(&std::collections::BTreeMap::from([("exp", i64::MAX)]), &key).unwrap();
                drop(black_box(KeySet::new().with(key.clone()).unwrap()));
                drop(black_box(key));
            }),
            0,
            "{algorithm}"
        );
    }
}

#[test]
fn a_key_read_from_text() {
    let hs256 = Algorithm::Hs256;
    let digits = kept(format!("{}\n", hex()));
    let standard = kept(format!("{}\n", STANDARD.encode(SECRET)));
    let url = kept(URL_SAFE_NO_PAD.encode(SECRET));
    assert_eq!(leaks(|| drop(Key::from_hex(hs256, digits).unwrap())), 0);
    assert_eq!(leaks(|| drop(Key::from_base64(hs256, standard).unwrap())), 0);
    assert_eq!(leaks(|| drop(Key::from_base64url(hs256, url).unwrap())), 0);
    // And where it is refused.
    assert_eq!(leaks(|| drop(Key::from_hex(hs256, &digits[1..]).unwrap_err())), 0);
    assert_eq!(leaks(|| drop(Key::from_base64url(hs256, digits).unwrap_err())), 0);
    assert_eq!(leaks(|| drop(Key::hs512(SECRET).unwrap_err())), 0);
}

#[test]
fn a_jwk() {
    let k = URL_SAFE_NO_PAD.encode(SECRET);
    let jwk = kept(format!(r#"{{"kty":"oct","alg":"HS256","kid":"a","k":"{k}"}}"#));
    assert_eq!(leaks(|| drop(Key::from_jwk(jwk).unwrap())), 0);
    let members: Vec<String> =
        (0..7).map(|id| jwk.replace(r#""a""#, &format!("\"{id}\""))).collect();
    let set = kept(format!(r#"{{"keys":[{}]}}"#, members.join(",")));
    assert_eq!(leaks(|| assert_eq!(KeySet::from_jwks(set).unwrap().len(), 7)), 0);

    // serde_json leaves a copy of what it unescapes, so a secret with an escape is rejected.
    let last = u32::from(k.as_bytes()[42]);
    let escaped = jwk.replace(&k, &format!("{}\\u{last:04x}", &k[..42]));
    assert_eq!(Key::from_jwk(&escaped).unwrap_err().code(), "invalid_key");
}

#[test]
fn a_set_that_grows_shrinks_and_is_replaced() {
    assert_eq!(
        leaks(|| {
            let mut keys = KeySet::new();
            for id in 0..100 {
                keys = keys.with(key().with_id(id.to_string())).unwrap();
            }
            let keys = keys.without("7").with_issuer("a");
            let other = KeySet::new().with(key().with_id("7")).unwrap().with_issuer("b");
            let verifier = Verifier::new(keys.merge(other).unwrap(), Validation::new());
            verifier.replace_keys(KeySet::new());
            drop(black_box(verifier));
        }),
        0
    );
}

/// The parts of a private key that are secret, as numbers: of RSA all but modulus and exponent.
fn secret_numbers(pkcs8: &[u8]) -> Vec<&[u8]> {
    // A tag, a length in one or more bytes, the value. A sequence has more inside, and so has an octet
    // string, but for one as long as a number of `ES256`, `EdDsa` or `ES384`: a number can start with
    // any byte, also with the tag of a sequence.
    fn walk<'k>(mut der: &'k [u8], numbers: &mut Vec<&'k [u8]>) {
        while let [tag, first, rest @ ..] = der {
            let (len, rest) = match usize::from(*first) {
                short @ ..0x80 => (short, rest),
                long => {
                    let (len, rest) = rest.split_at(long - 0x80);
                    (len.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
                }
            };
            let (value, after) = rest.split_at(len);
            match tag {
                0x02 if len >= 32 => numbers.push(value.strip_prefix(&[0]).unwrap_or(value)),
                0x04 if matches!(len, 32 | 48) => numbers.push(value),
                0x04 | 0x30 => walk(value, numbers),
                _ => {}
            }
            der = after;
        }
    }

    let mut numbers = Vec::new();
    walk(pkcs8, &mut numbers);
    if numbers.len() > 1 { numbers.split_off(1) } else { numbers }
}

#[test]
fn a_number_that_starts_as_a_sequence_does() {
    let start = b"\x30\x2e\x02\x01\0\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
    for number in [[0x30; 32], [0x04; 32], [0; 32]] {
        assert_eq!(secret_numbers(&[start, &number[..]].concat()), [number]);
    }
}

/// The numbers of this DER as bytes from either end, and as text.
fn spellings(der: &[u8], numbers: &[&[u8]]) -> Vec<Vec<u8>> {
    let mut parts = Vec::new();
    let text = STANDARD.encode(der).into_bytes();
    for number in numbers {
        parts.push(number.to_vec());
        parts.push(number.iter().rev().copied().collect());
        parts.push(URL_SAFE_NO_PAD.encode(number).into());
        let start = number.as_ptr() as usize - der.as_ptr() as usize;
        parts.push(text[start.div_ceil(3) * 4..(start + number.len()) / 3 * 4].to_vec());
    }
    parts
}

fn der_of(pem: &str) -> Vec<u8> {
    let text: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    STANDARD.decode(text).unwrap()
}

#[test]
fn private_keys() {
    for algorithm in [Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa, Algorithm::Rs256] {
        let key = PrivateKey::generate(algorithm).unwrap();
        let pem = kept(key.to_pem());
        let der = &*der_of(pem).leak();
        let numbers = secret_numbers(der);
        let names: &[&str] = match algorithm {
            Algorithm::Rs256 => &["d", "p", "q", "dp", "dq", "qi"],
            _ => &["d"],
        };
        assert_eq!(numbers.len(), names.len());
        let members: String = names
            .iter()
            .zip(&numbers)
            .map(|(name, number)| format!(r#","{name}":"{}""#, URL_SAFE_NO_PAD.encode(number)))
            .collect();

        let public = key.public_key().to_jwk();
        let jwk = kept(format!("{}{members}}}", public.strip_suffix('}').unwrap()));

        let parts = spellings(der, &numbers);
        assert_eq!(blocks_with(&parts, || drop(black_box(der.to_vec()))), 1, "{algorithm}");
        let sign = |key: &PrivateKey| {
            encode(&std::collections::BTreeMap::from([("exp", i64::MAX)]), key).unwrap();
        };
        let made = [
            blocks_with(&parts, || sign(&PrivateKey::from_pem(algorithm, pem).unwrap())),
            blocks_with(&parts, || sign(&PrivateKey::from_pkcs8_der(algorithm, der).unwrap())),
            blocks_with(&parts, || sign(&PrivateKey::from_jwk_for(algorithm, jwk).unwrap())),
            blocks_with(&parts, || {
                let key = PrivateKey::from_pem(algorithm, pem).unwrap();
                let boxed = Box::new(key.clone().with_id("a"));
                sign(&boxed);
                drop(black_box(vec![key, *boxed]));
            }),
            blocks_with(&parts, || sign(&PrivateKey::from_der(algorithm, der).unwrap())),
            blocks_with(&parts, || std::mem::forget(black_box(key.to_pem()))),
            blocks_with(&parts, || std::mem::forget(black_box(key.to_jwk()))),
        ];
        let what = "PEM, PKCS#8, JWK, cloned and moved, DER, written as PEM and as JWK";
        assert_eq!(made, [0; 7], "{algorithm}: {what}");

        // And where it is refused.
        let refused = [
            blocks_with(&parts, || drop(PrivateKey::from_der(Algorithm::Hs256, der).unwrap_err())),
            blocks_with(&parts, || drop(PublicKey::from_der(algorithm, der).unwrap_err())),
            blocks_with(&parts, || drop(PublicKey::from_pem(algorithm, pem).unwrap_err())),
            blocks_with(&parts, || drop(certificate_key(algorithm, pem).unwrap_err())),
            blocks_with(&parts, || drop(PublicKey::from_jwk(jwk).unwrap_err())),
        ];
        assert_eq!(refused, [0; 5], "{algorithm}");
    }
}

/// SEC1, PKCS#1, and the bytes of a scalar or seed.
#[test]
fn private_keys_without_pkcs8() {
    let sign = |key: Result<PrivateKey, Error>| {
        encode(&std::collections::BTreeMap::from([("exp", i64::MAX)]), &key.unwrap()).unwrap();
    };
    for algorithm in [Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa, Algorithm::Rs256] {
        let key = PrivateKey::generate(algorithm).unwrap();
        let pkcs8 = &*der_of(&key.to_pem()).leak();
        let numbers = secret_numbers(pkcs8);
        let parts = spellings(pkcs8, &numbers);
        // The version, the identifier, and the tags and lengths of what is around PKCS#1.
        const PKCS1: usize = 26;
        let der: &[u8] = match algorithm {
            Algorithm::Rs256 => &pkcs8[PKCS1..],
            Algorithm::Es256 => {
                let curve = b"\xa0\x0a\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
                [b"\x30\x31\x02\x01\x01\x04\x20", numbers[0], curve].concat().leak()
            }
            Algorithm::Es384 => {
                let curve = b"\xa0\x07\x06\x05\x2b\x81\x04\x00\x22";
                [b"\x30\x3e\x02\x01\x01\x04\x30", numbers[0], curve].concat().leak()
            }
            _ => pkcs8,
        };
        let leaks = blocks_with(&parts, || sign(PrivateKey::from_der(algorithm, der)));
        assert_eq!(leaks, 0, "{algorithm}");
        if algorithm != Algorithm::Rs256 {
            let leaks = blocks_with(&parts, || sign(PrivateKey::from_bytes(algorithm, numbers[0])));
            assert_eq!(leaks, 0, "{algorithm}");
        }
    }
}
