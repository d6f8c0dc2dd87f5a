//! Creates and verifies JSON Web Tokens: with a shared secret (HS256, HS384, HS512), and with public
//! keys behind a feature. It is strict, typed and fast, and each way to loosen a check has a name that
//! shows where it is called.
//!
//! A service issues a token at login and checks it on every request:
//!
//! ```
//! use std::time::Duration;
//! use jwt_codec::{Algorithm, Claims, Key, Validation, decode, encode};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Debug, PartialEq, Serialize, Deserialize)]
//! struct Session {
//!     username: String,
//! }
//!
//! # let secret = "a2c91f0d4be87365092fd1c6e4b83a7510cf6e29d8b4713af5069ce1872d3b4a\n";
//! // The output of `openssl rand -hex 32`, read from a file or the environment.
//! let key = Key::from_hex(Algorithm::Hs256, secret)?;
//!
//! let session = Claims::new(Session { username: "ada".into() });
//! let token = encode(&session.expires_in(Duration::from_secs(1800)), &key)?;
//!
//! let data = decode::<Claims<Session>>(&token, &key, &Validation::new())?;
//! assert_eq!(data.claims.custom.username, "ada");
//! # Ok::<(), jwt_codec::Error>(())
//! ```
//!
//! # Overview
//!
//! - [`Key`]: one secret for one algorithm. [`KeySet`]: several keys, found by id.
//! - [`Claims<T>`](Claims): the registered claims together with a type of yours. A struct of your own
//!   works as well.
//! - [`Validation`]: what a token must say to be accepted. Build it once and share it.
//! - [`encode`](encode()) and [`decode`](decode()). [`Verifier`]: keys and policy together, for a running
//!   service.
//! - [`Error`]: why a token, a key or a set of claims was rejected.
//!
//! # Secrets and keys
//!
//! [`Key`] says how to make a secret and which constructor reads it. Each key has exactly one
//! algorithm, and a token whose `alg` differs is rejected: a token can never choose how it is
//! verified. Secrets that are too short are rejected, and so are public keys that somebody passes as
//! a secret.
//!
//! To rotate, give keys ids and put them into a [`KeySet`]. [`Verifier::replace_keys`] swaps it while
//! the service runs. For several issuers, bind each key to its issuer with [`Key::with_issuer`].
//!
//! A set holds secrets and public keys, and never signs: keep the signing key in a variable of its own.
//!
//! # Claims
//!
//! Claims are whatever serde makes a JSON object of: a struct of your own, a map, or
//! [`Claims<T>`](Claims), which adds the seven registered claims (`iss`, `sub`, `aud`, `exp`, `nbf`,
//! `iat`, `jti`). The registered claims are checked in every case, whether your type has them or not.
//! A registered claim that is `None` is not written. Claims are signed and not encrypted: anybody can
//! read them.
//!
//! # The policy
//!
//! [`Validation`] has a table of its rules. By default `exp` must be present and in the future, `nbf`
//! must not be in the future, there is no leeway, and a token that names an audience is rejected
//! until you set [`audience`](Validation::audience):
//!
//! ```
//! use std::time::Duration;
//! use jwt_codec::{Claims, Key, Validation, decode, encode};
//!
//! let key = Key::hs256("for this example only, 32 bytes or more")?;
//! let validation = Validation::new()
//!     .issuer("https://login.example")
//!     .audience("api")
//!     .max_age(Duration::from_secs(3600))
//!     .leeway(Duration::from_secs(5))
//!     .require("role");
//!
//! let claims = Claims::new(serde_json::json!({ "role": "admin" }))
//!     .issuer("https://login.example")
//!     .audience(["api", "web"])
//!     .issued_now()
//!     .expires_in(Duration::from_secs(600));
//! let token = encode(&claims, &key)?;
//! assert!(decode::<serde_json::Value>(&token, &key, &validation).is_ok());
//!
//! let elsewhere = validation.audience("billing");
//! let error = decode::<serde_json::Value>(&token, &key, &elsewhere).unwrap_err();
//! assert_eq!(error.code(), "invalid_audience");
//! # Ok::<(), jwt_codec::Error>(())
//! ```
//!
//! # Errors
//!
//! Every rejection is an [`Error`] with the details, and has a stable [`code`](Error::code).
//!
//! Rejected tokens, in the order of a decode. Answer 401, tell the client only "expired" or "invalid",
//! and log the code:
//!
//! | code | what it means |
//! |---|---|
//! | `token_too_long` | the token is longer than 65 536 bytes, or than [`Validation::max_token_len`] |
//! | `malformed` | not three segments of canonical base64url, not a JSON object, or a duplicate member |
//! | `unknown_key` | no key has the token's `kid` |
//! | `algorithm_mismatch` | `alg` is not the key's algorithm; `none` is never accepted |
//! | `unsupported_critical` | `crit` or `b64` requires an extension |
//! | `invalid_signature` | the token was forged, altered, or signed with another key |
//! | `invalid_claim_type` | a registered claim has a wrong JSON type, or is `null` |
//! | `missing_claim` | a claim that the policy requires is absent |
//! | `expired` | the time is not before `exp` |
//! | `not_yet_valid` | the time is before `nbf`, or before `iat` if the policy limits the age |
//! | `too_old` | the token was issued too long ago, or lives too long |
//! | `invalid_issuer` | `iss` is not an accepted issuer, or not one that the key is bound to |
//! | `invalid_audience` | `aud` names other services, or the policy names no audience |
//! | `invalid_subject` | `sub` is not the required subject |
//! | `invalid_claim` | a claim does not have a required value, or is forbidden |
//! | `unexpected_type` | `typ` is another kind of token |
//! | `claims_mismatch` | the claims do not fit your type. The token is genuine, so alert somebody |
//!
//! Bad keys and settings. Stop when the program starts:
//!
//! | code | what it means |
//! |---|---|
//! | `weak_key` | a secret is shorter than the hash, or an RSA key is shorter than 2048 bits |
//! | `invalid_key` | another kind of key, text in a wrong encoding, or the id of another key |
//! | `unknown_algorithm` | a string is not the name of an algorithm of this build |
//!
//! A bug of the service that signs. Answer 500:
//!
//! | code | what it means |
//! |---|---|
//! | `encode` | the claims or the header cannot be written, or no `decode` would accept them |
//!
//! # Testing with a fixed clock
//!
//! [`Validation::at`] sets a fixed clock, and [`Validation::clock`] one that you move.
//! [`expires_in`](Claims::expires_in) counts from the `iat` that you set before it.
//!
//! # Step by step
//!
//! [`UnverifiedToken`] → [`verify`](UnverifiedToken::verify) → [`VerifiedToken`] →
//! [`claims`](VerifiedToken::claims) → [`TokenData`] is what [`decode`](decode()) does. You cannot
//! read the claims before the signature was verified: [`UnverifiedToken`] has no method for it, except
//! [`issuer_hint`](UnverifiedToken::issuer_hint) to choose a key
//! ([`dangerous::decode_unverified`] reads them without any check). [`sign`] makes a JWS over any bytes,
//! and [`VerifiedToken::payload`] returns them.
//!
//! # Features
//!
//! - `std` (default): the system clock ([`Validation::new`], [`NumericDate::now`]), [`Verifier`] and
//!   hashed key sets. Without it the crate needs `alloc` only.
//! - `simd` (default): base64 with AVX2 or NEON where the processor has it. It needs `std`. Without
//!   it, `base64` runs no `unsafe` code. This crate has none in any case.
//! - `public-keys`: `PublicKey`, `PrivateKey` and `SigningInput` for EdDSA, ECDSA and RSA, by `graviola`.
//!   It needs `std`, and `x86_64` with AES, PCLMULQDQ, BMI1, ADX and AVX2 (Intel from Broadwell on, AMD
//!   from Zen on, not QEMU's default CPU) or `aarch64` with AES, PMULL and SHA2. On an older processor
//!   every constructor of these keys returns [`Error::InvalidKey`].
//!
//! # Not supported, and what to use instead
//!
//! - Encryption (JWE): `josekit`.
//! - Fetching keys: the crate `jwt-codec-oidc`, or an HTTP client of yours and
//!   `KeySet::from_public_jwks`. URLs in a token (`jku`, `x5u`) are never followed.
//! - Certificates: `dangerous::certificate_key` reads the key of one, and verifies nothing.
//! - Detached payloads, the JSON serialisation of a JWS, nested tokens, compressed payloads.
//! - Revocation: keep the `jti` of each revoked token until the token's `exp` plus your leeway has passed.
//!
//! - `none`, ES512, ES256K, Ed448. Keys in a token (`jwk`, `x5c`) are never trusted.
//!
//! `SigningInput` signs with a key in a KMS, an HSM or a smart card.

#![cfg_attr(not(feature = "std"), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

#[cfg(all(feature = "public-keys", not(any(target_arch = "x86_64", target_arch = "aarch64"))))]
compile_error!("the feature `public-keys` of jwt-codec needs x86_64 or aarch64");

mod algorithm;
mod base64url;
mod claims;
pub mod dangerous;
mod decode;
mod encode;
mod error;
mod header;
mod json;
mod keys;
mod segments;
mod signature;
#[cfg(feature = "public-keys")]
mod signing_input;
mod token;
mod validation;
#[cfg(feature = "std")]
mod verifier;

pub use algorithm::Algorithm;
pub use claims::{Audience, Claim, Claims, NumericDate, RegisteredClaims};
pub use decode::{TokenData, decode, decode_borrowed, decode_header};
pub use encode::{encode, encode_into, encode_with_header, sign};
#[cfg(feature = "public-keys")]
pub use error::KeyKind;
pub use error::{
    EncodeDefect, Error, JsonType, KeyDefect, Reason, Requirement, Segment, UnknownKeyReason,
};
pub use header::Header;
pub use keys::{Key, KeySet, Keys, SigningKey, SkippedKey, VerificationKey};
#[cfg(feature = "public-keys")]
pub use keys::{PrivateKey, PublicKey};
#[cfg(feature = "public-keys")]
pub use signing_input::SigningInput;
pub use token::{UnverifiedToken, VerifiedToken};
pub use validation::Validation;
#[cfg(feature = "std")]
pub use verifier::Verifier;

/// The code in README and guides, compiled and run as doc tests. Guides on public keys need the feature.
#[cfg(all(doctest, feature = "std"))]
mod guides {
    #[doc = include_str!("../README.md")]
    struct Readme;
    #[doc = include_str!("../docs/from-pyjwt.md")]
    struct FromPyjwt;
    #[doc = include_str!("../docs/faq.md")]
    struct Faq;
    #[cfg(feature = "public-keys")]
    #[doc = include_str!("../docs/from-jsonwebtoken.md")]
    struct FromJsonwebtoken;
    #[cfg(feature = "public-keys")]
    #[doc = include_str!("../docs/recipes.md")]
    struct Recipes;
}
