"""Writes certificates.jsonl: certificates by openssl, and the keys that openssl takes out of them.

Versions 1 and 3, each kind of key, a validity beyond 2050, and names that are not ASCII.
"""

import base64
import json
import os
import subprocess
import tempfile


def openssl(*arguments, stdin=b""):
    return subprocess.run(["openssl", *arguments], input=stdin, capture_output=True, check=True).stdout


KINDS = {
    "ES256": ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "ES384": ["EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
    "RS256": ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    "EdDSA": ["ED25519"],
}

folder = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(folder, "certificates.jsonl"), "w") as out, tempfile.TemporaryDirectory() as scratch:
    key = os.path.join(scratch, "key.pem")
    for alg, kind in KINDS.items():
        openssl("genpkey", "-algorithm", *kind, "-out", key)
        subject = ["-utf8", "-subj", "/O=Émetteur/CN=issuer.example"]
        request = openssl("req", "-new", "-key", key, *subject)
        version_1 = openssl("x509", "-req", "-signkey", key, "-days", "30000", stdin=request)
        version_3 = openssl("req", "-x509", "-key", key, *subject, "-days", "30000")
        for version, pem in (("1", version_1), ("3", version_3)):
            text = openssl("x509", "-noout", "-text", stdin=pem).decode()
            assert f"Version: {version} " in text, text
            public = openssl("x509", "-noout", "-pubkey", stdin=pem)
            spki = openssl("pkey", "-pubin", "-outform", "DER", stdin=public)
            case = {"alg": alg, "version": version, "pem": pem.decode(), "spki": base64.urlsafe_b64encode(spki).decode().rstrip("=")}
            out.write(json.dumps(case) + "\n")
