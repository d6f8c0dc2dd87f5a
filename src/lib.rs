//! JSON Web Tokens.
#![cfg_attr(not(feature = "std"), no_std)]

extern crate alloc;

mod algorithm;
mod base64url;
mod claims;
pub mod dangerous;
mod decode;
mod encode;
mod error;
mod header;
mod json_buffer;
mod jwk;
mod key;
mod key_set;
mod names;
mod numeric_date;
mod payload;
mod skim;
mod token;
mod validation;
mod watch;

pub use algorithm::Algorithm;
pub use claims::{Audience, Claim, Claims, RegisteredClaims};
pub use decode::{decode, decode_borrowed, decode_header};
pub use encode::{encode, encode_into, encode_with_header, sign};
pub use error::{Error, JsonType, Reason, Segment};
pub use header::Header;
pub use key::Key;
pub use key_set::{KeySet, Keys};
pub use numeric_date::NumericDate;
pub use token::{TokenData, UnverifiedToken, VerifiedToken};
pub use validation::Validation;
