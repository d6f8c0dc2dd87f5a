//! The two forms that the library does not write: a private key as JWK (RFC 7518 §6, RFC 8037 §2)
//! and a public key as PEM (RFC 7468 §13). Both come from the form that it does write.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jwt_codec::{PrivateKey, PublicKey};
use pkcs1::{RsaPrivateKey, RsaPublicKey, UintRef};
use pkcs8::{
    AlgorithmIdentifierRef, ObjectIdentifier, PrivateKeyInfoRef, SecretDocument,
    SubjectPublicKeyInfoRef,
    der::{
        Decode, Encode, EncodePem,
        asn1::{AnyRef, BitStringRef, OctetStringRef},
        pem::LineEnding,
    },
};
use sec1::EcPrivateKey;
use serde::Deserialize;

use crate::{failure::Failure, json};

/// RFC 8017, appendix C.
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// RFC 5480 §2.1.1.
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
/// RFC 8410 §3.
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

pub(super) fn private_jwk(key: &PrivateKey) -> Result<String, Failure> {
    let public = key.public_key().to_jwk();
    let private = private_members(&key.to_pem()).ok_or_else(unwritable)?;
    let mut members: Vec<(String, String)> = Vec::new();
    for (name, value) in json::members(&public).map_err(|_| unwritable())? {
        members.push((name, value.to_owned()));
    }
    for (name, bytes) in private {
        members.push((name.to_owned(), json::text(&BASE64_URL_SAFE_NO_PAD.encode(bytes))?));
    }
    json::object(members.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

fn private_members(pem: &str) -> Option<Vec<(&'static str, Vec<u8>)>> {
    let (_, document) = SecretDocument::from_pem(pem).ok()?;
    let info = PrivateKeyInfoRef::from_der(document.as_bytes()).ok()?;
    let key = info.private_key.as_bytes();
    match info.algorithm.oid {
        RSA => {
            let key = RsaPrivateKey::<UintRef<'_>>::from_der(key).ok()?;
            let members = [
                ("d", key.private_exponent),
                ("p", key.prime1),
                ("q", key.prime2),
                ("dp", key.exponent1),
                ("dq", key.exponent2),
                ("qi", key.coefficient),
            ];
            Some(members.map(|(name, number)| (name, number.as_bytes().to_vec())).to_vec())
        }
        EC => Some(vec![("d", EcPrivateKey::from_der(key).ok()?.private_key.to_vec())]),
        ED25519 => {
            let seed = <&OctetStringRef>::from_der(key).ok()?;
            Some(vec![("d", seed.as_bytes().to_vec())])
        }
        _ => None,
    }
}

pub(super) fn public_pem(key: &PublicKey) -> Result<String, Failure> {
    spki(&key.to_jwk()).ok_or_else(unwritable)
}

#[derive(Deserialize)]
struct PublicJwk {
    kty: String,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
}

fn spki(jwk: &str) -> Option<String> {
    let jwk: PublicJwk = serde_json::from_str(jwk).ok()?;
    let bytes = |member: &Option<String>| BASE64_URL_SAFE_NO_PAD.decode(member.as_ref()?).ok();
    match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("RSA", None) => {
            let (modulus, exponent) = (bytes(&jwk.n)?, bytes(&jwk.e)?);
            let key = RsaPublicKey {
                modulus: UintRef::new(&modulus).ok()?,
                public_exponent: UintRef::new(&exponent).ok()?,
            };
            spki_pem(RSA, Some(AnyRef::NULL), &key.to_der().ok()?)
        }
        ("EC", Some(curve @ ("P-256" | "P-384"))) => {
            // An uncompressed point (SEC 1 §2.3.3).
            let point = [vec![4], bytes(&jwk.x)?, bytes(&jwk.y)?].concat();
            let curve = if curve == "P-256" { &P256 } else { &P384 };
            spki_pem(EC, Some(curve.into()), &point)
        }
        ("OKP", Some("Ed25519")) => spki_pem(ED25519, None, &bytes(&jwk.x)?),
        _ => None,
    }
}

fn spki_pem(oid: ObjectIdentifier, parameters: Option<AnyRef<'_>>, key: &[u8]) -> Option<String> {
    let info = SubjectPublicKeyInfoRef {
        algorithm: AlgorithmIdentifierRef { oid, parameters },
        subject_public_key: BitStringRef::from_bytes(key).ok()?,
    };
    Some(info.to_pem(LineEnding::LF).ok()?.trim_end().to_owned())
}

fn unwritable() -> Failure {
    Failure::misuse("keys of this kind cannot be written so")
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};

    use super::{private_members, spki};

    /// Keys that other programs made; see `tests/keys/README.md`.
    const KEYS: [(&str, &str, &str); 4] = [
        (
            include_str!("../../tests/keys/es256.pem"),
            include_str!("../../tests/keys/es256.public.pem"),
            include_str!("../../tests/keys/es256.jwk"),
        ),
        (
            include_str!("../../tests/keys/es384.pem"),
            include_str!("../../tests/keys/es384.public.pem"),
            include_str!("../../tests/keys/es384.jwk"),
        ),
        (
            include_str!("../../tests/keys/eddsa.pem"),
            include_str!("../../tests/keys/eddsa.public.pem"),
            include_str!("../../tests/keys/eddsa.jwk"),
        ),
        (
            include_str!("../../tests/keys/rs256.pem"),
            include_str!("../../tests/keys/rs256.public.pem"),
            include_str!("../../tests/keys/rs256.jwk"),
        ),
    ];

    #[test]
    fn forms_of_other_programs() {
        for (private, public, jwk) in KEYS {
            assert_eq!(spki(jwk).unwrap(), public.trim_end());
            let jwk: serde_json::Value = serde_json::from_str(jwk).unwrap();
            for (name, bytes) in private_members(private).unwrap() {
                assert_eq!(jwk[name], BASE64_URL_SAFE_NO_PAD.encode(bytes), "{name}");
            }
        }
        assert_eq!(spki(r#"{"kty":"oct","k":"AAAA"}"#), None);
        assert_eq!(private_members("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----"), None);
    }
}
