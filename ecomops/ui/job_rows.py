"""Jobs as they are written on screen. Pure: the clock is an argument."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ecomops.domains.jobs.schemas import JobView
from ecomops.domains.jobs.service import RETRIABLE
from ecomops.ui import format as fmt
from ecomops.ui.components.providers import NAMES

LIVE = frozenset({"pending", "running"})
UNKNOWN = -1
EXPORT = "export"
KINDS = {"deliveries": "update", "completeness": "comparison"}
"""What people call a kind of job, where it is not its name."""


@dataclass
class JobRow:
    """One job; ``percent`` is negative while how far it is cannot be told."""

    id: str
    kind: str
    title: str
    label: str
    status: str
    live: bool
    canceling: bool
    phase: str
    percent: int
    figures: str
    when: str
    moment: str
    summary: str
    rejected: str
    error: str
    reference: str
    retry: bool
    retry_of: str


def job_row(job: JobView, now: datetime, zone: str) -> JobRow:
    """What the Jobs page and the dashboard show of a job."""
    return JobRow(
        id=str(job.id),
        kind=job.kind,
        title=title(job),
        label=job.connection_label,
        status=fmt.words(job.status),
        live=job.status in LIVE,
        canceling=job.cancel_requested and job.status in LIVE,
        phase=_phase(job),
        percent=_percent(job),
        figures=_figures(job),
        when=_when(job, now),
        moment=fmt.moment(job.finished_at or job.created_at, zone),
        summary=_summary(job),
        rejected=f"{fmt.number(job.rejected)} could not be read" if job.rejected else "",
        error=job.error_message or "",
        reference=job.correlation_id,
        retry=_may_be_retried(job),
        retry_of=_retry_of(job, zone),
    )


def _may_be_retried(job: JobView) -> bool:
    """Whether a click does it over; what reads no provider is done over on its own page."""
    return job.status in RETRIABLE and job.provider != "" and not job.connection_revoked


def _retry_of(job: JobView, zone: str) -> str:
    if job.retried_at is None:
        return ""
    return f"Retry of the {_kind(job)} of {fmt.moment(job.retried_at, zone)}"


def _kind(job: JobView) -> str:
    return KINDS.get(job.kind, job.kind)


def title(job: JobView) -> str:
    """What the job is: ``Stripe sync``."""
    name = f"{NAMES.get(job.provider, '')} {_kind(job)}".strip()
    return name[:1].upper() + name[1:]


def ending(job: JobView) -> tuple[str, str]:
    """The sentence for a job that is over, and what it did or why it failed."""
    endings = {"completed": "finished", "failed": "failed", "dead": "gave up"}
    name = title(job)
    sentence = f"{name} {endings.get(job.status, 'was canceled')}"
    detail = (job.error_message or "") if job.status in ("failed", "dead") else _summary(job)
    return sentence, ": ".join(part for part in (job.connection_label, detail) if part)


def _phase(job: JobView) -> str:
    if job.status == "pending":
        return "Waiting for its turn" if job.attempts == 0 else "Waiting to try again"
    if job.phase_count > 1 and job.phase:
        return f"{job.phase} · step {job.phase_number} of {job.phase_count}"
    return job.phase or "Starting"


def _percent(job: JobView) -> int:
    if job.status == "completed":
        return 100
    if not job.phase_count or not job.phase_number:
        return UNKNOWN
    thousandths = (job.phase_number - 1) * 1000 + job.phase_fraction
    return min(thousandths // (10 * job.phase_count), 100) or UNKNOWN


def _figures(job: JobView) -> str:
    if job.status == "pending":
        return ""
    done = fmt.counted(job.rows_done, "row")
    if job.rows_total and job.rows_total > job.rows_done:
        done = f"{fmt.number(job.rows_done)} of about {fmt.counted(job.rows_total, 'row')}"
    rate = f"{fmt.number(job.rows_per_second)} rows/s" if job.rows_per_second else ""
    return " · ".join(part for part in (done, rate, _left(job)) if part)


def _left(job: JobView) -> str:
    if not job.seconds_left:
        return ""
    time = f"about {fmt.duration(job.seconds_left)} left"
    return time if job.phase_number >= job.phase_count else f"{time} in this step"


def _when(job: JobView, now: datetime) -> str:
    if job.finished_at is None:
        return fmt.ago(job.started_at or job.created_at, now)
    if job.started_at is None:
        return fmt.ago(job.finished_at, now)
    took = round((job.finished_at - job.started_at).total_seconds())
    return f"{fmt.ago(job.finished_at, now)} · took {fmt.duration(took)}"


def _summary(job: JobView) -> str:
    counts = ((job.inserted, "new"), (job.updated, "changed"), (job.unchanged, "unchanged"))
    told = [f"{fmt.number(count)} {word}" for count, word in counts if count]
    if told:
        return " · ".join(told)
    if job.kind == EXPORT:
        return fmt.counted(job.rows_done, "row") if job.status == "completed" else ""
    return "Nothing new" if job.status == "completed" else ""
