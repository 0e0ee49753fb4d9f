from datetime import date
from pathlib import Path

from ecomops.local.sandbox_world import sandbox_options


def test_the_history_keeps_its_first_day_and_grows_with_the_calendar(tmp_path: Path) -> None:
    first = sandbox_options(tmp_path, date(2026, 11, 20))
    later = sandbox_options(tmp_path, date(2026, 11, 23))

    assert first == ["--until", "2026-11-20", "--days", "90"]
    assert later == ["--until", "2026-11-23", "--days", "93"]
