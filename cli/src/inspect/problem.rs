//! What is wrong with a token, and where.

use crate::escape::visible;

#[derive(Debug)]
pub(super) struct Problem {
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) place: Option<Place>,
}

/// An offset, in bytes, in the token or in what a part of it stands for.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) text: String,
    pub(super) offset: usize,
    pub(super) hint: &'static str,
}

impl Problem {
    pub(super) fn new(code: &'static str, message: String) -> Self {
        Self { code, message, place: None }
    }

    pub(super) fn malformed(message: String, place: Option<Place>) -> Self {
        Self { code: "malformed", message, place }
    }
}

/// The token has not three parts.
pub(super) fn count(token: &str, parts: usize) -> Problem {
    let message = match parts {
        1 => "a token is three parts with dots between; there is no dot in it".to_owned(),
        2 => "a token is three parts with dots between; the signature is missing".to_owned(),
        5 => "this is an encrypted token (JWE): five parts, of which only the header can be read"
            .to_owned(),
        parts => format!("a token is three parts with dots between, not {parts}"),
    };
    let place = match token.match_indices('.').nth(2) {
        _ if parts == 5 => None,
        Some((offset, _)) => Some((offset, "one dot too many")),
        None => Some((token.len(), "more was to come")),
    };
    let place = place.map(|(offset, hint)| Place { text: token.to_owned(), offset, hint });
    Problem::malformed(message, place)
}

impl Place {
    /// The text around the offset, and on the next line the column of a caret under it.
    pub(super) fn excerpt(&self) -> (String, usize) {
        const AROUND: usize = 36;
        let (before, after) =
            self.text.split_at_checked(self.offset).unwrap_or((self.text.as_str(), ""));
        let before: Vec<char> = visible(before).chars().collect();
        let after: Vec<char> = visible(after).chars().collect();
        let start: String = match before.last_chunk::<AROUND>() {
            Some(end) if before.len() > AROUND => "…".chars().chain(*end).collect(),
            _ => before.iter().collect(),
        };
        let end: String = match after.first_chunk::<AROUND>() {
            Some(start) if after.len() > AROUND => start.iter().copied().chain(['…']).collect(),
            _ => after.iter().collect(),
        };
        let column = start.chars().count();
        (start + &end, column)
    }
}
