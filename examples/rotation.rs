//! Changes the secret of two running servers twice, first from a key that has no id. No valid token is
//! rejected on the way, although the servers never change at the same moment.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use jwt_codec::{Claims, Error, Key, KeySet, NumericDate, Validation, Verifier, encode};

/// How long a token lives.
const LIFETIME: Duration = Duration::from_secs(30 * 60);

struct Server {
    signs_with: Key,
    verifier: Verifier<KeySet>,
}

/// Two servers, the time, and the tokens that clients have.
struct Service {
    servers: [Server; 2],
    now: Arc<AtomicI64>,
    tokens: Vec<String>,
}

impl Service {
    fn start(key: &Key) -> Result<Self, Error> {
        let now = Arc::new(AtomicI64::new(1_800_000_000));
        let clock = Arc::clone(&now);
        let validation =
            Validation::with_clock(move || NumericDate::from_secs(clock.load(Ordering::Relaxed)));
        let server = || {
            let keys = KeySet::new().with(key.clone())?;
            let verifier = Verifier::new(keys, validation.clone());
            Ok(Server { signs_with: key.clone(), verifier })
        };
        Ok(Self { servers: [server()?, server()?], now, tokens: Vec::new() })
    }

    /// From the old key to the new one, in three steps.
    fn rotate(&mut self, old: &Key, new: &Key) -> Result<(), Error> {
        let both = KeySet::new().with(old.clone())?.with(new.clone())?;
        let new_alone = KeySet::new().with(new.clone())?;

        println!("1. Every server accepts the new key's tokens, and still signs with the old key.");
        self.deploy(|server| server.verifier.replace_keys(both.clone()))?;

        println!("2. Every server signs with the new key.");
        self.deploy(|server| server.signs_with = new.clone())?;

        println!("3. The last token of the old key has expired, so every server forgets the key.");
        self.now.fetch_add(LIFETIME.as_secs().cast_signed(), Ordering::Relaxed);
        self.tokens.clear();
        self.deploy(|server| server.verifier.replace_keys(new_alone.clone()))
    }

    /// Changes one server after the other, and checks all tokens after each change.
    fn deploy(&mut self, change: impl Fn(&mut Server)) -> Result<(), Error> {
        for nth in 0..self.servers.len() {
            self.servers.iter_mut().skip(nth).take(1).for_each(&change);
            self.issue_and_check_all()?;
        }
        Ok(())
    }

    /// Each server issues a token, and each accepts all tokens that clients have.
    fn issue_and_check_all(&mut self) -> Result<(), Error> {
        let now = NumericDate::from_secs(self.now.load(Ordering::Relaxed));
        let claims = Claims::new(()).subject("ada").issued_at(now).expires_in(LIFETIME);
        for server in &self.servers {
            self.tokens.push(encode(&claims, &server.signs_with)?);
        }
        for server in &self.servers {
            for token in &self.tokens {
                server.verifier.decode::<Claims<()>>(token)?;
            }
        }
        println!("   {} tokens, each accepted by each server", self.tokens.len());
        Ok(())
    }
}

fn main() -> Result<(), Error> {
    // For this example only: make yours with `openssl rand -hex 32`, and read them with `from_hex`.
    let first = Key::hs256(b"the secret from before there were ids")?;
    let second = Key::hs256(b"the secret from November on, with an id")?.with_id("2026-11");
    let third = Key::hs256(b"the secret from December on, with an id")?.with_id("2026-12");

    let mut service = Service::start(&first)?;
    println!("From a key without an id, which its tokens do not name, to one with an id");
    service.issue_and_check_all()?;
    service.rotate(&first, &second)?;
    println!("\nFrom then on, from each key to the next");
    service.rotate(&second, &third)?;

    for old in [first, second] {
        let stolen = encode(&Claims::new(()).expires_in(LIFETIME), &old)?;
        for server in &service.servers {
            let error = server.verifier.decode::<Claims<()>>(&stolen).err();
            let code = error.as_ref().map(Error::code);
            assert!(matches!(code, Some("invalid_signature" | "unknown_key")), "{error:?}");
        }
    }
    println!("\nWhoever has an old secret can no longer sign.");
    Ok(())
}
