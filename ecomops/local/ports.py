"""Loopback ports: free ones, taken ones, and who holds them."""

from __future__ import annotations

import socket
from pathlib import Path

import psutil

from ecomops.local.errors import PortTakenError

LOOPBACK = "127.0.0.1"


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """A port the system says is free at this moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def kept_port(record: Path) -> int:
    """The port written in `record` when it is still free, else a new one, written there."""
    kept = record.read_text().strip() if record.exists() else ""
    if kept.isdigit() and 0 < int(kept) < 65536 and is_free(int(kept)):
        return int(kept)
    port = free_port()
    record.write_text(f"{port}\n")
    return port


def require_free(port: int, setting: str, host: str = LOOPBACK) -> None:
    """Raise PortTakenError if the port is taken, naming the holder and the setting to change."""
    if is_free(port, host):
        return
    other = next(candidate for candidate in range(port + 1, 65536) if is_free(candidate, host))
    raise PortTakenError(
        f"Port {port} is taken by {holder(port)}. "
        f"Stop that program, or choose another port: {setting}={other} make run"
    )


def holder(port: int) -> str:
    """The program that listens on a port, as well as we are allowed to know."""
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:
        return "another program"
    for connection in connections:
        if connection.status != psutil.CONN_LISTEN or connection.laddr.port != port:
            continue
        if connection.pid is not None:
            return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
    return "another program"
