"""Redis as Celery's broker, at whose door what is no message of ours is dropped.

Celery ends a worker that meets a message it cannot read, and the jobs it works on with it. A lost
ring is rung again, so dropping one costs nothing.
"""

import base64
import json
from typing import Any

from kombu.transport import redis

from ecomops.kit.logging import get_logger
from ecomops.models.jobs import QUEUES

UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, RecursionError)
log = get_logger(__name__)


class Channel(redis.Channel):
    """Reads on when a queue holds something that is not even JSON."""

    def _brpop_read(self, **options: Any) -> bool:
        self.connection.opened = False
        try:
            return bool(super()._brpop_read(**options))  # type: ignore[no-untyped-call]  # kombu is
        except UNREADABLE as error:
            if self.connection.opened:
                raise  # what is wrong is wrong with us
            log.warning("message refused", cause=type(error).__name__)
            return True


class Transport(redis.Transport):
    """kombu's, but for messages on the queues of jobs, which must be ours to be delivered."""

    Channel = Channel
    opened = False

    def _deliver(self, message: Any, queue: str) -> None:
        self.opened = True
        if queue in QUEUES and not is_ours(message):
            log.warning("message refused", queue=queue)
        else:
            super()._deliver(message, queue)  # type: ignore[no-untyped-call]  # kombu is


def is_ours(message: Any) -> bool:
    """Whether it is of the form that our own rings have (Celery's protocol 2, as JSON)."""
    try:
        arguments, named, more = json.loads(base64.b64decode(message["body"], validate=True))
        properties, headers = message["properties"], message["headers"]
        return (
            (type(arguments), type(named), type(more)) == (list, dict, dict)
            and message["content-type"] == "application/json"
            and message["content-encoding"] == "utf-8"
            and properties["body_encoding"] == "base64"
            and isinstance(properties["delivery_tag"], str)
            and isinstance(properties["delivery_info"]["routing_key"], str)
            and isinstance(headers["task"], str)
            and isinstance(headers["id"], str)
            and all(limit is None or type(limit) is int for limit in headers["timelimit"])
            and not headers.get("stamps")
            and not headers.get("stamped_headers")
        )
    except UNREADABLE:
        return False
