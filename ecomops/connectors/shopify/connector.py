"""Shopify as a connector: a shop read page by page with an app's credentials."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import SecretStr

from ecomops.connectors.base import Account, Cursor, Page, Stream, Window
from ecomops.connectors.consented import Renew
from ecomops.connectors.exact_json import Element
from ecomops.connectors.gate import Gate
from ecomops.connectors.http import DEFAULT_LIMITS, Limits
from ecomops.connectors.records import PayoutLineRecord
from ecomops.connectors.shopify.bulk import BULK_FROM, FILES_LAST, BulkOrders, BulkPlace
from ecomops.connectors.shopify.client import ShopifyClient, Told
from ecomops.connectors.shopify.documents import ORDERS_OF_TRANSACTIONS, ORDERS_SIZE
from ecomops.connectors.shopify.errors import LostPlaceError, TooCostlyError
from ecomops.connectors.shopify.fields import number_of, valid_gid
from ecomops.connectors.shopify.kinds import KINDS, LINES, ORDERS, PAYOUTS, ObjectKind
from ecomops.connectors.shopify.nested import NestedLists
from ecomops.connectors.shopify.objects import Batch, read_batch
from ecomops.connectors.shopify.pagination import LoopGuard, Place, next_page
from ecomops.connectors.shopify.portion import Portion
from ecomops.connectors.shopify.shop import read_shop
from ecomops.connectors.shopify.transactions import KIND as TRANSACTION
from ecomops.kit.errors import ProviderContractError

_MOST_RESTARTS: Final = 3


def _utc_now() -> datetime:
    return datetime.now(UTC)


class ShopifyConnector:
    """Fills ``connectors.base.Connector``. ``base`` is the address before ``/admin``.

    ``credentials`` are shop_domain, api_key and api_secret, the last of which may be the access
    token of a custom app (``shpat_…``); consent adds access_token, refresh_token and expires_at,
    which ``renew`` replaces. ``now`` tells the time in UTC; ``stop`` as in
    ``ProviderHttp``; ``bulk_from`` orders or more are first read by a bulk operation.
    """

    provider = "shopify"

    def __init__(
        self,
        credentials: Mapping[str, SecretStr],
        *,
        base: str,
        now: Callable[[], datetime] = _utc_now,
        stop: Callable[[], bool] = lambda: False,
        limits: Limits = DEFAULT_LIMITS,
        bulk_from: int | None = BULK_FROM,
        renew: Renew | None = None,
        gate: Gate | None = None,
    ) -> None:
        self._client = ShopifyClient(
            credentials, base, stop=stop, limits=limits, renew=renew, gate=gate
        )
        self._nested = NestedLists(self._client.query)
        self._bulk = BulkOrders(self._client, bulk_from)
        self._now = now
        self._portions = {kind.type: Portion(kind.first, kind.most) for kind in KINDS.values()}

    def check(self) -> Account:
        """The shop, and which scopes are granted and missing."""
        return read_shop(self._client)

    def streams(self) -> Sequence[Stream]:
        return [kind.stream for kind in KINDS.values()]

    def pages(
        self, stream: str, cursor: Cursor | None, window: Window | None = None
    ) -> Iterator[Page]:
        """By time, oldest first where Shopify sorts so. See ``pagination`` for the cursor.

        The first reading of a large shop's orders begins with a file of them: see ``bulk``.
        """
        kind, start = KINDS[stream], Place.of(cursor)
        clock = kind.clock
        if kind is ORDERS and window is None:
            start = (yield from self._from_file(cursor)) or start

        def search(place: Place) -> str | None:
            return place.search(clock, window)

        for batch, place in self._walk(kind, start, search):
            yield batch.page(place.cursor, last=place.after is None)

    def refresh(self, stream: str, source_ids: Sequence[str]) -> Iterator[Page]:
        """Each record by its id; an order also by the id of one of its transactions.

        One that is gone is a reject with the reason ``vanished``.
        """
        kind = KINDS[stream]
        done = 0
        while done < len(source_ids):
            chunk = source_ids[done : done + self._portions[kind.type].size]
            batch = self._named(kind, chunk)
            if batch is None:
                continue  # the same ones again, fewer at once
            done += len(chunk)
            yield batch.page(last=done >= len(source_ids))

    def contents(self, payout_ids: Sequence[str]) -> Iterator[tuple[str, Page]]:
        """The lines of each payout, its own row left out; an empty payout is one empty page.

        A payout that is gone is a page with a ``vanished`` reject that is not its last.
        """
        for payout_id in payout_ids:
            for page in self._contents(payout_id):
                yield payout_id, page

    def size(self, window: Window) -> Mapping[str, int]:
        """Shopify counts orders alone. Raises ProviderError."""
        asked = {"query": Place().search(ORDERS.clock, window)}
        told = self._client.query(ORDERS_SIZE, asked).get("ordersCount")
        count = told.get("count") if isinstance(told, dict) else None
        return {ORDERS.stream.label: count} if type(count) is int and count >= 0 else {}

    def close(self) -> None:
        self._client.close()

    def _from_file(self, cursor: Cursor | None) -> Generator[Page, None, Place | None]:
        """Orders of a bulk operation, and where pages go on; None where there is no such file."""
        place = self._bulk.begin() if cursor is None else BulkPlace.of(cursor)
        if place is None:
            return None
        yield Batch(ORDERS.stream.name).page(place.cursor)  # kept, so that it is started once
        finished = self._bulk.await_end(place)
        if finished is None or self._now() - finished.started > FILES_LAST:
            return None
        for elements in self._bulk.orders(finished, place.done):
            # A file cannot tell what refunds were for.
            given_back = [it.value["id"] for it in elements if _has_refunds(it)]
            for page in self.refresh(ORDERS.stream.name, given_back):
                yield replace(page, cursor=place.cursor, last=False)
            others = [it for it in elements if not _has_refunds(it)]
            place = replace(place, done=place.done + len(elements))
            yield read_batch(ORDERS, others, self._nested.complete).page(place.cursor)
        return Place(since=finished.started)

    def _walk(
        self, kind: ObjectKind, place: Place, search: Callable[[Place], str | None]
    ) -> Iterator[tuple[Batch, Place]]:
        """Each page down to the end, and the place behind it."""
        guard, restarts, now = LoopGuard(place.after), 0, self._now()
        while True:
            try:
                told = self._list(kind, place, search(place))
            except LostPlaceError:
                if place.after is None or restarts == _MOST_RESTARTS:
                    raise
                restarts += 1
                place, guard = place.top(), LoopGuard()
                continue
            batch, after = self._read(kind, told)
            if after is not None:
                guard.check(after, tuple(batch.ids))
            place = place.beyond(batch.newest, batch.held, after, now)
            yield batch, place
            if after is None:
                return

    def _list(self, kind: ObjectKind, place: Place, search: str | None) -> Told:
        """One page, as large as its cost allows."""
        portion = self._portions[kind.type]
        while True:
            values = {"first": portion.size, "after": place.after, "query": search}
            try:
                told = self._client.read_list(kind.listed, values, *kind.path, "nodes")
            except TooCostlyError:
                if not portion.shrink():
                    raise
                continue
            portion.learn(told.cost)
            return told

    def _read(self, kind: ObjectKind, told: Told) -> tuple[Batch, str | None]:
        """The page's records, and the cursor behind it; None at the end."""
        connection: Any = told.data
        for name in kind.path:
            if name in connection and connection[name] is None and name != kind.path[-1]:
                return Batch(kind.stream.name), None  # the shop does not use Shopify Payments
            connection = connection.get(name) if isinstance(connection, dict) else None
            if not isinstance(connection, dict):
                raise ProviderContractError("Shopify did not send the list it was asked for.")
        if told.elements is None:
            raise ProviderContractError("Shopify did not send the list it was asked for.")
        return read_batch(kind, told.elements, self._nested.complete), next_page(connection)

    def _named(self, kind: ObjectKind, source_ids: Sequence[str]) -> Batch | None:
        """The objects of these ids; None where they are too many for one query."""
        wanted = self._orders_of(source_ids) if kind is ORDERS else list(source_ids)
        usable = [it for it in wanted if it is not None and valid_gid(it, kind.type)]
        found = self._nodes(kind, list(dict.fromkeys(usable)))
        if found is None:
            return None
        known = [it for it in found.values() if it.value is not None]
        batch = read_batch(kind, known, self._nested.complete)
        for source_id, asked in zip(source_ids, wanted, strict=True):
            element = found.get(asked or "")
            if element is None or element.value is None:
                batch.vanished(source_id)
        return batch

    def _nodes(self, kind: ObjectKind, ids: list[str]) -> dict[str, Element] | None:
        if not ids:
            return {}
        portion = self._portions[kind.type]
        try:
            told = self._client.read_list(kind.nodes, {"ids": ids}, "nodes")
        except TooCostlyError:
            if not portion.shrink():
                raise
            return None
        found = told.elements
        if found is None or len(found) != len(ids):
            raise ProviderContractError("Shopify sent other objects than it was asked for.")
        for asked, element in zip(ids, found, strict=True):
            told_id = element.value.get("id") if isinstance(element.value, dict) else None
            if valid_gid(told_id, kind.type) and told_id != asked:
                raise ProviderContractError("Shopify sent another object than it was asked for.")
        return dict(zip(ids, found, strict=True))

    def _orders_of(self, source_ids: Sequence[str]) -> list[str | None]:
        """The orders that these ids name, some of which may be those of transactions."""
        steps = [it for it in source_ids if valid_gid(it, TRANSACTION)]
        orders: dict[str, str | None] = {it: it for it in source_ids}
        if steps:
            told = self._client.query(ORDERS_OF_TRANSACTIONS, {"ids": steps}).get("nodes")
            if not isinstance(told, list) or len(told) != len(steps):
                raise ProviderContractError("Shopify sent other objects than it was asked for.")
            orders.update(zip(steps, map(_order_of, told), strict=True))
        return [orders[it] for it in source_ids]

    def _contents(self, payout_id: str) -> Iterator[Page]:
        search = f"payments_transfer_id:{number_of(payout_id) or 0}"
        for batch, place in self._walk(LINES, Place(), lambda _: search):
            _require_of(payout_id, batch)
            if not batch.received and self._is_gone(payout_id):
                batch.vanished(payout_id)
                yield batch.page()
                return
            yield batch.page(last=place.after is None)

    def _is_gone(self, payout_id: str) -> bool:
        if not valid_gid(payout_id, PAYOUTS.type):
            return True
        found = self._nodes(PAYOUTS, [payout_id])
        return found is not None and found[payout_id].value is None


def _has_refunds(order: Element) -> bool:
    value = order.value if isinstance(order.value, dict) else {}
    return bool(value.get("refunds")) and valid_gid(value.get("id"), ORDERS.type)


def _order_of(transaction: object) -> str | None:
    order = transaction.get("order") if isinstance(transaction, dict) else None
    found = order.get("id") if isinstance(order, dict) else None
    return found if valid_gid(found, ORDERS.type) else None


def _require_of(payout_id: str, batch: Batch) -> None:
    """An unknown filter is passed over by Shopify: what came must be of the payout."""
    lines = [it for it in batch.records.values() if isinstance(it, PayoutLineRecord)]
    if any(line.payout_ref != payout_id for line in lines):
        raise ProviderContractError("Shopify sent lines of another payout than it was asked for.")
