"""The parts of the local stack, phase by phase."""

from __future__ import annotations

import signal
import time
from pathlib import Path

from ecomops.kit.settings import Settings
from ecomops.local import frontend
from ecomops.local.children import spawn, stop_process, tail
from ecomops.local.console import Console, Phase
from ecomops.local.databases import DATABASE, create_databases
from ecomops.local.embedded import embedded_urls
from ecomops.local.errors import LocalStackError, ServerFailedError
from ecomops.local.local_env import (
    check_local_env,
    database_passwords,
    ensure_keys,
    is_given,
    update_local_env,
)
from ecomops.local.logs import fresh_log
from ecomops.local.ports import require_free
from ecomops.local.postgres import EmbeddedPostgres
from ecomops.local.program import Program
from ecomops.local.project import ROOT, child_environment, own_command
from ecomops.local.readiness import answers
from ecomops.local.redis_server import EmbeddedRedis
from ecomops.local.sandbox_world import sandbox_options
from ecomops.local.sign_ins import kept_sign_ins
from ecomops.local.space import TO_START, require_space
from ecomops.local.supervisor import Supervisor

WEB_SECONDS = 120.0
GIVE_UP_AFTER = 3
# The long work apart, so that a sync of hours never holds up a short job.
WORKERS = {"worker": ("default,recon,posting,export", "2"), "worker-sync": ("sync", "4")}
"""Name → queues, and jobs at a time: one's own sync begins beside the three of the demo."""


class LocalStack:
    """Starts everything on this machine, keeps it running, stops it."""

    def __init__(self, settings: Settings, console: Console) -> None:
        self.settings = settings
        self.console = console
        self.data_dir = settings.data_dir.absolute()
        self.logs = self.data_dir / "logs"
        self.supervisor = Supervisor(console)

    def start(self) -> None:
        """Bring everything up. Raises LocalStackError when a phase fails."""
        self._prepare()
        if not is_given("DATABASE_URL", ROOT):
            self._start_postgres()
        if not is_given("REDIS_URL", ROOT):
            self._start_redis()
        self._migrate()
        self._build_frontend()
        self._start_web()
        self._start_workers()
        self._seed_demo()

    def run(self) -> None:
        """Look after the running stack for ever."""
        self.supervisor.watch(until=lambda: False)

    def stop(self) -> None:
        """Stop everything, the last started first."""
        if self.supervisor.watched:
            with self.console.phase("Stopping"):
                self.supervisor.stop_all()

    def farewell(self) -> None:
        """Tell where the product is, who can sign in, and how to stop it."""
        self.console.say()
        self.console.say(f"ecomops is at {self.console.bold(self.settings.base_url)}")
        for person in kept_sign_ins(self.data_dir):
            self.console.say(f"  {person.role:<12} {person.email}  {person.password}")
        self.console.say(f"Logs are in {self.logs}. Press Ctrl-C to stop everything.")

    def _prepare(self) -> None:
        with self.console.phase("Settings") as phase:
            require_free(self.settings.port, "ECOMOPS_PORT")
            require_free(self.settings.sandbox_port, "ECOMOPS_SANDBOX_PORT")
            require_space(self.data_dir, TO_START)
            check_local_env(self.data_dir)
            ensure_keys(self.data_dir)
            phase.detail = f"kept in {self.data_dir}"

    def _start_postgres(self) -> None:
        with self.console.phase("PostgreSQL") as phase:
            log = fresh_log(self.logs, "postgres")
            server = EmbeddedPostgres(self.data_dir / "postgres", log=log)
            self.supervisor.start("PostgreSQL", server)
            passwords = database_passwords(self.data_dir)
            create_databases(server.admin_url, DATABASE, passwords.owner, passwords.app)
            embedded_urls(server, self.data_dir, passwords)
            phase.detail = f"port {server.port}"

    def _start_redis(self) -> None:
        with self.console.phase("Redis") as phase:
            server = EmbeddedRedis(self.data_dir / "redis", log=fresh_log(self.logs, "redis"))
            self.supervisor.start("Redis", server)
            update_local_env(self.data_dir, {"REDIS_URL": server.url})
            phase.detail = f"port {server.port}"

    def _migrate(self) -> None:
        with self.console.phase("Migrations") as phase:
            log = self._finish("migrate", phase)
            phase.detail = tail(log, lines=1)

    def _build_frontend(self) -> None:
        with self.console.phase("Front end", "the first build takes about a minute") as phase:
            built = frontend.build_if_stale(ROOT, self.data_dir)
            phase.detail = "built" if built else "unchanged"

    def _start_web(self) -> None:
        with self.console.phase("Web", "waiting for the first answer") as phase:
            self._launch("web", "web", "--port", str(self.settings.port))
            port = str(self.settings.sandbox_port)
            self._launch("sandbox", "sandbox", "--port", port, *sandbox_options(self.data_dir))
            self._await_ready("web", self.settings.port, "/readyz")
            phase.detail = f"{self.settings.base_url} answers"

    def _start_workers(self) -> None:
        with self.console.phase("Workers") as phase:
            for name, (queues, at_a_time) in WORKERS.items():
                options = ("--queues", queues, "--concurrency", at_a_time, "--name", name)
                # Killed at once if we are: a warm shutdown would go on for as long as its job.
                self._launch(name, "worker", *options, death_signal=signal.SIGKILL)
            self._launch("beat", "beat")
            phase.detail = f"{', '.join(WORKERS)}, beat"

    def _seed_demo(self) -> None:
        try:
            with self.console.phase("Demo", "waiting for the sandbox") as phase:
                self._await_ready("sandbox", self.settings.sandbox_port, "/credentials.json")
                phase.detail = "making the demo workspace and starting its sync"
                self._finish("demo", phase)
                phase.detail = "workspace ready"
        except LocalStackError as error:
            # Everything else works without it.
            self.console.notice(str(error).splitlines()[0])

    def _launch(
        self, name: str, *command: str, death_signal: signal.Signals = signal.SIGTERM
    ) -> None:
        program = Program(
            name=name,
            command=own_command(*command),
            log=fresh_log(self.logs, name),
            environment=child_environment(self.data_dir),
            folder=ROOT,
            death_signal=death_signal,
        )
        self.supervisor.start(name, program)

    def _finish(self, command: str, phase: Phase) -> Path:
        """Run one of our commands to its end, looking after the others meanwhile."""
        log = fresh_log(self.logs, command)
        environment = child_environment(self.data_dir)
        process = spawn(own_command(command), log=log, env=environment, cwd=ROOT)
        try:
            self.supervisor.watch(until=lambda: process.poll() is not None)
        finally:
            stop_process(process, signal.SIGTERM, seconds=2)
        if process.returncode != 0:
            raise LocalStackError(f"{phase.name} failed; see {log}\n{tail(log, lines=20)}")
        return log

    def _await_ready(self, name: str, port: int, path: str) -> None:
        deadline = time.monotonic() + WEB_SECONDS
        log = self.logs / f"{name}.log"

        def decided() -> bool:
            if self.supervisor.failures(name) >= GIVE_UP_AFTER or time.monotonic() > deadline:
                raise ServerFailedError(
                    f"{name} does not answer at {path}; see {log}\n{tail(log, lines=20)}"
                )
            return answers(port, path)

        self.supervisor.watch(until=decided)
