//! What is in the tokens.

use chrono::DateTime;
use jwt_simple::claims::{Audiences, JWTClaims};
use serde::{Deserialize, Serialize};

pub const ISSUER: &str = "https://login.example";
pub const AUDIENCE: &str = "api.example";
const ISSUED: u32 = 1_700_000_000;
const EXPIRES: u32 = 4_102_444_800;

/// The claims of the typical token, of 292 bytes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    sub: String,
    iss: String,
    aud: String,
    iat: u32,
    exp: u32,
    name: String,
    roles: Vec<String>,
}

impl Session {
    pub fn typical() -> Self {
        Self {
            sub: "user-48213".into(),
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            iat: ISSUED,
            exp: EXPIRES,
            name: "Ada King Lovelace".into(),
            roles: vec!["admin".into(), "editor".into()],
        }
    }

    /// From somebody else, for somebody else, and expired: what the policy refuses.
    pub fn refused() -> [Self; 3] {
        [
            Self { iss: "https://other.example".into(), ..Self::typical() },
            Self { aud: "other.example".into(), ..Self::typical() },
            Self { exp: ISSUED + 1, ..Self::typical() },
        ]
    }
}

/// The same claims where the strings borrow.
#[derive(Debug, Deserialize)]
pub struct BorrowedSession<'b> {
    sub: &'b str,
    iss: &'b str,
    aud: &'b str,
    iat: u32,
    exp: u32,
    name: &'b str,
    #[serde(borrow)]
    roles: Vec<&'b str>,
}

impl PartialEq<Session> for BorrowedSession<'_> {
    fn eq(&self, other: &Session) -> bool {
        self.sub == other.sub
            && self.iss == other.iss
            && self.aud == other.aud
            && self.iat == other.iat
            && self.exp == other.exp
            && self.name == other.name
            && self.roles == other.roles
    }
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
#[derive(Clone, Serialize, Deserialize)]
pub struct SimpleSession {
    name: String,
    roles: Vec<String>,
}

impl From<Session> for JWTClaims<SimpleSession> {
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
            custom: SimpleSession { name, roles },
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
    /// Claims whose JSON has about so many bytes.
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
