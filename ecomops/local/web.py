"""Serves pages, websocket and HTTP routes on one port from the front end built before."""

from __future__ import annotations

import os

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from ecomops.local.errors import LocalStackError
from ecomops.local.frontend import BUILT_PAGE
from ecomops.local.project import ROOT

APP = "ecomops.ecomops:app"
KILL_AFTER_SECONDS = 2
# Names of Reflex's own switches: serve what was built, compile nothing.
PRODUCTION = {
    "REFLEX_ENV_MODE": "prod",
    "__REFLEX_SKIP_COMPILE": "true",
    "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true",
}
# Granian's own handlers are taken away: its records go the way of all others.
LOGGING = {"loggers": {"_granian": {"handlers": [], "propagate": True}}}


def serve(*, host: str, port: int, workers: int) -> None:
    """Serve until SIGTERM or SIGINT. Raises LocalStackError when there is no built front end."""
    if not (ROOT / BUILT_PAGE).exists():
        raise LocalStackError("The front end is not built. Run: python -m ecomops build")
    os.chdir(ROOT)
    os.environ.update(PRODUCTION)
    Server(
        APP,
        factory=True,
        interface=Interfaces.ASGI,
        address=host,
        port=port,
        workers=workers,
        workers_kill_timeout=KILL_AFTER_SECONDS,
        log_level=LogLevels.warning,
        log_dictconfig=LOGGING,
        log_access=False,
    ).serve()
