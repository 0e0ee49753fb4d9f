"""Stripe as a connector: an account read page by page with a secret or restricted key."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import quote

from pydantic import SecretStr

from ecomops.connectors.base import Account, Changes, Cursor, Page, Stream, Window
from ecomops.connectors.exact_json import Element
from ecomops.connectors.fields import UnreadableError, valid_id
from ecomops.connectors.gate import Gate
from ecomops.connectors.http import DEFAULT_LIMITS, Limits, Params
from ecomops.connectors.records import Reject
from ecomops.connectors.stripe import events
from ecomops.connectors.stripe.balance_transactions import read_line
from ecomops.connectors.stripe.client import (
    API_VERSION,
    ListPage,
    ResourceMissingError,
    StripeClient,
)
from ecomops.connectors.stripe.objects import KINDS, Batch, ObjectKind, Reader, read_batch, rejected
from ecomops.connectors.stripe.pagination import MOST_RESTARTS, PAGE_SIZE, LoopGuard, Place, within
from ecomops.kit.errors import ProviderContractError, ProviderPermissionError

_LINES = KINDS["balance_transactions"]


def _utc_now() -> datetime:
    return datetime.now(UTC)


class StripeConnector:
    """Fills ``connectors.base.Connector``. ``base`` is the address before ``/v1``.

    ``now`` tells the time in UTC; ``stop`` is asked between requests and during waits, and ends
    the call with a ProviderTransientError when it says yes.
    """

    provider = "stripe"

    def __init__(
        self,
        api_key: SecretStr,
        *,
        base: str,
        now: Callable[[], datetime] = _utc_now,
        gate: Gate | None = None,
        stop: Callable[[], bool] = lambda: False,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self._client = StripeClient(api_key, base, gate=gate, stop=stop, limits=limits)
        self._now = now

    def check(self) -> Account:
        """The account of the key, and one record of each list, to see what the key may read.

        The detail tells country, default currency, time zone, mode, payout schedule, API version,
        ``missing_permissions`` (what cannot be read: the permission for it) and
        ``clock_skew_seconds`` (ours ahead of Stripe's).
        """
        account = self._client.retrieve("/v1/account", "Account").value
        if not isinstance(account, dict) or not valid_id(account.get("id")):
            raise ProviderContractError("Stripe did not say whose account the key belongs to.")
        return Account(account["id"], _account_name(account), self._account_detail(account))

    def streams(self) -> Sequence[Stream]:
        return [kind.stream for kind in KINDS.values()]

    def pages(
        self, stream: str, cursor: Cursor | None, window: Window | None = None
    ) -> Iterator[Page]:
        """Newest first; the mark moves at the bottom. See ``pagination`` for the cursor."""
        kind = KINDS[stream]
        for batch, has_more, place in self._walk(
            kind, Place.of(cursor), filters=within(window) if window else None
        ):
            yield _page(kind, batch, cursor=place.cursor, last=not has_more)

    def refresh(self, stream: str, source_ids: Sequence[str]) -> Iterator[Page]:
        """Each record by its id. One that is gone is a reject with the reason ``vanished``."""
        kind = KINDS[stream]
        for start in range(0, len(source_ids), PAGE_SIZE):
            chunk = source_ids[start : start + PAGE_SIZE]
            batch = Batch()
            for source_id in chunk:
                batch.add(self._one(kind, source_id))
            yield _page(kind, batch, last=start + PAGE_SIZE >= len(source_ids))

    def changed(self, stream: str, cursor: Cursor | None, walked: Cursor | None) -> Changes | None:
        """From the events of the last 30 days. See ``events`` for the cursor."""
        now = int(self._now().timestamp())
        if stream not in events.TYPES:
            return None
        return events.read_changes(self._client, KINDS[stream], cursor, Place.of(walked), now)

    def contents(self, payout_ids: Sequence[str]) -> Iterator[tuple[str, Page]]:
        """The lines of each payout, its own row left out; an empty payout is one empty page.

        A payout that is gone is a page with a ``vanished`` reject that is not its last.
        """
        for payout_id in payout_ids:
            reader = partial(read_line, payout_ref=payout_id)
            try:
                for batch, has_more, _ in self._walk(
                    _LINES, Place(), filters={"payout": payout_id}, read=reader
                ):
                    yield payout_id, _page(_LINES, batch, last=not has_more)
            except ResourceMissingError as error:
                gone = Batch(received=1, rejects=[_vanished(_LINES, payout_id, error)])
                yield payout_id, _page(_LINES, gone)

    def close(self) -> None:
        self._client.close()

    def _walk(
        self,
        kind: ObjectKind,
        place: Place,
        *,
        filters: Params | None = None,
        read: Reader | None = None,
    ) -> Iterator[tuple[Batch, bool, Place]]:
        """Each page down to the mark, and the place behind it."""
        now = int(self._now().timestamp())
        guard = LoopGuard(place.after)
        restarts = 0
        has_more = True
        while has_more:
            try:
                found = self._list(kind, place, filters or {})
            except ResourceMissingError:
                # The object behind which to go on was deleted: the order is lost, not the mark.
                if place.after is None or restarts == MOST_RESTARTS:
                    raise
                restarts += 1
                place, guard = place.top(), LoopGuard()
                continue
            has_more = found.has_more
            batch = read_batch(kind, found.elements, read)
            if has_more:
                guard.check(batch)
            place = place.beyond(batch, has_more, now)
            yield batch, has_more, place

    def _list(self, kind: ObjectKind, place: Place, filters: Params) -> ListPage:
        return self._client.list_page(kind.path, {**place.params, **filters}, kind.permission)

    def _one(self, kind: ObjectKind, source_id: str) -> Batch:
        try:
            path = f"{kind.path}/{quote(source_id, safe='')}"
            element = self._client.retrieve(path, kind.permission)
        except ResourceMissingError as error:
            return Batch(received=1, rejects=[_vanished(kind, source_id, error)])
        batch = read_batch(kind, [element])
        if batch.records and source_id not in batch.records:
            other = UnreadableError("wrong_object", "Stripe sent another object than asked for.")
            return Batch(received=1, rejects=[rejected(kind, element, other, source_id)])
        return batch

    def _account_detail(self, account: dict[str, Any]) -> dict[str, Any]:
        settings = _dict(account.get("settings"))
        return {
            "country": account.get("country"),
            "default_currency": str(account.get("default_currency") or "").upper() or None,
            "timezone": _dict(settings.get("dashboard")).get("timezone"),
            "livemode": self._client.livemode,
            "payout_schedule": _dict(_dict(settings.get("payouts")).get("schedule")),
            "api_version": API_VERSION,
            "missing_permissions": self._gaps(),
            "clock_skew_seconds": self._client.clock_skew,
        }

    def _gaps(self) -> dict[str, str]:
        probes = {it.stream.label: (it.path, it.permission) for it in KINDS.values()}
        probes["Events"] = (events.PATH, events.PERMISSION)
        found = {}
        for label, (path, permission) in probes.items():
            try:
                self._client.list_page(path, {"limit": 1}, permission)
            except ProviderPermissionError as error:
                found[label] = error.permission
        return found


def _page(
    kind: ObjectKind, batch: Batch, *, cursor: Cursor | None = None, last: bool = False
) -> Page:
    return Page(
        stream=kind.stream.name,
        records=tuple(batch.records.values()),
        rejects=tuple(batch.rejects),
        cursor=cursor or {},
        received=batch.received,
        ignored=batch.ignored,
        last=last,
    )


def _vanished(kind: ObjectKind, source_id: str, error: ResourceMissingError) -> Reject:
    return rejected(kind, Element({}, "{}"), UnreadableError("vanished", error.message), source_id)


def _account_name(account: dict[str, Any]) -> str:
    names = (
        _dict(account.get("business_profile")).get("name"),
        _dict(_dict(account.get("settings")).get("dashboard")).get("display_name"),
        account.get("email"),
    )
    return next((name for name in names if isinstance(name, str) and name), account["id"])


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
