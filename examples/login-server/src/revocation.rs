//! Tokens that were logged out, by their `jti`, for as long as they would still be let in.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jwt_codec::NumericDate;
use redis::{
    Client, Cmd, FromRedisValue, RedisError,
    aio::{ConnectionManager, ConnectionManagerConfig},
    cmd,
};

use crate::config::StartError;

/// How long to wait for Redis, once to connect and once for the answer.
const REDIS_TIMEOUT: Duration = Duration::from_millis(500);

/// Where revoked tokens are remembered.
pub enum Revocations {
    /// By this process, for as long as it lives.
    Memory(Mutex<Memory>),
    /// By all servers that use that Redis.
    Redis(ConnectionManager),
}

/// Nobody can say whether a token is revoked.
#[derive(Debug)]
pub struct StoreUnavailable;

impl From<RedisError> for StoreUnavailable {
    fn from(error: RedisError) -> Self {
        eprintln!("login-server: the revocation store cannot be used: {error}");
        Self
    }
}

impl Revocations {
    pub fn in_memory() -> Self {
        Self::Memory(Mutex::new(Memory::new()))
    }

    /// Connects when first used, and again whenever the connection is lost.
    pub fn in_redis(url: &str) -> Result<Self, StartError> {
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(REDIS_TIMEOUT))
            .set_response_timeout(Some(REDIS_TIMEOUT))
            .set_number_of_retries(0);
        Client::open(url)
            .and_then(|client| ConnectionManager::new_lazy_with_config(client, config))
            .map(Self::Redis)
            .map_err(|_| StartError::RedisUrl)
    }

    /// Remembers a token until the time from which it is refused anyway.
    pub async fn revoke(&self, jti: &str, until: NumericDate) -> Result<(), StoreUnavailable> {
        let now = NumericDate::now();
        match self {
            Self::Memory(memory) => {
                // A panic cannot have left half an entry, so poison means nothing here.
                memory.lock().unwrap_or_else(PoisonError::into_inner).revoke(jti, until, now);
                Ok(())
            }
            Self::Redis(redis) => {
                // Redis takes no 0, which is what is left if the token expired since it was read.
                let ttl = until.as_secs().saturating_sub(now.as_secs()).max(1);
                let mut set = cmd("SET");
                set.arg(redis_key(jti)).arg(1).arg("EX").arg(ttl).arg("NX");
                query(redis, &set).await
            }
        }
    }

    pub async fn is_revoked(&self, jti: &str) -> Result<bool, StoreUnavailable> {
        match self {
            Self::Memory(memory) => {
                Ok(memory.lock().unwrap_or_else(PoisonError::into_inner).until.contains_key(jti))
            }
            Self::Redis(redis) => query(redis, cmd("EXISTS").arg(redis_key(jti))).await,
        }
    }
}

fn redis_key(jti: &str) -> String {
    format!("login-server:revoked:{jti}")
}

/// Sends a command that may be sent twice: a connection that broke while it was idle is only
/// noticed, and replaced, by the command that fails on it.
async fn query<T: FromRedisValue>(
    redis: &ConnectionManager,
    command: &Cmd,
) -> Result<T, StoreUnavailable> {
    let mut redis = redis.clone();
    match command.query_async(&mut redis).await {
        Ok(value) => Ok(value),
        Err(_) => Ok(command.query_async(&mut redis).await?),
    }
}

/// How often the expired entries are dropped: what a logout costs stays flat, and memory holds
/// the logouts of a token's lifetime and one such span at most.
const PURGE_EVERY: Duration = Duration::from_secs(60);

/// The revoked ids of one process.
pub struct Memory {
    until: HashMap<String, NumericDate>,
    purge_at: NumericDate,
}

impl Memory {
    fn new() -> Self {
        Self { until: HashMap::new(), purge_at: NumericDate::from_secs(i64::MIN) }
    }

    fn revoke(&mut self, jti: &str, until: NumericDate, now: NumericDate) {
        if now >= self.purge_at {
            self.until.retain(|_, until| now < *until);
            self.until.shrink_to(self.until.len().saturating_mul(2));
            self.purge_at = now + PURGE_EVERY;
        }
        self.until.insert(jti.into(), until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expired_entries_are_dropped_and_the_others_stay() {
        let at = NumericDate::from_secs;
        let mut memory = Memory::new();
        for n in 0..10_000 {
            memory.revoke(&format!("early {n}"), at(100), at(0));
        }
        memory.revoke("late", at(200), at(0));
        let grown = memory.until.capacity();

        memory.revoke("at the last second", at(300), at(99));
        assert!(memory.until.contains_key("early 0") && memory.until.contains_key("late"));

        memory.revoke("after it", at(300), at(160));
        let mut ids: Vec<_> = memory.until.keys().map(String::as_str).collect();
        ids.sort_unstable();
        assert_eq!(ids, ["after it", "at the last second", "late"]);
        assert!(memory.until.capacity() < grown / 100);
    }
}
