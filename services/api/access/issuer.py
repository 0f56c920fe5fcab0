"""An issuer of OpenID Connect, spoken to over HTTP: discovery, exchange of a code, and what an ID token must say."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import get_well_known_url
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from services.api.letters.smtp import is_loopback

SCOPE = "openid email profile"
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Signatures by a key that the issuer alone has; never `none`, nor one by the secret that it shares with us."""
_KINDS = ("RSA", "EC", "OKP")
_LEEWAY = 60
"""Seconds by which the issuer's clock may differ."""
_METADATA_KEPT = 3600.0
_KEYS_KEPT = 60.0
"""Seconds before keys are asked for again because one is not among them."""
_MOST_BYTES = 1_000_000


class IssuerFailed(Exception):
    """The issuer cannot be reached, or says what nobody can work with; the message is for the log."""


class Refused(Exception):
    """Who came back from the issuer is not let in; `why` is one of a few codes, for the person and for the log."""

    def __init__(self, why: str, detail: str) -> None:
        super().__init__(detail)
        self.why = why
        self.detail = detail


@dataclass(frozen=True)
class Identity:
    """Who somebody is at an issuer."""

    issuer: str
    subject: str
    email: str | None
    verified: bool
    """Whether the issuer says that the e-mail is this person's."""


@dataclass(frozen=True)
class Registration:
    """How we are known to an issuer."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str
    timeout: float


class Issuer:
    """The issuer that we are registered with."""

    def __init__(self, registration: Registration) -> None:
        self.registration = registration
        self._metadata: dict[str, Any] = {}
        self._metadata_until = 0.0
        self._keys: KeySet | None = None
        self._keys_at = 0.0
        self._tls = httpx.create_ssl_context(trust_env=False)  # once: reading certificates takes the loop 30 ms

    async def address(self, state: str, nonce: str, verifier: str) -> str:
        """Return where to send a browser, which comes back with a code and the state."""
        metadata = await self._discovered()
        challenge = create_s256_code_challenge(verifier)  # type: ignore[no-untyped-call]
        return str(
            prepare_grant_uri(
                metadata["authorization_endpoint"],
                self.registration.client_id,
                "code",
                redirect_uri=self.registration.redirect_uri,
                scope=SCOPE,
                state=state,
                nonce=nonce,
                code_challenge=challenge,
                code_challenge_method="S256",
            )
        )

    async def identity(self, code: str, nonce: str, verifier: str) -> Identity:
        """Exchange a code, and return who the ID token says it is; raise `Refused` when it is not good."""
        metadata = await self._discovered()
        tokens = await self._exchange(metadata, code, verifier)
        claims = await self._claims(metadata, tokens, nonce)
        email, verified = claims.get("email"), claims.get("email_verified")
        if email is None and (userinfo := metadata.get("userinfo_endpoint")):
            said = await self._userinfo(userinfo, tokens, str(claims["sub"]))
            email, verified = said.get("email"), said.get("email_verified")
        subject = str(claims["sub"])
        if not subject or len(subject) > 255:
            raise Refused("refused", "the subject is empty or too long")
        known = email if isinstance(email, str) else None
        return Identity(self.registration.issuer, subject, known, verified is True or verified == "true")

    async def _exchange(self, metadata: dict[str, Any], code: str, verifier: str) -> dict[str, Any]:
        supported = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        method = "client_secret_basic" if "client_secret_basic" in supported else "client_secret_post"
        body = prepare_token_request(
            "authorization_code", redirect_uri=self.registration.redirect_uri, code=code, code_verifier=verifier
        )
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        us = ClientAuth(self.registration.client_id, self.registration.client_secret, method)
        uri, headers, body = us.prepare("POST", metadata["token_endpoint"], headers, body)  # type: ignore[no-untyped-call]
        status, answer = await self._ask("POST", uri, headers=headers, content=body)
        if status != 200 or not isinstance(answer.get("id_token"), str):
            raise Refused("refused", f"the code was not exchanged: {status} {str(answer.get('error'))[:60]}")
        return answer

    async def _claims(self, metadata: dict[str, Any], tokens: dict[str, Any], nonce: str) -> CodeIDToken:
        us = self.registration
        options = {"iss": {"essential": True, "value": us.issuer}, "aud": {"essential": True, "value": us.client_id}}
        params = {"nonce": nonce, "client_id": us.client_id, "access_token": tokens.get("access_token")}
        try:
            token = await self._decoded(metadata, tokens["id_token"])
            claims = CodeIDToken(token.claims, token.header, options, params)
            claims.validate(leeway=_LEEWAY)
        except (JoseError, ValueError, TypeError) as error:
            raise Refused("refused", f"the ID token is not good: {type(error).__name__} {error}"[:200]) from None
        return claims

    async def _decoded(self, metadata: dict[str, Any], id_token: str) -> jwt.Token:
        try:
            return jwt.decode(id_token, await self._known_keys(metadata), algorithms=_ALGORITHMS)
        except InvalidKeyIdError:
            if time.monotonic() - self._keys_at < _KEYS_KEPT:
                raise
            self._keys = None  # the issuer has changed its keys since
            return jwt.decode(id_token, await self._known_keys(metadata), algorithms=_ALGORITHMS)

    async def _known_keys(self, metadata: dict[str, Any]) -> KeySet:
        if self._keys is None:
            status, answer = await self._ask("GET", metadata["jwks_uri"])
            offered = answer.get("keys")
            if status != 200 or not isinstance(offered, list):
                raise IssuerFailed(f"its keys cannot be read: {status}")
            usable = [one for one in offered if isinstance(one, dict) and one.get("kty") in _KINDS]
            try:
                keys = {"keys": [one for one in usable if one.get("use", "sig") == "sig"]}
                self._keys = KeySet.import_key_set(keys)  # type: ignore[arg-type]  # checked as it is imported
            except (JoseError, ValueError, TypeError, KeyError) as error:
                raise IssuerFailed(f"its keys cannot be read: {type(error).__name__}") from None
            self._keys_at = time.monotonic()
        return self._keys

    async def _userinfo(self, address: str, tokens: dict[str, Any], subject: str) -> dict[str, Any]:
        """Return what else the issuer says of the person; nothing when it is of another one."""
        headers = {"Authorization": f"Bearer {tokens.get('access_token')}", "Accept": "application/json"}
        status, said = await self._ask("GET", require_safe(address), headers=headers)
        return said if status == 200 and said.get("sub") == subject else {}

    async def _discovered(self) -> dict[str, Any]:
        if time.monotonic() < self._metadata_until:
            return self._metadata
        issuer = self.registration.issuer
        status, said = await self._ask("GET", get_well_known_url(issuer, external=True))
        if status != 200 or said.get("issuer") != issuer:
            raise IssuerFailed(f"its discovery is not its own: {status} {str(said.get('issuer'))[:100]}")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            try:
                require_safe(str(said.get(name, "")))
            except ValueError:
                raise IssuerFailed(f"its {name} is no https address") from None
        self._metadata, self._metadata_until = said, time.monotonic() + _METADATA_KEPT
        return said

    async def _ask(self, method: str, address: str, **more: Any) -> tuple[int, dict[str, Any]]:
        """Send one request, without following redirects; return the status and the JSON object of the answer."""
        timeout = self.registration.timeout
        try:
            async with (
                asyncio.timeout(2 * timeout),
                httpx.AsyncClient(timeout=timeout, verify=self._tls, follow_redirects=False, trust_env=False) as client,
                client.stream(method, address, **more) as answer,
            ):
                body = bytearray()
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > _MOST_BYTES:
                        raise IssuerFailed(f"its answer exceeds {_MOST_BYTES} bytes")
                read = httpx.Response(answer.status_code, content=bytes(body)).json()
        except (httpx.HTTPError, TimeoutError, ValueError) as error:
            raise IssuerFailed(f"{urlsplit(address).path} failed: {type(error).__name__}") from None
        return answer.status_code, read if isinstance(read, dict) else {}


def require_safe(address: str) -> str:
    """Return an address that nobody on the way can read or change; raise `ValueError` for another one."""
    parts = urlsplit(address)
    if not parts.hostname or (parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname))):
        raise ValueError(f"'{address[:200]}' is no https address (http is taken on this machine only)")
    return address
