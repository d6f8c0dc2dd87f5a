//! Makes foreign text harmless for a terminal.

use std::fmt::Write;

/// Writes [harmful](is_harmful) characters as JSON escapes.
pub(crate) fn visible(text: &str) -> String {
    let mut visible = String::with_capacity(text.len());
    for char in text.chars() {
        push_visible(char, &mut visible);
    }
    visible
}

/// Writes the same JSON on one line, with everything escaped that [`visible`] escapes. In valid
/// JSON, line ends and tabs stand between tokens only, and the other characters in strings only.
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

/// Whether a terminal may take the character as a command (C0, DEL, C1), as a change of the
/// direction of writing, or as a line end.
pub(crate) fn is_harmful(char: char) -> bool {
    char.is_control()
        || matches!(
            char,
            '\u{61c}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2066}'..='\u{2069}'
        )
}

fn push_visible(char: char, out: &mut String) {
    if is_harmful(char) {
        // Writing to a `String` cannot fail.
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
        for (from, to) in [
            ('\u{61c}', '\u{61c}'),
            ('\u{200e}', '\u{200f}'),
            ('\u{2028}', '\u{2029}'),
            ('\u{202a}', '\u{202e}'),
            ('\u{2066}', '\u{2069}'),
        ] {
            for char in from..=to {
                assert_eq!(visible(&char.to_string()), format!("\\u{:04x}", u32::from(char)));
            }
        }
        let harmless = "Zoë \u{200d}\u{2027}\u{202f}\u{206a}\u{a0} 日本 👩‍🚀";
        assert_eq!(visible(harmless), harmless);
    }

    #[test]
    fn json_keeps_its_value() {
        assert_eq!(one_line("{\r\n\t\"a\": \"\u{202e}\"\n}\n"), r#"{   "a": "\u202e" }"#);
    }
}
