//! The claims (RFC 7519 §4): the seven registered claims and the caller's custom claims, in one flat
//! JSON object.

mod audience;
mod custom;
mod custom_name;
mod float_probe;
pub(crate) mod name;
pub(crate) mod numeric_date;
mod registered;
mod scan;
mod unserializable;
mod write;

use alloc::string::String;

pub use audience::Audience;
pub use name::Claim;
pub use numeric_date::NumericDate;
pub use registered::RegisteredClaims;
pub(crate) use scan::{ClaimSummary, Id, Interest, TypeLeniency, read_issuer, scan};
pub(crate) use write::write_claims;

/// The registered claims and your custom claims, in one flat JSON object.
///
/// `T` holds the custom claims: a struct, a map, an internally tagged or untagged enum of structs, a
/// newtype or pointer of these, an `Option` of these (`None` if there is no custom claim), or `()`. It
/// receives only the claims that are not registered, even where it asks for all of them with
/// `#[serde(flatten)]`.
///
/// A struct `T` must not have a field with the name of a registered claim, such as `sub` or `exp`: use
/// the one in [`registered`](Claims::registered), or use a struct of your own for all claims instead of
/// `Claims`. Otherwise [`encode`](crate::encode()) and [`decode`](crate::decode()) reject the struct
/// and name the field. serde does not tell the names of all fields: after `#[serde(flatten)]` and in
/// an enum, such a field is read as absent. A struct that flattens [`RegisteredClaims`] itself cannot
/// be a `T`; use it without `Claims`.
///
/// What `encode` writes, `decode` reads back, as far as JSON and serde can. A custom float that is infinite
/// or not a number becomes `null`. Any other float may change in its last bit, unless the feature
/// `float_roundtrip` of `serde_json` is on. `Some(())` and `Some(None)` come back as `None`. A map after
/// `#[serde(flatten)]`, or in an enum that is not externally tagged, can only be read if its keys are
/// strings. A `serde_json::Value` can only be read if it is nested less than 127 levels deep.
///
/// ```
/// use std::time::Duration;
/// use jwt_codec::{Claims, Key, Validation, decode, encode};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, PartialEq, Serialize, Deserialize)]
/// struct Session { roles: Vec<String> }
///
/// let key = Key::hs256(b"at least 32 bytes, better random")?;
/// let claims = Claims::new(Session { roles: vec!["admin".into()] })
///     .issuer("https://login.example")
///     .subject("ada")
///     .issued_now()
///     .expires_in(Duration::from_secs(1800));
/// let token = encode(&claims, &key)?;
///
/// let data = decode::<Claims<Session>>(&token, &key, &Validation::new())?;
/// assert_eq!(data.claims.registered.sub.as_deref(), Some("ada"));
/// assert_eq!(data.claims.custom.roles, ["admin"]);
/// # Ok::<(), jwt_codec::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Claims<T> {
    /// The registered claims.
    pub registered: RegisteredClaims,
    /// Your custom claims.
    pub custom: T,
}

impl<T> Claims<T> {
    /// Wraps your custom claims. No registered claim is set.
    #[must_use]
    pub fn new(custom: T) -> Self {
        Self { registered: RegisteredClaims::default(), custom }
    }

    /// Sets `iss`: who issues the token.
    #[must_use]
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.registered.iss = Some(issuer.into());
        self
    }

    /// Sets `sub`: whom the token is about.
    #[must_use]
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.registered.sub = Some(subject.into());
        self
    }

    /// Sets `aud`: whom the token is for, one string or a list.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<Audience>) -> Self {
        self.registered.aud = Some(audience.into());
        self
    }

    /// Sets `jti`: the id of the token. You can revoke the token by it.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.registered.jti = Some(id.into());
        self
    }

    /// Sets `iat`: when the token was issued.
    #[must_use]
    pub fn issued_at(mut self, date: NumericDate) -> Self {
        self.registered.iat = Some(date);
        self
    }

    /// Sets `iat` to now, by the system clock.
    #[cfg(all(feature = "std", not(all(target_family = "wasm", target_os = "unknown"))))]
    #[must_use]
    pub fn issued_now(self) -> Self {
        self.issued_at(NumericDate::now())
    }

    /// Sets `nbf`: the time before which the token is not valid yet.
    #[must_use]
    pub fn not_before(mut self, date: NumericDate) -> Self {
        self.registered.nbf = Some(date);
        self
    }

    /// Sets `exp`: the time from which the token is expired.
    #[must_use]
    pub fn expires_at(mut self, date: NumericDate) -> Self {
        self.registered.exp = Some(date);
        self
    }

    /// Sets `exp` to `iat` plus `span`, in whole seconds. If no `iat` was set before, `span` counts from
    /// now, by the system clock.
    ///
    /// ```
    /// use std::time::Duration;
    /// use jwt_codec::{Claims, NumericDate};
    ///
    /// let issued = NumericDate::from_secs(1_600_000_000);
    /// let claims = Claims::new(()).issued_at(issued).expires_in(Duration::from_secs(60));
    /// assert_eq!(claims.registered.exp, Some(NumericDate::from_secs(1_600_000_060)));
    /// ```
    #[cfg(all(feature = "std", not(all(target_family = "wasm", target_os = "unknown"))))]
    #[must_use]
    pub fn expires_in(self, span: core::time::Duration) -> Self {
        let start = self.registered.iat.unwrap_or_else(NumericDate::now);
        self.expires_at(start + span)
    }
}
