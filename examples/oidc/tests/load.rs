//! The service on a socket, under load, while its issuer rotates, fails, hangs and comes back; then it
//! is stopped.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{
    collections::BTreeMap,
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use jwt_codec::Header;
use jwt_codec_oidc::{Issuer, testing::FakeIssuer};
use oidc::{Config, router, serve};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    time::sleep,
};

const NAME: &str = "https://login.example";
const AUDIENCE: &str = "https://api.example";

fn token(fake: &FakeIssuer) -> String {
    let claims = json!({
        "iss": NAME, "aud": AUDIENCE, "sub": "ada", "client_id": "app", "jti": "1",
        "iat": 1, "exp": 4_102_444_800_i64,
    });
    fake.sign(&Header::new().with_typ("at+jwt"), &claims)
}

/// The status of one request.
async fn ask(address: SocketAddr, token: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!(
        "GET /api/me HTTP/1.1\r\nhost: shop\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    // A service that is stopping may close a connection before it reads the request.
    answer.split(' ').nth(1).map(str::to_owned).ok_or(io::ErrorKind::UnexpectedEof.into())
}

/// What the clients saw: how often each status, and the longest time that an answer took.
#[derive(Default)]
struct Seen {
    statuses: Mutex<BTreeMap<String, usize>>,
    longest: Mutex<Duration>,
    stopping: AtomicBool,
}

impl Seen {
    async fn ask_again_and_again(&self, address: SocketAddr, token: impl Fn() -> String) {
        while !self.stopping.load(Ordering::Relaxed) {
            let begin = Instant::now();
            let status = match ask(address, &token()).await {
                Ok(status) => status,
                // The service was stopped meanwhile.
                Err(_) if self.stopping.load(Ordering::Relaxed) => return,
                Err(error) => error.to_string(),
            };
            let mut longest = self.longest.lock().unwrap();
            *longest = begin.elapsed().max(*longest);
            *self.statuses.lock().unwrap().entry(status).or_default() += 1;
        }
    }

    fn take(&self) -> Vec<(String, usize)> {
        std::mem::take(&mut *self.statuses.lock().unwrap()).into_iter().collect()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_with_a_known_key_notices_what_the_issuer_does() {
    let fake = FakeIssuer::new(NAME);
    let old = token(&fake);
    let issuer = Issuer::builder(NAME)
        .client(fake.clone())
        .cooldown(Duration::from_millis(200))
        .refresh_every(Duration::from_secs(1))
        .start()
        .unwrap();
    let config = Config {
        audience: AUDIENCE.into(),
        client_id: "shop".into(),
        client_secret: String::new(),
        base_url: "https://shop.example".into(),
        authorization_endpoint: "https://login.example/authorize".into(),
        token_endpoint: "https://login.example/token".into(),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let service =
        tokio::spawn(serve(listener, router(config, issuer), async { stopped.await.unwrap() }));
    while ask(address, &old).await.unwrap() != "200" {
        sleep(Duration::from_millis(10)).await;
    }

    // Half of the clients have an old token, the others always the newest.
    let (known, newest) = (Arc::new(Seen::default()), Arc::new(Seen::default()));
    let mut clients = Vec::new();
    for _ in 0..8 {
        let (known, old) = (Arc::clone(&known), old.clone());
        clients.push(tokio::spawn(async move {
            known.ask_again_and_again(address, || old.clone()).await;
        }));
        let (newest, fake) = (Arc::clone(&newest), fake.clone());
        clients.push(tokio::spawn(async move {
            newest.ask_again_and_again(address, || token(&fake)).await;
        }));
    }

    let mut withdrawn = None;
    let troubles: [fn(&FakeIssuer); 3] =
        [FakeIssuer::recover, |fake| fake.fail(500), FakeIssuer::hang];
    for trouble in troubles {
        trouble(&fake);
        for _ in 0..4 {
            let id = fake.rotate();
            if let Some(id) = withdrawn.replace(id) {
                fake.withdraw(&id);
            }
            sleep(Duration::from_millis(400)).await;
        }
        fake.recover();
        // The fetch that hangs ends with the timeout, and the next one is forced after the cooldown.
        sleep(Duration::from_millis(5500)).await;
        println!("newest key: {:?}", newest.take());
        sleep(Duration::from_millis(500)).await;
        let calm = newest.take();
        assert!(matches!(&calm[..], [(status, _)] if status == "200"), "{calm:?}");
    }

    let fetches = fake.fetches();
    assert!(fetches < 21 * 6, "at most one each cooldown, and the schedule: {fetches}");
    for seen in [&known, &newest] {
        seen.stopping.store(true, Ordering::Relaxed);
    }
    let begin = Instant::now();
    stop.send(()).unwrap();
    service.await.unwrap();
    assert!(begin.elapsed() < Duration::from_secs(2), "the service stops at once");
    for client in clients {
        client.await.unwrap();
    }
    let longest = *known.longest.lock().unwrap();
    let statuses = known.take();
    println!("known key: {statuses:?}, longest {longest:?}, {fetches} fetches");
    assert!(matches!(&statuses[..], [(status, _)] if status == "200"), "{statuses:?}");
    assert!(longest < Duration::from_secs(2), "nobody waits for a fetch that hangs: {longest:?}");

    // With the service, the task of its issuer has ended.
    let fetches = fake.fetches();
    sleep(Duration::from_millis(1500)).await;
    assert_eq!(fake.fetches(), fetches);
}
