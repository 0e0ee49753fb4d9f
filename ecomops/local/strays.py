"""Processes of ours that outlived the supervisor that started them."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable
from pathlib import Path

import psutil

MARK = "ECOMOPS_SUPERVISED"


def mark_children(data_dir: Path) -> str:
    """Mark, in their environment, everything this process starts from now on; returns the mark."""
    mark = os.environ[MARK] = f"{data_dir.resolve()}:{os.getpid()}"
    return mark


def unmarked() -> dict[str, str]:
    """The environment for servers, which end in their own time and are known by their folder."""
    return {name: value for name, value in os.environ.items() if name != MARK}


def end_marked(belongs: Callable[[str], bool]) -> None:
    """SIGKILL every process whose mark belongs, but for ourselves."""
    others = (process for process in psutil.process_iter() if process.pid != os.getpid())
    _end([process for process in others if belongs(_mark_of(process))], signal.SIGKILL)


def end_strays_of(data_dir: Path) -> None:
    """End what earlier supervisors of this data directory left; to be called by its sole owner."""
    start = f"{data_dir.resolve()}:"
    end_marked(lambda mark: mark.startswith(start))


def end_working_in(folder: Path, name: str) -> None:
    """End processes called `name` whose current folder is `folder`."""
    found = [p for p in psutil.process_iter(["name"]) if _works_in(p, folder, name)]
    _end(found, signal.SIGQUIT)


def _end(processes: list[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(number)
    _, stubborn = psutil.wait_procs(processes, timeout=5)
    for process in stubborn:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, timeout=5)


def _mark_of(process: psutil.Process) -> str:
    try:
        return str(process.environ().get(MARK, ""))
    except (psutil.Error, OSError):
        return ""


def _works_in(process: psutil.Process, folder: Path, name: str) -> bool:
    if process.info["name"] != name:
        return False
    try:
        return bool(process.cwd() == str(folder))
    except psutil.Error:
        return False
