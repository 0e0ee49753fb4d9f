"""Runs pytest again and again, each time in a fork of a process that has imported the libraries.

A line of JSON comes in for each run: the arguments, and the file to write to; the exit code goes
out. What is under test is imported in the fork, and so are the tests.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys

LIBRARIES = (
    "alembic.command", "celery", "cryptography.fernet", "email_validator", "httpx", "hypothesis",
    "kombu", "passlib.handlers.argon2", "psycopg", "pydantic_settings", "pytest", "redis.asyncio",
    "reflex.app", "reflex.middleware.middleware", "socketio", "sqlalchemy.dialects.postgresql",
    "sqlmodel", "starlette.testclient", "structlog", "zxcvbn",
)  # fmt: skip


def main(seconds: int) -> None:
    """Serve the runs that standard input asks for, each for at most so long."""
    for name in LIBRARIES:
        importlib.import_module(name)
    for line in sys.stdin:
        arguments, output = json.loads(line)
        child = os.fork()
        if child == 0:
            _run(arguments, output, seconds)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _run(arguments: list[str], output: str, seconds: int) -> None:
    import pytest

    signal.alarm(seconds)  # Its default is to end us.
    written = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, place in ((nothing, 0), (written, 1), (written, 2)):
        os.dup2(descriptor, place)
    code = 3
    try:
        code = int(pytest.main(arguments))
    finally:
        sys.stdout.flush()
        os._exit(code)


if __name__ == "__main__":
    main(int(sys.argv[1]))
