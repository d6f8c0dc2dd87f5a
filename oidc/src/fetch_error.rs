//! Why the keys of an issuer could not be had.

use std::{error::Error, time::Duration};

use jwt_codec::{KeySet, SkippedKey};

/// The longest foreign text that an error quotes, in characters. URLs are rarely longer.
const MAX_QUOTED: usize = 200;

/// How many skipped keys an error names; [`IssuerStatus::skipped`](crate::IssuerStatus::skipped) lists
/// all of them if the set has other keys.
const MAX_REASONS: usize = 3;

/// Why the keys of an issuer could not be had.
///
/// Its text says what is wrong and then what to do. It never contains a body that an issuer sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The URL is not `https`, and not `http` on this machine; or the name of an issuer that is
    /// discovered has a query or a fragment.
    #[error(
        "the URL {url:?} is not allowed; use https without a user name, or http with a loopback \
         address or localhost; without `IssuerBuilder::jwks_uri`, the name of an issuer is such a URL \
         that has no query and no fragment"
    )]
    NotHttps {
        /// The URL, cut at 200 characters.
        url: String,
    },

    /// The discovery document names a `jwks_uri` on this machine or this link, and the issuer is
    /// elsewhere.
    #[error(
        "the discovery document names the URL {url:?}, which leads to this machine or its network link; \
         if that is right, set it with `IssuerBuilder::jwks_uri`"
    )]
    LocalAddress {
        /// The URL, cut at 200 characters.
        url: String,
    },

    /// No answer came.
    #[error("{url} cannot be reached: {reason}; check the URL, the network and the certificate")]
    Unreachable {
        /// The URL.
        url: String,
        /// The innermost cause, such as what is wrong with the certificate, cut at 200 characters.
        /// Control characters and marks of the direction of text are escaped.
        reason: String,
    },

    /// The processor does not have the instructions that the built-in client needs for https. Public
    /// keys need them too, so a client of the program's own does not help.
    #[error(
        "this processor does not have the instructions that https and public keys need: AES, \
         PCLMULQDQ, BMI1, ADX and AVX2, or on Arm AES, PMULL and SHA2; run the program on another one"
    )]
    Processor,

    /// The answer was not complete in time.
    #[error(
        "the keys of {issuer} did not arrive within {} ms; `IssuerBuilder::timeout` changes that",
        .timeout.as_millis()
    )]
    TimedOut {
        /// The name of the issuer.
        issuer: String,
        /// The time that a whole fetch may take.
        timeout: Duration,
    },

    /// The answer has a status other than 200.
    #[error("{url} answered with the status {status}{}", status_advice(*.status))]
    Status {
        /// The URL.
        url: String,
        /// The status code of HTTP.
        status: u16,
    },

    /// The body is longer than [`IssuerBuilder::max_body`](crate::IssuerBuilder::max_body) allows.
    #[error("{url} answered with more than {max} bytes; `IssuerBuilder::max_body` changes that")]
    TooLarge {
        /// The URL.
        url: String,
        /// The length that is allowed, in bytes.
        max: usize,
    },

    /// The body is not the JSON that is expected there.
    #[error("the answer of {url} is not {expected}: {reason}; check the URL")]
    NotJson {
        /// The URL.
        url: String,
        /// What was expected: a discovery document or a JWK Set.
        expected: &'static str,
        /// What is wrong with it, without a word of it.
        reason: String,
    },

    /// The discovery document is of another issuer (OpenID Connect Discovery 1.0 §4.3).
    #[error(
        "the discovery document is of the issuer {found:?}, not {expected:?}; \
         use the name exactly as the issuer writes it, or set `IssuerBuilder::jwks_uri`"
    )]
    OtherIssuer {
        /// The issuer that the program names.
        expected: String,
        /// The issuer that the document names, cut at 200 characters.
        found: String,
    },

    /// The JWK Set has no key that can be used.
    #[error(
        "no key of {url} can be used: {reasons}; `IssuerBuilder::algorithm_for_unnamed` names the \
         algorithm of RSA keys without `alg`"
    )]
    NoUsableKey {
        /// The URL.
        url: String,
        /// How many keys were skipped.
        skipped: usize,
        /// Why the first three were.
        reasons: String,
    },

    /// A root certificate cannot be read.
    #[error(
        "the root certificate cannot be read: {reason}; \
         pass PEM text with -----BEGIN CERTIFICATE-----"
    )]
    RootCertificate {
        /// What is wrong with it.
        reason: String,
    },

    /// No runtime runs the task of the issuer.
    #[error(
        "no tokio runtime runs the task that fetches the keys; \
         start the issuer inside a runtime with timers and I/O (`enable_all`), and keep that runtime \
         while the issuer is used"
    )]
    NoRuntime,

    /// The built-in client is not there, and the program did not set a client.
    #[error(
        "there is no HTTP client; switch the feature `http` on, or set `IssuerBuilder::client`"
    )]
    NoClient,
}

impl FetchError {
    pub(crate) fn unreachable(url: &str, error: &(dyn Error + 'static)) -> Self {
        let mut cause = error;
        while let Some(inner) = cause.source() {
            cause = inner;
        }
        Self::Unreachable { url: url.into(), reason: escape(&excerpt(&cause.to_string())) }
    }

    /// Cuts the URL, which a client may have from a discovery document.
    pub(crate) fn with_short_url(mut self) -> Self {
        if let Self::NotHttps { url }
        | Self::LocalAddress { url }
        | Self::Unreachable { url, .. }
        | Self::Status { url, .. }
        | Self::TooLarge { url, .. }
        | Self::NotJson { url, .. }
        | Self::NoUsableKey { url, .. } = &mut self
        {
            *url = excerpt(url);
        }
        self
    }

    pub(crate) fn no_usable_key(url: &str, keys: &KeySet) -> Self {
        let skipped = keys.skipped();
        let mut reasons: Vec<String> = skipped.iter().take(MAX_REASONS).map(reason).collect();
        match skipped.len().checked_sub(MAX_REASONS) {
            _ if skipped.is_empty() => reasons.push("the set is empty".into()),
            None | Some(0) => {}
            Some(more) => reasons.push(format!("and {more} more")),
        }
        Self::NoUsableKey { url: url.into(), skipped: skipped.len(), reasons: reasons.join("; ") }
    }
}

fn reason(key: &SkippedKey) -> String {
    let id = key.kid.as_deref().map_or("without an id".into(), |id| format!("{:?}", excerpt(id)));
    format!("key {id}: {}", key.error)
}

fn status_advice(status: u16) -> &'static str {
    match status {
        300..=399 => "; redirects are not followed, so use the URL to which it leads",
        404 => "; check the name of the issuer, or set `IssuerBuilder::jwks_uri`",
        _ => "",
    }
}

/// Escapes what could change how a line of a log looks. Quotes stay.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        if c.is_ascii_graphic() {
            escaped.push(c);
        } else {
            escaped.extend(c.escape_debug());
        }
    }
    escaped
}

pub(crate) fn excerpt(text: &str) -> String {
    match text.char_indices().nth(MAX_QUOTED) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.into(),
    }
}
