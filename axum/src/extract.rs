//! The extractors.

use std::fmt;

use axum_core::extract::{FromRef, FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;
use serde::de::DeserializeOwned;

use crate::{auth::Auth, refusal::Refusal};

/// The claims of a request's token, once its signature and the policy were checked.
///
/// As an argument of a handler:
///
/// - `Authenticated<C>`: the handler runs only with a good token.
/// - `Option<Authenticated<C>>`: it also runs without a token, with `None`. A bad token is refused
///   all the same.
/// - `Result<Authenticated<C>, Refusal>`: it always runs.
///
/// `C` is whatever [`jwt_codec::decode()`] reads: a struct of your own, or
/// [`Claims<T>`](jwt_codec::Claims). The field is public, so that a test can make one:
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
        auth.settle(auth.claims(parts).and_then(required)).map(Self)
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
        Ok(auth.settle(auth.claims(parts))?.map(Self))
    }
}

/// A right that some tokens give, for [`Allowed`].
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
    /// What the token says, in a type of your own.
    type Claims: DeserializeOwned;

    /// What a client is told to ask for if the token does not give this right (RFC 6750 §3).
    const SCOPE: &'static str;

    /// Whether a token with these claims gives this right. This alone decides.
    fn allows(claims: &Self::Claims) -> bool;
}

/// The claims of a request's token that gives the right `P`; see [`Policy`].
///
/// As [`Authenticated`], it is an extractor inside `Option` and `Result` too. A token that does not
/// give the right is refused with [`Refusal::Scope`].
pub struct Allowed<P: Policy>(
    /// What the token says.
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
        auth.settle(auth.claims(parts).and_then(required).and_then(allowed))
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
        auth.settle(auth.claims(parts).and_then(|claims| claims.map(allowed).transpose()))
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

fn required<C>(claims: Option<C>) -> Result<C, Refusal> {
    claims.ok_or(Refusal::Missing)
}

fn allowed<P: Policy>(claims: P::Claims) -> Result<Allowed<P>, Refusal> {
    if P::allows(&claims) { Ok(Allowed(claims)) } else { Err(Refusal::Scope(P::SCOPE)) }
}
