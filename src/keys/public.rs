//! Keys that verify and cannot sign.

use alloc::{string::String, vec, vec::Vec};
use core::fmt;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    backend::PublicMaterial,
    candidates::VerifyingKey,
    der::{self, Form},
    der_writer::write_spki,
    info::KeyInfo,
    jwk::{Jwk, PRIVATE_MEMBERS},
    kind::Kind,
    pem::{self, Part},
    rsa::{self, PublicNumbers},
    text::decode_base64url,
};
use crate::{
    algorithm::Algorithm,
    base64url,
    error::{Error, KeyDefect, KeyKind},
};

/// A public key, bound to one algorithm, with an optional id.
///
/// It verifies tokens and cannot sign them: it does not implement [`SigningKey`](crate::SigningKey),
/// so a program that tries does not compile. You or the JWK name its algorithm. The algorithm is never
/// read from a token, and never guessed from a PEM text.
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
    info: KeyInfo,
    material: PublicMaterial,
}

impl PublicKey {
    /// Reads a key from PEM (RFC 7468): `PUBLIC KEY`, or for RSA also `RSA PUBLIC KEY`.
    ///
    /// Text before the key is ignored. Lines may have any length and any line end.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidKey`] if it is anything else, contains a second key, or contains a key of
    /// another kind than the algorithm needs, and the errors of [`PublicKey::from_spki_der`].
    pub fn from_pem(algorithm: Algorithm, pem: impl AsRef<[u8]>) -> Result<Self, Error> {
        let kind = Kind::of(algorithm)?;
        let (label, der) = pem::read(pem.as_ref())?;
        match (label, kind) {
            ("PUBLIC KEY", _) => Self::from_bits(algorithm, kind, der::spki(kind, &der)?),
            ("RSA PUBLIC KEY", Kind::Rsa) => Self::from_bits(algorithm, kind, &der),
            _ => Err(pem::other_label(label, Part::Public, kind)),
        }
    }

    /// Reads a key from DER: a `SubjectPublicKeyInfo` (RFC 5280 §4.1), or for RSA also PKCS#1
    /// (RFC 8017 A.1.1).
    ///
    /// # Errors
    ///
    /// [`Error::InvalidKey`] if the bytes are neither, and the errors of
    /// [`PublicKey::from_spki_der`].
    pub fn from_der(algorithm: Algorithm, der: &[u8]) -> Result<Self, Error> {
        let kind = Kind::of(algorithm)?;
        match der::form(der) {
            Some(Form::Spki) => Self::from_spki_der(algorithm, der),
            Some(Form::Pkcs1Public) if kind == Kind::Rsa => Self::from_bits(algorithm, kind, der),
            Some(Form::Pkcs1Public) => {
                let (needed, found) = (kind.name(), KeyKind::Rsa);
                Err(Error::invalid_key(KeyDefect::OtherKind { needed, found }))
            }
            _ => Err(Error::invalid_key(KeyDefect::NotPublicKey)),
        }
    }

    /// Reads a key from a `SubjectPublicKeyInfo` in DER (RFC 5280 §4.1).
    ///
    /// # Errors
    ///
    /// - [`Error::WeakKey`] for RSA of fewer than 2048 bits.
    /// - [`Error::InvalidKey`] if the bytes are anything else, for a key of another kind or curve
    ///   than the algorithm needs, and for a key that should not be used: a point that is not on its
    ///   curve or is compressed, an Ed25519 key of small order, an RSA modulus that is even, has more
    ///   than 8192 bits or a number of bits that is not a multiple of 64, or an RSA exponent that is
    ///   even, less than 3, or has more than 31 bits.
    pub fn from_spki_der(algorithm: Algorithm, der: &[u8]) -> Result<Self, Error> {
        let kind = Kind::of(algorithm)?;
        Self::from_bits(algorithm, kind, der::spki(kind, der)?)
    }

    /// Reads a key from bytes without a format: for ECDSA the uncompressed point, which is 65 bytes
    /// on P-256 and 97 bytes on P-384 (SEC1 §2.3.3), and for Ed25519 the 32 bytes of RFC 8032
    /// §5.1.5.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidKey`] for RSA, which has no such form, for bytes of another length, and for a
    /// point that [`PublicKey::from_spki_der`] rejects.
    pub fn from_bytes(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, Error> {
        let kind = Kind::of(algorithm)?;
        if kind == Kind::Rsa {
            return Err(Error::invalid_key(KeyDefect::NoRawForm));
        }
        Self::from_bits(algorithm, kind, bytes)
    }

    /// Reads an RSA key from its modulus and exponent, each big-endian in base64url without padding,
    /// as the members `n` and `e` of a JWK are (RFC 7518 §6.3.1). Leading zeros are ignored.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidKey`] for an algorithm that does not use RSA and for other text, and the
    /// errors of [`PublicKey::from_spki_der`].
    pub fn from_rsa_components(algorithm: Algorithm, n: &str, e: &str) -> Result<Self, Error> {
        let kind = Kind::of(algorithm)?;
        if kind != Kind::Rsa {
            let (needed, found) = (kind.name(), KeyKind::Rsa);
            return Err(Error::invalid_key(KeyDefect::OtherKind { needed, found }));
        }
        let bytes = |number, text: &str| {
            decode_base64url(text.as_bytes())
                .map_err(|_| Error::invalid_key(KeyDefect::RsaNumberEncoding { number }))
        };
        let (n, e) = (bytes("n", n)?, bytes("e", e)?);
        let public = rsa::Public { n: rsa::number(&n)?, e: rsa::number(&e)? };
        Ok(Self::new(algorithm, PublicMaterial::rsa(algorithm, public)?))
    }

    /// Reads the key of an X.509 certificate in PEM. Nothing of the certificate is verified.
    pub(crate) fn from_certificate(algorithm: Algorithm, pem: &[u8]) -> Result<Self, Error> {
        Kind::of(algorithm)?;
        match pem::read(pem)? {
            ("CERTIFICATE" | "X509 CERTIFICATE", der) => {
                Self::from_spki_der(algorithm, der::certificate_spki(&der)?)
            }
            _ => Err(Error::invalid_key(KeyDefect::NotCertificate)),
        }
    }

    /// Reads a JSON Web Key (RFC 7517) of `kty` `EC`, `OKP` or `RSA`. Without `alg`, `P-256` is for
    /// ES256, `P-384` for ES384 and `Ed25519` for EdDSA; RSA needs an `alg`. `use`, if present, is
    /// `sig`; `key_ops`, if present, has `verify`; `kid` becomes the id. Other members are ignored.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidKey`] if it is anything else or has private members, and the errors of
    /// [`PublicKey::from_spki_der`].
    pub fn from_jwk(json: &str) -> Result<Self, Error> {
        Self::read(&Jwk::parse(json)?, None)
    }

    /// Reads a JSON Web Key as [`from_jwk`](Self::from_jwk) does. If it names no `alg`, it is for
    /// this algorithm.
    ///
    /// # Errors
    ///
    /// The errors of [`from_jwk`](Self::from_jwk), and [`Error::InvalidKey`] if it names another `alg`.
    pub fn from_jwk_for(algorithm: Algorithm, json: &str) -> Result<Self, Error> {
        Self::read(&Jwk::parse(json)?, Some(algorithm))
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
                PublicMaterial::rsa(algorithm, public)?
            }
            _ => PublicMaterial::on_curve(kind, &jwk.point(kind)?)?,
        };
        let key = Self::new(algorithm, material);
        Ok(match jwk.id()? {
            Some(id) => key.with_id(id),
            None => key,
        })
    }

    /// Makes a key from the bits of an SPKI.
    fn from_bits(algorithm: Algorithm, kind: Kind, bits: &[u8]) -> Result<Self, Error> {
        Ok(Self::new(
            algorithm,
            match kind {
                Kind::Rsa => PublicMaterial::rsa(algorithm, der::rsa_public(bits)?)?,
                _ => PublicMaterial::on_curve(kind, bits)?,
            },
        ))
    }

    pub(super) fn new(algorithm: Algorithm, material: PublicMaterial) -> Self {
        Self { info: KeyInfo::new(algorithm), material }
    }

    /// Gives the key an id. A token that names another `kid` is then rejected.
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

    /// Returns the one algorithm that the key is for.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.info.algorithm()
    }

    /// Binds the key to one issuer (RFC 8725 §3.8): a token that it verifies must have this `iss`, in
    /// addition to what the policy says. A later call replaces an earlier one.
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

    /// Returns the key as a JSON Web Key (RFC 7517), with its algorithm and id.
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

    /// Returns the members of the JWK, in the order of their names.
    pub(super) fn members(&self) -> Vec<(&'static str, String)> {
        let mut members = self.required_members();
        members.push(("alg", self.algorithm().name().into()));
        members.push(("use", "sig".into()));
        members.extend(self.id().map(|id| ("kid", id.into())));
        members.sort_unstable();
        members
    }

    /// Returns the key in PEM, as a `PUBLIC KEY` (RFC 7468 §13).
    ///
    /// ```
    /// use jwt_codec::{Algorithm, PrivateKey, PublicKey};
    ///
    /// let key = PrivateKey::generate(Algorithm::Es256)?.public_key();
    /// let again = PublicKey::from_pem(Algorithm::Es256, key.to_pem())?;
    /// assert_eq!(again.thumbprint(), key.thumbprint());
    /// # Ok::<(), jwt_codec::Error>(())
    /// ```
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem::write("PUBLIC KEY", &self.to_spki_der())
    }

    /// Returns the key as a `SubjectPublicKeyInfo` in DER (RFC 5280 §4.1).
    #[must_use]
    pub fn to_spki_der(&self) -> Vec<u8> {
        write_spki(self.material.kind(), &self.material.to_bytes())
    }

    /// Returns the key as bytes without a format, as [`from_bytes`](Self::from_bytes) reads them:
    /// the uncompressed point of an ECDSA key, the 32 bytes of an Ed25519 key. `None` for RSA, which
    /// has no such form.
    #[must_use]
    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        match self.material.kind() {
            Kind::Rsa => None,
            Kind::Ed25519 | Kind::P256 | Kind::P384 => Some(self.material.to_bytes()),
        }
    }

    /// Returns the SHA-256 thumbprint of the key (RFC 7638) in base64url: an id that everybody who
    /// has the key can compute.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        text(&Sha256::digest(json(&self.required_members())))
    }

    /// Returns the members of which RFC 7638 §3.2 and RFC 8037 §2 make the thumbprint, in the order of
    /// their names.
    fn required_members(&self) -> Vec<(&'static str, String)> {
        let bytes = self.material.to_bytes();
        let point = |curve: &str| {
            // Uncompressed: the byte 4, and two coordinates of the same length.
            let coordinates = bytes.get(1..).unwrap_or_default();
            let (x, y) = coordinates.split_at(coordinates.len() / 2);
            vec![("crv", curve.into()), ("kty", "EC".into()), ("x", text(x)), ("y", text(y))]
        };
        match &self.material {
            PublicMaterial::Ed25519(_) => {
                vec![("crv", "Ed25519".into()), ("kty", "OKP".into()), ("x", text(&bytes))]
            }
            PublicMaterial::P256(_) => point("P-256"),
            PublicMaterial::P384(_) => point("P-384"),
            PublicMaterial::Rsa(key) => {
                let PublicNumbers { n, e } = &key.numbers;
                vec![("e", text(e)), ("kty", "RSA".into()), ("n", text(n))]
            }
        }
    }

    /// Returns this signature of the text in the form of a token (RFC 7518 §3.4), if the key verifies
    /// it. An ECDSA signature may also be in DER.
    pub(crate) fn jws_signature(&self, text: &[u8], signature: &[u8]) -> Option<Vec<u8>> {
        if self.verifies(text, signature) {
            return Some(signature.to_vec());
        }
        match self.material.kind() {
            kind @ (Kind::P256 | Kind::P384) => {
                let signature = der::ecdsa_signature(signature, kind.field_len())?;
                self.verifies(text, &signature).then_some(signature)
            }
            Kind::Ed25519 | Kind::Rsa => None,
        }
    }

    pub(crate) fn info(&self) -> &KeyInfo {
        &self.info
    }

    pub(super) fn info_mut(&mut self) -> &mut KeyInfo {
        &mut self.info
    }
}

impl VerifyingKey for PublicKey {
    fn info(&self) -> &KeyInfo {
        &self.info
    }

    fn verifies(&self, signing_input: &[u8], signature: &[u8]) -> bool {
        self.material.verifies(self.algorithm(), signing_input, signature)
    }
}

/// The JSON text of an object of strings.
fn json(members: &[(&'static str, String)]) -> String {
    members.iter().cloned().collect::<Value>().to_string()
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
