//! The lines of the log, and what neither log nor answer may contain.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod app;

use std::{
    io,
    sync::{Arc, Mutex},
};

use app::{FOREVER, auth, bearer, expired, get_as, good, router, token};
use axum::http::Request;
use jwt_codec::Header;
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn take(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Records everything that this thread writes to the log from now on.
fn listen() -> (Log, tracing::subscriber::DefaultGuard) {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .without_time()
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    (log, tracing::subscriber::set_default(subscriber))
}

#[tokio::test]
async fn the_reason_is_told() {
    let (log, _guard) = listen();
    let app = router(auth().cookie("session"));

    assert_eq!(get_as(&app, "/required", bearer(&good())).await.status, 200);
    assert_eq!(log.take(), "");
    assert_eq!(get_as(&app, "/optional", "").await.status, 200);
    assert_eq!(log.take(), "");

    let mismatch = bearer(&token(&json!({ "exp": FOREVER })));
    for (authorization, line) in [
        ("", "DEBUG jwt_codec_axum::refusal: refused: the request has no token\n"),
        (
            "Bearer",
            " INFO jwt_codec_axum::refusal: refused: the request does not have exactly one token\n",
        ),
        (
            "Bearer a",
            " INFO jwt_codec_axum::refusal: refused: the token is not valid code=\"malformed\"\n",
        ),
        (
            &bearer(&expired()),
            " INFO jwt_codec_axum::refusal: refused: the token has expired code=\"expired\"\n",
        ),
        (
            &mismatch,
            " WARN jwt_codec_axum::refusal: refused: the token is not valid code=\"claims_mismatch\"\n",
        ),
        (
            &bearer(&good()),
            " INFO jwt_codec_axum::refusal: refused: the token does not allow this scope=\"reports:read\"\n",
        ),
    ] {
        get_as(&app, "/allowed", authorization).await;
        assert_eq!(log.take(), line);
    }
    let cookie = format!("session={}", good());
    app::send(&app, Request::post("/required").header("cookie", cookie)).await;
    assert_eq!(
        log.take(),
        " INFO jwt_codec_axum::refusal: refused: the request comes from another site\n"
    );
    let _ = auth().realm("a\nb");
    assert_eq!(
        log.take(),
        " WARN jwt_codec_axum::auth: the realm is left out: it is empty or not printable ASCII\n"
    );
}

/// The most common mistake. It looks like no token at all, so the answer is that of no token.
#[tokio::test]
async fn a_token_without_a_scheme_is_told() {
    const LINE: &str = " INFO jwt_codec_axum::token: the Authorization header is a token without a \
                        scheme: put the word `Bearer` and a space before the token\n";
    const REFUSED: &str = "DEBUG jwt_codec_axum::refusal: refused: the request has no token\n";
    let (log, _guard) = listen();
    let good = good();
    let cookie = format!("session={good}");
    let app = router(auth().cookie("session"));
    let unsigned = "eyJhbGciOiJub25lIn0.e30.";
    for token in [&*good, &format!(" {good}\t"), &expired(), unsigned, &format!("Bearer{good}")] {
        assert_eq!(get_as(&app, "/required", token).await, app::missing(), "{token}");
        assert_eq!(log.take(), format!("{LINE}{REFUSED}"), "{token}");
        assert_eq!(get_as(&app, "/optional", token).await, app::ok("optional nobody"), "{token}");
        assert_eq!(log.take(), LINE, "{token}");
        assert_eq!(get_as(&app, "/perhaps-allowed", token).await.status, 200, "{token}");
        assert_eq!(log.take(), LINE, "{token}");
        let headers = [("authorization", token.as_bytes()), ("cookie", cookie.as_bytes())];
        let answer = app::get_with(&app, "/required", &headers).await;
        assert_eq!(answer, app::ok("required ada"), "{token}");
        assert_eq!(log.take(), LINE, "{token}");
    }
    for other in ["Basic YWRh", "Basic a.b.c", "a.b", "a.b.c.d", "a.b.c d", "a.b.c=", "a.b.é", ""]
    {
        assert_eq!(get_as(&app, "/optional", other).await, app::ok("optional nobody"), "{other}");
        assert_eq!(log.take(), "", "{other}");
    }
}

/// Each claim of these tokens has this word in it, and so has what is wrong with each.
#[tokio::test]
async fn nothing_of_token_or_claims_is_told() {
    const WORD: &str = "hunter2";
    let (log, _guard) = listen();
    let app = router(auth().cookie("session").realm("api"));
    let with = |name: &str, value: serde_json::Value| {
        let mut claims = json!({ "sub": WORD, "exp": FOREVER, "scope": WORD });
        claims[name] = value;
        // `encode` would not write some of them.
        jwt_codec::sign(&Header::new(), claims.to_string().as_bytes(), &app::key()).unwrap()
    };
    let header = Header::new().with_typ(WORD);
    let claims = json!({ "sub": WORD, "exp": FOREVER });
    let tokens = [
        with("sub", json!(WORD)),
        with("sub", json!([WORD])),
        with("aud", json!(WORD)),
        with("scope", json!([WORD, [WORD]])),
        with("scope", json!({ WORD: 1 })),
        with("exp", json!(1_234_567)),
        with("nbf", json!(FOREVER - 1_234_567)),
        jwt_codec::encode_with_header(&header, &claims, &app::key()).unwrap(),
        jwt_codec::encode(&claims, &jwt_codec::Key::hs256([7; 32]).unwrap().with_id(WORD)).unwrap(),
        WORD.into(),
        format!("{WORD}.{WORD}.{WORD}"),
        format!("{WORD} {WORD}"),
    ];
    let (mut refused, mut logged) = (0, 0);
    for token in tokens {
        for path in ["/required", "/optional", "/handed-on", "/allowed", "/perhaps-allowed"] {
            for request in [
                Request::get(path).header("authorization", bearer(&token)),
                Request::get(path).header("authorization", &token),
                Request::get(path).header("cookie", format!("session={token}")),
                Request::post(path).header("cookie", format!("session={token}")),
            ] {
                let answer = app::send(&app, request).await;
                if answer.status == 200 {
                    continue;
                }
                let lines = log.take();
                refused += 1;
                logged += usize::from(!lines.is_empty());
                let told = format!("{answer:?} {lines}");
                for part in token.split('.').chain([WORD, "1234567", "4102444800", "4101210233"]) {
                    assert!(part.len() < 3 || !told.contains(part), "{part} is in {told}");
                }
            }
        }
    }
    assert_eq!((refused, logged), (210, 210));
}

/// What the log says of the access tokens of an issuer, and what it does not.
#[cfg(feature = "oidc")]
#[tokio::test(start_paused = true)]
async fn the_tokens_of_an_issuer() {
    use app::issuer::{NAME, claims, connected, good, router, sign, started, with};
    use jwt_codec_oidc::testing::FakeIssuer;

    const WORD: &str = "hunter2";
    let (log, _guard) = listen();
    let fake = FakeIssuer::new(NAME);
    let app = router(&connected(&fake).await);
    log.take();
    get_as(&app, "/required", bearer(&good(&fake))).await;
    assert_eq!(log.take(), "");
    let bound = json!({ "jkt": WORD });
    for (claim, value, code) in [
        ("cnf", bound, "sender_constrained"),
        ("iss", json!(WORD), "invalid_issuer"),
        ("aud", json!(WORD), "invalid_audience"),
    ] {
        let token = sign(&fake, &with(claims(NAME), claim, value));
        let answer = get_as(&app, "/required", bearer(&token)).await;
        assert_eq!(answer, app::invalid(), "{claim}");
        let line = " INFO jwt_codec_axum::refusal: refused: the token is not valid";
        assert_eq!(log.take(), format!("{line} code=\"{code}\"\n"));
    }

    let absent = FakeIssuer::new(NAME);
    absent.fail(500);
    let app = router(&started(&absent));
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    // The package of the issuer writes why there are no keys.
    log.take();
    assert_eq!(get_as(&app, "/required", bearer(&good(&fake))).await, app::unavailable());
    assert_eq!(
        log.take(),
        " WARN jwt_codec_axum::refusal: refused: the token cannot be checked now\n"
    );
}
