"""Logs: one JSON object a line, and no secret in it whichever way it came."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from pydantic import SecretStr

from ecomops.kit.logging import REDACTED, configure_logging, get_logger, redact

CANARIES = [
    "sk_live_K4N4R13ABCDEF0123456789",
    "sk_test_51K4N4R13ABCDEF0123456789",
    "rk_live_K4N4R13ABCDEF0123456789",
    "pk_test_K4N4R13ABCDEF0123456789",
    "whsec_K4N4R13ABCDEF0123456789",
    "shpat_K4N4R130123456789abcdef",
    "shpca_K4N4R130123456789abcdef",
    "gAAAAABK4N4R130123456789-_abcdef==",
    "$argon2id$v=19$m=65536,t=3,p=1$K4N4R13salt$K4N4R13hash",
    "$2b$12$K4N4R13K4N4R13K4N4R13K4N4R13OeJ5mFRK4N4R13K4N4R13K4N4R130123",
    "Bearer K4N4R13.0123456789.abcdef",
    "Basic SzRONDK4N4R13K4N4R13==",
    "postgresql://ecomops_app:K4N4R13-pass@localhost/ecomops",
    "redis://:K4N4R13-pass@localhost:6379/0",
]
SECRET_NAMES = [
    "password", "passwd", "new_password", "secret", "client_secret", "token", "access_token",
    "api_key", "apiKey", "Authorization", "Cookie", "set-cookie", "credentials", "private_key",
    "consumer_secret", "oauth_signature", "smtp_password",
]  # fmt: skip


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """The lines that were logged."""
    out, root = io.StringIO(), logging.getLogger()
    kept, level = root.handlers[:], root.level
    monkeypatch.setattr("sys.stdout", out)
    configure_logging("test", "DEBUG")
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    root.handlers[:] = kept
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def _holds(value: Any) -> bool:
    return "K4N4R13" in json.dumps(value, default=str)


@pytest.mark.parametrize("canary", CANARIES)
def test_a_secret_is_known_by_its_form_wherever_it_stands(
    canary: str, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    log = get_logger("canaries")
    log.info(f"sent {canary} away")
    log.info("event", note=canary, nested={"list": [canary, (canary, {canary})]})
    log.info("event", raw=canary.encode(), error=ValueError(canary))
    logging.getLogger("library").warning("from a library: %s", canary)
    logging.getLogger("library").warning("extra", extra={"detail": canary})
    try:
        raise RuntimeError(f"failed with {canary}")
    except RuntimeError:
        log.exception("crashed")
        logging.getLogger("library").exception("crashed there")
    structlog.contextvars.bind_contextvars(place=canary)
    log.info("bound")
    told = lines()
    assert len(told) == 8
    assert not _holds(told), [line for line in told if _holds(line)]


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_a_secret_is_known_by_its_name(name: str) -> None:
    told = redact({name: "K4N4R13", "deep": [{name: {"inner": "K4N4R13"}}]})
    assert not _holds(told)
    assert told[name] == REDACTED


def test_what_is_no_secret_stays_as_it_is() -> None:
    event = {"event": "page stored", "rows": 100, "ok": True, "nothing": None,
             "path": "/v1/charges", "ids": ["ch_1", "po_2"], "password": ""}  # fmt: skip
    assert redact(event) == event


def test_a_secret_of_pydantic_hides_itself() -> None:
    assert not _holds(redact({"note": SecretStr("K4N4R13")}))


def test_every_line_says_when_where_and_for_whom(lines: Callable[[], list[dict[str, Any]]]) -> None:
    with structlog.contextvars.bound_contextvars(correlation_id="c-1", tenant_id="t-1"):
        get_logger("ecomops.place").info("ours", rows=3)
        logging.getLogger("library").info("theirs")
    for line, logger in zip(lines(), ("ecomops.place", "library"), strict=True):
        assert line["service"] == "test"
        assert (line["correlation_id"], line["tenant_id"]) == ("c-1", "t-1")
        assert (line["level"], line["logger"]) == ("info", logger)
        assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize("begun_before", [True, False])
def test_the_socket_server_writes_nothing_beside_our_log(
    capfd: pytest.CaptureFixture[str], begun_before: bool
) -> None:
    socketio = pytest.importorskip("socketio")
    loud = logging.getLogger("engineio.server"), logging.getLogger("socketio.server")
    for logger in loud:
        logger.setLevel(logging.NOTSET)
    if begun_before:
        socketio.AsyncServer(async_mode="asgi")
    configure_logging("test")
    if not begun_before:
        socketio.AsyncServer(async_mode="asgi")
    for logger in loud:
        logger.error("refused sk_live_K4N4R13ABCDEF0123456789")
    told = capfd.readouterr()
    assert told.out.count(REDACTED) >= 2
    assert told.err == ""
