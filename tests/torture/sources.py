"""The three providers as these suites use them: how to connect, and what the answer key says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import redis
from sqlalchemy import Engine

from ecomops.kit.settings import get_settings
from tests.conftest import Workspace
from tests.integration import test_shopify_sync as shopify
from tests.integration import test_sync_netsuite as netsuite
from tests.integration.provider import Sandbox, Stored, assert_equals_the_oracle, connect

MONEY = ("payments", "refunds", "disputes", "payouts", "payout_lines", "fees")
SLOTS = "ecomops:slots:*"


@dataclass(frozen=True)
class Source:
    """``compare`` raises AssertionError where ``tables`` are not what the answer key says."""

    name: str
    tables: tuple[str, ...]
    connect: Callable[[Workspace, Sandbox, Engine], UUID]
    compare: Callable[[Engine, Workspace, Sandbox], None]

    def __str__(self) -> str:
        return self.name

    def label(self, suite: str) -> str:
        """Under which its figures are reported: Stripe's, which came first, under the plain one."""
        return suite if self is STRIPE else f"{suite} {self.name}"

    def times(self, stripe: int, other: int) -> int:
        return stripe if self is STRIPE else other


def _as_stripe(engine: Engine, workspace: Workspace, sandbox: Sandbox) -> None:
    assert_equals_the_oracle(engine, workspace.ctx.tenant, sandbox.oracle())


def _as_shopify(engine: Engine, workspace: Workspace, sandbox: Sandbox) -> None:
    stored, key = Stored(engine, workspace.ctx.tenant), shopify.answer_key(sandbox)
    shopify.assert_equals_the_key(stored, key)
    shopify.assert_payouts_add_up(stored, key)


def _as_netsuite(engine: Engine, workspace: Workspace, sandbox: Sandbox) -> None:
    stored = Stored(engine, workspace.ctx.tenant)
    netsuite.assert_equals_the_key(stored, netsuite.key_of(sandbox))


STRIPE = Source(
    "stripe", MONEY, lambda workspace, sandbox, _: connect(workspace.ctx, sandbox.api_key),
    _as_stripe,
)  # fmt: skip
SHOPIFY = Source(
    "shopify", ("orders", *MONEY),
    lambda workspace, sandbox, _: shopify.connect_shop(workspace.ctx, sandbox), _as_shopify,
)  # fmt: skip
NETSUITE = Source(
    "netsuite", ("netsuite_transactions", *netsuite.LISTS),
    lambda workspace, sandbox, engine: netsuite.connect(sandbox, workspace, engine), _as_netsuite,
)  # fmt: skip
SOURCES = (STRIPE, SHOPIFY, NETSUITE)


def free_slots() -> None:
    """As if the time had passed after which the requests of a dead worker are not counted."""
    with redis.Redis.from_url(get_settings().redis_url.get_secret_value()) as client:
        for name in client.scan_iter(SLOTS):
            client.delete(name)
