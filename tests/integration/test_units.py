"""The edge of every use case: all or nothing, again where the database asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from ecomops import runtime
from ecomops.domains.audit.service import Event, record
from ecomops.kit.context import Context
from ecomops.kit.database import driver_of, keep_plans, make_engine, plan_anew
from ecomops.kit.errors import ConflictError, EcomopsError, OperationalError
from ecomops.kit.settings import Settings
from ecomops.runtime.units import ATTEMPTS
from tests.conftest import Workspace

Audit = Callable[[Workspace], list[tuple[str, str]]]


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecomops.runtime.units.time.sleep", lambda seconds: None)


class Failing:
    """A use case that writes an audit event and then fails, so many times."""

    def __init__(self, error: Callable[[Session], None], times: int) -> None:
        self._error, self._times, self.calls = error, times, 0

    def __call__(self, session: Session, ctx: Context, command: None) -> str:
        self.calls += 1
        record(session, ctx, Event("config", f"attempt_{self.calls}"))
        if self.calls <= self._times:
            self._error(session)
        return "done"


def deadlock(session: Session) -> None:
    """As SQLAlchemy reports it."""
    session.execute(text("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40P01'; END $$"))


def raw_deadlock(session: Session) -> None:
    """As the driver reports it to the bulk work, which speaks to it directly."""
    driver: Any = session.connection().connection.driver_connection
    driver.execute("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40P01'; END $$")


def lock_timeout(session: Session) -> None:
    session.execute(text("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '55P03'; END $$"))


PASSING = [deadlock, raw_deadlock, lock_timeout]


@pytest.mark.parametrize("error", PASSING, ids=lambda error: error.__name__)
def test_what_may_pass_is_tried_again_from_the_start(
    workspace: Workspace, audit: Audit, error: Callable[[Session], None]
) -> None:
    use_case = Failing(error, times=2)
    assert runtime.run(workspace.ctx, use_case) == "done"
    assert use_case.calls == 3
    assert audit(workspace)[1:] == [("attempt_3", "success")], "the others left nothing"


@pytest.mark.parametrize("error", PASSING, ids=lambda error: error.__name__)
def test_what_does_not_pass_is_told_after_four_times(
    workspace: Workspace, audit: Audit, error: Callable[[Session], None]
) -> None:
    use_case = Failing(error, times=99)
    with pytest.raises(OperationalError, match="busy"):
        runtime.run(workspace.ctx, use_case)
    assert use_case.calls == ATTEMPTS
    assert len(audit(workspace)) == 1


def division(session: Session) -> None:
    session.execute(text("SELECT 'sk_test_canary', 1 / 0"))


def raw_division(session: Session) -> None:
    driver: Any = session.connection().connection.driver_connection
    driver.execute("SELECT 'sk_test_canary', 1 / 0")


@pytest.mark.parametrize("error", [division, raw_division], ids=lambda error: error.__name__)
def test_a_defect_is_not_tried_again_and_says_nothing_of_itself(
    workspace: Workspace, audit: Audit, error: Callable[[Session], None]
) -> None:
    use_case = Failing(error, times=99)
    with pytest.raises(EcomopsError) as told:
        runtime.run(workspace.ctx, use_case)
    assert (use_case.calls, told.value.code) == (1, "internal")
    assert told.value.message == "Something went wrong on our side. Nothing was changed."
    assert "canary" not in f"{told.value} {told.value.detail}"
    assert len(audit(workspace)) == 1


def test_a_refusal_of_the_domain_is_not_tried_again(workspace: Workspace, audit: Audit) -> None:
    def refuse(session: Session) -> None:
        raise ConflictError("no")

    use_case = Failing(refuse, times=99)
    with pytest.raises(ConflictError):
        runtime.run(workspace.ctx, use_case)
    assert (use_case.calls, len(audit(workspace))) == (1, 1)


def test_a_defect_in_our_own_code_undoes_everything(workspace: Workspace, audit: Audit) -> None:
    def stumble(session: Session) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        runtime.run(workspace.ctx, Failing(stumble, times=99))
    assert len(audit(workspace)) == 1
    assert runtime.engine().pool.checkedout() == 0  # type: ignore[attr-defined]  # a queue pool


def test_a_lost_connection_is_tried_again_unless_it_was_lost_while_saving(
    workspace: Workspace, admin_engine: Engine
) -> None:
    calls: list[int] = []

    def lose(session: Session, ctx: Context, moment: str) -> str:
        pid = session.scalar(text("SELECT pg_backend_pid()"))
        calls.append(pid)
        if len(calls) == 1:
            _terminate(admin_engine, pid)
        if moment == "before":
            session.execute(text("SELECT 1"))
        return "done"

    assert runtime.run(workspace.ctx, lose, "before") == "done"
    assert len(calls) == 2
    calls.clear()
    with pytest.raises(OperationalError, match="See whether it was done"):
        runtime.run(workspace.ctx, lose, "while saving")
    assert len(calls) == 1


def _terminate(engine: Engine, pid: int) -> None:
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})


def test_when_all_connections_are_in_use_people_are_told_to_wait(
    workspace: Workspace, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool: Any = runtime.engine().pool
    monkeypatch.setattr(pool, "_timeout", 0.05)
    held = [runtime.engine().connect() for _ in range(10)]
    try:
        with pytest.raises(OperationalError, match="busy"):
            runtime.run(workspace.ctx, Failing(division, times=0))
    finally:
        for connection in held:
            connection.close()
    assert runtime.run(workspace.ctx, Failing(division, times=0)) == "done"


def test_the_database_is_asked_in_utc_and_never_for_ever(runtime_started: None) -> None:
    with runtime.engine().connect() as connection:
        told = connection.execute(
            text(
                "SELECT current_setting('timezone'), current_setting('lock_timeout'),"
                " current_setting('statement_timeout'),"
                " current_setting('idle_in_transaction_session_timeout')"
            )
        ).one()
    assert tuple(told) == ("UTC", "10s", "2min", "5min")


def plans(session: Session) -> str:
    return str(session.scalar(text("SHOW plan_cache_mode")))


def test_plans_are_kept_for_one_unit_only_and_not_where_sizes_decide(workspace: Workspace) -> None:
    def by_keys(session: Session, ctx: Context, command: None) -> list[str]:
        keep_plans(session)
        kept = plans(session)
        plan_anew(driver_of(session))
        return [kept, plans(session)]

    def others(session: Session, ctx: Context, command: None) -> str:
        return plans(session)

    assert runtime.run(workspace.ctx, by_keys) == ["force_generic_plan", "force_custom_plan"]
    assert [runtime.run(workspace.ctx, others) for _ in range(3)] == ["force_custom_plan"] * 3


def test_a_connection_that_died_at_rest_is_not_given_to_anybody(
    settings: Settings, admin_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecomops.kit.database.RESTED_SECONDS", 0.0)
    engine = make_engine(settings.database_url.get_secret_value(), pool_size=1)
    own_pid = text("SELECT pg_backend_pid()")
    with engine.connect() as connection:
        pid = connection.scalar(own_pid)
    with admin_engine.connect() as admin:
        assert admin.scalar(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    with engine.connect() as connection:
        assert connection.scalar(own_pid) != pid
    engine.dispose()
