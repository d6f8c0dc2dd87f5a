//! TLS against servers on this machine, with the certificates of `tests/tls`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::sync::Arc;

use jwt_codec_oidc::{FetchError, FetchRequest, Issuer};
use support::{
    jwks, key,
    server::{Pages, Server, ok, serve},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig, SupportedProtocolVersion,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
        version::{TLS12, TLS13},
    },
};

const ROOT: &str = include_str!("tls/root.pem");
const STRANGER: &str = include_str!("tls/stranger.pem");

fn config(pem: &str, version: &'static SupportedProtocolVersion) -> ServerConfig {
    let certificates = CertificateDer::pem_slice_iter(pem.as_bytes()).map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).unwrap();
    ServerConfig::builder_with_provider(Arc::new(rustls_graviola::default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .unwrap()
}

/// Starts a server with this certificate, and asks it for its keys.
async fn connect(
    pem: &str,
    version: &'static SupportedProtocolVersion,
    root: &str,
) -> Result<usize, FetchError> {
    let acceptor = TlsAcceptor::from(Arc::new(config(pem, version)));
    let pages = Pages::default();
    pages.lock().unwrap().insert("/jwks", ok(&jwks(&[&key("a")])));
    let server = Server::start(move |stream, requests| {
        let (acceptor, pages) = (acceptor.clone(), Arc::clone(&pages));
        async move {
            if let Ok(stream) = acceptor.accept(stream).await {
                serve(stream, requests, pages).await;
            }
        }
    })
    .await;
    let issuer = Issuer::builder("https://login.example")
        .jwks_uri(format!("https://localhost:{}/jwks", server.port))
        .root_certificate_pem(root)
        .connect()
        .await?;
    Ok(issuer.status().keys)
}

fn reason(outcome: Result<usize, FetchError>) -> String {
    let error = outcome.unwrap_err();
    let FetchError::Unreachable { reason, .. } = &error else { return format!("{error:?}") };
    reason.clone()
}

#[tokio::test]
async fn certificates_of_every_usual_kind() {
    for pem in [
        include_str!("tls/p256.pem"),
        include_str!("tls/p384.pem"),
        include_str!("tls/rsa2048.pem"),
        include_str!("tls/rsa4096.pem"),
        include_str!("tls/chain.pem"),
    ] {
        for version in [&TLS12, &TLS13] {
            assert_eq!(connect(pem, version, ROOT).await, Ok(1));
        }
    }
    assert_eq!(connect(include_str!("tls/ed25519.pem"), &TLS13, ROOT).await, Ok(1));
}

#[tokio::test]
async fn a_certificate_of_another_host() {
    let reason = reason(connect(include_str!("tls/other-name.pem"), &TLS13, ROOT).await);
    assert!(reason.contains("not valid for name"), "{reason}");
    assert!(reason.contains("other.example"), "{reason}");
}

#[tokio::test]
async fn an_expired_certificate() {
    let reason = reason(connect(include_str!("tls/expired.pem"), &TLS13, ROOT).await);
    assert!(reason.contains("expired"), "{reason}");
}

#[tokio::test]
async fn a_certificate_of_an_unknown_root() {
    let reason = reason(connect(include_str!("tls/p256.pem"), &TLS13, STRANGER).await);
    assert_eq!(reason, "invalid peer certificate: UnknownIssuer");
}

#[tokio::test]
async fn a_chain_without_its_intermediate() {
    let pem = include_str!("tls/chain.pem");
    let (without, _) = pem.rsplit_once("-----BEGIN CERTIFICATE-----").unwrap();
    let reason = reason(connect(without, &TLS13, ROOT).await);
    assert_eq!(reason, "invalid peer certificate: UnknownIssuer");
}

/// `checks/machines` runs it on such a processor. On others the error is that nobody speaks TLS there.
#[tokio::test]
#[ignore = "for a processor without the instructions of public keys"]
async fn an_older_processor_has_no_https() {
    let server = Server::start(|stream, _| async { drop(stream) }).await;
    let connect = Issuer::builder("https://login.example")
        .jwks_uri(format!("https://localhost:{}/jwks", server.port))
        .root_certificate_pem(ROOT)
        .connect();
    assert_eq!(connect.await.unwrap_err(), FetchError::Processor);
}

#[tokio::test]
async fn root_certificates_that_are_none() {
    let garbled = ROOT.replace("MII", "MIJ");
    for (pem, expected) in [
        ("", "the text has no certificate"),
        ("-----BEGIN CERTIFICATE-----\n", "section end"),
        (&*garbled, "invalid peer certificate: BadEncoding"),
    ] {
        let builder = || Issuer::builder("https://login.example").root_certificate_pem(pem);
        let error = builder().start().unwrap_err();
        let FetchError::RootCertificate { reason } = &error else { panic!("{error:?}") };
        let own = |_: FetchRequest| async { Err("it is not asked".into()) };
        assert_eq!(builder().client(own).start().unwrap_err(), error);
        assert!(reason.contains(expected), "{reason}");
    }
}
