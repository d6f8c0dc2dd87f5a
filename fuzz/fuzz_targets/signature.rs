//! Any bytes as the signature of a token, and a right signature with some of its bits changed, for
//! the algorithm that the first byte names. None is accepted but the right one, and its twin where
//! ECDSA has one (RFC 7518 does not forbid s over half the order).

#![no_main]

use std::sync::LazyLock;

use jwt_codec::{Algorithm, Header, PrivateKey, PublicKey, UnverifiedToken, sign};
use jwt_codec_fuzz::{decode_base64url, encode_base64url, public_keys::example};
use libfuzzer_sys::fuzz_target;

struct Signer {
    public: PublicKey,
    /// The token up to its second dot.
    input: String,
    signature: Vec<u8>,
    /// How many bytes each of two numbers has; 0 for other signatures.
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
        let key: PrivateKey = example(algorithm);
        let token = sign(&Header::new(), b"{}", &key).expect("it signs");
        let (input, signature) = token.rsplit_once('.').expect("it has dots");
        Signer {
            public: key.public_key(),
            input: input.into(),
            signature: decode_base64url(signature).expect("it is base64url"),
            number_len,
        }
    })
});

fuzz_target!(|data: &[u8]| {
    let [choice, rest @ ..] = data else { return };
    let signers = SIGNERS.len();
    let signer = &SIGNERS[usize::from(*choice) % signers];
    // As it is, or laid over the right one.
    let is_mask = usize::from(*choice) / signers % 2 == 1;
    let mut bytes = rest.to_vec();
    if is_mask {
        bytes.resize(bytes.len().max(signer.signature.len()), 0);
        bytes.iter_mut().zip(&signer.signature).for_each(|(byte, right)| *byte ^= right);
    }

    let token = format!("{}.{}", signer.input, encode_base64url(&bytes));
    let verified =
        UnverifiedToken::parse(&token).expect("it is well formed").verify(&signer.public);
    let is_twin = signer.number_len > 0
        && bytes.len() == signer.signature.len()
        && bytes[..signer.number_len] == signer.signature[..signer.number_len];
    match verified {
        Ok(_) => assert!(bytes == signer.signature || is_twin, "accepted: {token}"),
        Err(error) => {
            assert_eq!(error.code(), "invalid_signature");
            assert_ne!(bytes, signer.signature, "the right one was refused");
        }
    }
});
