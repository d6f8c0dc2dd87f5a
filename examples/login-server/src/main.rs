//! A login server on real HTTP: start, serve, stop.

mod auth;
mod config;
mod error;
mod keys;
mod outage;
mod routes;
mod serve;
mod session;
mod store;

use std::{io, path::PathBuf, process::ExitCode, sync::Arc, time::Duration};

use jwt_codec_axum::Auth;
use tokio::net::TcpListener;
use tracing_subscriber::{Layer, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{
    config::{Config, StartError},
    keys::Keys,
    routes::{App, router},
    serve::serve,
    store::Store,
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
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(io::stderr);
    tracing_subscriber::registry().with(lines.with_filter(config.log)).init();
    if config.secret_was_made {
        tracing::warn!(
            "JWT_SECRET is not set, so a random one was made; \
             its tokens end with this process, and no other server accepts them"
        );
    }
    let store = match &config.redis_url {
        Some(url) => Store::in_redis(url)?,
        None => Store::in_memory(),
    };
    store.try_out().await;
    let keys = Keys::new(config.keyring);
    let app = Arc::new(App { auth: Auth::new(keys.verifier()), keys, store });

    // Before the address is printed, so that whoever waits for it may already stop the server.
    let stop = stop_signal().map_err(StartError::Signals)?;
    if let Some(path) = config.secrets_file {
        replace_keys_on_signal(path, Arc::clone(&app)).map_err(StartError::Signals)?;
    }
    let listen = |source| StartError::Listen { addr: config.listen_addr.clone(), source };
    let listener = TcpListener::bind(&config.listen_addr).await.map_err(listen)?;
    println!("listening on http://{}", listener.local_addr().map_err(listen)?);

    let stop = async {
        stop.await;
        tracing::info!("stopping");
        // A client that never finishes its request must not keep the server alive.
        tokio::spawn(async {
            tokio::time::sleep(GRACE).await;
            tracing::warn!("gave up on requests still open after {GRACE:?}");
            std::process::exit(0);
        });
    };
    serve(listener, router(app), stop).await;
    Ok(())
}

/// Reads the secrets again at each SIGHUP. If they are bad, the keys stay as they are.
#[cfg(unix)]
fn replace_keys_on_signal(path: PathBuf, app: Arc<App>) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut hangup = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while hangup.recv().await.is_some() {
            match config::read_secrets(&path) {
                Ok(keyring) => {
                    app.keys.replace(keyring);
                    tracing::info!("the keys were replaced");
                }
                Err(error) => tracing::error!("the keys stay as they are: {error}"),
            }
        }
    });
    Ok(())
}

/// Windows has no such signal.
#[cfg(windows)]
fn replace_keys_on_signal(_: PathBuf, _: Arc<App>) -> io::Result<()> {
    Ok(())
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
