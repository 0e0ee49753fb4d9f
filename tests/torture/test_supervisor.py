"""The supervisor is killed, or interrupted, at random moments; the next start always works.

Full: 20 SIGKILLs and 10 Ctrl-Cs (`ECOMOPS_TORTURE=full`); else 2 and 1.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from ecomops.local import frontend
from ecomops.local.ports import is_free
from ecomops.local.project import ROOT, own_command
from ecomops.local.readiness import answers
from ecomops.local.strays import MARK
from tests.ports import own_port
from tests.torture.report import SEED, Figures, reported, times

PORT, SANDBOX_PORT = own_port(), own_port()
ANSWERS_WITHIN = 15.0
GONE_WITHIN = 10.0
# A start takes about seven seconds here; the rest of the time it is running.
LATEST_MOMENT = 12.0

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("supervisor")]


@dataclass
class Stack:
    """`python -m ecomops up` on a data directory of its own."""

    data_dir: Path
    process: subprocess.Popen[bytes] | None = None
    slowest_start: float = 0.0
    slowest_end: float = 0.0
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.data_dir / "up.log"

    def start(self) -> None:
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                own_command("up"),
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": os.environ.get("HOME", "/"),
            "ECOMOPS_DATA_DIR": str(self.data_dir),
            "ECOMOPS_PORT": str(PORT),
            "ECOMOPS_SANDBOX_PORT": str(SANDBOX_PORT),
        }

    def end(self, number: signal.Signals) -> int:
        """Send a signal; returns the exit code once the supervisor is gone."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(30)

    def must_answer(self, within: float) -> None:
        began = time.monotonic()
        assert self.process is not None
        while not answers(PORT, "/readyz"):
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() - began < within, self.log.read_text()
            time.sleep(0.05)
        self.slowest_start = max(self.slowest_start, time.monotonic() - began)

    def must_leave_nothing(self) -> None:
        began = time.monotonic()
        while left := self.processes():
            assert time.monotonic() - began < GONE_WITHIN, [_describe(p) for p in left]
            time.sleep(0.05)
        self.slowest_end = max(self.slowest_end, time.monotonic() - began)
        assert is_free(PORT)
        assert is_free(SANDBOX_PORT)

    def processes(self) -> list[psutil.Process]:
        """Everything that works for this data directory, found by three signs."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            environment = process.environ()
            return (
                environment.get(MARK, "").startswith(f"{self.data_dir}:")
                or environment.get("ECOMOPS_DATA_DIR") == str(self.data_dir)
                or Path(process.cwd()).is_relative_to(self.data_dir)
            )
        except psutil.Error:
            return False


@pytest.fixture
def stack() -> Iterator[Stack]:
    """A stack that has been up once, so that its first start is behind it."""
    if not frontend.is_current(ROOT):
        pytest.skip("The front end is not built: python -m ecomops build")
    folder = Path(tempfile.mkdtemp(prefix="ecomops-torture-"))
    folder.chmod(0o711)
    made = Stack(folder)
    made.start()
    try:
        made.must_answer(within=90)
        assert made.end(signal.SIGINT) in (0, 130)
        made.must_leave_nothing()
        made.slowest_start = made.slowest_end = 0.0
        yield made
    finally:
        if made.process is not None and made.process.poll() is None:
            made.end(signal.SIGINT)
        for process in made.processes():
            process.kill()
        shutil.rmtree(folder)


def test_killed_at_any_moment(stack: Stack) -> None:
    """Start, SIGKILL at a random moment; nothing is left, and the next start answers in time."""
    with reported("supervisor: kill -9") as figures:
        _repeat(stack, figures, times(full=20, short=2), _kill)


def test_interrupted_at_any_moment(stack: Stack) -> None:
    """The same with Ctrl-C, after which nothing is left at once."""
    with reported("supervisor: Ctrl-C") as figures:
        _repeat(stack, figures, times(full=10, short=1), _interrupt)


def crowd() -> float:
    """How many times longer everything takes because others use this machine too; at least 1."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def _repeat(stack: Stack, figures: Figures, count: int, end: Callable[[Stack], None]) -> None:
    chance = random.Random(SEED)
    for _ in range(count):
        stack.start()
        time.sleep(chance.uniform(0.0, LATEST_MOMENT))
        end(stack)
        # At once, while the dead one's children may still be leaving.
        stack.start()
        stack.must_answer(within=ANSWERS_WITHIN * crowd())
        end(stack)
        stack.must_leave_nothing()
        figures.count += 1
    print(
        f"slowest start {stack.slowest_start:.1f} s, slowest end {stack.slowest_end:.1f} s, "
        f"machine shared by {crowd():.1f}"
    )


def _kill(stack: Stack) -> None:
    assert stack.end(signal.SIGKILL) == -signal.SIGKILL


def _interrupt(stack: Stack) -> None:
    code = stack.end(signal.SIGINT)
    # Before Python has begun to listen, the signal itself ends it.
    assert code in (0, 130, -signal.SIGINT), stack.log.read_text()
    assert [_describe(process) for process in stack.processes()] == []


def _describe(process: psutil.Process) -> str:
    try:
        return f"{process.pid} {' '.join(process.cmdline())}"
    except psutil.Error:
        return str(process.pid)
