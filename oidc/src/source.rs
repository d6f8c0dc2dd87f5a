//! One attempt to get the keys: discovery, if it is needed, and the JWK Set.

use std::{str, sync::Arc};

use jwt_codec::{Algorithm, KeySet};
use serde::Deserialize;
use url::Url;

use crate::{
    address,
    fetch::{Fetch, FetchRequest, FetchResponse},
    fetch_error::{FetchError, excerpt},
};

/// Where the keys of an issuer come from.
#[derive(Clone)]
pub(crate) struct Source {
    pub(crate) issuer: Arc<str>,
    /// The names that `iss` may have, to which the keys are bound.
    pub(crate) names: Arc<[String]>,
    pub(crate) location: Location,
    pub(crate) algorithm_for_unnamed: Option<Algorithm>,
    pub(crate) client: Arc<dyn Fetch>,
    pub(crate) max_body: usize,
}

/// How the JWK Set is found.
#[derive(Debug, Clone)]
pub(crate) enum Location {
    /// The program named it.
    Configured(Url),
    /// Discovery at the issuer names it, and has named the URL `found` before. If one of the two cannot
    /// be had, the other is asked. An attempt that runs out of time never comes to the other, so the next
    /// one begins with that.
    Discovery { issuer: Url, found: Option<Url>, found_first: bool },
}

impl Location {
    pub(crate) fn remember(&mut self, jwks_uri: Url) {
        if let Self::Discovery { found, found_first, .. } = self {
            (*found, *found_first) = (Some(jwks_uri), true);
        }
    }

    pub(crate) fn begin_with_the_other(&mut self) {
        if let Self::Discovery { found_first, .. } = self {
            *found_first = !*found_first;
        }
    }
}

/// What is needed of the discovery document (OpenID Connect Discovery 1.0 §3).
#[derive(Deserialize)]
struct Document {
    issuer: String,
    jwks_uri: String,
}

/// What an attempt found.
pub(crate) struct Found {
    pub(crate) keys: KeySet,
    /// What discovery named, for the next attempt.
    pub(crate) jwks_uri: Url,
}

impl Source {
    /// Fetches the keys. If the set cannot be had where discovery found it before, discovery is
    /// asked again, and so is the set if it has moved.
    pub(crate) async fn fetch(self, no_cache: bool) -> Result<Found, FetchError> {
        match &self.location {
            Location::Configured(url) => self.fetch_keys(url, no_cache).await,
            Location::Discovery { issuer, found: Some(url), found_first: true } => {
                let error = match self.fetch_keys(url, no_cache).await {
                    Ok(found) => return Ok(found),
                    Err(error) => error,
                };
                match self.discover(issuer, no_cache).await {
                    Ok(moved) if moved != *url => self.fetch_keys(&moved, no_cache).await,
                    // Only a change at the issuer or here can help, so it has to be said.
                    Err(
                        refused @ (FetchError::OtherIssuer { .. }
                        | FetchError::NotHttps { .. }
                        | FetchError::LocalAddress { .. }),
                    ) => Err(refused),
                    _ => Err(error),
                }
            }
            Location::Discovery { issuer, found, .. } => {
                match (self.discover(issuer, no_cache).await, found) {
                    (Ok(url), _) => self.fetch_keys(&url, no_cache).await,
                    (Err(error), Some(url)) => {
                        self.fetch_keys(url, no_cache).await.map_err(|_| error)
                    }
                    (Err(error), None) => Err(error),
                }
            }
        }
    }

    /// OpenID Connect Discovery 1.0 §4: a slash at the end of the issuer is removed.
    async fn discover(&self, issuer: &Url, no_cache: bool) -> Result<Url, FetchError> {
        let path = issuer.path();
        let path = path.strip_suffix('/').unwrap_or(path);
        let mut url = issuer.clone();
        url.set_path(&format!("{path}/.well-known/openid-configuration"));
        let url = url.as_str();
        let body = self.get(url, no_cache).await?;
        let text = utf8(&body, url, DOCUMENT)?;
        // Serde reads a list as a struct, too.
        if text.trim_ascii_start().starts_with('[') {
            return Err(not_json(url, DOCUMENT, "it is a list".into()));
        }
        let document: Document = serde_json::from_str(text).map_err(|error| {
            // The text of the error may quote the document.
            let reason = format!(
                "{:?} error in line {}, column {}",
                error.classify(),
                error.line(),
                error.column()
            );
            not_json(url, DOCUMENT, reason)
        })?;
        if document.issuer != *self.issuer {
            return Err(FetchError::OtherIssuer {
                expected: self.issuer.to_string(),
                found: excerpt(&document.issuer),
            });
        }
        address::parse_discovered(&document.jwks_uri, issuer)
    }

    async fn fetch_keys(&self, url: &Url, no_cache: bool) -> Result<Found, FetchError> {
        let shown = excerpt(url.as_str());
        let body = self.get(url.as_str(), no_cache).await?;
        let text = utf8(&body, &shown, JWK_SET)?;
        let keys = match self.algorithm_for_unnamed {
            Some(algorithm) => KeySet::from_public_jwks_for(algorithm, text),
            None => KeySet::from_public_jwks(text),
        }
        .map_err(|error| not_json(&shown, JWK_SET, error.to_string()))?;
        if keys.is_empty() {
            return Err(FetchError::no_usable_key(&shown, &keys));
        }
        let keys = keys.with_issuers(self.names.iter().cloned());
        Ok(Found { keys, jwks_uri: url.clone() })
    }

    async fn get(&self, url: &str, no_cache: bool) -> Result<Vec<u8>, FetchError> {
        let request = FetchRequest { url: url.into(), max_body: self.max_body, no_cache };
        let shown = excerpt(url);
        let FetchResponse { status, body } = self.client.get(request).await.map_err(|error| {
            match error.downcast::<FetchError>() {
                Ok(error) => error.with_short_url(),
                Err(error) => FetchError::unreachable(&shown, &*error),
            }
        })?;
        if status != 200 {
            return Err(FetchError::Status { url: shown, status });
        }
        if body.len() > self.max_body {
            return Err(FetchError::TooLarge { url: shown, max: self.max_body });
        }
        Ok(body)
    }
}

const DOCUMENT: &str = "a discovery document with `issuer` and `jwks_uri`";
const JWK_SET: &str = "a JWK Set";

fn utf8<'b>(body: &'b [u8], url: &str, expected: &'static str) -> Result<&'b str, FetchError> {
    str::from_utf8(body).map_err(|_| not_json(url, expected, "it is not UTF-8".into()))
}

fn not_json(url: &str, expected: &'static str, reason: String) -> FetchError {
    FetchError::NotJson { url: url.into(), expected, reason }
}
