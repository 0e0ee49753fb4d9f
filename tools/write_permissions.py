"""Writes docs/permissions.md from the table in the code: python tools/write_permissions.py"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "permissions.md"
HEAD = """\
# Permissions

Every use case asks for its permission first, whoever calls it: a page, a download, a worker.
A refusal changes nothing and leaves an audit event (`permission_denied`, status denied). A role
counts from the next event of a session on.

This page is written by `tools/write_permissions.py` from `ecomops/domains/access/rules.py`; a test
compares the two.

"""


def page() -> str:
    """The page as the code has it."""
    from ecomops.domains.access.rules import PERMISSIONS, ROLES

    rows = [["permission", *ROLES], ["---"] * (len(ROLES) + 1)]
    for permission, roles in PERMISSIONS.items():
        rows.append([f"`{permission}`", *("✓" if role in roles else "" for role in ROLES)])
    return HEAD + "".join(f"| {' | '.join(row)} |\n" for row in rows)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    PAGE.write_text(page())
