"""Ways to falsify a sealed log, each by somebody who may do anything in the database."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine

from ecomops import runtime
from ecomops.core.audit_log import FIELDS, Seal, SigningKey, event_leaf, new_signing_key
from ecomops.core.merkle import root
from ecomops.domains.audit.queries import latest_seal
from ecomops.domains.audit.schemas import Finding, NotedSeal
from ecomops.domains.audit.verification import verify_log
from tests.conftest import Workspace
from tests.integration.audit_log import Superuser, sealed_log

TABLES = ("audit_events", "audit_leaves", "audit_seals", "seal_queue")
BATCHES = (7, 1, 12, 5, 2)
FORGER = SigningKey(new_signing_key())


@dataclass
class Scene:
    """A sealed log, somebody else's, and a superuser at both; ``restore`` undoes all tampers."""

    workspace: Workspace
    other: Workspace
    admin: Superuser
    noted: NotedSeal
    chance: random.Random

    @classmethod
    def made(cls, engine: Engine, ours: Workspace, theirs: Workspace, seed: int) -> Scene:
        sealed_log(engine, ours, *BATCHES)
        sealed_log(engine, theirs, *BATCHES)
        seal = runtime.run(ours.ctx, latest_seal)
        assert seal is not None
        scene = cls(ours, theirs, Superuser(engine, ours.ctx.tenant),
                    NotedSeal(seal.number, seal.hash), random.Random(seed))  # fmt: skip
        scene._keep_copies()
        return scene

    def _keep_copies(self) -> None:
        for table in TABLES:
            self.admin.do(f"CREATE TEMP TABLE kept_{table} AS SELECT * FROM {table}"
                          " WHERE tenant_id IN (:t, :o)", o=self.other.ctx.tenant)  # fmt: skip

    def restore(self) -> None:
        for table in TABLES:
            self.admin.do(
                f"DELETE FROM {table} WHERE tenant_id IN (:t, :o)", o=self.other.ctx.tenant
            )
            self.admin.do(f"INSERT INTO {table} SELECT * FROM kept_{table}")

    def finding(self) -> Finding | None:
        """What a walk finds, which knows the newest seal as it was."""
        return runtime.run(self.workspace.ctx, verify_log, self.noted).finding

    def some_event(self) -> Any:
        """The id of any sealed event."""
        rows = self.admin.rows("SELECT id FROM audit_events WHERE tenant_id = :t ORDER BY id")
        return self.chance.choice(rows)[0]

    def some_batch(self, least: int = 1) -> int:
        """The number of any batch of at least so many events."""
        found = self.admin.rows("SELECT number FROM audit_seals WHERE tenant_id = :t"
                                " AND count >= :least ORDER BY number", least=least)  # fmt: skip
        return int(self.chance.choice(found)[0])


Tamper = Callable[[Scene], object]


def _set(column: str, value: str) -> Tamper:
    """Another value in one column of an event."""

    def change(scene: Scene) -> None:
        condition = f"{column} IS DISTINCT FROM {value}"
        ids = scene.admin.rows(f"SELECT id FROM audit_events WHERE tenant_id = :t AND {condition}")
        (event_id,) = scene.chance.choice(ids)
        scene.admin.do(f"UPDATE audit_events SET {column} = {value} WHERE tenant_id = :t"
                       " AND id = :id", id=event_id)  # fmt: skip

    return change


def _set_seal(column: str, value: str) -> Tamper:
    def change(scene: Scene) -> None:
        scene.admin.do(f"UPDATE audit_seals SET {column} = {value} WHERE tenant_id = :t"
                       " AND number = :n", n=scene.some_batch())  # fmt: skip

    return change


def _remove_event(scene: Scene) -> None:
    scene.admin.do("DELETE FROM audit_events WHERE tenant_id = :t AND id = :id",
                   id=scene.some_event())  # fmt: skip


def _remove_event_and_leaf(scene: Scene) -> None:
    event_id = scene.some_event()
    for table in ("audit_events", "audit_leaves"):
        scene.admin.do(f"DELETE FROM {table} WHERE tenant_id = :t AND id = :id", id=event_id)


def _remove_leaf(scene: Scene) -> None:
    scene.admin.do("DELETE FROM audit_leaves WHERE tenant_id = :t AND id = :id",
                   id=scene.some_event())  # fmt: skip


def _add_event(scene: Scene) -> Any:
    columns = "tenant_id, category, action, actor, channel, resource_type, resource_id, status"
    columns += ", correlation_id, address, payload, occurred_at, xid, salt, actor_id"
    new = uuid4()
    scene.admin.do(f"INSERT INTO audit_events (id, {columns}) SELECT :new, {columns}"
                   " FROM audit_events WHERE tenant_id = :t AND id = :id",
                   new=new, id=scene.some_event())  # fmt: skip
    return new


def _add_event_to_batch(scene: Scene) -> None:
    scene.admin.do(
        "INSERT INTO audit_leaves (tenant_id, id, batch, position, leaf_hash, private_hash)"
        " SELECT tenant_id, :new, batch, 1000, leaf_hash, private_hash FROM audit_leaves"
        " WHERE tenant_id = :t AND batch = :n AND position = 0",
        new=_add_event(scene), n=scene.some_batch(),
    )  # fmt: skip
    _heal(scene)


def _heal(scene: Scene) -> None:
    """Make leaves fit their events again, as somebody would who knows how they are made."""
    names = ", ".join(_SHOWN.get(name, f"e.{name}::text") for name in FIELDS)
    rows = scene.admin.rows(
        f"SELECT l.id, l.private_hash, {names} FROM audit_leaves l JOIN audit_events e"
        " USING (tenant_id, id) WHERE tenant_id = :t"
    )
    for event_id, private, *fields in rows:
        scene.admin.do("UPDATE audit_leaves SET leaf_hash = :leaf WHERE tenant_id = :t"
                       " AND id = :id", leaf=event_leaf(fields, bytes(private)),
                       id=event_id)  # fmt: skip


_SHOWN = {
    "tenant_id": "tenant_id::text",
    "id": "id::text",
    "occurred_at": "to_char(e.occurred_at AT TIME ZONE 'UTC',"
    ' \'YYYY-MM-DD"T"HH24\\:MI\\:SS.US"Z"\')',
}


def _change_private_hash(scene: Scene) -> None:
    scene.admin.do("UPDATE audit_leaves SET private_hash = sha256(private_hash)"
                   " WHERE tenant_id = :t AND id = :id", id=scene.some_event())  # fmt: skip


def _reorder_leaves(scene: Scene) -> None:
    batch = scene.some_batch(least=2)
    places = scene.admin.rows("SELECT id, position FROM audit_leaves WHERE tenant_id = :t"
                              " AND batch = :n", n=batch)  # fmt: skip
    (one, here), (other, there) = scene.chance.sample(places, 2)
    for event_id, place in ((one, -1), (other, here), (one, there)):
        scene.admin.do("UPDATE audit_leaves SET position = :p WHERE tenant_id = :t AND id = :id",
                       p=place, id=event_id)  # fmt: skip


def _move_leaf(scene: Scene) -> None:
    """Out of its place, and past nobody: the order is what it was."""
    scene.admin.do("UPDATE audit_leaves SET position = position + 1 WHERE tenant_id = :t"
                   " AND batch = :n AND position = (SELECT count - 1 FROM audit_seals"
                   " WHERE tenant_id = :t AND number = :n)", n=scene.some_batch())  # fmt: skip


def _swap_events(scene: Scene) -> None:
    rows = scene.admin.rows("SELECT id FROM audit_events WHERE tenant_id = :t ORDER BY id")
    (one,), (other,) = scene.chance.sample(rows, 2)
    between = uuid4()
    for old, new in ((one, between), (other, one), (between, other)):
        scene.admin.do("UPDATE audit_events SET id = :new WHERE tenant_id = :t AND id = :old",
                       new=new, old=old)  # fmt: skip


def _give_event_away(scene: Scene) -> None:
    scene.admin.do("UPDATE audit_events SET tenant_id = :o WHERE tenant_id = :t AND id = :id",
                   o=scene.other.ctx.tenant, id=scene.some_event())  # fmt: skip


def _take_event_from_next_door(scene: Scene) -> None:
    scene.admin.do(
        "UPDATE audit_events SET tenant_id = :t WHERE id = (SELECT id FROM audit_events"
        " WHERE tenant_id = :o ORDER BY random() LIMIT 1)", o=scene.other.ctx.tenant,
    )  # fmt: skip


def _swap_whole_logs(scene: Scene) -> None:
    for table in TABLES[:3]:
        scene.admin.do(f"DELETE FROM {table} WHERE tenant_id = :t")
        scene.admin.do(f"UPDATE {table} SET tenant_id = :t WHERE tenant_id = :o",
                       o=scene.other.ctx.tenant)  # fmt: skip


def _remove_seal(scene: Scene) -> None:
    scene.admin.do("DELETE FROM audit_seals WHERE tenant_id = :t AND number = :n",
                   n=scene.some_batch())  # fmt: skip


def _remove_batch(scene: Scene) -> None:
    _remove_from(scene, scene.some_batch(), "=")


def _cut_the_tail(scene: Scene) -> None:
    _remove_from(scene, scene.some_batch(), ">=")


def _remove_from(scene: Scene, number: int, which: str) -> None:
    scene.admin.do("DELETE FROM audit_events e USING audit_leaves l WHERE e.tenant_id = :t"
                   f" AND (l.tenant_id, l.id) = (e.tenant_id, e.id) AND l.batch {which} :n",
                   n=number)  # fmt: skip
    for table, column in (("audit_leaves", "batch"), ("audit_seals", "number")):
        scene.admin.do(f"DELETE FROM {table} WHERE tenant_id = :t AND {column} {which} :n",
                       n=number)  # fmt: skip


def _renumber(scene: Scene) -> None:
    """A batch taken out, and those behind it moved up."""
    number = scene.some_batch()
    _remove_from(scene, number, "=")
    for table, column in (("audit_leaves", "batch"), ("audit_seals", "number")):
        # By way of negative numbers, for each is taken.
        for change, which in ((f"-{column}", f"> {number}"), (f"-{column} - 1", "< 0")):
            scene.admin.do(f"UPDATE {table} SET {column} = {change} WHERE tenant_id = :t"
                           f" AND {column} {which}")  # fmt: skip


def _sign_anew(scene: Scene) -> None:
    """Change an event and make leaves, roots, chain and signatures fit, with a key of one's own."""
    _set("actor", "'somebody else'")(scene)
    _heal(scene)
    _forge(scene, FORGER, FORGER.id)


def _sign_anew_under_the_right_name(scene: Scene) -> None:
    _set("actor", "'somebody else'")(scene)
    _heal(scene)
    _forge(scene, FORGER, "")


def _sign_one_seal_anew(scene: Scene) -> None:
    _forge(scene, FORGER, FORGER.id, only=scene.some_batch())


def _forge(scene: Scene, key: SigningKey, key_id: str, only: int = 0) -> None:
    seals = scene.admin.rows(
        "SELECT number, count, total, previous, sealed_at, key_id FROM audit_seals"
        " WHERE tenant_id = :t ORDER BY number"
    )
    before: bytes | None = None
    for number, count, total, previous, sealed_at, named in seals:
        if only and number != only:
            continue
        seal = Seal(
            str(scene.workspace.ctx.tenant), number, count, total, root(_leaves(scene, number)),
            bytes(previous) if before is None else before,
            sealed_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), key_id or named,
        )  # fmt: skip
        seal = replace(seal, signature=key.sign(seal.content))
        before = seal.hash
        scene.admin.do(
            "UPDATE audit_seals SET root = :root, previous = :previous, hash = :hash,"
            " key_id = :key, signature = :signature WHERE tenant_id = :t AND number = :n",
            root=seal.root, previous=seal.previous, hash=seal.hash, key=seal.key_id,
            signature=seal.signature, n=number,
        )  # fmt: skip


def _leaves(scene: Scene, number: int) -> Sequence[bytes]:
    rows = scene.admin.rows("SELECT leaf_hash FROM audit_leaves WHERE tenant_id = :t"
                            " AND batch = :n ORDER BY position", n=number)  # fmt: skip
    return [bytes(leaf) for (leaf,) in rows]


def _change_and_heal(scene: Scene) -> None:
    """The leaf fits the changed event again; the root does not."""
    _set("action", "'nothing_happened'")(scene)
    _heal(scene)


def _take_payload_away(scene: Scene) -> None:
    scene.admin.do("UPDATE audit_events SET payload = NULL, address = '', salt = NULL"
                   " WHERE tenant_id = :t AND id = :id", id=scene.some_event())  # fmt: skip


def _change_one_word_of_payload(scene: Scene) -> None:
    event_id = scene.some_event()
    ((payload,),) = scene.admin.rows("SELECT payload FROM audit_events WHERE tenant_id = :t"
                                     " AND id = :id", id=event_id)  # fmt: skip
    word = scene.chance.choice(sorted(payload))
    changed = payload | {word: [payload[word]]}
    scene.admin.do("UPDATE audit_events SET payload = cast(:p AS jsonb) WHERE tenant_id = :t"
                   " AND id = :id", p=json.dumps(changed), id=event_id)  # fmt: skip


SEAL_OR_SIGNATURE = {"seal_changed", "signature"}
ANY_SEAL = SEAL_OR_SIGNATURE | {"seal_missing"}
OTHER = {
    "category": "'security'", "action": "'nothing'", "actor": "'nobody'", "actor_id": "uuidv7()",
    "channel": "'api'", "resource_type": "'other'", "resource_id": "'other'", "status": "'error'",
    "correlation_id": "'other'", "occurred_at": "now()", "address": "'198.51.100.7'",
    "payload": "'{}'::jsonb", "salt": "uuidv7()",
}  # fmt: skip
TAMPERS: dict[str, tuple[Tamper, set[str]]] = {
    **{f"{name} of an event": (_set(name, value), {"event_changed"})
       for name, value in OTHER.items()},
    "a word of a payload": (_change_one_word_of_payload, {"event_changed"}),
    "a payload before its time": (_take_payload_away, {"payload_removed"}),
    "what stands for a payload": (_change_private_hash, {"event_changed"}),
    "an event removed": (_remove_event, {"event_missing"}),
    "an event removed with its leaf": (_remove_event_and_leaf, {"batch_changed"}),
    "a leaf removed": (_remove_leaf, {"batch_changed"}),
    "an event added": (_add_event, {"event_added"}),
    "an event added to a batch": (_add_event_to_batch, {"batch_changed", "event_changed"}),
    "leaves in another order": (_reorder_leaves, {"batch_changed"}),
    "a leaf in a place behind the last": (_move_leaf, {"batch_changed"}),
    "events in each other's place": (_swap_events, {"event_changed"}),
    "an event given away": (_give_event_away, {"event_missing"}),
    "another workspace's event": (_take_event_from_next_door, {"event_added"}),
    "another workspace's log": (_swap_whole_logs, SEAL_OR_SIGNATURE),
    "a seal removed": (_remove_seal, {"seal_missing"}),
    "a batch removed": (_remove_batch, {"seal_missing", "tail_missing"}),
    "a batch removed and the rest moved up": (_renumber, ANY_SEAL | {"tail_missing"}),
    "the tail cut off": (_cut_the_tail, {"tail_missing"}),
    "an event changed with its leaf": (_change_and_heal, {"batch_changed"}),
    "all signed anew": (_sign_anew, {"signature"}),
    "all signed anew under the right name": (_sign_anew_under_the_right_name, {"signature"}),
    "one seal signed anew": (_sign_one_seal_anew, {"signature"}),
    "the root": (_set_seal("root", "sha256(root)"), SEAL_OR_SIGNATURE),
    "what a seal follows": (_set_seal("previous", "sha256(previous)"), SEAL_OR_SIGNATURE),
    "the hash of a seal": (_set_seal("hash", "sha256(hash)"), SEAL_OR_SIGNATURE),
    "a signature": (_set_seal("signature", "sha512(signature)"), SEAL_OR_SIGNATURE),
    "the time of a seal": (_set_seal("sealed_at", "sealed_at - interval '1 h'"), SEAL_OR_SIGNATURE),
    "the key of a seal": (_set_seal("key_id", f"'{FORGER.id}'"), SEAL_OR_SIGNATURE),
    "the count of a seal": (_set_seal("count", "count + 1"), SEAL_OR_SIGNATURE),
    "the total of a seal": (_set_seal("total", "total + 1"), SEAL_OR_SIGNATURE),
}  # fmt: skip
