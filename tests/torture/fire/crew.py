"""Workers that are forked on demand, each for one job, and watched until they are gone."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.integration.provider import ROOT
from tests.torture.fire.orders import News, Order

PATIENCE = 120.0
LEASE_SECONDS = 2


class Crew:
    """One worker at a time, forked from a process that has everything loaded."""

    def __init__(self, sandbox_port: int, log: Path) -> None:
        environment = {
            **os.environ,
            "ECOMOPS_SANDBOX_PORT": str(sandbox_port),
            "ECOMOPS_JOB_LEASE_SECONDS": str(LEASE_SECONDS),
        }
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.torture.fire.runner"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=output,
                bufsize=0, cwd=ROOT, env=environment, start_new_session=True,
            )  # fmt: skip
        self._log, self._heard = log, b""

    def begin(self, order: Order) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(order.line().encode())

    def hear(self, patience: float = PATIENCE) -> News:
        """The next news of the worker."""
        assert self._process.stdout is not None
        while b"\n" not in self._heard:
            assert self.has_news(patience), f"nothing was heard of the worker; {self._log}"
            heard = self._process.stdout.read(4096)
            assert heard, f"the runner ended; {self._log}"
            self._heard += heard
        line, _, self._heard = self._heard.partition(b"\n")
        return News.read(line.decode())

    def has_news(self, patience: float) -> bool:
        """Whether there is something to hear within so many seconds."""
        assert self._process.stdout is not None
        return bool(self._heard or select.select([self._process.stdout], [], [], patience)[0])

    def do(self, order: Order) -> News:
        """How a worker came to its end."""
        self.begin(order)
        return self.hear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()


def wake(pid: int) -> None:
    """Let a worker that fell asleep go on."""
    os.kill(pid, signal.SIGCONT)
