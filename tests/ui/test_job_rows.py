"""Jobs as they are written on screen."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from ecomops.domains.jobs.schemas import JobView
from ecomops.ui.job_rows import UNKNOWN, ending, job_row

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
RUNNING = JobView(
    id=UUID(int=1),
    kind="sync",
    connection_label="Main store",
    provider="stripe",
    status="running",
    phase="Balance transactions",
    phase_number=3,
    phase_count=4,
    phase_fraction=500,
    rows_done=21_400,
    rows_total=35_000,
    rows_per_second=18_200,
    seconds_left=1,
    inserted=21_400,
    updated=0,
    unchanged=0,
    rejected=0,
    error_code=None,
    error_message=None,
    cancel_requested=False,
    attempts=1,
    created_at=NOW - timedelta(seconds=70),
    started_at=NOW - timedelta(seconds=65),
    finished_at=None,
    correlation_id="c7f19a02",
    requested_by="casey@example.com",
)
COMPLETED = replace(
    RUNNING,
    status="completed",
    finished_at=NOW - timedelta(seconds=61),
    rows_done=35_000,
    inserted=1_204,
    updated=3,
    unchanged=33_793,
)


def test_a_running_job_tells_how_far_it_is() -> None:
    row = job_row(RUNNING, NOW, "UTC")
    assert row.title == "Stripe sync"
    assert row.live
    assert row.phase == "Balance transactions · step 3 of 4"
    assert row.percent == 62
    assert (
        row.figures == "21,400 of about 35,000 rows · 18,200 rows/s · about 1 s left in this step"
    )
    assert row.when == "1 minute ago"


def test_the_last_step_tells_the_time_left_of_the_whole() -> None:
    last = replace(RUNNING, phase_number=4, rows_total=None, rows_per_second=None, seconds_left=125)
    assert job_row(last, NOW, "UTC").figures == "21,400 rows · about 2 min 5 s left"


def test_what_is_not_known_is_left_out() -> None:
    row = job_row(
        replace(RUNNING, rows_total=None, rows_per_second=None, seconds_left=None), NOW, "UTC"
    )
    assert row.figures == "21,400 rows"


@pytest.mark.parametrize(("number", "fraction"), [(0, 0), (1, 0)])
def test_a_job_at_its_start_has_no_percentage(number: int, fraction: int) -> None:
    started = replace(RUNNING, phase_number=number, phase_fraction=fraction)
    assert job_row(started, NOW, "UTC").percent == UNKNOWN


def test_a_job_is_never_further_than_all() -> None:
    over = replace(RUNNING, phase_number=4, phase_fraction=1_300)
    assert job_row(over, NOW, "UTC").percent == 100


def test_a_pending_job_waits() -> None:
    first = replace(RUNNING, status="pending", attempts=0, started_at=None)
    assert job_row(first, NOW, "UTC").phase == "Waiting for its turn"
    assert job_row(first, NOW, "UTC").figures == ""
    assert job_row(replace(first, attempts=2), NOW, "UTC").phase == "Waiting to try again"


def test_a_completed_job_tells_what_changed_and_how_long_it_took() -> None:
    row = job_row(replace(COMPLETED, rejected=2), NOW, "Europe/Berlin")
    assert not row.live
    assert row.summary == "1,204 new · 3 changed · 33,793 unchanged"
    assert row.rejected == "2 could not be read"
    assert row.when == "1 minute ago · took 4 s"
    assert row.moment == "20 Nov 2026, 12:58 CET"


def test_a_sync_that_found_nothing_says_so() -> None:
    nothing = replace(COMPLETED, inserted=0, updated=0, unchanged=0)
    assert job_row(nothing, NOW, "UTC").summary == "Nothing new"


@pytest.mark.parametrize(
    ("status", "offered"),
    [
        ("failed", True),
        ("dead", True),
        ("canceled", True),
        ("completed", False),
        ("running", False),
    ],
)
def test_what_did_not_end_well_may_be_retried(status: str, offered: bool) -> None:
    job = replace(COMPLETED, status=status)
    assert job_row(job, NOW, "UTC").retry is offered
    assert not job_row(replace(job, connection_revoked=True), NOW, "UTC").retry


def test_a_retry_names_what_it_does_over() -> None:
    again = replace(RUNNING, retry_of=UUID(int=2), retried_at=NOW - timedelta(hours=1))
    assert job_row(RUNNING, NOW, "UTC").retry_of == ""
    told = job_row(again, NOW, "Europe/Berlin").retry_of
    assert told == "Retry of the sync of 20 Nov 2026, 12:00 CET"


def test_canceling_ends_with_the_job() -> None:
    assert job_row(replace(RUNNING, cancel_requested=True), NOW, "UTC").canceling
    assert not job_row(replace(COMPLETED, cancel_requested=True), NOW, "UTC").canceling


def test_a_job_that_never_started_took_no_time() -> None:
    canceled = replace(
        RUNNING, status="canceled", started_at=None, finished_at=NOW, inserted=0, rows_done=0
    )
    row = job_row(canceled, NOW, "UTC")
    assert (row.status, row.when, row.summary) == ("Canceled", "just now", "")


@pytest.mark.parametrize(
    ("job", "told"),
    [
        (
            COMPLETED,
            ("Stripe sync finished", "Main store: 1,204 new · 3 changed · 33,793 unchanged"),
        ),
        (
            replace(COMPLETED, status="failed", error_message="The key was refused."),
            ("Stripe sync failed", "Main store: The key was refused."),
        ),
        (
            replace(COMPLETED, status="dead", error_message="No answer.", connection_label=""),
            ("Stripe sync gave up", "No answer."),
        ),
        (
            replace(COMPLETED, status="canceled", inserted=0, updated=0, unchanged=0),
            ("Stripe sync was canceled", "Main store"),
        ),
    ],
)
def test_the_toast_at_the_end(job: JobView, told: tuple[str, str]) -> None:
    assert ending(job) == told


def test_an_export_has_a_label_of_its_own_and_is_done_over_on_its_page() -> None:
    export = replace(
        COMPLETED, kind="export", provider="", connection_label="Payouts, CSV", rows_done=1_284,
        inserted=0, updated=0, unchanged=0,
    )  # fmt: skip
    row = job_row(export, NOW, "UTC")
    assert (row.kind, row.title, row.label, row.summary) == (
        "export", "Export", "Payouts, CSV", "1,284 rows"
    )  # fmt: skip
    assert ending(export) == ("Export finished", "Payouts, CSV: 1,284 rows")
    assert not job_row(replace(export, status="failed"), NOW, "UTC").retry
