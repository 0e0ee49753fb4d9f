"""Faults on demand: what a provider does on a bad day, drawn by chance or played from a script.

``PUT /faults`` takes ``{"seed": 1, "rates": {"server_error": 0.05}, "scripts": [{"fault":
"rate_limited", "path": "/stripe/v1/charges", "times": 3}]}`` and replaces what was set before.
A script comes before chance; without ``times`` it goes on until the next PUT.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any, Protocol

from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FAULTS = (
    *("rate_limited", "server_error", "slow", "truncated", "revoked", "html", "disconnected"),
    "lost_reply",
)
MAX_SECONDS = 120


@dataclass
class Script:
    """The next ``times`` requests below ``path`` fail this way; None: all of them."""

    fault: str
    path: str = "/"
    times: int | None = None

    def __post_init__(self) -> None:
        _known(self.fault)
        if self.times is not None and self.times < 0:
            raise ValueError("times must not be negative.")

    def takes(self, path: str) -> bool:
        return self.times != 0 and path.startswith(self.path)


@dataclass
class FaultPlan:
    """What goes wrong. ``rates`` are shares of requests from 0 to 1."""

    seed: int = 0
    rates: dict[str, float] = field(default_factory=dict)
    scripts: list[Script] = field(default_factory=list)
    slow_seconds: float = 2.0
    server_error_status: int = 500
    injected: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        for fault, rate in self.rates.items():
            _known(fault)
            if not 0 <= rate <= 1:
                raise ValueError(f"The rate of {fault} must be between 0 and 1, not {rate}.")
        if not 500 <= self.server_error_status <= 599 or not 0 <= self.slow_seconds <= MAX_SECONDS:
            raise ValueError(
                f"server_error_status must be 5xx, slow_seconds at most {MAX_SECONDS}."
            )
        self._chance = Random(self.seed)

    @classmethod
    def read(cls, body: Any) -> "FaultPlan":
        """The plan of a PUT body. Raises ValueError saying what is wrong with it."""
        try:
            scripts = [Script(**script) for script in body.pop("scripts", [])]
            return cls(**body, scripts=scripts)
        except (AttributeError, TypeError) as error:
            raise ValueError(f"That is no fault plan: {error}") from error

    def state(self) -> dict[str, Any]:
        return {
            "seed": self.seed,
            "rates": self.rates,
            "scripts": [vars(script) for script in self.scripts],
            "slow_seconds": self.slow_seconds,
            "server_error_status": self.server_error_status,
            "injected": dict(self.injected),
        }

    def next_fault(self, path: str) -> str | None:
        """The fault of the next request to a path, counted; None for an honest answer."""
        fault = self._scripted(path) or self._drawn()
        if fault is not None:
            self.injected[fault] += 1
        return fault

    def _scripted(self, path: str) -> str | None:
        script = next((script for script in self.scripts if script.takes(path)), None)
        if script is None:
            return None
        if script.times is not None:
            script.times -= 1
        return script.fault

    def _drawn(self) -> str | None:
        for fault, rate in self.rates.items():
            if self._chance.random() < rate:
                return fault
        return None


class Provider(Protocol):
    """A simulator that knows how its provider words a refusal."""

    def routes(self) -> list[Route]: ...

    def rate_limited(self, path: str) -> Response: ...

    def server_error(self, status: int) -> Response: ...

    def revoked(self, authorization: str) -> Response: ...


class Faults:
    """The fault plan in force."""

    def __init__(self) -> None:
        self.plan = FaultPlan()


class FaultGate:
    """Stands before the simulators and lets the fault plan happen to their requests."""

    def __init__(self, app: ASGIApp, faults: Faults, providers: dict[str, Provider]) -> None:
        self._app, self._faults, self._providers = app, faults, providers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" else ""
        provider = self._providers.get(path.split("/")[1] if path else "")
        if provider is None:
            await self._app(scope, receive, send)
        else:
            await self._serve(provider, scope, receive, send)

    async def _serve(self, provider: Provider, scope: Scope, receive: Receive, send: Send) -> None:
        plan = self._faults.plan
        fault = plan.next_fault(scope["path"])
        if fault == "slow":
            await asyncio.sleep(plan.slow_seconds)
        if fault in ("truncated", "disconnected"):
            send = _cut(send, keep=fault == "truncated")
        if fault == "lost_reply":
            send = _lost(send)
        answer = _false_answer(fault, plan, provider, scope)
        await (answer or self._app)(scope, receive, send)


def _false_answer(
    fault: str | None, plan: FaultPlan, provider: Provider, scope: Scope
) -> Response | None:
    """The answer of a fault; None where the true one is given."""
    match fault:
        case "rate_limited":
            return provider.rate_limited(scope["path"])
        case "server_error":
            return provider.server_error(plan.server_error_status)
        case "revoked":
            headers = dict(scope["headers"])
            return provider.revoked(headers.get(b"authorization", b"").decode("latin-1"))
        case "html":
            return Response("<html><body>Be right back.</body></html>", media_type="text/html")
    return None


def _known(fault: str) -> None:
    if fault not in FAULTS:
        raise ValueError(f"There is no fault {fault!r}; there are {', '.join(FAULTS)}.")


def _cut(send: Send, keep: bool) -> Send:
    """Promises the whole answer, sends half of its body or nothing; the server then hangs up."""

    async def cut(message: Message) -> None:
        if message["type"] == "http.response.body":
            body = message.get("body", b"")
            half = body[: len(body) // 2] if keep else b""
            message = {**message, "body": half, "more_body": True}
        await send(message)

    return cut


def _lost(send: Send) -> Send:
    """Lets the request happen and tells nothing of it: not its status, not its headers."""

    async def lost(message: Message) -> None:
        if message["type"] == "http.response.start":
            promised = [(b"content-length", b"1000")]
            await send({"type": "http.response.start", "status": 200, "headers": promised})
            await send({"type": "http.response.body", "body": b"", "more_body": True})

    return lost
