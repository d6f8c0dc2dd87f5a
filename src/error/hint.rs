//! Advice: what a developer can do about an error. The facts are in the errors themselves.

use core::fmt;

use super::{
    encode_defect::EncodeDefect, json_type::JsonType, key_defect::KeyDefect, malformed::Reason,
    requirement::Requirement,
};
use crate::claims::name::Claim;

/// Writes advice after a fact, if there is some.
pub(super) fn write(hint: Option<&str>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match hint {
        Some(hint) => write!(f, "; {hint}"),
        None => Ok(()),
    }
}

/// What to do about a malformed token or segment.
pub(super) const fn for_malformed(reason: &Reason) -> Option<&'static str> {
    match reason {
        Reason::Placeholder { .. } => Some("look whether a variable is unset"),
        Reason::Bearer => Some("pass the token without `Bearer `"),
        Reason::Quoted => Some("remove the quotes"),
        Reason::WhiteSpace => Some("trim the token"),
        Reason::SegmentCount { found: 5 } => {
            Some("five segments are an encrypted token (JWE), which is not supported")
        }
        Reason::TooLong { .. } => {
            Some("the limit is an eighth of `Validation::max_token_len`, and at least 8192 bytes")
        }
        Reason::Base64url { byte, .. } => Some(for_base64url(*byte)),
        Reason::NestedToken => Some(
            "nested tokens are not supported; `VerifiedToken::payload` returns the inner token",
        ),
        Reason::Empty
        | Reason::SegmentCount { .. }
        | Reason::Utf8 { .. }
        | Reason::NotAnObject { .. }
        | Reason::Json { .. }
        | Reason::DuplicateName { .. }
        | Reason::ReservedName
        | Reason::MissingAlg
        | Reason::ParameterType { .. }
        | Reason::Critical => None,
    }
}

/// What to do about a byte that is not canonical base64url.
const fn for_base64url(byte: Option<u8>) -> &'static str {
    match byte {
        None => "characters are missing or were changed",
        Some(b'=') => "remove the padding, \"=\"",
        Some(b'+' | b'/') => {
            "\"+\" and \"/\" are of the standard alphabet; base64url uses \"-\" and \"_\""
        }
        Some(byte) if byte.is_ascii_whitespace() => "remove the white space or line end",
        Some(_) => "the byte is not of the alphabet",
    }
}

/// Which method of `Validation` accepts a token without the claim, if one does.
pub(super) const fn for_missing_claim(requirement: Requirement) -> Option<&'static str> {
    match requirement {
        Requirement::DefaultPolicy => {
            Some("`Validation::allow_missing_exp` accepts a token without it, if no rule needs it")
        }
        _ => None,
    }
}

/// Which method of `Validation` accepts a claim of this type, if one does.
pub(super) const fn for_claim_type(claim: Claim, found: JsonType) -> Option<&'static str> {
    match (claim, found) {
        (_, JsonType::Null) => Some("`Validation::allow_null_claims` treats null as absent"),
        (Claim::Subject, JsonType::Number) => {
            Some("`Validation::allow_non_string_subject` accepts an integer of 64 bits")
        }
        (Claim::JwtId, JsonType::Number) => {
            Some("`Validation::allow_non_string_id` accepts an integer of 64 bits")
        }
        _ => None,
    }
}

/// What to do about claims or a header that cannot be written.
pub(super) const fn for_encode(defect: &EncodeDefect) -> Option<&'static str> {
    match defect {
        EncodeDefect::NotAnObject => Some("use a struct or a map"),
        EncodeDefect::DuplicateClaim { .. } => Some("keep one of the two"),
        EncodeDefect::ReservedName => Some(
            "a `RawValue` cannot be flattened into the claims, nor be all of them; `sign` signs any \
             bytes",
        ),
        EncodeDefect::ClaimType { .. } => Some("`sign` signs any bytes, for another reader"),
        EncodeDefect::EmptyTyp => Some("use `Header::without_typ`"),
        EncodeDefect::NotFinite { .. } => Some("use a finite number"),
        EncodeDefect::Unreadable { .. }
        | EncodeDefect::Serialize { .. }
        | EncodeDefect::HeaderAlg
        | EncodeDefect::HeaderExtension { .. }
        | EncodeDefect::HeaderNotAString { .. }
        | EncodeDefect::HeaderReservedName
        | EncodeDefect::HeaderUnwritable { .. }
        | EncodeDefect::HeaderTooLong { .. } => None,
    }
}

/// The feature that adds an algorithm of this name, if this build lacks it.
pub(super) fn for_algorithm_name(name: &str) -> Option<&'static str> {
    const PUBLIC_KEYS: [&str; 10] = [
        "EdDSA", "Ed25519", "ES256", "ES384", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512",
    ];
    let is_off = cfg!(not(feature = "public-keys")) && PUBLIC_KEYS.contains(&name);
    is_off.then_some("the feature `public-keys` of jwt-codec adds it")
}

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
        KeyDefect::SecretIsJwk => {
            "read a JWK with `Key::from_jwk`, and a JWK Set with `KeySet::from_jwks`"
        }
        KeyDefect::NotBase64url => "`Key::from_base64` reads the other forms of base64",
        KeyDefect::Hexadecimal => "read it with `Key::from_hex`",
        KeyDefect::JwkMemberEncoding { .. } => BASE64URL,
        KeyDefect::JwkUnsupported { member } => supported(member)?,
        KeyDefect::JwkByteOrderMark => "remove it, as with `text.trim_start_matches('\\u{feff}')`",
        #[cfg(feature = "public-keys")]
        KeyDefect::JwkWithoutAlgorithm => {
            "name it with `from_jwk_for`; for a set with `from_jwks_for`, or with \
             `from_public_jwks_for` if it is not your own"
        }
        #[cfg(not(feature = "public-keys"))]
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
        KeyDefect::PemIsOpenssh => {
            "convert it first, with `ssh-keygen -p -m PKCS8`, which leaves Ed25519 as it is in older \
             versions"
        }
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
