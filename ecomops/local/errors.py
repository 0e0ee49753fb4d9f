"""What can go wrong while the local stack starts, said to the person at the terminal."""

from __future__ import annotations


class LocalStackError(Exception):
    """The local stack cannot go on; the message says what happened and what to do."""


class PortTakenError(LocalStackError):
    """The port that pages are to be served on belongs to another program."""


class ServerFailedError(LocalStackError):
    """A server we started did not come up; the message carries the end of its log."""


class AlreadyRunningError(LocalStackError):
    """Another process of ours holds this data directory."""
