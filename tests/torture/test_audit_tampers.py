"""T10: whatever is done to a sealed log is found, and nothing else ever is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from ecomops import runtime
from ecomops.domains.audit.schemas import NotedSeal
from ecomops.domains.audit.verification import verify_log
from tests.conftest import make_workspace
from tests.integration.audit_log import add_events, seal, verified
from tests.torture.audit_tampers import TAMPERS, Scene
from tests.torture.report import FULL, SEED, reported, times

pytestmark = pytest.mark.slow

SECONDS_FOR_A_MILLION = 15


@pytest.fixture(scope="module")
def scene(runtime_started: None, admin_engine: Engine) -> Iterator[Scene]:
    made = Scene.made(admin_engine, make_workspace(), make_workspace(), SEED)
    yield made
    made.restore()
    made.admin.close()


@pytest.mark.parametrize("name", TAMPERS)
def test_each_way_to_falsify_the_log_is_found_and_named(scene: Scene, name: str) -> None:
    tamper, kinds = TAMPERS[name]
    assert scene.finding() is None
    tamper(scene)
    finding = scene.finding()
    scene.restore()
    assert finding is not None
    assert finding.kind in kinds
    assert scene.finding() is None


def test_all_tampers_are_found(scene: Scene) -> None:
    names = sorted(TAMPERS)
    with reported("T10") as figures:
        for number in range(times(full=10_000, short=60)):
            tamper, kinds = TAMPERS[names[number % len(names)]]
            tamper(scene)
            finding = scene.finding()
            figures.count += 1
            figures.failed += finding is None or finding.kind not in kinds
            scene.restore()
        assert scene.finding() is None
        assert figures.failed == 0


def test_the_finding_names_the_first_broken_batch_and_the_event(scene: Scene) -> None:
    query = "SELECT batch, id FROM audit_leaves WHERE tenant_id = :t AND position = 1"
    rows = scene.admin.rows(f"{query} AND batch IN (4, 6) ORDER BY batch DESC")
    for _, event_id in rows:
        scene.admin.do("UPDATE audit_events SET actor = 'x' WHERE id = :id", id=event_id)
    finding = scene.finding()
    scene.restore()
    assert finding is not None
    assert (finding.batch, finding.event_id) == rows[1]


def test_a_noted_seal_of_another_log_is_told_apart(scene: Scene) -> None:
    other = replace(scene.noted, hash="00" * 32)
    finding = runtime.run(scene.workspace.ctx, verify_log, other).finding
    assert finding is not None
    assert finding.kind == "other_log"
    later = NotedSeal(scene.noted.number + 1, scene.noted.hash)
    finding = runtime.run(scene.workspace.ctx, verify_log, later).finding
    assert finding is not None
    assert finding.kind == "tail_missing"


def test_a_long_log_raises_no_false_alarm(runtime_started: None, admin_engine: Engine) -> None:
    workspace, count = make_workspace(), times(full=1_000_000, short=5_000)
    for _ in range(times(full=20, short=1)):
        add_events(admin_engine, workspace, count // times(full=20, short=1))
    while seal():
        pass
    with reported("T10 walk") as figures:
        began, used = time.monotonic(), time.process_time()
        found = verified(workspace)
        seconds, used = time.monotonic() - began, time.process_time() - used
        figures.count, figures.failed = found.events, found.finding is not None
        print(f"{found.events} events verified in {seconds:.1f} s, {used:.1f} s of processor")
        assert (found.events, found.unsealed, found.intact) == (count + 1, 0, True)
    if FULL:
        assert seconds < SECONDS_FOR_A_MILLION
