#!/usr/bin/env python3
"""Writes keys.jsonl: keys of every form, good and bad, with what the crate has to say of each.

Needs OpenSSL 3 and the Python package `cryptography`. The keys are new in every run; nothing but
these tests uses them.
"""
import base64, hashlib, json, os, random, subprocess, tempfile

from cryptography.hazmat.primitives import serialization as ser
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

b64u = lambda b: base64.urlsafe_b64encode(b).rstrip(b"=").decode()
uint = lambda n, size=None: n.to_bytes(size or max(1, (n.bit_length() + 7) // 8), "big")
cases = []


def case(name, role, alg, form, key, expect="ok", why="", thumbprint=None):
    """`why` is for the reader: texts.txt has what the crate says."""
    if isinstance(key, bytes):
        key = b64u(key)
    cases.append({"name": name, "role": role, "alg": alg, "form": form, "key": key, "expect": expect,
                  **({"thumbprint": thumbprint} if thumbprint else {})})


def private(*args, **kwargs):
    case(args[0], "private", *args[1:], **kwargs)


def public(*args, **kwargs):
    case(args[0], "public", *args[1:], **kwargs)


def openssl(*args, stdin=b""):
    return subprocess.run(["openssl", *args], input=stdin, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=True).stdout


# -- DER, PEM and thumbprints by hand, so that they can be wrong on purpose -----------------------

def tlv(tag, body):
    n = len(body)
    length = bytes([n]) if n < 128 else bytes([0x80 | len(uint(n))]) + uint(n)
    return bytes([tag]) + length + body


seq = lambda *items: tlv(0x30, b"".join(items))
octets = lambda b: tlv(0x04, b)
bits = lambda b: tlv(0x03, b"\0" + b)
integer = lambda n: tlv(0x02, uint(n, n.bit_length() // 8 + 1))
RSA = bytes.fromhex("300d06092a864886f70d0101010500")
RSA_BARE = bytes.fromhex("300b06092a864886f70d010101")
P256 = bytes.fromhex("301306072a8648ce3d020106082a8648ce3d030107")
P384 = bytes.fromhex("301006072a8648ce3d020106052b81040022")
K1 = bytes.fromhex("301006072a8648ce3d020106052b8104000a")
ED = bytes.fromhex("300506032b6570")
X25519 = bytes.fromhex("300506032b656e")
CURVE256, CURVE384 = tlv(0xa0, P256[11:]), tlv(0xa0, P384[11:])
spki = lambda alg, b: seq(alg, bits(b))
pkcs8 = lambda alg, b, *rest, version=0: seq(integer(version), alg, octets(b), *rest)
sec1 = lambda d, *rest: seq(integer(1), octets(d), *rest)


def pem(label, der, width=64, end="\n"):
    text = base64.b64encode(der).decode()
    lines = [text[i:i + width] for i in range(0, len(text), width)]
    return end.join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])


def thumb(jwk):
    members = {"RSA": ["e", "kty", "n"], "EC": ["crv", "kty", "x", "y"], "OKP": ["crv", "kty", "x"]}
    text = json.dumps({m: jwk[m] for m in members[jwk["kty"]]}, separators=(",", ":"))
    return b64u(hashlib.sha256(text.encode()).digest())


# -- RSA ------------------------------------------------------------------------------------------

SMALL = [p for p in range(3, 5000) if all(p % d for d in range(2, int(p**0.5) + 1))]


def is_prime(n):
    if any(n % p == 0 for p in SMALL):
        return False
    d, r = n - 1, 0
    while d % 2 == 0:
        d, r = d // 2, r + 1
    for _ in range(10):
        x = pow(random.randrange(2, n - 1), d, n)
        if x in (1, n - 1):
            continue
        for _ in range(r - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def prime(low, high, e=65537):
    while True:
        p = random.randrange(low, high) | 1
        if p % e != 1 and p % 3 != 1 and is_prime(p):
            return p


class Rsa:
    def __init__(self, p, q, e=65537):
        self.p, self.q, self.e, self.n = p, q, e, p * q
        self.d = pow(e, -1, (p - 1) * (q - 1))
        self.dp, self.dq, self.qi = self.d % (p - 1), self.d % (q - 1), pow(q, -1, p)

    def but(self, **changes):
        other = Rsa.__new__(Rsa)
        other.__dict__.update(self.__dict__, **changes)
        return other

    def pkcs1(self, version=0):
        return seq(*map(integer, (version, self.n, self.e, self.d, self.p, self.q, self.dp, self.dq,
                                  self.qi)))

    def public(self):
        return seq(integer(self.n), integer(self.e))

    def jwk(self, pad=b"", **more):
        return {"kty": "RSA", "n": b64u(pad + uint(self.n)), "e": b64u(pad + uint(self.e)), **more}

    def private_jwk(self, pad=b"", **more):
        secret = {m: b64u(pad + uint(getattr(self, m))) for m in ("d", "p", "q", "dp", "dq", "qi")}
        return {**self.jwk(pad), **secret, **more}

    def thumb(self):
        return thumb(self.jwk())


def primes(n_bits, p_bits=None, e=65537):
    p_bits = p_bits or (n_bits + 1) // 2
    while True:
        p = prime(3 << (p_bits - 2), 1 << p_bits, e)
        q = prime(3 << (n_bits - p_bits - 2), 1 << (n_bits - p_bits), e)
        if (p * q).bit_length() == n_bits and p > q:
            return p, q


def odd(n_bits):
    return random.getrandbits(n_bits) | 1 << (n_bits - 1) | 1


def of_openssl(n_bits):
    key = rsa.generate_private_key(65537, n_bits).private_numbers()
    return Rsa(max(key.p, key.q), min(key.p, key.q))


good = of_openssl(2048)
for alg in ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"):
    private("rsa/pkcs8", alg, "pem", pem("PRIVATE KEY", pkcs8(RSA, good.pkcs1())), thumbprint=good.thumb())
    public("rsa/spki", alg, "pem", pem("PUBLIC KEY", spki(RSA, good.public())), thumbprint=good.thumb())
private("rsa/pkcs1", "RS256", "pem", pem("RSA PRIVATE KEY", good.pkcs1()), thumbprint=good.thumb())
public("rsa/pkcs1", "PS256", "pem", pem("RSA PUBLIC KEY", good.public()), thumbprint=good.thumb())
private("rsa/pkcs8-der", "PS256", "der", pkcs8(RSA, good.pkcs1()), thumbprint=good.thumb())
private("rsa/pkcs8-with-public", "PS256", "der",
        pkcs8(RSA, good.pkcs1(), tlv(0x81, b"\0" + good.public()), version=1), thumbprint=good.thumb())
private("rsa/pkcs8-with-other-public", "PS256", "der",
        pkcs8(RSA, good.pkcs1(), tlv(0x81, b"\0" + of_openssl(2048).public()), version=1),
        "invalid_key", "do not belong together")
public("rsa/spki-der", "RS256", "der", spki(RSA, good.public()), thumbprint=good.thumb())
for role, jwk in ((private, good.private_jwk), (public, good.jwk)):
    role("rsa/jwk", "RS256", "jwk", json.dumps(jwk(alg="RS256")), thumbprint=good.thumb())
    role("rsa/jwk-padded", "PS512", "jwk", json.dumps(jwk(pad=b"\0\0")), thumbprint=good.thumb())
    role("rsa/jwk-of-another-alg", "PS512", "jwk", json.dumps(jwk(alg="PS256")), "invalid_key", "another")
    role("rsa/jwk-empty-e", "RS256", "jwk", json.dumps(jwk(e="")), "invalid_key", "exponent")
    role("rsa/jwk-no-n", "RS256", "jwk", json.dumps({**jwk(), "n": None}), "invalid_key", "\"n\"")
private("rsa/jwk-d-alone", "RS256", "jwk", json.dumps(good.jwk(d=b64u(uint(good.d)))), "invalid_key", "\"p\"")
private("rsa/jwk-three-primes", "RS256", "jwk", json.dumps(good.private_jwk(oth=[])), "invalid_key", "\"oth\"")
private("rsa/jwk-public", "RS256", "jwk", json.dumps(good.jwk()), "invalid_key", "\"d\"")
public("rsa/jwk-private", "RS256", "jwk", json.dumps(good.private_jwk()), "invalid_key", "private")

for size in (2112, 2176, 3072, 4096, 8192):
    key = of_openssl(size) if size in (3072, 4096, 8192) else Rsa(*primes(size))
    private(f"rsa/{size}-bits", "RS256", "der", pkcs8(RSA, key.pkcs1()), thumbprint=key.thumb())
    public(f"rsa/{size}-bits", "RS256", "der", spki(RSA, key.public()), thumbprint=key.thumb())
for size in (512, 1024, 1984, 2040, 2041, 2047):
    key = Rsa(*primes(size))
    private(f"rsa/{size}-bits", "PS256", "der", pkcs8(RSA, key.pkcs1()), "weak_key", f"{size} bits")
    public(f"rsa/{size}-bits", "PS256", "der", spki(RSA, key.public()), "weak_key", f"{size} bits")
for size in (2049, 2056, 2080, 3071, 4095):
    key = Rsa(*primes(size))
    private(f"rsa/{size}-bits", "RS512", "der", pkcs8(RSA, key.pkcs1()), "invalid_key", "multiple of 64")
    public(f"rsa/{size}-bits", "RS512", "der", spki(RSA, key.public()), "invalid_key", "multiple of 64")
for size in (8193, 8256, 16384):
    public(f"rsa/{size}-bits", "RS256", "der", spki(RSA, seq(integer(odd(size)), integer(65537))),
           "invalid_key", "8192")
public("rsa/even", "RS256", "der", spki(RSA, seq(integer(odd(2048) - 1), integer(65537))), "invalid_key", "even")
public("rsa/zero", "RS256", "der", spki(RSA, seq(integer(0), integer(65537))), "weak_key", "0 bits")
for e in (0, 1, 2, 4, 65536, 2**32 - 2):
    public(f"rsa/exponent-{e}", "RS256", "der", spki(RSA, seq(integer(good.n), integer(e))),
           "invalid_key", "exponent is even or less than 3")
for e in (2**32 + 1, 2**64 + 1, 2**65 + 1, good.n - 2):
    public("rsa/long-exponent", "RS256", "der", spki(RSA, seq(integer(good.n), integer(e))),
           "invalid_key", "more than 31 bits")
for e in (3, 5, 2**31 - 1, 2**32 - 5):
    p, q = primes(2048, e=e)
    while (p - 1) % e == 0 or (q - 1) % e == 0 or e == 5 and 0 in ((p - 1) % 5, (q - 1) % 5):
        p, q = primes(2048, e=e)
    key = Rsa(p, q, e)
    expected = {"thumbprint": key.thumb()} if e < 2**31 else {"expect": "invalid_key", "why": "more than 31 bits"}
    private(f"rsa/exponent-{e}", "RS256", "der", pkcs8(RSA, key.pkcs1()), **expected)
    public(f"rsa/exponent-{e}", "RS256", "der", spki(RSA, key.public()), **expected)

B = 1 << 1024
smaller_first = Rsa(prime(B * 3 // 4, B * 76 // 100), prime(B * 99 // 100, B))
private("rsa/smaller-prime-first", "RS256", "pem", pem("RSA PRIVATE KEY", smaller_first.pkcs1()),
        thumbprint=smaller_first.thumb())
private("rsa/greater-prime-first", "RS256", "pem",
        pem("RSA PRIVATE KEY", Rsa(smaller_first.q, smaller_first.p).pkcs1()), thumbprint=smaller_first.thumb())
private("rsa/smaller-prime-first", "RS256", "jwk", json.dumps(smaller_first.private_jwk()),
        thumbprint=smaller_first.thumb())
p, q = primes(2112)
private("rsa/smaller-prime-first-2112", "RS256", "der", pkcs8(RSA, Rsa(q, p).pkcs1()),
        thumbprint=Rsa(q, p).thumb())
private("rsa/primes-of-unequal-length", "RS256", "der", pkcs8(RSA, Rsa(*primes(2048, 1100)).pkcs1()),
        "invalid_key", "primes")
private("rsa/three-primes", "RS256", "der",
        openssl("pkcs8", "-topk8", "-nocrypt", "-outform", "DER",
                stdin=openssl("genrsa", "-primes", "3", "2048")), "invalid_key", "two primes")
other = of_openssl(2048)
belong = "do not belong together"
private("rsa/other-modulus", "RS256", "der", pkcs8(RSA, good.but(n=other.n).pkcs1()), "invalid_key", belong)
private("rsa/other-primes", "RS256", "der", pkcs8(RSA, good.but(p=other.p, q=other.q).pkcs1()), "invalid_key", belong)
private("rsa/other-exponent", "RS256", "der", pkcs8(RSA, good.but(e=3).pkcs1()), "invalid_key", belong)
for name in ("dp", "dq", "qi"):
    changed = good.but(**{name: getattr(good, name) ^ 4})
    private(f"rsa/other-{name}", "PS256", "der", pkcs8(RSA, changed.pkcs1()), "invalid_key", belong)
    private(f"rsa/{name}-zero", "PS256", "der", pkcs8(RSA, good.but(**{name: 0}).pkcs1()), "invalid_key", "do not fit")
    private(f"rsa/{name}-long", "PS256", "der", pkcs8(RSA, good.but(**{name: 1 << 1024}).pkcs1()), "invalid_key", "do not fit")
private("rsa/equal-primes", "RS256", "der", pkcs8(RSA, good.but(n=good.p**2, q=good.p).pkcs1()), "invalid_key", "")
private("rsa/other-d-does-not-show", "RS256", "der", pkcs8(RSA, good.but(d=good.d ^ 4).pkcs1()), thumbprint=good.thumb())
private("rsa/even-d", "RS256", "der", pkcs8(RSA, good.but(d=good.d ^ 1).pkcs1()), "invalid_key", "do not fit")
private("rsa/long-d", "RS256", "der", pkcs8(RSA, good.but(d=odd(2049)).pkcs1()), "invalid_key", "do not fit")
for name in ("p", "q"):
    private(f"rsa/even-{name}", "RS256", "der", pkcs8(RSA, good.but(**{name: getattr(good, name) - 1}).pkcs1()), "invalid_key", "primes")
    private(f"rsa/{name}-zero", "RS256", "der", pkcs8(RSA, good.but(**{name: 0}).pkcs1()), "invalid_key", "primes")
    private(f"rsa/{name}-one", "RS256", "der", pkcs8(RSA, good.but(**{name: 1}).pkcs1()), "invalid_key", "primes")
    private(f"rsa/{name}-long", "RS256", "der", pkcs8(RSA, good.but(**{name: odd(4097)}).pkcs1()), "invalid_key", "primes")
private("rsa/version-1", "RS256", "der", pkcs8(RSA, good.pkcs1(version=1)), "invalid_key", "two primes")
public("rsa/negative", "RS256", "der", spki(RSA, seq(tlv(2, uint(good.n)), integer(65537))), "invalid_key", "PKCS#1")
public("rsa/leading-zeros", "RS256", "der", spki(RSA, seq(tlv(2, b"\0\0" + uint(good.n)), integer(65537))), "invalid_key", "PKCS#1")
public("rsa/third-number", "RS256", "der", spki(RSA, seq(integer(good.n), integer(65537), integer(1))), "invalid_key", "PKCS#1")
public("rsa/no-null", "RS256", "der", spki(RSA_BARE, good.public()), "invalid_key", "NULL")
private("rsa/no-null", "RS256", "der", pkcs8(RSA_BARE, good.pkcs1()), "invalid_key", "NULL")
pss = openssl("genpkey", "-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048")
private("rsa/pss-identifier", "PS256", "pem", pss.decode(), "invalid_key", "RSASSA-PSS")
public("rsa/pss-identifier", "PS256", "pem", openssl("pkey", "-pubout", stdin=pss).decode(), "invalid_key", "RSASSA-PSS")
public("rsa/unused-bits", "RS256", "der", seq(RSA, tlv(3, b"\1" + good.public()[:-1] + b"\0")), "invalid_key", "whole bytes")

# -- curves ---------------------------------------------------------------------------------------

class Ec:
    def __init__(self, curve, d=None):
        key = ec.derive_private_key(d, curve()) if d else ec.generate_private_key(curve())
        self.size = (curve.key_size + 7) // 8
        self.d = uint(key.private_numbers().private_value, self.size)
        point = key.public_key()
        self.point = point.public_bytes(ser.Encoding.X962, ser.PublicFormat.UncompressedPoint)
        self.compressed = point.public_bytes(ser.Encoding.X962, ser.PublicFormat.CompressedPoint)
        self.crv = {"secp256r1": "P-256", "secp384r1": "P-384"}.get(curve.name, curve.name)

    def jwk(self, **more):
        x, y = self.point[1:1 + self.size], self.point[1 + self.size:]
        return {"kty": "EC", "crv": self.crv, "x": b64u(x), "y": b64u(y), **more}

    def private_jwk(self, **more):
        return self.jwk(d=b64u(self.d), **more)

    def thumb(self):
        return thumb(self.jwk())


ORDER = {"ES256": 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551,
         "ES384": 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973}
FIELD = {"ES256": 2**256 - 2**224 + 2**192 + 2**96 - 1, "ES384": 2**384 - 2**128 - 2**96 + 2**32 - 1}
ec_keys = {}
for alg, curve, ident, named, name in (("ES256", ec.SECP256R1, P256, CURVE256, "p256"),
                                       ("ES384", ec.SECP384R1, P384, CURVE384, "p384")):
    key, other = Ec(curve), Ec(curve)
    ec_keys[alg] = key
    pub = lambda k: tlv(0xa1, bits(k.point))
    ok = dict(thumbprint=key.thumb())
    private(f"{name}/pkcs8", alg, "pem", pem("PRIVATE KEY", pkcs8(ident, sec1(key.d, pub(key)))), **ok)
    private(f"{name}/pkcs8-without-public", alg, "der", pkcs8(ident, sec1(key.d)), **ok)
    private(f"{name}/pkcs8-with-curve", alg, "der", pkcs8(ident, sec1(key.d, named, pub(key))), **ok)
    private(f"{name}/pkcs8-version-2", alg, "der", pkcs8(ident, sec1(key.d), tlv(0x81, b"\0" + key.point), version=1), **ok)
    private(f"{name}/pkcs8-attributes", alg, "der", pkcs8(ident, sec1(key.d), tlv(0xa0, seq(tlv(6, b"\x55\x1d\x0f"), tlv(0x31, bits(b"\x80"))))), **ok)
    private(f"{name}/sec1", alg, "pem", pem("EC PRIVATE KEY", sec1(key.d, named, pub(key))), **ok)
    private(f"{name}/sec1-without-public", alg, "pem", pem("EC PRIVATE KEY", sec1(key.d, named)), **ok)
    private(f"{name}/jwk", alg, "jwk", json.dumps(key.private_jwk()), **ok)
    public(f"{name}/spki", alg, "pem", pem("PUBLIC KEY", spki(ident, key.point)), **ok)
    public(f"{name}/spki-der", alg, "der", spki(ident, key.point), **ok)
    public(f"{name}/jwk", alg, "jwk", json.dumps(key.jwk(alg=alg, use="sig", key_ops=["verify"])), **ok)
    small = Ec(curve, d=7)
    private(f"{name}/small-scalar", alg, "der", pkcs8(ident, sec1(small.d)), thumbprint=small.thumb())
    greatest = Ec(curve, d=ORDER[alg] - 1)
    private(f"{name}/greatest-scalar", alg, "der", pkcs8(ident, sec1(greatest.d)), thumbprint=greatest.thumb())

    for what, d in (("zero", 0), ("order", ORDER[alg]), ("above-order", ORDER[alg] + 1)):
        private(f"{name}/scalar-{what}", alg, "der", pkcs8(ident, sec1(uint(d, key.size))), "invalid_key", "order")
    for what, d in (("short", small.d[1:]), ("long", b"\0" + small.d), ("one-byte", b"\7"), ("empty", b"")):
        private(f"{name}/scalar-{what}", alg, "der", pkcs8(ident, sec1(d)), "invalid_key", "length")
        private(f"{name}/jwk-scalar-{what}", alg, "jwk", json.dumps(small.jwk(d=b64u(d))), "invalid_key", "length")
    private(f"{name}/sec1-no-curve", alg, "pem", pem("EC PRIVATE KEY", sec1(key.d, pub(key))), "invalid_key", "does not name its curve")
    private(f"{name}/sec1-other-public", alg, "pem", pem("EC PRIVATE KEY", sec1(key.d, named, pub(other))), "invalid_key", belong)
    private(f"{name}/pkcs8-other-public", alg, "der", pkcs8(ident, sec1(key.d, pub(other))), "invalid_key", belong)
    private(f"{name}/pkcs8-version-2-other-public", alg, "der", pkcs8(ident, sec1(key.d), tlv(0x81, b"\0" + other.point), version=1), "invalid_key", belong)
    private(f"{name}/pkcs8-two-publics", alg, "der", pkcs8(ident, sec1(key.d, pub(key)), tlv(0x81, b"\0" + other.point), version=1), "invalid_key", "two different")
    private(f"{name}/jwk-other-public", alg, "jwk", json.dumps(other.jwk(d=b64u(key.d))), "invalid_key", belong)
    private(f"{name}/compressed", alg, "der", pkcs8(ident, sec1(key.d, tlv(0xa1, bits(key.compressed)))), "invalid_key", "compressed")
    public(f"{name}/compressed", alg, "der", spki(ident, key.compressed), "invalid_key", "compressed")
    for what, point in (("infinity", b"\0"), ("hybrid", bytes([6 + key.point[-1] % 2]) + key.point[1:]), ("empty", b""),
                        ("short", key.point[:-1]), ("long", key.point + b"\0"), ("tag-alone", b"\4")):
        public(f"{name}/{what}", alg, "der", spki(ident, point), "invalid_key", "not a point")
    off = key.point[:-1] + bytes([key.point[-1] ^ 1])
    for what, point in (("off-curve", off), ("zeros", b"\4" + bytes(2 * key.size)), ("ones", b"\4" + b"\xff" * (2 * key.size))):
        public(f"{name}/{what}", alg, "der", spki(ident, point), "invalid_key", "lie on its curve")
        jwk = key.jwk(x=b64u(point[1:1 + key.size]), y=b64u(point[1 + key.size:]))
        public(f"{name}/jwk-{what}", alg, "jwk", json.dumps(jwk), "invalid_key", "lie on its curve")
    # x = 0 is on both curves; spelled as the field's prime it is the same point twice.
    a, p = -3, FIELD[alg]
    b = {"ES256": 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b,
         "ES384": 0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef}[alg]
    y = pow(b, (p + 1) // 4, p)
    zero_x = b"\4" + bytes(key.size) + uint(y, key.size)
    public(f"{name}/x-zero", alg, "der", spki(ident, zero_x))
    public(f"{name}/x-not-reduced", alg, "der", spki(ident, b"\4" + uint(p, key.size) + uint(y, key.size)), "invalid_key", "lie on its curve")
    for member in "xy":
        value = base64.urlsafe_b64decode(key.jwk()[member] + "==")
        for what, text in (("short", b64u(value[1:])), ("long", b64u(b"\0" + value)), ("empty", ""), ("padded", b64u(value) + "="), ("absent", None)):
            public(f"{name}/jwk-{member}-{what}", alg, "jwk", json.dumps(key.jwk(**{member: text})), "invalid_key", "")
    public(f"{name}/trailing", alg, "der", spki(ident, key.point) + b"\0", "invalid_key", "SubjectPublicKeyInfo")
    private(f"{name}/trailing", alg, "der", pkcs8(ident, sec1(key.d)) + b"\0", "invalid_key", "PKCS#8")
    private(f"{name}/inner-trailing", alg, "der", pkcs8(ident, sec1(key.d) + b"\0"), "invalid_key", "SEC1")
    private(f"{name}/version-2-of-sec1", alg, "der", pkcs8(ident, seq(integer(2), octets(key.d))), "invalid_key", "SEC1")
    private(f"{name}/version-3-of-pkcs8", alg, "der", pkcs8(ident, sec1(key.d), version=2), "invalid_key", "PKCS#8")

both = openssl("ecparam", "-name", "prime256v1", "-genkey").decode()
assert both.count("BEGIN") == 2
private("p256/with-parameters-block", "ES256", "pem", both)
explicit = openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-param_enc", "explicit")
private("p256/explicit-parameters", "ES256", "pem", explicit.decode(), "invalid_key", "another curve")
private("p256/explicit-parameters-pkcs8", "ES256", "pem", openssl("pkcs8", "-topk8", "-nocrypt", stdin=explicit).decode(), "invalid_key", "another curve")
public("p256/explicit-parameters", "ES256", "pem", openssl("ec", "-pubout", stdin=explicit).decode(), "invalid_key", "another curve")
for alg, other_alg, other_ident in (("ES256", "ES384", P384), ("ES384", "ES256", P256)):
    key = ec_keys[other_alg]
    public(f"curve/{other_alg}-for-{alg}", alg, "der", spki(other_ident, key.point), "invalid_key", "another curve")
    private(f"curve/{other_alg}-for-{alg}", alg, "der", pkcs8(other_ident, sec1(key.d)), "invalid_key", "another curve")
    private(f"curve/sec1-{other_alg}-for-{alg}", alg, "pem", pem("EC PRIVATE KEY", sec1(key.d, tlv(0xa0, other_ident[11:]))), "invalid_key", "another curve")
    private(f"curve/inner-{other_alg}-for-{alg}", alg, "der", pkcs8(P256 if alg == "ES256" else P384, sec1(ec_keys[alg].d, tlv(0xa0, other_ident[11:]))), "invalid_key", "another curve")
    public(f"curve/jwk-{other_alg}-for-{alg}", alg, "jwk", json.dumps(key.jwk()), "invalid_key", "")
for curve in (ec.SECP256K1, ec.BrainpoolP256R1, ec.SECP521R1):
    key = ec.generate_private_key(curve())
    private(f"curve/{curve.name}", "ES256", "pem", key.private_bytes(ser.Encoding.PEM, ser.PrivateFormat.PKCS8, ser.NoEncryption()).decode(), "invalid_key", "another curve")
    private(f"curve/sec1-{curve.name}", "ES256", "pem", key.private_bytes(ser.Encoding.PEM, ser.PrivateFormat.TraditionalOpenSSL, ser.NoEncryption()).decode(), "invalid_key", "another curve")
    public(f"curve/{curve.name}", "ES256", "pem", key.public_key().public_bytes(ser.Encoding.PEM, ser.PublicFormat.SubjectPublicKeyInfo).decode(), "invalid_key", "another curve")

# -- Ed25519 --------------------------------------------------------------------------------------

def ed():
    key = ed25519.Ed25519PrivateKey.generate()
    raw = (ser.Encoding.Raw, ser.PublicFormat.Raw)
    return key.private_bytes(ser.Encoding.Raw, ser.PrivateFormat.Raw, ser.NoEncryption()), key.public_key().public_bytes(*raw)


seed, x = ed()
_, other_x = ed()
ed_jwk = lambda x=x, **more: {"kty": "OKP", "crv": "Ed25519", "x": b64u(x), **more}
ok = dict(thumbprint=thumb(ed_jwk()))
for alg in ("EdDSA", "Ed25519"):
    private("ed25519/pkcs8", alg, "pem", pem("PRIVATE KEY", pkcs8(ED, octets(seed))), **ok)
    public("ed25519/spki", alg, "pem", pem("PUBLIC KEY", spki(ED, x)), **ok)
    private("ed25519/jwk", alg, "jwk", json.dumps(ed_jwk(d=b64u(seed))), **ok)
    public("ed25519/jwk", alg, "jwk", json.dumps(ed_jwk(alg=alg)), **ok)
    public("ed25519/jwk-of-the-other-alg", alg, "jwk", json.dumps(ed_jwk(alg="Ed25519" if alg == "EdDSA" else "EdDSA")), "invalid_key", "another")
private("ed25519/pkcs8-version-2", "EdDSA", "der", pkcs8(ED, octets(seed), tlv(0x81, b"\0" + x), version=1), **ok)
private("ed25519/pkcs8-of-ring", "EdDSA", "der", pkcs8(ED, octets(seed), tlv(0xa1, bits(x)), version=1), **ok)
private("ed25519/pkcs8-attributes", "EdDSA", "der", pkcs8(ED, octets(seed), tlv(0xa0, seq()), tlv(0x81, b"\0" + x), version=1), **ok)
private("ed25519/other-public", "EdDSA", "der", pkcs8(ED, octets(seed), tlv(0x81, b"\0" + other_x), version=1), "invalid_key", belong)
private("ed25519/other-public-of-ring", "EdDSA", "der", pkcs8(ED, octets(seed), tlv(0xa1, bits(other_x)), version=1), "invalid_key", belong)
private("ed25519/jwk-other-public", "EdDSA", "jwk", json.dumps(ed_jwk(other_x, d=b64u(seed))), "invalid_key", belong)
for what, value in (("short", seed[1:]), ("long", seed + b"\0"), ("with-public", seed + x), ("empty", b"")):
    private(f"ed25519/seed-{what}", "EdDSA", "der", pkcs8(ED, octets(value)), "invalid_key", "length")
    private(f"ed25519/jwk-seed-{what}", "EdDSA", "jwk", json.dumps(ed_jwk(d=b64u(value))), "invalid_key", "length")
private("ed25519/seed-bare", "EdDSA", "der", pkcs8(ED, seed), "invalid_key", "")
for what, value in (("short", x[1:]), ("long", x + b"\0"), ("empty", b""), ("not-reduced", b"\xff" * 32),
                    ("off-curve", b"\2" + bytes(31))):
    public(f"ed25519/{what}", "EdDSA", "der", spki(ED, value), "invalid_key", "32 bytes of a point")
    public(f"ed25519/jwk-{what}", "EdDSA", "jwk", json.dumps(ed_jwk(value)), "invalid_key", "32 bytes of a point")
P = 2**255 - 19
ORDER8 = (0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826, 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7)
for y in (0, 1, P - 1, P, P + 1, *ORDER8):
    for sign in (0, 1):
        value = (y | sign << 255).to_bytes(32, "little")
        public("ed25519/small-order", "EdDSA", "der", spki(ED, value), "invalid_key", "small order")
        public("ed25519/jwk-small-order", "Ed25519", "jwk", json.dumps(ed_jwk(value)), "invalid_key", "small order")
public("ed25519/x25519", "EdDSA", "pem", openssl("pkey", "-pubout", stdin=openssl("genpkey", "-algorithm", "X25519")).decode(), "invalid_key", "another kind")
private("ed25519/x25519", "EdDSA", "pem", openssl("genpkey", "-algorithm", "X25519").decode(), "invalid_key", "another kind")
private("ed25519/ed448", "EdDSA", "pem", openssl("genpkey", "-algorithm", "ED448").decode(), "invalid_key", "another kind")
public("ed25519/jwk-x25519", "EdDSA", "jwk", json.dumps(ed_jwk(crv="X25519")), "invalid_key", "")
public("ed25519/parameters", "EdDSA", "der", spki(bytes.fromhex("300706032b65700500"), x), "invalid_key", "")

# -- kinds ----------------------------------------------------------------------------------------

keys = {"RS256": (RSA, good.public(), good.pkcs1(), good.jwk()),
        "ES256": (P256, ec_keys["ES256"].point, sec1(ec_keys["ES256"].d), ec_keys["ES256"].jwk()),
        "EdDSA": (ED, x, octets(seed), ed_jwk())}
for alg in keys:
    for other, (ident, pub_bits, secret, jwk) in keys.items():
        if other != alg:
            public(f"kind/{other}-for-{alg}", alg, "der", spki(ident, pub_bits), "invalid_key", "another kind")
            private(f"kind/{other}-for-{alg}", alg, "der", pkcs8(ident, secret), "invalid_key", "another kind")
            public(f"kind/jwk-{other}-for-{alg}", alg, "jwk", json.dumps(jwk), "invalid_key", "\"kty\"")
for alg in ("HS256", "HS384", "HS512"):
    public("kind/secret", alg, "der", spki(ED, x), "invalid_key", "`Key`")
    private("kind/secret", alg, "der", pkcs8(ED, octets(seed)), "invalid_key", "`Key`")
    public("kind/secret", alg, "jwk", json.dumps({"kty": "oct", "k": b64u(bytes(64))}), "invalid_key", "")

# -- PEM texts ------------------------------------------------------------------------------------

der, p8 = spki(RSA, good.public()), pkcs8(RSA, good.pkcs1())
good_pem = pem("PUBLIC KEY", der)
for what, text in (("crlf", pem("PUBLIC KEY", der, end="\r\n")), ("cr", pem("PUBLIC KEY", der, end="\r")),
                   ("width-76", pem("PUBLIC KEY", der, 76)), ("width-1", pem("PUBLIC KEY", der, 1)),
                   ("one-line", pem("PUBLIC KEY", der, 10000)), ("no-line-ends", pem("PUBLIC KEY", der, end="")),
                   ("no-last-line-end", good_pem.rstrip()), ("empty-lines", "\n\n" + good_pem.replace("\n", "\n\n") + "\n\n\n"),
                   ("spaces", good_pem.replace("\n", " \t\n ")), ("text-in-front", "Bag Attributes\n  friendlyName: a: b\n" + good_pem),
                   ("byte-order-mark", "\ufeff" + good_pem), ("text-without-line-end", "subject=CN-----" + good_pem)):
    public(f"pem/{what}", "RS256", "pem", text, thumbprint=good.thumb())
for what, text, why in (
        ("empty", "", "not PEM"), ("no-pem", "hello", "not PEM"), ("base64-alone", base64.b64encode(der).decode(), "not PEM"),
        ("lower-case", good_pem.lower(), "not PEM"), ("four-dashes", good_pem.replace("-----", "---- "), "not PEM"),
        ("text-behind", good_pem + "x", "follows"), ("nul-behind", good_pem + "\0", "follows"),
        ("two-blocks", good_pem + good_pem, "more than one block"), ("key-and-certificate", good_pem + pem("CERTIFICATE", b"x"), "more than one block"),
        ("nested", good_pem.replace("\n", "\n-----BEGIN X-----\n", 1), "more than one block"),
        ("no-end", good_pem.split("-----END")[0], "no END line"), ("begin-alone", "-----BEGIN PUBLIC KEY", "no END line"),
        ("label-mismatch", good_pem.replace("END PUBLIC", "END RSA PUBLIC"), "another label"),
        ("label-mismatch-end", good_pem.replace("END PUBLIC KEY", "END PUBLIC KEYS"), "another label"),
        ("escaped", good_pem.replace("\n", "\\n"), "base64"),
        ("foreign", good_pem.replace("M", "*", 1), "base64"), ("url-alphabet", pem("PUBLIC KEY", b"\xff" * 48).replace("/", "_"), "base64"),
        ("empty-body", "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n", "SubjectPublicKeyInfo"),
        ("wrong-content", pem("PUBLIC KEY", good.public()), ""), ("pkcs1-label-of-spki", pem("RSA PUBLIC KEY", der), ""),
        ("headers", good_pem.replace("\n", "\nProc-Type: 4,ENCRYPTED\n\n", 1), "encrypted"),
        ("private", pem("PRIVATE KEY", p8), "`PrivateKey`"), ("rsa-private", pem("RSA PRIVATE KEY", good.pkcs1()), "`PrivateKey`"),
        ("certificate", pem("CERTIFICATE", b"x"), "openssl x509"), ("unknown", pem("DH PARAMETERS", b"x"), "another label")):
    public(f"pem/{what}", "RS256", "pem", text, "invalid_key", why)
public("pem/rsa-label-for-ec", "ES256", "pem", pem("RSA PUBLIC KEY", good.public()), "invalid_key", "another kind")
private("pem/rsa-label-for-ec", "ES256", "pem", pem("RSA PRIVATE KEY", good.pkcs1()), "invalid_key", "another kind")
private("pem/ec-label-for-rsa", "RS256", "pem", pem("EC PRIVATE KEY", sec1(ec_keys["ES256"].d, CURVE256)), "invalid_key", "another kind")
private("pem/public", "RS256", "pem", good_pem, "invalid_key", "`PublicKey`")
private("pem/encrypted", "RS256", "pem", openssl("pkcs8", "-topk8", "-passout", "pass:x", stdin=pem("PRIVATE KEY", p8).encode()).decode(), "invalid_key", "encrypted")
private("pem/encrypted-old", "RS256", "pem", openssl("rsa", "-traditional", "-aes128", "-passout", "pass:x", stdin=pem("PRIVATE KEY", p8).encode()).decode(), "invalid_key", "encrypted")
with tempfile.TemporaryDirectory() as folder:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder + "/k"], check=True)
    private("pem/openssh", "EdDSA", "pem", open(folder + "/k").read(), "invalid_key", "OpenSSH")
private("pem/crlf", "RS256", "pem", pem("PRIVATE KEY", p8, end="\r\n"), thumbprint=good.thumb())
private("pem/no-last-line-end", "RS256", "pem", pem("RSA PRIVATE KEY", good.pkcs1()).rstrip(), thumbprint=good.thumb())

# -- JWK texts ------------------------------------------------------------------------------------

for what, jwk, why in (
        ("use-enc", ed_jwk(use="enc"), "\"use\""), ("use-number", ed_jwk(use=1), "\"use\""),
        ("ops-sign", ed_jwk(key_ops=["sign"]), "verify"), ("ops-empty", ed_jwk(key_ops=[]), "verify"),
        ("ops-text", ed_jwk(key_ops="verify"), "\"key_ops\""), ("private", ed_jwk(d=b64u(seed)), "private"),
        ("alg-number", ed_jwk(alg=1), "\"alg\""), ("alg-none", ed_jwk(alg="none"), ""), ("kid-number", ed_jwk(kid=1), "\"kid\""),
        ("kty-absent", {"crv": "Ed25519", "x": b64u(x)}, "\"kty\""), ("kty-case", ed_jwk(kty="okp"), "\"kty\""),
        ("crv-absent", {"kty": "OKP", "x": b64u(x)}, "\"crv\""), ("crv-case", ed_jwk(crv="ed25519"), "\"crv\""),
        ("x-absent", {"kty": "OKP", "crv": "Ed25519"}, "\"x\""), ("x-number", {"kty": "OKP", "crv": "Ed25519", "x": 1}, "\"x\"")):
    public(f"jwk/{what}", "EdDSA", "jwk", json.dumps(jwk), "invalid_key", why)
public("jwk/twice", "EdDSA", "jwk", json.dumps(ed_jwk())[:-1] + ',"x":"AA"}', "invalid_key", "")
public("jwk/set", "EdDSA", "jwk", json.dumps({"keys": [ed_jwk()]}), "invalid_key", "")
public("jwk/unknown-members", "EdDSA", "jwk", json.dumps(ed_jwk(x5c=["MII"], ext=True, iat=1, y=None)), **ok)
private("jwk/ops-verify", "EdDSA", "jwk", json.dumps(ed_jwk(d=b64u(seed), key_ops=["verify"])), "invalid_key", "sign")
private("jwk/ops-sign", "EdDSA", "jwk", json.dumps(ed_jwk(d=b64u(seed), key_ops=["sign"], use="sig")), **ok)
private("jwk/public", "EdDSA", "jwk", json.dumps(ed_jwk()), "invalid_key", "\"d\"")

with open(os.path.join(os.path.dirname(__file__) or ".", "keys.jsonl"), "w") as out:
    for line in cases:
        out.write(json.dumps(line) + "\n")
print(len(cases))
