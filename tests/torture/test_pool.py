"""T8: what a transaction was bound to never stays in the pooled connection that it used."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import Session

from ecomops import runtime
from ecomops.kit.context import Context
from ecomops.kit.errors import EcomopsError, NotFoundError
from tests.conftest import Workspace, anonymous, make_workspace
from tests.torture.report import SEED, reported, times

pytestmark = pytest.mark.slow

THREADS = 4
SEEN = text("SELECT tenant_id FROM tenant_configs")


def see(session: Session, ctx: Context, how: str) -> list[UUID]:
    """The workspaces whose settings are visible, in a transaction that may end badly."""
    seen = list(session.scalars(SEEN))
    if how == "refused":
        raise NotFoundError(",".join(map(str, seen)))
    if how == "broken":
        session.execute(text("SELECT 1 / 0"))
    return seen


def visible(ctx: Context, how: str) -> list[UUID]:
    try:
        return runtime.run(ctx, see, how)
    except NotFoundError as error:
        return [UUID(one) for one in error.message.split(",") if one]
    except EcomopsError:
        return [ctx.tenant] if ctx.tenant_id else []  # What it saw is lost with it.


def wrong_of(people: list[Workspace], seed: int, count: int) -> int:
    """In how many of ``count`` transactions other rows than one's own were seen, or not those."""
    chance, wrong = random.Random(seed), 0
    for _ in range(count):
        ctx = chance.choice([*[person.ctx for person in people], anonymous()])
        how = chance.choices(("fine", "refused", "broken"), (90, 5, 5))[0]
        wrong += visible(ctx, how) != ([ctx.tenant] if ctx.tenant_id else [])
    return wrong


def test_every_transaction_sees_its_own_workspace_and_no_other(runtime_started: None) -> None:
    people = [make_workspace() for _ in range(8)]
    with reported("T8") as figures:
        each = times(full=100_000, short=400) // THREADS
        with ThreadPoolExecutor(THREADS) as pool:
            seeds = range(SEED, SEED + THREADS)
            wrong = pool.map(lambda seed: wrong_of(people, seed, each), seeds)
            figures.failed = sum(wrong)
        figures.count = each * THREADS
        assert figures.failed == 0
