"""T1 to T4, T32: every event, sent by everybody, with anything in it; and other people's tabs."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from reflex.state import State
from reflex_base.event.processor import base_state_processor
from reflex_base.registry import RegistrationContext
from sqlalchemy import text
from starlette.testclient import TestClient

from ecomops import runtime
from ecomops.domains.access.rules import ROLES, permissions_of
from ecomops.kit.errors import OperationalError
from ecomops.kit.settings import Settings
from ecomops.runtime import sessions
from ecomops.ui.gate import INTERNAL, rule_for
from ecomops.ui.payloads import refusal
from tests.conftest import Workspace, make_workspace
from tests.torture.payloads import hostile, valid
from tests.torture.report import FULL, SEED, Figures, reported, times
from tests.ui.tabs import HYDRATE, LOAD_SHELL, Tab, tab
from tests.web import cookie_of

pytestmark = pytest.mark.slow


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the handlers that ran, as Reflex called them."""
    names: list[str] = []
    process = base_state_processor.process_event
    known = {id(r.handler): n for n, r in RegistrationContext.get().event_handlers.items()}

    async def noted(handler: Any, *arguments: Any, **named: Any) -> None:
        names.append(known[id(handler)])
        await process(handler, *arguments, **named)

    monkeypatch.setattr(base_state_processor, "process_event", noted)
    return names


def handlers() -> dict[str, Callable[..., Any]]:
    """All events of our own States, by name."""
    registered = RegistrationContext.get().event_handlers
    return {name: one.handler.fn for name, one in registered.items() if rule_for(name) is not None}


@dataclass
class Caller:
    """Somebody with a tab, and what they may do."""

    who: str
    cookie: str
    role: str = ""
    count: int = field(default=0, init=False)

    def may(self, name: str) -> bool:
        rule = rule_for(name)
        if rule is None:
            return name in INTERNAL
        return not rule.signed_in or (
            bool(self.role)
            and (not rule.permission or rule.permission in permissions_of(self.role))
        )


def callers(settings: Settings) -> Iterator[Caller]:
    yield Caller("nobody", "")
    yield Caller("made up", "session=made-up")
    for role in ROLES if FULL else ("readonly", "admin"):
        workspace = make_workspace()
        with runtime.unit_of_work(workspace.ctx) as session:
            session.execute(text("UPDATE memberships SET role = :role"), {"role": role})
        yield Caller(role, cookie_of(workspace, settings), role)


def payloads(function: Callable[..., Any]) -> list[dict[str, Any]]:
    odd = list(hostile(function))
    return [valid(function), *(odd if FULL else random.Random(SEED).sample(odd, 2))]


def test_every_handler_runs_only_for_whom_and_with_what_it_is_meant(
    server: TestClient, settings: Settings, ran: list[str]
) -> None:
    with reported("T1") as figures:
        allowed = 0
        for caller in callers(settings):
            with tab(server, cookie=caller.cookie) as sender:
                allowed += try_everything(caller, sender, ran, figures)
        assert figures.failed == 0
        assert figures.count > 200
        assert allowed > 30  # The gate is not simply shut.


def try_everything(caller: Caller, sender: Tab, ran: list[str], figures: Figures) -> int:
    """Send every event with every payload; how many ran that were to run."""
    allowed = 0
    sender.send(HYDRATE)
    for name, function in handlers().items():
        for payload in payloads(function):
            ran.clear()
            sender.send(name, payload)
            expected = caller.may(name) and refusal(function, payload) is None
            unexpected = [one for one in ran if not caller.may(one)]
            figures.count += 1
            figures.failed += bool(unexpected) or (name in ran) != expected
            assert figures.failed == 0, (caller.who, name, payload, ran)
            allowed += expected
    return allowed


def test_nothing_runs_while_it_is_not_known_who_asks(
    server: TestClient, settings: Settings, ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fail closed: an admin's own session, and a database that does not answer about it."""

    def unanswered(*_anything: object) -> None:
        raise OperationalError("The database is busy. Please try again in a moment.")

    cookie = cookie_of(make_workspace(), settings)
    with reported("T32") as figures, tab(server, cookie=cookie) as sender:
        sender.send(HYDRATE)
        monkeypatch.setattr(sessions, "resolve", unanswered)
        sessions.sessions._lookups.clear()
        ran.clear()
        names = list(handlers())
        for name in names if FULL else random.Random(SEED).sample(names, 25):
            answer = sender.send(name, valid(handlers()[name]))
            figures.count += 1
            figures.failed += bool(ran) or "The database is busy" not in answer.text
            assert figures.failed == 0, (name, ran, answer.text[:500])
        assert figures.count >= 25


def test_somebody_elses_tab_runs_nothing_and_tells_nothing(
    server: TestClient, settings: Settings, ran: list[str]
) -> None:
    """Of another workspace, on the victim's own token, each event anew."""
    with reported("T1 on the tab of another tenant") as figures:
        mine, theirs = make_workspace(), make_workspace()
        names = list(handlers()) if FULL else random.Random(SEED).sample(list(handlers()), 6)
        for name in names:
            rule = rule_for(name)
            token = f"victim-{figures.count}"
            load(server, cookie_of(theirs, settings), token)
            ran.clear()
            with tab(server, cookie=cookie_of(mine, settings), token=token) as thief:
                told = thief.send(name, valid(handlers()[name])).text
            figures.count += 1
            figures.failed += theirs.slug in told or bool(set(ran) - INTERNAL)
            assert figures.failed == 0, (name, rule, ran)


def load(server: TestClient, cookie: str, token: str) -> None:
    with tab(server, cookie=cookie, token=token) as victim:
        victim.send(HYDRATE)
        assert victim.send(LOAD_SHELL).value("email")


def states() -> list[Any]:
    def below(state: Any) -> Iterator[Any]:
        yield state
        for child in state.get_substates():
            yield from below(child)

    return list(below(State))


def test_no_variable_of_any_state_is_set_from_outside(
    server: TestClient, cookie: str, ran: list[str]
) -> None:
    with reported("T2") as figures, tab(server, cookie=cookie) as person:
        person.send(LOAD_SHELL)
        ran.clear()
        for state in states():
            variables = [*state.vars, "_owner", "is_hydrated", "router_data", "__class__"]
            chosen = variables if FULL else random.Random(SEED).sample(variables, 3)
            for variable in chosen:
                payload = {"var_name": variable, "value": "admin"}
                setter = variable.removesuffix("_rx_state_")
                for name in ("setvar", f"set_{setter}", f"_set_{setter}"):
                    event = f"{state.get_full_name()}.{name}"
                    if event in INTERNAL or rule_for(event):
                        continue  # a handler, with a rule of its own
                    answer = person.send(event, payload, settle=False)
                    figures.count += 1
                    figures.failed += bool(answer.delta or answer.events)
        person.idle()
        assert ran == []
        assert figures.failed == 0


def test_hydrating_tells_a_stranger_the_same_whoever_is_there(
    server: TestClient, settings: Settings
) -> None:
    with reported("T3") as figures:
        before = hydrated(server)
        for _ in range(times(full=20, short=2)):
            workspace = make_workspace()
            with tab(server, cookie=cookie_of(workspace, settings)) as person:
                for name, function in handlers().items():
                    person.send(name, valid(function), settle=False)
                person.idle()
                after = hydrated(server)
            assert before.keys() == after.keys()
            for state, values in before.items():
                figures.count += len(values)
                figures.failed += sum(after[state].get(k) != v for k, v in values.items())
                figures.failed += len(after[state].keys() ^ values.keys())
        assert figures.failed == 0
        assert figures.count > 100


def hydrated(server: TestClient) -> dict[str, dict[str, Any]]:
    with tab(server) as stranger:
        told = stranger.send(HYDRATE).delta
    # Of the connection itself: its id, its headers.
    for varying in ("rx_router_session_rx_state_", "rx_router_headers_rx_state_"):
        told["reflex___state____state"].pop(varying)
    return told


def test_the_token_of_a_tab_is_worth_nothing(server: TestClient, settings: Settings) -> None:
    chance = random.Random(SEED)
    with reported("T4") as figures:
        people = [make_workspace() for _ in range(4)]
        for number in range(times(full=1_000, short=12)):
            victim, thief = chance.sample(people, 2)
            cookie = chance.choice(("", "session=made-up", cookie_of(thief, settings)))
            figures.count += 1
            figures.failed += victim.slug in taken_over(server, settings, victim, cookie, number)
        assert figures.failed == 0


def taken_over(
    server: TestClient, settings: Settings, victim: Workspace, cookie: str, number: int
) -> str:
    """All that a thief is told who comes with the victim's token."""
    token = f"taken-{number}"
    load(server, cookie_of(victim, settings), token)
    events = [HYDRATE, LOAD_SHELL] if number % 2 else [LOAD_SHELL, HYDRATE]
    with tab(server, cookie=cookie, token=token) as thief:
        return "".join(thief.send(event).text for event in events)
