//! What is logged: changes of state, and no line for each attempt.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use jwt_codec_oidc::testing::FakeIssuer;
use support::{NAME, builder, code_now, connected, invented, pause};
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl Lines {
    /// What was logged since the last call.
    fn take(&self) -> Vec<String> {
        let bytes = std::mem::take(&mut *self.0.lock().unwrap());
        String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn changes_of_state_and_nothing_else() {
    let lines = Lines::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(lines.clone())
        .with_ansi(false)
        .without_time()
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);

    let fake = FakeIssuer::new(NAME);
    let (_issuer, verifier) = connected(&fake).await;
    pause(3600).await;
    assert_eq!(lines.take(), [""; 0], "all is well");

    fake.fail(500);
    for _ in 0..60 {
        let _ = code_now(&verifier, &invented("x"));
        pause(60).await;
    }
    assert_eq!(
        lines.take(),
        [format!(
            " WARN jwt_codec_oidc::task: the keys of the issuer cannot be fetched \
             issuer=\"{NAME}\" kept=1 error={NAME}/jwks answered with the status 500"
        )]
    );
    pause(24 * 3600).await;
    assert_eq!(
        lines.take(),
        [format!(
            "ERROR jwt_codec_oidc::task: the keys of the issuer are too old: no token is accepted \
             until a fetch succeeds issuer=\"{NAME}\""
        )]
    );
    fake.recover();
    pause(3600).await;
    assert_eq!(
        lines.take(),
        [format!(
            " INFO jwt_codec_oidc::task: the keys of the issuer are fetched again issuer=\"{NAME}\""
        )]
    );

    fake.fail(404);
    let issuer = builder(&fake).start().unwrap();
    pause(3600).await;
    drop(issuer);
    let logged = lines.take();
    assert_eq!(logged.iter().filter(|line| line.contains("kept=0")).count(), 1, "{logged:?}");
}
