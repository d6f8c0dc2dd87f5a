//! Which URLs may be asked.

use std::net::{Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use crate::fetch_error::{FetchError, excerpt};

/// Reads a URL that the program or a discovery document names: `https`, or `http` on this machine.
pub(crate) fn parse(text: &str) -> Result<Url, FetchError> {
    let not_https = || FetchError::NotHttps { url: without_userinfo(text) };
    let url = Url::parse(text).map_err(|_| not_https())?;
    let is_allowed = match url.scheme() {
        "https" => true,
        "http" => is_loopback(&url),
        _ => false,
    };
    if !is_allowed || !url.username().is_empty() || url.password().is_some() {
        return Err(not_https());
    }
    Ok(url)
}

/// Reads the name of an issuer that is discovered, which has no query and no fragment (OpenID Connect
/// Discovery 1.0 §3).
pub(crate) fn parse_issuer(name: &str) -> Result<Url, FetchError> {
    let url = parse(name)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(FetchError::NotHttps { url: excerpt(name) });
    }
    Ok(url)
}

/// Reads the `jwks_uri` of a discovery document, which must not lead to this machine or this link
/// unless the issuer does.
pub(crate) fn parse_discovered(text: &str, issuer: &Url) -> Result<Url, FetchError> {
    let url = parse(text)?;
    if is_local(&url) && !is_local(issuer) {
        return Err(FetchError::LocalAddress { url: excerpt(url.as_str()) });
    }
    Ok(url)
}

/// A password in a URL must not reach a log.
fn without_userinfo(text: &str) -> String {
    match text.rsplit_once('@') {
        Some((_, rest)) => excerpt(&format!("…@{rest}")),
        None => excerpt(text),
    }
}

fn is_loopback(url: &Url) -> bool {
    let name = |name: &str| matches!(name, "localhost" | "localhost.");
    let v6 =
        |ip: &Ipv6Addr| ip.is_loopback() || ip.to_ipv4_mapped().is_some_and(|ip| ip.is_loopback());
    is_at(url, name, Ipv4Addr::is_loopback, v6)
}

fn is_local(url: &Url) -> bool {
    // RFC 6761 §6.3: every name under `localhost` may lead to this machine.
    let name = |name: &str| {
        let name = name.trim_end_matches('.');
        name == "localhost" || name.ends_with(".localhost")
    };
    // The unspecified address leads to this machine, too.
    let v4 = |ip: &Ipv4Addr| ip.is_loopback() || ip.is_link_local() || ip.octets()[0] == 0;
    // `::` and `::1` are the addresses 0.0.0.0 and 0.0.0.1.
    let v6 = |ip: &Ipv6Addr| ip.is_unicast_link_local() || embedded(ip).is_some_and(|ip| v4(&ip));
    is_at(url, name, v4, v6)
}

/// The IPv4 address to which a system or a gateway may turn an IPv6 address: mapped and compatible (RFC
/// 4291 §2.5.5), translated (RFC 2765 §2.1), of NAT64 (RFC 6052 §2.1), of 6to4 (RFC 3056 §2).
fn embedded(ip: &Ipv6Addr) -> Option<Ipv4Addr> {
    let ([0, 0, 0, 0, 0, 0 | 0xffff, high, low]
    | [0, 0, 0, 0, 0xffff, 0, high, low]
    | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
    | [0x2002, high, low, ..]) = ip.segments()
    else {
        return None;
    };
    Some(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)))
}

fn is_at(
    url: &Url,
    name: impl Fn(&str) -> bool,
    v4: impl Fn(&Ipv4Addr) -> bool,
    v6: impl Fn(&Ipv6Addr) -> bool,
) -> bool {
    match url.host() {
        None => false,
        Some(Host::Domain(domain)) => name(domain),
        Some(Host::Ipv4(ip)) => v4(&ip),
        Some(Host::Ipv6(ip)) => v6(&ip),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_or_http_on_this_machine() {
        for url in [
            "https://login.example",
            "https://login.example:8443/realms/a?x=1",
            "https://127.0.0.1",
            "http://localhost:8080/realms/a",
            "http://localhost./",
            "http://127.1",
            "http://[::1]:80",
            "http://[::ffff:127.0.0.1]",
        ] {
            assert!(parse(url).is_ok(), "{url}");
        }
        for url in [
            "http://login.example",
            "http://localhost.example",
            "http://tenant.localhost",
            "http://localhost..",
            "http://169.254.169.254",
            "http://0.0.0.0",
            "http://[fe80::1]",
            "http://[::7f00:1]",
            "ftp://localhost",
            "file:///etc/passwd",
            "login.example",
            "",
            "https://",
        ] {
            assert_eq!(parse(url), Err(FetchError::NotHttps { url: url.into() }), "{url}");
        }
    }

    #[test]
    fn a_password_is_refused_and_not_shown() {
        let shown = FetchError::NotHttps { url: "…@login.example".into() };
        assert_eq!(parse("https://ada:secret@login.example"), Err(shown.clone()));
        assert_eq!(parse("https://ada@login.example"), Err(shown));
    }

    #[test]
    fn a_discovered_url_does_not_lead_to_this_machine() {
        let public = parse("https://login.example").unwrap();
        for url in [
            "https://keys.example/jwks",
            "https://192.0.2.1/",
            "https://[2001:db8:7f00:1::7f00:1]/",
            "https://[64:ff9b::192.0.2.1]/",
        ] {
            assert!(parse_discovered(url, &public).is_ok(), "{url}");
        }
        for (url, shown) in [
            ("https://127.1/jwks", "https://127.0.0.1/jwks"),
            ("https://0x7f000001/", "https://127.0.0.1/"),
            ("https://2130706433/", "https://127.0.0.1/"),
            ("https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/"),
            ("https://[::127.0.0.1]/", "https://[::7f00:1]/"),
            ("https://[::ffff:0:127.0.0.1]/", "https://[::ffff:0:7f00:1]/"),
            ("https://[64:ff9b::169.254.169.254]/", "https://[64:ff9b::a9fe:a9fe]/"),
            ("https://[2002:7f00:1::]/", "https://[2002:7f00:1::]/"),
            ("https://[::1]/", "https://[::1]/"),
            ("https://[::]/", "https://[::]/"),
            ("https://[fe80::1]/", "https://[fe80::1]/"),
            ("https://0/", "https://0.0.0.0/"),
            ("https://169.254.169.254/latest", "https://169.254.169.254/latest"),
            ("https://LOCALHOST/", "https://localhost/"),
            ("https://localhost./", "https://localhost./"),
            ("https://localhost../", "https://localhost../"),
            ("https://a.localhost/", "https://a.localhost/"),
            ("http://localhost/", "http://localhost/"),
        ] {
            let refused = Err(FetchError::LocalAddress { url: shown.into() });
            assert_eq!(parse_discovered(url, &public), refused, "{url}");
        }
        let local = parse("http://localhost:8080").unwrap();
        assert!(parse_discovered("http://127.0.0.1:8080/jwks", &local).is_ok());
        assert!(parse_discovered("http://keys.example/jwks", &local).is_err());
    }
}
