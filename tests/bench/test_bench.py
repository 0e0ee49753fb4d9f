"""The benchmark at a tiny size: every figure is taken, and what it asserts on the way holds."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import main
from bench.figures import Figure, as_table
from ecomops.kit.settings import get_settings

NAMES = {
    "session_lookup", "csv_export_1m", "ingest_first", "ingest_unchanged",
    "ingest_first_pages_of_100", "ingest_unchanged_pages_of_100",
}  # fmt: skip


@pytest.fixture
def own_settings() -> Iterator[None]:
    """The benchmark points this process at a server of its own; others get theirs back."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)
    get_settings.cache_clear()


@pytest.mark.slow
def test_every_figure_is_measured_and_written(
    own_settings: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "bench.json"
    assert main(["--percent", "1", "--rounds", "1", "--output", str(output)]) == 0
    figures = json.loads(output.read_text())
    assert set(figures) == NAMES
    for figure in figures.values():
        assert {"ours", "reference", "ratio", "goal", "holds"} <= set(figure)
        assert figure["ours"] > 0
        assert figure["reference"] > 0
    assert figures["csv_export_1m"]["rows"] == 10_000
    printed = capsys.readouterr().out
    assert all(name in printed for name in NAMES)


def test_a_goal_holds_only_with_its_limits() -> None:
    good = Figure("copy", ours=80, reference=100, unit="rows/s", goal=0.8)
    slow = Figure("copy", ours=79, reference=100, unit="rows/s", goal=0.8)
    large = Figure("copy", 80, 100, "rows/s", 0.8, broken=("memory grew by 99 MiB",))
    assert [figure.holds for figure in (good, slow, large)] == [True, False, False]
    *_, last = as_table([good, slow, large]).splitlines()
    assert "MISSED: memory grew by 99 MiB" in last
