"""`python -m ecomops up`: the whole product on one machine until somebody says stop."""

from __future__ import annotations

import os
from pathlib import Path

from ecomops.kit.settings import data_dir_of_environment, load_settings
from ecomops.local.console import Console
from ecomops.local.errors import LocalStackError
from ecomops.local.guard import Guard
from ecomops.local.local_env import check_local_env
from ecomops.local.private_files import sole_owner
from ecomops.local.project import ROOT
from ecomops.local.stack import LocalStack
from ecomops.local.stop_signals import StopRequested, stop_signals
from ecomops.local.strays import end_strays_of, mark_children


def up() -> int:
    """Start everything, wait for a signal, stop everything; returns the exit code.

    0 when a running stack was asked to stop and did; 128 + signal when asked before it was up.
    Raises LocalStackError when something could not start (all else is stopped by then).
    """
    os.chdir(ROOT)
    check_local_env(data_dir_of_environment())
    settings = load_settings()
    if settings.env == "production":
        raise LocalStackError(
            "`up` is the stack for one machine and runs with ECOMOPS_ENV=local. "
            "In production each part is started by itself: see docs/operations.md."
        )
    data_dir = settings.data_dir.absolute()
    _make_data_dir(data_dir)
    with sole_owner(data_dir / "up.lock", "ecomops"), stop_signals():
        end_strays_of(data_dir)
        mark_children(data_dir)
        return _run(LocalStack(settings, Console()))


def _run(stack: LocalStack) -> int:
    started, guard = False, Guard()
    try:
        stack.start()
        started = True
        stack.farewell()
        stack.run()
    except StopRequested as request:
        return 0 if started else 128 + request.number
    except LocalStackError as error:
        raise (_disk_full(stack, error) or error) from None
    finally:
        stack.stop()
        guard.dismiss()
    return 0


def _disk_full(stack: LocalStack, error: LocalStackError) -> LocalStackError | None:
    """Every server says it in its own words, somewhere in its log."""
    if "No space left on device" not in str(error):
        return None
    return LocalStackError(
        f"The disk of {stack.data_dir} is full. Make room, or set ECOMOPS_DATA_DIR to a folder on "
        f"another disk, and start again.\n{error}"
    )


def _make_data_dir(data_dir: Path) -> None:
    # As root the servers run as another account, which must be able to pass through.
    data_dir.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
