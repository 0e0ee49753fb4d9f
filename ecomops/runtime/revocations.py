"""Whose sessions a use case has changed or revoked, told in this process after the commit."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from sqlmodel import Session

_listeners: list[Callable[[UUID], object]] = []


def tell_of(session: Session) -> None:
    """Tell of the people that this session's committed transaction put into ``info``."""
    for user_id in session.info.pop("revoked", ()):
        for listener in tuple(_listeners):
            listener(user_id)


@contextmanager
def heard(listener: Callable[[UUID], object]) -> Iterator[None]:
    """Call ``listener``, in the thread of the use case, for as long as the block runs."""
    _listeners.append(listener)
    try:
        yield
    finally:
        _listeners.remove(listener)
