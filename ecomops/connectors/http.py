"""The one HTTP client of all connectors: bounded in time and size, retried by error type."""

import random
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, BinaryIO, Final, TypeVar

import httpx

from ecomops import __version__
from ecomops.connectors.gate import Gate, OpenGate
from ecomops.kit.errors import (
    ProviderContractError,
    ProviderError,
    ProviderRateLimitedError,
    ProviderTransientError,
)
from ecomops.kit.logging import get_logger

T = TypeVar("T")
Params = Mapping[str, str | int | Sequence[str]]

_log = get_logger(__name__)
_SLICE = 0.2  # seconds between two looks at the stop hook while waiting


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds in seconds and bytes. ``attempt`` is for one request, ``call`` for all retries."""

    connect: float = 5.0
    read: float = 30.0
    write: float = 10.0
    pool: float = 10.0
    attempt: float = 60.0
    call: float = 240.0
    retries: int = 5
    first_backoff: float = 0.5
    longest_backoff: float = 16.0
    longest_retry_after: int = 60
    body_bytes: int = 16 * 2**20


DEFAULT_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole response, its body decompressed."""

    status: int
    headers: httpx.Headers
    body: bytes


class InterruptedWaitError(ProviderTransientError):
    """The call was given up because its job was asked to stop, or the client was closed."""

    retryable = False


def json_text(answer: Answer, provider: str) -> str:
    """The body as text. Raises when it is empty, not JSON by its type, or not UTF-8."""
    if answer.status == 204 or not answer.body.strip():
        raise ProviderContractError(f"{provider} sent an empty answer.")
    kind = answer.headers.get("content-type", "")
    if not re.match(r"application/(?:[\w.-]+\+)?json\b", kind, re.IGNORECASE):
        raise ProviderTransientError(
            f"{provider} sent something else than data. It may be under maintenance.",
            detail=f"content type {kind[:80]!r}",
        )
    try:
        return answer.body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ProviderTransientError(
            f"{provider} sent an answer that cannot be read.", detail=str(error)
        ) from None


def retry_after(headers: Mapping[str, str], now: datetime) -> int | None:
    """Whole seconds that ``Retry-After`` asks for (RFC 9110: seconds or a date), at most a day.

    Shopify sends seconds with a fraction, which are rounded up.
    """
    value = headers.get("retry-after", "").strip()
    if seconds := re.fullmatch(r"([0-9]{1,12})(?:\.([0-9]{1,6}))?", value):
        return min(int(seconds[1]) + bool(int(seconds[2] or 0)), 86_400)
    with suppress(ValueError, TypeError):
        moment = parsedate_to_datetime(value)
        wait = (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()
        return min(max(int(wait), 0), 86_400)
    return None


@dataclass(frozen=True, slots=True)
class _Call:
    """A request that may be sent again."""

    method: str
    path: str
    params: Params
    json: Any = None
    form: Mapping[str, str] | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


class ProviderHttp:
    """Reading requests to one provider on kept-alive connections.

    Redirects are refused, proxies and netrc of the environment are not used. ``stop`` is asked
    before each attempt and during waits. ``close`` may come from another thread and ends a
    request that is under way. ``auth`` sees each attempt just before it is sent, so a signature
    is never used twice. ``retry_header`` names a response header whose true or false overrides
    our own judgement. Each call passes ``gate``, and each attempt holds a slot of it; waits between
    attempts hold none.
    """

    def __init__(
        self,
        provider: str,
        base: str,
        headers: Mapping[str, str],
        *,
        auth: httpx.Auth | None = None,
        gate: Gate | None = None,
        retry_header: str = "",
        limits: Limits = DEFAULT_LIMITS,
        stop: Callable[[], bool] = lambda: False,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._provider = provider
        self._base = base.rstrip("/")
        self._gate = gate or OpenGate()
        self._retry_header = retry_header
        self._limits = limits
        self._stop = stop
        self._sleep = sleep
        self._clock = clock
        self._jitter = jitter
        self._streams: list[Any] = []
        self._closed = False
        self._client = httpx.Client(
            headers={
                "Accept": "application/json",
                "User-Agent": f"ecomops/{__version__}",
                **headers,
            },
            auth=auth,
            verify=_tls(),
            timeout=httpx.Timeout(
                connect=limits.connect, read=limits.read, write=limits.write, pool=limits.pool
            ),
            limits=httpx.Limits(max_connections=4),
            follow_redirects=False,
            trust_env=False,
        )

    def get(self, path: str, params: Params, read: Callable[[Answer], T]) -> T:
        """What ``read`` makes of the answer; asked again while its error is worth it.

        Raises ProviderError subclasses only: those of ``read``, and transient ones.
        """
        return self._ask(_Call("GET", path, params), read)

    def post(
        self,
        path: str,
        json: Any,
        read: Callable[[Answer], T],
        *,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> T:
        """As ``get``, for providers whose queries are POSTs with a JSON body.

        It may reach the provider several times: never for what changes something there.
        """
        call = _Call("POST", path, params or {}, json, headers=headers or {})
        return self._ask(call, read)

    def post_form(
        self,
        path: str,
        form: Mapping[str, str],
        read: Callable[[Answer], T],
        *,
        headers: Mapping[str, str] | None = None,
    ) -> T:
        """As ``post``, with a form for a body: how OAuth 2.0 asks for tokens."""
        return self._ask(_Call("POST", path, {}, form=form, headers=headers or {}), read)

    def _ask(self, call: _Call, read: Callable[[Answer], T]) -> T:
        with self._gate.call():
            return self._try(call, read)

    def _try(self, call: _Call, read: Callable[[Answer], T]) -> T:
        deadline = self._clock() + self._limits.call
        attempt = 0
        while True:
            attempt += 1
            self._check_running()
            answer: Answer | None = None
            try:
                answer = self._fetch(call, attempt)
                return read(answer)
            except ProviderError as error:
                if attempt > self._limits.retries or not self._worth_retrying(error, answer):
                    raise
                wait = self._wait_after(attempt, error, answer)
                if self._clock() + wait > deadline:
                    raise
            self._pause(wait)

    def rest(self) -> None:
        """Wait as after a first failure. Raises InterruptedWaitError when asked to stop."""
        self._pause(self._limits.first_backoff)

    def download(self, address: str, into: BinaryIO, most: int) -> None:
        """Fill ``into`` with what is at ``address``, which is of ``most`` bytes or fewer.

        The caller vouches for the address, for no host is checked here. Raises ProviderError
        subclasses, once retries are used up.
        """
        attempt, copied = 0, False
        while not copied:
            attempt += 1
            self._check_running()
            try:
                self._copy(address, into, most)
                copied = True
            except ProviderError as error:
                if attempt > self._limits.retries or not error.retryable:
                    raise
                self._pause(self._wait_after(attempt, error, None))

    def _copy(self, address: str, into: BinaryIO, most: int) -> None:
        into.seek(0)
        into.truncate()
        with (
            self._translated_errors(),
            self._client.stream(
                "GET", address, extensions={"trace": self._remember_stream}
            ) as response,
        ):
            if response.status_code != 200:
                raise ProviderTransientError(
                    f"{self._provider} did not hand out a file (status {response.status_code})."
                )
            for chunk in response.iter_bytes():
                self._check_running()
                into.write(chunk)
                if into.tell() > most:
                    raise ProviderContractError(
                        f"{self._provider} sent a file of more than the {most} bytes it told of."
                    )

    def pause(self, seconds: float) -> None:
        """Wait. Raises InterruptedWaitError as soon as the stop hook says so."""
        self._pause(seconds)

    def close(self) -> None:
        """Give back the sockets; a request under way in another thread fails at once."""
        self._closed = True
        self._cut()
        self._client.close()

    def _fetch(self, call: _Call, attempt: int) -> Answer:
        started = self._clock()
        try:
            answer = self._send(call)
        except ProviderError as error:
            self._note(call.path, attempt, started, error=error.detail or error.message)
            raise
        self._note(call.path, attempt, started, answer=answer)
        return answer

    def _send(self, call: _Call) -> Answer:
        with (
            self._gate.slot(self._pause),
            self._translated_errors(),
            self._bounded_attempt(),
            self._client.stream(
                call.method,
                self._base + call.path,
                params=dict(call.params),
                json=call.json,
                data=call.form,
                headers=dict(call.headers),
                extensions={"trace": self._remember_stream},
            ) as response,
        ):
            if response.is_redirect:
                raise ProviderContractError(
                    f"{self._provider} answered with a redirect, which is not followed.",
                    detail=f"status {response.status_code}",
                )
            return Answer(response.status_code, response.headers, self._body(response))

    def _body(self, response: httpx.Response) -> bytes:
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > self._limits.body_bytes:
                raise ProviderContractError(
                    f"{self._provider} sent more than {self._limits.body_bytes} bytes at once."
                )
        return bytes(body)

    @contextmanager
    def _translated_errors(self) -> Iterator[None]:
        name = self._provider
        try:
            yield
        except httpx.TimeoutException as error:
            raise ProviderTransientError(
                f"{name} did not answer in time.", detail=repr(error)
            ) from error
        except httpx.InvalidURL as error:
            raise ProviderContractError(
                f"The address of {name} is not valid.", detail=repr(error)
            ) from error
        except (httpx.HTTPError, OSError, ValueError, RuntimeError) as error:
            # The last two: the client or its TLS socket was closed from another thread.
            self._check_running()
            raise ProviderTransientError(
                f"The connection to {name} was lost.", detail=repr(error)
            ) from error

    @contextmanager
    def _bounded_attempt(self) -> Iterator[None]:
        """Cut the connection when a peer keeps it alive by sending a byte now and then."""
        alarm = threading.Timer(self._limits.attempt, self._cut)
        alarm.daemon = True
        alarm.start()
        try:
            yield
        finally:
            alarm.cancel()

    def _remember_stream(self, event: str, info: Mapping[str, Any]) -> None:
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._streams = [*self._streams[-3:], info["return_value"]]

    def _cut(self) -> None:
        for stream in self._streams:
            # Closing a descriptor does not wake a thread that reads from it; shutting down does.
            with suppress(OSError, TypeError):
                socket.socket.shutdown(stream.get_extra_info("socket"), socket.SHUT_RDWR)

    def _wait_after(self, attempt: int, error: ProviderError, answer: Answer | None) -> float:
        """Seconds until the next attempt: what the provider asked for, and full jitter."""
        limits = self._limits
        backoff = min(limits.longest_backoff, limits.first_backoff * 2 ** (attempt - 1))
        asked = retry_after(answer.headers, datetime.now(UTC)) if answer else None
        if isinstance(error, ProviderRateLimitedError) and error.retry_after is not None:
            asked = error.retry_after
        return min(asked or 0, limits.longest_retry_after) + self._jitter(0, backoff)

    def _worth_retrying(self, error: ProviderError, answer: Answer | None) -> bool:
        advice = answer.headers.get(self._retry_header, "") if answer and self._retry_header else ""
        return {"true": True, "false": False}.get(advice.lower(), error.retryable)

    def _pause(self, seconds: float) -> None:
        end = self._clock() + seconds
        while (left := end - self._clock()) > 0:
            self._check_running()
            self._sleep(min(left, _SLICE))

    def _check_running(self) -> None:
        if self._closed or self._stop():
            raise InterruptedWaitError(f"Reading from {self._provider} was stopped.")

    def _note(
        self,
        path: str,
        attempt: int,
        started: float,
        *,
        answer: Answer | None = None,
        error: str = "",
    ) -> None:
        facts: dict[str, Any] = {
            "provider": self._provider,
            "path": path,
            "attempt": attempt,
            "ms": round((self._clock() - started) * 1000),
        }
        if answer is None:
            _log.warning("provider_call_failed", error=error, **facts)
            return
        _log.info(
            "provider_call",
            status=answer.status,
            request_id=_request_id(answer.headers),
            bytes=len(answer.body),
            **facts,
        )


@cache
def _tls() -> ssl.SSLContext:
    """Reading the authorities' certificates takes longer than most calls, so it is done once."""
    return httpx.create_ssl_context(trust_env=False)


def _request_id(headers: Mapping[str, str]) -> str:
    return (headers.get("request-id") or headers.get("x-request-id", ""))[:80]
