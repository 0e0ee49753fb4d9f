"""One worker for one job, in a process of its own: what it says of the job, and what it took.

``python -m tests.torture.lone_worker TENANT JOB`` prints JSON. Waits between retries are short.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from uuid import UUID

from ecomops import runtime
from ecomops.connectors.http import DEFAULT_LIMITS
from ecomops.connectors.netsuite import NetsuiteConnector
from ecomops.connectors.shopify import ShopifyConnector
from ecomops.connectors.stripe import StripeConnector
from ecomops.kit.context import Context
from ecomops.kit.ids import new_correlation_id
from ecomops.kit.logging import configure_logging
from ecomops.kit.settings import get_settings
from ecomops.operations.run_job import run_job
from tests.integration.provider import ROOT

FIRST_BACKOFF = 0.02
LONGEST = 1800  # seconds


@dataclass(frozen=True, slots=True)
class Taken:
    """``seconds`` in all and ``busy`` ones of its processor; ``memory`` is the peak in MiB."""

    outcome: str
    seconds: float
    busy: float
    memory: int


def hire(tenant_id: UUID, job_id: UUID) -> Taken:
    """Have the job done by a new process."""
    command = [sys.executable, "-m", "tests.torture.lone_worker", str(tenant_id), str(job_id)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=LONGEST)
    assert done.returncode == 0, done.stderr.decode()[-3_000:]
    return Taken(**json.loads(done.stdout.splitlines()[-1]))


def main(tenant_id: UUID, job_id: UUID) -> None:
    """Do the job, and print what it took."""
    configure_logging("lone-worker", "ERROR")
    limits = replace(DEFAULT_LIMITS, first_backoff=FIRST_BACKOFF)
    for connector in (StripeConnector, ShopifyConnector, NetsuiteConnector):
        connector.__init__.__kwdefaults__ |= {"limits": limits}  # type: ignore[operator]  # has some
    runtime.start(get_settings(), pool_size=3)
    began = time.monotonic()
    outcome = run_job(Context(new_correlation_id(), "worker", tenant_id), job_id)
    seconds, used = time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF)
    busy = used.ru_utime + used.ru_stime
    print(json.dumps(asdict(Taken(outcome, seconds, busy, _peak()))))


def _peak() -> int:
    """The most memory of this program in MiB; what ``getrusage`` tells begins with its parent's."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


if __name__ == "__main__":
    main(*map(UUID, sys.argv[1:]))
