"""One export in a process of its own: how many bytes and rows, how long, how much memory more.

``python -m tests.torture.lone_export TENANT FORMAT`` prints JSON. What a first export of a
few rows loads is not counted: the growth is that of the large one.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from uuid import UUID

from ecomops import runtime
from ecomops.domains.access.rules import permissions_of
from ecomops.domains.tables.export import export_file
from ecomops.domains.tables.schemas import Export, Format, TableQuery
from ecomops.kit.context import Context, Plan
from ecomops.kit.ids import new_correlation_id
from ecomops.kit.logging import configure_logging
from ecomops.kit.settings import get_settings
from tests.integration.provider import ROOT

LONGEST = 1800  # seconds
NOTHING = Export(TableQuery("payments", date_from=date(2199, 1, 1)))
STATUS = Path("/proc/self/status")


@dataclass(frozen=True, slots=True)
class Cost:
    """``growth`` is the peak of memory above what a small export leaves, in MiB."""

    size: int
    seconds: float
    growth: float


def hire(tenant_id: UUID, file_format: str) -> Cost:
    """Have all payments exported by a new process."""
    command = [sys.executable, "-m", "tests.torture.lone_export", str(tenant_id), file_format]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=LONGEST)
    assert done.returncode == 0, done.stderr.decode()[-3_000:]
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def main(tenant_id: UUID, file_format: str) -> None:
    """Export, and print what it took."""
    configure_logging("lone-export", "ERROR")
    runtime.start(get_settings(), pool_size=1)
    ctx = Context(new_correlation_id(), "worker", tenant_id, role="admin",
                  permissions=permissions_of("admin"), plan=Plan("pro"))  # fmt: skip
    wanted: Format = "xlsx" if file_format == "xlsx" else "csv"
    _export(ctx, Export(NOTHING.query, wanted))
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before, began = _kilobytes("VmRSS"), time.monotonic()
    size = _export(ctx, Export(TableQuery("payments"), wanted))
    seconds = round(time.monotonic() - began, 1)
    growth = round((_kilobytes("VmHWM") - before) / 1024, 1)
    print(json.dumps(asdict(Cost(size, seconds, growth))))


def _export(ctx: Context, export: Export) -> int:
    return sum(map(len, runtime.stream(ctx, export_file, export)))


def _kilobytes(name: str) -> int:
    return int(STATUS.read_text().partition(f"{name}:")[2].split()[0])


if __name__ == "__main__":
    main(UUID(sys.argv[1]), sys.argv[2])
