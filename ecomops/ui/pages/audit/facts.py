"""One event as its panel writes it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ecomops.domains.audit.schemas import EventDetail
from ecomops.ui import format as fmt

CHANNELS = {"web": "Web", "api": "API", "worker": "Worker", "cli": "Command line"}
"""Name on screen of each way in which something can be done."""


@dataclass
class Fact:
    """A field of the event, as text. ``copied``: it has a button that copies it."""

    name: str
    value: str
    copied: bool = False


def facts(event: EventDetail, zone: str) -> list[Fact]:
    """All fields but the payload; those that are empty are left out."""
    row = event.event
    found = [
        Fact("Timestamp", fmt.moment_to_the_second(row.occurred_at, zone)),
        Fact("Category", fmt.words(row.category)),
        Fact("Action", row.action),
        Fact("Actor", row.actor),
        Fact("Status", fmt.words(row.status)),
        Fact("Channel", CHANNELS.get(row.channel, fmt.words(row.channel))),
        Fact("Address", event.address),
        Fact("Resource type", row.resource_type),
        Fact("Resource ID", row.resource_id, copied=True),
        Fact("Correlation ID", row.correlation_id, copied=True),
        Fact("Event ID", str(row.id), copied=True),
    ]
    return [fact for fact in found if fact.value]


def document(event: EventDetail) -> dict[str, Any]:
    """The event as JSON, times in UTC: what Copy as JSON copies."""
    row = event.event
    return {
        "id": str(row.id),
        "occurred_at": row.occurred_at.isoformat(),
        "category": row.category,
        "action": row.action,
        "actor": row.actor,
        "channel": row.channel,
        "address": event.address,
        "resource_type": row.resource_type,
        "resource_id": row.resource_id,
        "status": row.status,
        "correlation_id": row.correlation_id,
        "payload": event.payload,
    }


def sealed(event: EventDetail, zone: str) -> str:
    """Where in the sealed log the event stands; empty while it stands nowhere."""
    if event.seal is None:
        return ""
    seal = event.seal
    when = fmt.moment_to_the_second(seal.sealed_at, zone)
    return f"Batch {fmt.number(seal.batch)}, position {fmt.number(seal.position)}, sealed at {when}"
