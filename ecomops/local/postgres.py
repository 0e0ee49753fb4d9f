"""PostgreSQL 18 under our own care: loopback only, password for everyone, data in one folder."""

from __future__ import annotations

import contextlib
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

from ecomops.local.accounts import Account, server_account, server_home
from ecomops.local.children import spawn, stop_process, tail
from ecomops.local.errors import LocalStackError, ServerFailedError
from ecomops.local.ports import LOOPBACK, free_port, kept_port
from ecomops.local.postgres_binaries import binaries
from ecomops.local.private_files import kept_secret, write_private
from ecomops.local.strays import end_working_in, unmarked

MAJOR = "18"
SUPERUSER = "postgres"
PROCESS = "postgres"
START_SECONDS = 120.0  # a crash of a busy server is followed by recovery from its log
STOP_SECONDS = 20.0

# Sized for two cores and a few GiB of memory.
SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "512MB",
    "effective_cache_size": "2GB",
    "maintenance_work_mem": "256MB",
    "work_mem": "32MB",
    "max_wal_size": "4GB",
    "wal_compression": "pglz",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "idle_in_transaction_session_timeout": "60s",
    "log_line_prefix": "%m [%p] %u@%d ",
    "log_lock_waits": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
FORGETFUL = {
    "shared_buffers": "256MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


class EmbeddedPostgres:
    """One server with its data in `home`, started by `start` or `with`, stopped with us.

    `durable=False` gives up crash safety for speed (tests). `log` defaults to a file in `home`.
    `home` may turn out to be a link: see `server_home`.
    """

    def __init__(self, home: Path, *, durable: bool = True, log: Path | None = None) -> None:
        self.account: Account | None = server_account()
        self.home = server_home(home, self.account, durable=durable)
        self.durable = durable
        self.log = log or self.home / "postgres.log"
        self.data = self.home / "data"
        self.password = kept_secret(self.home / "password", self.account)
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None

    @classmethod
    @contextlib.contextmanager
    def temporary(cls) -> Iterator[Self]:
        """A running, forgetful server in a folder that is removed afterwards."""
        folder = Path(tempfile.mkdtemp(prefix="ecomops-postgres-"))
        folder.chmod(0o711)
        try:
            with cls(folder / "home", durable=False) as server:
                yield server
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @property
    def admin_url(self) -> str:
        """Connection string of the superuser, for the database `postgres`."""
        return self.url(SUPERUSER, self.password, "postgres")

    def url(self, role: str, password: str, database: str) -> str:
        """Connection string (libpq form) for a role."""
        return f"postgresql://{role}:{quote(password, safe='')}@{LOOPBACK}:{self.port}/{database}"

    def start(self) -> Self:
        """Bring the server up, after clearing away what a killed predecessor left.

        Raises ServerFailedError with the end of the server's log.
        """
        programs = binaries(self.home, self.account)
        # Backends outlive a killed server for seconds, and until they are gone none can start.
        end_working_in(self.data, PROCESS)
        self._initialise(programs)
        self._require_version()
        # Those who already know our port keep it; else a second try, should it be taken just now.
        for port in (self.port,) if self.port else (kept_port(self.home / "port"), free_port()):
            self.port = port
            if self._launch(programs):
                write_private(self.home / "port", f"{port}\n")
                return self
        raise ServerFailedError(f"PostgreSQL did not start.\n{tail(self.log)}")

    def stop(self) -> None:
        """Roll open transactions back, write everything out, end."""
        if self.process is not None:
            stop_process(self.process, signal.SIGINT, seconds=STOP_SECONDS)
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

    def _initialise(self, programs: Path) -> None:
        if self.data.exists():
            return
        draft = self.home / "data.draft"
        end_working_in(draft, PROCESS)
        shutil.rmtree(draft, ignore_errors=True)
        command = [
            *(programs / "initdb", "-D", draft, "-U", SUPERUSER),
            *("--auth-local=scram-sha-256", "--auth-host=scram-sha-256"),
            *("--pwfile", self.home / "password", "--encoding=UTF8", "--locale=C"),
            *("--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *(() if self.durable else ("--no-sync",)),
        ]
        process = spawn(command, log=self.log, account=self.account, cwd=self.home)
        if process.wait() != 0:
            raise ServerFailedError(f"initdb failed.\n{tail(self.log)}")
        draft.rename(self.data)

    def _require_version(self) -> None:
        version = self.data / "PG_VERSION"
        found = version.read_text().strip() if version.exists() else "of no known version"
        if found != MAJOR:
            raise LocalStackError(
                f"The database in {self.data} is PostgreSQL {found}, and this ecomops has {MAJOR}. "
                "Start the ecomops that made it, back up with it, and restore here into a new "
                "ECOMOPS_DATA_DIR: see docs/operations.md."
            )

    def _launch(self, programs: Path) -> bool:
        settings = SETTINGS if self.durable else SETTINGS | FORGETFUL
        options = [part for item in settings.items() for part in ("-c", "=".join(item))]
        self.process = spawn(
            [programs / "postgres", "-D", self.data, "-p", str(self.port), *options],
            log=self.log,
            env=unmarked(),
            account=self.account,
            cwd=self.home,
            death_signal=signal.SIGINT,
        )
        return self._becomes_ready(self.process)

    def _becomes_ready(self, process: subprocess.Popen[bytes]) -> bool:
        deadline = time.monotonic() + START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            if _postmaster_says_ready(self.data, process.pid):
                return True
            time.sleep(0.02)
        stop_process(process, signal.SIGQUIT, seconds=2)
        return False


def _postmaster_says_ready(data: Path, pid: int) -> bool:
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"
