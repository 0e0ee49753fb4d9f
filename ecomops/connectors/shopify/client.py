"""The Admin GraphQL API as a transport: access, pinned version, cost, errors in our words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, BinaryIO, Final

from pydantic import SecretStr

from ecomops.connectors.consented import ConsentedAccess, Credentials, Renew
from ecomops.connectors.decoding import decoded, printable
from ecomops.connectors.exact_json import Element, read_list
from ecomops.connectors.gate import Gate
from ecomops.connectors.http import Answer, Limits, ProviderHttp, json_text
from ecomops.connectors.names import shop_domain, shopify_file
from ecomops.connectors.shopify.access import ShopAccess
from ecomops.connectors.shopify.bucket import Bucket
from ecomops.connectors.shopify.errors import (
    PersonalDataError,
    TokenRefusedError,
    graphql_error,
    ignored_filter,
    refusal,
)
from ecomops.kit.errors import ProviderAuthError, ProviderContractError
from ecomops.kit.logging import get_logger

API_VERSION: Final = "2026-07"
GRAPHQL: Final = f"/admin/api/{API_VERSION}/graphql.json"

_LOST: Final = "Shopify does not take this connection's token any more. Connect the shop again."

Variables = Mapping[str, Any]

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Told:
    """An answer: its ``data`` without the list that was asked for, and the list's elements.

    The elements are None where there is no such list. ``cost``: the points that were asked for.
    """

    data: dict[str, Any]
    elements: list[Element] | None
    cost: int | None


def _access_of(
    credentials: Credentials, http: ProviderHttp, renew: Renew | None
) -> ShopAccess | ConsentedAccess:
    """A merchant's consent left a token of its own; an app asks for one."""
    if "access_token" in credentials:
        return ConsentedAccess(credentials, renew, lost=_LOST)
    return ShopAccess(http, credentials["api_key"], credentials["api_secret"])


class ShopifyClient:
    """Authenticated reads. All methods raise ProviderError subclasses only."""

    def __init__(
        self,
        credentials: Mapping[str, SecretStr],
        base: str,
        *,
        stop: Callable[[], bool],
        limits: Limits,
        renew: Renew | None = None,
        gate: Gate | None = None,
    ) -> None:
        self._domain = shop_domain(credentials["shop_domain"].get_secret_value().strip())
        self._http = ProviderHttp("Shopify", base, {}, gate=gate, limits=limits, stop=stop)
        self._base, self._bucket = base, Bucket()
        self.access = _access_of(credentials, self._http, renew)
        self._personal = True
        self.clock_skew: int | None = None
        """Seconds by which Shopify's clock was ahead of ours in the last answer."""

    def query(self, document: str, variables: Variables | None = None) -> dict[str, Any]:
        """The ``data`` of a GraphQL query that reads."""
        return self.read_list(document, variables or {}).data

    def read_list(self, document: str, variables: Variables, *path: str) -> Told:
        """The answer to a query, and the list in its data that ``path`` leads to."""
        if self._domain is None:
            raise ProviderAuthError(
                "The Shop Domain of this connection is not one of Shopify. "
                "It looks like your-store.myshopify.com."
            )
        try:
            return self._ask(document, variables, path)
        except TokenRefusedError:
            if not self.access.renewable:
                raise
            self.access.forget()
        except PersonalDataError:
            if not self._personal:
                raise
            _log.warning("shopify_personal_data_denied")
            self._personal = False
        return self._ask(document, variables, path)

    @property
    def personal(self) -> bool:
        """Whether the app may see who customers are, as far as it is known."""
        return self._personal

    def download(self, address: str, into: BinaryIO, most: int) -> None:
        """Fill ``into`` with a file that Shopify made for us, of ``most`` bytes or fewer.

        Raises ProviderContractError for an address that is not one of Shopify's.
        """
        if not shopify_file(address, self._base):
            raise ProviderContractError(
                "Shopify named an address for a file that is not one of its own.",
                detail=printable(address),
            )
        self._http.download(address, into, most)

    def pause(self, seconds: int) -> None:
        """Wait, as ``ProviderHttp.pause`` does."""
        self._http.pause(seconds)

    def close(self) -> None:
        self._http.close()

    def _ask(self, document: str, variables: Variables, path: tuple[str, ...]) -> Told:
        headers = {"X-Shopify-Access-Token": self.access.token()}
        self._http.pause(self._bucket.wait_for(document))
        # Shopify approves apps to see who customers are; without that, money is still told.
        known = {} if self._personal or "$personal" not in document else {"personal": False}
        body = {"query": document, "variables": {**variables, **known}}

        def read(answer: Answer) -> Told:
            return self._read(answer, document, path)

        return self._http.post(GRAPHQL, body, read, headers=headers)

    def _read(self, answer: Answer, document: str, path: tuple[str, ...]) -> Told:
        now = datetime.now(UTC)
        if not 200 <= answer.status < 300:
            raise refusal(answer, now)
        text = json_text(answer, "Shopify")
        self._note(answer, now)
        told, elements = decoded(text, "Shopify", lambda it: read_list(it, "data", *path))
        extensions = told.get("extensions")
        extensions = extensions if isinstance(extensions, dict) else {}
        cost = self._bucket.note(document, extensions.get("cost"))
        if told.get("errors"):
            # Data beside errors is a part of what was asked for, and never taken for the whole.
            raise graphql_error(told["errors"], extensions)
        if problem := ignored_filter(extensions):
            raise problem
        data = told.get("data")
        if not isinstance(data, dict):
            raise ProviderContractError("Shopify sent something else than what it was asked for.")
        return Told(data, elements, cost)

    def _note(self, answer: Answer, now: datetime) -> None:
        """Look at the answer's version and clock. Raises ProviderContractError."""
        version = answer.headers.get("x-shopify-api-version")
        if version != API_VERSION:
            # An expired version is not refused: the oldest living one answers in its place.
            raise ProviderContractError(
                f"Shopify answered in API version {str(version)[:40]!r}; {API_VERSION} was asked "
                "for. Update this app: figures of another version are not taken on trust."
            )
        self.clock_skew = _skew(answer.headers.get("date", ""), now)


def _skew(date: str, now: datetime) -> int | None:
    try:
        told = parsedate_to_datetime(date)
        return round((told.replace(tzinfo=told.tzinfo or UTC) - now).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None
