//! The crate's errors in the words of the command line: options instead of methods, and dates as
//! people read them.

use jwt_codec::{
    Algorithm, Claim, EncodeDefect, Error, JsonType, KeyDefect, Reason, Segment, UnknownKeyReason,
};

use crate::{
    escape::is_harmful,
    time::{date, distance},
};

/// Says why a token was rejected.
pub(crate) fn of_token_error(error: &Error) -> String {
    match error {
        Error::TokenTooLong { len, max } => {
            format!("the token is {len} bytes long; at most {max} are read")
        }
        Error::Malformed { segment, reason } => match malformed_advice(reason) {
            Some(advice) => format!("malformed {segment}: {reason}; {advice}"),
            None => format!("malformed {segment}: {reason}"),
        },
        Error::AlgorithmMismatch { expected: Some(expected), found } => {
            format!("the token says alg {found:?}, but the key is for {expected} (--alg)")
        }
        Error::AlgorithmMismatch { expected: None, found } => {
            format!(
                "the token says alg {found:?}, and none of the keys that may verify it is for that algorithm"
            )
        }
        Error::UnexpectedType { expected, found: Some(found), .. } if found.is_empty() => {
            format!("typ is empty, not {}; the signer has to name a type or none", list(expected))
        }
        Error::UnexpectedType { expected, found: Some(found), .. } => format!(
            "typ is {found:?}, not {}; if you expect such tokens, {}",
            list(expected),
            advise("--typ", found)
        ),
        Error::UnexpectedType { expected, found: None, .. } => {
            format!("the token has no typ, expected {} (--typ)", list(expected))
        }
        Error::UnknownKey {
            kid: Some(kid), reason: UnknownKeyReason::Skipped { error }, ..
        } => {
            format!(
                "the key {kid:?}, which the token names, cannot be used: {}",
                of_key_error(error)
            )
        }
        Error::UnknownKey { kid: Some(kid), .. } => {
            format!("no key has the id {kid:?}, which the token names")
        }
        Error::InvalidSignature => {
            "the signature does not match: the token was altered or signed with another key"
                .to_owned()
        }
        Error::InvalidClaimType { found: JsonType::Null, claim, expected, .. } => format!(
            "the claim \"{claim}\" must be {expected}, not null; --allow-null-claims treats it as \
             absent"
        ),
        Error::InvalidClaimType { claim: Claim::Audience, found: JsonType::Array, .. } => {
            "an element of the claim \"aud\" is not a string".to_owned()
        }
        Error::InvalidClaimType { claim, expected, found, .. } => {
            format!("the claim \"{claim}\" must be {expected}, not {found}")
        }
        Error::MissingClaim { claim, .. } => format!(
            "the claim {claim:?} is missing{}",
            match claim.as_str() {
                "exp" => "; --ignore-exp accepts tokens that never expire",
                "iss" => " (--iss)",
                "aud" => " (--aud)",
                _ => " (--claim)",
            }
        ),
        Error::InvalidClaim { claim, .. } => {
            format!("the claim {claim:?} does not have the required value (--claim)")
        }
        Error::Expired { exp, now } => {
            format!("the token expired {}, at {}", distance(*exp, *now), date(*exp))
        }
        Error::NotYetValid { not_before, now, .. } => format!(
            "the token becomes valid {}, at {}",
            distance(*not_before, *now),
            date(*not_before)
        ),
        Error::InvalidIssuer { expected, found, .. } => {
            format!("iss is {found:?}, not {} (--iss)", list(expected))
        }
        Error::InvalidAudience { expected, found, .. } if expected.is_empty() => {
            let advice = match found.first() {
                Some(aud) => format!("if that is you, {}", advise("--aud", aud)),
                None => "no --aud accepts it".to_owned(),
            };
            format!("the token is for the audience {}; {advice}", list(found))
        }
        Error::InvalidAudience { expected, found, .. } => {
            format!(
                "the token is for the audience {}, not for {} (--aud)",
                list(found),
                list(expected)
            )
        }
        Error::Encode { defect: EncodeDefect::HeaderTooLong { len, max }, .. } => format!(
            "the header segment has {len} bytes, but only {max} are read; shorten --kid, --typ or --header"
        ),
        Error::Encode { defect, .. } => defect.to_string(),
        error => error.to_string(),
    }
}

/// Says what the user can do about a malformed token, where there is something to say.
fn malformed_advice(reason: &Reason) -> Option<&'static str> {
    Some(match reason {
        Reason::Placeholder { .. } => "is a variable unset?",
        Reason::SegmentCount { found: 5 } => {
            "five segments are an encrypted token (JWE), which is not supported"
        }
        Reason::NestedToken => "nested tokens are not supported",
        Reason::Base64url { byte: None, .. } => "characters are missing or were changed",
        Reason::Base64url { byte: Some(b'='), .. } => "remove the padding",
        Reason::Base64url { byte: Some(b'+' | b'/'), .. } => {
            "base64url uses \"-\" and \"_\" instead of \"+\" and \"/\""
        }
        Reason::Base64url { byte: Some(byte), .. } if byte.is_ascii_whitespace() => {
            "remove the white space or line end"
        }
        Reason::Base64url { .. } => "only A-Z a-z 0-9 - _ are allowed",
        _ => return None,
    })
}

/// Says why claims cannot be signed.
pub(crate) fn of_unsignable_claims(error: &Error) -> String {
    match error {
        Error::Malformed { segment: Segment::Payload, reason: Reason::DuplicateName { name } } => {
            format!("the claim {name:?} appears twice; remove one of the two")
        }
        Error::Malformed { segment: Segment::Payload, reason: Reason::ReservedName } => {
            "the claims contain a name that serde_json reserves; use another one".to_owned()
        }
        Error::Malformed { segment: Segment::Payload, reason } => {
            format!("malformed claims: {reason}")
        }
        error => of_token_error(error),
    }
}

/// Says why a key cannot be used.
pub(crate) fn of_key_error(error: &Error) -> String {
    match error {
        Error::WeakKey { len: 0, .. } => "the secret is empty".to_owned(),
        Error::WeakKey { algorithm, len, min } if is_for_secrets(*algorithm) => format!(
            "the secret has {len} bytes, but {algorithm} requires {min}; use {min} random bytes"
        ),
        Error::WeakKey { len, min, .. } => {
            format!("the RSA key has {len} bits, but at least {min} are required")
        }
        Error::InvalidKey { defect, .. } => match advice(defect) {
            Some(advice) => format!("{defect}; {advice}"),
            None => defect.to_string(),
        },
        error => error.to_string(),
    }
}

/// Says what the user can do about a key, where there is something to say.
fn advice(defect: &KeyDefect) -> Option<&'static str> {
    Some(match defect {
        KeyDefect::SecretIsPem => "use --pem for a PEM, and random bytes as a secret",
        KeyDefect::SecretIsJwk => "use --jwk or --jwks",
        KeyDefect::SecretIsXml | KeyDefect::SecretIsSsh | KeyDefect::SecretIsDer => {
            "use random bytes as a secret, because a public key is known to everybody"
        }
        KeyDefect::Hexadecimal => "use --secret-format hex",
        KeyDefect::NotBase64 => "remove spaces inside the text, if it has any",
        KeyDefect::NotBase64url => "use --secret-format base64 for other base64",
        KeyDefect::JwkMemberEncoding { .. } => {
            "write it with \"-\" and \"_\" instead of \"+\" and \"/\", and without \"=\" at the end"
        }
        KeyDefect::JwkUnsupported { member: "kty" } => {
            "the supported values are \"oct\", \"EC\", \"OKP\" and \"RSA\""
        }
        KeyDefect::JwkUnsupported { member: "crv" } => {
            "the supported values are \"P-256\", \"P-384\" and \"Ed25519\""
        }
        KeyDefect::JwkWithoutAlgorithm => "name it with --alg",
        KeyDefect::JwkPrivateMember { .. } => "publish only the public part of a key",
        KeyDefect::JwkPublishedSecret => "if the set is your own, name its algorithm with --alg",
        KeyDefect::JwkByteOrderMark => "remove the mark",
        KeyDefect::JwkOtherPrimes => "use a key of two primes",
        KeyDefect::Processor => "HS256, HS384 and HS512 work on every processor",
        KeyDefect::NotPem | KeyDefect::PemUnfinished => {
            "pass the whole file, with its BEGIN and END lines"
        }
        KeyDefect::PemLineEnds => "replace them with line ends, as `printf '%b'` does",
        KeyDefect::PemBlocks => "pass the block of one key only",
        KeyDefect::PemTrailing => "remove what follows",
        KeyDefect::PemEncrypted => "decrypt it first, with `openssl pkey`",
        KeyDefect::PemIsOpenssh => {
            "convert a copy of it with `ssh-keygen -p -m PKCS8`, which leaves Ed25519 as it is in older \
             versions, or make a new key with `jwt key generate`"
        }
        KeyDefect::PemIsCertificate => {
            "extract its public key first, with `openssl x509 -pubkey -noout`"
        }
        KeyDefect::Sec1WithoutCurve => "`openssl pkey` writes the curve into the key",
        KeyDefect::PointCompressed => {
            "write it uncompressed, with `openssl ec -conv_form uncompressed`"
        }
        KeyDefect::RsaPssIdentifier => "a key with the identifier `rsaEncryption` works for PS256",
        KeyDefect::RsaModulusTooLong { .. } | KeyDefect::RsaModulusLength { .. } => {
            "use a key of 2048, 3072 or 4096 bits"
        }
        KeyDefect::RsaExponentTooLong | KeyDefect::RsaExponent => {
            "use a key with the exponent 65537"
        }
        _ => return None,
    })
}

/// Whether the algorithm uses a secret.
pub(crate) fn is_for_secrets(algorithm: Algorithm) -> bool {
    matches!(algorithm, Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512)
}

/// As in `"api" or "web"`.
fn list(names: &[String]) -> String {
    match names {
        [] => "nobody".to_owned(),
        names => names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(" or "),
    }
}

/// Advises to add an option with a value of the token. A value that was cut, or that is escaped when
/// it is printed, cannot be pasted.
fn advise(option: &str, value: &str) -> String {
    if value.contains(|char| char == '…' || is_harmful(char)) {
        return format!("name it with {option}");
    }
    format!("add {option}={}", argument(value))
}

/// Quotes a word for a shell, where it needs quotes.
pub(crate) fn argument(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@+%,=".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
