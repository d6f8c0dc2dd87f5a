//! How a document of an issuer is fetched: by the built-in client, or by one of the program's own.

use std::{error::Error, future::Future, pin::Pin};

/// An error of a client of the program's own.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// The future that [`Fetch::get`] returns.
pub type FetchFuture<'f> =
    Pin<Box<dyn Future<Output = Result<FetchResponse, BoxError>> + Send + 'f>>;

/// A client that fetches the documents of an issuer, for
/// [`IssuerBuilder::client`](crate::IssuerBuilder::client): through a proxy, with a client
/// certificate, or in a test.
///
/// Closures implement it:
///
/// ```
/// use jwt_codec_oidc::{FetchRequest, FetchResponse, Issuer};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), jwt_codec_oidc::FetchError> {
/// let issuer = Issuer::builder("https://login.example")
///     .client(|request: FetchRequest| async move {
///         // Ask `request.url` with the HTTP client of the program.
///         assert_eq!(request.url, "https://login.example/.well-known/openid-configuration");
///         Ok(FetchResponse { status: 503, body: Vec::new() })
///     })
///     .start()?;
/// assert!(!issuer.is_ready());
/// # Ok(())
/// # }
/// ```
pub trait Fetch: Send + Sync + 'static {
    /// Sends a GET request and reads the answer.
    ///
    /// The client has to verify the server's certificate, follows no redirect, and stops reading
    /// after [`FetchRequest::max_body`] bytes. It must not block the thread. It needs no time limit:
    /// the future is dropped after [`IssuerBuilder::timeout`](crate::IssuerBuilder::timeout).
    fn get(&self, request: FetchRequest) -> FetchFuture<'_>;
}

impl<F, R> Fetch for F
where
    F: Fn(FetchRequest) -> R + Send + Sync + 'static,
    R: Future<Output = Result<FetchResponse, BoxError>> + Send + 'static,
{
    fn get(&self, request: FetchRequest) -> FetchFuture<'_> {
        Box::pin(self(request))
    }
}

/// What a [`Fetch`] is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchRequest {
    /// The URL. It is `https`, or `http` on this machine.
    pub url: String,
    /// The length of the longest body that counts, in bytes. A longer one is refused, so the client
    /// may stop reading after one byte more.
    pub max_body: usize,
    /// Whether caches on the way have to ask the issuer: send `Cache-Control: no-cache`.
    pub no_cache: bool,
}

/// What a [`Fetch`] returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchResponse {
    /// The status code of HTTP. Only 200 counts.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}
