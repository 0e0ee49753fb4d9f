"""What beat has done for the log, by the tasks themselves."""

from __future__ import annotations

from sqlalchemy import Engine

from ecomops import runtime
from ecomops.domains.audit.queries import latest_seal
from ecomops.domains.audit.schemas import NotedSeal
from ecomops.domains.audit_settings.retention import set_retention
from ecomops.domains.audit_settings.streams import get_stream, save_stream
from ecomops.operations.audit_verification import verify_log
from tests.conftest import Workspace
from tests.connectors.test_outbound import answering
from tests.integration.audit_log import add_events, verified


def test_what_waits_is_sealed_sent_and_in_time_removed(
    workspace: Workspace, admin_engine: Engine
) -> None:
    from workers.tasks import audit

    add_events(admin_engine, workspace, 2_100)
    with answering(200) as (url, received):
        runtime.run(workspace.ctx, save_stream, url)
        assert audit.seal() >= 2_102
        add_events(admin_engine, workspace, 3)
        audit.seal()
        assert audit.send() >= 2_104
        view = runtime.run(workspace.ctx, get_stream)
    assert view is not None
    assert (view.waiting, view.last_error) == (0, None)
    assert received
    runtime.run(workspace.ctx, set_retention, 90)
    assert audit.remove_payloads() >= 2_103
    audit.seal()
    assert verified(workspace).intact


def test_a_long_log_is_walked_in_pieces_and_tells_how_far(
    workspace: Workspace, admin_engine: Engine
) -> None:
    from workers.tasks import audit

    add_events(admin_engine, workspace, 45_000)
    while audit.seal():
        pass
    told: list[int] = []
    seal = runtime.run(workspace.ctx, latest_seal)
    assert seal is not None
    found = verify_log(workspace.ctx, NotedSeal(seal.number, seal.hash), told.append)
    assert found.intact
    assert told[0] < 45_000
    assert told[-1] == found.events == 45_001
