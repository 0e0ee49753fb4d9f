"""Children are started again when they die, and never outlive us."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from ecomops.local.console import Console
from ecomops.local.errors import ServerFailedError
from ecomops.local.logs import bound, fresh_log
from ecomops.local.program import Program
from ecomops.local.supervisor import Supervisor

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
SECONDS = 10.0


def eventually(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def program(folder: Path, name: str, command: list[str]) -> Program:
    return Program(name, command, fresh_log(folder, name), dict(os.environ), folder)


@pytest.fixture
def output() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def supervisor(output: io.StringIO) -> Iterator[Supervisor]:
    supervisor = Supervisor(Console(output))
    yield supervisor
    supervisor.stop_all()


def test_a_dead_child_is_started_again_and_said_so_in_one_line(
    supervisor: Supervisor, output: io.StringIO, tmp_path: Path
) -> None:
    sleeper = program(tmp_path, "sleeper", SLEEP)
    supervisor.start("sleeper", sleeper)
    assert sleeper.process is not None
    first = sleeper.process.pid
    os.kill(first, signal.SIGKILL)

    def is_another() -> bool:
        return sleeper.process is not None and sleeper.process.pid != first

    deadline = time.monotonic() + 10
    supervisor.watch(until=lambda: is_another() or time.monotonic() > deadline)
    assert is_another()
    assert output.getvalue() == (
        f"! sleeper was ended by SIGKILL; starting again in 1.0 s. Log: {sleeper.log}\n"
    )


def test_the_pauses_grow_and_stop_growing(tmp_path: Path, output: io.StringIO) -> None:
    now = [0.0]
    supervisor = Supervisor(Console(output), clock=lambda: now[0])
    failing = program(tmp_path, "failing", [sys.executable, "-c", "raise SystemExit(3)"])
    supervisor.start("failing", failing)
    for _ in range(8):
        assert failing.process is not None
        failing.process.wait()
        supervisor.look()
        now[0] += 31
        supervisor.look()
    supervisor.stop_all()
    told = [line.split(" again ")[1].split(" s.")[0] for line in output.getvalue().splitlines()]
    assert told == ["in 1.0", "in 2.0", "in 4.0", "in 8.0", "in 16.0", "every 30"]
    assert "ended with code 3" in output.getvalue()


def test_a_part_that_is_well_again_is_said_so_and_forgiven(
    tmp_path: Path, output: io.StringIO
) -> None:
    now = [0.0]
    supervisor = Supervisor(Console(output), clock=lambda: now[0])
    ill = tmp_path / "ill"
    ill.touch()
    code = f"import os, time; os.path.exists({str(ill)!r}) and exit(3); time.sleep(60)"
    part = program(tmp_path, "part", [sys.executable, "-c", code])
    supervisor.start("part", part)
    for _ in range(7):
        assert part.process is not None
        part.process.wait()
        supervisor.look()
        now[0] += 31
        supervisor.look()
    assert part.process is not None
    part.process.wait()
    ill.unlink()
    supervisor.look()
    for _ in range(4):
        now[0] += 31
        supervisor.look()
    assert supervisor.failures("part") == 0
    supervisor.stop_all()
    assert output.getvalue().splitlines()[-1] == "! part runs again."
    assert output.getvalue().count("every 30 s") == 1


def test_a_part_that_cannot_start_again_is_tried_later(tmp_path: Path, output: io.StringIO) -> None:
    now = [0.0]
    supervisor = Supervisor(Console(output), clock=lambda: now[0])

    class Reluctant(Program):
        refusals = 0

        def start(self) -> None:
            if self.refusals:
                self.refusals -= 1
                raise ServerFailedError("not yet")
            super().start()

    part = Reluctant("part", SLEEP, fresh_log(tmp_path, "part"), dict(os.environ), tmp_path)
    supervisor.start("part", part)
    assert part.process is not None
    part.refusals = 1
    part.process.kill()
    part.process.wait()
    for _ in range(3):
        supervisor.look()
        now[0] += 31
    assert part.process.poll() is None
    supervisor.stop_all()
    assert [line.split("; ")[0] for line in output.getvalue().splitlines()] == [
        "! part was ended by SIGKILL",
        "! part did not start",
    ]


def test_parts_stop_in_reverse_order(supervisor: Supervisor, tmp_path: Path) -> None:
    order: list[str] = []

    class Recorded(Program):
        def stop(self) -> None:
            order.append(self.name)
            super().stop()

    for name in ("database", "web", "worker"):
        log = fresh_log(tmp_path, name)
        supervisor.start(name, Recorded(name, SLEEP, log, dict(os.environ), tmp_path))
    supervisor.stop_all()
    assert order == ["worker", "web", "database"]


def test_a_child_that_will_not_stop_is_killed_with_all_it_started(tmp_path: Path) -> None:
    code = """
    import signal, subprocess, sys
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    print(child.pid, flush=True)
    child.wait()
    """
    stubborn = program(tmp_path, "stubborn", [sys.executable, "-c", textwrap.dedent(code)])
    stubborn.stop_seconds = 0.3
    stubborn.start()
    eventually(lambda: stubborn.log.read_text().strip())
    grandchild = int(stubborn.log.read_text())
    stubborn.stop()
    eventually(lambda: not alive(grandchild))


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel watches on Linux only")
def test_nothing_is_left_when_the_supervisor_is_killed(tmp_path: Path) -> None:
    code = f"""
    from pathlib import Path
    from ecomops.local.children import spawn
    import sys, time
    log = Path({str(tmp_path / "child.log")!r})
    children = [spawn([sys.executable, "-c", "import time; time.sleep(60)"], log=log) for _ in "ab"]
    print(*(child.pid for child in children), flush=True)
    time.sleep(60)
    """
    owner = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE)
    assert owner.stdout is not None
    with owner:
        children = [int(pid) for pid in owner.stdout.readline().split()]
        owner.kill()
    assert len(children) == 2
    eventually(lambda: not any(alive(pid) for pid in children))


def test_a_log_starts_afresh_and_keeps_the_last_one(tmp_path: Path) -> None:
    log = fresh_log(tmp_path / "logs", "web")
    log.write_text("first start")
    log = fresh_log(tmp_path / "logs", "web")
    assert log.read_text() == ""
    assert (tmp_path / "logs" / "web.log.1").read_text() == "first start"
    assert (tmp_path / "logs").stat().st_mode & 0o777 == 0o700


def test_a_log_cannot_grow_without_end_while_its_writer_goes_on(tmp_path: Path) -> None:
    log = fresh_log(tmp_path, "web")
    with log.open("ab", buffering=0) as writer:
        writer.write(b"x" * 200)
        bound(log, limit=100)
        assert log.stat().st_size == 0
        writer.write(b"next")
    assert log.read_bytes() == b"next"
    assert (tmp_path / "web.log.1").stat().st_size == 200


def test_a_phase_says_its_name_outcome_and_duration(output: io.StringIO) -> None:
    console = Console(output)
    with console.phase("Redis") as phase:
        phase.detail = "port 1"
    with pytest.raises(RuntimeError), console.phase("Web"):
        raise RuntimeError
    lines = output.getvalue().splitlines()
    assert lines == ["✓ Redis             0.0 s  port 1", "✗ Web               0.0 s"]
