//! Verifies the tokens of one OpenID Connect issuer, such as Auth0, Entra, Google or Keycloak.
//!
//! It reads the issuer's discovery document once and its keys whenever a token names one that is not
//! known yet, but at most once a minute. If a fetch fails, the old keys stay.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use jwt_codec::{Algorithm, Error, KeySet, TokenData, Validation, Verifier};
use serde::{Deserialize, de::DeserializeOwned};
use ureq::Agent;

/// Anybody can send a token with an unknown `kid`, so that is no reason to fetch more often.
pub const MIN_INTERVAL: Duration = Duration::from_secs(60);

/// For one fetch as a whole.
const TIMEOUT: Duration = Duration::from_secs(5);

/// In bytes. The documents of well-known issuers have 1 to 10 KiB.
const MAX_BODY: u64 = 256 * 1024;

/// Why the issuer's documents could not be had.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    #[error("cannot fetch {url}: {error}")]
    Http { url: String, error: ureq::Error },
    #[error("{url} is not the expected JSON: {error}")]
    Json { url: String, error: serde_json::Error },
    #[error("the discovery document is of {found:?}, and {expected:?} was asked for")]
    OtherIssuer { expected: String, found: String },
    #[error("{url} is not https")]
    NotHttps { url: String },
    #[error("the keys of {url} cannot be read: {error}")]
    Keys { url: String, error: Error },
    #[error("none of the keys of {url} can be used: {skipped}")]
    NoKeys { url: String, skipped: String },
}

/// What is needed of the discovery document (OpenID Connect Discovery 1.0 §3).
#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

/// The keys and the policy for the tokens of one issuer.
pub struct Issuer {
    name: String,
    jwks_uri: String,
    /// The algorithm of keys that name none, as some issuers' RSA keys.
    unnamed: Option<Algorithm>,
    agent: Agent,
    verifier: Verifier<KeySet>,
    last_fetch: Mutex<Instant>,
}

impl Issuer {
    /// Finds the issuer and fetches its keys. The policy needs the audience: for ID tokens your
    /// client's id, for access tokens the name of your API. The issuer is added here.
    ///
    /// `unnamed` is the algorithm of keys without `alg`. Only RSA keys need it; look into the
    /// issuer's documentation, and never into a token.
    pub fn discover(
        issuer: &str,
        unnamed: Option<Algorithm>,
        policy: Validation,
        now: Instant,
    ) -> Result<Self, FetchError> {
        let config = Agent::config_builder().timeout_global(Some(TIMEOUT)).max_redirects(0);
        let agent = Agent::new_with_config(config.build());

        let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let text = fetch(&agent, &url)?;
        let found: Discovery =
            serde_json::from_str(&text).map_err(|error| FetchError::Json { url, error })?;
        if found.issuer != issuer {
            return Err(FetchError::OtherIssuer { expected: issuer.into(), found: found.issuer });
        }
        // An issuer without https is one on this machine, for tests.
        if issuer.starts_with("https://") && !found.jwks_uri.starts_with("https://") {
            return Err(FetchError::NotHttps { url: found.jwks_uri });
        }
        let keys = fetch_keys(&agent, &found.jwks_uri, unnamed, issuer)?;
        Ok(Self {
            name: found.issuer,
            jwks_uri: found.jwks_uri,
            unnamed,
            agent,
            verifier: Verifier::new(keys, policy.issuer(issuer)),
            last_fetch: Mutex::new(now),
        })
    }

    /// Verifies a token. If it names a key that is not known, the keys are fetched again first,
    /// unless that was done less than a minute ago.
    pub fn decode<C: DeserializeOwned>(
        &self,
        token: &str,
        now: Instant,
    ) -> Result<TokenData<C>, Error> {
        match self.verifier.decode(token) {
            Err(Error::UnknownKey { .. }) => {
                self.refresh(now);
                self.verifier.decode(token)
            }
            decided => decided,
        }
    }

    /// Threads that come meanwhile wait for the one fetch, and find the keys there.
    fn refresh(&self, now: Instant) {
        let mut last = self.last_fetch.lock().unwrap_or_else(PoisonError::into_inner);
        if now.saturating_duration_since(*last) < MIN_INTERVAL {
            return;
        }
        // Before the fetch, so that one that fails counts as well.
        *last = now;
        match fetch_keys(&self.agent, &self.jwks_uri, self.unnamed, &self.name) {
            Ok(keys) => self.verifier.replace_keys(keys),
            Err(error) => eprintln!("the old keys stay: {error}"),
        }
    }
}

fn fetch_keys(
    agent: &Agent,
    url: &str,
    unnamed: Option<Algorithm>,
    issuer: &str,
) -> Result<KeySet, FetchError> {
    let text = fetch(agent, url)?;
    let keys = match unnamed {
        Some(algorithm) => KeySet::from_jwks_for(algorithm, &text),
        None => KeySet::from_jwks(&text),
    }
    .map_err(|error| FetchError::Keys { url: url.into(), error })?;
    if keys.is_empty() {
        let skipped = keys.skipped().iter().map(|key| key.error.to_string());
        let skipped = skipped.collect::<Vec<_>>().join("; ");
        return Err(FetchError::NoKeys { url: url.into(), skipped });
    }
    Ok(keys.with_issuer(issuer))
}

fn fetch(agent: &Agent, url: &str) -> Result<String, FetchError> {
    let get = || agent.get(url).call()?.body_mut().with_config().limit(MAX_BODY).read_to_string();
    get().map_err(|error| FetchError::Http { url: url.into(), error })
}
