"""Each hostile object and answer of Shopify comes to what is written beside it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from ecomops.connectors.exact_json import read_list, sanitised
from ecomops.connectors.records import OrderRecord, PayoutLineRecord
from ecomops.connectors.shopify import ShopifyConnector
from ecomops.connectors.shopify.kinds import KINDS
from ecomops.connectors.shopify.objects import Batch, read_batch
from ecomops.kit.errors import ProviderError
from tests.connectors import shopify_objects as objects
from tests.connectors.named_shopify import SAMPLES, Answers, named_answers, named_objects
from tests.connectors.shop import HASTY, NOW, TOKEN
from tests.connectors.wire import serve

AT_ONCE = replace(HASTY, connect=10, read=10, longest_retry_after=0)


def batch_of(stream: str, data: str) -> Batch:
    _, elements = read_list(sanitised(f'{{"data": {data}}}'), "data")
    assert elements is not None
    batch = read_batch(KINDS[stream], elements, lambda order: None)
    assert len(batch.records) + len(batch.rejects) + batch.ignored == batch.received
    texts = [record.raw for record in batch.records.values()]
    for text in (*texts, *(reject.payload for reject in batch.rejects)):
        json.loads(text, parse_constant=pytest.fail)
    return batch


def money_of(record: Any) -> tuple[str, int]:
    amount = record.gross if isinstance(record, PayoutLineRecord) else record.amount
    return record.currency, amount


def test_every_named_object_comes_to_what_is_written_beside_it() -> None:
    cases = list(named_objects())
    assert len({case.name for case in cases}) == len(cases) >= 300
    for case in cases:
        batch = batch_of(case.stream, case.data)
        assert tuple(it.reason_code for it in batch.rejects) == case.reasons, case.name
        kept = tuple(money_of(record) for record in batch.records.values())
        assert (kept, batch.ignored) == (case.money, case.ignored), case.name


@pytest.mark.parametrize("case", list(named_answers()), ids=lambda case: case.name)
def test_a_named_answer(case: Answers) -> None:
    found, stop = 0, None
    own = {"shop_domain": "nord.myshopify.com", "api_key": "k" * 32, "api_secret": TOKEN}
    secrets = {name: SecretStr(value) for name, value in own.items()}
    with serve(case.respond()) as wire:
        connector = ShopifyConnector(
            secrets, base=wire.base, now=lambda: NOW, limits=AT_ONCE, bulk_from=None
        )
        try:
            for page in connector.pages("orders", None):
                found += sum(isinstance(it, OrderRecord) for it in page.records)
        except ProviderError as error:
            stop = error
        finally:
            connector.close()
    assert found == case.orders
    assert (stop is None) == (case.stop is None)
    assert case.stop is None or isinstance(stop, case.stop)
    assert len(wire.seen) == case.requests


def test_a_transaction_that_cannot_be_read_can_be_asked_for_by_its_id() -> None:
    bad = objects.order(transactions=[objects.transaction(501, status="MAYBE")])
    (reject,) = batch_of("orders", json.dumps([bad])).rejects
    assert reject.source_id == objects.gid("OrderTransaction", 501)
    assert json.loads(reject.payload)["status"] == "MAYBE"


def test_a_number_that_cannot_be_kept_costs_its_order_alone() -> None:
    good, bad = objects.order(101), objects.order(102, discountCodes="@@")
    data = json.dumps([good, bad]).replace('"@@"', "NaN")
    batch = batch_of("orders", data)
    assert [(it.source_id, it.reason_code) for it in batch.rejects] == [
        (objects.gid("Order", 102), "bad_number")
    ]
    assert len(batch.records) == 2


_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["id", "amount", "nodes", "shopMoney"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)


@given(st.sampled_from(sorted(SAMPLES)), st.data())
def test_whatever_stands_in_a_field_it_is_a_record_or_a_reject(
    stream: str, data: st.DataObject
) -> None:
    sample = SAMPLES[stream]()
    name = data.draw(st.sampled_from(sorted(sample)))
    sample[name] = data.draw(_VALUES)
    batch = batch_of(stream, json.dumps([sample]))
    assert batch.received >= 1
