"""Keeps the parts of the local stack alive, and stops them in reverse order."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ecomops.local.children import adopt_orphans, bury_orphans, signal_group
from ecomops.local.console import Console
from ecomops.local.errors import LocalStackError
from ecomops.local.logs import bound
from ecomops.local.program import Program

LONGEST_WAIT = 30.0
HEALTHY_SECONDS = 60.0
TICK_SECONDS = 0.25
LOG_CHECK_SECONDS = 15.0


class Part(Protocol):
    """A server or program of the stack."""

    log: Path
    process: subprocess.Popen[bytes] | None

    def start(self) -> object: ...
    def stop(self) -> None: ...


@dataclass
class _Watched:
    name: str
    part: Part
    started: float
    failures: int = 0
    due: float | None = None
    announced: float = 0.0

    def waiting_time(self) -> float:
        return min(LONGEST_WAIT, 0.5 * 2.0**self.failures)


class Supervisor:
    """Starts parts, restarts those that die with growing pauses, stops all of them in the end.

    Everything happens on the thread that calls, which must be the main one: see `children`.
    """

    def __init__(self, console: Console, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.console = console
        self.clock = clock
        self.watched: list[_Watched] = []
        self._logs_checked = clock()
        adopt_orphans()

    def start(self, name: str, part: Part) -> None:
        """Start a part and watch over it from now on."""
        self.watched.append(_Watched(name, part, self.clock()))
        part.start()

    def look(self) -> None:
        """Notice the dead, start again those whose pause is over, keep the logs small."""
        now = self.clock()
        for watched in self.watched:
            self._revive(watched, now)
        bury_orphans()
        if now - self._logs_checked > LOG_CHECK_SECONDS:
            self._logs_checked = now
            for watched in self.watched:
                bound(watched.part.log)

    def watch(self, until: Callable[[], bool]) -> None:
        """Look after everything until the condition holds."""
        while not until():
            self.look()
            time.sleep(TICK_SECONDS)

    def failures(self, name: str) -> int:
        """How often in a row a part has died soon after its start."""
        return next(watched.failures for watched in self.watched if watched.name == name)

    def stop_all(self) -> None:
        """Stop every part, the last started first; programs wind down side by side."""
        parts = [watched.part for watched in reversed(self.watched)]
        for part in parts:
            if isinstance(part, Program):
                part.ask_to_stop()
        for part in parts:
            part.stop()
        self.watched.clear()

    def _revive(self, watched: _Watched, now: float) -> None:
        if watched.due is not None:
            if now >= watched.due:
                self._start_again(watched, now)
            return
        process = watched.part.process
        if process is None or process.poll() is None:
            self._note_health(watched, now)
            return
        # A dead leader may leave members of its group that still hold its port.
        signal_group(process, signal.SIGKILL)
        self._postpone(watched, now, _how_it_ended(process.returncode))

    def _note_health(self, watched: _Watched, now: float) -> None:
        if not watched.failures or now - watched.started <= HEALTHY_SECONDS:
            return
        if watched.announced == LONGEST_WAIT:
            self.console.notice(f"{watched.name} runs again.")
        watched.failures, watched.announced = 0, 0.0

    def _start_again(self, watched: _Watched, now: float) -> None:
        watched.due, watched.started = None, now
        try:
            watched.part.start()
        except LocalStackError:
            self._postpone(watched, now, "did not start")

    def _postpone(self, watched: _Watched, now: float, what_happened: str) -> None:
        watched.failures += 1
        pause = watched.waiting_time()
        watched.due = now + pause
        if pause <= watched.announced:
            return
        watched.announced = pause
        when = f"every {pause:.0f} s" if pause == LONGEST_WAIT else f"in {pause:.1f} s"
        self.console.notice(
            f"{watched.name} {what_happened}; starting again {when}. Log: {watched.part.log}"
        )


def _how_it_ended(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
