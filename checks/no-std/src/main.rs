//! A program of `core`, `alloc` and the system's C library that signs a token and checks it.
//! It ends with 0 if all went as it should.

#![no_std]
#![no_main]

extern crate alloc;

use alloc::string::String;
use core::{
    alloc::{GlobalAlloc, Layout},
    ffi::{c_char, c_int, c_void},
    panic::PanicInfo,
    ptr,
};

use jwt_codec::{Claims, Error, Key, NumericDate, RegisteredClaims, Validation, decode, encode};
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
