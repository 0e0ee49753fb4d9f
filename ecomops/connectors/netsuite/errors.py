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

PERMISSIONS = "REST Web Services, SuiteAnalytics Workbook and Log in using Access Tokens"
_MOST_SKEW_SECONDS = 240
"""NetSuite refuses a timestamp that is five minutes off."""

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


def refusal(answer: Answer, now: datetime) -> ProviderError:
    """The error that a status other than 2xx stands for."""
    told = _first_detail(answer)
    said = printable(told.get("detail") or "no reason given").rstrip(". ")
    code, status = printable(told.get("o:errorCode") or ""), answer.status
    challenge = printable(answer.headers.get("www-authenticate", ""))
    detail = f"status {status}, code {code!r}, challenge {challenge!r}: {said}"
    if status == 401:
        return ProviderAuthError(_refused(said, challenge, answer, now), detail=detail)
    if status == 403:
        return ProviderAuthError(
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


def _refused(said: str, challenge: str, answer: Answer, now: datetime) -> str:
    if skew := _skew_minutes(answer, now):
        return (
            f"NetSuite refused the token: the clock of this server is {skew} minutes off, and "
            "NetSuite takes up to five. Set the clock, then test the connection."
        )
    reason = _REASON.search(challenge)
    if reason and reason[1] in _ADVICE:
        return f"NetSuite refused the token: {_ADVICE[reason[1]]}"
    return f"NetSuite refused the token: {said.partition('. ')[0]}. {_GENERAL_ADVICE}"


def _skew_minutes(answer: Answer, now: datetime) -> int:
    """How far our clock is from the answer's; 0 where it is near enough or not told."""
    try:
        theirs = parsedate_to_datetime(answer.headers.get("date", ""))
        seconds = abs((now - theirs.replace(tzinfo=theirs.tzinfo or UTC)).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return 0
    return round(seconds / 60) if seconds > _MOST_SKEW_SECONDS else 0


def _first_detail(answer: Answer) -> dict[str, Any]:
    try:
        told = json.loads(answer.body.decode("utf-8", "replace"), parse_float=str)
        first = told["o:errorDetails"][0]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        return {}
    return first if isinstance(first, dict) else {}
