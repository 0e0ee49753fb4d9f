"""The embedded Redis, on real servers."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import psutil
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from ecomops.local.redis_server import EmbeddedRedis


def test_it_answers_only_with_the_password_which_no_command_line_shows() -> None:
    with EmbeddedRedis.temporary() as server:
        with redis.Redis.from_url(server.url) as client:
            assert client.ping()
        once = Retry(NoBackoff(), 0)
        stranger = redis.Redis(port=server.port, retry=once)
        with stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()
        assert server.process is not None
        assert server.password not in " ".join(psutil.Process(server.process.pid).cmdline())
        assert (server.home / "redis.conf").stat().st_mode & 0o777 == 0o600


def test_it_refuses_rather_than_forgets_when_full() -> None:
    with EmbeddedRedis.temporary() as server, redis.Redis.from_url(server.url) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_what_was_written_outlives_a_kill(folder: Path) -> None:
    with EmbeddedRedis(folder / "redis") as server:
        with redis.Redis.from_url(server.url) as client:
            client.set("kept", "7")
            time.sleep(1.2)  # the log goes to disk every second
        assert server.process is not None
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
        url = server.url
        server.start()
        assert server.url == url
        with redis.Redis.from_url(url) as client:
            assert client.get("kept") == b"7"


def test_it_moves_when_its_port_was_taken_meanwhile(folder: Path) -> None:
    with EmbeddedRedis(folder / "first", durable=False) as first:
        second = EmbeddedRedis(folder / "second", durable=False)
        (second.home / "port").write_text(f"{first.port}\n")
        with second, redis.Redis.from_url(second.url) as client:
            assert second.port != first.port
            assert client.ping()
