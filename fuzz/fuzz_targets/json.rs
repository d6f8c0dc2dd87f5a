//! Any text as the claims of a token, read as types of every kind: as `serde_json` reads it, or
//! refused with it. What is a value is written as `serde_json` writes it.

#![no_main]

#[expect(dead_code, reason = "tests of the crate use the rest of it")]
#[path = "../../tests/support/any_type.rs"]
mod any_type;

use jwt_codec_fuzz::{
    ReservedNames,
    expand::{expand, on_a_small_stack},
    reserved_names,
};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

/// Each text is read as some hundred types.
const MAX_TEXT: usize = 4_096;

/// The comparison shows values as text within text, whose escapes double with each level.
const MAX_BRACKETS: usize = 12;

fuzz_target!(|data: &[u8]| {
    if let Some(Ok(text)) = expand(data, MAX_TEXT).map(String::from_utf8) {
        on_a_small_stack(|| check(&text));
    }
});

fn check(text: &str) {
    if text.bytes().filter(|byte| matches!(byte, b'[' | b'{')).count() > MAX_BRACKETS {
        return;
    }
    // Not even the plain `serde_json` that the tests compare with may read these.
    if reserved_names(text) != ReservedNames::None {
        return;
    }
    any_type::check_as_all_types(text);
    if let Ok(value) = serde_json::from_str::<Value>(text) {
        any_type::check_written(&value);
    }
}
