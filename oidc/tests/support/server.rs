//! A small web server on this machine.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// What the server has been asked: the lines of each request.
pub type Requests = Arc<Mutex<Vec<Vec<String>>>>;

/// A port of this machine, and what is at it.
pub struct Server {
    pub port: u16,
    pub requests: Requests,
}

impl Server {
    /// Answers each connection with what `answer` does.
    pub async fn start<F, R>(answer: F) -> Self
    where
        F: Fn(TcpStream, Requests) -> R + Send + 'static,
        R: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Requests::default();
        let noted = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&noted)));
            }
        });
        Self { port, requests }
    }

    /// Answers with pages, as text of HTTP, by path.
    pub async fn with_pages(pages: &Pages) -> Self {
        let pages = Arc::clone(pages);
        Self::start(move |stream, requests| serve(stream, requests, Arc::clone(&pages))).await
    }

    pub fn paths(&self) -> Vec<String> {
        let requests = self.requests.lock().unwrap();
        requests.iter().map(|lines| path(lines)).collect()
    }
}

pub type Pages = Arc<Mutex<HashMap<&'static str, Vec<u8>>>>;

pub fn ok(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into()
}

/// Reads one request and answers it.
pub async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    requests: Requests,
    pages: Pages,
) {
    let Some(lines) = request(&mut stream).await else { return };
    let path = path(&lines);
    requests.lock().unwrap().push(lines);
    let missing = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_vec();
    let answer = pages.lock().unwrap().get(path.as_str()).cloned().unwrap_or(missing);
    let _ = stream.write_all(&answer).await;
    let _ = stream.shutdown().await;
}

fn path(request: &[String]) -> String {
    request.first().and_then(|line| line.split(' ').nth(1)).unwrap().to_owned()
}

/// The lines of a request.
pub async fn request(stream: &mut (impl AsyncRead + Unpin)) -> Option<Vec<String>> {
    let mut lines = BufReader::new(stream).lines();
    let mut request = Vec::new();
    loop {
        match lines.next_line().await {
            Ok(Some(line)) if line.is_empty() => return Some(request),
            Ok(Some(line)) => request.push(line),
            _ => return None,
        }
    }
}
