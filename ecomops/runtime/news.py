"""What the database tells: whose jobs changed, as it happens."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import psycopg

from ecomops.kit.logging import get_logger
from ecomops.kit.settings import get_settings
from ecomops.models.jobs import JOB_NEWS

AGAIN_AFTER = 5.0
log = get_logger(__name__)


async def job_news() -> AsyncIterator[UUID]:
    """Workspaces whose jobs have just changed, without end. News of a lost connection are lost.

    It is a doorbell only: who listens looks at the rows.
    """
    while True:
        try:
            async for tenant_id in _listen():
                yield tenant_id
        except psycopg.Error as error:
            log.info("news interrupted", cause=type(error).__name__)
        await asyncio.sleep(AGAIN_AFTER)


async def _listen() -> AsyncIterator[UUID]:
    url = get_settings().database_url.get_secret_value()
    async with await psycopg.AsyncConnection.connect(
        url, autocommit=True, connect_timeout=10, keepalives_idle=30
    ) as connection:
        await connection.execute(f"LISTEN {JOB_NEWS}".encode())
        async for note in connection.notifies():
            yield UUID(note.payload)
