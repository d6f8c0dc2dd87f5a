//! What every kind of key has besides its secret or its numbers: an algorithm, an id, and the issuers
//! that it is bound to.

use alloc::{string::String, sync::Arc, vec::Vec};

use crate::{
    algorithm::Algorithm,
    base64url,
    header::{self, Header},
    json::{is_reserved_free, write_object},
};

/// Algorithm, id and issuers of a key.
#[derive(Debug, Clone)]
pub struct KeyInfo {
    algorithm: Algorithm,
    id: Option<Arc<Id>>,
    issuers: Option<Arc<[String]>>,
}

/// An id, and the header segments of tokens that name it, in the orders of their parameters that
/// libraries write: `alg,kid,typ`, which is what the key itself writes, `alg,typ,kid`, `typ,alg,kid`.
#[derive(Debug)]
struct Id {
    kid: Arc<str>,
    /// None if no such header can be written, because the id is too long or has a reserved name.
    header_texts: Vec<String>,
}

impl KeyInfo {
    pub(super) const fn new(algorithm: Algorithm) -> Self {
        Self { algorithm, id: None, issuers: None }
    }

    #[must_use]
    pub(super) fn with_id(mut self, id: &str) -> Self {
        let (alg, kid, typ) = (("alg", self.algorithm.name()), ("kid", id), ("typ", "JWT"));
        let orders = [[alg, kid, typ], [alg, typ, kid], [typ, alg, kid]];
        let header_texts = orders.iter().filter_map(|parameters| header_text(parameters)).collect();
        self.id = Some(Arc::new(Id { kid: id.into(), header_texts }));
        self
    }

    #[must_use]
    pub(super) fn with_issuers(
        mut self,
        issuers: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.issuers = Some(issuers.into_iter().map(Into::into).collect());
        self
    }

    pub(crate) const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(crate) fn id(&self) -> Option<&str> {
        self.id.as_ref().map(|id| &*id.kid)
    }

    /// The issuers whose tokens the key may verify. `None` if it may verify those of any issuer.
    pub(super) const fn bound_issuers(&self) -> Option<&Arc<[String]>> {
        self.issuers.as_ref()
    }

    pub(super) fn issuers(&self) -> &[String] {
        self.issuers.as_deref().unwrap_or_default()
    }

    /// The header segment that the key writes unless the caller asks for another header.
    /// `None` if that header cannot be written.
    pub(crate) fn header_text(&self) -> Option<&str> {
        match &self.id {
            None => texts_without_kid(self.algorithm).first().copied(),
            Some(id) => id.header_texts.first().map(String::as_str),
        }
    }

    /// The header of a token for this key that this segment is known to stand for, without a parse.
    #[inline]
    pub(super) fn known_header(&self, segment: &str) -> Option<Header> {
        self.known_headers()
            .find(|(text, ..)| *text == segment)
            .map(|(_, kid, has_typ)| self.header(kid, has_typ))
    }

    /// The known header segments of tokens for this key, and the headers that they stand for.
    pub(super) fn known_header_texts(&self) -> impl Iterator<Item = (&str, Header)> {
        self.known_headers().map(|(text, kid, has_typ)| (text, self.header(kid, has_typ)))
    }

    /// Text, `kid`, and whether there is a `typ`.
    #[inline]
    fn known_headers(&self) -> impl Iterator<Item = (&str, Option<&Arc<str>>, bool)> {
        let [alg_typ, typ_alg, alg] = texts_without_kid(self.algorithm);
        let with_kid = self
            .id
            .iter()
            .flat_map(|id| id.header_texts.iter().map(|text| (text.as_str(), Some(&id.kid), true)));
        with_kid.chain([(alg_typ, None, true), (typ_alg, None, true), (alg, None, false)])
    }

    #[inline]
    fn header(&self, kid: Option<&Arc<str>>, has_typ: bool) -> Header {
        let header = Header::known(self.algorithm, kid.cloned());
        if has_typ { header } else { header.without_typ() }
    }
}

/// The segment of a header with these parameters, if it can be written.
fn header_text(parameters: &[(&str, &str)]) -> Option<String> {
    let json = write_object(parameters).ok()?;
    let text = base64url::encode_to_string(json.as_bytes());
    (is_reserved_free(json.as_bytes()) && text.len() <= header::MAX_LEN).then_some(text)
}

/// The segments of headers without `kid` in the orders of their parameters that libraries write:
/// `alg,typ`, `typ,alg`, and `alg` alone.
const fn texts_without_kid(algorithm: Algorithm) -> [&'static str; 3] {
    match algorithm {
        Algorithm::Hs256 => [
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
            "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9",
            "eyJhbGciOiJIUzI1NiJ9",
        ],
        Algorithm::Hs384 => [
            "eyJhbGciOiJIUzM4NCIsInR5cCI6IkpXVCJ9",
            "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzM4NCJ9",
            "eyJhbGciOiJIUzM4NCJ9",
        ],
        Algorithm::Hs512 => [
            "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9",
            "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9",
            "eyJhbGciOiJIUzUxMiJ9",
        ],
        #[cfg(feature = "public-keys")]
        Algorithm::EdDsa => [
            "eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9",
            "eyJ0eXAiOiJKV1QiLCJhbGciOiJFZERTQSJ9",
            "eyJhbGciOiJFZERTQSJ9",
        ],
        #[cfg(feature = "public-keys")]
        Algorithm::Ed25519 => [
            "eyJhbGciOiJFZDI1NTE5IiwidHlwIjoiSldUIn0",
            "eyJ0eXAiOiJKV1QiLCJhbGciOiJFZDI1NTE5In0",
            "eyJhbGciOiJFZDI1NTE5In0",
        ],
        #[cfg(feature = "public-keys")]
        Algorithm::Es256 => [
            "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9",
            "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9",
            "eyJhbGciOiJFUzI1NiJ9",
        ],
        #[cfg(feature = "public-keys")]
        Algorithm::Es384 => [
            "eyJhbGciOiJFUzM4NCIsInR5cCI6IkpXVCJ9",
            "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzM4NCJ9",
            "eyJhbGciOiJFUzM4NCJ9",
        ],
        #[cfg(feature = "public-keys")]
        Algorithm::Rs256 => [
            "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9",
            "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9",
            "eyJhbGciOiJSUzI1NiJ9",
        ],
        #[cfg(feature = "public-keys")]
        Algorithm::Rs384 => [
            "eyJhbGciOiJSUzM4NCIsInR5cCI6IkpXVCJ9",
            "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzM4NCJ9",
            "eyJhbGciOiJSUzM4NCJ9",
        ],
        #[cfg(feature = "public-keys")]
        Algorithm::Rs512 => [
            "eyJhbGciOiJSUzUxMiIsInR5cCI6IkpXVCJ9",
            "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzUxMiJ9",
            "eyJhbGciOiJSUzUxMiJ9",
        ],
        #[cfg(feature = "public-keys")]
        Algorithm::Ps256 => [
            "eyJhbGciOiJQUzI1NiIsInR5cCI6IkpXVCJ9",
            "eyJ0eXAiOiJKV1QiLCJhbGciOiJQUzI1NiJ9",
            "eyJhbGciOiJQUzI1NiJ9",
        ],
        #[cfg(feature = "public-keys")]
        Algorithm::Ps384 => [
            "eyJhbGciOiJQUzM4NCIsInR5cCI6IkpXVCJ9",
            "eyJ0eXAiOiJKV1QiLCJhbGciOiJQUzM4NCJ9",
            "eyJhbGciOiJQUzM4NCJ9",
        ],
        #[cfg(feature = "public-keys")]
        Algorithm::Ps512 => [
            "eyJhbGciOiJQUzUxMiIsInR5cCI6IkpXVCJ9",
            "eyJ0eXAiOiJKV1QiLCJhbGciOiJQUzUxMiJ9",
            "eyJhbGciOiJQUzUxMiJ9",
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::header::HeaderSegment;

    /// The known texts stand for what the parser would read out of them.
    #[test]
    fn known_headers_read_as_their_json() {
        let mut count = 0;
        for &algorithm in Algorithm::ALL {
            for id in [None, Some("a"), Some("\u{e9}\"\\\n")] {
                let info = KeyInfo::new(algorithm);
                let info = id.iter().fold(info, |info, id| info.with_id(id));
                for (text, header) in info.known_header_texts() {
                    let segment = HeaderSegment::new(text, 65_536).unwrap();
                    assert_eq!(Header::parse(segment).as_ref(), Ok(&header));
                    assert_eq!(info.known_header(text), Some(header));
                    count += 1;
                }
            }
        }
        assert_eq!(count, Algorithm::ALL.len() * (3 + 6 + 6));
    }
}
