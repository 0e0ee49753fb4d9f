"""Security headers and caching, on every answer."""

import base64
import re
from functools import lru_cache
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ecomops.kit.settings import Settings

YEAR = 31_536_000
_HASHED_ASSET = re.compile(r"/assets/.+-[\w-]{8}\.[a-z0-9]+")
_SENSITIVE = ("/auth/", "/readyz", "/healthz")


class SecurityHeaders:
    """Adds the headers that keep a browser from being used against its person."""

    def __init__(self, app: ASGIApp, settings: Settings, build: Path) -> None:
        self.app = app
        self._always = _fixed_headers(settings)
        self._settings, self._build = settings, build

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self._always)
                headers["Content-Security-Policy"] = policy(self._settings.origin, self._build)
                headers.setdefault("Cache-Control", _caching(scope["path"], message, headers))
            await send(message)

        await self.app(scope, receive, send_with_headers)


def _fixed_headers(settings: Settings) -> dict[str, str]:
    headers = {
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        # Not "no-referrer": with it browsers send "Origin: null" with our own forms.
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }
    if settings.secure_cookies:
        headers["Strict-Transport-Security"] = f"max-age={YEAR}; includeSubDomains"
    return headers


def _caching(path: str, message: Message, headers: MutableHeaders) -> str:
    served = message["status"] in (200, 206, 304)
    if served and _HASHED_ASSET.fullmatch(path):
        return f"public, max-age={YEAR}, immutable"
    if path.startswith(_SENSITIVE) or not served:
        return "no-store"
    if headers.get("content-type", "text/html").startswith("text/html"):
        return "no-cache"
    return "public, max-age=3600"


@lru_cache
def policy(origin: str, build: Path) -> str:
    """The Content-Security-Policy: our own files, and the inline scripts of our own build."""
    websocket = re.sub("^http", "ws", origin)
    hashes = " ".join(f"'sha256-{digest}'" for digest in inline_script_hashes(build))
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' {hashes}".rstrip(),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self' data:",
            f"connect-src 'self' {websocket}",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "object-src 'none'",
            "form-action 'self'",
        )
    )


def inline_script_hashes(build: Path) -> list[str]:
    """The SHA-256, in base64, of each inline script in the HTML files of the built front end."""
    scripts = set[str]()
    for page in build.rglob("*.html"):
        scripts.update(_inline_scripts(page.read_text(encoding="utf-8")))
    return sorted(base64.b64encode(sha256(script.encode()).digest()).decode() for script in scripts)


def _inline_scripts(html: str) -> list[str]:
    finder = _ScriptFinder()
    finder.feed(html)
    finder.close()
    return finder.scripts


class _ScriptFinder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.scripts: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script" and "src" not in dict(attrs):
            self.scripts.append("")
            self._inside = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.scripts[-1] += data
