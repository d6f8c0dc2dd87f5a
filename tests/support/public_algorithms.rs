//! The algorithms of public keys, for tests that try every one of them.

use jwt_codec::Algorithm;

pub(crate) const ALL: [Algorithm; 10] = [
    Algorithm::EdDsa,
    Algorithm::Ed25519,
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::Rs256,
    Algorithm::Rs384,
    Algorithm::Rs512,
    Algorithm::Ps256,
    Algorithm::Ps384,
    Algorithm::Ps512,
];
