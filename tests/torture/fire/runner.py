"""Forks a worker for each order: ``python -m tests.torture.fire.runner``, orders on stdin.

Everything is imported once, so that a worker lives within milliseconds, and 300 can be killed.
What a worker does is ``run_job``, on connections of its own. Waits between retries are short
and pages small, so that a small shop makes a long sync.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TextIO

from pydantic import SecretStr

from ecomops import runtime
from ecomops.connectors.http import DEFAULT_LIMITS
from ecomops.connectors.netsuite import NetsuiteConnector
from ecomops.connectors.netsuite.client import NetsuiteClient
from ecomops.connectors.shopify import ShopifyConnector
from ecomops.connectors.shopify import connector as shopify
from ecomops.connectors.shopify.portion import Portion
from ecomops.connectors.stripe import StripeConnector, pagination
from ecomops.kit.context import Context
from ecomops.kit.ids import new_correlation_id
from ecomops.kit.logging import configure_logging, get_logger
from ecomops.kit.settings import get_settings
from ecomops.operations import sync_connection
from ecomops.operations.run_job import run_job
from tests.torture.fire.designs import DESIGNS
from tests.torture.fire.orders import ASLEEP, BROKEN, KILLED, News, Order
from tests.torture.fire.points import strike

FIRST_BACKOFF = 0.02
PAGE_SIZE = 15
LOOK_EVERY = 0.002
log = get_logger(__name__)


def main() -> None:
    """Take orders until there are no more."""
    news = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # what is logged must not be taken for news
    configure_logging("fire")
    _make_small()
    StripeConnector(SecretStr("sk_test_warm"), base="http://127.0.0.1").close()
    for line in sys.stdin:
        order = Order.read(line)
        said, to_say = os.pipe()
        pid = os.fork()
        if pid == 0:
            _work(order, to_say)
        os.close(to_say)
        _follow(pid, order.after, said, news)


def _make_small() -> None:
    pagination.PAGE_SIZE = PAGE_SIZE
    setattr(shopify, "Portion", lambda *_: Portion(PAGE_SIZE, PAGE_SIZE))  # noqa: B010  # not exported
    NetsuiteClient.rows.__kwdefaults__ |= {"limit": PAGE_SIZE}  # type: ignore[operator]  # has some
    limits = replace(DEFAULT_LIMITS, first_backoff=FIRST_BACKOFF)
    for connector in (StripeConnector, ShopifyConnector, NetsuiteConnector):
        connector.__init__.__kwdefaults__ |= {"limits": limits}  # type: ignore[operator]


def _work(order: Order, to_say: int) -> None:
    """The child: do the job, say how it went, be gone."""
    outcome = "broken"
    try:
        _prepare(order)
        runtime.start(get_settings(), pool_size=3)
        outcome = run_job(Context(new_correlation_id(), "worker", order.tenant_id), order.job_id)
    except Exception:
        log.exception("worker broken")
    finally:
        os.write(to_say, outcome.encode())
        os._exit(0)


def _prepare(order: Order) -> None:
    if order.design in DESIGNS:
        setattr(sync_connection, "store_page", DESIGNS[order.design])  # noqa: B010  # not exported
    if order.point:
        strike(order.point, order.number, _BLOWS[order.blow])


def _raise() -> None:
    raise LookupError("poison")


def _signal(number: signal.Signals) -> None:
    os.kill(os.getpid(), number)


_BLOWS: dict[str, Callable[[], None]] = {
    KILLED: partial(_signal, signal.SIGKILL),
    ASLEEP: partial(_signal, signal.SIGSTOP),
    BROKEN: _raise,
}


def _follow(pid: int, kill_after: float | None, said: int, news: TextIO) -> None:
    """Tell of a child until it is gone; kill it when its time has come."""
    began, parent = time.monotonic(), os.getppid()
    while True:
        found, status = os.waitpid(pid, os.WNOHANG | os.WUNTRACED)
        if found and os.WIFSTOPPED(status):
            news.write(News(pid, ASLEEP).line())
        elif found:
            break
        elif kill_after is not None and time.monotonic() - began > kill_after:
            os.kill(pid, signal.SIGKILL)
        if os.getppid() != parent:
            os.killpg(0, signal.SIGKILL)
        time.sleep(LOOK_EVERY)
    outcome = os.read(said, 100).decode()
    os.close(said)
    state = KILLED if os.WIFSIGNALED(status) else "ended"
    news.write(News(pid, state, outcome).line())


if __name__ == "__main__":
    main()
