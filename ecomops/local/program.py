"""A program of ours under supervision: how it is started, and how it is ended."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ecomops.local.children import await_end, spawn


@dataclass
class Program:
    """A command that is to run for as long as we do.

    It is asked to stop with SIGTERM and killed after `stop_seconds`. `death_signal` is what the
    kernel sends it if we are killed ourselves.
    """

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str]
    folder: Path
    stop_seconds: float = 3.0
    death_signal: signal.Signals = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _asked: bool = field(default=False, init=False)

    def start(self) -> None:
        """Start the command; it is not waited for."""
        self._asked = False
        self.process = spawn(
            self.command,
            log=self.log,
            env=self.environment,
            cwd=self.folder,
            death_signal=self.death_signal,
        )

    def ask_to_stop(self) -> None:
        """Send SIGTERM, once: to some programs a second one means less patience."""
        if self.process is not None and not self._asked:
            self._asked = True
            if self.process.poll() is None:
                self.process.terminate()

    def stop(self) -> None:
        """End the command and whatever it started."""
        self.ask_to_stop()
        if self.process is not None:
            await_end(self.process, seconds=self.stop_seconds)
            self.process = None
