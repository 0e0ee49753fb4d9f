"""Every use case there is, found by its shape, and commands for it about somebody else's things."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import pkgutil
import random
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from pydantic import SecretStr

from ecomops import domains, operations
from ecomops.connectors.base import Page
from ecomops.domains.tables.catalog import TABLES
from ecomops.domains.tables.schemas import TableQuery
from tests.torture.victim import Victim

Function = Callable[..., Any]
_TABLE_NAMES = ("table", "screen")


def use_cases() -> dict[str, Function]:
    """All public ``(session, ctx, command)`` of the domains, by name."""
    return _found(domains, lambda names: len(names) == 3 and names[1] == "ctx")


def wider_operations() -> dict[str, Function]:
    """All public ``(ctx, something)`` of the operations, by name."""
    return _found(operations, lambda names: len(names) == 2 and names[0] == "ctx")


def _found(package: types.ModuleType, fits: Callable[[list[str]], bool]) -> dict[str, Function]:
    found: dict[str, Function] = {}
    for info in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        module = importlib.import_module(info.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            own = function.__module__ == module.__name__ and not name.startswith("_")
            if own and fits(list(inspect.signature(function).parameters)):
                found[f"{module.__name__.removeprefix('ecomops.')}.{name}"] = function
    return found


class Commands:
    """Draws commands that name what is the victim's."""

    def __init__(self, victim: Victim, chance: random.Random) -> None:
        self._victim, self._chance = victim, chance
        self._words = [
            victim.workspace.slug, f"{victim.workspace.slug}@example.com", "charges", "payouts",
            "payments", "enterprise", *map(str, victim.all_ids[:3]),
        ]  # fmt: skip

    def for_(self, function: Function, count: int) -> Iterator[Any]:
        """``count`` commands of the type that the last argument has."""
        parameters = list(inspect.signature(function).parameters)
        hint = get_type_hints(function).get(parameters[-1], Any)
        for _ in range(count):
            yield self.drawn(hint, parameters[-1])

    def drawn(self, hint: Any, name: str = "") -> Any:
        """One value of this type."""
        chance, kind = self._chance, get_origin(hint) or hint
        if kind in (Union, types.UnionType):
            given = [one for one in get_args(hint) if one is not type(None)]
            return self.drawn(chance.choice(given), name)
        if dataclasses.is_dataclass(kind) and isinstance(kind, type):
            return self._object(kind)
        if kind is tuple and get_args(hint)[-1] is not Ellipsis:
            return tuple(self.drawn(one) for one in get_args(hint))
        if kind is Literal:
            return chance.choice(get_args(hint))
        return self._plain(kind, name)

    def _object(self, kind: type) -> Any:
        if kind is Page:
            return Page("charges", (), (), {"since": 5}, 0, last=True)
        hints = get_type_hints(kind)
        values = {one.name: self.drawn(hints[one.name], one.name)
                  for one in dataclasses.fields(kind) if one.init}  # fmt: skip
        if kind is TableQuery:
            cursor = self._chance.choice([*self._victim.cursors[values["table"]], None])
            return TableQuery(values["table"], cursor=cursor, page_size=500)
        return kind(**values)

    def _plain(self, kind: Any, name: str) -> Any:
        chance = self._chance
        values: dict[Any, Callable[[], Any]] = {
            UUID: lambda: chance.choice(self._victim.ids[chance.choice(sorted(self._victim.ids))]),
            str: lambda: chance.choice(sorted(TABLES) if name in _TABLE_NAMES else self._words),
            int: lambda: chance.choice((1, 2, 100, 500)),
            bool: lambda: chance.random() < 0.5,
            date: lambda: date(2026, 10, 5),
            datetime: lambda: datetime.now(UTC),
            SecretStr: lambda: SecretStr("sk_test_of_a_stranger"),
            bytes: lambda: b"x",
            tuple: tuple, list: list, dict: dict,
            Mapping: dict, Sequence: list,
        }  # fmt: skip
        return values[kind]() if kind in values else None
