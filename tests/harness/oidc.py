"""A small issuer of OpenID Connect with real keys, and a browser that signs in there."""

import base64
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Annotated, Any
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import uvicorn
from fastapi import FastAPI, Header, HTTPException, Request
from fastapi.responses import RedirectResponse
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.harness.ports import PLAIN, free_port
from tests.harness.support import Api

CLIENT_ID, CLIENT_SECRET = "praxis", "the secret: of this client"
Json = dict[str, Any]


class Issuer:
    """Who signs in, and what it says of them; a test may change each part of it."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.key = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})
        self.signing: RSAKey | None = None
        """Another key to sign with than the one that is shown."""
        self.header: Json = {}
        self.claims: Json = {}
        """Put over those of a good token; None leaves one out."""
        self.person: Json = {"sub": "s-1", "email": "ana@example.org", "email_verified": True}
        self.userinfo: Json = {}
        self.metadata: Json = {}
        self.asked: list[str] = []
        self.codes: dict[str, Json] = {}

    def discovery(self) -> Json:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        } | self.metadata

    def id_token(self, nonce: str) -> str:
        """Sign what is said of the person."""
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": nonce, **self.person}
        claims = {name: value for name, value in (claims | self.claims).items() if value is not None}
        header = {"alg": "RS256", "kid": "first"} | self.header
        algorithms = [str(header["alg"])]
        return jwt.encode(header, claims, self.signing or self.key, algorithms=algorithms)


def _app(issuer: Issuer) -> FastAPI:
    app = FastAPI()

    @app.get("/.well-known/openid-configuration")
    def discovery() -> Json:
        issuer.asked.append("discovery")
        return issuer.discovery()

    @app.get("/authorize")
    def authorize(
        response_type: str,
        client_id: str,
        redirect_uri: str,
        scope: str,
        state: str,
        nonce: str,
        code_challenge: str,
        code_challenge_method: str,
    ) -> RedirectResponse:
        assert (response_type, client_id, code_challenge_method) == ("code", CLIENT_ID, "S256")
        assert "openid" in scope.split()
        code = secrets.token_urlsafe(8)
        issuer.codes[code] = {"nonce": nonce, "challenge": code_challenge, "redirect_uri": redirect_uri}
        return RedirectResponse(f"{redirect_uri}?code={code}&state={state}&session_state=x&iss={issuer.url}", 302)

    @app.post("/token")
    async def token(request: Request, authorization: Annotated[str, Header()]) -> Json:
        form = {name: value for name, (value,) in parse_qs((await request.body()).decode()).items()}
        issuer.asked.append("token")
        given = base64.b64decode(authorization.removeprefix("Basic ")).decode()
        if unquote(given) != f"{CLIENT_ID}:{CLIENT_SECRET}":
            raise HTTPException(401)
        known = issuer.codes.pop(form["code"], None)
        made = base64.urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
        if known is None or (known["challenge"], known["redirect_uri"]) != (made, form["redirect_uri"]):
            raise HTTPException(400, {"error": "invalid_grant"})
        assert form["grant_type"] == "authorization_code"
        return {"access_token": "at", "token_type": "Bearer", "id_token": issuer.id_token(known["nonce"])}

    @app.get("/keys")
    def keys() -> Json:
        issuer.asked.append("keys")
        return {"keys": [{"kty": "odd", "kid": "odd"}, issuer.key.as_dict(private=False)]}

    @app.get("/userinfo")
    def userinfo(authorization: Annotated[str, Header()]) -> Json:
        assert authorization == "Bearer at"
        return issuer.userinfo

    return app


@contextmanager
def serving_issuer() -> Iterator[Issuer]:
    """Serve an issuer on a free port of this machine."""
    port = free_port()
    issuer = Issuer(port)
    config = uvicorn.Config(_app(issuer), host="127.0.0.1", port=port, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield issuer
    server.should_exit = True
    thread.join(5)


class Browser:
    """Goes to the issuer and comes back, with its own cookies."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.cookies: dict[str, str] = {}
        self.set_cookie = ""

    def begin(self, query: str = "") -> httpx.Response:
        """Ask the api to begin; return its answer, having kept the cookie."""
        answer = self.api.get(f"/sign-in/oidc{query}")
        self._keep(answer)
        return answer

    def visit(self, address: str) -> str:
        """Sign in at the issuer and return the address, below the api, that it sends the browser back to."""
        answer = httpx.get(address, trust_env=False, verify=PLAIN)
        assert answer.status_code == 302, answer.text
        back = urlsplit(answer.headers["location"])
        return f"{back.path}?{back.query}"

    def come_back(self, path: str) -> httpx.Response:
        """Come back to the api."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        answer = self.api.get(path, headers=headers if self.cookies else {})
        self._keep(answer)
        return answer

    def sign_in(self, query: str = "") -> httpx.Response:
        """Go all the way; return the api's last answer."""
        begun = self.begin(query)
        assert begun.status_code == 302, begun.text
        return self.come_back(self.visit(begun.headers["location"]))

    def _keep(self, answer: httpx.Response) -> None:
        self.set_cookie = answer.headers.get("set-cookie", self.set_cookie)
        name, _, value = self.set_cookie.partition(";")[0].partition("=")
        if value.strip('"'):
            self.cookies = {name: value}
        elif name:
            self.cookies = {}
        self.api.client.cookies.clear()


def query_of(answer: httpx.Response) -> dict[str, str]:
    """Return the parameters of the address that an answer leads to."""
    return {name: value for name, (value,) in parse_qs(urlsplit(answer.headers["location"]).query).items()}
