//! The payload of a token (RFC 7519 §7.2): the caller's type is read by `serde_json`, and the
//! registered claims are noted as they go by. Parsing twice would cost about a third of a decode.

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
    error::{Error, JsonType, Reason, Segment, excerpt_bytes},
    names::Names,
    numeric_date::Rounding,
    skim::{JsonValue, each_member, find_reserved_name},
    watch::read_watched,
};

/// Reads the claims, and gives what was seen of them to the check; of the `required` ones, also
/// whether they are `null`. What the check finds comes before what the type thinks of the claims,
/// so that an expired token is `expired` even where the type refuses it.
#[inline]
pub(crate) fn read<'p, C: DeserializeOwned>(
    payload: &'p [u8],
    required: &[String],
    check: impl Fn(&Seen<'p>) -> Result<(), Error>,
) -> Result<C, Error> {
    read_or(payload, required, check, |json, seen, error| match seen.with_readable_dates(json) {
        Cow::Borrowed(_) => Err(error),
        Cow::Owned(readable) => serde_json::from_str(&readable),
    })
}

/// As [`read`], but for claims that borrow from the payload.
#[inline]
pub(crate) fn read_borrowed<'p, C: Deserialize<'p>>(
    payload: &'p mut Vec<u8>,
    required: &[String],
    check: impl Fn(&Seen<'p>) -> Result<(), Error>,
) -> Result<C, Error> {
    make_dates_readable(payload);
    read_or(payload, required, check, |_, _, error| Err(error))
}

#[inline]
fn read_or<'p, C: Deserialize<'p>>(
    payload: &'p [u8],
    required: &[String],
    check: impl Fn(&Seen<'p>) -> Result<(), Error>,
    read_another_way: impl Fn(&'p str, &Seen<'p>, JsonError) -> Result<C, JsonError>,
) -> Result<C, Error> {
    let malformed = |reason| Error::malformed(Segment::Payload, reason);
    let json = core::str::from_utf8(payload)
        .map_err(|error| malformed(Reason::Utf8 { offset: error.valid_up_to() }))?;
    if let Some(name) = find_reserved_name(json) {
        return Err(malformed(Reason::ReservedName { name: excerpt_bytes(&name) }));
    }

    let mut seen = Seen::new();
    if let Ok(claims) = read_watched(json, |name, value| {
        seen.note(Cow::Borrowed(name.as_bytes()), value, required).is_ok()
    }) {
        check(&seen)?;
        return Ok(claims);
    }

    // The slower way, for what cannot be watched and for saying what is wrong.
    let malformed_json = |error: JsonError| malformed(Reason::json(&error));
    serde_json::from_str::<IgnoredAny>(json).map_err(malformed_json)?;
    let seen = Seen::of(json, required).map_err(malformed)?;
    let claims = serde_json::from_str(json).or_else(|error| read_another_way(json, &seen, error));
    if claims.is_err() {
        // Some defects show only to a type that looks: half a character, nesting too deep.
        serde_json::from_str::<Value>(&seen.with_readable_dates(json)).map_err(malformed_json)?;
    }
    check(&seen)?;
    claims.map_err(|error| Error::claims_mismatch(&error))
}

/// What [`Seen::with_readable_dates`] does, in place: claims that borrow have to do so from the
/// text as it is read first.
fn make_dates_readable(payload: &mut Vec<u8>) {
    if !may_have_huge_number(payload) {
        return;
    }
    let Ok(json) = core::str::from_utf8(payload) else { return };
    // Only what is a number may be written anew.
    let is_json = serde_json::from_str::<IgnoredAny>(json).is_ok();
    let readable = Seen::of(json, &[]).map(|seen| seen.with_readable_dates(json));
    if let (true, Ok(Cow::Owned(readable))) = (is_json, readable) {
        *payload = readable.into_bytes();
    }
}

/// Whether there is an exponent, or a whole block of digits: one of them is in every number that is
/// out of range.
fn may_have_huge_number(payload: &[u8]) -> bool {
    const BLOCK: usize = 64;

    // Without an early exit the compiler uses vectors.
    let behind = payload.get(1..).unwrap_or_default();
    let exponents = payload.iter().zip(behind).fold(0, |any, (&byte, &next)| {
        any | (u8::from(byte.wrapping_sub(b'0') < 10) & u8::from(next | 0x20 == b'e'))
    });
    let is_all_digits = |block: &[u8]| block.len() == BLOCK && block.iter().all(u8::is_ascii_digit);
    exponents != 0 || payload.chunks(BLOCK).any(is_all_digits)
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
    #[inline]
    fn new() -> Self {
        Self { registered: [None; Claim::ALL.len()], names: Names::new(), null: Vec::new() }
    }

    /// The members of the object that is the text.
    fn of(json: &'p str, required: &[String]) -> Result<Self, Reason> {
        let mut seen = Self::new();
        each_member(json, |name, value| {
            let name = name.read().map_err(|error| Reason::json(&error))?;
            seen.note(name, value, required)
        })?;
        Ok(seen)
    }

    /// Takes a member, each name once.
    #[inline]
    fn note(
        &mut self,
        name: Cow<'p, [u8]>,
        value: JsonValue<'p>,
        required: &[String],
    ) -> Result<(), Reason> {
        let duplicate = |name: &[u8]| Err(Reason::DuplicateName { name: excerpt_bytes(name) });
        if let Some(slot) = Claim::from_name(&name).and_then(|claim| self.slot(claim)) {
            return slot.replace(value).map_or(Ok(()), |_| duplicate(&name));
        }
        if required.iter().any(|one| one.as_bytes() == &*name)
            && value.json_type() == JsonType::Null
        {
            self.null.push(name.clone());
        }
        self.names.insert(name).or_else(|name| duplicate(&name))
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
            let start = date.offset(json);
            let range = start..start.saturating_add(date.text().len());
            readable.to_mut().replace_range(range, &date.date(Rounding::Down).to_string());
        }
        readable
    }
}
