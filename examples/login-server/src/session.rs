//! What our tokens say, and what they must say to be let in.

use std::time::Duration;

use jwt_codec::{Claims, Key, Validation, encode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// How long a token is good for.
const LIFETIME: Duration = Duration::from_secs(30 * 60);
/// How far the clocks of several servers may be apart.
pub const LEEWAY: Duration = Duration::from_secs(5);
const ISSUER: &str = "https://login.example";
const AUDIENCE: &str = "https://api.example";

/// Our own claims, beside the registered ones.
#[derive(Debug, Serialize, Deserialize)]
pub struct Session {
    pub username: String,
    pub user_id: u64,
}

/// Why no token could be issued; neither is the client's fault.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    #[error("no randomness for a token's id: {0}")]
    Randomness(getrandom::Error),
    #[error(transparent)]
    Token(#[from] jwt_codec::Error),
}

/// Issues a token to that user.
pub fn issue(username: &str, key: &Key) -> Result<String, IssueError> {
    let session = Session { username: username.into(), user_id: user_id(username) };
    let claims = Claims::new(session)
        .issuer(ISSUER)
        .audience(AUDIENCE)
        .id(random_id()?)
        .issued_now()
        .expires_in(LIFETIME);
    Ok(encode(&claims, key)?)
}

/// Holds a token to what [`issue`] writes. No token can claim to live longer than ours do, so no
/// revocation has to be remembered for longer either.
pub fn validation() -> Validation {
    Validation::new()
        .issuer(ISSUER)
        .audience(AUDIENCE)
        .require("jti")
        .max_age(LIFETIME)
        .max_lifetime(LIFETIME)
        .leeway(LEEWAY)
}

/// A `jti` that nobody can guess and no two tokens share: 128 random bits.
fn random_id() -> Result<String, IssueError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(IssueError::Randomness)?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

/// Stands in for a look-up in a table of users: one name has one id on every server. 48 bits,
/// which JavaScript can read without rounding.
fn user_id(username: &str) -> u64 {
    let digest: [u8; 32] = Sha256::digest(username).into();
    let [a, b, c, d, e, f, ..] = digest;
    u64::from_be_bytes([0, 0, a, b, c, d, e, f])
}
