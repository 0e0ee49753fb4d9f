"""Journal entries over the record service: what is taken, what is refused, what becomes of it."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import httpx
import pytest

from tests.sandbox.conftest import Api, Running
from tests.sandbox.netsuite import JOURNAL, Account

Json = dict[str, Any]
BANK, CLEARING, FEES = "10", "200", "71"
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def account() -> Account:
    return Account(Api(days=45, orders_per_day=12))


@pytest.fixture
def key() -> str:
    return f"TEST_{next(_numbers)}"


def line(account: str, **amounts: Any) -> Json:
    return {"account": {"id": account}, **amounts}


def entry(key: str | None = None, **changes: Any) -> Json:
    told: Json = {
        "externalId": key,
        "tranDate": "2026-11-12",
        "memo": "Payout",
        "subsidiary": {"id": "1"},
        "currency": {"id": "1"},
        "line": {
            "items": [
                line(BANK, debit=187.5, memo="net"),
                line(FEES, debit=12.5, department={"id": "1"}),
                line(CLEARING, credit=200),
            ]
        },
        **changes,
    }
    return {name: value for name, value in told.items() if value is not None}


def changed(path: str, value: Any) -> Json:
    """A good entry with one thing changed; ``0.debit`` is a line's, None takes away."""
    told = entry()
    head, _, name = path.rpartition(".")
    place = told["line"]["items"][int(head)] if head else told
    place.pop(name, None)
    if value is not None:
        place[name] = value
    return told


def lines_of(account: Account, key: str) -> list[tuple[str, str]]:
    """(account, signed amount) of the lines of an entry, as SuiteQL tells them."""
    rows = account.rows(
        "SELECT a.account acct, l.foreignamount amount FROM transaction t "
        "JOIN transactionline l ON l.transaction = t.id "
        "JOIN transactionaccountingline a ON a.transaction = t.id AND a.transactionline = l.id "
        "WHERE t.externalid = ? ORDER BY l.id",
        key,
    )
    return [(row["acct"], row["amount"]) for row in rows]


def post(account: Account, body: Json, **headers: str) -> httpx.Response:
    return account.ask("POST", JOURNAL, json=body, headers=headers)


def put(account: Account, key: str, body: Json, query: str = "") -> httpx.Response:
    return account.ask("PUT", f"{JOURNAL}/eid:{key}{query}", json=body)


GOOD = [(BANK, "187.5"), (FEES, "12.5"), (CLEARING, "-200")]


def test_what_is_posted_is_in_the_books(account: Account, key: str) -> None:
    answer = post(account, entry(key))
    assert (answer.status_code, answer.content) == (204, b"")
    found = re.fullmatch(
        r"http://sandbox.*/record/v1/journalEntry/(\d+)", answer.headers["location"]
    )
    assert found is not None
    [row] = account.rows(
        "SELECT id, type, posting, memo FROM transaction WHERE externalid = ?", key
    )
    assert row == {"id": found[1], "type": "Journal", "posting": "T", "memo": "Payout"}
    assert lines_of(account, key) == GOOD


def test_a_get_shows_lines_only_where_they_are_asked_for(account: Account, key: str) -> None:
    post(account, entry(key))
    plain = account.ask("GET", f"{JOURNAL}/eid:{key}").json()
    assert (plain["externalId"], plain["tranDate"]) == (key, "2026-11-12")
    assert "items" not in plain["line"]
    whole = account.ask("GET", f"{JOURNAL}/{plain['id']}?expandSubResources=true").json()
    items = whole["line"]["items"]
    assert [(it["line"], it.get("debit"), it.get("credit")) for it in items] == [
        (1, 187.5, None), (2, 12.5, None), (3, None, 200)
    ]  # fmt: skip
    assert items[1]["department"] == {"id": "1", "refName": "Finance"}


def test_an_entry_of_the_world_can_be_read(account: Account) -> None:
    [row] = account.rows(
        "SELECT id, tranid FROM transaction WHERE type = 'Journal' ORDER BY id "
        "FETCH FIRST 1 ROWS ONLY"
    )
    told = account.ask("GET", f"{JOURNAL}/{row['id']}?expandSubResources=true").json()
    assert told["tranId"] == row["tranid"]
    assert len(told["line"]["items"]) >= 2


@pytest.mark.parametrize(
    ("path", "value", "code", "where"),
    [
        ("subsidiary", None, "USER_ERROR", "subsidiary"),
        ("subsidiary", {"id": "9"}, "INVALID_CONTENT", "subsidiary"),
        ("subsidiary", {"id": "5"}, "INVALID_CONTENT", "subsidiary"),
        ("subsidiary", {"id": "2"}, "USER_ERROR", "line.items[0].account"),
        ("subsidiary", 1, "INVALID_CONTENT", "subsidiary"),
        ("currency", {"id": "99"}, "INVALID_CONTENT", "currency"),
        ("currency", {"id": "2"}, "USER_ERROR", "line.items[0].account"),
        ("tranDate", "12.11.2026", "INVALID_CONTENT", "tranDate"),
        ("tranDate", "2026-02-30", "INVALID_CONTENT", "tranDate"),
        ("tranDate", "2026-10-12", "USER_ERROR", "postingPeriod"),
        ("tranDate", "2026-09-12", "USER_ERROR", "postingPeriod"),
        ("tranDate", "2031-09-12", "INVALID_CONTENT", "postingPeriod"),
        ("postingPeriod", {"id": "434"}, "USER_ERROR", "postingPeriod"),
        ("postingPeriod", {"id": "1"}, "INVALID_CONTENT", "postingPeriod"),
        ("externalId", "PAYOUT|1", "INVALID_CONTENT", "externalId"),
        ("exchangeRate", 0, "INVALID_CONTENT", "exchangeRate"),
        ("approved", "yes", "INVALID_CONTENT", "approved"),
        ("memo", "x" * 1000, "USER_ERROR", "memo"),
        ("memo", 5, "INVALID_CONTENT", "memo"),
        ("line", None, "USER_ERROR", "line"),
        ("line", [], "INVALID_CONTENT", "line"),
        ("line", {"items": [line(BANK, debit=1)]}, "USER_ERROR", "line"),
        ("0.account", None, "USER_ERROR", "line.items[0].account"),
        ("0.account", BANK, "INVALID_CONTENT", "line.items[0].account"),
        ("0.account", {"id": "9999"}, "INVALID_CONTENT", "line.items[0].account"),
        ("0.account", {"id": "1"}, "INVALID_CONTENT", "line.items[0].account"),
        ("0.account", {"id": "90"}, "INVALID_CONTENT", "line.items[0].account"),
        ("0.account", {"id": "12"}, "USER_ERROR", "line.items[0].account"),
        ("0.account", {"id": "31"}, "USER_ERROR", "line.items[0].entity"),
        ("0.debit", None, "USER_ERROR", "line.items[0]"),
        ("0.debit", 0, "INVALID_CONTENT", "line.items[0].debit"),
        ("0.debit", -5, "INVALID_CONTENT", "line.items[0].debit"),
        ("0.debit", 187.505, "INVALID_CONTENT", "line.items[0].debit"),
        ("0.debit", "187.5", "INVALID_CONTENT", "line.items[0].debit"),
        ("0.debit", 187.49, "USER_ERROR", "line"),
        ("0.credit", 187.5, "USER_ERROR", "line.items[0]"),
        ("1.department", {"id": "77"}, "INVALID_CONTENT", "line.items[1].department"),
        ("1.department", {"id": "4"}, "INVALID_CONTENT", "line.items[1].department"),
        ("1.location", {"id": "2"}, "INVALID_CONTENT", "line.items[1].location"),
        ("1.entity", {"id": "999"}, "INVALID_CONTENT", "line.items[1].entity"),
    ],
)
def test_what_breaks_a_rule_is_refused_and_leaves_nothing(
    account: Account, path: str, value: Any, code: str, where: str
) -> None:
    before = account.rows("SELECT COUNT(*) n FROM transaction")
    refused = post(account, changed(path, value))
    assert account.why(refused)[:2] == (code, where)
    assert account.rows("SELECT COUNT(*) n FROM transaction") == before


def test_yen_have_no_decimals(account: Account) -> None:
    yen = entry(
        subsidiary={"id": "3"}, currency={"id": "3"},
        line={"items": [line("12", debit=100.5), line("202", credit=100.5)]},
    )  # fmt: skip
    assert account.why(post(account, yen))[:2] == ("INVALID_CONTENT", "line.items[0].debit")
    yen["line"]["items"] = [line("12", debit=100), line("202", credit=100)]
    assert post(account, yen).status_code == 204


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"text"'])
def test_a_body_that_is_none_is_refused(account: Account, body: bytes) -> None:
    assert account.why(account.ask("POST", JOURNAL, content=body))[0] == "INVALID_REQUEST"


def test_posting_a_key_twice_is_refused(account: Account, key: str) -> None:
    assert post(account, entry(key)).status_code == 204
    code, where, detail = account.why(post(account, entry(key)))
    assert (code, where) == ("USER_ERROR", "externalId")
    assert "already exists" in detail
    assert lines_of(account, key) == GOOD


def test_an_upsert_without_replace_doubles_the_lines(account: Account, key: str) -> None:
    assert put(account, key, entry()).status_code == 204
    assert lines_of(account, key) == GOOD
    assert put(account, key, entry()).status_code == 204
    assert lines_of(account, key) == GOOD * 2
    assert put(account, key, entry(), "?replace=line").status_code == 204
    assert lines_of(account, key) == GOOD
    assert len(account.rows("SELECT id FROM transaction WHERE externalid = ?", key)) == 1


def test_a_line_with_a_number_is_changed(account: Account, key: str) -> None:
    post(account, entry(key))
    change = {"line": {"items": [{"line": 1, "debit": 190}, {"line": 2, "debit": 10}]}}
    assert account.ask("PATCH", f"{JOURNAL}/eid:{key}", json=change).status_code == 204
    assert lines_of(account, key) == [(BANK, "190"), (FEES, "10"), (CLEARING, "-200")]
    wrong = {"line": {"items": [{"line": 1, "debit": 191}]}}
    refused = account.ask("PATCH", f"{JOURNAL}/eid:{key}", json=wrong)
    assert account.why(refused)[:2] == ("USER_ERROR", "line")
    assert lines_of(account, key)[0] == (BANK, "190")


def test_what_is_not_approved_is_not_posted(account: Account, key: str) -> None:
    status = "SELECT status, posting FROM transaction WHERE externalid = ?"
    post(account, entry(key, approved=False))
    assert account.rows(status, key) == [{"status": "A", "posting": "F"}]
    account.ask("PATCH", f"{JOURNAL}/eid:{key}", json={"approved": True})
    assert account.rows(status, key) == [{"status": "B", "posting": "T"}]


def test_what_is_deleted_is_gone(account: Account, key: str) -> None:
    post(account, entry(key))
    assert account.ask("DELETE", f"{JOURNAL}/eid:{key}").status_code == 204
    assert account.why(account.ask("GET", f"{JOURNAL}/eid:{key}"), 404)[0] == "NONEXISTENT_ID"
    assert lines_of(account, key) == []
    assert account.ask("DELETE", f"{JOURNAL}/eid:{key}").status_code == 404


def test_a_closed_period_holds_what_stands_in_it(account: Account) -> None:
    [row] = account.rows(
        "SELECT MIN(t.id) id FROM transaction t JOIN accountingperiod p ON p.id = t.postingperiod "
        "WHERE t.type = 'Journal' AND p.alllocked = 'T'"
    )
    for method, body in (("PATCH", {"memo": "x"}), ("DELETE", None)):
        refused = account.ask(method, f"{JOURNAL}/{row['id']}", json=body)
        assert account.why(refused)[:2] == ("USER_ERROR", "postingPeriod")


def test_another_kind_of_transaction_is_no_journal_entry(account: Account) -> None:
    [row] = account.rows("SELECT MIN(id) id FROM transaction WHERE type = 'Deposit'")
    assert account.ask("GET", f"{JOURNAL}/{row['id']}").status_code == 404


def test_entries_are_found_by_key(account: Account, key: str) -> None:
    post(account, entry(key))
    told = account.ask("GET", f'{JOURNAL}?q=externalId+IS+"{key}"'.replace('"', "%22")).json()
    [item] = told["items"]
    assert set(item) == {"links", "id"}
    none = account.ask("GET", f"{JOURNAL}?q=externalId+IS+%22NOBODY%22").json()
    assert (none["count"], none["items"]) == (0, [])
    assert account.why(account.ask("GET", f"{JOURNAL}?q=memo+IS+x"))[1] == "q"
    assert account.ask("GET", f"{JOURNAL}?limit=2").json()["count"] == 2


def test_names_it_does_not_know_are_passed_over_unless_told(account: Account, key: str) -> None:
    wrong = entry(key, trandate="2026-11-13")
    strict = {"X-NetSuite-PropertyNameValidation": "Error"}
    assert account.why(post(account, wrong, **strict))[:2] == ("INVALID_CONTENT", "trandate")
    assert lines_of(account, key) == []
    told = post(account, wrong)
    assert (told.status_code, "trandate" in told.headers["warning"]) == (204, True)
    quiet = {"X-NetSuite-PropertyNameValidation": "Ignore"}
    assert "warning" not in post(account, entry(key + "b", trandate="x"), **quiet).headers
    inner = deepcopy(entry(key + "c"))
    inner["line"]["items"][1]["deptartment"] = {"id": "1"}
    refused = post(account, inner, **strict)
    assert account.why(refused)[1] == "line.items[1].deptartment"
    custom = entry(key + "d", custbody_payout="po_1")
    assert post(account, custom, **strict).status_code == 204


def test_ids_grow_and_base_amounts_balance(account: Account, key: str) -> None:
    dinars = entry(
        key, currency={"id": "4"}, exchangeRate=3.25123,
        line={"items": [line("13", debit=10.01), line(FEES, debit=0.33),
                        line("203", credit=10.34)]},
    )  # fmt: skip
    assert post(account, dinars).status_code == 204
    rows = account.rows(
        "SELECT l.debit, l.credit FROM transaction t JOIN transactionaccountingline l "
        "ON l.transaction = t.id WHERE t.externalid = ? ORDER BY l.transactionline",
        key,
    )
    assert rows == [{"debit": "32.54"}, {"debit": "1.07"}, {"credit": "33.61"}]
    [top] = account.rows("SELECT MAX(id) id FROM transaction")
    assert account.rows("SELECT id FROM transaction WHERE externalid = ?", key) == [top]


def test_the_clock_moves_the_world_and_leaves_what_was_posted(account: Account, key: str) -> None:
    post(account, entry(key))
    before = account.rows("SELECT COUNT(*) n FROM transaction")
    account.api.set_clock(-20)
    assert lines_of(account, key) == GOOD
    fewer = account.rows("SELECT COUNT(*) n FROM transaction")
    account.api.set_clock(0)
    assert int(fewer[0]["n"]) < int(before[0]["n"])
    assert account.rows("SELECT COUNT(*) n FROM transaction") == before


def test_what_a_client_did_to_the_worlds_own_entries_stays(account: Account) -> None:
    kept, gone = account.rows(
        "SELECT id FROM transaction WHERE type = 'Journal' AND trandate >= '11/02/2026' "
        "ORDER BY id FETCH FIRST 2 ROWS ONLY"
    )
    answer = account.ask("PATCH", f"{JOURNAL}/{kept['id']}", json={"memo": "seen"})
    assert answer.status_code == 204, answer.text
    assert account.ask("DELETE", f"{JOURNAL}/{gone['id']}").status_code == 204
    account.api.set_clock(-20)
    account.rows("SELECT COUNT(*) FROM transaction")
    account.api.set_clock(0)
    memo = "SELECT memo FROM transaction WHERE id = ?"
    assert account.rows(memo, kept["id"]) == [{"memo": "seen"}]
    assert account.rows(memo, gone["id"]) == []
    assert len(account.rows("SELECT name FROM deletedrecord WHERE recordid = ?", gone["id"])) == 1


# at once, and over a real connection


def test_the_sixth_request_at_once_is_turned_away(account: Account) -> None:
    account.api.ask("PUT", "/limits", json={"netsuite": {"concurrency": 5, "milliseconds": 300}})
    path = f"{account.rest}/query/v1/suiteql"

    async def together(count: int) -> list[httpx.Response]:
        transport = httpx.ASGITransport(account.api.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as http:
            return await asyncio.gather(
                *(
                    http.post(
                        path, json={"q": "SELECT 1 FROM dual"},
                        headers={**account.signed("POST", path), "Prefer": "transient"},
                    )
                    for _ in range(count)
                )
            )  # fmt: skip

    answers = asyncio.run(together(6))
    assert sorted(it.status_code for it in answers) == [200] * 5 + [429]
    refused = next(it for it in answers if it.status_code == 429)
    told = refused.json()
    assert (told["title"], told["o:errorDetails"][0]["o:errorCode"]) == (
        "Bad Request", "CONCURRENCY_LIMIT_EXCEEDED"
    )  # fmt: skip
    state = account.api.ask("GET", "/limits").json()["netsuite"]
    assert (state["peak"], state["refused"]) == (5, 1)
    account.api.ask("PUT", "/limits", json={"netsuite": {"milliseconds": 0}})
    assert {it.status_code for it in asyncio.run(together(5))} == {200}


class Caller:
    """The account over a real connection."""

    def __init__(self, served: Running) -> None:
        self.http = httpx.Client(base_url=served.base, timeout=30)
        self.account = Account(self)  # type: ignore[arg-type]  # asks as an Api does

    def ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        how["headers"] = {"Host": "sandbox", **how.get("headers", {})}
        return self.http.request(method, path, **how)


@pytest.fixture
def caller(served: Running) -> Iterator[Caller]:
    made = Caller(served)
    yield made
    made.http.put("/faults", json={})
    made.http.close()


def test_a_lost_reply_leaves_the_record(caller: Caller) -> None:
    script = {"fault": "lost_reply", "path": f"{caller.account.rest}/record", "times": 1}
    caller.http.put("/faults", json={"scripts": [script]})
    with pytest.raises(httpx.RemoteProtocolError):
        post(caller.account, entry("LOST_1"))
    assert lines_of(caller.account, "LOST_1") == GOOD
    assert account_refuses_again(caller.account)


def account_refuses_again(account: Account) -> bool:
    return account.why(post(account, entry("LOST_1")))[1] == "externalId"
