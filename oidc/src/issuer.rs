//! An issuer: its keys as they are now, and what can be asked of its task.

use std::{fmt, sync::Arc, time::Duration};

use arc_swap::{ArcSwap, Guard};
use jwt_codec::{Error, KeySet, SkippedKey, UnverifiedToken};
use tokio::{
    sync::{Notify, watch},
    time::Instant,
};

use crate::{
    builder::IssuerBuilder,
    error::OidcError,
    fetch_error::FetchError,
    profiles::{AccessTokenVerifier, IdTokenVerifier, LogoutTokenVerifier},
    task::{Progress, Published},
};

/// An OpenID Connect or OAuth 2.0 issuer, and its keys.
///
/// A task fetches the keys at the start, every ten minutes, and when a token names a key that is not
/// known. Clones share the task, and so do the verifiers that are made of the issuer. The task ends
/// when the last of them is dropped.
///
/// ```no_run
/// use jwt_codec_oidc::Issuer;
///
/// # async fn run(token: &str) -> Result<(), Box<dyn std::error::Error>> {
/// let issuer = Issuer::builder("https://login.example").connect().await?;
/// let verifier = issuer.access_tokens("https://api.example");
///
/// let data = verifier.decode::<serde_json::Value>(token).await?;
/// println!("{}", data.claims["sub"]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Issuer {
    shared: Arc<Shared>,
}

struct Shared {
    /// The name, and the other names that `iss` may have.
    names: Arc<[String]>,
    published: Arc<ArcSwap<Published>>,
    progress: watch::Receiver<Progress>,
    asked: Arc<Notify>,
}

/// What an issuer's task has done.
#[derive(Debug, Clone)]
pub struct IssuerStatus {
    /// How many keys verify tokens now; zero while no token can be verified.
    pub keys: usize,
    /// The keys of the last JWK Set that cannot be used, and why.
    pub skipped: Vec<SkippedKey>,
    /// How many attempts to fetch the keys were begun. Discovery and the set together are one.
    pub fetches: u64,
    /// How many attempts have failed since the last success.
    pub consecutive_failures: u64,
    /// The time since the last success.
    pub age: Option<Duration>,
    /// Why the last attempt failed, if it did.
    pub last_error: Option<FetchError>,
}

impl Issuer {
    /// Begins to build an issuer.
    ///
    /// The name is the `iss` of its tokens, exactly as the issuer writes it, with or without a slash
    /// at the end. It is an https URL, or http with a loopback address or `localhost`, without a query
    /// and a fragment. With [`jwks_uri`](IssuerBuilder::jwks_uri) it may be any text but the empty one.
    #[must_use]
    pub fn builder(name: impl Into<String>) -> IssuerBuilder {
        IssuerBuilder::new(name.into())
    }

    pub(crate) fn new(
        names: Arc<[String]>,
        published: Arc<ArcSwap<Published>>,
        progress: watch::Receiver<Progress>,
        asked: Arc<Notify>,
    ) -> Self {
        Self { shared: Arc::new(Shared { names, published, progress, asked }) }
    }

    /// Returns the name: what [`builder`](Self::builder) was called with.
    #[must_use]
    pub fn name(&self) -> &str {
        self.shared.names.first().map_or("", String::as_str)
    }

    /// Returns a verifier of the issuer's access tokens (RFC 9068) for this audience: the name of the
    /// program's API, as the issuer knows it.
    #[must_use]
    pub fn access_tokens(&self, audience: impl Into<String>) -> AccessTokenVerifier {
        AccessTokenVerifier::new(self.clone(), audience.into())
    }

    /// Returns a verifier of the issuer's ID tokens (OpenID Connect Core 1.0 §3.1.3.7) for this client.
    #[must_use]
    pub fn id_tokens(&self, client_id: impl Into<String>) -> IdTokenVerifier {
        IdTokenVerifier::new(self.clone(), client_id.into())
    }

    /// Returns a verifier of the issuer's logout tokens (OpenID Connect Back-Channel Logout 1.0 §2.6)
    /// for this client.
    #[must_use]
    pub fn logout_tokens(&self, client_id: impl Into<String>) -> LogoutTokenVerifier {
        LogoutTokenVerifier::new(self.clone(), client_id.into())
    }

    /// Fetches the keys, unless the last attempt began less than the cooldown ago: then returns what
    /// that one came to.
    ///
    /// # Errors
    ///
    /// [`FetchError`]: why the attempt failed. The keys stay as they were.
    pub async fn refresh(&self) -> Result<(), FetchError> {
        if self.shared.progress.has_changed().is_err() {
            return Err(FetchError::NoRuntime);
        }
        // If none may begin, the last one has ended, and what it came to is there.
        let attempt = self.ask().unwrap_or(0);
        self.wait_for(attempt).await.ok_or(FetchError::NoRuntime)?.map_or(Ok(()), Err)
    }

    /// Returns what the task has done, for a health check or a metric.
    #[must_use]
    pub fn status(&self) -> IssuerStatus {
        let published = self.published();
        let progress = self.shared.progress.borrow();
        IssuerStatus {
            keys: published.usable().map_or(0, KeySet::len),
            skipped: published.keys.skipped().to_vec(),
            fetches: progress.begun,
            consecutive_failures: progress.failures.into(),
            age: progress.last_success.map(|last| Instant::now().saturating_duration_since(last)),
            last_error: progress.last_error.clone(),
        }
    }

    /// Returns whether there are keys.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.published().usable().is_some()
    }

    fn published(&self) -> Guard<Arc<Published>> {
        self.shared.published.load()
    }

    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.shared.names.iter().any(|own| own == name)
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.shared.names
    }

    /// Judges a token with the current keys. If it names a key that is not known, another attempt
    /// to fetch the keys is asked for, and not waited for.
    pub(crate) fn judge_now<T>(
        &self,
        token: &str,
        judge: impl Fn(&KeySet) -> Result<T, OidcError>,
    ) -> Result<T, OidcError> {
        let (verdict, _) = self.judge_first(token, judge);
        verdict
    }

    /// Judges a token with the current keys. If it names a key that is not known, or there are no
    /// keys, an attempt to fetch them is waited for, and then the token is judged once more.
    pub(crate) async fn judge<T>(
        &self,
        token: &str,
        judge: impl Fn(&KeySet) -> Result<T, OidcError>,
    ) -> Result<T, OidcError> {
        // The first verdict does not live until the attempt ends, so this can be sent between threads
        // even if the claims cannot.
        let attempt = match self.judge_first(token, &judge) {
            (verdict, None) => return verdict,
            (_, Some(attempt)) => attempt,
        };
        self.wait_for(attempt).await;
        judge_with(&self.published(), &judge)
    }

    /// Returns what the current keys say of a token, and the attempt that may bring its key.
    fn judge_first<T>(
        &self,
        token: &str,
        judge: impl Fn(&KeySet) -> Result<T, OidcError>,
    ) -> (Result<T, OidcError>, Option<u64>) {
        loop {
            let published = self.published();
            let verdict = judge_with(&published, &judge);
            let attempt = match &verdict {
                Err(OidcError::KeysUnavailable) => self.attempt_under_way(),
                Err(OidcError::Token(
                    Error::UnknownKey { .. }
                    | Error::InvalidSignature
                    | Error::AlgorithmMismatch { .. },
                )) => self.names_unknown_key(token, &published.keys).then(|| self.ask()).flatten(),
                _ => return (verdict, None),
            };
            // An attempt that ended meanwhile has published its keys before that.
            if Arc::ptr_eq(&published, &self.published()) {
                return (verdict, attempt);
            }
        }
    }

    /// Returns whether the `kid` of a token is the id of none of these keys, and the token claims to
    /// be of this issuer.
    fn names_unknown_key(&self, token: &str, keys: &KeySet) -> bool {
        // The policy has already judged the length.
        let Ok(token) = UnverifiedToken::parse_with_max_len(token, usize::MAX) else {
            return false;
        };
        token.header().kid().is_some_and(|kid| !keys.contains(kid))
            && token.issuer_hint().is_ok_and(|hint| hint.is_some_and(|name| self.is_named(&name)))
    }

    fn attempt_under_way(&self) -> Option<u64> {
        let progress = self.shared.progress.borrow();
        progress.is_fetching().then_some(progress.begun)
    }

    /// Joins the attempt that is under way, or asks for one unless the last one is too recent. The task
    /// decides in the end, as two may ask at once. Returns the number of the attempt to wait for.
    fn ask(&self) -> Option<u64> {
        let progress = self.shared.progress.borrow();
        if progress.is_fetching() {
            return Some(progress.begun);
        }
        if Instant::now() < progress.cool_at {
            return None;
        }
        self.shared.asked.notify_one();
        Some(progress.begun.saturating_add(1))
    }

    /// Waits for the end of an attempt, which the task limits in time. Returns the error of the last
    /// one, or `None` if the task is gone.
    pub(crate) async fn wait_for(&self, attempt: u64) -> Option<Option<FetchError>> {
        let mut progress = self.shared.progress.clone();
        let progress = progress.wait_for(|progress| progress.ended >= attempt).await.ok()?;
        Some(progress.last_error.clone())
    }
}

fn judge_with<T>(
    published: &Published,
    judge: impl Fn(&KeySet) -> Result<T, OidcError>,
) -> Result<T, OidcError> {
    judge(published.usable().ok_or(OidcError::KeysUnavailable)?)
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuer")
            .field("name", &self.name())
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use jwt_codec::{Algorithm, Header, PrivateKey, sign};

    use super::*;
    use crate::schedule::after;

    const NAME: &str = "https://login.example";

    fn published(key: &PrivateKey) -> Published {
        let keys = KeySet::new().with(key.public_key()).unwrap();
        Published { keys, stale_at: Some(after(Instant::now(), Duration::from_secs(60))) }
    }

    /// An issuer whose last attempt has ended, and is too recent for another one. Nothing runs its task.
    fn issuer(published: &Arc<ArcSwap<Published>>) -> (watch::Sender<Progress>, Issuer) {
        let first = Progress::first(Duration::from_secs(30));
        let (sender, progress) = watch::channel(Progress { ended: 1, ..first });
        let names = Arc::from([NAME.to_owned()]);
        (sender, Issuer::new(names, Arc::clone(published), progress, Arc::default()))
    }

    #[tokio::test(start_paused = true)]
    async fn keys_that_come_while_a_token_is_judged_judge_it_again() {
        let [old, new, again] = ["old", "new", "old"]
            .map(|id| PrivateKey::generate(Algorithm::Es256).unwrap().with_id(id));
        for signing in [new, again] {
            let claims = format!(r#"{{"iss":"{NAME}"}}"#);
            let token = sign(&Header::new(), claims.as_bytes(), &signing).unwrap();
            let current = Arc::new(ArcSwap::from_pointee(published(&old)));
            let (_sender, issuer) = issuer(&current);
            let before = current.load_full();
            let judge = |keys: &KeySet| {
                // The task publishes when the token is judged, and not sooner.
                current.store(Arc::new(published(&signing)));
                let token = UnverifiedToken::parse(&token)?;
                Ok(token.verify(keys).map(|_| ())?)
            };
            assert_eq!(issuer.judge(&token, judge).await, Ok(()));
            current.store(before);
            assert_eq!(issuer.judge_now(&token, judge), Ok(()));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn keys_grow_too_old_if_nothing_runs_the_task() {
        let key = PrivateKey::generate(Algorithm::Es256).unwrap();
        let current = Arc::new(ArcSwap::from_pointee(published(&key)));
        let (_sender, issuer) = issuer(&current);
        tokio::time::advance(Duration::from_millis(59_999)).await;
        assert_eq!(issuer.judge_now("", |_| Ok(())), Ok(()));
        assert_eq!((issuer.is_ready(), issuer.status().keys), (true, 1));
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(issuer.judge_now("", |_| Ok(())), Err(OidcError::KeysUnavailable));
        assert_eq!((issuer.is_ready(), issuer.status().keys), (false, 0));
    }
}
