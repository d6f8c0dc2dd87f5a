//! The crate beside `jsonwebtoken` and `serde_json`, on any header and payload (first line and
//! rest) with the right signature: what this crate accepts, they accept with equal claims; what it
//! refuses and they accept, it refuses for a reason that is listed here. So the other way round.

#![no_main]

use std::sync::LazyLock;

use jsonwebtoken::errors::ErrorKind;
use jwt_codec::{
    Algorithm, Claim, Error, JsonType, NumericDate, Reason, Segment, Validation, decode,
};
use jwt_codec_fuzz::{
    MAX_HEADER, MAX_TOKEN, Members, ReservedNames, SECRET, algorithm_of, expand::expand,
    header_and_payload, key, reserved_names, token,
};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const ISSUERS: [&str; 2] = ["me", "you"];
const AUDIENCES: [&str; 2] = ["api", "web"];
const SUBJECT: &str = "ada";

/// One policy that checks times alone, and one that checks all that both crates can.
static OURS: LazyLock<[Validation; 2]> = LazyLock::new(|| {
    let full = Validation::new().issuers(ISSUERS).audiences(AUDIENCES).subject(SUBJECT);
    [Validation::new().allow_missing_exp(), full]
});

fn theirs(algorithm: Algorithm) -> [jsonwebtoken::Validation; 2] {
    let algorithm = algorithm.name().parse().expect("both have the three");
    let mut full = jsonwebtoken::Validation::new(algorithm);
    full.leeway = 0;
    full.validate_nbf = true;
    let mut times = full.clone();
    times.required_spec_claims.clear();
    full.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    full.set_issuer(&ISSUERS);
    full.set_audience(&AUDIENCES);
    full.sub = Some(SUBJECT.into());
    [times, full]
}

fuzz_target!(|data: &[u8]| {
    let Some((header, payload)) = header_and_payload(data) else { return };
    let (Some(header), Some(payload)) = (expand(header, MAX_TOKEN), expand(payload, MAX_TOKEN))
    else {
        return;
    };
    let (header, payload) = (&*header, &*payload);
    let algorithm = algorithm_of(header);
    let token = token(algorithm, header, payload);
    let our_key = key(algorithm);
    // In strings in such members, `serde_json` starts counting the levels anew, and overflows the stack.
    if [header, payload].into_iter().any(has_reserved_name) {
        assert!(OURS.iter().all(|ours| decode::<Value>(&token, &our_key, ours).is_err()));
        return;
    }
    let their_key = jsonwebtoken::DecodingKey::from_secret(SECRET).expect("it is long enough");

    for (ours, theirs) in OURS.iter().zip(theirs(algorithm)) {
        let now = NumericDate::now();
        let theirs = jsonwebtoken::decode::<Value>(&token, &their_key, &theirs);
        if NumericDate::now() != now {
            return; // They read the clock themselves, and the second is over.
        }
        let ours = decode::<Value>(&token, &our_key, &ours.clone().at(now));
        let case = Case { token: &token, header, payload, now: now.as_secs() };
        match (ours, theirs) {
            (Ok(ours), Ok(theirs)) => assert_eq!(ours.claims, theirs.claims),
            (Ok(ours), Err(theirs)) => {
                assert!(case.they_may_refuse(theirs.kind()), "only they refuse: {theirs:?}");
                if let Ok(theirs) = serde_json::from_slice::<Value>(payload) {
                    assert_eq!(ours.claims, theirs);
                }
            }
            (Err(ours), Ok(_)) => assert!(case.we_may_refuse(&ours), "only we refuse: {ours:?}"),
            (Err(_), Err(_)) => {}
        }
    }
});

fn has_reserved_name(json: &[u8]) -> bool {
    std::str::from_utf8(json).is_ok_and(|text| reserved_names(text) == ReservedNames::Some)
}

struct Case<'c> {
    token: &'c str,
    header: &'c [u8],
    payload: &'c [u8],
    now: i64,
}

impl Case<'_> {
    /// Whether this is one of the points in which this crate is stricter, and it is that one.
    fn we_may_refuse(&self, error: &Error) -> bool {
        match error {
            // They read a token of any length.
            Error::TokenTooLong { .. } => self.token.len() > MAX_TOKEN,
            Error::Malformed { segment: Segment::Header, reason } => match reason {
                // And a header of any length.
                Reason::TooLong { .. } => self.token.find('.') > Some(MAX_HEADER),
                // In their header, the last of the members of one name that they do not know counts.
                Reason::DuplicateName { .. } => members(self.header).has_repeated_name(),
                // A `Value` does not read an object with such a name as it stands.
                Reason::ReservedName => reserved_names(text(self.header)) != ReservedNames::None,
                // There `null` is as good as absent; RFC 7515 §4.1 wants strings.
                Reason::ParameterType { name: name @ ("kid" | "typ" | "cty"), .. } => {
                    members(self.header).get(name) == Some("null")
                }
                // So there, and no other wrong type of it.
                Reason::ParameterType { name: "crit", .. } => {
                    members(self.header).get("crit") == Some("null")
                }
                _ => false,
            },
            Error::Malformed { segment: Segment::Payload, reason } => match reason {
                // In their claims, the last of one name that they do not check counts.
                Reason::DuplicateName { .. } => members(self.payload).has_repeated_name(),
                Reason::ReservedName => reserved_names(text(self.payload)) != ReservedNames::None,
                // They take an array for the claims, as serde takes one for a struct.
                Reason::NotAnObject { found } => *found == JsonType::Array,
                _ => false,
            },
            // They know the extension of RFC 7797, as far as it changes nothing.
            Error::UnsupportedCritical { .. } => {
                let header = members(self.header);
                header.get("crit").is_some() && header.get("b64") == Some("true")
            }
            // They do not look at `typ` (RFC 8725 §3.11).
            Error::UnexpectedType { .. } => {
                let typ = members(self.header).get("typ").map(str::to_ascii_lowercase);
                typ.is_some_and(|typ| typ != r#""jwt""#)
            }
            // A claim that is `null` is absent for them; one that nobody asked for is not looked at,
            // but for `aud` and the dates that count; and `iss` may be a list.
            Error::InvalidClaimType { claim, .. } => {
                let json = members(self.payload).get(claim.name()).expect("it is there");
                match claim {
                    Claim::Issuer | Claim::Subject | Claim::JwtId => !json.starts_with('"'),
                    Claim::Audience => json == "null",
                    Claim::ExpirationTime | Claim::NotBefore => false,
                    Claim::IssuedAt => {
                        !json.starts_with(|start: char| start == '-' || start.is_ascii_digit())
                    }
                }
            }
            // For them the very second of `exp` is not late yet (RFC 7519 §4.1.4: it must be
            // before), and a fraction is rounded.
            Error::Expired { exp, .. } => exp.as_secs() == self.now,
            // A fraction is rounded, so up to half a second early.
            Error::NotYetValid { not_before, .. } => not_before.as_secs() == self.now + 1,
            _ => false,
        }
    }

    /// The points in which they are stricter.
    fn they_may_refuse(&self, kind: &ErrorKind) -> bool {
        let date = |name: &str| {
            let json = members(self.payload).get(name)?;
            json.parse::<f64>().ok() // Infinite if it is out of range.
        };
        // Dates before 1970 and beyond u64 are no dates for them (RFC 7519 §2: any number).
        let odd = |name: &str| date(name).is_some_and(|date| date < 0.0 || date >= 2_f64.powi(64));
        match kind {
            ErrorKind::InvalidClaimFormat(name) => odd(name),
            ErrorKind::MissingRequiredClaim(name) => name == "exp" && odd(name),
            ErrorKind::Json(_) => {
                // They want header members that nobody asked for to be of the right type.
                let typed =
                    ["jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256", "enc", "zip", "url", "nonce"];
                let header = members(self.header);
                // And `serde_json` cannot hold every number; as a date, that is the end of i64.
                typed.into_iter().any(|name| header.get(name).is_some())
                    // To them the others are values like any other, so those inputs are skipped here.
                    || serde_json::from_slice::<Value>(self.header).is_err()
                    || ["exp", "nbf", "iat"].into_iter().filter_map(date).any(f64::is_infinite)
            }
            _ => false,
        }
    }
}

fn text(json: &[u8]) -> &str {
    std::str::from_utf8(json).expect("both read it")
}

fn members(json: &[u8]) -> Members<'_> {
    Members::read(text(json)).expect("both read an object")
}
