"""T28: jobs that kill or break whoever works on them are dead after five attempts.

A person's Retry makes a new job of a dead one; when the poison is gone, it completes.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from tests.integration.provider import Sandbox
from tests.torture.fire.crew import Crew
from tests.torture.fire.orders import BROKEN, KILLED
from tests.torture.fire.points import CLAIMED, PAGE, PHASE
from tests.torture.fire.trial import Tally, Trial, small_shop
from tests.torture.report import SEED, reported, times
from tests.torture.sources import SOURCES, Source

MOST_ATTEMPTS = 5
POINTS_OF = {KILLED: (CLAIMED, PHASE, PAGE), BROKEN: (PHASE, PAGE)}
"""Points by which every attempt comes."""

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("fire")]


@pytest.fixture(scope="module")
def shop(runtime_started: None) -> Iterator[Sandbox]:
    with small_shop(SEED) as shop:
        yield shop


@pytest.fixture(scope="module")
def crew(shop: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    with Crew(shop.port, tmp_path_factory.mktemp("poison") / "workers.log") as crew:
        yield crew


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_a_poison_job_is_dead_after_five_attempts_and_can_be_retried(
    source: Source, crew: Crew, shop: Sandbox, admin_engine: Engine
) -> None:
    chance, tally, wrong = random.Random(SEED), Tally(), []
    with reported(source.label("T28")) as figures:
        for number in range(times(full=source.times(20, 10), short=2)):
            trial = Trial(crew, shop, admin_engine, chance, tally, source=source)
            wrong += [
                f"{number}: {one}" for one in what_is_wrong(trial, (KILLED, BROKEN)[number % 2])
            ]
            figures.count, figures.failed = number + 1, len(wrong)
        assert wrong == []


def what_is_wrong(trial: Trial, blow: str) -> Iterator[str]:
    """Poison its first job with ``blow``; it must end dead in time, and be retried with success."""
    point, attempts = trial.chance.choice(POINTS_OF[blow]), 0
    while trial.status() != "dead" and attempts <= MOST_ATTEMPTS:
        attempts += trial.do(point=point, blow=blow).outcome != "not_taken"
    shown = trial.stored.one("SELECT attempts FROM jobs WHERE id = :job", job=trial.job_id)
    if (attempts, shown) != (MOST_ATTEMPTS, MOST_ATTEMPTS):
        yield f"{blow} at {point}: {attempts} attempts, of which {shown} are shown"
    poisoned = trial.job_id
    trial.finish()
    query = "SELECT retry_of FROM jobs WHERE id = :job AND status = 'completed'"
    if trial.stored.rows(query, job=trial.job_id) != [(poisoned,)]:
        yield "a retry does not name the dead one"
    if verdict := trial.verdict():
        yield verdict
