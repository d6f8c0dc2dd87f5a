//! The claims of our tokens, and the policy that checks them.
//!
//! A login begins a session. The id of the session, `sid`, is in all its tokens. An access token is
//! good for half an hour. A refresh token is exchanged for a new pair, once; all refresh tokens of a
//! session expire together, thirty days after the login.

use std::time::Duration;

use jwt_codec::{Claims, Header, Key, NumericDate, Validation, encode, encode_with_header};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How long an access token is valid.
const ACCESS_LIFETIME: Duration = Duration::from_secs(30 * 60);
/// How long after the login a session ends, however often it was refreshed.
const SESSION_LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// How far the clocks of several servers may be apart.
const LEEWAY: Duration = Duration::from_secs(5);
const ISSUER: &str = "https://login.example";
const AUDIENCE: &str = "https://api.example";
/// An access token has the usual `typ`, so neither kind of token can pass for the other (RFC 8725
/// §3.11).
const REFRESH_TYP: &str = "refresh+jwt";

/// Our own claims, in addition to the registered ones.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Session {
    pub username: String,
    pub user_id: u64,
    /// The id of the session.
    pub sid: String,
}

/// A pair of new tokens.
#[derive(Serialize)]
pub struct Tokens {
    token: String,
    refresh_token: String,
}

/// Why no token could be issued. Each is a server bug or a failure of its system.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    #[error("no random bytes for a token's id: {0}")]
    Randomness(#[from] getrandom::Error),
    #[error(transparent)]
    Token(#[from] jwt_codec::Error),
}

/// Begins a session of this user.
pub fn begin(username: &str, key: &Key) -> Result<Tokens, IssueError> {
    let session =
        Session { username: username.into(), user_id: user_id(username), sid: random_id()? };
    issue(session, NumericDate::now() + SESSION_LIFETIME, key)
}

/// Continues a session, until the end that it had from the start.
pub fn go_on(session: Session, end: NumericDate, key: &Key) -> Result<Tokens, IssueError> {
    issue(session, end, key)
}

fn issue(session: Session, end: NumericDate, key: &Key) -> Result<Tokens, IssueError> {
    let now = NumericDate::now();
    let claims = Claims::new(session).issuer(ISSUER).audience(AUDIENCE).issued_at(now);
    let access = claims.clone().expires_at(end.min(now + ACCESS_LIFETIME));
    let refresh = claims.id(random_id()?).expires_at(end);
    let header = Header::new().with_typ(REFRESH_TYP);
    Ok(Tokens {
        token: encode(&access, key)?,
        refresh_token: encode_with_header(&header, &refresh, key)?,
    })
}

/// Returns the policy for access tokens: it requires what [`issue`] writes. By default, `typ` is
/// absent or `JWT`.
pub fn access_policy() -> Validation {
    policy(ACCESS_LIFETIME)
}

/// Returns the policy for refresh tokens: it requires what [`issue`] writes.
pub fn refresh_policy() -> Validation {
    policy(SESSION_LIFETIME).typ(REFRESH_TYP).require("jti")
}

fn policy(lifetime: Duration) -> Validation {
    Validation::new()
        .issuer(ISSUER)
        .audience(AUDIENCE)
        .require("sid")
        .max_age(lifetime)
        .max_lifetime(lifetime)
        .leeway(LEEWAY)
}

/// Returns the time from which a token with this `exp` is rejected anyway.
pub fn forget_after(exp: NumericDate) -> NumericDate {
    exp + LEEWAY
}

/// Returns the time from which every token of a session that ends now is rejected anyway.
pub fn forget_session_after() -> NumericDate {
    forget_after(NumericDate::now() + SESSION_LIFETIME)
}

/// Returns an id that nobody can guess and that is never used twice: 128 random bits.
fn random_id() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

/// Stands in for a look-up in a table of users: one name has one id on every server. It has 48 bits,
/// which JavaScript can read without rounding.
fn user_id(username: &str) -> u64 {
    let digest: [u8; 32] = Sha256::digest(username).into();
    let [a, b, c, d, e, f, ..] = digest;
    u64::from_be_bytes([0, 0, a, b, c, d, e, f])
}
