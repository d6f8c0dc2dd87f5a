//! Reads standard input and files: bounded, and standard input only once.

use std::{
    fs::File,
    io::{self, IsTerminal, Read},
    path::Path,
};

use crate::{failure::Failure, output::Output};

/// More than any token or key needs. Without a limit, `/dev/zero` would never end.
const MAX_LEN: u64 = 1 << 20;

/// Standard input, which can be read for one purpose only.
#[derive(Debug, Default)]
pub(crate) struct Input {
    taken_for: Option<&'static str>,
}

impl Input {
    /// Reads a whole file; `-` is standard input.
    pub(crate) fn file(&mut self, path: &Path) -> Result<Vec<u8>, Failure> {
        if path == Path::new("-") {
            return self.stdin("a key");
        }
        let read = File::open(path).and_then(|file| bounded(&file));
        read.map_err(|error| Failure::io("read", path, &error))
    }

    fn stdin(&mut self, what: &'static str) -> Result<Vec<u8>, Failure> {
        if let Some(other) = self.taken_for.replace(what) {
            return Err(Failure::misuse(if other == what {
                format!("standard input can be {what} only once; put the other one into a file")
            } else {
                format!(
                    "standard input cannot be both {other} and {what}; put one of them into a file"
                )
            }));
        }
        bounded(io::stdin().lock())
            .map_err(|error| Failure::io("read", Path::new("standard input"), &error))
    }

    /// Reads the token from the argument, or from standard input unless that is a terminal, and
    /// removes what people copy along with a token.
    pub(crate) fn token(
        &mut self,
        argument: Option<String>,
        output: &mut Output,
    ) -> Result<String, Failure> {
        let text = match argument {
            Some(text) if text != "-" => text,
            None if io::stdin().is_terminal() => {
                return Err(Failure::misuse(
                    "the token is missing; pass it as an argument or pipe it in",
                ));
            }
            _ => {
                let bytes = self.stdin("the token")?;
                let text = String::from_utf8_lossy(&bytes).into_owned();
                without_line_end(&text).to_owned()
            }
        };
        let (token, taken_off) = bare(&text);
        if !taken_off.is_empty() {
            output.note(&format!("removed {} from around the token", taken_off.join(" and ")));
        }
        if token.is_empty() {
            return Err(Failure::misuse("the token is empty"));
        }
        Ok(token.to_owned())
    }

    /// Reads the claims from the argument, or from standard input unless that is a terminal.
    pub(crate) fn claims(&mut self, argument: Option<String>) -> Result<String, Failure> {
        let text = match argument {
            Some(text) if text != "-" => text,
            None if io::stdin().is_terminal() || self.taken_for.is_some() => String::new(),
            _ => String::from_utf8(self.stdin("the claims")?)
                .map_err(|_| Failure::misuse("the claims are not UTF-8"))?,
        };
        Ok(if text.trim().is_empty() { "{}".to_owned() } else { text })
    }
}

/// Returns how errors name an input.
pub(crate) fn name(path: &Path) -> String {
    if path == Path::new("-") {
        return "standard input".to_owned();
    }
    path.display().to_string()
}

fn bounded(from: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(MAX_LEN.saturating_add(1)).read_to_end(&mut bytes)?;
    if u64::try_from(bytes.len()).is_ok_and(|len| len > MAX_LEN) {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "longer than 1 MiB"));
    }
    Ok(bytes)
}

/// Returns the text without the one line end that a text file ends with.
pub(crate) fn without_line_end(text: &str) -> &str {
    text.strip_suffix("\r\n").or_else(|| text.strip_suffix('\n')).unwrap_or(text)
}

/// Returns the token without what surrounds it, and names what that was.
fn bare(text: &str) -> (&str, Vec<&'static str>) {
    let mut rest = text;
    let mut taken_off = Vec::new();
    loop {
        // Comparing the texts instead of their lengths would read the whole text for each quote.
        let (shorter, what) = if rest.trim().len() < rest.len() {
            (rest.trim(), "white space")
        } else if let Some(inner) = without_quotes(rest) {
            (inner, "quotes")
        } else if let Some(token) = without_bearer(rest) {
            (token, "`Bearer `")
        } else {
            return (rest, taken_off);
        };
        rest = shorter;
        if !taken_off.contains(&what) {
            taken_off.push(what);
        }
    }
}

pub(crate) fn without_quotes(text: &str) -> Option<&str> {
    let pairs = [('"', '"'), ('\'', '\''), ('`', '`'), ('“', '”'), ('‘', '’')];
    pairs.into_iter().find_map(|(open, close)| text.strip_prefix(open)?.strip_suffix(close))
}

fn without_bearer(text: &str) -> Option<&str> {
    if text.eq_ignore_ascii_case("Bearer") {
        return Some("");
    }
    let (scheme, token) = text.split_at_checked("Bearer ".len())?;
    scheme.eq_ignore_ascii_case("Bearer ").then_some(token)
}

#[cfg(test)]
mod tests {
    use super::{bare, without_line_end};

    #[test]
    fn one_line_end() {
        for (text, expected) in
            [("a", "a"), ("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), ("a\r", "a\r"), ("\n", "")]
        {
            assert_eq!(without_line_end(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_stands_around_a_token() {
        for (text, token, taken_off) in [
            ("a.b.c", "a.b.c", &[][..]),
            (" a.b.c\n", "a.b.c", &["white space"]),
            ("\"a.b.c\"", "a.b.c", &["quotes"]),
            ("“a.b.c”", "a.b.c", &["quotes"]),
            ("bearer  a.b.c", "a.b.c", &["`Bearer `", "white space"]),
            ("'Bearer a.b.c' ", "a.b.c", &["white space", "quotes", "`Bearer `"]),
            ("\"a.b.c", "\"a.b.c", &[]),
            ("a b", "a b", &[]),
            ("\"", "\"", &[]),
            ("\"\"", "", &["quotes"]),
            ("Bearer", "", &["`Bearer `"]),
            ("Bearers", "Bearers", &[]),
        ] {
            assert_eq!(bare(text), (token, taken_off.to_vec()), "{text:?}");
        }
    }
}
