//! Where the token of a request is.

use http::{HeaderMap, HeaderName, HeaderValue, Method, header, request::Parts};

use crate::{origin, refusal::Refusal};

/// The token, if the request has one: that of the `Authorization` header, else that of the cookie.
/// A bad header is never passed over for the cookie.
pub(crate) fn find<'r>(parts: &'r Parts, cookie: Option<&str>) -> Result<Option<&'r str>, Refusal> {
    if let Some(token) = bearer(&parts.headers)? {
        return Ok(Some(token));
    }
    let Some(name) = cookie else { return Ok(None) };
    let Some(token) = cookie_value(&parts.headers, name)? else { return Ok(None) };
    if is_safe(&parts.method) || origin::is_ours(parts) {
        Ok(Some(token))
    } else {
        Err(Refusal::CrossSite)
    }
}

/// The methods that are safe by RFC 9110 §9.2.1. The `http` crate counts `QUERY` as well, which
/// has a body and is too new to rely on.
fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE)
}

/// What follows `Bearer` (RFC 6750 §2.1; its letter case is free by RFC 9110 §11.1). Another
/// scheme is for somebody else, such as a proxy, and counts as none.
fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let value = match sole(headers, &header::AUTHORIZATION) {
        Sole::Absent => return Ok(None),
        Sole::One(value) => value.as_bytes().trim_ascii(),
        Sole::Several => return Err(Refusal::Malformed),
    };
    let end = value.iter().position(u8::is_ascii_whitespace).unwrap_or(value.len());
    let (scheme, rest) = value.split_at_checked(end).unwrap_or((value, &[]));
    if !scheme.eq_ignore_ascii_case(b"Bearer") {
        return Ok(None);
    }
    // Spaces only, and one word behind them: a tab is no separator (RFC 9110 §11.4).
    let word = rest.iter().position(|&byte| byte != b' ').and_then(|start| rest.get(start..));
    let word = word.and_then(|word| str::from_utf8(word).ok()).ok_or(Refusal::Malformed)?;
    if word.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(Some(word))
    } else {
        Err(Refusal::Malformed)
    }
}

/// The value of the cookie of this name (RFC 6265 §4.2.1). HTTP/2 may spread the cookies over
/// several headers. Those of other names may hold any bytes.
fn cookie_value<'r>(headers: &'r HeaderMap, name: &str) -> Result<Option<&'r str>, Refusal> {
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
        (Some(value), None) => str::from_utf8(value).map(Some).map_err(|_| Refusal::Malformed),
        (Some(_), Some(_)) => Err(Refusal::Malformed),
    }
}

/// How often a header is there that may be there once.
pub(crate) enum Sole<'r> {
    Absent,
    One(&'r HeaderValue),
    Several,
}

pub(crate) fn sole<'r>(headers: &'r HeaderMap, name: &HeaderName) -> Sole<'r> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Sole::Absent,
        (Some(value), None) => Sole::One(value),
        (Some(_), Some(_)) => Sole::Several,
    }
}
