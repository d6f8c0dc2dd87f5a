//! Which RSA keys are accepted, and how their numbers reach the backend.

use alloc::{vec, vec::Vec};

use ::der::asn1::UintRef;
use hmac::digest::zeroize::Zeroizing;

use super::der_writer::write_integers;
use crate::{
    algorithm::Algorithm,
    error::{Error, KeyDefect},
};

/// The shortest modulus that RFC 7518 §3.3 and §3.5 allow.
const MIN_BITS: usize = 2048;
/// The longest modulus of the backend.
const MAX_BITS: usize = 8192;
/// The length of a word of the backend. It accepts a modulus that does not fill its words, and then
/// rejects good signatures.
const WORD_BITS: usize = 64;
/// The backend reads exponents of one bit more, but cannot write them. The exponents in use have at most
/// 17 bits.
const MAX_EXPONENT_BITS: usize = 31;

/// Reads a big-endian number. Leading zeros, which some issuers write into a JWK, are ignored.
pub(super) fn number(bytes: &[u8]) -> Result<UintRef<'_>, Error> {
    UintRef::new(bytes).map_err(|_| Error::invalid_key(KeyDefect::RsaUnusable))
}

/// Returns the length of the number in bits, which is 0 for zero.
pub(super) fn bits(number: UintRef<'_>) -> usize {
    let bytes = number.as_bytes();
    let zeros = bytes.first().map_or(0, |first| first.leading_zeros());
    bytes.len().saturating_mul(8).saturating_sub(usize::try_from(zeros).unwrap_or_default())
}

fn is_even(number: UintRef<'_>) -> bool {
    number.as_bytes().last().is_none_or(|last| last & 1 == 0)
}

/// The public part of a key.
#[derive(Clone, Copy)]
pub(super) struct Public<'a> {
    pub(super) n: UintRef<'a>,
    pub(super) e: UintRef<'a>,
}

impl Public<'_> {
    /// Checks that the backend can hold the key and that it is worth holding.
    pub(super) fn check(self, algorithm: Algorithm) -> Result<PublicNumbers, Error> {
        let len = bits(self.n);
        if len < MIN_BITS {
            return Err(Error::WeakKey { algorithm, len, min: MIN_BITS });
        }
        let exponent = bits(self.e);
        let defect = if len > MAX_BITS {
            KeyDefect::RsaModulusTooLong { bits: len }
        } else if is_even(self.n) {
            KeyDefect::RsaModulusEven
        } else if !len.is_multiple_of(WORD_BITS) {
            KeyDefect::RsaModulusLength { bits: len }
        } else if exponent > MAX_EXPONENT_BITS {
            KeyDefect::RsaExponentTooLong
        } else if exponent < 2 || is_even(self.e) {
            KeyDefect::RsaExponent
        } else {
            return Ok(PublicNumbers { n: self.n.as_bytes().into(), e: self.e.as_bytes().into() });
        };
        Err(Error::invalid_key(defect))
    }
}

/// The numbers of a public key that can be used, big-endian and without leading zeros.
#[derive(Clone)]
pub(super) struct PublicNumbers {
    pub(super) n: Vec<u8>,
    pub(super) e: Vec<u8>,
}

impl PublicNumbers {
    /// The key in PKCS#1.
    pub(super) fn to_der(&self) -> Zeroizing<Vec<u8>> {
        write_integers(&[&self.n, &self.e])
    }
}

/// The numbers of a private key of two primes (RFC 8017 §3.2).
#[derive(Clone, Copy)]
pub(super) struct Private<'a> {
    pub(super) public: Public<'a>,
    pub(super) d: UintRef<'a>,
    pub(super) p: UintRef<'a>,
    pub(super) q: UintRef<'a>,
    pub(super) dp: UintRef<'a>,
    pub(super) dq: UintRef<'a>,
    pub(super) qi: UintRef<'a>,
}

impl Private<'_> {
    /// Checks sizes alone, which the backend relies on. That the numbers belong together shows when
    /// the key signs for the first time; a wrong `d` does not, as it is never used.
    pub(super) fn check(self, algorithm: Algorithm) -> Result<PrivateNumbers, Error> {
        let Self { public, d, p, q, dp, dq, qi } = self;
        let len = bits(public.n);
        let public = public.check(algorithm)?;
        let half = len.div_ceil(2);
        if bits(p) != half || bits(q) != half || is_even(p) || is_even(q) {
            return Err(Error::invalid_key(KeyDefect::RsaPrimes));
        }
        let fits = |number, max| (1..=max).contains(&bits(number));
        if !fits(d, len) || is_even(d) || ![dp, dq, qi].into_iter().all(|n| fits(n, half)) {
            return Err(Error::invalid_key(KeyDefect::RsaPrivateNumbers));
        }
        let secret = [d, p, q, dp, dq, qi].map(|number| Zeroizing::new(number.as_bytes().to_vec()));
        Ok(PrivateNumbers { public, secret })
    }
}

/// The numbers of a private key that can be used, big-endian and without leading zeros.
pub(super) struct PrivateNumbers {
    pub(super) public: PublicNumbers,
    /// In the order of [`SECRET_NAMES`].
    pub(super) secret: [Zeroizing<Vec<u8>>; 6],
}

/// The names of the secret numbers in RFC 7518 §6.3.2, in the order of PKCS#1.
pub(super) const SECRET_NAMES: [&str; 6] = ["d", "p", "q", "dp", "dq", "qi"];

impl PrivateNumbers {
    /// The key in PKCS#1, the greater prime first.
    ///
    /// With the smaller one first (half of the keys that Go makes are so) the backend's subtraction
    /// modulo p meets numbers above p, and a signature in fifty or so fails.
    pub(super) fn to_der(&self) -> Zeroizing<Vec<u8>> {
        let PublicNumbers { n, e } = &self.public;
        let [d, p, q, dp, dq, qi] = &self.secret;
        if p.as_slice() > q.as_slice() {
            return write_integers(&[&[0], n, e, d, p, q, dp, dq, qi]);
        }
        let pi = inverse_of_first(p, q, qi);
        write_integers(&[&[0], n, e, d, q, p, dq, dp, strip_zeros(&pi)])
    }
}

fn strip_zeros(number: &[u8]) -> &[u8] {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    number.get(zeros..).unwrap_or_default()
}

/// p⁻¹ mod q of qi = q⁻¹ mod p.
///
/// q·qi = 1 + k·p for some k below q, so p⁻¹ mod q = q − k. The division is exact, so it can be done
/// modulo a power of two, and then nothing depends on the values: no branch, no index. Numbers that
/// do not belong together give another number, and the key fails when it first signs.
fn inverse_of_first(p: &[u8], q: &[u8], qi: &[u8]) -> Zeroizing<Vec<u8>> {
    let len = p.len().max(q.len()).div_ceil(4);
    let [p, q, qi] = [p, q, qi].map(|bytes| Digits::new(bytes, len));
    // p⁻¹ modulo the power of two, by Newton: an odd number is its own inverse in its last three
    // bits, and each step doubles how many bits are right. 3 · 2¹¹ is more than the 4096 bits of the
    // longest prime.
    let mut inverse = Digits::new(&p.to_bytes(), len);
    for _ in 0..11 {
        inverse = inverse.plus_product(&inverse, &p.one_minus_product(&inverse));
    }
    q.plus_product(&inverse, &q.one_minus_product(&qi)).to_bytes()
}

/// A number modulo 2³² to the number of its digits, the lowest digit first.
struct Digits(Zeroizing<Vec<u64>>);

impl Digits {
    const BITS: u32 = 32;
    const MASK: u64 = 0xffff_ffff;

    fn new(bytes: &[u8], len: usize) -> Self {
        let mut digits = Zeroizing::new(vec![0; len]);
        for (digit, bytes) in digits.iter_mut().zip(bytes.rchunks(4)) {
            *digit = bytes.iter().fold(0, |digit, byte| digit << 8 | u64::from(*byte));
        }
        Self(digits)
    }

    fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut bytes = Zeroizing::new(Vec::with_capacity(self.0.len().saturating_mul(4)));
        for digit in self.0.iter().rev() {
            bytes.extend(digit.to_be_bytes().into_iter().skip(4));
        }
        bytes
    }

    /// self + a·b.
    fn plus_product(&self, a: &Self, b: &Self) -> Self {
        let mut sum = self.0.clone();
        for (i, a) in a.0.iter().enumerate() {
            let mut carry = 0;
            for (sum, b) in sum.iter_mut().skip(i).zip(b.0.iter()) {
                // At most (2³² − 1)² + 2 · (2³² − 1) = 2⁶⁴ − 1.
                let wide = a.wrapping_mul(*b).wrapping_add(*sum).wrapping_add(carry);
                *sum = wide & Self::MASK;
                carry = wide >> Self::BITS;
            }
        }
        Self(sum)
    }

    /// 1 − self·b: the product's complement, and two.
    fn one_minus_product(&self, b: &Self) -> Self {
        let mut product = Self::new(&[], self.0.len()).plus_product(self, b);
        let mut carry = 2;
        for digit in product.0.iter_mut() {
            let wide = (!*digit & Self::MASK).wrapping_add(carry);
            *digit = wide & Self::MASK;
            carry = wide >> Self::BITS;
        }
        product
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inverse(p: u32, q: u32, qi: u32) -> Vec<u8> {
        inverse_of_first(&p.to_be_bytes(), &q.to_be_bytes(), &qi.to_be_bytes()).to_vec()
    }

    #[test]
    fn the_inverse_of_the_other_prime() {
        // 7 · 8 = 1 mod 11 and 11 · 2 = 1 mod 7.
        assert_eq!(inverse(11, 7, 8), [0, 0, 0, 2]);
        assert_eq!(inverse(7, 11, 2), [0, 0, 0, 8]);
        // 2³² is 1 modulo 65537, so 2³² − 5 is −4, of which the inverse is 16384.
        let (p, q) = (65_537_u64, 0xffff_fffb_u64);
        let expected = q - (q * 16_384 - 1) / p;
        assert_eq!((p * expected) % q, 1);
        let expected = u32::try_from(expected).unwrap().to_be_bytes();
        assert_eq!(inverse(65_537, 0xffff_fffb, 16_384), expected);
    }

    #[test]
    fn bits_are_counted_without_leading_zeros() {
        for (bytes, len) in [
            (&[][..], 0),
            (&[0], 0),
            (&[0, 0], 0),
            (&[1], 1),
            (&[0, 0, 0x80], 8),
            (&[1, 0], 9),
            (&[0x07, 0xff], 11),
        ] {
            assert_eq!(bits(number(bytes).unwrap()), len, "{bytes:?}");
        }
    }
}
