//! The environment, read once at the start. No message ever quotes a secret.

use std::{env, fs, io, path::Path, path::PathBuf};

use jwt_codec::{Algorithm, Key};
use tracing_subscriber::filter::Targets;

use crate::keys::Keyring;

/// The settings of the environment.
pub struct Config {
    /// `LISTEN_ADDR`.
    pub listen_addr: String,
    /// Made of `JWT_SECRET` and `JWT_PREVIOUS_SECRET`, of the file, or of random bytes.
    pub keyring: Keyring,
    /// `JWT_SECRETS_FILE`.
    pub secrets_file: Option<PathBuf>,
    /// Whether no secret was set, so that a random one was made.
    pub secret_was_made: bool,
    /// `REDIS_URL`.
    pub redis_url: Option<String>,
    /// `LOG`.
    pub log: Targets,
}

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("{0} is not UTF-8")]
    NotUnicode(&'static str),
    #[error("{name}: {source}; make one with: openssl rand -hex 32")]
    Secret { name: String, source: jwt_codec::Error },
    #[error("JWT_PREVIOUS_SECRET is set but JWT_SECRET is not; rotation needs both")]
    PreviousSecretAlone,
    #[error("JWT_SECRETS_FILE is set, so JWT_SECRET and JWT_PREVIOUS_SECRET must not be")]
    SecretsTwice,
    #[error("JWT_SECRETS_FILE: {path} cannot be read: {source}")]
    SecretsFile { path: String, source: io::Error },
    #[error("JWT_SECRETS_FILE: {path} has no secret in it; write one on a line")]
    NoSecrets { path: String },
    #[error("the system returned no random bytes: {0}")]
    Randomness(getrandom::Error),
    /// Without the URL, which may hold a password, and without Redis's own message, which may
    /// quote it.
    #[error("REDIS_URL is not a URL like redis://127.0.0.1:6379 (rediss:// is not built in)")]
    RedisUrl,
    #[error("LOG is not a filter like info or warn,login_server=info")]
    Log,
    #[error("cannot listen on {addr} (LISTEN_ADDR): {source}")]
    Listen { addr: String, source: io::Error },
    #[error("cannot listen for signals: {0}")]
    Signals(io::Error),
}

impl Config {
    /// Reads the environment. A variable that is set but empty counts as set, so that a secret
    /// lost on its way here is noticed.
    pub fn from_env() -> Result<Self, StartError> {
        let secret = key("JWT_SECRET")?;
        let previous = key("JWT_PREVIOUS_SECRET")?;
        let secrets_file = variable("JWT_SECRETS_FILE")?.map(PathBuf::from);
        let secret_was_made = secret.is_none() && secrets_file.is_none();
        let keyring = match (secret, previous, &secrets_file) {
            (None, None, Some(path)) => read_secrets(path)?,
            (_, _, Some(_)) => return Err(StartError::SecretsTwice),
            (None, Some(_), None) => return Err(StartError::PreviousSecretAlone),
            (secret, previous, None) => {
                let newest = secret.map_or_else(random_key, Ok)?;
                let name = "JWT_PREVIOUS_SECRET";
                Keyring::new(newest, previous).map_err(|source| secret_error(name, source))?
            }
        };
        Ok(Self {
            listen_addr: variable("LISTEN_ADDR")?.unwrap_or_else(|| "127.0.0.1:3000".into()),
            keyring,
            secrets_file,
            secret_was_made,
            redis_url: variable("REDIS_URL")?,
            log: variable("LOG")?
                .unwrap_or_else(|| "warn,login_server=info".into())
                .parse()
                .map_err(|_| StartError::Log)?,
        })
    }
}

/// Reads one secret from each line, the newest first.
pub fn read_secrets(path: &Path) -> Result<Keyring, StartError> {
    let shown = || path.display().to_string();
    let text = fs::read_to_string(path)
        .map_err(|source| StartError::SecretsFile { path: shown(), source })?;
    let name = |line| format!("JWT_SECRETS_FILE, line {line}");
    let mut keys =
        (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()).map(|(line, text)| {
            Key::from_hex(Algorithm::Hs256, text).map_err(|source| secret_error(name(line), source))
        });
    let newest = keys.next().ok_or_else(|| StartError::NoSecrets { path: shown() })??;
    let older = keys.collect::<Result<Vec<_>, _>>()?;
    Keyring::new(newest, older).map_err(|source| secret_error("JWT_SECRETS_FILE", source))
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
        .map(|text| Key::from_hex(Algorithm::Hs256, &text))
        .transpose()
        .map_err(|source| secret_error(name, source))
}

fn random_key() -> Result<Key, StartError> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(StartError::Randomness)?;
    Key::hs256(secret).map_err(|source| secret_error("JWT_SECRET", source))
}

fn secret_error(name: impl Into<String>, source: jwt_codec::Error) -> StartError {
    StartError::Secret { name: name.into(), source }
}
