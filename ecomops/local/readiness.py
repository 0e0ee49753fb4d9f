"""Asking a server of ours over HTTP whether it is there."""

from __future__ import annotations

from http.client import HTTPConnection, HTTPException

from ecomops.local.ports import LOOPBACK


def answers(port: int, path: str) -> bool:
    """Whether GET `path` on a loopback port gives 200 within two seconds."""
    connection = HTTPConnection(LOOPBACK, port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
