//! The claims of the benchmarks.

use serde::{Deserialize, Serialize};

pub(crate) const ISSUER: &str = "https://login.example";
pub(crate) const AUDIENCE: &str = "api.example";
pub(crate) const ISSUED: u32 = 1_700_000_000;
pub(crate) const EXPIRES: u32 = 4_102_444_800;

/// The claims that a service sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) sub: String,
    pub(crate) iss: String,
    pub(crate) aud: String,
    pub(crate) iat: u32,
    pub(crate) exp: u32,
    pub(crate) name: String,
    pub(crate) roles: Vec<String>,
}

impl Session {
    /// Those of a token of 292 bytes.
    pub(crate) fn typical() -> Self {
        Self::with_roles(vec!["admin".into(), "editor".into()])
    }

    pub(crate) fn with_roles(roles: Vec<String>) -> Self {
        Self {
            sub: "user-48213".into(),
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            iat: ISSUED,
            exp: EXPIRES,
            name: "Ada King Lovelace".into(),
            roles,
        }
    }
}

/// The same claims where the strings borrow.
#[derive(Debug, Deserialize)]
pub(crate) struct BorrowedSession<'b> {
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

/// Those of them that are not registered, for `Claims<Profile>`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) roles: Vec<String>,
}
