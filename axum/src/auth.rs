//! What the extractors need from the program's state.

use std::{fmt, sync::Arc};

use axum_core::{
    extract::FromRef,
    response::{IntoResponse, Response},
};
use http::request::Parts;
use jwt_codec::{Error, Keys, Validation, VerifiedToken, Verifier};
use serde::de::DeserializeOwned;

use crate::{
    realm::{self, Realm},
    refusal::Refusal,
    token,
};

/// What the extractors take from your state: a [`Verifier`], and where a token may be.
///
/// Make one at the start and put it into the state of the router. If it is the whole state,
/// nothing else is needed. If it is a part, tell axum which, with [`FromRef`]:
///
/// ```
/// use std::sync::Arc;
/// use axum::extract::FromRef;
/// use jwt_codec::{Key, Validation, Verifier};
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
/// let verifier = Arc::new(Verifier::new(key, Validation::new()));
/// let auth = Auth::new(Arc::clone(&verifier)).cookie("__Host-session").realm("example");
/// let app = App { auth, name: "example" };
/// # assert!(app.name == "example");
/// # let _: Auth = FromRef::from_ref(&Arc::new(app));
/// # Ok::<(), jwt_codec::Error>(())
/// ```
///
/// An `Arc<App>` as state works with the same `impl`. Keep the `Arc` of the verifier if you rotate
/// keys: after [`Verifier::replace_keys`], the next request is checked with the new ones.
///
/// A clone is cheap. The type of the keys does not show, so it is in no signature of your program.
#[derive(Clone)]
pub struct Auth {
    verifier: Arc<dyn Verify>,
    cookie: Option<Arc<str>>,
    realm: Option<Realm>,
}

/// A [`Verifier`] without the type of its keys. A decode depends on the type of the claims, which
/// is why it is done in two steps.
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
    /// Takes tokens from the `Authorization` header (RFC 6750 §2.1) and checks them with this
    /// verifier.
    #[must_use]
    pub fn new<K: Keys + Send + Sync + 'static>(verifier: Arc<Verifier<K>>) -> Self {
        Self { verifier, cookie: None, realm: None }
    }

    /// Takes a token from the cookie of this name too, where the request has no bearer token.
    ///
    /// A browser sends cookies with requests that other sites make it send. So a request by cookie
    /// with any other method than `GET`, `HEAD`, `OPTIONS` or `TRACE` has to come from the same
    /// origin, else it is [`Refusal::CrossSite`]. This only helps if those four change nothing.
    ///
    /// The name is case-sensitive. One that starts with `__Host-` is best: no other host can set
    /// it. Set the cookie with `Secure; HttpOnly; SameSite=Lax; Path=/`.
    ///
    /// If a proxy is in front of the program, it has to hand on `Host` as the browser sent it.
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

    /// Turns a refusal of your own into its answer, with the realm.
    ///
    /// What an extractor refuses has the realm anyway. A [`Refusal`] that you made, or took as a
    /// `Result` and kept over an `.await`, is answered without it unless you answer with this.
    #[must_use]
    pub fn refuse(&self, refusal: Refusal) -> Response {
        realm::hand_over(&refusal, self.realm.as_ref());
        refusal.into_response()
    }

    /// The claims of the request's token; `None` if it has no token.
    pub(crate) fn claims<C: DeserializeOwned>(&self, parts: &Parts) -> Result<Option<C>, Refusal> {
        let Some(token) = token::find(parts, self.cookie.as_deref())? else { return Ok(None) };
        let verified = self.verifier.verify(token).map_err(Refusal::Invalid)?;
        let data = verified.claims(self.verifier.validation()).map_err(Refusal::Invalid)?;
        Ok(Some(data.claims))
    }

    /// The last step of each extractor: the log gets the reason, the answer gets the realm.
    pub(crate) fn settle<T>(&self, result: Result<T, Refusal>) -> Result<T, Refusal> {
        match &result {
            Ok(_) => realm::forget(),
            Err(refusal) => {
                refusal.log();
                realm::hand_over(refusal, self.realm.as_ref());
            }
        }
        result
    }
}

/// For a state behind a pointer. Your program cannot say this itself, since neither type is its
/// own.
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
