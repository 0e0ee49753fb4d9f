"""Whose word counts about a browser's address."""

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from ecomops.api.edge import edge
from ecomops.kit.settings import Settings


def address_seen(settings: Settings, build: Path, proxies: list[str], told: str) -> str:
    async def address(request: Request) -> Response:
        return PlainTextResponse(request.client.host if request.client else "")

    behind = settings.model_copy(update={"trusted_proxies": proxies})
    application = edge(Starlette(routes=[Route("/address", address)]), behind, build, ())
    with TestClient(application, base_url=settings.origin, client=("10.1.2.3", 50000)) as client:
        return str(client.get("/address", headers={"x-forwarded-for": told}).text)


@pytest.mark.parametrize(
    ("proxies", "told", "seen"),
    [
        ([], "203.0.113.7", "10.1.2.3"),
        (["192.0.2.0/24"], "203.0.113.7", "10.1.2.3"),
        (["10.0.0.0/8"], "203.0.113.7", "203.0.113.7"),
        (["10.0.0.0/8"], "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        (["10.0.0.0/8"], "203.0.113.7, 10.9.9.9", "203.0.113.7"),
    ],
)
def test_only_a_trusted_proxy_tells_the_address(
    settings: Settings, tmp_path: Path, proxies: list[str], told: str, seen: str
) -> None:
    assert address_seen(settings, tmp_path, proxies, told) == seen
