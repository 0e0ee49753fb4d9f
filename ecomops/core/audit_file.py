"""Exported audit logs: writing them line by line, and verifying them with nothing but the file.

docs/audit-log.md is the published form. A file is a header, batches and an end. A batch is its
seal with the hashes that its events lack to make the root, then those events.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ecomops.core.audit_log import (
    FIELDS,
    GENESIS,
    PublicKeys,
    Seal,
    event_leaf,
    exact_json,
    key_id,
    private_hash,
)
from ecomops.core.merkle import ProofError, root_of

Record = Mapping[str, Any]

FORMAT: Final = "ecomops-audit-1"
COLUMNS: Final = ("batch", "position", *FIELDS, "address", "payload", "salt", "private", "proof")
# What a spreadsheet would take for a formula, and what looks as if it had been guarded before.
_FORMULA = re.compile(r"'*\s*[-=+@\t\r＝＋－＠]")  # noqa: RUF001  # full-width forms count too
_LARGEST_CELL: Final = 2**24


class FileProblemError(Exception):
    """What is wrong with a file, in words, and in which line of it."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def as_ndjson(records: Iterable[Record]) -> Iterator[bytes]:
    """A JSON object a line."""
    return (exact_json(record).encode() + b"\n" for record in records)


def as_csv(records: Iterable[Record]) -> Iterator[bytes]:
    """Rows for a spreadsheet (RFC 4180); what is no event stands in the next row's last cell."""
    yield _row(COLUMNS)
    held: list[Record] = []
    for record in records:
        if record["type"] != "event":
            held.append(record)
            continue
        cells = {name: _guarded(record[name]) for name in (*FIELDS, "address")}
        cells |= {name: record[name] for name in ("batch", "position", "salt", "private")}
        cells["payload"] = "" if record["payload"] is None else exact_json(record["payload"])
        yield _row([*(cells[name] for name in COLUMNS[:-1]), exact_json(held) if held else ""])
        held = []
    yield _row([""] * (len(COLUMNS) - 1) + [exact_json(held)])


def _row(cells: Iterable[Any]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue().encode()


def _guarded(text: str | None) -> str | None:
    return f"'{text}" if text and _FORMULA.match(text) else text


def _unguarded(text: str) -> str:
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def read_ndjson(lines: Iterable[str]) -> Iterator[tuple[int, Record]]:
    """The records with their line numbers. Raises FileProblemError."""
    for number, line in enumerate(lines, start=1):
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            raise FileProblemError(number, "This line is not JSON.") from None
        if not isinstance(record, dict):
            raise FileProblemError(number, "This line is no record.")
        yield number, record


def read_csv(lines: Iterable[str]) -> Iterator[tuple[int, Record]]:
    """The same from a CSV file."""
    others = csv.field_size_limit(_LARGEST_CELL)
    rows = csv.DictReader(lines, strict=True)
    try:
        if tuple(rows.fieldnames or ()) != COLUMNS:
            raise FileProblemError(1, "The columns are not those of an exported audit log.")
        for row in rows:
            if None in row or None in row.values():
                raise FileProblemError(rows.line_num, "This row has too many or too few cells.")
            for record in json.loads(row["proof"] or "[]"):
                yield rows.line_num, record
            if row["batch"]:
                yield rows.line_num, _event_in(row)
    except (csv.Error, ValueError, TypeError, RecursionError):
        raise FileProblemError(rows.line_num, "This row cannot be read.") from None
    finally:
        csv.field_size_limit(others)  # one for the whole process


def _event_in(row: dict[str, str]) -> Record:
    texts = {name: _unguarded(row[name]) for name in (*FIELDS, "address")}
    return {
        "type": "event",
        **texts,
        "actor_id": row["actor_id"] or None,
        "batch": int(row["batch"]),
        "position": int(row["position"]),
        "payload": json.loads(row["payload"]) if row["payload"] else None,
        "salt": row["salt"] or None,
        "private": row["private"] or None,
    }


@dataclass
class Verdict:
    """What a file proves. ``complete``: it holds every event up to the seal ``latest``.

    ``key_ids`` signed its seals; ``trusted``: by keys that the reader gave, not the file.
    """

    workspace: str = ""
    events: int = 0
    seals: int = 0
    complete: bool = False
    trusted: bool = False
    latest: Seal | None = None
    key_ids: set[str] = field(default_factory=set)


def verify(records: Iterable[tuple[int, Record]], public_keys: Iterable[str] = ()) -> Verdict:
    """Check a whole file. Raises FileProblemError at the first thing that is wrong.

    Without ``public_keys`` (base64) the signatures are checked with the keys that the file names:
    then whoever compares their ids with the installation's completes the proof.
    """
    numbered = iter(records)
    line, header = next(numbered, (1, {}))
    try:
        reader = _Reader(header, tuple(public_keys))
        for line, record in numbered:  # noqa: B007  # it names where an error was found
            reader.take(record)
        return reader.verdict()
    except FileProblemError:
        raise
    except _WrongError as wrong:
        raise FileProblemError(line, str(wrong)) from None
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise FileProblemError(line, "A record lacks a field, or holds the wrong kind.") from None


class _WrongError(Exception):
    """Says what does not hold."""


class _Reader:
    """Takes the records one after the other."""

    def __init__(self, header: Record, public_keys: tuple[str, ...]) -> None:
        if header.get("type") != "header" or header.get("format") != FORMAT:
            raise _WrongError("The file does not begin like an exported audit log.")
        named = header["public_keys"]
        if any(key_id(key) != name for name, key in named.items()):
            raise _WrongError("A public key does not have the id that it is named by.")
        self._keys = PublicKeys(*(public_keys or named.values()))
        self._verdict = Verdict(str(header["workspace"]), trusted=bool(public_keys))
        self._seal: Seal | None = None
        self._proof: list[bytes] = []
        self._leaves: dict[int, bytes] = {}
        self._chained, self._ended = True, False
        self._takes: dict[str, Callable[[Record], None]] = {
            "seal": self._take_seal,
            "event": self._take_event,
            "end": self._take_end,
        }

    def take(self, record: Record) -> None:
        if self._ended:
            raise _WrongError("There is something behind the end.")
        if record["type"] not in self._takes:
            raise _WrongError("There is a record of an unknown type.")
        self._takes[record["type"]](record)

    def verdict(self) -> Verdict:
        if not self._ended:
            raise _WrongError("The file was cut short: its end is missing.")
        return self._verdict

    def _take_seal(self, record: Record) -> None:
        self._close_batch()
        seal, before = self._signed(record), self._seal
        if before and seal.number <= before.number:
            raise _WrongError("Seals are not in their order.")
        follows = seal.number == (before.number if before else 0) + 1
        if follows and seal.previous != (before.hash if before else GENESIS):
            raise _WrongError(f"Seal {seal.number} does not follow from the one before it.")
        if follows and seal.total != (before.total if before else 0) + seal.count:
            raise _WrongError(f"Seal {seal.number} counts wrongly.")
        self._chained = self._chained and follows
        self._seal, self._leaves = seal, {}
        self._proof = [bytes.fromhex(text) for text in record["proof"]]
        self._verdict.seals += 1

    def _signed(self, record: Record) -> Seal:
        seal = seal_in(record, self._verdict.workspace)
        if not self._keys.knows(seal.key_id):
            raise _WrongError(f"Seal {seal.number} was signed with another key: {seal.key_id}.")
        if not self._keys.signed(seal):
            raise _WrongError(f"Seal {seal.number} is not what was signed.")
        self._verdict.key_ids.add(seal.key_id)
        return seal

    def _take_event(self, record: Record) -> None:
        if self._seal is None or record["batch"] != self._seal.number:
            raise _WrongError("An event does not stand behind the seal of its batch.")
        if record["tenant_id"] != self._verdict.workspace:
            raise _WrongError(f"Event {record['id']} is of another workspace.")
        place = record["position"]
        if type(place) is not int or place in self._leaves:
            raise _WrongError(f"Event {record['id']} stands where another one does.")
        self._leaves[place] = leaf_in(record)
        self._verdict.events += 1

    def _close_batch(self) -> None:
        if self._seal is None:
            return
        try:
            made = root_of(self._seal.count, self._leaves, self._proof)
        except ProofError as error:
            raise _WrongError(f"Batch {self._seal.number}: {error}") from None
        if made != self._seal.root:
            raise _WrongError(
                f"Batch {self._seal.number} is not what was sealed: an event in it was changed, "
                "added, removed or moved."
            )
        self._chained = self._chained and len(self._leaves) == self._seal.count

    def _take_end(self, record: Record) -> None:
        self._close_batch()
        found = (self._verdict.events, self._verdict.seals)
        if (record["events"], record["seals"]) != found:
            raise _WrongError(f"The file tells of {record['events']} events and holds {found[0]}.")
        if record["latest"] is not None:
            self._verdict.latest = self._signed(record["latest"])
        latest, last = self._verdict.latest, self._seal
        if last and (latest is None or latest.number < last.number):
            raise _WrongError("The newest seal is older than one before it.")
        if last and latest and latest.number == last.number and latest.hash != last.hash:
            raise _WrongError("The newest seal differs from the one of its number.")
        self._verdict.complete = self._chained and (
            latest is None if last is None else latest is not None and latest.hash == last.hash
        )
        self._ended = True


def leaf_in(record: Record) -> bytes:
    """The leaf hash of an event's record."""
    if record["payload"] is None:
        if record["salt"] is not None or record["address"]:
            raise _WrongError(f"Event {record['id']} was changed.")
        private = bytes.fromhex(record["private"])
    else:
        private = private_hash(record["salt"], record["address"], record["payload"])
    fields = [record[name] for name in FIELDS]
    if any(value is not None and not isinstance(value, str) for value in fields):
        raise _WrongError(f"Event {record['id']} was changed.")
    return event_leaf(fields, private)


def seal_record(seal: Seal, proof: Iterable[bytes] = ()) -> dict[str, Any]:
    """A seal as it stands in a file."""
    return {
        "type": "seal",
        "number": seal.number,
        "count": seal.count,
        "total": seal.total,
        "root": seal.root.hex(),
        "previous": seal.previous.hex(),
        "sealed_at": seal.sealed_at,
        "key_id": seal.key_id,
        "signature": seal.signature.hex(),
        "proof": [one.hex() for one in proof],
    }


def seal_in(record: Record, workspace: str) -> Seal:
    """The opposite of ``seal_record``. Raises ValueError, KeyError or TypeError."""
    number, count, total = (record[name] for name in ("number", "count", "total"))
    if any(type(given) is not int or given < 1 for given in (number, count, total)):
        raise ValueError("A seal's numbers are whole and positive.")
    return Seal(
        workspace,
        number,
        count,
        total,
        root=bytes.fromhex(record["root"]),
        previous=bytes.fromhex(record["previous"]),
        sealed_at=str(record["sealed_at"]),
        key_id=str(record["key_id"]),
        signature=bytes.fromhex(record["signature"]),
    )
