"""Verify now, over the real websocket: of a log as it was sealed, and of one that is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from ecomops import runtime
from ecomops.domains.audit.queries import latest_seal
from ecomops.domains.audit.schemas import Finding, NotedSeal, SealView, Verification
from ecomops.operations.audit_sealing import seal_all
from ecomops.ui.pages.audit import seal_state
from ecomops.ui.pages.audit.seal_state import SealState
from ecomops.ui.pages.audit.verdict import in_words, kept_seal, percent, seal_text
from tests.conftest import Workspace, anonymous
from tests.ui.tabs import LOAD_SHELL, Answer, tab

LOAD_SEAL = f"{SealState.get_full_name()}.load_seal"
VERIFY = f"{SealState.get_full_name()}.verify_now"
VERIFY_KEPT = f"{SealState.get_full_name()}.verify_kept"
EVENT_ID = UUID("019c6b1e-89ee-7217-b289-43939a2ec35a")
SEAL = SealView(
    204, 3, 1_284, "aa", "bb", "cc" * 32, "dd", "k1", datetime(2026, 2, 16, tzinfo=UTC), "ee"
)


def verified(server: TestClient, cookie: str, kept: str = "") -> Answer:
    """What Verify now says, or what it says of a log that must hold a seal."""
    with tab(server, cookie=cookie, path="/audit") as person:
        person.send(LOAD_SHELL)
        person.send(LOAD_SEAL)
        person.start(*((VERIFY_KEPT, {"form": {"kept": kept}}) if kept else (VERIFY,)))
        answer = person.wait_for("verifying", True)
        for update in (person.wait_for("verifying", False), person.idle()):
            answer.add({"delta": update.delta, "events": update.events})
        return answer


def test_the_newest_seal_is_shown(server: TestClient, cookie: str, workspace: Workspace) -> None:
    seal_all(anonymous())
    seal = runtime.run(workspace.ctx, latest_seal)
    assert seal is not None
    with tab(server, cookie=cookie, path="/audit") as person:
        person.send(LOAD_SHELL)
        answer = person.send(LOAD_SEAL)
    assert answer.value("seal_line") == f"Sealed to event {seal.total} · batch {seal.number}"
    assert answer.value("seal_hash") == f"{seal.hash[:12]}…"
    assert seal.hash in answer.value("seal_copied")


def test_the_first_seal_is_shown_as_it_comes(
    server: TestClient, cookie: str, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seal_state, "FIRST_SEAL_LOOKS", 60)
    assert runtime.run(workspace.ctx, latest_seal) is None
    with tab(server, cookie=cookie, path="/audit") as person:
        person.send(LOAD_SHELL)
        person.start(LOAD_SEAL)
        person.wait_for("seal_loaded", True)
        seal_all(anonymous())
        seal = runtime.run(workspace.ctx, latest_seal)
        assert seal is not None
        person.wait_for("seal_line", f"Sealed to event {seal.total} · batch {seal.number}")


def test_a_log_that_nobody_touched_is_intact(server: TestClient, cookie: str) -> None:
    seal_all(anonymous())
    answer = verified(server, cookie)
    assert answer.value("verdict").startswith("Intact, checked at ")
    assert answer.value("intact") is True
    assert "exactly as they were sealed" in answer.value("verdict_detail")


def test_an_event_that_was_changed_is_named(
    server: TestClient, cookie: str, workspace: Workspace, admin_engine: Engine
) -> None:
    seal_all(anonymous())
    forge = "UPDATE audit_events SET actor = 'nobody' WHERE tenant_id = :tenant RETURNING id"
    with admin_engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        forged = connection.scalars(text(forge), {"tenant": workspace.ctx.tenant}).all()
    answer = verified(server, cookie)
    assert answer.value("verdict") == "Not intact: This event is not what was sealed."
    assert answer.value("intact") is False
    assert answer.value("verdict_event_id") in map(str, forged)


def test_a_log_still_holds_the_seal_that_somebody_kept(
    server: TestClient, cookie: str, workspace: Workspace
) -> None:
    seal_all(anonymous())
    seal = runtime.run(workspace.ctx, latest_seal)
    assert seal is not None
    answer = verified(server, cookie, f"Kept on Monday: {seal_text(seal)}.")
    assert answer.value("intact") is True
    assert answer.value("verdict_detail").endswith("holds the seal of batch 1 that you kept.")


def test_a_log_that_was_cut_off_or_exchanged_is_told_by_a_kept_seal(
    server: TestClient, cookie: str, workspace: Workspace
) -> None:
    seal_all(anonymous())
    seal = runtime.run(workspace.ctx, latest_seal)
    assert seal is not None
    later = seal_text(replace(seal, number=seal.number + 1))
    answer = verified(server, cookie, later)
    assert answer.value("verdict") == ("Not intact: The log ends before the seal that was noted.")
    other = verified(server, cookie, seal_text(replace(seal, hash="0" * 64)))
    assert other.value("verdict") == (
        "Not intact: The seal of this number is not the one that was noted."
    )


def test_what_is_no_seal_is_told_beside_its_field(server: TestClient, cookie: str) -> None:
    with tab(server, cookie=cookie, path="/audit") as person:
        person.send(LOAD_SHELL)
        answer = person.send(VERIFY_KEPT, {"form": {"kept": "batch 1, hash 12"}})
    assert answer.value("kept_error").startswith("Paste the seal")
    assert "verifying_rx_state_" not in answer.text


def test_what_is_copied_can_be_pasted() -> None:
    assert kept_seal(seal_text(SEAL)) == NotedSeal(204, "cc" * 32)


def test_what_is_copied_names_the_seal() -> None:
    assert seal_text(SEAL) == (
        f"ecomops audit log: sealed to event 1284, batch 204, hash {'cc' * 32}, "
        "signed 2026-02-16T00:00:00+00:00 with key k1"
    )


@pytest.mark.parametrize(("walked", "total", "shown"), [(0, 0, 0), (1, 3, 33), (7, 5, 100)])
def test_progress(walked: int, total: int, shown: int) -> None:
    assert percent(walked, total) == shown


def test_an_intact_log_in_words() -> None:
    found = Verification(1_284, 204, 1, 12, None, SEAL)
    assert in_words(found, "16 Feb 2026, 14:03:27 CET") == (
        True,
        "Intact, checked at 16 Feb 2026, 14:03:27 CET.",
        "1,284 events in 204 batches are exactly as they were sealed. "
        "12 payloads removed when their time was over; their hashes hold. "
        "1 new event waits for the next seal.",
    )


def test_a_broken_log_in_words() -> None:
    finding = Finding("event_changed", "This event is not what was sealed.", 12, EVENT_ID)
    assert in_words(Verification(40, 11, 0, 0, finding, SEAL), "now") == (
        False,
        "Not intact: This event is not what was sealed.",
        "Batch 12. 40 events before it are as they were sealed.",
    )
