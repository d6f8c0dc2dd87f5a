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
    task::Progress,
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
    /// Empty while there are none.
    keys: Arc<ArcSwap<KeySet>>,
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

/// What came of asking for an attempt.
enum Answer {
    /// The attempt of this number will tell.
    Wait(u64),
    /// The last attempt is too recent.
    Cooling,
}

/// What is known of a token after it was judged once.
enum Verdict<T> {
    Final(Result<T, OidcError>),
    /// The attempt of this number may bring its key.
    After(u64),
}

impl Issuer {
    /// Begins to build an issuer.
    ///
    /// The name is the `iss` of its tokens, exactly as the issuer writes it, with or without a slash
    /// at the end. It is an https URL, or http with a loopback address or `localhost`.
    #[must_use]
    pub fn builder(name: impl Into<String>) -> IssuerBuilder {
        IssuerBuilder::new(name.into())
    }

    pub(crate) fn new(
        names: Arc<[String]>,
        keys: Arc<ArcSwap<KeySet>>,
        progress: watch::Receiver<Progress>,
        asked: Arc<Notify>,
    ) -> Self {
        Self { shared: Arc::new(Shared { names, keys, progress, asked }) }
    }

    /// Returns the name: what [`builder`](Self::builder) was called with.
    #[must_use]
    pub fn name(&self) -> &str {
        self.shared.names.first().map_or("", String::as_str)
    }

    /// Verifies the issuer's access tokens (RFC 9068) that are for this audience: the name of the
    /// program's API, as the issuer knows it.
    #[must_use]
    pub fn access_tokens(&self, audience: impl Into<String>) -> AccessTokenVerifier {
        AccessTokenVerifier::new(self.clone(), audience.into())
    }

    /// Verifies the issuer's ID tokens (OpenID Connect Core 1.0 §3.1.3.7) for this client.
    #[must_use]
    pub fn id_tokens(&self, client_id: impl Into<String>) -> IdTokenVerifier {
        IdTokenVerifier::new(self.clone(), client_id.into())
    }

    /// Verifies the issuer's logout tokens (OpenID Connect Back-Channel Logout 1.0 §2.6) for this
    /// client.
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
        let attempt = match self.ask() {
            Answer::Wait(attempt) => attempt,
            Answer::Cooling => 0,
        };
        self.wait_for(attempt).await.ok_or(FetchError::NoRuntime)?.map_or(Ok(()), Err)
    }

    /// Returns what the task has done, for a health check or a metric.
    #[must_use]
    pub fn status(&self) -> IssuerStatus {
        let keys = self.keys();
        let progress = self.shared.progress.borrow();
        IssuerStatus {
            keys: keys.len(),
            skipped: keys.skipped().to_vec(),
            fetches: progress.begun,
            consecutive_failures: progress.failures.into(),
            age: progress.last_success.map(|last| Instant::now().saturating_duration_since(last)),
            last_error: progress.last_error.clone(),
        }
    }

    /// Returns whether there are keys.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        !self.keys().is_empty()
    }

    fn keys(&self) -> Guard<Arc<KeySet>> {
        self.shared.keys.load()
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
        judge: impl Fn(Guard<Arc<KeySet>>) -> Result<T, OidcError>,
    ) -> Result<T, OidcError> {
        let verdict = self.judge_once(&judge);
        if self.may_have_a_new_key(token, &verdict) {
            self.ask();
        }
        verdict
    }

    /// Judges a token with the current keys. If it names a key that is not known, or there are no
    /// keys, an attempt to fetch them is waited for, and then the token is judged once more.
    pub(crate) async fn judge<T>(
        &self,
        token: &str,
        judge: impl Fn(Guard<Arc<KeySet>>) -> Result<T, OidcError>,
    ) -> Result<T, OidcError> {
        // The first verdict does not live until the attempt ends, so this can be sent between threads
        // even if the claims cannot.
        let attempt = match self.judge_first(token, &judge) {
            Verdict::Final(verdict) => return verdict,
            Verdict::After(attempt) => attempt,
        };
        self.wait_for(attempt).await;
        self.judge_once(&judge)
    }

    fn judge_first<T>(
        &self,
        token: &str,
        judge: impl Fn(Guard<Arc<KeySet>>) -> Result<T, OidcError>,
    ) -> Verdict<T> {
        let verdict = self.judge_once(judge);
        let attempt = if matches!(verdict, Err(OidcError::KeysUnavailable)) {
            self.attempt_under_way()
        } else if self.may_have_a_new_key(token, &verdict) {
            match self.ask() {
                Answer::Wait(attempt) => Some(attempt),
                Answer::Cooling => None,
            }
        } else {
            None
        };
        attempt.map_or(Verdict::Final(verdict), Verdict::After)
    }

    fn judge_once<T>(
        &self,
        judge: impl Fn(Guard<Arc<KeySet>>) -> Result<T, OidcError>,
    ) -> Result<T, OidcError> {
        let keys = self.keys();
        if keys.is_empty() {
            return Err(OidcError::KeysUnavailable);
        }
        judge(keys)
    }

    /// Returns whether a token was rejected because its `kid` is the id of no key, and claims to be
    /// of this issuer.
    fn may_have_a_new_key<T>(&self, token: &str, verdict: &Result<T, OidcError>) -> bool {
        let Err(OidcError::Token(
            Error::UnknownKey { .. } | Error::InvalidSignature | Error::AlgorithmMismatch { .. },
        )) = verdict
        else {
            return false;
        };
        // The policy has already judged the length.
        let Ok(token) = UnverifiedToken::parse_with_max_len(token, usize::MAX) else {
            return false;
        };
        token.header().kid().is_some_and(|kid| !self.keys().contains(kid))
            && token.issuer_hint().is_ok_and(|hint| hint.is_some_and(|name| self.is_named(&name)))
    }

    fn attempt_under_way(&self) -> Option<u64> {
        let progress = self.shared.progress.borrow();
        progress.is_fetching().then_some(progress.begun)
    }

    /// Joins the attempt that is under way, or asks for one unless it is too early. The task decides
    /// in the end, as two may ask at once.
    fn ask(&self) -> Answer {
        let progress = self.shared.progress.borrow();
        if progress.is_fetching() {
            return Answer::Wait(progress.begun);
        }
        if Instant::now() < progress.cool_at {
            return Answer::Cooling;
        }
        self.shared.asked.notify_one();
        Answer::Wait(progress.begun.saturating_add(1))
    }

    /// Waits for the end of an attempt, which the task limits in time. Returns the error of the last
    /// one, or `None` if the task is gone.
    pub(crate) async fn wait_for(&self, attempt: u64) -> Option<Option<FetchError>> {
        let mut progress = self.shared.progress.clone();
        let progress = progress.wait_for(|progress| progress.ended >= attempt).await.ok()?;
        Some(progress.last_error.clone())
    }
}

impl fmt::Debug for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issuer")
            .field("name", &self.name())
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}
