"""OAuth 2.0 of an account: authorization code with PKCE, client credentials, refresh, revocation.

Follows "OAuth 2.0 Authorization Code Grant Flow" and "OAuth 2.0 Client Credentials Flow" of
NetSuite's help. Tokens are signed by the account and outlive the process; codes do not.
"""

import re
import secrets
import time
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from threading import Lock
from typing import Any

from ecomops.sandbox.wire.netsuite import jwt
from ecomops.sandbox.wire.netsuite.integration import Integration
from ecomops.sandbox.wire.netsuite.jwt import TokenError

SCOPE = "rest_webservices"
ACCESS_SECONDS, REFRESH_SECONDS, CODE_SECONDS = 3_600, 7 * 86_400, 600
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_SKEW_SECONDS = 60
Form = dict[str, str]


class GrantError(Exception):
    """A refusal by the token service, with the error's name (RFC 6749, section 5.2)."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(detail)
        self.name, self.detail = name, detail

    @property
    def status(self) -> int:
        return 401 if self.name == "invalid_client" else 400


@dataclass(frozen=True)
class Code:
    """What somebody approved, good once and for a while."""

    redirect_uri: str
    challenge: str
    expires: int


class TokenService:
    """``clock`` tells Unix seconds."""

    def __init__(
        self, integration: Integration, account: str, clock: Callable[[], int] | None = None
    ) -> None:
        self._integration, self._account = integration, account
        self._clock = clock or (lambda: int(time.time()))
        self._lock, self._codes, self._revoked = Lock(), dict[str, Code](), set[str]()

    # approving

    def approve(self, asked: Form) -> str:
        """A code for what was asked; the caller has checked client and address.

        Raises GrantError.
        """
        if asked.get("response_type") != "code":
            raise GrantError("unsupported_response_type", "response_type must be code.")
        if SCOPE not in _scopes(asked.get("scope", "")):
            raise GrantError("invalid_scope", f"The scope must hold {SCOPE}.")
        if not 22 <= len(asked.get("state", "")) <= 1024:
            raise GrantError("invalid_request", "state must have 22 to 1024 characters.")
        challenge = asked.get("code_challenge", "")
        if asked.get("code_challenge_method") != "S256" or not _VERIFIER.fullmatch(challenge):
            raise GrantError("invalid_request", "A code challenge by S256 is required.")
        code, expires = secrets.token_hex(32), self._clock() + CODE_SECONDS
        with self._lock:
            self._codes[code] = Code(asked["redirect_uri"], challenge, expires)
        return code

    def is_client(self, id: str) -> bool:
        return id == self._integration.client_id

    # granting

    def grant(self, form: Form, authorization: str, address: str) -> dict[str, Any]:
        """The answer of the token address. ``address`` is its own. Raises GrantError."""
        match form.get("grant_type"):
            case "client_credentials":
                self._check_assertion(form, address)
                return {**self._access(), "expires_in": str(ACCESS_SECONDS)}
            case "authorization_code":
                self._check_client(authorization)
                self._take_code(form)
                return {**self._access(), "refresh_token": self._token("refresh", REFRESH_SECONDS)}
            case "refresh_token":
                self._check_client(authorization)
                given = form.get("refresh_token", "")
                if not self.knows(given, "refresh"):
                    raise GrantError("invalid_grant", "The refresh token is not valid.")
                return {**self._access(), "refresh_token": given}
        raise GrantError("unsupported_grant_type", "This grant type is not known.")

    def revoke(self, form: Form, authorization: str) -> None:
        """Raises GrantError."""
        self._check_client(authorization)
        with self._lock:
            self._revoked.add(form.get("token", ""))

    def knows(self, token: str, use: str = "access") -> bool:
        """Whether a token is the account's own, of this use, and still good."""
        try:
            claims = jwt.read_own(token, self._integration.token_secret)
        except TokenError:
            return False
        good = claims.get("use") == use and claims.get("company") == self._account
        return good and claims["exp"] > self._clock() and token not in self._revoked

    def _access(self) -> dict[str, Any]:
        token = self._token("access", ACCESS_SECONDS)
        return {"access_token": token, "expires_in": ACCESS_SECONDS, "token_type": "bearer"}

    def _token(self, use: str, seconds: int) -> str:
        now = self._clock()
        claims = {
            "iss": "https://system.netsuite.com", "company": self._account, "use": use,
            "scope": [SCOPE], "iat": now, "exp": now + seconds, "jti": secrets.token_hex(8),
        }  # fmt: skip
        return jwt.own(claims, self._integration.token_secret)

    # checking

    def _check_client(self, authorization: str) -> None:
        mine = f"{self._integration.client_id}:{self._integration.client_secret}"
        try:
            told = b64decode(authorization.partition(" ")[2], validate=True)
        except (NotBase64, ValueError):
            told = b""
        if authorization[:6].lower() != "basic " or not compare_digest(told, mine.encode()):
            raise GrantError("invalid_client", "The client is not known, or its secret is wrong.")

    def _take_code(self, form: Form) -> None:
        with self._lock:
            code = self._codes.pop(form.get("code", ""), None)
        if code is None or code.expires <= self._clock():
            raise GrantError("invalid_grant", "The code is not valid, or no longer.")
        if form.get("redirect_uri") != code.redirect_uri:
            raise GrantError("invalid_grant", "The redirect address is another one.")
        verifier = form.get("code_verifier", "")
        if not _VERIFIER.fullmatch(verifier) or challenge_of(verifier) != code.challenge:
            raise GrantError("invalid_grant", "The code verifier does not fit.")

    def _check_assertion(self, form: Form, address: str) -> None:
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise GrantError("invalid_request", "The client assertion type is not known.")
        try:
            parts = jwt.read(form.get("client_assertion", ""))
            key = self._integration.public_key(parts.header.get("kid"))
            if key is None:
                raise TokenError("The certificate is not mapped.")
            jwt.verify(parts, key)
            self._check_claims(parts.claims, address)
        except TokenError as error:
            raise GrantError("invalid_client", str(error)) from error

    def _check_claims(self, claims: jwt.Claims, address: str) -> None:
        now, issued, expires = self._clock(), claims.get("iat"), claims.get("exp")
        if claims.get("iss") != self._integration.client_id:
            raise TokenError("The issuer is not the client.")
        if claims.get("aud") != address:
            raise TokenError("The audience is not this address.")
        if SCOPE not in _scopes(claims.get("scope")):
            raise TokenError(f"The scope must hold {SCOPE}.")
        if not isinstance(issued, int) or not isinstance(expires, int):
            raise TokenError("iat and exp must be whole numbers.")
        if issued > now + _SKEW_SECONDS or expires <= now or not 0 < expires - issued <= 3_600:
            raise TokenError("The assertion is not good at this time, or for too long.")


def challenge_of(verifier: str) -> str:
    """S256 of RFC 7636."""
    return jwt.encoded(sha256(verifier.encode()).digest())


def _scopes(told: object) -> list[str]:
    if isinstance(told, str):
        return re.split(r"[\s,]+", told)
    return [str(it) for it in told] if isinstance(told, list) else []
