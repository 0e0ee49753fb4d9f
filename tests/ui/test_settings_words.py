"""Plans, browsers and people as the settings write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import get_args
from uuid import uuid4

import pytest

from ecomops.domains.access.rules import ROLES
from ecomops.domains.identity.members import PersonView
from ecomops.domains.plans.rules import PLANS
from ecomops.domains.workspace.usage import Usage
from ecomops.ui.pages.settings.browsers import address_words, browser_words
from ecomops.ui.pages.settings.people_state import Role, person_row
from ecomops.ui.pages.settings.plan import PlanName
from ecomops.ui.pages.settings.plan_words import (
    FEATURES,
    connections_of,
    consequences,
    is_over,
    used_of,
)
from ecomops.ui.pages.settings.workspace import command_of

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) "


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (f"{MAC}Chrome/131.0.0.0 Safari/537.36", "Chrome on macOS"),
        (f"{MAC}Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0", "Edge on macOS"),
        (f"{MAC}Version/18.1 Safari/605.1.15", "Safari on macOS"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
         "Firefox on Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 "
         "(KHTML, like Gecko) CriOS/131.0 Mobile/15E148 Safari/604.1", "Chrome on iPhone"),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36",
         "Chrome on Android"),
        ("curl/8.5.0", "A browser"),
        ("", "A browser"),
    ],
)  # fmt: skip
def test_a_browser_is_told_in_words(agent: str, words: str) -> None:
    assert browser_words(agent) == words


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("127.0.0.1", "this machine"),
        ("::1", "this machine"),
        ("203.0.113.9", "203.0.113.9"),
        ("testclient", "testclient"),
        ("", "an unknown address"),
    ],
)
def test_an_address_is_told_in_words(address: str, words: str) -> None:
    assert address_words(address) == words


def usage(**changes: object) -> Usage:
    values = {"netsuite": 1, "sources": 1, "people": 2, "schedules": 0,
              "trial_ends_at": NOW + timedelta(days=3)}  # fmt: skip
    return Usage(**(values | changes))  # type: ignore[arg-type]


def test_everything_that_is_part_of_some_plans_and_is_there_has_a_name() -> None:
    to_come = {"evidence", "posting"}  # with reconciliation and journals
    assert set().union(*(plan.features for plan in PLANS.values())) == {*FEATURES, *to_come}


def test_the_names_that_a_browser_may_send_are_those_of_the_rules() -> None:
    assert get_args(PlanName) == tuple(PLANS)
    assert get_args(Role) == ROLES


def test_what_each_plan_allows() -> None:
    assert [connections_of(plan) for plan in PLANS.values()] == [
        "2: one NetSuite account, one source", "50", "500",
    ]  # fmt: skip


def test_what_is_used_tells_of_schedules_that_rest() -> None:
    assert dict(used_of(usage(schedules=2), "trial"))["Schedules"] == "2, paused"
    assert dict(used_of(usage(schedules=2), "pro"))["Schedules"] == "2"
    assert dict(used_of(usage(), "trial"))["Connections"] == "2 of 2"


def test_an_upgrade_takes_nothing_away() -> None:
    full = usage(netsuite=5, sources=40, schedules=9)
    for old, new in (("trial", "pro"), ("trial", "enterprise"), ("pro", "enterprise")):
        assert consequences(full, old, new, NOW, "UTC") == []


def test_a_smaller_plan_says_what_stops() -> None:
    told = consequences(usage(sources=3, schedules=2), "pro", "trial", NOW, "UTC")
    assert told == [
        "Your trial goes on until 30 Nov 2026, 12:00 UTC. After that the workspace is read-only.",
        "2 schedules will pause, and resume when you upgrade.",
        "No longer included: Excel files, schedules.",
        "Your connections keep working. None can be added while the plan is full.",
    ]
    over = consequences(usage(trial_ends_at=NOW), "pro", "trial", NOW, "UTC")
    assert over[0].endswith("the workspace becomes read-only at once.")
    many = usage(netsuite=1, sources=60)
    assert consequences(many, "enterprise", "pro", NOW, "UTC") == [told[-1]]


def test_a_plan_is_over_by_kind_or_in_all() -> None:
    trial, pro = PLANS["trial"], PLANS["pro"]
    assert [is_over(usage(netsuite=n, sources=s), trial) for n, s in ((1, 1), (0, 2), (2, 0))] == [
        False, True, True,
    ]  # fmt: skip
    assert [is_over(usage(sources=s), pro) for s in (49, 50)] == [False, True]


def test_a_form_of_a_workspace_takes_what_is_typed() -> None:
    form = {"organization_name": " A ", "slug": "abc", "timezone": "UTC", "currency": "EUR"}
    assert command_of(form | {"fiscal_year_start": "12"}).fiscal_year_start == 12
    assert command_of(form).name == "A"
    for odd in ("0", "13", "²", "x", "", "1.0", True):
        assert command_of(form | {"fiscal_year_start": odd}).fiscal_year_start == 0


def test_a_person_is_told_when_they_were_seen() -> None:
    view = PersonView(uuid4(), "Bo", "bo@example.com", "ops", "active", NOW - timedelta(hours=2))
    row = person_row(view, NOW, "UTC")
    assert (row.role_words, row.status, row.seen) == ("Operations", "Active", "Seen 2 hours ago")
    never = PersonView(uuid4(), "Bo", "bo@example.com", "ops", "link expired")
    assert (person_row(never, NOW, "UTC").status, person_row(never, NOW, "UTC").seen) == (
        "Link expired", "Never seen",
    )  # fmt: skip
