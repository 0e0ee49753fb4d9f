"""Every object among the provider's sample files is stored exactly or rejected with a reason."""

import csv
import gzip
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ecomops.connectors.exact_json import Element
from ecomops.connectors.records import PayoutLineRecord, Record
from ecomops.connectors.stripe.objects import KINDS, Batch, read_batch
from ecomops.core.money import to_decimal

FILES = Path(__file__).parents[2].parent / "shared" / "providers" / "stripe"

pytestmark = pytest.mark.skipif(not FILES.is_dir(), reason="the provider files are not here")

STREAM_OF = {kind.word: name for name, kind in KINDS.items()}


def _objects(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if str(node.get("object")) in STREAM_OF:
            yield node
        for child in node.values():
            yield from _objects(child)
    elif isinstance(node, list):
        for child in node:
            yield from _objects(child)


def _samples() -> list[tuple[str, dict[str, Any]]]:
    found = []
    for path in sorted([*FILES.rglob("*.json"), *FILES.rglob("*.json.gz")]):
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8") as file:
            found += [(path.name, item) for item in _objects(json.load(file))]
    return found


def _read(item: dict[str, Any]) -> Batch:
    element = Element(item, json.dumps(item))
    return read_batch(KINDS[STREAM_OF[item["object"]]], [element])


def _amount(record: Record) -> int:
    return record.gross if isinstance(record, PayoutLineRecord) else record.amount  # type: ignore[attr-defined]  # all others have one


def _expected_minor(item: dict[str, Any]) -> int:
    captured = item["object"] == "charge" and item["captured"] and "amount_captured" in item
    return int(item["amount_captured"] if captured else item["amount"])


def test_every_object_is_stored_or_rejected_and_none_is_lost() -> None:
    outcomes: Counter[str] = Counter()
    rejected = []
    samples = _samples()
    for name, item in samples:
        batch = _read(item)
        assert (batch.received, batch.ignored) == (1, 0), name
        outcomes["stored"] += len(batch.records)
        rejected += [(name, reject.reason_code) for reject in batch.rejects]
    assert len(samples) == 19
    assert outcomes["stored"] == 17
    # Both are written by a library that turned "amount" into text of major units.
    assert sorted(rejected) == [
        ("dispute_ch_fakefakefakefake01.json", "bad_integer"),
        ("payout_custom_bank_account.json", "bad_integer"),
    ]


def test_the_amounts_are_exact() -> None:
    for name, item in _samples():
        for record in _read(item).records.values():
            assert record.currency == item["currency"].upper()
            exact = Decimal(_expected_minor(item)) / 100  # all samples are in US dollars
            assert to_decimal(_amount(record)) == exact, name


def test_the_dispute_of_the_files_carries_its_fee() -> None:
    fees = {
        record.source_id: record.fee  # type: ignore[attr-defined]  # a dispute
        for _, item in _samples()
        if item["object"] == "dispute"
        for record in _read(item).records.values()
    }
    assert fees["dp_1JAyTwJSZQVUcJYgPqasUEn1"] == 150_000


def _seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def _seed_lines() -> list[dict[str, Any]]:
    """The warehouse rows of the seeds in the API's shape; they carry no fee details."""
    with (FILES / "dbt_stripe_seeds" / "balance_transaction_data.csv").open() as file:
        rows = list(csv.DictReader(file))
    return [
        {
            "id": row["id"],
            "object": "balance_transaction",
            **{name: int(row[name]) for name in ("amount", "fee", "net")},
            "fee_details": [
                {"amount": int(row["fee"]), "currency": row["currency"], "type": "stripe_fee"}
            ],
            "created": _seconds(row["created"]),
            "available_on": _seconds(row["available_on"]),
            **{name: row[name] for name in ("currency", "source", "status", "type", "description")},
            "reporting_category": row["type"],
        }
        for row in rows
    ]


def test_the_movements_of_the_seeds_keep_their_sums() -> None:
    items = _seed_lines()
    lines = [
        record
        for item in items
        for record in _read(item).records.values()
        if isinstance(record, PayoutLineRecord)
    ]
    wanted = [item for item in items if item["type"] != "payout"]
    assert len(lines) == len(wanted) > 0
    assert sum(line.net for line in lines) == sum(item["net"] for item in wanted) * 100
    assert sum(fee.amount for line in lines for fee in line.fees) == sum(
        item["fee"] * 100 for item in wanted
    )
