"""The composition root: the pages, the gate, the HTTP routes, and what wraps them."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import reflex as rx
from reflex.state import FrontendEventExceptionState
from reflex.utils.prerequisites import get_web_dir
from reflex_base.constants import Dirs
from reflex_base.event import EventSpec
from starlette.types import ASGIApp

from ecomops import runtime
from ecomops.api.app import create_api
from ecomops.api.edge import edge
from ecomops.kit.logging import configure_logging, get_logger
from ecomops.kit.settings import get_settings
from ecomops.ui.components.offline import offline
from ecomops.ui.delivery import guard_delivery
from ecomops.ui.door import Door
from ecomops.ui.failures import explain
from ecomops.ui.gate import Gate, check_states
from ecomops.ui.news import News
from ecomops.ui.pages.missing import missing
from ecomops.ui.registry import load_pages
from ecomops.ui.returning import welcome_back
from ecomops.ui.sealed_cookies import seal_cookies
from ecomops.ui.state import AppState
from ecomops.ui.state_lock import release_when_cancelled

log = get_logger(__name__)

STYLES = (
    *("tokens", "base", "controls", "forms", "overlays", "states"),
    *("shell", "data", "tables", "panel", "explorer", "pages", "connection", "auth"),
    *("audit", "charts", "exports", "imports", "palette", "settings"),
)
LONGEST_REPORT = 4_000
OVERLAY = (5, "Overlay")
"""Where Reflex puts what it says of a lost connection; we say it ourselves."""


@asynccontextmanager
async def database() -> AsyncIterator[None]:
    """The connection pool of one server process; made after the fork, closed at the end."""
    settings = get_settings()
    configure_logging("web", settings.log_level)
    runtime.start(settings)
    try:
        yield
    finally:
        runtime.stop()


@asynccontextmanager
async def settled_heap() -> AsyncIterator[None]:
    """Take what a server process is made of out of the garbage collector's rounds.

    They live as long as the process does, and looking through them stops everybody for 0.15 s.
    """
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def backend_exception_handler(exception: Exception) -> EventSpec:
    """What no handler explained: log it and give the person a reference."""
    event: EventSpec = explain(exception)
    return event


def frontend_exception_handler(exception: Exception) -> None:
    """What went wrong in a browser, told by the browser: worth a line, not worth trust."""
    log.warning("browser_error", report=str(exception)[:LONGEST_REPORT])


def guarded(application: ASGIApp) -> ASGIApp:
    """The whole application behind its edge."""
    private = {f"/{page.route.split('/')[1]}" for page in PAGES.values() if page.rule.signed_in}
    return edge(application, get_settings(), built_pages(), private)


def built_pages() -> Path:
    """The folder of the compiled front end, whose inline scripts the browser may run."""
    folder: Path = get_web_dir() / Dirs.STATIC
    return folder


def create_app() -> rx.App:
    """The Reflex app. Raises UnguardedStateError if somebody could call an event unasked."""
    # Reflex would answer some errors with code to evaluate, which our policy refuses.
    FrontendEventExceptionState.auto_reload_on_errors = []
    application = rx.App(
        stylesheets=[f"/styles/{name}.css" for name in STYLES],
        html_lang="en",
        head_components=[
            rx.el.script(src="/forms.js", defer=True),
            rx.el.script(src="/palette.js", defer=True),
            rx.el.script(src="/imports.js", defer=True),
            rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
            rx.el.link(
                rel="preload",
                href="/fonts/inter-latin.woff2",
                type="font/woff2",
                custom_attrs={"as": "font", "crossOrigin": "anonymous"},
            ),
        ],
        api_transformer=[create_api(), guarded],
        backend_exception_handler=backend_exception_handler,
        frontend_exception_handler=frontend_exception_handler,
    )
    application.app_wraps[OVERLAY] = lambda stateful: offline() if stateful else None
    for page in PAGES.values():
        shell = [AppState.load_shell] if page.rule.signed_in else []
        application.add_page(
            page.component,
            route=page.route,
            title=f"{page.title} · ecomops",
            on_load=[*shell, *page.on_load],
        )
    application.add_page(missing, route="404", title="Not found · ecomops")
    application.add_middleware(Gate())
    assert application.event_namespace is not None
    seal_cookies(application.event_namespace)
    guard_delivery(application.event_namespace)
    welcome_back(application.event_namespace)
    release_when_cancelled(application.state_manager)
    application.register_lifespan_task(database)
    application.register_lifespan_task(settled_heap)
    door = Door(application.event_namespace)
    application.register_lifespan_task(door.watched)
    application.register_lifespan_task(News(door).told)
    check_states()
    return application


PAGES = load_pages()
app = create_app()
