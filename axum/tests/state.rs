//! Where the extractors find what they need, and keys that change under them.

mod app;

use std::sync::Arc;

use app::{
    FOREVER, Session, auth, bearer, get_as, get_with, good, invalid, key, missing, ok, router,
};
use axum::{
    Router,
    extract::{FromRef, State},
    middleware::from_extractor_with_state,
    routing::get,
};
use jwt_codec::{Key, KeySet, Keys, Validation, Verifier, encode};
use jwt_codec_axum::{Allowed, Auth, Authenticated};
use serde_json::json;

/// A program's state, of which the extractors need a part.
#[derive(Clone)]
struct App {
    auth: Auth,
    name: &'static str,
}

impl FromRef<App> for Auth {
    fn from_ref(app: &App) -> Self {
        app.auth.clone()
    }
}

#[tokio::test]
async fn a_part_of_the_programs_state() {
    async fn both(State(app): State<App>, Authenticated(s): Authenticated<Session>) -> String {
        format!("{} of {}", s.sub, app.name)
    }
    let state = App { auth: auth(), name: "here" };
    let app = Router::new().route("/both", get(both)).with_state(state.clone());
    assert_eq!(get_as(&app, "/both", bearer(&good())).await, ok("ada of here"));
    assert_eq!(get_with(&app, "/both", &[]).await, missing());
    let app = router(state);
    assert_eq!(get_as(&app, "/required", bearer(&good())).await, ok("required ada"));
}

#[tokio::test]
async fn a_state_behind_an_arc() {
    async fn both(State(app): State<Arc<App>>, Authenticated(s): Authenticated<Session>) -> String {
        format!("{} of {}", s.sub, app.name)
    }
    let state = Arc::new(App { auth: auth(), name: "there" });
    let app = Router::new().route("/both", get(both)).with_state(state);
    assert_eq!(get_as(&app, "/both", bearer(&good())).await, ok("ada of there"));
    assert_eq!(get_with(&app, "/both", &[]).await, missing());
}

#[tokio::test]
async fn one_route_at_a_time() {
    async fn hello() -> &'static str {
        "hello"
    }
    let app = Router::new()
        .route("/guarded", get(hello))
        .route_layer(from_extractor_with_state::<Authenticated<Session>, _>(auth().realm("r")))
        .route(
            "/allowed",
            get(hello).route_layer(from_extractor_with_state::<Allowed<app::Read>, _>(auth())),
        )
        .route("/open", get(hello));
    assert_eq!(get_with(&app, "/open", &[]).await, ok("hello"));
    assert_eq!(get_as(&app, "/guarded", bearer(&good())).await, ok("hello"));
    assert_eq!(get_as(&app, "/allowed", bearer(&good())).await, app::no_scope());
    assert_eq!(get_with(&app, "/allowed", &[]).await, missing());
    let refused = get_with(&app, "/guarded", &[]).await;
    assert_eq!((refused.status, &*refused.challenge.unwrap()), (401, r#"Bearer realm="r""#));
}

/// Whatever the keys are, the type of the state is the same.
#[tokio::test]
async fn any_keys() {
    fn app(keys: impl Keys + Send + Sync + 'static) -> Router {
        router(Auth::new(Verifier::new(keys, Validation::new())))
    }
    let set = KeySet::new().with(key().with_id("1")).unwrap();
    for app in [app(key()), app(set.clone()), app(Arc::new(set)), app(Box::new(key()))] {
        assert_eq!(get_as(&app, "/required", bearer(&good())).await, ok("required ada"));
        assert_eq!(get_as(&app, "/required", bearer("a.b.c")).await, invalid());
    }
}

#[tokio::test]
async fn a_verifier_or_an_arc_of_one() {
    let verifier = || Verifier::new(key(), Validation::new());
    for auth in [Auth::new(verifier()), Auth::new(Arc::new(verifier()))] {
        let app = router(auth);
        assert_eq!(get_as(&app, "/required", bearer(&good())).await, ok("required ada"));
    }
}

#[tokio::test]
async fn keys_are_replaced_under_it() {
    let signed =
        |key: &Key| bearer(&encode(&json!({ "sub": "ada", "exp": FOREVER }), key).unwrap());
    let old = key().with_id("old");
    let new = Key::hs256("the newer secret, of 32 bytes or more").unwrap().with_id("new");
    let only = |key: &Key| KeySet::new().with(key.clone()).unwrap();

    let verifier = Arc::new(Verifier::new(only(&old), Validation::new()));
    let app = router(App { auth: Auth::new(Arc::clone(&verifier)), name: "" });
    assert_eq!(get_as(&app, "/required", signed(&old)).await, ok("required ada"));
    assert_eq!(get_as(&app, "/required", signed(&new)).await, invalid());

    verifier.replace_keys(only(&old).with(new.clone()).unwrap());
    assert_eq!(get_as(&app, "/required", signed(&old)).await, ok("required ada"));
    assert_eq!(get_as(&app, "/required", signed(&new)).await, ok("required ada"));

    verifier.replace_keys(only(&new));
    assert_eq!(get_as(&app, "/required", signed(&old)).await, invalid());
    assert_eq!(get_as(&app, "/required", signed(&new)).await, ok("required ada"));
}

#[test]
fn auth_is_shared_between_threads_and_shows_no_secret() {
    fn shared<T: Clone + Send + Sync + 'static>(_: &T) {}
    let auth = auth().cookie("session").realm("a \"realm\"");
    shared(&auth);
    let expected = r#"Auth { cookie: Some("session"), realm: Some("a \"realm\""), .. }"#;
    assert_eq!(format!("{auth:?}"), expected);
}
