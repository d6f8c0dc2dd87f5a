//! The built-in client, against servers on this machine that do what issuers should not.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::time::{Duration, Instant};

use jwt_codec_oidc::{FetchError, Issuer, IssuerBuilder};
use serde_json::{Value, json};
use support::{
    AUDIENCE, access_header, claims, jwks, key,
    server::{Pages, Server, ok, request},
};
use tokio::io::AsyncWriteExt;

const DISCOVERY: &str = "/.well-known/openid-configuration";

/// An issuer whose pages are right, and the URL under which it is asked.
async fn issuer(pages: &Pages) -> (Server, String) {
    let server = Server::with_pages(pages).await;
    let name = format!("http://127.0.0.1:{}", server.port);
    let document = json!({ "issuer": name, "jwks_uri": format!("{name}/jwks") });
    pages.lock().unwrap().insert(DISCOVERY, ok(&document.to_string()));
    (server, name)
}

fn only_keys(server: &Server) -> IssuerBuilder {
    let url = format!("http://127.0.0.1:{}/jwks", server.port);
    Issuer::builder("https://login.example").jwks_uri(url)
}

#[tokio::test]
async fn keys_come_over_http_on_this_machine() {
    let signing = key("a");
    let pages = Pages::default();
    let (server, name) = issuer(&pages).await;
    pages.lock().unwrap().insert("/jwks", ok(&jwks(&[&signing])));
    let issuer = Issuer::builder(&*name).cooldown(Duration::ZERO).connect().await.unwrap();
    let mut claims = claims();
    claims["iss"] = json!(name);
    let token = jwt_codec::sign(&access_header(), claims.to_string().as_bytes(), &signing).unwrap();
    let verifier = issuer.access_tokens(AUDIENCE);
    assert_eq!(verifier.decode::<Value>(&token).await.unwrap().claims["sub"], "ada");
    assert_eq!(server.paths(), [DISCOVERY, "/jwks"]);

    issuer.refresh().await.unwrap();
    let host = format!("host: 127.0.0.1:{}", server.port);
    let agent = concat!("user-agent: jwt-codec-oidc/", env!("CARGO_PKG_VERSION"));
    let plain = ["GET /jwks HTTP/1.1", "accept: application/json", agent, &host];
    let forced = [plain[0], plain[1], plain[2], "cache-control: no-cache", plain[3]];
    let requests = server.requests.lock().unwrap();
    assert_eq!(requests[1], plain);
    assert_eq!(requests[2], forced);
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let pages = Pages::default();
    let (server, _) = issuer(&pages).await;
    let redirect = "HTTP/1.1 302 Found\r\nlocation: /moved\r\ncontent-length: 0\r\n\r\n";
    pages.lock().unwrap().insert("/jwks", redirect.into());
    pages.lock().unwrap().insert("/moved", ok(&jwks(&[&key("a")])));
    let error = only_keys(&server).connect().await.unwrap_err();
    let url = format!("http://127.0.0.1:{}/jwks", server.port);
    assert_eq!(error, FetchError::Status { url, status: 302 });
    assert_eq!(server.paths(), ["/jwks"]);
}

#[tokio::test]
async fn a_body_without_end_is_cut_off() {
    let server = Server::start(async |mut stream, _requests| {
        request(&mut stream).await.unwrap();
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while stream.write_all(&[b' '; 4096]).await.is_ok() {}
    })
    .await;
    let error = only_keys(&server).timeout(Duration::from_secs(60)).connect().await.unwrap_err();
    let url = format!("http://127.0.0.1:{}/jwks", server.port);
    assert_eq!(error, FetchError::TooLarge { url, max: 262_144 });
}

#[tokio::test]
async fn a_slow_drip_is_cut_off() {
    let server = Server::start(async |mut stream, _requests| {
        request(&mut stream).await.unwrap();
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n").await;
        while stream.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    let begin = Instant::now();
    let timeout = Duration::from_millis(300);
    let error = only_keys(&server).timeout(timeout).connect().await.unwrap_err();
    assert_eq!(error, FetchError::TimedOut { issuer: "https://login.example".into(), timeout });
    assert!(begin.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn servers_that_are_none() {
    let close = Server::start(async |stream, _requests| drop(stream)).await;
    let cut = Server::start(async |mut stream, _requests| {
        request(&mut stream).await.unwrap();
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{").await;
    })
    .await;
    let ssh = Server::start(async |mut stream, _requests| {
        let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.6\r\n\r\n").await;
    })
    .await;
    for server in [close, cut, ssh] {
        let error = only_keys(&server).connect().await.unwrap_err();
        assert!(matches!(error, FetchError::Unreachable { .. }), "{error:?}");
        assert!(!error.to_string().contains("client error"), "{error}");
    }
    let unused = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = unused.local_addr().unwrap().port();
    drop(unused);
    let url = format!("http://127.0.0.1:{port}/jwks");
    let error = Issuer::builder("https://login.example").jwks_uri(&*url).connect().await;
    let FetchError::Unreachable { url: found, reason } = error.unwrap_err() else { panic!() };
    assert_eq!(found, url);
    assert!(reason.starts_with("Connection refused"), "{reason}");
}

#[tokio::test]
async fn a_name_that_does_not_exist() {
    // A resolver without a network can take longer than the usual limit.
    let timeout = Duration::from_secs(60);
    let issuer = Issuer::builder("https://login.invalid").timeout(timeout);
    let error = issuer.connect().await.unwrap_err();
    let FetchError::Unreachable { url, reason } = &error else { panic!("{error:?}") };
    assert_eq!(url, "https://login.invalid/.well-known/openid-configuration");
    assert!(!reason.is_empty() && !reason.contains("client error"), "{reason}");
}

/// In a process of its own, in which the platform has no roots.
#[test]
fn without_roots_http_on_this_machine_still_works() {
    for test in ["keys_come_over_http_on_this_machine", "https_without_roots_says_so"] {
        let program = std::env::current_exe().unwrap();
        let missing = "/nonexistent";
        let output = std::process::Command::new(program)
            .args(["--exact", "--include-ignored", test])
            .envs([("SSL_CERT_FILE", missing), ("SSL_CERT_DIR", missing)])
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&output.stdout);
        // Without a test of the name, the process would succeed too.
        assert!(output.status.success() && printed.contains("1 passed"), "{test}: {printed}");
    }
}

#[tokio::test]
#[ignore = "`without_roots_http_on_this_machine_still_works` runs it without roots"]
async fn https_without_roots_says_so() {
    let error = Issuer::builder("https://localhost:1").connect().await.unwrap_err();
    let FetchError::Unreachable { reason, .. } = &error else { panic!("{error:?}") };
    assert_eq!(
        reason,
        "unexpected error: No CA certificates were loaded from the system; install the root \
         certificates of the platform, or use `IssuerBuilder::root_certificate_pem`"
    );
}
