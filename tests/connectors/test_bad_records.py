"""Hostile records, by name: each is stored exactly or kept as a reject; none is lost or bent."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecomops.connectors.exact_json import read_list, sanitised
from ecomops.connectors.records import PaymentRecord, PayoutLineRecord
from ecomops.connectors.stripe.fields import LATEST
from ecomops.connectors.stripe.objects import KINDS, Batch, read_batch
from tests.connectors import stripe_objects as stripe

SAMPLES = {
    "charges": stripe.charge(),
    "refunds": stripe.refund(),
    "disputes": stripe.dispute(),
    "payouts": stripe.payout(),
    "balance_transactions": stripe.line(),
}


def batch_of(stream: str, data: str) -> Batch:
    _, elements = read_list(sanitised(f'{{"data": {data}}}'), "data")
    assert elements is not None
    batch = read_batch(KINDS[stream], elements)
    assert len(batch.records) + len(batch.rejects) + batch.ignored == batch.received
    for reject in batch.rejects:
        json.loads(reject.payload, parse_constant=pytest.fail)
    return batch


def reasons(stream: str, data: str) -> list[str]:
    batch = batch_of(stream, data)
    assert not batch.records
    return [reject.reason_code for reject in batch.rejects]


def one(stream: str, **changes: Any) -> str:
    return json.dumps([{**SAMPLES[stream], **changes}])


def with_literal(stream: str, name: str, literal: str) -> str:
    """The sample with one field written as the text ``literal``."""
    return one(stream, **{name: "@@"}).replace('"@@"', literal)


@pytest.mark.parametrize("stream", SAMPLES)
@pytest.mark.parametrize(
    ("literal", "reason"),
    [
        ('"12"', "bad_integer"),
        ("12.0", "bad_integer"),
        ("12.5", "bad_integer"),
        ("1e3", "bad_integer"),
        ("9007199254740993.0", "bad_integer"),
        ("true", "bad_integer"),
        ("null", "bad_integer"),
        ('""', "bad_integer"),
        ("[]", "bad_integer"),
        ("{}", "bad_integer"),
        ("NaN", "bad_number"),
        ("Infinity", "bad_number"),
        ("-Infinity", "bad_number"),
        ("1e999999", "bad_number"),
        ("9" * 5000, "bad_number"),
        (str(2**63), "amount_out_of_range"),
        (str(10**30), "amount_out_of_range"),
    ],
)
def test_an_amount_that_is_no_plain_integer_is_rejected(
    stream: str, literal: str, reason: str
) -> None:
    assert reasons(stream, with_literal(stream, "amount", literal)) == [reason]


@pytest.mark.parametrize("stream", SAMPLES)
def test_a_missing_field_is_rejected(stream: str) -> None:
    for name in ("id", "object", "amount", "currency", "created", "status"):
        sample = {key: value for key, value in SAMPLES[stream].items() if key != name}
        assert len(reasons(stream, json.dumps([sample]))) == 1, name


@pytest.mark.parametrize("stream", SAMPLES)
@pytest.mark.parametrize(
    ("literal", "reason"),
    [
        ('""', "bad_id"),
        ("null", "bad_id"),
        ("7", "bad_id"),
        (json.dumps("x" * 256), "bad_id"),
        (r'"ch_\u0000"', "bad_id"),
        (r'"ch_\ud800"', "bad_id"),
        (r'"ch_\n"', "bad_id"),
        (r'"ch_\u0007"', "bad_id"),
        (r'"ch_\u202e"', "bad_id"),
    ],
)
def test_an_odd_id_is_rejected(stream: str, literal: str, reason: str) -> None:
    assert reasons(stream, with_literal(stream, "id", literal)) == [reason]


@pytest.mark.parametrize("currency", ["xxx", "", None, 840, "us", "usdc", "us\u0000d", ["usd"]])
@pytest.mark.parametrize("stream", SAMPLES)
def test_an_unknown_currency_is_rejected(stream: str, currency: Any) -> None:
    assert reasons(stream, one(stream, currency=currency)) == ["unknown_currency"]


@pytest.mark.parametrize(
    ("currency", "units"),
    [("usd", 1_000_000), ("USD", 1_000_000), ("jpy", 100_000_000), ("kwd", 100_000)],
)
def test_a_currency_is_kept_in_capitals_with_its_own_places(currency: str, units: int) -> None:
    (record,) = batch_of("charges", one("charges", currency=currency)).records.values()
    assert isinstance(record, PaymentRecord)
    assert (record.currency, record.amount) == (currency.upper(), units)


@pytest.mark.parametrize(
    "created",
    [-1, 0, 1, 946_684_799, LATEST, 10**18, "1780000000", 1.5e9, None, True, "2026-05-28"],
)
@pytest.mark.parametrize("stream", SAMPLES)
def test_an_impossible_time_is_rejected(stream: str, created: Any) -> None:
    (reason,) = reasons(stream, one(stream, created=created))
    assert reason in ("bad_time", "bad_integer")


@pytest.mark.parametrize("stream", ["charges", "refunds", "disputes"])
def test_a_negative_amount_is_rejected_where_there_is_none(stream: str) -> None:
    assert reasons(stream, one(stream, amount=-1)) == ["negative_amount"]


@pytest.mark.parametrize("stream", ["charges", "refunds", "disputes", "payouts"])
def test_zero_is_an_amount(stream: str) -> None:
    assert len(batch_of(stream, one(stream, amount=0)).records) == 1


def test_a_refund_above_its_charge_is_kept() -> None:
    assert len(batch_of("refunds", one("refunds", amount=10**9)).records) == 1


@pytest.mark.parametrize("stream", ["charges", "refunds", "disputes", "payouts"])
def test_an_unknown_status_is_rejected_with_its_word(stream: str) -> None:
    (reject,) = batch_of(stream, one(stream, status="teleported")).rejects
    assert reject.reason_code == "unknown_status"
    assert "teleported" in reject.message


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"net": 9681}, "line_arithmetic"),
        ({"fee": 321, "net": 9679}, "fee_mismatch"),
        ({"fee_details": []}, "fee_mismatch"),
        ({"fee_details": None}, "fee_mismatch"),
        ({"fee_details": {}}, "bad_list"),
        ({"fee_details": ["stripe_fee"]}, "fee_mismatch"),
        ({"fee_details": [stripe.fee_detail(320, currency="eur")]}, "fee_mismatch"),
        ({"fee_details": [{**stripe.fee_detail(320), "amount": "320"}]}, "bad_integer"),
        ({"exchange_rate": "1.08"}, "bad_rate"),
        ({"exchange_rate": 0}, "bad_rate"),
        ({"exchange_rate": -1}, "bad_rate"),
        ({"exchange_rate": 10**11}, "bad_rate"),
        ({"exchange_rate": True}, "bad_rate"),
        ({"source": 7}, "bad_id"),
        ({"source": {"object": "charge"}}, "bad_id"),
        ({"type": None}, "bad_word"),
        ({"reporting_category": ""}, "bad_word"),
        ({"description": {"text": "x"}}, "bad_text"),
        ({"available_on": "soon"}, "bad_integer"),
        ({"object": "charge"}, "wrong_object"),
    ],
)
def test_a_line_that_does_not_add_up_is_rejected(changes: dict[str, Any], reason: str) -> None:
    assert reasons("balance_transactions", one("balance_transactions", **changes)) == [reason]


@pytest.mark.parametrize(
    ("stream", "changes", "reason"),
    [
        ("charges", {"captured": "true"}, "bad_flag"),
        ("charges", {"amount_captured": None}, "bad_integer"),
        ("charges", {"billing_details": []}, "bad_object"),
        ("disputes", {"balance_transactions": ["txn_1"]}, "unknown_dispute_fee"),
        (
            "disputes",
            {"balance_transactions": [stripe.withdrawal(), stripe.withdrawal(currency="eur")]},
            "mixed_currencies",
        ),
        ("payouts", {"automatic": None}, "bad_flag"),
        ("payouts", {"arrival_date": None}, "bad_integer"),
        ("payouts", {"trace_id": "TRACE"}, "bad_object"),
    ],
)
def test_a_retyped_field_is_rejected(stream: str, changes: dict[str, Any], reason: str) -> None:
    assert reasons(stream, one(stream, **changes)) == [reason]


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


def test_of_the_same_id_twice_in_a_page_the_last_counts_and_the_other_is_ignored() -> None:
    twice = [stripe.line(description="first"), stripe.line(description="second")]
    batch = batch_of("balance_transactions", json.dumps(twice))
    (record,) = batch.records.values()
    assert isinstance(record, PayoutLineRecord)
    assert record.description == "second"
    assert (batch.received, batch.ignored) == (2, 1)


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
