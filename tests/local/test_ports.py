"""A taken port is explained, not met with a traceback."""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from ecomops.local.errors import PortTakenError
from ecomops.local.ports import free_port, is_free, kept_port, require_free


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_the_message_names_port_holder_and_way_out(taken: int) -> None:
    with pytest.raises(PortTakenError) as caught:
        require_free(taken, "ECOMOPS_PORT")
    message = str(caught.value)
    assert f"Port {taken} is taken by" in message
    assert f"(process {os.getpid()})" in message
    advised = re.search(r"ECOMOPS_PORT=(\d+) make run$", message)
    assert advised
    assert is_free(int(advised[1]))


def test_a_free_port_is_fine() -> None:
    require_free(free_port(), "ECOMOPS_PORT")


def test_a_kept_port_stays_until_it_is_taken(tmp_path: Path, taken: int) -> None:
    record = tmp_path / "port"
    port = kept_port(record)
    assert kept_port(record) == port
    record.write_text(f"{taken}\n")
    moved = kept_port(record)
    assert moved != taken
    assert record.read_text() == f"{moved}\n"
