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
use jwt_codec::{Algorithm, Key, KeySet, Validation, Verifier, encode};
use sha2::block_api::compress256;

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

/// How many freed blocks had the secret, as bytes or as text, or a state of it.
fn leaks(run: impl FnOnce()) -> usize {
    let mut needles = Vec::new();
    let mut add = |bytes: &[u8]| {
        for part in bytes.chunks_exact(NEEDLE) {
            needles.push(<[u8; NEEDLE]>::try_from(part).unwrap());
        }
    };
    add(&SECRET);
    add(hex().as_bytes());
    add(STANDARD.encode(SECRET).as_bytes());
    add(URL_SAFE_NO_PAD.encode(SECRET).as_bytes());
    for pad in [0x36, 0x5c] {
        let mut block = [pad; 64];
        block.iter_mut().zip(SECRET).for_each(|(byte, secret)| *byte ^= secret);
        add(&block[..32]);
        let mut state = [
            0x6a09_e667,
            0xbb67_ae85,
            0x3c6e_f372,
            0xa54f_f53a,
            0x510e_527f,
            0x9b05_688c,
            0x1f83_d9ab,
            0x5be0_cd19,
        ];
        compress256(&mut state, &[block]);
        add(&state.map(u32::to_ne_bytes).concat());
    }
    NEEDLES.set(needles.leak());
    FOUND.set(0);
    run();
    NEEDLES.set(&[]);
    FOUND.get()
}

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
    // The state, too: 32 bytes of it, as the hash has them.
    let mut block = [0x36; 64];
    block.iter_mut().zip(SECRET).for_each(|(byte, secret)| *byte ^= secret);
    assert_eq!(leaks(|| drop(black_box(block.to_vec()))), 1);
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
fn a_jwk_plain_and_with_escapes() {
    let k = URL_SAFE_NO_PAD.encode(SECRET);
    let escaped: String = k.chars().map(|c| format!("\\u{:04x}", u32::from(c))).collect();
    let last_escaped = format!("{}\\u{:04x}", &k[..42], u32::from(k.as_bytes()[42]));
    for k in [&k, &escaped, &last_escaped] {
        let jwk = kept(format!(r#"{{"kty":"oct","alg":"HS256","kid":"a","k":"{k}"}}"#));
        assert_eq!(leaks(|| drop(Key::from_jwk(jwk).unwrap())), 0, "{jwk}");
        let members: Vec<String> =
            (0..7).map(|id| jwk.replace(r#""a""#, &format!("\"{id}\""))).collect();
        let set = kept(format!(r#"{{"keys":[{}]}}"#, members.join(",")));
        assert_eq!(leaks(|| assert_eq!(KeySet::from_jwks(set).unwrap().len(), 7)), 0);
    }
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
