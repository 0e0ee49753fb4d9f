"""T23: workers are paused past their lease, others take their jobs, they wake: they write nothing.

Most sleep between two transactions, some within one, where they hold locks that the others need.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy import Engine

from tests.integration.provider import Sandbox
from tests.torture.fire.crew import Crew
from tests.torture.fire.points import (
    BEFORE_FETCH,
    CLAIMED,
    CLOSED,
    COMMITTED,
    CURSOR,
    FETCHED,
    LINKS,
    MERGED,
    PHASE,
    ROWS,
)
from tests.torture.fire.trial import Tally, Trial, small_shop
from tests.torture.fire.zombies import Zombie
from tests.torture.report import SEED, reported, times
from tests.torture.sources import NETSUITE, SOURCES, Source

AT_ONCE = times(full=4, short=2)
BETWEEN = (CLAIMED, COMMITTED, PHASE, BEFORE_FETCH, FETCHED, COMMITTED, LINKS)
WITHIN = (ROWS, CURSOR, MERGED)

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("fire")]


@pytest.fixture(scope="module")
def shop(runtime_started: None) -> Iterator[Sandbox]:
    with small_shop(SEED) as shop:
        yield shop


@pytest.fixture
def crews(shop: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Crew]]:
    """Those who fall asleep, and last the rival."""
    folder = tmp_path_factory.mktemp("zombies")
    with ExitStack() as stack:
        logs = [folder / f"{number}.log" for number in range(AT_ONCE + 1)]
        yield [stack.enter_context(Crew(shop.port, log)) for log in logs]


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_a_zombie_writes_nothing(
    source: Source, crews: list[Crew], shop: Sandbox, admin_engine: Engine,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    chance, tally, seen = random.Random(SEED), Tally(), Counter[str]()
    wanted = times(full=source.times(100, 32), short=2)
    within = WITHIN if source is NETSUITE else (*WITHIN, CLOSED)
    with reported(source.label("T23")) as figures:
        while figures.count < wanted:
            points = [*chance.choices(BETWEEN, k=AT_ONCE - 1), chance.choice(within)]
            trials = [
                Trial(crew, shop, admin_engine, chance, tally, source=source, days_pass=False)
                for crew in crews[:AT_ONCE]
            ]
            zombies = [
                Zombie(trial, trial.crew, point)
                for trial, point in zip(trials, points, strict=True)
            ]
            for zombie in zombies:
                zombie.fall_asleep()
            for zombie in zombies:
                zombie.lose_the_job(crews[-1])
                figures.failed += _wrong(zombie)
                figures.count += zombie.taken
                seen[f"{zombie.point}: {zombie.outcome}"] += 1
                seen["woke with locks held"] += zombie.held_locks
    with capsys.disabled():
        print(f"\n{source}: {figures.count} zombies; {dict(seen)}; {tally}")
    assert figures.failed == 0


def _wrong(zombie: Zombie) -> bool:
    """Whether it wrote after a rival had the job, or left the workspace in a wrong state."""
    zombie.trial.finish()
    refused = zombie.outcome == "lease_lost" and zombie.writes == 0
    return (zombie.taken and not refused) or zombie.trial.verdict() != ""
