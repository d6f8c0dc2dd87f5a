//! Any text as the claims of a token, read as types of every kind: as `serde_json` reads it, or
//! refused with it. What is a value is written as `serde_json` writes it.

#![no_main]

#[path = "../../tests/support/any_type.rs"]
mod any_type;

use libfuzzer_sys::fuzz_target;
use serde_json::Value;

/// Each text is read as some hundred types.
const MAX_TEXT: usize = 512;

fuzz_target!(|text: &str| {
    if text.len() > MAX_TEXT {
        return;
    }
    any_type::check_as_all_types(text);
    if let Ok(value) = serde_json::from_str::<Value>(text) {
        any_type::check_written(&value);
    }
});
