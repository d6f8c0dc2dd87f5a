//! One secret and one HMAC algorithm (RFC 7518 §3.2).

use alloc::{string::String, sync::Arc};
use core::{fmt, mem::ManuallyDrop};

use hmac::{
    EagerHash, KeyInit,
    block_api::HmacCore,
    digest::{
        Output,
        block_api::{Block, Buffer, FixedOutputCore, UpdateCore},
    },
};
use sha2::{Sha256, Sha384, Sha512};
use subtle::ConstantTimeEq;

use super::{
    Label, SignToken, Signed, VerifyingKey,
    text::{from_base64, from_base64url, from_hex, other_kind_of_key},
};
use crate::{
    algorithm::Algorithm,
    error::{Error, KeyDefect},
    signature::Signature,
};

/// One secret, bound to one algorithm, with an optional id and issuer.
///
/// Each key has exactly one algorithm. A token whose `alg` differs is refused: a token can never
/// choose how it is verified (RFC 8725 §3.1).
///
/// # Make and load a secret
///
/// Make a secret once, of random bytes, and keep it out of your code. Which constructor reads it
/// depends on how it is written down; the wrong one gives another key:
///
/// | made with | read with |
/// |---|---|
/// | `openssl rand -hex 32` | [`Key::from_hex`] |
/// | `openssl rand -base64 32` | [`Key::from_base64`] |
/// | base64url without padding, such as the `k` of a JWK | [`Key::from_base64url`] |
/// | 32 bytes, as in `head -c 32 /dev/urandom > secret` | [`Key::hs256`] |
///
/// ```
/// use jwt_codec::{Algorithm, Key};
///
/// # let JWT_SECRET = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0\n";
/// // In a program: std::env::var("JWT_SECRET")? or std::fs::read_to_string(path)?
/// let key = Key::from_hex(Algorithm::Hs256, JWT_SECRET)?.with_id("2026-11");
/// assert_eq!(key.algorithm(), Algorithm::Hs256);
/// assert_eq!(key.id(), Some("2026-11"));
/// assert_eq!(format!("{key:?}"), r#"Key { algorithm: Hs256, id: Some("2026-11"), .. }"#);
/// # Ok::<(), jwt_codec::Error>(())
/// ```
///
/// # Share it
///
/// Making a key computes the HMAC state once; the secret itself is not kept, and the state is wiped
/// when the last clone is dropped. So make a key once and share it: it is `Send` and `Sync`, and a
/// clone copies a pointer. `Debug` shows the algorithm and the id.
#[derive(Clone)]
pub struct Key {
    label: Label,
    /// Behind a pointer, so that moving the key leaves no copy of it in memory.
    state: Arc<State>,
}

/// HMAC after the padded key and before the message. It has no buffer for messages that come in
/// pieces, as `Hmac` has: copying and wiping that costs 5 % of an encode.
enum State {
    Sha256(HmacCore<Sha256>),
    Sha384(HmacCore<Sha384>),
    Sha512(HmacCore<Sha512>),
}

impl Key {
    /// Makes a key for HS256 of at least 32 random bytes.
    ///
    /// Text is taken as its bytes: of the output of `openssl rand`, use
    /// [`from_hex`](Self::from_hex) or [`from_base64`](Self::from_base64).
    ///
    /// # Errors
    ///
    /// Those of [`Key::new`].
    pub fn hs256(secret: impl AsRef<[u8]>) -> Result<Self, Error> {
        Self::new(Algorithm::Hs256, secret)
    }

    /// Makes a key for HS384 of at least 48 random bytes.
    ///
    /// # Errors
    ///
    /// Those of [`Key::new`].
    pub fn hs384(secret: impl AsRef<[u8]>) -> Result<Self, Error> {
        Self::new(Algorithm::Hs384, secret)
    }

    /// Makes a key for HS512 of at least 64 random bytes.
    ///
    /// # Errors
    ///
    /// Those of [`Key::new`].
    pub fn hs512(secret: impl AsRef<[u8]>) -> Result<Self, Error> {
        Self::new(Algorithm::Hs512, secret)
    }

    /// Makes a key of these bytes. They should be random; a password is not a key (RFC 8725 §3.5).
    ///
    /// # Errors
    ///
    /// - [`Error::WeakKey`] if there are fewer than 32, 48 or 64 bytes for HS256, HS384 or HS512.
    /// - [`Error::InvalidKey`] if they look like a key of another kind, in whatever form: PEM, DER,
    ///   SSH, XML, JWK. Whoever knows a public key could sign with it as the secret.
    pub fn new(algorithm: Algorithm, secret: impl AsRef<[u8]>) -> Result<Self, Error> {
        Self::with_min_len(algorithm, secret.as_ref(), algorithm.tag_len().unwrap_or_default())
    }

    /// Makes a key of hexadecimal digits of either case, such as `openssl rand -hex 32` writes.
    /// ASCII white space at both ends is passed over.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidKey`] if it is anything else, and those of [`Key::new`].
    pub fn from_hex(algorithm: Algorithm, text: &str) -> Result<Self, Error> {
        Self::new(algorithm, &*from_hex(text)?)
    }

    /// Makes a key of base64, such as `openssl rand -base64 32` writes: in the standard or the URL
    /// alphabet, with or without padding. ASCII white space at both ends is passed over.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidKey`] if it is anything else, or 64 or more hexadecimal digits, which are
    /// meant for [`from_hex`](Self::from_hex); and those of [`Key::new`].
    pub fn from_base64(algorithm: Algorithm, text: &str) -> Result<Self, Error> {
        Self::new(algorithm, &*from_base64(text)?)
    }

    /// Makes a key of base64url without padding, in its canonical encoding (RFC 4648 §5). ASCII
    /// white space at both ends is passed over.
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
    /// [`Error::InvalidKey`] if it is anything else, or 64 or more hexadecimal digits, which are
    /// meant for [`from_hex`](Self::from_hex); and those of [`Key::new`].
    pub fn from_base64url(algorithm: Algorithm, text: &str) -> Result<Self, Error> {
        Self::new(algorithm, &*from_base64url(text)?)
    }

    /// Gives the key an id, which [`encode`](crate::encode()) writes as `kid` (RFC 7515 §4.1.4).
    ///
    /// [`decode`](crate::decode()) with it then refuses a token that names another `kid`, and
    /// accepts one that names none. A key without an id accepts any `kid`; in a
    /// [`KeySet`](super::KeySet) it is only tried for tokens without `kid`.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.label = self.label.with_id(id.into());
        self
    }

    /// Returns the id, if it has one.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.label.id()
    }

    /// Binds the key to one issuer (RFC 8725 §3.8): a token that it verifies must have this `iss`,
    /// whatever else the policy says. It changes nothing of what is signed.
    #[must_use]
    pub fn with_issuer(mut self, issuer: impl Into<String>) -> Self {
        self.label = self.label.with_issuer(issuer.into());
        self
    }

    /// Returns the issuer that it is bound to, if any.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.label.issuer()
    }

    /// Returns the one algorithm that it is for.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.label.algorithm()
    }

    /// Makes a key whose secret has at least so many bytes, and one at that.
    pub(crate) fn with_min_len(
        algorithm: Algorithm,
        secret: &[u8],
        min: usize,
    ) -> Result<Self, Error> {
        let Some(tag_len) = algorithm.tag_len() else {
            return Err(not_for_secrets(algorithm));
        };
        if let Some(defect) = other_kind_of_key(secret) {
            return Err(Error::invalid_key(defect));
        }
        if secret.is_empty() || secret.len() < min {
            return Err(Error::WeakKey { algorithm, len: secret.len(), min: tag_len });
        }
        let state = match algorithm {
            Algorithm::Hs256 => HmacCore::new_from_slice(secret).map(State::Sha256),
            Algorithm::Hs384 => HmacCore::new_from_slice(secret).map(State::Sha384),
            Algorithm::Hs512 => HmacCore::new_from_slice(secret).map(State::Sha512),
            #[cfg(feature = "public-keys")]
            _ => return Err(not_for_secrets(algorithm)),
        };
        let state = state.map_err(|_| Error::invalid_key(KeyDefect::Internal))?;
        Ok(Self { label: Label::new(algorithm), state: Arc::new(state) })
    }

    pub(crate) fn label_mut(&mut self) -> &mut Label {
        &mut self.label
    }
}

impl State {
    /// The tag of this text, as long as the hash.
    #[inline]
    fn tag(&self, input: &[u8]) -> Signature {
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

        match self {
            Self::Sha256(state) => tag(state, input),
            Self::Sha384(state) => tag(state, input),
            Self::Sha512(state) => tag(state, input),
        }
    }
}

fn not_for_secrets(algorithm: Algorithm) -> Error {
    Error::invalid_key(KeyDefect::NotForSecrets { algorithm })
}

impl SignToken for Key {
    #[inline]
    fn label(&self) -> &Label {
        &self.label
    }

    #[inline]
    fn sign(&self, signing_input: &[u8]) -> Result<Signature, Error> {
        Ok(self.state.tag(signing_input))
    }
}

impl VerifyingKey for Key {
    #[inline]
    fn label(&self) -> &Label {
        &self.label
    }

    /// In constant time: how long it takes tells nothing of how much of the signature was right. All
    /// differences are gathered before `subtle` looks at them.
    #[inline]
    fn verifies(&self, signed: Signed<'_>) -> bool {
        if Some(signed.signature.len()) != self.algorithm().tag_len() {
            return false;
        }
        let tag = self.state.tag(signed.signing_input);
        let pairs = tag.as_bytes().iter().zip(signed.signature);
        pairs.fold(0, |differences, (one, other)| differences | (one ^ other)).ct_eq(&0).into()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("algorithm", &self.algorithm())
            .field("id", &self.id())
            .finish_non_exhaustive()
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
            let bytes = |name| from_hex(text(name)).unwrap();
            let algorithm: Algorithm = text("alg").parse().unwrap();
            let key = Key::with_min_len(algorithm, &bytes("key"), 1).unwrap();

            let is_whole = case["tagSize"] == algorithm.tag_len().unwrap() * 8;
            let expected = is_whole && text("result") == "valid";
            let (message, tag) = (bytes("msg"), bytes("tag"));
            let signed = Signed { signing_input: &message, signature: &tag };
            assert_eq!(key.verifies(signed), expected, "{line}");
            match (is_whole, expected) {
                (false, _) => cut_short += 1,
                (true, true) => accepted += 1,
                (true, false) => refused += 1,
            }
        }
        assert_eq!((accepted, refused, cut_short), (99, 162, 261));
    }
}
