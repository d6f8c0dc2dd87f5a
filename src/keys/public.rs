//! Keys that verify and cannot sign.

use alloc::{string::String, vec, vec::Vec};
use core::fmt;

use sha2::{Digest, Sha256};

use super::{
    Label, Signed, VerifyingKey,
    backend::{Kind, Verifying},
    der,
    jwk::Jwk,
    pem::{self, Part},
    rsa,
};
use crate::{
    algorithm::Algorithm,
    base64url,
    error::{Error, KeyDefect},
    json::write_object,
};

/// The members of a JWK that are secret (RFC 7518 §6.2.2, §6.3.2, §6.4.1; RFC 8037 §2).
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// A public key, bound to one algorithm, with an optional id.
///
/// It verifies tokens and cannot sign them: it is no [`SigningKey`](crate::SigningKey), so a program
/// that tries does not compile. Its algorithm is the one that you or the JWK named. It is never taken
/// from a token and never guessed from a PEM text.
///
/// ```
/// use jwt_codec::{Algorithm, PublicKey};
///
/// let pem = "-----BEGIN PUBLIC KEY-----
/// MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
/// -----END PUBLIC KEY-----";
/// let key = PublicKey::from_pem(Algorithm::EdDsa, pem)?.with_id("2026-11");
/// assert_eq!(key.algorithm(), Algorithm::EdDsa);
/// assert_eq!(key.thumbprint(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
/// # Ok::<(), jwt_codec::Error>(())
/// ```
///
/// This does not compile:
///
/// ```compile_fail,E0277
/// fn sign(key: &jwt_codec::PublicKey) -> Result<String, jwt_codec::Error> {
///     jwt_codec::encode(&serde_json::json!({ "sub": "root" }), key)
/// }
/// ```
#[derive(Clone)]
pub struct PublicKey {
    label: Label,
    material: Verifying,
}

impl PublicKey {
    /// Reads a key from PEM text: `PUBLIC KEY`, or for RSA also `RSA PUBLIC KEY`.
    ///
    /// Text in front of the key is passed over. Lines may have any length and any line end.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidKey`] if the text is anything else, holds a second block, or holds a key of
    /// another kind than the algorithm takes, and those of [`PublicKey::from_spki_der`].
    pub fn from_pem(algorithm: Algorithm, text: &str) -> Result<Self, Error> {
        let kind = Kind::of(algorithm)?;
        let (label, der) = pem::read(text)?;
        match (label, kind) {
            ("PUBLIC KEY", _) => Self::from_bits(algorithm, kind, der::spki(kind, &der)?),
            ("RSA PUBLIC KEY", Kind::Rsa) => Self::from_bits(algorithm, kind, &der),
            _ => Err(pem::other_label(label, Part::Public, kind)),
        }
    }

    /// Reads a key from a `SubjectPublicKeyInfo` in DER (RFC 5280 §4.1).
    ///
    /// # Errors
    ///
    /// [`Error::WeakKey`] for RSA of fewer than 2048 bits. [`Error::InvalidKey`] for bytes that are
    /// no such key, for a key of another kind or curve than the algorithm takes, and for a key that
    /// should not be used: a point that is not on its curve, an Ed25519 key of small order, an RSA
    /// modulus that is even, longer than 8192 bits or not a multiple of 64 bits long, or an RSA
    /// exponent that is even, 1, or longer than 32 bits.
    pub fn from_spki_der(algorithm: Algorithm, der: &[u8]) -> Result<Self, Error> {
        let kind = Kind::of(algorithm)?;
        Self::from_bits(algorithm, kind, der::spki(kind, der)?)
    }

    /// Reads a JSON Web Key (RFC 7517) of `kty` `EC`, `OKP` or `RSA`. Without `alg`, `P-256` is for
    /// ES256, `P-384` for ES384 and `Ed25519` for EdDSA; RSA needs an `alg`. `use`, if present, is
    /// `sig`; `key_ops`, if present, has `verify`; `kid` becomes the id. Other members are ignored.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidKey`] if it is anything else or has private members, and those of
    /// [`PublicKey::from_spki_der`].
    pub fn from_jwk(json: &str) -> Result<Self, Error> {
        Self::read(&Jwk::read(json)?, None)
    }

    /// Reads a JSON Web Key as [`from_jwk`](Self::from_jwk) does. If it names no `alg`, it is for
    /// this algorithm.
    ///
    /// # Errors
    ///
    /// Those of [`from_jwk`](Self::from_jwk), and [`Error::InvalidKey`] if it names another `alg`.
    pub fn from_jwk_for(algorithm: Algorithm, json: &str) -> Result<Self, Error> {
        Self::read(&Jwk::read(json)?, Some(algorithm))
    }

    pub(super) fn read(jwk: &Jwk<'_>, algorithm: Option<Algorithm>) -> Result<Self, Error> {
        let kind = jwk.kind()?;
        if let Some(member) = PRIVATE_MEMBERS.into_iter().find(|name| jwk.member(name).is_some()) {
            return Err(Error::invalid_key(KeyDefect::JwkPrivateMember { member }));
        }
        jwk.check_use(&["verify"])?;
        let algorithm = jwk.asymmetric_algorithm(kind, algorithm)?;
        let kind = Kind::of(algorithm)?;
        let material = match kind {
            Kind::Rsa => {
                let (n, e) = (jwk.need("n")?, jwk.need("e")?);
                let public = rsa::Public { n: rsa::number(&n)?, e: rsa::number(&e)? };
                Verifying::rsa(algorithm, public)?
            }
            _ => Verifying::on_curve(kind, &jwk.point(kind)?)?,
        };
        let key = Self::new(algorithm, material);
        Ok(match jwk.id()? {
            Some(id) => key.with_id(id),
            None => key,
        })
    }

    /// A key of what an SPKI has as its bits.
    fn from_bits(algorithm: Algorithm, kind: Kind, bits: &[u8]) -> Result<Self, Error> {
        Ok(Self::new(
            algorithm,
            match kind {
                Kind::Rsa => Verifying::rsa(algorithm, der::rsa_public(bits)?)?,
                _ => Verifying::on_curve(kind, bits)?,
            },
        ))
    }

    pub(super) fn new(algorithm: Algorithm, material: Verifying) -> Self {
        Self { label: Label::new(algorithm), material }
    }

    /// The same key with an id. A token that names another is then refused.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.label = self.label.with_id(id.into());
        self
    }

    /// The id, if it has one.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.label.id()
    }

    /// The one algorithm that it is for.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.label.algorithm()
    }

    /// The same key, bound to an issuer: a token that it verifies must have that `iss`.
    #[must_use]
    pub fn with_issuer(mut self, issuer: impl Into<String>) -> Self {
        self.label = self.label.with_issuer(issuer.into());
        self
    }

    /// The issuer that it is bound to, if it is.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.label.issuer()
    }

    /// The key as a JSON Web Key, with its algorithm and id.
    ///
    /// ```
    /// use jwt_codec::{Algorithm, PrivateKey, PublicKey};
    ///
    /// let key = PrivateKey::generate(Algorithm::Es256)?.with_id("a").public_key();
    /// let again = PublicKey::from_jwk(&key.to_jwk())?;
    /// assert_eq!(again.id(), Some("a"));
    /// assert_eq!(again.thumbprint(), key.thumbprint());
    /// # Ok::<(), jwt_codec::Error>(())
    /// ```
    #[must_use]
    pub fn to_jwk(&self) -> String {
        json(&self.members())
    }

    /// The members of its JWK, in the order of their names.
    pub(super) fn members(&self) -> Vec<(&'static str, String)> {
        let mut members = self.required_members();
        members.push(("alg", self.algorithm().name().into()));
        members.push(("use", "sig".into()));
        members.extend(self.id().map(|id| ("kid", id.into())));
        members.sort_unstable();
        members
    }

    /// The SHA-256 thumbprint of the key (RFC 7638) in base64url: an id that everybody who has the key
    /// can compute.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        text(&Sha256::digest(json(&self.required_members())))
    }

    /// Those that RFC 7638 §3.2 and RFC 8037 §2 take for the thumbprint, in the order of their names.
    fn required_members(&self) -> Vec<(&'static str, String)> {
        let bytes = self.material.to_bytes();
        let point = |curve: &str, len| {
            let (x, y) =
                bytes.get(1..).unwrap_or_default().split_at_checked(len).unwrap_or_default();
            vec![("crv", curve.into()), ("kty", "EC".into()), ("x", text(x)), ("y", text(y))]
        };
        match self.material {
            Verifying::Ed25519(_) => {
                vec![("crv", "Ed25519".into()), ("kty", "OKP".into()), ("x", text(&bytes))]
            }
            Verifying::P256(_) => point("P-256", Kind::P256.field_len()),
            Verifying::P384(_) => point("P-384", Kind::P384.field_len()),
            Verifying::Rsa(_) => {
                let numbers = der::rsa_public(&bytes);
                let (n, e) = numbers
                    .as_ref()
                    .map_or((&[][..], &[][..]), |key| (key.n.as_bytes(), key.e.as_bytes()));
                vec![("e", text(e)), ("kty", "RSA".into()), ("n", text(n))]
            }
        }
    }

    pub(super) fn label_mut(&mut self) -> &mut Label {
        &mut self.label
    }
}

impl VerifyingKey for PublicKey {
    fn label(&self) -> &Label {
        &self.label
    }

    fn verifies(&self, signed: Signed<'_>) -> bool {
        self.material.verifies(self.algorithm(), signed.signing_input, signed.signature)
    }
}

/// The JSON text of an object of strings, which can always be written.
fn json(members: &[(&'static str, String)]) -> String {
    write_object(members).unwrap_or_default()
}

fn text(bytes: &[u8]) -> String {
    base64url::encode_to_string(bytes)
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey")
            .field("algorithm", &self.algorithm())
            .field("id", &self.id())
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, wycheproof))]
#[path = "../../tests/wycheproof/signatures.rs"]
mod wycheproof_signatures;
