"""PyJWT's side: answers each JSON line of the input with one."""

import base64
import json
import platform
import sys
from datetime import datetime, timezone

import jwt
import jwt.api_jwt
from jwt import exceptions

# The first class that fits; subclasses stand before their bases.
KINDS = [
    (exceptions.ExpiredSignatureError, "expired"),
    (exceptions.ImmatureSignatureError, "not_yet_valid"),
    (exceptions.InvalidSignatureError, "invalid_signature"),
    (exceptions.InvalidAudienceError, "invalid_audience"),
    (exceptions.InvalidIssuerError, "invalid_issuer"),
    (exceptions.InvalidSubjectError, "invalid_subject"),
    (exceptions.InvalidIssuedAtError, "invalid_claim_type"),
    (exceptions.InvalidJTIError, "invalid_claim_type"),
    (exceptions.MissingRequiredClaimError, "missing_claim"),
    (exceptions.InvalidAlgorithmError, "algorithm_mismatch"),
    (exceptions.DecodeError, "malformed"),
]


def kind_of(error):
    for kind_class, kind in KINDS:
        if isinstance(error, kind_class):
            return kind
    # What has no class of its own is told by its text.
    if str(error).startswith("Unsupported critical extension"):
        return "unsupported_critical"
    if isinstance(error, exceptions.InvalidTokenError):
        return "malformed"
    return "unknown"


class Clock(datetime):
    """PyJWT takes no time as an argument, so its clock is replaced."""

    secs = 0

    @classmethod
    def now(cls, tz=None):
        return datetime.fromtimestamp(cls.secs, tz or timezone.utc)


jwt.api_jwt.datetime = Clock


def secret(key):
    return base64.urlsafe_b64decode(key["k"] + "=" * (-len(key["k"]) % 4))


def version():
    return {"version": jwt.__version__, "runtime": "Python " + platform.python_version()}


def encode(key, header, claims):
    return {"token": jwt.encode(claims, secret(key), algorithm=key["alg"], headers=header)}


def choose(token, keys):
    if len(keys) == 1:
        return secret(keys[0])
    return jwt.PyJWKSet.from_dict({"keys": keys})[jwt.get_unverified_header(token)["kid"]]


def decode(token, keys, policy):
    Clock.secs = policy["now"]
    try:
        key = choose(token, keys)
    except KeyError:
        return {"kind": "unknown_key"}
    try:
        data = jwt.decode_complete(
            token,
            key,
            algorithms=[keys[0]["alg"]],
            audience=policy.get("audiences"),
            issuer=policy.get("issuers"),
            subject=policy.get("subject"),
            leeway=policy["leeway"],
            options={"require": policy["require"]},
        )
    except Exception as error:
        return {"kind": kind_of(error), "message": f"{type(error).__name__}: {error}"}
    return {
        "kind": "accepted",
        "header": json.dumps(data["header"]),
        "claims": json.dumps(data["payload"]),
    }


OPERATIONS = {"version": version, "encode": encode, "decode": decode}

for line in sys.stdin.buffer:
    request = json.loads(line)
    answer = OPERATIONS[request.pop("op")](**request)
    print(json.dumps(answer), flush=True)
