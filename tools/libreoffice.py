"""The LibreOffice that `make interop` opens our files in, installed where we may."""

from __future__ import annotations

import shutil
import sys

from tools.packages import install, may_install

PROGRAM = "soffice"
PACKAGE = "libreoffice-calc"


def main() -> None:
    """Have it, or say how to get it."""
    if shutil.which(PROGRAM):
        return
    print("  LibreOffice    ...", flush=True)
    if not (may_install() and install(PACKAGE)):
        sys.exit(f"make interop needs LibreOffice: install {PACKAGE}, so that {PROGRAM} is there.")


if __name__ == "__main__":
    main()
