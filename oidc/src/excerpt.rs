//! Foreign text in errors: short. An error quotes it with `{:?}`.

/// The most characters of a name that an error quotes.
const MAX_CHARS: usize = 64;

/// Returns the name, or its first characters and `…` if it has more than 64; its last characters, if
/// only they differ from one that was expected.
pub(crate) fn excerpt_beside(name: &str, expected: &[String]) -> String {
    let shown = MAX_CHARS.saturating_sub(1);
    let chars = name.chars().count();
    if chars <= MAX_CHARS {
        return name.into();
    }
    let start: String = name.chars().take(shown).collect();
    if expected.iter().any(|expected| expected.starts_with(&start)) {
        format!("…{}", name.chars().skip(chars.saturating_sub(shown)).collect::<String>())
    } else {
        format!("{start}…")
    }
}
