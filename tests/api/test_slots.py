"""Downloads never take the connections that pages need."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from ecomops.api.slots import Slots, TooManyDownloadsError


def begun(slots: Slots, tenant: object) -> Iterator[bytes]:
    rows = slots.limited(tenant, iter([b"a", b"b"]))  # type: ignore[arg-type]  # any key will do
    next(rows)
    return rows


def test_a_workspace_reads_two_downloads_at_once_and_everybody_four() -> None:
    slots, one, two, three = Slots(4, 2), uuid4(), uuid4(), uuid4()
    first, second = begun(slots, one), begun(slots, one)
    with pytest.raises(TooManyDownloadsError):
        begun(slots, one)
    begun_by_two = [begun(slots, two), begun(slots, two)]
    with pytest.raises(TooManyDownloadsError):
        begun(slots, three)
    assert list(first) == [b"b"]
    begun(slots, three).close()  # type: ignore[attr-defined]  # a generator
    second.close()  # type: ignore[attr-defined]
    assert [list(rows) for rows in (begun(slots, one), *begun_by_two)] == [[b"b"]] * 3


def test_a_download_that_fails_makes_room() -> None:
    slots, tenant = Slots(1, 1), uuid4()

    def failing() -> Iterator[bytes]:
        yield b"a"
        raise RuntimeError("broken")

    rows = slots.limited(tenant, failing())
    next(rows)
    with pytest.raises(RuntimeError, match="broken"):
        next(rows)
    assert list(begun(slots, tenant)) == [b"b"]
