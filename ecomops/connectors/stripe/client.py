"""Stripe's API as a transport: key, pinned version, and its errors in our words.

Follows "Authentication", "Versioning", "Errors" and "Pagination" of Stripe's API reference.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeVar

from pydantic import SecretStr

from ecomops.connectors.decoding import decoded, printable
from ecomops.connectors.exact_json import Element, read_element, read_list
from ecomops.connectors.gate import Gate
from ecomops.connectors.http import Answer, Limits, Params, ProviderHttp, json_text, retry_after
from ecomops.kit.errors import (
    ProviderAuthError,
    ProviderContractError,
    ProviderError,
    ProviderPermissionError,
    ProviderRateLimitedError,
    ProviderTransientError,
)

T = TypeVar("T")

API_VERSION: Final = "2026-07-29.dahlia"
_NAMED_PERMISSION = re.compile(r"[Hh]aving the '([\w ]{1,80})' permission")
_BUSY_STATUSES = (408, 409, 424)


class ResourceMissingError(ProviderContractError):
    """An object that the request names is not there (any more)."""


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list."""

    elements: list[Element]
    has_more: bool


class StripeClient:
    """Authenticated reads. All methods raise ProviderError subclasses only.

    ``clock_skew``: seconds by which our clock was ahead of Stripe's at the last answer.
    """

    def __init__(
        self,
        api_key: SecretStr,
        base: str,
        *,
        gate: Gate | None,
        stop: Callable[[], bool],
        limits: Limits,
    ) -> None:
        self._key = api_key.get_secret_value().strip()
        usable = not self._key_problem()
        self._http = ProviderHttp(
            "Stripe",
            base,
            {
                "Authorization": f"Bearer {self._key if usable else ''}",
                "Stripe-Version": API_VERSION,
            },
            gate=gate,
            retry_header="stripe-should-retry",
            limits=limits,
            stop=stop,
        )
        self.clock_skew: int | None = None

    @property
    def livemode(self) -> bool:
        """Whether the key is one of live mode, by its prefix."""
        return "_live_" in self._key[:8]

    def list_page(self, path: str, params: Params, permission: str) -> ListPage:
        """One page of the list at ``path``."""
        return self._get(path, params, permission, _read_page)

    def retrieve(self, path: str, permission: str) -> Element:
        """The one object at ``path``."""
        return self._get(path, {}, permission, _read_object)

    def close(self) -> None:
        self._http.close()

    def _get(self, path: str, params: Params, permission: str, read: Callable[[str], T]) -> T:
        if problem := self._key_problem():
            raise ProviderAuthError(problem)

        def accept(answer: Answer) -> T:
            if not 200 <= answer.status < 300:
                raise self._error(answer, permission)
            self.clock_skew = _skew(answer.headers.get("date", ""), datetime.now(UTC))
            return _decoded(answer, read)

        return self._http.get(path, params, accept)

    def _key_problem(self) -> str:
        """Why the key cannot work, as far as its form tells."""
        if not self._key:
            return "The API key is empty. Paste a secret (sk_…) or restricted (rk_…) key of Stripe."
        if self._key.startswith("pk_"):
            return (
                "This is a publishable key (pk_…), which cannot read payouts. "
                "Use a secret (sk_…) or restricted (rk_…) key of the same account."
            )
        if not re.fullmatch(r"[!-~]{8,255}", self._key):
            return "This is not a Stripe key. Copy a secret (sk_…) or restricted (rk_…) key whole."
        return ""

    def _error(self, answer: Answer, permission: str) -> ProviderError:
        """The error that a status other than 200 stands for."""
        body = _error_body(answer)
        said = printable(body.get("message") or "no reason given").replace(self._key, "[key]")
        request = answer.headers.get("request-id", "")[:80]
        detail = f"status {answer.status}, code {body.get('code')!r}, request {request!r}: {said}"
        status = answer.status
        if status == 401:
            return ProviderAuthError(
                f"Stripe refused the key: {said.rstrip('.')}. Check that it was copied whole, "
                "belongs to the right account and mode, and has not been rolled or deleted.",
                detail=detail,
            )
        if status == 403:
            return _refused_permission(said, permission, detail)
        if status == 429:
            return ProviderRateLimitedError(
                "Stripe limits the rate of requests. It will be tried again later.",
                retry_after=retry_after(answer.headers, datetime.now(UTC)),
                detail=detail,
            )
        if status >= 500 or status in _BUSY_STATUSES:
            return ProviderTransientError(f"Stripe had a problem (status {status}).", detail=detail)
        if body.get("code") == "resource_missing":
            return ResourceMissingError(f"Stripe does not have this: {said}", detail=detail)
        return ProviderContractError(
            f"Stripe did not accept a request (status {status}): {said}", detail=detail
        )


def _decoded(answer: Answer, read: Callable[[str], T]) -> T:
    text = json_text(answer, "Stripe")
    version = answer.headers.get("stripe-version")
    if version != API_VERSION:
        raise ProviderContractError(
            f"Stripe answered in API version {str(version)[:40]!r}; {API_VERSION} was asked for."
        )
    return decoded(text, "Stripe", read)


def _read_page(text: str) -> ListPage:
    members, elements = read_list(text, "data")
    has_more = members.get("has_more")
    if members.get("object") != "list" or elements is None or not isinstance(has_more, bool):
        raise ProviderContractError("Stripe sent something else than the list it was asked for.")
    if has_more and not elements:
        raise ProviderContractError("Stripe sent an empty page and says that more follow.")
    return ListPage(elements, has_more)


def _read_object(text: str) -> Element:
    element = read_element(text)
    if isinstance(element.value, dict) and "error" in element.value:
        raise ProviderContractError("Stripe sent an error in place of the object asked for.")
    return element


def _error_body(answer: Answer) -> dict[str, Any]:
    try:
        body = json.loads(answer.body.decode("utf-8", "replace"), parse_float=str)
        error = body["error"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return error if isinstance(error, dict) else {}


def _refused_permission(said: str, permission: str, detail: str) -> ProviderPermissionError:
    named = _NAMED_PERMISSION.search(said)
    name = named[1] if named else permission
    text = (
        f"The Stripe key lacks a permission: {name} (read). In Stripe's Dashboard, under "
        "Developers, API keys, edit the restricted key to allow it, then test the connection."
    )
    return ProviderPermissionError(text, permission=name, detail=detail)


def _skew(date: str, now: datetime) -> int | None:
    try:
        theirs = parsedate_to_datetime(date)
        return round((now - theirs.replace(tzinfo=theirs.tzinfo or UTC)).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None
