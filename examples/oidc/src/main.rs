//! The service. Its settings are in the environment: see the README.

use std::{env, error::Error, io};

use jwt_codec_oidc::Issuer;
use oidc::{Config, router, serve};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().init();
    let config = Config {
        audience: variable("AUDIENCE")?,
        client_id: variable("CLIENT_ID")?,
        client_secret: variable("CLIENT_SECRET")?,
        base_url: variable("BASE_URL")?,
        authorization_endpoint: variable("AUTHORIZATION_ENDPOINT")?,
        token_endpoint: variable("TOKEN_ENDPOINT")?,
    };
    // The service starts even if its issuer is down.
    let issuer = Issuer::builder(variable("ISSUER")?).start()?;

    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    serve(listener, router(config, issuer), stop_signal()?).await;
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

/// The error of `env::var` may quote the value, which may be the secret.
fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|_| format!("the variable {name} is not set or not UTF-8"))
}
