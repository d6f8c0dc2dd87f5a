//! The environment, read once at start. No message ever quotes a secret.

use std::{env, io};

use jwt_codec::{Algorithm, Key, KeySet};

/// What the environment says.
pub struct Config {
    /// `LISTEN_ADDR`.
    pub listen_addr: String,
    /// Of `JWT_SECRET`, or made from the system's randomness.
    pub signing_key: Key,
    /// The signing key and that of `JWT_PREVIOUS_SECRET`.
    pub keys: KeySet,
    /// Whether there was no `JWT_SECRET`.
    pub secret_was_made: bool,
    /// `REDIS_URL`.
    pub redis_url: Option<String>,
}

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("{0} is not UTF-8")]
    NotUnicode(&'static str),
    #[error(
        "{name}: {source}; make one with: \
         head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\\n'"
    )]
    Secret { name: &'static str, source: jwt_codec::Error },
    #[error("JWT_PREVIOUS_SECRET is set but JWT_SECRET is not; rotation needs both")]
    PreviousSecretAlone,
    #[error("the system has no randomness to give: {0}")]
    Randomness(getrandom::Error),
    /// Without the URL, which may hold a password, and without Redis's own message, which may
    /// quote it.
    #[error("REDIS_URL is not a URL like redis://127.0.0.1:6379 (rediss:// is not built in)")]
    RedisUrl,
    #[error("cannot listen on {addr} (LISTEN_ADDR): {source}")]
    Listen { addr: String, source: io::Error },
    #[error("cannot listen for signals: {0}")]
    Signals(io::Error),
    #[error("cannot go on serving: {0}")]
    Serve(io::Error),
}

impl Config {
    /// Reads the environment. A variable that is set but empty counts as set, so that a secret
    /// lost on its way here is noticed.
    pub fn from_env() -> Result<Self, StartError> {
        let secret = key("JWT_SECRET")?;
        let previous = key("JWT_PREVIOUS_SECRET")?;
        if secret.is_none() && previous.is_some() {
            return Err(StartError::PreviousSecretAlone);
        }
        let secret_was_made = secret.is_none();
        let signing_key = match secret {
            Some(key) => key,
            None => random_key()?,
        };
        // The keys have no ids: with two of them, trying both is simpler than having every
        // server agree on names.
        let keys = [Some(signing_key.clone()), previous]
            .into_iter()
            .flatten()
            .try_fold(KeySet::new(), KeySet::with)
            .map_err(|source| StartError::Secret { name: "JWT_PREVIOUS_SECRET", source })?;
        Ok(Self {
            listen_addr: variable("LISTEN_ADDR")?.unwrap_or_else(|| "127.0.0.1:3000".into()),
            signing_key,
            keys,
            secret_was_made,
            redis_url: variable("REDIS_URL")?,
        })
    }
}

fn variable(name: &'static str) -> Result<Option<String>, StartError> {
    match env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => Err(StartError::NotUnicode(name)),
    }
}

fn key(name: &'static str) -> Result<Option<Key>, StartError> {
    variable(name)?
        .map(|text| Key::from_base64url(Algorithm::Hs256, &text))
        .transpose()
        .map_err(|source| StartError::Secret { name, source })
}

fn random_key() -> Result<Key, StartError> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(StartError::Randomness)?;
    Key::hs256(secret).map_err(|source| StartError::Secret { name: "JWT_SECRET", source })
}
