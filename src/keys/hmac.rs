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
    candidates::VerifyingKey,
    detect::other_kind_of_key,
    info::KeyInfo,
    sign::{SignToken, SigningKey},
    text::{from_base64, from_base64url, from_hex},
};
use crate::{
    algorithm::Algorithm,
    error::{Error, KeyDefect},
    signature::SignatureBuffer,
};

/// One secret, bound to one algorithm, with an optional id and optional issuers.
///
/// Each key has exactly one algorithm. A token whose `alg` differs is rejected: a token can never
/// choose how it is verified (RFC 8725 §3.1).
///
/// # Make and load a secret
///
/// Make a secret once, from random bytes, and keep it out of your code. Use the constructor for the
/// secret's encoding: another one yields a different key.
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
/// // In a program: std::fs::read_to_string(path)?, or a variable, whose `VarError` may quote the secret:
/// // std::env::var("JWT_SECRET").map_err(|_| "JWT_SECRET is not set or not UTF-8")?
/// let key = Key::from_hex(Algorithm::Hs256, JWT_SECRET)?.with_id("2026-11");
/// assert_eq!(key.algorithm(), Algorithm::Hs256);
/// assert_eq!(key.id(), Some("2026-11"));
/// assert_eq!(format!("{key:?}"), r#"Key { algorithm: Hs256, id: Some("2026-11"), .. }"#);
/// # Ok::<(), jwt_codec::Error>(())
/// ```
///
/// # Share it
///
/// Making a key computes the HMAC state once. The secret itself is not kept, and the state is wiped
/// when the last clone is dropped. So make a key once and share it: it is `Send` and `Sync`, and a
/// clone copies a pointer. `Debug` shows the algorithm and the id.
///
/// # Other kinds of keys
///
/// A secret that looks like another kind of key is rejected: PEM, DER, SSH, XML, a JWK, a certificate or
/// a certificate request, also as UTF-16, in base64 or in hexadecimal digits. Otherwise whoever knows a
/// public key could sign with it as the secret. Bytes without such a frame cannot be recognised, for
/// example the 32 bytes of an Ed25519 public key.
#[derive(Clone)]
pub struct Key {
    info: KeyInfo,
    /// In an `Arc`, so that moving the key leaves no copy of the state in memory.
    state: Arc<State>,
}

/// HMAC after the padded key and before the message. Unlike `Hmac`, it has no buffer for messages in
/// pieces, which every use would copy and wipe.
enum State {
    Sha256(HmacCore<Sha256>),
    Sha384(HmacCore<Sha384>),
    Sha512(HmacCore<Sha512>),
}

impl Key {
    /// Makes a key for HS256 from at least 32 random bytes.
    ///
    /// A string is used as its raw bytes. For the output of `openssl rand`, use
    /// [`from_hex`](Self::from_hex) or [`from_base64`](Self::from_base64).
    ///
    /// # Errors
    ///
    /// The errors of [`Key::new`].
    pub fn hs256(secret: impl AsRef<[u8]>) -> Result<Self, Error> {
        Self::new(Algorithm::Hs256, secret)
    }

    /// Makes a key for HS384 from at least 48 random bytes.
    ///
    /// # Errors
    ///
    /// The errors of [`Key::new`].
    pub fn hs384(secret: impl AsRef<[u8]>) -> Result<Self, Error> {
        Self::new(Algorithm::Hs384, secret)
    }

    /// Makes a key for HS512 from at least 64 random bytes.
    ///
    /// # Errors
    ///
    /// The errors of [`Key::new`].
    pub fn hs512(secret: impl AsRef<[u8]>) -> Result<Self, Error> {
        Self::new(Algorithm::Hs512, secret)
    }

    /// Makes a key from these bytes. They should be random; a password is not a key (RFC 8725 §3.5).
    ///
    /// # Errors
    ///
    /// - [`Error::WeakKey`] if there are fewer than 32, 48 or 64 bytes for HS256, HS384 or HS512.
    /// - [`Error::InvalidKey`] if they look like another kind of key, or if the algorithm does not use a
    ///   secret.
    pub fn new(algorithm: Algorithm, secret: impl AsRef<[u8]>) -> Result<Self, Error> {
        match algorithm.tag_len() {
            Some(min) => Self::with_min_len(algorithm, secret.as_ref(), min),
            None => Err(Error::invalid_key(KeyDefect::NotForSecrets { algorithm })),
        }
    }

    /// Makes a key from hexadecimal digits of either case, as `openssl rand -hex 32` writes them.
    /// Surrounding ASCII white space is ignored.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidKey`] if the text is anything else, and the errors of [`Key::new`].
    pub fn from_hex(algorithm: Algorithm, text: &str) -> Result<Self, Error> {
        Self::new(algorithm, &*from_hex(text)?)
    }

    /// Makes a key from base64, as `openssl rand -base64 32` writes it: in the standard or the URL
    /// alphabet, with or without padding. Surrounding ASCII white space is ignored.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidKey`] if the text is anything else, or 64 or more hexadecimal digits, which are
    /// for [`from_hex`](Self::from_hex); and the errors of [`Key::new`].
    pub fn from_base64(algorithm: Algorithm, text: &str) -> Result<Self, Error> {
        Self::new(algorithm, &*from_base64(text)?)
    }

    /// Makes a key from canonical base64url without padding (RFC 4648 §5). Surrounding ASCII white
    /// space is ignored.
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
    /// [`Error::InvalidKey`] if the text is anything else, or 64 or more hexadecimal digits, which are
    /// for [`from_hex`](Self::from_hex); and the errors of [`Key::new`].
    pub fn from_base64url(algorithm: Algorithm, text: &str) -> Result<Self, Error> {
        Self::new(algorithm, &*from_base64url(text)?)
    }

    /// Sets the id, which [`encode`](crate::encode()) writes as `kid` (RFC 7515 §4.1.4).
    ///
    /// [`decode`](crate::decode()) then rejects a token that names another `kid`, and accepts a token
    /// that names none. A key without an id accepts any `kid`; in a [`KeySet`](super::KeySet) it does so
    /// if no key has the token's `kid`.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.info = self.info.with_id(&id.into());
        self
    }

    /// Returns the id, if the key has one.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.info.id()
    }

    /// Binds the key to one issuer (RFC 8725 §3.8): a token that it verifies must have this `iss`, in
    /// addition to what the policy says. It changes nothing in what is signed. A later call replaces an
    /// earlier one.
    #[must_use]
    pub fn with_issuer(self, issuer: impl Into<String>) -> Self {
        self.with_issuers([issuer])
    }

    /// Binds the key to several names of its issuer, as [`with_issuer`](Self::with_issuer) does to one.
    /// An empty list accepts no token.
    #[must_use]
    pub fn with_issuers(mut self, issuers: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.info = self.info.with_issuers(issuers);
        self
    }

    /// Returns the issuers that the key is bound to. Empty if it is not bound, or bound to none.
    #[must_use]
    pub fn issuers(&self) -> &[String] {
        self.info.issuers()
    }

    /// Returns the one algorithm that the key is for.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.info.algorithm()
    }

    pub(crate) fn from_hex_with_min_len(
        algorithm: Algorithm,
        text: &str,
        min: usize,
    ) -> Result<Self, Error> {
        Self::with_min_len(algorithm, &from_hex(text)?, min)
    }

    pub(crate) fn from_base64_with_min_len(
        algorithm: Algorithm,
        text: &str,
        min: usize,
    ) -> Result<Self, Error> {
        Self::with_min_len(algorithm, &from_base64(text)?, min)
    }

    /// Makes a key from at least `min` bytes, and at least one.
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
        Ok(Self { info: KeyInfo::new(algorithm), state: Arc::new(state) })
    }

    pub(super) fn info_mut(&mut self) -> &mut KeyInfo {
        &mut self.info
    }
}

/// The length of an HMAC with SHA-512, in bytes.
const MAX_TAG_LEN: usize = 64;

impl State {
    /// Writes the tag of this text, which is as long as the hash.
    #[inline]
    fn tag<'b>(&self, input: &[u8], buffer: &'b mut [u8]) -> &'b [u8] {
        fn tag<'b, D: EagerHash>(state: &HmacCore<D>, input: &[u8], out: &'b mut [u8]) -> &'b [u8] {
            let mut state = state.clone();
            let (blocks, rest) = Block::<HmacCore<D>>::slice_as_chunks(input);
            state.update_blocks(blocks);
            let mut tag = Output::<HmacCore<D>>::default();
            // Not dropped, because that wipes it byte by byte. It holds the end of the input and the
            // inner hash; nothing of the key.
            let mut buffer = ManuallyDrop::new(Buffer::<HmacCore<D>>::new(rest));
            state.finalize_fixed_core(&mut buffer, &mut tag);
            let (start, _) = out.split_at_mut(tag.len().min(out.len()));
            start.copy_from_slice(tag.get(..start.len()).unwrap_or_default());
            start
        }

        match self {
            Self::Sha256(state) => tag(state, input, buffer),
            Self::Sha384(state) => tag(state, input, buffer),
            Self::Sha512(state) => tag(state, input, buffer),
        }
    }
}

fn not_for_secrets(algorithm: Algorithm) -> Error {
    Error::invalid_key(KeyDefect::NotForSecrets { algorithm })
}

impl VerifyingKey for Key {
    #[inline]
    fn info(&self) -> &KeyInfo {
        &self.info
    }

    /// Verifies a signature in constant time: how long it takes does not tell how much of the signature
    /// was right. All differences are gathered before `subtle` looks at them.
    #[inline]
    fn verifies(&self, signing_input: &[u8], signature: &[u8]) -> bool {
        if Some(signature.len()) != self.algorithm().tag_len() {
            return false;
        }
        let mut buffer = [0; MAX_TAG_LEN];
        let tag = self.state.tag(signing_input, &mut buffer);
        let pairs = tag.iter().zip(signature);
        let differences = pairs.fold(0, |differences, (one, other)| differences | (one ^ other));
        tag.len() == signature.len() && differences.ct_eq(&0).into()
    }
}

impl SigningKey for Key {}

impl SignToken for Key {
    #[inline]
    fn info(&self) -> &KeyInfo {
        &self.info
    }

    #[inline]
    fn sign<'b>(
        &self,
        signing_input: &[u8],
        buffer: &'b mut SignatureBuffer,
    ) -> Result<&'b [u8], Error> {
        Ok(self.state.tag(signing_input, buffer))
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

    /// Wycheproof's vectors of HMAC over any bytes; see `tests/vectors/README.md`. Half of the vectors
    /// use truncated tags, which JWS does not allow (RFC 7518 §3.2).
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
            assert_eq!(key.verifies(&message, &tag), expected, "{line}");
            match (is_whole, expected) {
                (false, _) => cut_short += 1,
                (true, true) => accepted += 1,
                (true, false) => refused += 1,
            }
        }
        assert_eq!((accepted, refused, cut_short), (99, 162, 261));
    }
}
