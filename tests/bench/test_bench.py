"""The benchmark at a tiny size: every figure is taken, and what it asserts on the way holds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.figures import Figure, as_table

ROOT = Path(__file__).parents[2]
NAMES = {
    "session_lookup", "csv_export_1m", "ingest_first", "ingest_unchanged",
    "ingest_first_pages_of_100", "ingest_unchanged_pages_of_100",
    "ingest_first_shopify", "ingest_first_netsuite",
    "pipeline_overlap", "pipeline_overlap_slow_provider", "ui_event",
    "audit_append", "audit_filter",
}  # fmt: skip


@pytest.mark.slow
def test_every_figure_is_measured_and_written(tmp_path: Path) -> None:
    output = tmp_path / "bench.json"
    # In a process of its own: it moves the process that it runs in to a database of its own.
    done = subprocess.run(
        [sys.executable, "-m", "ecomops", "bench", "--percent=1", "--rounds=1", "--output", output],
        cwd=ROOT, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    figures = json.loads(output.read_text())
    assert set(figures) == NAMES
    for figure in figures.values():
        assert {"ours", "reference", "ratio", "goal", "holds"} <= set(figure)
        assert figure["ours"] > 0
        assert figure["reference"] > 0
    assert figures["csv_export_1m"]["rows"] == 10_000
    assert all(name in done.stdout for name in NAMES)


def test_a_goal_holds_only_within_its_limits() -> None:
    good = Figure("copy", ours=80, reference=100, unit="rows/s", goal=0.8)
    slow = Figure("copy", ours=79, reference=100, unit="rows/s", goal=0.8)
    large = Figure("copy", 80, 100, "rows/s", 0.8, broken=("memory grew by 99 MiB",))
    assert [figure.holds for figure in (good, slow, large)] == [True, False, False]
    *_, last = as_table([good, slow, large]).splitlines()
    assert "MISSED: memory grew by 99 MiB" in last
