"""Folders that the servers' own account can reach."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder; unlike tmp_path, other accounts may pass through it."""
    path = Path(tempfile.mkdtemp(prefix="ecomops-test-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)
