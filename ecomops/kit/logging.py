"""One JSON object a line, with correlation id, tenant and user; secrets redacted last of all."""

import logging
import logging.config
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

_SECRET_NAMES = re.compile(
    r"passw|secret|token|api_?key|authorization|cookie|credential|private_key|signature", re.I
)
_SECRET_VALUES = re.compile(
    r"(?:sk|rk|pk)_(?:live|test)_\w+|whsec_\w+|shp(?:at|ca|pa|ss)_\w+|gAAAAA[\w=-]+"
    r"|\$argon2\w*\$\S+|\$2[abxy]\$\S+|Bearer\s+\S+|Basic\s+[\w+/=]{8,}|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"
)
REDACTED = "[redacted]"


def redact(value: Any) -> Any:
    """A copy of ``value`` in which whatever looks like a secret, by name or by form, is gone."""
    if isinstance(value, Mapping):
        return {
            key: REDACTED if _SECRET_NAMES.search(str(key)) and item else redact(item)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(item) for item in value]
    if isinstance(value, str):
        return _SECRET_VALUES.sub(REDACTED, value)
    if isinstance(value, bytes):
        return redact(value.decode("utf-8", "replace"))
    if value is None or isinstance(value, bool | int):
        return value
    return redact(str(value))


def _redact_event(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    clean: MutableMapping[str, Any] = redact(event)
    return clean


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
]


def configure_logging(service: str, level: str = "INFO") -> None:
    """Send every record of this process, the libraries' too, to stdout as JSON lines."""
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _redact_event,
            structlog.processors.JSONRenderer(),
        ],
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for quiet in ("httpx", "httpcore", "alembic.runtime.plugins"):
        logging.getLogger(quiet).setLevel(logging.WARNING)
    for loud in ("engineio.server", "socketio.server"):
        # Left alone they write to stderr as well, by a handler that redacts nothing.
        logging.getLogger(loud).setLevel(logging.ERROR)
        logging.getLogger(loud).handlers.clear()
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of one module."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger
