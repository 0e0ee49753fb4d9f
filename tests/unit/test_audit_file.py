"""An exported log proves itself, and nothing in it can be changed without being found."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from ecomops.__main__ import main
from ecomops.core.audit_file import (
    FORMAT,
    FileProblemError,
    Verdict,
    as_csv,
    as_ndjson,
    leaf_in,
    read_csv,
    read_ndjson,
    seal_record,
    verify,
)
from ecomops.core.audit_log import (
    FIELDS,
    GENESIS,
    Seal,
    SigningKey,
    event_leaf,
    exact_json,
    new_signing_key,
)
from ecomops.core.merkle import leaf_hash, proof, root
from ecomops.local.audit_file import verify_file
from ecomops.local.errors import LocalStackError

KEY, OTHER = SigningKey(new_signing_key()), SigningKey(new_signing_key())
WORKSPACE = str(UUID(int=7))
COUNTS = (3, 1, 8, 5)
Records = list[dict[str, Any]]


def event(batch: int, position: int) -> dict[str, Any]:
    words = {name: f"{name} {batch}" for name in FIELDS}
    words |= {"tenant_id": WORKSPACE, "id": str(UUID(int=batch * 100 + position)),
              "resource_id": "=1+1", "actor": "'=x, \"y\"\nz"}  # fmt: skip
    return {"type": "event", "batch": batch, "position": position, **words, "actor_id": None,
            "address": "203.0.113.9", "payload": {"ü": [1, None, True, "\u2028"], "a": position},
            "salt": str(UUID(int=position)), "private": None}  # fmt: skip


def everything(one: dict[str, Any]) -> bool:
    return True


def file(wanted: Callable[[dict[str, Any]], bool] = everything, key: SigningKey = KEY) -> Records:
    """A log of four batches; ``wanted`` chooses its events."""
    records: Records = [{"type": "header", "format": FORMAT, "workspace": WORKSPACE,
                         "filters": {}, "public_keys": {key.id: key.public}}]  # fmt: skip
    previous, total, seals, seal = GENESIS, 0, 0, None
    for number, count in enumerate(COUNTS, start=1):
        events = [event(number, place) for place in range(count)]
        leaves, total = [leaf_in(one) for one in events], total + count
        seal = sealed(key, number, count, total, root(leaves), previous)
        previous, chosen = seal.hash, [one for one in events if wanted(one)]
        if chosen:
            seals += 1
            places = [one["position"] for one in chosen]
            records += [seal_record(seal, proof(leaves, places)), *chosen]
    assert seal is not None
    events_there = sum(one["type"] == "event" for one in records)
    end = {"type": "end", "events": events_there, "seals": seals, "latest": seal_record(seal)}
    return [*records, end]


def sealed(
    key: SigningKey, number: int, count: int, total: int, root: bytes, previous: bytes
) -> Seal:
    time = "2026-11-20T10:00:00.000000Z"
    bare = Seal(WORKSPACE, number, count, total, root, previous, time, key.id)
    return Seal(WORKSPACE, number, count, total, root, previous, time, key.id,
                key.sign(bare.content))  # fmt: skip


def judged(records: Iterable[dict[str, Any]], *keys: str) -> Verdict:
    text = b"".join(as_ndjson(records)).decode()
    return verify(read_ndjson(io.StringIO(text, newline="")), keys)


def test_a_whole_log_is_complete() -> None:
    verdict = judged(file(), KEY.public)
    assert (verdict.events, verdict.seals, verdict.complete) == (17, 4, True)
    assert (verdict.trusted, verdict.key_ids) == (True, {KEY.id})
    assert verdict.latest is not None
    assert verdict.latest.number == 4


@pytest.mark.parametrize("left_out", [(1, 0), (3, 7), (4, 0)])
def test_a_selection_is_proven_and_never_called_complete(left_out: tuple[int, int]) -> None:
    verdict = judged(file(lambda one: (one["batch"], one["position"]) != left_out))
    assert (verdict.events, verdict.complete) == (16, False)


def test_whole_batches_are_no_complete_log_either() -> None:
    for number in (1, 2, 4):
        assert not judged(file(partial(_not_of, number))).complete


def _not_of(number: int, one: dict[str, Any]) -> bool:
    return bool(one["batch"] != number)


def test_nothing_at_all_is_a_selection_too() -> None:
    verdict = judged(file(lambda one: False))
    assert (verdict.events, verdict.seals, verdict.complete) == (0, 0, False)


def test_csv_says_the_same_and_holds_no_formula() -> None:
    text = b"".join(as_csv(file())).decode()
    verdict = verify(read_csv(io.StringIO(text, newline="")), [KEY.public])
    assert (verdict.events, verdict.complete) == (17, True)
    for row in csv.reader(io.StringIO(text, newline="")):
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


@given(st.text(max_size=6), st.text(alphabet="'=+-@ \t\r\n\"，＝x", max_size=6))  # noqa: RUF001  # full-width
def test_csv_brings_any_text_back_as_it_was(one: str, other: str) -> None:
    if any("\ud800" <= letter <= "\udfff" for letter in one) or "\x00" in one:
        return
    before = event(1, 0) | {"resource_id": other, "action": one, "address": other}
    text = b"".join(as_csv([before])).decode()
    (_, after), *_ = read_csv(io.StringIO(text, newline=""))
    assert after == before


def changed(place: int, **changes: Any) -> Callable[[Records], Records]:
    """The file with other values in its record at ``place``."""

    def change(records: Records) -> Records:
        return [*records[:place], records[place] | changes, *records[place:][1:]]

    return change


HEX = "00" * 32
TAMPERS: dict[str, Callable[[Records], Records]] = {
    **{f"field {name}": changed(2, **{name: "another"}) for name in (*FIELDS, "address", "salt")},
    "payload": changed(2, payload={"a": 1}),
    "number for truth": changed(2, payload={"ü": [True, None, True, "\u2028"], "a": 0}),
    "payload gone": changed(2, payload=None, private=HEX, salt=None, address=""),
    "payload gone with its hash kept back": changed(2, payload=None, private=HEX),
    "actor named": changed(2, actor_id="another"),
    "field retyped": changed(2, actor=["x"]),
    "place": changed(2, position=1),
    "batch": changed(2, batch=2),
    "event gone": lambda records: records[:2] + records[3:],
    "event twice": lambda records: records[:3] + records[2:],
    "events in another order": lambda records: [
        *records[:2], records[2] | {"position": 1}, records[3] | {"position": 0}, *records[4:]
    ],
    "batch gone": lambda records: records[:1] + records[5:],
    "seal gone": lambda records: records[:1] + records[2:],
    "seals in another order": lambda records: records[:1] + records[5:7] + records[1:5]
    + records[7:],
    "end gone": lambda records: records[:-1],
    "more behind the end": lambda records: [*records, records[-1]],
    "header gone": lambda records: records[1:],
    "root": changed(1, root=HEX),
    "count": changed(1, count=4),
    "total": changed(1, total=4),
    "time of the seal": changed(1, sealed_at="2026-11-20T10:00:01.000000Z"),
    "signature": changed(1, signature="00" * 64),
    "key": changed(1, key_id=OTHER.id),
    "proof": changed(1, proof=[HEX]),
    "another workspace": changed(0, workspace=str(UUID(int=8))),
    "key under another's name": changed(0, public_keys={KEY.id: OTHER.public}),
    "number of events": lambda records: [*records[:-1], records[-1] | {"events": 16}],
    "an older newest seal": lambda records: [*records[:-1], records[-1] | {"latest": records[1]}],
    "no newest seal": lambda records: [*records[:-1], records[-1] | {"latest": None}],
    "an unknown record": lambda records: [*records[:2], {"type": "note"}, *records[2:]],
}  # fmt: skip


@pytest.mark.parametrize("tamper", TAMPERS)
def test_no_change_passes(tamper: str) -> None:
    assert judged(file()).complete
    with pytest.raises(FileProblemError):
        judged(TAMPERS[tamper](file()))


def test_a_log_signed_with_another_key_is_refused_by_who_knows_the_right_one() -> None:
    forged = file(key=OTHER)
    assert judged(forged).key_ids == {OTHER.id}, "the reader is told whose signature it is"
    with pytest.raises(FileProblemError, match="signed with another key"):
        judged(forged, KEY.public)


def test_a_payload_that_was_removed_leaves_the_proof() -> None:
    def without(records: Records) -> Iterator[dict[str, Any]]:
        for one in records:
            if one["type"] != "event":
                yield one
                continue
            private = exact_json([one["salt"], one["address"], one["payload"]]).encode()
            yield one | {"payload": None, "salt": None, "address": "",
                         "private": sha256(private).hexdigest()}  # fmt: skip

    assert judged(without(file())).complete


def test_the_leaf_is_made_as_the_document_says() -> None:
    private = bytes(range(32))
    fields = ["a", 'b"\\\n\x7f\u2028', None, "🙂"]
    content = json.dumps(
        ["ecomops-audit-event-1", *fields, private.hex()], ensure_ascii=False,
        separators=(",", ":"),
    )  # fmt: skip
    assert event_leaf(fields, private) == leaf_hash(content.encode())


@pytest.mark.parametrize("name", ["log.ndjson", "log.csv"])
def test_the_command_needs_nothing_but_the_file(tmp_path: Path, name: str) -> None:
    writer = as_csv if name.endswith("csv") else as_ndjson
    path = tmp_path / name
    path.write_bytes(b"".join(writer(file())))
    arguments = ["audit", "verify", str(path), "--public-key", KEY.public]
    fine = CliRunner().invoke(main, arguments)
    assert (fine.exit_code, "complete: every event" in fine.output) == (0, True)
    path.write_bytes(path.read_bytes().replace(b"action 3", b"action 4", 1))
    with pytest.raises(LocalStackError, match=r"line \d+: Batch 3 is not what was sealed"):
        verify_file(path, (KEY.public,))
    assert CliRunner().invoke(main, arguments).exit_code == 1


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"{}", b"[]\n", b"{", b"\xff\xfe", b"a,b\n1,2\n", b'{"type":"header"}']
)
def test_what_is_no_exported_log_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(LocalStackError):
        verify_file(path, ())
