"""Where what is measured runs: for round trips the kernel's choice of a core decides all else."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from bench.place import Place

_BACKENDS = (
    "SELECT coalesce(array_agg(pid), '{}') FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@contextmanager
def one_core(place: Place) -> Iterator[None]:
    """This process and the database's connections of now share a core while the block runs.

    Otherwise each connection has its luck: with its server process on our core a round trip takes
    20 µs, on another one, which has to be woken for it, 100. Does nothing where the kernel (Linux
    only) or our rights do not allow it.
    """
    backends = place.ask(_BACKENDS)
    assert isinstance(backends, list)
    before = {pid: cores for pid in (0, *backends) if (cores := _cores(pid))}
    try:
        for pid in before:
            _move(pid, {max(before[0])})
        yield
    finally:
        for pid, cores in before.items():
            _move(pid, cores)


def _cores(pid: int) -> set[int]:
    try:
        return os.sched_getaffinity(pid)
    except (AttributeError, OSError):
        return set()


def _move(pid: int, cores: set[int]) -> None:
    try:
        os.sched_setaffinity(pid, cores)
    except OSError:
        return  # It has ended, or belongs to somebody else.
