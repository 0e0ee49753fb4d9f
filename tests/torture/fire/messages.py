"""What may stand in a queue without being a ring."""

from __future__ import annotations

import base64
import json
from typing import Any

Json = dict[str, Any]


def _body(arguments: Any, named: Any, more: Any) -> str:
    return base64.b64encode(json.dumps([arguments, named, more]).encode()).decode()


def message(**changed: Any) -> Json:
    """A message as Celery makes them, for two ids that are none, with parts of it changed."""
    headers = {
        "lang": "py", "task": "jobs.run", "id": "1", "argsrepr": "", "kwargsrepr": "{}",
        "timelimit": [None, None],
    }  # fmt: skip
    properties = {
        "correlation_id": "1", "reply_to": "x", "delivery_mode": 2, "priority": 0,
        "delivery_info": {"exchange": "", "routing_key": "sync"},
        "body_encoding": "base64", "delivery_tag": "1",
    }  # fmt: skip
    made: Json = {
        "body": _body(["a", "b"], {}, {}), "content-encoding": "utf-8",
        "content-type": "application/json", "headers": headers, "properties": properties,
    }  # fmt: skip
    for name, value in changed.items():
        made[name] = {**made[name], **value} if isinstance(value, dict) else value
    return made


def _without(name: str) -> str:
    return json.dumps({key: value for key, value in message().items() if key != name})


def _with(**changed: Any) -> str:
    return json.dumps(message(**changed))


POISON: dict[str, str | bytes] = {
    "nothing": b"",
    "no JSON": b"not json",
    "no text": b"\xff\xfe\x00",
    "a number": b"5",
    "a list": b"[]",
    "an empty object": b"{}",
    "an object of a type": b'{"__type__":"uuid","__value__":5}',
    "too deep": b"[" * 100_000,
    "no body": _without("body"),
    "no properties": _without("properties"),
    "no headers": _without("headers"),
    "body null": _with(body=None),
    "body not base64": _with(body="%%%"),
    "body not JSON": _with(body=base64.b64encode(b"{{{").decode()),
    "arguments null": _with(body=base64.b64encode(b"null").decode()),
    "pickled": json.dumps({**message(), "content-type": "application/x-python-serialize"}),
    "headers null": _with(headers=None),
    "headers a list": _with(headers=[1]),
    "properties null": _with(properties=None),
    "task a number": _with(headers={"task": 5, "id": 7}),
    "another task": _with(headers={"task": "no.such"}),
    "ids that are none": _with(),
    "too many arguments": _with(body=_body([1, 2, 3], {}, {})),
    "no arguments": _with(body=_body([], {}, {})),
    "callbacks that are none": _with(body=_body([1, 2], {}, {"callbacks": 5, "chain": 5})),
    "options a number": _with(body=_body([1, 2], {}, 5)),
    "time limits that are none": _with(headers={"timelimit": ["a", "b"]}),
    "an expiry that is none": _with(headers={"expires": "garbage"}),
    "a time that is none": _with(headers={"eta": "garbage"}),
    "compressed, it says": _with(headers={"compression": "application/x-gzip"}),
    "stamps that are none": _with(headers={"stamps": 5, "stamped_headers": 5}),
    "no tag": _with(properties={"delivery_tag": None}),
}
