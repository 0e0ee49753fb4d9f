"""Use cases whose answer is too long to hold: a stream of pieces from one read-only snapshot."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from sqlmodel import Session

from ecomops.kit.context import Context
from ecomops.kit.errors import EcomopsError
from ecomops.runtime.denials import record_denial
from ecomops.runtime.units import unit_of_work

Command = TypeVar("Command")
Chunk = TypeVar("Chunk")
Streaming = Callable[[Session, Context, Command], Iterator[Chunk]]


def stream(ctx: Context, use_case: Streaming[Command, Chunk], command: Command) -> Iterator[Chunk]:
    """The chunks of ``use_case``.

    The first step runs its checks and raises EcomopsError. Closing the iterator early ends the
    transaction and frees its connection.
    """
    try:
        with unit_of_work(ctx) as session:
            yield from use_case(session, ctx, command)
    except EcomopsError as error:
        record_denial(ctx, error, unit_of_work)
        raise
