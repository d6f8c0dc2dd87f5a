//! Extractors for [axum] that verify JSON Web Tokens with [`jwt_codec`], and refuse a request as
//! RFC 6750 says.
//!
//! A handler with an [`Authenticated`] argument runs only if the request has a good token:
//!
//! ```no_run
//! use std::{error::Error, sync::Arc};
//!
//! use axum::{Router, routing::get};
//! use jwt_codec::{Algorithm, Key, Validation, Verifier};
//! use jwt_codec_axum::{Allowed, Auth, Authenticated, Policy, Scopes};
//! use serde::Deserialize;
//! use tokio::net::TcpListener;
//!
//! /// What our tokens say.
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
//!     let key = Key::from_hex(Algorithm::Hs256, &std::env::var("JWT_SECRET")?)?;
//!     let verifier = Arc::new(Verifier::new(key, Validation::new().audience("reports")));
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
//! - [`Auth`] is what the extractors take from the state: a [`Verifier`](jwt_codec::Verifier), and
//!   perhaps the name of a cookie and a realm. It may be the state, or a part of it.
//! - [`Authenticated`] is the claims of a good token, as a type of yours. Inside `Option` it lets
//!   requests without a token in, but never one with a bad token. Inside `Result` it lets all in
//!   and says what is wrong.
//! - [`Allowed`] also asks a [`Policy`] of yours whether the token gives a right, and [`Scopes`]
//!   reads the claim that most tokens list them in.
//! - [`Refusal`] is why a request is not let in, and its answer.
//!
//! # Which token
//!
//! The token is the one word after `Bearer` in the `Authorization` header. With [`Auth::cookie`] it
//! is the value of that cookie, if the request has no bearer token. A bad bearer token is refused
//! even if the cookie is good. Two `Authorization` headers or two cookies of the name are refused,
//! because two programs could take different ones for the token. A token in the query is not read:
//! it would be in logs and in the history of browsers.
//!
//! # A whole router
//!
//! To guard many routes at once, run the extractor for each of them. `route_layer` leaves unknown
//! paths at 404. The handlers behind it can take the claims again, or nothing:
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
//! # use std::sync::Arc;
//! # use axum::{body::Body, http::Request};
//! # use jwt_codec::{Key, Validation, Verifier};
//! # use tower::ServiceExt;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let key = Key::hs256("a secret of 32 random bytes or more")?;
//! # let app = router(Auth::new(Arc::new(Verifier::new(key, Validation::new()))));
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
//! challenge. An extractor of your own is also the place to ask whether a token was revoked:
//!
//! ```
//! use axum::{
//!     Json,
//!     extract::{FromRef, FromRequestParts},
//!     http::request::Parts,
//!     response::{IntoResponse, Response},
//! };
//! use jwt_codec_axum::{Auth, Authenticated, Refusal};
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
//!             Ok(true) => Err(Refusal::Revoked.into()),
//!             Err(_) => Err(Refusal::Unavailable.into()), // nobody gets in unchecked
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
//! A handler is a function, and the fields of [`Authenticated`] and [`Allowed`] are public. So call
//! it with the claims that you want to test; no token, key or server is needed:
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
//! # Logs
//!
//! An extractor says why it refused a request by [`tracing`], with the
//! [code](jwt_codec::Error::code) of the error: at level `DEBUG` if there is no token, at `WARN` if
//! a genuine token does not fit your type of claims, else at `INFO`. The token and its claims are
//! never in the log. An error's own text may quote claims; it is in [`Refusal::Invalid`].
//!
//! # What it does not do
//!
//! It sets no cookies, issues no tokens, fetches no keys and limits no rates. It has no layer of
//! its own: a route without one of the extractors is open.
//!
//! [axum]: https://docs.rs/axum/0.8

mod auth;
mod extract;
mod origin;
mod realm;
mod refusal;
mod scopes;
mod token;

pub use auth::Auth;
pub use extract::{Allowed, Authenticated, Policy};
pub use refusal::Refusal;
pub use scopes::Scopes;

/// The README's program, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
