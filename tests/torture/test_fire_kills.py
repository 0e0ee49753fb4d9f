"""T21: workers are killed at named and random points of syncs; nothing is lost or doubled.

Every fifth request to the provider fails meanwhile. Two bad designs go through the same trials,
which must find what is wrong with them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.integration.provider import Sandbox
from tests.torture.fire.crew import Crew
from tests.torture.fire.designs import DESIGNS
from tests.torture.fire.points import CLOSED, PAGE, POINTS, RANDOM
from tests.torture.fire.trial import Tally, Trial, small_shop
from tests.torture.report import FULL, SEED, Figures, record, reported, times
from tests.torture.sources import NETSUITE, SOURCES, Source

KILLS_PER_POINT = times(full=30, short=1)
KILLS_PER_TRIAL = times(full=10, short=5)
KILLS_OF_A_BAD_DESIGN = times(full=30, short=2)
CURSOR_PAGES = 3  # the first of a first sync: charges

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("fire")]


@pytest.fixture(scope="module")
def shop(runtime_started: None) -> Iterator[Sandbox]:
    with small_shop(SEED) as shop:
        yield shop


@pytest.fixture(scope="module")
def crew(shop: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    with Crew(shop.port, _log(tmp_path_factory)) as crew:
        yield crew


def _log(factory: pytest.TempPathFactory) -> Path:
    return factory.mktemp("fire") / "workers.log"


def rounds(source: Source, chance: random.Random) -> Iterator[list[str]]:
    """The points of each trial. In full a trial is about one point, in short about several."""
    passed = [name for name in (*POINTS, RANDOM) if name != CLOSED or source is not NETSUITE]
    names = [name for name in passed for _ in range(KILLS_PER_POINT)]
    if not FULL:
        chance.shuffle(names)
    for start in range(0, len(names), KILLS_PER_TRIAL):
        yield names[start : start + KILLS_PER_TRIAL]


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_kills_lose_nothing_and_double_nothing(
    source: Source, crew: Crew, shop: Sandbox, admin_engine: Engine,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    chance, tally, wrong = random.Random(SEED), Tally(), []
    with reported(source.label("T21")) as figures:
        for points in rounds(source, chance):
            trial = Trial(crew, shop, admin_engine, chance, tally, source=source)
            trial.kill(points)
            trial.finish()
            if verdict := trial.verdict():
                wrong.append(f"{points}: {verdict}")
            figures.count, figures.failed = tally.kills.total(), len(wrong)
    for name, kills in tally.kills.items():
        failed = sum(name in it for it in wrong)
        record(f"{source.label('T21')} {name}", Figures(count=kills, failed=failed))
    with capsys.disabled():
        print(f"\n{source}: {tally}; requests that failed: {shop.json('/faults')['injected']}")
    assert wrong == []
    assert min(tally.kills.values()) >= KILLS_PER_POINT


@pytest.mark.parametrize("design", DESIGNS)
def test_a_bad_design_is_right_where_nothing_is_killed(
    crew: Crew, shop: Sandbox, admin_engine: Engine, design: str
) -> None:
    trial = Trial(crew, shop, admin_engine, random.Random(SEED), Tally(), design)
    trial.finish()
    assert trial.verdict() == ""


@pytest.mark.parametrize(
    ("design", "found"),
    [
        ("append then cursor", "rows doubled: payments"),
        ("cursor then append", "not what the oracle says"),
    ],
)
def test_the_same_trial_catches_a_bad_design(
    crew: Crew, shop: Sandbox, admin_engine: Engine, design: str, found: str
) -> None:
    trial = Trial(crew, shop, admin_engine, random.Random(SEED), Tally(), design)
    trial.kill([PAGE] * KILLS_OF_A_BAD_DESIGN, early=CURSOR_PAGES)
    trial.finish()
    assert found in trial.verdict()
