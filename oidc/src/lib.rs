//! The tokens of an OpenID Connect or OAuth 2.0 issuer, such as Auth0, Entra, Keycloak or Google,
//! verified: the keys of the issuer are found, fetched, renewed, and dropped when they are withdrawn.
//!
//! ```no_run
//! use jwt_codec_oidc::Issuer;
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct Claims {
//!     sub: String,
//!     scope: Option<String>,
//! }
//!
//! # async fn run(token: &str) -> Result<(), Box<dyn std::error::Error>> {
//! let issuer = Issuer::builder("https://login.example").connect().await?;
//! let verifier = issuer.access_tokens("https://api.example");
//!
//! let claims = verifier.decode::<Claims>(token).await?.claims;
//! println!("{} may {}", claims.sub, claims.scope.unwrap_or_default());
//! # Ok(())
//! # }
//! ```
//!
//! # Overview
//!
//! - [`Issuer`]: the keys of an issuer, and the task that renews them. [`IssuerBuilder`] has its
//!   settings. [`IssuerStatus`] is for health checks.
//! - [`AccessTokenVerifier`]: access tokens (RFC 9068), for an API. [`Issuers`]: access tokens of several
//!   issuers.
//! - [`IdTokenVerifier`] and [`Login`]: ID tokens (OpenID Connect Core 1.0), for an application into
//!   which users log in. [`LogoutTokenVerifier`]: its back-channel logout.
//! - [`OidcError`]: why a token is rejected. [`FetchError`]: why the keys cannot be had.
//! - [`Fetch`]: a client of the program's own. `testing::FakeIssuer`: an issuer for tests.
//!
//! The rules that other tokens have too are those of [`jwt_codec::Validation`]. The method `validation` of
//! each verifier changes them.
//!
//! # The keys
//!
//! A token whose key is known is decoded at once, without a lock. `decode` waits only for a fetch that may
//! bring a missing key, and `try_decode`, which is not `async`, never waits. One task for each issuer
//! fetches the keys and publishes them:
//!
//! | when | what happens | changed by |
//! |---|---|---|
//! | every 10 minutes, give or take 10 % | the JWK Set is fetched and replaces the old one; a key that the issuer has withdrawn is gone | [`refresh_every`](IssuerBuilder::refresh_every) |
//! | a token of the issuer names a key that is not known | it waits for a fetch, at most one every 30 seconds, and is tried once more | [`cooldown`](IssuerBuilder::cooldown) |
//! | a fetch fails | the keys stay; another is tried after 60 seconds, doubling to 10 minutes; without keys after 5 seconds, doubling to 5 minutes; each up to 20 % earlier | |
//! | no fetch has succeeded for 6 hours | the keys are dropped, and every token is rejected with [`OidcError::KeysUnavailable`] | [`max_stale`](IssuerBuilder::max_stale) |
//! | a fetch takes longer than 5 seconds | it has failed | [`timeout`](IssuerBuilder::timeout) |
//!
//! No token whose key is known waits for any of this, and a request that is dropped cancels no
//! fetch. Redirects are not followed, and cache headers are not obeyed. A set without a usable key is a
//! failure. Discovery is asked again when the set cannot be had where it was.
//!
//! # Where it connects to
//!
//! To `https` with the certificate roots of the platform and the ones that the program adds with
//! [`root_certificate_pem`](IssuerBuilder::root_certificate_pem), or to `http` on this machine. The
//! discovery document has to name the issuer exactly, and cannot lead to this machine or its network
//! link; what a DNS name resolves to is not checked. For a proxy, set a
//! [`client`](IssuerBuilder::client).
//!
//! The server's certificate may have an RSA key of 2048 bits or more, a key on P-256 or P-384, and with
//! TLS 1.3 an Ed25519 key. P-521 is not supported.
//!
//! # Starting and stopping
//!
//! [`connect`](IssuerBuilder::connect) waits for the keys and reports why they cannot be had.
//! [`start`](IssuerBuilder::start) returns at once, for a service that may be up before its issuer:
//! show [`Issuer::is_ready`] in the readiness check. The task ends when the last [`Issuer`] and the
//! last of its verifiers are dropped, and with the runtime. Keep that runtime running: while nothing runs
//! it, nothing is fetched.
//!
//! # Features
//!
//! - `http` (default): the built-in client: hyper, and rustls with the cryptography of graviola, so
//!   that nothing is built of C. Without it, [`IssuerBuilder::client`] is required.
//! - `testing`: `testing::FakeIssuer`.

#![forbid(unsafe_code)]

mod address;
mod builder;
mod error;
mod excerpt;
mod fetch;
mod fetch_error;
#[cfg(feature = "http")]
mod http;
mod issuer;
mod issuers;
mod profiles;
mod schedule;
mod source;
mod task;
#[cfg(feature = "testing")]
pub mod testing;

pub use builder::IssuerBuilder;
pub use error::OidcError;
pub use fetch::{BoxError, Fetch, FetchFuture, FetchRequest, FetchResponse};
pub use fetch_error::FetchError;
pub use issuer::{Issuer, IssuerStatus};
pub use issuers::Issuers;
pub use profiles::{AccessTokenVerifier, IdTokenVerifier, Login, LogoutToken, LogoutTokenVerifier};

/// The code in README and guide, compiled and run as doc tests.
#[cfg(all(doctest, feature = "http", feature = "testing"))]
mod guides {
    #[doc = include_str!("../README.md")]
    struct Readme;
    #[doc = include_str!("../../docs/openid-connect.md")]
    struct OpenidConnect;
}
