//! The exact texts of errors, and their codes.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use jwt_codec::{Error, NumericDate};
use jwt_codec_oidc::{FetchError, OidcError};

#[test]
fn texts_and_codes_of_oidc_errors() {
    let now = NumericDate::from_secs(1_600_000_000);
    let max_age = Duration::from_secs(60);
    for (error, code, text) in [
        (
            OidcError::Token(Error::InvalidSignature),
            "invalid_signature",
            Error::InvalidSignature.to_string(),
        ),
        (
            OidcError::KeysUnavailable,
            "keys_unavailable",
            "the keys of the issuer are not available; answer 503, and look at `Issuer::status` for \
             the reason"
                .into(),
        ),
        (
            OidcError::UntrustedAudience { audience: "bank".into() },
            "untrusted_audience",
            "the ID token is also for the audience \"bank\"; if that is right, use \
             `IdTokenVerifier::trust_audience`"
                .into(),
        ),
        (
            OidcError::InvalidAzp,
            "invalid_azp",
            "the claim \"azp\" is neither this client nor a trusted audience: the ID token was issued \
             to another client"
                .into(),
        ),
        (
            OidcError::MissingNonce,
            "missing_nonce",
            "the claim \"nonce\" is missing, and the login was started with a nonce".into(),
        ),
        (
            OidcError::InvalidNonce,
            "invalid_nonce",
            "the claim \"nonce\" is not the nonce of this login: the ID token may be of another login"
                .into(),
        ),
        (
            OidcError::UnexpectedNonce,
            "unexpected_nonce",
            "the token has a nonce; for an ID token use `Login::with_nonce`, and reject a logout token"
                .into(),
        ),
        (
            OidcError::InvalidAcr { expected: "phr".into() },
            "invalid_acr",
            "the claim \"acr\" is not \"phr\", for which the login asked".into(),
        ),
        (
            OidcError::AuthTooOld { auth_time: Some(now), now: now + max_age * 2, max_age },
            "auth_too_old",
            "the user was authenticated at 1600000000, and `Login::max_age` allows 60 s; it is now \
             1600000120; let the user log in again"
                .into(),
        ),
        (
            OidcError::AuthTooOld { auth_time: None, now, max_age },
            "auth_too_old",
            "the claim \"auth_time\" is not a date, and `Login::max_age` allows 60 s; it is now \
             1600000000; let the user log in again"
                .into(),
        ),
        (
            OidcError::InvalidAtHash,
            "invalid_at_hash",
            "the claim \"at_hash\" is not the hash of the access token: they were not issued together"
                .into(),
        ),
        (
            OidcError::SenderConstrained,
            "sender_constrained",
            "the access token is bound to a key of its sender by the claim \"cnf\", which is not checked \
             here; if the program checks it, use `AccessTokenVerifier::allow_sender_constrained`"
                .into(),
        ),
        (
            OidcError::MissingSubject,
            "missing_subject",
            "the logout token names neither a subject (\"sub\") nor a session (\"sid\")".into(),
        ),
        (
            OidcError::InvalidEvents,
            "invalid_events",
            "the claim \"events\" has no back-channel logout event: the token is not a logout token"
                .into(),
        ),
    ] {
        assert_eq!((error.code(), error.to_string()), (code, text));
        assert!(!error.is_expired());
    }
    assert!(OidcError::Token(Error::Expired { exp: now, now }).is_expired());
}

#[test]
fn texts_of_fetch_errors() {
    let url = || "https://login.example/jwks".to_owned();
    let issuer = || "https://login.example".to_owned();
    for (error, text) in [
        (
            FetchError::NotHttps { url: "http://login.example".into() },
            "the URL \"http://login.example\" is not allowed; use https without a user name, or http \
             with a loopback address or localhost; without `IssuerBuilder::jwks_uri`, the name of an \
             issuer is such a URL that has no query and no fragment",
        ),
        (
            FetchError::LocalAddress { url: "https://127.0.0.1/".into() },
            "the discovery document names the URL \"https://127.0.0.1/\", which leads to this machine \
             or its network link; if that is right, set it with `IssuerBuilder::jwks_uri`",
        ),
        (
            FetchError::Unreachable {
                url: url(),
                reason: "Connection refused (os error 111)".into(),
            },
            "https://login.example/jwks cannot be reached: Connection refused (os error 111); check the \
             URL, the network and the certificate",
        ),
        (
            FetchError::Processor,
            "this processor does not have the instructions that https and public keys need: AES, \
             PCLMULQDQ, BMI1, ADX and AVX2, or on Arm AES, PMULL and SHA2; run the program on another \
             one",
        ),
        (
            FetchError::TimedOut { issuer: issuer(), timeout: Duration::from_secs(5) },
            "the keys of https://login.example did not arrive within 5000 ms; \
             `IssuerBuilder::timeout` changes that",
        ),
        (
            FetchError::Status { url: url(), status: 500 },
            "https://login.example/jwks answered with the status 500",
        ),
        (
            FetchError::Status { url: url(), status: 302 },
            "https://login.example/jwks answered with the status 302; redirects are not followed, so \
             use the URL to which it leads",
        ),
        (
            FetchError::Status { url: url(), status: 404 },
            "https://login.example/jwks answered with the status 404; check the name of the issuer, or \
             set `IssuerBuilder::jwks_uri`",
        ),
        (
            FetchError::TooLarge { url: url(), max: 262_144 },
            "https://login.example/jwks answered with more than 262144 bytes; \
             `IssuerBuilder::max_body` changes that",
        ),
        (
            FetchError::NotJson {
                url: url(),
                expected: "a JWK Set",
                reason: "it is not UTF-8".into(),
            },
            "the answer of https://login.example/jwks is not a JWK Set: it is not UTF-8; check the URL",
        ),
        (
            FetchError::OtherIssuer { expected: issuer(), found: "https://login.example/".into() },
            "the discovery document is of the issuer \"https://login.example/\", not \
             \"https://login.example\"; use the name exactly as the issuer writes it, or set \
             `IssuerBuilder::jwks_uri`",
        ),
        (
            FetchError::NoUsableKey { url: url(), skipped: 0, reasons: "the set is empty".into() },
            "no key of https://login.example/jwks can be used: the set is empty; \
             `IssuerBuilder::algorithm_for_unnamed` names the algorithm of RSA keys without `alg`",
        ),
        (
            FetchError::RootCertificate { reason: "the text has no certificate".into() },
            "the root certificate cannot be read: the text has no certificate; pass PEM text with \
             -----BEGIN CERTIFICATE-----",
        ),
        (
            FetchError::NoRuntime,
            "no tokio runtime runs the task that fetches the keys; start the issuer inside a runtime \
             with timers and I/O (`enable_all`), and keep that runtime while the issuer is used",
        ),
        (
            FetchError::NoClient,
            "there is no HTTP client; switch the feature `http` on, or set `IssuerBuilder::client`",
        ),
    ] {
        assert_eq!(error.to_string(), text);
    }
}
