"""Speed, measured against a reference in the same run on the same machine."""

from bench.command import main

__all__ = ["main"]
