//! A program of `core`, `alloc` and the system's C library that signs a token and checks it.
//! It ends with 0 if all went as it should.

#![no_std]
#![no_main]

extern crate alloc;

use alloc::{string::String, vec::Vec};
use core::{
    alloc::{GlobalAlloc, Layout},
    ffi::{c_char, c_int, c_void},
    fmt::Write,
    hint::black_box,
    panic::PanicInfo,
    ptr,
    time::Duration,
};

use jwt_codec::{
    Algorithm, Claims, Error, Header, Key, KeySet, NumericDate, RegisteredClaims, UnverifiedToken,
    Validation,
    dangerous::{decode_unverified, short_key, short_key_from_base64, short_key_from_hex},
    decode, decode_borrowed, decode_header, encode, encode_into, encode_with_header, sign,
};
use serde::{Deserialize, Serialize};

#[link(name = "c")]
unsafe extern "C" {
    fn posix_memalign(memory: *mut *mut c_void, align: usize, size: usize) -> c_int;
    fn free(memory: *mut c_void);
    fn puts(line: *const c_char) -> c_int;
    fn abort() -> !;
}

struct System;

// SAFETY: the C library's allocator gives memory of the size and alignment asked for, or an error.
unsafe impl GlobalAlloc for System {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let mut memory = ptr::null_mut();
        let align = layout.align().max(align_of::<*mut c_void>());
        // SAFETY: the alignment is a power of two and at least that of a pointer.
        match unsafe { posix_memalign(&raw mut memory, align, layout.size()) } {
            0 => memory.cast(),
            _ => ptr::null_mut(),
        }
    }

    unsafe fn dealloc(&self, memory: *mut u8, _: Layout) {
        // SAFETY: whoever calls this had the memory from `alloc`.
        unsafe { free(memory.cast()) }
    }
}

#[global_allocator]
static SYSTEM: System = System;

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    // SAFETY: it takes nothing and does not come back.
    unsafe { abort() }
}

/// The `alloc` that comes with the compiler was built for unwinding and names what it takes; with
/// `panic = "abort"` nothing gets there.
mod unwinding {
    // SAFETY: nothing else in the program has these names.
    #[unsafe(no_mangle)]
    extern "C" fn rust_eh_personality() {}

    // SAFETY: as above.
    #[unsafe(no_mangle)]
    extern "C" fn _Unwind_Resume() -> ! {
        // SAFETY: it takes nothing and does not come back.
        unsafe { super::abort() }
    }
}

const NOW: NumericDate = NumericDate::from_secs(1_700_000_000);
const LATER: NumericDate = NumericDate::from_secs(1_700_000_060);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Session {
    name: String,
    roles: [u8; 3],
}

// SAFETY: the C runtime looks for this name, and there is no other.
#[unsafe(no_mangle)]
extern "C" fn main() -> c_int {
    // Only called where somebody asks for it; `checks/no-panic` looks at what is linked for it.
    if black_box(false) {
        let _ = black_box(every_function(black_box("")));
    }
    let (line, code) = match run() {
        Ok(true) => (c"no-std: a token was signed, read, expired and forged as it should be", 0),
        Ok(false) => (c"no-std: a token was not what it should be", 1),
        Err(_) => (c"no-std: a token that should be good was refused", 2),
    };
    // SAFETY: the line ends in NUL.
    if unsafe { puts(line.as_ptr()) } < 0 { 3 } else { code }
}

fn run() -> Result<bool, Error> {
    let key = Key::hs256(b"at least 32 bytes, better random")?.with_id("2026-11");
    let session = || Session { name: "Ada \"Zoë\" Lovelace".into(), roles: [1, 20, 255] };
    let token = encode(&Claims::new(session()).issuer("login").expires_at(LATER), &key)?;
    let policy = Validation::with_clock(|| NOW).issuer("login");

    let data = decode::<Claims<Session>>(&token, &key, &policy)?;
    let issued =
        RegisteredClaims { iss: Some("login".into()), exp: Some(LATER), ..Default::default() };
    let as_signed = data.claims.registered == issued
        && data.claims.custom == session()
        && data.header.kid() == Some("2026-11");

    let late = decode::<Claims<Session>>(&token, &key, &Validation::with_clock(|| LATER));
    let expired = late == Err(Error::Expired { exp: LATER, now: LATER });

    let other = Key::hs256([7; 32])?.with_id("2026-11");
    let forged = decode::<Claims<Session>>(&token, &other, &policy) == Err(Error::InvalidSignature);

    Ok(as_signed && expired && forged)
}

/// Every function of the crate that has to do with input, with a text that the compiler does not know.
fn every_function(text: &str) -> Result<(), Error> {
    let number: u16 = text.parse().unwrap_or_default();
    let (date, span) = (NumericDate::from_secs(number.into()), Duration::from_secs(number.into()));
    let (date, algorithm) = (date + span - span, text.parse::<Algorithm>()?);
    let mut key = Key::hs256(text)?;
    for made in [
        Key::hs384(text),
        Key::hs512(text),
        Key::new(algorithm, text),
        Key::from_hex(algorithm, text),
        Key::from_base64(algorithm, text),
        Key::from_base64url(algorithm, text),
        Key::from_jwk(text),
        Key::from_jwk_for(algorithm, text),
        short_key(algorithm, text),
        short_key_from_hex(algorithm, text),
        short_key_from_base64(algorithm, text),
    ] {
        key = made?.with_id(text).with_issuer(text);
    }
    let keys = KeySet::new().with(key.clone())?.merge(KeySet::from_jwks(text)?)?;
    let keys = keys.merge(KeySet::from_jwks_for(algorithm, text)?)?.with_issuer(text);
    let keys = keys.without(text).require_kid();
    black_box((keys.contains(text), keys.ids().count(), keys.skipped(), keys.len()));

    let policy = Validation::with_clock(|| NOW)
        .leeway(span)
        .issuer(text)
        .issuers([text])
        .audience(text)
        .audiences([text])
        .subject(text)
        .require(text)
        .claim(text, text)
        .claim_one_of(text, [text])
        .forbid(text)
        .max_age(span)
        .max_lifetime(span)
        .typ(text)
        .typs([text])
        .max_token_len(number.into())
        .at(date)
        .clock(move || date)
        .allow_missing_exp()
        .allow_non_string_subject()
        .allow_non_string_id()
        .allow_null_claims()
        .allow_missing_typ();

    let header = Header::new().with_kid(text).with_typ(text).with_cty(text);
    let header = header.with_member(text, text)?;
    black_box((header.kid(), header.typ(), header.cty(), header.alg(), header.get(text)));
    let claims = Claims::new(Session { name: text.into(), roles: [1, 2, 3] })
        .issuer(text)
        .subject(text)
        .audience([text])
        .id(text)
        .issued_at(date)
        .not_before(date)
        .expires_at(date);
    let mut out = encode_with_header(&header, &claims, &key)?;
    encode_into(&header, &claims, &key, &mut out)?;
    out.push_str(&sign(&header, text.as_bytes(), &key)?);

    let unverified = UnverifiedToken::parse_with_max_len(text, number.into())?;
    black_box((unverified.issuer_hint()?, unverified.header() == &header));
    let verified = unverified.verify(&keys)?;
    black_box((verified.header(), verified.payload()?));
    black_box(verified.claims::<Claims<Session>>(&policy)?);
    black_box(decode::<RegisteredClaims>(text, &key, &policy)?);
    black_box(decode_borrowed::<&str>(text, &keys, &policy, &mut Vec::new())?);
    black_box(decode_unverified::<Session>(text)?);
    black_box(decode_header(text).is_err_and(|error| error.is_expired()));
    let error = UnverifiedToken::parse(text).map(|token| token.header().clone()).unwrap_err();
    let _ = write!(out, "{error} {error:?} {} {key:?} {keys:?} {policy:?} {date}", error.code());
    black_box(out);
    Ok(())
}
