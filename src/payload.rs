//! The payload of a token (RFC 7519 §7.2), read twice by `serde_json`: first the registered claims
//! and those that the policy names, for the policy, then the caller's type. So nothing that a type
//! does can hide a claim from the policy.

use alloc::{string::String, vec::Vec};

use serde::{
    Deserialize,
    de::{Error as _, IgnoredAny, MapAccess},
};
use serde_json::{Value, value::RawValue};

use crate::{
    claims::Claim,
    error::{Error, Reason, Segment},
    json::{Found, FoundIn, Members, Names, read_object},
};

/// Reads the claims. The check judges them before the caller's type sees them, so that an expired
/// token is `expired` even where the type refuses it.
#[inline]
pub(crate) fn read<'p, C: Deserialize<'p>>(
    payload: &'p [u8],
    wanted: Wanted<'_>,
    check: impl FnOnce(&Seen<'_, 'p>) -> Result<(), Error>,
) -> Result<C, Error> {
    let json = core::str::from_utf8(payload).map_err(|error| {
        Error::malformed(Segment::Payload, Reason::Utf8 { offset: error.valid_up_to() })
    })?;
    let mut seen = Seen::new(wanted);
    seen.read(json).map_err(|reason| Error::malformed(Segment::Payload, reason))?;
    check(&seen)?;
    // Given a `str` that is not ASCII, `serde_json` 1.0.154 panics where it reads a map with `bool`
    // keys; given bytes, it does not, but it takes longer.
    let claims =
        if json.is_ascii() { serde_json::from_str(json) } else { serde_json::from_slice(payload) };
    claims.map_err(|error| Error::claims_mismatch(&error))
}

/// The claims that the policy names beside the registered ones.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Wanted<'v> {
    /// Those that have to be there, and not be `null`.
    pub(crate) present: &'v [String],
    /// Those, registered ones among them, that have to have a value.
    pub(crate) equal: &'v [(String, Value)],
}

/// The claims as the policy sees them.
#[derive(Debug)]
pub(crate) struct Seen<'v, 'p> {
    wanted: Wanted<'v>,
    registered: [Option<Found<'p>>; Claim::ALL.len()],
    names: Names<'p>,
    /// Names of claims that have to be present and are `null`.
    null: Vec<String>,
    /// The claims that have to have a value.
    values: Vec<(String, Value)>,
}

impl<'v, 'p> Seen<'v, 'p> {
    /// Nothing yet.
    pub(crate) fn new(wanted: Wanted<'v>) -> Self {
        Self {
            wanted,
            registered: [const { None }; Claim::ALL.len()],
            names: Names::new(),
            null: Vec::new(),
            values: Vec::new(),
        }
    }

    /// Reads a payload: one JSON object, each name once.
    pub(crate) fn read(&mut self, json: &'p str) -> Result<(), Reason> {
        read_object(json, self)
    }

    /// The value of a registered claim.
    pub(crate) fn registered(&self, claim: Claim) -> Option<&Found<'p>> {
        self.registered.get(claim.index()).and_then(Option::as_ref)
    }

    /// Whether a claim that [`Wanted::present`] names is there, and not `null`.
    pub(crate) fn is_present(&self, name: &str) -> bool {
        self.names.contains(name) && !self.null.iter().any(|null| null == name)
    }

    /// The value of a claim that [`Wanted::equal`] names.
    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(seen, _)| seen == name).map(|(_, value)| value)
    }
}

impl<'p> Members<'p> for Seen<'_, 'p> {
    fn names(&mut self) -> &mut Names<'p> {
        &mut self.names
    }

    #[inline]
    fn take<A: MapAccess<'p>>(&mut self, name: &str, map: &mut A) -> Result<(), A::Error> {
        let slot = Claim::from_name(name).and_then(|claim| self.registered.get_mut(claim.index()));
        if self.wanted.equal.iter().any(|(wanted, _)| wanted == name) {
            let json = map.next_value::<&RawValue>()?.get();
            let value: Value = serde_json::from_str(json).map_err(A::Error::custom)?;
            if value.is_null() {
                self.null.push(name.into());
            }
            if let Some(slot) = slot {
                // Not of the value: an object with a reserved name can have become another type.
                *slot = Some(serde_json::from_str(json).map_err(A::Error::custom)?);
            }
            self.values.push((name.into(), value));
        } else if let Some(slot) = slot {
            map.next_value_seed(FoundIn(slot))?;
        } else if self.wanted.present.iter().any(|wanted| wanted == name) {
            if map.next_value::<Option<IgnoredAny>>()?.is_none() {
                self.null.push(name.into());
            }
        } else {
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}
