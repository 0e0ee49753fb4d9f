"""What passes the worker's door: our own rings, all of them, and nothing of another form."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import redis

from ecomops.kit.settings import Settings
from ecomops.runtime import outbox
from tests.torture.fire.messages import POISON, message

# Well formed, but for nobody: the task refuses them.
FORMED = {
    "another task", "ids that are none", "too many arguments", "no arguments",
    "callbacks that are none", "an expiry that is none", "a time that is none",
    "compressed, it says",
}  # fmt: skip


def _readable() -> dict[str, Any]:
    """Those that are JSON at all: is_ours sees no others."""
    found = {}
    for name, poison in POISON.items():
        with suppress(ValueError, RecursionError):
            found[name] = json.loads(poison)
    return found


READABLE = _readable()


@pytest.fixture
def queue(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[redis.Redis]:
    """An empty Redis, which our rings go to."""
    monkeypatch.setattr(outbox._Process, "celery", None)
    with redis.Redis.from_url(settings.redis_url.get_secret_value()) as client:
        client.flushdb()
        yield client


def sent(client: redis.Redis, name: str) -> Any:
    told: Any = client.rpop(name)
    return json.loads(told)


def test_every_ring_of_beat_is_ours(queue: redis.Redis) -> None:
    from workers.app import HARD_LIMIT, make_app
    from workers.transport import is_ours

    app = make_app()
    app.loader.import_default_modules()
    for entry in app.conf.beat_schedule.values():
        app.tasks[entry["task"]].apply_async(**entry["options"])
        ring = sent(queue, entry["options"]["queue"])
        assert ring["headers"]["timelimit"][0] == HARD_LIMIT
        assert is_ours(ring), entry


def test_the_ring_for_a_job_is_ours(queue: redis.Redis) -> None:
    from workers.transport import is_ours

    outbox._celery().send_task(outbox.TASK, args=["a", "b"], queue="sync")
    assert is_ours(sent(queue, "sync"))


@pytest.mark.parametrize("name", READABLE)
def test_what_is_not_of_our_form_is_not(settings: Settings, name: str) -> None:
    from workers.transport import is_ours

    assert is_ours(READABLE[name]) is (name in FORMED)


def test_the_message_they_are_made_from_is_ours(settings: Settings) -> None:
    from workers.transport import is_ours

    assert is_ours(message())
