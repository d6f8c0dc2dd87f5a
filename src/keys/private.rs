//! Keys that sign.

use alloc::string::String;
use core::fmt;

use super::{
    backend::{PrivateMaterial, PublicMaterial},
    der::{self, Form},
    info::KeyInfo,
    jwk::Jwk,
    kind::Kind,
    pem::{self, Part},
    public::PublicKey,
    rsa,
    sign::{SignToken, SigningKey},
};
use crate::{
    algorithm::Algorithm,
    base64url,
    error::{Error, KeyDefect, KeyKind},
    signature::{self, SignatureBuffer},
};

/// A private key, bound to one algorithm, with an optional id.
///
/// It signs tokens and does not verify them: it does not implement [`Keys`](crate::Keys). Services that
/// verify need its [`public_key`](PrivateKey::public_key).
///
/// `Debug` shows the algorithm and the id. The key is wiped when the last clone is dropped.
/// Only [`to_pem`](PrivateKey::to_pem) and [`to_jwk`](PrivateKey::to_jwk) return it.
///
/// ```
/// use jwt_codec::{Algorithm, PrivateKey, Validation, decode, encode};
/// use serde_json::{Value, json};
///
/// let key = PrivateKey::generate(Algorithm::EdDsa)?.with_id("2026-11");
/// let token = encode(&json!({ "sub": "ada" }), &key)?;
///
/// let validation = Validation::new().allow_missing_exp();
/// let data = decode::<Value>(&token, &key.public_key(), &validation)?;
/// assert_eq!(data.claims["sub"], "ada");
/// # Ok::<(), jwt_codec::Error>(())
/// ```
///
/// This does not compile:
///
/// ```compile_fail,E0277
/// use jwt_codec::{Error, PrivateKey, UnverifiedToken};
///
/// fn check(token: &UnverifiedToken<'_>, key: &PrivateKey) -> Result<(), Error> {
///     token.verify(key).map(|_| ())
/// }
/// ```
#[derive(Clone)]
pub struct PrivateKey {
    info: KeyInfo,
    material: PrivateMaterial,
    public: PublicMaterial,
}

impl PrivateKey {
    /// Makes a new key from random bytes of the operating system. An RSA key has 2048 bits, and making
    /// it can last a second.
    ///
    /// ```
    /// use jwt_codec::{Algorithm, PrivateKey};
    ///
    /// let key = PrivateKey::generate(Algorithm::Es256)?;
    /// let again = PrivateKey::from_pem(Algorithm::Es256, key.to_pem())?;
    /// assert_eq!(again.public_key().thumbprint(), key.public_key().thumbprint());
    /// # Ok::<(), jwt_codec::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::InvalidKey`] for HS256, HS384 and HS512, and if the operating system returns no random
    /// bytes.
    pub fn generate(algorithm: Algorithm) -> Result<Self, Error> {
        Self::new(algorithm, PrivateMaterial::generate(algorithm)?, None)
    }

    /// Reads a key from PEM (RFC 7468): `PRIVATE KEY` (PKCS#8), `EC PRIVATE KEY` (SEC1) or
    /// `RSA PRIVATE KEY` (PKCS#1).
    ///
    /// Text before the key is ignored, and so is a block `EC PARAMETERS`, which
    /// `openssl ecparam -genkey` writes. Lines may have any length and any line end.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidKey`] if it is anything else, is encrypted, contains a second key, or contains
    /// a key of another kind than the algorithm needs, and the errors of
    /// [`PrivateKey::from_pkcs8_der`].
    pub fn from_pem(algorithm: Algorithm, pem: impl AsRef<[u8]>) -> Result<Self, Error> {
        let kind = Kind::of(algorithm)?;
        let (label, der) = pem::read(pem.as_ref())?;
        let parts = match (label, kind) {
            ("PRIVATE KEY", _) => der::pkcs8(kind, &der)?,
            ("EC PRIVATE KEY", Kind::P256 | Kind::P384) => der::sec1(kind, &der)?,
            ("RSA PRIVATE KEY", Kind::Rsa) => der::PrivateParts { secret: &der, public: None },
            _ => return Err(pem::other_label(label, Part::Private, kind)),
        };
        Self::from_parts(algorithm, kind, &parts)
    }

    /// Reads a key from DER, unencrypted: PKCS#8 (RFC 5958), SEC1 (RFC 5915) or PKCS#1 (RFC 8017
    /// A.1.2). Its structure says which of them it is.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidKey`] if the bytes do not have one of these forms, and the errors of
    /// [`PrivateKey::from_pkcs8_der`].
    pub fn from_der(algorithm: Algorithm, der: &[u8]) -> Result<Self, Error> {
        let kind = Kind::of(algorithm)?;
        let parts = match der::form(der) {
            Some(Form::Pkcs8) => der::pkcs8(kind, der)?,
            Some(Form::Sec1) => der::sec1(kind, der)?,
            Some(Form::Pkcs1Private) if kind == Kind::Rsa => {
                der::PrivateParts { secret: der, public: None }
            }
            Some(Form::Pkcs1Private) => {
                let (needed, found) = (kind.name(), KeyKind::Rsa);
                return Err(Error::invalid_key(KeyDefect::OtherKind { needed, found }));
            }
            _ => return Err(Error::invalid_key(KeyDefect::NotPrivateKey)),
        };
        Self::from_parts(algorithm, kind, &parts)
    }

    /// Reads a key from PKCS#8 in DER (RFC 5958), unencrypted.
    ///
    /// # Errors
    ///
    /// - [`Error::WeakKey`] for RSA of fewer than 2048 bits.
    /// - [`Error::InvalidKey`] if the bytes are anything else, for a key of another kind or curve
    ///   than the algorithm needs, for a private key of another length than the curve's, for a public
    ///   part that does not belong to it, and for whatever [`PublicKey::from_spki_der`] rejects.
    pub fn from_pkcs8_der(algorithm: Algorithm, der: &[u8]) -> Result<Self, Error> {
        let kind = Kind::of(algorithm)?;
        Self::from_parts(algorithm, kind, &der::pkcs8(kind, der)?)
    }

    /// Reads a key from bytes without a format: for ECDSA the scalar, which is 32 bytes on P-256 and
    /// 48 bytes on P-384, big-endian, and for Ed25519 the seed of 32 bytes (RFC 8032 §5.1.5).
    ///
    /// # Errors
    ///
    /// [`Error::InvalidKey`] for RSA, which has no such form, for bytes of another length, and for a
    /// scalar that is zero or not below the order of its curve.
    pub fn from_bytes(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, Error> {
        let kind = Kind::of(algorithm)?;
        if kind == Kind::Rsa {
            return Err(Error::invalid_key(KeyDefect::NoRawForm));
        }
        Self::new(algorithm, PrivateMaterial::on_curve(kind, bytes)?, None)
    }

    /// Reads a private JSON Web Key (RFC 7517, RFC 7518 §6) of `kty` `EC`, `OKP` or `RSA`, as
    /// [`PublicKey::from_jwk`] reads a public one; `key_ops`, if present, has `sign`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidKey`] if it is anything else or has no private members, and the errors of
    /// [`PrivateKey::from_pkcs8_der`].
    pub fn from_jwk(json: &str) -> Result<Self, Error> {
        Self::read(&Jwk::parse(json)?, None)
    }

    /// Reads a private JSON Web Key as [`from_jwk`](Self::from_jwk) does. If it names no `alg`, it is
    /// for this algorithm.
    ///
    /// # Errors
    ///
    /// The errors of [`from_jwk`](Self::from_jwk), and [`Error::InvalidKey`] if it names another `alg`.
    pub fn from_jwk_for(algorithm: Algorithm, json: &str) -> Result<Self, Error> {
        Self::read(&Jwk::parse(json)?, Some(algorithm))
    }

    #[expect(clippy::many_single_char_names, reason = "RFC 7518 names them so")]
    fn read(jwk: &Jwk<'_>, algorithm: Option<Algorithm>) -> Result<Self, Error> {
        let kind = jwk.kind()?;
        jwk.check_use(&["sign"])?;
        let algorithm = jwk.asymmetric_algorithm(kind, algorithm)?;
        let kind = Kind::of(algorithm)?;
        if jwk.member("oth").is_some() {
            return Err(Error::invalid_key(KeyDefect::JwkOtherPrimes));
        }
        let d = jwk.need("d")?;
        let key = if kind == Kind::Rsa {
            let [n, e, p, q, dp, dq, qi] = [
                jwk.need("n")?,
                jwk.need("e")?,
                jwk.need("p")?,
                jwk.need("q")?,
                jwk.need("dp")?,
                jwk.need("dq")?,
                jwk.need("qi")?,
            ];
            let private = rsa::Private {
                public: rsa::Public { n: rsa::number(&n)?, e: rsa::number(&e)? },
                d: rsa::number(&d)?,
                p: rsa::number(&p)?,
                q: rsa::number(&q)?,
                dp: rsa::number(&dp)?,
                dq: rsa::number(&dq)?,
                qi: rsa::number(&qi)?,
            };
            Self::new(algorithm, PrivateMaterial::rsa(algorithm, private)?, None)?
        } else {
            Self::new(algorithm, PrivateMaterial::on_curve(kind, &d)?, Some(&jwk.point(kind)?))?
        };
        Ok(match jwk.id()? {
            Some(id) => key.with_id(id),
            None => key,
        })
    }

    fn from_parts(
        algorithm: Algorithm,
        kind: Kind,
        parts: &der::PrivateParts<'_>,
    ) -> Result<Self, Error> {
        let material = match kind {
            Kind::Rsa => PrivateMaterial::rsa(algorithm, der::rsa_private(parts.secret)?)?,
            _ => PrivateMaterial::on_curve(kind, parts.secret)?,
        };
        Self::new(algorithm, material, parts.public)
    }

    /// Makes a key whose public part has to be `expected`, if that is known.
    pub(super) fn new(
        algorithm: Algorithm,
        material: PrivateMaterial,
        expected: Option<&[u8]>,
    ) -> Result<Self, Error> {
        let public = material.public()?;
        if expected.is_some_and(|expected| expected != public.to_bytes()) {
            return Err(Error::invalid_key(match expected {
                Some([2 | 3, ..]) => KeyDefect::PointCompressed,
                _ => KeyDefect::KeyPairMismatch,
            }));
        }
        // The numbers of an RSA key can be of two keys, and this shows it.
        let mut buffer = [0; signature::MAX_LEN];
        let signature = material.sign(algorithm, b"a first signature", &mut buffer)?;
        if !public.verifies(algorithm, b"a first signature", signature) {
            return Err(Error::invalid_key(KeyDefect::CannotSign));
        }
        Ok(Self { info: KeyInfo::new(algorithm), material, public })
    }

    /// Gives the key an id, which [`encode`](crate::encode()) writes as `kid` (RFC 7515 §4.1.4).
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

    /// Returns the key that verifies what this one signs, with the same id.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        let key = PublicKey::new(self.algorithm(), self.public.clone());
        match self.id() {
            Some(id) => key.with_id(id),
            None => key,
        }
    }

    /// Returns the key in PEM, as PKCS#8 that is not encrypted. **This is the private key
    /// itself**: keep it secret.
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem::write("PRIVATE KEY", &self.material.to_pkcs8())
    }

    /// Returns the key as a private JSON Web Key (RFC 7517, RFC 7518 §6), with its algorithm and id.
    /// **This is the private key itself**: keep it secret, and publish the JWK of
    /// [`public_key`](Self::public_key) instead.
    ///
    /// ```
    /// use jwt_codec::{Algorithm, PrivateKey};
    ///
    /// let key = PrivateKey::generate(Algorithm::Es256)?.with_id("a");
    /// let again = PrivateKey::from_jwk(&key.to_jwk())?;
    /// assert_eq!(again.id(), Some("a"));
    /// assert_eq!(again.public_key().thumbprint(), key.public_key().thumbprint());
    /// # Ok::<(), jwt_codec::Error>(())
    /// ```
    #[must_use]
    pub fn to_jwk(&self) -> String {
        /// The characters around the name and the value of a member.
        const PUNCTUATION: usize = r#","":"""#.len();

        let public = self.public_key().to_jwk();
        let members = self.material.secret_members();
        // The string must never grow, because that leaves a copy of its old content in memory.
        let capacity = members.iter().fold(public.len(), |sum, (name, bytes)| {
            let text = base64url::encoded_len(bytes.len()).unwrap_or(usize::MAX);
            sum.saturating_add(PUNCTUATION).saturating_add(name.len()).saturating_add(text)
        });
        let mut jwk = String::with_capacity(capacity);
        jwk.push_str(public.strip_suffix('}').unwrap_or(&public));
        for (name, bytes) in &members {
            for part in [",\"", *name, "\":\""] {
                jwk.push_str(part);
            }
            base64url::encode(bytes, &mut jwk);
            jwk.push('"');
        }
        jwk.push('}');
        jwk
    }
}

impl SigningKey for PrivateKey {}

impl SignToken for PrivateKey {
    fn info(&self) -> &KeyInfo {
        &self.info
    }

    fn sign<'b>(
        &self,
        signing_input: &[u8],
        buffer: &'b mut SignatureBuffer,
    ) -> Result<&'b [u8], Error> {
        self.material.sign(self.algorithm(), signing_input, buffer)
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey")
            .field("algorithm", &self.algorithm())
            .field("id", &self.id())
            .finish_non_exhaustive()
    }
}
