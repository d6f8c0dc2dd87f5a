//! One secret and one algorithm (RFC 7518 §3.2), and the ways to get it.

use alloc::{borrow::Cow, format, string::String, vec};
use core::{fmt, mem::ManuallyDrop};

use hmac::{
    EagerHash, KeyInit,
    block_api::HmacCore,
    digest::{
        Output,
        block_api::{Block, Buffer, FixedOutputCore, UpdateCore},
        zeroize::Zeroize,
    },
};
use sha2::{Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq;

use crate::{algorithm::Algorithm, base64url, error::Error};

/// One secret, bound to one algorithm, with an optional id.
///
/// A token is only ever checked with the key's algorithm; what the token itself says about it can
/// refuse the token but never change the check (RFC 8725 §3.1).
///
/// The secret itself is not kept: making a key runs HMAC over it once, and that state is wiped
/// when the key is dropped. Making a key is the costly part, so make it once and share it; it is
/// `Send` and `Sync`. `Debug` shows the algorithm and the id.
///
/// ```
/// use jwt_codec::{Algorithm, Key};
///
/// let key = Key::hs256(b"at least 32 bytes, better random")?.with_id("2026-11");
/// assert_eq!(key.algorithm(), Algorithm::Hs256);
/// assert_eq!(key.id(), Some("2026-11"));
/// assert_eq!(format!("{key:?}"), r#"Key { algorithm: Hs256, id: Some("2026-11"), .. }"#);
/// # Ok::<(), jwt_codec::Error>(())
/// ```
#[derive(Clone)]
pub struct Key {
    algorithm: Algorithm,
    state: State,
    id: Option<String>,
    /// Of `{"alg":"HS256","typ":"JWT"}`, or of `{"alg":"HS256","kid":"…","typ":"JWT"}` with an id.
    header: Cow<'static, str>,
}

/// HMAC after the padded key and before the message. It has no buffer for messages that come in
/// pieces, as `Hmac` has: copying and wiping that costs 5 % of an encode.
#[derive(Clone)]
enum State {
    Sha256(HmacCore<Sha256>),
    Sha384(HmacCore<Sha384>),
    Sha512(HmacCore<Sha512>),
}

impl Key {
    /// A key for HS256; the secret has at least 32 bytes.
    ///
    /// # Errors
    ///
    /// Those of [`Key::new`].
    pub fn hs256(secret: impl AsRef<[u8]>) -> Result<Self, Error> {
        Self::new(Algorithm::Hs256, secret)
    }

    /// A key for HS384; the secret has at least 48 bytes.
    ///
    /// # Errors
    ///
    /// Those of [`Key::new`].
    pub fn hs384(secret: impl AsRef<[u8]>) -> Result<Self, Error> {
        Self::new(Algorithm::Hs384, secret)
    }

    /// A key for HS512; the secret has at least 64 bytes.
    ///
    /// # Errors
    ///
    /// Those of [`Key::new`].
    pub fn hs512(secret: impl AsRef<[u8]>) -> Result<Self, Error> {
        Self::new(Algorithm::Hs512, secret)
    }

    /// A key of these bytes. They should come from a random generator; a password is not a key
    /// (RFC 8725 §3.5).
    ///
    /// # Errors
    ///
    /// [`Error::WeakKey`] if there are fewer than [`Algorithm::min_key_len`], and
    /// [`Error::InvalidKey`] if they are the text of a public or private key (PEM, SSH or JWK):
    /// a public key as HMAC secret would let anybody sign.
    pub fn new(algorithm: Algorithm, secret: impl AsRef<[u8]>) -> Result<Self, Error> {
        Self::with_min_len(algorithm, secret.as_ref(), algorithm.min_key_len())
    }

    /// A key of the bytes that this base64url text, without padding, stands for.
    ///
    /// ```
    /// use jwt_codec::{Algorithm, Key};
    ///
    /// let text = "iLs0BFVV9FN0aqngEdO6xUbi_rurZtoAU8PqeZRmUDw";
    /// assert!(Key::from_base64url(Algorithm::Hs256, text).is_ok());
    /// let padded = Key::from_base64url(Algorithm::Hs256, &format!("{text}="));
    /// assert_eq!(padded.unwrap_err().code(), "invalid_key");
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::InvalidKey`] if it is no base64url in its canonical spelling (RFC 4648 §5), and
    /// those of [`Key::new`].
    pub fn from_base64url(algorithm: Algorithm, text: &str) -> Result<Self, Error> {
        let mut buffer = vec![0; base64url::decoded_capacity(text.len())];
        let key = match base64url::decode(text, &mut buffer) {
            Ok(secret) => Self::new(algorithm, secret),
            Err(_) => Err(Error::invalid_key("the text is not base64url without padding")),
        };
        buffer.as_mut_slice().zeroize();
        key
    }

    /// The same key with an id, which [`encode`](crate::encode()) writes as `kid` (RFC 7515
    /// §4.1.4). Given to [`decode`](crate::decode()), it then refuses a token that names another.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        let id = id.into();
        self.header = Cow::Owned(default_header_with_kid(self.algorithm, &id));
        self.id = Some(id);
        self
    }

    /// The id, if it has one.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The one algorithm that it is for.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// A key whose secret has at least so many bytes, and one at that.
    pub(crate) fn with_min_len(
        algorithm: Algorithm,
        secret: &[u8],
        min: usize,
    ) -> Result<Self, Error> {
        if let Some(reason) = other_kind_of_key(secret) {
            return Err(Error::invalid_key(reason));
        }
        if secret.is_empty() || secret.len() < min {
            let min = algorithm.min_key_len();
            return Err(Error::WeakKey { algorithm, len: secret.len(), min });
        }
        let state = match algorithm {
            Algorithm::Hs256 => HmacCore::new_from_slice(secret).map(State::Sha256),
            Algorithm::Hs384 => HmacCore::new_from_slice(secret).map(State::Sha384),
            Algorithm::Hs512 => HmacCore::new_from_slice(secret).map(State::Sha512),
        };
        let state = state.map_err(|_| Error::invalid_key("its length is not one HMAC takes"))?;
        Ok(Self { algorithm, state, id: None, header: Cow::Borrowed(default_header(algorithm)) })
    }

    /// The header segment that this key writes where the caller asks for nothing else.
    #[inline]
    pub(crate) fn header_text(&self) -> &str {
        &self.header
    }

    /// The signature segment for this text.
    pub(crate) fn sign(&self, signing_input: &[u8]) -> Signature {
        fn tag<D: EagerHash>(state: &HmacCore<D>, input: &[u8]) -> Signature {
            let mut state = state.clone();
            let (blocks, rest) = Block::<HmacCore<D>>::slice_as_chunks(input);
            state.update_blocks(blocks);
            let mut tag = Output::<HmacCore<D>>::default();
            // Not dropped, because that wipes it byte by byte, which takes 5 % of an encode. It holds
            // the end of the input and the inner hash; nothing of the key.
            let mut buffer = ManuallyDrop::new(Buffer::<HmacCore<D>>::new(rest));
            state.finalize_fixed_core(&mut buffer, &mut tag);
            Signature::new(&tag)
        }

        match &self.state {
            State::Sha256(state) => tag(state, signing_input),
            State::Sha384(state) => tag(state, signing_input),
            State::Sha512(state) => tag(state, signing_input),
        }
    }

    /// Whether this is the signature segment for this text. The time it takes tells nothing of
    /// how much of it was right.
    ///
    /// Comparing text spares decoding it, and takes the canonical spelling alone.
    #[inline]
    pub(crate) fn verifies(&self, signing_input: &str, signature: &str) -> bool {
        self.sign(signing_input.as_bytes()).is(signature)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("algorithm", &self.algorithm)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// The length of the text of the longest HMAC, of 64 bytes.
const MAX_SIGNATURE_LEN: usize = 86;

/// The base64url text of an HMAC, on the stack; zeros behind it.
pub(crate) struct Signature {
    buffer: [u8; MAX_SIGNATURE_LEN],
    len: usize,
}

impl Signature {
    fn new(tag: &[u8]) -> Self {
        let mut buffer = [0; MAX_SIGNATURE_LEN];
        let len = base64url::encode_to_slice(tag, &mut buffer).len();
        Self { buffer, len }
    }

    #[inline]
    fn as_bytes(&self) -> &[u8] {
        self.buffer.get(..self.len).unwrap_or_default()
    }

    /// Compares in constant time: all differences are gathered before `subtle` looks at them.
    #[inline]
    fn is(&self, text: &str) -> bool {
        let (ours, theirs) = (self.as_bytes(), text.as_bytes());
        if ours.is_empty() || ours.len() != theirs.len() {
            return false;
        }
        let (our_words, our_rest) = ours.as_chunks();
        let (their_words, their_rest) = theirs.as_chunks();
        let words = our_words.iter().zip(their_words).fold(0, |difference, (ours, theirs)| {
            difference | (u64::from_ne_bytes(*ours) ^ u64::from_ne_bytes(*theirs))
        });
        let rest = our_rest
            .iter()
            .zip(their_rest)
            .fold(0, |difference, (ours, theirs)| difference | (ours ^ theirs));
        (words | u64::from(rest)).ct_eq(&0).into()
    }

    pub(crate) fn as_str(&self) -> &str {
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

/// The text of `{"alg":"HS256","typ":"JWT"}`, with the algorithm's name.
pub(crate) const fn default_header(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Hs256 => "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
        Algorithm::Hs384 => "eyJhbGciOiJIUzM4NCIsInR5cCI6IkpXVCJ9",
        Algorithm::Hs512 => "eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9",
    }
}

fn default_header_with_kid(algorithm: Algorithm, kid: &str) -> String {
    let kid = serde_json::Value::from(kid);
    let json = format!(r#"{{"alg":"{algorithm}","kid":{kid},"typ":"JWT"}}"#);
    let mut text = String::new();
    base64url::encode(json.as_bytes(), &mut text);
    text
}

/// Whether the secret is the text of a key of another kind. Public keys are no secret, and
/// libraries that take one as HMAC secret let anybody sign (CVE-2022-29217, CVE-2023-48223).
fn other_kind_of_key(secret: &[u8]) -> Option<&'static str> {
    // RFC 7468, RFC 4716 and PuTTY's own armour.
    const ARMOUR: &[&[u8]] = &[b"-----BEGIN ", b"---- BEGIN ", b"PuTTY-User-Key-File-"];
    // Key types of OpenSSH's one-line form; those of its certificates go on behind. Options or a
    // host may stand in front, and the key itself, of which a length comes first, starts in zeros.
    const SSH: &[&[u8]] = &[
        b"ssh-rsa",
        b"ssh-dss",
        b"ssh-ed25519",
        b"ssh-ed448",
        b"ecdsa-sha2-",
        b"sk-ssh-",
        b"sk-ecdsa-",
    ];

    let contains = |needle: &[u8]| secret.windows(needle.len()).any(|window| window == needle);
    let text = secret.strip_prefix("\u{feff}".as_bytes()).unwrap_or(secret).trim_ascii_start();
    if ARMOUR.iter().any(|mark| contains(mark)) {
        Some("the secret is the text of a PEM or certificate key; HMAC needs random bytes")
    } else if SSH.iter().any(|mark| text.starts_with(mark) || contains(mark) && contains(b" AAAA"))
    {
        Some("the secret is the text of an SSH key; HMAC needs random bytes")
    } else if text.starts_with(b"{") && contains(b"\"kty\"") {
        Some("the secret is the text of a JWK; read it with `Key::from_jwk`")
    } else {
        None
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;

    /// Wycheproof's vectors of HMAC over any bytes; see `tests/vectors/README.md`. A tag that is cut
    /// short, as half of them are, is none of a JWS (RFC 7518 §3.2).
    #[test]
    fn wycheproof_hmac() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/hmac.jsonl");
        let (mut accepted, mut refused, mut cut_short) = (0, 0, 0);
        for line in std::fs::read_to_string(path).unwrap().lines() {
            let case: serde_json::Value = serde_json::from_str(line).unwrap();
            let text = |name: &str| case[name].as_str().unwrap();
            let bytes = |name| -> std::vec::Vec<u8> {
                let digits = text(name).as_bytes().chunks(2).map(|pair| core::str::from_utf8(pair));
                digits.map(|pair| u8::from_str_radix(pair.unwrap(), 16).unwrap()).collect()
            };
            let algorithm: Algorithm = text("alg").parse().unwrap();
            let key = Key::with_min_len(algorithm, &bytes("key"), 1).unwrap();
            let mut tag = String::new();
            base64url::encode(&bytes("tag"), &mut tag);

            let is_whole = case["tagSize"] == algorithm.min_key_len() * 8;
            let expected = is_whole && text("result") == "valid";
            assert_eq!(key.sign(&bytes("msg")).is(&tag), expected, "{line}");
            match (is_whole, expected) {
                (false, _) => cut_short += 1,
                (true, true) => accepted += 1,
                (true, false) => refused += 1,
            }
        }
        assert_eq!((accepted, refused, cut_short), (99, 162, 261));
    }
}
