"""`python -m ecomops up`: the whole product on one machine until somebody says stop."""

from __future__ import annotations

import os
from pathlib import Path

from ecomops.kit.settings import load_settings
from ecomops.local.console import Console
from ecomops.local.errors import LocalStackError
from ecomops.local.private_files import sole_owner
from ecomops.local.project import ROOT
from ecomops.local.stack import LocalStack
from ecomops.local.stop_signals import StopRequested, stop_signals


def up() -> int:
    """Start everything, wait for a signal, stop everything; returns the exit code.

    0 when a running stack was asked to stop and did; 128 + signal when asked before it was up.
    Raises LocalStackError when something could not start (all else is stopped by then).
    """
    os.chdir(ROOT)
    settings = load_settings()
    if settings.env == "production":
        raise LocalStackError(
            "`up` is the stack for one machine and runs with ECOMOPS_ENV=local. "
            "In production each part is started by itself: see docs/operations.md."
        )
    _make_data_dir(settings.data_dir.absolute())
    with sole_owner(settings.data_dir.absolute() / "up.lock", "ecomops"), stop_signals():
        return _run(LocalStack(settings, Console()))


def _run(stack: LocalStack) -> int:
    started = False
    try:
        stack.start()
        started = True
        stack.farewell()
        stack.run()
    except StopRequested as request:
        return 0 if started else 128 + request.number
    finally:
        stack.stop()
    return 0


def _make_data_dir(data_dir: Path) -> None:
    # As root the servers run as another account, which must be able to pass through.
    data_dir.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
