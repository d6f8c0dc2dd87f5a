//! JSON Web Tokens signed with HMAC (HS256, HS384, HS512): strict, typed, fast, and hard to misuse.
//!
//! A service issues a token at login and checks it on every request:
//!
//! ```
//! use std::time::Duration;
//! use jwt_codec::{Claims, Key, Validation, decode, encode};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Debug, PartialEq, Serialize, Deserialize)]
//! struct Session {
//!     username: String,
//! }
//!
//! let key = Key::hs256("a secret of 32 random bytes or more")?;
//!
//! let session = Claims::new(Session { username: "ada".into() });
//! let token = encode(&session.expires_in(Duration::from_secs(1800)), &key)?;
//!
//! let data = decode::<Claims<Session>>(&token, &key, &Validation::new())?;
//! assert_eq!(data.claims.custom.username, "ada");
//! # Ok::<(), jwt_codec::Error>(())
//! ```
//!
//! # Claims
//!
//! Claims are whatever serde makes a JSON object of: a struct of your own with `exp` and the rest as
//! fields, a map, or [`Claims<T>`](Claims), which adds the seven registered claims to a type of your
//! own. The registered ones are checked in every case, whether your type has them or not.
//!
//! # The policy
//!
//! [`Validation`] says what a genuine token must claim to be let in. By default `exp` must be there
//! and in the future, `nbf` must not be in the future, there is no leeway, and a token that names an
//! audience is refused until you say that it is you:
//!
//! ```
//! use std::time::Duration;
//! use jwt_codec::{Claims, Key, Validation, decode, encode};
//!
//! let key = Key::hs256("a secret of 32 random bytes or more")?;
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
//! Each rule has one method; whatever waives one is called `allow_…` or `ignore_…`.
//!
//! # Keys
//!
//! A [`Key`] is one secret for one algorithm. The token's `alg` can refuse the token but never change
//! the check, so an algorithm cannot be confused. Secrets shorter than the hash are refused, and so
//! is the text of a public key. A [`KeySet`] holds several by id, for rotation; [`Key::from_jwk`] and
//! [`KeySet::from_jwks`] read JSON Web Keys.
//!
//! # Step by step
//!
//! [`UnverifiedToken`] → [`verify`](UnverifiedToken::verify) → [`VerifiedToken`] →
//! [`claims`](VerifiedToken::claims) → [`TokenData`] is what [`decode`](decode()) does, in types that
//! make the wrong order unwritable. It also gives a genuine token's claims after it has expired, and
//! with [`sign`] a JWS over any bytes:
//!
//! ```
//! use jwt_codec::{Claims, Key, NumericDate, UnverifiedToken, Validation, encode};
//!
//! let key = Key::hs256("a secret of 32 random bytes or more")?;
//! let claims = Claims::new(()).subject("ada").expires_at(NumericDate::from_secs(1_600_000_000));
//! let token = encode(&claims, &key)?;
//!
//! let verified = UnverifiedToken::parse(&token)?.verify(&key)?;
//! let error = verified.claims::<Claims<()>>(&Validation::new()).unwrap_err();
//! assert!(error.is_expired());
//! let data = verified.claims::<Claims<()>>(&Validation::new().ignore_exp())?;
//! assert_eq!(data.claims.registered.sub.as_deref(), Some("ada"));
//! # Ok::<(), jwt_codec::Error>(())
//! ```
//!
//! # Errors
//!
//! Every refusal is an [`Error`] with its evidence, and has a stable [`code`](Error::code). In the
//! order of a decode:
//!
//! | code | what it means |
//! |---|---|
//! | `token_too_long` | over 65 536 bytes, or what [`Validation::max_token_len`] says |
//! | `malformed` | not three segments of canonical base64url, or not a JSON object with each name once |
//! | `unknown_key` | `kid` names none of the keys |
//! | `algorithm_mismatch` | `alg` is not the key's; `none` is nobody's |
//! | `unsupported_critical` | `crit` or `b64` demands an extension |
//! | `invalid_signature` | forged, altered, or signed with another key |
//! | `invalid_claim_type` | a registered claim has a wrong JSON type, `null` included |
//! | `missing_claim` | a claim that the policy needs is not there |
//! | `expired` | now is not before `exp` |
//! | `not_yet_valid` | now is before `nbf` |
//! | `too_old` | issued too long ago, or for too long |
//! | `invalid_issuer` | `iss` is somebody else |
//! | `invalid_audience` | `aud` is somebody else, or was not expected |
//! | `invalid_subject` | `sub` is somebody else |
//! | `unexpected_type` | `typ` is another kind of token |
//! | `claims_mismatch` | the claims do not fit your type |
//! | `weak_key` | a secret is shorter than the hash |
//! | `invalid_key` | not a key for HMAC, or twice the same id |
//! | `encode` | claims or header cannot be written |
//!
//! # Features
//!
//! - `std` (default): the system clock ([`Validation::new`], [`NumericDate::now`]) and hashed key
//!   sets. Without it the crate needs `alloc` alone.
//! - `simd` (default): base64 with AVX2 or NEON where the processor has it. Without it, `base64` runs
//!   no `unsafe` code; this crate has none in any case.
//!
//! # What it does not do
//!
//! No RSA, elliptic curves or encryption, no fetching of keys, no `jku` or `x5u`, no detached
//! payloads, no JSON serialisation of JWS, no nested tokens, no revocation.

#![cfg_attr(not(feature = "std"), no_std)]

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
mod payload;
mod signature;
mod token;
mod validation;
#[cfg(feature = "std")]
mod verifier;

pub use algorithm::Algorithm;
pub use claims::{Audience, Claim, Claims, NumericDate, RegisteredClaims};
pub use decode::{decode, decode_borrowed, decode_header};
pub use encode::{encode, encode_into, encode_with_header, sign};
pub use error::{Error, JsonType, Reason, Segment};
pub use header::Header;
pub use keys::{Key, KeySet, Keys, SigningKey, SkippedKey};
#[cfg(feature = "public-keys")]
pub use keys::{PrivateKey, PublicKey};
pub use token::{TokenData, UnverifiedToken, VerifiedToken};
pub use validation::Validation;
#[cfg(feature = "std")]
pub use verifier::Verifier;

/// The code in README and guides, compiled and run as doc tests.
#[cfg(all(doctest, feature = "std"))]
mod guides {
    #[doc = include_str!("../README.md")]
    struct Readme;
    #[doc = include_str!("../docs/from-pyjwt.md")]
    struct FromPyjwt;
    #[doc = include_str!("../docs/from-jsonwebtoken.md")]
    struct FromJsonwebtoken;
    #[doc = include_str!("../docs/recipes.md")]
    struct Recipes;
}
