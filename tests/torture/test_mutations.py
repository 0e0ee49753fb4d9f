"""T9: each guard that is taken away is missed by a test."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from itertools import groupby

import pytest

from tests.torture.mutations import (
    COPIED,
    MUTANTS,
    ROOT,
    UNNOTICED,
    Copy,
    Mutant,
    copied,
    survives,
)
from tests.torture.report import FULL, SEED, reported

pytestmark = pytest.mark.slow

# Their tests need no server: a moment each.
QUICK = [m for m in MUTANTS if all("/unit/" in test or "/connectors/" in test for test in m.tests)]


@pytest.fixture(scope="module")
def copy() -> Iterator[Copy]:
    with copied() as made:
        yield made


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_the_guard_stands_where_the_list_says(mutant: Mutant) -> None:
    assert (ROOT / mutant.file).read_text().count(mutant.old) == 1
    assert mutant.file.startswith(COPIED)
    for test in mutant.tests:
        file, _, name = test.partition("::")
        assert f"def {name}(" in (ROOT / file).read_text()


def nothing(*tests: str) -> Mutant:
    """A change that breaks nothing."""
    file = "ecomops/connectors/names.py"
    return Mutant("nothing", file, '"""Names that become', '"""Words that become', tests)


def files_of(mutants: Iterable[Mutant]) -> list[list[str]]:
    """Their tests, a few of one file together."""
    tests = sorted({test for mutant in mutants for test in mutant.tests})
    files = [list(group) for _, group in groupby(tests, key=lambda test: test.partition("::")[0])]
    return [file[start : start + 8] for file in files for start in range(0, len(file), 8)]


def fails(copy: Copy, tests: list[str]) -> str:
    """What tests said that fail twice: a busy machine is no reason not to begin."""
    for _ in range(2):
        code, said = copy.run(tests)
        if not code:
            return ""
    return f"{tests}\n{said}"


def test_every_guard_is_missed_when_it_is_gone(copy: Copy) -> None:
    mutants = MUTANTS if FULL else random.Random(SEED).sample(QUICK, 3)
    # A test that fails anyway would kill every mutant.
    failing = [said for tests in files_of(mutants) if (said := fails(copy, tests))]
    assert not failing, "\n".join(failing)
    with reported("T9") as figures:
        alive = {}
        for mutant in mutants:
            figures.count += 1
            if verdict := survives(mutant, copy):
                figures.failed += 1
                alive[mutant.guard] = verdict
            print("killed" if not verdict else f"ALIVE ({verdict})", "·", mutant.guard, flush=True)
        assert alive == {}


def test_a_change_that_breaks_nothing_is_told_alive(copy: Copy) -> None:
    assert survives(nothing("tests/unit/test_money.py"), copy) == UNNOTICED


def test_a_change_after_which_no_test_begins_is_no_verdict(copy: Copy) -> None:
    file = "ecomops/connectors/names.py"
    mutant = Mutant("?", file, "import re\n", "import res\n", ("tests/connectors/test_check.py",))
    assert survives(mutant, copy).startswith("no verdict")


def test_there_are_enough_of_them() -> None:
    assert len(MUTANTS) >= 400
    assert len({m.guard for m in MUTANTS}) == len(MUTANTS)
