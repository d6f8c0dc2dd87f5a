//! What can verify tokens and what can sign them.

mod candidates;
mod detect;
mod hmac;
mod info;
mod jwk;
mod jwk_set;
mod key_set;
mod secret;
mod select;
mod sign;
mod text;
mod verification_key;

#[cfg(feature = "public-keys")]
mod backend;
#[cfg(feature = "public-keys")]
mod der;
#[cfg(feature = "public-keys")]
mod der_writer;
#[cfg(feature = "public-keys")]
mod kind;
#[cfg(feature = "public-keys")]
mod pem;
#[cfg(feature = "public-keys")]
mod private;
#[cfg(feature = "public-keys")]
mod public;
#[cfg(feature = "public-keys")]
mod rsa;

pub(crate) use self::{
    candidates::{BoundIssuers, Selection},
    info::KeyInfo,
};
pub use self::{
    hmac::Key,
    key_set::{KeySet, SkippedKey},
    select::Keys,
    sign::SigningKey,
    verification_key::VerificationKey,
};
#[cfg(feature = "public-keys")]
pub use self::{private::PrivateKey, public::PublicKey};
