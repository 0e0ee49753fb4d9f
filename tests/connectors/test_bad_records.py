"""Hostile records, by name: each is stored exactly or kept as a reject; none is lost or bent."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecomops.connectors.exact_json import read_list, sanitised
from ecomops.connectors.records import PaymentRecord
from ecomops.connectors.stripe.objects import KINDS, Batch, read_batch
from tests.connectors import stripe_objects as stripe
from tests.connectors.named_records import SAMPLES, named_records, one, with_literal
from tests.connectors.said import money_kept, money_said


def batch_of(stream: str, data: str) -> Batch:
    _, elements = read_list(sanitised(f'{{"data": {data}}}'), "data")
    assert elements is not None
    batch = read_batch(KINDS[stream], elements)
    assert len(batch.records) + len(batch.rejects) + batch.ignored == batch.received
    for record in batch.records.values():
        assert money_kept(record) == money_said(stream, record.raw)
    for reject in batch.rejects:
        json.loads(reject.payload, parse_constant=pytest.fail)
    return batch


def test_every_named_record_comes_to_what_is_written_beside_it() -> None:
    cases = list(named_records())
    assert len({case.name for case in cases}) == len(cases) >= 300
    for case in cases:
        batch = batch_of(case.stream, case.data)
        assert tuple(one.reason_code for one in batch.rejects) == case.reasons, case.name
        amounts = tuple(money_kept(record)[:2] for record in batch.records.values())
        assert (amounts, batch.ignored) == (case.money, case.ignored), case.name


@pytest.mark.parametrize("stream", ["charges", "refunds", "disputes", "payouts"])
def test_zero_is_an_amount(stream: str) -> None:
    assert len(batch_of(stream, one(stream, amount=0)).records) == 1


@pytest.mark.parametrize("stream", ["charges", "refunds", "disputes", "payouts"])
def test_an_unknown_status_is_rejected_with_its_word(stream: str) -> None:
    (reject,) = batch_of(stream, one(stream, status="teleported")).rejects
    assert reject.reason_code == "unknown_status"
    assert "teleported" in reject.message


@pytest.mark.parametrize("element", ["null", "7", '"ch_1"', "[]", "[[]]", "true", "1.5"])
def test_an_element_that_is_no_object_is_rejected_whole(element: str) -> None:
    (reject,) = batch_of("charges", f"[{element}]").rejects
    assert (reject.reason_code, reject.source_id, reject.payload) == (
        "not_an_object",
        None,
        element,
    )


def test_an_added_field_changes_nothing_and_stays_in_raw() -> None:
    (record,) = batch_of("charges", one("charges", novelty={"a": [1]})).records.values()
    assert json.loads(record.raw)["novelty"] == {"a": [1]}


def test_nul_and_lone_surrogates_in_text_are_replaced_in_the_record_and_in_raw() -> None:
    data = with_literal("charges", "description", r'"a\u0000b\ud800c"')
    (record,) = batch_of("charges", data).records.values()
    assert isinstance(record, PaymentRecord)
    assert record.description == "a\ufffdb\ufffdc"
    assert json.loads(record.raw)["description"] == "a\ufffdb\ufffdc"


def test_an_integer_beyond_a_doubles_precision_is_kept_to_the_cent() -> None:
    data = one("payouts", amount=-(2**53 + 1))
    (record,) = batch_of("payouts", data).records.values()
    assert record.amount == -(2**53 + 1) * 100  # type: ignore[attr-defined]  # a payout
    assert json.loads(record.raw)["amount"] == -(2**53 + 1)


def test_good_records_beside_bad_ones_are_kept() -> None:
    mixed = [stripe.line(id=f"txn_{n}", net=9680 + n % 2) for n in range(10)]
    batch = batch_of("balance_transactions", json.dumps(mixed))
    assert (len(batch.records), len(batch.rejects)) == (5, 5)


_JUNK: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(min_value=2**62, max_value=2**66),
    st.floats(),
    st.text(),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_whatever_is_retyped_every_record_is_stored_or_rejected(data: st.DataObject) -> None:
    stream = data.draw(st.sampled_from(sorted(SAMPLES)))
    names = st.sampled_from(sorted(SAMPLES[stream]))
    changes = data.draw(st.dictionaries(names, _JUNK, min_size=1, max_size=4))
    batch = batch_of(stream, one(stream, **changes))
    assert batch.received == 1
