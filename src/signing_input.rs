//! What is to be signed elsewhere, and the token that comes of it.

use alloc::string::String;
use core::fmt;

use serde::Serialize;

use crate::{
    encode::{append_signature, signing_input},
    error::Error,
    header::Header,
    keys::PublicKey,
};

/// The bytes that a key elsewhere has to sign (the JWS Signing Input, RFC 7515 §2): in a KMS, an HSM
/// or a smart card.
///
/// Between [`new`](Self::new) and [`finish`](Self::finish) your program calls whatever signs,
/// synchronously or not. The public key says for which algorithm; its id becomes `kid`.
///
/// ```
/// use base64::{Engine, prelude::BASE64_STANDARD};
/// use jwt_codec::{Algorithm, Header, PublicKey, SigningInput};
/// use serde_json::json;
///
/// let pem = "-----BEGIN PUBLIC KEY-----
/// MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
/// -----END PUBLIC KEY-----";
/// let key = PublicKey::from_pem(Algorithm::EdDsa, pem)?;
/// let input = SigningInput::new(&Header::new(), &json!({ "sub": "ada" }), &key)?;
/// assert_eq!(input.as_bytes(), b"eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhZGEifQ");
///
/// // What the owner of the private key returned for these bytes.
/// let signature = BASE64_STANDARD.decode(
///     "VXHOVLsvo5zn/B2c842FvoOSQO5y7bsD3wWHVNfRKg8+wg0SxKJKz5cPq2YF\
///      TXcAUC8WdZ1JhGAPueuVrvIRDg==",
/// )?;
/// let token = input.finish(&signature)?;
/// assert!(token.starts_with("eyJhbGciOiJFZERTQSIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhZGEifQ."));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// What a signer has to be asked for:
///
/// | algorithm | signature |
/// |---|---|
/// | ES256, ES384 | ECDSA with SHA-256, SHA-384 |
/// | EdDSA, Ed25519 | Ed25519 over the bytes themselves, not over a hash of them |
/// | RS256, RS384, RS512 | RSASSA-PKCS1-v1_5 with SHA-256, SHA-384, SHA-512 |
/// | PS256, PS384, PS512 | RSASSA-PSS with that hash, also for MGF1, and a salt as long as the hash |
///
/// Signers that take a digest instead of the bytes need the hash of [`as_bytes`](Self::as_bytes).
#[derive(Clone)]
pub struct SigningInput {
    text: String,
    key: PublicKey,
}

impl SigningInput {
    /// Writes the header and the claims of a token that the private part of this key is to sign.
    ///
    /// # Errors
    ///
    /// [`Error::Encode`], as [`encode_with_header`](crate::encode_with_header).
    pub fn new<C: Serialize + ?Sized>(
        header: &Header,
        claims: &C,
        key: &PublicKey,
    ) -> Result<Self, Error> {
        let text = signing_input(header, claims, key.info())?;
        Ok(Self { text, key: key.clone() })
    }

    /// Returns the bytes to sign: header and payload in base64url, with a dot between them.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// Returns the token with this signature, after verifying it with the public key: so it never
    /// returns a token that cannot be verified.
    ///
    /// An ECDSA signature may have the fixed length of RFC 7518 §3.4, as PKCS#11 returns it, or be
    /// in DER (RFC 3279 §2.2.3), as most cloud services return it.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidSignature`] if the key does not verify the signature: it was made by another
    /// key, with another algorithm, or over other bytes.
    pub fn finish(&self, signature: &[u8]) -> Result<String, Error> {
        let signature =
            self.key.jws_signature(self.as_bytes(), signature).ok_or(Error::InvalidSignature)?;
        let mut token = self.text.clone();
        append_signature(&signature, &mut token);
        Ok(token)
    }
}

impl fmt::Debug for SigningInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningInput").field("key", &self.key).finish_non_exhaustive()
    }
}
