//! Foreign text in errors: short, and harmless in a log.

use alloc::string::String;
use core::iter;

/// The most characters of foreign text that an error quotes.
const MAX_CHARS: usize = 64;

/// Returns the text, or its first characters and `…` if it has more than 64. An error quotes it with
/// `{:?}`, which escapes whatever could turn the direction of a log's text or start another line.
pub(crate) fn excerpt(text: &str) -> String {
    match text.char_indices().nth(MAX_CHARS) {
        None => text.into(),
        Some(_) => text.chars().take(MAX_CHARS.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// Returns an excerpt that shows how the text differs from those that were expected: its end, if one
/// of them has the same beginning.
pub(crate) fn excerpt_beside(text: &str, expected: &[String]) -> String {
    let shown = MAX_CHARS.saturating_sub(1);
    let has_same_start =
        |expected: &String| expected.chars().take(shown).eq(text.chars().take(shown));
    let chars = text.chars().count();
    if chars <= MAX_CHARS || !expected.iter().any(has_same_start) {
        return excerpt(text);
    }
    iter::once('…').chain(text.chars().skip(chars.saturating_sub(shown))).collect()
}

/// Returns a message of another crate in at most 64 characters, without its middle, which may quote
/// foreign text. Characters that start a new line or turn the direction of the text are replaced.
pub(super) fn shorten(message: &str) -> String {
    // What is wrong stands at the start; where, at the end.
    const START: usize = 40;
    const END: usize = MAX_CHARS - START - 1;

    let is_harmful = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let harmless =
        || message.chars().map(|c| if is_harmful(c) { char::REPLACEMENT_CHARACTER } else { c });
    let chars = message.chars().count();
    if chars <= MAX_CHARS {
        return harmless().collect();
    }
    let end = harmless().skip(chars.saturating_sub(END));
    harmless().take(START).chain(['…']).chain(end).collect()
}
