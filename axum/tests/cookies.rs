//! Tokens in a cookie, and which requests with it are trusted.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod app;

use app::{
    Answer, auth, bearer, cross_site, expired, get_with, good, has_expired, invalid, malformed,
    missing, ok, router, send,
};
use axum::{
    Router,
    http::{Method, Request},
};

fn app() -> Router {
    router(auth().cookie("session"))
}

#[tokio::test]
async fn a_cookie_of_the_name_is_taken() {
    let app = app();
    let good = good();
    for (case, headers) in [
        ("alone", vec![format!("session={good}")]),
        ("among others", vec![format!("a=b; session={good}; c=d")]),
        ("without spaces", vec![format!("a=b;session={good};c=d")]),
        ("with more spaces", vec![format!("a=b;  session = {good} ; c=d")]),
        ("an empty part", vec![format!(";; session={good};")]),
        ("in a second header", vec!["a=b".into(), format!("session={good}")]),
        ("names alike", vec![format!("xsession=1; session2=2; Session=3; session={good}")]),
        ("names without value", vec![format!("session; session={good}")]),
        ("a value with the name", vec![format!("a=session=x; session={good}")]),
    ] {
        let headers: Vec<_> = headers.iter().map(|h| ("cookie", h.as_bytes())).collect();
        assert_eq!(get_with(&app, "/required", &headers).await, ok("required ada"), "{case}");
        assert_eq!(get_with(&app, "/optional", &headers).await, ok("optional ada"), "{case}");
    }
    // Another cookie may hold any bytes.
    let bytes = [b"a=\xFF\xE9; session=", good.as_bytes()].concat();
    assert_eq!(get_with(&app, "/required", &[("cookie", &bytes)]).await, ok("required ada"));
}

#[tokio::test]
async fn no_cookie_of_the_name() {
    let app = app();
    for cookie in ["", "session", "a=b", "Session=a.b.c", "sessions=a.b.c", "a=session=b", ";;="] {
        let headers = [("cookie", cookie.as_bytes())];
        assert_eq!(get_with(&app, "/required", &headers).await, missing(), "{cookie}");
        assert_eq!(get_with(&app, "/optional", &headers).await, ok("optional nobody"), "{cookie}");
    }
    // Without a configured name, no cookie is read.
    let cookie = format!("session={}", good());
    let headers = [("cookie", cookie.as_bytes())];
    assert_eq!(get_with(&router(auth()), "/required", &headers).await, missing());
    // A later name replaces an earlier one.
    let renamed = router(auth().cookie("session").cookie("other"));
    assert_eq!(get_with(&renamed, "/required", &headers).await, missing());
}

#[tokio::test]
async fn a_bad_cookie_is_refused() {
    let app = app();
    for value in ["", "a.b.c", "\"\"", &format!("\"{}\"", good())] {
        let cookie = format!("session={value}");
        let headers = [("cookie", cookie.as_bytes())];
        assert_eq!(get_with(&app, "/required", &headers).await, invalid(), "{cookie}");
        assert_eq!(get_with(&app, "/optional", &headers).await, invalid(), "{cookie}");
    }
    let cookie = format!("session={}", expired());
    let headers = [("cookie", cookie.as_bytes())];
    assert_eq!(get_with(&app, "/required", &headers).await, has_expired());
    assert_eq!(get_with(&app, "/optional", &headers).await, has_expired());
    let headers: [(&str, &[u8]); 1] = [("cookie", b"session=\xFF")];
    assert_eq!(get_with(&app, "/required", &headers).await, malformed());
}

#[tokio::test]
async fn two_cookies_of_the_name_are_malformed() {
    let app = app();
    let good = good();
    let (one, other) = (format!("session={good}"), "session=x".to_owned());
    for cookies in [
        vec![format!("{one}; {other}")],
        vec![format!("{other}; a=b; {one}")],
        vec![format!("{one}; {one}")],
        vec![one.clone(), other.clone()],
        vec![other, "a=b".into(), one],
    ] {
        let headers: Vec<_> = cookies.iter().map(|c| ("cookie", c.as_bytes())).collect();
        assert_eq!(get_with(&app, "/required", &headers).await, malformed(), "{cookies:?}");
        assert_eq!(get_with(&app, "/optional", &headers).await, malformed(), "{cookies:?}");
    }
}

#[tokio::test]
async fn a_bearer_header_wins() {
    let app = app();
    let (good, cookie) = (good(), format!("session={}", good()));
    let bob = app::token(&serde_json::json!({ "sub": "bob", "exp": app::FOREVER }));
    let two = format!("{good} {good}");
    let cases = [
        (bearer(&bob), ok("required bob")),
        (bearer("a.b.c"), invalid()),
        (bearer(&expired()), has_expired()),
        (bearer(""), malformed()),
        (bearer(&two), malformed()),
        // This header is for somebody else, such as a proxy.
        ("Basic YTpi".into(), ok("required ada")),
        (bob.clone(), ok("required ada")),
        (String::new(), ok("required ada")),
    ];
    for (authorization, expected) in cases {
        let headers = [("authorization", authorization.as_bytes()), ("cookie", cookie.as_bytes())];
        assert_eq!(get_with(&app, "/required", &headers).await, expected, "{authorization}");
    }
    // In addition to a good header, a bad cookie does not matter.
    let authorization = bearer(&good);
    for cookie in ["session=x", "session=x; session=y"] {
        let headers = [("authorization", authorization.as_bytes()), ("cookie", cookie.as_bytes())];
        assert_eq!(get_with(&app, "/required", &headers).await, ok("required ada"), "{cookie}");
    }
}

async fn request(method: &str, uri: &str, headers: &[(&str, &str)]) -> Answer {
    request_with("session", method, uri, headers).await
}

async fn request_with(name: &str, method: &str, uri: &str, headers: &[(&str, &str)]) -> Answer {
    let cookie = format!("{name}={}", good());
    let request = Request::builder()
        .method(Method::from_bytes(method.as_bytes()).unwrap())
        .uri(uri)
        .header("cookie", cookie);
    let request = headers.iter().fold(request, |r, &(name, value)| r.header(name, value));
    send(&router(auth().cookie(name)), request).await
}

#[tokio::test]
async fn safe_methods_need_no_proof() {
    for method in ["GET", "OPTIONS", "TRACE"] {
        for headers in [
            &[][..],
            &[("sec-fetch-site", "cross-site")],
            &[("origin", "https://evil.example"), ("host", "api.example")],
        ] {
            let answer = request(method, "/required", headers).await;
            assert_eq!(answer, ok("required ada"), "{method} {headers:?}");
        }
    }
    let answer = request("HEAD", "/required", &[]).await;
    assert_eq!((answer.status, answer.challenge), (200, None));
}

#[tokio::test]
async fn other_methods_need_proof() {
    for method in ["POST", "PUT", "PATCH", "DELETE", "QUERY", "get", "MYOWN"] {
        assert_eq!(request(method, "/required", &[]).await, cross_site(), "{method}");
        assert_eq!(request(method, "/optional", &[]).await, cross_site(), "{method}");
        let answer = request(method, "/result", &[]).await;
        assert_eq!(answer, ok("result CrossSite"), "{method}");
        let ours = [("sec-fetch-site", "same-origin")];
        assert_eq!(request(method, "/required", &ours).await, ok("required ada"), "{method}");
    }
}

/// The page that asks for an upgrade reads and writes what it opens.
#[tokio::test]
async fn an_upgrade_needs_proof() {
    let upgrades = [
        &[("connection", "Upgrade"), ("upgrade", "websocket")][..],
        &[("connection", "keep-alive, upgrade"), ("upgrade", "WebSocket")],
        &[("upgrade", "websocket")],
        &[("connection", "close"), ("upgrade", "websocket")],
        &[("upgrade", "h2c")],
        &[("upgrade", "h2c"), ("upgrade", "websocket")],
        &[("upgrade", "")],
    ];
    let others = [
        &[][..],
        &[("origin", "https://evil.example"), ("host", "api.example")],
        &[("origin", "https://api.example:8443"), ("host", "api.example")],
        &[("origin", "null"), ("host", "api.example")],
        &[("host", "api.example")],
        &[("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "websocket")],
        &[("sec-fetch-site", "same-site"), ("origin", "https://www.api.example")],
    ];
    let ours = [
        &[("origin", "https://api.example"), ("host", "api.example")][..],
        &[("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "websocket")],
    ];
    for method in ["GET", "OPTIONS", "TRACE", "POST"] {
        for upgrade in upgrades {
            for origin in others {
                let headers = [upgrade, origin].concat();
                let case = format!("{method} {headers:?}");
                assert_eq!(request(method, "/required", &headers).await, cross_site(), "{case}");
                assert_eq!(request(method, "/optional", &headers).await, cross_site(), "{case}");
                let expected = ok("result CrossSite");
                assert_eq!(request(method, "/result", &headers).await, expected, "{case}");
            }
            for origin in ours {
                let headers = [upgrade, origin].concat();
                let answer = request(method, "/required", &headers).await;
                assert_eq!(answer, ok("required ada"), "{method} {headers:?}");
            }
        }
    }
    let head = request("HEAD", "/required", &[("upgrade", "websocket")]).await;
    assert_eq!((head.status, head.challenge), (403, None));
    // With this header, a browser says that it prefers https; it is not an upgrade.
    let headers = [("upgrade-insecure-requests", "1"), ("sec-fetch-site", "cross-site")];
    assert_eq!(request("GET", "/required", &headers).await, ok("required ada"));
}

/// Over HTTP/2, a WebSocket handshake is a `CONNECT` without an `Upgrade` header (RFC 8441).
#[tokio::test]
async fn connect_needs_proof() {
    let uri = "https://api.example/required";
    for upgrade in [&[][..], &[("upgrade", "websocket")]] {
        assert_eq!(request("CONNECT", uri, upgrade).await, cross_site());
        let other = [upgrade, &[("origin", "https://evil.example")]].concat();
        assert_eq!(request("CONNECT", uri, &other).await, cross_site());
        let ours = [upgrade, &[("origin", "https://api.example")]].concat();
        // axum sends no body with a 200 to a CONNECT (RFC 9110 §9.3.6).
        assert_eq!(request("CONNECT", uri, &ours).await, ok(""));
    }
}

#[tokio::test]
async fn a_bearer_token_needs_no_proof() {
    let request = Request::post("/required")
        .header("authorization", bearer(&good()))
        .header("cookie", "session=x")
        .header("sec-fetch-site", "cross-site")
        .header("origin", "https://evil.example");
    assert_eq!(send(&app(), request).await, ok("required ada"));
    let request = Request::get("/required")
        .header("authorization", bearer(&good()))
        .header("upgrade", "websocket")
        .header("sec-fetch-site", "cross-site");
    assert_eq!(send(&app(), request).await, ok("required ada"));
    // A request without any token needs no proof either: the token is missing.
    let request = Request::post("/required").header("sec-fetch-site", "cross-site");
    assert_eq!(send(&app(), request).await, missing());
    let request = Request::post("/optional").header("sec-fetch-site", "cross-site");
    assert_eq!(send(&app(), request).await, ok("optional nobody"));
}

#[tokio::test]
async fn an_attacker_learns_nothing_of_a_bad_cookie() {
    for cookie in ["session=x", "session="] {
        let request = Request::post("/required").header("cookie", cookie);
        assert_eq!(send(&app(), request).await, cross_site());
    }
    let request = Request::post("/required").header("cookie", "session=x; session=y");
    assert_eq!(send(&app(), request).await, malformed());
}

#[tokio::test]
async fn sec_fetch_site_decides_alone() {
    let same = [("origin", "https://api.example"), ("host", "api.example")];
    let other = [("origin", "https://evil.example"), ("host", "api.example")];
    for (site, expected) in [
        ("same-origin", ok("required ada")),
        ("none", ok("required ada")),
        ("same-site", cross_site()),
        ("cross-site", cross_site()),
        ("", cross_site()),
        ("Same-Origin", cross_site()),
        ("same-origin, none", cross_site()),
        ("\"none\"", cross_site()),
    ] {
        for origin in [&same, &other] {
            let headers = [("sec-fetch-site", site), origin[0], origin[1]];
            assert_eq!(request("POST", "/required", &headers).await, expected, "{headers:?}");
        }
        let headers = [("sec-fetch-site", site)];
        assert_eq!(request("POST", "/required", &headers).await, expected, "{site}");
    }
    let twice = [("sec-fetch-site", "same-origin"), ("sec-fetch-site", "same-origin")];
    assert_eq!(request("POST", "/required", &twice).await, cross_site());
}

#[tokio::test]
async fn without_it_the_origin_has_to_be_the_host() {
    let ours = [
        ("https://api.example", "api.example"),
        // After a proxy, nobody knows that this host is asked over https.
        ("http://api.example", "api.example"),
        ("https://API.example", "api.EXAMPLE"),
        ("https://api.example", "api.example:443"),
        ("https://api.example:443", "api.example"),
        ("http://api.example", "api.example:80"),
        ("http://api.example:80", "api.example"),
        ("http://127.0.0.1:3000", "127.0.0.1:3000"),
        ("http://[::1]:3000", "[::1]:3000"),
        ("http://[::1]", "[::1]"),
        ("http://[::1]", "[::1]:80"),
    ];
    let others = [
        ("null", "api.example"),
        ("null", "null"),
        ("", "api.example"),
        ("", ""),
        ("https://", ""),
        ("https://:443", ""),
        ("https://evil.example", "api.example"),
        ("https://api.example.evil.example", "api.example"),
        ("https://evilapi.example", "api.example"),
        ("https://api.example.", "api.example"),
        ("https://www.api.example", "api.example"),
        ("https://api.example:8443", "api.example"),
        ("https://api.example", "api.example:8443"),
        ("https://api.example", "api.example:80"),
        ("http://api.example", "api.example:443"),
        ("https://api.example:", "api.example"),
        ("https://api.example:x", "api.example:x"),
        ("https://api.example:+443", "api.example"),
        ("https://api.example:99999", "api.example:99999"),
        ("https://api.example/", "api.example"),
        ("https://api.example/path", "api.example"),
        ("https://user@api.example", "api.example"),
        ("https://api.example https://evil.example", "api.example"),
        ("api.example", "api.example"),
        ("//api.example", "api.example"),
        ("ftp://api.example", "api.example"),
        ("file://", "api.example"),
        ("chrome-extension://api.example", "api.example"),
        ("http://[::1]:3000", "[::2]:3000"),
        ("http://[::1]", "::1"),
    ];
    for (pairs, expected) in [(&ours[..], ok("required ada")), (&others, cross_site())] {
        for &(origin, host) in pairs {
            let headers = [("origin", origin), ("host", host)];
            let answer = request("POST", "/required", &headers).await;
            assert_eq!(answer, expected, "{origin:?} at {host:?}");
        }
    }
    for headers in [
        &[("origin", "https://api.example")][..],
        &[("host", "api.example")],
        &[("origin", "https://a.example"), ("host", "a.example"), ("host", "a.example")],
        &[("origin", "https://a.example"), ("origin", "https://a.example"), ("host", "a.example")],
        &[("origin", "https://é.example"), ("host", "é.example")],
        // Headers that a client may write itself are no proof.
        &[("referer", "https://a.example/"), ("host", "a.example")],
        &[("origin", "https://a.example"), ("x-forwarded-host", "a.example"), ("host", "b")],
    ] {
        assert_eq!(request("POST", "/required", headers).await, cross_site(), "{headers:?}");
    }
}

/// Browsers have a cookie of these names over https alone, so a page over http is not of its origin
/// (RFC 6454 §4). On their own machine they have it over http, too.
#[tokio::test]
async fn a_cookie_of_https_needs_an_origin_of_https() {
    let upgrade = [("upgrade", "websocket")];
    for name in ["__Host-session", "__Secure-session", "__host-session", "__SECURE-session"] {
        for (origin, host) in [
            ("https://api.example", "api.example"),
            ("https://api.example:8443", "api.example:8443"),
            ("http://localhost:3000", "localhost:3000"),
            ("http://LOCALHOST", "localhost"),
            ("http://shop.localhost", "shop.localhost"),
            ("http://127.0.0.1:3000", "127.0.0.1:3000"),
            ("http://127.9.9.9", "127.9.9.9:80"),
            ("http://[::1]:3000", "[::1]:3000"),
        ] {
            let ours = [("origin", origin), ("host", host)];
            let answer = request_with(name, "POST", "/required", &ours).await;
            assert_eq!(answer, ok("required ada"), "{name} {origin}");
        }
        for (origin, host) in [
            ("http://api.example", "api.example"),
            ("http://api.example", "api.example:80"),
            ("http://api.example:443", "api.example:443"),
            ("http://localhost.example", "localhost.example"),
            ("http://127.0.0.1.example", "127.0.0.1.example"),
            ("http://10.0.0.1", "10.0.0.1"),
            ("http://localhost", "api.example"),
            ("HTTP://api.example", "api.example"),
        ] {
            let other = [("origin", origin), ("host", host)];
            let answer = request_with(name, "POST", "/required", &other).await;
            assert_eq!(answer, cross_site(), "{name} {origin}");
            let other = [&upgrade[..], &other].concat();
            let answer = request_with(name, "GET", "/required", &other).await;
            assert_eq!(answer, cross_site(), "{name} {origin}");
        }
        // The browser knows the scheme.
        let site = [("sec-fetch-site", "same-origin"), ("origin", "http://api.example")];
        let answer = request_with(name, "POST", "/required", &site).await;
        assert_eq!(answer, ok("required ada"), "{name}");
    }
    // These names do not promise https.
    for name in ["__Host", "__Hosts-session", "Host-session", "session__Host-"] {
        let ours = [("origin", "http://api.example"), ("host", "api.example")];
        let answer = request_with(name, "POST", "/required", &ours).await;
        assert_eq!(answer, ok("required ada"), "{name}");
    }
}

/// HTTP/2 has no `Host`.
#[tokio::test]
async fn without_host_the_authority_of_the_uri_counts() {
    let uri = "https://api.example/required";
    let ours = [("origin", "https://api.example")];
    assert_eq!(request("POST", uri, &ours).await, ok("required ada"));
    let other = [("origin", "https://evil.example")];
    assert_eq!(request("POST", uri, &other).await, cross_site());
    let port = [("origin", "https://api.example:8443")];
    assert_eq!(request("POST", uri, &port).await, cross_site());
    let uri_port = "https://api.example:8443/required";
    assert_eq!(request("POST", uri_port, &port).await, ok("required ada"));
    // `Host` comes first, where it is.
    let both = [("origin", "https://api.example"), ("host", "evil.example")];
    assert_eq!(request("POST", uri, &both).await, cross_site());
}
