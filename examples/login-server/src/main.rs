//! The login tutorial on real HTTP: start, serve, stop.

mod auth;
mod config;
mod revocation;
mod routes;
mod session;

use std::{io, process::ExitCode, sync::Arc, time::Duration};

use tokio::net::TcpListener;

use crate::{
    config::{Config, StartError},
    revocation::Revocations,
    routes::{App, router},
};

/// How long the requests under way may take once the server was told to stop.
const GRACE: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("login-server: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), StartError> {
    let config = Config::from_env()?;
    if config.secret_was_made {
        eprintln!(
            "login-server: warning: JWT_SECRET is not set, so a random one was made; \
             its tokens end with this process, and no other server takes them"
        );
    }
    let revocations = match &config.redis_url {
        Some(url) => Revocations::in_redis(url)?,
        None => Revocations::in_memory(),
    };
    let app = App {
        signing_key: config.signing_key,
        keys: config.keys,
        validation: session::validation(),
        revocations,
    };

    // Before the address is printed, so that whoever waits for it may already stop the server.
    let stop = stop_signal().map_err(StartError::Signals)?;
    let listen = |source| StartError::Listen { addr: config.listen_addr.clone(), source };
    let listener = TcpListener::bind(&config.listen_addr).await.map_err(listen)?;
    println!("listening on http://{}", listener.local_addr().map_err(listen)?);

    axum::serve(listener, router(Arc::new(app)))
        .with_graceful_shutdown(async {
            stop.await;
            eprintln!("login-server: stopping");
            // A client that never finishes its request must not keep the server alive.
            tokio::spawn(async {
                tokio::time::sleep(GRACE).await;
                eprintln!("login-server: gave up on requests still open after {GRACE:?}");
                std::process::exit(0);
            });
        })
        .await
        .map_err(StartError::Serve)
}

/// Listens for SIGINT (Ctrl-C) and SIGTERM (service managers, containers) from now on.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(windows)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move {
        interrupt.recv().await;
    })
}
