//! What is wrong with a token, and where.

use crate::escape::visible;

#[derive(Debug)]
pub(super) struct Problem {
    pub(super) code: &'static str,
    pub(super) fact: String,
    /// What to do about it.
    pub(super) hint: Option<&'static str>,
    pub(super) place: Option<Place>,
}

/// An offset, in bytes, in the token or in the decoded text of a segment.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) text: String,
    pub(super) offset: usize,
    /// What is said there.
    pub(super) label: &'static str,
}

impl Problem {
    pub(super) fn new(code: &'static str, fact: String) -> Self {
        Self { code, fact, hint: None, place: None }
    }

    pub(super) fn malformed(fact: String, place: Option<Place>) -> Self {
        Self { code: "malformed", fact, hint: None, place }
    }

    /// The fact and the hint, for readers who do not see the place.
    pub(super) fn message(&self) -> String {
        match self.hint {
            Some(hint) => format!("{}: {hint}", self.fact),
            None => self.fact.clone(),
        }
    }
}

/// The token does not have three segments.
pub(super) fn count(token: &str, segments: usize) -> Problem {
    let fact = match segments {
        1 => "expected three dot-separated segments, found one".to_owned(),
        2 => {
            "expected three dot-separated segments, found two: the signature is missing".to_owned()
        }
        5 => "the token is encrypted (JWE): only the header of its five segments can be read"
            .to_owned(),
        segments => format!("expected three dot-separated segments, found {segments}"),
    };
    let place = match token.match_indices('.').nth(2) {
        _ if segments == 5 => None,
        Some((offset, _)) => Some((offset, "one dot too many")),
        None => Some((token.len(), "the token ends here")),
    };
    let place = place.map(|(offset, label)| Place { text: token.to_owned(), offset, label });
    Problem::malformed(fact, place)
}

impl Place {
    /// Returns the text around the offset, and the column for a caret below it.
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
