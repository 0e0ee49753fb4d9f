"""ingest_first_shopify, ingest_first_netsuite: pages of the sandbox, as their connectors read them.

They are fetched before anything is measured, in the order of a sync and as large as the provider
sends them: an order comes with its payments and refunds, a page of the ledger has a thousand lines.
"""

from collections.abc import Callable
from contextlib import closing
from itertools import islice

from pydantic import SecretStr

from bench.figures import Figure
from bench.ingest import Meter, Walk, metered, sides_of
from bench.place import Place
from bench.provider import Provider, serving
from ecomops.connectors.base import Connector
from ecomops.connectors.names import netsuite_host_label
from ecomops.connectors.netsuite import NetsuiteConnector
from ecomops.connectors.shopify import ShopifyConnector

Secrets = dict[str, SecretStr]
Open = Callable[[Provider, Secrets], Connector]

SHOPIFY_STREAMS = ("orders", "payouts", "disputes", "payout_lines")
MOST_PAGES = 400
"""Of a stream: orders come in pages of about thirty."""


def measure(place: Place, lines: int, rounds: int) -> list[Figure]:
    """A figure for each provider, in a world of about so many of Stripe's lines."""
    with serving(lines) as provider:
        provider.hurry()
        return [_first(place, provider, name, rounds) for name in ("shopify", "netsuite")]


def _first(place: Place, provider: Provider, name: str, rounds: int) -> Figure:
    fields, open_, streams = _PROVIDERS[name]
    told = provider.credentials(name)
    secrets = {field: SecretStr(told[field]) for field in fields}
    with closing(open_(provider, secrets)) as connector:
        walks = [_walk(connector, stream) for stream in streams]
    with sides_of(place, name, secrets) as sides:
        return metered(Meter(place, sides, walks, f"_{name}"), place, rounds).figure("first")


def _walk(connector: Connector, stream: str) -> Walk:
    table = {it.name: it.table for it in connector.streams()}[stream]
    pages = islice(connector.pages(stream, None), MOST_PAGES)
    return table, [page for page in pages if page.records]


def _open_shopify(provider: Provider, secrets: Secrets) -> Connector:
    shop = secrets["shop_domain"].get_secret_value()
    return ShopifyConnector(secrets, base=f"{provider.base}/shopify/{shop}", bulk_from=None)


def _open_netsuite(provider: Provider, secrets: Secrets) -> Connector:
    account = netsuite_host_label(secrets["account_id"].get_secret_value())
    return NetsuiteConnector(secrets, base=f"{provider.base}/netsuite/{account}")


_PROVIDERS: dict[str, tuple[tuple[str, ...], Open, tuple[str, ...]]] = {
    "shopify": (("shop_domain", "api_key", "api_secret"), _open_shopify, SHOPIFY_STREAMS),
    "netsuite": (
        ("account_id", "consumer_key", "consumer_secret", "token_id", "token_secret"),
        _open_netsuite, ("transactions",),
    ),
}  # fmt: skip
