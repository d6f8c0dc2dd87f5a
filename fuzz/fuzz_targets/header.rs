//! Any text as the JSON of a header, against a second reading of RFC 7515 §4: accepted is exactly
//! what that takes, with the same members.

#![no_main]

use jwt_codec::{Error, Header, Reason, Segment, decode_header};
use jwt_codec_fuzz::{
    MAX_HEADER, Members, ReservedNames, encode_base64url,
    expand::{expand, on_a_small_stack},
    reserved_names,
};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, value::RawValue};

/// The members that have methods of their own, and are strings.
const NAMED: [&str; 4] = ["alg", "kid", "typ", "cty"];

fuzz_target!(|data: &[u8]| {
    if let Some(Ok(text)) = expand(data, 2 * MAX_HEADER).map(String::from_utf8) {
        on_a_small_stack(|| check(&text));
    }
});

fn check(text: &str) {
    let segment = encode_base64url(text.as_bytes());
    let found = decode_header(&format!("{segment}.."));
    let malformed = match &found {
        Err(Error::Malformed { segment: Segment::Header, reason }) => Some(reason),
        _ => None,
    };
    if segment.len() > MAX_HEADER {
        let reason = Reason::TooLong { len: segment.len(), max: MAX_HEADER };
        assert_eq!(malformed, Some(&reason));
        return;
    }
    assert!(!matches!(malformed, Some(Reason::TooLong { .. })));
    match (&found, expected(text)) {
        (Ok(header), Expected::Accepted(members)) => check_members(header, &members),
        (Ok(_), Expected::Either) => {}
        (Err(_), Expected::Refused | Expected::Either) if malformed.is_some() => {}
        _ => panic!("{text}: {found:?}"),
    }
}

enum Expected<'j> {
    Accepted(Members<'j>),
    Refused,
    /// `crit` or `b64` is of another type than theirs, or something resembles a reserved name: it may
    /// be read or not.
    Either,
}

fn expected(text: &str) -> Expected<'_> {
    let Some(members) = Members::read(text) else { return Expected::Refused };
    if members.has_repeated_name() {
        return Expected::Refused;
    }
    match reserved_names(text) {
        ReservedNames::Some => return Expected::Refused,
        ReservedNames::Perhaps => return Expected::Either,
        ReservedNames::None => {}
    }
    let is_fine = |(name, value): &(String, &RawValue)| {
        !NAMED.contains(&name.as_str()) || serde_json::from_str::<String>(value.get()).is_ok()
    };
    if members.get("alg").is_none() || !members.0.iter().all(is_fine) {
        return Expected::Refused;
    }
    // Of these, a value of another type may hold what cannot be read, such as 1e400.
    let is_odd =
        |name, is_right: fn(&str) -> bool| members.get(name).is_some_and(|value| !is_right(value));
    if is_odd("crit", |value| serde_json::from_str::<Vec<String>>(value).is_ok())
        || is_odd("b64", |value| serde_json::from_str::<bool>(value).is_ok())
    {
        return Expected::Either;
    }
    Expected::Accepted(members)
}

fn check_members(header: &Header, members: &Members<'_>) {
    let expected = |name| members.get(name).map(|value| serde_json::from_str(value).expect("seen"));
    let found = [header.alg(), header.kid(), header.typ(), header.cty()];
    let found = found.map(|text| text.map(str::to_owned));
    assert_eq!(found, NAMED.map(expected));
    for (name, value) in &members.0 {
        if !NAMED.contains(&name.as_str()) {
            // One deeper than by itself, as in the header.
            let list = serde_json::from_str::<[Value; 1]>(&format!("[{}]", value.get()));
            assert_eq!(header.get(name), list.ok().map(|[value]| value), "{name}");
        }
    }
}
