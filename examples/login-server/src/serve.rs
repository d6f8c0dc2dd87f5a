//! Connections: accepted, served, and ended when the server stops.

use std::pin::pin;

use axum::{Router, serve::Listener};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::net::TcpListener;

/// Serves until `stop` is ready, and then until each request that was received is answered.
///
/// `axum::serve` drops a handler when the client closes the connection, even before the handler
/// has begun: a logout that was sent and hung up on would be lost. Here, a request that was
/// received whole runs to its end. With `half_close`, the end of what a client sends is not taken
/// for the client's end, and the first use of the connection after it is the answer.
///
/// This is for HTTP/1. In HTTP/2 a client can cancel a request, which drops its handler too: a
/// server that speaks HTTP/2 has to run what ends a session in a task of its own.
pub async fn serve(mut listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let mut http = http1::Builder::new();
    http.half_close(true);
    // With it, hyper waits no longer than 30 seconds for a header.
    http.timer(TokioTimer::new());
    let service = TowerToHyperService::new(router);
    let connections = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let (stream, _) = tokio::select! {
            accepted = Listener::accept(&mut listener) => accepted,
            () = &mut stop => break,
        };
        let connection = http.serve_connection(TokioIo::new(stream), service.clone());
        let connection = connections.watch(connection);
        // An error is a client that sends no HTTP, or is gone; there is nobody to tell.
        tokio::spawn(async { drop(connection.await) });
    }
    drop(listener);
    connections.shutdown().await;
}
