//! Any bytes as the signature that a signer elsewhere returned, and a right signature with some of its
//! bits changed, in fixed length or in DER, for the algorithm that the first byte names. A token comes of
//! the right one alone, and of its twin where ECDSA has one; and the key verifies that token.

#![no_main]

use std::sync::LazyLock;

use jwt_codec::{
    Algorithm, Header, SigningInput, UnverifiedToken, dangerous::decode_unverified,
    encode_with_header,
};
use jwt_codec_fuzz::{decode_base64url, public_keys::example};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

struct Signer {
    input: SigningInput,
    key: jwt_codec::PublicKey,
    signature: Vec<u8>,
    /// How many bytes each of the two numbers of an ECDSA signature has; 0 for others.
    number_len: usize,
}

static SIGNERS: LazyLock<[Signer; 6]> = LazyLock::new(|| {
    [
        (Algorithm::Es256, 32),
        (Algorithm::Es384, 48),
        (Algorithm::EdDsa, 0),
        (Algorithm::Ed25519, 0),
        (Algorithm::Rs256, 0),
        (Algorithm::Ps256, 0),
    ]
    .map(|(algorithm, number_len)| {
        let (private, header, claims) = (example(algorithm), Header::new(), json!({"sub": "ada"}));
        let key = private.public_key();
        let input = SigningInput::new(&header, &claims, &key).expect("it can be written");
        let token = encode_with_header(&header, &claims, &private).expect("it signs");
        let (signed, signature) = token.rsplit_once('.').expect("it has dots");
        assert_eq!(signed.as_bytes(), input.as_bytes());
        let signature = decode_base64url(signature).expect("it is base64url");
        Signer { input, key, signature, number_len }
    })
});

fuzz_target!(|data: &[u8]| {
    let [choice, rest @ ..] = data else { return };
    let signers = SIGNERS.len();
    let signer = &SIGNERS[usize::from(*choice) % signers];
    // As they are, or laid over the right signature as it stands in a token, or over it in DER.
    let right = match usize::from(*choice) / signers % 3 {
        0 => Vec::new(),
        1 => signer.signature.clone(),
        _ => der(&signer.signature, signer.number_len),
    };
    let mut bytes = rest.to_vec();
    bytes.resize(bytes.len().max(right.len()), 0);
    bytes.iter_mut().zip(&right).for_each(|(byte, right)| *byte ^= right);

    let forms = [signer.signature.clone(), der(&signer.signature, signer.number_len)];
    let token = match signer.input.finish(&bytes) {
        Ok(token) => token,
        Err(error) => {
            assert_eq!(error.code(), "invalid_signature");
            assert!(!forms.contains(&bytes), "the right one was refused");
            return;
        }
    };
    let (signed, signature) = token.rsplit_once('.').expect("it has dots");
    assert_eq!(signed.as_bytes(), signer.input.as_bytes());
    let signature = decode_base64url(signature).expect("it is base64url");
    let is_twin = signature.len() == signer.signature.len()
        && signer.number_len > 0
        && signature[..signer.number_len] == signer.signature[..signer.number_len];
    assert!(signature == signer.signature || is_twin, "accepted: {token}");
    // One spelling each: DER has no other.
    assert!(bytes == signature || bytes == der(&signature, signer.number_len), "{bytes:?}");
    let verified = UnverifiedToken::parse(&token).expect("it is well formed").verify(&signer.key);
    assert!(verified.is_ok());
    assert_eq!(decode_unverified::<Value>(&token).expect("it is JSON").claims["sub"], "ada");
});

/// An ECDSA signature as RFC 3279 §2.2.3 has it: a SEQUENCE of two INTEGERs; others as they are.
fn der(signature: &[u8], number_len: usize) -> Vec<u8> {
    if number_len == 0 {
        return signature.to_vec();
    }
    let mut numbers = Vec::new();
    for number in signature.chunks(number_len) {
        let zeros = number.iter().take_while(|&&byte| byte == 0).count();
        let mut number = number[zeros.min(number_len - 1)..].to_vec();
        if number[0] >= 0x80 {
            number.insert(0, 0);
        }
        numbers.extend([2, u8::try_from(number.len()).expect("it is short")]);
        numbers.extend(number);
    }
    let len = u8::try_from(numbers.len()).expect("it is short");
    assert!(len < 0x80);
    [vec![0x30, len], numbers].concat()
}
