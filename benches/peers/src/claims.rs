//! What is in the tokens.

use chrono::DateTime;
use jwt_simple::claims::{Audiences, JWTClaims};
use serde::{Deserialize, Serialize};

#[path = "../../shared/claims.rs"]
mod shared;

pub(crate) use shared::{AUDIENCE, BorrowedSession, EXPIRES, ISSUED, ISSUER, Profile, Session};

/// From somebody else, for somebody else, and expired: what the policy refuses.
pub fn refused() -> [Session; 3] {
    [
        Session { iss: "https://other.example".into(), ..Session::typical() },
        Session { aud: "other.example".into(), ..Session::typical() },
        Session { exp: ISSUED + 1, ..Session::typical() },
    ]
}

/// The same claims for `jwt-compact`, which keeps the times itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CompactSession {
    sub: String,
    pub iss: String,
    pub aud: String,
    name: String,
    roles: Vec<String>,
}

impl From<Session> for jwt_compact::Claims<CompactSession> {
    fn from(Session { sub, iss, aud, iat, exp, name, roles }: Session) -> Self {
        let mut claims = Self::new(CompactSession { sub, iss, aud, name, roles });
        claims.issued_at = DateTime::from_timestamp(iat.into(), 0);
        claims.expiration = DateTime::from_timestamp(exp.into(), 0);
        claims
    }
}

/// The same claims for `jwt-simple`, which keeps the registered ones itself.
impl From<Session> for JWTClaims<Profile> {
    fn from(Session { sub, iss, aud, iat, exp, name, roles }: Session) -> Self {
        Self {
            issued_at: Some(jwt_simple::prelude::Duration::from_secs(iat.into())),
            expires_at: Some(jwt_simple::prelude::Duration::from_secs(exp.into())),
            invalid_before: None,
            issuer: Some(iss),
            subject: Some(sub),
            audiences: Some(Audiences::AsString(aud)),
            jwt_id: None,
            nonce: None,
            custom: Profile { name, roles },
        }
    }
}

/// Claims that can be as short as 100 bytes and as long as one likes.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Grant {
    iss: String,
    aud: String,
    exp: u32,
    roles: Vec<String>,
}

impl Grant {
    /// Claims whose JSON has about this many bytes.
    pub fn of_json_len(len: usize) -> Self {
        let mut grant =
            Self { iss: ISSUER.into(), aud: AUDIENCE.into(), exp: EXPIRES, roles: Vec::new() };
        let mut json_len = serde_json::json!(grant).to_string().len();
        while json_len < len {
            let role = format!("role-{:04}", grant.roles.len());
            json_len += role.len() + r#""","#.len();
            grant.roles.push(role);
        }
        grant
    }
}
