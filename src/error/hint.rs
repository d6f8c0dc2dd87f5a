//! Advice: what a developer can do about an error. The facts are in the errors themselves.

use super::key_defect::KeyDefect;

const BASE64URL: &str =
    "write it with \"-\" and \"_\" instead of \"+\" and \"/\", and without \"=\" at the end";

/// What to do about a key that cannot be used, where there is something to say.
pub(super) fn for_key(defect: &KeyDefect) -> Option<&'static str> {
    Some(match defect {
        KeyDefect::NotForSecrets { .. } => "read the key with `PublicKey` or `PrivateKey`",
        KeyDefect::SecretIsPem
        | KeyDefect::SecretIsXml
        | KeyDefect::SecretIsSsh
        | KeyDefect::SecretIsDer => {
            "use random bytes, because whoever knows a public key could sign with it as the secret"
        }
        KeyDefect::SecretIsJwk => "read a JWK with `Key::from_jwk`",
        KeyDefect::NotBase64url => "`Key::from_base64` reads the other forms of base64",
        KeyDefect::Hexadecimal => "read it with `Key::from_hex`",
        KeyDefect::JwkMemberEncoding { .. } => BASE64URL,
        KeyDefect::JwkUnsupported { member } => supported(member)?,
        KeyDefect::JwkWithoutAlgorithm => {
            "name it with `from_jwk_for` or, for a set, `from_jwks_for`"
        }
        #[cfg(feature = "public-keys")]
        KeyDefect::JwkNotASecret => "read it with `PublicKey::from_jwk` or `PrivateKey::from_jwk`",
        #[cfg(not(feature = "public-keys"))]
        KeyDefect::JwkNotASecret => "the feature `public-keys` of jwt-codec reads it",
        #[cfg(feature = "public-keys")]
        defect => return for_key_pair(defect),
        #[cfg(not(feature = "public-keys"))]
        _ => return None,
    })
}

/// The values of a JWK's member that this build supports.
fn supported(member: &str) -> Option<&'static str> {
    Some(match member {
        #[cfg(feature = "public-keys")]
        "kty" => "the supported values are \"oct\", \"EC\", \"OKP\" and \"RSA\"",
        #[cfg(not(feature = "public-keys"))]
        "kty" => {
            "the supported value is \"oct\"; the feature `public-keys` of jwt-codec supports \
             \"EC\", \"OKP\" and \"RSA\""
        }
        "crv" => "the supported values are \"P-256\", \"P-384\" and \"Ed25519\"",
        #[cfg(feature = "public-keys")]
        "alg" => "the supported values are the names of `Algorithm`",
        #[cfg(not(feature = "public-keys"))]
        "alg" => {
            "the supported values are \"HS256\", \"HS384\" and \"HS512\"; the feature \
             `public-keys` of jwt-codec supports more"
        }
        _ => return None,
    })
}

#[cfg(feature = "public-keys")]
fn for_key_pair(defect: &KeyDefect) -> Option<&'static str> {
    Some(match defect {
        KeyDefect::JwkIsASecret | KeyDefect::NotForKeyPairs { .. } => "read a secret with `Key`",
        KeyDefect::JwkMemberMissing { member: "d" } => {
            "a private key contains it; read a public key with `PublicKey::from_jwk`"
        }
        KeyDefect::JwkPrivateMember { .. } => {
            "publish the public part alone, and read the private key with `PrivateKey::from_jwk`"
        }
        KeyDefect::JwkOtherPrimes => "use a key of two primes",
        KeyDefect::Processor => {
            "public keys need AES, PCLMULQDQ, BMI1, ADX and AVX2, or on Arm AES, PMULL and SHA2; \
             HS256 works on every processor"
        }
        KeyDefect::NotPem => {
            "pass the whole text of the file, its BEGIN and END lines included; `from_der` reads DER"
        }
        KeyDefect::PemLineEnds => {
            "replace them first, as in `text.replace(\"\\\\n\", \"\\n\")`; many configuration files \
             and environment variables hold a PEM so"
        }
        KeyDefect::PemUnfinished => "look whether the text was cut off",
        KeyDefect::PemBlocks => "pass one block alone",
        KeyDefect::PemTrailing => "remove what follows the END line",
        KeyDefect::PemEncrypted => "decrypt it first, as with `openssl pkey`",
        KeyDefect::PemIsPublic => "read it with `PublicKey::from_pem`",
        KeyDefect::PemIsPrivate => {
            "read it with `PrivateKey::from_pem`, and give `PrivateKey::public_key` to whoever \
             verifies"
        }
        KeyDefect::PemIsOpenssh => "convert it first, with `ssh-keygen -p -m PKCS8`",
        KeyDefect::PemIsCertificate => {
            "extract its public key with `openssl x509 -pubkey -noout`, or, if you trust the \
             certificate for other reasons, read it with `dangerous::certificate_key`"
        }
        KeyDefect::NotSpki | KeyDefect::NotPublicKey => {
            "`openssl pkey -pubout -outform DER` writes one"
        }
        KeyDefect::NotPkcs8 => "`openssl pkcs8 -topk8 -nocrypt -outform DER` writes one",
        KeyDefect::NotPrivateKey => "`openssl pkey -outform DER` writes one",
        KeyDefect::NoRawForm => {
            "read it with `from_der`, or its numbers with `from_rsa_components`"
        }
        KeyDefect::RsaNumberEncoding { .. } => BASE64URL,
        KeyDefect::Sec1WithoutCurve => "`openssl pkey` writes the curve into the key",
        KeyDefect::PointCompressed => {
            "write it uncompressed, as with `openssl ec -conv_form uncompressed`"
        }
        KeyDefect::RsaPssIdentifier => {
            "make a key with the identifier `rsaEncryption`, which serves PS256 too"
        }
        KeyDefect::RsaModulusTooLong { .. } | KeyDefect::RsaModulusLength { .. } => {
            "use a key of 2048, 3072 or 4096 bits"
        }
        KeyDefect::RsaExponentTooLong | KeyDefect::RsaExponent => {
            "use a key with the exponent 65537"
        }
        _ => return None,
    })
}
