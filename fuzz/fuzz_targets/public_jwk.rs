//! Any text as a JWK, and as a JWK Set around it, for the algorithm that the first byte names: one
//! odd key never costs the set, and what is accepted is the same key when it is written and read
//! again.

#![no_main]

use jwt_codec::{Algorithm, Error, Key, KeySet, PrivateKey, PublicKey};
use jwt_codec_fuzz::{
    MAX_JWK, ReservedNames,
    expand::{expand, on_a_small_stack},
    public_keys::{algorithm_and_rest, check_error, check_private, check_public},
    reserved_names,
};
use libfuzzer_sys::fuzz_target;
use serde::de::IgnoredAny;

/// RFC 8037 A.2, with an id.
const GOOD: &str = r#"{"kty":"OKP","crv":"Ed25519","kid":"good","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

fuzz_target!(|data: &[u8]| {
    let Some((algorithm, rest)) = algorithm_and_rest(data) else { return };
    if let Some(Ok(text)) = expand(rest, MAX_JWK).map(String::from_utf8) {
        on_a_small_stack(|| check(algorithm, &text));
    }
});

fn check(algorithm: Algorithm, text: &str) {
    let rest = text.as_bytes();
    let public = [PublicKey::from_jwk(text), PublicKey::from_jwk_for(algorithm, text)];
    let private = [PrivateKey::from_jwk(text), PrivateKey::from_jwk_for(algorithm, text)];
    let secret = [Key::from_jwk(text), Key::from_jwk_for(algorithm, text)];
    for key in &public {
        key.as_ref().map_or_else(|error| check_error(error, rest), check_public);
    }
    for key in &private {
        key.as_ref().map_or_else(|error| check_error(error, rest), check_private);
    }
    for error in secret.iter().filter_map(|key| key.as_ref().err()) {
        check_error(error, rest);
    }
    // No text is two kinds of key.
    let kinds = [public[1].is_ok(), private[1].is_ok(), secret[1].is_ok()];
    assert!(kinds.into_iter().filter(|&is_ok| is_ok).count() <= 1, "{kinds:?}");

    // A set of it and of a good key.
    if serde_json::from_str::<IgnoredAny>(text).is_ok()
        && reserved_names(text) == ReservedNames::None
    {
        let set = format!(r#"{{"keys":[{text},{GOOD}]}}"#);
        let sets = [KeySet::from_jwks(&set), KeySet::from_jwks_for(algorithm, &set)];
        for (set, usable) in sets.into_iter().zip([
            public[0].is_ok() || secret[0].is_ok(),
            public[1].is_ok() || secret[1].is_ok() || public[0].is_ok(),
        ]) {
            let set = set.expect("one odd key never costs the set");
            assert!(set.contains("good"));
            let skipped = set.skipped();
            // The good one is skipped only for an id that the other has as well.
            assert_eq!(
                (set.len(), skipped.len()),
                if usable && set.len() == 2 { (2, 0) } else { (1, 1) }
            );
            skipped.iter().for_each(|skipped| check_error(&skipped.error, rest));
            check_published(&set);
        }
        // Of what somebody else publishes, no secret is trusted.
        for set in [KeySet::from_public_jwks(&set), KeySet::from_public_jwks_for(algorithm, &set)] {
            let set = set.expect("one odd key never costs the set");
            assert!(set.contains("good"));
            let is_secret = |name: &str| name.starts_with("HS");
            assert!(!set.iter().any(|key| is_secret(key.algorithm().name())), "{set:?}");
        }
    }
    // The text as a set of its own.
    match KeySet::from_jwks_for(algorithm, text) {
        Ok(set) => check_published(&set),
        Err(error) => check_error(&error, rest),
    }
}

/// What is published is read again, and has no secret.
fn check_published(set: &KeySet) {
    let published = set.public_jwks();
    let read = KeySet::from_jwks(&published).expect("it was written");
    assert!(read.skipped().is_empty(), "{published}");
    assert_eq!(read.public_jwks(), published);
    assert!(!published.contains("\"oct\"") && !published.contains("\"d\":"), "{published}");
    let _: Error = KeySet::from_jwks("").expect_err("no text is no set");
}
