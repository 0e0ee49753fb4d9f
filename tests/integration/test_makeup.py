"""What a payout is made of, and whether that is the payout."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine

from ecomops import runtime
from ecomops.domains.tables.makeup import get_makeup
from ecomops.domains.tables.schemas import LineGroup, Makeup
from ecomops.kit.errors import NotFoundError, PermissionDeniedError
from tests.conftest import Workspace
from tests.integration.provider import connect
from tests.integration.rows import KEY, add_line, add_payout


@pytest.fixture
def connection(workspace: Workspace) -> UUID:
    return connect(workspace.ctx, KEY)


def makeup(workspace: Workspace, payout: UUID) -> Makeup:
    return runtime.run(workspace.ctx, get_makeup, payout)


def test_lines_are_summed_by_category_the_largest_first(
    workspace: Workspace, connection: UUID, admin_engine: Engine
) -> None:
    payout = add_payout(admin_engine, workspace, connection, amount=Decimal(100))
    for net, category in (("60", "charge"), ("-20", "refund"), ("60", "charge")):
        add_line(admin_engine, workspace, connection, payout, net, reporting_category=category)
    other = add_payout(admin_engine, workspace, connection)
    add_line(admin_engine, workspace, connection, other, "7")
    told = makeup(workspace, payout)
    assert told.groups == (
        LineGroup("charge", "USD", 2, 1_220_000, 20_000, 1_200_000),
        LineGroup("refund", "USD", 1, -190_000, 10_000, -200_000),
    )
    assert told.total == LineGroup("total", "USD", 3, 1_030_000, 30_000, 1_000_000)
    assert (told.currency, told.amount, told.lines_are) == ("USD", 1_000_000, "read")


def test_a_line_in_another_currency_is_told_and_in_no_total(
    workspace: Workspace, connection: UUID, admin_engine: Engine
) -> None:
    payout = add_payout(admin_engine, workspace, connection)
    add_line(admin_engine, workspace, connection, payout, "60")
    add_line(admin_engine, workspace, connection, payout, "40", currency="EUR")
    told = makeup(workspace, payout)
    assert [group.currency for group in told.groups] == ["USD", "EUR"]
    assert told.total == LineGroup("total", "USD", 1, 610_000, 10_000, 600_000)


@pytest.mark.parametrize(
    ("given", "lines_are"),
    [
        ({}, "read"),
        ({"contents_read_at": None}, "unread"),
        ({"itemizable": False}, "none"),
        ({"contents_read_at": None, "status": "failed"}, "moot"),
        ({"status": "failed"}, "read"),
    ],
)
def test_whether_there_are_lines_to_judge_by(
    workspace: Workspace, connection: UUID, admin_engine: Engine,
    given: dict[str, Any], lines_are: str,
) -> None:  # fmt: skip
    payout = add_payout(admin_engine, workspace, connection, **given)
    assert makeup(workspace, payout).lines_are == lines_are


def test_it_is_for_those_who_see_the_tables_of_this_workspace(
    workspace: Workspace, other_workspace: Workspace, connection: UUID, admin_engine: Engine
) -> None:
    payout = add_payout(admin_engine, workspace, connection)
    for ctx, row in ((other_workspace.ctx, payout), (workspace.ctx, uuid4())):
        with pytest.raises(NotFoundError):
            runtime.run(ctx, get_makeup, row)
    nobody = replace(workspace.ctx, role="", permissions=frozenset())
    with pytest.raises(PermissionDeniedError):
        runtime.run(nobody, get_makeup, payout)
