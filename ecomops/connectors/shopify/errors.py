"""Shopify's refusals in words of ours.

Follows "Status and error codes" and "API limits" of Shopify's Admin API documentation: GraphQL
tells most errors with status 200.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from math import ceil
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

_BUSY = "Shopify limits the rate of requests. It will be tried again later."
_PASSING_CODES = ("INTERNAL_SERVER_ERROR", "TIMEOUT")
_SHOP_STATES = {
    402: "Shopify has frozen this shop, perhaps over an unpaid bill. "
    "Its owner can open it again in Shopify's billing settings.",
    404: "Shopify does not know this shop. Check the Shop Domain.",
    423: "Shopify has locked this shop. Its owner can learn why from Shopify's support.",
}


class TokenRefusedError(ProviderAuthError):
    """The access token is not (or no longer) good."""


class PersonalDataError(ProviderAuthError):
    """The app may see the object, and not who the customer is."""


class TooCostlyError(ProviderContractError):
    """The query asks for more points than any query may: a smaller page may do."""


class LostPlaceError(ProviderContractError):
    """The cursor behind which to go on is not known (any more)."""


def refusal(answer: Answer, now: datetime) -> ProviderError:
    """The error that a status other than 2xx stands for."""
    said, status = _said(answer), answer.status
    detail = f"status {status}, request {answer.headers.get('x-request-id', '')[:80]!r}: {said}"
    if status == 401:
        return TokenRefusedError(
            f"Shopify refused the access: {said}. Check that the app is still installed in the "
            "shop, and that its credentials were copied whole and have not been replaced.",
            detail=detail,
        )
    if status == 403:
        return ProviderAuthError(_lacking(said), detail=detail)
    if status in _SHOP_STATES:
        return ProviderAuthError(_SHOP_STATES[status], detail=detail)
    if status in (429, 430):
        wait = retry_after(answer.headers, now)
        return ProviderRateLimitedError(_BUSY, retry_after=wait, detail=detail)
    if status >= 500 or status == 408:
        return ProviderTransientError(f"Shopify had a problem (status {status}).", detail=detail)
    return ProviderContractError(
        f"Shopify did not accept a request (status {status}): {said}.", detail=detail
    )


def grant_refusal(answer: Answer, now: datetime) -> ProviderError:
    """As ``refusal``, for the request that asks for a token."""
    if answer.status not in (400, 401, 403):
        return refusal(answer, now)
    said = _said(answer)
    return ProviderAuthError(
        f"Shopify refused the API Key and API Secret: {said}. Check that both were copied whole "
        "(Shopify calls them Client ID and Client secret), that the app is installed in this "
        "shop, and that it belongs to the same organisation as the shop.",
        detail=f"status {answer.status}: {said}",
    )


def graphql_error(errors: object, extensions: object) -> ProviderError:
    """The error that the ``errors`` of an answer with status 200 stand for."""
    first = errors[0] if isinstance(errors, list) and errors else errors
    told: Mapping[str, Any] = first if isinstance(first, dict) else {"message": first}
    code = _dict(told.get("extensions")).get("code")
    said = printable(told.get("message") or "no reason given").rstrip(". ")
    detail = f"code {printable(code)!r}: {said}"
    if code == "THROTTLED":
        return ProviderRateLimitedError(_BUSY, retry_after=_refill(extensions), detail=detail)
    if code == "ACCESS_DENIED":
        denied = PersonalDataError if _is_personal(errors) else ProviderAuthError
        return denied(_lacking(_with_scope(said, told)), detail=detail)
    if code == "SHOP_INACTIVE":
        return ProviderAuthError(_SHOP_STATES[402], detail=detail)
    if code in _PASSING_CODES:
        return ProviderTransientError("Shopify had a problem.", detail=detail)
    kind = _refused_kind(code, said)
    return kind(f"Shopify did not accept a query: {said}.", detail=detail)


def ignored_filter(extensions: Mapping[str, Any]) -> ProviderError | None:
    """The error that a search stands for whose filter was passed over, in whole or in part.

    Follows "Search syntax": an unknown filter only earns a warning, and then all is sent.
    """
    searches = extensions.get("search")
    for search in searches if isinstance(searches, list) else ():
        if warnings := _dict(search).get("warnings"):
            return ProviderContractError(
                "Shopify did not take a filter of ours.", detail=printable(warnings)
            )
    return None


def _refused_kind(code: object, said: str) -> type[ProviderContractError]:
    if code == "MAX_COST_EXCEEDED":
        return TooCostlyError
    return LostPlaceError if "cursor" in said.lower() else ProviderContractError


def _is_personal(errors: object) -> bool:
    """Whether all that is denied are fields named ``email``."""
    paths = [_dict(it).get("path") for it in errors] if isinstance(errors, list) else []
    return bool(paths) and all(isinstance(it, list) and it[-1:] == ["email"] for it in paths)


def _with_scope(said: str, told: Mapping[str, Any]) -> str:
    """The message, with the access scopes that it leaves out."""
    needed = printable(_dict(told.get("extensions")).get("requiredAccess") or "").rstrip(". ")
    return said if needed in said else f"{said}; needed: {needed}"


def _lacking(said: str) -> str:
    return (
        f"The Shopify app lacks access: {said}. Give the app the access scopes it asks for, "
        "install its new version in the shop, then test the connection."
    )


def _refill(extensions: object) -> int | None:
    """Seconds until the bucket holds what the query costs, as its ``cost`` tells."""
    cost = _dict(_dict(extensions).get("cost"))
    bucket = _dict(cost.get("throttleStatus"))
    told = (
        cost.get("requestedQueryCost"),
        bucket.get("currentlyAvailable"),
        bucket.get("restoreRate"),
    )
    points = [Decimal(it) for it in told if isinstance(it, int | Decimal)]
    if len(points) != len(told) or points[2] <= 0:
        return None
    wanted, held, restored = points
    return max(0, ceil((wanted - held) / restored))


def _said(answer: Answer) -> str:
    """The reason, in whichever of its shapes it came."""
    try:
        told = json.loads(answer.body.decode("utf-8", "replace"), parse_float=str)
    except (ValueError, RecursionError):
        told = {}
    told = _dict(told)
    reason = told.get("error_description") or told.get("errors") or told.get("error")
    return printable(reason or "no reason given").rstrip(". ")


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
