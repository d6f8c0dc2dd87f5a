"""PyJWT's side with public keys: answers each JSON line of the input with one."""

import json
import sys

import jwt
from cryptography.hazmat.primitives import serialization as ser
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import get_default_algorithms

ALGORITHMS = get_default_algorithms()


def generate(alg):
    if alg == "EdDSA":
        key = ed25519.Ed25519PrivateKey.generate()
    elif alg.startswith("ES"):
        key = ec.generate_private_key(ec.SECP256R1() if alg == "ES256" else ec.SECP384R1())
    else:
        key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(ser.Encoding.PEM, ser.PrivateFormat.PKCS8, ser.NoEncryption())
    public = key.public_key()
    pem = public.public_bytes(ser.Encoding.PEM, ser.PublicFormat.SubjectPublicKeyInfo)
    to_jwk = ALGORITHMS[alg].to_jwk
    return {"pem": private.decode(), "public_pem": pem.decode(), "jwk": to_jwk(key), "public_jwk": to_jwk(public)}


def read(alg, pem=None, jwk=None):
    if jwk:
        return jwt.PyJWK(json.loads(jwk), alg).key
    return ALGORITHMS[alg].prepare_key(pem.encode())


def sign(alg, claims, **key):
    return {"token": jwt.encode(claims, read(alg, **key), algorithm=alg)}


def verify(alg, token, jwks=None, **key):
    if jwks:
        keys = jwt.PyJWKSet.from_dict(json.loads(jwks))
        key = keys[jwt.get_unverified_header(token)["kid"]].key
    else:
        key = read(alg, **key)
    try:
        return {"claims": jwt.decode(token, key, algorithms=[alg])}
    except jwt.InvalidSignatureError:
        return {"refused": True}


OPERATIONS = {"generate": generate, "sign": sign, "verify": verify}

for line in sys.stdin.buffer:
    request = json.loads(line)
    print(json.dumps(OPERATIONS[request.pop("op")](**request)), flush=True)
