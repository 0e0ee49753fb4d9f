"""T9: each guard that is taken away is missed by a test."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.torture.mutations import COPIED, MUTANTS, ROOT, UNNOTICED, Mutant, copied, survives
from tests.torture.report import FULL, SEED, reported

pytestmark = pytest.mark.slow

# Their tests need no server: a moment each.
QUICK = [m for m in MUTANTS if all("/unit/" in test or "/connectors/" in test for test in m.tests)]


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with copied() as folder:
        yield folder


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_the_guard_stands_where_the_list_says(mutant: Mutant) -> None:
    assert (ROOT / mutant.file).read_text().count(mutant.old) == 1
    assert mutant.file.startswith(COPIED)
    assert all((ROOT / test).exists() for test in mutant.tests)


def nothing(*tests: str) -> Mutant:
    """A change that breaks nothing."""
    file = "ecomops/connectors/names.py"
    return Mutant("nothing", file, '"""Names that become', '"""Words that become', tests)


def test_every_guard_is_missed_when_it_is_gone(place: Path) -> None:
    with reported("T9") as figures:
        alive = {}
        if FULL:  # A test that fails anyway would kill every mutant.
            for tests in {mutant.tests for mutant in MUTANTS}:
                assert survives(nothing(*tests), place) == UNNOTICED, tests
        for mutant in MUTANTS if FULL else random.Random(SEED).sample(QUICK, 3):
            figures.count += 1
            if verdict := survives(mutant, place):
                figures.failed += 1
                alive[mutant.guard] = verdict
            print("killed" if not verdict else f"ALIVE ({verdict})", "·", mutant.guard, flush=True)
        assert alive == {}


def test_a_change_that_breaks_nothing_is_told_alive(place: Path) -> None:
    assert survives(nothing("tests/unit/test_money.py"), place) == UNNOTICED


def test_there_are_enough_of_them() -> None:
    assert len(MUTANTS) >= 40
    assert len({m.guard for m in MUTANTS}) == len(MUTANTS)
