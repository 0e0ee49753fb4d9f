"""NetSuite as a connector: the set-up of the general ledger, and its posting lines."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from ecomops.connectors.base import Account, Cursor, Page, Stream, Window
from ecomops.connectors.consented import Credentials, Renew
from ecomops.connectors.exact_json import Element
from ecomops.connectors.gate import Gate
from ecomops.connectors.http import DEFAULT_LIMITS, Limits
from ecomops.connectors.netsuite import transactions
from ecomops.connectors.netsuite.batch import Batch, Kind, read_batch, vanished
from ecomops.connectors.netsuite.client import NetsuiteClient
from ecomops.connectors.netsuite.errors import TableUnreadableError
from ecomops.connectors.netsuite.fields import plausible_moment, valid_id
from ecomops.connectors.netsuite.health import examine
from ecomops.connectors.netsuite.lists import LISTS, List
from ecomops.connectors.netsuite.place import Place, within
from ecomops.connectors.netsuite.transactions import LINES, TRANSACTIONS, Selection
from ecomops.connectors.netsuite.walk import by_id, by_transaction, ids
from ecomops.kit.errors import ProviderContractError

_AT_ONCE = 200  # records that are asked for by name in one query


class NetsuiteConnector:
    """Fills ``connectors.base.Connector``.

    ``credentials`` hold account_id and, for token-based authentication, consumer_key,
    consumer_secret, token_id and token_secret; for client credentials client_id, certificate_id
    and private_key (PEM); after a person's consent client_id, refresh_token and, where the
    client is confidential, client_secret, with access_token and expires_at once ``renew`` keeps
    them. ``base`` is the address before ``/services``.

    ``accounts`` are the internal ids of the accounts whose transactions are read, as
    ``transactions`` tells. ``gate`` is shared by all who call this NetSuite account. ``stop`` as
    in ``ProviderHttp``.

    What was deleted, and what does not touch a followed account any more, is on the pages of
    every walk but the first, as ``Page.whole``. NetSuite keeps a list of what was deleted; where
    the role may not read it, deleted transactions stay until the completeness check finds them.
    """

    provider = "netsuite"

    def __init__(
        self,
        credentials: Credentials,
        *,
        base: str,
        accounts: Sequence[str] = (),
        gate: Gate | None = None,
        stop: Callable[[], bool] = lambda: False,
        limits: Limits = DEFAULT_LIMITS,
        renew: Renew | None = None,
    ) -> None:
        self._client = NetsuiteClient(
            credentials, base, gate=gate, stop=stop, limits=limits, renew=renew
        )
        self._accounts = tuple(sorted({it for it in accounts if valid_id(it)}, key=int))

    def check(self) -> Account:
        """A query that must succeed, then what the role can see; see ``health``."""
        return examine(self._client)

    def streams(self) -> Sequence[Stream]:
        return [*(each.stream for each in LISTS.values()), TRANSACTIONS]

    def pages(
        self, stream: str, cursor: Cursor | None, window: Window | None = None
    ) -> Iterator[Page]:
        """Lists are read whole each time, with a window too: they tell no time of creation.

        Transactions: see ``place``; with a window those that were created or are dated in it.
        """
        if stream in LISTS:
            return self._list(LISTS[stream], cursor)
        place = Place.of(cursor, self._accounts)
        return self._changes(place) if window is None else self._dated(window, place)

    def refresh(self, stream: str, source_ids: Sequence[str]) -> Iterator[Page]:
        """The named records, some hundreds a page; lines with no regard to what is followed."""
        for start in range(0, len(source_ids), _AT_ONCE):
            wanted = source_ids[start : start + _AT_ONCE]
            batch = self._named(stream, wanted)
            yield batch.page(stream, last=start + _AT_ONCE >= len(source_ids))

    def contents(self, payout_ids: Sequence[str]) -> Iterator[tuple[str, Page]]:
        """NetSuite has no payouts."""
        return iter(())

    def size(self, window: Window) -> Mapping[str, int]:
        """Transactions, not their lines. Raises ProviderError."""
        counting = within(window, self._accounts).size()
        (row,) = _objects(self._client.rows(counting).elements) or ({},)
        told = str(row.get("size", ""))
        return {TRANSACTIONS.label: int(told)} if re.fullmatch("[0-9]{1,12}", told) else {}

    def close(self) -> None:
        self._client.close()

    def _list(self, wanted: List, cursor: Cursor | None) -> Iterator[Page]:
        after = (cursor or {}).get("after")
        walk = by_id(self._client, wanted.after, after if valid_id(after) else None)
        name = wanted.stream.name
        try:
            for elements, last_id, has_more in walk:
                batch = read_batch(wanted.kind, self._client.account, elements)
                yield batch.page(name, {"after": last_id} if has_more else {}, last=not has_more)
        except TableUnreadableError:
            if not wanted.optional:
                raise
            # A feature that this account does not have; the health check names it.
            yield Batch().page(name, {}, last=True)

    def _changes(self, place: Place) -> Iterator[Page]:
        """What changed since the mark, then what is gone since then; then the mark moves."""
        if place.until is None:
            place = place.begun(self._latest_change())
        for batch, here, _ in self._walk(place.selection(), place):
            place = here
            if batch.received:
                yield batch.page(TRANSACTIONS.name, here.cursor, whole=not here.first)
        for gone in self._gone(place) if place.since is not None else ():
            yield Page(TRANSACTIONS.name, (), (), place.cursor, received=0, whole=gone)
        yield Batch().page(TRANSACTIONS.name, place.finished().cursor, last=True)

    def _dated(self, window: Window, place: Place) -> Iterator[Page]:
        for batch, here, has_more in self._walk(within(window, self._accounts), place):
            yield batch.page(TRANSACTIONS.name, here.cursor, last=not has_more)

    def _walk(self, selection: Selection, place: Place) -> Iterator[tuple[Batch, Place, bool]]:
        for elements, after, has_more in by_transaction(self._client, selection.lines, place.after):
            place = place.beyond(after)
            yield read_batch(LINES, self._client.account, elements), place, has_more

    def _gone(self, place: Place) -> Iterator[tuple[str, ...]]:
        """Names of transactions that are not to be kept, if they ever were."""
        for elements, _, _ in by_id(self._client, place.selection().left, None):
            yield self._names(elements)
        with suppress(TableUnreadableError):
            deleted = partial(transactions.deleted_since, place.floor)
            for elements, _, _ in by_id(self._client, deleted, None):
                yield self._names(elements)

    def _names(self, elements: list[Element]) -> tuple[str, ...]:
        return tuple(f"{self._client.account}:{id}" for id in ids(elements))

    def _latest_change(self) -> str | None:
        """NetSuite's own time of the latest change; None where there is no transaction."""
        (row,) = _objects(self._client.rows(transactions.latest_change()).elements) or ({},)
        latest = row.get("latest")
        if latest is not None and not plausible_moment(latest):
            raise ProviderContractError("NetSuite did not tell when its transactions changed.")
        return latest

    def _named(self, stream: str, source_ids: Sequence[str]) -> Batch:
        """Each of the named records as a record or a reject."""
        kind, elements = self._found(stream, source_ids)
        found = read_batch(kind, self._client.account, elements)
        unread = {it.source_id: it for it in found.rejects}
        batch = Batch(received=len(source_ids))
        for name in source_ids:
            if name in found.records:
                batch.records[name] = found.records[name]
            else:
                batch.rejects.append(unread.get(name) or vanished(stream, name))
        return batch

    def _found(self, stream: str, source_ids: Sequence[str]) -> tuple[Kind, list[Element]]:
        wanted = LISTS.get(stream)
        prefix = wanted.prefix(self._client.account) if wanted else f"{self._client.account}:"
        own = [it.removeprefix(prefix) for it in source_ids if it.startswith(prefix)]
        named = sorted({id for it in own if valid_id(id := it.split(":")[0])}, key=int)
        if not named:
            return (wanted.kind if wanted else LINES), []
        if wanted:
            return wanted.kind, self._client.rows(wanted.named(tuple(named))).elements
        walk = by_transaction(self._client, partial(transactions.lines_of, named), None)
        return LINES, [element for elements, _, _ in walk for element in elements]


def _objects(elements: list[Element]) -> list[dict[str, Any]]:
    return [it.value for it in elements if isinstance(it.value, dict)]
