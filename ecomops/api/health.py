"""Whether this process lives, and whether it can serve."""

import asyncio
from functools import lru_cache
from pathlib import Path
from typing import Any

import redis.asyncio as redis
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ecomops import runtime
from ecomops.kit.logging import get_logger
from ecomops.kit.settings import get_settings

log = get_logger(__name__)

MIGRATIONS = Path(__file__).parents[2] / "alembic"
PATIENCE = 3.0


async def healthz(_request: Request) -> Response:
    """``GET /healthz``: 200 while the process answers at all."""
    return JSONResponse({"status": "alive"})


async def readyz(_request: Request) -> Response:
    """``GET /readyz``: 200 when every part is there, else 503; ``parts`` tells which is not."""
    database, queue = await asyncio.gather(_database(), _redis())
    parts = {**database, "redis": queue}
    ready = all(state == "ok" for state in parts.values())
    body = {"status": "ready" if ready else "not ready", "parts": parts}
    return JSONResponse(body, 200 if ready else 503)


async def _database() -> dict[str, str]:
    try:
        reached = await asyncio.wait_for(asyncio.to_thread(_revision), PATIENCE)
    except (SQLAlchemyError, RuntimeError, TimeoutError) as error:
        log.warning("not_ready", part="database", cause=type(error).__name__)
        return {"database": "unreachable", "migrations": "unknown"}
    return {"database": "ok", "migrations": "ok" if reached == newest_revision() else "behind"}


def _revision() -> str | None:
    with runtime.engine().connect() as connection:
        reached: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return reached


@lru_cache
def newest_revision() -> str | None:
    """The migration that this code was written for."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(config).get_current_head()


async def _redis() -> str:
    client: Any = redis.from_url(get_settings().redis_url.get_secret_value())
    try:
        await asyncio.wait_for(client.ping(), PATIENCE)
    except (redis.RedisError, OSError, TimeoutError) as error:
        log.warning("not_ready", part="redis", cause=type(error).__name__)
        return "unreachable"
    finally:
        await client.aclose()
    return "ok"
