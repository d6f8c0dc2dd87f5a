//! The library's errors, in the words of the command line: flags instead of methods, and dates as
//! people read them.

use jwt_codec::{Error, KeyDefect};

use crate::time::{date, distance};

/// Why a token was refused. The time of the check is in the error, where it matters.
pub(crate) fn of_token_error(error: &Error) -> String {
    match error {
        Error::TokenTooLong { len, max } => {
            format!("the token is {len} bytes long; the most that is read is {max}")
        }
        Error::AlgorithmMismatch { expected: Some(expected), found } => {
            format!("the token says alg {found:?}, but the key is for {expected} (--alg)")
        }
        Error::AlgorithmMismatch { expected: None, found } => {
            format!("the token says alg {found:?}, and no key of the set is for it")
        }
        Error::UnexpectedType { expected, found: Some(found), .. } => format!(
            "typ is {found:?}, not {}; if you expect such tokens, say --typ {}",
            list(expected),
            argument(found)
        ),
        Error::UnexpectedType { expected, found: None, .. } => {
            format!("the token has no typ, expected {} (--typ)", list(expected))
        }
        Error::InvalidClaimType { claim, expected, found, .. } => {
            format!("the claim \"{claim}\" must be {expected}, not {found}")
        }
        Error::MissingClaim { claim, .. } => format!(
            "the claim {claim:?} is missing{}",
            match claim.as_str() {
                "exp" => "; --ignore-exp takes tokens that never expire",
                "iss" => " (--iss)",
                "aud" => " (--aud)",
                _ => "",
            }
        ),
        Error::Expired { exp, now } => {
            format!("it expired {}, at {}", distance(*exp, *now), date(*exp))
        }
        Error::NotYetValid { not_before, now, .. } => {
            format!("it becomes valid {}, at {}", distance(*not_before, *now), date(*not_before))
        }
        Error::InvalidIssuer { expected, found, .. } => {
            format!("iss is {found:?}, not {} (--iss)", list(expected))
        }
        Error::InvalidAudience { expected, found, .. } if expected.is_empty() => format!(
            "the token is for the audience {}; if that is you, say {}",
            list(found),
            found
                .first()
                .map_or("so with --aud".to_owned(), |aud| format!("--aud {}", argument(aud)))
        ),
        Error::InvalidAudience { expected, found, .. } => {
            format!(
                "the token is for the audience {}, not for {} (--aud)",
                list(found),
                list(expected)
            )
        }
        error => error.to_string(),
    }
}

/// Why a key cannot be used.
pub(crate) fn of_key_error(error: &Error) -> String {
    match error {
        Error::WeakKey { len: 0, .. } => "the secret is empty".to_owned(),
        error @ Error::WeakKey { .. } => format!("{error}, or --allow-short-secret"),
        // The library's advice names its methods.
        Error::InvalidKey { defect } => match option(defect) {
            Some(option) => format!("invalid key: {defect}; {option}"),
            None => error.to_string(),
        },
        error => error.to_string(),
    }
}

/// The option that reads such a key.
fn option(defect: &KeyDefect) -> Option<&'static str> {
    match defect {
        KeyDefect::Hexadecimal => Some("read it with --secret-format hex"),
        KeyDefect::NotBase64url => Some("--secret-format base64 reads the other forms of base64"),
        KeyDefect::SecretIsJwk => Some("read it with --jwk"),
        _ => None,
    }
}

/// The library's advice names its methods.
fn in_flags(text: &str) -> String {
    [(
        "a `RawValue` cannot be flattened into the claims, nor be all of them in `Claims`",
        "a claim has a name that is kept for other use",
    )]
    .into_iter()
    .fold(text.to_owned(), |text, (method, flag)| text.replace(method, flag))
}

/// Why claims cannot be signed.
pub(crate) fn of_encode_error(error: &Error) -> String {
    let text = in_flags(&error.to_string());
    // What follows is advice for programs.
    match text.split_once("; leave it") {
        Some((text, _)) => format!("{text}; leave it out"),
        None => text,
    }
}

/// As in `"api" or "web"`.
fn list(names: &[String]) -> String {
    match names {
        [] => "nobody".to_owned(),
        names => names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(" or "),
    }
}

/// A word as a shell takes it.
fn argument(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@+%,=".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
