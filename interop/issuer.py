"""A real issuer made with Authlib, told what to do by JSON lines. Authlib issues access tokens as
JWTs (RFC 9068) to a client with a secret, and ID tokens to one that logs a user in."""

import json
import os
import secrets
import sys
import warnings
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit
from urllib.request import HTTPErrorProcessor, build_opener

from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, OAuth2Request, grants
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
from authlib.oidc.core import AuthorizationCodeMixin
from authlib.oidc.core.grants import OpenIDCode
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey

# The server is on this machine, so it needs no TLS.
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
# RFC 9864 prefers the name Ed25519 to EdDSA, which most issuers still write.
warnings.simplefilter("ignore", SecurityWarning)

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
SECRET = "a secret of the shop's, for these tests only"
REDIRECT = "https://shop.example/callback"


def make_keys(generation):
    kinds = {"RS256": (RSAKey, 2048), "PS256": (RSAKey, 2048), "ES256": (ECKey, "P-256")}
    keys = []
    for alg in ALGORITHMS:
        kind, size = kinds.get(alg, (OKPKey, "Ed25519"))
        parameters = {"alg": alg, "use": "sig", "kid": f"{alg}-{generation}"}
        keys.append(kind.generate_key(size, parameters))
    return keys


# The first key of an algorithm is the one that signs.
keys = make_keys(1)


def signing_key(alg):
    """A set with one key, because Authlib writes a `kid` only for a key from a set."""
    return KeySet([next(key for key in keys if key.alg == alg)])


@dataclass
class Client(ClientMixin):
    client_id: str

    @property
    def alg(self):
        """The id ends with the algorithm, so that one issuer signs with each."""
        return self.client_id.split("-")[1]

    def get_client_id(self):
        return self.client_id

    def get_allowed_scope(self, scope):
        return scope

    def check_redirect_uri(self, redirect_uri):
        return redirect_uri == REDIRECT

    def check_client_secret(self, client_secret):
        return client_secret == SECRET

    def check_endpoint_auth_method(self, method, endpoint):
        return method == "client_secret_post"

    def check_response_type(self, response_type):
        return response_type == "code"

    def check_grant_type(self, grant_type):
        return grant_type in ("client_credentials", "authorization_code")


@dataclass
class User:
    id: str

    def get_user_id(self):
        return self.id


@dataclass
class Code(AuthorizationCodeMixin):
    code: str
    client_id: str
    redirect_uri: str
    scope: str
    nonce: str
    user: User

    def get_redirect_uri(self):
        return self.redirect_uri

    def get_scope(self):
        return self.scope

    def get_nonce(self):
        return self.nonce

    def get_auth_time(self):
        return None

    def get_acr(self):
        return None

    def get_amr(self):
        return None


class AccessTokens(JWTBearerTokenGenerator):
    def access_token_generator(self, client, grant_type, user, scope):
        self.alg = client.alg
        return super().access_token_generator(client, grant_type, user, scope)

    def get_jwks(self):
        return signing_key(self.alg)

    def get_audiences(self, client, user, scope):
        return "api"


class CodeGrant(grants.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_post"]
    codes = {}  # shared, because each request has a grant of its own

    def save_authorization_code(self, code, request):
        nonce = request.payload.data["nonce"]
        redirect_uri = request.payload.redirect_uri
        self.codes[code] = Code(
            code, request.client.client_id, redirect_uri, request.scope, nonce, request.user
        )

    def query_authorization_code(self, code, client):
        found = self.codes.get(code)
        return found if found and found.client_id == client.client_id else None

    def delete_authorization_code(self, authorization_code):
        del self.codes[authorization_code.code]

    def authenticate_user(self, authorization_code):
        return authorization_code.user


class ClientGrant(grants.ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_post"]


class IdTokens(OpenIDCode):
    def exists_nonce(self, nonce, request):
        return False

    def generate_user_info(self, user, scope):
        return {"sub": user.id}

    def get_client_claims(self, client):
        return {"iss": issuer, "aud": client.client_id}

    def get_client_algorithm(self, client):
        return client.alg

    def get_encode_header(self, client):
        return {"alg": client.alg}

    def resolve_client_private_key(self, client):
        return signing_key(client.alg)


class Request(OAuth2Request):
    def __init__(self, handler):
        super().__init__(handler.command, issuer + handler.path, headers=handler.headers)
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0))).decode()
        self.parameters = dict(parse_qsl(body or urlsplit(handler.path).query))
        self.payload = BasicOAuth2Payload(self.parameters)

    @property
    def args(self):
        return self.parameters

    @property
    def form(self):
        return self.parameters


class Server(AuthorizationServer):
    def query_client(self, client_id):
        known = [f"{name}-{alg}" for name in ("shop", "web") for alg in ALGORITHMS]
        return Client(client_id) if client_id in known else None

    def save_token(self, token, request):
        pass

    def create_oauth2_request(self, request):
        return request

    def handle_response(self, status, body, headers):
        return status, body, headers

    def send_signal(self, name, *args, **kwargs):
        pass


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def answer(self, status, body, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write((json.dumps(body) if isinstance(body, dict) else body).encode())

    def do_GET(self):
        path = urlsplit(self.path).path
        if path == "/authorize":
            # Whoever comes is logged in and agrees.
            request, user = Request(self), User("ada")
            grant = server.get_consent_grant(request, user)
            self.answer(*server.create_authorization_response(request, user, grant))
        elif path == "/.well-known/openid-configuration":
            self.answer(200, discovery(), [("Content-Type", "application/json")])
        elif path == "/jwks":
            public = KeySet(keys).as_dict(private=False)
            self.answer(200, public, [("Content-Type", "application/json")])
        else:
            self.answer(404, "")

    def do_POST(self):
        # The only address of the server that accepts a form is that of the tokens.
        self.answer(*server.create_token_response(Request(self)))


def discovery():
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "jwks_uri": f"{issuer}/jwks",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ALGORITHMS,
    }


http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
issuer = f"http://127.0.0.1:{http.server_port}"
server = Server()
server.register_token_generator("client_credentials", AccessTokens(issuer))
# The access token of a login is a random string.
opaque = BearerTokenGenerator(lambda **_: secrets.token_urlsafe())
server.register_token_generator("authorization_code", opaque)
server.register_grant(ClientGrant)
server.register_grant(CodeGrant, [IdTokens(require_nonce=True)])
Thread(target=http.serve_forever, daemon=True).start()


class EveryAnswer(HTTPErrorProcessor):
    """Follows no redirection, because the login reads the code from it."""

    def http_response(self, request, response):
        return response


opener = build_opener(EveryAnswer)


def token(client_id, grant_type, **parameters):
    form = {"grant_type": grant_type, "client_id": client_id, "client_secret": SECRET}
    body = urlencode({**form, **parameters}).encode()
    answer = json.load(opener.open(f"{issuer}/token", body))
    if "access_token" not in answer:
        raise RuntimeError(answer)
    return answer


def login(alg):
    client_id, nonce = f"web-{alg}", secrets.token_urlsafe()
    query = urlencode(
        {
            "response_type": "code",
            "client_id": client_id,
            "redirect_uri": REDIRECT,
            "scope": "openid",
            "nonce": nonce,
        }
    )
    location = opener.open(f"{issuer}/authorize?{query}").headers["Location"]
    [code] = parse_qs(urlsplit(location).query)["code"]
    answer = token(client_id, "authorization_code", code=code, redirect_uri=REDIRECT)
    return {"nonce": nonce, "id_token": answer["id_token"], "access_token": answer["access_token"]}


def answer(op, alg=None):
    global keys
    if op == "start":
        return {"issuer": issuer}
    if op == "token":
        return {"token": token(f"shop-{alg}", "client_credentials", scope="read")["access_token"]}
    if op == "login":
        return login(alg)
    if op == "rotate":  # New keys sign, and the old ones are still published.
        keys = make_keys(2) + keys
    elif op == "drop":  # The old ones are gone.
        keys = [key for key in keys if key.kid.endswith("-2")]
    return {}


for line in sys.stdin:
    print(json.dumps(answer(**json.loads(line))), flush=True)
