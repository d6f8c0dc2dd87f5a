//! Extractors for [axum] that verify JSON Web Tokens with [`jwt_codec`] and refuse requests as
//! RFC 6750 says.
//!
//! A handler with an [`Authenticated`] argument runs only if the request has a good token:
//!
//! ```no_run
//! use std::{env, error::Error};
//!
//! use axum::{Router, routing::get};
//! use jwt_codec::{Algorithm, Key, KeySet, Validation, Verifier};
//! use jwt_codec_axum::{Allowed, Auth, Authenticated, Policy, Scopes};
//! use serde::Deserialize;
//! use tokio::net::TcpListener;
//!
//! /// The claims of our tokens.
//! #[derive(Deserialize)]
//! struct Session {
//!     sub: String,
//!     #[serde(default)]
//!     scope: Scopes,
//! }
//!
//! async fn public(session: Option<Authenticated<Session>>) -> String {
//!     match session {
//!         Some(Authenticated(session)) => format!("Hello, {}!", session.sub),
//!         None => "Hello, stranger!".into(),
//!     }
//! }
//!
//! async fn private(Authenticated(session): Authenticated<Session>) -> String {
//!     format!("This is for {} only.", session.sub)
//! }
//!
//! struct ReadReports;
//!
//! impl Policy for ReadReports {
//!     type Claims = Session;
//!     const SCOPE: &'static str = "reports:read";
//!
//!     fn allows(session: &Session) -> bool {
//!         session.scope.contains(Self::SCOPE)
//!     }
//! }
//!
//! async fn reports(Allowed(session): Allowed<ReadReports>) -> String {
//!     format!("Reports for {}.", session.sub)
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn Error>> {
//!     // The output of `openssl rand -hex 32`. The error of `env::var` may quote it.
//!     let secret = env::var("JWT_SECRET").map_err(|_| "JWT_SECRET is not set or not UTF-8")?;
//!     let key = Key::from_hex(Algorithm::Hs256, &secret)
//!         .map_err(|error| format!("JWT_SECRET: {error}"))?;
//!     // A set of one key, so that another key can be added when the secret is to change.
//!     let keys = KeySet::new().with(key)?;
//!     let verifier = Verifier::new(keys, Validation::new().audience("reports"));
//!
//!     let app = Router::new()
//!         .route("/", get(public))
//!         .route("/private", get(private))
//!         .route("/reports", get(reports))
//!         .with_state(Auth::new(verifier).realm("reports"));
//!
//!     let listener = TcpListener::bind("127.0.0.1:3000").await?;
//!     axum::serve(listener, app).await?;
//!     Ok(())
//! }
//! ```
//!
//! # Overview
//!
//! - [`Auth`] is what the extractors take from the state: a [`Verifier`](jwt_codec::Verifier) or
//!   the verifier of an issuer's tokens, and optionally the name of a cookie and a realm. It may be
//!   the whole state or a part of it.
//! - [`Authenticated`] is the claims of a good token, in a type of yours. As an `Option`, it lets
//!   requests without a token in, but never a request with a bad token. As a `Result`, the handler
//!   always runs and receives the reason.
//! - [`Allowed`] also asks a [`Policy`] of yours whether the token grants a right, and [`Scopes`]
//!   reads the claim in which most tokens list their rights.
//! - [`Refusal`] is the answer to a request that is refused, with its [`Reason`].
//!
//! # Which token
//!
//! The token is the one word after `Bearer` in the `Authorization` header. With [`Auth::cookie`] it
//! is the value of that cookie, if the request has no bearer token. A bad bearer token is refused
//! even if the cookie is good. Two `Authorization` headers or two cookies of the name are refused,
//! because two programs could choose different ones. A token in the query is not read: it would be
//! in logs and in the history of browsers.
//!
//! # Keys that change
//!
//! [`Verifier::replace_keys`](jwt_codec::Verifier::replace_keys) replaces keys by keys of the same
//! type. So begin with a [`KeySet`](jwt_codec::KeySet) if the secret is ever to change, and keep an
//! `Arc` of the verifier; the next request is checked with the new keys. A service that also issues
//! tokens keeps the key that signs together with the verifier, and replaces both:
//!
//! ```
//! use std::sync::{Arc, RwLock};
//! use jwt_codec::{Key, KeySet, Validation, Verifier, encode};
//! use jwt_codec_axum::Auth;
//!
//! struct App {
//!     auth: Auth,
//!     verifier: Arc<Verifier<KeySet>>,
//!     signing_key: RwLock<Key>,
//! }
//!
//! let old = Key::hs256("last month's 32 bytes, or longer")?.with_id("2026-10");
//! let verifier = Arc::new(Verifier::new(KeySet::new().with(old.clone())?, Validation::new()));
//! let app = App {
//!     auth: Auth::new(Arc::clone(&verifier)),
//!     verifier,
//!     signing_key: RwLock::new(old.clone()),
//! };
//!
//! // The new key verifies before it signs. The old key stays until its last token has expired.
//! let new = Key::hs256("this month's 32 bytes, or longer")?.with_id("2026-11");
//! app.verifier.replace_keys(KeySet::new().with(old)?.with(new.clone())?);
//! *app.signing_key.write().unwrap() = new;
//!
//! let claims = serde_json::json!({ "exp": i64::MAX });
//! let token = encode(&claims, &*app.signing_key.read().unwrap())?;
//! assert!(app.verifier.verify(&token).is_ok());
//! # let _ = app.auth;
//! # Ok::<(), jwt_codec::Error>(())
//! ```
//!
//! # The tokens of an issuer
//!
//! With the feature `oidc`, `Auth::from_access_tokens` accepts the access tokens of an OpenID Connect
//! or OAuth 2.0 issuer, such as Auth0, Entra or Keycloak, and `Auth::from_issuers` those of
//! several. The package `jwt-codec-oidc` fetches and renews the keys of the issuer; add it to your
//! program as well. Extractors, handlers and answers stay the same:
//!
#![cfg_attr(feature = "oidc", doc = "```no_run")]
#![cfg_attr(not(feature = "oidc"), doc = "```ignore")]
//! use axum::{Router, routing::get};
//! use jwt_codec_axum::{Auth, Authenticated};
//! use jwt_codec_oidc::Issuer;
//!
//! #[derive(serde::Deserialize)]
//! struct Session {
//!     sub: String,
//! }
//!
//! async fn hello(Authenticated(session): Authenticated<Session>) -> String {
//!     format!("Hello, {}!", session.sub)
//! }
//!
//! async fn router() -> Result<Router, jwt_codec_oidc::FetchError> {
//!     let issuer = Issuer::builder("https://login.example").connect().await?;
//!     let auth = Auth::from_access_tokens(issuer.access_tokens("https://api.example"));
//!     Ok(Router::new().route("/hello", get(hello)).with_state(auth))
//! }
//! ```
//!
//! - A token whose key is known never waits. If a token of the issuer names an unknown key, as
//!   after a rotation, its request waits for the keys to be fetched. That happens at most every 30
//!   seconds; in between, a token with an unknown key is refused at once.
//! - While the keys of the issuer are not available, a request with a token is refused as
//!   [`Reason::Unavailable`], which is a 503. It is never a 401, at which a client would throw its
//!   token away.
//! - A [`Reason`] can be made of an `OidcError` that your program received elsewhere. The code of the
//!   `OidcError` is the [code](TokenError::code) of the [`TokenError`].
//!
//! In tests, `jwt_codec_oidc::testing::FakeIssuer` is an issuer in memory.
//!
//! # A whole router
//!
//! To guard many routes at once, run the extractor before each of them. With `route_layer`, unknown
//! paths still get a 404. The handlers may take the claims again, or nothing:
//!
//! ```
//! use axum::{Router, middleware::from_extractor_with_state, routing::get};
//! use jwt_codec_axum::{Auth, Authenticated};
//! # #[derive(serde::Deserialize)] struct Session { sub: String }
//!
//! fn router(auth: Auth) -> Router {
//!     let guarded = Router::new()
//!         .route("/stock", get(async || "17 apples"))
//!         .route("/price", get(async || "3 a pound"))
//!         .route_layer(from_extractor_with_state::<Authenticated<Session>, _>(auth.clone()));
//!     Router::new().route("/", get(async || "open")).merge(guarded).with_state(auth)
//! }
//! # use axum::{body::Body, http::Request};
//! # use jwt_codec::{Key, Validation, Verifier};
//! # use tower::ServiceExt;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let key = Key::hs256("a secret of 32 random bytes or more")?;
//! # let app = router(Auth::new(Verifier::new(key, Validation::new())));
//! # for (path, status) in [("/", 200), ("/stock", 401), ("/price", 401), ("/else", 404)] {
//! #     let answer = app.clone().oneshot(Request::get(path).body(Body::empty())?).await?;
//! #     assert_eq!(answer.status(), status, "{path}");
//! # }
//! # Ok(())
//! # }
//! ```
//!
//! # Answers in your own form
//!
//! Take the claims as a `Result`, or wrap the extractor in one of your own, and let `?` turn the
//! [`Refusal`] into your error by `From<Refusal>`. [`Refusal::with_body`] keeps the status and the
//! challenge. In an extractor of your own you can also ask whether a token was revoked;
//! [`Auth::refuse`] then makes the refusal:
//!
//! ```
//! use axum::{
//!     Json,
//!     extract::{FromRef, FromRequestParts},
//!     http::request::Parts,
//!     response::{IntoResponse, Response},
//! };
//! use jwt_codec_axum::{Auth, Authenticated, Reason, Refusal};
//!
//! struct ApiError(Refusal);
//!
//! impl From<Refusal> for ApiError {
//!     fn from(refusal: Refusal) -> Self {
//!         Self(refusal)
//!     }
//! }
//!
//! impl IntoResponse for ApiError {
//!     fn into_response(self) -> Response {
//!         let body = Json(serde_json::json!({ "error": self.0.to_string() }));
//!         self.0.with_body(body)
//!     }
//! }
//!
//! #[derive(serde::Deserialize)]
//! struct Session {
//!     sub: String,
//!     jti: String,
//! }
//!
//! /// A session that was not ended. Handlers take this one.
//! struct Active(Session);
//!
//! impl<S> FromRequestParts<S> for Active
//! where
//!     Auth: FromRef<S>,
//!     S: Send + Sync,
//! {
//!     type Rejection = ApiError;
//!
//!     async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
//!         let Authenticated(session) =
//!             Authenticated::<Session>::from_request_parts(parts, state).await?;
//!         match is_revoked(&session.jti).await {
//!             Ok(false) => Ok(Self(session)),
//!             Ok(true) => Err(Auth::from_ref(state).refuse(Reason::Revoked).into()),
//!             // Nobody gets in unchecked.
//!             Err(_) => Err(Auth::from_ref(state).refuse(Reason::Unavailable).into()),
//!         }
//!     }
//! }
//!
//! async fn hello(Active(session): Active) -> String {
//!     format!("Hello, {}!", session.sub)
//! }
//! # async fn is_revoked(_: &str) -> Result<bool, std::io::Error> { Ok(false) }
//! # let _: axum::Router<Auth> = axum::Router::new().route("/", axum::routing::get(hello));
//! ```
//!
//! # Tests
//!
//! A handler is a function, and the fields of [`Authenticated`] and [`Allowed`] are public. So a
//! test calls it with claims of its own; no token, key or server is needed:
//!
//! ```
//! use jwt_codec_axum::Authenticated;
//! # struct Session { sub: String }
//! # async fn private(Authenticated(session): Authenticated<Session>) -> String {
//! #     format!("This is for {} only.", session.sub)
//! # }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let ada = Session { sub: "ada".into() };
//! assert_eq!(private(Authenticated(ada)).await, "This is for ada only.");
//! # }
//! ```
//!
//! # If a handler does not compile
//!
//! The compiler then says only that the trait `Handler` is not implemented. Put
//! `#[axum::debug_handler(state = App)]` before the handler, with the type of your state, and the
//! error names the argument and what it lacks. The attribute needs axum's feature `macros`. Without
//! `state = App`, a handler that has no `State` argument is checked with the state `()`, and the
//! error is always that `Auth: FromRef<()>` is not satisfied. The usual causes:
//!
//! - The claims do not implement `Deserialize`.
//! - The state is not [`Auth`], and there is no `impl FromRef<App> for Auth`; see [`Auth`].
//! - An argument that reads the body, such as `Form` or `Json`, is not the last one.
//!
//! ```
//! use axum::{Form, debug_handler};
//! use jwt_codec_axum::{Auth, Authenticated};
//!
//! #[derive(serde::Deserialize)]
//! struct Session {
//!     sub: String,
//! }
//!
//! #[derive(serde::Deserialize)]
//! struct Note {
//!     text: String,
//! }
//!
//! #[debug_handler(state = Auth)]
//! async fn note(Authenticated(session): Authenticated<Session>, Form(note): Form<Note>) -> String {
//!     format!("{} notes: {}", session.sub, note.text)
//! }
//! # let _: axum::Router<Auth> = axum::Router::new().route("/", axum::routing::post(note));
//! ```
//!
//! # Logs
//!
//! An extractor writes to the log, by [`tracing`], why it refused a request, with the
//! [code](TokenError::code) of the error: at level `DEBUG` if the request has no token, at `WARN` if
//! a genuine token does not fit your type of claims or the keys of an issuer are not available, and
//! at `INFO` otherwise. If the
//! `Authorization` header is a token without the word `Bearer` before it, that is written at `INFO`,
//! whether or not the request is refused. The token and its claims are never in the log. The text of
//! a [`jwt_codec::Error`] may quote claims; it is the source of the [`TokenError`] in
//! [`Reason::Invalid`].
//!
//! # What it does not do
//!
//! It sets no cookies, issues no tokens and limits no rates, and it fetches no keys without the
//! feature `oidc`. It has no layer of its own: a route without one of the extractors is open.
//!
//! # Features
//!
//! - `oidc` (off by default): the access tokens of OpenID Connect and OAuth 2.0 issuers, by the
//!   package `jwt-codec-oidc`. That package has a feature for its HTTP client, which your program
//!   chooses.
//!
//! [axum]: https://docs.rs/axum/0.8

#![forbid(unsafe_code)]

mod auth;
mod extract;
mod origin;
mod realm;
mod reason;
mod refusal;
mod scopes;
mod sole;
mod token;

pub use auth::Auth;
pub use extract::{Allowed, Authenticated, Policy};
pub use reason::{Reason, TokenError};
pub use refusal::Refusal;
pub use scopes::Scopes;

/// The README's programs, compiled.
#[cfg(all(doctest, feature = "oidc"))]
#[doc = include_str!("../README.md")]
mod readme {}
