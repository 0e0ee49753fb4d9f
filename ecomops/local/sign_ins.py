"""The demo workspace's people, kept beside the data so that the terminal can show them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ecomops.local.private_files import write_private

NAME = "demo.json"


@dataclass(frozen=True)
class SignIn:
    """One demo person: `role` is what they are for, in a word or two."""

    role: str
    email: str
    password: str


def keep_sign_ins(data_dir: Path, sign_ins: Sequence[SignIn]) -> None:
    """Write them to the data directory (mode 0600)."""
    write_private(data_dir / NAME, json.dumps([asdict(person) for person in sign_ins], indent=2))


def kept_sign_ins(data_dir: Path) -> list[SignIn]:
    """Those written before; none before the demo workspace was made."""
    path = data_dir / NAME
    if not path.exists():
        return []
    return [SignIn(**person) for person in json.loads(path.read_text(encoding="utf-8"))]
