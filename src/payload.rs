//! The payload of a token (RFC 7519 §7.2): the caller's type is read, and the registered claims are
//! noted as they go by, in one pass. A second one would cost about a third of a decode.

use alloc::{borrow::Cow, string::String, vec::Vec};

use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Error as JsonError, Value};

use crate::{
    claims::Claim,
    error::{Error, JsonType, Reason, Segment, excerpt},
    json_reader::read_object,
    names::Names,
    skim::{JsonValue, each_member, find_reserved_name},
};

/// Reads the claims, and gives what was seen of them to the check; of the `required` ones, also
/// whether they are `null`. What the check finds comes before what the type thinks of the claims,
/// so that an expired token is `expired` even where the type refuses it.
#[inline]
pub(crate) fn read<'p, C: Deserialize<'p>>(
    payload: &'p [u8],
    required: &[String],
    check: impl Fn(&Seen<'p>) -> Result<(), Error>,
) -> Result<C, Error> {
    let malformed = |reason| Error::malformed(Segment::Payload, reason);
    let json = core::str::from_utf8(payload)
        .map_err(|error| malformed(Reason::Utf8 { offset: error.valid_up_to() }))?;
    let mut seen = Seen::new();
    if let Ok(claims) = read_object(json, |name, value| seen.note(name, value, required).is_ok()) {
        check(&seen)?;
        return Ok(claims);
    }

    if let Some(name) = find_reserved_name(json) {
        return Err(malformed(Reason::ReservedName { name: excerpt(&name) }));
    }

    // The slower way, for what the reader does not take and for saying what is wrong.
    let malformed_json = |error: JsonError| malformed(Reason::json(&error));
    serde_json::from_str::<IgnoredAny>(json).map_err(malformed_json)?;
    let seen = Seen::of(json, required).map_err(malformed)?;
    // From bytes: `serde_json` 1.0.154 makes broken text of a `str` whose map it reads as one with
    // `bool` for names, and panics on it.
    let claims = serde_json::from_slice(payload);
    if claims.is_err() && read_object::<Value>(json, |_, _| true).is_err() {
        // Some defects show only to a type that looks: half a character, nesting too deep.
        serde_json::from_str::<Value>(json).map_err(malformed_json)?;
    }
    check(&seen)?;
    claims.map_err(|error| Error::claims_mismatch(&error))
}

/// The top-level members.
#[derive(Debug)]
pub(crate) struct Seen<'p> {
    /// The value of each registered claim, by [`Claim`].
    registered: [Option<JsonValue<'p>>; Claim::ALL.len()],
    /// The names of the others.
    names: Names<'p>,
    /// Those of them that the policy requires and that are `null`.
    null: Vec<Cow<'p, str>>,
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
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "a call takes 2 % of a decode")]
    fn note(
        &mut self,
        name: Cow<'p, str>,
        value: JsonValue<'p>,
        required: &[String],
    ) -> Result<(), Reason> {
        let duplicate = |name: &str| Err(Reason::DuplicateName { name: excerpt(name) });
        if let Some(slot) = Claim::from_name(name.as_bytes()).and_then(|claim| self.slot(claim)) {
            return slot.replace(value).map_or(Ok(()), |_| duplicate(&name));
        }
        if required.iter().any(|one| *one == name) && value.json_type() == JsonType::Null {
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
        self.names.contains(name) && !self.null.iter().any(|null| null == name)
    }
}
