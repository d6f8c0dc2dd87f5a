//! A code is exchanged for tokens (OpenID Connect Core 1.0 §3.1.3).

use std::{sync::Arc, time::Duration};

use serde::Deserialize;
use tokio::task::spawn_blocking;
use ureq::{
    Agent,
    tls::{RootCerts, TlsConfig},
};

use crate::Config;

/// What the issuer sends for the code.
#[derive(Deserialize)]
pub(crate) struct Tokens {
    pub(crate) id_token: String,
    pub(crate) access_token: String,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum ExchangeError {
    #[error("the token endpoint cannot be asked: {0}")]
    Http(#[from] ureq::Error),
    #[error("the token endpoint answered with something else: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the exchange was cancelled: {0}")]
    Cancelled(#[from] tokio::task::JoinError),
}

pub(crate) async fn exchange(
    config: &Config,
    code: String,
    verifier: String,
) -> Result<Tokens, ExchangeError> {
    let config = config.clone();
    spawn_blocking(move || {
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(Arc::new(rustls_graviola::default_provider()));
        let agent: Agent = Agent::config_builder()
            .tls_config(tls.build())
            .timeout_global(Some(Duration::from_secs(5)))
            .max_redirects(0)
            .build()
            .into();
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &format!("{}/callback", config.base_url)),
            ("client_id", &config.client_id),
            ("client_secret", &config.client_secret),
            ("code_verifier", &verifier),
        ];
        let mut answer = agent.post(&config.token_endpoint).send_form(form)?;
        let text = answer.body_mut().with_config().limit(64 * 1024).read_to_string()?;
        Ok(serde_json::from_str(&text)?)
    })
    .await?
}
