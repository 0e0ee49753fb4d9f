"""Rows of NetSuite become records exactly, or rejects with the reason; none is lost or bent."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecomops.connectors.exact_json import read_list, sanitised
from ecomops.connectors.netsuite.batch import Batch, read_batch
from ecomops.connectors.netsuite.lists import LISTS
from ecomops.connectors.netsuite.transactions import LINES
from ecomops.connectors.records import (
    GlAccountRecord,
    NetsuiteLineRecord,
    PeriodRecord,
    SegmentRecord,
    SubsidiaryRecord,
)
from tests.connectors import netsuite_rows as netsuite
from tests.connectors.netsuite_named_records import SAMPLES, named_records
from tests.connectors.netsuite_rows import ACCOUNT


def batch_of(stream: str, data: str) -> Batch:
    _, elements = read_list(sanitised(f'{{"items": {data}}}'), "items")
    assert elements is not None
    batch = read_batch(LISTS[stream].kind if stream in LISTS else LINES, ACCOUNT, elements)
    page = batch.page(stream)
    assert len(page.records) + len(page.rejects) + page.ignored == page.received
    for reject in batch.rejects:
        json.loads(reject.payload, parse_constant=pytest.fail)
    for record in batch.records.values():
        if isinstance(record, NetsuiteLineRecord):
            assert record.amount == money_said(record.raw)
    return batch


def money_said(raw: str) -> int:
    """Debit less credit in units, read from the row once more and by other means."""
    told = json.loads(raw, parse_float=Decimal)
    debit, credit = (Decimal(told.get(name) or 0) for name in ("debit", "credit"))
    assert (debit - credit) * 10_000 % 1 == 0
    return int((debit - credit) * 10_000)


def one(stream: str, **changes: Any) -> Any:
    (record,) = batch_of(stream, json.dumps([SAMPLES[stream](**changes)])).records.values()
    return record


def test_every_named_row_comes_to_what_is_written_beside_it() -> None:
    cases = list(named_records())
    assert len({case.name for case in cases}) == len(cases) >= 120
    for case in cases:
        batch = batch_of(case.stream, case.data)
        reasons = [reject.reason_code for reject in batch.rejects]
        assert reasons == ([case.reason] if case.reason else []), case.name
        amounts = [getattr(record, "amount", None) for record in batch.records.values()]
        assert amounts == ([] if case.reason else [case.money]), case.name


def test_a_line_is_read_whole() -> None:
    row = netsuite.line(voided="F", entity="77", memo="the whole", foreignamount="170")
    (record,) = batch_of("transactions", json.dumps([row])).records.values()
    assert record == NetsuiteLineRecord(
        source_id=f"{ACCOUNT}:42:0",
        source_created_at=datetime(2026, 10, 30, 9, 15, tzinfo=UTC),
        source_updated_at=datetime(2026, 10, 30, 10, tzinfo=UTC),
        status="posted",
        source_status="B",
        currency="USD",
        raw=json.dumps(row),
        internal_id="42",
        external_id="PAYOUT_po_1",
        record_type="Journal",
        tran_id="JE42",
        tran_date=date(2026, 10, 30),
        period="Oct 2026",
        account_id="10",
        account_name="1010 Bank USD",
        debit=1_870_500,
        credit=None,
        amount=1_870_500,
        exchange_rate="1",
        memo="Payout po_1",
        subsidiary_id="1",
    )


def test_a_line_without_a_memo_has_its_transactions() -> None:
    assert one("transactions", linememo=None, memo="the whole").memo == "the whole"
    assert one("transactions", linememo=None).memo is None


def test_a_voided_transaction_is_said_to_be_whatever_its_letter() -> None:
    assert one("transactions", voided="T", debit=None).status == "voided"
    assert one("transactions", status="V").status == "posted"
    assert one("transactions", voided="T", posting="F").status == "voided"


def test_what_waits_for_approval_is_open() -> None:
    assert one("transactions", posting="F", status="A").status == "open"


@pytest.mark.parametrize("currency", ["JPY", "KWD", "USD"])
def test_an_amount_is_in_the_currency_of_the_subsidiary(currency: str) -> None:
    record = one("transactions", currency=currency, foreigncurrency="GBP", foreignamount="140")
    assert (record.currency, record.amount) == (currency, 1_870_500)


def test_lists_are_read_whole() -> None:
    assert one("subsidiaries") == SubsidiaryRecord(
        source_id=f"{ACCOUNT}:3", name="Japan K.K.", currency="JPY",
        parent_ref=f"{ACCOUNT}:1", raw=json.dumps(netsuite.subsidiary()),
    )  # fmt: skip
    assert one("accounts", isinactive="T") == GlAccountRecord(
        source_id=f"{ACCOUNT}:58", name="Clearing", inactive=True, number="1150",
        account_type="OthCurrAsset", raw=json.dumps(netsuite.gl_account(isinactive="T")),
    )  # fmt: skip
    assert one("periods") == PeriodRecord(
        source_id=f"{ACCOUNT}:220", name="Oct 2026", start_date=date(2026, 10, 1),
        end_date=date(2026, 10, 31), closed=False, all_locked=True, is_quarter=False,
        is_year=False, is_adjustment=False, raw=json.dumps(netsuite.period()),
    )  # fmt: skip
    assert one("currencies") == SegmentRecord(
        source_id=f"{ACCOUNT}:currency:1", name="US Dollar", kind="currency", symbol="USD",
        raw=json.dumps(netsuite.coin()),
    )  # fmt: skip


def test_the_same_id_in_two_lists_names_two_records() -> None:
    names = {one(stream, id="1").source_id for stream in ("departments", "currencies")}
    assert len(names) == 2


def test_of_two_copies_of_a_line_the_last_one_counts() -> None:
    data = json.dumps([netsuite.line(), netsuite.line(debit="5")])
    batch = batch_of("transactions", data)
    assert [getattr(record, "amount", None) for record in batch.records.values()] == [50_000]
    assert batch.page("transactions").ignored == 1


_NUMBERS = st.decimals(allow_nan=False, allow_infinity=False).map(str)
_JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), _NUMBERS,
    st.text(max_size=20), st.lists(st.integers(), max_size=2), st.just({}), st.sampled_from("TF"),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_whatever_is_retyped_every_row_is_stored_or_rejected(data: st.DataObject) -> None:
    stream = data.draw(st.sampled_from(sorted(SAMPLES)))
    names = st.sampled_from(sorted(SAMPLES[stream]()))
    changes = data.draw(st.dictionaries(names, _JUNK, min_size=1, max_size=4))
    batch = batch_of(stream, json.dumps([SAMPLES[stream](**changes)]))
    assert batch.received == 1
