//! The payload of a token (RFC 7519 §7.2): the caller's type is read by `serde_json`, the
//! registered claims by a skim over the same text.
//!
//! Parsing twice, once to check the claims and once for the caller's type, would cost about a
//! third of a decode, and watching the members go by in a wrapped deserializer about a quarter.

use alloc::{
    borrow::Cow,
    string::{String, ToString},
    vec::Vec,
};
use core::cmp::Reverse;

use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny},
};
use serde_json::{Error as JsonError, Value};

use crate::{
    claims::Claim,
    error::{Error, JsonType, Reason, Segment, excerpt},
    header::Header,
    names::Names,
    numeric_date::Rounding,
    skim::{JsonValue, each_member},
    validation::Validation,
};

/// The first characters of names that `serde_json` keeps for itself: a `Value` or a number is not
/// read as it stands if its object has such a member, so the claims that were checked would not be
/// those that the caller gets.
const RESERVED: &[u8] = b"$serde_json::private::";

/// Reads the claims and holds them against the policy: first what was signed, then what the caller
/// wants of it, so that an expired token is `expired` even where the type refuses it.
pub(crate) fn read_checked<C: DeserializeOwned>(
    payload: &[u8],
    header: &Header,
    validation: &Validation,
) -> Result<C, Error> {
    let check = |seen: &Seen<'_>| validation.check(header, seen);
    read(payload, validation.required_custom(), check, |json, seen| {
        serde_json::from_str(&seen.with_readable_dates(json)).ok()
    })
}

/// As [`read_checked`], but for claims that borrow from the payload.
pub(crate) fn read_checked_borrowed<'p, C: Deserialize<'p>>(
    payload: &'p [u8],
    header: &Header,
    validation: &Validation,
) -> Result<C, Error> {
    let check = |seen: &Seen<'_>| validation.check(header, seen);
    read(payload, validation.required_custom(), check, |_, _| None)
}

/// Reads the claims and checks none.
pub(crate) fn read_unchecked<C: DeserializeOwned>(payload: &[u8]) -> Result<C, Error> {
    read(payload, &[], |_| Ok(()), |_, _| None)
}

fn read<'p, C: Deserialize<'p>>(
    payload: &'p [u8],
    required: &[String],
    check: impl Fn(&Seen<'p>) -> Result<(), Error>,
    read_another_way: impl Fn(&'p str, &Seen<'p>) -> Option<C>,
) -> Result<C, Error> {
    let malformed = |reason| Error::malformed(Segment::Payload, reason);
    let json = core::str::from_utf8(payload)
        .map_err(|error| malformed(Reason::Utf8 { offset: error.valid_up_to() }))?;
    let seen = Seen::of(json, required).map_err(malformed)?;
    let claims = match serde_json::from_str(json) {
        Ok(claims) => Ok(claims),
        Err(error) => {
            find_defect(json, &seen).map_err(|error| malformed(Reason::json(&error)))?;
            read_another_way(json, &seen).ok_or(error)
        }
    };
    check(&seen)?;
    claims.map_err(|error| Error::claims_mismatch(&error))
}

/// Why a type did not read the text: because of a defect of the payload, which is the error, or
/// because it is not one for the type.
fn find_defect(json: &str, seen: &Seen<'_>) -> Result<(), JsonError> {
    serde_json::from_str::<IgnoredAny>(json)?;
    // Some defects show only to a type that looks: half a character, nesting too deep.
    serde_json::from_str::<Value>(&seen.with_readable_dates(json))?;
    Ok(())
}

/// The top-level members.
#[derive(Debug)]
pub(crate) struct Seen<'p> {
    /// The value of each registered claim, by [`Claim`].
    registered: [Option<JsonValue<'p>>; Claim::ALL.len()],
    /// The names of the others.
    names: Names<'p>,
    /// Those of them that the policy requires and that are `null`.
    null: Vec<Cow<'p, [u8]>>,
}

impl<'p> Seen<'p> {
    /// The members of the object that is the text, each name once.
    fn of(json: &'p str, required: &[String]) -> Result<Self, Reason> {
        let mut seen =
            Self { registered: [None; Claim::ALL.len()], names: Names::new(), null: Vec::new() };
        each_member(json, |name, value| {
            let name = name.read().map_err(|error| Reason::json(&error))?;
            let is_new = match Claim::from_name(&name).and_then(|claim| seen.slot(claim)) {
                Some(slot) => slot.replace(value).is_none(),
                None if name.starts_with(RESERVED) => {
                    return Err(Reason::ReservedName { name: excerpt_bytes(&name) });
                }
                None => {
                    if required.iter().any(|one| one.as_bytes() == &*name)
                        && value.json_type() == JsonType::Null
                    {
                        seen.null.push(name.clone());
                    }
                    seen.names.insert(name.clone())
                }
            };
            if is_new { Ok(()) } else { Err(Reason::DuplicateName { name: excerpt_bytes(&name) }) }
        })?;
        Ok(seen)
    }

    fn slot(&mut self, claim: Claim) -> Option<&mut Option<JsonValue<'p>>> {
        self.registered.get_mut(claim.index())
    }

    /// The value of a registered claim.
    pub(crate) fn registered(&self, claim: Claim) -> Option<JsonValue<'p>> {
        self.registered.get(claim.index()).copied().flatten()
    }

    /// Whether a required claim that is not a registered one is there, `null` being absent.
    pub(crate) fn has_custom(&self, name: &str) -> bool {
        let name = name.as_bytes();
        self.names.contains(name) && !self.null.iter().any(|null| **null == *name)
    }

    /// The text with each date that `serde_json` cannot hold, such as `1e400`, written as the
    /// nearer end of `i64`, which is what it counts as.
    fn with_readable_dates(&self, json: &'p str) -> Cow<'p, str> {
        let mut readable = Cow::Borrowed(json);
        let dates = [Claim::ExpirationTime, Claim::NotBefore, Claim::IssuedAt];
        let mut dates = dates.map(|claim| self.registered(claim));
        // From the last one on, so that the others stay where they are.
        dates.sort_by_key(|date| Reverse(date.map(|date| date.offset(json))));
        for date in dates.into_iter().flatten().filter(|date| date.is_unreadable_number()) {
            if let (Ok(number), Ok(end)) = (date.raw(), date.date(Rounding::Down)) {
                let start = date.offset(json);
                let range = start..start.saturating_add(number.len());
                readable.to_mut().replace_range(range, &end.to_string());
            }
        }
        readable
    }
}

fn excerpt_bytes(name: &[u8]) -> String {
    excerpt(&String::from_utf8_lossy(name))
}
