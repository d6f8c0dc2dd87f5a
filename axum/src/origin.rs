//! Whether a request comes from a page of the same origin: the defence of cookies against other
//! sites.

use http::{HeaderName, header, request::Parts};

use crate::sole::{Sole, sole};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// If the browser sends `Sec-Fetch-Site`, that header decides. Otherwise `Origin` has to be the
/// host that was asked. A browser sends at least one of the two with each unsafe request and each
/// WebSocket handshake, so a request with neither is not trusted.
pub(crate) fn is_same_origin(parts: &Parts) -> bool {
    match sole(&parts.headers, &SEC_FETCH_SITE) {
        // `none` is the user: a bookmark, or the address bar.
        Sole::One(site) => matches!(site.as_bytes(), b"same-origin" | b"none"),
        Sole::Several => false,
        Sole::Absent => match sole(&parts.headers, &header::ORIGIN) {
            Sole::One(origin) => origin
                .to_str()
                .is_ok_and(|origin| host(parts).is_some_and(|host| is_at(origin, host))),
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
