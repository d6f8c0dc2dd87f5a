#!/usr/bin/env python3
"""Writes tokens.jsonl: signatures that are not as RFC 7518 §3 or RFC 8037 §3.1 want them, and some
that are, each with the public key and with what the crate has to say of it.

Needs the Python package `cryptography`. The keys are new in every run; nothing but these tests uses
them.
"""
import base64, json, os

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives import serialization as ser
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

b64u = lambda b: base64.urlsafe_b64encode(b).rstrip(b"=").decode()
cases = []


def case(name, alg, key, sign, expect="invalid_signature", says=None):
    """`sign` makes the signature of the bytes; `says` is what the header says, if not the key's."""
    header = json.dumps({"alg": says or alg, "typ": "JWT"}, separators=(",", ":")).encode()
    text = b64u(header) + "." + b64u(b'{"sub":"ada"}')
    pem = key.public_key().public_bytes(ser.Encoding.PEM, ser.PublicFormat.SubjectPublicKeyInfo)
    cases.append({"name": name, "alg": alg, "key": pem.decode(),
                  "token": text + "." + b64u(sign(text.encode())), "expect": expect})


# -- RSA: RFC 7518 §3.3 and §3.5 ------------------------------------------------------------------

key = rsa.generate_private_key(65537, 2048)
numbers = key.public_key().public_numbers()
H = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
pkcs1 = lambda h: lambda text: key.sign(text, padding.PKCS1v15(), h)


def pss(h, mask=None, salt=None):
    salt = h.digest_size if salt is None else salt
    return lambda text: key.sign(text, padding.PSS(padding.MGF1(mask or h), salt), h)


for bits, h in H.items():
    case(f"rsa/pkcs1-{bits}", f"RS{bits}", key, pkcs1(h), "ok")
    case(f"rsa/pss-{bits}", f"PS{bits}", key, pss(h), "ok")
    case(f"rsa/pss-as-pkcs1-{bits}", f"RS{bits}", key, pss(h))
    case(f"rsa/pkcs1-as-pss-{bits}", f"PS{bits}", key, pkcs1(h))
    case(f"rsa/pss-salt-0-{bits}", f"PS{bits}", key, pss(h, salt=0))
    case(f"rsa/pss-salt-20-{bits}", f"PS{bits}", key, pss(h, salt=20))
    case(f"rsa/pss-salt-longest-{bits}", f"PS{bits}", key, pss(h, salt=256 - h.digest_size - 2))
    case(f"rsa/pss-mask-sha1-{bits}", f"PS{bits}", key, pss(h, mask=hashes.SHA1()))
    for other, o in H.items():
        if o is not h:
            case(f"rsa/pkcs1-{other}-as-{bits}", f"RS{bits}", key, pkcs1(o))
            case(f"rsa/pss-{other}-as-{bits}", f"PS{bits}", key, pss(o))
    case(f"rsa/header-of-another-{bits}", f"RS{bits}", key, pss(h), "algorithm_mismatch", f"PS{bits}")


def plus_modulus(sign):
    """The same number modulo n, of the same length where it fits."""
    def signed(text):
        number = int.from_bytes(sign(text), "big") + numbers.n
        return number.to_bytes(max(256, (number.bit_length() + 7) // 8), "big")
    return signed


for alg, sign in (("RS256", pkcs1(H["256"])), ("PS256", pss(H["256"]))):
    case(f"rsa/{alg}-plus-modulus", alg, key, plus_modulus(sign))
    case(f"rsa/{alg}-leading-zero", alg, key, lambda t, sign=sign: b"\0" + sign(t))
    case(f"rsa/{alg}-first-byte-less", alg, key, lambda t, sign=sign: sign(t)[1:])
    case(f"rsa/{alg}-modulus", alg, key, lambda t: numbers.n.to_bytes(256, "big"))
    case(f"rsa/{alg}-zero", alg, key, lambda t: bytes(256))
    case(f"rsa/{alg}-one", alg, key, lambda t: bytes(255) + b"\1")
    case(f"rsa/{alg}-empty", alg, key, lambda t: b"")

# -- ECDSA: RFC 7518 §3.4 -------------------------------------------------------------------------

ORDER = {
    "ES256": 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551,
    "ES384": 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973,
}
for alg, curve, h, size in (("ES256", ec.SECP256R1(), H["256"], 32), ("ES384", ec.SECP384R1(), H["384"], 48)):
    key = ec.generate_private_key(curve)
    n = ORDER[alg]
    der = lambda text, key=key, h=h: key.sign(text, ec.ECDSA(h))
    rs = lambda text: decode_dss_signature(der(text))
    pair = lambda r, s: r.to_bytes(size, "big") + s.to_bytes(size, "big")
    high = lambda text: (lambda r, s: pair(r, max(s, n - s)))(*rs(text))
    low = lambda text: (lambda r, s: pair(r, min(s, n - s)))(*rs(text))
    case(f"ecdsa/{alg}-low-s", alg, key, low, "ok")
    case(f"ecdsa/{alg}-high-s", alg, key, high, "ok")
    case(f"ecdsa/{alg}-der", alg, key, der)
    case(f"ecdsa/{alg}-swapped", alg, key, lambda t: (lambda r, s: pair(s, r))(*rs(t)))
    case(f"ecdsa/{alg}-s-negated-r-kept-wrong", alg, key, lambda t: (lambda r, s: pair(n - r, s))(*rs(t)))
    for what, r, s in (("r-zero", 0, None), ("s-zero", None, 0), ("both-zero", 0, 0), ("r-order", n, None),
                       ("s-order", None, n), ("both-order", n, n), ("r-one-more", n + 1, None), ("both-one", 1, 1),
                       ("s-all-ones", None, 2 ** (8 * size) - 1), ("r-all-ones", 2 ** (8 * size) - 1, None)):
        case(f"ecdsa/{alg}-{what}", alg, key,
             lambda t, r=r, s=s: (lambda a, b: pair(a if r is None else r, b if s is None else s))(*rs(t)))
    case(f"ecdsa/{alg}-leading-zeros", alg, key, lambda t: (lambda r, s: b"\0" + r.to_bytes(size, "big") + b"\0" + s.to_bytes(size, "big"))(*rs(t)))
    case(f"ecdsa/{alg}-half", alg, key, lambda t: low(t)[:size])
    case(f"ecdsa/{alg}-one-byte-less", alg, key, lambda t: low(t)[:-1])
    other = hashes.SHA384() if size == 32 else hashes.SHA256()
    case(f"ecdsa/{alg}-other-hash", alg, key, lambda t: pair(*decode_dss_signature(key.sign(t, ec.ECDSA(other)))))
    stranger = ec.generate_private_key(ec.SECP384R1() if size == 32 else ec.SECP256R1())
    length = 48 if size == 32 else 32
    case(f"ecdsa/{alg}-other-curve", alg, key, lambda t: (lambda r, s: r.to_bytes(length, "big") + s.to_bytes(length, "big"))(*decode_dss_signature(stranger.sign(t, ec.ECDSA(other)))))

# -- Ed25519: RFC 8032 §5.1.7 ---------------------------------------------------------------------

L = 2 ** 252 + 27742317777372353535851937790883648493
key = ed25519.Ed25519PrivateKey.generate()
for alg in ("EdDSA", "Ed25519"):
    case(f"ed25519/{alg}", alg, key, key.sign, "ok")
    plus = lambda k: lambda t: (lambda sig: sig[:32] + (int.from_bytes(sig[32:], "little") + k * L).to_bytes(32, "little"))(key.sign(t))
    case(f"ed25519/{alg}-s-plus-order", alg, key, plus(1))
    case(f"ed25519/{alg}-s-plus-orders", alg, key, plus(8))
    case(f"ed25519/{alg}-s-top-bits", alg, key, lambda t: (lambda sig: sig[:63] + bytes([sig[63] | 0xe0]))(key.sign(t)))
    case(f"ed25519/{alg}-zero", alg, key, lambda t: bytes(64))
    case(f"ed25519/{alg}-neutral", alg, key, lambda t: b"\1" + bytes(63))
    case(f"ed25519/{alg}-longer", alg, key, lambda t: key.sign(t) + b"\0")
    case(f"ed25519/{alg}-half", alg, key, lambda t: key.sign(t)[:32])
case("ed25519/one-name-for-the-other", "EdDSA", key, key.sign, "algorithm_mismatch", "Ed25519")
case("ed25519/the-other-for-the-one", "Ed25519", key, key.sign, "algorithm_mismatch", "EdDSA")

with open(os.path.join(os.path.dirname(__file__) or ".", "tokens.jsonl"), "w") as out:
    for line in cases:
        out.write(json.dumps(line) + "\n")
print(len(cases))
