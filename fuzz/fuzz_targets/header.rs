//! Any text as the JSON of a header, against a second reading of RFC 7515 §4: accepted is exactly
//! what that takes, with the same members.

#![no_main]

use jwt_codec::{Error, Header, Reason, Segment, decode_header};
use jwt_codec_fuzz::{MAX_HEADER, Members, RESERVED, encode_base64url};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, value::RawValue};

fuzz_target!(|text: &str| {
    let segment = encode_base64url(text.as_bytes());
    match (decode_header(&format!("{segment}..")), expected(text)) {
        (Ok(header), Expected::Accepted(members)) => check_members(&header, &members),
        (Ok(_) | Err(Error::Malformed { segment: Segment::Header, .. }), Expected::Either) => {}
        (Err(Error::Malformed { segment: Segment::Header, reason }), Expected::Refused)
            if segment.len() <= MAX_HEADER && !matches!(reason, Reason::TooLong { .. }) => {}
        (
            Err(Error::Malformed {
                segment: Segment::Header,
                reason: Reason::TooLong { len, max: MAX_HEADER },
            }),
            _,
        ) if segment.len() == len && len > MAX_HEADER => {}
        (found, _) => panic!("{text}: {found:?}"),
    }
});

enum Expected<'j> {
    Accepted(Members<'j>),
    Refused,
    /// `crit` or `b64` has a value that `serde_json` cannot hold: it may be read or not.
    Either,
}

fn expected(text: &str) -> Expected<'_> {
    let Some(members) = Members::read(text) else { return Expected::Refused };
    if members.has_repeated_name() || members.0.iter().any(|(name, _)| name.starts_with(RESERVED)) {
        return Expected::Refused;
    }
    let is_fine = |(name, value): &(String, &RawValue)| match name.as_str() {
        "alg" | "kid" | "typ" | "cty" => string(value).is_some(),
        _ => true,
    };
    if members.get("alg").is_none() || !members.0.iter().all(is_fine) {
        return Expected::Refused;
    }
    let cannot_be_held = |name: &&str| {
        members.get(name).is_some_and(|value| serde_json::from_str::<Value>(value).is_err())
    };
    if ["crit", "b64"].iter().any(cannot_be_held) {
        return Expected::Either;
    }
    Expected::Accepted(members)
}

fn string(value: &RawValue) -> Option<String> {
    serde_json::from_str(value.get()).ok()
}

fn check_members(header: &Header, members: &Members<'_>) {
    let expected = |name| members.get(name).map(|value| serde_json::from_str(value).expect("seen"));
    let found = [header.alg(), header.kid(), header.typ(), header.cty()];
    let found = found.map(|text| text.map(str::to_owned));
    assert_eq!(found, ["alg", "kid", "typ", "cty"].map(expected));
    for (name, value) in &members.0 {
        if !["alg", "kid", "typ", "cty"].contains(&name.as_str()) {
            assert_eq!(header.get(name), serde_json::from_str(value.get()).ok(), "{name}");
        }
    }
}
