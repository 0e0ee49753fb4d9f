"""Who may ask: token-based authentication, checked as NetSuite checks it.

The reasons are those of "Error Messages for RESTlets, SOAP Web Services, and REST Web Services"
in NetSuite's help.
"""

import re
import time
from collections.abc import Callable
from hmac import compare_digest
from threading import Lock

from ecomops.sandbox.wire.netsuite.errors import NetsuiteError, invalid_login
from ecomops.sandbox.wire.netsuite.signature import base_string, hmac_sha256, read_header
from ecomops.sandbox.wire.secrets import secret_of

WINDOW_SECONDS = 300
"""How far a timestamp may be from the server's clock, and how long nonces are remembered."""

_BEARER = re.compile(r"Bearer\s+", re.IGNORECASE)
_EXPECTED = {
    *("realm", "oauth_consumer_key", "oauth_token", "oauth_nonce", "oauth_timestamp"),
    *("oauth_signature_method", "oauth_signature", "oauth_version"),
}


class Keys:
    """The account and the token of a seed's merchant."""

    def __init__(self, seed: int) -> None:
        digits = int(secret_of(seed, "netsuite-account")[:12], 16) % 9_000_000 + 1_000_000
        self.account = f"{digits}_SB1"
        self.consumer_key, self.consumer_secret, self.token_id, self.token_secret = (
            secret_of(seed, f"netsuite-{name}-a") + secret_of(seed, f"netsuite-{name}-b")[:16]
            for name in ("consumer-key", "consumer-secret", "token", "token-secret")
        )

    @property
    def host_label(self) -> str:
        """The account as it stands in addresses."""
        return self.account.lower().replace("_", "-")

    def credentials(self) -> dict[str, str]:
        """For token-based authentication; those for OAuth 2.0 are the integration's."""
        return {
            "account_id": self.account,
            "consumer_key": self.consumer_key,
            "consumer_secret": self.consumer_secret,
            "token_id": self.token_id,
            "token_secret": self.token_secret,
        }


class Gatekeeper:
    """Lets signed requests in, each once, and bearers of a token. ``clock`` tells Unix seconds."""

    def __init__(
        self,
        keys: Keys,
        clock: Callable[[], float] = time.time,
        is_token: Callable[[str], bool] = lambda token: False,
    ) -> None:
        self._keys, self._clock, self._is_token = keys, clock, is_token
        self._lock, self._seen = Lock(), dict[str, int]()

    def authorise(self, method: str, url: str, authorization: str, host_label: str) -> None:
        """Raises NetsuiteError 401."""
        if bearer := _BEARER.match(authorization):
            known = self._is_token(authorization[bearer.end() :].strip())
            if not known or host_label != self._keys.host_label:
                raise self.bearer_refused()
        elif reason := self._problem(method, url, authorization, host_label):
            raise self.refused(reason)

    def refused(self, reason: str) -> NetsuiteError:
        return invalid_login(self._keys.account, reason)

    def bearer_refused(self) -> NetsuiteError:
        return invalid_login(self._keys.account, "invalid_token", scheme="Bearer")

    def revoked(self, authorization: str) -> NetsuiteError:
        """The refusal of credentials that were good yesterday."""
        if _BEARER.match(authorization):
            return self.bearer_refused()
        return self.refused("token_rejected")

    def _problem(self, method: str, url: str, authorization: str, host_label: str) -> str | None:
        told = read_header(authorization)
        if told is None or set(told) != _EXPECTED or told["oauth_version"] != "1.0":
            return "parameter_rejected"
        keys = self._keys
        if told["realm"] != keys.account or host_label != keys.host_label:
            return "token_rejected"
        if told["oauth_signature_method"] != "HMAC-SHA256":
            return "signature_method_rejected"
        if told["oauth_consumer_key"] != keys.consumer_key:
            return "consumer_key_unknown"
        if told["oauth_token"] != keys.token_id:
            return "token_rejected"
        signature = hmac_sha256(
            base_string(method, url, told), keys.consumer_secret, keys.token_secret
        )
        if not compare_digest(told["oauth_signature"].encode(), signature.encode()):
            return "signature_invalid"
        return self._stale(told["oauth_nonce"], told["oauth_timestamp"])

    def _stale(self, nonce: str, timestamp: str) -> str | None:
        now = int(self._clock())
        if not timestamp.isdecimal() or abs(now - int(timestamp[:12])) > WINDOW_SECONDS:
            return "timestamp_refused"
        if not 6 <= len(nonce) <= 64:
            return "nonce_rejected"
        with self._lock:
            self._seen = {it: till for it, till in self._seen.items() if till >= now}
            if nonce in self._seen:
                return "nonce_used"
            self._seen[nonce] = int(timestamp) + WINDOW_SECONDS
        return None
