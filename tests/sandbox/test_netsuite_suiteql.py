"""SuiteQL over REST: its dialect, its pages, and what it refuses."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from ecomops.sandbox.wire.netsuite.schema import TABLES
from tests.sandbox.conftest import Api
from tests.sandbox.netsuite import Account

PROVIDERS = Path(__file__).parents[3] / "shared" / "providers" / "netsuite"


@pytest.fixture
def account(api: Api) -> Account:
    return Account(api)


def test_signed_by_a_public_client_a_request_is_let_in(account: Account) -> None:
    assert account.query("SELECT 1 FROM dual").status_code == 200


@pytest.mark.parametrize(
    "name", ["consumer_key", "consumer_secret", "token_id", "token_secret", "account_id"]
)
def test_with_one_wrong_credential_it_is_not(account: Account, name: str) -> None:
    path = f"{account.rest}/query/v1/suiteql"
    headers = account.signed("POST", path, **{name: "0" * 64})
    refused = account.api.ask("POST", path, headers=headers, json={"q": "SELECT 1 FROM dual"})
    assert refused.status_code == 401
    assert 'error_description="Invalid login attempt."' in refused.headers["www-authenticate"]


def test_nulls_are_left_out_and_all_values_are_text(account: Account) -> None:
    rows = account.rows("SELECT * FROM account ORDER BY id")
    assert [set(map(type, row.values())) for row in rows] == [{str}] * len(rows)
    bank = next(row for row in rows if row["acctnumber"] == "1010")
    assert (bank["isinactive"], bank["currency"], bank["parent"]) == ("F", "1", "1")
    assert "parent" not in rows[0]
    assert "externalid" not in bank


def test_columns_are_lower_case_and_unnamed_ones_are_numbered(account: Account) -> None:
    query = "SELECT ID, AcctNumber AS TheNumber, COUNT(*) FROM Account GROUP BY id, AcctNumber"
    assert list(account.rows(query)[0]) == ["id", "thenumber", "expr3"]


def test_dates_come_in_the_accounts_format_unless_told_otherwise(account: Account) -> None:
    [row] = account.rows(
        "SELECT startdate, TO_CHAR(startdate, 'YYYY-MM-DD') iso FROM accountingperiod "
        "WHERE periodname = 'Nov 2026'"
    )
    assert row == {"startdate": "11/01/2026", "iso": "2026-11-01"}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("NVL(NULL, 'x')", "x"),
        ("NVL2(NULL, 1, 2)", "2"),
        ("DECODE('a', 'a', 1, 0)", "1"),
        ("CASE WHEN 1 = 1 THEN 'yes' END", "yes"),
        ("'a' || 'b'", "ab"),
        ("UPPER('a')", "A"),
        ("0.1 + 0.2", "0.3"),
        ("TO_CHAR(12.50)", "12.5"),
        ("TO_CHAR(TO_DATE('2026-02-03 04:05', 'YYYY-MM-DD HH24:MI'), 'DD.MM.YY')", "03.02.26"),
        ("TO_CHAR(TRUNC(TO_DATE('02/03/2026')), 'HH24:MI')", "00:00"),
        ("TO_CHAR(SYSDATE, 'YYYY-MM-DD')", "2026-11-20"),
        ("SUBSTR('abc', 2)", "bc"),
        ("INSTR('abc', 'c')", "3"),
        ("CAST('5' AS INTEGER) + 1", "6"),
    ],
)  # fmt: skip
def test_functions_of_the_dialect(account: Account, expression: str, value: str) -> None:
    assert account.rows(f"SELECT {expression} AS it FROM dual") == [{"it": value}]


def test_rows_are_limited_as_oracle_limits_them(account: Account) -> None:
    for query in (
        "SELECT id FROM account ORDER BY id FETCH FIRST 3 ROWS ONLY",
        "SELECT id FROM account WHERE ROWNUM <= 3",
        "SELECT id FROM account WHERE id > 0 AND ROWNUM < 4",
        "SELECT * FROM (SELECT id FROM account ORDER BY id) WHERE ROWNUM <= 3",
    ):
        assert len(account.rows(query)) == 3, query


def test_builtin_df_shows_what_people_see(account: Account) -> None:
    [row] = account.rows(
        "SELECT BUILTIN.DF(t.type) type, BUILTIN.DF(t.status) status, BUILTIN.DF(t.currency) cur, "
        "BUILTIN.DF(l.account) acct FROM transaction t JOIN transactionaccountingline l "
        "ON l.transaction = t.id WHERE t.type = 'Journal' AND t.status = 'B' AND l.account = 10 "
        "ORDER BY t.id FETCH FIRST 1 ROWS ONLY"
    )
    assert row == {
        "type": "Journal", "status": "Journal : Approved for Posting",
        "cur": "US Dollar", "acct": "1010 Bank USD",
    }  # fmt: skip


def test_a_date_is_compared_in_the_accounts_format(account: Account) -> None:
    told = account.rows("SELECT id FROM transaction WHERE trandate >= ?", "11/10/2026")
    iso = "SELECT id FROM transaction WHERE trandate >= TO_DATE('2026-11-10', 'YYYY-MM-DD')"
    assert told == account.rows(iso) != []
    refused = account.query("SELECT id FROM transaction WHERE trandate >= ?", "2026-11-10")
    assert account.why(refused)[0] == "INVALID_PARAMETER"


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM account",
        "UPDATE account SET fullname = 'x'",
        "INSERT INTO dual VALUES (1)",
        "CREATE TABLE x (id INTEGER)",
        "PRAGMA table_info(account)",
        "SELECT 1 FROM dual; SELECT 2 FROM dual",
        "SELECT id FROM account LIMIT 3",
        "SELECT id FROM nothing",
        "SELECT sql FROM sqlite_master",
        "SELECT nothing FROM account",
        'SELECT "nothing" FROM account',
        "SELECT subsidiary FROM transaction",
        "SELECT load_extension('x') FROM dual",
        "SELECT randomblob(1000000000) FROM dual",
        "SELECT id FROM account WHERE",
        "SELECT id FROM account WHERE id = ?",
        "SELECT TO_DATE('tomorrow', 'YYYY-MM-DD') FROM dual",
        "SELECT id FROM account WHERE ROWNUM <= 3 ORDER BY id",
        "",
        "nonsense",
    ],
)
def test_what_is_no_query_is_refused(account: Account, query: str) -> None:
    before = account.rows("SELECT COUNT(*) n FROM account")
    code, named, _ = account.why(account.query(query))
    assert (code, named) == ("INVALID_PARAMETER", "q")
    assert account.rows("SELECT COUNT(*) n FROM account") == before


def test_pages_have_the_documented_links(account: Account) -> None:
    query = "SELECT id FROM account ORDER BY id"
    page = account.query(query, page="limit=10&offset=20").json()
    assert [link["rel"] for link in page["links"]] == ["prev", "first", "next", "last", "self"]
    assert page["links"][2]["href"].endswith("?limit=10&offset=30")
    assert (page["count"], page["hasMore"], page["offset"]) == (10, True, 20)
    whole = account.rows(query)
    assert [row["id"] for row in page["items"]] == [row["id"] for row in whole[20:30]]
    assert page["totalResults"] == len(whole)
    end = account.query(query, page=f"limit=10&offset={len(whole) // 10 * 10 + 10}").json()
    assert (end["count"], end["hasMore"], end["items"]) == (0, False, [])


@pytest.mark.parametrize("page", ["limit=1000&offset=100000", "limit=10&offset=5", "limit=1001"])
def test_pages_that_cannot_be_are_refused(account: Account, page: str) -> None:
    answer = account.query("SELECT id FROM account", page=page)
    assert account.why(answer)[0] == "INVALID_REQUEST"


def test_the_documented_page_has_this_shape(account: Account) -> None:
    sample = PROVIDERS / "suiteql_page_example.json"
    if not sample.exists():
        pytest.skip("the provider's files are not here")
    told = json.loads(sample.read_text())["response"]
    query = "SELECT id, acctnumber, parent, isinactive FROM account ORDER BY id"
    page = account.query(query, page="limit=2&offset=2").json()
    assert set(page) == set(told)
    assert set(page["items"][0]) == {*told["items"][0], "parent"}


@pytest.mark.parametrize(
    ("table", "seed"),
    [
        ("account", "account"), ("accountingperiod", "accounting_period"),
        ("classification", "classification"), ("currency", "currency"),
        ("department", "department"), ("location", "location"), ("subsidiary", "subsidiary"),
        ("transactionaccountingline", "tran_acct_line"),
    ],
)  # fmt: skip
def test_columns_are_those_of_real_accounts(table: str, seed: str) -> None:
    sample = PROVIDERS / "dbt_netsuite_seeds" / f"netsuite2_{seed}_data.csv"
    if not sample.exists():
        pytest.skip("the provider's files are not here")
    with sample.open() as lines:
        real = set(next(csv.reader(lines)))
    assert set(TABLES[table]) - real <= {"lastmodifieddate"}


def test_governance_limits_are_told(account: Account) -> None:
    told = account.ask("GET", "system/v1/governanceLimits").json()
    assert told["accountConcurrencyLimit"] == 5
