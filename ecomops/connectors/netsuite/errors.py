"""NetSuite's refusals in words of ours.

Follows "Error Handling and Error Responses" of NetSuite's REST web services help.
"""

import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from ecomops.connectors.decoding import printable
from ecomops.connectors.http import Answer, retry_after
from ecomops.kit.errors import (
    ProviderAuthError,
    ProviderContractError,
    ProviderError,
    ProviderRateLimitedError,
    ProviderTransientError,
)


class LoginRefusedError(ProviderAuthError):
    """NetSuite did not let the request in. Under load it says so of good credentials too."""


class TableUnreadableError(ProviderAuthError):
    """A table that a query names is not there for this role: no permission, or no such feature."""


PERMISSIONS = "REST Web Services, SuiteAnalytics Workbook and Log in using Access Tokens"
_MOST_SKEW_SECONDS = 240
"""NetSuite refuses a timestamp that is five minutes off."""

_NOT_THERE = re.compile(
    r"(?:[Rr]ecord|[Ff]ield|[Tt]able) \S{1,80}.{0,80} (?:was )?not (?:found|exposed)"
)
_REASON = re.compile(r'error="(\w{1,60})"')
_ADVICE = {
    "consumer_key_unknown": "it does not know the Consumer Key. "
    "Copy it whole from the integration record of this account.",
    "consumer_key_refused": "the integration is blocked. "
    "In NetSuite, under Setup, Integration, Manage Integrations, set its state to Enabled.",
    "signature_invalid": "the Consumer Secret or the Token Secret is wrong. "
    "NetSuite shows each only once; if it is lost, reset it and edit the connection.",
    "token_rejected": "it does not know the Token ID in this account, or the token was revoked. "
    "Check the Account ID, the Token ID, and that the token and the integration are enabled.",
    "permission_violation": "the role of the token may not use it. "
    f"Give the role the permissions {PERMISSIONS}.",
}
"""By the names in NetSuite's list of errors of token-based authentication."""

_GENERAL_ADVICE = (
    "Check that the account ID, the consumer key and secret, and the token ID and secret were "
    "copied whole and belong together, that the integration and the token are enabled, and that "
    f"the role has the permissions {PERMISSIONS}."
)

_GRANT_ADVICE = {
    "invalid_grant": "what was shown has ended, was used before, or was revoked. Connect again.",
    "invalid_client": "it does not know the client, or the certificate does not belong to it. "
    "Check the Client ID, the Certificate ID, and that the private key is that certificate's.",
    "invalid_request": "the assertion was refused. Check the Client ID, the Certificate ID, that "
    "the certificate is still good, and that the private key belongs to it.",
    "unauthorized_client": "the integration may not use this way in. In its integration record, "
    "tick Client Credentials (Machine to Machine) Grant or Authorization Code Grant.",
    "invalid_scope": "the integration record does not have the scope REST Web Services.",
}
_GRANT_GENERAL = (
    "check that the client ID and, for client credentials, the certificate ID and the private key "
    "were copied whole and belong together, and that the integration is enabled."
)


def refusal(answer: Answer, now: datetime) -> ProviderError:
    """The error that a status other than 2xx stands for."""
    told = _first_detail(answer)
    said = printable(told.get("detail") or "no reason given").rstrip(". ")
    code, status = printable(told.get("o:errorCode") or ""), answer.status
    challenge = printable(answer.headers.get("www-authenticate", ""))
    detail = f"status {status}, code {code!r}, challenge {challenge!r}: {said}"
    if status == 401:
        return LoginRefusedError(_refused(said, challenge, answer, now), detail=detail)
    if status == 400 and _NOT_THERE.search(said):
        return TableUnreadableError(
            f"The role of this NetSuite connection cannot read what is needed: {said}. Give the "
            "role the permission for it, then test the connection.",
            detail=detail,
        )
    if status == 403:
        return TableUnreadableError(
            f"The role of the NetSuite token lacks a permission: {said}. Give the role the "
            f"permissions {PERMISSIONS}, then test the connection.",
            detail=detail,
        )
    if status == 429:
        return ProviderRateLimitedError(
            "NetSuite is answering as many requests at once as the account's licence allows. "
            "It will be tried again later.",
            retry_after=retry_after(answer.headers, now),
            detail=detail,
        )
    if status >= 500 or status == 408:
        return ProviderTransientError(f"NetSuite had a problem (status {status}).", detail=detail)
    return ProviderContractError(
        f"NetSuite did not accept a request (status {status}): {said}.", detail=detail
    )


def grant_refusal(answer: Answer, now: datetime) -> ProviderError:
    """The error that a status other than 2xx of the token address stands for (RFC 6749, 5.2)."""
    if answer.status not in (400, 401, 403):
        return refusal(answer, now)
    code = _grant_code(answer)
    detail = f"status {answer.status}, error {code!r}"
    if skew := _skew_minutes(answer, now):
        return ProviderAuthError(_wrong_clock(skew), detail=detail)
    return ProviderAuthError(
        f"NetSuite gave no token: {_GRANT_ADVICE.get(code, _GRANT_GENERAL)}", detail=detail
    )


def _refused(said: str, challenge: str, answer: Answer, now: datetime) -> str:
    if skew := _skew_minutes(answer, now):
        return _wrong_clock(skew)
    reason = _REASON.search(challenge)
    if reason and reason[1] in _ADVICE:
        return f"NetSuite refused the token: {_ADVICE[reason[1]]}"
    return f"NetSuite refused the token: {said.partition('. ')[0]}. {_GENERAL_ADVICE}"


def _wrong_clock(minutes: int) -> str:
    return (
        f"NetSuite refused the token: the clock of this server is {minutes} minutes off, and "
        "NetSuite takes up to five. Set the clock, then test the connection."
    )


def clock_skew(answer: Answer, now: datetime) -> int | None:
    """Seconds by which our clock is ahead of the answer's; None where it does not tell."""
    try:
        theirs = parsedate_to_datetime(answer.headers.get("date", ""))
        return round((now - theirs.replace(tzinfo=theirs.tzinfo or UTC)).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None


def _skew_minutes(answer: Answer, now: datetime) -> int:
    """How far our clock is from the answer's; 0 where it is near enough or not told."""
    seconds = abs(clock_skew(answer, now) or 0)
    return round(seconds / 60) if seconds > _MOST_SKEW_SECONDS else 0


def _grant_code(answer: Answer) -> str:
    try:
        told = json.loads(answer.body.decode("utf-8", "replace"), parse_float=str)
        return printable(told["error"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""


def _first_detail(answer: Answer) -> dict[str, Any]:
    try:
        told = json.loads(answer.body.decode("utf-8", "replace"), parse_float=str)
        first = told["o:errorDetails"][0]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        return {}
    return first if isinstance(first, dict) else {}
