//! What several fuzz targets need: a signature made without the crate under test, a slow and
//! obvious base64url, and an object's members as they stand.

pub mod expand;
pub mod public_keys;

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use jwt_codec::{Algorithm, Key};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;
use sha2::{Sha256, Sha384, Sha512};

/// Long enough for every algorithm.
pub const SECRET: &[u8; 64] = b"sixty-four bytes, which is as long as HS512 wants its secrets...";

pub const ALGORITHMS: [Algorithm; 3] = [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512];

/// The names of RFC 7519 §4.1.
pub const REGISTERED: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];

/// An object with a member so named is not read as it stands by `serde_json::Value`.
pub const RESERVED: &str = "$serde_json::private::";

/// The longest token and the longest header that are read by default, in bytes.
pub const MAX_TOKEN: usize = 65_536;
pub const MAX_HEADER: usize = 8_192;

/// The longest JWK and JWK Set that targets try: the powers of two up to 1 MiB, and something around.
pub const MAX_JWK: usize = (1 << 20) + 4_096;

/// The most keys of a JWK Set that are kept as skipped.
pub const MAX_SKIPPED: usize = 10_000;

pub fn key(algorithm: Algorithm) -> Key {
    Key::new(algorithm, SECRET).expect("the secret is long enough")
}

/// The signature segment, not by way of the crate under test.
pub fn mac(algorithm: Algorithm, secret: &[u8], input: &str) -> String {
    fn tag<M: Mac + KeyInit>(secret: &[u8], input: &str) -> String {
        let mac = <M as KeyInit>::new_from_slice(secret).expect("HMAC takes any length");
        encode_base64url(&mac.chain_update(input).finalize().into_bytes())
    }

    match algorithm {
        Algorithm::Hs256 => tag::<Hmac<Sha256>>(secret, input),
        Algorithm::Hs384 => tag::<Hmac<Sha384>>(secret, input),
        _ => tag::<Hmac<Sha512>>(secret, input),
    }
}

/// A token of any two segments, with the right signature.
pub fn token_of_segments(algorithm: Algorithm, header: &str, payload: &str) -> String {
    let input = format!("{header}.{payload}");
    let signature = mac(algorithm, SECRET, &input);
    format!("{input}.{signature}")
}

/// A token of any header and payload, with the right signature.
pub fn token(algorithm: Algorithm, header: &[u8], payload: &[u8]) -> String {
    token_of_segments(algorithm, &encode_base64url(header), &encode_base64url(payload))
}

/// Header and payload: the first line and the rest, so that seeds can be read and written.
pub fn header_and_payload(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = data.iter().position(|&byte| byte == b'\n')?;
    Some((&data[..end], &data[end + 1..]))
}

/// The algorithm that a header seems to name; the target signs with it.
pub fn algorithm_of(header: &[u8]) -> Algorithm {
    let names =
        |algorithm: &Algorithm| header.windows(5).any(|text| text == algorithm.name().as_bytes());
    ALGORITHMS.into_iter().find(names).unwrap_or(Algorithm::Hs256)
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// RFC 4648 §5 without padding, one bit after the other.
pub fn encode_base64url(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 4 / 3 + 1);
    let (mut index, mut len) = (0, 0);
    for bit in bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)) {
        index = index << 1 | bit;
        len += 1;
        if len == 6 {
            text.push(char::from(ALPHABET[usize::from(index)]));
            (index, len) = (0, 0);
        }
    }
    if len > 0 {
        text.push(char::from(ALPHABET[usize::from(index << (6 - len))]));
    }
    text
}

/// RFC 4648 §5 without padding, one bit after the other; `None` for every spelling but the canonical
/// one.
pub fn decode_base64url(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let (mut byte, mut len) = (0, 0);
    for letter in text.bytes() {
        let index = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        for bit in (0..6).rev() {
            byte = byte << 1 | index >> bit & 1;
            len += 1;
            if len == 8 {
                bytes.push(byte);
                (byte, len) = (0, 0);
            }
        }
    }
    (len < 6 && byte == 0).then_some(bytes)
}

/// The members of a JSON object in their order, repeated names too, the values unread.
pub struct Members<'j>(pub Vec<(String, &'j RawValue)>);

impl<'j> Members<'j> {
    pub fn read(json: &'j str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }

    /// The JSON text of the member of that name.
    pub fn get(&self, name: &str) -> Option<&'j str> {
        self.0.iter().find(|(member, _)| member == name).map(|(_, value)| value.get())
    }

    pub fn has_repeated_name(&self) -> bool {
        let mut names: Vec<&str> = self.0.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names.windows(2).any(|pair| pair[0] == pair[1])
    }
}

/// Whether a JSON text has names that `serde_json` keeps for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReservedNames {
    None,
    /// Something in the text resembles one, such as a string: it may be refused.
    Perhaps,
    /// An object has one, at whatever depth: it has to be refused.
    Some,
}

/// Goes over the strings of the text, which need not be JSON, one after the other and without
/// recursion.
pub fn reserved_names(text: &str) -> ReservedNames {
    let mut rest = text;
    while let Some(start) = rest.find('"') {
        let string = &rest[start + 1..];
        let mut is_escaped = false;
        let end = string.bytes().position(|byte| {
            let is_end = byte == b'"' && !is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
            is_end
        });
        let Some(end) = end else { break };
        rest = &string[end + 1..];
        let string = &string[..end];
        let unescaped = serde_json::from_str::<String>(&format!("\"{string}\""));
        let is_reserved = unescaped.is_ok_and(|string| string.contains(RESERVED));
        if is_reserved && rest.trim_start_matches([' ', '\t', '\n', '\r']).starts_with(':') {
            return ReservedNames::Some;
        }
    }
    if resembles_reserved(text) { ReservedNames::Perhaps } else { ReservedNames::None }
}

/// As a search may see it that tells neither an escape from an escaped backslash before a `u`, nor what is
/// in a string from what is not.
fn resembles_reserved(text: &str) -> bool {
    let mut parts = text.split("\\u");
    let mut unescaped = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let hex = part.get(..4).and_then(|hex| u32::from_str_radix(hex, 16).ok());
        match hex.and_then(char::from_u32) {
            Some(char) => {
                unescaped.push(char);
                unescaped.push_str(&part[4..]);
            }
            None => unescaped.push_str(part),
        }
    }
    unescaped.contains(RESERVED)
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object)
    }
}
