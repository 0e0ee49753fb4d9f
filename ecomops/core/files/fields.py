"""What a kind of file can tell, and in which of its columns it does."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Literal

FieldKind = Literal["text", "day", "moment", "amount", "currency"]
NO_COLUMN = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that a line can tell. ``aliases`` are headers under which it is known."""

    name: str
    label: str
    kind: FieldKind
    aliases: tuple[str, ...]
    required: bool = False


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person chose of how to read a file; whatever is empty is found out.

    ``mapping``: field → header; None before anybody looked.
    """

    encoding: str = ""
    delimiter: str = ""
    header_line: int = 0
    mark: str = ""
    order: str = ""
    currency: str = ""
    mapping: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """A kind of file: its fields. A column is needed for those that every line must tell, and
    for those in ``needed``; ``check`` tells what else is missing by field, given field → header.
    """

    name: str
    label: str
    fields: tuple[Field, ...]
    needed: tuple[str, ...] = ()
    check: Callable[[Mapping[str, str]], dict[str, str]] = field(default=lambda _: {})

    def missing(self, mapping: Mapping[str, str]) -> dict[str, str]:
        """What to ask for by field, given field → header."""
        wanted = [it for it in self.fields if it.required or it.name in self.needed]
        absent = [it for it in wanted if it.name not in mapping]
        return {it.name: f"Choose the column of: {it.label}." for it in absent} | self.check(
            mapping
        )


def plain(name: str) -> str:
    """A header without case, accents on spacing or punctuation: ``Payout ID`` is ``payoutid``."""
    return re.sub(r"[\W_]+", "", name.lower())


def suggest(fields: Sequence[Field], names: Sequence[str]) -> dict[str, str]:
    """Field → header, by the names under which a field is known; each header once."""
    by_name = {plain(name): name for name in reversed(names)}
    found: dict[str, str] = {}
    for one in fields:
        known = (by_name[plain(alias)] for alias in one.aliases if plain(alias) in by_name)
        header = next((name for name in known if name not in found.values()), NO_COLUMN)
        if header:
            found[one.name] = header
    return found


def fingerprint(names: Sequence[str]) -> str:
    """Tells files with the same headers, in whatever order, from others."""
    return sha256("\n".join(sorted(map(plain, names))).encode()).hexdigest()
