//! What is set before an issuer's task starts.

use std::{fmt, sync::Arc, time::Duration};

use jwt_codec::Algorithm;
use tokio::{
    runtime::Handle,
    sync::{Notify, watch},
};

#[cfg(feature = "http")]
use crate::http::HttpClient;
use crate::{
    address,
    fetch::Fetch,
    fetch_error::FetchError,
    issuer::Issuer,
    schedule::Times,
    source::{Location, Source},
    task::{Progress, Task},
};

/// The length of the longest body, in bytes. The documents of well-known issuers have 1 to 10 KiB.
const MAX_BODY: usize = 256 * 1024;

/// Builds an [`Issuer`]. [`Issuer::builder`] makes one.
pub struct IssuerBuilder {
    names: Vec<String>,
    jwks_uri: Option<String>,
    algorithm_for_unnamed: Option<Algorithm>,
    client: Option<Arc<dyn Fetch>>,
    #[cfg(feature = "http")]
    root_certificates: Vec<String>,
    times: Times,
    max_body: usize,
}

impl IssuerBuilder {
    pub(crate) fn new(name: String) -> Self {
        Self {
            names: vec![name],
            jwks_uri: None,
            algorithm_for_unnamed: None,
            client: None,
            #[cfg(feature = "http")]
            root_certificates: Vec::new(),
            times: Times::DEFAULT,
            max_body: MAX_BODY,
        }
    }

    /// Fetches the JWK Set from this URL, without discovery. Unlike a URL that discovery finds, it
    /// may lead to this machine. The name of the issuer need not be a URL then.
    #[must_use]
    pub fn jwks_uri(mut self, url: impl Into<String>) -> Self {
        self.jwks_uri = Some(url.into());
        self
    }

    /// Sets the algorithm of keys whose JWK has no `alg` and whose curve does not decide it: RSA keys as
    /// Entra and others publish them. Keys that name an algorithm keep theirs. The algorithm is in
    /// the issuer's documentation, and never taken from a token.
    ///
    /// **Default:** such keys are skipped.
    #[must_use]
    pub fn algorithm_for_unnamed(mut self, algorithm: Algorithm) -> Self {
        self.algorithm_for_unnamed = Some(algorithm);
        self
    }

    /// Fetches with a client of the program's own, such as one that knows a proxy.
    ///
    /// **Default:** a client that uses the certificate roots of the platform and no proxy.
    #[must_use]
    pub fn client(mut self, client: impl Fetch) -> Self {
        self.client = Some(Arc::new(client));
        self
    }

    /// Adds a root certificate to the roots of the platform, for the built-in client: PEM text with one
    /// certificate or several. Each call adds to the earlier ones. A client of the program's own does
    /// not use it.
    #[cfg(feature = "http")]
    #[must_use]
    pub fn root_certificate_pem(mut self, pem: &str) -> Self {
        self.root_certificates.push(pem.into());
        self
    }

    /// Accepts another name in `iss`, as Google writes `accounts.google.com` in some of its tokens.
    /// Each call adds one.
    #[must_use]
    pub fn also_named(mut self, name: impl Into<String>) -> Self {
        self.names.push(name.into());
        self
    }

    /// Sets how often the keys are fetched again, give or take 10 %. A key that the issuer has
    /// withdrawn is accepted until the next fetch. At least one second; at most half of
    /// [`max_stale`](Self::max_stale).
    ///
    /// **Default:** 10 minutes.
    #[must_use]
    pub fn refresh_every(mut self, pause: Duration) -> Self {
        self.times.refresh_every = pause;
        self
    }

    /// Sets how long after an attempt to fetch the keys, a failed one too, no token and no
    /// [`Issuer::refresh`] causes another one.
    ///
    /// **Default:** 30 seconds.
    #[must_use]
    pub fn cooldown(mut self, pause: Duration) -> Self {
        self.times.cooldown = pause;
        self
    }

    /// Sets how long after the last success the keys are kept while no fetch succeeds. After that,
    /// every token is rejected with [`OidcError::KeysUnavailable`](crate::OidcError::KeysUnavailable).
    ///
    /// **Default:** 6 hours.
    #[must_use]
    pub fn max_stale(mut self, age: Duration) -> Self {
        self.times.max_stale = age;
        self
    }

    /// Sets how long one attempt to fetch the keys may take as a whole: discovery, connections, and
    /// the bodies. No token waits longer.
    ///
    /// **Default:** 5 seconds.
    #[must_use]
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.times.timeout = limit;
        self
    }

    /// Sets the length of the longest body that counts, in bytes.
    ///
    /// **Default:** 262 144 (256 KiB).
    #[must_use]
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// Starts the issuer and waits for its keys, at most for [`timeout`](Self::timeout).
    ///
    /// # Errors
    ///
    /// [`FetchError`]: why the keys cannot be had. The task has ended then; to start before the
    /// issuer can be reached, use [`start`](Self::start).
    pub async fn connect(self) -> Result<Issuer, FetchError> {
        let issuer = self.start()?;
        match issuer.wait_for(1).await {
            Some(None) => Ok(issuer),
            Some(Some(error)) => Err(error),
            None => Err(FetchError::NoRuntime),
        }
    }

    /// Starts the issuer and returns at once. Its task fetches the keys as soon as they can be had;
    /// until then every token is
    /// [`OidcError::KeysUnavailable`](crate::OidcError::KeysUnavailable).
    ///
    /// # Errors
    ///
    /// [`FetchError::NotHttps`] for the `jwks_uri`, or without one for the name, and for an empty name;
    /// [`FetchError::RootCertificate`], [`FetchError::NoClient`], and [`FetchError::NoRuntime`] outside
    /// of a tokio runtime.
    pub fn start(self) -> Result<Issuer, FetchError> {
        let name = self.names.first().map_or("", String::as_str);
        if name.is_empty() {
            return Err(FetchError::NotHttps { url: String::new() });
        }
        let location = match &self.jwks_uri {
            // The name is only compared then.
            Some(text) => Location::Configured(address::parse(text)?),
            None => Location::Discovery {
                issuer: address::parse_issuer(name)?,
                found: None,
                found_first: false,
            },
        };
        let issuer = Arc::from(name);
        let client = self.chosen_client()?;
        let runtime = Handle::try_current().map_err(|_| FetchError::NoRuntime)?;

        let names: Arc<[String]> = self.names.into();
        let published = Arc::default();
        let asked = Arc::new(Notify::new());
        let (progress, observer) = watch::channel(Progress::first(self.times.cooldown));
        let task = Task {
            source: Source {
                issuer,
                names: Arc::clone(&names),
                location,
                algorithm_for_unnamed: self.algorithm_for_unnamed,
                client,
                max_body: self.max_body,
            },
            times: self.times,
            published: Arc::clone(&published),
            progress,
            asked: Arc::clone(&asked),
            failures_with_keys: 0,
        };
        runtime.spawn(task.run());
        Ok(Issuer::new(names, published, observer, asked))
    }

    /// The client that the program set, or the built-in one.
    fn chosen_client(&self) -> Result<Arc<dyn Fetch>, FetchError> {
        #[cfg(feature = "http")]
        let built_in: Result<Arc<dyn Fetch>, FetchError> = {
            let mut client = HttpClient::default();
            for pem in &self.root_certificates {
                client.add_roots(pem)?;
            }
            Ok(Arc::new(client))
        };
        #[cfg(not(feature = "http"))]
        let built_in = Err(FetchError::NoClient);
        self.client.clone().map_or(built_in, Ok)
    }
}

impl fmt::Debug for IssuerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuerBuilder")
            .field("names", &self.names)
            .field("times", &self.times)
            .finish_non_exhaustive()
    }
}
