//! The built-in HTTPS client: HTTP/1.1 by hyper, TLS 1.2 and 1.3 by rustls with the cryptography of
//! graviola and the roots of the platform.

use std::sync::Arc;

use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper::{
    Request,
    body::Bytes,
    header::{ACCEPT, CACHE_CONTROL, USER_AGENT},
};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use jwt_codec::{Algorithm, Error, KeyDefect, PublicKey};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use rustls_platform_verifier::Verifier;
use tokio::task::spawn_blocking;

use crate::{
    fetch::{BoxError, Fetch, FetchFuture, FetchRequest, FetchResponse},
    fetch_error::FetchError,
};

const AGENT: &str = concat!("jwt-codec-oidc/", env!("CARGO_PKG_VERSION"));

/// A client that makes a connection, and reads the roots of the platform, for each request: there
/// are few, and a service that runs for years sees roots that change.
#[derive(Debug, Clone, Default)]
pub(crate) struct HttpClient {
    roots: Vec<CertificateDer<'static>>,
}

impl HttpClient {
    /// Adds the certificates of a PEM text to the roots of the platform.
    pub(crate) fn add_roots(&mut self, pem: &str) -> Result<(), FetchError> {
        let bad = |reason: String| FetchError::RootCertificate { reason };
        let certificates = CertificateDer::pem_slice_iter(pem.as_bytes())
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| bad(error.to_string()))?;
        if certificates.is_empty() {
            return Err(bad("the text has no certificate".into()));
        }
        for certificate in certificates {
            RootCertStore::empty()
                .add(certificate.clone())
                .map_err(|error| bad(error.to_string()))?;
            self.roots.push(certificate);
        }
        Ok(())
    }

    async fn send(self, request: FetchRequest) -> Result<FetchResponse, BoxError> {
        let url = request.url;
        let tls = if url.starts_with("https:") {
            check_processor()?;
            spawn_blocking(|| tls(self.roots)).await?.map_err(|error| {
                format!(
                    "{error}; install the root certificates of the platform, or use \
                     `IssuerBuilder::root_certificate_pem`"
                )
            })?
        } else {
            // Without a look at the platform's roots, which may be absent.
            without_roots()?
        };
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .build();
        let client: Client<_, Empty<Bytes>> =
            Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector);

        let mut get =
            Request::get(&url).header(ACCEPT, "application/json").header(USER_AGENT, AGENT);
        if request.no_cache {
            get = get.header(CACHE_CONTROL, "no-cache");
        }
        let response = client.request(get.body(Empty::new())?).await?;
        let status = response.status().as_u16();
        if status != 200 {
            return Ok(FetchResponse { status, body: Vec::new() });
        }
        let body = Limited::new(response.into_body(), request.max_body);
        let body = body.collect().await.map_err(|error| {
            if error.is::<LengthLimitError>() {
                return FetchError::TooLarge { url, max: request.max_body }.into();
            }
            error
        })?;
        Ok(FetchResponse { status, body: body.to_bytes().into() })
    }
}

impl Fetch for HttpClient {
    fn get(&self, request: FetchRequest) -> FetchFuture<'_> {
        Box::pin(self.clone().send(request))
    }
}

/// On an older processor, the first handshake would panic. The backend of TLS is the backend of public
/// keys too, and every constructor of a public key looks at the processor first.
fn check_processor() -> Result<(), FetchError> {
    match PublicKey::from_bytes(Algorithm::EdDsa, &[]) {
        Err(Error::InvalidKey { defect: KeyDefect::Processor }) => Err(FetchError::Processor),
        _ => Ok(()),
    }
}

/// Reads the roots of the platform, which blocks.
fn tls(roots: Vec<CertificateDer<'static>>) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(rustls_graviola::default_provider());
    let verifier = Verifier::new_with_extra_roots(roots, Arc::clone(&provider))?;
    // Without a provider for the whole process, which is the program's to choose.
    Ok(ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth())
}

fn without_roots() -> Result<ClientConfig, rustls::Error> {
    Ok(ClientConfig::builder_with_provider(Arc::new(rustls_graviola::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth())
}
