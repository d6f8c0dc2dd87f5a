//! What our tokens say, and what they must say to be let in.
//!
//! A login begins a session. Its id, `sid`, is in every token that comes of it. An access token is
//! good for half an hour. A refresh token gives a new pair, once; all refresh tokens of a session
//! expire together, thirty days after the login.

use std::time::Duration;

use jwt_codec::{Claims, Header, Key, NumericDate, Validation, encode, encode_with_header};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How long an access token is good for.
const ACCESS_LIFETIME: Duration = Duration::from_secs(30 * 60);
/// How long after the login a session ends, however often it was refreshed.
const SESSION_LIFETIME: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// How far the clocks of several servers may be apart.
const LEEWAY: Duration = Duration::from_secs(5);
const ISSUER: &str = "https://login.example";
const AUDIENCE: &str = "https://api.example";
/// Neither kind of token can pass for the other (RFC 8725 §3.11): an access token has the usual
/// `typ`.
const REFRESH_TYP: &str = "refresh+jwt";

/// Our own claims, beside the registered ones.
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

/// Why no token could be issued; neither is the client's fault.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    #[error("no randomness for a token's id: {0}")]
    Randomness(#[from] getrandom::Error),
    #[error(transparent)]
    Token(#[from] jwt_codec::Error),
}

/// Begins a session of that user.
pub fn begin(username: &str, key: &Key) -> Result<Tokens, IssueError> {
    let session =
        Session { username: username.into(), user_id: user_id(username), sid: random_id()? };
    issue(session, NumericDate::now() + SESSION_LIFETIME, key)
}

/// Goes on with a session, until the end that it had from the start.
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

/// Requires of an access token what [`issue`] writes. `typ` is absent or `JWT`, by default.
pub fn access_policy() -> Validation {
    policy(ACCESS_LIFETIME)
}

/// Requires of a refresh token what [`issue`] writes.
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

/// From when on a token that expires then is refused anyway.
pub fn forget_after(exp: NumericDate) -> NumericDate {
    exp + LEEWAY
}

/// From when on every token of a session that ends now is refused anyway.
pub fn forget_session_after() -> NumericDate {
    forget_after(NumericDate::now() + SESSION_LIFETIME)
}

/// An id that nobody can guess and that is never used twice: 128 random bits.
fn random_id() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

/// Stands in for a look-up in a table of users: one name has one id on every server. 48 bits,
/// which JavaScript can read without rounding.
fn user_id(username: &str) -> u64 {
    let digest: [u8; 32] = Sha256::digest(username).into();
    let [a, b, c, d, e, f, ..] = digest;
    u64::from_be_bytes([0, 0, a, b, c, d, e, f])
}
