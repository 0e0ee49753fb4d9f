"""The report says what happened, failures too, whoever else writes at the same time."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.torture import report
from tests.torture.report import Figures, record, reported


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "reliability_report.json"
    monkeypatch.setattr(report, "_report", lambda: path)
    return path


def test_a_suite_is_recorded_with_count_seed_and_duration(path: Path) -> None:
    with reported("T5", seed=7) as figures:
        figures.count += 3
    kept = json.loads(path.read_text())
    assert kept == {"T5": {"count": 3, "failed": 0, "seed": 7, "seconds": figures.seconds}}


def test_a_suite_that_raises_is_recorded_as_failed(path: Path) -> None:
    with pytest.raises(ZeroDivisionError), reported("T5") as figures:
        figures.count = 1 // 0
    assert json.loads(path.read_text())["T5"]["failed"] == 1


def test_those_that_write_at_the_same_time_are_all_kept(path: Path) -> None:
    names = [f"T{number}" for number in range(12)]
    with ThreadPoolExecutor(6) as writers:
        list(writers.map(lambda name: record(name, Figures(count=1)), names))
    assert set(json.loads(path.read_text())) == set(names)
