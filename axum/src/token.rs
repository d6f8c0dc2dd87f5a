//! Where the token of a request is.

use http::{HeaderMap, Method, header, request::Parts};

use crate::{
    origin,
    reason::Reason,
    sole::{Sole, sole},
};

/// Returns the token, if the request has one: from the `Authorization` header, or else from the
/// cookie. A malformed header is never ignored in favour of the cookie.
pub(crate) fn find<'r>(parts: &'r Parts, cookie: Option<&str>) -> Result<Option<&'r str>, Reason> {
    if let Some(token) = bearer(&parts.headers)? {
        return Ok(Some(token));
    }
    let Some(name) = cookie else { return Ok(None) };
    let Some(token) = cookie_value(&parts.headers, name)? else { return Ok(None) };
    if any_site_may_send(parts) || origin::is_same_origin(parts, name) {
        Ok(Some(token))
    } else {
        Err(Reason::CrossSite)
    }
}

/// Whether the request does no harm if another site made the browser send it. The answer to a safe
/// request stays unread there. What an upgrade opens is read and written by the page that asked
/// for it (RFC 6455 §10.2), so a WebSocket handshake is not harmless, although it is a `GET`. Over
/// HTTP/2 the handshake is a `CONNECT` (RFC 8441).
fn any_site_may_send(parts: &Parts) -> bool {
    is_safe(&parts.method) && !parts.headers.contains_key(header::UPGRADE)
}

/// The methods that are safe by RFC 9110 §9.2.1. The `http` crate counts `QUERY` as well, which
/// has a body and is too new to rely on.
fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE)
}

/// Returns the word after `Bearer` (RFC 6750 §2.1; by RFC 9110 §11.1 its letter case does not
/// matter). A header with another scheme is for somebody else, such as a proxy, and counts as none.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Reason> {
    let value = match sole(headers, &header::AUTHORIZATION) {
        Sole::Absent => return Ok(None),
        Sole::One(value) => value.as_bytes().trim_ascii(),
        Sole::Several => return Err(Reason::Malformed),
    };
    let end = value.iter().position(u8::is_ascii_whitespace).unwrap_or(value.len());
    let (scheme, rest) = value.split_at_checked(end).unwrap_or((value, &[]));
    if !scheme.eq_ignore_ascii_case(b"Bearer") {
        if is_token(value) {
            tracing::info!(
                "the Authorization header is a token without a scheme: \
                 put the word `Bearer` and a space before the token"
            );
        }
        return Ok(None);
    }
    // Spaces only, and one word after them: a tab is no separator (RFC 9110 §11.4).
    let word = rest.iter().position(|&byte| byte != b' ').and_then(|start| rest.get(start..));
    let word = word.and_then(|word| str::from_utf8(word).ok()).ok_or(Reason::Malformed)?;
    if word.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(Some(word))
    } else {
        Err(Reason::Malformed)
    }
}

/// Whether the text has the shape of a token: three segments of base64url (RFC 7515 §7.1).
fn is_token(text: &[u8]) -> bool {
    let in_alphabet = |&byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let mut segments = text.split(|&byte| byte == b'.');
    segments.clone().count() == 3 && segments.all(|segment| segment.iter().all(in_alphabet))
}

/// Returns the value of the cookie of this name (RFC 6265 §4.2.1). HTTP/2 may spread the cookies
/// over several headers. The values of other cookies may be any bytes.
fn cookie_value<'r>(headers: &'r HeaderMap, name: &str) -> Result<Option<&'r str>, Reason> {
    let mut values = headers
        .get_all(header::COOKIE)
        .iter()
        .flat_map(|header| header.as_bytes().split(|&byte| byte == b';'))
        .filter_map(|pair| {
            let equals = pair.iter().position(|&byte| byte == b'=')?;
            let (found, value) = (pair.get(..equals)?, pair.get(equals..)?.get(1..)?);
            (found.trim_ascii() == name.as_bytes()).then_some(value.trim_ascii())
        });
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => str::from_utf8(value).map(Some).map_err(|_| Reason::Malformed),
        (Some(_), Some(_)) => Err(Reason::Malformed),
    }
}
