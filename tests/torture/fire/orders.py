"""What is asked of a forked worker, and what is told of it: JSON lines between two processes."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from uuid import UUID

from tests.torture.fire.designs import PRODUCT

KILLED, ASLEEP, BROKEN = BLOWS = ("killed", "asleep", "broken")
"""SIGKILL, SIGSTOP, or an exception that nobody expects."""


@dataclass(frozen=True, slots=True)
class Order:
    """Do a job of a workspace, and be struck: at the ``number``-th passing of ``point``, or later.

    ``blow`` is one of BLOWS. ``after`` seconds comes a SIGKILL from outside.
    """

    tenant_id: UUID
    job_id: UUID
    design: str = PRODUCT
    point: str = ""
    number: int = 1
    blow: str = KILLED
    after: float | None = None

    def line(self) -> str:
        return json.dumps(asdict(self), default=str) + "\n"

    @classmethod
    def read(cls, line: str) -> Order:
        told = json.loads(line)
        return cls(**told | {name: UUID(told[name]) for name in ("tenant_id", "job_id")})


@dataclass(frozen=True, slots=True)
class News:
    """The worker ``pid`` is asleep, was killed, or ended, and how: as ``run_job`` says."""

    pid: int
    state: str
    outcome: str = ""

    def line(self) -> str:
        return json.dumps(asdict(self)) + "\n"

    @classmethod
    def read(cls, line: str) -> News:
        return cls(**json.loads(line))
