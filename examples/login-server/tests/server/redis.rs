//! A real `redis-server`, which the tests start and stop themselves.

use std::{
    fs,
    io::{self, Write},
    net::TcpListener,
    path::PathBuf,
    process::{self, Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::{Duration, Instant},
};

/// A `redis-server` that keeps its data on disk over a restart.
pub struct Redis {
    pub child: Child,
    port: u16,
    dir: PathBuf,
}

impl Redis {
    /// `None` where Redis is not installed, unless `CI` is set.
    pub fn start() -> Option<Self> {
        let found = Command::new("redis-server").arg("--version").stdout(Stdio::null()).status();
        if let Err(error) = found {
            let advice = "redis-server cannot be run: install it (Debian: redis-server)";
            assert!(std::env::var_os("CI").is_none(), "{advice}: {error}");
            // Past the test harness, which swallows what a passing test prints; in one piece, as
            // several tests say so at once.
            let _ = io::stderr().write_all(format!("SKIPPED: {advice}: {error}\n").as_bytes());
            return None;
        }
        let port = free_port();
        let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("redis-{port}"));
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).unwrap();
        let mut redis = Self { child: Self::spawn(port, &dir), port, dir };
        redis.wait_until_ready();
        Some(redis)
    }

    fn spawn(port: u16, dir: &PathBuf) -> Child {
        Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--daemonize", "no"])
            .args(["--save", "", "--appendonly", "yes", "--appendfsync", "always", "--dir"])
            .arg(dir)
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    }

    fn wait_until_ready(&mut self) {
        let start = Instant::now();
        while self.try_ask::<String>(&["PING"]).is_err() {
            assert_eq!(self.child.try_wait().unwrap(), None, "redis-server ended");
            assert!(start.elapsed() < Duration::from_secs(20), "redis-server does not answer");
            thread::sleep(Duration::from_millis(20));
        }
    }

    pub fn stop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn restart(&mut self) {
        self.child = Self::spawn(self.port, &self.dir);
        self.wait_until_ready();
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    fn try_ask<T: redis::FromRedisValue>(&self, command: &[&str]) -> redis::RedisResult<T> {
        let mut connection = redis::Client::open(self.url())?.get_connection()?;
        redis::cmd(command[0]).arg(&command[1..]).query(&mut connection)
    }

    pub fn ask<T: redis::FromRedisValue>(&self, command: &[&str]) -> T {
        self.try_ask(command).unwrap()
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// Not one that the system would hand out: while Redis is stopped, somebody else would get it.
fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let offset = process::id().wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % 20_000;
        let port = 10_000 + u16::try_from(offset).unwrap();
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
