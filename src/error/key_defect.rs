//! What can be wrong with a key: facts alone. The advice is in [`super::hint`].

#[cfg(feature = "public-keys")]
use core::fmt;

use crate::algorithm::Algorithm;

/// What is wrong with a key or a set of keys, in [`Error::InvalidKey`](crate::Error::InvalidKey).
///
/// `Display` says it in a sentence. No variant carries a byte of a key.
///
/// ```
/// use jwt_codec::{Algorithm, Error, Key, KeyDefect};
///
/// let error = Key::from_hex(Algorithm::Hs256, "not hexadecimal").unwrap_err();
/// assert_eq!(error, Error::InvalidKey { defect: KeyDefect::NotHexadecimal });
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyDefect {
    /// The algorithm does not use a secret, and a secret was passed.
    #[error("{algorithm} uses public and private keys, not secrets")]
    NotForSecrets {
        /// The algorithm.
        algorithm: Algorithm,
    },
    /// The secret is the text of a key or certificate in PEM or in the like armour.
    #[error("the secret is the text of a PEM key or certificate")]
    SecretIsPem,
    /// The secret is the text of an XML key, as .NET writes it.
    #[error("the secret is the text of an XML key")]
    SecretIsXml,
    /// The secret is an SSH key.
    #[error("the secret is an SSH key")]
    SecretIsSsh,
    /// The secret is the text of a JSON Web Key or of a set of them.
    #[error("the secret is the text of a JWK or JWK Set")]
    SecretIsJwk,
    /// The secret is a key, a certificate or a request in DER.
    #[error("the secret is a key or certificate in DER")]
    SecretIsDer,
    /// The text is not hexadecimal digits, two for each byte.
    #[error("the text is not hexadecimal digits, two for each byte")]
    NotHexadecimal,
    /// The text is base64 of neither alphabet (RFC 4648 §4, §5).
    #[error("the text is not base64")]
    NotBase64,
    /// The text is not base64url without padding in its canonical encoding (RFC 7515 §2).
    #[error("the text is not base64url without padding")]
    NotBase64url,
    /// The text is 64 or more hexadecimal digits, which as base64 would be another key.
    #[error("the text is hexadecimal, not base64")]
    Hexadecimal,

    /// The JWK is not a JSON object, or has two members of one name (RFC 7517 §4).
    #[error("the JWK is not a JSON object with unique member names")]
    JwkSyntax,
    /// The JWK Set is not a JSON object, or has two members of one name (RFC 7517 §5).
    #[error("the JWK Set is not a JSON object with unique member names")]
    JwkSetSyntax,
    /// The JWK Set has too many keys that are JSON but cannot be read, such as `1e400` or half of a
    /// surrogate pair.
    #[error("more than {max} keys of the JWK Set cannot be read")]
    JwkSetUnreadableKeys {
        /// The most that are skipped.
        max: usize,
    },
    /// The JWK Set has no member `keys` (RFC 7517 §5.1).
    #[error("the JWK Set does not contain the member \"keys\"")]
    JwkSetWithoutKeys,
    /// The member `keys` of the JWK Set is not an array (RFC 7517 §5.1).
    #[error("the member \"keys\" of the JWK Set is not an array")]
    JwkSetKeysType,
    /// A member of the JWK is not a string.
    #[error("the member \"{member}\" of the JWK is not a string")]
    JwkMemberType {
        /// Name of the member.
        member: &'static str,
    },
    /// A member of the JWK is not base64url without padding (RFC 7518 §6).
    #[error("the member \"{member}\" of the JWK is not base64url without padding")]
    JwkMemberEncoding {
        /// Name of the member.
        member: &'static str,
    },
    /// The JWK does not contain a member that its type of key needs (RFC 7518 §6).
    #[error("the JWK does not contain the member \"{member}\"")]
    JwkMemberMissing {
        /// Name of the member.
        member: &'static str,
    },
    /// `kty`, `crv` or `alg` of the JWK is not a value that this build supports.
    #[error("the member \"{member}\" of the JWK has a value that is not supported")]
    JwkUnsupported {
        /// Name of the member.
        member: &'static str,
    },
    /// The JWK has no `alg`, nothing else in it decides the algorithm, and the caller named none.
    #[error("the JWK does not name its algorithm")]
    JwkWithoutAlgorithm,
    /// The JWK names another algorithm than the caller asked for.
    #[error("the JWK names another algorithm than {algorithm}")]
    JwkOtherAlgorithm {
        /// The algorithm that the caller asked for.
        algorithm: Algorithm,
    },
    /// The JWK is a public or private key, and a secret is needed or is all that this build reads.
    #[error("the JWK is a public or private key, not a secret")]
    JwkNotASecret,
    /// The JWK is a secret, and a public or private key is needed.
    #[cfg(feature = "public-keys")]
    #[error("the JWK is a secret, not a public or private key")]
    JwkIsASecret,
    /// The JWK is a secret in a set that is published, so everybody can sign with it.
    #[cfg(feature = "public-keys")]
    #[error("the JWK is a secret in a published set, which everybody can read and sign with")]
    JwkPublishedSecret,
    /// The text of the JWK or JWK Set starts with a byte order mark (RFC 8259 §8.1).
    #[error("the text starts with a byte order mark")]
    JwkByteOrderMark,
    /// `use` of the JWK is not `sig` (RFC 7517 §4.2).
    #[error("the JWK is not for signatures: its member \"use\" has another value than \"sig\"")]
    JwkUse,
    /// `key_ops` of the JWK is not an array of strings (RFC 7517 §4.3).
    #[error("the member \"key_ops\" of the JWK is not an array of strings")]
    JwkOperationsType,
    /// `key_ops` of the JWK lists an operation twice (RFC 7517 §4.3).
    #[error("the member \"key_ops\" of the JWK lists an operation twice")]
    JwkOperationTwice,
    /// `key_ops` of the JWK lists no operation for which this kind of key is used (RFC 7517 §4.3).
    #[error("the member \"key_ops\" of the JWK does not list what the key is used for")]
    JwkOperations,
    /// A JWK that should be public contains a private member.
    #[cfg(feature = "public-keys")]
    #[error("the JWK of a public key contains the private member \"{member}\"")]
    JwkPrivateMember {
        /// Name of the member.
        member: &'static str,
    },
    /// `x` or `y` of the JWK is shorter or longer than the coordinates of its curve (RFC 7518
    /// §6.2.1.2).
    #[cfg(feature = "public-keys")]
    #[error("the members \"x\" and \"y\" of the JWK do not have the length of the curve")]
    JwkCoordinates,
    /// The JWK is an RSA key of more than two primes (RFC 7518 §6.3.2.7).
    #[cfg(feature = "public-keys")]
    #[error("the RSA key of the JWK has more than two primes")]
    JwkOtherPrimes,
    /// The set contains a key with the same id and algorithm, and the two are not bound to different
    /// issuers.
    #[error("the set contains a key with the same id and algorithm")]
    DuplicateId,

    /// The algorithm uses a secret, and a public or private key was asked for.
    #[cfg(feature = "public-keys")]
    #[error("{algorithm} uses a secret, not a public or private key")]
    NotForKeyPairs {
        /// The algorithm.
        algorithm: Algorithm,
    },
    /// The key is of another kind, or on another curve, than the algorithm needs.
    #[cfg(feature = "public-keys")]
    #[error("the algorithm needs {needed}, and this is {found}")]
    OtherKind {
        /// The kind that the algorithm needs.
        needed: KeyKind,
        /// The kind of the key.
        found: KeyKind,
    },
    /// The identifier of the key has other parameters than its kind of key has: NULL for RSA
    /// (RFC 8017 A.1), none for Ed25519 (RFC 8410 §3).
    #[cfg(feature = "public-keys")]
    #[error("the identifier of {kind} has other parameters than its standard says")]
    Parameters {
        /// The kind of the key.
        kind: KeyKind,
    },
    /// The processor does not have the instructions that public keys need.
    #[cfg(feature = "public-keys")]
    #[error("this processor does not have the instructions that public keys need")]
    Processor,
    /// The operating system returned no random bytes.
    #[cfg(feature = "public-keys")]
    #[error("the operating system returned no random bytes")]
    NoRandomBytes,

    /// The text contains no line that begins a block of PEM (RFC 7468 §3).
    #[cfg(feature = "public-keys")]
    #[error("the text is not PEM: it does not contain `-----BEGIN `")]
    NotPem,
    /// The line ends of the PEM text are two characters, a backslash and an `n`.
    #[cfg(feature = "public-keys")]
    #[error("the PEM text contains a backslash and an \"n\" where its line ends should be")]
    PemLineEnds,
    /// The PEM text ends before the line that ends its block.
    #[cfg(feature = "public-keys")]
    #[error("the PEM text does not contain an END line")]
    PemUnfinished,
    /// The END line of the PEM text names another label than its BEGIN line (RFC 7468 §3).
    #[cfg(feature = "public-keys")]
    #[error("the END line of the PEM text names another label than the BEGIN line")]
    PemLabels,
    /// The PEM text contains more than one block.
    #[cfg(feature = "public-keys")]
    #[error("the PEM text contains more than one block")]
    PemBlocks,
    /// The PEM text goes on after its END line.
    #[cfg(feature = "public-keys")]
    #[error("the PEM text continues after the END line")]
    PemTrailing,
    /// The body of the PEM text is not base64.
    #[cfg(feature = "public-keys")]
    #[error("the body of the PEM text is not base64")]
    PemBody,
    /// The key of the PEM text is encrypted.
    #[cfg(feature = "public-keys")]
    #[error("the PEM text is an encrypted key")]
    PemEncrypted,
    /// The PEM text is a public key, and a private key is needed.
    #[cfg(feature = "public-keys")]
    #[error("the PEM text is a public key, and a private key is needed")]
    PemIsPublic,
    /// The PEM text is a private key, and a public key is needed.
    #[cfg(feature = "public-keys")]
    #[error("the PEM text is a private key, and a public key is needed")]
    PemIsPrivate,
    /// The PEM text is a key in OpenSSH's own format.
    #[cfg(feature = "public-keys")]
    #[error("the PEM text is a key in the format of OpenSSH")]
    PemIsOpenssh,
    /// The PEM text is a certificate.
    #[cfg(feature = "public-keys")]
    #[error("the PEM text is a certificate")]
    PemIsCertificate,
    /// The label of the PEM text is not the label of a key.
    #[cfg(feature = "public-keys")]
    #[error("the label of the PEM text is not the label of a key")]
    PemLabel,

    /// The bytes are not a `SubjectPublicKeyInfo` in DER (RFC 5280 §4.1).
    #[cfg(feature = "public-keys")]
    #[error("the bytes are not a SubjectPublicKeyInfo in DER")]
    NotSpki,
    /// The bytes are not an unencrypted PKCS#8 key in DER (RFC 5958).
    #[cfg(feature = "public-keys")]
    #[error("the bytes are not an unencrypted PKCS#8 key in DER")]
    NotPkcs8,
    /// The bytes are not an elliptic curve key in DER (SEC1, RFC 5915).
    #[cfg(feature = "public-keys")]
    #[error("the bytes are not an elliptic curve key in DER (SEC1, RFC 5915)")]
    NotSec1,
    /// The bytes are not an RSA public key in DER (PKCS#1, RFC 8017 A.1.1).
    #[cfg(feature = "public-keys")]
    #[error("the bytes are not an RSA public key in DER (PKCS#1, RFC 8017 A.1.1)")]
    NotRsaPublic,
    /// The bytes are not an RSA private key of two primes in DER (PKCS#1, RFC 8017 A.1.2).
    #[cfg(feature = "public-keys")]
    #[error("the bytes are not an RSA private key of two primes in DER (PKCS#1, RFC 8017 A.1.2)")]
    NotRsaPrivate,
    /// The bytes are not a public key in DER, neither SPKI nor PKCS#1.
    #[cfg(feature = "public-keys")]
    #[error("the bytes are not a public key in DER")]
    NotPublicKey,
    /// The bytes are not an unencrypted private key in DER: not PKCS#8, SEC1 or PKCS#1.
    #[cfg(feature = "public-keys")]
    #[error("the bytes are not an unencrypted private key in DER")]
    NotPrivateKey,
    /// The PEM text is not an X.509 certificate (RFC 5280 §4.1).
    #[cfg(feature = "public-keys")]
    #[error("the PEM text is not an X.509 certificate")]
    NotCertificate,
    /// The key was to be read from bytes without a format, which RSA keys do not have.
    #[cfg(feature = "public-keys")]
    #[error("an RSA key has no form as bytes without a format")]
    NoRawForm,
    /// The number of bits of the public key is not a multiple of eight.
    #[cfg(feature = "public-keys")]
    #[error("the bits of the public key are not whole bytes")]
    PublicKeyBits,
    /// The elliptic curve key does not name its curve, which it must if it stands alone (RFC 5915
    /// §3).
    #[cfg(feature = "public-keys")]
    #[error("the elliptic curve key does not name its curve (RFC 5915 §3)")]
    Sec1WithoutCurve,
    /// The private key contains two different public keys.
    #[cfg(feature = "public-keys")]
    #[error("the private key contains two different public keys")]
    TwoPublicKeys,

    /// The point of the public key is not uncompressed, or is shorter or longer than its curve's.
    #[cfg(feature = "public-keys")]
    #[error("the public key is not an uncompressed point of its curve in full length")]
    PointForm,
    /// The point of the public key is compressed.
    #[cfg(feature = "public-keys")]
    #[error("the point of the public key is compressed")]
    PointCompressed,
    /// The point of the public key does not lie on its curve.
    #[cfg(feature = "public-keys")]
    #[error("the point of the public key does not lie on its curve")]
    PointOffCurve,
    /// The Ed25519 public key is not 32 bytes that stand for a point (RFC 8032 §5.1.5).
    #[cfg(feature = "public-keys")]
    #[error("the Ed25519 public key is not 32 bytes that stand for a point")]
    Ed25519Point,
    /// The Ed25519 public key has small order, so that anybody can sign for it (RFC 8032 §8.4).
    #[cfg(feature = "public-keys")]
    #[error("the Ed25519 public key has small order, so anybody can sign for it")]
    Ed25519SmallOrder,
    /// The private key of the curve is shorter or longer than the curve's.
    #[cfg(feature = "public-keys")]
    #[error("the private key does not have the {expected} bytes of its curve")]
    PrivateKeyLength {
        /// Length of a private key of the curve, in bytes.
        expected: usize,
    },
    /// The private key is zero, or not below the order of its curve.
    #[cfg(feature = "public-keys")]
    #[error("the private key is zero or not below the order of its curve")]
    PrivateKeyRange,
    /// The private key and the public key that comes with it do not belong together.
    #[cfg(feature = "public-keys")]
    #[error("the private key and the public key that comes with it do not belong together")]
    KeyPairMismatch,
    /// What the private key signs, its public key does not verify: its numbers do not belong
    /// together.
    #[cfg(feature = "public-keys")]
    #[error("the private key cannot sign, because its numbers do not belong together")]
    CannotSign,

    /// The identifier of the RSA key binds it to RSASSA-PSS (RFC 4055 §1.2).
    #[cfg(feature = "public-keys")]
    #[error("the identifier of the RSA key is `id-RSASSA-PSS`, not `rsaEncryption`")]
    RsaPssIdentifier,
    /// The RSA modulus has more than 8192 bits.
    #[cfg(feature = "public-keys")]
    #[error("the RSA modulus has {bits} bits, more than 8192")]
    RsaModulusTooLong {
        /// Length of the modulus, in bits.
        bits: usize,
    },
    /// The RSA modulus is even, so it is not the product of two odd primes.
    #[cfg(feature = "public-keys")]
    #[error("the RSA modulus is even, so it is not the product of two odd primes")]
    RsaModulusEven,
    /// The length of the RSA modulus in bits is not a multiple of 64.
    #[cfg(feature = "public-keys")]
    #[error("the RSA modulus has {bits} bits, which is not a multiple of 64")]
    RsaModulusLength {
        /// Length of the modulus, in bits.
        bits: usize,
    },
    /// The RSA exponent has more than 31 bits.
    #[cfg(feature = "public-keys")]
    #[error("the RSA exponent has more than 31 bits")]
    RsaExponentTooLong,
    /// The RSA exponent is even or less than 3.
    #[cfg(feature = "public-keys")]
    #[error("the RSA exponent is even or less than 3")]
    RsaExponent,
    /// The primes of the RSA key are even, or not half as long as its modulus.
    #[cfg(feature = "public-keys")]
    #[error("the primes of the RSA key are not odd numbers of half the length of its modulus")]
    RsaPrimes,
    /// A private number of the RSA key is even, zero, or longer than its modulus or primes allow.
    #[cfg(feature = "public-keys")]
    #[error("the private numbers of the RSA key do not fit its modulus and primes")]
    RsaPrivateNumbers,
    /// A number of the RSA key is not base64url without padding.
    #[cfg(feature = "public-keys")]
    #[error("the number \"{number}\" of the RSA key is not base64url without padding")]
    RsaNumberEncoding {
        /// `n` or `e`.
        number: &'static str,
    },
    /// A number of the RSA key is longer than DER can hold, or the backend rejects the key.
    #[cfg(feature = "public-keys")]
    #[error("the RSA key cannot be used")]
    RsaUnusable,

    /// The library could not do what cannot fail. This is a bug in it.
    #[error("the key could not be processed, which is a bug in jwt-codec")]
    Internal,
}

/// The kind of a public or private key, in [`KeyDefect::OtherKind`].
#[cfg(feature = "public-keys")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyKind {
    /// An RSA key.
    Rsa,
    /// An elliptic curve key, of which only that is known.
    EllipticCurve,
    /// An elliptic curve key on P-256.
    P256,
    /// An elliptic curve key on P-384.
    P384,
    /// An elliptic curve key on P-521.
    P521,
    /// An elliptic curve key on secp256k1.
    Secp256k1,
    /// An elliptic curve key on a curve that this crate does not know.
    OtherCurve,
    /// An Ed25519 key.
    Ed25519,
    /// An Ed448 key.
    Ed448,
    /// An X25519 key, which is for key agreement and cannot sign.
    X25519,
    /// An X448 key, which is for key agreement and cannot sign.
    X448,
    /// A key of a kind that this crate does not know.
    Unknown,
}

#[cfg(feature = "public-keys")]
impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rsa => "an RSA key",
            Self::EllipticCurve => "an elliptic curve key",
            Self::P256 => "a P-256 key",
            Self::P384 => "a P-384 key",
            Self::P521 => "a P-521 key",
            Self::Secp256k1 => "a secp256k1 key",
            Self::OtherCurve => "an elliptic curve key of an unknown curve",
            Self::Ed25519 => "an Ed25519 key",
            Self::Ed448 => "an Ed448 key",
            Self::X25519 => "an X25519 key",
            Self::X448 => "an X448 key",
            Self::Unknown => "a key of an unknown kind",
        })
    }
}
