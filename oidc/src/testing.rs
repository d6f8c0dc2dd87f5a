//! An issuer in memory, for the tests of programs that verify tokens.

use std::{
    fmt, future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use jwt_codec::{Algorithm, Header, KeySet, PrivateKey, sign};
use serde::Serialize;
use serde_json::json;
use url::Url;

use crate::fetch::{Fetch, FetchFuture, FetchRequest, FetchResponse};

/// An issuer in memory: it publishes keys, signs tokens, and fails when a test says so. Clones are
/// the same issuer.
///
/// ```
/// use jwt_codec::{Claims, Header};
/// use jwt_codec_oidc::{Issuer, testing::FakeIssuer};
/// use serde_json::{Value, json};
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let fake = FakeIssuer::new("https://login.example");
/// let issuer = Issuer::builder(fake.name()).client(fake.clone()).connect().await?;
/// let verifier = issuer.access_tokens("api");
///
/// let claims = json!({
///     "iss": fake.name(), "aud": "api", "sub": "ada", "client_id": "app",
///     "iat": 1_600_000_000, "exp": 4_102_444_800_i64, "jti": "1",
/// });
/// let token = fake.sign(&Header::new().with_typ("at+jwt"), &claims);
/// assert_eq!(verifier.decode::<Value>(&token).await?.claims["sub"], "ada");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct FakeIssuer {
    name: Arc<str>,
    state: Arc<Mutex<State>>,
}

struct State {
    /// The newest key, which signs.
    signing: PrivateKey,
    published: KeySet,
    rotations: u64,
    mood: Mood,
    /// The document that the attempt under way asks for next, if it goes on.
    next: Option<Document>,
    fetches: u64,
}

#[derive(Clone, Copy)]
enum Mood {
    Well,
    Failing(u16),
    Hanging,
}

#[derive(Clone, Copy, PartialEq)]
enum Document {
    Discovery,
    Set,
}

impl FakeIssuer {
    /// Makes an issuer of this name, which publishes one key of ES256.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        let signing = new_key(1);
        let state = State {
            published: publish(KeySet::new(), &signing),
            signing,
            rotations: 1,
            mood: Mood::Well,
            next: None,
            fetches: 0,
        };
        Self { name: name.into().into(), state: Arc::new(Mutex::new(state)) }
    }

    /// Returns the name, for [`Issuer::builder`](crate::Issuer::builder) and the claim `iss`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Signs claims as they are with the newest key, whose id is in the header unless the header has
    /// another `kid`. A claim that a real issuer adds, such as `iss` and `exp`, has to be among them.
    ///
    /// # Panics
    ///
    /// Panics if the claims cannot be written as JSON, or [`jwt_codec::sign`] refuses the header.
    #[must_use]
    #[expect(clippy::panic, reason = "for tests, where the test is at fault")]
    pub fn sign<C: Serialize + ?Sized>(&self, header: &Header, claims: &C) -> String {
        let signing = self.state().signing.clone();
        let token = serde_json::to_vec(claims)
            .map_err(|error| error.to_string())
            .and_then(|json| sign(header, &json, &signing).map_err(|error| error.to_string()));
        match token {
            Ok(token) => token,
            Err(error) => panic!("the token cannot be signed: {error}"),
        }
    }

    /// Signs with a new key from now on, and publishes it beside the old ones. Returns its id.
    #[expect(clippy::must_use_candidate, reason = "most tests do not need the id")]
    pub fn rotate(&self) -> String {
        let mut state = self.state();
        state.rotations = state.rotations.saturating_add(1);
        let key = new_key(state.rotations);
        let id = key.id().unwrap_or_default().to_owned();
        state.published = publish(std::mem::take(&mut state.published), &key);
        state.signing = key;
        id
    }

    /// Publishes the key of this id no longer. If it is the newest, it still signs.
    pub fn withdraw(&self, kid: &str) {
        let mut state = self.state();
        state.published = std::mem::take(&mut state.published).without(kid);
    }

    /// Answers every request with this status from now on.
    pub fn fail(&self, status: u16) {
        self.state().mood = Mood::Failing(status);
    }

    /// Answers no request from now on, those under way apart.
    pub fn hang(&self) {
        self.state().mood = Mood::Hanging;
    }

    /// Answers requests again. Those that hang stay so.
    pub fn recover(&self) {
        self.state().mood = Mood::Well;
    }

    /// Returns how often somebody tried to get the keys. The request for the discovery document and the
    /// one for the JWK Set that follows it count once, and so do one for the set that fails and the one
    /// for the document that follows it.
    #[must_use]
    pub fn fetches(&self) -> u64 {
        self.state().fetches
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.name.strip_suffix('/').unwrap_or(&self.name))
    }

    /// `None` is no answer.
    fn answer(&self, url: &str) -> Option<FetchResponse> {
        let mut state = self.state();
        let jwks_uri = self.url("/jwks");
        let document = if is_same(url, &self.url("/.well-known/openid-configuration")) {
            Document::Discovery
        } else {
            Document::Set
        };
        let is_attempt = state.next.take() != Some(document);
        if is_attempt {
            state.fetches = state.fetches.saturating_add(1);
        }
        let (status, body) = match (state.mood, document) {
            (Mood::Hanging, _) => return None,
            (Mood::Failing(status), _) => (status, String::new()),
            (Mood::Well, Document::Discovery) => {
                (200, json!({ "issuer": &*self.name, "jwks_uri": jwks_uri }).to_string())
            }
            (Mood::Well, Document::Set) if is_same(url, &jwks_uri) => {
                (200, state.published.public_jwks())
            }
            (Mood::Well, Document::Set) => (404, String::new()),
        };
        state.next = match document {
            Document::Discovery if is_attempt => Some(Document::Set),
            Document::Set if is_attempt && status != 200 => Some(Document::Discovery),
            _ => None,
        };
        Some(FetchResponse { status, body: body.into() })
    }
}

impl Fetch for FakeIssuer {
    fn get(&self, request: FetchRequest) -> FetchFuture<'_> {
        let answer = self.answer(&request.url);
        Box::pin(async {
            match answer {
                Some(answer) => Ok(answer),
                None => future::pending().await,
            }
        })
    }
}

impl fmt::Debug for FakeIssuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeIssuer").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The URL that is asked is in normal form, and the issuer's name may not be.
fn is_same(asked: &str, own: &str) -> bool {
    matches!((Url::parse(asked), Url::parse(own)), (Ok(asked), Ok(own)) if asked == own)
}

#[expect(clippy::panic, reason = "for tests, on a processor that cannot run them")]
fn new_key(number: u64) -> PrivateKey {
    match PrivateKey::generate(Algorithm::Es256) {
        Ok(key) => key.with_id(format!("key-{number}")),
        Err(error) => panic!("the issuer cannot make a key: {error}"),
    }
}

/// Ids are never used twice, so the set rejects no key.
fn publish(keys: KeySet, key: &PrivateKey) -> KeySet {
    keys.with(key.public_key()).unwrap_or_default()
}
