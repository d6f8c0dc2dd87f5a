"""Makes the keys in this folder: PEM by openssl, the same keys as JWK by the package cryptography.

Run it here: python3 make.py (openssl 3, cryptography 48). The keys are for these tests alone.
"""

import base64
import json
import subprocess

from cryptography.hazmat.primitives.serialization import load_pem_private_key

KINDS = {
    "es256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "es384": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
    "eddsa": ["-algorithm", "ED25519"],
    "rs256": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
}


def text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value, length=None):
    return text(value.to_bytes(length or (value.bit_length() + 7) // 8, "big"))


def jwk(name, key):
    if name.startswith("es"):
        numbers, length = key.private_numbers(), key.key_size // 8
        point = numbers.public_numbers
        return {
            "kty": "EC",
            "crv": f"P-{key.key_size}",
            "x": number(point.x, length),
            "y": number(point.y, length),
            "d": number(numbers.private_value, length),
        }
    if name == "eddsa":
        return {
            "kty": "OKP",
            "crv": "Ed25519",
            "x": text(key.public_key().public_bytes_raw()),
            "d": text(key.private_bytes_raw()),
        }
    numbers = key.private_numbers()
    return {
        "kty": "RSA",
        "n": number(numbers.public_numbers.n),
        "e": number(numbers.public_numbers.e),
        "d": number(numbers.d),
        "p": number(numbers.p),
        "q": number(numbers.q),
        "dp": number(numbers.dmp1),
        "dq": number(numbers.dmq1),
        "qi": number(numbers.iqmp),
    }


for name, options in KINDS.items():
    subprocess.run(["openssl", "genpkey", *options, "-out", f"{name}.pem"], check=True)
    public = ["openssl", "pkey", "-in", f"{name}.pem", "-pubout", "-out", f"{name}.public.pem"]
    subprocess.run(public, check=True)
    with open(f"{name}.pem", "rb") as file:
        key = load_pem_private_key(file.read(), None)
    with open(f"{name}.jwk", "w") as file:
        json.dump(jwk(name, key), file, indent=1)
        file.write("\n")
