"""How NetSuite is walked: by key, whole transactions a page, from mark to mark."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from ecomops.connectors.base import Page, Window
from ecomops.connectors.netsuite import NetsuiteConnector
from ecomops.connectors.records import NetsuiteLineRecord
from ecomops.kit.errors import ProviderAuthError, ProviderContractError
from tests.connectors.netsuite_rows import (
    ACCOUNT,
    LATEST,
    answering,
    asked,
    behind,
    line,
    netsuite_at,
    rows,
    segment,
)
from tests.connectors.wire import Reply, Request, Wire, reply, script

DONE = {"since": LATEST, "accounts": []}


def walk(connector: NetsuiteConnector, cursor: Any = None, **more: Any) -> list[Page]:
    pages = list(connector.pages("transactions", cursor, **more))
    for page in pages:
        assert len(page.records) + len(page.rejects) + page.ignored == page.received
    return pages


def ids(pages: list[Page]) -> list[str]:
    return [
        record.source_id.removeprefix(f"{ACCOUNT}:") for page in pages for record in page.records
    ]


def whole(page: Page) -> list[str]:
    return [name.removeprefix(f"{ACCOUNT}:") for name in page.whole]


def ledger(counts: dict[int, int], *, most: int = 4) -> Callable[[str, list[str]], Reply]:
    """Transactions by id with so many lines each, told ``most`` lines a page."""
    lines = [(id, number) for id, count in sorted(counts.items()) for number in range(count)]

    def answer(query: str, params: list[str]) -> Reply:
        if "t.id = ?" in query:
            id, number = int(params[0]), int(params[1])
            left = [it for it in lines if it[0] == id and it[1] > number]
        else:
            left = [it for it in lines if it[0] > (behind(params) if "t.id > ?" in query else 0)]
        return rows(*(line(*it) for it in left[:most]), more=len(left) > most)

    return answer


def queries(wire: Wire) -> list[tuple[str, list[str]]]:
    return [asked(request) for request in wire.seen]


def test_every_line_comes_once_and_no_transaction_is_torn() -> None:
    counts = {1: 2, 2: 3, 5: 1, 6: 4, 7: 1, 9: 2}
    with netsuite_at(answering(ledger(counts))) as (connector, _):
        pages = walk(connector)
    assert ids(pages) == [f"{id}:{n}" for id, count in counts.items() for n in range(count)]
    owners = [{it.split(":")[0] for it in ids([page])} for page in pages]
    assert sum(map(len, owners)) == len(counts)


@pytest.mark.parametrize("lines", [4, 5, 9, 23])
def test_a_transaction_longer_than_a_page_is_one_page(lines: int) -> None:
    with netsuite_at(answering(ledger({3: 2, 4: lines, 8: 1}))) as (connector, _):
        pages = walk(connector)
    sizes = [page.received for page in pages if "4:0" in ids([page])]
    assert sizes[0] >= lines
    assert len(ids(pages)) == len(set(ids(pages))) == lines + 3


def test_a_page_is_asked_for_by_key_and_never_by_offset() -> None:
    with netsuite_at(answering(ledger({1: 3, 2: 3, 3: 3}))) as (connector, wire):
        walk(connector)
    assert {request.query["limit"] for request in wire.seen} == {"1000"}
    assert all("offset" not in request.query for request in wire.seen)
    texts = [query for query, _ in queries(wire)]
    assert all("LIMIT" not in query and "ROWNUM" not in query for query in texts)
    assert [params[-1] for query, params in queries(wire) if "t.id > ?" in query] == ["1", "2"]


def test_the_first_walk_leaves_a_mark_of_netsuites_own_time() -> None:
    with netsuite_at(answering(ledger({1: 1}))) as (connector, wire):
        pages = walk(connector)
    assert (pages[-1].cursor, pages[-1].last) == (DONE, True)
    assert [page.last for page in pages[:-1]] == [False]
    _, params = queries(wire)[1]
    assert params == ["2026-10-31T18:26:59"], "the whole second of the mark belongs to this walk"


def test_the_next_walk_begins_two_hours_before_the_mark() -> None:
    with netsuite_at(answering(ledger({}))) as (connector, wire):
        pages = walk(connector, DONE)
    query, params = queries(wire)[1]
    assert params == ["2026-10-31T16:26:58", "2026-10-31T18:26:59"]
    assert query.count("TO_DATE(?, 'YYYY-MM-DD\"T\"HH24:MI:SS')") == 2
    assert pages[-1].cursor == DONE


def test_a_walk_broken_off_at_every_page_reads_the_same_stretch_to_its_end() -> None:
    counts = dict.fromkeys(range(1, 12), 3)
    found: list[str] = []
    cursor, last = None, False
    with netsuite_at(answering(ledger(counts))) as (connector, wire):
        while not last and len(found) < 100:
            page = next(iter(connector.pages("transactions", cursor)))
            found += ids([page])
            cursor, last = json.loads(json.dumps(page.cursor)), page.last
    assert found == [f"{id}:{n}" for id in counts for n in range(3)]
    assert sum("MAX(" in query for query, _ in queries(wire)) == 1


def test_other_accounts_are_read_from_the_beginning() -> None:
    with netsuite_at(answering(ledger({1: 1})), accounts=("58", "7", "7", "x")) as (
        connector,
        wire,
    ):
        pages = walk(connector, DONE)
    query, params = queries(wire)[1]
    assert "f.account IN (?, ?)" in query
    assert params == ["7", "58", "2026-10-31T18:26:59"]
    assert pages[-1].cursor == {"since": LATEST, "accounts": ["7", "58"]}


def test_without_a_choice_bank_and_other_current_assets_are_followed() -> None:
    with netsuite_at(answering(ledger({1: 1}))) as (connector, wire):
        walk(connector)
    assert "accttype IN ('Bank', 'OthCurrAsset')" in queries(wire)[1][0]


@pytest.mark.parametrize(
    "cursor", [{"since": "yesterday", "accounts": []}, {"since": 5, "accounts": []}, {}, {"x": 1}]
)
def test_a_cursor_that_is_not_ours_is_a_full_walk(cursor: Any) -> None:
    with netsuite_at(answering(ledger({1: 1}))) as (connector, wire):
        assert ids(walk(connector, cursor)) == ["1:0"]
    assert queries(wire)[1][1] == ["2026-10-31T18:26:59"]


def test_an_account_without_a_transaction_is_one_empty_page() -> None:
    with netsuite_at(answering(ledger({}), latest=None)) as (connector, _):
        pages = walk(connector)
    assert [page.received for page in pages] == [0]
    assert pages[-1].cursor == {"accounts": []}


@pytest.mark.parametrize(
    ("end", "until", "last"),
    [
        (datetime(2026, 9, 30, tzinfo=UTC), "2026-09-30T00:00:00", "2026-09-29"),
        (datetime(2026, 9, 30, 12, 0, 0, 5, tzinfo=UTC), "2026-09-30T12:00:01", "2026-09-30"),
    ],
)
def test_a_window_holds_what_was_created_or_is_dated_in_it(
    end: datetime, until: str, last: str
) -> None:
    window = Window(datetime(2026, 9, 1, 8, tzinfo=UTC), end)
    with netsuite_at(answering(ledger({1: 3, 2: 3}))) as (connector, wire):
        pages = walk(connector, None, window=window)
    query, params = queries(wire)[0]
    assert "t.createddate >=" in query
    assert "t.trandate >=" in query
    assert params == ["2026-09-01T08:00:00", until, "2026-09-01", last]
    assert [page.last for page in pages] == [False, True]
    assert all(page.whole == () and "since" not in page.cursor for page in pages)


# What is gone


def test_a_first_walk_has_nothing_to_be_taken_away() -> None:
    with netsuite_at(answering(ledger({1: 2}), gone=rows({"id": "9"}))) as (connector, _):
        assert [page.whole for page in walk(connector)] == [(), ()]


def test_later_walks_say_which_transactions_are_whole_and_which_are_gone() -> None:
    with netsuite_at(answering(ledger({1: 2, 2: 2, 3: 2}), gone=rows({"id": "9"}))) as (
        connector, wire
    ):  # fmt: skip
        pages = walk(connector, DONE)
    assert [whole(page) for page in pages if page.received] == [["1"], ["2", "3"]]
    assert [whole(page) for page in pages if not page.received] == [["9"], ["9"], []]
    left, deleted = (query for query, _ in queries(wire) if "NOT IN" in query)
    assert "lastmodifieddate" in left
    assert "deletedrecord" in deleted


def test_a_transaction_with_a_line_that_cannot_be_read_is_not_taken_for_whole() -> None:
    answer = rows(line(1), line(2), line(2, 1, debit="x"), line(3))
    with netsuite_at(answering(lambda *_: answer)) as (connector, _):
        pages = walk(connector, DONE)
    assert whole(pages[0]) == ["1", "3"]
    assert [it.source_id for it in pages[0].rejects] == [f"{ACCOUNT}:2:1"]


def test_no_transaction_is_whole_beside_a_line_without_a_name() -> None:
    answer = rows(line(1), line(2, id=None), line(3))
    with netsuite_at(answering(lambda *_: answer)) as (connector, _):
        assert walk(connector, DONE)[0].whole == ()


def test_a_role_that_may_not_see_deletions_goes_on_without() -> None:
    refusal = {"o:errorDetails": [{"detail": "Record 'deletedrecord' was not found."}]}
    inner = answering(ledger({1: 1}))

    def respond(request: Request) -> Reply:
        return reply(refusal, 400) if "deletedrecord" in asked(request)[0] else inner(request)

    with netsuite_at(respond) as (connector, _):
        assert walk(connector, DONE)[-1].cursor == DONE


# A provider that does not behave


@pytest.mark.parametrize(
    "answers",
    [
        [rows(line(5), line(6), more=True), rows(line(5), line(6), more=True)],
        [rows(line(5), more=True), rows(line(5), more=True)],
        [rows({"x": "1"}, more=True)],
        [rows(line(5, 0), line(5, 1), more=True), rows(line(5, 0), more=True)],
        [rows(more=True)],
        [reply({"items": [line()]})],
        [reply({"items": [line()], "hasMore": "F"})],
    ],
    ids=["again", "one again", "no ids", "lines again", "empty", "no end said", "no truth"],
)
def test_a_walk_that_would_not_end_is_refused(answers: list[Reply]) -> None:
    told = script(*answers)
    respond = answering(lambda query, params: told(Request("", {}, {}, 0)))
    with netsuite_at(respond) as (connector, wire), pytest.raises(ProviderContractError):
        walk(connector)
    assert len(wire.seen) < 10


def test_a_mark_that_is_none_is_refused() -> None:
    respond = answering(ledger({}), latest="31.10.2026")
    with netsuite_at(respond) as (connector, _), pytest.raises(ProviderContractError):
        walk(connector)


# Lists


def test_a_list_is_read_by_key_and_from_the_beginning_each_time() -> None:
    told = script(rows(segment(id="2"), segment(id="5"), more=True), rows(segment(id="7")))
    with netsuite_at(told) as (connector, wire):
        pages = list(connector.pages("departments", None))
    assert [page.cursor for page in pages] == [{"after": "5"}, {}]
    assert [params for _, params in queries(wire)] == [[], ["5"]]
    names = [record.source_id for page in pages for record in page.records]
    assert names == [f"{ACCOUNT}:department:{id}" for id in (2, 5, 7)]


def test_a_feature_that_is_off_is_an_empty_list_and_a_hidden_table_is_an_error() -> None:
    refusal = {"o:errorDetails": [{"detail": "Record 'x' was not found.", "o:errorCode": "E"}]}
    with netsuite_at(script(reply(refusal, 400))) as (connector, _):
        (page,) = connector.pages("classes", None)
        assert (page.received, page.last) == (0, True)
        with pytest.raises(ProviderAuthError, match="permission"):
            list(connector.pages("accounts", None))


# By name


def test_named_lines_come_whatever_they_touch_and_the_rest_has_vanished() -> None:
    with netsuite_at(answering(lambda *_: rows(line(4), line(4, 1), line(6)))) as (connector, wire):
        named = [f"{ACCOUNT}:4:1", f"{ACCOUNT}:6:3", f"{ACCOUNT}:9:0", "77:1:1", "nonsense"]
        (page,) = connector.refresh("transactions", named)
    assert [record.source_id for record in page.records] == named[:1]
    assert [(it.source_id, it.reason_code) for it in page.rejects] == [
        (name, "vanished") for name in named[1:]
    ]
    assert page.received == len(named)
    ((query, params),) = queries(wire)
    assert params == ["4", "6", "9"]
    assert "f.account" not in query


def test_a_named_line_that_cannot_be_read_says_why() -> None:
    with netsuite_at(answering(lambda *_: rows(line(4, credit="1")))) as (connector, _):
        (page,) = connector.refresh("transactions", [f"{ACCOUNT}:4:0"])
    assert [(it.reason_code, it.source_id) for it in page.rejects] == [
        ("both_sides", f"{ACCOUNT}:4:0")
    ]


def test_records_of_lists_are_named_with_their_kind() -> None:
    with netsuite_at(script(rows(segment(id="2")))) as (connector, wire):
        name = f"{ACCOUNT}:department:2"
        (page,) = connector.refresh("departments", [name, f"{ACCOUNT}:class:2"])
    assert [record.source_id for record in page.records] == [name]
    assert [it.reason_code for it in page.rejects] == ["vanished"]
    assert queries(wire)[0][1] == ["2"]


def test_nothing_named_asks_for_nothing() -> None:
    with netsuite_at(script(rows())) as (connector, wire):
        assert list(connector.refresh("transactions", [])) == []
        assert list(connector.contents(["po_1"])) == []
    assert wire.seen == []


def test_a_line_is_signed_as_on_the_account() -> None:
    answer = rows(line(1), line(2, debit=None, credit=".5"), line(3, debit=None))
    with netsuite_at(answering(lambda *_: answer)) as (connector, _):
        found = [it for page in walk(connector) for it in page.records]
    told = [it for it in found if isinstance(it, NetsuiteLineRecord)]
    assert [(it.debit, it.credit, it.amount) for it in told] == [
        (1870500, None, 1870500), (None, 5000, -5000), (None, None, 0)
    ]  # fmt: skip
