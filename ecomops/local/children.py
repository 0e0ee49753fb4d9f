"""Child processes that cannot outlive us.

A child leads a process group of its own, so that Ctrl-C reaches it only through us, and the kernel
signals it when we die, even by SIGKILL (Linux). The kernel watches the thread that made the child:
spawn from a thread that lives as long as the child should.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ecomops.local.accounts import Account

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_started: set[int] = set()
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def spawn(
    argv: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    account: Account | None = None,
    cwd: Path | str = "/",
    death_signal: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a program whose output is appended to `log`; it gets `death_signal` when we die."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [os.fspath(argument) for argument in argv],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=None if env is None else dict(env),
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            start_new_session=True,
            # Runs after setuid, which would clear the request.
            preexec_fn=_die_with(os.getpid(), death_signal),
        )
    _started.add(process.pid)
    return process


def _die_with(parent: int, death_signal: signal.Signals) -> Callable[[], None]:
    def ask_kernel() -> None:
        if _libc is None:
            return
        _libc.prctl(_PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:
            os._exit(1)

    return ask_kernel


def adopt_orphans() -> None:
    """Become the parent of grandchildren whose own parent dies (Linux), so that we can end them."""
    if _libc is not None:
        _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1)


def bury_orphans() -> None:
    """Take the dead among adopted grandchildren off the process table.

    Our own dead are left alone: their exit codes belong to their Popen objects.
    """
    with contextlib.suppress(ChildProcessError):
        while found := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            if found.si_pid in _started:
                return
            os.waitpid(found.si_pid, os.WNOHANG)


def signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Send a signal to a child and all in its process group; a group that is gone is fine."""
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return


def stop_process(
    process: subprocess.Popen[bytes], number: signal.Signals, *, seconds: float
) -> None:
    """Ask a child to end with one signal; SIGKILL its whole group if it takes longer."""
    if process.poll() is None:
        process.send_signal(number)
    await_end(process, seconds=seconds)


def await_end(process: subprocess.Popen[bytes], *, seconds: float) -> None:
    """Wait for a child that was asked to end, then SIGKILL whatever is left of its group."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    signal_group(process, signal.SIGKILL)
    process.wait()


def tail(log: Path, *, lines: int = 12) -> str:
    """The last lines of a log, for an error message; empty when there is none."""
    if not log.exists():
        return ""
    with log.open("rb") as stream:
        stream.seek(max(0, log.stat().st_size - 16_384))
        text = stream.read().decode(errors="replace")
    return "\n".join(text.splitlines()[-lines:])
