//! What the server has to remember: the sessions that were ended, and the refresh tokens that were
//! used, each for as long as its tokens would otherwise be accepted.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jwt_codec::NumericDate;
use redis::{
    Client, Cmd, FromRedisValue,
    aio::{ConnectionManager, ConnectionManagerConfig},
    cmd,
};

use crate::{config::StartError, outage::Outage};

/// How long to wait for Redis, once to connect and once for the answer.
const REDIS_TIMEOUT: Duration = Duration::from_millis(500);

/// A set of names, each of which is remembered until a time.
pub enum Store {
    /// This process remembers them, until it ends.
    Memory(Mutex<Memory>),
    /// All servers that use this Redis remember them.
    Redis { connection: ConnectionManager, outage: Outage },
}

/// The store could not be asked, so whether a token is good is not known.
#[derive(Debug)]
pub struct StoreUnavailable;

impl Store {
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
            .map(|connection| Self::Redis { connection, outage: Outage::default() })
            .map_err(|_| StartError::RedisUrl)
    }

    /// Tells the log if Redis cannot be used. It may be started later.
    pub async fn try_out(&self) {
        if let Self::Redis { connection, outage } = self {
            let _ = query::<String>(connection, outage, &cmd("PING")).await;
        }
    }

    /// Refuses all tokens of a session from now on.
    pub async fn end(&self, sid: &str, until: NumericDate) -> Result<(), StoreUnavailable> {
        self.remember(&format!("ended:{sid}"), until).await?;
        Ok(())
    }

    pub async fn is_ended(&self, sid: &str) -> Result<bool, StoreUnavailable> {
        self.remembers(&format!("ended:{sid}")).await
    }

    /// Returns whether this refresh token is used for the first time. However many requests ask at
    /// once, only one of them is told yes.
    pub async fn use_once(&self, jti: &str, until: NumericDate) -> Result<bool, StoreUnavailable> {
        self.remember(&format!("used:{jti}"), until).await
    }

    /// Remembers a name, and returns whether it is new.
    async fn remember(&self, name: &str, until: NumericDate) -> Result<bool, StoreUnavailable> {
        let now = NumericDate::now();
        match self {
            Self::Memory(memory) => {
                // A panic cannot have left half an entry, so poison means nothing here.
                let mut memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
                Ok(memory.remember(name, until, now))
            }
            Self::Redis { connection, outage } => {
                // Redis accepts no 0, which is the rest if the token expired since it was read.
                let seconds = until.duration_since(now).as_secs().max(1);
                // A command may be sent twice. The mark tells it whether it meets itself.
                let mark = mark()?;
                let mut set = cmd("SET");
                set.arg(redis_name(name)).arg(&mark).arg("NX").arg("GET").arg("EX").arg(seconds);
                let found: Option<String> = query(connection, outage, &set).await?;
                Ok(found.is_none_or(|found| found == mark))
            }
        }
    }

    async fn remembers(&self, name: &str) -> Result<bool, StoreUnavailable> {
        match self {
            Self::Memory(memory) => {
                let memory = memory.lock().unwrap_or_else(PoisonError::into_inner);
                Ok(memory.until.contains_key(name))
            }
            Self::Redis { connection, outage } => {
                query(connection, outage, cmd("EXISTS").arg(redis_name(name))).await
            }
        }
    }
}

fn redis_name(name: &str) -> String {
    format!("login-server:{name}")
}

fn mark() -> Result<String, StoreUnavailable> {
    let random = getrandom::u64().map_err(|error| {
        tracing::error!("no random bytes: {error}");
        StoreUnavailable
    })?;
    Ok(format!("{random:016x}"))
}

/// Sends a command, and sends it again if it fails: a connection that broke while it was idle is
/// noticed and replaced only when a command fails on it.
async fn query<T: FromRedisValue>(
    connection: &ConnectionManager,
    outage: &Outage,
    command: &Cmd,
) -> Result<T, StoreUnavailable> {
    let mut connection = connection.clone();
    let answer = match command.query_async(&mut connection).await {
        Ok(value) => Ok(value),
        Err(_) => command.query_async(&mut connection).await,
    };
    match answer {
        Ok(value) => {
            outage.is_over();
            Ok(value)
        }
        Err(error) => {
            outage.goes_on(&error);
            Err(StoreUnavailable)
        }
    }
}

/// How often the expired entries are dropped. Not at each entry, so that the cost of one stays flat.
const PURGE_EVERY: Duration = Duration::from_secs(60);

/// The names that this process remembers.
pub struct Memory {
    until: HashMap<String, NumericDate>,
    purge_at: NumericDate,
}

impl Memory {
    fn new() -> Self {
        Self { until: HashMap::new(), purge_at: NumericDate::from_secs(i64::MIN) }
    }

    fn remember(&mut self, name: &str, until: NumericDate, now: NumericDate) -> bool {
        if now >= self.purge_at {
            self.until.retain(|_, until| now < *until);
            self.until.shrink_to(self.until.len().saturating_mul(2));
            self.purge_at = now + PURGE_EVERY;
        }
        self.until.insert(name.into(), until).is_none()
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
            assert!(memory.remember(&format!("early {n}"), at(100), at(0)));
        }
        assert!(memory.remember("late", at(200), at(0)));
        assert!(!memory.remember("late", at(200), at(0)));
        let grown = memory.until.capacity();

        memory.remember("at the last second", at(300), at(99));
        assert!(memory.until.contains_key("early 0") && memory.until.contains_key("late"));

        memory.remember("after it", at(300), at(160));
        let mut names: Vec<_> = memory.until.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["after it", "at the last second", "late"]);
        assert!(memory.until.capacity() < grown / 100);
    }
}
