"""What each filter lets through, what a search finds, and what rows come to."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, insert, text

from ecomops import runtime
from ecomops.core.money import from_decimal, to_decimal
from ecomops.domains.tables.catalog import TABLES
from ecomops.domains.tables.filters import LARGEST_PAGE
from ecomops.domains.tables.queries import count_exactly, list_rows, read_table, sum_by_currency
from ecomops.domains.tables.schemas import Count, CurrencySum, TableQuery
from ecomops.domains.tables.search import FEW, LONGEST, behind
from ecomops.kit.context import Plan
from ecomops.kit.errors import InvalidInputError, PermissionDeniedError
from ecomops.models import metadata
from ecomops.models.money import Money
from tests.conftest import Workspace
from tests.integration.provider import Stored, connect
from tests.integration.rows import KEY, ROWS, START, add, add_payments, fill_every_table

StoredOf = Callable[[Workspace], Stored]


def found(workspace: Workspace, query: TableQuery) -> set[str]:
    """The source ids of the rows, whose number the counts agree with."""
    query = replace(query, page_size=LARGEST_PAGE)
    page, count = runtime.run(workspace.ctx, read_table, query)
    assert count == Count(len(page.rows), False)
    assert runtime.run(workspace.ctx, count_exactly, query) == len(page.rows)
    return {row["source_id"] for row in page.rows}


@pytest.mark.parametrize("table", sorted(TABLES))
@pytest.mark.parametrize(
    ("changes", "condition"),
    [
        ({"currency": ("JPY",)}, "currency = 'JPY'"),
        ({"currency": ("JPY", "USD")}, "currency IN ('JPY', 'USD')"),
        ({"currency": ("CHF",)}, "false"),
        ({"source": ("stripe",)}, "true"),
        ({"source": ("shopify", "netsuite")}, "false"),
        ({"source": ("shopify", "stripe")}, "true"),
        ({"amount_min": Decimal(0)}, "amount >= 0"),
        ({"amount_max": Decimal("-0.01")}, "amount <= -100"),
        ({"amount_min": Decimal("-3.5"), "amount_max": Decimal("200.0001")},
         "amount BETWEEN -35000 AND 2000001"),
        ({"currency": ("EUR",), "amount_min": Decimal(1), "source": ("stripe",)},
         "currency = 'EUR' AND amount >= 10000"),
    ],
)  # fmt: skip
def test_a_filter_lets_through_what_it_names(
    shop: Workspace, stored: StoredOf, table: str, changes: dict[str, Any], condition: str
) -> None:
    wanted = stored(shop).rows(
        f"SELECT source_id FROM {table} WHERE tenant_id = :tenant AND ({condition})"
    )
    assert found(shop, TableQuery(table, **changes)) == {source_id for (source_id,) in wanted}


def test_amounts_are_compared_exactly_where_a_binary_fraction_would_not_do(
    workspace: Workspace, admin_engine: Engine
) -> None:
    connection = connect(workspace.ctx, KEY)
    for amount in ("0.2999", "0.3", "0.3001", "90071992547409.93", "90071992547409.94"):
        add_payments(admin_engine, workspace, connection, [START], amount=Decimal(amount))

    def amounts(low: str | None, high: str | None) -> list[int]:
        span = {"amount_min": low, "amount_max": high}
        given: Any = {name: Decimal(it) for name, it in span.items() if it}
        query = TableQuery("payments", sort_by="amount", sort_dir="asc", **given)
        return [row["amount"] for row in runtime.run(workspace.ctx, list_rows, query).rows]

    assert amounts("0.3", "0.3") == [3000]
    assert amounts("0.3000", "0.30010") == [3000, 3001]
    assert amounts("90071992547409.94", None) == [900719925474099400]
    assert amounts(None, "0.29990") == [2999]


def test_the_connection_filter_lets_through_its_rows(
    workspace: Workspace, admin_engine: Engine
) -> None:
    first, second = connect(workspace.ctx, KEY), connect_another(admin_engine, workspace)
    add_payments(admin_engine, workspace, first, [START] * 3)
    add_payments(admin_engine, workspace, second, [START] * 2, source="shopify")
    for changes, number in (
        ({"connection_id": first}, 3), ({"connection_id": second}, 2),
        ({"connection_id": uuid4()}, 0), ({"source": ("shopify",)}, 2),
        ({"source": ("stripe",)}, 3), ({"source": ("netsuite",)}, 0),
        ({"source": ("shopify",), "connection_id": first}, 0),
    ):  # fmt: skip
        assert len(found(workspace, TableQuery("payments", **changes))) == number, changes


def connect_another(engine: Engine, workspace: Workspace) -> UUID:
    """A connection to a shop."""
    with engine.begin() as database:
        made: UUID = database.execute(
            text(
                "INSERT INTO connections (tenant_id, provider, label, environment, status,"
                " key_version) VALUES (:t, 'shopify', 'Shop', 'sandbox', 'active', '')"
                " RETURNING id"
            ),
            {"t": workspace.ctx.tenant},
        ).scalar_one()
    return made


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"source": ("paypal",)}, "source"),
        ({"source": ("stripe", "' OR 1=1 --")}, "source"),
        ({"source": ("",)}, "source"),
        ({"currency": ("XYZ",)}, "currency"),
        ({"currency": ("usd",)}, "currency"),
        ({"currency": ("USD", "\x00")}, "currency"),
        ({"amount_min": Decimal("0.00001")}, "amount_min"),
        ({"amount_min": Decimal("1e20")}, "amount_min"),
        ({"amount_max": Decimal("-1e999999")}, "amount_max"),
        ({"amount_max": Decimal("NaN")}, "amount_max"),
        ({"amount_max": Decimal("sNaN")}, "amount_max"),
        ({"amount_min": Decimal("Infinity")}, "amount_min"),
        ({"amount_min": Decimal(2), "amount_max": Decimal(1)}, "amount_min"),
        ({"ties": "perhaps"}, "ties"),
        ({"arrives_from": date(2026, 2, 2), "arrives_to": date(2026, 2, 1)}, "arrives_from"),
        ({"search": "a\x00b"}, "search"),
        ({"search": "\ud800"}, "search"),
        ({"search": "a\nb"}, "search"),
        ({"search": "\U0010ffff"}, "search"),
        ({"search": "x" * (LONGEST + 1)}, "search"),
    ],
)
def test_what_cannot_be_filtered_by_is_refused_by_field(
    shop: Workspace, changes: dict[str, Any], field: str
) -> None:
    use_cases: list[Any] = [list_rows, read_table, count_exactly, sum_by_currency]
    for use_case in use_cases:
        with pytest.raises(InvalidInputError) as error:
            runtime.run(shop.ctx, use_case, TableQuery("payouts", **changes))
        assert set(error.value.fields) == {field}


@pytest.mark.parametrize("table", sorted(TABLES))
def test_a_search_finds_an_own_id_from_any_beginning(shop: Workspace, table: str) -> None:
    exact = f"{table}_017"
    assert found(shop, TableQuery(table, search=exact)) == {exact}
    assert found(shop, TableQuery(table, search=f"  {exact}\t")) == {exact}
    assert found(shop, TableQuery(table, search=exact[:-1])) == {
        f"{table}_01{last}" for last in range(10)
    }
    assert len(found(shop, TableQuery(table, search=f"{table}_"))) == ROWS
    assert found(shop, TableQuery(table, search=f"{table}_017x")) == set()
    assert found(shop, TableQuery(table, search="_017")) == set(), "not from the middle"
    assert len(found(shop, TableQuery(table, search="  "))) == ROWS, "nothing is searched for"


FOUND_BY = {
    "orders": {"order_number": "#EU-1001", "customer_email": "ada@example.com"},
    "payments": {"charge_ref": "ch_abc", "order_ref": "A-77", "customer_email": "ada@example.com"},
    "refunds": {"payment_ref": "ch_abc", "order_ref": "A-77"},
    "payouts": {"trace_id": "TRACE9"},
    "payout_lines": {"payout_ref": "po_abc", "object_ref": "ch_abc", "order_ref": "A-77"},
    "fees": {},
    "disputes": {"payment_ref": "ch_abc"},
    "netsuite_transactions": {"tran_id": "JE12", "external_id": "eco-1", "internal_id": "4711"},
}  # fmt: skip


@pytest.mark.parametrize(("table", "column"), [(t, c) for t in FOUND_BY for c in FOUND_BY[t]])
def test_a_search_finds_what_people_paste(
    other_workspace: Workspace, admin_engine: Engine, table: str, column: str
) -> None:
    workspace = fill_every_table(admin_engine)
    value = FOUND_BY[table][column]
    with admin_engine.begin() as database:
        database.execute(
            text(
                f"UPDATE {table} SET {column} = CASE source_id WHEN :one THEN :value"
                " ELSE :value || '~' END WHERE tenant_id = :t AND source_id IN (:one, :two)"
            ),
            {"one": f"{table}_003", "two": f"{table}_004", "value": value,
             "t": workspace.ctx.tenant},
        )  # fmt: skip
    both = {f"{table}_003", f"{table}_004"}
    assert found(workspace, TableQuery(table, search=value)) == both
    assert found(workspace, TableQuery(table, search=value[:-1])) == both
    assert found(workspace, TableQuery(table, search=value + "~")) == {f"{table}_004"}
    assert found(other_workspace, TableQuery(table, search=value)) == set()


def test_an_order_number_is_found_with_and_without_its_hash(
    workspace: Workspace, admin_engine: Engine
) -> None:
    connection = connect_another(admin_engine, workspace)
    for number in (1001, 1002, 2001):
        add_order(admin_engine, workspace, connection, number)
    numbers = {"1001": 1, "#1001": 1, "10": 2, "#": 3, "##1": 0}
    for text_, count in numbers.items():
        assert len(found(workspace, TableQuery("orders", search=text_))) == count, text_


def add_order(engine: Engine, workspace: Workspace, connection: UUID, number: int) -> None:
    """An order of Shopify's, whose id is made of its number."""
    table, source_id = metadata.tables["orders"], f"gid://shopify/Order/55{number}"
    parts = [column.name for column in table.columns if isinstance(column.type, Money)]
    row = dict.fromkeys(parts, Decimal(0)) | {
        "tenant_id": workspace.ctx.tenant, "id": uuid4(), "connection_id": connection,
        "source": "shopify", "source_id": source_id, "dedupe_key": f"shopify:{source_id}",
        "source_status": "PAID", "status": "paid", "currency": "USD", "created_at": START,
        "content_hash": b"x", "order_number": f"#{number}",
    }  # fmt: skip
    with engine.begin() as database:
        database.execute(insert(table), row)


def test_a_number_of_shopifys_is_found_as_the_screen_shows_it(
    workspace: Workspace, admin_engine: Engine
) -> None:
    connection = connect_another(admin_engine, workspace)
    add_order(admin_engine, workspace, connection, 1234)
    gid = "gid://shopify/Order/551234"
    more = {"source": "shopify", "order_ref": gid}
    add_payments(admin_engine, workspace, connection, [START], **more)
    for pasted in ("551234", "5512", gid, "gid://shopify/Order/55"):
        assert found(workspace, TableQuery("orders", search=pasted)) == {gid}
        assert len(found(workspace, TableQuery("payments", search=pasted))) == 1
    for other in ("51234", "gid://shopify/OrderTransaction/551234", "5512345"):
        assert found(workspace, TableQuery("orders", search=other)) == set()


def test_what_is_linked_is_found_by_the_reference_as_well(
    workspace: Workspace, admin_engine: Engine
) -> None:
    """Of linked rows the reference has no index: they are found through what it leads to."""
    connection = connect_another(admin_engine, workspace)
    add_order(admin_engine, workspace, connection, 1234)
    gid = "gid://shopify/Order/551234"
    add_payments(admin_engine, workspace, connection, [START] * 2, source="shopify", order_ref=gid)
    with admin_engine.begin() as database:
        database.execute(
            text(
                "UPDATE payments p SET order_id = o.id FROM orders o WHERE o.tenant_id = :t"
                " AND p.tenant_id = :t AND o.source_id = p.order_ref"
            ),
            {"t": workspace.ctx.tenant},
        )
    for pasted in ("551234", "55", gid):
        assert len(found(workspace, TableQuery("payments", search=pasted))) == 2


def test_a_search_that_finds_more_than_a_few_finds_all_of_them(
    workspace: Workspace, admin_engine: Engine
) -> None:
    connection = connect(workspace.ctx, KEY)
    add_payments(admin_engine, workspace, connection, [START] * (FEW + 1))
    add_payments(admin_engine, workspace, connection, [START] * 5, charge_ref="py_x")
    every = TableQuery("payments", search="ch_")
    assert runtime.run(workspace.ctx, count_exactly, every) == FEW + 6
    assert len(found(workspace, replace(every, search="py_"))) == 5
    both = replace(every, amount_max=Decimal("12.33"))
    assert found(workspace, both) == set()
    (dollars,) = runtime.run(workspace.ctx, sum_by_currency, every)
    assert dollars == CurrencySum("USD", FEW + 6, (FEW + 6) * 123400)


def test_the_database_compares_text_as_ranges_need_it(admin_engine: Engine) -> None:
    """By code points, so that a prefix is the range up to the next one."""
    prefixes = ["a", "A", "Z", "z", "é", "\u00ff", "ﬀ", "\ud7a3", "\ufffd", "🙂", "~", "#10",
                "ch_", "gid://shopify/Order/"]  # fmt: skip
    rests = ["", "\x01", "0", "Z", "z", "é", "\U0010ffff"]
    with admin_engine.connect() as database:
        for prefix in prefixes:
            low, high = prefix, behind(prefix)
            between = text(
                "SELECT array_agg(it >= :low AND it < :high) FROM unnest(cast(:all AS text[])) it"
            )
            values = {"low": low, "high": high, "all": [prefix + rest for rest in rests]}
            assert set(database.scalar(between, values) or ()) == {True}, prefix
            before = prefix[:-1] + chr(ord(prefix[-1]) - 1)
            values["all"] = [prefix[:-1], before, high]
            assert set(database.scalar(between, values) or ()) == {False}, prefix


def test_behind_every_printable_character_is_one() -> None:
    for code in range(0x110000):
        character = chr(code)
        if character.isprintable():
            after = behind(character)
            assert after > character
            assert unicodedata.category(after) != "Cs", "no text ends in half of a pair"


@pytest.mark.parametrize("table", sorted(TABLES))
def test_sums_are_those_of_the_filtered_rows_by_currency(
    shop: Workspace, stored: StoredOf, table: str
) -> None:
    counts = {
        "orders": "status NOT IN ('voided', 'canceled')",
        "payments": "status NOT IN ('failed', 'voided') AND kind <> 'authorization'",
        "refunds": "status NOT IN ('failed', 'canceled')",
        "payouts": "status NOT IN ('failed', 'canceled')",
    }.get(table, "true")
    for changes, condition in (
        ({}, "true"),
        ({"amount_min": Decimal(0)}, "amount >= 0"),
        ({"status": TABLES[table].statuses[:2]}, "status = ANY(:two)"),
    ):
        wanted = stored(shop).rows(
            "SELECT currency, count(*),"
            f" coalesce(sum(amount) FILTER (WHERE {counts}), 0)::bigint FROM {table}"
            f" WHERE tenant_id = :tenant AND {condition} GROUP BY 1 ORDER BY 1",
            two=list(TABLES[table].statuses[:2]),
        )
        sums = runtime.run(shop.ctx, sum_by_currency, TableQuery(table, **changes))
        assert [(s.currency, s.rows, s.amount) for s in sums] == wanted
        assert all(type(s.amount) is int for s in sums)
        assert len(sums) >= 1


def test_what_moved_no_money_is_in_no_sum(workspace: Workspace, admin_engine: Engine) -> None:
    connection = connect(workspace.ctx, KEY)
    for more in ({}, {"status": "failed"}, {"status": "voided", "kind": "void"},
                 {"status": "pending"}, {"kind": "authorization"}, {"kind": "capture"},
                 {"status": "failed", "currency": "EUR"}):  # fmt: skip
        add_payments(admin_engine, workspace, connection, [START], **more)
    assert runtime.run(workspace.ctx, sum_by_currency, TableQuery("payments")) == (
        CurrencySum("EUR", 1, 0),
        CurrencySum("USD", 6, 3 * from_decimal(Decimal("12.34"))),
    )


def sum_of(workspace: Workspace, table: str, **filters: Any) -> list[tuple[int, Decimal]]:
    """Rows and amount of each currency."""
    found = runtime.run(workspace.ctx, sum_by_currency, TableQuery(table, **filters))
    return [(it.rows, to_decimal(it.amount)) for it in found]


def add_charged_sale(engine: Engine, workspace: Workspace, **of_charge: Any) -> tuple[UUID, UUID]:
    """A shop's sale of 12.34 and Stripe's charge behind it; their connections."""
    pro = replace(workspace.ctx, plan=Plan("pro"))
    shop, stripe = (connect(pro, KEY, label) for label in ("Shop", "Stripe"))
    charged = {"source_id": "ch_1", "dedupe_key": "stripe:ch_1", "charge_ref": "ch_1", **of_charge}
    add_payments(engine, workspace, stripe, [START], **charged)
    sold = {"source": "shopify", "gateway": "stripe", "charge_ref": "ch_1", "source_id": "sale"}
    add_payments(engine, workspace, shop, [START], **sold)
    return shop, stripe


def test_a_sale_and_the_charge_behind_it_are_summed_once(
    workspace: Workspace, admin_engine: Engine
) -> None:
    shop, stripe = add_charged_sale(admin_engine, workspace)
    add_payments(admin_engine, workspace, shop, [START], charge_ref="ch_not_synced")
    one = Decimal("12.34")
    assert sum_of(workspace, "payments") == [(3, 2 * one)]
    assert sum_of(workspace, "payments", status=("completed",)) == [(3, 2 * one)]
    assert sum_of(workspace, "payments", connection_id=shop) == [(2, 2 * one)]
    assert sum_of(workspace, "payments", connection_id=stripe) == [(1, one)]


def test_sums_of_two_months_are_the_sum_of_both(workspace: Workspace, admin_engine: Engine) -> None:
    add_charged_sale(admin_engine, workspace, created_at=START - timedelta(days=1))
    day, one = START.date(), Decimal("12.34")
    assert sum_of(workspace, "payments", date_to=day - timedelta(days=1)) == [(1, one)]
    assert sum_of(workspace, "payments", date_from=day) == [(1, Decimal(0))]


@pytest.mark.parametrize(
    "charge", [{"status": "failed"}, {"kind": "authorization", "status": "pending"}]
)
def test_a_charge_that_counts_not_leaves_its_sale_in_the_sum(
    workspace: Workspace, admin_engine: Engine, charge: dict[str, Any]
) -> None:
    add_charged_sale(admin_engine, workspace, **charge)
    assert sum_of(workspace, "payments") == [(2, Decimal("12.34"))]


def test_a_refund_that_shop_and_stripe_tell_is_summed_once(
    workspace: Workspace, admin_engine: Engine, stored: StoredOf
) -> None:
    shop, stripe = add_charged_sale(admin_engine, workspace)
    payments = stored(workspace).rows(
        "SELECT source_id, id FROM payments WHERE tenant_id = :tenant"
    )
    ids = {str(source_id): row_id for source_id, row_id in payments}
    for connection, of in ((shop, "sale"), (stripe, "ch_1")):
        add(admin_engine, workspace, connection, "refunds", status="completed", payment_ref=of,
            amount=Decimal(5), payment_id=ids[of])  # fmt: skip
    assert sum_of(workspace, "refunds") == [(2, Decimal(5))]
    assert sum_of(workspace, "refunds", connection_id=shop) == [(1, Decimal(5))]


def test_sums_go_beyond_what_one_amount_can_hold(
    workspace: Workspace, admin_engine: Engine
) -> None:
    connection = connect(workspace.ctx, KEY)
    largest = Decimal(2**63 - 1).scaleb(-4)
    add_payments(admin_engine, workspace, connection, [START] * 3, amount=largest)
    (dollars,) = runtime.run(workspace.ctx, sum_by_currency, TableQuery("payments"))
    assert dollars.amount == 3 * (2**63 - 1)


def test_who_may_not_see_tables_learns_no_count_and_no_sum(
    workspace: Workspace, audit: Callable[[Workspace], list[tuple[str, str]]]
) -> None:
    nobody = replace(workspace.ctx, role="", permissions=frozenset())
    before = audit(workspace)
    use_cases: list[Any] = [count_exactly, sum_by_currency]
    for use_case in use_cases:
        with pytest.raises(PermissionDeniedError):
            runtime.run(nobody, use_case, TableQuery("payments"))
    assert audit(workspace) == [*before, *[("permission_denied", "denied")] * 2]


def test_counts_and_sums_stay_within_the_workspace(
    shop: Workspace, other_workspace: Workspace
) -> None:
    for table in TABLES:
        query = TableQuery(table)
        assert runtime.run(shop.ctx, count_exactly, query) == ROWS
        assert runtime.run(other_workspace.ctx, count_exactly, query) == 0
        assert runtime.run(other_workspace.ctx, sum_by_currency, query) == ()


@pytest.mark.parametrize("changes", [{"ties": "tied"}, {"arrives_to": date(2026, 2, 1)}])
def test_only_payouts_arrive_and_tie_out(shop: Workspace, changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        runtime.run(shop.ctx, list_rows, TableQuery("refunds", **changes))
