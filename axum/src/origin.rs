//! Whether a request comes from a page of the same origin: the defence of cookies against other
//! sites.

use std::net::Ipv4Addr;

use http::{HeaderName, header, request::Parts};

use crate::sole::{Sole, sole};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// If the browser sends `Sec-Fetch-Site`, that header decides. Otherwise `Origin` has to be the
/// host that was asked, and if the browser has the cookie of https alone, its scheme has to be https.
/// A browser sends at least one of the two with each unsafe request and each WebSocket handshake, so
/// a request with neither is not trusted.
pub(crate) fn is_same_origin(parts: &Parts, cookie: &str) -> bool {
    match sole(&parts.headers, &SEC_FETCH_SITE) {
        // `none` is the user: a bookmark, or the address bar.
        Sole::One(site) => matches!(site.as_bytes(), b"same-origin" | b"none"),
        Sole::Several => false,
        Sole::Absent => match sole(&parts.headers, &header::ORIGIN) {
            Sole::One(origin) => origin.to_str().is_ok_and(|origin| {
                (!is_of_https(cookie) || is_secure(origin))
                    && host(parts).is_some_and(|host| is_at(origin, host))
            }),
            Sole::Absent | Sole::Several => false,
        },
    }
}

/// Returns `Host`, or without that header the authority of the URI, as in HTTP/2.
fn host(parts: &Parts) -> Option<&str> {
    match sole(&parts.headers, &header::HOST) {
        Sole::One(host) => host.to_str().ok(),
        Sole::Absent => parts.uri.authority().map(http::uri::Authority::as_str),
        Sole::Several => None,
    }
}

/// Whether browsers keep a cookie of this name only if it was set over https
/// (draft-ietf-httpbis-rfc6265bis §4.1.3). They compare the prefix without its case.
fn is_of_https(cookie: &str) -> bool {
    ["__Host-", "__Secure-"].into_iter().any(|prefix| {
        cookie
            .split_at_checked(prefix.len())
            .is_some_and(|(start, _)| start.eq_ignore_ascii_case(prefix))
    })
}

/// Whether this origin is https or on this machine, where browsers keep such a cookie over http, too.
fn is_secure(origin: &str) -> bool {
    let Some(rest) = origin.strip_prefix("http://") else { return true };
    host_and_port(rest, 80).is_some_and(|(host, _)| {
        host.rsplit('.').next().is_some_and(|top| top.eq_ignore_ascii_case("localhost"))
            || host == "[::1]"
            || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
    })
}

/// Whether this origin (RFC 6454 §6.2; `null` is not one) is at this host. After a proxy, the scheme
/// that the browser used is not known, so a host without a port has the default port of the
/// origin's scheme.
fn is_at(origin: &str, host: &str) -> bool {
    let Some((scheme, origin)) = origin.split_once("://") else { return false };
    let default_port = match scheme {
        "https" => 443,
        "http" => 80,
        _ => return false,
    };
    match (host_and_port(origin, default_port), host_and_port(host, default_port)) {
        (Some((origin, origin_port)), Some((host, host_port))) => {
            origin.eq_ignore_ascii_case(host) && origin_port == host_port
        }
        _ => false,
    }
}

fn host_and_port(text: &str, default_port: u16) -> Option<(&str, u16)> {
    let (host, port) = match text.rsplit_once(':') {
        // The colon may be one of an IPv6 address, which is in brackets.
        Some((host, port)) if !port.ends_with(']') => {
            let digits = port.bytes().all(|byte| byte.is_ascii_digit());
            (host, port.parse().ok().filter(|_| digits)?)
        }
        _ => (text, default_port),
    };
    (!host.is_empty()).then_some((host, port))
}
