use std::{
    collections::HashMap,
    sync::{Arc, Mutex, RwLock},
    time::Duration,
};

use axum::extract::{Form, FromRef, Json, State};
use axum::http::{HeaderName, StatusCode, header::CACHE_CONTROL};
use axum::{Router, routing::get, routing::post};
use jwt_codec::{Error, Header, Key, KeySet, NumericDate, Validation, Verifier};
use jwt_codec::{encode, encode_with_header};
use jwt_codec_axum::{Auth, Authenticated, Reason, Refusal};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::is_password; // your own: whether this is the password of this user

/// An access token opens the API for ten minutes. A session ends two weeks after its last refresh,
/// and in any case after ninety days.
const ACCESS: Duration = Duration::from_secs(10 * 60);
const IDLE: Duration = Duration::from_secs(14 * 24 * 60 * 60);
const SESSION: Duration = Duration::from_secs(90 * 24 * 60 * 60);
/// Access tokens have the default `typ`, so neither kind of token passes for the other.
const REFRESH_TYP: &str = "refresh+jwt";

/// The claims of both kinds of tokens. `sid` is the session, and `jti` the pair of tokens.
#[derive(Serialize, Deserialize)]
struct Session {
    sub: String,
    sid: String,
    jti: String,
    exp: NumericDate,
}

/// What the server keeps of a session: which refresh token works, and when the session ends.
struct Stored {
    newest: String,
    idle_end: NumericDate,
    end: NumericDate,
}

type Sessions = HashMap<String, Stored>;
/// A token is a credential, which no cache may keep (RFC 6749 §5.1).
const NO_STORE: (HeaderName, &str) = (CACHE_CONTROL, "no-store");

type Answer = Result<([(HeaderName, &'static str); 1], Json<Value>), StatusCode>;

#[derive(Clone)]
pub struct App {
    auth: Auth,
    verifier: Arc<Verifier<KeySet>>,
    signing_key: Arc<RwLock<Key>>,
    sessions: Arc<Mutex<Sessions>>,
}

impl FromRef<App> for Auth {
    fn from_ref(app: &App) -> Self {
        app.auth.clone()
    }
}

impl App {
    pub fn new(key: Key, validation: Validation) -> Result<Self, Error> {
        let verifier = Arc::new(Verifier::new(KeySet::new().with(key.clone())?, validation));
        let auth = Auth::new(Arc::clone(&verifier));
        let signing_key = Arc::new(RwLock::new(key));
        Ok(Self { auth, verifier, signing_key, sessions: Arc::default() })
    }

    /// Signs with a new key from now on. The old key still verifies.
    pub fn rotate(&self, new: Key) -> Result<(), Error> {
        let mut signing_key = self.signing_key.write().unwrap();
        let keys = KeySet::new().with(signing_key.clone())?.with(new.clone())?;
        self.verifier.replace_keys(keys);
        *signing_key = new;
        Ok(())
    }

    fn read_refresh_token(&self, token: &str) -> Result<Session, StatusCode> {
        let policy = self.verifier.validation().clone().typ(REFRESH_TYP);
        let data = self.verifier.decode_with(token, &policy);
        Ok(data.map_err(|_| StatusCode::UNAUTHORIZED)?.claims)
    }

    /// Makes a pair of tokens, and remembers its refresh token as the one that works.
    fn issue(&self, sessions: &mut Sessions, sub: String, sid: String, end: NumericDate) -> Answer {
        let now = self.verifier.validation().now();
        let mut claims = Session { sub, sid, jti: random_id()?, exp: end.min(now + ACCESS) };
        let key = self.signing_key.read().unwrap();
        let token = encode(&claims, &*key).map_err(internal_error)?;
        claims.exp = end.min(now + IDLE);
        let header = Header::new().with_typ(REFRESH_TYP);
        let refresh_token = encode_with_header(&header, &claims, &*key).map_err(internal_error)?;

        // Sessions that have ended are forgotten, so the store does not grow for ever.
        sessions.retain(|_, session| session.idle_end > now);
        let Session { sid, jti, exp, .. } = claims;
        sessions.insert(sid, Stored { newest: jti, idle_end: exp, end });
        Ok(([NO_STORE], Json(json!({ "token": token, "refresh_token": refresh_token }))))
    }
}

fn random_id() -> Result<String, StatusCode> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(internal_error)?;
    Ok(format!("{:032x}", u128::from_ne_bytes(bytes)))
}

fn internal_error<E>(_: E) -> StatusCode {
    StatusCode::INTERNAL_SERVER_ERROR
}

#[derive(Deserialize)]
struct Login {
    username: String,
    password: String,
}

#[derive(Deserialize)]
struct Refresh {
    refresh_token: String,
}

async fn login(State(app): State<App>, Form(form): Form<Login>) -> Answer {
    if !is_password(&form.username, &form.password) {
        return Err(StatusCode::UNAUTHORIZED);
    }
    let end = app.verifier.validation().now() + SESSION;
    app.issue(&mut app.sessions.lock().unwrap(), form.username, random_id()?, end)
}

async fn refresh(State(app): State<App>, Form(form): Form<Refresh>) -> Answer {
    let claims = app.read_refresh_token(&form.refresh_token)?;
    let mut sessions = app.sessions.lock().unwrap();
    let stored = sessions.remove(&claims.sid).ok_or(StatusCode::UNAUTHORIZED)?;
    // If a token comes a second time, somebody else has it too. So the session stays removed.
    if stored.newest != claims.jti {
        return Err(StatusCode::UNAUTHORIZED);
    }
    app.issue(&mut sessions, claims.sub, claims.sid, stored.end)
}

async fn logout(State(app): State<App>, Form(form): Form<Refresh>) -> Result<(), StatusCode> {
    let claims = app.read_refresh_token(&form.refresh_token)?;
    app.sessions.lock().unwrap().remove(&claims.sid);
    Ok(())
}

async fn hello(
    State(app): State<App>,
    Authenticated(session): Authenticated<Session>,
) -> Result<String, Refusal> {
    // Without this question, an access token works after the logout until it expires.
    if !app.sessions.lock().unwrap().contains_key(&session.sid) {
        return Err(app.auth.refuse(Reason::Revoked));
    }
    Ok(format!("Hello, {}!", session.sub))
}

pub fn router(app: App) -> Router {
    Router::new()
        .route("/login", post(login))
        .route("/refresh", post(refresh))
        .route("/logout", post(logout))
        .route("/hello", get(hello))
        .with_state(app)
}
