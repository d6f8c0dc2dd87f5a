//! Text of others, made harmless for a terminal.

use std::fmt::Write;

/// Shows as JSON escapes what a terminal takes as a command and what turns the direction of the
/// writing: C0, DEL, C1, U+202A to U+202E, and U+2066 to U+2069.
pub(crate) fn visible(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    for char in text.chars() {
        push_visible(char, &mut visible);
    }
    visible
}

/// The same JSON on one line, with everything escaped that [`visible`] escapes. In valid JSON line
/// ends and tabs stand between tokens only, and the other characters in strings only.
pub(crate) fn one_line(json: &str) -> String {
    let mut line = String::with_capacity(json.len());
    for char in json.trim().chars() {
        match char {
            '\n' | '\r' | '\t' => line.push(' '),
            char => push_visible(char, &mut line),
        }
    }
    line
}

fn push_visible(char: char, out: &mut String) {
    let turns = matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if turns || char.is_control() {
        // To a `String`, which takes everything.
        write!(out, "\\u{:04x}", u32::from(char)).ok();
    } else {
        out.push(char);
    }
}

#[cfg(test)]
mod tests {
    use super::{one_line, visible};

    #[test]
    fn what_is_escaped_and_what_is_not() {
        assert_eq!(visible("\0\u{1b}[2J\u{7f}\u{9b}\n"), r"\u0000\u001b[2J\u007f\u009b\u000a");
        for from_to in [('\u{202a}', '\u{202e}'), ('\u{2066}', '\u{2069}')] {
            for char in from_to.0..=from_to.1 {
                assert_eq!(visible(&char.to_string()), format!("\\u{:04x}", u32::from(char)));
            }
        }
        let harmless = "Zoë \u{200d}\u{2029}\u{202f}\u{206a}\u{a0} 日本 👩‍🚀";
        assert_eq!(visible(harmless), harmless);
    }

    #[test]
    fn json_keeps_its_value() {
        assert_eq!(one_line("{\r\n\t\"a\": \"\u{202e}\"\n}\n"), r#"{   "a": "\u202e" }"#);
    }
}
