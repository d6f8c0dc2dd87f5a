//! The extractors.

use std::fmt;

use axum_core::extract::{FromRef, FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::{auth::Auth, reason::Reason, refusal::Refusal};

/// The claims of a request's token, whose signature and claims were checked.
///
/// As an argument of a handler:
///
/// - `Authenticated<C>`: the handler runs only if the request has a good token.
/// - `Option<Authenticated<C>>`: the handler also runs without a token, with `None`. A request with
///   a bad token is still refused.
/// - `Result<Authenticated<C>, Refusal>`: the handler always runs and receives the reason.
///
/// `C` is any type that [`jwt_codec::decode()`] can return: a struct of your own, or
/// [`Claims<T>`](jwt_codec::Claims). The field is public, so a test can make one:
///
/// ```
/// use jwt_codec_axum::Authenticated;
///
/// #[derive(serde::Deserialize)]
/// struct Session {
///     sub: String,
/// }
///
/// async fn hello(Authenticated(session): Authenticated<Session>) -> String {
///     format!("Hello, {}!", session.sub)
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let ada = Session { sub: "ada".into() };
/// assert_eq!(hello(Authenticated(ada)).await, "Hello, ada!");
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Authenticated<C>(pub C);

impl<S, C> FromRequestParts<S> for Authenticated<C>
where
    Auth: FromRef<S>,
    S: Send + Sync,
    C: DeserializeOwned,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let auth = Auth::from_ref(state);
        let claims = auth.claims(parts).await;
        claims.and_then(required).map(Self).map_err(|reason| auth.refuse_and_log(reason))
    }
}

impl<S, C> OptionalFromRequestParts<S> for Authenticated<C>
where
    Auth: FromRef<S>,
    S: Send + Sync,
    C: DeserializeOwned,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Refusal> {
        let auth = Auth::from_ref(state);
        let claims = auth.claims(parts).await.map_err(|reason| auth.refuse_and_log(reason))?;
        Ok(claims.map(Self))
    }
}

/// A right that some tokens grant, for [`Allowed`].
///
/// ```
/// use jwt_codec_axum::{Allowed, Policy, Scopes};
///
/// #[derive(serde::Deserialize)]
/// struct Session {
///     sub: String,
///     #[serde(default)]
///     scope: Scopes,
/// }
///
/// struct ReadReports;
///
/// impl Policy for ReadReports {
///     type Claims = Session;
///     const SCOPE: &'static str = "reports:read";
///
///     fn allows(session: &Session) -> bool {
///         session.scope.contains(Self::SCOPE)
///     }
/// }
///
/// async fn reports(Allowed(session): Allowed<ReadReports>) -> String {
///     format!("Reports for {}", session.sub)
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let ada = Session { sub: "ada".into(), scope: "reports:read".into() };
/// assert!(ReadReports::allows(&ada));
/// assert_eq!(reports(Allowed(ada)).await, "Reports for ada");
/// # }
/// ```
pub trait Policy {
    /// The claims of the token, in a type of your own.
    type Claims: DeserializeOwned;

    /// The scope that the answer names if the token does not grant this right (RFC 6750 §3).
    const SCOPE: &'static str;

    /// Returns whether a token with these claims grants this right. This alone decides.
    fn allows(claims: &Self::Claims) -> bool;
}

/// The claims of a request's token, which grants the right `P`; see [`Policy`].
///
/// Like [`Authenticated`], it is also an extractor inside `Option` and `Result`. A request whose
/// token does not grant the right is refused as [`Reason::Scope`].
pub struct Allowed<P: Policy>(
    /// The claims of the token.
    pub P::Claims,
);

impl<S, P> FromRequestParts<S> for Allowed<P>
where
    Auth: FromRef<S>,
    S: Send + Sync,
    P: Policy,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let auth = Auth::from_ref(state);
        let claims = auth.claims(parts).await;
        claims.and_then(required).and_then(allowed).map_err(|reason| auth.refuse_and_log(reason))
    }
}

impl<S, P> OptionalFromRequestParts<S> for Allowed<P>
where
    Auth: FromRef<S>,
    S: Send + Sync,
    P: Policy,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Refusal> {
        let auth = Auth::from_ref(state);
        let claims = auth.claims(parts).await;
        claims
            .and_then(|claims| claims.map(allowed).transpose())
            .map_err(|reason| auth.refuse_and_log(reason))
    }
}

impl<P: Policy> fmt::Debug for Allowed<P>
where
    P::Claims: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Allowed").field(&self.0).finish()
    }
}

fn required<C>(claims: Option<C>) -> Result<C, Reason> {
    claims.ok_or(Reason::Missing)
}

fn allowed<P: Policy>(claims: P::Claims) -> Result<Allowed<P>, Reason> {
    if P::allows(&claims) { Ok(Allowed(claims)) } else { Err(Reason::Scope(P::SCOPE)) }
}
