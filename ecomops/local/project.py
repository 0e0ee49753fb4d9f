"""Where the code lies, and how its own commands are started."""

from __future__ import annotations

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def own_command(*arguments: str) -> list[str]:
    """The command line of one of our own commands, by the interpreter that runs now."""
    return [sys.executable, "-m", "ecomops", *arguments]


def child_environment(data_dir: Path) -> dict[str, str]:
    """Our environment for a child: same data directory, unbuffered output."""
    return os.environ | {"ECOMOPS_DATA_DIR": str(data_dir), "PYTHONUNBUFFERED": "1"}
