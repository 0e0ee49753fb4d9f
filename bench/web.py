"""The product as a server of its own: its HTTP routes behind their edge, or all but the pages.

``python -m bench.web PORT APPLICATION`` serves until SIGTERM.
"""

import os
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from signal import SIGTERM
from threading import Event, Thread

import psutil
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server
from starlette.applications import Starlette
from starlette.types import ASGIApp

from ecomops import runtime
from ecomops.api.app import create_api
from ecomops.api.edge import edge
from ecomops.kit.logging import configure_logging
from ecomops.kit.settings import get_settings
from ecomops.local.children import spawn, stop_process, tail
from ecomops.local.ports import LOOPBACK, free_port
from ecomops.local.project import ROOT
from ecomops.local.readiness import answers

START_SECONDS = 30
LOOK_EVERY = 0.02
ROUTES = "bench.web:application"
WHOLE = "ecomops.ecomops:app"
# Names of Reflex's own switches: as in production, and no front end is needed for it.
REFLEX = {"REFLEX_ENV_MODE": "prod", "__REFLEX_SKIP_COMPILE": "true"}


def application() -> ASGIApp:
    """The routes and their guards, on this process's own connections."""
    settings = get_settings()
    configure_logging("web", settings.log_level)
    api = create_api()
    api.router.lifespan_context = _connected
    return edge(api, settings, Path("no pages"), {"/tables"})


@asynccontextmanager
async def _connected(_: Starlette) -> AsyncIterator[None]:
    runtime.start(get_settings())
    try:
        yield
    finally:
        runtime.stop()


def serve(port: int, target: str) -> None:
    """Serve ``target`` as ``python -m ecomops web`` does."""
    Server(
        target,
        factory=True,
        interface=Interfaces.ASGI,
        address=LOOPBACK,
        port=port,
        workers=1,
        log_level=LogLevels.warning,
        log_access=False,
    ).serve()


class Memory:
    """Watches how much memory a process and its children hold, in bytes (resident)."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self.before = self.peak = self._held()
        self._over = Event()
        self._thread = Thread(target=self._watch, daemon=True)

    @property
    def growth_mib(self) -> float:
        return round((self.peak - self.before) / 2**20, 1)

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(LOOK_EVERY):
            self.peak = max(self.peak, self._held())

    def _held(self) -> int:
        family = [self._process, *self._process.children(recursive=True)]
        return sum(member.memory_info().rss for member in family)


@contextmanager
def serving(folder: Path, target: str = ROUTES, **more: str) -> Iterator[tuple[int, int]]:
    """(port, process id) of a server that is ready; its log is in ``folder``.

    ``more`` is for its environment.
    """
    port, log = free_port(), folder / "web.log"
    env = os.environ | REFLEX | {"ECOMOPS_BASE_URL": f"http://{LOOPBACK}:{port}"} | more
    process = spawn([sys.executable, "-m", __name__, str(port), target], log=log, env=env, cwd=ROOT)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not answers(port, "/healthz"):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The server did not start.\n{tail(log)}")
            time.sleep(0.1)
        yield port, process.pid
    finally:
        stop_process(process, SIGTERM, seconds=10)


if __name__ == "__main__":
    serve(int(sys.argv[1]), sys.argv[2])
