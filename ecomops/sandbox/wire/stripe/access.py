"""Who may ask: Stripe's keys, versions and connected accounts."""

import base64
import binascii

from ecomops.sandbox.wire.secrets import secret_of
from ecomops.sandbox.wire.stripe.errors import StripeError, bad_parameter

VERSION = "2026-07-29.dahlia"
"""The account's default version, and the shape of every answer."""

VERSIONS = frozenset({VERSION, "2026-10-28.endive"})
"""Versions a request may name: the pinned one, and the one the Python SDK of our tests sends."""


class Keys:
    """The credentials of a seed's merchant."""

    def __init__(self, seed: int) -> None:
        self.account = "acct_1" + secret_of(seed, "account")[:15]
        self.full = "sk_test_51" + secret_of(seed, "full")
        self.restricted = "rk_test_51" + secret_of(seed, "restricted")
        """May read everything but disputes."""

        self.webhook_secret = "whsec_" + secret_of(seed, "stripe-webhooks")[:32]

    def credentials(self) -> dict[str, str]:
        return {
            "api_key": self.full,
            "restricted_api_key": self.restricted,
            "webhook_secret": self.webhook_secret,
        }

    def authorise(self, authorization: str | None, resource: str) -> None:
        """Raises StripeError 401 for a missing or wrong key, 403 where it lacks the permission."""
        key = _key(authorization)
        if not key:
            raise _unauthorised(
                "You did not provide an API key. You need to provide your API key in the "
                "Authorization header, using Bearer auth (e.g. 'Authorization: Bearer "
                "YOUR_SECRET_KEY')."
            )
        if key not in (self.full, self.restricted):
            raise _unauthorised(f"Invalid API Key provided: {masked(key)}")
        if key == self.restricted and resource == "disputes":
            raise StripeError(
                403,
                f"The provided key '{masked(key)}' does not have the required permissions for "
                f"this endpoint on account '{self.account}'. Having the 'rak_dispute_read' "
                "permission would allow this request to continue.",
            )

    def check_account(self, account: str | None, authorization: str | None) -> None:
        """Raises StripeError 403 when the request acts for another account than the key's."""
        if account and account != self.account:
            raise StripeError(
                403,
                f"The provided key '{masked(_key(authorization))}' does not have access to "
                f"account '{account}' (or that account does not exist). Application access may "
                "have been revoked.",
                code="account_invalid",
            )


def revoked(authorization: str | None) -> StripeError:
    """The answer to a key that was good once."""
    return _unauthorised(
        f"Expired API Key provided: {masked(_key(authorization))}", code="api_key_expired"
    )


def check_version(version: str | None) -> str:
    """The version the answer is made in. Raises StripeError 400 for one nobody knows."""
    if version is None:
        return VERSION
    if version not in VERSIONS:
        raise bad_parameter(f"Invalid Stripe API version: {version}", "Stripe-Version")
    return version


def masked(key: str) -> str:
    """A key as error messages show it."""
    return key if len(key) < 12 else f"{key[:8]}{'*' * (len(key) - 12)}{key[-4:]}"


def _unauthorised(message: str, code: str | None = None) -> StripeError:
    return StripeError(
        401, message, code=code, headers={"WWW-Authenticate": 'Bearer realm="Stripe"'}
    )


def _key(authorization: str | None) -> str:
    scheme, _, value = (authorization or "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        user, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return "" if password else user
