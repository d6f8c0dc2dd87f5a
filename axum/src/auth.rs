//! What the extractors need from the program's state.

use std::{fmt, sync::Arc};

use axum_core::extract::FromRef;
use http::request::Parts;
use jwt_codec::{Error, Keys, Validation, VerifiedToken, Verifier};
#[cfg(feature = "oidc")]
use jwt_codec_oidc::{AccessTokenVerifier, Issuers};
use serde::de::DeserializeOwned;

use crate::{realm::Realm, reason::Reason, refusal::Refusal, token};

/// What the extractors take from your state: what verifies tokens, such as a [`Verifier`], and the
/// places where a token may be.
///
/// Make one when the program starts and put it into the state of the router. If it is the whole
/// state, nothing else is needed. If it is a part of the state, tell axum which, with [`FromRef`]:
///
/// ```
/// use axum::extract::FromRef;
/// use jwt_codec::{Key, KeySet, Validation, Verifier};
/// use jwt_codec_axum::Auth;
///
/// #[derive(Clone)]
/// struct App {
///     auth: Auth,
///     name: &'static str,
/// }
///
/// impl FromRef<App> for Auth {
///     fn from_ref(app: &App) -> Self {
///         app.auth.clone()
///     }
/// }
///
/// let key = Key::hs256("a secret of 32 random bytes or more")?; // for this example only
/// let verifier = Verifier::new(KeySet::new().with(key)?, Validation::new());
/// let auth = Auth::new(verifier).cookie("__Host-session").realm("example");
/// let app = App { auth, name: "example" };
/// # assert!(app.name == "example");
/// # let _: Auth = FromRef::from_ref(&std::sync::Arc::new(app));
/// # Ok::<(), jwt_codec::Error>(())
/// ```
///
/// An `Arc<App>` as the state works with the same `impl`. To replace keys while the program runs,
/// see [the crate's documentation](crate#keys-that-change).
///
/// A clone is cheap. The type of the keys is not part of the type, so it is in no signature of
/// your program.
#[derive(Clone)]
pub struct Auth {
    verifier: TokenVerifier,
    cookie: Option<Arc<str>>,
    realm: Option<Realm>,
}

/// What verifies the tokens.
#[derive(Clone)]
enum TokenVerifier {
    Keys(Arc<dyn Verify>),
    #[cfg(feature = "oidc")]
    Issuer(Arc<AccessTokenVerifier>),
    #[cfg(feature = "oidc")]
    Issuers(Issuers),
}

/// A [`Verifier`] without the type of its keys. A decode has two steps here, because a trait object
/// cannot have a method for any type of claims.
trait Verify: Send + Sync {
    fn verify<'t>(&self, token: &'t str) -> Result<VerifiedToken<'t>, Error>;
    fn validation(&self) -> &Validation;
}

impl<K: Keys + Send + Sync> Verify for Verifier<K> {
    fn verify<'t>(&self, token: &'t str) -> Result<VerifiedToken<'t>, Error> {
        Verifier::verify(self, token)
    }

    fn validation(&self) -> &Validation {
        Verifier::validation(self)
    }
}

impl Auth {
    /// Accepts tokens in the `Authorization` header (RFC 6750 §2.1) and checks them with this
    /// verifier: a [`Verifier`], or an `Arc` of one if the program uses it elsewhere too.
    #[must_use]
    pub fn new<K: Keys + Send + Sync + 'static>(verifier: impl Into<Arc<Verifier<K>>>) -> Self {
        Self::with_verifier(TokenVerifier::Keys(verifier.into()))
    }

    /// Accepts the access tokens of an OpenID Connect or OAuth 2.0 issuer in the `Authorization`
    /// header. Needs the feature `oidc`.
    ///
    /// A request whose token names an unknown key may wait until the keys have been fetched. A token
    /// whose key is known never waits. While the keys of the issuer are not available, every token
    /// is refused as [`Reason::Unavailable`], because nobody can tell whether it is good.
    ///
    /// ```no_run
    /// use axum::{Router, routing::get};
    /// use jwt_codec_axum::{Auth, Authenticated};
    /// use jwt_codec_oidc::Issuer;
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
    /// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
    /// let issuer = Issuer::builder("https://login.example").connect().await?;
    /// let auth = Auth::from_access_tokens(issuer.access_tokens("https://api.example"));
    /// let app: Router = Router::new().route("/hello", get(hello)).with_state(auth);
    /// # let _ = app;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "oidc")]
    #[must_use]
    pub fn from_access_tokens(verifier: AccessTokenVerifier) -> Self {
        Self::with_verifier(TokenVerifier::Issuer(Arc::new(verifier)))
    }

    /// Accepts the access tokens of several issuers, as
    /// [`from_access_tokens`](Self::from_access_tokens) does those of one. Needs the feature `oidc`.
    ///
    /// While the keys of one issuer are not available, only the tokens of that issuer are refused as
    /// [`Reason::Unavailable`].
    #[cfg(feature = "oidc")]
    #[must_use]
    pub fn from_issuers(issuers: Issuers) -> Self {
        Self::with_verifier(TokenVerifier::Issuers(issuers))
    }

    fn with_verifier(verifier: TokenVerifier) -> Self {
        Self { verifier, cookie: None, realm: None }
    }

    /// Accepts a token in the cookie of this name too, if the request has no bearer token.
    ///
    /// A browser sends cookies with requests that other sites make it send. Therefore a request
    /// with the cookie has to come from the same origin, or it is refused as
    /// [`Reason::CrossSite`]: with any method other than `GET`, `HEAD`, `OPTIONS` and `TRACE`, and
    /// with any method if it has an `Upgrade` header, as a WebSocket handshake has. This protects
    /// your users only if those four methods change nothing.
    ///
    /// The name is case-sensitive. Choose one that starts with `__Host-`: no other host can set
    /// such a cookie. Set the cookie with `Secure; HttpOnly; SameSite=Lax; Path=/`.
    ///
    /// A proxy before the program must forward the original `Host` header. It hides whether the
    /// browser used https. So a page at `http://` and the same host counts as the same origin, if the
    /// browser is too old to send `Sec-Fetch-Site`, unless the name of the cookie starts with `__Host-`
    /// or `__Secure-`: browsers have such cookies over https alone, or on this machine. With another
    /// name, send `Strict-Transport-Security` (RFC 6797), so that nobody on the network can answer for
    /// the host over http.
    #[must_use]
    pub fn cookie(self, name: impl Into<String>) -> Self {
        Self { cookie: Some(name.into().into()), ..self }
    }

    /// Names the protected area in the `WWW-Authenticate` header of the answers (RFC 9110 §11.5).
    ///
    /// A name that is empty or has characters other than printable ASCII, spaces and tabs cannot
    /// be sent safely: it is left out, with a warning in the log.
    #[must_use]
    pub fn realm(self, name: impl AsRef<str>) -> Self {
        let realm = Realm::new(name.as_ref());
        if realm.is_none() {
            tracing::warn!("the realm is left out: it is empty or not printable ASCII");
        }
        Self { realm, ..self }
    }

    /// Makes a refusal of a reason that only your program knows, with the realm.
    ///
    /// ```
    /// use axum::response::IntoResponse;
    /// use jwt_codec::{Key, Validation, Verifier};
    /// use jwt_codec_axum::{Auth, Reason};
    ///
    /// let key = Key::hs256("a secret of 32 random bytes or more")?; // for this example only
    /// let auth = Auth::new(Verifier::new(key, Validation::new())).realm("reports");
    /// let answer = auth.refuse(Reason::Revoked).into_response();
    /// let challenge = r#"Bearer realm="reports", error="invalid_token""#;
    /// assert_eq!(answer.headers()["www-authenticate"], challenge);
    /// # Ok::<(), jwt_codec::Error>(())
    /// ```
    #[must_use]
    pub fn refuse(&self, reason: impl Into<Reason>) -> Refusal {
        Refusal::new(reason.into(), self.realm.clone())
    }

    /// Returns the claims of the request's token, or `None` if it has no token.
    pub(crate) async fn claims<C: DeserializeOwned>(
        &self,
        parts: &Parts,
    ) -> Result<Option<C>, Reason> {
        match token::find(parts, self.cookie.as_deref())? {
            Some(token) => self.verifier.decode(token).await.map(Some),
            None => Ok(None),
        }
    }

    /// Turns the reason that an extractor found into its rejection, and tells the log.
    pub(crate) fn refuse_and_log(&self, reason: Reason) -> Refusal {
        let refusal = self.refuse(reason);
        refusal.log();
        refusal
    }
}

impl TokenVerifier {
    #[cfg_attr(
        not(feature = "oidc"),
        expect(clippy::unused_async, reason = "only the token of an issuer may wait for its key")
    )]
    async fn decode<C: DeserializeOwned>(&self, token: &str) -> Result<C, Reason> {
        let data = match self {
            Self::Keys(verifier) => verifier
                .verify(token)
                .and_then(|verified| verified.claims(verifier.validation()))
                .map_err(|error| Reason::Invalid(error.into()))?,
            #[cfg(feature = "oidc")]
            Self::Issuer(verifier) => verifier.decode(token).await?,
            #[cfg(feature = "oidc")]
            Self::Issuers(issuers) => issuers.decode(token).await?,
        };
        Ok(data.claims)
    }
}

/// For a state behind a pointer. Your program cannot write this `impl` itself, because neither
/// type is its own.
impl<S> FromRef<Arc<S>> for Auth
where
    Auth: FromRef<S>,
{
    fn from_ref(state: &Arc<S>) -> Self {
        Self::from_ref(&**state)
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth")
            .field("cookie", &self.cookie)
            .field("realm", &self.realm)
            .finish_non_exhaustive()
    }
}
