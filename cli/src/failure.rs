//! Why a command fails: one line for people, a code for scripts, an exit code.

use std::{fmt::Display, io, path::Path};

use jwt_codec::Error;

use crate::words;

#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) kind: Kind,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The token, or the claims to be signed, were rejected.
    Rejected,
    /// A usage error: arguments, files, keys.
    Misuse,
}

impl Failure {
    /// The arguments, or the files that they name, do not fit together.
    pub(crate) fn misuse(message: impl Into<String>) -> Self {
        Self { kind: Kind::Misuse, code: "usage", message: message.into() }
    }

    /// No key was given, or it cannot be used.
    pub(crate) fn no_key(message: impl Into<String>) -> Self {
        Self { kind: Kind::Misuse, code: "no_key", message: message.into() }
    }

    pub(crate) fn io(doing: &str, path: &Path, error: &io::Error) -> Self {
        let message = format!("cannot {doing} {}: {error}", path.display());
        Self { kind: Kind::Misuse, code: "io", message }
    }

    pub(crate) fn output(error: &io::Error) -> Self {
        let message = format!("cannot write to standard output: {error}");
        Self { kind: Kind::Misuse, code: "io", message }
    }

    /// A key that cannot be used. `whence` names its source.
    pub(crate) fn key(whence: impl Display, error: &Error) -> Self {
        let message = format!("{whence}: {}", words::of_key_error(error));
        Self { kind: Kind::Misuse, code: error.code(), message }
    }

    pub(crate) fn rejected(error: &Error, message: String) -> Self {
        Self { kind: Kind::Rejected, code: error.code(), message }
    }

    /// Claims that every decode would reject.
    pub(crate) fn unsignable(message: String) -> Self {
        Self { kind: Kind::Rejected, code: "encode", message }
    }
}
