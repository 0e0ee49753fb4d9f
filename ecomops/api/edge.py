"""What wraps the whole application, outermost last."""

from collections.abc import Collection
from pathlib import Path

from granian.utils.proxies import wrap_asgi_with_proxy_headers
from starlette.types import ASGIApp, Receive, Scope, Send

from ecomops.api.correlation import Correlation
from ecomops.api.errors import error_response
from ecomops.api.frames import FrameLimit
from ecomops.api.headers import SecurityHeaders
from ecomops.api.limits import SizeLimit
from ecomops.api.navigation import Navigation
from ecomops.api.origins import OwnOrigin
from ecomops.kit.settings import Settings


def edge(app: ASGIApp, settings: Settings, build: Path, private: Collection[str]) -> ASGIApp:
    """The application behind its guards. ``build`` is the folder of the built front end."""
    app = BuiltPages(app, build)
    app = Navigation(app, settings, private)
    app = ClosedEndpoints(app)
    app = SizeLimit(app)
    app = FrameLimit(app)
    app = OwnOrigin(app, settings)
    app = SecurityHeaders(app, settings, build)
    app = wrap_asgi_with_proxy_headers(app, trusted_hosts=settings.trusted_proxies)
    return Correlation(app)


class BuiltPages:
    """``/login`` is the file ``login.html``; Starlette would redirect to ``/login/`` first."""

    def __init__(self, app: ASGIApp, build: Path) -> None:
        self.app = app
        pages = (page.relative_to(build).with_suffix("") for page in build.rglob("*.html"))
        self._pages = {f"/{page.as_posix()}" for page in pages}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        path = scope.get("path", "").rstrip("/")
        if scope["type"] == "http" and path in self._pages:
            scope = {**scope, "path": f"{path}.html", "raw_path": f"{path}.html".encode()}
        await self.app(scope, receive, send)


class ClosedEndpoints:
    """Reflex's own endpoints (``/ping``, ``/_health``, ``/_upload``…) do not exist here.

    Only its websocket does; the polling form of it is closed too.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        path = scope.get("path", "")
        if scope["type"] == "http" and (path == "/ping" or path.startswith("/_")):
            await error_response("not_found", "There is nothing here.", 404)(scope, receive, send)
            return
        await self.app(scope, receive, send)
