"""Answers read requests: lists, single objects, the account and its balance."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from ecomops.sandbox.wire.stripe import expand
from ecomops.sandbox.wire.stripe.access import Keys
from ecomops.sandbox.wire.stripe.account import render_account, render_balance
from ecomops.sandbox.wire.stripe.errors import missing
from ecomops.sandbox.wire.stripe.events import kept_since, walk_events
from ecomops.sandbox.wire.stripe.ids import Ids
from ecomops.sandbox.wire.stripe.objects import Renderer
from ecomops.sandbox.wire.stripe.params import Query, Range, parse_expand, parse_query
from ecomops.sandbox.wire.stripe.resources import (
    RESOURCES,
    Finder,
    Resource,
    check_filters,
    matches,
)
from ecomops.sandbox.world.model import Record, position
from ecomops.sandbox.world.timeline import Position, Window, newest_first, oldest_first
from ecomops.sandbox.world.world import World

Json = dict[str, Any]
ALL_KINDS = frozenset().union(*(resource.kinds for resource in RESOURCES.values()))


class Reader:
    """Reads the world as it stands at one instant, for one answer."""

    def __init__(self, world: World, ids: Ids, keys: Keys) -> None:
        self._ledger, self._now, self._keys = world.ledger, world.now, keys
        self._finder = Finder(world.ledger, ids, world.now)
        self._renderer = Renderer(ids, world.plan.seed, world.now)

    # single objects

    def account(self, query: str) -> Json:
        parse_expand(query)
        opened = self._ledger.calendar.midnight(0)
        return render_account(self._keys.account, opened)

    def balance(self, query: str) -> Json:
        parse_expand(query)
        return render_balance(self._ledger, self._now)

    def retrieve(self, resource: Resource, id: str, query: str) -> Json:
        """One object. Raises StripeError 404 when there is none of that id."""
        paths = [expand.check(p, resource.noun, in_list=False) for p in parse_expand(query)]
        record = self._finder.find(id, resource.kinds)
        if record is None:
            raise missing(resource.noun, id, "id")
        return self._render(record, paths)

    def fetch(self, id: str) -> Json | None:
        record = self._finder.find(id, ALL_KINDS)
        return None if record is None else self._renderer.render(record)

    def refunds_of(self, charge: str) -> Json:
        listed = self.page(RESOURCES["refunds"], f"charge={charge}")
        return {**listed, "url": f"/v1/charges/{charge}/refunds"}

    # lists

    def page(self, resource: Resource, query: str) -> Json:
        """A page, newest first. Raises StripeError 400."""
        wanted = parse_query(
            query, filters=resource.filters, ranges=resource.ranges, lists=resource.lists
        )
        check_filters(wanted)
        paths = [expand.check(p, resource.noun, in_list=True) for p in wanted.expand]
        matching = (it for it in self._walk(resource, wanted) if matches(it, wanted, self._now))
        found = [*islice(matching, wanted.limit + 1)]
        page = found[: wanted.limit]
        if wanted.ending_before is not None:
            page.reverse()
        return {
            "object": "list",
            "url": f"/v1/{resource.path}",
            "has_more": len(found) > wanted.limit,
            "data": [self._render(record, paths) for record in page],
        }

    def _render(self, record: Record, paths: list[list[str]]) -> Json:
        thing = self._renderer.render(record)
        for steps in paths:
            expand.expand(thing, steps, self)
        return thing

    def _walk(self, resource: Resource, query: Query) -> Iterator[Record]:
        """Records from the cursor on, in the direction it asks for."""
        created = query.ranges.get("created", Range())
        window = Window(self._ledger, self._now, created.start, created.end)
        after = self._cursor(resource, "starting_after", query.starting_after)
        before = self._cursor(resource, "ending_before", query.ending_before)
        known = self._finder.candidates(resource, query)
        if known is not None:
            return _among(known, window, after, before)
        if resource.stream == "events":
            window.start = max(window.start, kept_since(self._now))
            return walk_events(self._ledger, query, window, after, before)
        if before is not None:
            return oldest_first(self._ledger, resource.stream, window, before)
        return newest_first(self._ledger, resource.stream, window, after)

    def _cursor(self, resource: Resource, param: str, id: str | None) -> Position | None:
        if id is None:
            return None
        record = self._finder.find(id, resource.kinds)
        if record is None:
            raise missing(resource.noun, id, param, 400)
        return position(record)


def _among(
    records: Sequence[Record], window: Window, after: Position | None, before: Position | None
) -> Iterator[Record]:
    """Walks records at hand as ``newest_first`` and ``oldest_first`` walk the world."""
    high = min(after, window.high) if after else window.high
    low = max(before, window.low) if before else window.low
    start = (bisect_right if before else bisect_left)(records, low, key=position)
    end = bisect_left(records, high, key=position)
    inside = range(start, end)
    return (records[number] for number in (inside if before else reversed(inside)))
